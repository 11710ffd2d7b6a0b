use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Desk, Problems};
use crate::db::DbError;
use crate::domains::{self, DomainError};
use crate::identity::DomainName;
use crate::login::Asked;
use crate::organization::{Domain, DomainState, Found};
use crate::session;
use crate::store;
use crate::trust::{self, Governed, TrustError};
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};
use crate::web::when::When;

/// The domains of a parent organization.
#[derive(Template)]
#[template(path = "connecting/domains.html")]
pub struct DomainsPage {
    /// What all pages share.
    pub frame: Frame,
    /// Where this is.
    pub desk: Desk,
    /// What is wrong with what was sent.
    pub problems: Problems,
    /// What was typed where a domain is added.
    pub typed: String,
    /// The domains.
    pub domains: Vec<DomainCard>,
}

/// One domain: what is expected of DNS, and what it answered.
pub struct DomainCard {
    /// The name; also the host of the record.
    pub name: String,
    /// The text key of its state.
    pub state: &'static str,
    /// People with addresses there can sign in.
    pub verified: bool,
    /// What will happen if nothing is done.
    pub warning: Option<String>,
    /// The record's value.
    pub challenge: String,
    /// What DNS answered instead.
    pub found: Option<String>,
    /// The records that it answered with.
    pub records: Vec<String>,
    /// When it was last looked up.
    pub checked: Option<When>,
    /// An operator's word counts; DNS is not asked.
    pub is_vouched: bool,
    /// How many people could no longer sign in without it.
    pub people: usize,
}

