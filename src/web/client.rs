//! Who is at the other end, and which URL they asked a proxy for. Headers are believed from trusted proxies only.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName};
use ipnet::IpNet;
use url::Url;

// Made once: a name out of a text would be read letter by letter on every request.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const ORIGINAL_URL: HeaderName = HeaderName::from_static("x-original-url");

/// Whether the peer of a request is a proxy that we believe.
pub fn is_trusted(request: &HttpRequest, trusted: &[IpNet]) -> bool {
    request.peer_addr().is_some_and(|peer| contains(trusted, peer.ip()))
}

fn contains(networks: &[IpNet], ip: IpAddr) -> bool {
    // A peer seen over a dual-stack socket comes as ::ffff:a.b.c.d.
    let ip = ip.to_canonical();
    networks.iter().any(|network| network.contains(&ip))
}

/// The browser's address: the peer, or behind trusted proxies the last address in `X-Forwarded-For` that is none of theirs.
pub fn address(request: &HttpRequest, trusted: &[IpNet]) -> String {
    let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else { return String::new() };
    if !contains(trusted, peer) {
        return peer.to_string();
    }
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let chain: Vec<IpAddr> = forwarded
        .flat_map(|value| value.split(','))
        .filter_map(|part| part.trim().parse::<IpAddr>().ok())
        .map(|ip| ip.to_canonical())
        .collect();
    let client = chain.iter().rev().find(|ip| !contains(trusted, **ip)).or(chain.first());
    client.copied().unwrap_or(peer).to_string()
}

/// The URL that somebody asked a proxy for, rebuilt from its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalUrl {
    /// `https://wiki.example.com`, the default port left out: what applications are registered under.
    pub origin: String,
    /// The whole URL, without a fragment.
    pub url: String,
}

/// Why the original URL is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginalUrlError {
    /// The peer is no trusted proxy.
    #[error("the request does not come from a trusted proxy; add the proxy's address to server.trusted_proxies")]
    NotTrusted,
    /// Neither `X-Forwarded-Proto/-Host/-Uri` nor `X-Original-URL` came, or one of them twice.
    #[error("X-Forwarded-Proto, -Host and -Uri (or X-Original-URL) must come exactly once each")]
    Missing,
    /// What came is no URL that a browser could have asked for.
    #[error("the forwarded URL cannot be read")]
    Malformed,
}

/// The URL that the proxy was asked for. Anything doubtful is an error, and an error never lets anybody in.
pub fn original_url(request: &HttpRequest, trusted: &[IpNet]) -> Result<OriginalUrl, OriginalUrlError> {
    if !is_trusted(request, trusted) {
        return Err(OriginalUrlError::NotTrusted);
    }
    let headers = request.headers();
    let (proto, host) = (single(headers, &FORWARDED_PROTO)?, single(headers, &FORWARDED_HOST)?);
    let forwarded = match (proto, host) {
        (Some(proto), Some(host)) => Some(from_parts(proto, host, single(headers, &FORWARDED_URI)?.unwrap_or("/"))?),
        _ => None,
    };
    match (single(headers, &ORIGINAL_URL)?, forwarded) {
        (Some(whole), None) => whole_url(whole),
        (None, Some(forwarded)) => Ok(forwarded),
        // A proxy sets one or the other; what it does not set is the client's own, and must not choose the application.
        (Some(whole), Some(forwarded)) if whole_url(whole)?.origin == forwarded.origin => Ok(forwarded),
        (Some(_), Some(_)) => Err(OriginalUrlError::Malformed),
        (None, None) => Err(OriginalUrlError::Missing),
    }
}

fn from_parts(proto: &str, host: &str, path: &str) -> Result<OriginalUrl, OriginalUrlError> {
    let scheme = match proto {
        "http" | "ws" => "http",
        "https" | "wss" => "https",
        _ => return Err(OriginalUrlError::Malformed),
    };
    if !host_is_plain(host) || !path.starts_with('/') || path.starts_with("//") || !text_is_plain(path) {
        return Err(OriginalUrlError::Malformed);
    }
    whole_url(&format!("{scheme}://{host}{path}"))
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, OriginalUrlError> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| OriginalUrlError::Malformed),
        (Some(_), Some(_)) => Err(OriginalUrlError::Missing),
    }
}

fn text_is_plain(text: &str) -> bool {
    text.len() <= 8192 && text.bytes().all(|byte| byte > b' ' && byte < 0x7f && byte != b'\\')
}

fn host_is_plain(host: &str) -> bool {
    (1..=255).contains(&host.len()) && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
}

fn whole_url(text: &str) -> Result<OriginalUrl, OriginalUrlError> {
    let malformed = OriginalUrlError::Malformed;
    if !text_is_plain(text) || !(text.starts_with("http://") || text.starts_with("https://")) {
        return Err(malformed);
    }
    let mut url = Url::parse(text).map_err(|_| malformed)?;
    if !url.username().is_empty() || url.password().is_some() || url.host_str().is_none_or(str::is_empty) {
        return Err(malformed);
    }
    url.set_fragment(None);
    Ok(OriginalUrl { origin: origin(&url).ok_or(malformed)?, url: url.into() })
}

