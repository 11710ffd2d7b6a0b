//! What the demo identity provider can do wrong on purpose, and what the gateway should make of it.

use std::fmt;

use super::sites::Protocol;

/// One way to answer wrongly (or, for some, rightly but unusually).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Made for another service.
    WrongAudience,
    /// Valid until ten minutes ago.
    Expired,
    /// The signature does not fit.
    BadSignature,
    /// Signed with a key the gateway has never seen.
    OtherKey,
    /// Not signed at all.
    Unsigned,
    /// What was used already once more: the last answer, or the last code.
    Replay,
    /// Addressed to another place.
    WrongRecipient,
    /// A second, forged assertion beside the signed one.
    TwoAssertions,
    /// An answer to another question.
    WrongNonce,
    /// A token of another issuer.
    WrongIssuer,
    /// The browser is sent back in the name of another issuer (RFC 9207).
    MixUp,
    /// An address that the identity provider itself does not vouch for.
    UnverifiedEmail,
    /// Userinfo about somebody else.
    OtherUserinfo,
    /// Nothing said about groups.
    NoGroups,
    /// Too many groups to send: a link instead (Entra ID does this above 150, or 200 in a token).
    TooManyGroups,
    /// The identity provider says no.
    Refusal,
    /// An address in a domain that the organization has not verified.
    ForeignDomain,
    /// The token comes later than anybody waits.
    Slow,
    /// Nothing answers but the page of people.
    Down,
    /// Encrypted for the gateway: not a fault at all.
    Encrypted,
    /// Address, name and groups are in userinfo only: not a fault at all.
    UserinfoOnly,
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

const SAML: [Fault; 13] = [
    Fault::WrongAudience,
    Fault::Expired,
    Fault::BadSignature,
    Fault::OtherKey,
    Fault::Unsigned,
    Fault::Replay,
    Fault::WrongRecipient,
    Fault::TwoAssertions,
    Fault::NoGroups,
    Fault::TooManyGroups,
    Fault::Refusal,
    Fault::ForeignDomain,
    Fault::Encrypted,
];

const OIDC: [Fault; 18] = [
    Fault::WrongAudience,
    Fault::Expired,
    Fault::BadSignature,
    Fault::OtherKey,
    Fault::Unsigned,
    Fault::Replay,
    Fault::WrongNonce,
    Fault::WrongIssuer,
    Fault::MixUp,
    Fault::OtherUserinfo,
    Fault::UnverifiedEmail,
    Fault::NoGroups,
    Fault::TooManyGroups,
    Fault::Refusal,
    Fault::ForeignDomain,
    Fault::Slow,
    Fault::Down,
    Fault::UserinfoOnly,
];

