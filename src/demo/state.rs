//! What the demo identity provider remembers while it runs: people, the fault that is switched on, the answers it sent.
//! Kept in memory; with `--data` the people are also kept in a file.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Timestamp;

use super::faults::{Armed, Fault, Lasts};
use super::people::People;
use super::sites::Protocol;

/// An answer that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Counts up from one.
    pub nth: u32,
    /// When.
    pub at: Timestamp,
    /// About whom: what the page shows.
    pub who: String,
    /// Over which connection.
    pub connection: &'static str,
    /// What was wrong with it on purpose.
    pub fault: Option<Fault>,
    /// Whether nobody had asked.
    pub unasked: bool,
    /// What was sent.
    pub message: Message,
}

/// What an answer carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A SAML response, by way of the browser.
    Saml {
        /// The `SAMLResponse` parameter.
        response: String,
        /// The `RelayState` parameter.
        relay_state: Option<String>,
    },
    /// A token of the OpenID provider.
    Token(String),
    /// What it sent instead of a token, to read.
    Other(String),
}

impl Message {
    /// In which protocol.
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::Saml { .. } => Protocol::Saml,
            Self::Token(_) | Self::Other(_) => Protocol::Oidc,
        }
    }
}

#[derive(Debug, Default)]
struct Inner {
    people: People,
    armed: Option<Armed>,
    answers: VecDeque<Answer>,
    sent: u32,
}

/// The memory of the demo identity provider.
#[derive(Debug, Default)]
pub struct State {
    inner: Mutex<Inner>,
    people_file: Option<PathBuf>,
}

