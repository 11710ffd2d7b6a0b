//! The demo application behind a forward-auth step, as nginx, Caddy or Traefik would do it: identity headers of the client are
//! deleted, the gateway is asked over HTTP, and only its answer says who somebody is. Decides nothing itself.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::outbound::{Answer, OutboundError, Purpose};

use super::pages::{ApplicationPage, Greeting};
use super::proof::{self, Proof, ProofError};
use super::sites::Application;
use super::stage::{Stage, page};

/// The most that the gateway's answer may hold.
const LIMIT: usize = 512 * 1024;

/// Headers that belong to the connection to the proxy, not to the application (RFC 9110 7.6.1), and those we set ourselves.
const OF_THE_CONNECTION: [&str; 12] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
    "content-length",
    "accept-encoding",
];

/// Whether only the gateway may send a header of this name. `_` counts as `-`: many applications cannot tell them apart.
fn says_who(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    [
        "remote-",
        "x-usher-",
        "x-auth-request-",
        "x-authentik-",
        "x-forwarded-user",
        "x-forwarded-email",
        "x-forwarded-groups",
        "x-forwarded-preferred-username",
    ]
    .iter()
    .any(|reserved| name.starts_with(reserved))
}

/// Whether the proxy sets a header itself, so that the client's own copy goes.
fn says_where(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    name.starts_with("x-forwarded-") || name.starts_with("x-original-") || name == "forwarded" || name == "x-real-ip"
}

/// The client's headers: what the application may see, and the names that were deleted.
fn strip(headers: &HeaderMap) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
    let mut kept = Vec::new();
    let mut deleted = Vec::new();
    for (name, value) in headers {
        let name = name.as_str();
        if says_who(name) {
            deleted.push(name.to_owned());
        } else if !says_where(name) && !OF_THE_CONNECTION.contains(&name) {
            kept.push((name.to_owned(), value.as_bytes().to_vec()));
        }
    }
    deleted.dedup();
    (kept, deleted)
}

/// Every path of an application.
pub async fn show(request: HttpRequest, stage: Data<Stage>) -> HttpResponse {
    let port = request.app_config().local_addr().port();
    let Some((application, origin)) = stage.sites.application_at(port) else {
        return HttpResponse::NotFound().body("No application listens here.\n");
    };
    let (kept, deleted) = strip(request.headers());
    let answer = match ask_gateway(&stage, &request, origin, &kept).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::error!(%error, "The demo's proxy cannot ask the gateway");
            return HttpResponse::BadGateway().body("The gateway does not answer.\n");
        }
    };
    if answer.status != 200 {
        return hand_on(answer);
    }
    if request.path() != "/" {
        return HttpResponse::NotFound().body("This application has one page: /\n");
    }
    let token = header(&answer, "x-usher-assertion").unwrap_or_default();
    let proof = check(&stage, &token, origin).await;
    page(
        StatusCode::OK,
        &ApplicationPage { page: greeting(&stage, application, origin, &answer, proof, kept, deleted) },
    )
}

async fn ask_gateway(
    stage: &Stage,
    request: &HttpRequest,
    origin: &str,
    kept: &[(String, Vec<u8>)],
) -> Result<Answer, OutboundError> {
    let authority = origin.strip_prefix("http://").unwrap_or(origin);
    let uri = request.uri().path_and_query().map_or("/", |uri| uri.as_str());
    let client = request.peer_addr().map(|peer| peer.ip().to_string()).unwrap_or_default();
    let mut headers: Vec<(&str, &[u8])> = kept.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    headers.extend([
        ("x-forwarded-method", request.method().as_str().as_bytes()),
        ("x-forwarded-proto", b"http".as_slice()),
        ("x-forwarded-host", authority.as_bytes()),
        ("x-forwarded-uri", uri.as_bytes()),
        ("x-forwarded-for", client.as_bytes()),
    ]);
    stage.outbound.ask(Purpose::Demo, &format!("{}/auth/forward", stage.sites.gateway), &headers, LIMIT).await
}

/// Redirects and refusal pages go to the browser as they are.
fn hand_on(answer: Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = HttpResponse::build(status);
    for (name, value) in &answer.headers {
        let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value)) else { continue };
        if !OF_THE_CONNECTION.contains(&name.as_str()) && name.as_str() != "date" {
            response.append_header((name, value));
        }
    }
    response.body(answer.body)
}

async fn check(stage: &Stage, token: &str, origin: &str) -> Result<Proof, ProofError> {
    if token.is_empty() || token == "-" {
        return Err(ProofError::Missing);
    }
    let address = format!("{}/.well-known/jwks.json", stage.sites.gateway);
    let keys = stage.outbound.get(Purpose::Demo, &address, 64 * 1024).await.map_err(|_| ProofError::KeySet)?;
    proof::verify(token, &keys, origin)
}

