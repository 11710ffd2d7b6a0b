use std::path::{Path, PathBuf};

use super::output::{Failure, chain, say};
use super::setting::{self, Setting};
use crate::config::{Config, Tls};
use crate::db::{Db, Open};
use crate::store;
use crate::tls;

pub(super) fn check(setting: &Setting) -> Result<(), Failure> {
    let config = setting.load()?;
    let mut wrong = Vec::new();
    if let Err(what) = data_dir(&config) {
        wrong.push(what);
    }
    if let Err(failure) = setting::outbound(&config, config.server.allow_private_idp) {
        wrong.push(failure.to_string());
    }
    if let Tls::Files { certificate, key } = &config.tls
        && let Err(error) = tls::server_config(certificate, key)
    {
        wrong.push(format!("tls: {}", chain(&error)));
    }
    if !wrong.is_empty() {
        return Err(Failure::Configuration(wrong.join("\n")));
    }
    if config.server.database().exists() {
        // An older file is no mistake: the server brings it up to date. A newer one is.
        match Db::open(&config.server.database(), store::MIGRATIONS, Open::Existing) {
            Err(crate::db::OpenError::Older { .. }) => say("the database is older; `usher serve` brings it up to date"),
            opened => drop(opened?),
        }
    }
    say(&format!("the configuration is valid: {} at {}", config.server.base(), config.server.listen));
    Ok(())
}

/// Whether the data directory can be written, or made.
pub(super) fn data_dir(config: &Config) -> Result<(), String> {
    let directory = &config.server.data_dir;
    let next = "make it belong to the user that runs Usher, or name another with server.data_dir";
    // As yet there may be only something above it.
    let Some(there) = first_existing(directory) else {
        return Err(format!("{} cannot be made; {next}", directory.display()));
    };
    if !there.is_dir() {
        return Err(format!("server.data_dir: {} is no directory; {next}", there.display()));
    }
    // Trying tells more than mode bits do: read-only disks, quotas, containers.
    let probe = there.join(format!(".usher-check-{}", std::process::id()));
    match std::fs::OpenOptions::new().create_new(true).write(true).open(&probe) {
        Ok(_) => {
            let _ = std::fs::remove_file(&probe);
            Ok(())
        }
        Err(error) => Err(format!("server.data_dir: {} cannot be written: {error}; {next}", there.display())),
    }
}

fn first_existing(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    absolute.ancestors().find(|path| path.exists()).map(Path::to_owned)
}
