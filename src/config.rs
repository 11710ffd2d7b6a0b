//! `usher.toml`, the environment and flags, as one checked value. Holds only what is needed before the database opens; what an
//! admin changes in the browser lives in the database.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use url::{Host, Url};

use crate::product::{Catalog, DirectorySync, Permission, Product, Role, RoleKey, SeatType, SeatTypeKey};
use crate::toml_file::{self, Mistake, Section};

/// Everything the server is told from outside. Handed on as a value, never a global.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[server]`.
    pub server: Server,
    /// `[tls]`.
    pub tls: Tls,
    /// `[session]`.
    pub session: Session,
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
    let lines: Vec<String> = mistakes.iter().map(|mistake| format!("  {origin}: {mistake}")).collect();
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
        let log = log(&mut file, &mut environment);
        let catalog = catalog(&mut file);
        not_yet(&mut file, &mut environment);
        file.end();
        let mut all = mistakes.into_vec();
        all.extend(environment.end());
        if all.is_empty() { Ok(Self { server, tls, session, log, catalog }) } else { Err(all) }
    }
}

/// `USHER_SECTION__KEY` variables; each may be given once, and must be asked for.
struct Environment {
    left: BTreeMap<String, String>,
    mistakes: Vec<Mistake>,
}

impl Environment {
    fn new(all: impl Iterator<Item = (String, String)>) -> Self {
        // USHER_TEST_* and USHER_LOG are for tests and tools, not settings.
        let ours = |name: &String| name.starts_with("USHER_") && name.contains("__");
        Self { left: all.filter(|(name, _)| ours(name)).collect(), mistakes: Vec::new() }
    }

    fn take(&mut self, section: &str, key: &str) -> Option<String> {
        self.left.remove(&format!("USHER_{}__{}", section.to_uppercase(), key.to_uppercase()))
    }

    fn wrong(&mut self, section: &str, key: &str, what: impl std::fmt::Display) {
        let key = format!("USHER_{}__{}", section.to_uppercase(), key.to_uppercase());
        self.mistakes.push(Mistake { line: 0, column: 0, key, what: what.to_string() });
    }

    fn end(mut self) -> Vec<Mistake> {
        for name in self.left.into_keys() {
            let what = "no such setting; settings are USHER_SECTION__KEY as in usher.toml".to_owned();
            self.mistakes.push(Mistake { line: 0, column: 0, key: name, what });
        }
        self.mistakes
    }
}

/// One setting: flag, then environment, then file.
fn setting<T, E: std::fmt::Display>(
    section: &mut Section,
    environment: &mut Environment,
    name: &str,
    key: &'static str,
    flag: Option<&str>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Option<T> {
    let from_file = section.parsed(key, &parse);
    let from_environment = environment.take(name, key);
    let told = flag.map(str::to_owned).or(from_environment);
    let Some(told) = told else { return from_file };
    match parse(&told) {
        Ok(value) => Some(value),
        Err(error) => {
            environment.wrong(name, key, error);
            None
        }
    }
}

fn list_setting<T, E: std::fmt::Display>(
    section: &mut Section,
    environment: &mut Environment,
    key: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Vec<T> {
    let from_file = section.list(key, &parse).unwrap_or_default();
    let Some(told) = environment.take("server", key) else { return from_file };
    let mut values = Vec::new();
    for part in told.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match parse(part) {
            Ok(value) => values.push(value),
            Err(error) => environment.wrong("server", key, error),
        }
    }
    values
}

fn flag_setting(section: &mut Section, environment: &mut Environment, name: &str, key: &'static str) -> Option<bool> {
    let from_file = section.flag(key);
    match environment.take(name, key).as_deref() {
        None => from_file,
        Some("true" | "1") => Some(true),
        Some("false" | "0") => Some(false),
        Some(_) => {
            environment.wrong(name, key, "true or false is expected");
            None
        }
    }
}

fn public_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "a URL is expected, like https://login.example.com")?;
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err("a URL with a host is expected, like https://login.example.com"),
    };
    match url.scheme() {
        "https" => {}
        "http" if local => {}
        "http" => return Err("plain http is for loopback only; use https (TLS here or in the proxy in front)"),
        _ => return Err("an https:// URL is expected"),
    }
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err("only scheme, host and port are expected, without a path");
    }
    Ok(url)
}

