//! Security headers of every answer. The content security policy starts from nothing and adds what a page needs.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

/// Set by a page that posts to other origins; everything else may post here only.
pub struct FormsMayGoTo(pub Vec<String>);

/// The policy of a page. `forms_to`: further origins that its forms may end up at. Chromium applies `form-action` to redirects of a
/// form's answer too, so the sign-in page has to name the identity providers.
pub fn content_security_policy(forms_to: &[String]) -> String {
    let further: String = forms_to.iter().map(|origin| format!(" {origin}")).collect();
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'{further}; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

/// Adds what is missing. `https`: browsers reach the gateway by TLS only.
pub fn complete(headers: &mut HeaderMap, https: bool) {
    let mut add = |name: &'static str, value: &str| {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name)
            && let Ok(value) = HeaderValue::from_str(value)
        {
            headers.insert(name, value);
        }
    };
    add("content-security-policy", &content_security_policy(&[]));
    add("x-content-type-options", "nosniff");
    add("x-frame-options", "DENY");
    // Same-origin requests still say where they come from; nobody else learns a path.
    add("referrer-policy", "same-origin");
    add("cross-origin-opener-policy", "same-origin");
    add("cross-origin-resource-policy", "same-origin");
    add("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
    add("cache-control", "no-store");
    if https {
        add("strict-transport-security", "max-age=31536000");
    }
}
