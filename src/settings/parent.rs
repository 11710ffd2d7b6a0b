use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::change::change;
use super::frame::Nav;
use super::overview::mode_key;
use crate::audit::{Event, Thing};
use crate::db::{DbError, Tx};
use crate::organization::{Organization, ParentOrganization, ProvisioningMode};
use crate::product::{Catalog, ParentPlan};
use crate::session::{self, Admin};
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// The parent organization: what is attached to it, and who may found more.
#[derive(Template)]
#[template(path = "settings/parent.html")]
pub struct ParentPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// Its name.
    pub name: String,
    /// The text key of its plan.
    pub plan: &'static str,
    /// The organizations attached, the first one first.
    pub attached: Vec<AttachedLine>,
    /// Its name, whose admins may restrict who founds more.
    pub first: String,
    /// This is that organization.
    pub is_first: bool,
    /// Only its admins and the operator found more.
    pub restricts: bool,
}

/// An organization attached to the parent.
pub struct AttachedLine {
    /// Its name.
    pub name: String,
    /// What it uses.
    pub product: String,
    /// The text key of its provisioning mode.
    pub mode: &'static str,
    /// Groups decide role and seat.
    pub mappings: bool,
    /// The text key of why directory sync is not offered there.
    pub no_scim: Option<&'static str>,
    /// This is the organization of the page.
    pub is_this: bool,
}

/// The parent and all its organizations, in the order in which they were founded.
fn read(
    tx: &mut dyn Tx,
    organization: &Organization,
) -> Result<Option<(ParentOrganization, Vec<Organization>)>, DbError> {
    let Some(parent) = store::organizations::parent_by_id(tx, organization.parent)? else { return Ok(None) };
    let mut attached = store::organizations::of_parent(tx, parent.id)?;
    attached.sort_by_key(|one| one.id.0);
    Ok(Some((parent, attached)))
}

fn line(catalog: &Catalog, plan: ParentPlan, one: &Organization, this: &Organization) -> AttachedLine {
    let product = catalog.product(&one.product);
    let scim = ProvisioningMode::Scim { group_mappings: false };
    let offered = product.map(|product| Organization::mode_is_offered(scim, product, plan));
    AttachedLine {
        name: one.name.clone(),
        product: product.map_or_else(|| one.product.to_string(), |product| product.label().to_owned()),
        mode: mode_key(one),
        mappings: one.mode.has_group_mappings(),
        no_scim: offered.is_some_and(|offered| offered.is_err()).then_some("parent-no-scim"),
        is_this: one.id == this.id,
    }
}

/// `GET /admin/{organization}/parent`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let found = gateway.db.read(|tx| read(tx, &admin.organization))?;
    let (parent, attached) = found.ok_or(Failure::NotFound)?;
    let catalog = &gateway.config.catalog;
    let page = ParentPage {
        frame: Frame::of(&request),
        nav: Nav::of(&request, &admin, "nav-parent")?,
        plan: match parent.plan {
            ParentPlan::Team => "plan-team",
            ParentPlan::Enterprise => "plan-enterprise",
            ParentPlan::Console => "plan-console",
        },
        attached: attached.iter().map(|one| line(catalog, parent.plan, one, &admin.organization)).collect(),
        first: attached.first().map_or_else(String::new, |first| first.name.clone()),
        is_first: attached.first().is_some_and(|first| first.id == admin.organization.id),
        restricts: parent.restrict_creation,
        name: parent.name,
    };
    page::html(StatusCode::OK, &page, &[])
}

/// Why nothing was written.
enum Stop {
    NotTheFirst,
    Db(DbError),
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// `POST /admin/{organization}/parent`: restricts who founds organizations, or no longer. Only from the first organization.
pub async fn restrict(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let (organization, restrict) = (admin.organization.clone(), posted.field("restrict") == "on");
    let changed = change(&request, &admin, move |tx, context| {
        let Some((parent, attached)) = read(tx, &organization)? else { return Err(Stop::NotTheFirst) };
        if attached.first().is_none_or(|first| first.id != organization.id) {
            return Err(Stop::NotTheFirst);
        }
        if parent.restrict_creation == restrict {
            return Ok(false);
        }
        let word = |on: bool| format!("restrict_organization_creation {}", if on { "on" } else { "off" });
        let (before, after) = (word(parent.restrict_creation), word(restrict));
        let event = Event::Changed { thing: Thing::Parent, name: parent.slug.to_string(), before, after };
        store::organizations::update_parent(tx, &ParentOrganization { restrict_creation: restrict, ..parent })?;
        context.record(tx, Some(organization.parent), Some(organization.id), event)?;
        Ok(true)
    });
    let key = match changed.await {
        Ok(true) => "flash-parent-saved",
        Ok(false) => "flash-nothing",
        Err(Stop::NotTheFirst) => return Err(Failure::Forbidden),
        Err(Stop::Db(error)) => return Err(error.into()),
    };
    let flash = Flash::new(key, &[]).cookie(&request);
    Ok(page::see_other(&format!("/admin/{}/parent", admin.organization.slug), &[flash]))
}
