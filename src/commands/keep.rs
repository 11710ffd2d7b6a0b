use std::fs;
use std::io::IsTerminal as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::organizations::ask;
use super::output::{Failure, remark, say};
use super::setting::{self, Setting};
use crate::audit::Event;
use crate::config::Config;
use crate::db::{Db, DbError, Lock, Open, check_integrity};
use crate::membership::Context;
use crate::secrets::MasterKey;
use crate::store;

pub(super) fn backup(setting: &Setting, file: &Path) -> Result<(), Failure> {
    let config = setting.load()?;
    let db = setting::existing(&config)?;
    if file.exists() {
        return Err(Failure::failed(format!("{} is there already; name a file that is not", file.display())));
    }
    db.backup_to(file)?;
    say(&format!("{} holds the database as it is now", file.display()));
    remark(&format!(
        "The key file {} is not in it, and without it the secrets in the copy cannot be read: keep it elsewhere.",
        config.server.data_dir.join("master.key").display()
    ));
    Ok(())
}

pub(super) fn restore(setting: &Setting, file: &Path, yes: bool) -> Result<(), Failure> {
    let config = setting.load()?;
    let directory = &config.server.data_dir;
    let database = config.server.database();
    let failed = |what: &str, path: &Path, error: std::io::Error| {
        Failure::failed(format!("{} {what}: {error}; nothing was replaced", path.display()))
    };
    fs::File::open(file).map_err(|error| failed("cannot be read", file, error))?;
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|error| failed("cannot be made", directory, error))?;
    // The server holds this lock as long as it lives.
    let _lock = Lock::take(&directory.join("usher.lock"))?;
    let candidate = Candidate(directory.join("usher.db.restoring"));
    let copied = fs::copy(file, &candidate.0).map_err(|error| failed("cannot be copied", file, error))?;
    judge(&candidate.0, directory, file)?;
    if database.exists() && !yes {
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !terminal {
            return Err(Failure::failed(
                "this replaces the database; nothing was replaced; run it with --yes if that is meant",
            ));
        }
        if !ask(&format!("Replace {} with this copy ({copied} bytes)?", database.display())) {
            return Err(Failure::failed("nothing was replaced"));
        }
    }
    let kept = set_aside(&database, directory)?;
    fs::rename(&candidate.0, &database).map_err(|error| failed("cannot be replaced", &database, error))?;
    record(&config)?;
    say(&format!("{} is what {} held", database.display(), file.display()));
    if let Some(kept) = kept {
        say(&format!("the database before is {}", kept.display()));
    }
    Ok(())
}

/// The restored log says itself that there is a gap before this.
fn record(config: &Config) -> Result<(), Failure> {
    let db = setting::existing(config)?;
    let (catalog, actor, now) = (config.catalog.clone(), setting::actor(), setting::now());
    db.write_blocking(move |tx| -> Result<(), DbError> {
        let context = Context { now, catalog: &catalog, actor: actor.clone(), from: None, incident: None };
        context.record(tx, None, None, Event::DatabaseRestored)
    })?;
    Ok(())
}

/// Keeps the database there is under another name, with the log that belongs to it alone.
fn set_aside(database: &Path, directory: &Path) -> Result<Option<PathBuf>, Failure> {
    let failed = |error: std::io::Error| {
        Failure::failed(format!("{} cannot be kept: {error}; nothing was replaced", database.display()))
    };
    if !database.exists() {
        return Ok(None);
    }
    let kept = directory.join(format!("usher.db.before-restore-{}", setting::now().as_seconds()));
    fs::hard_link(database, &kept).map_err(failed)?;
    let log = with_suffix(database, "-wal");
    if log.exists() {
        fs::rename(&log, with_suffix(&kept, "-wal")).map_err(failed)?;
    }
    let _ = fs::remove_file(with_suffix(database, "-shm"));
    Ok(Some(kept))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The copy while it is looked at; gone again if it was not taken.
struct Candidate(PathBuf);

impl Drop for Candidate {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(with_suffix(&self.0, suffix));
        }
    }
}

/// Whether a copy is ours, sound, of a version we read, and sealed with the key that is here.
fn judge(candidate: &Path, directory: &Path, file: &Path) -> Result<(), Failure> {
    let named = |text: String| text.replace(&candidate.display().to_string(), &file.display().to_string());
    let rename = |failure: Failure| match failure {
        Failure::Failed(text) => Failure::Failed(named(text)),
        Failure::Usage(text) => Failure::Usage(named(text)),
        Failure::OtherVersion(text) => Failure::OtherVersion(named(text)),
        Failure::Configuration(text) => Failure::Configuration(named(text)),
    };
    let db = Db::open(candidate, store::MIGRATIONS, Open::Existing).map_err(|error| rename(error.into()))?;
    let wrong = check_integrity(candidate).map_err(|error| rename(error.into()))?;
    if !wrong.is_empty() {
        return Err(Failure::failed(format!("{} is damaged: {}; use another copy", file.display(), wrong.join("; "))));
    }
    let wrapped = db.read(|tx| store::keys::data_keys(tx))?;
    let key_file = directory.join("master.key");
    if wrapped.is_empty() {
        return Ok(());
    }
    if !key_file.exists() {
        return Err(Failure::failed(format!(
            "{} is missing; put the key file that belongs to this copy there first, or its secrets cannot be read",
            key_file.display()
        )));
    }
    let sealer = MasterKey::load_or_create(&key_file).and_then(|(master, _)| master.sealer(&wrapped));
    sealer.map_err(|error| Failure::failed(format!("{}: {error}", key_file.display())))?;
    Ok(())
}
