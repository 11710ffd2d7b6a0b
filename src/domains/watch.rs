use std::sync::Arc;

use crate::audit::Actor;
use crate::db::DbError;
use crate::gateway::Gateway;
use crate::membership::Context;
use crate::organization::{Domain, DomainState};
use crate::store;

/// How many domains are looked up in one run, and how many of them at once: a DNS that keeps silent delays the rest of a run, and
/// nothing else.
const A_RUN: u32 = 200;
const AT_ONCE: usize = 8;

/// Asks DNS about a claim and writes what it answered. `None` if the claim went away meanwhile.
pub async fn check(
    gateway: &Gateway,
    actor: Actor,
    from: Option<String>,
    domain: &Domain,
) -> Result<Option<Domain>, DbError> {
    let found = gateway.dns.txt(&domain.name).await;
    let (catalog, now, asked) = (gateway.config.catalog.clone(), gateway.now(), domain.clone());
    let write = gateway.db.write(move |tx| {
        let context = Context { now, catalog: &catalog, actor: actor.clone(), from: from.clone(), incident: None };
        super::note(tx, &context, &asked, &found)
    });
    let after = write.await?;
    if let Some(after) = &after {
        tell(domain, after);
    }
    Ok(after)
}

/// Asks DNS about every claim whose time has come.
pub async fn check_due(gateway: Arc<Gateway>) {
    let due = match gateway.db.read(|tx| store::domains::due(tx, gateway.now(), A_RUN)) {
        Ok(due) => due,
        Err(error) => return tracing::warn!(error = %error, "the domains to look up cannot be read"),
    };
    let mut under_way = tokio::task::JoinSet::new();
    for domain in due {
        if under_way.len() >= AT_ONCE {
            under_way.join_next().await;
        }
        let gateway = gateway.clone();
        under_way.spawn(async move {
            if let Err(error) = check(&gateway, Actor::System, None, &domain).await {
                tracing::warn!(domain = %domain.name, error = %error, "what DNS answered was not noted");
            }
        });
    }
    while under_way.join_next().await.is_some() {}
}

fn tell(before: &Domain, after: &Domain) {
    let name = &after.name;
    match (before.state, after.state) {
        (DomainState::Pending | DomainState::Failed, DomainState::Verified { .. }) => {
            tracing::info!(domain = %name, "a domain is verified by DNS");
        }
        (DomainState::Verified { lost: None, .. }, DomainState::Verified { lost: Some(_), .. }) => {
            tracing::warn!(domain = %name, "the DNS record of a verified domain has gone; after 7 days nobody new comes by it");
        }
        (DomainState::Verified { lost: Some(_), .. }, DomainState::Verified { lost: None, .. }) => {
            tracing::info!(domain = %name, "the DNS record of a verified domain is back");
        }
        _ => tracing::debug!(domain = %name, "a domain was looked up"),
    }
}
