use std::time::Duration;

use crate::clock::Timestamp;
use crate::identity::DomainName;
use crate::ids::{DomainId, ParentId};

/// A domain that a parent organization says is its own (rule B6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its row.
    pub id: DomainId,
    /// Who claims it.
    pub parent: ParentId,
    /// The name.
    pub name: DomainName,
    /// The value expected in DNS: `usher-domain-verification=<random>`. Stays visible after verification.
    pub challenge: String,
    /// Whether the claim is proven.
    pub state: DomainState,
    /// When it was claimed.
    pub added: Timestamp,
    /// When it was last looked up.
    pub checked: Option<Timestamp>,
    /// What DNS answered then, to stand beside what was expected; `None` if it was just that.
    pub found: Option<Found>,
    /// When it is looked up again.
    pub next_check: Timestamp,
}

/// How far a claim is proven. Only a verified domain lets anybody sign in (rule B8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainState {
    /// Not looked up yet.
    Pending,
    /// Proven by DNS, or vouched for by an operator from the shell.
    Verified {
        /// Since when.
        since: Timestamp,
        /// By an operator, not by DNS.
        vouched: bool,
        /// Since when the record is gone.
        lost: Option<Timestamp>,
    },
    /// DNS answered something else, and is asked again.
    Failed,
}

/// What DNS answered about a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// These TXT records.
    Records(Vec<String>),
    /// The name exists and has no TXT record.
    NoRecords,
    /// The name does not exist (NXDOMAIN).
    NoSuchName,
    /// The servers could not say: their code, as `SERVFAIL`.
    ServerFailure(String),
    /// No server answered in time.
    NoAnswer,
    /// The expected record, but another parent organization has proven the domain first.
    OtherParent,
}

impl Found {
    /// How many records are kept to be shown, and how many characters of each.
    const SHOWN: (usize, usize) = (20, 300);

    /// Whether this is the proof: one record is the expected value, to the letter.
    pub fn proves(&self, challenge: &str) -> bool {
        matches!(self, Self::Records(records) if records.iter().any(|record| record == challenge))
    }

    /// Whether it tells anything about the record; a server that fails or keeps silent does not.
    pub fn is_definite(&self) -> bool {
        match self {
            Self::Records(_) | Self::NoRecords | Self::NoSuchName | Self::OtherParent => true,
            Self::ServerFailure(_) | Self::NoAnswer => false,
        }
    }

    /// As much of it as is worth keeping: records have no order, and strangers may write many and long ones.
    fn shortened(self) -> Self {
        let Self::Records(mut records) = self else { return self };
        records.sort();
        records.dedup();
        // What was meant for us first.
        records.sort_by_key(|record| !record.starts_with(Domain::PREFIX));
        records.truncate(Self::SHOWN.0);
        Self::Records(records.iter().map(|record| record.chars().take(Self::SHOWN.1).collect()).collect())
    }
}

impl Domain {
    /// What every expected value begins with.
    pub const PREFIX: &str = "usher-domain-verification=";
    /// How long a lost record is only a warning.
    pub const GRACE: Duration = Duration::from_secs(7 * 86_400);

    /// Whether people with addresses here may sign in.
    pub fn is_verified(&self) -> bool {
        matches!(self.state, DomainState::Verified { .. })
    }

    /// Whether an address here may make a new person, or link a new subject to a known one. A domain whose record has been gone
    /// for seven days may belong to somebody else by now; people who are known by their subject go on as before.
    pub fn admits_new(&self, now: Timestamp) -> bool {
        match self.state {
            DomainState::Verified { lost: None, .. } => true,
            DomainState::Verified { lost: Some(since), .. } => now.since(since) < Self::GRACE,
            DomainState::Pending | DomainState::Failed => false,
        }
    }

    /// The claim after DNS was asked. A vouched domain is never asked about, and stays as it is.
    pub fn looked_up(&self, found: Found, now: Timestamp) -> Self {
        let proven = found.proves(&self.challenge);
        let state = match (self.state, proven) {
            (DomainState::Verified { vouched: true, .. }, _) => return self.clone(),
            (DomainState::Verified { since, vouched, .. }, true) => {
                DomainState::Verified { since, vouched, lost: None }
            }
            (DomainState::Verified { since, vouched, lost }, false) => {
                let lost = lost.or_else(|| found.is_definite().then_some(now));
                DomainState::Verified { since, vouched, lost }
            }
            (DomainState::Pending | DomainState::Failed, true) => {
                DomainState::Verified { since: now, vouched: false, lost: None }
            }
            (DomainState::Pending | DomainState::Failed, false) => DomainState::Failed,
        };
        Self {
            state,
            checked: Some(now),
            next_check: now.plus(self.pause(state, proven, now)),
            found: (!proven).then(|| found.shortened()),
            ..self.clone()
        }
    }

