use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::output::{Failure, chain, say};
use super::setting::{self, Setting};
use crate::config::{Config, ConfigError, Mistake, Tls};
use crate::db::{Db, Open};
use crate::store;
use crate::tls;

pub(super) fn check(setting: &Setting, json: bool) -> Result<(), Failure> {
    let config = match setting.look() {
        Ok(config) => config,
        Err(error) if json => return Err(told_as_json(&mistakes(&error))),
        Err(error) => return Err(error.into()),
    };
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
        let all: Vec<Value> = wrong.iter().map(|what| json!({ "what": what })).collect();
        return Err(if json { told_as_json(&all) } else { Failure::Configuration(wrong.join("\n")) });
    }
    let mut older = false;
    if config.server.database().exists() {
        // An older file is no mistake: the server brings it up to date. A newer one is.
        match Db::open(&config.server.database(), store::MIGRATIONS, Open::Existing) {
            Err(crate::db::OpenError::Older { .. }) => older = true,
            opened => drop(opened?),
        }
    }
    let (base, listen) = (config.server.base(), config.server.listen);
    if json {
        let value = json!({
            "valid": true, "mistakes": [], "public_url": base, "listen": listen.to_string(), "database_is_older": older,
        });
        say(&value.to_string());
        return Ok(());
    }
    if older {
        say("the database is older; `usher serve` brings it up to date");
    }
    say(&format!("the configuration is valid: {base} at {listen}"));
    Ok(())
}

fn mistakes(error: &ConfigError) -> Vec<Value> {
    match error {
        ConfigError::Unreadable { .. } => vec![json!({ "what": chain(error) })],
        ConfigError::Mistakes { mistakes, .. } => {
            let place = |number: usize| (number > 0).then_some(number);
            let value = |mistake: &Mistake| {
                let (line, column) = (place(mistake.line), place(mistake.column));
                json!({ "line": line, "column": column, "key": mistake.key, "what": mistake.what })
            };
            mistakes.iter().map(value).collect()
        }
    }
}

/// Says all on standard output; there is nothing left to complain about.
fn told_as_json(mistakes: &[Value]) -> Failure {
    say(&json!({ "valid": false, "mistakes": mistakes }).to_string());
    Failure::Configuration(String::new())
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
