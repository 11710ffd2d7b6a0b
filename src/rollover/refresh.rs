//! Reads the metadata of identity providers again: every day, an hour after it failed, and when somebody asks for it.

use std::sync::Arc;
use std::time::Duration;

use crate::audit::Actor;
use crate::clock::Clock;
use crate::connection::{Connection, Protocol};
use crate::db::{Db, DbError};
use crate::gateway::Gateway;
use crate::membership::Context;
use crate::outbound::{Outbound, Purpose};
use crate::product::Catalog;
use crate::providers::Trouble;
use crate::saml::{MAX_XML, read_idp_metadata};
use crate::store;

/// The largest metadata that is read, in bytes.
const LIMIT: usize = MAX_XML;
/// How often it is read.
const DAILY: Duration = Duration::from_secs(24 * 3600);
/// How soon after it could not be read.
const AGAIN: Duration = Duration::from_secs(3600);
/// How many at once: one that hangs delays the rest of a run, and nothing else.
const AT_ONCE: usize = 4;

/// One look at the metadata of a connection.
#[derive(Clone, Debug)]
pub struct Look<'a> {
    /// What it is read with.
    pub outbound: &'a Outbound,
    /// Where what follows is written.
    pub db: &'a Db,
    /// The products.
    pub catalog: &'a Catalog,
    /// Who looks.
    pub actor: Actor,
    /// From where, if that was a browser.
    pub from: Option<String>,
}

impl Look<'_> {
    /// Reads the metadata and writes what follows. Returns what went wrong, in words for the admin; `None` also where the metadata
    /// did not come by address.
    pub async fn at(self, connection: &Connection, clock: &dyn Clock) -> Result<Option<String>, DbError> {
        let Protocol::Saml(settings) = &connection.protocol else { return Ok(None) };
        let Some(address) = settings.metadata_url.clone() else { return Ok(None) };
        let fetched = self.outbound.get(Purpose::SamlMetadata, &address, LIMIT).await;
        let now = clock.now();
        let read = match fetched {
            Ok(bytes) => read_idp_metadata(&bytes, now).map_err(|error| error.to_string()),
            Err(error) => {
                let trouble = Trouble::from(error);
                Err(format!("{}. {}", trouble.what, trouble.next_step))
            }
        };
        let (id, slug, catalog) = (connection.id, &connection.slug, self.catalog.clone());
        let (actor, from) = (self.actor, self.from);
        let write = self.db.write(move |tx| {
            let context = Context { now, catalog: &catalog, actor: actor.clone(), from: from.clone(), incident: None };
            match &read {
                Ok(idp) => Ok(super::metadata::note(tx, &context, id, &address, idp)?.map(|other| other.to_string())),
                Err(problem) => {
                    super::metadata::note_problem(tx, &context, id, &address, problem)?;
                    Ok(Some(problem.clone()))
                }
            }
        });
        let problem = write.await?;
        if problem.is_some() {
            tracing::warn!(connection = %slug, "the identity provider's metadata cannot be used; what was read before goes on counting");
        }
        Ok(problem)
    }
}

/// Reads the metadata of a connection now, as the running gateway does.
pub async fn refresh(
    gateway: &Gateway,
    actor: Actor,
    from: Option<String>,
    connection: &Connection,
) -> Result<Option<String>, DbError> {
    let (outbound, db, catalog) = (&gateway.outbound, &gateway.db, &gateway.config.catalog);
    Look { outbound, db, catalog, actor, from }.at(connection, &*gateway.clock).await
}

/// Reads the metadata of every connection whose time has come.
pub async fn refresh_due(gateway: Arc<Gateway>) {
    let (day, hour) = (gateway.now().minus(DAILY), gateway.now().minus(AGAIN));
    let due = match gateway.db.read(|tx| store::connections::saml_unread_since(tx, day, hour)) {
        Ok(due) => due,
        Err(error) => return tracing::warn!(error = %error, "the connections to read again cannot be read"),
    };
    let mut under_way = tokio::task::JoinSet::new();
    for connection in due {
        if under_way.len() >= AT_ONCE {
            under_way.join_next().await;
        }
        let gateway = gateway.clone();
        under_way.spawn(async move {
            if let Err(error) = refresh(&gateway, Actor::System, None, &connection).await {
                tracing::warn!(connection = %connection.slug, error = %error, "what the metadata says was not noted");
            }
        });
    }
    while under_way.join_next().await.is_some() {}
}
