//! What an identity provider asserted about a person, in nobody's dialect.
//! Owns e-mail addresses, domains, subjects and groups; no field that only SAML or only OpenID Connect has.

use std::collections::BTreeSet;
use std::fmt;

use crate::ids::ConnectionId;

/// The verified facts of one sign-in. Whoever holds one has checked the signature first: only `saml` and `oidc` make them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertedIdentity {
    /// The connection whose keys verified it.
    pub connection: ConnectionId,
    /// The identity provider's stable name for the person.
    pub subject: Subject,
    /// The address asserted; data, not a key (rule B9).
    pub email: EmailAddress,
    /// What to call the person; the e-mail's local part is used where nothing was sent.
    pub display_name: Option<String>,
    /// What was said about groups.
    pub groups: AssertedGroups,
}

/// An identity provider's stable name for a person (persistent `NameID`, `sub`): compared to the letter, 1 to 1024 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(String);

impl Subject {
    /// Takes a subject as sent; nothing is trimmed or folded. `None` if empty, longer than 1024 bytes or with control characters.
    pub fn new(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= 1024 && !text.chars().any(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }

    /// The subject as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A group as the identity provider writes it: a name, a GUID, a DN, a path. Compared to the letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey(String);

impl GroupKey {
    /// Takes a value as sent. `None` if empty, longer than 1024 bytes or with a NUL.
    pub fn new(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= 1024 && !text.contains('\0');
        fits.then(|| Self(text.to_owned()))
    }

    /// The value as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an identity provider said about groups. Three values, because they lead to three decisions (rule B17):
/// mixing them up is how other gateways demoted admins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssertedGroups {
    /// The groups were sent; an empty list says "in no group".
    Listed(BTreeSet<GroupKey>),
    /// The attribute was missing: nothing is known about groups.
    NotSent,
    /// The identity provider says there are too many to send (Entra `groups.link`, `_claim_names`).
    TooMany,
}

impl AssertedGroups {
    /// Lists groups; unusable values (empty, with a NUL) are left out.
    pub fn listed<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Listed(values.into_iter().filter_map(GroupKey::new).collect())
    }

    /// For a connection marked "omits the attribute when empty", a missing attribute is an empty one (rule B17). Overage stays overage.
    pub fn read_as_empty_when_not_sent(self, omits_empty: bool) -> Self {
        match self {
            Self::NotSent if omits_empty => Self::Listed(BTreeSet::new()),
            Self::Listed(_) | Self::NotSent | Self::TooMany => self,
        }
    }
}

/// A domain name, case-folded and in A-label form (IDNA, UTS 46), without a trailing dot. A subdomain is another domain (rule B8).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

/// Why a text is not a domain of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// Not a host name.
    #[error("a domain looks like example.com")]
    NotADomain,
    /// One label or an address: nobody can prove to own it.
    #[error("a domain has at least two labels and is no IP address")]
    TooShort,
}

impl DomainName {
    /// Reads a domain in any case, Unicode or A-label form.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let text = text.strip_suffix('.').unwrap_or(text);
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_| DomainError::NotADomain)?;
        let label_fits = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if ascii.len() > 253 || !ascii.split('.').all(label_fits) {
            return Err(DomainError::NotADomain);
        }
        let last = ascii.rsplit('.').next().unwrap_or_default();
        if !ascii.contains('.') || last.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DomainError::TooShort);
        }
        Ok(Self(ascii))
    }

    /// The A-label form: what is stored and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a public mail provider, where an address says nothing about an organization (rule B6).
    pub fn is_public_mail(&self) -> bool {
        PUBLIC_MAIL.binary_search(&self.0.as_str()).is_ok()
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Public mail providers, sorted.
const PUBLIC_MAIL: &[&str] = &[
    "126.com",
    "163.com",
    "aim.com",
    "aol.com",
    "bk.ru",
    "bluewin.ch",
    "btinternet.com",
    "comcast.net",
    "cox.net",
    "duck.com",
    "fastmail.com",
    "fastmail.fm",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.fr",
    "icloud.com",
    "inbox.ru",
    "interia.pl",
    "laposte.net",
    "libero.it",
    "list.ru",
    "live.com",
    "live.de",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ru",
    "mailbox.org",
    "mailinator.com",
    "me.com",
    "msn.com",
    "naver.com",
    "o2.pl",
    "onet.pl",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.fr",
    "pm.me",
    "poczta.onet.pl",
    "poczta.pl",
    "posteo.de",
    "posteo.net",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "rediffmail.com",
    "rocketmail.com",
    "sbcglobal.net",
    "seznam.cz",
    "sina.com",
    "t-online.de",
    "tuta.com",
    "tutanota.com",
    "verizon.net",
    "web.de",
    "wp.pl",
    "ya.ru",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "yandex.com",
    "yandex.ru",
    "yeah.net",
    "ymail.com",
    "zoho.com",
];

/// An e-mail address as a key: ASCII letters folded, domain as [`DomainName`].
///
/// Deliberately narrower than RFC 5321: one `@`, no quoted local part, no comment, no white space. Addresses outside that
/// are a known way to make two parsers disagree about the domain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress {
    text: String,
    at: usize,
}

