//! The applications behind: who may enter, and what they are told about the person. Small and fast, for it runs on every request.
//! Decides nothing about membership; it reads the current one.

mod assertion;
mod forward_auth;
mod headers;
mod launcher;
mod rules;
mod trial;

pub use assertion::{Claims, HeaderSigner};
pub use headers::{HEADERS, IdentityHeaders};
pub use launcher::{Card, LauncherPage, Tile};
pub use trial::{Trial, trial};

use crate::web::routes::{Access, Routes};

/// Mounts the routes of this room.
pub fn routes(routes: &mut Routes) {
    routes.get("/", Access::SignedIn, launcher::show);
    routes.any("/auth/nginx", Access::ReverseProxy, forward_auth::nginx);
    routes.any("/auth/forward", Access::ReverseProxy, forward_auth::forward);
    routes.any("/api/authz/forward-auth", Access::ReverseProxy, forward_auth::forward);
    routes.any("/oauth2/auth", Access::ReverseProxy, forward_auth::nginx);
    routes.get("/.well-known/jwks.json", Access::Program, assertion::jwks);
}
