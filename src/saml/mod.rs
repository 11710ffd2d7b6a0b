//! SAML 2.0 as a service provider: bytes to our words and back. Pure: no IO, no system clock, no store.
//! Owns what a response must be before anything in it is believed; does not remember requests or assertions (`login` does).

mod anchors;
mod assertion;
mod attributes;
mod authn_request;
mod c14n;
mod encryption;
mod error;
mod idp_metadata;
mod keys;
mod limits;
mod logout;
mod metadata;
mod redirect;
mod response;
#[cfg(feature = "second-opinion")]
mod second_opinion;
mod shown;
mod signature;
mod status;
#[cfg(test)]
mod tests;
mod time;
mod warning;
mod write_idp_metadata;
mod xml;

pub use assertion::{MAX_AGE, NameId};
pub use attributes::{EMAIL_NAMES, GROUP_NAMES, NAME_NAMES};
pub use authn_request::{SignInRequest, SignInRequestError, sign_in_request};
pub use c14n::C14nError;
pub use error::{Kind, Part, SamlError};
pub use idp_metadata::{MetadataError, read_idp_metadata};
pub use keys::{CertificateError, SpKey, SpKeyError, read_certificate, read_certificates_text};
pub use limits::{MAX_BASE64, MAX_INFLATED, MAX_XML, XmlError, inflate};
pub use logout::{
    Arrived, LogoutMessage, LogoutOutcome, LogoutRequest, LogoutResponse, logout_request, logout_response,
    verify_logout,
};
pub use metadata::our_metadata;
pub use response::{Check, Expected, ServiceProvider, VerifiedResponse, verify_response};
pub use shown::{Shown, shown, shown_message};
pub use warning::Warning;
pub use write_idp_metadata::write_idp_metadata;

// How XML is written is one thing for requests, metadata and the demonstration's identity provider.
pub(crate) use authn_request::write_attribute;
pub(crate) use c14n::escape_text;
pub(crate) use keys::self_signed;
