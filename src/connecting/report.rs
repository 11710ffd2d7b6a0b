use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;

use super::{At, Desk, connection};
use crate::connection::Connection;
use crate::ids::Incident;
use crate::login::trial;
use crate::session;
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::Frame;
use crate::web::when::When;

/// What a test sign-in found.
#[derive(Template)]
#[template(path = "connecting/report.html")]
pub struct ReportPage {
    /// What all pages share.
    pub frame: Frame,
    /// Where this is.
    pub desk: Desk,
    /// The connection's page.
    pub back: String,
    /// The connection's label.
    pub label: String,
    /// The code of this test.
    pub incident: String,
    /// When.
    pub at: When,
    /// Every check passed.
    pub passed: bool,
    /// The check that failed.
    pub failed_check: Option<String>,
    /// What was expected and found.
    pub what: Option<String>,
    /// What to do next.
    pub next_step: Option<String>,
    /// The checks that passed, in order.
    pub checks: Vec<String>,
    /// What an admin should know although it passed.
    pub warnings: Vec<String>,
    /// Our fields: text key and value.
    pub fields: Vec<(&'static str, String)>,
    /// The groups, if they were listed.
    pub groups: Vec<String>,
    /// What was sent about the person: name and values.
    pub attributes: Vec<(String, String)>,
    /// What would happen in each organization.
    pub decisions: Vec<DecisionLine>,
    /// The message, laid out, without its secrets.
    pub received: Option<String>,
}

/// What one organization would decide.
pub struct DecisionLine {
    /// Its name.
    pub organization: String,
    /// The outcome in words.
    pub outcome: String,
    /// The reasons.
    pub because: Vec<String>,
}

/// What a test sign-in of a connection found; `connection` where the path names one. Who would be recognised, and what would be decided,
/// is told as far as whoever looks may see members: behind a setup link not at all, and in an organization's settings of that
/// organization alone.
pub fn report(
    request: &HttpRequest,
    desk: Desk,
    connection: &Connection,
    incident: &str,
) -> Result<HttpResponse, Failure> {
    let incident = Incident::parse(incident).ok_or(Failure::NotFound)?;
    let attempt = session::gateway(request).db.read_one(|tx| store::attempts::find(tx, &incident))?;
    let is_test = |code: &str| [trial::PASSED, trial::FAILED].contains(&code);
    let attempt = attempt.filter(|attempt| is_test(&attempt.code) && attempt.connection == Some(connection.id));
    let attempt = attempt.ok_or(Failure::NotFound)?;
    if desk.is_guests() && !connection::made_at(&attempt.record, &desk.reports(connection.slug.as_str())) {
        return Err(Failure::NotFound);
    }
    let record: Value = serde_json::from_str(&attempt.record).unwrap_or(Value::Null);
    let page = ReportPage {
        frame: Frame::of(request),
        back: desk.connection(connection.slug.as_str()),
        label: connection.label.clone(),
        incident: incident.to_string(),
        at: When(attempt.at),
        passed: attempt.code == trial::PASSED,
        failed_check: text(&record["check"]),
        what: text(&record["what"]),
        next_step: text(&record["next_step"]),
        checks: list(&record["checks"]),
        warnings: list(&record["warnings"]),
        fields: fields(&record, &desk),
        groups: list(&record["facts"]["groups"]),
        attributes: attributes(&record["attributes"]),
        decisions: decisions(&record["organizations"], &desk),
        received: text(&record["received"]),
        desk: desk.clone(),
    };
    desk.page(StatusCode::OK, &page)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn list(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(text).collect()
}

fn fields(record: &Value, desk: &Desk) -> Vec<(&'static str, String)> {
    let facts = &record["facts"];
    let groups = match &facts["groups"] {
        Value::Array(groups) => Some(groups.len().to_string()),
        other => text(other),
    };
    let for_operators = |value: Option<String>| value.filter(|_| desk.is_operators());
    [
        ("field-email", text(&facts["email"])),
        ("field-subject", text(&facts["subject"])),
        ("field-name", text(&facts["name"])),
        ("field-groups", groups),
        ("field-known-as", for_operators(text(&record["known_as"]))),
        ("field-refusal", for_operators(text(&record["refusal"]))),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, value?)))
    .collect()
}

fn attributes(value: &Value) -> Vec<(String, String)> {
    let pair = |pair: &Value| Some((text(&pair[0])?, list(&pair[1]).join(", ")));
    value.as_array().into_iter().flatten().filter_map(pair).collect()
}

fn decisions(value: &Value, desk: &Desk) -> Vec<DecisionLine> {
    let shown = |one: &&Value| match &desk.at {
        At::Operator => true,
        At::Settings(organization) => one["slug"].as_str() == Some(organization.as_str()),
        At::Guest(_) => false,
    };
    let line = |one: &Value| {
        Some(DecisionLine {
            organization: text(&one["organization"])?,
            outcome: text(&one["outcome"])?,
            because: list(&one["because"]),
        })
    };
    value.as_array().into_iter().flatten().filter(shown).filter_map(line).collect()
}
