//! `usher.toml`, the environment and flags, as one checked value. Holds only what is needed before the database opens; what an
//! admin changes in the browser lives in the database.

mod sections;
mod setting;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use crate::product::Catalog;
use crate::toml_file;

use sections::{catalog, log, metrics, not_yet, scim, server, session, tls};
use setting::Environment;

pub use crate::toml_file::Mistake;
pub use setting::parse_duration;

/// Everything the server is told from outside. Handed on as a value, never a global.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[server]`.
    pub server: Server,
    /// `[tls]`.
    pub tls: Tls,
    /// `[session]`.
    pub session: Session,
    /// `[metrics]`.
    pub metrics: Metrics,
    /// `[scim]`.
    pub scim: Scim,
    /// `[log]`.
    pub log: Log,
    /// The built-in products and `[[product]]`.
    pub catalog: Catalog,
}

/// `[server]`.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where browsers reach the gateway; no path, no trailing slash in its text. Plain http only on loopback.
    pub public_url: Url,
    /// Where it listens.
    pub listen: SocketAddr,
    /// `usher.db`, `master.key`, `usher.lock`.
    pub data_dir: PathBuf,
    /// Peers whose `X-Forwarded-*` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// PEM files of extra roots for calls to identity providers.
    pub trusted_cas: Vec<PathBuf>,
    /// Identity providers may be on private or loopback addresses.
    pub allow_private_idp: bool,
    /// `en` or `de`.
    pub language: String,
    /// For domain verification; empty is the system's.
    pub dns_servers: Vec<SocketAddr>,
}

impl Server {
    /// The public URL without a trailing slash: what paths are appended to.
    pub fn base(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    /// Whether browsers reach the gateway over https.
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.data_dir.join("usher.db")
    }
}

/// `[tls]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Plain http; a proxy in front does TLS.
    Off,
    /// Certificate and key from files.
    Files {
        /// The chain, PEM.
        certificate: PathBuf,
        /// The key, PEM.
        key: PathBuf,
    },
}

/// `[session]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// How long a session lives unused.
    pub idle: Duration,
    /// How long it lives at most.
    pub absolute: Duration,
    /// `example.com` to cover applications on its subdomains; `None` keeps the cookie to the gateway's own host.
    pub cookie_domain: Option<String>,
}

/// `[metrics]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Where `/metrics` is answered, without asking who asks: loopback or a private network. `None`: nowhere.
    pub listen: Option<SocketAddr>,
}

/// `[scim]`: how fast and how much at once identity providers may push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scim {
    /// What one token may do per second, lasting: an identity provider's first push of everybody goes at some hundred requests.
    pub requests_per_second: u32,
    /// What one token may do at once after a pause.
    pub burst: u32,
    /// Operations in one bulk request: as much as the writer does in a moment in which nobody else waits long.
    pub bulk_operations: u32,
    /// Bytes in one bulk request.
    pub bulk_bytes: u32,
}

impl Default for Scim {
    fn default() -> Self {
        Self { requests_per_second: 500, burst: 10_000, bulk_operations: 500, bulk_bytes: 2 * 1024 * 1024 }
    }
}

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// One JSON object per line instead of text.
    pub json: bool,
    /// A tracing filter: `info`, `usher=debug`.
    pub level: String,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Mistakes in the file or the environment, all of them.
    #[error("{}", list(.origin, .mistakes))]
    Mistakes {
        /// The file, or "the environment".
        origin: String,
        /// What is wrong.
        mistakes: Vec<Mistake>,
    },
}

fn list(origin: &str, mistakes: &[Mistake]) -> String {
    // A variable or a flag stands in no line of the file.
    let line = |mistake: &Mistake| match mistake.line {
        0 => format!("  {mistake}"),
        _ => format!("  {origin}: {mistake}"),
    };
    let lines: Vec<String> = mistakes.iter().map(line).collect();
    format!("{} in the configuration:\n{}", count(mistakes.len()), lines.join("\n"))
}

fn count(n: usize) -> String {
    if n == 1 { "1 mistake".to_owned() } else { format!("{n} mistakes") }
}

/// What flags say; they win over everything.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<String>,
    /// `--public-url`.
    pub public_url: Option<String>,
}

impl Config {
    /// Where the file is looked for when none is named.
    pub const DEFAULT_FILE: &str = "/etc/usher/usher.toml";

    /// Reads flags over environment over file over defaults. Without a named file, the default one is read if it exists.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &Flags,
    ) -> Result<Self, ConfigError> {
        let default = Path::new(Self::DEFAULT_FILE);
        let path = file.or_else(|| default.exists().then_some(default));
        let source = match path {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?,
        };
        let origin = path.map_or("the environment".to_owned(), |path| path.display().to_string());
        Self::parse(&source, environment, flags).map_err(|mistakes| ConfigError::Mistakes { origin, mistakes })
    }

    /// As [`Config::load`], from a text.
    pub fn parse(
        source: &str,
        environment: impl Iterator<Item = (String, String)>,
        flags: &Flags,
    ) -> Result<Self, Vec<Mistake>> {
        let (mut file, mistakes) = toml_file::read(source)?;
        let mut environment = Environment::new(environment);
        let server = server(&mut file, &mut environment, flags);
        let tls = tls(&mut file, &mut environment);
        let session = session(&mut file, &mut environment, &server.public_url);
        let metrics = metrics(&mut file, &mut environment, &server);
        let scim = scim(&mut file, &mut environment);
        let log = log(&mut file, &mut environment);
        let catalog = catalog(&mut file);
        not_yet(&mut file);
        file.end();
        let mut all = mistakes.into_vec();
        all.extend(environment.end());
        if all.is_empty() { Ok(Self { server, tls, session, metrics, scim, log, catalog }) } else { Err(all) }
    }
}

#[cfg(test)]
mod tests;
