//! The sign-in as transactions: started, answered, finished. Each is one call on a `Tx`, so that a test can play the browser.

use std::time::Duration;

use serde_json::{Value, json};

use super::answer::VerifiedAnswer;
use super::{record, trial};
use crate::audit::{Actor, Event};
use crate::clock::Timestamp;
use crate::connection::{Connection, ConnectionStatus};
use crate::db::{DbError, Tx};
use crate::ids::{ConnectionId, Incident, OrganizationId};
use crate::membership::{self, Attempted, Context, SignIn, Verdict};
use crate::product::Catalog;
use crate::provisioning::Refusal;
use crate::store;
use crate::store::pending::Purpose;
use crate::store::sessions::NewSession;

/// How long the identity provider may take to answer.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(15 * 60);
/// How long the browser may take from the answer to the session.
pub const FINISH_WITHIN: Duration = Duration::from_secs(5 * 60);

/// What became of a verified answer at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// Kept under the one-time code.
    Kept,
    /// The same assertion was used before.
    Replayed,
    /// Nobody is waiting for it.
    NobodyWaits,
}

/// A verified answer to keep until its browser fetches it.
#[derive(Clone, Debug)]
pub struct Receive<'a> {
    /// Who answered.
    pub connection: ConnectionId,
    /// The assertion's id; it can be used once.
    pub assertion_id: &'a str,
    /// Until when it could be accepted again.
    pub replay_until: Timestamp,
    /// SHA-256 of the state that came with it; `None` where nobody had asked.
    pub state_hash: Option<[u8; 32]>,
    /// SHA-256 of the one-time code under which it is kept.
    pub finish_hash: [u8; 32],
    /// What was verified.
    pub answer: &'a VerifiedAnswer,
    /// Where to go, where nobody had asked; else it is known already.
    pub return_to: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// Keeps a verified answer for the browser to fetch. The assertion is used up in the same transaction (SAML profiles 4.1.4.5),
/// so that it cannot be used again whatever happens next.
pub fn receive(tx: &mut dyn Tx, receive: &Receive<'_>) -> Result<Received, DbError> {
    if !store::pending::use_assertion(tx, receive.connection, receive.assertion_id, receive.replay_until)? {
        return Ok(Received::Replayed);
    }
    let (json, now, until) = (receive.answer.to_json(), receive.now, receive.now.plus(FINISH_WITHIN));
    match &receive.state_hash {
        Some(state_hash) => {
            let waited = store::pending::answer(tx, state_hash, &receive.finish_hash, &json, now, until)?;
            Ok(if waited { Received::Kept } else { Received::NobodyWaits })
        }
        None => {
            let (connection, finish_hash) = (receive.connection, &receive.finish_hash);
            store::pending::answer_unasked(tx, connection, finish_hash, &json, receive.return_to, now, until)?;
            Ok(Received::Kept)
        }
    }
}

/// What the browser brings to finish a sign-in, and the fresh values it may need.
#[derive(Clone, Debug)]
pub struct Finish<'a> {
    /// SHA-256 of the one-time code.
    pub finish_hash: [u8; 32],
    /// SHA-256 of the cookie of this browser.
    pub browser_hash: Option<[u8; 32]>,
    /// The person was asked and wants to continue; only looked at where nobody had asked for the answer.
    pub confirmed: bool,
    /// SHA-256 of the token of the session that this browser has so far.
    pub old_session: Option<[u8; 32]>,
    /// SHA-256 of the token of the session to make.
    pub new_session: [u8; 32],
    /// A fresh public id, in case this is a new person.
    pub new_public_id: &'a str,
    /// The code to show if it is refused.
    pub incident: &'a Incident,
    /// The longest a session may last.
    pub absolute: Duration,
    /// The browser's address.
    pub address: &'a str,
    /// What the browser calls itself.
    pub user_agent: &'a str,
    /// The origin of an application in `return_to`.
    pub origin_of: fn(&str) -> Option<String>,
    /// The products.
    pub catalog: &'a Catalog,
    /// Now.
    pub now: Timestamp,
}

impl Finish<'_> {
    /// Who does it, when and from where.
    pub fn context(&self) -> Context<'_> {
        Context {
            now: self.now,
            catalog: self.catalog,
            actor: Actor::Stranger,
            from: Some(self.address.to_owned()),
            incident: Some(self.incident.clone()),
        }
    }
}

/// How a sign-in ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finished {
    /// A session exists; off to where the person wanted to go.
    SignedIn {
        /// Where that is.
        return_to: String,
        /// Some other organization let the person in, but not that of the application asked for.
        refused_there: Option<RefusedThere>,
    },
    /// An answer that nobody asked for: the person has to say that they want this.
    Confirm {
        /// The address that would be signed in.
        email: String,
    },
    /// No organization lets the person in.
    Refused {
        /// Why.
        refusal: Refusal,
        /// Whom to ask.
        contact: Option<String>,
        /// Who tried.
        email: String,
    },
    /// It was a test: nothing changed, the report is kept under the incident code.
    Tested {
        /// Under which path reports are shown to whoever tests.
        reports: String,
    },
    /// No such answer waits here, or no longer.
    Expired(Box<Unfinished>),
}

