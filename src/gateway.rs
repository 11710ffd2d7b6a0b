//! What every handler leans on: configuration, clock, database and keys, opened once. Knows no route and no rule.

mod pace;
mod pushes;
mod saml_keys;

pub use pace::Pace;
pub use pushes::{Noted, Pushes, Use};
pub use saml_keys::new_saml_key;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::connection::SealedSecret;
use crate::db::{Db, DbError, Lock, Open, OpenError, Tx};
use crate::dns::Dns;
use crate::ids::Slug;
use crate::metrics::Metrics;
use crate::outbound::{Outbound, OutboundError};
use crate::providers::Providers;
use crate::saml::ServiceProvider;
use crate::secrets::{self, MasterKey, Sealer, SecretError};
use crate::store;
use crate::store::keys::{Purpose, StoredKey};
use saml_keys::SamlKeys;

/// The opened gateway. Shared by all workers.
pub struct Gateway {
    /// The checked configuration.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The database.
    pub db: Db,
    /// Seals and derives.
    pub sealer: Sealer,
    /// The key of the signed identity header.
    pub header_key: Es256Key,
    /// The key that proves who we are to OpenID providers.
    pub client_key: Es256Key,
    /// Calls to identity providers.
    pub outbound: Outbound,
    /// Questions about domains.
    pub dns: Dns,
    /// What OpenID providers say of themselves.
    pub providers: Providers,
    /// Counts of what happens.
    pub metrics: Metrics,
    /// Sessions used since the last flush.
    pub seen: Seen,
    /// What requests of directories leave behind.
    pub pushes: Pushes,
    /// How fast the holders of setup links may go, by the link's row; 0 is everybody with a link that is none.
    pub setup_links: Pace,
    /// How many untrusted messages are still written down this minute.
    pub failures: Budget,
    saml_keys: SamlKeys,
    _lock: Option<Lock>,
}

/// An ES256 key of ours, published in the JWKS.
pub struct Es256Key {
    /// Names it in the JWKS.
    pub kid: String,
    /// PKCS#8, DER.
    pub private: zeroize::Zeroizing<Vec<u8>>,
    /// The uncompressed point: 0x04, x, y.
    pub public: Vec<u8>,
}

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be made.
    #[error("the data directory {path} cannot be used; it must belong to the user that runs Usher")]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A certificate of the configuration cannot be read.
    #[error("{path} (server.trusted_cas) cannot be read")]
    TrustedCa {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A file that had a database once: its key file is there.
    #[error(
        "{path} is empty, but {key_file} belongs to a database that had something in it; restore a backup with `usher restore`, or move the key file away to begin anew"
    )]
    Emptied {
        /// The database.
        path: PathBuf,
        /// Its key file.
        key_file: PathBuf,
    },
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The key file.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The client for outbound calls.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The database, once open.
    #[error("the database cannot be used: {0}")]
    Db(#[from] DbError),
    /// A key of ours cannot be read or made.
    #[error("a signing key cannot be used: {0}")]
    Key(String),
}

/// The database and what opens its secrets: all that a command needs.
pub struct Opened {
    /// The database.
    pub db: Db,
    /// Seals and derives.
    pub sealer: Sealer,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("db", &self.db).finish_non_exhaustive()
    }
}

/// Opens database and key file, making both if this is the first start and `how` allows.
pub fn open(config: &Config, clock: &dyn Clock, how: Open) -> Result<Opened, StartError> {
    let directory = &config.server.data_dir;
    let unusable = |source| StartError::DataDir { path: directory.clone(), source };
    if how != Open::Existing {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(unusable)?;
    }
    let (path, key_file) = (config.server.database(), directory.join("master.key"));
    // The key is made after the database, so a first start that was cut short leaves no key beside an empty file.
    if key_file.exists() && std::fs::metadata(&path).is_ok_and(|file| file.len() == 0) {
        return Err(StartError::Emptied { path, key_file });
    }
    let db = Db::open(&path, store::MIGRATIONS, how)?;
    // A new key file would open nothing of a database that has secrets, and hide that the right one is missing.
    let master = if db.read(|tx| store::keys::data_keys(tx))?.is_empty() {
        MasterKey::load_or_create(&key_file)?.0
    } else {
        MasterKey::load(&key_file)?
    };
    let sealer = sealer(&db, &master, clock.now())?;
    Ok(Opened { db, sealer })
}

