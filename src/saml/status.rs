//! How it went, as a response of any kind says.

use roxmltree::Node;

use super::error::SamlError;
use super::xml::{SAMLP, attribute, child, only_child, shown, value};

/// What a message says about how it went.
pub(crate) struct Status<'a> {
    top: &'a str,
    detail: Option<&'a str>,
    pub(crate) message: Option<&'a str>,
}

const STATUS: &str = "urn:oasis:names:tc:SAML:2.0:status:";

impl Status<'_> {
    /// A second-level code qualifies a failure; a success that has one is not exactly a success.
    pub(crate) fn is_success(&self) -> bool {
        self.top.strip_prefix(STATUS) == Some("Success") && self.detail.is_none()
    }

    /// Signed out there, but not of every service (SAML core 3.7.3.2).
    pub(crate) fn is_partial_logout(&self) -> bool {
        self.detail.and_then(|detail| detail.strip_prefix(STATUS)) == Some("PartialLogout")
    }
}

impl std::fmt::Display for Status<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short = |uri: &str| shown(uri.strip_prefix(STATUS).unwrap_or(uri));
        f.write_str(&short(self.top))?;
        self.detail.map_or(Ok(()), |detail| write!(f, " / {}", short(detail)))
    }
}

pub(crate) fn status<'a>(message: Node<'a, '_>) -> Result<Status<'a>, SamlError> {
    let status = only_child(message, SAMLP, "Status")?.ok_or(SamlError::Missing { what: "Status" })?;
    let code = only_child(status, SAMLP, "StatusCode")?.ok_or(SamlError::Missing { what: "StatusCode" })?;
    Ok(Status {
        top: attribute(code, "Value").unwrap_or(""),
        detail: child(code, SAMLP, "StatusCode").and_then(|code| attribute(code, "Value")),
        message: child(status, SAMLP, "StatusMessage").and_then(|message| value(message, "StatusMessage").ok()),
    })
}
