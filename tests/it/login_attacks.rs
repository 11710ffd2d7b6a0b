//! Attacks on the way of a sign-in that only show over HTTP: what is replayed, put elsewhere, or guessed.

use std::collections::BTreeSet;

use usher::demo::issuer::{Person, encode};
use usher::saml::inflate;

use usher::db::TxExt as _;

use crate::support::{Browser, IDP, PUBLIC, TestApp, slug};

const ANNA: Person<'static> =
    Person { name_id: "id-of-anna", email: "anna@acme.example", name: "Anna", groups: &["owners"] };

/// The same signed assertion in an outer message that nobody has seen yet.
fn in_a_new_wrapper(xml: &str) -> String {
    let (_, rest) = xml.split_once(" ID=\"").expect("an ID");
    let (id, _) = rest.split_once('"').expect("an ID");
    xml.replacen(id, "_another-wrapper", 1)
}

fn started(browser: &mut Browser<'_>) -> (String, String) {
    let (id, relay_state) = browser.start("/");
    (browser.response(ANNA, Some(&id)).xml(&browser.app.idp), relay_state)
}

#[test]
fn x83_a_used_assertion_is_not_believed_in_a_new_message() {
    let app = TestApp::with(|_| {}, |settings| settings.idp_initiated = true);
    let mut anna = app.browser();
    let (xml, relay_state) = started(&mut anna);
    let again = in_a_new_wrapper(&xml);
    assert_ne!(xml, again);
    assert_eq!(anna.answer(&xml, &relay_state).status, 303);
    assert_eq!(anna.answer(&again, &relay_state).refusal(), "assertion_replayed");
    let (_, another) = anna.start("/");
    assert_eq!(anna.answer(&again, &another).refusal(), "assertion_invalid", "it answers another request");
    let unasked = anna.response(ANNA, None).xml(&app.idp);
    assert_eq!(anna.answer(&unasked, "").status, 303);
    assert_eq!(anna.answer(&in_a_new_wrapper(&unasked), "").refusal(), "assertion_replayed");
}

#[test]
fn x99_an_address_of_another_domain_is_refused_however_it_is_written() {
    let app = TestApp::start();
    for (email, expected) in [
        ("anna@other.example", "domain_not_verified"),
        ("anna@sub.acme.example", "domain_not_verified"),
        ("anna@acme.example.other.example", "domain_not_verified"),
        ("anna@acm\u{435}.example", "domain_not_verified"),
        ("anna@acme.example@other.example", "assertion_invalid"),
        ("anna@other.example,anna@acme.example", "assertion_invalid"),
        ("<anna@acme.example>", "assertion_invalid"),
    ] {
        let person = Person { email, ..ANNA };
        assert_eq!(app.browser().sign_in_as(person, "/", |_| {}).refusal(), expected, "{email}");
    }
    assert_eq!(app.browser().sign_in_as(Person { email: "ANNA@Acme.Example", ..ANNA }, "/", |_| {}).status, 303);
}

#[test]
fn x101_a_relay_state_of_64_kb_and_of_markup_goes_nowhere() {
    for idp_initiated in [false, true] {
        let app = TestApp::with(|_| {}, |settings| settings.idp_initiated = idp_initiated);
        let mut anna = app.browser();
        for relay_state in ["<script>alert(1)</script>".repeat(2_600), "\"><img src=x>".to_owned(), "x".repeat(65_536)]
        {
            let xml = anna.response(ANNA, None).xml(&app.idp);
            let answer = anna.answer(&xml, &relay_state);
            let shown = if idp_initiated { anna.get(answer.location()) } else { answer };
            assert_eq!(shown.status, if idp_initiated { 200 } else { 403 });
            assert!(!shown.body.contains("alert(1)") && !shown.body.contains("<img src=x>"), "{}", shown.body);
            assert!(shown.body.len() < 8_000, "nothing of it is repeated");
        }
    }
}

#[test]
fn x102_x103_an_answer_comes_by_post_and_once() {
    let app = TestApp::start();
    let mut anna = app.browser();
    let (xml, relay_state) = started(&mut anna);
    let message = encode(&xml);
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("SAMLResponse", message.as_str()), ("RelayState", &relay_state)])
        .finish();
    assert_eq!(anna.get(&format!("/saml/acme/acs?{query}")).status, 405);
    let in_the_query = anna.post(&format!("/saml/acme/acs?{query}"), &[]);
    assert_eq!((in_the_query.status, in_the_query.header("x-usher-error")), (400, "bad_request"));
    let twice = [("SAMLResponse", message.as_str()), ("RelayState", &relay_state), ("SAMLResponse", "other")];
    assert_eq!(anna.post("/saml/acme/acs", &twice).header("x-usher-error"), "bad_request");
    assert_eq!(anna.answer(&xml, &relay_state).status, 303, "the control: nothing of that used it up");
}

#[test]
fn x114_a_used_assertion_stays_used_when_the_server_starts_again() {
    let mut app = TestApp::with(|_| {}, |settings| settings.idp_initiated = true);
    let (asked, relay_state, unasked) = {
        let mut anna = app.browser();
        let (asked, relay_state) = started(&mut anna);
        let unasked = anna.response(ANNA, None).xml(&app.idp);
        assert_eq!(anna.answer(&asked, &relay_state).status, 303);
        assert_eq!(anna.answer(&unasked, "").status, 303);
        (asked, relay_state, unasked)
    };
    app.restart();
    let mut mallory = app.browser();
    assert_eq!(mallory.answer(&asked, &relay_state).refusal(), "assertion_replayed");
    assert_eq!(mallory.answer(&unasked, "").refusal(), "assertion_replayed");
    let fresh = mallory.response(ANNA, None).xml(&app.idp);
    assert_eq!(mallory.answer(&fresh, "").status, 303, "the control");
}

