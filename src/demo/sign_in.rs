//! The sign-in at the demo identity provider: takes the gateway's question, lets the visitor choose a person, sends the answer.
//! Builds no SAML itself (`issuer`), and asks for no password.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};

use super::answers::{AnswerError, Ask, answer};
use super::faults::Fault;
use super::pages::{AnswerPage, PickerPage, StartPage};
use super::people::{People, Person};
use super::request::{self, AuthnRequest, Binding, RequestError};
use super::sites::{Protocol, ServiceProvider};
use super::stage::{Stage, page};
use super::state::Message;

/// Form and query fields, repeated ones included.
pub type Fields = Vec<(String, String)>;

/// The first field of a name.
pub fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}

/// `GET /sso`: the gateway asks by redirect.
pub async fn asked_by_redirect(stage: Data<Stage>, query: Query<Fields>) -> HttpResponse {
    choose(&stage, Binding::Redirect, &query)
}

/// `POST /sso`: the gateway asks by form.
pub async fn asked_by_post(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    choose(&stage, Binding::Post, &form)
}

fn choose(stage: &Stage, binding: Binding, fields: &[(String, String)]) -> HttpResponse {
    let message = field(fields, "SAMLRequest").unwrap_or_default();
    let asker = match asker(stage, message, binding) {
        Ok((_, asker)) => asker,
        Err(error) => return not_answered(stage, &error),
    };
    let mut hidden = vec![("SAMLRequest", message), ("binding", binding.as_str())];
    hidden.extend(field(fields, "RelayState").map(|relay_state| ("RelayState", relay_state)));
    let who = format!("The gateway, for {},", asker.label);
    picker(stage, &Asker::of(asker), "/sso/answer", hidden, who)
}

/// Who wants to know who somebody is, in whichever protocol.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The protocol.
    pub protocol: Protocol,
    /// What pages call the company.
    pub label: &'static str,
    /// Its people's domain.
    pub domain: &'static str,
    /// The address of the person expected.
    pub hint: Option<&'a str>,
}

impl Asker<'_> {
    fn of(provider: &ServiceProvider) -> Self {
        Self { protocol: Protocol::Saml, label: provider.label, domain: provider.domain, hint: None }
    }
}

/// The page of people.
pub fn picker(
    stage: &Stage,
    asker: &Asker<'_>,
    action: &str,
    hidden: Vec<(&'static str, &str)>,
    who: String,
) -> HttpResponse {
    let people = stage.state.people();
    let (mut here, elsewhere): (Vec<&Person>, Vec<&Person>) =
        people.all().iter().partition(|person| person.domain() == asker.domain);
    // Whoever is expected comes first; the others keep their order.
    here.sort_by_key(|person| asker.hint != Some(person.email.as_str()));
    page(
        StatusCode::OK,
        &PickerPage {
            frame: stage.frame_alone("Who are you?"),
            asker: who,
            connection: asker.label,
            action,
            hidden,
            here,
            elsewhere,
            protocol: asker.protocol,
            faults: Fault::of(asker.protocol),
        },
    )
}

/// `POST /sso/answer`: a person was chosen.
pub async fn answered(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    let binding = field(&form, "binding").and_then(Binding::parse).unwrap_or(Binding::Redirect);
    let (request, asker) = match asker(&stage, field(&form, "SAMLRequest").unwrap_or_default(), binding) {
        Ok(found) => found,
        Err(error) => return not_answered(&stage, &error),
    };
    send(&stage, asker, Some(&request), &form).await
}

/// `GET /start`: where one can start without being asked.
pub async fn start(stage: Data<Stage>) -> HttpResponse {
    let frame = stage.frame("Start from here", "/start");
    page(StatusCode::OK, &StartPage { frame, providers: &stage.sites.service_providers })
}

/// `GET /start/{connection}`: who starts?
pub async fn start_at(stage: Data<Stage>, connection: Path<String>) -> HttpResponse {
    let Some(provider) = stage.sites.connection(&connection) else { return nowhere(&stage) };
    let action = format!("/start/{}", provider.slug);
    picker(
        &stage,
        &Asker::of(provider),
        &action,
        Vec::new(),
        format!("You start here, towards {}. The gateway never", provider.label),
    )
}

/// `POST /start/{connection}`: an answer that nobody asked for.
pub async fn started(stage: Data<Stage>, connection: Path<String>, form: Form<Fields>) -> HttpResponse {
    let Some(provider) = stage.sites.connection(&connection) else { return nowhere(&stage) };
    send(&stage, provider, None, &form).await
}

async fn send(
    stage: &Stage,
    provider: &ServiceProvider,
    request: Option<&AuthnRequest>,
    form: &[(String, String)],
) -> HttpResponse {
    let people = stage.state.people();
    let person = match chosen_person(&people, form) {
        Ok(person) => person,
        Err(why) => return not_chosen(stage, &why),
    };
    let chosen = field(form, "fault").and_then(|word| Fault::parse(Protocol::Saml, word));
    let relay_state = field(form, "RelayState").filter(|state| state.len() <= 1024).map(str::to_owned);
    match answer(stage, Ask { provider, person, request, relay_state, chosen }).await {
        Ok(sent) => {
            let how = sent.fault.map_or_else(String::new, |fault| format!(" ({})", fault.title()));
            hand_over(stage, format!("{}{how}", sent.who), &provider.acs, &sent.message)
        }
        Err(error) => not_made(stage, &error),
    }
}

/// Why nobody signs in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotChosen {
    /// The form names nobody.
    #[error("The person is not here any more.")]
    Gone,
    /// Switched off here.
    #[error("{0} is suspended here, and cannot sign in.")]
    Suspended(String),
}

