//! Calls that the gateway makes: to identity providers, for metadata and keys. One client with limits on time, size,
//! redirects (none) and addresses; knows nothing of what it fetches.

mod addresses;
mod turns;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use url::{Host, Url};

use crate::metrics::Counts;
pub use addresses::is_public;
use addresses::{Lookup, Reach, Resolver, system_lookup};
use turns::Turns;

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
    /// An identity provider's clock.
    Clock,
    /// Asking our own `/healthz`.
    Health,
    /// The demo: its reverse proxy and identity provider asking or telling the gateway, its application fetching keys.
    Demo,
}

impl Purpose {
    /// The word in the metrics.
    fn word(self) -> &'static str {
        match self {
            Self::SamlMetadata => "saml_metadata",
            Self::OidcDiscovery => "oidc_discovery",
            Self::OidcKeys => "oidc_keys",
            Self::OidcToken => "oidc_token",
            Self::OidcUserinfo => "oidc_userinfo",
            Self::OidcGroups => "oidc_groups",
            Self::Clock => "clock",
            Self::Health => "health",
            Self::Demo => "demo",
        }
    }
}

/// How something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Hands something in.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Takes away.
    Delete,
}

impl Method {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn of_the_client(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
        }
    }
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

/// A document with what its headers say about time.
#[derive(Clone, Debug)]
pub struct Dated {
    /// The document.
    pub body: Vec<u8>,
    /// `Date`: the sender's clock when it was sent.
    pub date: Option<String>,
    /// `Age`: seconds that it lay in a cache since.
    pub age: u64,
}

impl Dated {
    /// From headers with names in lower case.
    pub fn of(body: Vec<u8>, headers: &[(String, Vec<u8>)]) -> Self {
        let value = |wanted: &str| {
            let found = headers.iter().find(|(name, _)| name == wanted);
            found.and_then(|(_, value)| String::from_utf8(value.clone()).ok())
        };
        let age = value("age").and_then(|age| age.trim().parse().ok()).unwrap_or(0);
        Self { body, date: value("date"), age }
    }
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
    /// It took longer than all of it may take: name, connection, answer, body, and the wait for a turn.
    #[error("{host} did not answer whole within {seconds} s")]
    TooSlow {
        /// The host.
        host: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// No connection, or TLS did not come about.
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

impl OutboundError {
    /// The word in the metrics.
    fn word(&self) -> &'static str {
        match self {
            Self::NotHttps { .. } => "not_https",
            Self::PrivateAddress { .. } => "private_address",
            Self::TooSlow { .. } => "too_slow",
            Self::Unreachable { .. } => "unreachable",
            Self::Status { .. } => "status",
            Self::TooLarge { .. } => "too_large",
            Self::BadRoot(_) | Self::Client(_) => "client",
        }
    }
}

/// The one HTTPS client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Outbound {
    client: reqwest::Client,
    /// For plain http, which private addresses alone may be called by.
    plain: Option<reqwest::Client>,
    deadline: Duration,
    turns: Arc<Turns>,
    calls: Arc<Counts<2>>,
}

impl Outbound {
    /// How long one call may take, from the first byte of the name look-up to the last of the body.
    pub const DEADLINE: Duration = Duration::from_secs(10);

    /// Makes the client. `roots_pem` are trusted beside the system's; `allow_private` lets calls reach private and loopback
    /// addresses, and plain http there (demo, tests, intranets).
    pub fn new(roots_pem: &[Vec<u8>], allow_private: bool) -> Result<Self, OutboundError> {
        Self::with(roots_pem, allow_private, Self::DEADLINE, system_lookup())
    }

    /// With another limit for a whole call, and for calls that belong together.
    pub fn within(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// How long a whole call may take, and calls that belong together.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    fn with(
        roots_pem: &[Vec<u8>],
        allow_private: bool,
        deadline: Duration,
        lookup: Lookup,
    ) -> Result<Self, OutboundError> {
        let client = |reach| client(roots_pem, Resolver { reach, lookup: lookup.clone() });
        Ok(Self {
            client: client(if allow_private { Reach::Anywhere } else { Reach::Public })?,
            plain: if allow_private { Some(client(Reach::Private)?) } else { None },
            deadline,
            turns: Arc::default(),
            calls: Arc::new(Counts::new(
                "usher_outbound_calls_total",
                "Calls to identity providers, by purpose and result.",
                ["purpose", "result"],
            )),
        })
    }

    /// How many calls there were, by purpose and result.
    pub fn calls(&self) -> &Counts<2> {
        &self.calls
    }

    /// Fetches a document of at most `limit` bytes.
    pub async fn get(&self, purpose: Purpose, url: &str, limit: usize) -> Result<Vec<u8>, OutboundError> {
        Ok(self.get_dated(purpose, url, limit).await?.body)
    }

    /// As [`Outbound::get`], with what the answer says about time.
    pub async fn get_dated(&self, purpose: Purpose, url: &str, limit: usize) -> Result<Dated, OutboundError> {
        let fetched = async {
            let (client, url, host) = self.allowed(url)?;
            self.in_time(&host, async {
                let response = client.get(url).send().await.map_err(|error| not_reached(&host, error))?;
                let status = response.status().as_u16();
                if status != 200 {
                    return Err(OutboundError::Status { host: host.clone(), status });
                }
                let headers = headers_of(&response);
                Ok(Dated::of(read_at_most(response, &host, limit).await?, &headers))
            })
            .await
        };
        self.counted(purpose, fetched.await)
    }

