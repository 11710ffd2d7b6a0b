//! What the demo's bystanders share: addresses, memory, clock, the issuer's keys and a client.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::clock::Clock;
use crate::gateway::Gateway;
use crate::outbound::Outbound;

use super::issuer;
use super::keys::IdpKeys;
use super::openid::Provider;
use super::pages::{Frame, ProblemPage};
use super::push::Push;
use super::sites::Sites;
use super::state::State;

/// Handed to every handler of the identity provider and the applications.
pub struct Stage {
    /// Who answers where.
    pub sites: Sites,
    /// What the identity provider remembers.
    pub state: State,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What the identity provider signs with.
    pub keys: IdpKeys,
    /// The OpenID Connect side.
    pub openid: Provider,
    /// The directory push.
    pub push: Push,
    /// The gateway, for the link to its operator's pages that a shell would print; nothing else is asked of it but over HTTP.
    pub gateway: Option<Arc<Gateway>>,
    /// Asks the gateway.
    pub outbound: Outbound,
}

impl Stage {
    /// The Content-Security-Policy of all pages. Chromium applies `form-action` to every redirect after a form, so the whole
    /// way of a sign-in stands in it.
    pub fn content_policy(&self) -> String {
        let mut places = vec![self.sites.gateway.as_str()];
        places.extend(self.sites.applications.iter().map(|(_, origin)| origin.as_str()));
        format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; \
             frame-ancestors 'none'; form-action 'self' {}",
            places.join(" ")
        )
    }

    /// The identity provider's metadata.
    pub fn metadata(&self) -> String {
        let certificates = [self.keys.own.certificate_der()];
        issuer::idp_metadata(&self.sites.idp_entity_id(), &self.sites.sso(), &certificates)
    }

    /// A frame with the banner as it is now.
    pub fn frame(&self, title: &'static str, here: &'static str) -> Frame {
        Frame::new(title, here, self.state.armed())
    }

    /// A frame for the middle of a sign-in.
    pub fn frame_alone(&self, title: &'static str) -> Frame {
        Frame::alone(title, self.state.armed())
    }

    /// The page for what cannot be done.
    pub fn problem(&self, status: StatusCode, title: &'static str, what: String, next: &'static str) -> HttpResponse {
        let frame = Frame { narrow: true, ..self.frame(title, "") };
        page(status, &ProblemPage { frame, what, next })
    }
}

/// Answers with a page.
pub fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(html) => HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html),
        Err(error) => {
            tracing::error!(%error, "A page of the demo cannot be rendered");
            HttpResponse::InternalServerError().body("This page cannot be shown.\n")
        }
    }
}

/// Sends the browser on with a GET after a form was taken.
pub fn see(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("Location", path)).finish()
}
