//! The sign-in, from an e-mail address to a session or a refusal. Owns the order of steps; knows no SQL, no rule and no signature.

mod account;
pub mod again;
mod answer;
mod context;
mod destination;
mod exchange;
mod finish;
pub mod flow;
mod hex;
mod leave;
mod oidc;
mod oidc_sign_out;
pub mod pages;
mod record;
mod recover;
pub mod refusal;
mod saml;
mod saml_sign_out;
mod start;
pub mod trial;
mod turned;

pub use account::browser_name;
pub use answer::VerifiedAnswer;
pub use context::Asked;
pub use hex::{session_hash, session_id};
pub use record::outcome as outcome_words;
pub use recover::{OPERATOR_LINK, add_operator_link, operator_link, operator_link_url};
pub use start::{Begin, any_connection, begin, onward};

use crate::web::routes::{Access, Routes};

/// Mounts the routes of this room.
pub fn routes(routes: &mut Routes) {
    routes.get("/sign-in", Access::Anyone, start::show);
    routes.post("/sign-in", Access::Anyone, start::submit);
    routes.get("/sign-in/finish", Access::Anyone, finish::show);
    routes.post("/sign-in/finish", Access::Anyone, finish::confirm);
    routes.get("/sign-in/{connection}", Access::Anyone, start::direct);
    routes.post("/sign-in/{connection}", Access::IdentityProvider, start::direct_posted);
    routes.get("/saml/{connection}/metadata", Access::Anyone, saml::metadata);
    routes.post("/saml/{connection}/acs", Access::IdentityProvider, saml::consume);
    routes.get("/saml/{connection}/slo", Access::IdentityProvider, saml_sign_out::redirected);
    routes.post("/saml/{connection}/slo", Access::IdentityProvider, saml_sign_out::posted);
    routes.get("/oidc/jwks.json", Access::Program, oidc::jwks);
    routes.get("/oidc/{connection}/callback", Access::Anyone, oidc::callback);
    routes.post("/oidc/{connection}/backchannel-logout", Access::Program, oidc_sign_out::back_channel);
    routes.post("/sign-out", Access::Anyone, leave::sign_out);
    routes.get("/signed-out", Access::Anyone, leave::signed_out);
    routes.post("/language", Access::Anyone, leave::language);
    routes.get("/account", Access::SignedIn, account::show);
    routes.post("/account/sessions/end", Access::SignedIn, account::end_session);
    routes.get("/recover", Access::Anyone, recover::show);
    routes.post("/recover", Access::Anyone, recover::open);
}