/// Who was chosen, if they may sign in here.
pub fn chosen_person<'a>(people: &'a People, form: &[(String, String)]) -> Result<&'a Person, NotChosen> {
    match field(form, "person").and_then(|subject| people.find(subject)) {
        Some(person) if person.suspended => Err(NotChosen::Suspended(person.name.clone())),
        Some(person) => Ok(person),
        None => Err(NotChosen::Gone),
    }
}

/// The page about it.
pub fn not_chosen(stage: &Stage, why: &NotChosen) -> HttpResponse {
    let next = "Go back and choose somebody else.";
    stage.problem(StatusCode::UNPROCESSABLE_ENTITY, "Nobody signs in", why.to_string(), next)
}

/// The page that posts a SAML answer to the gateway; nothing else is posted.
pub fn hand_over(stage: &Stage, who: String, acs: &str, message: &Message) -> HttpResponse {
    let Message::Saml { response, relay_state } = message else { return not_posted(stage) };
    let relay_state = relay_state.as_deref();
    let summary = format!("Signed in here as {who}. The answer goes through your browser.");
    page(
        StatusCode::OK,
        &AnswerPage { frame: stage.frame_alone("On the way back"), summary, acs, response, relay_state },
    )
}

fn asker<'a>(
    stage: &'a Stage,
    message: &str,
    binding: Binding,
) -> Result<(AuthnRequest, &'a ServiceProvider), AskedError> {
    let request = request::read(message, binding)?;
    let asker = stage.sites.service_provider(&request.issuer).ok_or(AskedError::Stranger)?;
    if request.acs.as_ref().is_some_and(|acs| *acs != asker.acs) {
        return Err(AskedError::OtherAcs);
    }
    Ok((request, asker))
}

/// Why a question is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskedError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(#[from] RequestError),
    /// Nobody we know.
    #[error("This identity provider answers the demo's own gateway only, and somebody else asks.")]
    Stranger,
    /// An answer to there would go astray.
    #[error("The request wants the answer sent to an address that is not the gateway's.")]
    OtherAcs,
}

fn not_answered(stage: &Stage, error: &AskedError) -> HttpResponse {
    stage.problem(
        StatusCode::BAD_REQUEST,
        "This sign-in cannot be answered",
        error.to_string(),
        "Begin again at the application or the gateway.",
    )
}

/// The page when no answer could be made.
pub fn not_made(stage: &Stage, error: &AnswerError) -> HttpResponse {
    if let AnswerError::Gateway(source) = error {
        tracing::warn!(error = %source, "The demo's gateway did not give its metadata");
    }
    stage.problem(StatusCode::CONFLICT, "There is nothing to send", error.to_string(), error.next_step())
}

fn not_posted(stage: &Stage) -> HttpResponse {
    stage.problem(
        StatusCode::UNPROCESSABLE_ENTITY,
        "This cannot be sent again",
        "It did not go through the browser.".to_owned(),
        "A replay of OpenID Connect is one of the faults.",
    )
}

fn nowhere(stage: &Stage) -> HttpResponse {
    stage.problem(
        StatusCode::NOT_FOUND,
        "No such connection",
        "The demo's gateway has no connection of this name.".to_owned(),
        "Choose one on the page \"Start from here\".",
    )
}
