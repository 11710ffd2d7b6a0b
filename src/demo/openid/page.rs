//! The page "OpenID Connect" of the demo identity provider: what is registered, what it signs with, who is signed in where.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};

use super::super::pages::{Frame, OpenidPage, SessionRow};
use super::super::sign_in::{Fields, field};
use super::super::stage::{Stage, page, see};
use super::keys::Algorithm;

/// `GET /openid`
pub async fn show(stage: Data<Stage>, query: Query<Fields>) -> HttpResponse {
    let note = match field(&query, "done") {
        Some("algorithm") => Some("New tokens are signed so from now on."),
        Some("rotated") => Some("New keys. The next sign-in is signed with a key that the gateway has not seen yet."),
        Some("told") => Some("The gateway was told, and took it. What was sent is on the page \"Answers sent\"."),
        Some("not-heard") => Some("The gateway did not take it. What was sent is on the page \"Answers sent\"."),
        Some("nowhere") => Some("Nobody of that name is signed in anywhere."),
        _ => None,
    };
    let (algorithm, key_id) = {
        let keys = stage.openid.keys();
        (keys.algorithm, keys.key_id())
    };
    let people = stage.state.people();
    let mut sessions: Vec<SessionRow> = Vec::new();
    // Newest first: the first of each person at each client is the last that began.
    for session in stage.openid.grants.sessions() {
        let at = stage.sites.client(&session.client_id).map_or("", |client| client.label);
        match sessions.iter_mut().find(|row| row.subject == session.subject && row.at == at) {
            Some(row) => row.count += 1,
            None => sessions.push(SessionRow {
                name: people.find(&session.subject).map_or_else(|| session.subject.clone(), |known| known.name.clone()),
                since: session.since.to_string(),
                subject: session.subject,
                count: 1,
                at,
            }),
        }
    }
    let frame = Frame { note, ..stage.frame("OpenID Connect", "/openid") };
    let issuer = stage.sites.issuer();
    let page_of = OpenidPage {
        frame,
        issuer,
        clients: &stage.sites.clients,
        algorithms: &Algorithm::ALL,
        algorithm,
        key_id,
        sessions,
    };
    page(StatusCode::OK, &page_of)
}

/// `POST /openid/algorithm`
pub async fn sign_with(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    if let Some(algorithm) = field(&form, "algorithm").and_then(Algorithm::parse) {
        stage.openid.keys().algorithm = algorithm;
    }
    see("/openid?done=algorithm")
}

/// `POST /openid/rotate`
pub async fn rotate(stage: Data<Stage>) -> HttpResponse {
    // Making an RSA key takes a moment; the one worker has other visitors.
    let rotated = actix_web::web::block(move || stage.openid.keys().rotate()).await;
    match rotated {
        Ok(Ok(())) => see("/openid?done=rotated"),
        Ok(Err(_)) | Err(_) => HttpResponse::InternalServerError().body("New keys cannot be made.\n"),
    }
}
