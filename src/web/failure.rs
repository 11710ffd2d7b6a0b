//! What can go wrong with a request itself; refusals of people are pages of their own.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;

use super::page::Frame;
use crate::db::DbError;
use crate::ids::Incident;
use crate::secrets;

/// Why a request was not answered as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing is here.
    NotFound,
    /// Something is here, but not for this method.
    MethodNotAllowed,
    /// The request is not one that a page of ours makes.
    BadRequest(&'static str),
    /// The form did not come from a page of ours, or that page is too old.
    ForeignForm,
    /// The body is larger than any of ours.
    TooLarge,
    /// Only for people who are signed in.
    NotSignedIn,
    /// A directory's token that opens nothing: none, unknown, foreign, expired or revoked. Never said which.
    BadToken,
    /// Too many requests; after so many seconds there is room for the next.
    TooManyRequests(u64),
    /// Not for this person.
    Forbidden,
    /// A one-time link that was used or is too old.
    LinkSpent,
    /// The identity provider's settings are such that nobody can be sent there.
    ConnectionUnusable,
    /// A sign-out message that cannot be trusted; what is wrong with it is kept under this code.
    LogoutInvalid(Incident),
    /// The database does not work just now.
    Unavailable(String),
    /// Our mistake.
    Internal(String),
}

impl Failure {
    /// The stable code in `X-Usher-Error`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BadRequest(_) => "bad_request",
            Self::ForeignForm => "foreign_form",
            Self::TooLarge => "too_large",
            Self::NotSignedIn => "not_signed_in",
            Self::BadToken => "bad_token",
            Self::TooManyRequests(_) => "too_many_requests",
            Self::Forbidden => "forbidden",
            Self::LinkSpent => "link_spent",
            Self::ConnectionUnusable => "connection_unusable",
            Self::LogoutInvalid(_) => "logout_invalid",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// Every failure once, for tests and samples.
    pub fn samples() -> Vec<Self> {
        vec![
            Self::NotFound,
            Self::MethodNotAllowed,
            Self::BadRequest("sample"),
            Self::ForeignForm,
            Self::TooLarge,
            Self::NotSignedIn,
            Self::BadToken,
            Self::TooManyRequests(1),
            Self::Forbidden,
            Self::LinkSpent,
            Self::ConnectionUnusable,
            Self::LogoutInvalid(Incident::from_random([0; 5])),
            Self::Unavailable(String::new()),
            Self::Internal(String::new()),
        ]
    }

    /// The page about it, or JSON where no person reads. Logged here, once.
    pub fn answer(&self, request: &HttpRequest, reader: Reader) -> HttpResponse {
        let incident = match self {
            Self::LogoutInvalid(known) => known.clone(),
            _ => Incident::from_random(secrets::random()),
        };
        let status = self.status_code();
        match self {
            Self::Internal(what) | Self::Unavailable(what) => {
                tracing::error!(code = self.code(), %incident, what, "a request failed");
            }
            other => tracing::debug!(code = other.code(), %incident, "a request was turned away"),
        }
        let mut response = HttpResponse::build(status);
        response.insert_header(("x-usher-error", self.code())).insert_header(("x-usher-incident", incident.as_str()));
        match self {
            Self::BadToken => drop(response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"directory\""))),
            Self::TooManyRequests(seconds) => drop(response.insert_header((RETRY_AFTER, seconds.to_string()))),
            _ => {}
        }
        match reader {
            Reader::Person => {}
            Reader::Program => {
                let body = serde_json::json!({ "error": self.code(), "incident": incident.as_str() });
                return response.content_type(ContentType::json()).body(body.to_string());
            }
            Reader::Directory => {
                let body = self.directory_body(status);
                return response.content_type("application/scim+json").body(body.to_string());
            }
        }
        let page = ErrorPage {
            frame: Frame::of(request),
            code: self.code(),
            incident: incident.to_string(),
            status: status.as_u16(),
        };
        match page.render() {
            Ok(body) => response.content_type(ContentType::html()).body(body),
            Err(_) => response.content_type(ContentType::plaintext()).body(self.code()),
        }
    }
}

/// Who reads the answer about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A person: a page.
    Person,
    /// A program: JSON of ours.
    Program,
    /// An identity provider that pushes its directory: JSON as SCIM has it (RFC 7644 §3.12).
    Directory,
}

impl Failure {
    fn directory_body(&self, status: StatusCode) -> serde_json::Value {
        let (scim_type, detail) = match self {
            Self::NotFound => (None, "there is nothing here; /ResourceTypes lists what there is"),
            Self::MethodNotAllowed => (None, "this cannot be done here"),
            Self::BadRequest(what) => (Some("invalidSyntax"), *what),
            Self::TooLarge => (None, "the request is too large"),
            Self::BadToken => (None, "the token is missing or does not open a directory here"),
            Self::TooManyRequests(_) => (None, "too many requests; go on after the seconds in Retry-After"),
            Self::NotSignedIn | Self::ForeignForm | Self::Forbidden | Self::LinkSpent | Self::LogoutInvalid(_) => {
                (None, "not allowed")
            }
            Self::Unavailable(_) => (None, "the service cannot do this just now; try again"),
            Self::ConnectionUnusable | Self::Internal(_) => (None, "the service failed"),
        };
        let mut body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status.as_u16().to_string(),
            "detail": detail,
        });
        if let Some(scim_type) = scim_type {
            body["scimType"] = scim_type.into();
        }
        body
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Failure {}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadRequest(_) | Self::LogoutInvalid(_) => StatusCode::BAD_REQUEST,
            Self::ForeignForm | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotSignedIn | Self::BadToken => StatusCode::UNAUTHORIZED,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::LinkSpent => StatusCode::GONE,
            Self::ConnectionUnusable => StatusCode::BAD_GATEWAY,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy | DbError::Full | DbError::ReadOnly | DbError::Stopped | DbError::Retry => {
                Self::Unavailable(error.to_string())
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

/// What happened, whose turn it is, where to go.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// What all pages share.
    pub frame: Frame,
    /// The failure's code; texts are found under `error-<code>-...`.
    pub code: &'static str,
    /// The code to tell an administrator.
    pub incident: String,
    /// The HTTP status.
    pub status: u16,
}

impl ErrorPage {
    fn text(&self, part: &str) -> String {
        self.frame.texts.t(&format!("error-{}-{part}", self.code.replace('_', "-"))).into_owned()
    }
}

/// Whether the other end reads JSON rather than pages.
pub fn wants_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(actix_web::http::header::ACCEPT).and_then(|value| value.to_str().ok());
    let page_asked = accept.is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*"));
    let navigates = request.headers().get("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
    !page_asked || (!navigates && accept.is_some_and(|accept| !accept.contains("text/html")))
}

/// The page of a 404 for requests that no route is mounted for.
pub async fn not_found() -> Result<HttpResponse, Failure> {
    Err(Failure::NotFound)
}

/// The page of a 405.
pub async fn method_not_allowed() -> Result<HttpResponse, Failure> {
    Err(Failure::MethodNotAllowed)
}
