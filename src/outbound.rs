//! Calls that the gateway makes: to identity providers, for metadata and keys. One client with limits on time, size,
//! redirects (none) and addresses; knows nothing of what it fetches.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// What a call is for; the only thing about it that a log names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A SAML identity provider's metadata.
    SamlMetadata,
    /// An OpenID provider's discovery document.
    OidcDiscovery,
    /// An OpenID provider's keys.
    OidcKeys,
    /// A code for tokens.
    OidcToken,
    /// Who a token is about.
    OidcUserinfo,
    /// The groups that were too many for a token.
    OidcGroups,
    /// Asking our own `/healthz`.
    Health,
    /// The demo's reverse proxy asking the gateway, and its application fetching the gateway's keys.
    Demo,
}

/// What came back from a call that carried headers of its own.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status, whatever it is.
    pub status: u16,
    /// The headers in the order they came, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// Not a URL that may be called at all.
    #[error("{url} must be an https:// URL without a user name")]
    NotHttps {
        /// The URL.
        url: String,
    },
    /// The name leads to this network or this machine.
    #[error(
        "{host} is a private or loopback address; set server.allow_private_idp = true if the identity provider is in your own network"
    )]
    PrivateAddress {
        /// The host.
        host: String,
    },
    /// No answer in time, no connection, or TLS did not come about.
    #[error("{host} did not answer")]
    Unreachable {
        /// The host.
        host: String,
        /// What the client says.
        #[source]
        source: reqwest::Error,
    },
    /// An answer other than 200. Redirects are not followed.
    #[error("{host} answered {status} where 200 was expected")]
    Status {
        /// The host.
        host: String,
        /// The status.
        status: u16,
    },
    /// More than the limit.
    #[error("{host} sent more than {limit} bytes")]
    TooLarge {
        /// The host.
        host: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// A root certificate of the configuration cannot be used.
    #[error("a certificate in server.trusted_cas cannot be used")]
    BadRoot(#[source] reqwest::Error),
    /// The client cannot be made.
    #[error("the HTTPS client cannot be made")]
    Client(#[source] reqwest::Error),
}

/// The one HTTPS client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Outbound {
    client: reqwest::Client,
    allow_private: bool,
}

impl Outbound {
    /// How long one call may take, from the first byte of the name look-up to the last of the body.
    pub const DEADLINE: Duration = Duration::from_secs(10);

    /// Makes the client. `roots_pem` are trusted beside the system's; `allow_private` lets calls reach private and loopback
    /// addresses, and plain http there (demo, tests, intranets).
    #[expect(clippy::disallowed_methods, reason = "the one place that makes an HTTP client")]
    pub fn new(roots_pem: &[Vec<u8>], allow_private: bool) -> Result<Self, OutboundError> {
        let mut roots = Vec::new();
        for pem in roots_pem {
            roots.extend(reqwest::Certificate::from_pem_bundle(pem).map_err(OutboundError::BadRoot)?);
        }
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Self::DEADLINE)
            .connect_timeout(Duration::from_secs(5))
            .no_proxy()
            .referer(false)
            .user_agent(concat!("usher/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(Resolver { allow_private }))
            .tls_certs_merge(roots)
            .build()
            .map_err(OutboundError::Client)?;
        Ok(Self { client, allow_private })
    }

    /// Fetches a document of at most `limit` bytes.
    pub async fn get(&self, purpose: Purpose, url: &str, limit: usize) -> Result<Vec<u8>, OutboundError> {
        let (url, host) = self.allowed(url)?;
        let response = self.client.get(url).send().await.map_err(|error| not_reached(&host, error))?;
        let status = response.status().as_u16();
        tracing::debug!(?purpose, status, "outbound call answered");
        if status != 200 {
            return Err(OutboundError::Status { host, status });
        }
        read_at_most(response, &host, limit).await
    }

    /// Asks with headers of the caller's, and hands back any status with headers and body, as a reverse proxy does.
    pub async fn ask(
        &self,
        purpose: Purpose,
        url: &str,
        headers: &[(&str, &[u8])],
        limit: usize,
    ) -> Result<Answer, OutboundError> {
        let (url, host) = self.allowed(url)?;
        self.send(purpose, host, self.client.get(url), headers, limit).await
    }

    /// Posts a body, and hands back any status with headers and body.
    pub async fn post(
        &self,
        purpose: Purpose,
        url: &str,
        headers: &[(&str, &[u8])],
        body: String,
        limit: usize,
    ) -> Result<Answer, OutboundError> {
        let (url, host) = self.allowed(url)?;
        self.send(purpose, host, self.client.post(url).body(body), headers, limit).await
    }

    async fn send(
        &self,
        purpose: Purpose,
        host: String,
        mut request: reqwest::RequestBuilder,
        headers: &[(&str, &[u8])],
        limit: usize,
    ) -> Result<Answer, OutboundError> {
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.map_err(|error| not_reached(&host, error))?;
        let status = response.status().as_u16();
        tracing::debug!(?purpose, status, "outbound call answered");
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect();
        Ok(Answer { status, headers, body: read_at_most(response, &host, limit).await? })
    }

    fn allowed(&self, text: &str) -> Result<(Url, String), OutboundError> {
        let refused = || OutboundError::NotHttps { url: text.chars().take(200).collect() };
        let url = Url::parse(text).map_err(|_| refused())?;
        let scheme_fits = url.scheme() == "https" || (self.allow_private && url.scheme() == "http");
        if !scheme_fits || !url.username().is_empty() || url.password().is_some() {
            return Err(refused());
        }
        // The resolver sees names only; an address written out is checked here.
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => None,
            None => return Err(refused()),
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        if !self.allow_private && literal.is_some_and(|ip| !is_public(ip)) {
            return Err(OutboundError::PrivateAddress { host });
        }
        Ok((url, host))
    }
}

fn not_reached(host: &str, source: reqwest::Error) -> OutboundError {
    let host = host.to_owned();
    // What the resolver refused arrives as a connection error; it must not read as "did not answer".
    if chain_says(&source, REFUSED_BY_US) {
        OutboundError::PrivateAddress { host }
    } else {
        OutboundError::Unreachable { host, source: source.without_url() }
    }
}

async fn read_at_most(mut response: reqwest::Response, host: &str, limit: usize) -> Result<Vec<u8>, OutboundError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| not_reached(host, error))? {
        if body.len() + chunk.len() > limit {
            return Err(OutboundError::TooLarge { host: host.to_owned(), limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

const REFUSED_BY_US: &str = "the name leads to a private or loopback address";

fn chain_says(error: &(dyn std::error::Error + 'static), what: &str) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.to_string().contains(what))
}

/// Resolves names and hands on the checked addresses themselves, so that a second answer (DNS rebinding) is never asked for.
#[derive(Debug)]
struct Resolver {
    allow_private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One private address among public ones is an attack or a mistake; either way nothing is called.
            if !allow_private && found.iter().any(|address| !is_public(address.ip())) {
                return Err(REFUSED_BY_US.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is out in the Internet, as opposed to this machine, this network or nowhere.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let special = a == 0 || a >= 240 || (a == 192 && b == 0 && c == 0) || (a == 198 && (b == 18 || b == 19));
            !(ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_documentation()
                || shared
                || special)
        }
        IpAddr::V6(ip) => match embedded_v4(ip) {
            Some(inner) => is_public(IpAddr::V4(inner)),
            None => {
                let first = ip.segments()[0];
                let unique_local = first & 0xfe00 == 0xfc00;
                let link_local = first & 0xffc0 == 0xfe80;
                let documentation = first == 0x2001 && ip.segments()[1] == 0xdb8;
                !(ip.is_loopback()
                    || ip.is_unspecified()
                    || ip.is_multicast()
                    || unique_local
                    || link_local
                    || documentation)
            }
        },
    }
}

/// The IPv4 address inside an IPv6 one: mapped, compatible, 6to4 and NAT64 all lead there.
fn embedded_v4(ip: Ipv6Addr) -> Option<std::net::Ipv4Addr> {
    let s = ip.segments();
    let v4 = |high: u16, low: u16| {
        std::net::Ipv4Addr::new((high >> 8) as u8, (high & 0xff) as u8, (low >> 8) as u8, (low & 0xff) as u8)
    };
    match s {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => Some(v4(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for inside in [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.1",
            "198.18.0.1",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_public(inside.parse().expect("an address")), "{inside}");
        }
        for outside in ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1", "::ffff:8.8.8.8"] {
            assert!(is_public(outside.parse().expect("an address")), "{outside}");
        }
    }

    #[actix_web::test]
    async fn x109_metadata_from_inside_is_not_fetched() {
        let closed = Outbound::new(&[], false).expect("a client");
        for url in [
            "https://127.0.0.1/metadata",
            "https://[::1]/metadata",
            "https://169.254.169.254/latest",
            "https://localhost/metadata",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::ffff:127.0.0.1]/",
        ] {
            let error = closed.get(Purpose::SamlMetadata, url, 1000).await.expect_err(url);
            assert!(matches!(error, OutboundError::PrivateAddress { .. }), "{url}: {error:?}");
        }
        for url in [
            "http://idp.example/",
            "file:///etc/passwd",
            "ftp://idp.example/",
            "https://me:pw@idp.example/",
            "idp.example",
            "",
        ] {
            let error = closed.get(Purpose::SamlMetadata, url, 1000).await.expect_err(url);
            assert!(matches!(error, OutboundError::NotHttps { .. }), "{url}: {error:?}");
        }
    }

    /// Answers every connection with `answer` and counts them.
    fn server(answer: &'static str) -> (u16, std::sync::Arc<std::sync::atomic::AtomicU32>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let count = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let counted = count.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        (port, count)
    }

    #[actix_web::test]
    async fn a_redirect_is_an_error_and_a_long_body_is_cut_off() {
        let open = Outbound::new(&[], true).expect("a client");
        let (canary, hits) = server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        let body =
            open.get(Purpose::SamlMetadata, &format!("http://127.0.0.1:{canary}/"), 2).await.expect("allowed here");
        assert_eq!(body, b"hi");
        let location: &'static str = Box::leak(
            format!("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{canary}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .into_boxed_str(),
        );
        let (redirecting, _) = server(location);
        let error =
            open.get(Purpose::SamlMetadata, &format!("http://127.0.0.1:{redirecting}/"), 100).await.expect_err("302");
        assert!(matches!(error, OutboundError::Status { status: 302, .. }), "{error:?}");
        assert_eq!(hits.load(std::sync::atomic::Ordering::SeqCst), 1, "only the call that named it");
        let (long, _) = server("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789");
        let error =
            open.get(Purpose::SamlMetadata, &format!("http://127.0.0.1:{long}/"), 5).await.expect_err("10 bytes");
        assert!(matches!(error, OutboundError::TooLarge { limit: 5, .. }), "{error:?}");
    }
}
