use std::net::SocketAddr;
use std::time::Duration;

use url::Url;

use super::setting::{
    Environment, default_data_dir, dns_server, flag_setting, list_setting, log_level, network, number_setting, one_of,
    parse_duration, path, private_socket, public_url, setting, socket,
};
use super::{Flags, Log, Metrics, Scim, Server, Session, Tls};
use crate::product::{Catalog, DirectorySync, Permission, Product, Role, RoleKey, SeatType, SeatTypeKey};
use crate::toml_file::Section;

pub(super) fn server(file: &mut Section, environment: &mut Environment, flags: &Flags) -> Server {
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

pub(super) fn tls(file: &mut Section, environment: &mut Environment) -> Tls {
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

pub(super) fn session(file: &mut Section, environment: &mut Environment, public_url: &Url) -> Session {
    let mut section = file.section("session");
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let idle = setting(&mut section, environment, "session", "idle", None, parse_duration);
    let absolute = setting(&mut section, environment, "session", "absolute", None, parse_duration).unwrap_or(hours(24));
    // Whoever shortens the whole need not name the part.
    let idle = idle.unwrap_or(hours(8).min(absolute));
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

pub(super) fn metrics(file: &mut Section, environment: &mut Environment, server: &Server) -> Metrics {
    let mut section = file.section("metrics");
    let listen = setting(&mut section, environment, "metrics", "listen", None, |text| match text {
        "" => Ok(None),
        text => private_socket(text).map(Some),
    });
    let listen = listen.flatten();
    if listen.is_some_and(|listen| listen.port() != 0 && listen == server.listen) {
        section.wrong("listen", "is server.listen; the metrics want an address of their own");
    }
    section.end();
    Metrics { listen }
}

pub(super) fn scim(file: &mut Section, environment: &mut Environment) -> Scim {
    let mut section = file.section("scim");
    let mut number =
        |key, bounds, default| number_setting(&mut section, environment, ("scim", key), bounds).unwrap_or(default);
    let default = Scim::default();
    let scim = Scim {
        requests_per_second: number("requests_per_second", 1..=100_000, default.requests_per_second),
        burst: number("burst", 1..=1_000_000, default.burst),
        bulk_operations: number("bulk_operations", 1..=2000, default.bulk_operations),
        bulk_bytes: number("bulk_bytes", 65_536..=16_777_216, default.bulk_bytes),
    };
    section.end();
    scim
}

pub(super) fn log(file: &mut Section, environment: &mut Environment) -> Log {
    let mut section = file.section("log");
    let format = setting(&mut section, environment, "log", "format", None, one_of(["text", "json"]));
    let level = setting(&mut section, environment, "log", "level", None, log_level);
    section.end();
    Log { json: format.as_deref() == Some("json"), level: level.unwrap_or_else(|| "info".to_owned()) }
}

/// Sections whose work is still to come: named, so that nobody believes they do something.
pub(super) fn not_yet(file: &mut Section) {
    if file.has("mail") {
        let mail = file.section("mail");
        mail.wrong("", "mail is not available yet; leave the section out");
    } else {
        let _ = file.section("mail");
    }
}

pub(super) fn catalog(file: &mut Section) -> Catalog {
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
