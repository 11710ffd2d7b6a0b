//! Everything that ends one day, in one table: certificates of identity providers, our own, client secrets, directory tokens, TLS.
//! Worked out here for `usher doctor`, the operator's pages, the metrics and the announcements alike; changes nothing but the log.

mod watch;

pub use watch::announce_due;

use std::time::Duration;

use crate::audit::Event;
use crate::clock::Timestamp;
use crate::config::{Config, Tls};
use crate::connection::{Connection, ConnectionStatus, Protocol};
use crate::db::{DbError, Tx};
use crate::ids::ParentId;
use crate::membership::Context;
use crate::organization::ParentOrganization;
use crate::saml::read_certificate;
use crate::store;
use crate::store::keys::Purpose;
use crate::tls;

const DAY: Duration = Duration::from_secs(86_400);

/// What ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A certificate with which an identity provider signs.
    IdpCertificate,
    /// What an identity provider's metadata says of itself (`validUntil`).
    IdpMetadata,
    /// A certificate of ours, which identity providers were given.
    OwnCertificate,
    /// Our secret at an OpenID provider; the day was typed in by an admin.
    ClientSecret,
    /// A token with which an identity provider pushes its directory.
    ScimToken,
    /// The certificate that browsers see.
    TlsCertificate,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::IdpCertificate,
        Self::IdpMetadata,
        Self::OwnCertificate,
        Self::ClientSecret,
        Self::ScimToken,
        Self::TlsCertificate,
    ];

    /// The word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IdpCertificate => "idp_certificate",
            Self::IdpMetadata => "idp_metadata",
            Self::OwnCertificate => "own_certificate",
            Self::ClientSecret => "client_secret",
            Self::ScimToken => "scim_token",
            Self::TlsCertificate => "tls_certificate",
        }
    }

    /// From how many days before its end this is worth telling: who renews by themselves do so a month before.
    fn told_from(self) -> u16 {
        match self {
            Self::IdpCertificate | Self::OwnCertificate | Self::ClientSecret | Self::ScimToken => 90,
            Self::IdpMetadata | Self::TlsCertificate => 7,
        }
    }
}

/// How near the end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// Over.
    Over,
    /// At most seven days.
    Days7,
    /// At most thirty.
    Days30,
    /// At most ninety.
    Days90,
    /// More.
    Far,
}

impl Nearness {
    /// At `now`, of what ends at `ends`.
    pub fn of(ends: Timestamp, now: Timestamp) -> Self {
        let within = |days: u32| ends <= now.plus(DAY * days);
        match () {
            () if ends <= now => Self::Over,
            () if within(7) => Self::Days7,
            () if within(30) => Self::Days30,
            () if within(90) => Self::Days90,
            () => Self::Far,
        }
    }

    /// The word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Days7 => "7_days",
            Self::Days30 => "30_days",
            Self::Days90 => "90_days",
            Self::Far => "ok",
        }
    }

    /// The threshold that was passed, in days before the end.
    fn days(self) -> Option<u16> {
        match self {
            Self::Over => Some(0),
            Self::Days7 => Some(7),
            Self::Days30 => Some(30),
            Self::Days90 => Some(90),
            Self::Far => None,
        }
    }
}

/// One thing that ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// What.
    pub kind: Kind,
    /// Which; unique within its kind.
    pub name: String,
    /// Whose: a parent organization with its name, or the installation's.
    pub whose: Option<(ParentId, String)>,
    /// When.
    pub ends: Timestamp,
    /// How near that is.
    pub nearness: Nearness,
    /// Another one of its kind and place ends later, so that nobody will miss this one.
    pub replaced: bool,
}

impl Ending {
    /// Whether somebody has to do something about it.
    pub fn is_pressing(&self) -> bool {
        let days = self.nearness.days();
        !self.replaced && days.is_some_and(|days| days <= self.kind.told_from())
    }
}

/// Everything that ends, what ends first first.
pub fn collect(tx: &mut dyn Tx, config: &Config, now: Timestamp) -> Result<Vec<Ending>, DbError> {
    let mut table = Table { now, all: Vec::new() };
    for parent in store::organizations::parents(tx)? {
        table.parent(tx, parent)?;
    }
    table.own(tx)?;
    // A file that cannot be read is said elsewhere: the server does not start without it.
    if let Tls::Files { certificate, .. } = &config.tls
        && let Ok(ends) = tls::ends(certificate)
    {
        table.add(Kind::TlsCertificate, certificate.display().to_string(), None, ends);
    }
    Ok(table.sorted())
}

