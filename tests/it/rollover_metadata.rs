//! What an identity provider's metadata says by now, read over the network while people sign in.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use usher::clock::Clock as _;
use usher::demo::issuer::{IssuerKey, KeyKind, Person, ResponseSpec, idp_metadata};
use usher::store;

use crate::support::{Answer, Browser, IDP, SSO, TestApp};

const ANNA: Person<'static> =
    Person { name_id: "id-of-anna", email: "anna@acme.example", name: "Anna", groups: &["everyone"] };
const PAGE: &str = "/operator/connections/acme";

/// Serves what it is told to, and the URL of it.
fn host() -> (String, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/metadata", listener.local_addr().expect("an address"));
    let document = Arc::new(Mutex::new(String::new()));
    let served = document.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = stream.read(&mut [0; 4096]);
            let body = served.lock().expect("not poisoned").clone();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    (url, document)
}

fn app(url: &str) -> TestApp {
    TestApp::configured("allow_private_idp = true", |_| {}, |settings| settings.metadata_url = Some(url.to_owned()))
}

fn another_key(app: &TestApp) -> IssuerKey {
    let (now, day) = (app.clock.now(), std::time::Duration::from_secs(86_400));
    IssuerKey::generate(KeyKind::Rsa, "next", now.minus(day), now.plus(day)).expect("a key")
}

/// Signs Anna in with an answer signed by this key.
fn sign_in_with(app: &TestApp, key: &IssuerKey) -> Answer {
    let mut browser = app.browser();
    let (id, relay_state) = browser.start("/");
    let spec: ResponseSpec = browser.response(ANNA, Some(&id));
    let xml = spec.xml(key);
    browser.answer(&xml, &relay_state)
}

/// The mark of what the page would accept.
fn shown(page: &Answer) -> String {
    let rest = page.body.split("name=\"shown\" value=\"").nth(1).expect("something waits");
    rest.split('"').next().expect("a value").to_owned()
}

fn read_now(operator: &mut Browser<'_>) -> Answer {
    operator.post(&format!("{PAGE}/metadata"), &[])
}

#[test]
fn x113_a_new_certificate_over_plain_http_counts_once_it_was_accepted() {
    let (url, document) = host();
    let app = app(&url);
    let next = another_key(&app);
    let mut operator = app.browser();
    operator.become_operator();
    *document.lock().expect("ours") = idp_metadata(IDP, SSO, &[app.idp.certificate_der(), next.certificate_der()]);
    let read = read_now(&mut operator);
    assert_eq!(read.location(), format!("{PAGE}#theirs"), "{read:?}");
    assert_eq!(sign_in_with(&app, &next).refusal(), "assertion_invalid", "seen is not believed");
    assert_eq!(sign_in_with(&app, &app.idp).status, 303, "the control");

    let looked_at = shown(&operator.get(PAGE));
    // Somebody exchanges the metadata between looking and accepting.
    let evil = another_key(&app);
    *document.lock().expect("ours") = idp_metadata(IDP, SSO, &[app.idp.certificate_der(), evil.certificate_der()]);
    read_now(&mut operator);
    let moved = operator.post(&format!("{PAGE}/metadata/accept"), &[("shown", &looked_at)]);
    assert_eq!(moved.status, 409, "what is accepted is what was looked at");
    assert_eq!(sign_in_with(&app, &evil).refusal(), "assertion_invalid");
    // The same certificates, and people are sent elsewhere.
    let elsewhere = "https://evil.example/sso";
    *document.lock().expect("ours") =
        idp_metadata(IDP, elsewhere, &[app.idp.certificate_der(), next.certificate_der()]);
    read_now(&mut operator);
    let moved = operator.post(&format!("{PAGE}/metadata/accept"), &[("shown", &looked_at)]);
    assert!(moved.status == 409 && moved.body.contains(&format!("{SSO} → {elsewhere}")), "{moved:?}");
    assert!(!app.browser().get("/sign-in/acme").location().starts_with(elsewhere));

    *document.lock().expect("ours") = idp_metadata(IDP, SSO, &[app.idp.certificate_der(), next.certificate_der()]);
    read_now(&mut operator);
    let accepted = operator.post(&format!("{PAGE}/metadata/accept"), &[("shown", &looked_at)]);
    assert_eq!(accepted.location(), format!("{PAGE}#theirs"), "{accepted:?}");
    for key in [&app.idp, &next] {
        assert_eq!(sign_in_with(&app, key).status, 303, "both count while the identity provider changes its key");
    }
    let again = operator.post(&format!("{PAGE}/metadata/accept"), &[("shown", &looked_at)]);
    assert_eq!(again.status, 409, "nothing waits any more");
    let events = app.events();
    assert_eq!(events.iter().filter(|kind| *kind == "certificate_seen").count(), 3);
    assert_eq!(events.iter().filter(|kind| *kind == "certificate_accepted").count(), 1);
}

