//! What the attribute statements say, under the names the well-known identity providers use.
//! Names are compared exactly on `Name`, never on FriendlyName; the same attribute twice is one attribute.

use std::collections::HashMap;

use roxmltree::Node;

use crate::connection::AttributeNames;
use crate::identity::{AssertedGroups, EmailAddress, Subject};

use super::assertion::NameId;
use super::error::SamlError;
use super::warning::Warning;
use super::xml::{SAML, XML_SPACE, attribute, children, shown, verbatim};

/// Tried in this order for the address when the connection names none.
pub const EMAIL_NAMES: &[&str] = &[
    "email",
    "mail",
    "emailaddress",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
];

/// Tried in this order for the groups when the connection names none.
pub const GROUP_NAMES: &[&str] = &[
    "groups",
    "group",
    "memberOf",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
    "http://schemas.xmlsoap.org/claims/Group",
    "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
];

/// Tried in this order for what to call the person when the connection names none.
pub const NAME_NAMES: &[&str] = &[
    "displayName",
    "displayname",
    "name",
    "http://schemas.microsoft.com/identity/claims/displayname",
    "http://schemas.xmlsoap.org/claims/CommonName",
    "urn:oid:2.16.840.1.113730.3.1.241",
    "cn",
    "urn:oid:2.5.4.3",
];

/// Pairs of given name and family name, tried when no display name is sent.
const NAME_PAIRS: &[(&str, &str)] = &[
    ("firstName", "lastName"),
    ("firstname", "lastname"),
    ("first_name", "last_name"),
    ("givenName", "sn"),
    ("givenName", "surname"),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
    ),
    ("urn:oid:2.5.4.42", "urn:oid:2.5.4.4"),
];

/// Attributes that name a person for good, whatever the NameID is.
const SUBJECT_NAMES: &[&str] = &[
    "urn:oasis:names:tc:SAML:attribute:subject-id",
    "urn:oasis:names:tc:SAML:attribute:pairwise-id",
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
];

const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const EMAIL_FORMAT: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";

/// All attributes of the assertion, by name, merged. Values are read when they are used.
pub(crate) struct Attributes<'a, 'i> {
    by_name: HashMap<&'a str, Vec<Node<'a, 'i>>>,
    /// The identity provider says that there are too many groups to send (Entra).
    overage: bool,
}

impl<'a, 'i> Attributes<'a, 'i> {
    pub(crate) fn of(assertion: Node<'a, 'i>, warnings: &mut Vec<Warning>) -> Self {
        let mut by_name: HashMap<&'a str, Vec<Node<'a, 'i>>> = HashMap::new();
        let mut overage = false;
        for statement in children(assertion, SAML, "AttributeStatement") {
            if children(statement, SAML, "EncryptedAttribute").next().is_some() {
                warnings.push(Warning::EncryptedAttribute);
            }
            for attribute_node in children(statement, SAML, "Attribute") {
                let Some(name) = attribute(attribute_node, "Name") else { continue };
                overage |= name.ends_with("groups.link");
                by_name.entry(name).or_default().extend(children(attribute_node, SAML, "AttributeValue"));
            }
        }
        Self { by_name, overage }
    }