/// Why a text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address looks like anna@example.com")]
pub struct NotAnAddress;

impl EmailAddress {
    /// Reads one bare address. Only ASCII letters are folded in the local part: Unicode folding would merge people.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let (local, domain) = text.split_once('@').ok_or(NotAnAddress)?;
        let forbidden = |c: char| {
            c.is_whitespace()
                || c.is_control()
                || matches!(c, '@' | '"' | '(' | ')' | ',' | ':' | ';' | '<' | '>' | '[' | '\\' | ']' | '%' | '!')
        };
        let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}');
        let local_fits = (1..=64).contains(&local.len())
            && !local.contains(|c| forbidden(c) || hidden(c))
            && !local.starts_with(['.', '='])
            && !local.ends_with('.')
            && !local.contains("..")
            && !local.contains("=?");
        if !local_fits || domain.contains('@') {
            return Err(NotAnAddress);
        }
        let domain = DomainName::parse(domain).map_err(|_| NotAnAddress)?;
        let local = local.to_ascii_lowercase();
        Ok(Self { at: local.len(), text: format!("{local}@{domain}") })
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        &self.text[..self.at]
    }

    /// The domain that has to be verified for the connection's parent (rule B8).
    pub fn domain(&self) -> DomainName {
        DomainName(self.text[self.at + 1..].to_owned())
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_folded_where_folding_is_safe() {
        let address = EmailAddress::parse("Anna.Müller@BÜCHER.example").expect("an address");
        assert_eq!(address.as_str(), "anna.müller@xn--bcher-kva.example");
        assert_eq!(address.domain().as_str(), "xn--bcher-kva.example");
        // The Kelvin sign folds to k under Unicode rules, and would make this address somebody else's.
        assert_ne!(EmailAddress::parse("\u{212a}arl@acme.example"), EmailAddress::parse("karl@acme.example"));
        assert_eq!(EmailAddress::parse("a@acme.example."), EmailAddress::parse("A@Acme.Example"));
    }

    #[test]
    fn an_address_on_which_parsers_disagree_is_refused() {
        for bad in [
            "",
            "anna",
            "@acme.example",
            "anna@",
            "a@b@acme.example",
            "anna@evil.example@acme.example",
            "\"a@b\"@acme.example",
            "<anna@acme.example>",
            "Anna <anna@acme.example>",
            "anna@acme.example, x@y.example",
            "anna @acme.example",
            "anna@acme.example\n",
            "anna@acme.example\0",
            "anna@[127.0.0.1]",
            "anna@127.0.0.1",
            "anna@localhost",
            "a..b@acme.example",
            ".a@acme.example",
            "a.@acme.example",
            "=?utf-8?q?a?=@acme.example",
            "anna@acme..example",
            "anna@-acme.example",
            "anna(comment)@acme.example",
            "an\u{200b}na@acme.example",
            "anna%evil.example@acme.example",
            "evil!anna@acme.example",
        ] {
            assert_eq!(EmailAddress::parse(bad), Err(NotAnAddress), "{bad:?}");
        }
    }

    #[test]
    fn b8_a_subdomain_is_a_domain_of_its_own() {
        let domain = DomainName::parse("acme.example").expect("a domain");
        for other in ["mail.acme.example", "notacme.example", "acme.example.evil.example"] {
            assert_ne!(EmailAddress::parse(&format!("a@{other}")).expect("an address").domain(), domain);
        }
    }

    #[test]
    fn b6_public_mail_is_recognised_in_any_case() {
        assert!(PUBLIC_MAIL.is_sorted(), "the list is searched by halves");
        assert!(DomainName::parse("GMail.com").expect("a domain").is_public_mail());
        assert!(!DomainName::parse("acme.example").expect("a domain").is_public_mail());
        assert_eq!(DomainName::parse("localhost"), Err(DomainError::TooShort));
        assert_eq!(DomainName::parse("a_b.example"), Err(DomainError::NotADomain));
    }

    #[test]
    fn b17_missing_empty_and_too_many_stay_three_things() {
        let empty = AssertedGroups::Listed(BTreeSet::new());
        assert_eq!(AssertedGroups::NotSent.read_as_empty_when_not_sent(true), empty);
        assert_eq!(AssertedGroups::NotSent.read_as_empty_when_not_sent(false), AssertedGroups::NotSent);
        assert_eq!(AssertedGroups::TooMany.read_as_empty_when_not_sent(true), AssertedGroups::TooMany);
    }
}
