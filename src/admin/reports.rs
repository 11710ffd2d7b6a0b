use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use super::pages::{DecisionLine, ReportPage};
use crate::db::DbError;
use crate::ids::Incident;
use crate::login::trial;
use crate::session;
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};

/// `GET /operator/tests/{incident}`: what a test sign-in found.
pub async fn show(request: HttpRequest, incident: Path<String>) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let incident = Incident::parse(&incident).ok_or(Failure::NotFound)?;
    let (attempt, connection) = gateway.db.read(|tx| -> Result<_, DbError> {
        let attempt = store::attempts::find(tx, &incident)?;
        let connection = match attempt.as_ref().and_then(|attempt| attempt.connection) {
            Some(id) => store::connections::by_id(tx, id)?,
            None => None,
        };
        Ok((attempt, connection))
    })?;
    let attempt = attempt.filter(|attempt| [trial::PASSED, trial::FAILED].contains(&attempt.code.as_str()));
    let (attempt, connection) = (attempt.ok_or(Failure::NotFound)?, connection.ok_or(Failure::NotFound)?);
    let record: Value = serde_json::from_str(&attempt.record).unwrap_or(Value::Null);
    let page = ReportPage {
        frame: Frame::of(&request),
        slug: connection.slug.to_string(),
        label: connection.label,
        incident: incident.to_string(),
        at: attempt.at.to_the_minute(),
        passed: attempt.code == trial::PASSED,
        failed_check: text(&record["check"]),
        what: text(&record["what"]),
        next_step: text(&record["next_step"]),
        checks: list(&record["checks"]),
        warnings: list(&record["warnings"]),
        fields: fields(&record),
        groups: list(&record["facts"]["groups"]),
        attributes: attributes(&record["attributes"]),
        decisions: decisions(&record["organizations"]),
        received: text(&record["received"]),
    };
    page::html(StatusCode::OK, &page, &[])
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn list(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(text).collect()
}

fn fields(record: &Value) -> Vec<(&'static str, String)> {
    let facts = &record["facts"];
    let groups = match &facts["groups"] {
        Value::Array(groups) => Some(groups.len().to_string()),
        other => text(other),
    };
    [
        ("field-email", text(&facts["email"])),
        ("field-subject", text(&facts["subject"])),
        ("field-name", text(&facts["name"])),
        ("field-groups", groups),
        ("field-known-as", text(&record["known_as"])),
        ("field-refusal", text(&record["refusal"])),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, value?)))
    .collect()
}

fn attributes(value: &Value) -> Vec<(String, String)> {
    let pair = |pair: &Value| Some((text(&pair[0])?, list(&pair[1]).join(", ")));
    value.as_array().into_iter().flatten().filter_map(pair).collect()
}

fn decisions(value: &Value) -> Vec<DecisionLine> {
    let line = |one: &Value| {
        Some(DecisionLine {
            organization: text(&one["organization"])?,
            outcome: text(&one["outcome"])?,
            because: list(&one["because"]),
        })
    };
    value.as_array().into_iter().flatten().filter_map(line).collect()
}
