//! The life of connections, as transactions: switched on once a test has passed, switched off, and people moved from one identity
//! provider to another without anybody becoming two; and what the switches mean that shut people out: *require SSO*, *restrict
//! organization creation*. Shared by commands and pages; owns no SQL.

mod authority;
mod change;
mod creation;
mod links;
mod sso;

pub use authority::{Governed, check_governs, concerned, first_organization, governs};
pub use change::{change, discard, mark, record};
pub use creation::{CreationRestricted, Founder, MayNotFound, actor_may_found, may_found};
pub use links::{Ended, LONGEST, check_link, holder, make_link, open_link, revoke_link, standing, takes_links};
pub use sso::{SsoEffects, SsoMember, SsoWay, require_sso_effects};

use std::time::Duration;

use crate::audit::Event;
use crate::audit::Thing;
use crate::clock::Timestamp;
use crate::connection::{Connection, ConnectionStatus};
use crate::db::{DbError, Tx};
use crate::ids::{ConnectionId, ParentId, PersonId};
use crate::membership::Context;
use crate::secrets;
use crate::store;

/// How long a test counts for switching a connection on.
pub const FRESH: Duration = Duration::from_secs(24 * 3600);

/// Why nothing was switched.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Nobody has seen it work.
    #[error("connection {0} has not passed a test sign-in yet; test it first")]
    Untested(String),
    /// Somebody has, but long ago.
    #[error("connection {0} passed its last test more than a day ago; test it again")]
    TestTooOld(String),
    /// It is gone.
    #[error("there is no such connection any more")]
    Gone,
    /// The two belong to different people.
    #[error("connections {0} and {1} belong to different parents; people do not move between them")]
    OtherParent(String, String),
    /// One cannot be switched to itself.
    #[error("{0} is the connection that people use already")]
    Same(String),
    /// Whoever wants this does not govern the parent's identity.
    #[error(
        "this holds for everybody under the parent organization: only who may configure its first organization, {0}, or the operator can do it"
    )]
    NotGoverning(String),
    /// Nobody could sign in any more if it did not work, and whoever wants it has not said that they know.
    #[error("{0} is the only connection that is switched on; confirm that you know by typing its name")]
    Last(String),
    /// Whoever has signed in may be a stranger to it afterwards, and whoever wants this has not said that they know.
    #[error(
        "with these settings connection {0} may know nobody any more who has signed in through it; confirm that you know by typing its name"
    )]
    Estranges(String),
    /// Its settings would name another identity provider, which would be believed about people it has never known.
    #[error("connection {0} was in use with another identity provider; make a new connection and move people to it")]
    OtherIdentityProvider(String),
    /// Only a connection that was never switched on.
    #[error("connection {0} has been switched on; a setup link and an unfinished setup are for drafts only")]
    NotADraft(String),
    /// The setup link by which this is done opens nothing any more.
    #[error("this setup link opens nothing any more")]
    LinkEnded,
    /// What would happen is no longer what was shown.
    #[error("the state has changed since this was shown; look at it again")]
    Moved,
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// Switches a connection on. Rule B5: only after a fresh test, with the very settings it has now.
pub fn activate(tx: &mut dyn Tx, context: &Context<'_>, id: ConnectionId) -> Result<(), TrustError> {
    let known = store::connections::by_id(tx, id)?.ok_or(TrustError::Gone)?;
    if known.status == ConnectionStatus::Active {
        return Ok(());
    }
    check_governs(tx, context, known.parent)?;
    check_tested(&known, context.now)?;
    set_status(tx, context, &known, ConnectionStatus::Active)?;
    Ok(())
}

/// Switches a connection on, if it still has the settings that `shown` is the [`mark`] of: whoever set it up meanwhile, by a link or in
/// another window, puts no other identity provider under a hand that is about to press the button.
pub fn activate_as_shown(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    id: ConnectionId,
    shown: &str,
) -> Result<(), TrustError> {
    let known = store::connections::by_id(tx, id)?.ok_or(TrustError::Gone)?;
    if mark(&known) != shown {
        return Err(TrustError::Moved);
    }
    activate(tx, context, id)
}

/// Whether a connection may be switched on now.
pub fn check_tested(connection: &Connection, now: Timestamp) -> Result<(), TrustError> {
    match connection.tested {
        None => Err(TrustError::Untested(connection.slug.to_string())),
        Some(at) if now.since(at) > FRESH => Err(TrustError::TestTooOld(connection.slug.to_string())),
        Some(_) => Ok(()),
    }
}

/// Switches a connection off: nobody signs in through it from now on. Sessions that came over it go on, except in organizations
/// that require single sign-on.
pub fn deactivate(tx: &mut dyn Tx, context: &Context<'_>, id: ConnectionId) -> Result<(), TrustError> {
    let known = store::connections::by_id(tx, id)?.ok_or(TrustError::Gone)?;
    if known.status == ConnectionStatus::Active {
        check_governs(tx, context, known.parent)?;
        set_status(tx, context, &known, ConnectionStatus::Disabled)?;
    }
    Ok(())
}

