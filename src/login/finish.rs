//! The end of a sign-in, in the browser that began it.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::answer::VerifiedAnswer;
use super::context::Asked;
use super::flow::{self, Finish, Finished, Unfinished};
use super::pages::ConfirmPersonPage;
use super::refusal::{self, Told};
use super::start::origin_of;
use super::turned;
use crate::ids::Incident;
use crate::provisioning::Refusal;
use crate::secrets::{self, Token};
use crate::session;
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::page::{self, Frame, Site};

/// `?code=`
#[derive(Debug, Deserialize)]
pub struct Code {
    code: String,
}

/// The result of a sign-in that led to a session, in the metrics.
const ADMITTED: &str = "admitted";

/// `GET /sign-in/finish`
pub async fn show(request: HttpRequest, query: Query<Code>) -> Result<HttpResponse, Failure> {
    match Token::parse(&query.code) {
        Some(code) => finish(&request, &code, false, None).await,
        None => nothing_waits(&request).await,
    }
}

/// `POST /sign-in/finish`: the person confirmed an answer that nobody had asked for.
pub async fn confirm(request: HttpRequest, form: Posted) -> Result<HttpResponse, Failure> {
    match Token::parse(form.field("code")) {
        Some(code) => finish(&request, &code, true, None).await,
        None => nothing_waits(&request).await,
    }
}

/// Finishes the sign-in of a one-time code, in the browser that began it. `brought` is what was verified in this very request, for
/// a sign-in that was claimed under the code.
pub(super) async fn finish(
    request: &HttpRequest,
    code: &Token,
    confirmed: bool,
    brought: Option<VerifiedAnswer>,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let incident = Incident::from_random(secrets::random());
    let asked = Asked::about(request, &incident);
    let (token, public_id) = (Token::new(), secrets::public_id("p-"));
    let (finish_hash, new_session) = (code.hash(), token.hash());
    let browser_hash = page::known_browser(request).map(|browser| browser.hash());
    let old_session = session::token_hash(request);
    let write = gateway.db.write({
        let (catalog, absolute) = (gateway.config.catalog.clone(), gateway.config.session.absolute);
        move |tx| {
            let finish = Finish {
                finish_hash,
                browser_hash,
                confirmed,
                old_session,
                new_session,
                new_public_id: &public_id,
                incident: &asked.incident,
                absolute,
                address: &asked.address,
                user_agent: &asked.user_agent,
                origin_of,
                catalog: &catalog,
                now: asked.now,
            };
            match &brought {
                Some(answer) => flow::bring(tx, &finish, answer),
                None => flow::finish(tx, &finish),
            }
        }
    });
    let finished = write.await?;
    let site = Site::of(request);
    match finished {
        Finished::SignedIn { return_to, refused_there: None } => {
            gateway.metrics.sign_ins.add([ADMITTED]);
            Ok(page::see_other(&return_to, &[site.cookies.session(token.text())]))
        }
        Finished::SignedIn { refused_there: Some(there), .. } => {
            gateway.metrics.sign_ins.add([ADMITTED]);
            tracing::info!(refusal = there.refusal.code(), %incident, "signed in, but refused where they wanted to go");
            let told = Told {
                organization: Some(there.organization),
                contact: there.contact,
                has_session: true,
                ..Told::default()
            };
            let mut response = refusal::page(request, there.refusal, &incident, told)?;
            let set = response.add_cookie(&site.cookies.session(token.text()));
            set.map_err(|error| Failure::Internal(error.to_string()))?;
            Ok(response)
        }
        Finished::Confirm { email } => {
            let page = ConfirmPersonPage { frame: Frame::of(request), email, code: code.text() };
            page::html(StatusCode::OK, &page, &[])
        }
        Finished::Refused { refusal, contact, email } => {
            gateway.metrics.sign_ins.add([refusal.code()]);
            tracing::info!(refusal = refusal.code(), %incident, "a sign-in was refused");
            refusal::page(request, refusal, &incident, Told { email: Some(email), contact, ..Told::default() })
        }
        Finished::Tested { reports } => turned::to_report(request, &reports, &incident),
        Finished::Expired(unfinished) => expired(request, incident, *unfinished).await,
    }
}

async fn nothing_waits(request: &HttpRequest) -> Result<HttpResponse, Failure> {
    expired(request, Incident::from_random(secrets::random()), Unfinished::NOTHING_WAITS).await
}

/// The person signs in again; the admin finds why under the code. A flood is answered, but not written down without end.
async fn expired(request: &HttpRequest, incident: Incident, unfinished: Unfinished) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    tracing::info!(refusal = Refusal::SignInExpired.code(), check = unfinished.check, %incident, "a sign-in was refused");
    gateway.metrics.sign_ins.add([Refusal::SignInExpired.code()]);
    let retry = unfinished.connection.as_ref().map(|connection| format!("/sign-in/{}", connection.slug));
    if gateway.failures.take(gateway.now()) {
        let (asked, catalog) = (Asked::about(request, &incident), gateway.config.catalog.clone());
        gateway.db.write(move |tx| flow::keep_unfinished(tx, &asked.context(&catalog), &unfinished)).await?;
    }
    refusal::page(request, Refusal::SignInExpired, &incident, Told { retry, ..Told::default() })
}
