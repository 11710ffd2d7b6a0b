//! The authorization endpoint: takes the gateway's question, lets the visitor choose a person, sends the browser back with a code.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};

use super::super::faults::Fault;
use super::super::sign_in::{Asker, Fields, chosen_person, field, not_chosen, picker};
use super::super::sites::Protocol;
use super::super::stage::{Stage, see};
use super::super::state::{Answer, Message};
use super::grants::Grant;
use super::request::{self, AuthorizationRequest, FIELDS, NotAnswered};
use crate::secrets;

/// `GET /oidc/authorize`
pub async fn asked_by_redirect(stage: Data<Stage>, query: Query<Fields>) -> HttpResponse {
    choose(&stage, &query)
}

/// `POST /oidc/authorize` (OpenID Connect Core 3.1.2.1 asks for both).
pub async fn asked_by_post(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    choose(&stage, &form)
}

fn choose(stage: &Stage, fields: &[(String, String)]) -> HttpResponse {
    let asked = match request::read(&stage.sites, fields) {
        Ok(asked) => asked,
        Err(error) => return not_answered(stage, error),
    };
    let asker = Asker {
        protocol: Protocol::Oidc,
        label: asked.client.label,
        domain: asked.client.domain,
        hint: asked.login_hint.as_deref(),
    };
    let hidden = FIELDS.iter().filter_map(|name| Some((*name, field(fields, name)?))).collect();
    let who = format!("The gateway, for {},", asked.client.label);
    picker(stage, &asker, "/oidc/authorize/answer", hidden, who)
}

/// `POST /oidc/authorize/answer`: a person was chosen.
pub async fn answered(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    let asked = match request::read(&stage.sites, &form) {
        Ok(asked) => asked,
        Err(error) => return not_answered(&stage, error),
    };
    let people = stage.state.people();
    let person = match chosen_person(&people, &form) {
        Ok(person) => person,
        Err(why) => return not_chosen(&stage, &why),
    };
    let chosen = field(&form, "fault").and_then(|word| Fault::parse(Protocol::Oidc, word));
    let fault = stage.state.fault_for_this_answer(Protocol::Oidc, chosen);
    let to =
        |issuer: &str, answer: &[(&str, &str)]| request::back(issuer, asked.client, asked.state.as_deref(), answer);
    let issuer = stage.sites.issuer();
    // What is sent now is all there will be: no token is asked for.
    let only = |location: String| {
        stage.state.sent(Answer {
            nth: 0,
            at: stage.clock.now(),
            who: format!("{} <{}>", person.name, person.email),
            connection: asked.client.slug,
            fault,
            unasked: false,
            message: Message::Other(format!("The browser was sent to\n{location}")),
        });
        see(&location)
    };
    match fault {
        Some(Fault::Refusal) => {
            let description = "The person is not assigned to this application.";
            only(to(issuer, &[("error", "access_denied"), ("error_description", description)]))
        }
        Some(Fault::Replay) => match stage.openid.grants.last_used(&asked.client.client_id) {
            Some(code) => only(to(issuer, &[("code", &code)])),
            None => nothing_to_replay(&stage),
        },
        Some(Fault::MixUp) => {
            only(to("https://another-provider.test", &[("code", &give(&stage, &asked, &person.subject, fault))]))
        }
        _ => see(&to(issuer, &[("code", &give(&stage, &asked, &person.subject, fault))])),
    }
}

fn give(stage: &Stage, asked: &AuthorizationRequest<'_>, subject: &str, fault: Option<Fault>) -> String {
    let now = stage.clock.now();
    let grant = Grant {
        client_id: asked.client.client_id.clone(),
        redirect_uri: asked.client.redirect_uri.clone(),
        challenge: asked.challenge.clone(),
        nonce: asked.nonce.clone(),
        subject: subject.to_owned(),
        sid: secrets::public_id("sid-"),
        authenticated: now,
        fault,
    };
    stage.openid.grants.give(grant, now)
}

fn not_answered(stage: &Stage, error: NotAnswered) -> HttpResponse {
    match error {
        NotAnswered::Error { location, .. } => see(&location),
        NotAnswered::Stranger | NotAnswered::OtherPlace => stage.problem(
            StatusCode::BAD_REQUEST,
            "This sign-in cannot be answered",
            error.to_string(),
            "Begin again at the application or the gateway.",
        ),
    }
}

fn nothing_to_replay(stage: &Stage) -> HttpResponse {
    stage.problem(
        StatusCode::CONFLICT,
        "There is nothing to send",
        "No code was used over this connection yet, so there is none to send again.".to_owned(),
        "Sign in correctly once, then try the replay.",
    )
}