    /// Asks with headers of the caller's, and hands back any status with headers and body, as a reverse proxy does.
    pub async fn ask(
        &self,
        purpose: Purpose,
        url: &str,
        headers: &[(&str, &[u8])],
        limit: usize,
    ) -> Result<Answer, OutboundError> {
        self.call(purpose, Method::Get, url, headers, None, limit).await
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
        self.call(purpose, Method::Post, url, headers, Some(body), limit).await
    }

    /// Asks by any method, with a body or without, and hands back any status with headers and body.
    pub async fn call(
        &self,
        purpose: Purpose,
        method: Method,
        url: &str,
        headers: &[(&str, &[u8])],
        body: Option<String>,
        limit: usize,
    ) -> Result<Answer, OutboundError> {
        let sent = async {
            let (client, url, host) = self.allowed(url)?;
            let request = client.request(method.of_the_client(), url);
            let mut request = body.into_iter().fold(request, reqwest::RequestBuilder::body);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            self.in_time(&host, async {
                let response = request.send().await.map_err(|error| not_reached(&host, error))?;
                let (status, headers) = (response.status().as_u16(), headers_of(&response));
                Ok(Answer { status, headers, body: read_at_most(response, &host, limit).await? })
            })
            .await
        };
        self.counted(purpose, sent.await)
    }

    /// Waits for a turn at the host and then for the call, for the deadline altogether.
    async fn in_time<T>(
        &self,
        host: &str,
        call: impl Future<Output = Result<T, OutboundError>>,
    ) -> Result<T, OutboundError> {
        let turn_and_call = async {
            let _turn = self.turns.at(host).await;
            call.await
        };
        let late = || OutboundError::TooSlow { host: host.to_owned(), seconds: self.deadline.as_secs() };
        tokio::time::timeout(self.deadline, turn_and_call).await.unwrap_or_else(|_| Err(late()))
    }

    fn counted<T>(&self, purpose: Purpose, result: Result<T, OutboundError>) -> Result<T, OutboundError> {
        let word = result.as_ref().map_or_else(OutboundError::word, |_| "ok");
        tracing::debug!(?purpose, result = word, "outbound call ended");
        self.calls.add([purpose.word(), word]);
        result
    }

    /// The client that may call this URL, the URL, and its host.
    fn allowed(&self, text: &str) -> Result<(&reqwest::Client, Url, String), OutboundError> {
        let refused = || OutboundError::NotHttps { url: text.chars().take(200).collect() };
        let url = Url::parse(text).map_err(|_| refused())?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused());
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        // The resolver sees names only; an address written out is checked here.
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => None,
            None => return Err(refused()),
        };
        match (url.scheme(), &self.plain) {
            ("http", Some(plain)) if literal.is_none_or(|ip| !is_public(ip)) => Ok((plain, url, host)),
            ("https", None) if literal.is_some_and(|ip| !is_public(ip)) => Err(OutboundError::PrivateAddress { host }),
            ("https", _) => Ok((&self.client, url, host)),
            _ => Err(refused()),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that makes an HTTP client")]
fn client(roots_pem: &[Vec<u8>], resolver: Resolver) -> Result<reqwest::Client, OutboundError> {
    let mut roots = Vec::new();
    for pem in roots_pem {
        roots.extend(reqwest::Certificate::from_pem_bundle(pem).map_err(OutboundError::BadRoot)?);
    }
    let plain = resolver.reach == Reach::Private;
    let builder = reqwest::Client::builder();
    // The one for plain http needs no certificates; reading the system's takes some milliseconds of every start.
    let builder = if plain { builder.tls_certs_only([]) } else { builder.tls_certs_merge(roots) };
    builder
        .redirect(reqwest::redirect::Policy::none())
        .https_only(!plain)
        .connect_timeout(Duration::from_secs(5))
        .no_proxy()
        .referer(false)
        .user_agent(concat!("usher/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(resolver))
        .build()
        .map_err(OutboundError::Client)
}

fn not_reached(host: &str, source: reqwest::Error) -> OutboundError {
    let host = host.to_owned();
    // What the resolver refused arrives as a connection error; it must not read as "did not answer".
    if chain_says(&source, addresses::IS_PRIVATE) {
        OutboundError::PrivateAddress { host }
    } else if chain_says(&source, addresses::IS_PUBLIC) {
        OutboundError::NotHttps { url: format!("http://{host}") }
    } else {
        OutboundError::Unreachable { host, source: source.without_url() }
    }
}

/// In the order they came, names in lower case.
fn headers_of(response: &reqwest::Response) -> Vec<(String, Vec<u8>)> {
    let headers = response.headers().iter();
    headers.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
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

fn chain_says(error: &(dyn std::error::Error + 'static), what: &str) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.to_string().contains(what))
}

#[cfg(test)]
mod tests;
