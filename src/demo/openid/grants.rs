//! What the demo's OpenID provider has given out: codes, access tokens, and the sessions at its clients. In memory, with limits.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::faults::Fault;
use crate::clock::Timestamp;
use crate::secrets;

/// What a code stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// To which client.
    pub client_id: String,
    /// Where the code was sent; must be said again.
    pub redirect_uri: String,
    /// S256 of the verifier that must be said (RFC 7636 §4.2).
    pub challenge: String,
    /// Comes back in the ID token.
    pub nonce: Option<String>,
    /// About whom.
    pub subject: String,
    /// The provider's session.
    pub sid: String,
    /// When the person was asked who they are.
    pub authenticated: Timestamp,
    /// What is to go wrong.
    pub fault: Option<Fault>,
}

/// Why a code is not taken. The client hears `invalid_grant` for all of them (RFC 6749 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Never given out, or long ago.
    #[error("this code is not known")]
    Unknown,
    /// A code is valid for a minute.
    #[error("this code is older than a minute")]
    Expired,
    /// A code counts once (RFC 6749 §4.1.2).
    #[error("this code was used before; what it gave is void now")]
    Used,
    /// Another client has it.
    #[error("this code was given to another client")]
    OtherClient,
    /// It was sent somewhere else.
    #[error("this code was sent to another redirect_uri")]
    OtherPlace,
    /// Whoever shows it did not begin (RFC 7636 §4.6).
    #[error("the code_verifier does not fit the code_challenge")]
    Verifier,
}

/// Somebody is signed in at a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id in tokens.
    pub sid: String,
    /// Where.
    pub client_id: String,
    /// Who.
    pub subject: String,
    /// Since when.
    pub since: Timestamp,
}

#[derive(Debug)]
struct Code {
    text: String,
    grant: Grant,
    given: Timestamp,
    used: bool,
}

#[derive(Debug)]
struct Access {
    token: String,
    code: String,
    subject: String,
    fault: Option<Fault>,
    until: Timestamp,
}

#[derive(Debug, Default)]
struct Inner {
    codes: VecDeque<Code>,
    access: VecDeque<Access>,
    sessions: VecDeque<Session>,
}

/// The memory.
#[derive(Debug, Default)]
pub struct Grants(Mutex<Inner>);

impl Grants {
    /// How long a code may be exchanged (RFC 6749 §4.1.2 allows ten minutes).
    const CODE_LIFE: Duration = Duration::from_secs(60);
    /// How long an access token opens userinfo.
    pub const ACCESS_LIFE: Duration = Duration::from_secs(300);
    /// How many of each kind are remembered.
    const REMEMBERED: usize = 200;

    /// Gives a code out.
    pub fn give(&self, grant: Grant, now: Timestamp) -> String {
        let text = secrets::Token::new().text();
        let mut inner = self.lock();
        inner.codes.push_front(Code { text: text.clone(), grant, given: now, used: false });
        inner.codes.truncate(Self::REMEMBERED);
        text
    }

    /// Takes a code. Whatever is wrong, it does not count again.
    pub fn take(
        &self,
        code: &str,
        client_id: &str,
        redirect_uri: &str,
        verifier: &str,
        now: Timestamp,
    ) -> Result<Grant, NotTaken> {
        let mut inner = self.lock();
        let known = inner.codes.iter_mut().find(|known| known.text == code).ok_or(NotTaken::Unknown)?;
        let used_before = std::mem::replace(&mut known.used, true);
        let (grant, given) = (known.grant.clone(), known.given);
        if used_before {
            inner.access.retain(|access| access.code != code);
            return Err(NotTaken::Used);
        }
        if now.since(given) > Self::CODE_LIFE {
            return Err(NotTaken::Expired);
        }
        if grant.client_id != client_id {
            return Err(NotTaken::OtherClient);
        }
        if grant.redirect_uri != redirect_uri {
            return Err(NotTaken::OtherPlace);
        }
        let challenge = URL_SAFE_NO_PAD.encode(secrets::sha256(verifier.as_bytes()));
        if !(43..=128).contains(&verifier.len()) || !secrets::equal(challenge.as_bytes(), grant.challenge.as_bytes()) {
            return Err(NotTaken::Verifier);
        }
        Ok(grant)
    }

    /// Notes what a code was exchanged for: the access token, and that somebody is signed in at the client from now on.
    pub fn exchanged(&self, code: &str, grant: &Grant, token: &str, now: Timestamp) {
        let mut inner = self.lock();
        inner.access.push_front(Access {
            token: token.to_owned(),
            code: code.to_owned(),
            subject: grant.subject.clone(),
            fault: grant.fault,
            until: now.plus(Self::ACCESS_LIFE),
        });
        inner.access.truncate(Self::REMEMBERED);
        inner.sessions.push_front(Session {
            sid: grant.sid.clone(),
            client_id: grant.client_id.clone(),
            subject: grant.subject.clone(),
            since: now,
        });
        inner.sessions.truncate(Self::REMEMBERED);
    }

