use actix_web::HttpRequest;

use crate::audit::Actor;
use crate::clock::Timestamp;
use crate::ids::Incident;
use crate::membership::Context;
use crate::product::Catalog;
use crate::secrets;
use crate::session;
use crate::web::client;
use crate::web::page::Site;

/// What a request says about itself, taken along into a transaction.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The moment.
    pub now: Timestamp,
    /// The browser's address.
    pub address: String,
    /// What the browser calls itself, cut to 200 characters.
    pub user_agent: String,
    /// The attempt's code.
    pub incident: Incident,
}

impl Asked {
    /// Of a browser's request, with a code of its own.
    pub fn of(request: &HttpRequest) -> Self {
        Self::about(request, &Incident::from_random(secrets::random()))
    }

    /// Of a browser's request that belongs to an attempt which has its code already.
    pub fn about(request: &HttpRequest, incident: &Incident) -> Self {
        let user_agent = request.headers().get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        Self {
            now: session::gateway(request).now(),
            address: client::address(request, &Site::of(request).trusted_proxies),
            user_agent: user_agent.chars().take(200).collect(),
            incident: incident.clone(),
        }
    }

    /// For a change that nobody signed in has made.
    pub fn context<'a>(&self, catalog: &'a Catalog) -> Context<'a> {
        Context {
            now: self.now,
            catalog,
            actor: Actor::Stranger,
            from: Some(self.address.clone()),
            incident: Some(self.incident.clone()),
        }
    }
}
