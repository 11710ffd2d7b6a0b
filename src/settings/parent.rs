pub(super) mod change;
pub(super) mod codes;
pub(super) mod decide;
pub(super) mod effects;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use self::effects::plan_key;
use super::change::change;
use super::frame::{Nav, When};
use super::overview::mode_key;
use super::words;
use crate::audit::{Event, Thing};
use crate::db::{DbError, Tx};
use crate::joining;
use crate::membership::Context;
use crate::organization::{Organization, ParentOrganization, ProvisioningMode};
use crate::product::{Catalog, ParentPlan};
use crate::session::{self, Admin};
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::language::Texts;
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
    /// The organizations attached: the first one, then by name.
    pub attached: Vec<AttachedLine>,
    /// Its name, whose admins may restrict who founds more.
    pub first: String,
    /// This is that organization.
    pub is_first: bool,
    /// Only its admins and the operator found more.
    pub restricts: bool,
    /// What is proposed for this organization and not decided yet.
    pub open: Option<OpenLine>,
    /// It can leave, as far as the others are concerned.
    pub can_leave: bool,
    /// How many codes others may join with.
    pub codes: u64,
    /// What this organization has to decide.
    pub inbox: Vec<InboxLine>,
}

/// A proposal of this organization.
pub struct OpenLine {
    /// The name of the parent it is to have; `None` is one of its own.
    pub to: Option<String>,
    /// Who proposed it.
    pub who: String,
    /// When.
    pub at: When,
    /// Until when it can be approved.
    pub until: When,
    /// It still means what was shown; else it cannot be approved.
    pub current: bool,
}

/// A proposal that waits for this organization.
pub struct InboxLine {
    /// Where it is decided.
    pub href: String,
    /// The organization's name.
    pub organization: String,
    /// It wants to leave, else to join.
    pub leaves: bool,
    /// Until when it can be approved.
    pub until: When,
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

/// How often a change of the parent is worked out, where something moves meanwhile, before what has become of it is shown.
const TRIES: usize = 4;

/// Where this page is.
fn path(admin: &Admin) -> String {
    format!("/admin/{}/parent", admin.organization.slug)
}

/// The parent and all its organizations: the founding one first, then by name.
fn read(
    tx: &mut dyn Tx,
    organization: &Organization,
) -> Result<Option<(ParentOrganization, Vec<Organization>)>, DbError> {
    let Some(parent) = store::organizations::parent_by_id(tx, organization.parent)? else { return Ok(None) };
    let mut attached = store::organizations::of_parent(tx, parent.id)?;
    let founder = store::organizations::founder(tx, parent.id)?;
    attached.sort_by_key(|one| (founder != Some(one.id), one.name.to_lowercase()));
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

/// What is proposed for an organization, and what it has to decide.
struct Proposals {
    open: Option<OpenLine>,
    codes: u64,
    inbox: Vec<InboxLine>,
}

fn proposals(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    is_first: bool,
    texts: Texts,
) -> Result<Proposals, DbError> {
    let mut found = Proposals { open: None, codes: 0, inbox: Vec::new() };
    let own = store::parent_changes::open(tx, organization.id)?;
    if let Some(proposed) = joining::is_open(tx, context, own)? {
        found.open = Some(OpenLine {
            to: proposed.planned.effects.to.as_ref().map(|to| to.name.clone()),
            who: words::who(tx, organization.parent, &proposed.proposal.proposed_by, texts)?,
            at: When(proposed.proposal.created_at),
            until: When(proposed.proposal.expires_at),
            current: proposed.is_current(),
        });
    }
    if !is_first {
        return Ok(found);
    }
    let codes = store::parent_changes::codes_of(tx, organization.parent)?;
    found.codes = codes.iter().filter(|until| **until > context.now).count() as u64;
    for proposal in store::parent_changes::to_decide(tx, organization.parent)? {
        let Some(of) = store::organizations::by_id(tx, proposal.organization)? else { continue };
        if proposal.expires_at > context.now && of.parent == proposal.from {
            found.inbox.push(InboxLine {
                href: format!("/admin/{}/parent/proposals/{}", organization.slug, proposal.id),
                organization: of.name,
                leaves: proposal.to.is_none(),
                until: When(proposal.expires_at),
            });
        }
    }
    Ok(found)
}

/// `GET /admin/{organization}/parent`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let frame = Frame::of(&request);
    let (texts, now, actor) = (frame.texts, gateway.now(), super::change::actor(&admin));
    let (catalog, organization) = (gateway.config.catalog.clone(), admin.organization.clone());
    let read = gateway.db.read_heavy(move |tx| -> Result<_, DbError> {
        let Some((parent, attached)) = read(tx, &organization)? else { return Ok(None) };
        let is_first = attached.first().is_some_and(|first| first.id == organization.id);
        let context = Context { now, catalog: &catalog, actor, from: None, incident: None };
        let proposals = proposals(tx, &context, &organization, is_first, texts)?;
        Ok(Some((parent, attached, is_first, proposals)))
    });
    let (parent, attached, is_first, proposals) = read.await?.ok_or(Failure::NotFound)?;
    let catalog = &gateway.config.catalog;
    let page = ParentPage {
        nav: Nav::of(&request, &admin, "nav-parent")?,
        plan: plan_key(parent.plan),
        attached: attached.iter().map(|one| line(catalog, parent.plan, one, &admin.organization)).collect(),
        first: attached.first().map_or_else(String::new, |first| first.name.clone()),
        is_first,
        restricts: parent.restrict_creation,
        name: parent.name,
        open: proposals.open,
        can_leave: !is_first,
        codes: proposals.codes,
        inbox: proposals.inbox,
        frame,
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
    Ok(page::see_other(&path(&admin), &[flash]))
}
