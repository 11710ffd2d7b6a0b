//! What an identity provider has pushed over SCIM, as values: users and groups, and the form in which their names compare.
//! Owns what these things are; the wire format is `scim`'s, where they are kept is `store`'s, what they lead to is `membership`'s.

use std::fmt;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::clock::Timestamp;
use crate::identity::EmailAddress;
use crate::ids::{DirectoryGroupId, DirectoryUserId, ParentId, PersonId};

/// The directory of one parent organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directory {
    /// Whose.
    pub parent: ParentId,
    /// The first request with a good token: from then on scim can be chosen (rule B29).
    pub first_request: Option<Timestamp>,
    /// The latest request with a good token, to the minute.
    pub last_request: Option<Timestamp>,
    /// The latest change.
    pub last_push: Option<Timestamp>,
    /// Counts the changes of users, groups and memberships.
    pub version: i64,
    /// Users held.
    pub users: u64,
    /// Groups held.
    pub groups: u64,
}

/// A name that people type in any case and any Unicode form: kept as sent, compared by [`Name::key`].
#[derive(Clone, Debug)]
pub struct Name {
    text: String,
    key: String,
}

/// Why a text is not a [`Name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 1024 bytes, something visible and no control characters")]
pub struct NotAName;

impl Name {
    /// Takes a name as sent.
    pub fn parse(text: &str) -> Result<Self, NotAName> {
        let key = Self::key_of(text);
        if text.len() > 1024 || key.is_empty() || text.chars().any(char::is_control) {
            return Err(NotAName);
        }
        Ok(Self { text: text.to_owned(), key })
    }

    /// The form in which any text is compared with names: compatibility forms and case folded, what nobody sees left out
    /// (close to Unicode's `NFKC_Casefold`).
    pub fn key_of(text: &str) -> String {
        let hidden = |c: &char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}');
        if text.is_ascii() {
            return text.trim().to_ascii_lowercase();
        }
        let nfkc = ComposingNormalizerBorrowed::new_nfkc();
        // Upper case first: it brings together what only folds in one direction (ß and ss, ς and σ). The dotless ı is no i.
        let upper =
            |c: char| if c == '\u{131}' { [c].into_iter().collect() } else { c.to_uppercase().collect::<String>() };
        let folded: String = nfkc
            .normalize(text)
            .chars()
            .filter(|c| !hidden(c))
            .flat_map(|c| upper(c).chars().flat_map(char::to_lowercase).collect::<Vec<_>>())
            .collect();
        nfkc.normalize(folded.trim()).into_owned()
    }

    /// The name as sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The comparison form.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl PartialEq for Name {
    /// To the letter; whether two names are the same to a directory is asked of their keys.
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a push says about a user. Everything but the resource is what rules and look-ups need of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserContent {
    /// `userName`: unique in its directory, in any case and Unicode form.
    pub user_name: Name,
    /// `externalId`: unique in its directory, compared to the letter.
    pub external_id: Option<String>,
    /// The address that counts: whoever has none is in the directory, but cannot become a member. Unique in its directory.
    pub email: Option<EmailAddress>,
    /// What to call the person.
    pub display_name: Option<String>,
    /// Assigned and switched on.
    pub active: bool,
    /// The whole resource as kept for the client: JSON text, of no meaning here.
    pub resource: String,
}

/// A user as held. `version` counts the changes of its own content: being put into a group or taken out does not change a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryUser {
    /// Its row.
    pub id: DirectoryUserId,
    /// The SCIM `id`: opaque, never reused.
    pub public_id: String,
    /// Whose directory.
    pub parent: ParentId,
    /// Who it is here, once that matters to a member or a sign-in (rule B9).
    pub person: Option<PersonId>,
    /// What was pushed.
    pub content: UserContent,
    /// Since when.
    pub created_at: Timestamp,
    /// The latest change of the content.
    pub updated_at: Timestamp,
    /// Counts those changes, from 1.
    pub version: i64,
}

/// What a push says about a group, its members aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupContent {
    /// `displayName`; two groups may have the same one.
    pub display_name: Name,
    /// `externalId`: unique among the groups of its directory.
    pub external_id: Option<String>,
    /// The whole resource without its members, as kept for the client: JSON text.
    pub resource: String,
}

/// A group as held. `version` counts changes of content and of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryGroup {
    /// Its row.
    pub id: DirectoryGroupId,
    /// The SCIM `id`: opaque, never reused; what mappings hold on to.
    pub public_id: String,
    /// Whose directory.
    pub parent: ParentId,
    /// How many users are in it.
    pub members: u64,
    /// What was pushed.
    pub content: GroupContent,
    /// Since when.
    pub created_at: Timestamp,
    /// The latest change.
    pub updated_at: Timestamp,
    /// Counts the changes, from 1.
    pub version: i64,
}

/// A user as groups name it: enough for a list of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// Its row.
    pub id: DirectoryUserId,
    /// The SCIM `id`.
    pub public_id: String,
    /// What to call it: the display name, else `userName`.
    pub display: String,
}

