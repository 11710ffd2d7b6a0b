use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;

use crate::audit::Event;
use crate::connection::Connection;
use crate::db::{DbError, Tx};
use crate::identity::{EmailAddress, Subject};
use crate::ids::Incident;
use crate::product::{Permission, Product, SeatTypeKey};
use crate::provisioning::Refusal;
use crate::session::{self, Admin};
use crate::settings::change::change;
use crate::settings::frame::{Nav, When};
use crate::settings::overview::{self, SeatLine};
use crate::settings::words;
use crate::store;
use crate::store::attempts::Attempt;
use crate::web::failure::Failure;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// Why a sign-in ended as it did (rule B39).
#[derive(Template)]
#[template(path = "settings/decision.html")]
pub struct DecisionPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The code.
    pub incident: String,
    /// When.
    pub at: When,
    /// How it ended.
    pub outcome: String,
    /// The connection's name.
    pub connection: Option<String>,
    /// The person's page, where they are known here.
    pub person: Option<String>,
    /// The check that failed, where the message could not be trusted.
    pub check: Option<String>,
    /// What was wrong with it.
    pub what: Option<String>,
    /// What to do about it.
    pub next_step: Option<String>,
    /// What an admin should know although it passed.
    pub warnings: Vec<String>,
    /// What was received: text key and value.
    pub facts: Vec<(&'static str, String)>,
    /// The groups received, if they were listed.
    pub groups: Option<Vec<String>>,
    /// What this organization decided.
    pub decision: Option<Decided>,
    /// Where the message is shown, if it was kept and this admin may see it.
    pub message: Option<String>,
    /// Whose link to the identity provider would have to be forgotten to let this sign-in in, and where that is done (rule B9).
    pub relink: Option<(String, String)>,
}

/// What an organization decided.
pub struct Decided {
    /// The result, in words.
    pub result: String,
    /// The reasons, in order.
    pub reasons: Vec<String>,
    /// The seats at that moment.
    pub seats: Vec<SeatLine>,
}

/// The message of a sign-in, without its secrets.
#[derive(Template)]
#[template(path = "settings/message.html")]
pub struct MessagePage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The code.
    pub incident: String,
    /// What was sent about the person: name and values.
    pub attributes: Vec<(String, String)>,
    /// The message, laid out.
    pub received: String,
}

/// `GET /admin/{organization}/events/{incident}`
pub async fn show(request: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?;
    let attempt = attempt(&request, &admin, &path.1)?;
    let record: Value = serde_json::from_str(&attempt.record).unwrap_or(Value::Null);
    let frame = Frame::of(&request);
    let (connection, person, relink) = gateway.db.read(|tx| -> Result<_, DbError> {
        let connection = match attempt.connection {
            Some(id) => store::connections::by_id(tx, id)?,
            None => None,
        };
        let line = match attempt.person {
            Some(id) => store::roster::line(tx, admin.organization.id, id)?,
            None => None,
        };
        let relink = match &connection {
            Some(connection) if admin.may(Permission::Identity) => {
                relink(tx, &admin, connection, &attempt, &record["facts"])?
            }
            _ => None,
        };
        Ok((connection, line.filter(|line| line.member.is_some() || line.waiting.is_some()), relink))
    })?;
    let slug = &admin.organization.slug;
    let message = record["received"].is_string() && admin.may(Permission::Identity);
    let page = DecisionPage {
        nav: Nav::of(&request, &admin, "nav-events")?,
        incident: attempt.incident.to_string(),
        at: When(attempt.at),
        outcome: ended(&attempt.code, product, frame.texts),
        connection: connection.map(|connection| connection.label),
        person: person.map(|line| format!("/admin/{slug}/members/{}", line.person.public_id)),
        check: text(&record["check"]),
        what: text(&record["what"]),
        next_step: text(&record["next_step"]),
        warnings: list(&record["warnings"]),
        facts: facts(&record["facts"]),
        groups: record["facts"]["groups"].is_array().then(|| list(&record["facts"]["groups"])),
        decision: decided(&record["organizations"], slug.as_str(), product, frame.texts),
        message: message.then(|| format!("/admin/{slug}/events/{}/message", attempt.incident)),
        relink,
        frame,
    };
    page::html(StatusCode::OK, &page, &[])
}

