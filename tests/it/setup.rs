//! From an empty database to a connection that is ready for its test: the operator's setup, step by step.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, Stdio};

use usher::connection::{ConnectionStatus, Protocol};
use usher::demo::issuer::idp_metadata;
use usher::identity::DomainName;
use usher::store;

use crate::commands::Shell;
use crate::dns_server::{DnsServer, Entry};
use crate::support::{Browser, IDP, SSO, TestApp, client, slug};

/// Serves one document to everybody, and the address of it.
fn host(document: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/metadata", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = stream.read(&mut [0; 4096]);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", document.len());
            let _ = stream.write_all(format!("{head}{document}").as_bytes());
        }
    });
    address
}

fn metadata(app: &TestApp) -> String {
    idp_metadata(IDP, SSO, &[app.idp.certificate_der()])
}

fn operator(app: &TestApp) -> Browser<'_> {
    let mut operator = app.browser();
    operator.become_operator();
    operator
}

/// Posts a form twice, as an impatient finger does: the second time changes nothing and leads to the same place.
fn twice(app: &TestApp, operator: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let before = app.events().len();
    let first = operator.post(path, fields);
    assert_eq!(first.status, 303, "{path}: {first:?}");
    let event = app.events().get(before).cloned().unwrap_or_default();
    assert!(["added", "person_created"].contains(&event.as_str()), "{path}: {event:?} (rule B43)");
    let events = app.events().len();
    let second = operator.post(path, fields);
    assert_eq!((second.status, second.location()), (303, first.location()), "{path}");
    assert_eq!(app.events().len(), events, "{path}: nothing was done twice");
    first.location().to_owned()
}

#[test]
fn step_by_step_a_parent_comes_to_a_connection_that_can_be_tested() {
    let dns = DnsServer::start();
    let server = format!("allow_private_idp = true\ndns_servers = [\"{}\"]", dns.address);
    let app = TestApp::configured(&server, |_| {}, |_| {});
    let mut operator = operator(&app);
    assert!(operator.get("/operator").body.contains("href=\"/operator/setup\""));
    let parent = [("name", "Beta & Sons"), ("slug", "beta"), ("plan", "team")];
    assert_eq!(twice(&app, &mut operator, "/operator/setup", &parent), "/operator/parents/beta");
    let page = operator.get("/operator/parents/beta").body;
    assert!(page.contains("Beta &#38; Sons") && page.contains("0 of 6 steps"), "{page}");

    let organization = [
        ("name", "Beta Work"),
        ("slug", "beta-work"),
        ("product", "team"),
        ("seats-team-premium", "1"),
        ("seats-team-standard", "5"),
        ("seats-enterprise-single-enterprise", "9"),
        ("contact", "it@beta.example"),
    ];
    twice(&app, &mut operator, "/operator/parents/beta/organizations", &organization);
    let known =
        app.db.read(|tx| store::organizations::by_slug(tx, &slug("beta-work"))).expect("read").expect("founded");
    assert_eq!((known.mode.as_str(), known.require_sso), ("manual", false), "nobody comes in by themselves");
    let seats = app.db.read(|tx| store::seats::counts(tx, known.id)).expect("read");
    let bought: Vec<_> = seats.iter().map(|seat| (seat.seat_type.as_str(), seat.bought)).collect();
    assert_eq!(bought, [("premium", 1), ("standard", 5)], "another product's seats are none of this one's");

    operator.post("/operator/parents/beta/domains", &[("domain", "beta.example")]);
    let refused = operator
        .post("/operator/parents/beta/administrators", &[("email", "bea@beta.example"), ("organization", "beta-work")]);
    assert_eq!(refused.status, 422, "the domain is not verified yet");
    assert!(refused.body.contains("beta.example is no verified domain"), "{}", refused.body);
    let name = DomainName::parse("beta.example").expect("a domain");
    let parent = known.parent;
    let claim = app.db.read(|tx| store::domains::find(tx, parent, &name)).expect("read").expect("claimed");
    dns.set("beta.example", Entry::txt(&[&claim.challenge]));
    operator.post("/operator/parents/beta/domains/beta.example/check", &[]);
    let administrator = [("email", "bea@beta.example"), ("organization", "beta-work")];
    twice(&app, &mut operator, "/operator/parents/beta/administrators", &administrator);
    let members = app.db.read(|tx| store::members::of_organization(tx, known.id)).expect("read");
    assert_eq!(members.len(), 1);
    assert_eq!(
        (members[0].role.as_str(), members[0].seat.as_ref().map(|seat| seat.as_str())),
        ("owner", Some("premium"))
    );

    let page = operator.get("/operator/parents/beta/connections?idp=okta").body;
    assert!(page.contains("https://login.acme.example/saml/beta-okta/acs"), "{page}");
    assert!(page.contains("Audience URI (SP Entity ID)"), "under the labels of the other side");
    let address = host(metadata(&app));
    let connection = [("idp", "okta"), ("slug", "beta-okta"), ("label", "Okta"), ("metadata_url", address.as_str())];
    let at = twice(&app, &mut operator, "/operator/parents/beta/connections", &connection);
    assert_eq!(at, "/operator/connections/beta-okta");
    let made = app.db.read(|tx| store::connections::by_slug(tx, &slug("beta-okta"))).expect("read").expect("made");
    assert_eq!((made.status, made.tested), (ConnectionStatus::Draft, None), "it signs nobody in");
    assert!(matches!(made.protocol, Protocol::Saml(saml) if saml.metadata_url.as_deref() == Some(address.as_str())));
    let page = operator.get("/operator/connections/beta-okta").body;
    assert!(page.contains("href=\"/operator/parents/beta\""), "the way back to the checklist: {page}");
    assert_eq!(operator.post("/operator/connections/beta-okta/activate", &[]).status, 409, "untested");

    let page = operator.get("/operator/parents/beta").body;
    assert!(page.contains("4 of 6 steps") && page.contains("href=\"/operator/connections/beta-okta\""), "{page}");
    assert!(page.contains("bea@beta.example (Beta Work)"), "{page}");
    let kinds = app.events();
    for kind in ["added", "seats_bought", "domain_verified", "person_created"] {
        assert!(kinds.iter().any(|known| known == kind), "{kind}: {kinds:?}");
    }
}

