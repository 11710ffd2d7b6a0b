//! The demo identity provider's own pages: the tour, people and groups, faults, the answers sent, metadata.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::faults::{Armed, Fault, Lasts};
use super::openid::keys;
use super::pages::{AnswerRow, AnswersPage, FaultsPage, Frame, ORGANIZATIONS, PeoplePage, PersonCard, TourPage};
use super::people::{People, PeopleError, PersonForm};
use super::push::client::{Outcome, automatically};
use super::sign_in::{Fields, field, hand_over};
use super::sites::Protocol;
use super::stage::{Stage, page, see};
use super::state::{Answer, Message};
use crate::audit::Actor;
use crate::login;

/// `GET /`: the tour.
pub async fn tour(stage: Data<Stage>) -> HttpResponse {
    let sites = &stage.sites;
    let shown = |origin: &str| origin.strip_prefix("http://").unwrap_or_default().to_owned();
    page(
        StatusCode::OK,
        &TourPage {
            frame: stage.frame("Tour", "/"),
            gateway: &sites.gateway,
            gateway_shown: &shown(&sites.gateway),
            application: sites.application(),
            application_shown: &shown(sites.application()),
            studio: sites.origin_of("studio"),
            playground: sites.origin_of("playground"),
            organizations: ORGANIZATIONS,
        },
    )
}

/// `POST /operator`: the link that `usher recover` would print.
pub async fn operator(stage: Data<Stage>) -> HttpResponse {
    let no_link = "The gateway's operator link cannot be made.".to_owned();
    let Some(gateway) = &stage.gateway else {
        return stage.problem(StatusCode::NOT_FOUND, "No operator", no_link, "Start the demo anew.");
    };
    match login::operator_link(gateway, Actor::System).await {
        Ok(url) => see(&url),
        Err(error) => {
            tracing::error!(%error, "The demo cannot make an operator link");
            stage.problem(StatusCode::INTERNAL_SERVER_ERROR, "No operator", no_link, "Start the demo anew.")
        }
    }
}

/// `GET /people`
pub async fn people(stage: Data<Stage>, query: Query<Fields>) -> HttpResponse {
    let note = match field(&query, "done") {
        Some("saved") => Some("Saved. It counts at the next sign-in."),
        Some("added") => Some("Added. They can sign in at once."),
        Some("removed") => Some("Removed. They cannot sign in any more; the gateway has not been told."),
        Some("reset") => Some("Everybody is as at the start."),
        Some("pushed") => Some("Saved, and pushed: the directory knows it already."),
        Some("not-taken") => Some("Saved. The directory did not take it: see the page \"Directory push\"."),
        _ => None,
    };
    people_page(&stage, note, None)
}

fn people_page(
    stage: &Stage,
    note: Option<&'static str>,
    refused: Option<(&str, PersonForm, PeopleError)>,
) -> HttpResponse {
    let people = stage.state.people();
    let mut cards: Vec<PersonCard> =
        people.all().iter().enumerate().map(|(at, person)| PersonCard::of(person, at, &people)).collect();
    let mut new = PersonCard::new(&people, PersonForm::default());
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    if let Some((subject, form, error)) = refused {
        match cards.iter().position(|card| card.person.subject == subject) {
            Some(at) => {
                let card = cards.remove(at).refused(form, error.to_string(), &people);
                cards.insert(at, card);
            }
            None => new = new.refused(form, error.to_string(), &people),
        }
    }
    let frame = Frame { note, ..stage.frame("People and groups", "/people") };
    page(status, &PeoplePage { frame, cards, new })
}

/// `POST /people`: somebody new.
pub async fn add_person(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    let form = PersonForm::read(&form);
    match stage.state.change_people(|people| people.add(&form).map(|person| person.subject.clone())) {
        Ok(subject) => saved(&stage, "added", &subject).await,
        Err(error) => people_page(&stage, None, Some(("", form, error))),
    }
}

/// `POST /people/change`
pub async fn change_person(stage: Data<Stage>, fields: Form<Fields>) -> HttpResponse {
    let subject = field(&fields, "person").unwrap_or_default();
    let form = PersonForm::read(&fields);
    match stage.state.change_people(|people| people.change(subject, &form).map(|_| ())) {
        Ok(()) => saved(&stage, "saved", subject).await,
        Err(error) => people_page(&stage, None, Some((subject, form, error))),
    }
}

/// `POST /people/remove`
pub async fn remove_person(stage: Data<Stage>, fields: Form<Fields>) -> HttpResponse {
    let subject = field(&fields, "person").unwrap_or_default();
    // Somebody who is gone already is what was asked for.
    let _ = stage.state.change_people(|people| people.remove(subject).map(|_| ()));
    saved(&stage, "removed", "").await
}