fn socket(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "an address with a port is expected, like 127.0.0.1:8080")
}

fn dns_server(text: &str) -> Result<SocketAddr, &'static str> {
    let with_port = || text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    text.parse().or_else(|_| with_port()).map_err(|_| "an IP address is expected, like 192.0.2.53 or 192.0.2.53:5353")
}

fn network(text: &str) -> Result<IpNet, &'static str> {
    let single = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| single()).map_err(|_| "a network is expected, like 10.0.0.0/8 or 192.0.2.7")
}

/// Reads `90s`, `30m`, `8h`, `7d`.
pub fn parse_duration(text: &str) -> Result<Duration, &'static str> {
    const EXPECTED: &str = "a duration is expected, like 30m, 8h or 7d";
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(EXPECTED)?;
    let number: u64 = number.parse().map_err(|_| EXPECTED)?;
    let seconds = match unit {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        _ => None,
    };
    let total = seconds.and_then(|unit| number.checked_mul(unit)).ok_or(EXPECTED)?;
    if total == 0 || total > 366 * 86_400 {
        return Err("a duration from 1s to 366d is expected");
    }
    Ok(Duration::from_secs(total))
}

fn one_of<const N: usize>(words: [&'static str; N]) -> impl Fn(&str) -> Result<String, String> {
    move |text| {
        if words.contains(&text) {
            Ok(text.to_owned())
        } else {
            Err(format!("one of {} is expected", words.map(|word| format!("{word:?}")).join(", ")))
        }
    }
}

fn path(text: &str) -> Result<PathBuf, &'static str> {
    if text.is_empty() { Err("a path is expected") } else { Ok(PathBuf::from(text)) }
}

fn default_data_dir() -> PathBuf {
    PathBuf::from("usher-data")
}

fn server(file: &mut Section, environment: &mut Environment, flags: &Flags) -> Server {
    let mut section = file.section("server");
    let listen = setting(&mut section, environment, "server", "listen", flags.listen.as_deref(), socket)
        .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    let url = setting(&mut section, environment, "server", "public_url", flags.public_url.as_deref(), public_url);
    let at_listen = || {
        let local = if listen.ip().is_loopback() { listen } else { SocketAddr::from(([127, 0, 0, 1], listen.port())) };
        Url::parse(&format!("http://{local}")).expect("an address with a port is a URL's host")
    };
    let flag_dir = flags.data_dir.as_ref().and_then(|dir| dir.to_str());
    let server = Server {
        public_url: url.unwrap_or_else(at_listen),
        listen,
        data_dir: setting(&mut section, environment, "server", "data_dir", flag_dir, path)
            .unwrap_or_else(default_data_dir),
        trusted_proxies: list_setting(&mut section, environment, "trusted_proxies", network),
        trusted_cas: list_setting(&mut section, environment, "trusted_cas", path),
        allow_private_idp: flag_setting(&mut section, environment, "server", "allow_private_idp").unwrap_or(false),
        language: setting(&mut section, environment, "server", "language", None, one_of(["en", "de"]))
            .unwrap_or_else(|| "en".to_owned()),
        dns_servers: list_setting(&mut section, environment, "dns_servers", dns_server),
    };
    section.end();
    server
}

fn tls(file: &mut Section, environment: &mut Environment) -> Tls {
    let mut section = file.section("tls");
    let mode = setting(&mut section, environment, "tls", "mode", None, one_of(["off", "files", "acme"]));
    let certificate = setting(&mut section, environment, "tls", "certificate", None, path);
    let key = setting(&mut section, environment, "tls", "key", None, path);
    let _ = (section.text("directory"), section.text("email"));
    let tls = match (mode.as_deref(), certificate, key) {
        (Some("files"), Some(certificate), Some(key)) => Tls::Files { certificate, key },
        (Some("files"), ..) => {
            section.wrong("mode", "\"files\" needs certificate and key");
            Tls::Off
        }
        (Some("acme"), ..) => {
            section.wrong("mode", "\"acme\" is not available yet; use \"files\", or a proxy in front with \"off\"");
            Tls::Off
        }
        _ => Tls::Off,
    };
    section.end();
    tls
}