#[test]
fn x116_every_request_has_128_random_bits() {
    let app = TestApp::start();
    let mut anna = app.browser();
    let mut ids = BTreeSet::new();
    let mut places = vec![BTreeSet::new(); 32];
    for _ in 0..64 {
        let (id, _) = anna.start("/");
        let random = id.strip_prefix('_').expect("an NCName does not begin with a digit").to_owned();
        assert!(random.len() == 32 && random.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
        for (c, seen) in random.chars().zip(&mut places) {
            seen.insert(c);
        }
        ids.insert(random);
    }
    assert_eq!(ids.len(), 64);
    assert!(places.iter().all(|seen| seen.len() >= 8), "no digit of it stands still");
    let sent = anna.get("/sign-in/acme");
    let sent = url::Url::parse(sent.location()).expect("a URL");
    let request = sent.query_pairs().find(|(name, _)| name == "SAMLRequest").expect("there").1.into_owned();
    let request = String::from_utf8(inflate(&request).expect("deflated")).expect("UTF-8");
    assert!(!request.contains("NameIDPolicy") && !request.contains("ForceAuthn"), "SDP-SP04, SP07: {request}");
}

/// Two identity providers beside each other, of which one may be hostile: the same key, so that nothing but the state is wrong.
#[test]
fn a_sign_in_begun_at_one_identity_provider_is_not_answered_by_another() {
    let app = TestApp::start();
    app.change(|tx| {
        let known = usher::store::connections::by_slug(tx, &slug("acme"))?.expect("seeded");
        usher::store::connections::add(tx, &usher::connection::Connection { slug: slug("second"), ..known })
    });
    let mut anna = app.browser();
    let (id, relay_state) = anna.start("/");
    let (entity, acs) = (format!("{PUBLIC}/saml/second/metadata"), format!("{PUBLIC}/saml/second/acs"));
    let now = usher::clock::Clock::now(&*app.clock);
    let mut spec = usher::demo::issuer::ResponseSpec::new(IDP, &entity, &acs, "mixed", now, ANNA);
    spec.in_response_to = Some(id.clone());
    let fields = [("SAMLResponse", encode(&spec.xml(&app.idp))), ("RelayState", relay_state.clone())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let posted = app.browser().post_with("/saml/second/acs", &[("sec-fetch-site", "cross-site")], &fields);
    assert_eq!(posted.refusal(), "sign_in_expired", "nobody waits for an answer of this one");
    let honest = anna.response(ANNA, Some(&id)).xml(&app.idp);
    assert_eq!(anna.answer(&honest, &relay_state).status, 303, "the control: it still waits for its own");
}

#[test]
fn b5_nobody_is_signed_in_through_a_connection_that_was_switched_off_on_the_way() {
    let app = TestApp::start();
    let switch = |status: usher::connection::ConnectionStatus| {
        app.change(move |tx| {
            let known = usher::store::connections::by_slug(tx, &slug("acme"))?.expect("seeded");
            usher::store::connections::update(tx, &usher::connection::Connection { status, ..known })
        });
    };
    let mut anna = app.browser();
    let (before, state) = started(&mut anna);
    let (after, late) = started(&mut anna);
    let posted = anna.answer(&before, &state);
    assert_eq!(posted.status, 303, "{posted:?}");
    for status in [usher::connection::ConnectionStatus::Disabled, usher::connection::ConnectionStatus::Draft] {
        switch(status);
        assert_eq!(anna.answer(&after, &late).status, 404, "{status:?}: no answer is taken");
    }
    let finished = anna.get(posted.location());
    assert_eq!(finished.refusal(), "sign_in_expired", "nor one that was taken before");
    assert!(!anna.cookies.contains_key("__Host-usher"));
    let incident = usher::ids::Incident::parse(finished.header("x-usher-incident")).expect("a code");
    let kept = app.db.read_one(|tx| usher::store::attempts::find(tx, &incident)).expect("readable").expect("kept");
    assert!(kept.record.contains("connection_off"), "{}", kept.record);
}

#[test]
fn a_flood_of_rubbish_is_answered_and_not_written_down_without_end() {
    let app = TestApp::start();
    let kept = || {
        let rows = app.db.read(|tx| tx.all("SELECT count(*) FROM sign_in_attempt", &[], |row| row.int(0)));
        rows.expect("counted")[0]
    };
    let nothing_waits = || app.browser().get("/sign-in/finish?code=none");
    let rubbish = || app.browser().post_with("/saml/acme/acs", &[], &[("SAMLResponse", "x"), ("RelayState", "x")]);
    let logout = || app.browser().get("/saml/acme/slo?SAMLRequest=x");
    for _ in 0..121 {
        assert_eq!(nothing_waits().refusal(), "sign_in_expired");
    }
    assert_eq!(kept(), 120, "so many a minute");
    for answer in [nothing_waits(), rubbish(), logout()] {
        assert!(
            answer.status < 500 && answer.header("x-usher-incident").len() > 5,
            "answered all the same: {answer:?}"
        );
    }
    assert_eq!(kept(), 120);
    app.clock.advance(std::time::Duration::from_secs(60));
    for (n, answer) in [nothing_waits(), rubbish(), logout()].iter().enumerate() {
        assert!(answer.status >= 400, "{n}: {answer:?}");
    }
    assert_eq!(kept(), 123, "the next minute's are");
}
