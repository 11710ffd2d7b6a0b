use std::error::Error;
use std::fmt;
use std::io::Write as _;

use crate::apply::ApplyError;
use crate::config::ConfigError;
use crate::db::{DbError, OpenError};
use crate::gateway::StartError;
use crate::outbound::OutboundError;

/// Why a command did not do what it was asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It could not, or rules stand against it.
    Failed(String),
    /// An argument is not what it has to be.
    Usage(String),
    /// A file has mistakes.
    Configuration(String),
    /// The database needs another version.
    OtherVersion(String),
}

impl Failure {
    pub(super) fn failed(what: impl Into<String>) -> Self {
        Self::Failed(what.into())
    }

    pub(super) fn usage(what: impl Into<String>) -> Self {
        Self::Usage(what.into())
    }

    /// The exit status.
    pub(super) fn status(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Configuration(_) => 3,
            Self::OtherVersion(_) => 4,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(what) | Self::Usage(what) | Self::Configuration(what) | Self::OtherVersion(what) => {
                f.write_str(what)
            }
        }
    }
}

/// An error with what is behind it; a source that the text repeats already is left out.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = inner.source();
    }
    text
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Configuration(chain(&error))
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let text = chain(&error);
        if error.needs_another_version() { Self::OtherVersion(text) } else { Self::Failed(text) }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Open(error) => error.into(),
            error => Self::Failed(chain(&error)),
        }
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::Failed(chain(&error))
    }
}

impl From<OutboundError> for Failure {
    fn from(error: OutboundError) -> Self {
        Self::Failed(chain(&error))
    }
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Self {
        Self::Failed(chain(&error))
    }
}

/// Prints a line. A reader that went away (`usher events | head`) is no reason to panic.
pub(super) fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// As [`say`]; whether anybody is still reading.
pub(super) fn said(line: &str) -> bool {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).is_ok()
}

/// Prints why it failed, line by line.
pub(super) fn complain(text: &str) {
    let mut out = std::io::stderr().lock();
    for line in text.lines() {
        let _ = writeln!(out, "usher: {line}");
    }
}

/// Prints what somebody should know without it being the answer.
pub(super) fn remark(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