fn session(file: &mut Section, environment: &mut Environment, public_url: &Url) -> Session {
    let mut section = file.section("session");
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let idle = setting(&mut section, environment, "session", "idle", None, parse_duration).unwrap_or(hours(8));
    let absolute = setting(&mut section, environment, "session", "absolute", None, parse_duration).unwrap_or(hours(24));
    if idle > absolute {
        section.wrong("idle", "must not be longer than absolute");
    }
    let host = public_url.host_str().unwrap_or_default().to_owned();
    let covers = |domain: &str| -> Result<String, String> {
        let domain = domain.trim_start_matches('.').to_ascii_lowercase();
        let fits =
            domain.is_empty() || (domain.contains('.') && (host == domain || host.ends_with(&format!(".{domain}"))));
        if fits { Ok(domain) } else { Err(format!("the host of server.public_url ({host}) is not in {domain}")) }
    };
    let cookie_domain = setting(&mut section, environment, "session", "cookie_domain", None, covers);
    section.end();
    Session { idle, absolute, cookie_domain: cookie_domain.filter(|domain| !domain.is_empty()) }
}

fn log(file: &mut Section, environment: &mut Environment) -> Log {
    let mut section = file.section("log");
    let format = setting(&mut section, environment, "log", "format", None, one_of(["text", "json"]));
    let level = setting(&mut section, environment, "log", "level", None, |text| {
        if text.is_empty() { Err("a level is expected, like info") } else { Ok(text.to_owned()) }
    });
    section.end();
    Log { json: format.as_deref() == Some("json"), level: level.unwrap_or_else(|| "info".to_owned()) }
}

/// Sections whose work is still to come: named, so that nobody believes they do something.
fn not_yet(file: &mut Section, environment: &mut Environment) {
    let mut metrics = file.section("metrics");
    let listen = setting(&mut metrics, environment, "metrics", "listen", None, |text| Ok::<_, String>(text.to_owned()));
    if listen.is_some_and(|listen| !listen.is_empty()) {
        metrics.wrong("listen", "metrics are not available yet; leave it empty");
    }
    metrics.end();
    if file.has("mail") {
        let mail = file.section("mail");
        mail.wrong("", "mail is not available yet; leave the section out");
    } else {
        let _ = file.section("mail");
    }
}

