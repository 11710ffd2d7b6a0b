//! Who has opened a setup link: a colleague without an account, who may do one thing.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::{HttpMessage as _, HttpRequest};

use super::gateway;
use crate::connection::{ConnectionSetup, SetupLink};
use crate::db::DbError;
use crate::secrets::Token;
use crate::store;
use crate::trust;
use crate::web::cookies;
use crate::web::failure::Failure;
use crate::web::page::Site;
use crate::web::routes::Turned;

/// Where somebody is sent whose link opens nothing any more.
pub const ENDED: &str = "/setup/ended";

/// The holder of a setup link, as a handler behind [`crate::web::routes::Access::SetupLink`] finds them in the request.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The link.
    pub link: SetupLink,
    /// What it opens.
    pub setup: ConnectionSetup,
}

impl Guest {
    /// The holder that the guard let in.
    pub fn of(request: &HttpRequest) -> Result<Self, Failure> {
        request.extensions().get::<Self>().cloned().ok_or(Failure::NotSignedIn)
    }
}

/// The link whose token this browser keeps, whether it still opens anything or not.
pub fn kept_link(request: &HttpRequest) -> Result<Option<SetupLink>, DbError> {
    let name = Site::of(request).cookies.setup_name();
    let Some(token) = cookies::read(request, name).and_then(|text| Token::parse(&text)) else { return Ok(None) };
    let hash = token.hash();
    gateway(request).db.read_one(|tx| store::connection_setups::link_by_hash(tx, &hash))
}

/// Lets in whoever holds a link that still opens something, as fast as one person clicks.
pub(super) fn guard(request: &ServiceRequest) -> Result<(), Turned> {
    let away = |error: DbError| Turned::Away(error.into());
    let gateway = gateway(request.request());
    let ended = || match *request.method() {
        Method::GET | Method::HEAD => Turned::To(ENDED.to_owned()),
        // What was sent is not done; the page says so.
        _ => Turned::To(format!("{ENDED}?sent=1")),
    };
    let link = kept_link(request.request()).map_err(away)?.ok_or_else(ended)?;
    gateway.setup_links.take(link.id, gateway.now()).map_err(|wait| Turned::Away(Failure::TooManyRequests(wait)))?;
    let standing = gateway.db.read(|tx| trust::standing(tx, &gateway.config.catalog, &link, gateway.now()));
    let Ok(setup) = standing.map_err(away)? else { return Err(ended()) };
    request.extensions_mut().insert(Guest { link, setup });
    Ok(())
}
