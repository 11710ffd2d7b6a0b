//! What stands before every page of the demo's identity provider and applications: loopback names only, posts from our own
//! pages only, and headers that leave a page nothing to run but our own script.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse};

use super::stage::Stage;

/// Paths that others post to by design: what the gateway's pages ask. Each answers with a page and changes nothing unasked.
const POSTED_ACROSS: [&str; 3] = ["/sso", "/oidc/authorize", "/oidc/sign-out"];

/// Lets a request through, or answers why not; then sets the headers.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let policy = request.app_data::<Data<Stage>>().map(|stage| stage.content_policy());
    let own = request.app_config().local_addr().to_string();
    let mut response = match refusal(request.headers(), request.method(), request.path(), &own) {
        Some(refused) => request.into_response(refused).map_into_right_body(),
        None => next.call(request).await?.map_into_left_body(),
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    // "no-referrer" would turn the Origin of our own forms into "null".
    set(header::REFERRER_POLICY, "strict-origin-when-cross-origin");
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    // A page of the gateway that is handed on keeps its own policy.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY)
        && let Some(policy) = policy.and_then(|policy| HeaderValue::from_str(&policy).ok())
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

fn refusal(headers: &HeaderMap, method: &Method, path: &str, own: &str) -> Option<HttpResponse> {
    let one = |name: HeaderName| {
        let mut values = headers.get_all(name);
        let first = values.next().and_then(|value| value.to_str().ok());
        if values.next().is_some() { None } else { first }
    };
    // A foreign name that resolves to 127.0.0.1 (DNS rebinding) is not us.
    if one(header::HOST) != Some(own) {
        return Some(plain(421, format!("This demo answers at http://{own} only.\n")));
    }
    let reads = *method == Method::GET || *method == Method::HEAD;
    let from_here = match (one(header::ORIGIN), one(HeaderName::from_static("sec-fetch-site"))) {
        (_, Some(site)) => site == "same-origin" || site == "none",
        (Some(origin), None) => origin.strip_prefix("http://") == Some(own),
        (None, None) => true,
    };
    if !reads && !POSTED_ACROSS.contains(&path) && !from_here {
        return Some(plain(403, "This form was posted from another site.\n".to_owned()));
    }
    None
}

fn plain(status: u16, text: String) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "127.0.0.1:8081";

    fn status(method: Method, path: &str, headers: &[(&str, &str)]) -> u16 {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse().expect("a name"), HeaderValue::from_str(value).expect("a value"));
        }
        refusal(&map, &method, path, OWN).map_or(200, |response| response.status().as_u16())
    }

    #[test]
    fn a_foreign_name_for_this_machine_is_not_served() {
        assert_eq!(status(Method::GET, "/", &[("host", OWN)]), 200);
        for host in ["evil.test:8081", "127.0.0.1", "127.0.0.1:8080", "localhost:8081", "127.0.0.1:8081.evil.test", ""]
        {
            assert_eq!(status(Method::GET, "/", &[("host", host)]), 421, "{host}");
        }
        assert_eq!(status(Method::GET, "/", &[]), 421);
        assert_eq!(status(Method::GET, "/", &[("host", OWN), ("host", "evil.test")]), 421);
    }

    #[test]
    fn a_post_from_another_site_changes_nothing() {
        let post = |path: &str, more: &[(&str, &str)]| {
            let mut headers = vec![("host", OWN)];
            headers.extend_from_slice(more);
            status(Method::POST, path, &headers)
        };
        assert_eq!(post("/people", &[("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:8081")]), 200);
        assert_eq!(post("/people", &[("origin", "http://127.0.0.1:8081")]), 200);
        assert_eq!(post("/people", &[]), 200, "no browser leaves both out");
        for foreign in [
            [("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")],
            [("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:9999")],
            [("sec-fetch-site", "cross-site"), ("origin", "null")],
        ] {
            assert_eq!(post("/people", &foreign), 403, "{foreign:?}");
            assert_eq!(post("/faults/off", &foreign[1..]), 403, "{foreign:?}");
            assert_eq!(post("/sso", &foreign), 200, "an AuthnRequest comes from elsewhere by design");
        }
    }
}
