//! Reading and writing cookies strictly: a name that comes twice is nobody's.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header::COOKIE;

/// How cookies are named and where they are valid (interface: session cookie).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieRules {
    /// Browsers reach the gateway over https.
    pub https: bool,
    /// Covers applications on subdomains; `None` keeps cookies to this host.
    pub domain: Option<String>,
}

impl CookieRules {
    /// The session cookie: `__Host-usher` on https without a domain, else `usher`.
    pub fn session_name(&self) -> &'static str {
        if self.https && self.domain.is_none() { "__Host-usher" } else { "usher" }
    }

    /// The cookie that recognises a browser between the start of a sign-in and its end. Never shared with applications.
    pub fn browser_name(&self) -> &'static str {
        if self.https { "__Host-usher-browser" } else { "usher-browser" }
    }

    /// The cookie that carries a message to the next page.
    pub fn flash_name(&self) -> &'static str {
        if self.https { "__Host-usher-flash" } else { "usher-flash" }
    }

    /// The cookie that keeps an opened setup link.
    pub fn setup_name(&self) -> &'static str {
        if self.https { "__Host-usher-setup" } else { "usher-setup" }
    }

    /// The cookie that remembers a chosen language.
    pub fn language_name(&self) -> &'static str {
        "usher-language"
    }

    fn build(&self, name: &'static str, value: String, domain: Option<&String>) -> Cookie<'static> {
        let mut cookie =
            Cookie::build(name, value).path("/").http_only(true).same_site(SameSite::Lax).secure(self.https);
        if let Some(domain) = domain {
            cookie = cookie.domain(domain.clone());
        }
        cookie.finish()
    }

    /// The session cookie with a token, until the browser closes or the session ends.
    pub fn session(&self, token: String) -> Cookie<'static> {
        self.build(self.session_name(), token, self.domain.as_ref())
    }

    /// Takes the session cookie away.
    pub fn no_session(&self) -> Cookie<'static> {
        let mut cookie = self.session(String::new());
        cookie.set_max_age(Duration::ZERO);
        cookie
    }

    /// The browser cookie, for a year. A browser that opens several pages at once when it starts knows itself already, and the
    /// forms in all of them are its own.
    pub fn browser(&self, token: String) -> Cookie<'static> {
        let mut cookie = self.build(self.browser_name(), token, None);
        cookie.set_max_age(Duration::days(365));
        cookie
    }

    /// The message cookie, for a minute.
    pub fn flash(&self, value: String) -> Cookie<'static> {
        let mut cookie = self.build(self.flash_name(), value, None);
        cookie.set_max_age(Duration::minutes(1));
        cookie
    }

    /// Takes the message cookie away.
    pub fn no_flash(&self) -> Cookie<'static> {
        let mut cookie = self.flash(String::new());
        cookie.set_max_age(Duration::ZERO);
        cookie
    }

    /// The cookie of a setup link, for as long as the link opens anything. No other site's link or form takes it along.
    pub fn setup(&self, token: String, lasts: std::time::Duration) -> Cookie<'static> {
        let mut cookie = self.build(self.setup_name(), token, None);
        cookie.set_same_site(SameSite::Strict);
        cookie.set_max_age(Duration::seconds(i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX)));
        cookie
    }

    /// The language cookie, for a year.
    pub fn language(&self, tag: &str) -> Cookie<'static> {
        let mut cookie = self.build(self.language_name(), tag.to_owned(), None);
        cookie.set_max_age(Duration::days(365));
        cookie
    }
}

/// The value of a cookie, if the request carries exactly one of that name. Two of one name are a known way to slip a cookie in
/// from a sibling domain, and guessing which is meant is how it works; none is taken.
pub fn read(request: &HttpRequest, name: &str) -> Option<String> {
    let mut found = None;
    for header in request.headers().get_all(COOKIE) {
        // By bytes: what applications on the same domain put into cookies of theirs need not be ASCII.
        for pair in header.as_bytes().split(|byte| *byte == b';') {
            // Only the optional white space of RFC 6265 §4.2.1 goes; a Unicode space is part of a name.
            let start = pair.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(pair.len());
            let Some(value) = pair[start..].strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="))
            else {
                continue;
            };
            if found.replace(value).is_some() {
                return None;
            }
        }
    }
    std::str::from_utf8(found?).ok().map(|value| value.trim_end_matches([' ', '\t']).to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_cookie_that_comes_twice_is_not_read() {
        let read_from = |headers: &[&str]| {
            let mut request = TestRequest::default();
            for header in headers {
                request = request.append_header((COOKIE, HeaderValue::from_bytes(header.as_bytes()).expect("a value")));
            }
            read(&request.to_http_request(), "usher")
        };
        assert_eq!(read_from(&["a=1; usher=x; b=2"]).as_deref(), Some("x"));
        assert_eq!(read_from(&["usher=x ;\tb=2"]).as_deref(), Some("x"));
        assert_eq!(read_from(&["name=Zoë; usher=x", "b=ä"]).as_deref(), Some("x"), "another application's cookie");
        assert_eq!(read_from(&["usher=x; usher=y"]), None);
        assert_eq!(read_from(&["usher=x", "usher=x"]), None);
        for none in ["", "usher", "usherx=1", " Usher=1", "x=usher=1", "usher =1", "\u{a0}usher=1", "\u{2000}usher=1"] {
            assert_eq!(read_from(&[none]), None, "{none}");
        }
    }

    #[test]
    fn the_name_says_what_the_browser_promises() {
        let plain = CookieRules { https: false, domain: None };
        let strict = CookieRules { https: true, domain: None };
        let shared = CookieRules { https: true, domain: Some("example.com".to_owned()) };
        assert_eq!([&plain, &strict, &shared].map(CookieRules::session_name), ["usher", "__Host-usher", "usher"]);
        let cookie = strict.session("t".to_owned()).to_string();
        assert_eq!(cookie, "__Host-usher=t; HttpOnly; SameSite=Lax; Secure; Path=/");
        assert!(shared.session("t".to_owned()).to_string().contains("Domain=example.com"));
        assert!(!shared.browser("t".to_owned()).to_string().contains("Domain"));
        assert!(plain.no_session().to_string().contains("Max-Age=0"));
    }
}
