//! Where a person may be sent after sign-in: a page of ours, or a registered application. Parsed once, rebuilt from parts.

use url::Url;

use super::client;

/// A place to go that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A path of ours, with its query.
    Here(String),
    /// A URL whose origin somebody has to have registered.
    Application {
        /// The origin to look up.
        origin: String,
        /// The whole URL.
        url: String,
    },
}

/// Reads `return_to`. `None` for anything that is not a plain path of ours or a plain http(s) URL; whoever calls goes to the
/// launcher then. An [`Destination::Application`] still has to be looked up.
pub fn read(text: &str, base: &str) -> Option<Destination> {
    if text.len() > 4096 || text.bytes().any(|byte| byte <= b' ' || byte >= 0x7f || byte == b'\\') {
        return None;
    }
    let base = Url::parse(base).ok()?;
    if text.starts_with('/') {
        if text.starts_with("//") {
            return None;
        }
        let joined = base.join(text).ok()?;
        return here(&joined, &base);
    }
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return None;
    }
    let mut url = Url::parse(text).ok()?;
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    url.set_fragment(None);
    let origin = client::origin(&url)?;
    if Some(&origin) == client::origin(&base).as_ref() {
        return here(&url, &base);
    }
    Some(Destination::Application { origin, url: url.into() })
}

fn here(url: &Url, base: &Url) -> Option<Destination> {
    if url.origin() != base.origin() || url.path().starts_with("//") {
        return None;
    }
    let query = url.query().map_or(String::new(), |query| format!("?{query}"));
    Some(Destination::Here(format!("{}{query}", url.path())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://login.example.com";

    #[test]
    fn a_path_of_ours_stays_a_path_and_an_application_is_named_by_its_origin() {
        assert_eq!(read("/account?x=1", BASE), Some(Destination::Here("/account?x=1".to_owned())));
        assert_eq!(read("https://LOGIN.example.com:443/account", BASE), Some(Destination::Here("/account".to_owned())));
        assert_eq!(
            read("https://wiki.example.com/a?b#c", BASE),
            Some(Destination::Application {
                origin: "https://wiki.example.com".to_owned(),
                url: "https://wiki.example.com/a?b".to_owned()
            })
        );
    }

    /// Payloads that have fooled prefix checks, regular expressions and second parsers. None may lead to evil.example, whatever the
    /// look-up of applications says, except where the origin itself is plainly evil.example, which nobody has registered.
    #[test]
    fn no_payload_leads_anywhere_but_here_or_to_the_origin_it_plainly_names() {
        let payloads = [
            "//evil.example",
            "///evil.example",
            "////evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\\/evil.example",
            "\\/evil.example",
            "/\tevil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r/evil.example",
            "\t//evil.example",
            " //evil.example",
            "//evil.example/..",
            "http:evil.example",
            "https:evil.example",
            "http:/evil.example",
            "https:/evil.example",
            "https:///evil.example",
            "https:\\\\evil.example",
            "https://login.example.com@evil.example",
            "https://login.example.com:443@evil.example/",
            "https://login.example.com\\@evil.example",
            "https://evil.example\\@login.example.com",
            "https://login.example.com%40evil.example@x",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "javascript://login.example.com/%0aalert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "ftp://evil.example",
            "blob:https://evil.example/x",
            "mailto:x@evil.example",
            "about:blank",
            "?https://evil.example",
            "#https://evil.example",
            ".evil.example",
            "@evil.example",
            "evil.example",
            "www.evil.example",
            "",
            " ",
            "\u{0}",
            "/\u{0}/evil.example",
            "/\u{a0}/evil.example",
            "/\u{3000}/evil.example",
            "https://evil。example",
            "https://еvil.example",
            "//%65vil.example",
            "https://log\u{ad}in.example.com",
            "https://login.example.com\u{2025}evil.example",
            "%2f%2fevil.example",
            "%5c%5cevil.example",
            "/%2f%2fevil.example",
            "/%5cevil.example",
            "/%09/evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/./\\evil.example",
            "/x/..//evil.example",
            "/%2e%2e//evil.example",
            "/;@evil.example",
            "/?://evil.example",
            "https://[::1]@evil.example",
            "https://0",
            "https://",
            "http://",
            "https://@",
            "https://:443",
            "https://login.example.com.evil.example\n",
            "x:/\\evil.example",
            "/////evil.example/%2f..",
        ];
        assert!(payloads.len() >= 67, "{}", payloads.len());
        for payload in payloads {
            match read(payload, BASE) {
                None => {}
                Some(Destination::Here(path)) => {
                    assert!(
                        path.starts_with('/') && !path.starts_with("//") && !path.contains('\\'),
                        "{payload:?} -> {path:?}"
                    );
                    let landed = Url::parse(BASE).expect("a URL").join(&path).expect("a path");
                    assert_eq!(landed.host_str(), Some("login.example.com"), "{payload:?}");
                }
                Some(Destination::Application { origin, url }) => {
                    let landed = client::origin(&Url::parse(&url).expect("a URL"));
                    assert_eq!(landed.as_ref(), Some(&origin), "{payload:?}: looked up one origin, went to another");
                }
            }
        }
        for suffix in [
            "https://login.example.com.evil.example",
            "https://evil-login.example.com",
            "https://login.example.com:8443",
        ] {
            assert!(matches!(read(suffix, BASE), Some(Destination::Application { .. })), "{suffix} is not here");
        }
    }
}
