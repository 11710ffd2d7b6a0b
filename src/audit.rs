//! The vocabulary of the audit log: everything that changes access, with who, what, before, after, why and from where (rule B43).
//! Kinds are stored and never renamed; there is no free text, no secret and no assertion in an event.

use std::fmt;

use crate::clock::Timestamp;
use crate::ids::{Incident, OrganizationId, ParentId, PersonId, SyncRunId};
use crate::product::{RoleKey, SeatTypeKey};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person.
    Person(PersonId),
    /// The directory, by SCIM.
    Directory,
    /// Somebody with a shell on the gateway; the system's user name.
    Shell(String),
    /// Whoever has used a one-time operator link.
    Operator,
    /// The gateway itself, on a schedule.
    System,
    /// An identity provider, by a message of its own that was verified; the connection's slug.
    IdentityProvider(String),
    /// Whoever holds a setup link; who made that link: `person:12` or `operator`.
    SetupLink(String),
    /// Whoever is at the other end; not known yet.
    Stranger,
}

impl Actor {
    /// The word it is stored under.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Directory => "directory",
            Self::Shell(_) => "shell",
            Self::Operator => "operator",
            Self::System => "system",
            Self::IdentityProvider(_) => "identity_provider",
            Self::SetupLink(_) => "setup_link",
            Self::Stranger => "stranger",
        }
    }

    /// Who exactly, where that is known.
    pub fn name(&self) -> String {
        match self {
            Self::Person(id) => id.to_string(),
            Self::Shell(user) => user.clone(),
            Self::IdentityProvider(connection) => connection.clone(),
            Self::SetupLink(maker) => maker.clone(),
            Self::Directory | Self::Operator | Self::System | Self::Stranger => String::new(),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name().as_str() {
            "" => f.write_str(self.kind()),
            name => write!(f, "{}:{name}", self.kind()),
        }
    }
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// Under which parent organization, where there is one.
    pub parent: Option<ParentId>,
    /// In which organization, where it is one's affair.
    pub organization: Option<OrganizationId>,
    /// What.
    pub event: Event,
    /// The client's address, where a request caused it.
    pub from: Option<String>,
    /// The sign-in attempt it belongs to.
    pub incident: Option<Incident>,
}

/// A role and a seat as they were or are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The role.
    pub role: RoleKey,
    /// The seat.
    pub seat: Option<SeatTypeKey>,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.seat {
            Some(seat) => write!(f, "{}/{seat}", self.role),
            None => write!(f, "{}/-", self.role),
        }
    }
}

/// What kind of thing a configuration event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A parent organization.
    Parent,
    /// A domain.
    Domain,
    /// A connection.
    Connection,
    /// An organization.
    Organization,
    /// An application.
    Application,
    /// A token for directory pushes.
    ScimToken,
}

impl Thing {
    fn word(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Domain => "domain",
            Self::Connection => "connection",
            Self::Organization => "organization",
            Self::Application => "application",
            Self::ScimToken => "scim_token",
        }
    }
}

/// Which of a member's two values is pinned (rule B26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pinned {
    /// The role.
    Role,
    /// The seat.
    Seat,
}

