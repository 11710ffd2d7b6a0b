//! A parent organization's SSO link to its identity provider, as settings.
//! Identity providers differ by data, never by code: a vendor is a preset of these settings and a page in `docs/guides/`.

mod differences;
mod groups;
mod setup;

pub use differences::{Difference, VALID_UNTIL};
pub use groups::GroupsTrouble;
pub use setup::{ConnectionSetup, SetupLink};

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
    /// When a test sign-in last passed, with the very settings it has now.
    pub tested: Option<Timestamp>,
    /// How it speaks.
    pub protocol: Protocol,
    /// Which attributes carry what; the well-known names are tried first where nothing is set.
    pub attributes: AttributeNames,
    /// The identity provider leaves the groups attribute out for a person in no group (rule B17).
    pub omits_empty_groups: bool,
}

impl Connection {
    /// Whether this may sign people in, or could be switched on now (rule B5).
    pub fn is_trusted(&self) -> bool {
        self.status == ConnectionStatus::Active || self.tested.is_some()
    }

    /// Everything that decides whom this believes, as a text to compare by.
    pub fn trust(&self) -> String {
        match &self.protocol {
            Protocol::Saml(saml) => {
                let keys: Vec<&str> = saml.idp.certificates.iter().map(|known| known.fingerprint.as_str()).collect();
                format!("saml {:?} {keys:?} {:?}", saml.idp.entity_id, self.attributes)
            }
            Protocol::Oidc(oidc) => {
                let mark = oidc.client_secret.as_ref().map(|secret| secret.mark);
                let whom = (&oidc.issuer, &oidc.client_id, oidc.client_auth, mark);
                format!("oidc {whom:?} {:?}", self.attributes)
            }
        }
    }

    /// Everything that a test proves: whom the connection believes, where people and their answers are sent, what is read out of
    /// them. Not its label, nor what its metadata says without being believed, nor how long it may be used.
    pub fn proven(&self) -> String {
        let mut protocol = self.protocol.clone();
        if let Protocol::Saml(saml) = &mut protocol {
            saml.pending = None;
            saml.idp.valid_until = None;
        }
        format!("{protocol:?} {:?} {} {}", self.attributes, self.omits_empty_groups, self.trust())
    }

    /// Whether `other` has people named as this one has. Where it has not, whoever has signed in before may be a stranger the next
    /// time, and is refused (rule B9): it is another identity provider's name, it stands in another attribute or has another format,
    /// or it is another client, to which a provider may name everybody differently (pairwise subjects, OpenID Connect Core 8.1).
    pub fn names_people_as(&self, other: &Self) -> bool {
        let client = match (&self.protocol, &other.protocol) {
            (Protocol::Saml(one), Protocol::Saml(other)) => one.name_id_format == other.name_id_format,
            (Protocol::Oidc(one), Protocol::Oidc(other)) => one.client_id == other.client_id,
            (Protocol::Saml(_), Protocol::Oidc(_)) | (Protocol::Oidc(_), Protocol::Saml(_)) => false,
        };
        let provider = self.protocol.identity_provider() == other.protocol.identity_provider();
        provider && client && self.attributes.subject == other.attributes.subject
    }
}

/// How far a connection is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionStatus {
    /// Being set up: signs nobody in. With [`Connection::tested`] set it may be switched on.
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
    /// OpenID Connect, authorization code flow.
    Oidc(OidcSettings),
}

impl Protocol {
    /// The word it is stored and shown under.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Saml(_) => "saml",
            Self::Oidc(_) => "oidc",
        }
    }

    /// Whose word it is, by protocol and name: people are known by what this one says of them, and another one's word is about others.
    pub fn identity_provider(&self) -> (&'static str, &str) {
        match self {
            Self::Saml(saml) => (self.as_str(), &saml.idp.entity_id),
            Self::Oidc(oidc) => (self.as_str(), &oidc.issuer),
        }
    }
}

/// What we know of an OpenID provider, and what we ask of it. Where its endpoints and keys are, its discovery document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcSettings {
    /// The issuer; compared to the letter (OpenID Connect Core 3.1.3.7).
    pub issuer: String,
    /// Our id there.
    pub client_id: String,
    /// How we prove to be that client.
    pub client_auth: ClientAuth,
    /// Our secret there; absent with `private_key_jwt` only.
    pub client_secret: Option<SealedSecret>,
    /// When the secret ends, as typed in by an admin: no provider tells.
    pub client_secret_expires: Option<Timestamp>,
    /// What we ask for; `openid` is always among it.
    pub scopes: Vec<String>,
    /// Ask the provider to authenticate again (`prompt=login`, `max_age=0`), and check that it did.
    pub force_authn: bool,
    /// Ask for this `acr`, and refuse another.
    pub acr: Option<String>,
    /// Ask the provider who the groups are where it says there are too many (Entra `_claim_names`): the address of a
    /// Graph-style `getMemberObjects`, called with the person's access token.
    pub groups_endpoint: Option<String>,
    /// How far the two clocks may differ: 90 s by default, at most [`SamlSettings::MAX_SKEW`].
    pub clock_skew: Duration,
}