    /// About whom an access token is, and what is to go wrong.
    pub fn who(&self, token: &str, now: Timestamp) -> Option<(String, Option<Fault>)> {
        let inner = self.lock();
        let mut known = inner.access.iter();
        let access = known.find(|access| secrets::equal(access.token.as_bytes(), token.as_bytes()))?;
        (now < access.until).then(|| (access.subject.clone(), access.fault))
    }

    /// The code that a client used last, to be sent once more.
    pub fn last_used(&self, client_id: &str) -> Option<String> {
        let inner = self.lock();
        let mut used = inner.codes.iter().filter(|code| code.used && code.grant.client_id == client_id);
        used.next().map(|code| code.text.clone())
    }

    /// Who is signed in where, newest first.
    pub fn sessions(&self) -> Vec<Session> {
        self.lock().sessions.iter().cloned().collect()
    }

    /// Forgets a person's sessions, and says which there were.
    pub fn end(&self, subject: &str) -> Vec<Session> {
        let mut inner = self.lock();
        let (ended, left): (Vec<_>, Vec<_>) = inner.sessions.drain(..).partition(|session| session.subject == subject);
        inner.sessions = left.into();
        inner.access.retain(|access| access.subject != subject);
        ended
    }

    /// Forgets one session, if it is known.
    pub fn end_one(&self, sid: &str) -> Option<Session> {
        let mut inner = self.lock();
        let at = inner.sessions.iter().position(|session| secrets::equal(session.sid.as_bytes(), sid.as_bytes()))?;
        inner.sessions.remove(at)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";
    const PLACE: &str = "http://127.0.0.1:8080/oidc/globex/callback";

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment")
    }

    fn grant() -> Grant {
        Grant {
            client_id: "usher-globex".into(),
            redirect_uri: PLACE.into(),
            challenge: URL_SAFE_NO_PAD.encode(secrets::sha256(VERIFIER.as_bytes())),
            nonce: None,
            subject: "demo-gus".into(),
            sid: "s-1".into(),
            authenticated: now(),
            fault: None,
        }
    }

    #[test]
    fn a_code_counts_once_and_a_second_use_voids_what_it_gave() {
        let grants = Grants::default();
        let code = grants.give(grant(), now());
        let take = || grants.take(&code, "usher-globex", PLACE, VERIFIER, now());
        let taken = take().expect("the first time");
        grants.exchanged(&code, &taken, "access", now());
        assert_eq!(grants.who("access", now()), Some(("demo-gus".to_owned(), None)));
        assert_eq!(grants.last_used("usher-globex"), Some(code.clone()));
        assert_eq!(grants.last_used("usher-acme-next"), None);
        assert_eq!(take(), Err(NotTaken::Used));
        assert_eq!(grants.who("access", now()), None, "void");
    }

    #[test]
    fn a_code_is_bound_to_client_place_verifier_and_minute_and_is_spent_by_the_attempt() {
        let later = now().plus(Duration::from_secs(61));
        let cases = [
            ("usher-acme-next", PLACE, VERIFIER, now(), NotTaken::OtherClient),
            ("usher-globex", "http://127.0.0.1:8080/oidc/globex/callback/", VERIFIER, now(), NotTaken::OtherPlace),
            ("usher-globex", PLACE, "a-verifier-of-somebody-else-who-took-the-code", now(), NotTaken::Verifier),
            ("usher-globex", PLACE, "", now(), NotTaken::Verifier),
            ("usher-globex", PLACE, VERIFIER, later, NotTaken::Expired),
        ];
        for (client, place, verifier, at, why) in cases {
            let grants = Grants::default();
            let code = grants.give(grant(), now());
            assert_eq!(grants.take(&code, client, place, verifier, at), Err(why));
            assert_eq!(grants.take(&code, "usher-globex", PLACE, VERIFIER, now()), Err(NotTaken::Used), "{why}");
        }
        assert_eq!(Grants::default().take("x", "usher-globex", PLACE, VERIFIER, now()), Err(NotTaken::Unknown));
    }

    #[test]
    fn ending_a_person_s_sessions_leaves_others() {
        let grants = Grants::default();
        for (subject, token) in [("demo-gus", "one"), ("demo-gia", "two")] {
            let grant = Grant { subject: subject.into(), ..grant() };
            let code = grants.give(grant.clone(), now());
            grants.exchanged(&code, &grant, token, now());
        }
        let ended = grants.end("demo-gus");
        assert_eq!(ended.iter().map(|session| session.subject.as_str()).collect::<Vec<_>>(), ["demo-gus"]);
        assert_eq!(grants.sessions().len(), 1);
        assert_eq!((grants.who("one", now()), grants.who("two", now()).is_some()), (None, true));
        assert_eq!(grants.who("two", now().plus(Grants::ACCESS_LIFE)), None, "five minutes");
    }
}
