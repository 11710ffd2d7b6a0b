//! A parent organization's SSO link to its identity provider, as settings.
//! Identity providers differ by data, never by code: a vendor is a preset of these settings and a page in `docs/guides/`.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::ids::{ConnectionId, ParentId, Slug};

/// One SAML or OpenID Connect trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its row.
    pub id: ConnectionId,
    /// The parent organization whose people sign in through it.
    pub parent: ParentId,
    /// Unique in the installation; part of the URLs given to the identity provider, so it never changes.
    pub slug: Slug,
    /// What people see on the sign-in page.
    pub label: String,
    /// Whether it may sign anybody in.
    pub status: ConnectionStatus,
    /// How it speaks.
    pub protocol: Protocol,
    /// Which attributes carry what; the well-known names are tried first where nothing is set.
    pub attributes: AttributeNames,
    /// The identity provider leaves the groups attribute out for a person in no group (rule B17).
    pub omits_empty_groups: bool,
}

/// How far a connection is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionStatus {
    /// Being set up: signs nobody in.
    Draft,
    /// Passed a test sign-in, or declared tested by the operator; signs people in.
    Active,
    /// Switched off: signs nobody in, keeps its settings.
    Disabled,
}

impl ConnectionStatus {
    /// Every status with the word it is stored and shown under.
    pub const ALL: [(Self, &str); 3] = [(Self::Draft, "draft"), (Self::Active, "active"), (Self::Disabled, "disabled")];

    /// The word it is stored under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// The protocol of a connection with its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// SAML 2.0 Web Browser SSO.
    Saml(SamlSettings),
}

/// Attribute names of one connection; `None` tries the well-known names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeNames {
    /// The person's address.
    pub email: Option<String>,
    /// What to call the person.
    pub name: Option<String>,
    /// The groups.
    pub groups: Option<String>,
    /// A stable id of the person that replaces the `NameID` as subject.
    pub subject: Option<String>,
}

/// What we know of a SAML identity provider, and what we ask of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamlSettings {
    /// What the identity provider's metadata says.
    pub idp: SamlIdp,
    /// Accept answers that nobody asked for (SAML profiles 4.1.5). Off by default.
    pub idp_initiated: bool,
    /// Sign our AuthnRequests.
    pub sign_requests: bool,
    /// Ask the identity provider to authenticate again.
    pub force_authn: bool,
    /// Ask for this AuthnContextClassRef, and refuse another.
    pub authn_context: Option<String>,
    /// NameIDPolicy format; nothing is asked for when absent (saml2int SDP-SP04).
    pub name_id_format: Option<String>,
    /// Publish an encryption key in our metadata, and so ask for encrypted assertions.
    pub offer_encryption: bool,
    /// How far the two clocks may differ: 90 s by default, at most [`SamlSettings::MAX_SKEW`].
    pub clock_skew: Duration,
}

impl SamlSettings {
    /// The largest clock skew that can be configured (saml2int SDP-G01).
    pub const MAX_SKEW: Duration = Duration::from_secs(300);

    /// The defaults for an identity provider read from its metadata.
    pub fn new(idp: SamlIdp) -> Self {
        Self {
            idp,
            idp_initiated: false,
            sign_requests: false,
            force_authn: false,
            authn_context: None,
            name_id_format: None,
            offer_encryption: false,
            clock_skew: Duration::from_secs(90),
        }
    }
}

/// A SAML identity provider as its metadata describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamlIdp {
    /// Its entity id; compared to the letter.
    pub entity_id: String,
    /// Where AuthnRequests go by HTTP-Redirect.
    pub sso_redirect: Option<String>,
    /// Where AuthnRequests go by HTTP-POST.
    pub sso_post: Option<String>,
    /// Where LogoutRequests go by HTTP-Redirect.
    pub slo_redirect: Option<String>,
    /// The keys that may sign. Trust anchors, not chains: an expired one warns and still counts. Never empty once stored.
    pub certificates: Vec<IdpCertificate>,
    /// `validUntil` of the metadata.
    pub valid_until: Option<Timestamp>,
}

/// A signing certificate of an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdpCertificate {
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// SHA-256 of the DER, lower-case hex: what admins compare.
    pub fingerprint: String,
    /// Not valid before.
    pub not_before: Timestamp,
    /// Not valid after.
    pub not_after: Timestamp,
}
