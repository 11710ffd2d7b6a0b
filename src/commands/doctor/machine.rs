//! The machine: configuration, data directory, certificate file, the running server, database and key file.

use super::{Findings, Verdict};
use crate::commands::output::{Failure, chain};
use crate::commands::{check, health};
use crate::config::{Config, Tls};
use crate::db::{Db, DbError, check_integrity};
use crate::secrets::MasterKey;
use crate::store;
use crate::tls;

pub(super) fn look(config: &Config, findings: &mut Findings) -> Result<(), Failure> {
    findings.add(Verdict::Well, "configuration", format!("valid; browsers come to {}", config.server.base()));
    match check::data_dir(config) {
        Ok(()) => findings.add(Verdict::Well, "data directory", config.server.data_dir.display().to_string()),
        Err(what) => findings.add(Verdict::Bad, "data directory", what),
    }
    // When it ends stands in the calendar.
    if let Tls::Files { certificate, key } = &config.tls {
        match tls::server_config(certificate, key) {
            Ok(_) => {
                findings.add(Verdict::Well, "tls", format!("{} and its key belong together", certificate.display()))
            }
            Err(error) => findings.add(Verdict::Bad, "tls", chain(&error)),
        }
    }
    match health::ask(config, "/readyz")? {
        Ok(()) => findings.add(Verdict::Well, "server", "answers, and can write"),
        Err(why) => findings.add(Verdict::Warn, "server", why),
    }
    Ok(())
}

pub(super) fn database(config: &Config, db: &Db, findings: &mut Findings) -> Result<(), Failure> {
    let wrong = check_integrity(db.path())?;
    if wrong.is_empty() {
        findings.add(Verdict::Well, "database", "sound");
    } else {
        findings.add(Verdict::Bad, "database", format!("damaged: {}; restore a backup", wrong.join("; ")));
    }
    key_file(config, db, findings)?;
    db.read(|tx| -> Result<(), DbError> {
        for (organization, counted, held) in store::organizations::miscounted(tx)? {
            let found = format!("{organization}: {counted} members counted, {held} there");
            findings.add(Verdict::Bad, "members", found);
        }
        for (organization, seat, counted, held) in store::seats::miscounted(tx)? {
            let found = format!("{organization}: {counted} {seat} seats counted, {held} held");
            findings.add(Verdict::Bad, "seats", found);
        }
        for parent in store::organizations::parents(tx)? {
            for (_, value, counted, told) in store::seen_groups::miscounted(tx, parent.id)? {
                let found = format!("{}: {counted} people counted in {value:?}, {told} told of it", parent.slug);
                findings.add(Verdict::Warn, "groups", found);
            }
        }
        Ok(())
    })?;
    Ok(())
}

fn key_file(config: &Config, db: &Db, findings: &mut Findings) -> Result<(), Failure> {
    let path = config.server.data_dir.join("master.key");
    let wrapped = db.read(|tx| store::keys::data_keys(tx))?;
    if wrapped.is_empty() {
        findings.add(Verdict::Warn, "key file", "the database has no keys yet; usher serve makes them");
    } else if path.exists() {
        match MasterKey::load_or_create(&path).and_then(|(master, _)| Ok((master.sealer(&wrapped)?, master))) {
            Ok((_, master)) => {
                findings.add(Verdict::Well, "key file", format!("opens the secrets ({})", master.fingerprint()))
            }
            Err(error) => findings.add(Verdict::Bad, "key file", chain(&error)),
        }
    } else {
        let found = format!("{} is missing; put back the one that belongs to this database", path.display());
        findings.add(Verdict::Bad, "key file", found);
    }
    Ok(())
}
