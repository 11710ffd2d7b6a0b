use std::fmt;

use super::effects::OrganizationEffects;
use crate::trust::SsoEffects;

/// Everything that would change, or has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is written, in order.
    pub lines: Vec<Line>,
    /// What that means for people, organization by organization.
    pub effects: Vec<OrganizationEffects>,
    /// What requiring SSO means for members, for each organization where it is switched on.
    pub sso: Vec<SsoEffects>,
    /// What else somebody should know.
    pub notes: Vec<String>,
    /// What could not be looked at, and what holds instead.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether anybody would lose access, a role or a seat: asks for a confirmation.
    pub fn takes_access(&self) -> bool {
        let people =
            self.effects.iter().any(|effects| effects.locks_out || effects.people.iter().any(|p| p.kind.takes()));
        let sso = self.sso.iter().any(|effects| effects.locks_out() || effects.sessions_end() > 0);
        people || sso || self.lines.iter().any(|line| line.takes_access)
    }

    pub(super) fn line(&mut self, action: Action, what: impl Into<String>) -> &mut Line {
        self.lines.push(Line { action, what: what.into(), takes_access: false });
        self.lines.last_mut().expect("pushed just now")
    }
}

/// One thing that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is done.
    pub action: Action,
    /// To what, in words.
    pub what: String,
    /// It takes access, a role or a seat from somebody.
    pub takes_access: bool,
}

/// What is done to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Add,
    /// It is different.
    Change,
    /// It goes.
    Remove,
}

impl Action {
    /// The word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Change => "change",
            Self::Remove => "remove",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Add => "+",
            Self::Change => "~",
            Self::Remove => "-",
        })
    }
}
