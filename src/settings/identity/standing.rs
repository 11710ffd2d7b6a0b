use crate::clock::Timestamp;
use crate::connection::{Connection, ConnectionStatus, GroupsTrouble, Protocol};
use crate::db::{DbError, Tx};
use crate::directory::Directory;
use crate::organization::{Domain, DomainState, Organization, ParentOrganization, ProvisioningMode};
use crate::product::Product;
use crate::session::Admin;
use crate::settings::frame::When;
use crate::store;

/// What the settings of an organization rest on.
pub(super) struct Standing {
    pub(super) parent: Option<ParentOrganization>,
    pub(super) domains: Vec<Domain>,
    pub(super) connections: Vec<Connection>,
    pub(super) directory: Option<Directory>,
    /// Somebody could push with a token.
    pub(super) has_token: bool,
}

impl Standing {
    pub(super) fn read(tx: &mut dyn Tx, organization: &Organization, now: Timestamp) -> Result<Self, DbError> {
        let parent = organization.parent;
        let tokens = store::scim_tokens::of_parent(tx, parent)?;
        Ok(Self {
            parent: store::organizations::parent_by_id(tx, parent)?,
            domains: store::domains::of_parent(tx, parent)?,
            connections: store::connections::of_parent(tx, parent)?,
            directory: store::directory::of_parent(tx, parent)?,
            has_token: tokens.iter().any(|token| token.expires_at.is_none_or(|end| end > now)),
        })
    }

    /// Rule B5: a verified domain, and a connection that lets people in.
    pub(super) fn is_ready(&self) -> bool {
        self.domains.iter().any(Domain::is_verified) && self.has_active_connection()
    }

    fn has_active_connection(&self) -> bool {
        self.connections.iter().any(|connection| connection.status == ConnectionStatus::Active)
    }

    /// Rule B29: the identity provider has asked with a token.
    pub(super) fn has_directory(&self) -> bool {
        self.has_token && self.directory.as_ref().is_some_and(|directory| directory.first_request.is_some())
    }

    /// The text key of why directory sync cannot be chosen; `None` where it can.
    pub(super) fn no_scim(&self, product: &Product) -> Option<&'static str> {
        use crate::organization::SyncNotOffered::{ByTheParent, ByTheProduct};
        let parent = self.parent.as_ref()?;
        match Organization::mode_is_offered(ProvisioningMode::Scim { group_mappings: false }, product, parent.plan) {
            Err(ByTheProduct) => Some("scim-not-for-product"),
            Err(ByTheParent) => Some("scim-not-for-parent"),
            Ok(()) if !self.has_token => Some("scim-needs-token"),
            Ok(()) if !self.has_directory() => Some("scim-needs-request"),
            Ok(()) => None,
        }
    }

    /// Whether product and parent offer directory sync at all.
    pub(super) fn offers_scim(&self, product: &Product) -> bool {
        self.parent.as_ref().is_some_and(|parent| product.offers_directory_sync(parent.plan))
    }
}

/// A step that comes before this page can be used (rule B5).
pub struct Missing {
    /// The text key of what is missing.
    pub key: &'static str,
    /// Where it is done.
    pub href: String,
}

/// A domain.
pub struct DomainLine {
    /// Its name.
    pub name: String,
    /// The text key of its state.
    pub state: &'static str,
    /// People with addresses there may sign in.
    pub verified: bool,
}

/// A connection.
pub struct ConnectionLine {
    /// Its name.
    pub label: String,
    /// How it speaks.
    pub protocol: &'static str,
    /// The text key of its state.
    pub state: &'static str,
    /// It lets people in.
    pub active: bool,
    /// When a test sign-in last passed with the settings it has.
    pub tested: Option<When>,
    /// Its page.
    pub href: String,
    /// It never tells groups, so that no mapping leads anywhere.
    pub never_groups: bool,
    /// Which setting there makes groups arrive, and which makes them few enough.
    pub groups: (String, String),
}

impl Standing {
    pub(super) fn missing(&self, admin: &Admin) -> Vec<Missing> {
        let here = format!("/admin/{}", admin.organization.slug);
        let mut missing = Vec::new();
        if !self.domains.iter().any(Domain::is_verified) {
            missing.push(Missing { key: "missing-domain", href: format!("{here}/domains") });
        }
        if !self.has_active_connection() {
            let (key, href) = match self.connections.first() {
                Some(known) => ("missing-test", format!("{here}/connections/{}", known.slug)),
                None => ("missing-connection", format!("{here}/connections")),
            };
            missing.push(Missing { key, href });
        }
        missing
    }

    pub(super) fn domain_lines(&self) -> Vec<DomainLine> {
        let line = |domain: &Domain| DomainLine {
            name: domain.name.to_string(),
            state: match domain.state {
                DomainState::Pending => "domain-pending",
                DomainState::Failed => "domain-failed",
                DomainState::Verified { vouched: true, .. } => "domain-vouched",
                DomainState::Verified { vouched: false, .. } => "domain-verified",
            },
            verified: domain.is_verified(),
        };
        self.domains.iter().map(line).collect()
    }

    pub(super) fn connection_lines(&self, admin: &Admin) -> Vec<ConnectionLine> {
        let line = |connection: &Connection| ConnectionLine {
            label: connection.label.clone(),
            protocol: match connection.protocol {
                Protocol::Saml(_) => "SAML 2.0",
                Protocol::Oidc(_) => "OpenID Connect",
            },
            state: match (connection.status, connection.tested) {
                (ConnectionStatus::Active, _) => "connection-active",
                (ConnectionStatus::Draft, Some(_)) => "connection-tested",
                (ConnectionStatus::Draft, None) => "connection-draft",
                (ConnectionStatus::Disabled, _) => "connection-disabled",
            },
            active: connection.status == ConnectionStatus::Active,
            tested: connection.tested.map(When),
            href: format!("/admin/{}/connections/{}", admin.organization.slug, connection.slug),
            never_groups: connection.never_sends_groups(),
            groups: (
                connection.groups_setting(GroupsTrouble::NotSent),
                connection.groups_setting(GroupsTrouble::TooMany),
            ),
        };
        self.connections.iter().map(line).collect()
    }
}