#[test]
fn metadata_that_cannot_be_used_changes_nothing_and_says_why() {
    let (url, document) = host();
    let app = app(&url);
    let mut operator = app.browser();
    operator.become_operator();
    let certificate = app.idp.certificate_der();
    for (bad, why) in [
        (idp_metadata("https://evil.example/metadata", SSO, &[certificate]), "expected https://idp.acme.example"),
        (idp_metadata(IDP, SSO, &[]), "signing certificate"),
        ("<html><body>Sign in</body></html>".to_owned(), "EntityDescriptor"),
        (String::new(), "SAML metadata"),
    ] {
        *document.lock().expect("ours") = bad;
        let read = read_now(&mut operator);
        assert!(read.status == 502 && read.body.contains(why), "{why}: {read:?}");
        assert!(operator.get(PAGE).body.contains(why), "{why}: it stays to be seen");
        assert_eq!(sign_in_with(&app, &app.idp).status, 303, "what was read before goes on counting");
    }
    *document.lock().expect("ours") = idp_metadata(IDP, SSO, &[certificate]);
    assert_eq!(read_now(&mut operator).status, 303);
    assert!(!operator.get(PAGE).body.contains("SAML metadata:"), "the trouble is over");
    assert!(!app.events().iter().any(|kind| kind.starts_with("certificate_")));
}

const ADDRESS: &str = "https://idp.acme.example/metadata.xml";

/// A draft that a test has proven, with its metadata by address; the settings as its metadata would be read now.
fn tested(app: &TestApp) -> (usher::connection::Connection, usher::connection::SamlIdp) {
    let now = app.clock.now();
    let changed = app.change(move |tx| {
        let known = store::connections::by_slug(tx, &crate::support::slug("acme"))?.expect("seeded");
        let changed = usher::connection::Connection {
            status: usher::connection::ConnectionStatus::Draft,
            tested: Some(now),
            ..known
        };
        store::connections::update(tx, &changed)?;
        Ok(changed)
    });
    let usher::connection::Protocol::Saml(settings) = &changed.protocol else { panic!("SAML") };
    let idp = settings.idp.clone();
    (changed, idp)
}

fn note(app: &TestApp, id: usher::ids::ConnectionId, address: &'static str, read: usher::connection::SamlIdp) {
    let (catalog, now) = (usher::product::Catalog::built_in(), app.clock.now());
    app.change(move |tx| {
        let actor = usher::audit::Actor::System;
        let context = usher::membership::Context { now, catalog: &catalog, actor, from: None, incident: None };
        usher::rollover::metadata::note(tx, &context, id, address, &read)
    });
}

fn by_address() -> TestApp {
    TestApp::with(|_| {}, |settings| settings.metadata_url = Some(ADDRESS.to_owned()))
}

