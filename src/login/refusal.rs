//! The refusal page, for everything that turns a person away.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::pages::RefusedPage;
use crate::ids::Incident;
use crate::provisioning::Refusal;
use crate::session;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};
use crate::web::when::When;

/// What a refused person is told.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Who was refused, as far as known.
    pub email: Option<String>,
    /// In which organization.
    pub organization: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// The person is signed in all the same, elsewhere.
    pub has_session: bool,
    /// Where to start again.
    pub retry: Option<String>,
    /// What the identity provider is called, where it is its turn.
    pub idp: Option<String>,
}

/// The refusal page: 403, with the code in a header and in the page (interface: refusals).
pub fn page(request: &HttpRequest, refusal: Refusal, incident: &Incident, told: Told) -> Result<HttpResponse, Failure> {
    let page = RefusedPage {
        frame: Frame::of(request),
        code: refusal.code(),
        email: told.email,
        organization: told.organization,
        contact: told.contact,
        incident: incident.to_string(),
        at: When(session::gateway(request).now()),
        has_session: told.has_session,
        idp: told.idp,
        retry: told.retry.unwrap_or_else(|| "/sign-in".to_owned()),
    };
    let mut response = page::html(StatusCode::FORBIDDEN, &page, &[])?;
    let headers = response.headers_mut();
    for (name, value) in [("x-usher-refusal", refusal.code()), ("x-usher-incident", incident.as_str())] {
        let value = actix_web::http::header::HeaderValue::from_str(value);
        let value = value.map_err(|_| Failure::Internal("a code is no header value".to_owned()))?;
        headers.insert(actix_web::http::header::HeaderName::from_static(name), value);
    }
    Ok(response)
}
