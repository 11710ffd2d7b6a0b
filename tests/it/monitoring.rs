//! What Prometheus reads, over HTTP, through a reader that takes nothing but the format.

use std::collections::BTreeMap;
use std::time::Duration;

use usher::store;

use crate::scim_support::Pushing;
use crate::support::{TestApp, client};

/// Values by name and labels as written.
type Read = BTreeMap<String, f64>;

fn scrape(app: &TestApp, method: &str, path: &str) -> (u16, String, String) {
    let address = app.metrics.expect("metrics are configured");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let method = method.parse::<reqwest::Method>().expect("a method");
        let answer = client().request(method, format!("http://{address}{path}")).send().await.expect("an answer");
        let kind = answer.headers().get("content-type").map_or("", |value| value.to_str().expect("ASCII")).to_owned();
        (answer.status().as_u16(), kind, answer.text().await.expect("UTF-8"))
    })
}

/// Reads the exposition format 0.0.4 and fails at whatever it does not allow: a sample outside its family, a family told twice, a
/// label that is not closed, a value that is no number.
fn parse(text: &str) -> Read {
    assert!(text.ends_with('\n'), "the last line ends");
    let (mut families, mut family, mut read) = (Vec::new(), String::new(), Read::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect("a help text");
            assert!(!help.is_empty() && !families.contains(&name.to_owned()), "{line}");
            families.push(name.to_owned());
            family = name.to_owned();
            let kind = lines.next().and_then(|line| line.strip_prefix("# TYPE ")).expect("a type follows");
            let (named, kind) = kind.split_once(' ').expect("a kind");
            assert!(named == family && matches!(kind, "counter" | "gauge"), "{kind}");
            assert_eq!(kind == "counter", family.ends_with("_total"), "{family}");
            continue;
        }
        let (labels, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("a sample: {line}"));
        let (name, labels) = labels.split_once('{').map_or((labels, None), |(name, rest)| (name, Some(rest)));
        assert_eq!(name, family, "a sample stands in its family");
        if let Some(labels) = labels {
            check_labels(labels, line);
        }
        let key = line.rsplit_once(' ').expect("a sample").0.to_owned();
        let value = value.parse::<f64>().unwrap_or_else(|_| panic!("a number: {line}"));
        assert!(read.insert(key, value).is_none(), "twice: {line}");
    }
    read
}

fn check_labels(text: &str, line: &str) {
    let mut rest = text;
    loop {
        let (name, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("a label: {line}"));
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{line}");
        let mut characters = after.char_indices();
        let end = loop {
            match characters.next().unwrap_or_else(|| panic!("an open label: {line}")) {
                (_, '\\') => assert!(matches!(characters.next(), Some((_, '\\' | '"' | 'n'))), "an escape: {line}"),
                (at, '"') => break at,
                _ => {}
            }
        };
        rest = &after[end + 1..];
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return assert_eq!(rest, "}", "{line}"),
        }
    }
}

fn app() -> TestApp {
    TestApp::configured("[metrics]\nlisten = \"127.0.0.1:0\"", |_| {}, |_| {})
}

fn read(app: &TestApp) -> Read {
    let (status, kind, text) = scrape(app, "GET", "/metrics");
    assert_eq!((status, kind.as_str()), (200, "text/plain; version=0.0.4; charset=utf-8"), "{text}");
    parse(&text)
}