#[test]
fn an_openid_connection_is_made_from_what_the_provider_says_of_itself() {
    let app = TestApp::configured("allow_private_idp = true", |_| {}, |_| {});
    let mut operator = operator(&app);
    let path = "/operator/parents/acme/connections";
    let with = |issuer: &str, secret: &str, expires: &str| {
        [
            ("idp", "keycloak-oidc"),
            ("slug", "acme-kc"),
            ("label", "Keycloak"),
            ("issuer", issuer),
            ("client_id", "usher"),
            ("client_secret", secret),
            ("expires", expires),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let secret = "s3cret-that-nobody-sees-again";
    for (issuer, secret, expires, told) in [
        ("https://login.microsoftonline.com/common/v2.0", secret, "", "of your own tenant"),
        ("not an address", secret, "", "Please enter the issuer"),
        ("http://127.0.0.1:9/", "", "", "Please enter the client secret"),
        ("http://127.0.0.1:9/", secret, "2001-01-01", "a day that is still to come"),
        ("http://127.0.0.1:9/", secret, "", "It cannot be read"),
    ] {
        let fields = with(issuer, secret, expires);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = operator.post(path, &fields);
        assert_eq!(answer.status, 422, "{issuer}: {answer:?}");
        assert!(answer.body.contains(told), "{issuer}: {}", answer.body);
        assert!(!answer.body.contains("s3cret"), "a secret is never shown again");
        assert!(answer.body.contains("value=\"usher\""), "what was typed stays");
    }
    assert!(app.db.read(|tx| store::connections::by_slug(tx, &slug("acme-kc"))).expect("read").is_none());
}

#[test]
fn what_cannot_be_is_said_and_nothing_is_written() {
    let app = TestApp::start();
    let mut operator = operator(&app);
    let before = app.events();
    let hostile = "<script>alert(1)</script>";
    let text = metadata(&app);
    for (path, fields, status, told) in [
        ("/operator/setup", vec![("name", ""), ("slug", "Beta!"), ("plan", "gold")], 422, "small letters"),
        ("/operator/setup", vec![("name", "Other"), ("slug", "acme"), ("plan", "team")], 422, "taken already"),
        ("/operator/setup", vec![("name", hostile), ("slug", hostile), ("plan", "team")], 422, "&#60;script&#62;"),
        (
            "/operator/parents/acme/organizations",
            vec![("name", "X"), ("slug", "acme-x"), ("product", "wiki")],
            422,
            "choose one of these",
        ),
        (
            "/operator/parents/acme/organizations",
            vec![("name", "X"), ("slug", "acme-x"), ("product", "team"), ("seats-team-premium", "-1")],
            422,
            "whole number",
        ),
        (
            "/operator/parents/acme/organizations",
            vec![("name", "X"), ("slug", "acme-work"), ("product", "console")],
            422,
            "taken already",
        ),
        ("/operator/parents/nobody/organizations", vec![("name", "X"), ("slug", "x"), ("product", "team")], 404, ""),
        (
            "/operator/parents/acme/administrators",
            vec![("email", "eve@evil.example"), ("organization", "acme-work")],
            422,
            "evil.example is no verified domain",
        ),
        (
            "/operator/parents/acme/administrators",
            vec![("email", "eve@acme.example"), ("organization", "other-work")],
            422,
            "choose one of these",
        ),
        (
            "/operator/parents/acme/connections",
            vec![("idp", "saml"), ("slug", "acme-2"), ("label", "X"), ("metadata", "<rubbish")],
            422,
            "The metadata cannot be used",
        ),
        (
            "/operator/parents/acme/connections",
            vec![
                ("idp", "saml"),
                ("slug", "acme-2"),
                ("label", "X"),
                ("metadata", &text),
                ("metadata_url", "https://idp.acme.example/m"),
            ],
            422,
            "not both",
        ),
        (
            "/operator/parents/acme/connections",
            vec![("idp", "saml"), ("slug", "acme-2"), ("label", "X")],
            422,
            "enter the address of the metadata",
        ),
        (
            "/operator/parents/acme/connections",
            vec![("idp", "saml"), ("slug", "acme-2"), ("label", "X"), ("metadata_url", "https://127.0.0.1/m")],
            422,
            "private or loopback address",
        ),
        (
            "/operator/parents/acme/connections",
            vec![("idp", "saml"), ("slug", "finish"), ("label", "X"), ("metadata", &text)],
            422,
            "small letters",
        ),
        (
            "/operator/parents/acme/connections",
            vec![("idp", "oidc"), ("slug", "acme"), ("label", "X"), ("metadata", &text)],
            422,
            "Please enter the issuer",
        ),
    ] {
        let answer = operator.post(path, &fields);
        assert_eq!(answer.status, status, "{path} {fields:?}: {answer:?}");
        assert!(answer.body.contains(told), "{path} {fields:?}: {}", answer.body);
        assert!(!answer.body.contains("<script>alert"), "{path}");
    }
    assert_eq!(app.events(), before, "nothing was written");
    let pasted = [("idp", "saml"), ("slug", "acme-2"), ("label", "X"), ("metadata", text.as_str())];
    assert_eq!(operator.post("/operator/parents/acme/connections", &pasted).status, 303, "the control");
}

#[test]
fn what_is_alike_elsewhere_is_not_what_was_asked_for() {
    let app = TestApp::start();
    let mut operator = operator(&app);
    assert_eq!(operator.post("/operator/setup", &[("name", "Beta"), ("slug", "beta"), ("plan", "team")]).status, 303);
    let before = app.events();
    let (text, other) =
        (metadata(&app), idp_metadata("https://evil.example/metadata", SSO, &[app.idp.certificate_der()]));
    let connection = |text| vec![("idp", "saml"), ("slug", "acme"), ("label", "Acme IdP"), ("metadata", text)];
    for (what, path, fields) in [
        (
            "another parent's organization",
            "/operator/parents/beta/organizations",
            vec![("name", "Acme Work"), ("slug", "acme-work"), ("product", "team")],
        ),
        ("another parent's connection", "/operator/parents/beta/connections", connection(text.as_str())),
        ("another identity provider", "/operator/parents/acme/connections", connection(other.as_str())),
    ] {
        let answer = operator.post(path, &fields);
        assert_eq!(answer.status, 422, "{what}: {answer:?}");
        assert!(answer.body.contains("taken already"), "{what}: {}", answer.body);
    }
    assert_eq!(app.events(), before);
    assert_eq!(operator.post("/operator/parents/acme/connections", &connection(&text)).status, 303, "the control");
}

#[test]
fn whoever_is_no_operator_founds_nothing() {
    let app = TestApp::start();
    let mut anna = app.browser();
    anna.sign_in("anna@acme.example", &["owners"], "/");
    let before = app.events();
    for (path, fields) in [
        ("/operator/setup", vec![("name", "Beta"), ("slug", "beta"), ("plan", "team")]),
        ("/operator/parents/acme/organizations", vec![("name", "X"), ("slug", "x"), ("product", "team")]),
        ("/operator/parents/acme/administrators", vec![("email", "anna@acme.example"), ("organization", "acme-work")]),
    ] {
        let answer = anna.post(path, &fields);
        assert!(matches!(answer.status, 303 | 401 | 403 | 404), "{path}: {answer:?}");
        let mut operator = operator(&app);
        let foreign = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
        assert_eq!(operator.post_with(path, &foreign, &fields).status, 403, "{path}: another site's form");
    }
    let made = app.events().into_iter().filter(|kind| !kind.starts_with("operator_link")).count();
    assert_eq!(made, before.len(), "nothing was founded");
}

/// Stopped with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_empty_installation_prints_a_link_that_opens_the_setup_once() {
    let shell = Shell::new();
    let child = shell.command().arg("serve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("started");
    let mut serving = Serving(child);
    let mut lines = BufReader::new(serving.0.stdout.take().expect("its output")).lines();
    let link = lines.by_ref().map_while(Result::ok).find(|line| line.contains("/recover?token=")).expect("a link");
    let token = link.split("token=").nth(1).expect("a token").trim().to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let open = |token: &str| {
        let url = format!("http://127.0.0.1:{}/recover", shell.port);
        let request = client().post(url).header("content-type", "application/x-www-form-urlencoded");
        runtime.block_on(async {
            let answer = request.body(format!("token={token}")).send().await.expect("an answer");
            let location = answer.headers().get("location").map(|to| to.to_str().expect("ASCII").to_owned());
            (answer.status().as_u16(), location)
        })
    };
    assert_eq!(open(&token), (303, Some("/operator/setup".to_owned())));
    assert_eq!(open(&token).1, None, "it works once");
    drop(serving);
    shell.organizations(|file| file);
    shell.says(0, &["apply", "organizations.toml", "--yes"]);
    let child = shell.command().arg("serve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("started");
    let mut serving = Serving(child);
    for _ in 0..600 {
        if shell.run(&["health"]).status.success() {
            break;
        }
        std::thread::yield_now();
    }
    let output = serving.0.stdout.take().expect("its output");
    drop(serving);
    let rest: Vec<String> = BufReader::new(output).lines().map_while(Result::ok).collect();
    assert_eq!(rest, Vec::<String>::new(), "where something is set up, no link is printed");
}

#[test]
fn b43_the_log_tells_that_an_operators_link_was_used() {
    let app = TestApp::start();
    let mut operator = app.browser();
    operator.become_operator();
    assert_eq!(app.events(), ["operator_link_used"]);
    let spent = app.browser().post("/recover", &[("token", &usher::secrets::Token::new().text())]);
    assert!(spent.status >= 400 && app.events().len() == 1, "one that does not exist is not used: {spent:?}");
}

#[test]
fn seats_beyond_all_measure_are_not_bought() {
    let app = TestApp::start();
    let mut operator = operator(&app);
    let mut found = |premium: &str| {
        let fields = [("name", "Big"), ("slug", "big"), ("product", "team"), ("seats-team-premium", premium)];
        operator.post("/operator/parents/acme/organizations", &fields).status
    };
    for wrong in ["1000001", "4294967295", "4294967296", "-1", "1.5", "many"] {
        assert_eq!(found(wrong), 422, "{wrong}");
    }
    assert!(app.db.read(|tx| store::organizations::by_slug(tx, &slug("big"))).expect("read").is_none());
    assert_eq!(found("1000000"), 303, "the control");
}
