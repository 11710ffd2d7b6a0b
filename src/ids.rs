//! One type per kind of id, so that a member's number never stands where an organization's is meant.
//! Owns how ids are written and read back; knows nothing of what they name.

use std::fmt;

macro_rules! row_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

row_ids! {
    /// A parent organization: domains, connections and the directory belong to it.
    ParentId,
    /// An organization: members, seats and the provisioning mode belong to it.
    OrganizationId,
    /// A person of one parent organization; the same in all organizations attached to it.
    PersonId,
    /// One SSO link of a parent organization to its identity provider.
    ConnectionId,
    /// What one connection knows a person by (connection + subject).
    SubjectId,
    /// An application behind the gateway.
    ApplicationId,
    /// A verified or pending domain.
    DomainId,
    /// One entry of the audit log.
    AuditId,
    /// A user that a directory holds. Never reused; identity providers know the opaque public id only.
    DirectoryUserId,
    /// A group that a directory holds.
    DirectoryGroupId,
    /// One evaluation of an organization by its directory.
    SyncRunId,
}

/// The part of a name that stands in URLs, files and commands: `a-z 0-9 -`, at most 63 characters, starting and ending with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

/// Why a text is not a [`Slug`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a slug has 1 to 63 of a-z, 0-9 and -, and starts and ends with a letter or digit")]
pub struct NotASlug;

impl Slug {
    /// Reads a slug; upper case is refused rather than folded, so that two files never disagree about one name.
    pub fn parse(text: &str) -> Result<Self, NotASlug> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = text.as_bytes();
        let ends_plain = bytes.first().is_some_and(|b| plain(*b)) && bytes.last().is_some_and(|b| plain(*b));
        if ends_plain && bytes.len() <= 63 && bytes.iter().all(|b| plain(*b) || *b == b'-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotASlug)
        }
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The code shown to a refused person and searched for by the admin: `XXXX-XXXX`, 40 random bits in Crockford's base 32.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Incident(String);

impl Incident {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// Makes the code from five random bytes.
    pub fn from_random(bytes: [u8; 5]) -> Self {
        let bits = bytes.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        let mut text = String::with_capacity(9);
        for place in 0..8 {
            if place == 4 {
                text.push('-');
            }
            text.push(char::from(Self::ALPHABET[(bits >> (35 - 5 * place) & 31) as usize]));
        }
        Self(text)
    }

    /// Reads what a person typed: any case, with or without the dash, `O` for zero, `I` and `L` for one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut plain = String::with_capacity(9);
        for c in text.trim().chars().filter(|c| *c != '-') {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            if plain.len() == 4 {
                plain.push('-');
            }
            u8::try_from(c).ok().filter(|b| Self::ALPHABET.contains(b))?;
            plain.push(c);
        }
        (plain.len() == 9).then_some(Self(plain))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_lower_case_and_short() {
        for good in ["a", "acme", "acme-work", "0", &"x".repeat(63)] {
            assert_eq!(Slug::parse(good).expect("a slug").as_str(), good);
        }
        for bad in ["", "-", "a-", "-a", "Acme", "a b", "a/b", "ä", "a.b", &"x".repeat(64)] {
            assert_eq!(Slug::parse(bad), Err(NotASlug), "{bad}");
        }
    }

    #[test]
    fn an_incident_is_read_back_however_it_was_typed() {
        let incident = Incident::from_random([0xff, 0x00, 0x12, 0x34, 0x56]);
        assert_eq!(incident.as_str(), "ZW01-4D2P");
        assert_eq!(Incident::parse(" zwO1-4d2p "), Some(incident.clone()));
        assert_eq!(Incident::parse("ZWOI4D2P"), Some(incident));
        for bad in ["", "ZW01", "ZW01-4D2", "ZW01-4D2PP", "ZW01-4D2U", "ÄW01-4D2P"] {
            assert_eq!(Incident::parse(bad), None, "{bad}");
        }
    }
}