/// The origin of an http or https URL, as applications are registered under: lower case, default port left out, no trailing dot.
pub fn origin(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_end_matches('.');
    if host.is_empty() || !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    Some(match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn ask(peer: &str, headers: &[(&str, &str)]) -> Result<String, OriginalUrlError> {
        let mut request = TestRequest::default().peer_addr(format!("{peer}:1").parse().expect("an address"));
        for (name, value) in headers {
            request = request.append_header((*name, *value));
        }
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        original_url(&request.to_http_request(), &trusted).map(|found| format!("{} {}", found.origin, found.url))
    }

    fn forwarded(proto: &str, host: &str, uri: &str) -> Result<String, OriginalUrlError> {
        ask("10.0.0.1", &[("x-forwarded-proto", proto), ("x-forwarded-host", host), ("x-forwarded-uri", uri)])
    }

    #[test]
    fn the_url_is_rebuilt_from_its_parts() {
        assert_eq!(
            forwarded("https", "WIKI.Example.com:443", "/a?b=1&c=2").as_deref(),
            Ok("https://wiki.example.com https://wiki.example.com/a?b=1&c=2")
        );
        assert_eq!(
            forwarded("https", "wiki.example.com.", "/").as_deref(),
            Ok("https://wiki.example.com https://wiki.example.com./")
        );
        assert_eq!(
            forwarded("http", "127.0.0.1:8082", "/x").as_deref(),
            Ok("http://127.0.0.1:8082 http://127.0.0.1:8082/x")
        );
        assert_eq!(
            ask("10.0.0.1", &[("x-original-url", "https://wiki.example.com/a#f")]).as_deref(),
            Ok("https://wiki.example.com https://wiki.example.com/a")
        );
    }

    #[test]
    fn a_client_cannot_name_another_application_beside_what_the_proxy_says() {
        let both = |original: &str| {
            let headers = [
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "secret.example.com"),
                ("x-forwarded-uri", "/a"),
                ("x-original-url", original),
            ];
            ask("10.0.0.1", &headers)
        };
        assert_eq!(both("https://open.example.com/"), Err(OriginalUrlError::Malformed));
        assert!(both("https://secret.example.com/elsewhere").is_ok());
    }

    #[test]
    fn headers_of_a_stranger_are_not_believed() {
        let headers =
            [("x-forwarded-proto", "https"), ("x-forwarded-host", "wiki.example.com"), ("x-forwarded-uri", "/")];
        assert_eq!(ask("192.0.2.1", &headers), Err(OriginalUrlError::NotTrusted));
        assert!(ask("10.9.9.9", &headers).is_ok());
    }

    #[test]
    fn what_two_parsers_could_read_differently_is_refused() {
        for (proto, host, uri) in [
            ("https", "wiki.example.com@evil.example", "/"),
            ("https", "wiki.example.com/evil", "/"),
            ("https", "wiki.example.com#", "/"),
            ("https", "wiki.example.com\\evil", "/"),
            ("https", "wiki.example.com,evil.example", "/"),
            ("https", "wiki.example.com evil", "/"),
            ("https", "", "/"),
            ("https", "wiki.example.com:99999", "/"),
            ("https", "wiki.example.com:x", "/"),
            ("javascript", "wiki.example.com", "/"),
            ("https, http", "wiki.example.com", "/"),
            ("", "wiki.example.com", "/"),
            ("https", "wiki.example.com", "//evil.example"),
            ("https", "wiki.example.com", "https://evil.example"),
            ("https", "wiki.example.com", ".evil.example/"),
            ("https", "wiki.example.com", "@evil.example/"),
            ("https", "wiki.example.com", ""),
            ("https", "wiki.example.com", "/\\evil.example"),
        ] {
            assert_eq!(forwarded(proto, host, uri), Err(OriginalUrlError::Malformed), "{proto} {host} {uri}");
        }
        let twice =
            [("x-forwarded-proto", "https"), ("x-forwarded-host", "a.example"), ("x-forwarded-host", "b.example")];
        assert_eq!(ask("10.0.0.1", &twice), Err(OriginalUrlError::Missing));
        assert_eq!(
            ask("10.0.0.1", &[("x-original-url", "https://u:p@wiki.example.com/")]),
            Err(OriginalUrlError::Malformed)
        );
        assert_eq!(ask("10.0.0.1", &[("x-original-url", "//wiki.example.com/")]), Err(OriginalUrlError::Malformed));
    }

    #[test]
    fn the_address_is_the_last_one_no_proxy_of_ours_added() {
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        let from = |peer: &str, chain: &str| {
            let request = TestRequest::default()
                .peer_addr(format!("{peer}:1").parse().expect("an address"))
                .append_header(("x-forwarded-for", chain));
            address(&request.to_http_request(), &trusted)
        };
        assert_eq!(from("10.0.0.1", "6.6.6.6, 192.0.2.7, 10.0.0.2"), "192.0.2.7");
        assert_eq!(from("192.0.2.9", "6.6.6.6"), "192.0.2.9", "a stranger's header");
        assert_eq!(from("10.0.0.1", "rubbish"), "10.0.0.1");
    }
}
