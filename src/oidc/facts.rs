use std::fmt;

use serde_json::{Map, Value};

use super::{IdToken, OidcError, Userinfo};
use crate::connection::Connection;
use crate::identity::{AssertedGroups, AssertedIdentity, EmailAddress, Subject};

/// A person as the provider describes them.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Who.
    pub identity: AssertedIdentity,
    /// What an admin should look at although it passed.
    pub warnings: Vec<OidcWarning>,
}

/// What an admin should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OidcWarning {
    /// Nobody says that the address is verified; the domain is, which is why it counts.
    EmailNotSaidVerified,
    /// Group entries that are no texts were left out.
    GroupsLeftOut,
}

impl fmt::Display for OidcWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmailNotSaidVerified => {
                "the provider does not say whether the e-mail address is verified (email_verified); it counts because its domain is"
            }
            Self::GroupsLeftOut => "some entries of the groups claim have no name that can be used; they are left out",
        })
    }
}

/// Entra's words for "too many groups for a token". They are about the claim `groups`, not about roles, say.
fn is_overage(claims: &Map<String, Value>, claim: &str) -> bool {
    let elsewhere = claims.get("_claim_names").and_then(|names| names.get(claim)).is_some();
    let has_groups = claims.get("hasgroups").filter(|_| claim == "groups");
    elsewhere || has_groups == Some(&Value::Bool(true)) || has_groups.and_then(Value::as_str) == Some("true")
}

/// A claim by its name, else by its path: `realm_access.roles` walks objects. A claim that is really called so comes first.
fn find<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(path) {
        return Some(value).filter(|value| !value.is_null());
    }
    let mut steps = path.split('.');
    let mut value = claims.get(steps.next()?)?;
    for step in steps {
        value = value.get(step)?;
    }
    Some(value).filter(|value| !value.is_null())
}

fn email_claim(connection: &Connection) -> &str {
    connection.attributes.email.as_deref().unwrap_or("email")
}

fn groups_claim(connection: &Connection) -> &str {
    connection.attributes.groups.as_deref().unwrap_or("groups")
}

/// Whether the userinfo endpoint could know more than these claims.
pub(super) fn lacks(connection: &Connection, claims: &Map<String, Value>) -> bool {
    let groups = groups_claim(connection);
    find(claims, email_claim(connection)).is_none() || (find(claims, groups).is_none() && !is_overage(claims, groups))
}

/// The facts of a verified ID token, with what userinfo adds to it: a claim of the ID token comes first. `resolved` are the groups
/// that a groups endpoint told where they were too many.
pub fn facts(
    connection: &Connection,
    id_token: &IdToken,
    userinfo: Option<&Userinfo>,
    resolved: Option<Vec<String>>,
) -> Result<Facts, OidcError> {
    let sources: Vec<&Map<String, Value>> =
        std::iter::once(&id_token.claims).chain(userinfo.map(|userinfo| &userinfo.claims)).collect();
    let mut warnings = Vec::new();
    let email = email(connection, &sources, &mut warnings)?;
    let groups = groups(connection, &sources, resolved, &mut warnings)?;
    let name = connection.attributes.name.as_deref().unwrap_or("name");
    let display_name = sources.iter().find_map(|claims| find(claims, name)?.as_str()).map(str::trim);
    let subject = match connection.attributes.subject.as_deref() {
        None => id_token.subject(),
        // Another stable id, as Entra's `oid`; out of the ID token only.
        Some(claim) => find(&id_token.claims, claim)
            .and_then(Value::as_str)
            .ok_or(OidcError::Claim { token: "ID token", claim: "attributes.subject" })?,
    };
    Ok(Facts {
        identity: AssertedIdentity {
            connection: connection.id,
            subject: Subject::new(subject).ok_or(OidcError::Claim { token: "ID token", claim: "sub" })?,
            email,
            display_name: display_name.filter(|name| !name.is_empty()).map(|name| name.chars().take(256).collect()),
            groups,
        },
        warnings,
    })
}

fn email(
    connection: &Connection,
    sources: &[&Map<String, Value>],
    warnings: &mut Vec<OidcWarning>,
) -> Result<EmailAddress, OidcError> {
    let claim = email_claim(connection);
    let value = sources
        .iter()
        .find_map(|claims| find(claims, claim))
        .ok_or_else(|| OidcError::NoEmail { claim: claim.to_owned() })?;
    let bad = || OidcError::BadEmail { claim: claim.to_owned() };
    let email = EmailAddress::parse(value.as_str().ok_or_else(bad)?).map_err(|_| bad())?;
    // Entra says with `xms_edov` whether the owner of the address's domain is. Wherever a no stands, it counts.
    let mut said = false;
    for verified in ["email_verified", "xms_edov"] {
        for value in sources.iter().filter_map(|claims| claims.get(verified)).filter(|value| !value.is_null()) {
            if !says_yes(value) {
                return Err(OidcError::EmailNotVerified { claim: verified });
            }
            said = true;
        }
    }
    if !said {
        warnings.push(OidcWarning::EmailNotSaidVerified);
    }
    Ok(email)
}

/// Some send texts or numbers. Only what says yes is yes.
fn says_yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::String(text) => text.eq_ignore_ascii_case("true") || text == "1",
        Value::Number(number) => number.as_i64() == Some(1),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

fn groups(
    connection: &Connection,
    sources: &[&Map<String, Value>],
    resolved: Option<Vec<String>>,
    warnings: &mut Vec<OidcWarning>,
) -> Result<AssertedGroups, OidcError> {
    let claim = groups_claim(connection);
    if sources.iter().any(|claims| is_overage(claims, claim)) {
        return Ok(match &resolved {
            Some(groups) => AssertedGroups::listed(groups.iter().map(String::as_str)),
            None => AssertedGroups::TooMany,
        });
    }
    let bad = |found| OidcError::BadGroups { claim: claim.to_owned(), found };
    match sources.iter().find_map(|claims| find(claims, claim)) {
        None => Ok(AssertedGroups::NotSent),
        Some(Value::String(one)) => Ok(AssertedGroups::listed([one.as_str()])),
        Some(Value::Array(list)) => {
            let mut names = Vec::with_capacity(list.len());
            for entry in list {
                match entry {
                    Value::String(text) => names.push(text.as_str()),
                    // Some send objects. What they are mapped by must be the same each time, so one member decides.
                    Value::Object(object) => {
                        let name =
                            ["name", "display", "value", "id"].iter().find_map(|name| object.get(*name)?.as_str());
                        names.extend(name);
                        if name.is_none() && !warnings.contains(&OidcWarning::GroupsLeftOut) {
                            warnings.push(OidcWarning::GroupsLeftOut);
                        }
                    }
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                        return Err(bad("a list with entries that are no texts"));
                    }
                }
            }
            Ok(AssertedGroups::listed(names))
        }
        Some(Value::Bool(_)) => Err(bad("true or false")),
        Some(Value::Number(_)) => Err(bad("a number")),
        Some(Value::Object(_)) => Err(bad("an object")),
        Some(Value::Null) => Ok(AssertedGroups::NotSent),
    }
}
