//! The operator's pages: setup, an overview, keys and what ends when, moving people to another identity
//! provider; connections and domains as `connecting` shows them. Owns what they show; decides nothing and writes through others.

mod calendar;
mod connections;
mod desk;
mod domains;
mod keys;
mod overview;
pub mod pages;
pub mod setup;
mod switching;

use crate::audit::Actor;
use crate::login::Asked;
use crate::membership::Context;
use crate::product::Catalog;
use crate::web::routes::{Access, Routes};

/// Mounts the routes of this room.
pub fn routes(routes: &mut Routes) {
    routes.get("/operator", Access::Operator, overview::show);
    setup::routes(routes);
    connection_routes(routes);
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
    routes.get("/operator/tests/{incident}", Access::Operator, connections::report);
}

fn connection_routes(routes: &mut Routes) {
    let operator = Access::Operator;
    routes.get("/operator/parents/{parent}/connections", operator, connections::show_add);
    routes.post("/operator/parents/{parent}/connections", operator, connections::add);
    routes.get("/operator/connections/{connection}", operator, connections::show);
    routes.get("/operator/connections/{connection}/edit", operator, connections::show_edit);
    routes.post("/operator/connections/{connection}/edit", operator, connections::edit);
    routes.get("/operator/connections/{connection}/change", operator, connections::show_edit);
    routes.post("/operator/connections/{connection}/change", operator, connections::edit);
    routes.post("/operator/connections/{connection}/test", operator, connections::test);
    routes.post("/operator/connections/{connection}/activate", operator, connections::activate);
    routes.post("/operator/connections/{connection}/deactivate", operator, connections::deactivate);
    routes.get("/operator/connections/{connection}/discard", operator, connections::ask_discard);
    routes.post("/operator/connections/{connection}/discard", operator, connections::discard);
    routes.post("/operator/connections/{connection}/metadata", operator, connections::read_metadata);
    routes.post("/operator/connections/{connection}/metadata/accept", operator, connections::accept);
    routes.get("/operator/connections/{connection}/links", operator, connections::links);
    routes.post("/operator/connections/{connection}/links", operator, connections::make_link);
    routes.post("/operator/connections/{connection}/links/{link}/revoke", operator, connections::revoke_link);
}

/// For a change that an operator makes.
fn context<'a>(asked: &Asked, catalog: &'a Catalog) -> Context<'a> {
    Context { actor: Actor::Operator, incident: None, ..asked.context(catalog) }
}
