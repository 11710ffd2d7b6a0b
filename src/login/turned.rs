//! A message of an identity provider that is turned away: the cause for the admin under the incident code, little for the visitor.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use super::pages::OnwardPage;
use super::refusal::{self, Told};
use super::start::Begin;
use super::{context, flow, record, trial};
use crate::connection::Connection;
use crate::ids::Incident;
use crate::providers::Trouble;
use crate::provisioning::Refusal;
use crate::secrets;
use crate::session;
use crate::store;
use crate::store::pending::{Known, Purpose};
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};

/// What a message belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// A sign-in, or nobody knows.
    SignIn,
    /// A test, whose report is shown under this path.
    Test(String),
}

impl Errand {
    /// What was begun, as far as something was.
    pub fn of(known: Option<&Known>) -> Self {
        match known {
            Some(known) if known.purpose == Purpose::Test => Self::Test(known.return_to.clone()),
            Some(_) | None => Self::SignIn,
        }
    }

    /// What is being begun.
    pub fn begun(wanted: &Begin<'_>) -> Self {
        match wanted.purpose {
            Purpose::SignIn => Self::SignIn,
            Purpose::Test => Self::Test(wanted.destination.to_owned()),
        }
    }

    /// It is a test.
    pub fn is_test(&self) -> bool {
        matches!(self, Self::Test(_))
    }
}

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
    errand: &Errand,
    cause: Cause,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let incident = Incident::from_random(secrets::random());
    let (slug, code, check) = (&connection.slug, cause.refusal.code(), cause.check);
    tracing::info!(connection = %slug, refusal = code, check, test = errand.is_test(), %incident, "a sign-in was refused");
    if gateway.failures.take(gateway.now()) {
        let mut kept = record::of_failure(connection, check, &cause.what, &cause.next_step);
        let (connection, asked) = (connection.clone(), context::Asked::about(request, &incident));
        let (catalog, refusal) = (gateway.config.catalog.clone(), cause.refusal);
        if let (Errand::Test(reports), Value::Object(kept)) = (errand, &mut kept) {
            kept.insert("reports".to_owned(), reports.as_str().into());
            kept.insert("passed".to_owned(), false.into());
            kept.insert("refusal".to_owned(), code.into());
            kept.insert("received".to_owned(), cause.received.clone().into());
        }
        let test = errand.is_test();
        let write = gateway.db.write(move |tx| match test {
            false => flow::keep_failure(tx, &asked.context(&catalog), &connection, refusal, &kept),
            true => trial::failed(tx, &asked.context(&catalog), &connection, &asked.incident, &kept),
        });
        write.await?;
    }
    if let Errand::Test(reports) = errand {
        return to_report(request, reports, &incident);
    }
    gateway.metrics.sign_ins.add([code]);
    let parent = connection.parent;
    let contact = gateway.db.read(|tx| store::organizations::of_parent(tx, parent))?;
    let contact = contact.into_iter().find_map(|organization| organization.contact);
    let retry = Some(format!("/sign-in/{}", connection.slug));
    let idp = Some(connection.label.clone());
    refusal::page(request, cause.refusal, &incident, Told { contact, retry, idp, ..Told::default() })
}

/// To the report of a test. Strict cookies do not travel with requests that another site has caused; with this page's own next step
/// they do.
pub fn to_report(request: &HttpRequest, reports: &str, incident: &Incident) -> Result<HttpResponse, Failure> {
    let href = format!("{reports}/{incident}");
    page::html(StatusCode::OK, &OnwardPage { frame: Frame::of(request), href }, &[])
}