/// What giving a domain up would mean.
#[derive(Template)]
#[template(path = "connecting/domain_remove.html")]
pub struct DomainRemovePage {
    /// What all pages share.
    pub frame: Frame,
    /// Where this is.
    pub desk: Desk,
    /// The domain.
    pub name: String,
    /// How many people could no longer sign in without it.
    pub people: usize,
    /// People with addresses there can sign in.
    pub verified: bool,
    /// Whose people these may be.
    pub concerned: Vec<Governed>,
    /// Only who governs the parent can do it, and whoever is here does not.
    pub not_governing: Option<String>,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// What DNS should have, and has.
pub fn domains(request: &HttpRequest, desk: Desk) -> Result<HttpResponse, Failure> {
    domains_page(request, desk, StatusCode::OK, Problems::default(), String::new())
}

/// Claims one.
pub async fn add_domain(request: &HttpRequest, desk: Desk, posted: Posted) -> Result<HttpResponse, Failure> {
    let texts = page::language(request).texts();
    let typed: String = posted.field("domain").chars().take(300).collect();
    let Ok(name) = DomainName::parse(&typed) else {
        let problems = Problems::one("domain", texts.t("domain-invalid"));
        return domains_page(request, desk, StatusCode::UNPROCESSABLE_ENTITY, problems, typed);
    };
    let (challenge, wanted, parent) = (domains::new_challenge(), name.clone(), desk.parent.id);
    let claimed =
        desk.change(request, move |tx, context| domains::claim(tx, context, parent, &wanted, &challenge)).await;
    let problem = match claimed {
        Ok(new) => {
            let key = if new { "flash-domain-added" } else { "flash-domain-known" };
            let told = Flash::new(key, &[("domain", name.as_str())]);
            return Ok(desk.to(request, &format!("{}#{name}", desk.domains()), Some(told)));
        }
        Err(DomainError::Db(error)) => return Err(error.into()),
        Err(DomainError::Unknown(_) | DomainError::Trust(_)) => return Err(Failure::NotFound),
        Err(DomainError::PublicMail(name)) => texts.with("domain-public-mail", "domain", name.as_str()).into_owned(),
        // Whose it is is nobody's business but the operator's.
        Err(DomainError::Taken { name, owner }) => {
            let told = texts.with("domain-taken", "domain", name.as_str());
            if desk.is_operators() { format!("{told} ({owner})") } else { told.into_owned() }
        }
    };
    domains_page(request, desk, StatusCode::CONFLICT, Problems::one("domain", problem), name.to_string())
}

/// Asks DNS now, and waits for its answer. Goes on at `to`.
pub async fn check_domain(request: &HttpRequest, desk: &Desk, name: &str, to: &str) -> Result<HttpResponse, Failure> {
    let domain = known(request, desk, name)?;
    let from = Some(Asked::of(request).address);
    let after = domains::check(session::gateway(request), desk.actor.clone(), from, &domain).await?;
    let verified = after.is_some_and(|after| after.is_verified());
    let key = if verified { "flash-domain-verified" } else { "flash-domain-checked" };
    let told = Flash::new(key, &[("domain", domain.name.as_str())]);
    Ok(desk.to(request, &format!("{to}#{}", domain.name), Some(told)))
}

/// What giving one up would mean.
pub fn ask_remove_domain(
    request: &HttpRequest,
    desk: Desk,
    name: &str,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let domain = known(request, &desk, name)?;
    let (people, concerned, first) = session::gateway(request).db.read(|tx| -> Result<_, DbError> {
        let first = trust::first_organization(tx, desk.parent.id)?;
        Ok((domains::people_in(tx, &domain)?, trust::concerned(tx, desk.parent.id)?, first))
    })?;
    let may = desk.governs || !domain.is_verified();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let page = DomainRemovePage {
        frame: Frame::of(request),
        name: domain.name.to_string(),
        people,
        verified: domain.is_verified(),
        concerned: if domain.is_verified() { concerned } else { Vec::new() },
        not_governing: (!may).then(|| first.map_or_else(String::new, |first| first.name)),
        problems,
        desk: desk.clone(),
    };
    desk.page(status, &page)
}

/// Gives one up: where people have addresses, only with its name typed (rule B33).
pub async fn remove_domain(
    request: &HttpRequest,
    desk: Desk,
    name: &str,
    posted: Posted,
) -> Result<HttpResponse, Failure> {
    let texts = page::language(request).texts();
    let domain = known(request, &desk, name)?;
    if domain.is_verified() && !desk.governs {
        return Err(Failure::Forbidden);
    }
    let people = session::gateway(request).db.read(|tx| domains::people_in(tx, &domain))?;
    if people > 0 && posted.field("confirm") != domain.name.as_str() {
        let problem = texts.with("type-to-confirm", "what", domain.name.as_str()).into_owned();
        return not_removed(request, desk, &domain, ("confirm", problem));
    }
    let (parent, gone) = (desk.parent.id, domain.name.clone());
    let removed = desk.change(request, move |tx, context| domains::remove(tx, context, parent, &gone).map(drop)).await;
    match removed {
        Ok(()) => {
            let told = Flash::new("flash-domain-removed", &[("domain", domain.name.as_str())]);
            let to = if desk.is_operators() { format!("{}#{}", desk.domains(), domain.name) } else { desk.domains() };
            Ok(desk.to(request, &to, Some(told)))
        }
        Err(DomainError::Db(error)) => Err(error.into()),
        Err(DomainError::Trust(TrustError::NotGoverning(first))) => {
            let problem = texts.with("not-governing", "organization", &first).into_owned();
            not_removed(request, desk, &domain, ("deed", problem))
        }
        Err(
            DomainError::Trust(_) | DomainError::Unknown(_) | DomainError::PublicMail(_) | DomainError::Taken { .. },
        ) => Err(Failure::NotFound),
    }
}

/// The operator's page has the button on the list itself.
fn not_removed(
    request: &HttpRequest,
    desk: Desk,
    domain: &Domain,
    (field, problem): (&'static str, String),
) -> Result<HttpResponse, Failure> {
    if desk.is_operators() {
        return domains_page(request, desk, StatusCode::CONFLICT, Problems::one("domains", problem), String::new());
    }
    ask_remove_domain(request, desk, domain.name.as_str(), Problems::one(field, problem))
}

fn known(request: &HttpRequest, desk: &Desk, name: &str) -> Result<Domain, Failure> {
    let name = DomainName::parse(name).map_err(|_| Failure::NotFound)?;
    let found = session::gateway(request).db.read_one(|tx| store::domains::find(tx, desk.parent.id, &name))?;
    found.ok_or(Failure::NotFound)
}

fn domains_page(
    request: &HttpRequest,
    desk: Desk,
    status: StatusCode,
    problems: Problems,
    typed: String,
) -> Result<HttpResponse, Failure> {
    let frame = Frame::of(request);
    let domains = session::gateway(request).db.read(|tx| -> Result<_, DbError> {
        let people = domains::people_by_domain(tx, desk.parent.id)?;
        let known = store::domains::of_parent(tx, desk.parent.id)?;
        let people_in = |domain: &Domain| people.get(&domain.name).copied().filter(|_| domain.is_verified());
        let card = |domain: &Domain| DomainCard { people: people_in(domain).unwrap_or(0), ..card(frame.texts, domain) };
        Ok(known.iter().map(card).collect::<Vec<_>>())
    })?;
    let page = DomainsPage { frame, problems, typed, domains, desk: desk.clone() };
    desk.page(status, &page)
}

/// Domains as pages show them whose readers give none up.
pub(super) fn cards(texts: Texts, domains: &[Domain]) -> Vec<DomainCard> {
    domains.iter().map(|domain| card(texts, domain)).collect()
}

fn card(texts: Texts, domain: &Domain) -> DomainCard {
    let warning = match domain.state {
        DomainState::Verified { lost: Some(lost), .. } => {
            Some(texts.with("domain-lost-what", "date", &lost.plus(Domain::GRACE).date()).into_owned())
        }
        DomainState::Pending | DomainState::Failed | DomainState::Verified { lost: None, .. } => None,
    };
    DomainCard {
        name: domain.name.to_string(),
        state: domain_state(domain),
        verified: domain.is_verified(),
        warning,
        challenge: domain.challenge.clone(),
        found: domain.found.as_ref().map(|found| found_words(texts, found)),
        records: match &domain.found {
            Some(Found::Records(records)) => records.clone(),
            _ => Vec::new(),
        },
        checked: domain.checked.map(When),
        is_vouched: matches!(domain.state, DomainState::Verified { vouched: true, .. }),
        people: 0,
    }
}

/// The text key of a domain's state.
pub fn domain_state(domain: &Domain) -> &'static str {
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
