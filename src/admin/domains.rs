use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

use super::pages::{DomainCard, DomainsPage};
use super::{asked, context};
use crate::audit::Actor;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::domains::{self, DomainError};
use crate::identity::DomainName;
use crate::ids::Slug;
use crate::organization::{Domain, DomainState, Found, ParentOrganization};
use crate::session;
use crate::store;
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// `GET /operator/parents/{parent}/domains`: what DNS should have, and has.
pub async fn show(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let parent = parent(&request, &slug)?;
    domains_page(&request, &parent, StatusCode::OK, None)
}

/// `POST /operator/parents/{parent}/domains`: claims one.
pub async fn add(request: HttpRequest, slug: Path<String>, form: Posted) -> Result<HttpResponse, Failure> {
    let parent = parent(&request, &slug)?;
    let texts = page::language(&request).texts();
    let Ok(name) = DomainName::parse(form.field("domain")) else {
        let problem = Problem { text: texts.t("domain-invalid").into_owned(), typed: form.field("domain").to_owned() };
        return domains_page(&request, &parent, StatusCode::UNPROCESSABLE_ENTITY, Some(problem));
    };
    let challenge = domains::new_challenge();
    let wanted = name.clone();
    change(&request, &parent, &name, move |tx, context, parent| {
        domains::claim(tx, context, parent.id, &wanted, &challenge).map(drop)
    })
    .await
}

/// `POST /operator/parents/{parent}/domains/{domain}/check`: asks DNS now, and waits for its answer.
pub async fn check(request: HttpRequest, path: Path<(String, String)>, _form: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let parent = parent(&request, &path.0)?;
    let domain = known(&request, &parent, &path.1)?;
    let from = Some(asked(&request).address);
    domains::check(gateway, Actor::Operator, from, &domain).await?;
    Ok(page::see_other(&format!("{}#{}", base(&parent), domain.name), &[]))
}

/// `POST /operator/parents/{parent}/domains/{domain}/remove`: where people have addresses, only with its name typed (rule B33).
pub async fn remove(request: HttpRequest, path: Path<(String, String)>, form: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let parent = parent(&request, &path.0)?;
    let domain = known(&request, &parent, &path.1)?;
    let people = gateway.db.read(|tx| domains::people_in(tx, &domain))?;
    if people > 0 && form.field("confirm") != domain.name.as_str() {
        let texts = page::language(&request).texts();
        let text = texts.with("type-to-confirm", "what", domain.name.as_str()).into_owned();
        let problem = Problem { text, typed: String::new() };
        return domains_page(&request, &parent, StatusCode::CONFLICT, Some(problem));
    }
    let gone = domain.name.clone();
    change(&request, &parent, &domain.name, move |tx, context, parent| {
        domains::remove(tx, context, parent.id, &gone).map(drop)
    })
    .await
}

/// What went wrong, and what was typed into the field that stays open.
struct Problem {
    text: String,
    typed: String,
}

fn base(parent: &ParentOrganization) -> String {
    format!("/operator/parents/{}/domains", parent.slug)
}

pub(super) fn parent(request: &HttpRequest, slug: &str) -> Result<ParentOrganization, Failure> {
    let slug = Slug::parse(slug).map_err(|_| Failure::NotFound)?;
    let found = session::gateway(request).db.read_one(|tx| store::organizations::parent_by_slug(tx, &slug))?;
    found.ok_or(Failure::NotFound)
}

fn known(request: &HttpRequest, parent: &ParentOrganization, name: &str) -> Result<Domain, Failure> {
    let name = DomainName::parse(name).map_err(|_| Failure::NotFound)?;
    let found = session::gateway(request).db.read_one(|tx| store::domains::find(tx, parent.id, &name))?;
    found.ok_or(Failure::NotFound)
}

async fn change(
    request: &HttpRequest,
    parent: &ParentOrganization,
    name: &DomainName,
    work: impl Fn(&mut dyn Tx, &crate::membership::Context<'_>, &ParentOrganization) -> Result<(), DomainError>
    + Send
    + 'static,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let (asked, catalog, of) = (asked(request), gateway.config.catalog.clone(), parent.clone());
    let written = gateway.db.try_write(move |tx| work(tx, &context(&asked, &catalog), &of)).await;
    let texts = page::language(request).texts();
    let text = match written {
        Ok(()) => return Ok(page::see_other(&format!("{}#{name}", base(parent)), &[])),
        Err(DomainError::Db(error)) => return Err(error.into()),
        Err(DomainError::Unknown(_)) => return Err(Failure::NotFound),
        Err(DomainError::PublicMail(name)) => texts.with("domain-public-mail", "domain", name.as_str()).into_owned(),
        Err(DomainError::Taken { name, owner }) => {
            format!("{} ({owner})", texts.with("domain-taken", "domain", name.as_str()))
        }
    };
    domains_page(request, parent, StatusCode::CONFLICT, Some(Problem { text, typed: name.to_string() }))
}

fn domains_page(
    request: &HttpRequest,
    parent: &ParentOrganization,
    status: StatusCode,
    problem: Option<Problem>,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let frame = Frame::of(request);
    let domains = gateway.db.read(|tx| -> Result<_, DbError> {
        let mut all = Vec::new();
        for domain in store::domains::of_parent(tx, parent.id)? {
            let people = domains::people_in(tx, &domain)?;
            all.push((domain, people));
        }
        Ok(all)
    })?;
    let (problem, typed) = problem.map_or((None, String::new()), |problem| (Some(problem.text), problem.typed));
    let page = DomainsPage {
        parent: parent.name.clone(),
        base: base(parent),
        problem,
        typed,
        domains: domains.iter().map(|(domain, people)| card(frame.texts, domain, *people)).collect(),
        frame,
    };
    page::html(status, &page, &[])
}

/// A domain as pages show it. `people` would no longer sign in without it.
pub fn card(texts: Texts, domain: &Domain, people: usize) -> DomainCard {
    let warning = match domain.state {
        DomainState::Verified { lost: Some(lost), .. } => {
            Some(texts.with("domain-lost-what", "date", &lost.plus(Domain::GRACE).date()).into_owned())
        }
        DomainState::Pending | DomainState::Failed | DomainState::Verified { lost: None, .. } => None,
    };
    DomainCard {
        name: domain.name.to_string(),
        state: state(domain),
        warning,
        challenge: domain.challenge.clone(),
        found: domain.found.as_ref().map(|found| found_words(texts, found)),
        records: match &domain.found {
            Some(Found::Records(records)) => records.clone(),
            _ => Vec::new(),
        },
        checked: domain.checked.map(Timestamp::to_the_minute),
        is_vouched: matches!(domain.state, DomainState::Verified { vouched: true, .. }),
        people,
    }
}

/// The text key of a domain's state.
pub fn state(domain: &Domain) -> &'static str {
    match domain.state {
        DomainState::Pending => "domain-pending",
        DomainState::Failed => "domain-failed",
        DomainState::Verified { vouched: true, .. } => "domain-vouched",
        DomainState::Verified { lost: None, .. } => "domain-verified",
        DomainState::Verified { lost: Some(_), .. } => "domain-lost",
    }
}

fn found_words(texts: Texts, found: &Found) -> String {
    match found {
        Found::Records(_) => texts.t("found-records"),
        Found::NoRecords => texts.t("found-no-records"),
        Found::NoSuchName => texts.t("found-no-such-name"),
        Found::ServerFailure(code) => texts.with("found-server-failure", "code", code.as_str()),
        Found::NoAnswer => texts.t("found-no-answer"),
        Found::OtherParent => texts.t("found-other-parent"),
    }
    .into_owned()
}
