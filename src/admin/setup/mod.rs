//! From an empty database to a first sign-in: what is done, what comes next, and a form for each step. Where one stands is read from
//! the database every time, so that whoever went away goes on where they were.

mod administrator;
mod organization;
mod parent;

pub use administrator::AdministratorPage;
pub use organization::{NewOrganizationPage, ProductChoice, SeatField};
pub use parent::ParentPage;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::desk;
use crate::connecting::Problems;
use crate::connection::ConnectionStatus;
use crate::db::{DbError, Tx};
use crate::gateway::Gateway;
use crate::organization::{Domain, Organization, ParentOrganization};
use crate::product::Permission;
use crate::session;
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};
use crate::web::routes::{Access, Routes};

pub(super) fn routes(routes: &mut Routes) {
    routes.get("/operator/setup", Access::Operator, parent::show);
    routes.post("/operator/setup", Access::Operator, parent::found);
    routes.get("/operator/parents/{parent}", Access::Operator, show);
    routes.get("/operator/parents/{parent}/organizations", Access::Operator, organization::show);
    routes.post("/operator/parents/{parent}/organizations", Access::Operator, organization::found);
    routes.get("/operator/parents/{parent}/administrators", Access::Operator, administrator::show);
    routes.post("/operator/parents/{parent}/administrators", Access::Operator, administrator::add);
}

/// What is done for a parent organization, and what is missing.
#[derive(Template)]
#[template(path = "admin/setup.html")]
pub struct SetupPage {
    /// What all pages share.
    pub frame: Frame,
    /// The parent organization's name.
    pub name: String,
    /// The path of this page, without a trailing slash.
    pub base: String,
    /// How many steps are done.
    pub done: usize,
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// Its organizations: name and slug.
    pub organizations: Vec<(String, String)>,
}

/// One step.
pub struct Step {
    /// The text keys: what it is called, what it is about, what is done.
    pub texts: [&'static str; 3],
    /// What there is already.
    pub found: Vec<String>,
    /// It is done.
    pub done: bool,
    /// It is the first that is not.
    pub next: bool,
    /// Where it is done; `None` while another has to come first.
    pub href: Option<String>,
}

impl Step {
    fn new(texts: [&'static str; 3], found: Vec<String>, done: bool, href: Option<String>) -> Self {
        Self { texts, found, done, next: false, href }
    }
}

/// `GET /operator/parents/{parent}`: the checklist.
pub async fn show(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let parent = desk::parent(&request, &slug)?;
    let (steps, organizations) = gateway.db.read(|tx| -> Result<_, DbError> {
        Ok((steps(tx, gateway, &parent)?, store::organizations::of_parent(tx, parent.id)?))
    })?;
    let page = SetupPage {
        frame: Frame::of(&request),
        base: base(&parent),
        name: parent.name,
        done: steps.iter().filter(|step| step.done).count(),
        steps,
        organizations: organizations.into_iter().map(|one| (one.name, one.slug.to_string())).collect(),
    };
    page::html(StatusCode::OK, &page, &[])
}

pub(super) fn base(parent: &ParentOrganization) -> String {
    format!("/operator/parents/{}", parent.slug)
}

fn steps(tx: &mut dyn Tx, gateway: &Gateway, parent: &ParentOrganization) -> Result<Vec<Step>, DbError> {
    let at = |path: &str| Some(format!("{}/{path}", base(parent)));
    let organizations = store::organizations::of_parent(tx, parent.id)?;
    let domains = store::domains::of_parent(tx, parent.id)?;
    let connections = store::connections::of_parent(tx, parent.id)?;
    let verified: Vec<&Domain> = domains.iter().filter(|domain| domain.is_verified()).collect();
    let active = |status: ConnectionStatus| status == ConnectionStatus::Active;
    let untested = connections.iter().find(|one| !active(one.status));
    let to_connection = untested.or(connections.first()).map(|one| format!("/operator/connections/{}", one.slug));
    let mut reached = !organizations.is_empty();
    let mut admins = Vec::new();
    for organization in &organizations {
        let found = administrators(tx, gateway, organization, &verified)?;
        reached &= !found.is_empty();
        admins.extend(found);
    }
    let may_add = !organizations.is_empty() && !verified.is_empty();
    let names = |found: Vec<&str>| found.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut steps = vec![
        Step::new(
            ["setup-organization", "setup-organization-what", "setup-organization-go"],
            names(organizations.iter().map(|one| one.name.as_str()).collect()),
            !organizations.is_empty(),
            at("organizations"),
        ),
        Step::new(
            ["setup-domain", "setup-domain-what", "setup-domain-go"],
            names(domains.iter().map(|one| one.name.as_str()).collect()),
            !verified.is_empty(),
            at("domains"),
        ),
        Step::new(
            ["setup-administrator", "setup-administrator-what", "setup-administrator-go"],
            admins,
            reached,
            at("administrators").filter(|_| may_add),
        ),
        Step::new(
            ["setup-connection", "setup-connection-what", "setup-connection-go"],
            names(connections.iter().map(|one| one.label.as_str()).collect()),
            !connections.is_empty(),
            at("connections"),
        ),
        Step::new(
            ["setup-test", "setup-test-what", "setup-test-go"],
            Vec::new(),
            connections.iter().any(|one| one.tested.is_some() || active(one.status)),
            to_connection.clone(),
        ),
        Step::new(
            ["setup-active", "setup-active-what", "setup-active-go"],
            Vec::new(),
            connections.iter().any(|one| active(one.status)),
            to_connection,
        ),
    ];
    if let Some(next) = steps.iter_mut().find(|step| !step.done) {
        next.next = true;
    }
    Ok(steps)
}

/// How many of a role are looked at.
const LOOKED_AT: u32 = 20;

/// Who could configure an organization once signed in: a role with *identity*, and an address in a verified domain.
fn administrators(
    tx: &mut dyn Tx,
    gateway: &Gateway,
    organization: &Organization,
    verified: &[&Domain],
) -> Result<Vec<String>, DbError> {
    let Some(product) = gateway.config.catalog.product(&organization.product) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for role in product.roles().iter().filter(|role| product.allows(&role.key, Permission::Identity)) {
        for person in store::members::with_role(tx, organization.id, &role.key, LOOKED_AT)? {
            let Some(person) = store::people::by_id(tx, person)? else { continue };
            let within = verified.iter().any(|domain| domain.name == person.email.domain());
            if within && !person.suspended {
                found.push(format!("{} ({})", person.email, organization.name));
            }
        }
    }
    let mapped = organization.mode.has_group_mappings()
        && organization.mappings.roles.iter().any(|row| product.allows(&row.gives, Permission::Identity));
    if found.is_empty() && mapped {
        found.push(organization.name.clone());
    }
    Ok(found)
}
