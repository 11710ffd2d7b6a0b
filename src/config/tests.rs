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
listen = "198.51.100.7:9090"
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
        "metrics.listen: a loopback or private address is expected",
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
fn metrics_are_read_on_an_address_of_their_own_that_the_world_does_not_reach() {
    let listen = |address: &str| parse(&format!("[metrics]\nlisten = {address:?}\n"), &[]);
    assert_eq!(parse("", &[]).expect("valid").metrics.listen, None);
    assert_eq!(listen("").expect("nowhere").metrics.listen, None);
    for good in ["127.0.0.1:9090", "[::1]:9090", "10.1.2.3:9090", "192.168.0.1:1", "[fd00::1]:9090", "0.0.0.0:9090"] {
        assert_eq!(listen(good).expect(good).metrics.listen, good.parse().ok(), "{good}");
    }
    for bad in ["198.51.100.7:9090", "[2001:db8::1]:9090", "9090", "localhost:9090", "127.0.0.1", "127.0.0.1:8080"] {
        assert!(listen(bad).is_err(), "{bad}");
    }
    let said = parse("", &[("USHER_METRICS__LISTEN", "127.0.0.1:9191")]).expect("valid");
    assert_eq!(said.metrics.listen.map(|address| address.port()), Some(9191));
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
            &format!("[server]\npublic_url = \"https://login.example.com\"\n[session]\ncookie_domain = {domain:?}\n"),
            &[],
        )
    };
    assert_eq!(with("example.com").expect("a parent").session.cookie_domain.as_deref(), Some("example.com"));
    for bad in ["example.org", "com", "ample.com"] {
        assert!(with(bad).is_err(), "{bad}");
    }
}

#[test]
fn b40_whoever_shortens_the_whole_session_need_not_name_the_idle_part() {
    let config = parse("", &[("USHER_SESSION__ABSOLUTE", "1h")]).expect("valid");
    assert_eq!((config.session.idle.as_secs(), config.session.absolute.as_secs()), (3600, 3600));
    let told = parse("[session]\nidle = \"2h\"\nabsolute = \"1h\"\n", &[]).expect_err("said so");
    assert!(told[0].contains("session.idle: must not be longer than absolute"), "{told:?}");
}

#[test]
fn a_log_level_is_one_that_logs_something() {
    for good in ["info", "DEBUG", "off", "warn,usher::login=debug", "warn, usher::db=trace"] {
        assert!(parse("", &[("USHER_LOG__LEVEL", good)]).is_ok(), "{good}");
    }
    for bad in ["", "verbose", "infos", "info,", "=debug", "usher=", "usher=loud", "a b=info"] {
        let told = parse("", &[("USHER_LOG__LEVEL", bad)]).expect_err(bad);
        assert!(told[0].starts_with("USHER_LOG__LEVEL: off, error, warn"), "{bad}: {told:?}");
    }
}

#[test]
fn a_mistake_names_where_it_was_made() {
    let flags = Flags { public_url: Some("ftp://x".to_owned()), ..Flags::default() };
    let environment = [("USHER_SERVER__LISTEN".to_owned(), "x".to_owned())];
    let mistakes = Config::parse("[server]\nlanguage = \"fr\"\n", environment.into_iter(), &flags).expect_err("three");
    let told = ConfigError::Mistakes { origin: "usher.toml".to_owned(), mistakes }.to_string();
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[1].starts_with("  usher.toml: line 2, column 12: server.language: "), "{told}");
    assert!(lines[2..].iter().any(|line| line.starts_with("  USHER_SERVER__LISTEN: an address")), "{told}");
    assert!(lines[2..].iter().any(|line| line.starts_with("  --public-url: an https:// URL")), "{told}");
}

#[test]
fn how_fast_identity_providers_push_is_said_in_numbers_within_bounds() {
    let config = parse("", &[]).expect("defaults");
    assert_eq!(config.scim, Scim::default());
    let file = "[scim]\nrequests_per_second = 20\nburst = 100\nbulk_operations = 50\nbulk_bytes = 65536\n";
    let expected = Scim { requests_per_second: 20, burst: 100, bulk_operations: 50, bulk_bytes: 65_536 };
    assert_eq!(parse(file, &[]).expect("valid").scim, expected);
    let config = parse(file, &[("USHER_SCIM__BURST", "7")]).expect("valid");
    assert_eq!(config.scim, Scim { burst: 7, ..expected });
    let bad = "[scim]\nrequests_per_second = 0\nburst = \"many\"\nbulk_operations = 2001\nbulk_bytes = -1\nspeed = 3\n";
    let told = parse(bad, &[("USHER_SCIM__BULK_BYTES", "1e6")]).expect_err("all of it").join("\n");
    for expected in [
        "scim.requests_per_second: a whole number from 1 to 100000 is expected",
        "scim.burst: a whole number is expected, this is a text",
        "scim.bulk_operations: a whole number from 1 to 2000 is expected",
        "scim.bulk_bytes: a whole number from 65536 to 16777216 is expected",
        "USHER_SCIM__BULK_BYTES: a whole number from 65536 to 16777216 is expected",
        "scim.speed: unknown key",
    ] {
        assert!(told.contains(expected), "{expected} is missing in:\n{told}");
    }
}
