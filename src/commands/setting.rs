use std::path::PathBuf;
use std::sync::Arc;

use super::output::Failure;
use crate::audit::Actor;
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::config::{Config, ConfigError, Flags};
use crate::db::{Db, Open};
use crate::gateway;
use crate::ids::Slug;
use crate::organization::ParentOrganization;
use crate::outbound::Outbound;
use crate::store;

/// Where a command works: which configuration, which data.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) config: Option<PathBuf>,
    pub(super) data_dir: Option<PathBuf>,
}

impl Setting {
    /// The checked configuration.
    pub(super) fn load(&self) -> Result<Config, Failure> {
        self.load_with(Flags { data_dir: self.data_dir.clone(), ..Flags::default() })
    }

    /// The checked configuration with further flags.
    pub(super) fn load_with(&self, flags: Flags) -> Result<Config, Failure> {
        Ok(self.read(&flags)?)
    }

    /// As [`Setting::load`], with the mistakes one by one.
    pub(super) fn look(&self) -> Result<Config, ConfigError> {
        self.read(&Flags { data_dir: self.data_dir.clone(), ..Flags::default() })
    }

    fn read(&self, flags: &Flags) -> Result<Config, ConfigError> {
        let environment = std::env::vars_os();
        let environment =
            environment.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Config::load(self.config.as_deref(), environment, flags)
    }
}

/// The time, for what takes long.
pub(super) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// The present moment.
pub(super) fn now() -> Timestamp {
    SystemClock.now()
}

/// The database there is.
pub(super) fn existing(config: &Config) -> Result<Db, Failure> {
    Ok(Db::open(&config.server.database(), store::MIGRATIONS, Open::Existing)?)
}

/// The database, made with its key if this is the first thing anybody does here.
pub(super) fn existing_or_new(config: &Config) -> Result<Db, Failure> {
    Ok(gateway::open(config, &SystemClock, Open::Command)?.db)
}

/// Who runs the command, for the audit log: whom sudo was called by, else whose shell it is.
pub(super) fn actor() -> Actor {
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let plain: String = named.unwrap_or_default().chars().filter(|c| !c.is_control()).take(64).collect();
    Actor::Shell(if plain.is_empty() { format!("uid {}", user_id()) } else { plain })
}

fn user_id() -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").map_or(0, |known| known.uid())
}

/// A slug as typed.
pub(super) fn slug(text: &str) -> Result<Slug, Failure> {
    Slug::parse(text).map_err(|error| Failure::usage(format!("{text:?}: {error}")))
}

/// The parent organization of this slug; else the ones there are.
pub(super) fn parent(db: &Db, text: &str) -> Result<ParentOrganization, Failure> {
    let slug = slug(text)?;
    let parents: Vec<ParentOrganization> = db.read::<_, Failure>(|tx| Ok(store::organizations::parents(tx)?))?;
    let known = parents.iter().map(|parent| parent.slug.as_str()).collect::<Vec<_>>().join(", ");
    let known =
        if known.is_empty() { "there is none yet; apply an organizations file first".to_owned() } else { known };
    let found = parents.into_iter().find(|parent| parent.slug == slug);
    found.ok_or_else(|| Failure::failed(format!("there is no parent organization {slug}; known: {known}")))
}

/// A runtime for calls out.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("the runtime cannot be started: {error}")))
}

/// The client for calls out, with the configured roots.
pub(super) fn outbound(config: &Config, allow_private: bool) -> Result<Outbound, Failure> {
    let mut roots = Vec::new();
    for path in &config.server.trusted_cas {
        let root = std::fs::read(path);
        roots.push(root.map_err(|error| {
            Failure::Configuration(format!("server.trusted_cas: {} cannot be read: {error}", path.display()))
        })?);
    }
    Ok(Outbound::new(&roots, allow_private)?)
}
