use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpMessage as _, HttpRequest};

use super::gateway;
use crate::ids::ParentId;
use crate::secrets;
use crate::store;
use crate::web::client;
use crate::web::failure::Failure;
use crate::web::page::Site;

/// Whoever pushes a directory, as a handler behind [`crate::web::routes::Access::DirectoryToken`] finds them in the request. The
/// token alone says whose directory it is; nothing in a request does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pusher {
    /// The token's row.
    pub token: i64,
    /// What the admin calls the token.
    pub name: String,
    /// Whose directory it opens.
    pub parent: ParentId,
    /// The client's address.
    pub from: String,
}

impl Pusher {
    /// The one the guard let in.
    pub fn of(request: &HttpRequest) -> Result<Self, Failure> {
        request.extensions().get::<Self>().cloned().ok_or(Failure::BadToken)
    }
}

/// Tokens are at least 32 characters; nobody has a longer one than this.
const LONGEST: usize = 1024;

/// `Authorization: Bearer ..` (RFC 6750 §2.1), once.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut sent = request.headers().get_all(AUTHORIZATION);
    let (one, None) = (sent.next()?, sent.next()) else { return None };
    let (scheme, token) = one.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= LONGEST).then_some(token)
}

/// Finds the token by its hash, so that how much of it is right cannot be measured. Unknown, expired, revoked and missing are one
/// answer. The use is noted in memory.
pub(super) fn pusher(request: &HttpRequest) -> Result<Pusher, Failure> {
    let gateway = gateway(request);
    let now = gateway.now();
    let token = bearer(request).ok_or(Failure::BadToken)?;
    let hash = secrets::sha256(token.as_bytes());
    let found = gateway.db.read_one(|tx| store::scim_tokens::by_hash(tx, &hash)).map_err(Failure::from)?;
    let known = found.filter(|token| token.expires_at.is_none_or(|expires| now < expires)).ok_or(Failure::BadToken)?;
    gateway.pushes.take(known.id, now).map_err(Failure::TooManyRequests)?;
    let from = client::address(request, &Site::of(request).trusted_proxies);
    gateway.pushes.used(known.id, known.parent, from.clone(), now);
    Ok(Pusher { token: known.id, name: known.name, parent: known.parent, from })
}