/// The people cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum PeopleFileError {
    /// Reading or writing failed.
    #[error("{path} cannot be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Not what we wrote.
    #[error("{path} does not hold people and groups as a demo writes them; remove it to begin with the story's")]
    Format {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl State {
    /// How many answers are remembered.
    const REMEMBERED: usize = 20;

    /// Keeps people in a file, and begins with those who are in it.
    pub fn kept_in(path: PathBuf) -> Result<Self, PeopleFileError> {
        let people = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map_err(|source| PeopleFileError::Format { path: path.clone(), source })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => People::default(),
            Err(source) => return Err(PeopleFileError::Io { path, source }),
        };
        Ok(Self { inner: Mutex::new(Inner { people, ..Inner::default() }), people_file: Some(path) })
    }

    /// The people as they are now.
    pub fn people(&self) -> People {
        self.lock().people.clone()
    }

    /// Changes the people, all or nothing; writes the file first if there is one.
    pub fn change_people<T, E>(&self, change: impl FnOnce(&mut People) -> Result<T, E>) -> Result<T, E> {
        let mut inner = self.lock();
        let mut people = inner.people.clone();
        let done = change(&mut people)?;
        if let Some(path) = &self.people_file {
            let text = serde_json::to_vec_pretty(&people).unwrap_or_default();
            if let Err(error) = std::fs::write(path, text) {
                // The demo goes on: only the next start forgets the edit.
                tracing::warn!(%error, "The demo's people cannot be written");
            }
        }
        inner.people = people;
        Ok(done)
    }

    /// The fault that is switched on.
    pub fn armed(&self) -> Option<Armed> {
        self.lock().armed
    }

    /// Switches a fault on, or off with `None`.
    pub fn arm(&self, armed: Option<Armed>) {
        self.lock().armed = armed;
    }

    /// The fault for the answer about to be sent: the one chosen for it, else the one that is switched on for its protocol,
    /// which is used up if it was for one sign-in.
    pub fn fault_for_this_answer(&self, protocol: Protocol, chosen: Option<Fault>) -> Option<Fault> {
        if chosen.is_some() {
            return chosen;
        }
        let mut inner = self.lock();
        let armed = inner.armed.filter(|armed| armed.protocol == protocol)?;
        if armed.lasts == Lasts::NextSignIn {
            inner.armed = None;
        }
        Some(armed.fault)
    }

    /// Remembers an answer; the number in it is replaced by its own.
    pub fn sent(&self, answer: Answer) {
        let mut inner = self.lock();
        inner.sent += 1;
        let nth = inner.sent;
        inner.answers.push_front(Answer { nth, ..answer });
        inner.answers.truncate(Self::REMEMBERED);
    }

    /// The answers that are remembered, newest first.
    pub fn answers(&self) -> Vec<Answer> {
        self.lock().answers.iter().cloned().collect()
    }

    /// The last response over a SAML connection that was not itself a replay.
    pub fn last_to(&self, connection: &str) -> Option<String> {
        let inner = self.lock();
        let mut sent_once = inner
            .answers
            .iter()
            .filter(|answer| answer.connection == connection && answer.fault != Some(Fault::Replay));
        sent_once.find_map(|answer| match &answer.message {
            Message::Saml { response, .. } => Some(response.clone()),
            Message::Token(_) | Message::Other(_) => None,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::people::PersonForm;

    fn answer(connection: &'static str, response: &str, fault: Option<Fault>) -> Answer {
        Answer {
            nth: 0,
            at: Timestamp::from_millis(0),
            who: "Anna".into(),
            connection,
            fault,
            unasked: false,
            message: Message::Saml { response: response.into(), relay_state: None },
        }
    }

    #[test]
    fn a_fault_for_the_next_sign_in_is_used_up_by_it_and_a_chosen_one_goes_first() {
        let (state, saml) = (State::default(), Protocol::Saml);
        let armed = |lasts| Some(Armed { fault: Fault::Expired, protocol: saml, lasts });
        assert_eq!(state.fault_for_this_answer(saml, None), None);
        state.arm(armed(Lasts::NextSignIn));
        assert_eq!(state.fault_for_this_answer(saml, Some(Fault::Unsigned)), Some(Fault::Unsigned));
        assert_eq!(state.fault_for_this_answer(Protocol::Oidc, None), None, "it is for the other protocol");
        assert_eq!(state.fault_for_this_answer(saml, None), Some(Fault::Expired), "nothing used it up");
        assert_eq!(state.fault_for_this_answer(saml, None), None);
        state.arm(armed(Lasts::UntilSwitchedOff));
        assert_eq!(state.fault_for_this_answer(saml, None), Some(Fault::Expired));
        assert_eq!(state.fault_for_this_answer(saml, None), Some(Fault::Expired));
        state.arm(None);
        assert_eq!(state.fault_for_this_answer(saml, None), None);
    }

    #[test]
    fn a_replay_sends_the_last_answer_of_its_connection_and_never_a_replay() {
        let state = State::default();
        assert_eq!(state.last_to("acme"), None);
        state.sent(answer("acme", "one", None));
        state.sent(answer("smallteam", "two", None));
        state.sent(answer("acme", "three", Some(Fault::Replay)));
        assert_eq!(state.last_to("acme").as_deref(), Some("one"));
        for _ in 0..50 {
            state.sent(answer("acme", "more", None));
        }
        assert_eq!(state.answers().len(), State::REMEMBERED);
        assert_eq!(state.answers()[0].nth, 53);
    }

    #[test]
    fn people_in_a_file_are_there_again_and_a_broken_file_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("people.json");
        let state = State::kept_in(path.clone()).expect("a new file");
        let form = PersonForm { name: "New".into(), email: "new@acme.test".into(), ..Default::default() };
        state.change_people(|people| people.add(&form).map(|_| ())).expect("added");
        let again = State::kept_in(path.clone()).expect("the file");
        assert_eq!(again.people(), state.people());
        assert_eq!(again.people().all().len(), People::default().all().len() + 1);
        std::fs::write(&path, "{").expect("written");
        let error = State::kept_in(path).expect_err("broken").to_string();
        assert!(error.contains("people.json") && error.contains("remove it"), "{error}");
    }
}