/// `POST /people/reset`
pub async fn reset_people(stage: Data<Stage>) -> HttpResponse {
    let _ = stage.state.change_people(|people| {
        *people = People::default();
        Ok::<(), PeopleError>(())
    });
    saved(&stage, "reset", "").await
}

/// After an edit: pushes it if that is switched on, and goes back to the page.
async fn saved(stage: &Stage, done: &str, subject: &str) -> HttpResponse {
    let done = match automatically(stage, "After an edit").await {
        None | Some(Outcome::Nothing) => done,
        Some(Outcome::Pushed) => "pushed",
        Some(Outcome::NotTaken | Outcome::Busy) => "not-taken",
    };
    let at = if subject.is_empty() { String::new() } else { format!("#{subject}") };
    see(&format!("/people?done={done}{at}"))
}

/// `GET /faults`
pub async fn faults(stage: Data<Stage>, query: Query<Fields>) -> HttpResponse {
    let note = match field(&query, "done") {
        Some("on") => Some("Switched on. Now sign in."),
        Some("off") => Some("Switched off. Answers are correct again."),
        _ => None,
    };
    let frame = Frame { note, ..stage.frame("Faults", "/faults") };
    page(
        StatusCode::OK,
        &FaultsPage { frame, protocols: Protocol::ALL.map(|protocol| (protocol, Fault::of(protocol))) },
    )
}

/// `POST /faults`: switches one on.
pub async fn fault_on(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    let protocol = field(&form, "protocol").and_then(Protocol::parse).unwrap_or(Protocol::Saml);
    let Some(fault) = field(&form, "fault").and_then(|word| Fault::parse(protocol, word)) else {
        return stage.problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "No such fault",
            "This identity provider cannot do that wrong.".to_owned(),
            "Choose one of the page \"Faults\".",
        );
    };
    let lasts = if field(&form, "lasts") == Some("until-off") { Lasts::UntilSwitchedOff } else { Lasts::NextSignIn };
    stage.state.arm(Some(Armed { fault, protocol, lasts }));
    see("/faults?done=on")
}

/// `POST /faults/off`
pub async fn fault_off(stage: Data<Stage>) -> HttpResponse {
    stage.state.arm(None);
    see("/faults?done=off")
}

/// `GET /answers`
pub async fn answers(stage: Data<Stage>) -> HttpResponse {
    let answers = stage.state.answers().into_iter();
    let rows = answers.map(|answer| AnswerRow {
        nth: answer.nth,
        connection: stage.sites.label(answer.connection),
        protocol: answer.message.protocol(),
        again: matches!(answer.message, Message::Saml { .. }),
        at: answer.at.to_string(),
        fault: answer.fault.map(Fault::title),
        unasked: answer.unasked,
        message: readable(&answer.message),
        who: answer.who,
    });
    let frame = stage.frame("Answers sent", "/answers");
    page(StatusCode::OK, &AnswersPage { frame, application: stage.sites.application(), answers: rows.collect() })
}

/// A message so that it can be read, XML with a tag a line. For the eye only: nothing is read from it.
fn readable(message: &Message) -> String {
    match message {
        Message::Saml { response, .. } => {
            let bytes = STANDARD.decode(response).unwrap_or_default();
            String::from_utf8_lossy(&bytes).replace("><", ">\n<")
        }
        Message::Token(token) => keys::readable(token),
        Message::Other(text) => text.clone(),
    }
}

/// `POST /answers/send`: the same bytes once more.
pub async fn send_again(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    let nth = field(&form, "nth").and_then(|nth| nth.parse::<u32>().ok());
    let found = stage.state.answers().into_iter().find(|answer| Some(answer.nth) == nth);
    let provider = found.as_ref().and_then(|answer| stage.sites.connection(answer.connection));
    let (Some(answer), Some(provider)) = (found, provider) else {
        return stage.problem(
            StatusCode::NOT_FOUND,
            "No such answer",
            "Only the last twenty answers are remembered.".to_owned(),
            "Choose one of the page \"Answers sent\".",
        );
    };
    let again = format!("{} (sent once more)", answer.who);
    let message = answer.message.clone();
    stage.state.sent(Answer { fault: Some(Fault::Replay), at: stage.clock.now(), ..answer });
    hand_over(&stage, again, &provider.acs, &message)
}

/// `GET /metadata`
pub async fn metadata(stage: Data<Stage>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/samlmetadata+xml").body(stage.metadata())
}

/// Anything else.
pub async fn not_found(stage: Data<Stage>) -> HttpResponse {
    stage.problem(
        StatusCode::NOT_FOUND,
        "There is nothing here",
        "This page of the demo identity provider does not exist.".to_owned(),
        "The tour knows the way.",
    )
}
