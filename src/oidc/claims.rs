//! Checks that ID tokens and logout tokens have in common.

use std::time::Duration;

use serde_json::{Map, Value};

use super::error::short;
use super::{OidcError, json};
use crate::clock::Timestamp;
use crate::connection::OidcSettings;

/// How old a token may be. The provider has made it for the very answer it stands in.
const MAX_AGE: Duration = Duration::from_secs(10 * 60);

pub(super) struct Claims<'a> {
    pub(super) token: &'static str,
    pub(super) all: &'a Map<String, Value>,
}

impl<'a> Claims<'a> {
    pub(super) fn text(&self, claim: &'static str) -> Result<&'a str, OidcError> {
        let text = self.all.get(claim).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.ok_or(OidcError::Claim { token: self.token, claim })
    }

    /// A time; `None` if it is not there.
    pub(super) fn time(&self, claim: &'static str) -> Result<Option<Timestamp>, OidcError> {
        match self.all.get(claim) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match json::seconds(value) {
                Some(seconds) => Ok(Some(Timestamp::from_millis(seconds * 1000))),
                None => Err(OidcError::Claim { token: self.token, claim }),
            },
        }
    }

    pub(super) fn needed_time(&self, claim: &'static str) -> Result<Timestamp, OidcError> {
        self.time(claim)?.ok_or(OidcError::Claim { token: self.token, claim })
    }

    /// A subject: 1 to 255 printable characters (OpenID Connect Core 2).
    pub(super) fn subject(&self) -> Result<&'a str, OidcError> {
        let subject = self.text("sub")?;
        let fits = subject.chars().count() <= 255 && !subject.chars().any(char::is_control);
        if fits { Ok(subject) } else { Err(OidcError::Claim { token: self.token, claim: "sub" }) }
    }

    /// `iss` to the letter; `aud` names us.
    pub(super) fn check_parties(&self, settings: &OidcSettings) -> Result<Vec<&'a str>, OidcError> {
        let issuer = self.text("iss")?;
        if issuer != settings.issuer {
            let (expected, found) = (settings.issuer.clone(), short(issuer));
            return Err(OidcError::Issuer { token: self.token, expected, found });
        }
        let audience: Vec<&str> = match self.all.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) if several.iter().all(Value::is_string) => {
                several.iter().filter_map(Value::as_str).collect()
            }
            _ => return Err(OidcError::Claim { token: self.token, claim: "aud" }),
        };
        if !audience.contains(&settings.client_id.as_str()) {
            let (expected, found) = (settings.client_id.clone(), short(&audience.join(", ")));
            return Err(OidcError::Audience { token: self.token, expected, found });
        }
        Ok(audience)
    }

    /// `exp`, `iat` and `nbf`, each with the configured skew.
    pub(super) fn check_times(
        &self,
        settings: &OidcSettings,
        now: Timestamp,
        expires: Option<Timestamp>,
    ) -> Result<Timestamp, OidcError> {
        let (token, skew) = (self.token, settings.clock_skew);
        if let Some(at) = expires.filter(|at| now >= at.plus(skew)) {
            return Err(OidcError::Ended { token, at: at.to_string() });
        }
        let issued = self.needed_time("iat")?;
        let latest = [Some(issued), self.time("nbf")?].into_iter().flatten().max().unwrap_or(issued);
        if latest > now.plus(skew) {
            return Err(OidcError::FromTheFuture { token, at: latest.to_string() });
        }
        if now > issued.plus(MAX_AGE).plus(skew) {
            return Err(OidcError::TooOld { token, at: issued.to_string() });
        }
        Ok(issued)
    }
}
