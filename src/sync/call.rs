//! One request: who asks for what, the body within its limits, and the answer with its line in the log.

use std::future::poll_fn;
use std::pin::Pin;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH, LOCATION};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_core::Stream as _;
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::db::DbError;
use crate::gateway::Gateway;
use crate::ids::ParentId;
use crate::scim::etag::Conditions;
use crate::scim::list::Query;
use crate::scim::{BODY_LIMIT, Kind, ScimError, json, redacted};
use crate::session::{self, Pusher};
use crate::store::directory_requests::DirectoryRequest;
use crate::web::failure::Failure;

/// A request with a good token.
pub(super) struct Call {
    pub(super) gateway: Data<Gateway>,
    pub(super) pusher: Pusher,
    pub(super) now: Timestamp,
    /// `https://login.example.com/scim/v2`.
    pub(super) base: String,
    pub(super) query: Query,
    if_match: Option<String>,
    if_none_match: Option<String>,
    request: HttpRequest,
    /// For the log, if the answer turns out to be an error.
    pub(super) understood: String,
    body: Option<String>,
}

/// What is answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
    pub(super) location: Option<String>,
    pub(super) version: Option<String>,
    /// What was understood, for the log.
    pub(super) understood: String,
    /// What came of it, for the log.
    pub(super) effect: String,
}

impl Answer {
    /// 200 with a body.
    pub(super) fn ok(body: Value, understood: impl Into<String>) -> Self {
        Self { status: 200, body: Some(body), understood: understood.into(), ..Self::default() }
    }
}

/// Why a transaction is rolled back.
#[derive(Debug)]
pub(super) enum No {
    /// An error for the client.
    Scim(ScimError),
    /// The database failed.
    Db(DbError),
}

impl From<ScimError> for No {
    fn from(error: ScimError) -> Self {
        Self::Scim(error)
    }
}

impl From<DbError> for No {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<No> for ScimError {
    fn from(no: No) -> Self {
        match no {
            No::Scim(error) => error,
            No::Db(error) => {
                let (kind, detail) = match Failure::from(error.clone()) {
                    Failure::Unavailable(_) => (Kind::Unavailable, "the service cannot do this just now; try again"),
                    _ => (Kind::Internal, "the service failed"),
                };
                tracing::error!(error = %error, "a directory request failed");
                Self::new(kind, detail)
            }
        }
    }
}

impl Call {
    /// Of a request that the guard let in.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, Failure> {
        let gateway = session::gateway(request).clone();
        let text = |name: HeaderName| {
            let values = request.headers().get_all(name).filter_map(|value| value.to_str().ok());
            let joined = values.collect::<Vec<_>>().join(",");
            (!joined.is_empty()).then_some(joined)
        };
        let parameters = url::form_urlencoded::parse(request.query_string().as_bytes());
        Ok(Self {
            pusher: Pusher::of(request)?,
            now: gateway.now(),
            base: format!("{}/scim/v2", gateway.config.server.base()),
            query: Query::of_url(parameters.into_owned()),
            if_match: text(IF_MATCH),
            if_none_match: text(IF_NONE_MATCH),
            request: request.clone(),
            understood: String::new(),
            body: None,
            gateway,
        })
    }

    /// Whose directory it is about.
    pub(super) fn parent(&self) -> ParentId {
        self.pusher.parent
    }

    pub(super) fn conditions(&self) -> Conditions<'_> {
        Conditions { if_match: self.if_match.as_deref(), if_none_match: self.if_none_match.as_deref() }
    }

    /// The last part of the path.
    pub(super) fn id(&self) -> String {
        let segment = self.request.match_info().iter().next();
        segment.map_or_else(String::new, |(_, value)| value.to_owned())
    }

    /// Reads the body: JSON, and no longer than `limit` bytes.
    pub(super) async fn body(&mut self, payload: Payload, limit: usize) -> Result<Map<String, Value>, ScimError> {
        let body = json::object(&self.bytes(payload, limit).await?)?;
        self.body = Some(redacted::body(&body));
        Ok(body)
    }

    async fn bytes(&self, payload: Payload, limit: usize) -> Result<Vec<u8>, ScimError> {
        let kind = self.request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        // RFC 7644 §3.1; some clients send none.
        if !matches!(kind.as_str(), "application/scim+json" | "application/json" | "") {
            let detail = "the Content-Type has to be application/scim+json (application/json is taken, too)";
            return Err(ScimError::new(Kind::MediaType, detail));
        }
        let too_large = || ScimError::new(Kind::TooLarge, format!("the body is larger than {limit} bytes"));
        let mut payload = payload.into_inner();
        let mut read = Vec::new();
        while let Some(chunk) = poll_fn(|context| Pin::new(&mut payload).poll_next(context)).await {
            let chunk = chunk.map_err(|_| ScimError::new(Kind::Syntax, "the body was cut short"))?;
            if read.len() + chunk.len() > limit {
                return Err(too_large());
            }
            read.extend_from_slice(&chunk);
        }
        Ok(read)
    }

    /// The body of a request about one resource.
    pub(super) async fn resource(&mut self, payload: Payload) -> Result<Map<String, Value>, ScimError> {
        self.body(payload, BODY_LIMIT).await
    }

    /// Answers, and notes for the log what was asked and what came of it.
    pub(super) fn answer(self, answer: Result<Answer, ScimError>) -> HttpResponse {
        let answer = answer.unwrap_or_else(|error| Answer {
            status: error.kind.status(),
            body: Some(error.body()),
            effect: match error.kind.scim_type() {
                Some(scim_type) => format!("{scim_type}: {}", error.detail),
                None => error.detail,
            },
            ..Answer::default()
        });
        self.gateway.pushes.requested(DirectoryRequest {
            parent: self.parent(),
            at: self.now,
            token: self.pusher.name.clone(),
            from: self.pusher.from.clone(),
            method: self.request.method().to_string(),
            path: self.shown_path(),
            status: answer.status,
            understood: if answer.understood.is_empty() { self.understood } else { answer.understood },
            effect: answer.effect,
            body: self.body,
        });
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        if let Some(location) = answer.location {
            response.insert_header((LOCATION, location));
        }
        if let Some(version) = answer.version {
            response.insert_header((ETAG, version));
        }
        match answer.body {
            None => response.finish(),
            Some(body) => response.content_type("application/scim+json").body(body.to_string()),
        }
    }

    /// The path with its query, without what the query says about people.
    fn shown_path(&self) -> String {
        let mut path = self.request.path().to_owned();
        let mut separator = '?';
        for (name, value) in url::form_urlencoded::parse(self.request.query_string().as_bytes()).take(20) {
            let value =
                if name.eq_ignore_ascii_case("filter") { redacted::expression(&value) } else { value.into_owned() };
            path.push_str(&format!("{separator}{name}={value}"));
            separator = '&';
        }
        match path.char_indices().nth(500) {
            None => path,
            Some((at, _)) => format!("{}…", &path[..at]),
        }
    }
}
