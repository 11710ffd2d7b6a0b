//! What can go wrong with a SCIM request, and how the client is told (RFC 7644 §3.12). The only place that names a status.

use serde_json::{Value, json};

/// The URN of an error body.
pub const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// What kind of error it is; each has its status, and most a `scimType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The body is no JSON, or not the JSON that belongs here.
    Syntax,
    /// A filter that does not parse, or compares what cannot be compared.
    Filter,
    /// A filter that would read more than we are willing to.
    TooMany,
    /// `userName` or `externalId` is taken.
    Uniqueness,
    /// An attribute that only the service provider sets.
    Mutability,
    /// A PATCH path that does not parse, or names what is not there to be named.
    Path,
    /// A PATCH path that names nothing, where something had to be.
    NoTarget,
    /// A value of the wrong type, or a required one that is missing.
    Value,
    /// A cursor that is none of ours, or belongs to another query (RFC 9865).
    Cursor,
    /// A count that is no number (RFC 9865).
    Count,
    /// No token, or none that opens anything.
    Unauthorized,
    /// Allowed to nobody, whatever the token: a filter on discovery (RFC 7644 §4).
    Forbidden,
    /// Nothing of this id here.
    NotFound,
    /// Something is here, but not for this method.
    Method,
    /// Another state than the operation needs: a `bulkId` that cannot be resolved.
    Conflict,
    /// The resource is not at the version that the client named.
    Precondition,
    /// The body, or what it would leave behind, is too large.
    TooLarge,
    /// A body that is neither `application/scim+json` nor `application/json`.
    MediaType,
    /// Too many requests by this token.
    TooFast,
    /// Not offered.
    NotImplemented,
    /// The database does not work just now.
    Unavailable,
    /// Our mistake.
    Internal,
}

impl Kind {
    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::Syntax
            | Self::Filter
            | Self::TooMany
            | Self::Mutability
            | Self::Path
            | Self::NoTarget
            | Self::Value
            | Self::Cursor
            | Self::Count => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Method => 405,
            Self::Uniqueness | Self::Conflict => 409,
            Self::Precondition => 412,
            Self::TooLarge => 413,
            Self::MediaType => 415,
            Self::TooFast => 429,
            Self::Internal => 500,
            Self::NotImplemented => 501,
            Self::Unavailable => 503,
        }
    }

    /// The `scimType` (RFC 7644 table 9, RFC 9865 §2.1), where the standard has one.
    pub fn scim_type(self) -> Option<&'static str> {
        match self {
            Self::Syntax => Some("invalidSyntax"),
            Self::Filter => Some("invalidFilter"),
            Self::TooMany => Some("tooMany"),
            Self::Uniqueness => Some("uniqueness"),
            Self::Mutability => Some("mutability"),
            Self::Path => Some("invalidPath"),
            Self::NoTarget => Some("noTarget"),
            Self::Value => Some("invalidValue"),
            Self::Cursor => Some("invalidCursor"),
            Self::Count => Some("invalidCount"),
            Self::Unauthorized
            | Self::Forbidden
            | Self::NotFound
            | Self::Method
            | Self::Conflict
            | Self::Precondition
            | Self::TooLarge
            | Self::MediaType
            | Self::TooFast
            | Self::NotImplemented
            | Self::Unavailable
            | Self::Internal => None,
        }
    }
}

/// An error as the client reads it. The detail quotes what the client sent and says what was expected; it never tells of other
/// directories, and never a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// Which kind.
    pub kind: Kind,
    /// A sentence for whoever reads the identity provider's log.
    pub detail: String,
}

impl ScimError {
    /// An error of this kind.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// The body (RFC 7644 §3.12): `status` is a string there.
    pub fn body(&self) -> Value {
        let mut body = json!({ "schemas": [SCHEMA], "status": self.kind.status().to_string(), "detail": self.detail });
        if let Some(scim_type) = self.kind.scim_type() {
            body["scimType"] = scim_type.into();
        }
        body
    }
}

/// Quotes what a client sent, cut to a length that a log can take.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        None => format!("{text:?}"),
        Some((at, _)) => format!("{:?}...", &text[..at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_the_one_of_the_rfc() {
        let error = ScimError::new(Kind::Uniqueness, "taken");
        let expected = json!({ "schemas": [SCHEMA], "status": "409", "scimType": "uniqueness", "detail": "taken" });
        assert_eq!(error.body(), expected);
        assert_eq!(ScimError::new(Kind::NotFound, "none").body().get("scimType"), None);
    }

    #[test]
    fn a_long_quote_is_cut_between_characters() {
        assert_eq!(quoted("a\"b"), "\"a\\\"b\"");
        assert_eq!(quoted(&"ü".repeat(90)), format!("\"{}\"...", "ü".repeat(80)));
    }
}
