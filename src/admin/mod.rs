//! The operator's pages: connections looked at, tested and switched, domains proven. Owns what they show; decides nothing and writes through others.

mod calendar;
mod connections;
mod domains;
mod keys;
mod metadata;
mod overview;
pub mod pages;
mod reports;
pub mod setup;
mod switching;

use actix_web::HttpRequest;

use crate::audit::Actor;
use crate::ids::Incident;
use crate::login::Asked;
use crate::membership::Context;
use crate::product::Catalog;
use crate::secrets;
use crate::web::routes::{Access, Routes};

/// Mounts the routes of this room.
pub fn routes(routes: &mut Routes) {
    routes.get("/operator", Access::Operator, overview::show);
    setup::routes(routes);
    routes.get("/operator/connections/{connection}", Access::Operator, connections::show);
    routes.post("/operator/connections/{connection}/test", Access::Operator, connections::test);
    routes.post("/operator/connections/{connection}/activate", Access::Operator, connections::activate);
    routes.post("/operator/connections/{connection}/deactivate", Access::Operator, connections::deactivate);
    routes.post("/operator/connections/{connection}/metadata", Access::Operator, metadata::read);
    routes.post("/operator/connections/{connection}/metadata/accept", Access::Operator, metadata::accept);
    routes.get("/operator/connections/{connection}/switch", Access::Operator, switching::show);
    routes.post("/operator/connections/{connection}/switch", Access::Operator, switching::switch);
    routes.get("/operator/keys", Access::Operator, keys::show);
    routes.post("/operator/keys/add", Access::Operator, keys::add);
    routes.post("/operator/keys/use", Access::Operator, keys::take_into_use);
    routes.post("/operator/keys/retire", Access::Operator, keys::retire);
    routes.get("/operator/calendar", Access::Operator, calendar::show);
    routes.get("/operator/parents/{parent}/domains", Access::Operator, domains::show);
    routes.post("/operator/parents/{parent}/domains", Access::Operator, domains::add);
    routes.post("/operator/parents/{parent}/domains/{domain}/check", Access::Operator, domains::check);
    routes.post("/operator/parents/{parent}/domains/{domain}/remove", Access::Operator, domains::remove);
    routes.get("/operator/tests/{incident}", Access::Operator, reports::show);
}

/// What a request of an operator says about itself.
fn asked(request: &HttpRequest) -> Asked {
    Asked::of(request, &Incident::from_random(secrets::random()))
}

/// For a change that an operator makes.
fn context<'a>(asked: &Asked, catalog: &'a Catalog) -> Context<'a> {
    Context { actor: Actor::Operator, incident: None, ..asked.context(catalog) }
}