fn catalog(file: &mut Section) -> Catalog {
    let mut catalog = Catalog::built_in();
    for mut section in file.sections("product") {
        let some = |text: &str| if text.is_empty() { Err("must not be empty") } else { Ok(text.to_owned()) };
        let key = section.required("key", some);
        let label = section.required("label", some);
        let default = section.text("default_role");
        let sync = match section.flag("scim") {
            Some(true) => DirectorySync::Offered,
            Some(false) | None => DirectorySync::Never,
        };
        let mut roles = Vec::new();
        for mut role in section.sections("roles") {
            let key = role.required("key", some);
            let label = role.parsed("label", some);
            let permissions = role.list("permissions", |word| {
                Permission::parse(word).ok_or("one of \"identity\", \"members\", \"billing\" is expected")
            });
            role.end();
            if let Some(key) = key {
                let label = label.unwrap_or_else(|| key.clone());
                let permissions = permissions.unwrap_or_default().into_iter().collect();
                roles.push(Role { key: RoleKey::new(key), label, permissions });
            }
        }
        let mut seats = Vec::new();
        for mut seat in section.sections("seats") {
            let key = seat.required("key", some);
            let label = seat.parsed("label", some);
            seat.end();
            if let Some(key) = key {
                let label = label.unwrap_or_else(|| key.clone());
                seats.push(SeatType { key: SeatTypeKey::new(key), label });
            }
        }
        if let (Some(key), Some(label)) = (key, label) {
            match Product::new(&key, &label, roles, default.as_deref(), seats, sync) {
                Ok(product) => {
                    if let Err(error) = catalog.add(product) {
                        section.wrong("key", error);
                    }
                }
                Err(errors) => errors.into_iter().for_each(|error| section.wrong("", error)),
            }
        }
        section.end();
    }
    catalog
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(source: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::parse(source, environment, &Flags::default())
            .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn without_a_file_it_serves_on_loopback() {
        let config = parse("", &[]).expect("defaults");
        assert_eq!(config.server.base(), "http://127.0.0.1:8080");
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
        assert_eq!((config.session.idle.as_secs(), config.session.absolute.as_secs()), (8 * 3600, 24 * 3600));
        assert!(!config.server.allow_private_idp && !config.server.is_https() && config.tls == Tls::Off);
    }

    #[test]
    fn flags_win_over_environment_over_file() {
        let file = "[server]\nlisten = \"127.0.0.1:1\"\ntrusted_proxies = [\"10.0.0.0/8\"]\n";
        let environment = [
            ("USHER_SERVER__LISTEN", "127.0.0.1:2"),
            ("USHER_SERVER__TRUSTED_PROXIES", "192.0.2.7, fd00::/8"),
            ("USHER_SERVER__ALLOW_PRIVATE_IDP", "true"),
            ("PATH", "/bin"),
        ];
        let config = parse(file, &environment).expect("valid");
        assert_eq!(config.server.listen.port(), 2);
        assert_eq!(config.server.trusted_proxies.len(), 2);
        assert!(config.server.allow_private_idp);
        let flags = Flags { listen: Some("127.0.0.1:3".to_owned()), ..Flags::default() };
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        assert_eq!(Config::parse(file, environment, &flags).expect("valid").server.listen.port(), 3);
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let file = r#"
[server]
public_url = "http://login.example.com"
listn = "127.0.0.1:8080"
language = "fr"
trusted_proxies = ["everyone"]
[tls]
mode = "acme"
[session]
idle = "48h"
[metrics]
listen = "127.0.0.1:9090"
[[product]]
key = "wiki"
label = "Wiki"
roles = [{ key = "reader", permissions = ["read"] }]
"#;
        let told = parse(file, &[("USHER_SERVER__LISEN", "x"), ("USHER_SESSION__ABSOLUTE", "soon")]).expect_err("many");
        let all = told.join("\n");
        for expected in [
            "line 3, column 14: server.public_url: plain http is for loopback only",
            "line 4, column 1: server.listn: unknown key; did you mean listen?",
            "server.language: one of \"en\", \"de\" is expected",
            "server.trusted_proxies[0]: a network is expected",
            "tls.mode: \"acme\" is not available yet",
            "session.idle: must not be longer than absolute",
            "metrics.listen: metrics are not available yet",
            "product[0].roles[0].permissions[0]: one of",
            "product[0]: product \"wiki\" needs a role with the permission \"identity\"",
            "USHER_SERVER__LISEN: no such setting",
            "USHER_SESSION__ABSOLUTE: a duration is expected",
        ] {
            assert!(all.contains(expected), "{expected} is missing in:\n{all}");
        }
        assert_eq!(told.len(), 11, "{all}");
    }

    #[test]
    fn a_public_url_is_bare_and_a_cookie_domain_covers_it() {
        for bad in [
            "https://login.example.com/path",
            "https://u:p@login.example.com",
            "ftp://x.example",
            "login",
            "https://a.example?x",
        ] {
            assert!(parse(&format!("[server]\npublic_url = {bad:?}\n"), &[]).is_err(), "{bad}");
        }
        let with = |domain: &str| {
            parse(
                &format!(
                    "[server]\npublic_url = \"https://login.example.com\"\n[session]\ncookie_domain = {domain:?}\n"
                ),
                &[],
            )
        };
        assert_eq!(with("example.com").expect("a parent").session.cookie_domain.as_deref(), Some("example.com"));
        for bad in ["example.org", "com", "ample.com"] {
            assert!(with(bad).is_err(), "{bad}");
        }
    }
}
