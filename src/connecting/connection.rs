use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;

use super::theirs::{PendingMetadata, pending, theirs};
use super::{At, ConnectionLine, Desk, Found, line};
use crate::connection::{Connection, ConnectionStatus, Protocol};
use crate::db::{DbError, Tx};
use crate::login::{self, Asked, Begin};
use crate::rollover;
use crate::session;
use crate::store;
use crate::store::pending::Purpose;
use crate::trust::{self, Governed};
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::page::{self, Frame};
use crate::web::when::When;

/// One connection.
#[derive(Template)]
#[template(path = "connecting/connection.html")]
pub struct ConnectionPage {
    /// What all pages share.
    pub frame: Frame,
    /// Where this is.
    pub desk: Desk,
    /// The connection.
    pub line: ConnectionLine,
    /// What went wrong with the last thing done here.
    pub problem: Option<String>,
    /// When a test last passed.
    pub tested: Option<When>,
    /// It may be switched on now.
    pub can_activate: bool,
    /// It was never switched on: it can be given up, and a setup link can be made for it.
    pub is_draft: bool,
    /// Nobody of this parent could sign in without it.
    pub is_last: bool,
    /// What these settings are, to be sent back with the switch.
    pub seen: String,
    /// What the identity provider is called whose labels these are; empty for the standard's own words.
    pub vendor: String,
    /// What the identity provider has to know of us: label and value.
    pub ours: Vec<(String, String)>,
    /// What we know of the identity provider: text key and value.
    pub theirs: Vec<(&'static str, String)>,
    /// When its metadata was last read.
    pub checked: Option<When>,
    /// Its metadata is read by address, daily and on demand.
    pub reads_metadata: bool,
    /// What the metadata says and is not believed yet.
    pub pending: Option<PendingMetadata>,
    /// The latest tests.
    pub tests: Vec<TestLine>,
    /// Whose people sign in by it, or would.
    pub concerned: Vec<Governed>,
    /// Other connections of the same parent, to move people to: slug and label.
    pub others: Vec<(String, String)>,
}

/// A test in the list.
pub struct TestLine {
    /// Where its report is.
    pub href: String,
    /// When.
    pub at: When,
    /// Every check passed.
    pub passed: bool,
}

/// A connection's page; what was only begun goes on with its form.
pub fn show(
    request: &HttpRequest,
    desk: Desk,
    found: &Found,
    status: StatusCode,
    problem: Option<String>,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let Some(connection) = &found.connection else {
        return Ok(page::see_other(&format!("{}/edit", desk.connection(found.slug.as_str())), &[]));
    };
    let (tests, others, is_last, check, concerned) = gateway.db.read(|tx| -> Result<_, DbError> {
        let mut others = store::connections::of_parent(tx, connection.parent)?;
        others.retain(|other| other.id != connection.id);
        let is_last = trust::is_last_active(tx, connection)?;
        let check = store::connections::check(tx, connection.id)?;
        Ok((tests(tx, &desk, connection)?, others, is_last, check, trust::concerned(tx, connection.parent)?))
    })?;
    let frame = Frame::of(request);
    let mut theirs = theirs(connection, frame.texts);
    if connection.never_sends_groups() {
        theirs.push(("oidc-groups", frame.texts.t("oidc-no-groups").into_owned()));
    }
    let checked = check.as_ref().map(|check| When(check.at));
    if let Some(check) = check {
        theirs.extend(check.problem.map(|problem| ("connection-problem", problem)));
    }
    let (base, vendor) = (gateway.config.server.base(), found.vendor());
    // Where an identity provider was chosen, our values stand under its labels; else under the standard's words.
    let ours = match &found.setup {
        Some(_) => super::form::values(vendor, base, &found.slug),
        None => {
            ours(base, connection).into_iter().map(|(key, value)| (frame.texts.t(key).into_owned(), value)).collect()
        }
    };
    let page = ConnectionPage {
        line: line(connection, &desk.parent.name),
        problem,
        tested: connection.tested.map(When),
        checked,
        can_activate: trust::check_tested(connection, gateway.now()).is_ok(),
        is_draft: connection.status == ConnectionStatus::Draft,
        is_last,
        seen: trust::mark(connection),
        vendor: found.setup.as_ref().map_or_else(String::new, |_| vendor.label.to_owned()),
        ours,
        reads_metadata: matches!(&connection.protocol, Protocol::Saml(saml) if saml.metadata_url.is_some()),
        pending: pending(connection, frame.texts),
        theirs,
        tests,
        concerned,
        others: others.into_iter().map(|other| (other.slug.to_string(), other.label)).collect(),
        desk: desk.clone(),
        frame,
    };
    desk.page(status, &page)
}

/// The latest tests of a connection, as far as they are shown at this desk: behind a setup link, those that were made by it.
pub(super) fn tests(tx: &mut dyn Tx, desk: &Desk, connection: &Connection) -> Result<Vec<TestLine>, DbError> {
    let reports = desk.reports(connection.slug.as_str());
    let made_here = desk.is_guests().then_some(reports.as_str());
    let tests = store::attempts::tests_of(tx, connection.id, made_here)?.into_iter();
    let line = |(incident, at, passed)| TestLine { href: format!("{reports}/{incident}"), at: When(at), passed };
    Ok(tests.map(line).collect())
}

/// Whether a test was begun where its report is shown under this path.
pub(super) fn made_at(record: &str, reports: &str) -> bool {
    let record: Value = serde_json::from_str(record).unwrap_or(Value::Null);
    record["reports"].as_str() == Some(reports)
}

/// A sign-in that shows what would happen and changes nothing.
pub async fn test(request: &HttpRequest, desk: &Desk, connection: &Connection) -> Result<HttpResponse, Failure> {
    let destination = desk.reports(connection.slug.as_str());
    let wanted = Begin { purpose: Purpose::Test, destination: &destination, login_hint: None };
    let answer = login::begin(request, connection, &wanted).await?;
    // The form on this page may lead to our own origin only; its answer goes on by itself.
    login::onward(request, answer)
}

/// Reads the identity provider's metadata now, and waits for it.
pub async fn read_metadata(request: &HttpRequest, desk: Desk, found: &Found) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let connection = found.connection.as_ref().ok_or(Failure::NotFound)?;
    let from = Some(Asked::of(request).address);
    match rollover::refresh(gateway, desk.actor.clone(), from, connection).await? {
        None => {
            let to = format!("{}#theirs", desk.connection(found.slug.as_str()));
            Ok(desk.to(request, &to, Some(Flash::new("flash-metadata-read", &[]))))
        }
        Some(problem) => {
            let now = desk.found(request, found.slug.as_str())?;
            show(request, desk, &now, StatusCode::BAD_GATEWAY, Some(problem))
        }
    }
}