impl Fault {
    /// What can go wrong in a protocol, in the order of the page.
    pub fn of(protocol: Protocol) -> &'static [Self] {
        match protocol {
            Protocol::Saml => &SAML,
            Protocol::Oidc => &OIDC,
        }
    }

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
            Self::WrongNonce => "wrong-nonce",
            Self::WrongIssuer => "wrong-issuer",
            Self::MixUp => "mix-up",
            Self::UnverifiedEmail => "unverified-email",
            Self::OtherUserinfo => "other-userinfo",
            Self::NoGroups => "no-groups",
            Self::TooManyGroups => "too-many-groups",
            Self::Refusal => "refusal",
            Self::ForeignDomain => "foreign-domain",
            Self::Slow => "slow",
            Self::Down => "down",
            Self::Encrypted => "encrypted",
            Self::UserinfoOnly => "userinfo-only",
        }
    }

    /// Reads the word, for a protocol that can do it.
    pub fn parse(protocol: Protocol, key: &str) -> Option<Self> {
        Self::of(protocol).iter().copied().find(|fault| fault.key() == key)
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
            Self::WrongNonce => "Wrong nonce",
            Self::WrongIssuer => "Wrong issuer",
            Self::MixUp => "Mix-up",
            Self::UnverifiedEmail => "Unverified e-mail address",
            Self::OtherUserinfo => "Somebody else's userinfo",
            Self::NoGroups => "No groups",
            Self::TooManyGroups => "Too many groups",
            Self::Refusal => "The identity provider refuses",
            Self::ForeignDomain => "Unverified domain",
            Self::Slow => "Slow answer",
            Self::Down => "Identity provider down",
            Self::Encrypted => "Encrypted",
            Self::UserinfoOnly => "Claims in userinfo only",
        }
    }

    /// What it does, in one sentence.
    pub fn does(self, protocol: Protocol) -> &'static str {
        let saml = protocol == Protocol::Saml;
        match self {
            Self::WrongAudience if saml => "The answer is correctly signed, but was made for another service.",
            Self::WrongAudience => "The ID token is correctly signed, but was made for another client.",
            Self::Expired if saml => "The answer stopped being valid ten minutes ago.",
            Self::Expired => "The ID token stopped being valid ten minutes ago.",
            Self::BadSignature => "One character of the signature is changed on the way.",
            Self::OtherKey if saml => {
                "The answer is signed with an unknown key, and carries that key's certificate itself."
            }
            Self::OtherKey => "The ID token is signed with a key that is not in the key set.",
            Self::Unsigned if saml => "The signature is left out.",
            Self::Unsigned => "The ID token says \"alg\": \"none\" and has no signature.",
            Self::Replay if saml => "The answer sent last to this connection is sent again, as a thief would.",
            Self::Replay => "The code used last over this connection is sent again, as a thief would.",
            Self::WrongRecipient => "The answer names another address than the gateway's to be delivered to.",
            Self::TwoAssertions => "A forged assertion about the owner is put beside the signed one.",
            Self::WrongNonce => "The ID token was made for another sign-in: its nonce is not the gateway's.",
            Self::WrongIssuer => "The ID token says that another identity provider made it.",
            Self::MixUp => "The browser is sent back in the name of another identity provider.",
            Self::UnverifiedEmail => {
                "The ID token says \"email_verified\": false: anybody could have typed the address."
            }
            Self::OtherUserinfo => "The ID token says little, and userinfo answers about the owner.",
            Self::NoGroups if saml => "The groups attribute is left out, as when it was forgotten at set-up.",
            Self::NoGroups => "The groups claim is left out, as when it was forgotten at set-up.",
            Self::TooManyGroups if saml => "A link is sent instead of groups, as Entra ID does above 150 groups.",
            Self::TooManyGroups => {
                "A link is sent instead of groups (_claim_names), as Entra ID does above 200 groups."
            }
            Self::Refusal if saml => {
                "A status is sent instead of an assertion, as for a person who is not assigned to us."
            }
            Self::Refusal => "The answer is access_denied, as for a person who is not assigned to us.",
            Self::ForeignDomain => "The e-mail address is put into a domain that nobody has verified.",
            Self::Slow => "The tokens come after twelve seconds. The gateway waits ten.",
            Self::Down => "Everything but this choice answers 503: while it is switched on, also discovery and keys.",
            Self::Encrypted => "The assertion is encrypted for the gateway. Nothing is wrong with it.",
            Self::UserinfoOnly => {
                "Address, name and groups are not in the ID token but in userinfo. Nothing is wrong with that."
            }
        }
    }

    /// What the gateway should do, in one sentence.
    pub fn gateway_should(self) -> &'static str {
        match self {
            Self::WrongAudience
            | Self::Expired
            | Self::WrongRecipient
            | Self::WrongNonce
            | Self::WrongIssuer
            | Self::MixUp
            | Self::OtherUserinfo => "Refuse it, change nothing, and tell only the administrator which check failed.",
            Self::BadSignature | Self::OtherKey | Self::Unsigned | Self::TwoAssertions => {
                "Refuse it before reading anything in it: only verified bytes become facts."
            }
            Self::Replay => "Refuse it: every answer counts once, also after a restart.",
            Self::NoGroups | Self::TooManyGroups => {
                "Refuse, and change nobody: \"nothing is known about groups\" is not \"in no group\"."
            }
            Self::Refusal => "Say that the identity provider said no. Role and seat stay as they are.",
            Self::ForeignDomain => "Refuse it: an address counts only in a verified domain of the organization.",
            Self::UnverifiedEmail => "Refuse it: an address that nobody vouches for is nobody's.",
            Self::Slow | Self::Down => "Say whose turn it is, and delay nobody else.",
            Self::Encrypted => "Decrypt it, check it like any other, and let the person in.",
            Self::UserinfoOnly => "Ask there, check that it is about the same person, and let them in.",
        }
    }

    /// What the outcome is.
    pub fn expected(self, protocol: Protocol) -> Expected {
        match self {
            Self::WrongAudience
            | Self::Expired
            | Self::BadSignature
            | Self::OtherKey
            | Self::Unsigned
            | Self::WrongRecipient
            | Self::TwoAssertions
            | Self::WrongNonce
            | Self::WrongIssuer
            | Self::MixUp
            | Self::UnverifiedEmail
            | Self::OtherUserinfo => Expected::Refused(&["assertion_invalid"]),
            // The pending sign-in of the earlier answer is used up; an unasked one meets the memory of answers.
            Self::Replay if protocol == Protocol::Saml => {
                Expected::Refused(&["assertion_invalid", "assertion_replayed", "sign_in_expired"])
            }
            Self::Replay => Expected::Refused(&["sign_in_expired"]),
            Self::NoGroups | Self::TooManyGroups => Expected::Refused(&["groups_missing"]),
            Self::Refusal => Expected::Refused(&["idp_denied"]),
            Self::ForeignDomain => Expected::Refused(&["domain_not_verified"]),
            Self::Slow | Self::Down => Expected::Refused(&["idp_unavailable"]),
            Self::Encrypted | Self::UserinfoOnly => Expected::SignedIn,
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
    /// For sign-ins in which protocol.
    pub protocol: Protocol,
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
        for protocol in Protocol::ALL {
            let all = Fault::of(protocol);
            let words: BTreeSet<_> = all.iter().map(|fault| fault.key()).collect();
            assert_eq!(words.len(), all.len());
            for fault in all.iter().copied() {
                assert_eq!(Fault::parse(protocol, fault.key()), Some(fault));
                match fault.expected(protocol) {
                    Expected::SignedIn => assert!(matches!(fault, Fault::Encrypted | Fault::UserinfoOnly), "{fault}"),
                    Expected::Refused(codes) => {
                        assert!(codes.iter().all(|code| Refusal::parse(code).is_some()), "{fault}: {codes:?}");
                    }
                }
            }
            assert_eq!(Fault::parse(protocol, "none"), None);
        }
        assert_eq!(Fault::parse(Protocol::Oidc, "encrypted"), None, "a fault of the other protocol");
        assert_eq!(Fault::parse(Protocol::Saml, "wrong-nonce"), None);
    }
}
