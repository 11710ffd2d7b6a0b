use std::sync::Arc;

use super::{Ending, announce, collect};
use crate::audit::Actor;
use crate::db::DbError;
use crate::gateway::Gateway;
use crate::membership::Context;

/// Announces what has come nearer to its end since the last time.
pub async fn announce_due(gateway: Arc<Gateway>) {
    match announced(&gateway).await {
        Ok(0) => {}
        Ok(count) => tracing::warn!(count, "something ends soon; usher doctor and /operator/calendar say what"),
        Err(error) => tracing::warn!(error = %error, "what ends soon was not announced"),
    }
}

async fn announced(gateway: &Gateway) -> Result<u64, DbError> {
    let now = gateway.now();
    let endings = gateway.db.read(|tx| collect(tx, &gateway.config, now))?;
    if !endings.iter().any(Ending::is_pressing) {
        return Ok(0);
    }
    let catalog = gateway.config.catalog.clone();
    let write = gateway.db.write(move |tx| {
        let context = Context { now, catalog: &catalog, actor: Actor::System, from: None, incident: None };
        announce(tx, &context, &endings)
    });
    write.await
}