/// Why an answer cannot be finished. The person is told to sign in again; the admin finds this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Which check failed: a stable name.
    pub check: &'static str,
    /// What was found.
    pub what: &'static str,
    /// What the admin does next.
    pub next_step: &'static str,
    /// Whose answer it is, where that is known.
    pub connection: Option<Connection>,
}

impl Unfinished {
    /// No answer waits under this code.
    pub const NOTHING_WAITS: Self = Self {
        check: "nothing_waits",
        what: "no answer waits under this code: it was used already, or came too late",
        next_step: "The person only has to sign in again; pages of a finished sign-in do not work twice.",
        connection: None,
    };

    fn another_browser(connection: Option<Connection>) -> Self {
        Self {
            check: "another_browser",
            what: "another browser began this sign-in, or this one has lost its cookie since",
            next_step: "Sign in again from our sign-in page in one browser. If the person began nothing, somebody tried to sign them in as another.",
            connection,
        }
    }

    fn switched_off(connection: Connection) -> Self {
        Self {
            check: "connection_off",
            what: "the connection was switched off while the person was signing in",
            next_step: "Switch the connection on again, or let the person sign in through another.",
            connection: Some(connection),
        }
    }
}

/// The organization of the application asked for said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedThere {
    /// Why.
    pub refusal: Refusal,
    /// Whom to ask.
    pub contact: Option<String>,
    /// The organization's name.
    pub organization: String,
}

/// Finishes a sign-in whose answer was claimed and verified in the browser that asked, with what was verified.
pub fn bring(tx: &mut dyn Tx, finish_now: &Finish<'_>, answer: &VerifiedAnswer) -> Result<Finished, DbError> {
    if !store::pending::fill(tx, &finish_now.finish_hash, &answer.to_json())? {
        return Ok(Finished::Expired(Box::new(Unfinished::NOTHING_WAITS)));
    }
    finish(tx, finish_now)
}

/// Finishes a sign-in: uses the answer up, makes or updates the member, makes the session, records. One transaction.
pub fn finish(tx: &mut dyn Tx, finish: &Finish<'_>) -> Result<Finished, DbError> {
    let Some(answered) = store::pending::answered(tx, &finish.finish_hash, finish.now)? else {
        return Ok(Finished::Expired(Box::new(Unfinished::NOTHING_WAITS)));
    };
    let browser_matches = |asked: &Vec<u8>| finish.browser_hash.is_some_and(|here| here.as_slice() == asked.as_slice());
    // Login CSRF: the browser that finishes is the browser that asked.
    if answered.browser_hash.as_ref().is_some_and(|asked| !browser_matches(asked)) {
        let connection = store::connections::by_id(tx, answered.connection)?;
        return Ok(Finished::Expired(Box::new(Unfinished::another_browser(connection))));
    }
    let connection = store::connections::by_id(tx, answered.connection)?;
    let read = connection.and_then(|known| Some((VerifiedAnswer::from_json(&answered.answer, known.id)?, known)));
    let Some((answer, connection)) = read else {
        return Ok(Finished::Expired(Box::new(Unfinished::NOTHING_WAITS)));
    };
    if answered.purpose == Purpose::Test {
        store::pending::consume(tx, &finish.finish_hash)?;
        trial::finish(tx, finish, &connection, &answer, &answered.return_to)?;
        return Ok(Finished::Tested { reports: answered.return_to });
    }
    // Switched off between the answer and now, or never switched on.
    if connection.status != ConnectionStatus::Active {
        return Ok(Finished::Expired(Box::new(Unfinished::switched_off(connection))));
    }
    if answered.browser_hash.is_none() && !finish.confirmed {
        return Ok(Finished::Confirm { email: answer.identity.email.to_string() });
    }
    store::pending::consume(tx, &finish.finish_hash)?;
    let context = finish.context();
    let sign_in = SignIn { connection: &connection, identity: &answer.identity, new_public_id: finish.new_public_id };
    let attempted = membership::at_sign_in(tx, &context, &sign_in)?;
    keep_record(tx, finish, &connection, &answer, &attempted)?;
    let (person, subject) = match attempted.verdict {
        Verdict::Refused { refusal, .. } => {
            return Ok(Finished::Refused {
                refusal,
                contact: contact(tx, &connection, &attempted, refusal)?,
                email: answer.identity.email.to_string(),
            });
        }
        Verdict::Admitted { person, subject } => (person, subject),
    };
    // A session begins with a new token; the one this browser had ends (session fixation).
    if let Some(old) = &finish.old_session
        && let Some(ended) = store::sessions::find(tx, old)?
    {
        store::sessions::end(tx, old)?;
        // Not always the same person's: browsers are shared.
        let parent = store::people::by_id(tx, ended.person)?.map(|person| person.parent);
        let event = Event::SessionsEnded { person: ended.person, count: 1, reason: "signed_in_again" };
        context.record(tx, parent, None, event)?;
    }
    let longest = finish.now.plus(finish.absolute);
    let expires_at = answer.session_ends.map_or(longest, |ends| ends.min(longest));
    let session = NewSession {
        token_hash: finish.new_session,
        person,
        subject,
        idp_session: answer.idp_session.as_deref(),
        idp_name: answer.idp_name.as_ref().map(<[u8; 32]>::as_slice),
        logout_seal: answer.logout_seal.as_deref(),
        created_at: finish.now,
        expires_at,
        address: finish.address,
        user_agent: finish.user_agent,
    };
    store::sessions::add(tx, &session)?;
    let refused_there = refused_there(tx, finish, &answered.return_to, &attempted)?;
    Ok(Finished::SignedIn { return_to: answered.return_to, refused_there })
}

