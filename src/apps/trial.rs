use super::assertion::Claims;
use super::forward_auth::pairs;
use super::rules;
use crate::gateway::Gateway;
use crate::ids::{ApplicationId, PersonId};
use crate::product::ProductKey;
use crate::provisioning::Refusal;
use crate::store;
use crate::web::failure::Failure;

/// What forward-auth would answer for somebody who has just signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Why they would not be let in.
    pub refusal: Option<Refusal>,
    /// Else the headers for the application, but for the signed one: whoever holds that is the person to the application.
    pub headers: Vec<(String, String)>,
    /// What the signed header would say, as JSON.
    pub claims: String,
}

/// What stands where the signed header would.
const NOT_SIGNED: &str = "(signed)";

/// Tries an application for a person, with the rules and headers of a real visit; changes nothing. `None` for a person or
/// application that is gone, or of two parent organizations.
pub fn trial(gateway: &Gateway, application: ApplicationId, person: PersonId) -> Result<Option<Trial>, Failure> {
    let visit = gateway.db.read(|tx| store::sessions::visit_as(tx, person, application))?;
    let Some(visit) = visit else { return Ok(None) };
    let Some(application) = &visit.application else { return Ok(None) };
    let product = gateway.config.catalog.product(&ProductKey::new(application.product.as_str()));
    let standing = rules::Standing { suspended: visit.suspended, through_active: true };
    let refusal = rules::refusal(standing, application, product);
    if refusal.is_some() {
        return Ok(Some(Trial { refusal, headers: Vec::new(), claims: String::new() }));
    }
    let mut said = String::new();
    let headers = pairs(gateway, &visit, application, |claims: Claims<'_>| {
        said = serde_json::to_string_pretty(&claims.issued(gateway.now().as_seconds()))
            .map_err(|error| Failure::Internal(error.to_string()))?;
        Ok(NOT_SIGNED.to_owned())
    })?;
    let shown =
        headers.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    Ok(Some(Trial { refusal: None, headers: shown.collect(), claims: said }))
}