#[test]
fn b5_what_metadata_changes_has_to_be_tested_again_and_stands_in_the_log() {
    for (what, bend) in [
        ("another sign-in address", (|idp, _| idp.sso_redirect = Some("https://moved.example/sso".to_owned())) as Bend),
        ("another logout address", |idp, _| idp.slo_redirect = Some("https://moved.example/slo".to_owned())),
        ("a certificate beside the known one", |idp, app| {
            let certificate = another_key(app).certificate_der().to_vec();
            idp.certificates.push(usher::saml::read_certificate(&certificate).expect("a certificate"));
        }),
        ("that requests have to be signed", |idp, _| idp.wants_signed_requests = true),
    ] {
        let app = by_address();
        let (known, mut read) = tested(&app);
        bend(&mut read, &app);
        note(&app, known.id, ADDRESS, read);
        let after = app.db.read_one(|tx| store::connections::by_id(tx, known.id)).expect("readable").expect("there");
        assert_ne!(after.protocol, known.protocol, "{what}: taken over");
        assert_eq!(after.tested, None, "{what}: nobody has tested it so");
        let kinds = if what.contains("certificate") { &["certificate_seen", "changed"][..] } else { &["changed"] };
        assert_eq!(app.events(), kinds, "{what}");
    }
    let app = by_address();
    let (known, mut read) = tested(&app);
    read.valid_until = Some(app.clock.now().plus(std::time::Duration::from_secs(86_400)));
    note(&app, known.id, ADDRESS, read);
    let after = app.db.read_one(|tx| store::connections::by_id(tx, known.id)).expect("readable").expect("there");
    assert_eq!(after.tested, known.tested, "that it may be used for another day changes nothing that was tested");
    assert!(app.events().is_empty(), "and is no news");
}

/// Fewer keys are trusted, by reading and by accepting: neither names a certificate that is new.
#[test]
fn b43_a_certificate_that_goes_stands_in_the_log() {
    let app = by_address();
    let second = another_key(&app).certificate_der().to_vec();
    let second = usher::saml::read_certificate(&second).expect("a certificate");
    let (known, one) = tested(&app);
    let mut two = one.clone();
    two.certificates.push(second);
    note(&app, known.id, ADDRESS, two.clone());
    let before = app.events().len();
    note(&app, known.id, ADDRESS, one.clone());
    assert_eq!(app.events()[before..], ["changed"], "read");
    assert!(detail(&app).contains("certificates"), "{}", detail(&app));

    note(&app, known.id, ADDRESS, two);
    app.change(move |tx| {
        let known = store::connections::by_id(tx, known.id)?.expect("there");
        let usher::connection::Protocol::Saml(saml) = known.protocol.clone() else { panic!("SAML") };
        let pending = Some(Box::new(one.clone()));
        let protocol = usher::connection::Protocol::Saml(usher::connection::SamlSettings { pending, ..saml });
        store::connections::update(tx, &usher::connection::Connection { protocol, ..known })
    });
    let mut operator = app.browser();
    operator.become_operator();
    let before = app.events().len();
    let shown = shown(&operator.get(PAGE));
    let accepted = operator.post(&format!("{PAGE}/metadata/accept"), &[("shown", &shown)]);
    assert_eq!(accepted.status, 303, "{accepted:?}");
    assert_eq!(app.events()[before..], ["changed"], "accepted");
    assert!(detail(&app).contains("certificates"), "{}", detail(&app));
}

/// What the latest event says.
fn detail(app: &TestApp) -> String {
    let all =
        app.db.read(|tx| store::audit::list(tx, usher::ids::AuditId(0), usher::clock::Timestamp::from_millis(0), 1000));
    all.expect("readable").pop().expect("an event").detail
}

type Bend = fn(&mut usher::connection::SamlIdp, &TestApp);

#[test]
fn metadata_of_an_address_that_was_replaced_meanwhile_is_not_taken_over() {
    let app = by_address();
    let (known, mut read) = tested(&app);
    read.sso_redirect = Some("https://evil.example/sso".to_owned());
    // It was asked for before somebody typed another address.
    note(&app, known.id, "https://old.example/metadata.xml", read);
    let after = app.db.read_one(|tx| store::connections::by_id(tx, known.id)).expect("readable").expect("there");
    assert_eq!(after, known);
    assert!(app.events().is_empty());
}
