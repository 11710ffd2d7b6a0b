//! Who is asking: the session behind a cookie, its limits, and the one guard that routes are mounted with.
//! Does not know how somebody signed in.

mod admin;
mod directory;
mod setup_link;

pub use admin::{AGAIN, Admin, Administers, FRESH, Who, administered};
pub use directory::Pusher;
pub use setup_link::{ENDED, Guest, kept_link};

use std::time::Duration;

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpRequest};

use crate::clock::Timestamp;
use crate::config;
use crate::db::DbError;
use crate::gateway::{Gateway, Seen};
use crate::organization::Organization;
use crate::secrets::Token;
use crate::store;
use crate::store::people::Person;
use crate::store::sessions::Session;
use crate::web::cookies;
use crate::web::failure::Failure;
use crate::web::page::{SignedInAs, Site};
use crate::web::routes::{Access, Turned};

/// A signed-in person, as a handler behind [`Access::SignedIn`] finds them in the request.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The session.
    pub session: Session,
    /// Who it is.
    pub person: Person,
}

impl Visitor {
    /// The person the guard let in.
    pub fn of(request: &HttpRequest) -> Result<Self, Failure> {
        request.extensions().get::<Self>().cloned().ok_or(Failure::NotSignedIn)
    }

    /// Whether this session counts in an organization (rule B7).
    pub fn counts_in(&self, organization: &Organization) -> bool {
        Organization::counts_session(organization.require_sso, self.session.through_active)
    }
}

/// An operator, as a handler behind [`Access::Operator`] finds them in the request.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// When the operator's session ends.
    pub until: Timestamp,
}

impl Operator {
    /// The operator the guard let in.
    pub fn of(request: &HttpRequest) -> Result<Self, Failure> {
        request.extensions().get::<Self>().copied().ok_or(Failure::NotSignedIn)
    }
}

/// How long an operator's session lasts.
pub const OPERATOR_SESSION: Duration = Duration::from_secs(15 * 60);

/// The gateway a request was made to.
pub fn gateway(request: &HttpRequest) -> &Data<Gateway> {
    request.app_data::<Data<Gateway>>().expect("server puts it there for every request")
}

/// SHA-256 of the token in the session cookie, if there is exactly one and it is a token.
pub fn token_hash(request: &HttpRequest) -> Option<[u8; 32]> {
    let text = cookies::read(request, Site::of(request).cookies.session_name())?;
    Token::parse(&text).map(|token| token.hash())
}

/// When a session began, was last used, and has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub created_at: Timestamp,
    /// Its last use, to the minute.
    pub seen_at: Timestamp,
    /// The end it was given.
    pub expires_at: Timestamp,
}

impl Span {
    /// Of a kept session.
    pub fn of(session: &Session) -> Self {
        Self { created_at: session.created_at, seen_at: session.seen_at, expires_at: session.expires_at }
    }

    /// Whether it has come to its end: absolute, or idle for too long. Limits that were shortened since end older sessions too
    /// (rule B40).
    pub fn is_over(&self, limits: &config::Session, now: Timestamp) -> bool {
        // A last use is noted once a minute, so an idle session gets that minute.
        now >= self.expires_at
            || now >= self.created_at.plus(limits.absolute)
            || now.since(self.seen_at) >= limits.idle + Seen::GRAIN
    }
}

/// The session of a request, if it has one that has not ended; its use is noted.
pub fn current(request: &HttpRequest) -> Result<Option<Visitor>, DbError> {
    let Some(hash) = token_hash(request) else { return Ok(None) };
    let gateway = gateway(request);
    let now = gateway.now();
    let found = gateway.db.read(|tx| -> Result<_, DbError> {
        let Some(session) = store::sessions::find(tx, &hash)? else { return Ok(None) };
        let person = store::people::by_id(tx, session.person)?;
        Ok(person.map(|person| Visitor { session, person }))
    })?;
    let limits = &gateway.config.session;
    let live = found.filter(|visitor| !visitor.person.suspended && !Span::of(&visitor.session).is_over(limits, now));
    if let Some(visitor) = &live
        && now.since(visitor.session.seen_at) >= Seen::GRAIN
    {
        gateway.seen.note(hash, now);
    }
    Ok(live)
}

/// Decides who may pass. Mounted with every route.
pub fn guard(access: Access, request: &ServiceRequest) -> Result<(), Turned> {
    match access {
        Access::Anyone | Access::IdentityProvider | Access::ReverseProxy | Access::Program => Ok(()),
        Access::DirectoryToken => {
            let pusher = directory::pusher(request.request()).map_err(Turned::Away)?;
            request.extensions_mut().insert(pusher);
            Ok(())
        }
        Access::SignedIn => {
            let found = current(request.request()).map_err(|error| Turned::Away(error.into()))?;
            let Some(visitor) = found else { return Err(to_sign_in(request)) };
            request.extensions_mut().insert(SignedInAs(visitor.person.display_name.clone()));
            request.extensions_mut().insert(visitor);
            Ok(())
        }
        Access::Operator => {
            let until = operator_until(request.request()).map_err(|error| Turned::Away(error.into()))?;
            let until = until.ok_or(Turned::Away(Failure::NotSignedIn))?;
            request.extensions_mut().insert(Operator { until });
            Ok(())
        }
        Access::SetupLink => setup_link::guard(request),
        Access::AdminAnywhere => admin::guard_anywhere(request),
        Access::Admin { needs, fresh } => admin::guard(request, needs, fresh),
    }
}

/// When the operator's session of a request ends, if it has one.
fn operator_until(request: &HttpRequest) -> Result<Option<Timestamp>, DbError> {
    let Some(hash) = operator_hash(request) else { return Ok(None) };
    let gateway = gateway(request);
    let now = gateway.now();
    gateway.db.read_one(|tx| store::operators::session_until(tx, &hash, now))
}

/// A page is asked for: sign in first and come back. Anything else is told so.
fn to_sign_in(request: &ServiceRequest) -> Turned {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Turned::Away(Failure::NotSignedIn);
    }
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", here).finish();
    Turned::To(if here == "/" { "/sign-in".to_owned() } else { format!("/sign-in?{query}") })
}

/// The name of the operator's cookie.
pub fn operator_cookie(site: &Site) -> &'static str {
    if site.cookies.https { "__Host-usher-operator" } else { "usher-operator" }
}

fn operator_hash(request: &HttpRequest) -> Option<[u8; 32]> {
    let text = cookies::read(request, operator_cookie(Site::of(request)))?;
    Token::parse(&text).map(|token| token.hash())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b40_a_shortened_lifetime_ends_older_sessions_too() {
        let (start, hour) = (Timestamp::from_millis(0), Duration::from_secs(3600));
        let span = Span { created_at: start, seen_at: start.plus(5 * hour), expires_at: start.plus(24 * hour) };
        let limits = |idle: u32, absolute: u32| config::Session {
            idle: idle * hour,
            absolute: absolute * hour,
            cookie_domain: None,
        };
        let now = start.plus(6 * hour);
        assert!(!span.is_over(&limits(8, 24), now));
        assert!(span.is_over(&limits(8, 6), now), "the absolute limit was shortened");
        assert!(span.is_over(&limits(8, 24), start.plus(24 * hour)), "the end it was given");
        assert!(span.is_over(&limits(1, 24), start.plus(6 * hour + Seen::GRAIN)), "idle");
        assert!(!span.is_over(&limits(1, 24), start.plus(6 * hour)), "the last use is known to the minute");
    }
}
