//! OpenID Connect as a relying party: bytes to our words and back. Pure: no IO, no system clock, no store.
//! Owns what discovery documents, tokens and claims must be before anything in them is believed; `login` makes the calls.

mod callback;
mod claims;
mod discovery;
mod error;
mod facts;
mod id_token;
mod json;
mod jws;
mod keys;
mod logout;
mod request;
mod shown;
#[cfg(test)]
mod tests;
mod tokens;
mod userinfo;

pub use callback::{read_code, read_state};
pub use discovery::{MAX_DISCOVERY, Provider, discovery_url, read_discovery};
pub use error::{Kind, OidcError};
pub use facts::{Facts, OidcWarning, facts};
pub use id_token::{Awaited, CHECKS, IdToken, verify_id_token};
pub use keys::{ClientKey, Keys, MAX_KEYS, read_keys};
pub use logout::{LogoutToken, end_session_url, verify_logout_token};
pub use request::{Ask, Call, ClientProof, sign_in_url, token_call};
pub use shown::{Shown, shown, shown_unverified};
pub use tokens::{MAX_TOKEN_ANSWER, Tokens, read_token_answer};
pub use userinfo::{MAX_USERINFO, Userinfo, groups_call, read_groups, read_userinfo, userinfo_call};
