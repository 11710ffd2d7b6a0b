//! Organizations as a file: what `usher apply` reads and `usher export` writes, as checked values.
//! Owns the keys and what may stand beside what; reads no other file, no network and no database.

mod connection;
mod organization;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use connection::check_issuer;
pub use read::read;
pub use write::write;

use std::time::Duration;

use crate::clock::Timestamp;
use crate::connection::{AttributeNames, ClientAuth, NewCertificates};
use crate::identity::{DomainName, EmailAddress, GroupKey};
use crate::ids::Slug;
use crate::organization::HeaderPreset;
use crate::product::{ParentPlan, ProductKey, RoleKey, SeatTypeKey};

/// Everything a file declares. What is `None` or empty is not named, and so left alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// `[[parent]]`
    pub parents: Vec<DeclaredParent>,
}

/// `[[parent]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredParent {
    /// Unique in the installation.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// Its plan.
    pub plan: ParentPlan,
    /// No organization is added here while this is on.
    pub restrict_creation: Option<bool>,
    /// `[[parent.domain]]`
    pub domains: Vec<DeclaredDomain>,
    /// `[[parent.connection]]`
    pub connections: Vec<DeclaredConnection>,
    /// `[[parent.scim_token]]`
    pub scim_tokens: Vec<DeclaredScimToken>,
    /// `[[parent.organization]]`
    pub organizations: Vec<DeclaredOrganization>,
}

/// `[[parent.domain]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredDomain {
    /// The name.
    pub name: DomainName,
    /// Verified without DNS, by the word of the operator.
    pub vouched: bool,
}

/// `[[parent.connection]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredConnection {
    /// Unique in the installation; part of the URLs.
    pub slug: Slug,
    /// What people see.
    pub label: String,
    /// How it speaks.
    pub protocol: DeclaredProtocol,
    /// Declared tested by the operator (`true`), or switched off.
    pub active: Option<bool>,
    /// The identity provider leaves the groups attribute out for a person in no group.
    pub omits_empty_groups: Option<bool>,
    /// `[parent.connection.attributes]`, as a whole.
    pub attributes: Option<AttributeNames>,
}

/// How a connection speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeclaredProtocol {
    /// `protocol = "saml"`
    Saml(DeclaredSaml),
    /// `protocol = "oidc"`
    Oidc(DeclaredOidc),
}

/// The keys of a SAML connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredSaml {
    /// Where the identity provider's metadata is.
    pub metadata: MetadataSource,
    /// Accept answers that nobody asked for.
    pub idp_initiated: Option<bool>,
    /// What is done with signing certificates that the metadata names later on.
    pub new_certificates: Option<NewCertificates>,
    /// Sign our requests.
    pub sign_requests: Option<bool>,
    /// Ask the identity provider to authenticate again.
    pub force_authn: Option<bool>,
    /// Publish an encryption key.
    pub offer_encryption: Option<bool>,
    /// Ask for this AuthnContextClassRef; empty asks for none.
    pub authn_context: Option<String>,
    /// NameIDPolicy format; empty asks for none.
    pub name_id_format: Option<String>,
    /// How far the clocks may differ.
    pub clock_skew: Option<Duration>,
}

/// Where metadata is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetadataSource {
    /// A file, relative to this one.
    File(String),
    /// An address it is fetched from.
    Url(String),
    /// It stands in the file itself.
    Inline(String),
}

/// The keys of an OpenID Connect connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredOidc {
    /// The issuer.
    pub issuer: String,
    /// Our id there.
    pub client_id: String,
    /// How we prove to be that client.
    pub client_auth: Option<ClientAuth>,
    /// Our secret there; not needed with `private_key_jwt`, nor where it is known already.
    pub client_secret: Option<SecretSource>,
    /// When that secret ends: no provider tells.
    pub client_secret_expires: Option<Timestamp>,
    /// What we ask for.
    pub scopes: Option<Vec<String>>,
    /// Ask the provider to authenticate again.
    pub force_authn: Option<bool>,
    /// Ask for this `acr`; empty asks for none.
    pub acr: Option<String>,
    /// Where a Graph-style endpoint tells the groups that were too many for the token; empty for nowhere.
    pub groups_endpoint: Option<String>,
    /// How far the clocks may differ.
    pub clock_skew: Option<Duration>,
}

/// Where a secret is. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A file, relative to this one.
    File(String),
    /// An environment variable.
    Environment(String),
    /// It stands in the file itself.
    Inline(String),
}

impl std::fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({path:?})"),
            Self::Environment(name) => write!(f, "Environment({name:?})"),
            Self::Inline(_) => f.write_str("Inline(..)"),
        }
    }
}

/// `[[parent.scim_token]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredScimToken {
    /// What the admin calls it.
    pub name: String,
    /// Where it is; `None` means a token of this name that is there already.
    pub token: Option<SecretSource>,
}

/// `[[parent.organization]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredOrganization {
    /// Unique in the installation.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// What it uses.
    pub product: ProductKey,
    /// `manual`, `jit` or `scim`.
    pub provisioning: Option<ModeWord>,
    /// Groups decide role and seat.
    pub group_mappings: Option<bool>,
    /// Only single sign-on lets people in.
    pub require_sso: Option<bool>,
    /// Shown to refused people; empty for nobody.
    pub contact: Option<String>,
    /// `[parent.organization.seats]`
    pub seats: Vec<(SeatTypeKey, u32)>,
    /// `[parent.organization.role_mappings]`: each role named has exactly these groups.
    pub role_mappings: Vec<(RoleKey, Vec<GroupKey>)>,
    /// `[parent.organization.seat_mappings]`: each seat type named has exactly these groups.
    pub seat_mappings: Vec<(SeatTypeKey, Vec<GroupKey>)>,
    /// `[[parent.organization.member]]`
    pub members: Vec<DeclaredMember>,
    /// `[[parent.organization.application]]`
    pub applications: Vec<DeclaredApplication>,
}

/// The word of `provisioning`; with `group_mappings` it makes a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModeWord {
    /// By hand.
    Manual,
    /// At the first sign-in.
    Jit,
    /// By the directory.
    Scim,
}

impl ModeWord {
    /// Every word.
    pub const ALL: [Self; 3] = [Self::Manual, Self::Jit, Self::Scim];

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Jit => "jit",
            Self::Scim => "scim",
        }
    }
}

/// `[[parent.organization.member]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredMember {
    /// Who.
    pub email: EmailAddress,
    /// The role.
    pub role: RoleKey,
    /// The seat.
    pub seat: DeclaredSeat,
}

/// The seat of a member in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeclaredSeat {
    /// Not named: a new member gets the highest free one, others keep theirs.
    NotNamed,
    /// `seat = ""`: a member without one.
    Unassigned,
    /// This type.
    Type(SeatTypeKey),
}

/// `[[parent.organization.application]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredApplication {
    /// Unique in the organization.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Scheme, host and port of the URL: what requests are matched with.
    pub origin: String,
    /// Roles that may enter; `None` is not named.
    pub roles: Option<Vec<RoleKey>>,
    /// Seat types that may enter; `None` is not named.
    pub seats: Option<Vec<SeatTypeKey>>,
    /// Which further header names it understands.
    pub headers: Option<HeaderPreset>,
}
