//! Configurations of reverse proxies for one application: the examples that the tests run, with the application's names in them.

use url::{Host, Url};

use crate::apps::{HEADERS, IdentityHeaders};
use crate::config::{Config, Tls};
use crate::organization::{Application, HeaderPreset};

/// What to paste.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The proxy, and part of the element's id.
    pub proxy: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The configuration.
    pub text: String,
}

const NGINX: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/proxies/nginx.conf"));
const CADDY: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/proxies/Caddyfile"));
const TRAEFIK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/proxies/traefik.yml"));
const TRAEFIK_STATIC: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/proxies/traefik-static.yml"));

/// Where a proxy reaches the gateway: where it listens, or by its public name where that is what its certificate is for.
pub(super) fn usher_at(config: &Config) -> String {
    let listen = config.server.listen;
    match config.tls {
        Tls::Off if listen.ip().is_unspecified() => format!("http://127.0.0.1:{}", listen.port()),
        Tls::Off => format!("http://{listen}"),
        Tls::Files { .. } => config.server.base().to_owned(),
    }
}

/// The application's place, made of nothing but letters, digits, dots, dashes, underscores, and the brackets and colons of an
/// IPv6 address: so no language here needs an escape.
struct Place {
    origin: String,
    host: String,
    port: Option<u16>,
    https: bool,
}

impl Place {
    fn of(application: &Application) -> Option<Self> {
        let origin = Application::origin(&application.url)?;
        let url = Url::parse(&origin).ok()?;
        let host = match url.host()? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => format!("[{address}]"),
        };
        Some(Self { origin, host, port: url.port(), https: url.scheme() == "https" })
    }
}

/// The headers of a preset beside our own.
fn further(preset: HeaderPreset) -> Vec<String> {
    let sample = IdentityHeaders::new("", "", &[], "", ("", "", None), "");
    let names = sample.pairs(preset).into_iter().map(|(name, _)| name.to_string());
    names.filter(|name| !HEADERS.contains(&name.as_str())).collect()
}

/// For every proxy.
pub(super) fn all(application: &Application, usher: &str) -> Vec<Snippet> {
    let Some(place) = Place::of(application) else { return Vec::new() };
    let headers = further(application.headers);
    vec![
        Snippet { proxy: "nginx", name: "nginx", text: nginx(&place, &headers, usher) },
        Snippet { proxy: "caddy", name: "Caddy", text: caddy(&place, &headers, application.headers, usher) },
        Snippet {
            proxy: "traefik",
            name: "Traefik",
            text: traefik(&place, &headers, application.slug.as_str(), usher),
        },
        Snippet { proxy: "traefik-static", name: "Traefik (static part)", text: traefik_static(&place) },
    ]
}

