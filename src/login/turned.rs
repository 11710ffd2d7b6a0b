//! A message of an identity provider that is turned away: the cause for the admin under the incident code, little for the visitor.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use super::pages::OnwardPage;
use super::refusal::{self, Told};
use super::{context, flow, record, trial};
use crate::connection::Connection;
use crate::ids::Incident;
use crate::providers::Trouble;
use crate::provisioning::Refusal;
use crate::secrets;
use crate::session;
use crate::store;
use crate::store::pending::Purpose;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};

/// Why a message was turned away.
#[derive(Clone, Debug)]
pub struct Cause {
    /// What the visitor is told.
    pub refusal: Refusal,
    /// Which check failed: a stable name.
    pub check: &'static str,
    /// What was expected and found, for the admin.
    pub what: String,
    /// What the admin does next.
    pub next_step: String,
    /// The message without its secrets; shown to the operator who tests, kept for nobody else.
    pub received: Option<String>,
}

impl Cause {
    /// Nothing of the message is to be shown.
    pub fn new(refusal: Refusal, check: &'static str, what: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self { refusal, check, what: what.into(), next_step: next_step.into(), received: None }
    }

    /// The identity provider does not do its part.
    pub fn unavailable(trouble: Trouble) -> Self {
        Self::new(Refusal::IdpUnavailable, trouble.check, trouble.what, trouble.next_step)
    }
}

/// Turns a message away. A flood of rubbish is answered, but not written down without end. A test ends with its report instead.
pub async fn away(
    request: &HttpRequest,
    connection: &Connection,
    purpose: Purpose,
    cause: Cause,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let incident = Incident::from_random(secrets::random());
    let (slug, code, check) = (&connection.slug, cause.refusal.code(), cause.check);
    tracing::info!(connection = %slug, refusal = code, check, test = purpose == Purpose::Test, %incident, "a sign-in was refused");
    if gateway.failures.take(gateway.now()) {
        let mut kept = record::of_failure(connection, check, &cause.what, &cause.next_step);
        let (connection, asked) = (connection.clone(), context::Asked::of(request, &incident));
        let (catalog, refusal) = (gateway.config.catalog.clone(), cause.refusal);
        if let (Purpose::Test, Value::Object(kept)) = (purpose, &mut kept) {
            kept.insert("passed".to_owned(), false.into());
            kept.insert("refusal".to_owned(), code.into());
            kept.insert("received".to_owned(), cause.received.clone().into());
        }
        let write = gateway.db.write(move |tx| match purpose {
            Purpose::SignIn => flow::keep_failure(tx, &asked.context(&catalog), &connection, refusal, &kept),
            Purpose::Test => trial::failed(tx, &asked.context(&catalog), &connection, &asked.incident, &kept),
        });
        write.await?;
    }
    if purpose == Purpose::Test {
        return to_report(request, &incident);
    }
    gateway.metrics.sign_ins.add([code]);
    let parent = connection.parent;
    let contact = gateway.db.read(|tx| store::organizations::of_parent(tx, parent))?;
    let contact = contact.into_iter().find_map(|organization| organization.contact);
    let retry = Some(format!("/sign-in/{}", connection.slug));
    let idp = Some(connection.label.clone());
    refusal::page(request, cause.refusal, &incident, Told { contact, retry, idp, ..Told::default() })
}

/// To the report of a test. The operator's cookie does not travel with requests that another site has caused; this page's own
/// next step it does.
pub fn to_report(request: &HttpRequest, incident: &Incident) -> Result<HttpResponse, Failure> {
    let href = format!("/operator/tests/{incident}");
    page::html(StatusCode::OK, &OnwardPage { frame: Frame::of(request), href }, &[])
}
