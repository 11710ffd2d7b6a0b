use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use url::{Host, Url};

use crate::toml_file::{Mistake, Section};

/// `USHER_SECTION__KEY` variables; each may be given once, and must be asked for.
pub(super) struct Environment {
    left: BTreeMap<String, String>,
    mistakes: Vec<Mistake>,
}

impl Environment {
    pub(super) fn new(all: impl Iterator<Item = (String, String)>) -> Self {
        // USHER_TEST_* and USHER_LOG are for tests and tools, not settings.
        let ours = |name: &String| name.starts_with("USHER_") && name.contains("__");
        Self { left: all.filter(|(name, _)| ours(name)).collect(), mistakes: Vec::new() }
    }

    pub(super) fn take(&mut self, section: &str, key: &str) -> Option<String> {
        self.left.remove(&format!("USHER_{}__{}", section.to_uppercase(), key.to_uppercase()))
    }

    pub(super) fn wrong(&mut self, section: &str, key: &str, what: impl std::fmt::Display) {
        self.tell(format!("USHER_{}__{}", section.to_uppercase(), key.to_uppercase()), what);
    }

    fn tell(&mut self, key: String, what: impl std::fmt::Display) {
        self.mistakes.push(Mistake { line: 0, column: 0, key, what: what.to_string() });
    }

    pub(super) fn end(mut self) -> Vec<Mistake> {
        for name in self.left.into_keys() {
            let what = "no such setting; settings are USHER_SECTION__KEY as in usher.toml".to_owned();
            self.mistakes.push(Mistake { line: 0, column: 0, key: name, what });
        }
        self.mistakes
    }
}

/// One setting: flag, then environment, then file.
pub(super) fn setting<T, E: std::fmt::Display>(
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
            match flag {
                Some(_) => environment.tell(format!("--{}", key.replace('_', "-")), error),
                None => environment.wrong(name, key, error),
            }
            None
        }
    }
}

pub(super) fn list_setting<T, E: std::fmt::Display>(
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

pub(super) fn flag_setting(
    section: &mut Section,
    environment: &mut Environment,
    name: &str,
    key: &'static str,
) -> Option<bool> {
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

pub(super) fn number_setting(
    section: &mut Section,
    environment: &mut Environment,
    (name, key): (&str, &'static str),
    bounds: std::ops::RangeInclusive<u32>,
) -> Option<u32> {
    let from_file = section.number(key, &bounds);
    let Some(told) = environment.take(name, key) else { return from_file };
    let number = told.trim().parse().ok().filter(|number| bounds.contains(number));
    if number.is_none() {
        environment.wrong(name, key, format!("a whole number from {} to {} is expected", bounds.start(), bounds.end()));
    }
    number
}

pub(super) fn public_url(text: &str) -> Result<Url, &'static str> {
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

pub(super) fn socket(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "an address with a port is expected, like 127.0.0.1:8080")
}

/// An address where nobody is asked who they are: this machine's, a private network's, or all of them, as containers want it.
pub(super) fn private_socket(text: &str) -> Result<SocketAddr, &'static str> {
    let address = socket(text)?;
    let private = match address.ip() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified(),
    };
    if private {
        Ok(address)
    } else {
        Err("a loopback or private address is expected, like 127.0.0.1:9090: whoever reaches it reads everything there")
    }
}

pub(super) fn dns_server(text: &str) -> Result<SocketAddr, &'static str> {
    let with_port = || text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    text.parse().or_else(|_| with_port()).map_err(|_| "an IP address is expected, like 192.0.2.53 or 192.0.2.53:5353")
}

pub(super) fn network(text: &str) -> Result<IpNet, &'static str> {
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

pub(super) fn one_of<const N: usize>(words: [&'static str; N]) -> impl Fn(&str) -> Result<String, String> {
    move |text| {
        if words.contains(&text) {
            Ok(text.to_owned())
        } else {
            Err(format!("one of {} is expected", words.map(|word| format!("{word:?}")).join(", ")))
        }
    }
}

/// `info`, or with levels of their own for parts of the program: `warn,usher::login=debug`.
pub(super) fn log_level(text: &str) -> Result<String, &'static str> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let known = |part: &str| {
        let (target, level) = part.rsplit_once('=').map_or((None, part), |(target, level)| (Some(target), level));
        let named = |target: &str| {
            !target.is_empty() && target.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:-".contains(&byte))
        };
        target.is_none_or(named) && LEVELS.iter().any(|word| word.eq_ignore_ascii_case(level))
    };
    if text.split(',').map(str::trim).all(known) {
        Ok(text.to_owned())
    } else {
        Err("off, error, warn, info, debug or trace is expected; for a part of the program alone, usher::login=debug")
    }
}

pub(super) fn path(text: &str) -> Result<PathBuf, &'static str> {
    if text.is_empty() { Err("a path is expected") } else { Ok(PathBuf::from(text)) }
}

pub(super) fn default_data_dir() -> PathBuf {
    PathBuf::from("usher-data")
}