/// The data keys, one made if there is none. A key file that does not belong to the database is noticed here.
fn sealer(db: &Db, master: &MasterKey, now: Timestamp) -> Result<Sealer, StartError> {
    let mut wrapped = db.read(|tx| store::keys::data_keys(tx))?;
    if wrapped.is_empty() {
        let fresh = master.wrap_new(1);
        wrapped = db.write_blocking(move |tx| -> Result<_, DbError> {
            // Another process may have been first.
            let known = store::keys::data_keys(tx)?;
            if !known.is_empty() {
                return Ok(known);
            }
            store::keys::add_data_key(tx, 1, &fresh, now)?;
            store::keys::data_keys(tx)
        })?;
    }
    Ok(master.sealer(&wrapped)?)
}

/// Fails where a server lives on this data directory already. Makes nothing.
pub fn refuse_second(config: &Config) -> Result<(), StartError> {
    let lock = config.server.data_dir.join("usher.lock");
    if lock.exists() {
        Lock::take(&lock)?;
    }
    Ok(())
}

impl Gateway {
    /// Opens everything a server needs: takes the lock, migrates, makes keys at the first start. Blocks.
    pub fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        use std::os::unix::fs::DirBuilderExt as _;
        let directory = config.server.data_dir.clone();
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&directory);
        made.map_err(|source| StartError::DataDir { path: directory.clone(), source })?;
        let lock = Lock::take(&directory.join("usher.lock"))?;
        let opened = open(&config, clock.as_ref(), Open::Serve)?;
        Self::with(config, clock, opened, Some(lock))
    }

    /// Puts an opened database together with the rest.
    pub fn with(
        config: Config,
        clock: Arc<dyn Clock>,
        Opened { db, sealer }: Opened,
        lock: Option<Lock>,
    ) -> Result<Self, StartError> {
        let now = clock.now();
        let mut roots = Vec::new();
        for path in &config.server.trusted_cas {
            let root = std::fs::read(path);
            roots.push(root.map_err(|source| StartError::TrustedCa { path: path.clone(), source })?);
        }
        let base = config.server.base();
        let make = || Ok(StoredKey { used_since: Some(now), ..new_saml_key(&sealer, base, now)? });
        saml_keys::check(&sealer, &stored_keys(&db, Purpose::Saml, make)?)?;
        let header_key = es256_key(&db, &sealer, now, Purpose::IdentityHeader)?;
        let client_key = es256_key(&db, &sealer, now, Purpose::OidcClient)?;
        let outbound = Outbound::new(&roots, config.server.allow_private_idp)?;
        let dns = Dns::new(&config.server.dns_servers);
        let providers = Providers::new(clock.clone(), db.clone(), outbound.clone());
        let pushes = Pushes::new(&config.scim);
        Ok(Self {
            config,
            clock,
            db,
            sealer,
            header_key,
            client_key,
            outbound,
            dns,
            providers,
            metrics: Metrics::default(),
            seen: Seen::default(),
            pushes,
            setup_links: Pace::new(1, 60),
            failures: Budget::default(),
            saml_keys: SamlKeys::default(),
            _lock: lock,
        })
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

fn client_secret_place(connection: &Slug) -> String {
    format!("connection.client_secret:{connection}")
}

/// Closes the client secret of a connection; it opens for that connection only.
pub fn seal_client_secret(sealer: &Sealer, connection: &Slug, secret: &str) -> SealedSecret {
    let message = format!("{connection}\n{secret}");
    let mark = secrets::mac(&sealer.derive("client_secret_mark"), message.as_bytes());
    SealedSecret {
        seal: sealer.seal(&client_secret_place(connection), secret.as_bytes()),
        mark: secrets::sha256(mark.as_bytes()),
    }
}

/// Opens the client secret of a connection.
pub fn open_client_secret(
    sealer: &Sealer,
    connection: &Slug,
    secret: &SealedSecret,
) -> Result<zeroize::Zeroizing<String>, SecretError> {
    open_text(sealer, &client_secret_place(connection), &secret.seal)
}

fn open_text(sealer: &Sealer, place: &str, seal: &[u8]) -> Result<zeroize::Zeroizing<String>, SecretError> {
    let plain = sealer.open(place, seal)?;
    let text = std::str::from_utf8(&plain).map_err(|_| SecretError::DoesNotOpen)?;
    Ok(zeroize::Zeroizing::new(text.to_owned()))
}

fn logout_place(connection: &Slug) -> String {
    format!("session.logout_seal:{connection}")
}

/// Closes what the identity provider of a connection wants to hear when a session ends: an ID token, a name. It opens for that
/// connection only, and goes unopened from the answer to the session to the sign-out.
pub fn seal_logout(sealer: &Sealer, connection: &Slug, what: &str) -> Vec<u8> {
    sealer.seal(&logout_place(connection), what.as_bytes())
}

/// Opens what [`seal_logout`] closed.
pub fn open_logout(sealer: &Sealer, connection: &Slug, seal: &[u8]) -> Result<zeroize::Zeroizing<String>, SecretError> {
    open_text(sealer, &logout_place(connection), seal)
}

/// Our names towards one connection's identity provider.
#[derive(Clone, Debug)]
pub struct OurNames {
    entity_id: String,
    acs_url: String,
    slo_url: String,
}

impl OurNames {
    /// From the configured public URL, never from a Host header.
    pub fn new(base: &str, connection: &str) -> Self {
        Self {
            entity_id: format!("{base}/saml/{connection}/metadata"),
            acs_url: format!("{base}/saml/{connection}/acs"),
            slo_url: format!("{base}/saml/{connection}/slo"),
        }
    }

    /// As the SAML room wants them.
    pub fn service_provider(&self) -> ServiceProvider<'_> {
        ServiceProvider { entity_id: &self.entity_id, acs_url: &self.acs_url, slo_url: Some(&self.slo_url) }
    }
}