/// What the identity provider's own settings page asks for, in the standard's words.
fn ours(base: &str, connection: &Connection) -> Vec<(&'static str, String)> {
    let slug = connection.slug.as_str();
    match &connection.protocol {
        Protocol::Saml(_) => {
            let names = crate::gateway::OurNames::new(base, slug);
            let us = names.service_provider();
            let mut all = vec![("saml-entity-id", us.entity_id.to_owned()), ("saml-acs", us.acs_url.to_owned())];
            all.extend(us.slo_url.map(|address| ("saml-slo", address.to_owned())));
            all
        }
        Protocol::Oidc(_) => vec![
            ("oidc-redirect-uri", format!("{base}/oidc/{slug}/callback")),
            ("oidc-backchannel-uri", format!("{base}/oidc/{slug}/backchannel-logout")),
            ("oidc-post-logout-uri", format!("{base}/signed-out")),
            ("oidc-initiate-uri", format!("{base}/sign-in/{slug}")),
            ("oidc-jwks-uri", format!("{base}/oidc/jwks.json")),
        ],
    }
}

impl ConnectionPage {
    /// Whether whoever is here can change settings that people sign in by, or have signed in by.
    fn may_change(&self) -> bool {
        self.line.draft || self.desk.governs
    }

    /// Where the settings are changed.
    fn change_href(&self) -> String {
        let word = if self.line.draft { "edit" } else { "change" };
        format!("{}/{word}", self.desk.connection(&self.line.slug))
    }

    /// On the settings pages every switch has a page of its own, which says what will happen.
    fn asks_first(&self) -> bool {
        matches!(self.desk.at, At::Settings(_))
    }
}
