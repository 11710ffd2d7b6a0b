use std::time::Duration;

use super::Member;
use crate::clock::Timestamp;
use crate::ids::{OrganizationId, SyncRunId};
use crate::product::{RoleKey, SeatTypeKey};

/// One evaluation of an organization by its directory: *Sync now*, the cycle, a change of settings, or a push that concerned several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncRun {
    /// What admins call it by.
    pub id: SyncRunId,
    /// Where.
    pub organization: OrganizationId,
    /// What set it off.
    pub cause: SyncCause,
    /// Who, as the audit log names them.
    pub actor: String,
    /// How far it is.
    pub state: SyncState,
    /// Who let a halted run go on, as the audit log names them.
    pub approved_by: Option<String>,
    /// The directory it was worked out on.
    pub directory_version: i64,
    /// Since when.
    pub started_at: Timestamp,
    /// The latest sign of life.
    pub alive_at: Timestamp,
    /// Until when; `None` while it runs or waits for approval.
    pub finished_at: Option<Timestamp>,
    /// What came of it.
    pub counts: SyncCounts,
    /// How many people it has to look at, as it was planned last; 0 before.
    pub ahead: u64,
    /// How many of them it has looked at.
    pub looked_at: u64,
    /// Taking it back, once somebody asked for that.
    pub undo: Option<Undo>,
}

/// How far taking a run back is, or what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undo {
    /// Since when.
    pub began_at: Timestamp,
    /// Who stands as before.
    pub restored: u32,
    /// Who is left as they are.
    pub left: u32,
}

impl SyncRun {
    /// Whether it was carried out, and not taken back so far.
    pub fn is_carried_out(&self) -> bool {
        matches!(self.state, SyncState::Done | SyncState::Approved)
    }

    /// How far taking it back is, while that is under way.
    pub fn undoing(&self) -> Option<Undo> {
        self.undo.filter(|_| self.is_carried_out())
    }

    /// Whether it is being taken back, and that has given a sign of life within so long.
    pub fn is_undoing(&self, now: Timestamp, silence: Duration) -> bool {
        self.undoing().is_some() && self.alive_at > now.minus(silence)
    }

    /// Whether it is under way without having given a sign of life for so long.
    pub fn is_cut_off(&self, now: Timestamp, silence: Duration) -> bool {
        self.state == SyncState::Running && self.alive_at <= now.minus(silence)
    }
}

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncCounts {
    /// Became members.
    pub added: u32,
    /// Members with another role or seat.
    pub updated: u32,
    /// No members any more.
    pub removed: u32,
    /// Entitled, and wait for a seat: the whole queue after a run, the new ones in a push.
    pub waiting: u32,
}

/// What sets a run off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyncCause {
    /// Somebody asked for it (rule B35).
    SyncNow,
    /// The gateway itself, because something was pending (rule B35).
    Cycle,
    /// Mode or mappings were changed on a page.
    Save,
    /// Mode or mappings were changed by an organizations file.
    File,
    /// The identity provider pushed something that concerned several people.
    Push,
}

impl SyncCause {
    /// Every cause.
    pub const ALL: [Self; 5] = [Self::SyncNow, Self::Cycle, Self::Save, Self::File, Self::Push];

    /// The word in the database and for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SyncNow => "sync_now",
            Self::Cycle => "cycle",
            Self::Save => "save",
            Self::File => "file",
            Self::Push => "push",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text)
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyncState {
    /// Under way; or left half done, and the next cycle goes on with it.
    Running,
    /// It would end too many memberships, or one that may configure: it waits for approval (rule B34).
    Halted,
    /// Carried out.
    Done,
    /// Halted, approved and carried out.
    Approved,
    /// Halted and turned down; what it would have ended stands until the next run that somebody asks for.
    Dismissed,
    /// Halted or under way, and a later run or other settings took its place.
    Superseded,
    /// Carried out and taken back.
    Undone,
}

impl SyncState {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Running, Self::Halted, Self::Done, Self::Approved, Self::Dismissed, Self::Superseded, Self::Undone];

    /// The word in the database and for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Halted => "halted",
            Self::Done => "done",
            Self::Approved => "approved",
            Self::Dismissed => "dismissed",
            Self::Superseded => "superseded",
            Self::Undone => "undone",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Where a person stood in an organization at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The membership, standing or ended; `None` for a stranger.
    pub member: Option<Member>,
    /// The place in the queue.
    pub queued: Option<Queued>,
}

/// A place in the queue for seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// The lower, the earlier it is served.
    pub position: i64,
    /// The role to come.
    pub role: RoleKey,
    /// The seat type waited for; `None` takes any.
    pub seat: Option<SeatTypeKey>,
    /// Since when.
    pub since: Timestamp,
}
