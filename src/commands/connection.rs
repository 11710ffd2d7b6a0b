use serde_json::json;

use super::arguments::ConnectionCommand;
use super::output::{Failure, say};
use super::setting::{self, Setting};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::connection::{Connection, IdpCertificate, Protocol, SamlSettings};
use crate::db::{Db, DbError};
use crate::identity::EmailAddress;
use crate::ids::Slug;
use crate::membership::{self, Context};
use crate::rollover::Look;
use crate::store;

pub(super) fn run(setting: &Setting, command: ConnectionCommand) -> Result<(), Failure> {
    let config = setting.load()?;
    match command {
        ConnectionCommand::Refresh { connection, json } => refresh(&config, &connection, json),
        ConnectionCommand::Relink { connection, email } => relink(&config, &connection, &email),
    }
}

fn known(db: &Db, slug: &Slug) -> Result<Connection, Failure> {
    let found = db.read(|tx| store::connections::by_slug(tx, slug))?;
    found.ok_or_else(|| Failure::failed(format!("there is no connection {slug}; usher export shows them all")))
}

/// The settings of a connection whose metadata is read from an address.
fn by_address(connection: &Connection) -> Result<(&SamlSettings, &str), Failure> {
    let slug = &connection.slug;
    match &connection.protocol {
        Protocol::Saml(settings) => match &settings.metadata_url {
            Some(address) => Ok((settings, address)),
            None => Err(Failure::failed(format!(
                "connection {slug} has its metadata from a file; give it a metadata_url, or apply the file again"
            ))),
        },
        Protocol::Oidc(_) => Err(Failure::failed(format!(
            "connection {slug} speaks OpenID Connect, whose documents and keys the running server reads again by itself; usher doctor asks its provider now"
        ))),
    }
}

fn refresh(config: &Config, slug: &str, json: bool) -> Result<(), Failure> {
    let (slug, db) = (setting::slug(slug)?, setting::existing(config)?);
    let before = known(&db, &slug)?;
    let address = by_address(&before)?.1.to_owned();
    let outbound = setting::outbound(config, config.server.allow_private_idp)?;
    let look = Look { outbound: &outbound, db: &db, catalog: &config.catalog, actor: setting::actor(), from: None };
    let problem = setting::runtime()?.block_on(look.at(&before, &SystemClock))?;
    let after = known(&db, &slug)?;
    let (was, is) = (by_address(&before)?.0, by_address(&after)?.0);
    let changed = was.idp != is.idp;
    let pending = is.pending.as_deref();
    if json {
        let value = json!({
            "connection": slug.as_str(), "metadata_url": address, "problem": problem, "changed": changed,
            "entity_id": is.idp.entity_id, "certificates": fingerprints(&is.idp.certificates),
            "pending": pending.map(|idp| fingerprints(&idp.certificates)),
        });
        say(&value.to_string());
    } else if problem.is_none() {
        say(&format!(
            "{slug}: {address} was read; {}",
            if changed { "what changed counts now" } else { "what counts stays as it is" }
        ));
        is.idp.certificates.iter().for_each(|one| certificate("counts", one));
        let waiting = pending.map(|idp| idp.certificates.as_slice()).unwrap_or_default();
        waiting.iter().filter(|one| !is.idp.certificates.contains(one)).for_each(|one| certificate("waits ", one));
        if pending.is_some() {
            say(
                "what waits is accepted on the connection's page (/operator): compare the fingerprints with the identity provider's first",
            );
        }
    }
    match problem {
        None => Ok(()),
        Some(problem) => Err(Failure::failed(format!("{slug}: {problem}\nwhat was read before goes on counting"))),
    }
}

fn relink(config: &Config, slug: &str, email: &str) -> Result<(), Failure> {
    let slug = setting::slug(slug)?;
    let address = EmailAddress::parse(email).map_err(|error| Failure::usage(format!("{email:?}: {error}")))?;
    let db = setting::existing(config)?;
    let connection = known(&db, &slug)?;
    let person = db.read(|tx| store::people::by_email(tx, connection.parent, &address))?;
    let person = person.ok_or_else(|| Failure::failed(format!("nobody of that parent organization has {address}")))?;
    let catalog = config.catalog.clone();
    let known = db.write_blocking(move |tx| -> Result<bool, DbError> {
        let context =
            Context { now: setting::now(), catalog: &catalog, actor: setting::actor(), from: None, incident: None };
        membership::relink(tx, &context, &person, &connection)
    })?;
    if !known {
        return Err(Failure::failed(format!(
            "{slug} does not know {address} by any subject: the next sign-in with it is linked anyway"
        )));
    }
    say(&format!(
        "{slug} knows {address} by no subject any more, and the sessions have ended; the next sign-in with it is linked to the same person"
    ));
    Ok(())
}

fn fingerprints(certificates: &[IdpCertificate]) -> Vec<&str> {
    certificates.iter().map(|one| one.fingerprint.as_str()).collect()
}

fn certificate(how: &str, one: &IdpCertificate) {
    say(&format!("  {how}  {}  ends {}", one.fingerprint, one.not_after.date()));
}