impl Pinned {
    fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Seat => "seat",
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A person signed in.
    SignedIn {
        /// Who.
        person: PersonId,
    },
    /// A person signed out.
    SignedOut {
        /// Who.
        person: PersonId,
    },
    /// A sign-in was refused.
    SignInRefused {
        /// Who, as far as known.
        person: Option<PersonId>,
        /// The refusal code.
        code: &'static str,
    },
    /// A person was seen for the first time.
    PersonCreated {
        /// Who.
        person: PersonId,
        /// The address.
        email: String,
    },
    /// The same person has another address now (rule B9).
    PersonRenamed {
        /// Who.
        person: PersonId,
        /// The address before.
        before: String,
        /// The address now.
        after: String,
    },
    /// A connection's subject was linked to an existing person (rule B9).
    SubjectLinked {
        /// Who.
        person: PersonId,
        /// The connection's slug.
        connection: String,
    },
    /// A connection no longer knows a person by the subject it sent; the next sign-in with the address is linked anew (rule B9).
    SubjectForgotten {
        /// Who.
        person: PersonId,
        /// The connection's slug.
        connection: String,
    },
    /// A person was switched off by hand: nobody lets them in.
    PersonSuspended {
        /// Who.
        person: PersonId,
    },
    /// A person was switched on again by hand.
    PersonResumed {
        /// Who.
        person: PersonId,
    },
    /// A person became a member.
    MemberJoined {
        /// Who.
        person: PersonId,
        /// With what.
        now: Held,
        /// Why: `sign_in`, `directory`, `sync`, `by_hand`, `seat_freed`, `undone`.
        why: &'static str,
    },
    /// A member's role or seat changed.
    MemberChanged {
        /// Who.
        person: PersonId,
        /// Before.
        before: Held,
        /// After.
        after: Held,
        /// Why, as above.
        why: &'static str,
        /// The mapped seat type that is full (rule B22).
        deferred_seat: Option<SeatTypeKey>,
    },
    /// Groups were evaluated and nothing changed (rule B15).
    MemberConfirmed {
        /// Who.
        person: PersonId,
        /// What they keep.
        now: Held,
        /// The mapped seat type that is full (rule B22).
        deferred_seat: Option<SeatTypeKey>,
    },
    /// A membership ended.
    MemberRemoved {
        /// Who.
        person: PersonId,
        /// What they had.
        before: Held,
        /// A refusal code, or `removed_by_hand`.
        reason: &'static str,
    },
    /// A membership is somebody else's now, because its organization changed its parent.
    MemberMoved {
        /// Whose it is now.
        person: PersonId,
        /// Whose it was at the parent before.
        before: PersonId,
        /// `linked`: the address was known there; `copied`: the person stays at the parent before, too.
        why: &'static str,
    },
    /// A role or seat was set by hand while mappings rule it (rule B26).
    PinSet {
        /// Whose.
        person: PersonId,
        /// Which.
        what: Pinned,
        /// Until when; without end, if absent.
        until: Option<Timestamp>,
    },
    /// A role or seat is left to the mappings again, before the pin's end.
    PinEnded {
        /// Whose.
        person: PersonId,
        /// Which.
        what: Pinned,
    },
    /// A person is entitled, and waits for a seat.
    MemberWaits {
        /// Who.
        person: PersonId,
        /// The role to come.
        role: RoleKey,
        /// The seat type waited for; any, if absent.
        seat: Option<SeatTypeKey>,
    },
    /// A person stopped waiting without becoming a member.
    WaitingEnded {
        /// Who.
        person: PersonId,
        /// Why.
        reason: &'static str,
    },
    /// Sessions were ended before their time.
    SessionsEnded {
        /// Whose.
        person: PersonId,
        /// How many.
        count: u64,
        /// Why.
        reason: &'static str,
    },
    /// The sessions of all members of an organization were ended by one of its admins.
    AllSessionsEnded {
        /// The organization's slug.
        organization: String,
        /// How many.
        count: u64,
    },
    /// Something was configured for the first time.
    Added {
        /// What kind of thing.
        thing: Thing,
        /// Its name.
        name: String,
        /// Its settings, without secrets.
        after: String,
    },
    /// Something configured was changed.
    Changed {
        /// What kind of thing.
        thing: Thing,
        /// Its name.
        name: String,
        /// The settings that changed, before.
        before: String,
        /// The settings that changed, after.
        after: String,
    },
    /// Something configured was taken away.
    Removed {
        /// What kind of thing.
        thing: Thing,
        /// Its name.
        name: String,
    },
    /// An operator vouched for a domain from the shell (rule B6).
    DomainVouched {
        /// The domain.
        name: String,
    },
    /// DNS proves that a domain is the parent's (rule B6).
    DomainVerified {
        /// The domain.
        name: String,
    },
    /// DNS answers something else than expected.
    DomainFailed {
        /// The domain.
        name: String,
    },
    /// The record of a verified domain has gone: a warning, and after seven days nobody new is linked by it.
    DomainLost {
        /// The domain.
        name: String,
    },
    /// The record of a verified domain is back.
    DomainFound {
        /// The domain.
        name: String,
    },
    /// A test sign-in came to its end.
    ConnectionTested {
        /// The connection's slug.
        name: String,
        /// Whether every check passed.
        passed: bool,
    },
    /// People now sign in through another connection.
    ConnectionSwitched {
        /// The slug of the connection they used so far.
        before: String,
        /// The slug of the one they use now.
        after: String,
    },
    /// A link was made that lets a colleague without an account set up a connection.
    SetupLinkMade {
        /// The connection's slug.
        connection: String,
        /// Until when it opens anything.
        until: Timestamp,
    },
    /// A setup link was opened in a browser.
    SetupLinkOpened {
        /// The connection's slug.
        connection: String,
    },
    /// A setup link was taken back.
    SetupLinkRevoked {
        /// The connection's slug.
        connection: String,
    },
    /// A signing certificate not known before stands in the identity provider's metadata.
    CertificateSeen {
        /// The connection's slug.
        name: String,
        /// SHA-256 of the certificate.
        fingerprint: String,
        /// Whether it counts at once; else an admin has to accept it.
        accepted: bool,
    },
    /// An admin accepted a signing certificate, or it was taken away.
    CertificateAccepted {
        /// The connection's slug.
        name: String,
        /// SHA-256 of the certificate.
        fingerprint: String,
    },
    /// One of our own keys was made, became the one in use, or was given up.
    KeyRolled {
        /// The key's id.
        name: String,
        /// `added`, `in_use` or `retired`.
        what: &'static str,
    },
    /// A mapping row means this directory group from now on, whatever the group is called (rule B31).
    GroupBound {
        /// As the mapping is written.
        value: String,
        /// The group's SCIM `id`.
        group: String,
        /// What the group is called now.
        name: String,
    },
    /// Users and groups of a directory were taken away; no membership ended by it (rule B27).
    DirectoryReset {
        /// How many users there were.
        users: u64,
        /// How many groups.
        groups: u64,
    },
    /// A directory was taken away with its tokens; no membership ended by it (rule B27).
    DirectoryDeleted {
        /// How many users there were.
        users: u64,
        /// How many groups.
        groups: u64,
    },
    /// A run of directory sync was carried out.
    SyncDone {
        /// Which.
        run: SyncRunId,
        /// `sync_now`, `cycle`, `save`, `file` or `push`.
        cause: &'static str,
        /// Became members.
        added: u32,
        /// Members with another role or seat.
        updated: u32,
        /// No members any more.
        removed: u32,
        /// Wait for a seat.
        waiting: u32,
    },
    /// A run would end too many memberships, or one of somebody who may configure: it waits for approval (rule B34).
    SyncHalted {
        /// Which.
        run: SyncRunId,
        /// As above.
        cause: &'static str,
        /// How many memberships it would end.
        ending: usize,
    },
    /// A halted run was approved.
    SyncApproved {
        /// Which.
        run: SyncRunId,
    },
    /// A halted run was turned down.
    SyncDismissed {
        /// Which.
        run: SyncRunId,
    },
    /// What a run did was taken back.
    SyncUndone {
        /// Which.
        run: SyncRunId,
        /// People who stand as before.
        restored: u32,
        /// People left as they are, because something else changed or no seat is free.
        left: u32,
    },
    /// A certificate, secret or token is nearer to its end than a threshold; told once for each.
    EndsSoon {
        /// What kind of thing, as the calendar calls it.
        what: &'static str,
        /// Which.
        name: String,
        /// When it ends.
        at: Timestamp,
        /// The threshold: 90, 30 or 7 days before, or 0 when it is over.
        days: u16,
    },
    /// Settings that take *identity* from somebody were saved: they are taken back unless somebody confirms them in time.
    SettingsOnProbation {
        /// The organization's slug.
        organization: String,
        /// When they are taken back.
        until: Timestamp,
        /// From how many people they take it.
        people: usize,
    },
    /// Somebody who signed in under the new settings confirmed them.
    SettingsConfirmed {
        /// The organization's slug.
        organization: String,
    },
    /// Nobody confirmed the new settings in time, or somebody wanted the old ones back: those hold again.
    SettingsTakenBack {
        /// The organization's slug.
        organization: String,
        /// How many people got back what sign-ins had taken meanwhile.
        restored: u32,
    },
    /// Settings that waited to be confirmed had been written over by then, and nothing was taken back.
    SettingsOvertaken {
        /// The organization's slug.
        organization: String,
    },
    /// A code was made with which one organization may propose to join a parent.
    JoinCodeMade {
        /// The parent's slug.
        parent: String,
        /// Until when it can be used.
        until: Timestamp,
    },
    /// Every code of a parent was taken away.
    JoinCodesWithdrawn {
        /// The parent's slug.
        parent: String,
        /// How many there were.
        count: u64,
    },
    /// Somebody proposed that an organization changes its parent.
    ParentChangeProposed {
        /// The organization's slug.
        organization: String,
        /// The slug of the parent it has.
        before: String,
        /// The slug of the parent it is to have, or `own` for one of its own.
        after: String,
        /// Until when it can be approved.
        until: Timestamp,
    },
    /// The proposal was turned down by the side that decides.
    ParentChangeDeclined {
        /// The organization's slug.
        organization: String,
    },
    /// The proposal was taken back by the side that made it.
    ParentChangeWithdrawn {
        /// The organization's slug.
        organization: String,
    },
    /// An organization has another parent now.
    ParentChanged {
        /// The organization's slug.
        organization: String,
        /// The slug of the parent it had.
        before: String,
        /// The slug of the parent it has.
        after: String,
        /// How many people came along, former members included.
        people: u64,
        /// Who proposed it, as the log names people.
        proposed_by: String,
    },
    /// Bought seats changed.
    SeatsBought {
        /// The type.
        seat: SeatTypeKey,
        /// Before.
        before: u32,
        /// After.
        after: u32,
    },
    /// Somebody looked at what an identity provider had sent.
    MessageViewed {
        /// The sign-in's code.
        incident: Incident,
    },
    /// A one-time operator link was made.
    OperatorLinkMade,
    /// A copy of the database was put in place of it.
    DatabaseRestored,
    /// A one-time operator link was used.
    OperatorLinkUsed,
}

