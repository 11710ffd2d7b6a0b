//! Directory sync: the SCIM endpoints that identity providers push to. `scim` reads and renders, `membership` carries out, `store`
//! keeps; here a request becomes one transaction and an answer, and leaves a line in the admin's log.

mod bulk;
mod call;
mod change;
mod discovery;
mod groups;
mod log;
mod read;
mod search;
mod users;

pub use log::{KEPT, write_noted};

use crate::web::routes::{Access, Routes};

/// Mounts what this room answers. Every route wants a token of a directory, discovery too: who has none learns nothing.
pub fn routes(routes: &mut Routes) {
    let access = Access::DirectoryToken;
    routes.get("/scim/v2", access, search::everything);
    routes.post("/scim/v2/.search", access, search::everything_by_post);
    routes.get("/scim/v2/Users", access, search::users);
    routes.post("/scim/v2/Users", access, users::create);
    routes.post("/scim/v2/Users/.search", access, search::users_by_post);
    routes.get("/scim/v2/Users/{id}", access, users::get);
    routes.put("/scim/v2/Users/{id}", access, users::replace);
    routes.patch("/scim/v2/Users/{id}", access, users::patch);
    routes.delete("/scim/v2/Users/{id}", access, users::delete);
    routes.get("/scim/v2/Groups", access, search::groups);
    routes.post("/scim/v2/Groups", access, groups::create);
    routes.post("/scim/v2/Groups/.search", access, search::groups_by_post);
    routes.get("/scim/v2/Groups/{id}", access, groups::get);
    routes.put("/scim/v2/Groups/{id}", access, groups::replace);
    routes.patch("/scim/v2/Groups/{id}", access, groups::patch);
    routes.delete("/scim/v2/Groups/{id}", access, groups::delete);
    routes.post("/scim/v2/Bulk", access, bulk::bulk);
    routes.any("/scim/v2/Me", access, discovery::me);
    routes.get("/scim/v2/ServiceProviderConfig", access, discovery::service_provider_config);
    routes.get("/scim/v2/ResourceTypes", access, discovery::resource_types);
    routes.get("/scim/v2/ResourceTypes/{name}", access, discovery::resource_type);
    routes.get("/scim/v2/Schemas", access, discovery::schemas);
    routes.get("/scim/v2/Schemas/{urn}", access, discovery::schema);
}
