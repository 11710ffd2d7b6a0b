//! Signing out, from both sides: the gateway sends a browser here (RP-Initiated Logout), and the gateway is told that somebody
//! signed out here (Back-Channel Logout).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use super::super::pages::SignedOutPage;
use super::super::sign_in::{Fields, field};
use super::super::sites::Client;
use super::super::stage::{Stage, page, see};
use super::super::state::{Answer, Message};
use super::claims;
use crate::outbound::Purpose;
use crate::secrets;

/// `GET /oidc/sign-out`
pub async fn by_redirect(stage: Data<Stage>, query: Query<Fields>) -> HttpResponse {
    ended_at_the_gateway(&stage, &query)
}

/// `POST /oidc/sign-out` (RP-Initiated Logout 1.0, 2 asks for both).
pub async fn by_post(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    ended_at_the_gateway(&stage, &form)
}

/// Ends the session that the hint names, and sends the browser on to a registered address. Without a hint of a session there is
/// nothing to end, and nobody is sent anywhere unasked.
fn ended_at_the_gateway(stage: &Stage, fields: &[(String, String)]) -> HttpResponse {
    let session = field(fields, "id_token_hint").and_then(session_id).and_then(|sid| stage.openid.grants.end_one(&sid));
    let client_id = session.as_ref().map(|session| session.client_id.as_str()).or(field(fields, "client_id"));
    let client = client_id.and_then(|id| stage.sites.client(id));
    let place = field(fields, "post_logout_redirect_uri");
    let next = client.filter(|client| place == Some(client.after_sign_out.as_str()));
    let next = next.map(|client| with_state(client, field(fields, "state")));
    match (session, next) {
        (Some(_), Some(next)) => see(&next),
        (session, next) => {
            let frame = stage.frame_alone("Signed out");
            page(StatusCode::OK, &SignedOutPage { frame, ended: session.is_some(), next })
        }
    }
}

fn with_state(client: &Client, state: Option<&str>) -> String {
    match (Url::parse(&client.after_sign_out), state) {
        (Ok(mut url), Some(state)) => {
            url.query_pairs_mut().append_pair("state", state);
            url.into()
        }
        _ => client.after_sign_out.clone(),
    }
}

/// The session an ID token is of. Its signature is not looked at: the id has 128 random bits that only its client was told.
fn session_id(token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims.get("sid")?.as_str().map(str::to_owned)
}

/// `POST /openid/sign-out`: tells every client where a person is signed in that they are not any more.
pub async fn everywhere(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    let ended = stage.openid.grants.end(field(&form, "person").unwrap_or_default());
    if ended.is_empty() {
        return see("/openid?done=nowhere");
    }
    let mut told = Vec::new();
    let mut all_heard = true;
    for session in ended {
        let Some(client) = stage.sites.client(&session.client_id) else { continue };
        if told.contains(&client.slug) {
            continue;
        }
        told.push(client.slug);
        all_heard &= tell(&stage, client, &session.subject).await;
    }
    see(if all_heard { "/openid?done=told" } else { "/openid?done=not-heard" })
}

/// Sends a logout token, and remembers it with what the gateway said. `true` if it took it.
async fn tell(stage: &Stage, client: &Client, subject: &str) -> bool {
    let (now, id) = (stage.clock.now(), secrets::public_id("logout-"));
    let claims = claims::logout_token(stage.sites.issuer(), &client.client_id, subject, &id, now);
    let token = stage.openid.keys().sign("logout+jwt", &claims);
    let body = Serializer::new(String::new()).append_pair("logout_token", &token).finish();
    let headers: [(&str, &[u8]); 1] = [("content-type", b"application/x-www-form-urlencoded")];
    let answer = stage.outbound.post(Purpose::Demo, &client.back_channel, &headers, body, 64 * 1024).await;
    let (heard, said) = match answer {
        Ok(answer) => (matches!(answer.status, 200 | 204), format!("the gateway answered {}", answer.status)),
        Err(error) => {
            tracing::warn!(%error, "The demo's gateway cannot be told of a sign-out");
            (false, "the gateway did not answer".to_owned())
        }
    };
    let people = stage.state.people();
    let name = people.find(subject).map_or(subject, |person| person.name.as_str());
    stage.state.sent(Answer {
        nth: 0,
        at: now,
        who: format!("{name}, signed out everywhere: {said}"),
        connection: client.slug,
        fault: None,
        unasked: true,
        message: Message::Token(token),
    });
    heard
}