fn header(answer: &Answer, name: &str) -> Option<String> {
    let (_, value) = answer.headers.iter().find(|(header, _)| header == name)?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// A header's value to read: names outside ASCII arrive percent-encoded.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.filter(|_| *first == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| value.to_owned())
}

/// The gateway's headers in the order of the documentation.
const SHOWN: [(&str, &str); 9] = [
    ("remote-user", "Remote-User"),
    ("remote-name", "Remote-Name"),
    ("remote-email", "Remote-Email"),
    ("remote-groups", "Remote-Groups"),
    ("x-usher-user-id", "X-Usher-User-Id"),
    ("x-usher-organization", "X-Usher-Organization"),
    ("x-usher-role", "X-Usher-Role"),
    ("x-usher-seat", "X-Usher-Seat"),
    ("x-usher-assertion", "X-Usher-Assertion"),
];

fn greeting<'a>(
    stage: &'a Stage,
    application: &'a Application,
    origin: &'a str,
    answer: &Answer,
    proof: Result<Proof, ProofError>,
    kept: Vec<(String, Vec<u8>)>,
    deleted: Vec<String>,
) -> Greeting<'a> {
    let value = |name: &str| header(answer, name).unwrap_or_else(|| "(not sent)".to_owned());
    let known = |name: &str| Some(value(name)).filter(|value| value != "-").unwrap_or_else(|| "none".to_owned());
    let name = decoded(&value("remote-name"));
    let groups = value("remote-groups");
    // The cookie is the browser's key to the gateway; an application page is no place to show it.
    let shown = |name: &str, value: &[u8]| match name {
        "cookie" => "(hidden)".to_owned(),
        _ => String::from_utf8_lossy(value).into_owned(),
    };
    Greeting {
        application: application.name,
        slug: application.slug,
        origin,
        organization_name: application.organization_name,
        gateway: &stage.sites.gateway,
        idp: &stage.sites.idp,
        again: format!("{}/sign-in/{}?return_to={origin}/", stage.sites.gateway, application.connection),
        first_name: name.split_whitespace().next().unwrap_or_default().to_owned(),
        email: value("remote-email"),
        role: known("x-usher-role"),
        seat: known("x-usher-seat"),
        organization: known("x-usher-organization"),
        groups: groups.split(',').filter(|group| !matches!(*group, "" | "-")).map(decoded).collect(),
        proof,
        identity: SHOWN.iter().map(|(name, shown)| ((*shown).to_owned(), value(name))).collect(),
        deleted,
        others: kept.iter().map(|(name, value)| (name.clone(), shown(name, value))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(name.parse().expect("a name"), HeaderValue::from_str(value).expect("a value"));
        }
        map
    }

    #[test]
    fn a_client_cannot_say_who_it_is_in_any_spelling() {
        let (kept, deleted) = strip(&headers(&[
            ("X-Usher-Role", "owner"),
            ("X_Usher_Role", "owner"),
            ("x-usher_assertion", "e30.e30."),
            ("Remote-User", "owner@acme.test"),
            ("REMOTE_EMAIL", "owner@acme.test"),
            ("X-Forwarded-User", "owner"),
            ("X-Auth-Request-Email", "owner@acme.test"),
            ("X-Forwarded-Host", "evil.test"),
            ("X-Forwarded_Proto", "https"),
            ("X-Original-URL", "http://evil.test/"),
            ("Forwarded", "host=evil.test"),
            ("Connection", "close, X-Usher-Role"),
            ("Cookie", "usher=1"),
            ("Accept", "text/html"),
        ]));
        let names: Vec<_> = kept.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names.contains(&"cookie") && names.contains(&"accept"));
        assert_eq!(deleted.len(), 7, "{deleted:?}");
    }

    #[test]
    fn a_name_that_came_percent_encoded_is_readable() {
        assert_eq!(decoded("Zo%C3%AB M%C3%BCller"), "Zoë Müller");
        assert_eq!(decoded("100% Anna %zz %"), "100% Anna %zz %");
        assert_eq!(decoded("%ff"), "%ff");
    }

    #[test]
    fn a_refusal_of_the_gateway_reaches_the_browser_whole() {
        let answer = Answer {
            status: 403,
            headers: vec![
                ("x-usher-refusal".into(), b"app_not_allowed".to_vec()),
                ("content-type".into(), b"text/html".to_vec()),
                ("content-length".into(), b"999".to_vec()),
                ("connection".into(), b"close".to_vec()),
            ],
            body: b"<h1>No</h1>".to_vec(),
        };
        let response = hand_on(answer);
        assert_eq!(response.status(), 403);
        let names: Vec<_> = response.headers().keys().map(|name| name.as_str().to_owned()).collect();
        assert!(names.contains(&"x-usher-refusal".to_owned()) && names.contains(&"content-type".to_owned()));
        assert!(!names.contains(&"content-length".to_owned()) && !names.contains(&"connection".to_owned()));
    }
}