impl OidcSettings {
    /// The defaults for a client of an issuer.
    pub fn new(issuer: &str, client_id: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_auth: ClientAuth::Basic,
            client_secret: None,
            client_secret_expires: None,
            scopes: ["openid", "email", "profile"].map(str::to_owned).to_vec(),
            force_authn: false,
            acr: None,
            groups_endpoint: None,
            clock_skew: Duration::from_secs(90),
        }
    }
}

/// How a client proves itself at the token endpoint (OpenID Connect Core 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// `client_secret_basic`
    Basic,
    /// `client_secret_post`
    Post,
    /// `private_key_jwt`, with our own key, which `/oidc/jwks.json` publishes.
    PrivateKeyJwt,
}

impl ClientAuth {
    /// Every way with the word it is configured, stored and shown under: the standard's own.
    pub const ALL: [(Self, &str); 3] = [
        (Self::Basic, "client_secret_basic"),
        (Self::Post, "client_secret_post"),
        (Self::PrivateKeyJwt, "private_key_jwt"),
    ];

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

/// A secret as it is kept. Two are equal if their marks are: sealing the same secret twice gives two seals.
#[derive(Clone, Eq)]
pub struct SealedSecret {
    /// A box of `secrets`.
    pub seal: Vec<u8>,
    /// A keyed digest of the secret: tells whether it is the same one without opening the box.
    pub mark: [u8; 32],
}

impl PartialEq for SealedSecret {
    fn eq(&self, other: &Self) -> bool {
        self.mark == other.mark
    }
}

impl std::fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedSecret(..)")
    }
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
    /// Where the metadata is read again every day; `None` if it came as a file.
    pub metadata_url: Option<String>,
    /// What is done with a signing certificate that the metadata names for the first time.
    pub new_certificates: NewCertificates,
    /// What the metadata says by now, as far as it is not believed: somebody has to accept it first. Never another entity id.
    pub pending: Option<Box<SamlIdp>>,
    /// Accept answers that nobody asked for (SAML profiles 4.1.5). Off by default.
    pub idp_initiated: bool,
    /// Sign our AuthnRequests even where the identity provider does not ask for it.
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

    /// Whether our AuthnRequests are signed: by our own wish, or by the identity provider's.
    pub fn signs_requests(&self) -> bool {
        self.sign_requests || self.idp.wants_signed_requests
    }

    /// The defaults for an identity provider read from its metadata.
    pub fn new(idp: SamlIdp) -> Self {
        Self {
            idp,
            metadata_url: None,
            new_certificates: NewCertificates::Rollover,
            pending: None,
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

/// What is done with a signing certificate that metadata names for the first time. Over plain http, all of them ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewCertificates {
    /// It counts once somebody has accepted it.
    Ask,
    /// It counts at once if the metadata still names one that counts already, as during a rollover; else it asks.
    Rollover,
    /// It counts at once, whatever the metadata said before.
    Take,
}

impl NewCertificates {
    /// Every way with the word it is configured, stored and shown under.
    pub const ALL: [(Self, &str); 3] = [(Self::Ask, "ask"), (Self::Rollover, "rollover"), (Self::Take, "take")];

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Rollover => "rollover",
            Self::Take => "take",
        }
    }
}

/// A SAML identity provider as its metadata describes it; the default is one of which nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamlIdp {
    /// Its entity id; compared to the letter.
    pub entity_id: String,
    /// Where AuthnRequests go by HTTP-Redirect.
    pub sso_redirect: Option<String>,
    /// Where AuthnRequests go by HTTP-POST.
    pub sso_post: Option<String>,
    /// Where LogoutRequests go by HTTP-Redirect.
    pub slo_redirect: Option<String>,
    /// Where our answers to its LogoutRequests go by HTTP-Redirect, if not to the same place (`ResponseLocation`).
    pub slo_response: Option<String>,
    /// It takes signed AuthnRequests only (`WantAuthnRequestsSigned`).
    pub wants_signed_requests: bool,
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
