//! A test sign-in: the whole way of a real one, with nothing of it written but its report (rule B5).

use serde_json::{Value, json};

use super::answer::VerifiedAnswer;
use super::flow::Finish;
use super::record;
use crate::audit::Event;
use crate::clock::Timestamp;
use crate::connection::Connection;
use crate::db::{DbError, Tx};
use crate::ids::Incident;
use crate::membership::{self, Context, SignIn};
use crate::secrets;
use crate::store;

/// The code under which a passed test is kept.
pub const PASSED: &str = "test_passed";
/// The code under which a failed test is kept.
pub const FAILED: &str = "test_failed";

/// What a test is good for, in hex: the settings it was made with.
pub fn trust_mark(connection: &Connection) -> String {
    secrets::mark(&connection.proven())
}

/// Ends a test whose message passed every check: shows what a sign-in would do in each organization, and marks the connection
/// as tested if nothing that it proves has changed in between. `reports` is the path under which whoever tests sees their reports.
pub fn finish(
    tx: &mut dyn Tx,
    finish: &Finish<'_>,
    connection: &Connection,
    answer: &VerifiedAnswer,
    reports: &str,
) -> Result<(), DbError> {
    let context = finish.context();
    let sign_in = SignIn { connection, identity: &answer.identity, new_public_id: finish.new_public_id };
    let trial = membership::trial(tx, &context, &sign_in)?;
    let notes = answer.notes.as_ref();
    let same_trust = notes.is_some_and(|notes| notes.trust == trust_mark(connection));
    if same_trust {
        store::connections::update(tx, &Connection { tested: Some(finish.now), ..connection.clone() })?;
    }
    let mut report = record::of_decision(connection, &answer.identity, &answer.warnings, &trial.organizations);
    let more = json!({
        "passed": same_trust,
        "reports": reports,
        "checks": notes.map(|notes| &notes.checks),
        "received": notes.map(|notes| &notes.received),
        "attributes": notes.map(|notes| &notes.attributes),
        "known_as": trial.person.as_ref().map(|person| person.email.to_string()),
        "refusal": trial.refusal.map(|refusal| refusal.code()),
    });
    if let (Value::Object(report), Value::Object(more)) = (&mut report, more) {
        report.extend(more);
    }
    if !same_trust {
        report["what"] = "the connection was changed while the test was on its way; test it again".into();
    }
    let code = if same_trust { PASSED } else { FAILED };
    keep(tx, &context, connection, finish.incident, finish.now, code, &report)
}

/// Ends a test whose message failed a check.
pub fn failed(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    connection: &Connection,
    incident: &Incident,
    report: &Value,
) -> Result<(), DbError> {
    keep(tx, context, connection, incident, context.now, FAILED, report)
}

fn keep(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    connection: &Connection,
    incident: &Incident,
    at: Timestamp,
    code: &str,
    report: &Value,
) -> Result<(), DbError> {
    let event = Event::ConnectionTested { name: connection.slug.to_string(), passed: code == PASSED };
    context.record(tx, Some(connection.parent), None, event)?;
    store::attempts::add(
        tx,
        &store::attempts::Attempt {
            incident: incident.clone(),
            at,
            parent: Some(connection.parent),
            connection: Some(connection.id),
            person: None,
            code: code.to_owned(),
            record: report.to_string(),
        },
    )
}