/// `x-auth-request-user` as people write it.
fn spelled(name: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

/// An example without the comment at its head, which says what is filled in here.
fn body(example: &str) -> &str {
    example.find("\n\n").filter(|_| example.starts_with('#')).map_or(example, |end| &example[end + 2..])
}

const ADAPT: &str = "# Adapt the application's own address (127.0.0.1:3000) and, if it is another, the gateway's.\n";

fn nginx(place: &Place, headers: &[String], usher: &str) -> String {
    let listen = match (place.https, place.port) {
        (false, None) => "listen 80;".to_owned(),
        (false, Some(port)) => format!("listen {port};"),
        (true, port) => format!(
            "listen {} ssl;\n  ssl_certificate /etc/nginx/certificate.pem;\n  ssl_certificate_key /etc/nginx/key.pem;",
            port.unwrap_or(443)
        ),
    };
    let by_name = if usher.starts_with("https:") { "\n    proxy_ssl_server_name on;" } else { "" };
    let variable = |name: &String| name.replace('-', "_");
    let heard: String = headers
        .iter()
        .map(|name| format!("\n    auth_request_set $app_{0} $upstream_http_{0};", variable(name)))
        .collect();
    let told: String = headers
        .iter()
        .map(|name| format!("\n    proxy_set_header {} $app_{};", spelled(name), variable(name)))
        .collect();
    let last_heard = "auth_request_set $usher_assertion $upstream_http_x_usher_assertion;";
    let last_told = "proxy_set_header X-Usher-Assertion $usher_assertion;";
    let text = body(NGINX)
        .replace("listen 80;", &listen)
        .replace("wiki.example.com", &place.host)
        .replace("proxy_pass http://127.0.0.1:8080/auth/nginx;", &format!("proxy_pass {usher}/auth/nginx;{by_name}"))
        .replace(
            "proxy_pass http://127.0.0.1:8080/auth/forward;",
            &format!("proxy_pass {usher}/auth/forward;{by_name}"),
        )
        .replace(last_heard, &format!("{last_heard}{heard}"))
        .replace(last_told, &format!("{last_told}{told}"));
    format!("{ADAPT}{text}")
}

fn caddy(place: &Place, headers: &[String], preset: HeaderPreset, usher: &str) -> String {
    // Caddy takes away by the end of a name as well: of whatever spelling.
    let (unwanted, named) = match preset {
        HeaderPreset::Usher => ("", ""),
        HeaderPreset::OauthProxy => (
            "\n\t\trequest_header -*User\n\t\trequest_header -*Username\n\t\trequest_header -*Email\n\t\trequest_header -*Groups",
            "|x-auth",
        ),
        HeaderPreset::Authentik => ("\n\t\trequest_header -*authentik*", "|authentik"),
    };
    let by_name = if usher.starts_with("https:") { "\n\t\t\theader_up Host {upstream_hostport}" } else { "" };
    let copied: String = headers.iter().map(|name| format!(" {}", spelled(name))).collect();
    let last = "X-Usher-Assertion";
    let text = body(CADDY)
        .replace("wiki.example.com {", &format!("{} {{", place.origin))
        .replace("request_header -*Usher*", &format!("request_header -*Usher*{unwanted}"))
        .replace("(remote|usher|x-forwarded|cookie)", &format!("(remote|usher|x-forwarded|cookie{named})"))
        .replace("forward_auth 127.0.0.1:8080 {", &format!("forward_auth {usher} {{{by_name}"))
        .replace(&format!("{last}\n"), &format!("{last}{copied}\n"));
    format!("{ADAPT}{text}")
}

/// Every spelling of a name with dashes and underscores.
fn spellings(name: &str) -> Vec<String> {
    name.split('-').fold(Vec::new(), |known: Vec<String>, part| match known.as_slice() {
        [] => vec![part.to_owned()],
        known => known.iter().flat_map(|head| [format!("{head}-{part}"), format!("{head}_{part}")]).collect(),
    })
}

fn traefik(place: &Place, headers: &[String], slug: &str, usher: &str) -> String {
    let cleaned: String = headers
        .iter()
        .flat_map(|name| spellings(&spelled(name)))
        .map(|name| format!("\n          {name}: \"\""))
        .collect();
    let copied: String = headers.iter().map(|name| format!("\n          - {}", spelled(name))).collect();
    let tls = if place.https { "\n      tls: {}" } else { "" };
    let last_cleaned = "X_Usher_Assertion: \"\"";
    let last_copied = "          - X-Usher-Assertion";
    let host = place.host.trim_matches(|c| c == '[' || c == ']');
    let text = body_of_traefik()
        .replace("    wiki:\n", &format!("    {slug}:\n"))
        .replace("      service: wiki\n", &format!("      service: {slug}{tls}\n"))
        .replace("usher-clean", &format!("{slug}-usher-clean"))
        .replace(", usher]", &format!(", {slug}-usher]"))
        .replace("    usher:\n", &format!("    {slug}-usher:\n"))
        .replace("wiki.example.com", host)
        .replace("http://127.0.0.1:8080", usher)
        .replace(last_cleaned, &format!("{last_cleaned}{cleaned}"))
        .replace(last_copied, &format!("{last_copied}{copied}"));
    format!(
        "{ADAPT}# The static part below belongs to it: without its aliasHeadersStrategy, spellings such as X.Usher.Role reach the application.\n{text}"
    )
}

fn body_of_traefik() -> &'static str {
    TRAEFIK.find("http:\n").map_or(TRAEFIK, |start| &TRAEFIK[start..])
}