fn keep_record(
    tx: &mut dyn Tx,
    finish: &Finish<'_>,
    connection: &Connection,
    answer: &VerifiedAnswer,
    attempted: &Attempted,
) -> Result<(), DbError> {
    let (code, person) = match &attempted.verdict {
        Verdict::Admitted { person, .. } => ("admitted", Some(*person)),
        Verdict::Refused { refusal, person } => (refusal.code(), *person),
    };
    let record = record::of_decision(connection, &answer.identity, &answer.warnings, &attempted.organizations);
    store::attempts::add(
        tx,
        &store::attempts::Attempt {
            incident: finish.incident.clone(),
            at: finish.now,
            parent: Some(connection.parent),
            connection: Some(connection.id),
            person,
            code: code.to_owned(),
            record: record.to_string(),
        },
    )
}

/// Records a message that could not be trusted, under its incident code and in the audit log.
pub fn keep_failure(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    connection: &Connection,
    refusal: Refusal,
    record: &Value,
) -> Result<(), DbError> {
    context.record(tx, Some(connection.parent), None, Event::SignInRefused { person: None, code: refusal.code() })?;
    let Some(incident) = context.incident.clone() else { return Ok(()) };
    store::attempts::add(
        tx,
        &store::attempts::Attempt {
            incident,
            at: context.now,
            parent: Some(connection.parent),
            connection: Some(connection.id),
            person: None,
            code: refusal.code().to_owned(),
            record: record.to_string(),
        },
    )
}

/// Records that an answer could not be finished, under the code that the person was shown (rule B39).
pub fn keep_unfinished(tx: &mut dyn Tx, context: &Context<'_>, unfinished: &Unfinished) -> Result<(), DbError> {
    let Unfinished { check, what, next_step, connection } = unfinished;
    let (refusal, parent) = (Refusal::SignInExpired, connection.as_ref().map(|known| known.parent));
    context.record(tx, parent, None, Event::SignInRefused { person: None, code: refusal.code() })?;
    let Some(incident) = context.incident.clone() else { return Ok(()) };
    let slug = connection.as_ref().map(|known| known.slug.as_str());
    let record = json!({ "connection": slug, "check": check, "what": what, "next_step": next_step });
    store::attempts::add(
        tx,
        &store::attempts::Attempt {
            incident,
            at: context.now,
            parent,
            connection: connection.as_ref().map(|known| known.id),
            person: None,
            code: refusal.code().to_owned(),
            record: record.to_string(),
        },
    )
}

/// Whom a refused person can ask: the organization that refused with this, else any that names somebody.
fn contact(
    tx: &mut dyn Tx,
    connection: &Connection,
    attempted: &Attempted,
    refusal: Refusal,
) -> Result<Option<String>, DbError> {
    let that = attempted.organizations.iter().find(|result| result.decision.outcome.refusal() == Some(refusal));
    if let Some(contact) = that.and_then(|result| result.contact.clone()) {
        return Ok(Some(contact));
    }
    let all = store::organizations::of_parent(tx, connection.parent)?;
    Ok(all.into_iter().find_map(|organization| organization.contact))
}

fn refused_there(
    tx: &mut dyn Tx,
    finish: &Finish<'_>,
    return_to: &str,
    attempted: &Attempted,
) -> Result<Option<RefusedThere>, DbError> {
    let Some(origin) = (finish.origin_of)(return_to) else { return Ok(None) };
    let Some(application) = store::applications::by_origin(tx, &origin)? else { return Ok(None) };
    let there: Option<OrganizationId> = Some(application.organization);
    let result = attempted.organizations.iter().find(|result| Some(result.organization) == there);
    Ok(result.and_then(|result| {
        let refusal = result.decision.outcome.refusal()?;
        Some(RefusedThere { refusal, contact: result.contact.clone(), organization: result.name.clone() })
    }))
}
