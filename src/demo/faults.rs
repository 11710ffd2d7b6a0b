//! What the demo identity provider can do wrong on purpose, and what the gateway should make of it.

use std::fmt;

/// One way to answer wrongly (or, for two of them, rightly but unusually).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Made for another service provider.
    WrongAudience,
    /// Valid until ten minutes ago.
    Expired,
    /// The signature does not fit.
    BadSignature,
    /// Signed with a key the gateway has never seen, which the message itself carries.
    OtherKey,
    /// Not signed at all.
    Unsigned,
    /// The last answer to this connection once more.
    Replay,
    /// Addressed to another place.
    WrongRecipient,
    /// A second, forged assertion beside the signed one.
    TwoAssertions,
    /// Nothing said about groups.
    NoGroups,
    /// Too many groups to send: a link instead (Entra ID does this above 150).
    TooManyGroups,
    /// A status instead of an assertion.
    Refusal,
    /// An address in a domain that the organization has not verified.
    ForeignDomain,
    /// Encrypted for the gateway: not a fault at all.
    Encrypted,
}

/// What should come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The sign-in succeeds.
    SignedIn,
    /// One of these refusal codes.
    Refused(&'static [&'static str]),
}

impl Expected {
    /// The words for the page.
    pub fn words(self) -> String {
        match self {
            Self::SignedIn => "signs in".to_owned(),
            Self::Refused(codes) => format!("refused: {}", codes.join(" or ")),
        }
    }
}

impl Fault {
    /// Every fault, in the order of the page.
    pub const ALL: [Self; 13] = [
        Self::WrongAudience,
        Self::Expired,
        Self::BadSignature,
        Self::OtherKey,
        Self::Unsigned,
        Self::Replay,
        Self::WrongRecipient,
        Self::TwoAssertions,
        Self::NoGroups,
        Self::TooManyGroups,
        Self::Refusal,
        Self::ForeignDomain,
        Self::Encrypted,
    ];

    /// The word in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::WrongAudience => "wrong-audience",
            Self::Expired => "expired",
            Self::BadSignature => "bad-signature",
            Self::OtherKey => "other-key",
            Self::Unsigned => "unsigned",
            Self::Replay => "replay",
            Self::WrongRecipient => "wrong-recipient",
            Self::TwoAssertions => "two-assertions",
            Self::NoGroups => "no-groups",
            Self::TooManyGroups => "too-many-groups",
            Self::Refusal => "refusal",
            Self::ForeignDomain => "foreign-domain",
            Self::Encrypted => "encrypted",
        }
    }

    /// Reads the word.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.key() == key)
    }

    /// What the page calls it.
    pub fn title(self) -> &'static str {
        match self {
            Self::WrongAudience => "Wrong audience",
            Self::Expired => "Expired",
            Self::BadSignature => "Bad signature",
            Self::OtherKey => "Signed by somebody else",
            Self::Unsigned => "Unsigned",
            Self::Replay => "Replay",
            Self::WrongRecipient => "Wrong recipient",
            Self::TwoAssertions => "Two assertions",
            Self::NoGroups => "No groups attribute",
            Self::TooManyGroups => "Too many groups",
            Self::Refusal => "The identity provider refuses",
            Self::ForeignDomain => "Unverified domain",
            Self::Encrypted => "Encrypted",
        }
    }

    /// What it does, in one sentence.
    pub fn does(self) -> &'static str {
        match self {
            Self::WrongAudience => "The answer is correctly signed, but was made for another service.",
            Self::Expired => "The answer stopped being valid ten minutes ago.",
            Self::BadSignature => "One character of the signature is changed on the way.",
            Self::OtherKey => "The answer is signed with an unknown key, and carries that key's certificate itself.",
            Self::Unsigned => "The signature is left out.",
            Self::Replay => "The answer sent last to this connection is sent again, as a thief would.",
            Self::WrongRecipient => "The answer names another address than the gateway's to be delivered to.",
            Self::TwoAssertions => "A forged assertion about the owner is put beside the signed one.",
            Self::NoGroups => "The groups attribute is left out, as when it was forgotten at set-up.",
            Self::TooManyGroups => "A link is sent instead of groups, as Entra ID does above 150 groups.",
            Self::Refusal => "A status is sent instead of an assertion, as for a person who is not assigned to us.",
            Self::ForeignDomain => "The e-mail address is put into a domain that nobody has verified.",
            Self::Encrypted => "The assertion is encrypted for the gateway. Nothing is wrong with it.",
        }
    }

    /// What the gateway should do, in one sentence.
    pub fn gateway_should(self) -> &'static str {
        match self {
            Self::WrongAudience | Self::Expired | Self::WrongRecipient => {
                "Refuse it, change nothing, and tell only the administrator which check failed."
            }
            Self::BadSignature | Self::OtherKey | Self::Unsigned | Self::TwoAssertions => {
                "Refuse it before reading anything in it: only verified bytes become facts."
            }
            Self::Replay => "Refuse it: every answer counts once, also after a restart.",
            Self::NoGroups | Self::TooManyGroups => {
                "Refuse, and change nobody: \"nothing is known about groups\" is not \"in no group\"."
            }
            Self::Refusal => "Say that the identity provider said no. Role and seat stay as they are.",
            Self::ForeignDomain => "Refuse it: an address counts only in a verified domain of the organization.",
            Self::Encrypted => "Decrypt it, check it like any other, and let the person in.",
        }
    }

    /// What the outcome is.
    pub fn expected(self) -> Expected {
        match self {
            Self::WrongAudience
            | Self::Expired
            | Self::BadSignature
            | Self::OtherKey
            | Self::Unsigned
            | Self::WrongRecipient
            | Self::TwoAssertions => Expected::Refused(&["assertion_invalid"]),
            // The pending sign-in of the earlier answer is used up; an unasked one meets the memory of answers.
            Self::Replay => Expected::Refused(&["assertion_invalid", "assertion_replayed", "sign_in_expired"]),
            Self::NoGroups | Self::TooManyGroups => Expected::Refused(&["groups_missing"]),
            Self::Refusal => Expected::Refused(&["idp_denied"]),
            Self::ForeignDomain => Expected::Refused(&["domain_not_verified"]),
            Self::Encrypted => Expected::SignedIn,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// How long a fault that was switched on stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// For the next answer.
    NextSignIn,
    /// Until somebody switches it off.
    UntilSwitchedOff,
}

/// A fault that is switched on for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Armed {
    /// Which.
    pub fault: Fault,
    /// How long.
    pub lasts: Lasts,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::provisioning::Refusal;

    #[test]
    fn every_fault_has_a_word_of_its_own_and_names_real_codes() {
        let words: BTreeSet<_> = Fault::ALL.into_iter().map(Fault::key).collect();
        assert_eq!(words.len(), Fault::ALL.len());
        for fault in Fault::ALL {
            assert_eq!(Fault::parse(fault.key()), Some(fault));
            match fault.expected() {
                Expected::SignedIn => assert_eq!(fault, Fault::Encrypted),
                Expected::Refused(codes) => {
                    assert!(codes.iter().all(|code| Refusal::parse(code).is_some()), "{fault}: {codes:?}");
                }
            }
        }
        assert_eq!(Fault::parse("none"), None);
    }
}