/// What ends that a parent organization has to do with: its own, and our certificates, which its identity providers were given.
pub fn of_parent(tx: &mut dyn Tx, parent: ParentId, now: Timestamp) -> Result<Vec<Ending>, DbError> {
    let mut table = Table { now, all: Vec::new() };
    if let Some(parent) = store::organizations::parent_by_id(tx, parent)? {
        table.parent(tx, parent)?;
    }
    table.own(tx)?;
    Ok(table.sorted())
}

struct Table {
    now: Timestamp,
    all: Vec<Ending>,
}

impl Table {
    fn add(&mut self, kind: Kind, name: String, whose: Option<(ParentId, String)>, ends: Timestamp) {
        let nearness = Nearness::of(ends, self.now);
        self.all.push(Ending { kind, name, whose, ends, nearness, replaced: false });
    }

    fn parent(&mut self, tx: &mut dyn Tx, parent: ParentOrganization) -> Result<(), DbError> {
        let whose = Some((parent.id, parent.name));
        for connection in store::connections::of_parent(tx, parent.id)? {
            if connection.status != ConnectionStatus::Disabled {
                self.connection(&connection, whose.as_ref());
            }
        }
        for token in store::scim_tokens::of_parent(tx, parent.id)? {
            if let Some(ends) = token.expires_at {
                self.add(Kind::ScimToken, format!("{} ({})", token.name, token.id), whose.clone(), ends);
            }
        }
        Ok(())
    }

    fn own(&mut self, tx: &mut dyn Tx) -> Result<(), DbError> {
        let from = self.all.len();
        for key in store::keys::signing_keys(tx, Purpose::Saml)? {
            if let Ok(certificate) = read_certificate(&key.public_der) {
                self.add(Kind::OwnCertificate, key.kid, None, certificate.not_after);
            }
        }
        self.mark_replaced(from);
        Ok(())
    }

    fn sorted(mut self) -> Vec<Ending> {
        self.all.sort_by(|a, b| (a.ends, a.kind, &a.name).cmp(&(b.ends, b.kind, &b.name)));
        self.all
    }

    fn connection(&mut self, connection: &Connection, whose: Option<&(ParentId, String)>) {
        let (slug, whose) = (&connection.slug, whose.cloned());
        match &connection.protocol {
            Protocol::Saml(saml) => {
                let from = self.all.len();
                for certificate in &saml.idp.certificates {
                    let short: String = certificate.fingerprint.chars().take(16).collect();
                    self.add(Kind::IdpCertificate, format!("{slug} {short}"), whose.clone(), certificate.not_after);
                }
                self.mark_replaced(from);
                // Metadata that is read again every day renews itself.
                if let (Some(ends), None) = (saml.idp.valid_until, &saml.metadata_url) {
                    self.add(Kind::IdpMetadata, slug.to_string(), whose, ends);
                }
            }
            Protocol::Oidc(oidc) => {
                if let Some(ends) = oidc.client_secret_expires.filter(|_| oidc.client_secret.is_some()) {
                    self.add(Kind::ClientSecret, slug.to_string(), whose, ends);
                }
            }
        }
    }

    /// Of several that serve the same purpose, only the last to end matters.
    fn mark_replaced(&mut self, from: usize) {
        let last = self.all[from..].iter().map(|one| one.ends).max();
        for one in &mut self.all[from..] {
            one.replaced = Some(one.ends) != last;
        }
    }
}

/// Announces in the audit log what has come nearer to its end than 90, 30 or 7 days, or is over: each threshold once. Returns how
/// many there were.
pub fn announce(tx: &mut dyn Tx, context: &Context<'_>, endings: &[Ending]) -> Result<u64, DbError> {
    let mut announced = 0;
    for ending in endings.iter().filter(|ending| ending.is_pressing()) {
        let Some(days) = ending.nearness.days() else { continue };
        let event = Event::EndsSoon { what: ending.kind.as_str(), name: ending.name.clone(), at: ending.ends, days };
        if store::audit::is_recorded(tx, &event)? {
            continue;
        }
        context.record(tx, ending.whose.as_ref().map(|(parent, _)| *parent), None, event)?;
        announced += 1;
    }
    Ok(announced)
}

#[cfg(test)]
mod tests;