fn traefik_static(place: &Place) -> String {
    let (name, port) =
        if place.https { ("websecure", place.port.unwrap_or(443)) } else { ("web", place.port.unwrap_or(80)) };
    let start = TRAEFIK_STATIC.find("entryPoints:\n").unwrap_or(0);
    TRAEFIK_STATIC[start..].replace("  web:\n", &format!("  {name}:\n")).replace("\":80\"", &format!("\":{port}\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ApplicationId, OrganizationId, Slug};

    fn application(slug: &str, url: &str, headers: HeaderPreset) -> Application {
        Application {
            id: ApplicationId(1),
            organization: OrganizationId(1),
            slug: Slug::parse(slug).expect("a slug"),
            name: "</code><script>alert(1)</script>".to_owned(),
            url: url.to_owned(),
            roles: Vec::new(),
            seats: Vec::new(),
            headers,
        }
    }

    fn lines(text: &str) -> Vec<&str> {
        text.lines().filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty()).collect()
    }

    fn of(snippets: &[Snippet], proxy: &str) -> String {
        snippets.iter().find(|snippet| snippet.proxy == proxy).map(|snippet| snippet.text.clone()).unwrap_or_default()
    }

    #[test]
    fn for_the_examples_application_it_is_the_example_that_the_tests_run() {
        let all = all(&application("wiki", "http://wiki.example.com", HeaderPreset::Usher), "http://127.0.0.1:8080");
        assert_eq!(lines(&of(&all, "nginx")), lines(NGINX));
        let caddy = of(&all, "caddy").replace("http://wiki", "wiki").replace("forward_auth http://", "forward_auth ");
        assert_eq!(lines(&caddy), lines(CADDY));
        let traefik = of(&all, "traefik").replace("wiki-usher", "usher");
        assert_eq!(lines(&traefik), lines(TRAEFIK));
        assert_eq!(lines(&of(&all, "traefik-static")), lines(TRAEFIK_STATIC));
    }

    #[test]
    fn every_header_of_a_preset_is_taken_from_the_client_and_set_from_our_answer() {
        for preset in HeaderPreset::ALL {
            let all = all(&application("board", "https://board.example.com:8443", preset), "https://login.example.com");
            let (nginx, caddy, traefik) = (of(&all, "nginx"), of(&all, "caddy"), of(&all, "traefik"));
            assert!(nginx.contains("listen 8443 ssl;") && nginx.contains("server_name board.example.com;"), "{nginx}");
            assert!(caddy.contains("\nhttps://board.example.com:8443 {\n"), "{caddy}");
            assert!(
                traefik.contains("Host(`board.example.com`)") && traefik.contains("\n      tls: {}\n"),
                "{traefik}"
            );
            for name in HEADERS.into_iter().map(str::to_owned).chain(further(preset)) {
                let (name, variable) = (spelled(&name), name.replace('-', "_"));
                assert!(nginx.contains(&format!("$upstream_http_{variable};")), "{name}: {nginx}");
                assert!(nginx.contains(&format!("proxy_set_header {name} $")), "{name}: {nginx}");
                let copied = caddy.lines().find(|line| line.contains("copy_headers")).unwrap_or_default();
                assert!(copied.split(' ').any(|copied| copied == name), "{name}: {copied}");
                let taken = caddy.lines().filter_map(|line| line.trim().strip_prefix("request_header -"));
                let fits = |pattern: &str| match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
                    (Some(_), Some(_)) => name.to_lowercase().contains(&pattern.to_lowercase().replace('*', "")),
                    (Some(end), None) => name.ends_with(end),
                    (None, Some(start)) => name.starts_with(start),
                    (None, None) => name == pattern,
                };
                assert!(taken.into_iter().any(fits), "{name}: {caddy}");
                assert!(traefik.contains(&format!("          {name}: \"\"\n")), "{name}: {traefik}");
                assert!(traefik.contains(&format!("          - {name}\n")), "{name}: {traefik}");
            }
        }
        assert_eq!(spellings("A-B-C"), ["A-B-C", "A-B_C", "A_B-C", "A_B_C"]);
    }

    #[test]
    fn an_address_that_could_break_out_of_a_configuration_gets_none() {
        for url in ["https://a;b.example", "https://a`b.example", "https://a}{b.example", "https://$host", "nonsense"] {
            assert_eq!(all(&application("x", url, HeaderPreset::Usher), "http://127.0.0.1:8080"), [], "{url}");
        }
        let odd = all(&application("x", "http://[2001:db8::1]:81/%0a;}", HeaderPreset::Usher), "http://127.0.0.1:8080");
        assert!(of(&odd, "nginx").contains("server_name [2001:db8::1];") && !of(&odd, "nginx").contains("%0a"));
        assert!(odd.iter().all(|snippet| !snippet.text.contains("script")), "the name is in no configuration");
    }
}
