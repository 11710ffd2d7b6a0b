use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Problems, base};
use crate::admin::{context, desk};
use crate::founding::{self, FoundingError};
use crate::identity::EmailAddress;
use crate::login::Asked;
use crate::membership::ByHandError;
use crate::organization::{Organization, ParentOrganization};
use crate::secrets;
use crate::session;
use crate::store;
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// The first administrator of an organization.
#[derive(Template)]
#[template(path = "admin/setup_administrator.html")]
pub struct AdministratorPage {
    /// What all pages share.
    pub frame: Frame,
    /// The parent organization's name.
    pub parent: String,
    /// The path of the checklist.
    pub base: String,
    /// The address, as typed.
    pub email: String,
    /// The organizations: slug, name and whether it is chosen.
    pub organizations: Vec<(String, String, bool)>,
    /// The domains that an address may lie in.
    pub domains: Vec<String>,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// `GET /operator/parents/{parent}/administrators`
pub async fn show(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let parent = desk::parent(&request, &slug)?;
    form(&request, &parent, "", "", Problems::default())
}

/// `POST /operator/parents/{parent}/administrators`
pub async fn add(request: HttpRequest, slug: Path<String>, posted: Posted) -> Result<HttpResponse, Failure> {
    let parent = desk::parent(&request, &slug)?;
    let gateway = session::gateway(&request);
    let texts = page::language(&request).texts();
    let typed = |name: &str| posted.field(name).chars().take(254).collect::<String>();
    let (email, chosen) = (typed("email"), typed("organization"));
    let again = |problems: Problems| form(&request, &parent, &email, &chosen, problems);
    let Ok(address) = EmailAddress::parse(&email) else {
        return again(Problems::one("email", texts.t("email-invalid")));
    };
    let Some(organization) = organizations(&request, &parent)?.into_iter().find(|one| one.slug.as_str() == chosen)
    else {
        return again(Problems::one("organization", texts.t("setup-choose")));
    };
    let (asked, catalog, public_id) = (Asked::of(&request), gateway.config.catalog.clone(), secrets::public_id("p-"));
    let write = gateway.db.try_write(move |tx| {
        founding::administrator(tx, &context(&asked, &catalog), organization.id, (&address, &public_id)).map(drop)
    });
    match write.await {
        Ok(()) => Ok(page::see_other(&base(&parent), &[])),
        Err(FoundingError::Db(error) | FoundingError::ByHand(ByHandError::Db(error))) => Err(error.into()),
        Err(FoundingError::ByHand(ByHandError::DomainNotVerified(domain))) => {
            again(Problems::one("email", texts.with("setup-administrator-domain", "domain", &domain)))
        }
        Err(FoundingError::MayNot(_)) => Err(Failure::Forbidden),
        Err(
            FoundingError::ByHand(_) | FoundingError::Gone | FoundingError::Taken(_) | FoundingError::TooManyUnfinished,
        ) => Err(Failure::NotFound),
    }
}

fn organizations(request: &HttpRequest, parent: &ParentOrganization) -> Result<Vec<Organization>, Failure> {
    Ok(session::gateway(request).db.read(|tx| store::organizations::of_parent(tx, parent.id))?)
}

fn form(
    request: &HttpRequest,
    parent: &ParentOrganization,
    email: &str,
    chosen: &str,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let organizations = organizations(request, parent)?;
    let only = organizations.len() == 1;
    let domains = session::gateway(request).db.read(|tx| store::domains::of_parent(tx, parent.id))?;
    let verified = domains.into_iter().filter(crate::organization::Domain::is_verified);
    let status = if problems.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AdministratorPage {
        frame: Frame::of(request),
        parent: parent.name.clone(),
        base: base(parent),
        email: email.to_owned(),
        organizations: organizations
            .into_iter()
            .map(|one| (one.slug.to_string(), one.name, only || one.slug.as_str() == chosen))
            .collect(),
        domains: verified.map(|domain| domain.name.to_string()).collect(),
        problems,
    };
    page::html(status, &page, &[])
}