/// Switches the connections of a parent off to which no organization belongs any more: whoever governed it does so elsewhere now.
/// Where one does, nothing is done.
pub fn switch_off_what_is_left(tx: &mut dyn Tx, context: &Context<'_>, parent: ParentId) -> Result<(), DbError> {
    if !store::organizations::of_parent(tx, parent)?.is_empty() {
        return Ok(());
    }
    for known in store::connections::of_parent(tx, parent)? {
        if known.status == ConnectionStatus::Active {
            set_status(tx, context, &known, ConnectionStatus::Disabled)?;
        }
    }
    Ok(())
}

fn set_status(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    known: &Connection,
    status: ConnectionStatus,
) -> Result<(), DbError> {
    store::connections::update(tx, &Connection { status, ..known.clone() })?;
    let event = Event::Changed {
        thing: Thing::Connection,
        name: known.slug.to_string(),
        before: format!("status {}", known.status.as_str()),
        after: format!("status {}", status.as_str()),
    };
    context.record(tx, Some(known.parent), None, event)
}

/// Whether people of the same parent could still sign in if this connection were off.
pub fn is_last_active(tx: &mut dyn Tx, connection: &Connection) -> Result<bool, DbError> {
    let others = store::connections::of_parent(tx, connection.parent)?;
    let other = |other: &Connection| other.id != connection.id && other.status == ConnectionStatus::Active;
    Ok(connection.status == ConnectionStatus::Active && !others.iter().any(other))
}

/// Moving a parent's people from one identity provider to another (rule B9): who is recognised there, person by person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The connection that people use now.
    pub from: Connection,
    /// The one they will use.
    pub to: Connection,
    /// Everybody, by address.
    pub people: Vec<Moving>,
}

/// What becomes of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moving {
    /// Who.
    pub person: PersonId,
    /// The address they are recognised by.
    pub email: String,
    /// How.
    pub how: Match,
}

/// How the new identity provider's person becomes the person known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// Has signed in there already: the same person for sure.
    Linked,
    /// Will be linked at the first sign-in there, by this address in a verified domain.
    ByAddress,
    /// The address lies in no verified domain: cannot sign in there as long as that is so.
    NoDomain,
    /// Never signed in anywhere; linked by address, like a new person.
    NeverSeen,
}

impl Match {
    /// The word for machines and texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::ByAddress => "by_address",
            Self::NoDomain => "no_domain",
            Self::NeverSeen => "never_seen",
        }
    }
}

impl Switch {
    /// Tells whether what is done is what was shown.
    pub fn mark(&self) -> String {
        let people: Vec<String> =
            self.people.iter().map(|one| format!("{} {}", one.person, one.how.as_str())).collect();
        let one = |known: &Connection| format!("{} {}", mark(known), known.status.as_str());
        let text = format!("{} {}\n{}", one(&self.from), one(&self.to), people.join("\n"));
        secrets::mark(&text)
    }

    /// People use the new connection alone already.
    fn is_done(&self) -> bool {
        self.from.status != ConnectionStatus::Active && self.to.status == ConnectionStatus::Active
    }

    /// How many are matched in this way.
    pub fn count(&self, how: Match) -> usize {
        self.people.iter().filter(|one| one.how == how).count()
    }
}

/// What switching would mean. Writes nothing.
pub fn plan_switch(tx: &mut dyn Tx, from: ConnectionId, to: ConnectionId) -> Result<Switch, TrustError> {
    let from = store::connections::by_id(tx, from)?.ok_or(TrustError::Gone)?;
    let to = store::connections::by_id(tx, to)?.ok_or(TrustError::Gone)?;
    if from.id == to.id {
        return Err(TrustError::Same(from.slug.to_string()));
    }
    if from.parent != to.parent {
        return Err(TrustError::OtherParent(from.slug.to_string(), to.slug.to_string()));
    }
    let mut people = Vec::new();
    for person in store::people::of_parent(tx, from.parent)? {
        let subjects = store::people::subjects_of(tx, person.id)?;
        let in_domain = store::domains::verified_owner(tx, &person.email.domain())? == Some(from.parent);
        let how = if !in_domain {
            Match::NoDomain
        } else if subjects.iter().any(|subject| subject.connection == to.id) {
            Match::Linked
        } else if subjects.iter().any(|subject| subject.connection == from.id) {
            Match::ByAddress
        } else {
            Match::NeverSeen
        };
        people.push(Moving { person: person.id, email: person.email.to_string(), how });
    }
    Ok(Switch { from, to, people })
}

/// Switches, if it still is what was shown: the new connection on, the old one off, in one transaction. People are linked as they
/// sign in, each to the person they were. Where that is done already, nothing is: a form sent twice counts once.
pub fn switch(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    from: ConnectionId,
    to: ConnectionId,
    shown: &str,
) -> Result<(), TrustError> {
    let planned = plan_switch(tx, from, to)?;
    if planned.is_done() {
        return Ok(());
    }
    if planned.mark() != shown {
        return Err(TrustError::Moved);
    }
    activate(tx, context, to)?;
    deactivate(tx, context, from)?;
    let (before, after) = (planned.from.slug.to_string(), planned.to.slug.to_string());
    context.record(tx, Some(planned.from.parent), None, Event::ConnectionSwitched { before, after })?;
    Ok(())
}

#[cfg(test)]
mod tests;