    /// How long until the next look: whoever has just added a domain waits for it; a proven one is looked at daily.
    fn pause(&self, state: DomainState, proven: bool, now: Timestamp) -> Duration {
        const MINUTE: Duration = Duration::from_secs(60);
        const HOUR: Duration = Duration::from_secs(3600);
        match state {
            DomainState::Verified { .. } if proven => 24 * HOUR,
            DomainState::Verified { .. } => HOUR,
            DomainState::Pending | DomainState::Failed if now.since(self.added) < HOUR => MINUTE,
            DomainState::Pending | DomainState::Failed => HOUR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn at(hours: u64) -> Timestamp {
        START.plus(Duration::from_secs(hours * 3600))
    }

    fn claim() -> Domain {
        Domain {
            id: DomainId(1),
            parent: ParentId(1),
            name: DomainName::parse("acme.example").expect("a domain"),
            challenge: "usher-domain-verification=Abc123".to_owned(),
            state: DomainState::Pending,
            added: START,
            checked: None,
            found: None,
            next_check: START,
        }
    }

    fn records(all: &[&str]) -> Found {
        Found::Records(all.iter().map(|text| (*text).to_owned()).collect())
    }

    fn right() -> Found {
        records(&["v=spf1 -all", "usher-domain-verification=Abc123"])
    }

    #[test]
    fn b6_only_the_exact_value_proves_a_domain() {
        assert!(right().proves(&claim().challenge));
        for (what, found) in [
            ("another case", records(&["usher-domain-verification=abc123"])),
            ("the name in another case", records(&["Usher-Domain-Verification=Abc123"])),
            ("a space behind", records(&["usher-domain-verification=Abc123 "])),
            ("quotes around", records(&["\"usher-domain-verification=Abc123\""])),
            ("something before", records(&["x usher-domain-verification=Abc123"])),
            ("something behind", records(&["usher-domain-verification=Abc1234"])),
            ("the value alone", records(&["Abc123"])),
            ("two halves in two records", records(&["usher-domain-verification=", "Abc123"])),
            ("an older value", records(&["usher-domain-verification=Old"])),
            ("nothing", records(&[])),
            ("no record", Found::NoRecords),
            ("no name", Found::NoSuchName),
            ("a failure", Found::ServerFailure("SERVFAIL".to_owned())),
            ("silence", Found::NoAnswer),
            ("another parent's", Found::OtherParent),
        ] {
            assert!(!found.proves(&claim().challenge), "{what}");
            let after = claim().looked_up(found, START);
            assert!(after.state == DomainState::Failed && after.found.is_some(), "{what}: {after:?}");
        }
    }

    #[test]
    fn b6_a_claim_is_looked_up_every_minute_for_an_hour_then_hourly_and_daily_once_proven() {
        let minutes = |domain: &Domain, now: Timestamp| domain.next_check.since(now).as_secs() / 60;
        let failed = claim().looked_up(Found::NoSuchName, START);
        assert_eq!(minutes(&failed, START), 1);
        assert_eq!(minutes(&failed.looked_up(Found::NoSuchName, at(1)), at(1)), 60);
        let proven = failed.looked_up(right(), at(2));
        assert_eq!(proven.state, DomainState::Verified { since: at(2), vouched: false, lost: None });
        assert_eq!((minutes(&proven, at(2)), &proven.found), (24 * 60, &None));
        assert_eq!(proven.challenge, claim().challenge, "the value stays visible");
        assert_eq!(minutes(&proven.looked_up(Found::NoAnswer, at(26)), at(26)), 60, "looked at sooner where unclear");
    }

    #[test]
    fn b6_a_lost_record_warns_and_after_seven_days_nobody_new_comes_by_it() {
        let proven = claim().looked_up(right(), START);
        let lost = proven.looked_up(Found::NoRecords, at(24));
        assert_eq!(lost.state, DomainState::Verified { since: START, vouched: false, lost: Some(at(24)) });
        let still = lost.looked_up(records(&["v=spf1 -all"]), at(48));
        assert_eq!(still.state, lost.state, "counted from the first time");
        let week = at(24).plus(Domain::GRACE);
        assert!(still.admits_new(week.minus(Duration::from_secs(1))) && !still.admits_new(week));
        assert!(still.is_verified(), "known people go on signing in");
        assert!(still.looked_up(right(), week).admits_new(week), "back again");
        assert!(!claim().admits_new(START), "a claim is no proof");
    }

    #[test]
    fn a_server_that_fails_loses_nobody_a_domain() {
        let proven = claim().looked_up(right(), START);
        for found in [Found::NoAnswer, Found::ServerFailure("SERVFAIL".to_owned())] {
            let after = proven.looked_up(found.clone(), at(24));
            assert_eq!(after.state, proven.state);
            assert_eq!((after.found, after.checked), (Some(found), Some(at(24))));
        }
        let lost = proven.looked_up(Found::NoSuchName, at(24)).looked_up(Found::NoAnswer, at(25));
        assert!(matches!(lost.state, DomainState::Verified { lost: Some(since), .. } if since == at(24)));
    }

    #[test]
    fn a_vouched_domain_stays_whatever_dns_says() {
        let state = DomainState::Verified { since: START, vouched: true, lost: None };
        let vouched = Domain { state, ..claim() };
        assert_eq!(vouched.looked_up(Found::NoSuchName, at(24)), vouched);
    }

    #[test]
    fn what_strangers_write_into_dns_is_kept_short() {
        let mut many: Vec<String> = (0..500).map(|n| format!("{n:03}{}", "x".repeat(5000))).collect();
        many.push("usher-domain-verification=Other".to_owned());
        let after = claim().looked_up(Found::Records(many), START);
        let Some(Found::Records(kept)) = after.found else { panic!("records") };
        assert_eq!(kept.len(), 20);
        assert_eq!(kept[0], "usher-domain-verification=Other", "what was meant for us comes first");
        assert!(kept.iter().all(|record| record.chars().count() <= 300));
    }
}