fn place(kid: &str) -> String {
    format!("signing_key.private_seal:{kid}")
}

fn es256_key(db: &Db, sealer: &Sealer, now: Timestamp, purpose: Purpose) -> Result<Es256Key, StartError> {
    let broken = || StartError::Key(format!("the key {purpose:?}"));
    let prefix = if purpose == Purpose::IdentityHeader { "es256-" } else { "client-" };
    let stored = stored_keys(db, purpose, || {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| broken())?;
        let private = pair.to_pkcs8v1().map_err(|_| broken())?;
        let kid = secrets::public_id(prefix);
        let private_seal = sealer.seal(&place(&kid), private.as_ref());
        Ok(StoredKey {
            kid,
            private_seal,
            public_der: pair.public_key().as_ref().to_vec(),
            created_at: now,
            used_since: Some(now),
        })
    })?;
    let newest = stored.into_iter().next().ok_or_else(broken)?;
    let private = sealer.open(&place(&newest.kid), &newest.private_seal)?;
    Ok(Es256Key { kid: newest.kid, private, public: newest.public_der })
}

/// The keys of a purpose; made and kept if there are none yet.
fn stored_keys(
    db: &Db,
    purpose: Purpose,
    make: impl FnOnce() -> Result<StoredKey, StartError>,
) -> Result<Vec<StoredKey>, StartError> {
    let known = db.read(|tx| store::keys::signing_keys(tx, purpose))?;
    if !known.is_empty() {
        return Ok(known);
    }
    let made = make()?;
    let kept = db.write_blocking(move |tx: &mut dyn Tx| -> Result<_, DbError> {
        if store::keys::signing_keys(tx, purpose)?.is_empty() {
            store::keys::add_signing_key(tx, purpose, &made)?;
        }
        store::keys::signing_keys(tx, purpose)
    })?;
    Ok(kept)
}

/// Sessions used since the last flush, so that reading a session never writes one.
#[derive(Debug, Default)]
pub struct Seen(Mutex<HashMap<[u8; 32], Timestamp>>);

impl Seen {
    /// How old a session's last use may get before it is noted again; idle limits are exact to this.
    pub const GRAIN: Duration = Duration::from_secs(60);

    /// Notes a use.
    pub fn note(&self, token_hash: [u8; 32], now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(token_hash, now);
    }

    /// Takes what was noted.
    pub fn take(&self) -> Vec<([u8; 32], Timestamp)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }
}

/// How many messages of strangers are written down per minute: a flood of rubbish must not fill the disk.
#[derive(Debug, Default)]
pub struct Budget(Mutex<(i64, u32)>);

impl Budget {
    const PER_MINUTE: u32 = 120;

    /// Takes one from this minute's budget; `false` if it is spent.
    pub fn take(&self, now: Timestamp) -> bool {
        let minute = now.as_seconds() / 60;
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0 != minute {
            *state = (minute, 0);
        }
        state.1 = state.1.saturating_add(1);
        state.1 <= Self::PER_MINUTE
    }
}