/// Who holds the address of a sign-in that was refused because the connection knows them by another subject, as things are now: the
/// address, and the page where that is forgotten.
fn relink(
    tx: &mut dyn Tx,
    admin: &Admin,
    connection: &Connection,
    attempt: &Attempt,
    facts: &Value,
) -> Result<Option<(String, String)>, DbError> {
    let sent = |name: &str| facts[name].as_str();
    let email = sent("email").and_then(|text| EmailAddress::parse(text).ok());
    let subject = sent("subject").and_then(Subject::new);
    let (Some(email), Some(subject)) = (email, subject) else { return Ok(None) };
    // A subject that is known is somebody else's: forgetting this one would not let it in.
    if Refusal::parse(&attempt.code) != Some(Refusal::IdentityConflict)
        || store::people::by_subject(tx, connection.id, &subject)?.is_some()
    {
        return Ok(None);
    }
    let Some(holder) = store::people::by_email(tx, admin.organization.parent, &email)? else { return Ok(None) };
    let line = store::roster::line(tx, admin.organization.id, holder.id)?;
    let here = line.is_some_and(|line| line.member.is_some() || line.waiting.is_some());
    if !here || !store::people::is_known_to(tx, holder.id, connection.id)? {
        return Ok(None);
    }
    let slug = &admin.organization.slug;
    let href = format!("/admin/{slug}/members/{}/relink/{}", holder.public_id, connection.slug);
    Ok(Some((holder.email.to_string(), href)))
}

/// `GET /admin/{organization}/events/{incident}/message`: what the identity provider sent, without its secrets. That somebody
/// looked at it is recorded.
pub async fn message(request: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let attempt = attempt(&request, &admin, &path.1)?;
    let record: Value = serde_json::from_str(&attempt.record).unwrap_or(Value::Null);
    let received = text(&record["received"]).ok_or(Failure::NotFound)?;
    let (organization, incident) = (admin.organization.clone(), attempt.incident.clone());
    change(&request, &admin, move |tx, context| -> Result<(), DbError> {
        let event = Event::MessageViewed { incident: incident.clone() };
        context.record(tx, Some(organization.parent), Some(organization.id), event)
    })
    .await?;
    let pair = |pair: &Value| Some((text(&pair[0])?, list(&pair[1]).join(", ")));
    let page = MessagePage {
        frame: Frame::of(&request),
        nav: Nav::of(&request, &admin, "nav-events")?,
        incident: attempt.incident.to_string(),
        attributes: record["attributes"].as_array().into_iter().flatten().filter_map(pair).collect(),
        received,
    };
    page::html(StatusCode::OK, &page, &[])
}

/// How a sign-in ended, in words.
fn ended(code: &str, product: &Product, texts: Texts) -> String {
    match Refusal::parse(code) {
        Some(refusal) => words::step("outcome", "refuse", &[("refusal", refusal.code().to_owned())], product, texts),
        None => words::why(texts, code),
    }
}

fn attempt(request: &HttpRequest, admin: &Admin, code: &str) -> Result<Attempt, Failure> {
    let incident = Incident::parse(code).ok_or(Failure::NotFound)?;
    let found = session::gateway(request).db.read_one(|tx| store::attempts::find(tx, &incident))?;
    found.filter(|attempt| attempt.parent == Some(admin.organization.parent)).ok_or(Failure::NotFound)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn list(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(text).collect()
}

fn facts(facts: &Value) -> Vec<(&'static str, String)> {
    let fields = [("field-email", "email"), ("field-subject", "subject"), ("field-name", "name")];
    let mut found: Vec<_> = fields.into_iter().filter_map(|(key, name)| Some((key, text(&facts[name])?))).collect();
    // Else it says why there is no list.
    found.extend(text(&facts["groups"]).map(|said| ("field-groups", said)));
    found
}

/// What this organization decided; what others did is theirs to see.
fn decided(organizations: &Value, slug: &str, product: &Product, texts: Texts) -> Option<Decided> {
    let own = organizations.as_array()?.iter().find(|one| one["slug"] == slug)?;
    let reasons = own["reasons"].as_array().into_iter().flatten();
    let seat = |seat: &Value| {
        let key = SeatTypeKey::new(seat[0].as_str()?);
        let count = |at: usize| u32::try_from(seat[at].as_u64()?).ok();
        let (bought, used) = (count(1)?, count(2)?);
        Some(SeatLine { label: words::seat(product, &key), bought, used, free: bought.saturating_sub(used) })
    };
    Some(Decided {
        result: step("outcome", &own["result"], product, texts)?,
        reasons: reasons.filter_map(|reason| step("because", reason, product, texts)).collect(),
        seats: own["seats"].as_array().into_iter().flatten().filter_map(seat).collect(),
    })
}

/// A step of a decision as it was kept, in words.
fn step(kind: &str, kept: &Value, product: &Product, texts: Texts) -> Option<String> {
    let values = kept[1].as_object().into_iter().flatten();
    let values: Vec<(&str, String)> =
        values.map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default().to_owned())).collect();
    Some(words::step(kind, kept[0].as_str()?, &values, product, texts))
}