#[test]
fn what_happened_and_how_things_stand_is_read() {
    let app = app();
    let mut anna = app.browser();
    assert_eq!(anna.sign_in("anna@acme.example", &["owners", "premium"], "/").status, 303);
    assert_eq!(app.browser().sign_in("otto@acme.example", &["strangers"], "/").refusal(), "no_group_access");
    assert_eq!(app.browser().get("/sign-in/finish?code=nonsense").refusal(), "sign_in_expired");
    assert_eq!(anna.forward("/auth/nginx", "https://wiki.acme.example/").status, 200);
    assert_eq!(app.browser().forward("/auth/nginx", "https://wiki.acme.example/").status, 401);
    let idp = Pushing::new(&app);
    assert_eq!(idp.send("GET", "/Users", &[], None).status, 200);
    assert_eq!(idp.send("GET", "/Nothing", &[], None).status, 404);
    assert_eq!(Pushing::with(&app, None).send("DELETE", "/Users/1", &[], None).status, 401);
    let read = read(&app);
    for (what, expected) in [
        (format!("usher_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")).as_str(), 1.0),
        ("usher_sign_ins_total{result=\"admitted\"}", 1.0),
        ("usher_sign_ins_total{result=\"no_group_access\"}", 1.0),
        ("usher_sign_ins_total{result=\"sign_in_expired\"}", 1.0),
        ("usher_forward_auth_total{status=\"200\"}", 1.0),
        ("usher_forward_auth_total{status=\"401\"}", 1.0),
        ("usher_scim_requests_total{method=\"GET\",status=\"200\"}", 1.0),
        ("usher_scim_requests_total{method=\"GET\",status=\"404\"}", 1.0),
        ("usher_scim_requests_total{method=\"DELETE\",status=\"401\"}", 1.0),
        ("usher_sessions", 1.0),
        ("usher_members{organization=\"acme-work\"}", 1.0),
        ("usher_seats_bought{organization=\"acme-work\",seat=\"premium\"}", 2.0),
        ("usher_seats_used{organization=\"acme-work\",seat=\"premium\"}", 1.0),
        ("usher_seats_used{organization=\"acme-work\",seat=\"standard\"}", 0.0),
        ("usher_domains{state=\"verified\"}", 1.0),
        ("usher_domains{state=\"lost\"}", 0.0),
    ] {
        assert_eq!(read.get(what), Some(&expected), "{what} in {read:#?}");
    }
    let ends = read.iter().find(|(what, _)| what.starts_with("usher_cert_expiry_seconds{kind=\"idp_certificate\""));
    assert_eq!(ends.map(|(_, left)| *left), Some(54_000.0), "until midnight: {read:#?}");
    let personal = read.keys().find(|what| what.contains('@') || what.contains("anna"));
    assert_eq!(personal, None, "nobody is named");
}

#[test]
fn values_are_of_the_moment_they_are_asked_for() {
    let app = app();
    let left = |read: &Read| {
        read.iter().find(|(what, _)| what.contains("idp_certificate")).map(|(_, left)| *left).expect("a certificate")
    };
    let before = left(&read(&app));
    app.clock.advance(Duration::from_secs(90_000));
    let parent = app.parent;
    app.change(move |tx| {
        let name = usher::identity::DomainName::parse("new.example").expect("a domain");
        store::domains::add(tx, parent, &name, "challenge", usher::clock::Timestamp::from_millis(0))
    });
    let after = read(&app);
    assert_eq!((before, left(&after)), (54_000.0, -36_000.0), "negative once it has ended");
    assert_eq!(after.get("usher_domains{state=\"pending\"}"), Some(&1.0));
}

#[test]
fn a_name_with_quotes_and_line_breaks_cannot_forge_a_line() {
    let app = app();
    let parent = app.parent;
    app.change(move |tx| {
        let (now, end) =
            (usher::clock::Timestamp::from_millis(0), usher::clock::Timestamp::from_millis(9_000_000_000_000));
        store::scim_tokens::add(tx, parent, "a\"} 1\nusher_sessions 77\n\\", &[7; 32], now, Some(end))
    });
    let read = read(&app);
    assert_eq!(read.get("usher_sessions"), Some(&0.0));
    let token = read.keys().find(|what| what.contains("scim_token")).expect("the token");
    assert!(token.contains(r#"name="a\"} 1\nusher_sessions 77\n\\ ("#), "{token}");
}

#[test]
fn the_listener_answers_nothing_else_and_the_public_one_does_not_tell() {
    let app = app();
    assert_eq!(scrape(&app, "HEAD", "/metrics").0, 200);
    assert_eq!(scrape(&app, "HEAD", "/metrics").2, "");
    for (method, path) in [
        ("POST", "/metrics"),
        ("DELETE", "/metrics"),
        ("OPTIONS", "/metrics"),
        ("GET", "/"),
        ("GET", "/metrics/"),
        ("GET", "//metrics"),
        ("GET", "/sign-in"),
        ("GET", "/healthz"),
    ] {
        assert_eq!(scrape(&app, method, path).0, 404, "{method} {path}");
    }
    assert_eq!(app.browser().get("/metrics").status, 404);
}