    /// The values of an attribute as they stand; `None` if it was not sent, an error if one is more than text.
    fn values(&self, name: &str) -> Result<Option<Vec<&'a str>>, SamlError> {
        let Some(nodes) = self.by_name.get(name) else { return Ok(None) };
        let structured = |_| SamlError::Structured { what: format!("a value of {}", shown(name)) };
        nodes
            .iter()
            .map(|node| verbatim(*node, "AttributeValue").map_err(structured))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    fn first_of<'n>(&self, names: &[&'n str]) -> Result<Option<(&'n str, Vec<&'a str>)>, SamlError> {
        for name in names {
            if let Some(values) = self.values(name)?
                && values.iter().any(|value| !trimmed(value).is_empty())
            {
                return Ok(Some((name, values)));
            }
        }
        Ok(None)
    }

    pub(crate) fn email(
        &self,
        names: &AttributeNames,
        name_id: &NameId,
        warnings: &mut Vec<Warning>,
    ) -> Result<EmailAddress, SamlError> {
        let tried: Vec<&str> = match &names.email {
            Some(name) => vec![name],
            None => EMAIL_NAMES.to_vec(),
        };
        if let Some((name, values)) = self.first_of(&tried)? {
            let mut values = values.iter().map(|value| trimmed(value)).filter(|value| !value.is_empty());
            let first = values.next().unwrap_or_default();
            if values.next().is_some() {
                warnings.push(Warning::SeveralEmails);
            }
            return EmailAddress::parse(first).map_err(|_| SamlError::NotAnAddress { attribute: shown(name) });
        }
        if names.email.is_none() && name_id.format.as_deref() == Some(EMAIL_FORMAT) {
            return EmailAddress::parse(&name_id.value)
                .map_err(|_| SamlError::NotAnAddress { attribute: "NameID".to_owned() });
        }
        Err(SamlError::NoEmail { tried: shown(&tried.join(", ")) })
    }

    /// The identity provider's stable name for the person. A transient NameID is a new one each time, so never that.
    pub(crate) fn subject(
        &self,
        names: &AttributeNames,
        name_id: &NameId,
        email: &EmailAddress,
        warnings: &mut Vec<Warning>,
    ) -> Result<Subject, SamlError> {
        let subject = |attribute: &str, value: &str| {
            Subject::new(value).ok_or_else(|| SamlError::NoSubject { attribute: shown(attribute) })
        };
        let only = |attribute: &str, values: &[&str]| match values {
            [value] => subject(attribute, trimmed(value)),
            _ => Err(SamlError::NoSubject { attribute: shown(attribute) }),
        };
        if let Some(name) = &names.subject {
            return only(name, &self.values(name)?.unwrap_or_default());
        }
        if name_id.format.as_deref() == Some(PERSISTENT) {
            return subject("NameID", &name_id.value);
        }
        if let Some((name, values)) = self.first_of(SUBJECT_NAMES)? {
            return only(name, &values);
        }
        match name_id.format.as_deref() {
            Some(TRANSIENT) => {
                warnings.push(Warning::TransientNameId);
                subject("the e-mail address", email.as_str())
            }
            // An address means the same person in any case.
            Some(EMAIL_FORMAT) => match EmailAddress::parse(&name_id.value) {
                Ok(address) => subject("NameID", address.as_str()),
                Err(_) => subject("NameID", &name_id.value),
            },
            Some(_) | None => subject("NameID", &name_id.value),
        }
    }

    /// What was said about groups: listed, not sent, or too many to send (rule B17).
    pub(crate) fn groups(&self, names: &AttributeNames) -> Result<AssertedGroups, SamlError> {
        let tried: Vec<&str> = match &names.groups {
            Some(name) => vec![name],
            None => GROUP_NAMES.to_vec(),
        };
        for name in tried {
            if let Some(values) = self.values(name)? {
                return Ok(AssertedGroups::listed(values));
            }
        }
        Ok(if self.overage { AssertedGroups::TooMany } else { AssertedGroups::NotSent })
    }

    /// What to call the person. Never a reason to refuse: a name that cannot be shown is left out.
    pub(crate) fn display_name(&self, names: &AttributeNames) -> Option<String> {
        let text_of = |name: &str| -> Option<String> {
            let values = self.values(name).ok().flatten()?;
            let words =
                values.first()?.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
            let clean: String = words.collect::<Vec<_>>().join(" ").chars().take(200).collect();
            (!clean.is_empty()).then_some(clean)
        };
        if let Some(name) = &names.name {
            return text_of(name);
        }
        let pair = |(given, family): &(&str, &str)| Some(format!("{} {}", text_of(given)?, text_of(family)?));
        NAME_NAMES.iter().find_map(|name| text_of(name)).or_else(|| NAME_PAIRS.iter().find_map(pair))
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(XML_SPACE)
}
