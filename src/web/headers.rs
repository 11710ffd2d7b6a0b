//! Security headers of every answer. The content security policy starts from nothing and adds what a page needs.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// The policy of a page. `forms_to`: further origins that its forms may end up at. Chromium applies `form-action` to redirects of a
/// form's answer too, so the sign-in page has to name the identity providers.
pub fn content_security_policy(forms_to: &[String]) -> String {
    let further: String = forms_to.iter().map(|origin| format!(" {origin}")).collect();
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'{further}; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

/// The policy of everything that is no page with forms elsewhere.
const NOTHING: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// The policy of a page of ours that a reverse proxy shows under an application's origin: its style comes from `base`, ours.
pub fn policy_elsewhere(base: &str) -> String {
    format!(
        "default-src 'none'; style-src {base}; img-src {base} data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// What every answer to a browser carries. Same-origin requests still say where they come from; nobody else learns a path.
const ALWAYS: [(HeaderName, HeaderValue); 8] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(NOTHING)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin")),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    (
        header::PERMISSIONS_POLICY,
        HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// Adds what is missing. `https`: browsers reach the gateway by TLS only.
pub fn complete(headers: &mut HeaderMap, https: bool) {
    for (name, value) in ALWAYS {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

/// What a proxy's question needs: the answer is for this moment only, and no browser reads it.
pub fn complete_for_proxy(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_without_further_origins_is_the_one_written_out() {
        assert_eq!(content_security_policy(&[]), NOTHING);
        let further = content_security_policy(&["https://idp.example".to_owned()]);
        assert!(further.contains("form-action 'self' https://idp.example;"), "{further}");
    }
}