/// A group as users name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupOfUser {
    /// Its row.
    pub id: DirectoryGroupId,
    /// The SCIM `id`.
    pub public_id: String,
    /// `displayName`.
    pub display: String,
}

/// What somebody else in the directory has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// `userName`.
    UserName,
    /// `externalId`.
    ExternalId,
    /// The e-mail address.
    Email,
}

impl Taken {
    /// The attribute's name in SCIM.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::UserName => "userName",
            Self::ExternalId => "externalId",
            Self::Email => "emails",
        }
    }
}

/// Why two addresses may be those of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// They are one.
    Same,
    /// Only the domain differs.
    OtherDomain,
    /// Dots and the like, or up to two letters, differ.
    Nearly,
}

/// Whether two addresses look like those of one person: for people to look at, never to decide by.
pub fn likeness(one: &EmailAddress, other: &EmailAddress) -> Option<Likeness> {
    /// Shorter names are like too many others.
    const SHORTEST: usize = 6;
    if one == other {
        return Some(Likeness::Same);
    }
    let (one_local, other_local) = (one.local_part(), other.local_part());
    if one_local == other_local {
        return Some(Likeness::OtherDomain);
    }
    let letters = |local: &str| local.chars().filter(|c| c.is_alphanumeric()).collect::<Vec<char>>();
    let (one_letters, other_letters) = (letters(one_local), letters(other_local));
    if one.domain() != other.domain() || one_letters.len().min(other_letters.len()) < SHORTEST {
        return None;
    }
    within_two(&one_letters, &other_letters).then_some(Likeness::Nearly)
}

/// Whether at most two letters were put in, left out or changed.
fn within_two(one: &[char], other: &[char]) -> bool {
    if one.len().abs_diff(other.len()) > 2 {
        return false;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        let mut least = row[0];
        for (column, against) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != against);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
            least = least.min(row[column + 1]);
        }
        if least > 2 {
            return false;
        }
    }
    row.last().is_some_and(|distance| *distance <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_in_any_case_and_unicode_form() {
        for (a, b) in [
            ("Anna@Acme.example", "anna@acme.EXAMPLE"),
            ("J\u{fc}rgen", "Ju\u{308}rgen"),
            ("J\u{dc}RGEN", "j\u{fc}rgen"),
            ("Stra\u{df}e", "STRASSE"),
            ("\u{3a3}\u{3af}\u{3c3}\u{3c5}\u{3c6}\u{3bf}\u{3c2}", "\u{3a3}\u{38a}\u{3a3}\u{3a5}\u{3a6}\u{39f}\u{3a3}"),
            ("\u{212a}arl", "karl"),
            ("\u{ff41}nna", "anna"),
            ("an\u{200b}na", "anna"),
            (" anna ", "anna"),
        ] {
            assert_eq!(Name::key_of(a), Name::key_of(b), "{a} and {b}");
        }
        for (a, b) in [("anna", "\u{430}nna"), ("anna", "an na"), ("i", "\u{131}")] {
            assert_ne!(Name::key_of(a), Name::key_of(b), "{a} and {b}");
        }
    }

    #[test]
    fn a_key_of_a_key_is_itself() {
        for text in ["Stra\u{df}e", "\u{130}stanbul", "\u{fb01}n", "\u{390}", "\u{1f88}x", "\u{345}\u{399}"] {
            let key = Name::key_of(text);
            assert_eq!(Name::key_of(&key), key, "{text}");
        }
    }

    #[test]
    fn a_name_that_nobody_could_see_is_refused() {
        for bad in ["", " ", "\u{200b}", "a\nb", "a\0b", &"x".repeat(1025)] {
            assert_eq!(Name::parse(bad), Err(NotAName), "{bad:?}");
        }
        assert_eq!(Name::parse("Anna Berg").expect("a name").as_str(), "Anna Berg");
    }

    #[test]
    fn addresses_that_look_like_one_persons_are_told_apart_from_others() {
        let of = |one: &str, other: &str| {
            let parse = |text: &str| EmailAddress::parse(text).expect("an address");
            (likeness(&parse(one), &parse(other)), likeness(&parse(other), &parse(one)))
        };
        for (one, other, expected) in [
            ("anna.muster@acme.example", "Anna.Muster@ACME.example", Some(Likeness::Same)),
            ("anna.muster@acme.example", "anna.muster@acme.test", Some(Likeness::OtherDomain)),
            ("anna.muster@acme.example", "annamuster@acme.example", Some(Likeness::Nearly)),
            ("anna.muster@acme.example", "ana.muster@acme.example", Some(Likeness::Nearly)),
            ("anna.muster@acme.example", "anna.mustre@acme.example", Some(Likeness::Nearly)),
            ("anna.muster@acme.example", "anne.mustermann@acme.example", None),
            ("anna.muster@acme.example", "otto.weber@acme.example", None),
            ("anna.muster@acme.example", "ana.muster@acme.test", None),
            ("anna@acme.example", "hanna@acme.example", None),
        ] {
            assert_eq!(of(one, other), (expected, expected), "{one} {other}");
        }
    }
}