impl Event {
    /// Kinds that no membership depends on: whatever was worked out about members stands after them.
    pub const ABOUT_NO_MEMBERSHIP: [&'static str; 6] = [
        "signed_out",
        "sessions_ended",
        "all_sessions_ended",
        "message_viewed",
        "operator_link_made",
        "operator_link_used",
    ];

    /// Every kind, for the reference and its test.
    pub const KINDS: &'static [&'static str] = &[
        "signed_in",
        "signed_out",
        "sign_in_refused",
        "person_created",
        "person_renamed",
        "subject_linked",
        "subject_forgotten",
        "person_suspended",
        "person_resumed",
        "member_joined",
        "member_changed",
        "member_confirmed",
        "member_removed",
        "member_moved",
        "pin_set",
        "pin_ended",
        "member_waits",
        "waiting_ended",
        "sessions_ended",
        "all_sessions_ended",
        "added",
        "changed",
        "removed",
        "domain_vouched",
        "domain_verified",
        "domain_failed",
        "domain_lost",
        "domain_found",
        "connection_tested",
        "connection_switched",
        "setup_link_made",
        "setup_link_opened",
        "setup_link_revoked",
        "certificate_seen",
        "certificate_accepted",
        "key_rolled",
        "ends_soon",
        "directory_reset",
        "directory_deleted",
        "group_bound",
        "sync_done",
        "sync_halted",
        "sync_approved",
        "sync_dismissed",
        "sync_undone",
        "settings_on_probation",
        "settings_confirmed",
        "settings_taken_back",
        "settings_overtaken",
        "join_code_made",
        "join_codes_withdrawn",
        "parent_change_proposed",
        "parent_change_declined",
        "parent_change_withdrawn",
        "parent_changed",
        "seats_bought",
        "message_viewed",
        "operator_link_made",
        "operator_link_used",
        "database_restored",
    ];

    /// The stable word it is stored under.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "signed_in",
            Self::SignedOut { .. } => "signed_out",
            Self::SignInRefused { .. } => "sign_in_refused",
            Self::PersonCreated { .. } => "person_created",
            Self::PersonRenamed { .. } => "person_renamed",
            Self::SubjectLinked { .. } => "subject_linked",
            Self::SubjectForgotten { .. } => "subject_forgotten",
            Self::PersonSuspended { .. } => "person_suspended",
            Self::PersonResumed { .. } => "person_resumed",
            Self::MemberJoined { .. } => "member_joined",
            Self::MemberChanged { .. } => "member_changed",
            Self::MemberConfirmed { .. } => "member_confirmed",
            Self::MemberRemoved { .. } => "member_removed",
            Self::MemberMoved { .. } => "member_moved",
            Self::PinSet { .. } => "pin_set",
            Self::PinEnded { .. } => "pin_ended",
            Self::MemberWaits { .. } => "member_waits",
            Self::WaitingEnded { .. } => "waiting_ended",
            Self::SessionsEnded { .. } => "sessions_ended",
            Self::AllSessionsEnded { .. } => "all_sessions_ended",
            Self::Added { .. } => "added",
            Self::Changed { .. } => "changed",
            Self::Removed { .. } => "removed",
            Self::DomainVouched { .. } => "domain_vouched",
            Self::DomainVerified { .. } => "domain_verified",
            Self::DomainFailed { .. } => "domain_failed",
            Self::DomainLost { .. } => "domain_lost",
            Self::DomainFound { .. } => "domain_found",
            Self::ConnectionTested { .. } => "connection_tested",
            Self::ConnectionSwitched { .. } => "connection_switched",
            Self::SetupLinkMade { .. } => "setup_link_made",
            Self::SetupLinkOpened { .. } => "setup_link_opened",
            Self::SetupLinkRevoked { .. } => "setup_link_revoked",
            Self::CertificateSeen { .. } => "certificate_seen",
            Self::CertificateAccepted { .. } => "certificate_accepted",
            Self::KeyRolled { .. } => "key_rolled",
            Self::EndsSoon { .. } => "ends_soon",
            Self::GroupBound { .. } => "group_bound",
            Self::DirectoryReset { .. } => "directory_reset",
            Self::DirectoryDeleted { .. } => "directory_deleted",
            Self::SyncDone { .. } => "sync_done",
            Self::SyncHalted { .. } => "sync_halted",
            Self::SyncApproved { .. } => "sync_approved",
            Self::SyncDismissed { .. } => "sync_dismissed",
            Self::SyncUndone { .. } => "sync_undone",
            Self::SettingsOnProbation { .. } => "settings_on_probation",
            Self::SettingsConfirmed { .. } => "settings_confirmed",
            Self::SettingsTakenBack { .. } => "settings_taken_back",
            Self::SettingsOvertaken { .. } => "settings_overtaken",
            Self::JoinCodeMade { .. } => "join_code_made",
            Self::JoinCodesWithdrawn { .. } => "join_codes_withdrawn",
            Self::ParentChangeProposed { .. } => "parent_change_proposed",
            Self::ParentChangeDeclined { .. } => "parent_change_declined",
            Self::ParentChangeWithdrawn { .. } => "parent_change_withdrawn",
            Self::ParentChanged { .. } => "parent_changed",
            Self::SeatsBought { .. } => "seats_bought",
            Self::MessageViewed { .. } => "message_viewed",
            Self::OperatorLinkMade => "operator_link_made",
            Self::DatabaseRestored => "database_restored",
            Self::OperatorLinkUsed => "operator_link_used",
        }
    }

    /// What it happened to: a person's id, or a thing's name.
    pub fn target(&self) -> String {
        match self {
            Self::SignedIn { person }
            | Self::SignedOut { person }
            | Self::PersonCreated { person, .. }
            | Self::PersonRenamed { person, .. }
            | Self::SubjectLinked { person, .. }
            | Self::SubjectForgotten { person, .. }
            | Self::PersonSuspended { person }
            | Self::PersonResumed { person }
            | Self::MemberJoined { person, .. }
            | Self::MemberChanged { person, .. }
            | Self::MemberConfirmed { person, .. }
            | Self::MemberRemoved { person, .. }
            | Self::MemberMoved { person, .. }
            | Self::PinSet { person, .. }
            | Self::PinEnded { person, .. }
            | Self::MemberWaits { person, .. }
            | Self::WaitingEnded { person, .. }
            | Self::SessionsEnded { person, .. } => format!("person:{person}"),
            Self::AllSessionsEnded { organization, .. } => format!("organization:{organization}"),
            Self::SignInRefused { person, .. } => person.map_or(String::new(), |person| format!("person:{person}")),
            Self::Added { thing, name, .. } | Self::Changed { thing, name, .. } | Self::Removed { thing, name } => {
                format!("{}:{name}", thing.word())
            }
            Self::DomainVouched { name }
            | Self::DomainVerified { name }
            | Self::DomainFailed { name }
            | Self::DomainLost { name }
            | Self::DomainFound { name } => format!("domain:{name}"),
            Self::ConnectionTested { name, .. }
            | Self::CertificateSeen { name, .. }
            | Self::CertificateAccepted { name, .. }
            | Self::SetupLinkMade { connection: name, .. }
            | Self::SetupLinkOpened { connection: name }
            | Self::SetupLinkRevoked { connection: name }
            | Self::ConnectionSwitched { after: name, .. } => format!("connection:{name}"),
            Self::KeyRolled { name, .. } => format!("key:{name}"),
            Self::EndsSoon { what, name, .. } => format!("{what}:{name}"),
            Self::GroupBound { group, .. } => format!("group:{group}"),
            Self::SyncDone { run, .. }
            | Self::SyncHalted { run, .. }
            | Self::SyncApproved { run }
            | Self::SyncDismissed { run }
            | Self::SyncUndone { run, .. } => format!("sync_run:{run}"),
            Self::SettingsOnProbation { organization, .. }
            | Self::SettingsConfirmed { organization }
            | Self::SettingsTakenBack { organization, .. }
            | Self::SettingsOvertaken { organization }
            | Self::ParentChangeProposed { organization, .. }
            | Self::ParentChangeDeclined { organization }
            | Self::ParentChangeWithdrawn { organization }
            | Self::ParentChanged { organization, .. } => format!("organization:{organization}"),
            Self::JoinCodeMade { parent, .. } | Self::JoinCodesWithdrawn { parent, .. } => format!("parent:{parent}"),
            Self::SeatsBought { seat, .. } => format!("seat:{seat}"),
            Self::MessageViewed { incident } => format!("incident:{incident}"),
            Self::DirectoryReset { .. }
            | Self::DirectoryDeleted { .. }
            | Self::OperatorLinkMade
            | Self::OperatorLinkUsed
            | Self::DatabaseRestored => String::new(),
        }
    }

    /// The typed fields as name and value, in a fixed order.
    pub fn detail(&self) -> Vec<(&'static str, String)> {
        let seat = |seat: &Option<SeatTypeKey>| seat.as_ref().map_or("any".to_owned(), ToString::to_string);
        match self {
            Self::SignedIn { .. }
            | Self::SignedOut { .. }
            | Self::PersonSuspended { .. }
            | Self::PersonResumed { .. }
            | Self::OperatorLinkMade
            | Self::OperatorLinkUsed
            | Self::DatabaseRestored => vec![],
            Self::Removed { .. }
            | Self::MessageViewed { .. }
            | Self::DomainVouched { .. }
            | Self::DomainVerified { .. }
            | Self::DomainFailed { .. }
            | Self::DomainLost { .. }
            | Self::DomainFound { .. }
            | Self::SetupLinkOpened { .. }
            | Self::SetupLinkRevoked { .. } => vec![],
            Self::SetupLinkMade { until, .. } => vec![("until", until.to_string())],
            Self::ConnectionTested { passed, .. } => vec![("passed", passed.to_string())],
            Self::ConnectionSwitched { before, after } => vec![("before", before.clone()), ("after", after.clone())],
            Self::CertificateSeen { fingerprint, accepted, .. } => {
                vec![("fingerprint", fingerprint.clone()), ("accepted", accepted.to_string())]
            }
            Self::CertificateAccepted { fingerprint, .. } => vec![("fingerprint", fingerprint.clone())],
            Self::KeyRolled { what, .. } => vec![("what", (*what).to_owned())],
            Self::EndsSoon { at, days, .. } => vec![("at", at.to_string()), ("days", days.to_string())],
            Self::SignInRefused { code, .. } => vec![("code", (*code).to_owned())],
            Self::PersonCreated { email, .. } => vec![("email", email.clone())],
            Self::PersonRenamed { before, after, .. } => vec![("before", before.clone()), ("after", after.clone())],
            Self::SubjectLinked { connection, .. } | Self::SubjectForgotten { connection, .. } => {
                vec![("connection", connection.clone())]
            }
            Self::MemberJoined { now, why, .. } => vec![("after", now.to_string()), ("why", (*why).to_owned())],
            Self::MemberChanged { before, after, why, deferred_seat, .. } => {
                let mut detail =
                    vec![("before", before.to_string()), ("after", after.to_string()), ("why", (*why).to_owned())];
                detail.extend(deferred_seat.as_ref().map(|seat| ("deferred_seat", seat.to_string())));
                detail
            }
            Self::MemberConfirmed { now, deferred_seat, .. } => {
                let mut detail = vec![("now", now.to_string())];
                detail.extend(deferred_seat.as_ref().map(|seat| ("deferred_seat", seat.to_string())));
                detail
            }
            Self::MemberRemoved { before, reason, .. } => {
                vec![("before", before.to_string()), ("why", (*reason).to_owned())]
            }
            Self::MemberMoved { before, why, .. } => {
                vec![("before", format!("person:{before}")), ("why", (*why).to_owned())]
            }
            Self::PinSet { what, until, .. } => {
                let until = until.map_or("without end".to_owned(), |until| until.to_string());
                vec![("what", what.word().to_owned()), ("until", until)]
            }
            Self::PinEnded { what, .. } => vec![("what", what.word().to_owned())],
            Self::MemberWaits { role, seat: wanted, .. } => vec![("role", role.to_string()), ("seat", seat(wanted))],
            Self::WaitingEnded { reason, .. } => vec![("why", (*reason).to_owned())],
            Self::AllSessionsEnded { count, .. } => vec![("count", count.to_string())],
            Self::SessionsEnded { count, reason, .. } => {
                vec![("count", count.to_string()), ("why", (*reason).to_owned())]
            }
            Self::Added { after, .. } => vec![("after", after.clone())],
            Self::Changed { before, after, .. } => vec![("before", before.clone()), ("after", after.clone())],
            Self::GroupBound { value, name, .. } => vec![("value", value.clone()), ("name", name.clone())],
            Self::DirectoryReset { users, groups } | Self::DirectoryDeleted { users, groups } => {
                vec![("users", users.to_string()), ("groups", groups.to_string())]
            }
            Self::SyncDone { cause, added, updated, removed, waiting, .. } => vec![
                ("cause", (*cause).to_owned()),
                ("added", added.to_string()),
                ("updated", updated.to_string()),
                ("removed", removed.to_string()),
                ("waiting", waiting.to_string()),
            ],
            Self::SyncHalted { cause, ending, .. } => {
                vec![("cause", (*cause).to_owned()), ("ending", ending.to_string())]
            }
            Self::SyncApproved { .. } | Self::SyncDismissed { .. } => vec![],
            Self::SyncUndone { restored, left, .. } => {
                vec![("restored", restored.to_string()), ("left", left.to_string())]
            }
            Self::SettingsOnProbation { until, people, .. } => {
                vec![("until", until.to_string()), ("people", people.to_string())]
            }
            Self::SettingsConfirmed { .. } | Self::SettingsOvertaken { .. } => vec![],
            Self::SettingsTakenBack { restored, .. } => vec![("restored", restored.to_string())],
            Self::JoinCodeMade { until, .. } => vec![("until", until.to_string())],
            Self::JoinCodesWithdrawn { count, .. } => vec![("count", count.to_string())],
            Self::ParentChangeProposed { before, after, until, .. } => {
                vec![("before", before.clone()), ("after", after.clone()), ("until", until.to_string())]
            }
            Self::ParentChangeDeclined { .. } | Self::ParentChangeWithdrawn { .. } => vec![],
            Self::ParentChanged { before, after, people, proposed_by, .. } => vec![
                ("before", before.clone()),
                ("after", after.clone()),
                ("people", people.to_string()),
                ("proposed_by", proposed_by.clone()),
            ],
            Self::SeatsBought { before, after, .. } => {
                vec![("before", before.to_string()), ("after", after.to_string())]
            }
        }
    }
}
