//! The whole way through HTTP: sign-in, membership, forward-auth, and what must not work.

use std::time::Duration;

use usher::db::V;
use usher::demo::issuer::{Person, Status, sign_element};
use usher::organization::ProvisioningMode;

use crate::support::{PUBLIC, TestApp, WIKI};

const ANNA: &str = "anna@acme.example";

#[test]
fn a_first_sign_in_makes_a_member_and_the_application_is_told() {
    let app = TestApp::start();
    let mut anna = app.browser();
    let asked = anna.forward("/auth/forward", &format!("{WIKI}/page?a=1&b=2"));
    assert_eq!(asked.status, 302, "{asked:?}");
    assert!(asked.location().starts_with(&format!("{PUBLIC}/sign-in?return_to=")), "{}", asked.location());
    assert_eq!(anna.forward("/auth/nginx", WIKI).status, 401);

    let arrived = anna.sign_in(ANNA, &["everyone", "premium"], &format!("{WIKI}/page?a=1&b=2"));
    assert_eq!((arrived.status, arrived.location()), (303, "https://wiki.acme.example/page?a=1&b=2"), "{arrived:?}");
    let cookie = arrived.header("set-cookie");
    assert!(cookie.starts_with("__Host-usher=") && cookie.contains("HttpOnly; SameSite=Lax; Secure"), "{cookie}");

    for endpoint in ["/auth/forward", "/auth/nginx"] {
        let allowed = anna.forward(endpoint, WIKI);
        assert_eq!(allowed.status, 200, "{allowed:?}");
        let told: Vec<&str> = usher::apps::HEADERS[..8].iter().map(|name| allowed.header(name)).collect();
        assert_eq!(told[0..4], [ANNA, "Anna M%C3%BCller", ANNA, "everyone,premium"]);
        assert!(told[4].starts_with("p-"));
        assert_eq!(told[5..], ["acme-work", "user", "premium"]);
    }
    let kinds = app.events();
    assert_eq!(kinds, ["person_created", "member_joined", "signed_in"]);
}

#[test]
fn the_signed_header_verifies_against_the_published_key() {
    let app = TestApp::start();
    let mut anna = app.browser();
    anna.sign_in(ANNA, &["owners", "x,y"], "/");
    let token = anna.forward("/auth/nginx", WIKI).header("x-usher-assertion").to_owned();
    let jwks = app.browser().get("/.well-known/jwks.json");
    let jwks: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&jwks.body).expect("a key set");
    let key = jsonwebtoken::DecodingKey::from_jwk(&jwks.keys[0]).expect("a key");
    let mut checks = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    checks.set_audience(&[format!("{WIKI}/")]);
    checks.validate_exp = false;
    let claims = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &checks).expect("signed").claims;
    assert_eq!((claims["email"].as_str(), claims["role"].as_str()), (Some(ANNA), Some("owner")));
    assert_eq!(claims["groups"], serde_json::json!(["owners", "x,y"]));
    assert!(claims["exp"].as_i64().expect("exp") - claims["iat"].as_i64().expect("iat") <= 60);
    checks.set_audience(&["https://other.example"]);
    assert!(jsonwebtoken::decode::<serde_json::Value>(&token, &key, &checks).is_err(), "for this application only");
}

#[test]
fn b15_role_and_seat_follow_the_groups_at_every_sign_in() {
    let app = TestApp::start();
    let mut anna = app.browser();
    for (groups, role, seat) in [
        (&["everyone"][..], "user", "premium"),
        (&["everyone", "admins"], "admin", "premium"),
        (&["owners", "everyone"], "owner", "premium"),
        (&["everyone"], "user", "premium"),
    ] {
        assert_eq!(anna.sign_in(ANNA, groups, "/").status, 303);
        let told = anna.forward("/auth/nginx", WIKI);
        assert_eq!((told.header("x-usher-role"), told.header("x-usher-seat")), (role, seat), "{groups:?}");
    }
    let kinds = app.events();
    assert_eq!(kinds.iter().filter(|kind| *kind == "member_changed").count(), 3, "{kinds:?}");
}

#[test]
fn b16_without_a_mapped_group_the_membership_ends_and_with_it_every_session() {
    let app = TestApp::start();
    let (mut desk, mut phone) = (app.browser(), app.browser());
    desk.sign_in(ANNA, &["everyone"], "/");
    phone.sign_in(ANNA, &["everyone"], "/");
    assert_eq!(phone.forward("/auth/nginx", WIKI).status, 200);
    let refused = desk.sign_in(ANNA, &["elsewhere"], "/");
    assert_eq!(refused.refusal(), "no_group_access");
    assert!(refused.body.contains("it@acme.example"), "whom to ask");
    assert_eq!(phone.forward("/auth/nginx", WIKI).status, 401, "the other browser's session has ended too");
    let kinds = app.events();
    assert!(kinds.contains(&"member_removed".to_owned()) && kinds.contains(&"sessions_ended".to_owned()));
}

#[test]
fn b16_an_unknown_person_without_a_mapped_group_leaves_no_row() {
    let app = TestApp::start();
    assert_eq!(app.browser().sign_in("nobody@acme.example", &["elsewhere"], "/").refusal(), "no_group_access");
    let people = app.db.read(|tx| usher::store::people::of_parent(tx, app.parent)).expect("readable");
    assert!(people.is_empty());
    assert_eq!(app.events(), ["sign_in_refused"]);
}

#[test]
fn b17_missing_groups_are_refused_and_change_nothing() {
    let app = TestApp::start();
    let mut anna = app.browser();
    anna.sign_in(ANNA, &["owners"], "/");
    let person = Person { name_id: "id-of-anna", email: ANNA, name: "Anna", groups: &[] };
    let refused = anna.sign_in_as(person, "/", |spec| spec.attributes.retain(|(name, _)| name != "groups"));
    assert_eq!(refused.refusal(), "groups_missing");
    let told = anna.forward("/auth/nginx", WIKI);
    assert_eq!((told.status, told.header("x-usher-role")), (200, "owner"), "the session before it still stands");
}

#[test]
fn b13_a_refusal_by_the_identity_provider_is_said_and_used_up() {
    let app = TestApp::start();
    let mut anna = app.browser();
    let person = Person { name_id: "id-of-anna", email: ANNA, name: "Anna", groups: &["owners"] };
    let (id, relay_state) = anna.start("/");
    let mut denied = anna.response(person, Some(&id));
    denied.status = Status::Denied { code: "Responder", detail: "RequestDenied", message: "not assigned" };
    assert_eq!(anna.answer(&denied.xml(&app.idp), &relay_state).refusal(), "idp_denied");
    let good = anna.response(person, Some(&id));
    let late = anna.answer(&good.xml(&app.idp), &relay_state);
    assert_eq!(late.refusal(), "sign_in_expired", "the first answer counts");
}

#[test]
fn b8_an_address_outside_the_verified_domains_is_refused() {
    let app = TestApp::start();
    for email in ["anna@evil.example", "anna@sub.acme.example", "anna@acme.example.evil.example"] {
        let person = Person { name_id: "x", email, name: "Anna", groups: &["owners"] };
        assert_eq!(app.browser().sign_in_as(person, "/", |_| {}).refusal(), "domain_not_verified", "{email}");
    }
}

#[test]
fn b9_a_new_subject_with_a_known_address_is_not_let_into_the_account() {
    let app = TestApp::start();
    app.browser().sign_in(ANNA, &["owners"], "/");
    let other = Person { name_id: "somebody-else", email: ANNA, name: "Mallory", groups: &["owners"] };
    assert_eq!(app.browser().sign_in_as(other, "/", |_| {}).refusal(), "identity_conflict");
}

#[test]
fn b12_without_a_free_seat_a_person_waits() {
    let app = TestApp::start();
    for n in 0..5 {
        let arrived = app.browser().sign_in(&format!("p{n}@acme.example"), &["everyone"], "/");
        assert_eq!(arrived.status, 303, "{arrived:?}");
    }
    assert_eq!(app.browser().sign_in("late@acme.example", &["everyone"], "/").refusal(), "no_free_seat");
    assert!(app.events().contains(&"member_waits".to_owned()));
}

#[test]
fn b10_in_manual_mode_a_stranger_is_no_member() {
    let app = TestApp::with(|organization| organization.mode = ProvisioningMode::Manual, |_| {});
    assert_eq!(app.browser().sign_in(ANNA, &["owners"], "/").refusal(), "not_a_member");
    assert!(app.db.read(|tx| usher::store::people::of_parent(tx, app.parent)).expect("readable").is_empty());
}

#[test]
fn x82_a_replayed_response_is_refused_even_after_the_browser_finished() {
    let app = TestApp::start();
    let mut anna = app.browser();
    let person = Person { name_id: "id-of-anna", email: ANNA, name: "Anna", groups: &["owners"] };
    let (id, relay_state) = anna.start("/");
    let xml = anna.response(person, Some(&id)).xml(&app.idp);
    let first = anna.answer(&xml, &relay_state);
    assert_eq!(first.status, 303);
    assert_eq!(anna.answer(&xml, &relay_state).refusal(), "assertion_replayed");
    let finish = first.location().to_owned();
    assert_eq!(anna.get(&finish).status, 303);
    assert_eq!(anna.get(&finish).refusal(), "sign_in_expired", "the code is used up");
    assert_eq!(anna.answer(&xml, &relay_state).refusal(), "assertion_replayed");
}

#[test]
fn x79_an_answer_is_finished_only_by_the_browser_that_asked() {
    let app = TestApp::start();
    let (mut mallory, mut victim) = (app.browser(), app.browser());
    let person =
        Person { name_id: "id-of-mallory", email: "mallory@acme.example", name: "Mallory", groups: &["everyone"] };
    let (id, relay_state) = mallory.start("/");
    let xml = mallory.response(person, Some(&id)).xml(&app.idp);
    // Mallory's answer in the victim's browser would sign the victim in as Mallory.
    victim.get("/sign-in");
    let posted = victim.answer(&xml, &relay_state);
    let finish = posted.location().to_owned();
    let refused = victim.get(&finish);
    assert_eq!(refused.refusal(), "sign_in_expired");
    let incident = usher::ids::Incident::parse(refused.header("x-usher-incident")).expect("a reference");
    let kept = app.db.read_one(|tx| usher::store::attempts::find(tx, &incident)).expect("readable");
    let kept = kept.expect("b39: the admin finds it under the code");
    assert!(kept.record.contains("another_browser") && kept.record.contains("\"acme\""), "{}", kept.record);
    assert!(!victim.cookies.contains_key("__Host-usher"));
    assert_eq!(app.browser().get(&finish).refusal(), "sign_in_expired", "nor by a browser without any cookie");
    assert_eq!(mallory.get(&finish).status, 303, "the browser that asked may");
}

#[test]
fn x77_an_answer_to_somebody_elses_request_is_refused() {
    let app = TestApp::start();
    let (mut anna, mut bert) = (app.browser(), app.browser());
    let person = Person { name_id: "id-of-anna", email: ANNA, name: "Anna", groups: &["owners"] };
    let (annas_id, _) = anna.start("/");
    let (_, berts_state) = bert.start("/");
    let xml = anna.response(person, Some(&annas_id)).xml(&app.idp);
    assert_eq!(bert.answer(&xml, &berts_state).refusal(), "assertion_invalid");
    assert_eq!(bert.answer(&xml, "").refusal(), "sign_in_expired", "without a state nobody waits");
    assert_eq!(bert.answer(&xml, "https://evil.example").refusal(), "sign_in_expired");
}

#[test]
fn x81_an_answer_that_nobody_asked_for_is_refused_unless_allowed_and_then_confirmed() {
    let person = Person { name_id: "id-of-anna", email: ANNA, name: "Anna", groups: &["owners"] };
    let closed = TestApp::start();
    let mut anna = closed.browser();
    let xml = anna.response(person, None).xml(&closed.idp);
    assert_eq!(anna.answer(&xml, "").refusal(), "sign_in_expired");

    let open = TestApp::with(|_| {}, |settings| settings.idp_initiated = true);
    let mut anna = open.browser();
    let xml = anna.response(person, None).xml(&open.idp);
    let posted = anna.answer(&xml, &format!("{WIKI}/start"));
    assert_eq!(posted.status, 303, "{posted:?}");
    let confirm = anna.get(posted.location());
    assert_eq!(confirm.status, 200);
    assert!(confirm.body.contains(ANNA) && !anna.cookies.contains_key("__Host-usher"), "nobody is signed in yet");
    let code = posted.location().split("code=").nth(1).expect("a code").to_owned();
    let cross_site = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    assert_eq!(
        anna.post_with("/sign-in/finish", &cross_site, &[("code", &code)]).header("x-usher-error"),
        "foreign_form"
    );
    let arrived = anna.post("/sign-in/finish", &[("code", &code)]);
    assert_eq!((arrived.status, arrived.location()), (303, "https://wiki.acme.example/start"));
    assert_eq!(anna.answer(&xml, "").refusal(), "assertion_replayed");
    let wrong = anna.response(person, Some("_not-ours")).xml(&open.idp);
    assert_eq!(anna.answer(&wrong, "").refusal(), "assertion_invalid", "x80: if named, the request must be ours");
    let evil = anna.response(person, None).xml(&open.idp);
    let posted = anna.answer(&evil, "https://evil.example/phish");
    let code = posted.location().split("code=").nth(1).expect("a code").to_owned();
    assert_eq!(anna.post("/sign-in/finish", &[("code", &code)]).location(), "/", "x100: not registered");
}

#[test]
fn a_sign_in_that_took_too_long_is_over() {
    let app = TestApp::start();
    let mut anna = app.browser();
    let person = Person { name_id: "id-of-anna", email: ANNA, name: "Anna", groups: &["owners"] };
    let (id, relay_state) = anna.start("/");
    app.clock.advance(Duration::from_secs(16 * 60));
    let xml = anna.response(person, Some(&id)).xml(&app.idp);
    assert_eq!(anna.answer(&xml, &relay_state).refusal(), "sign_in_expired");
}

#[test]
fn b40_a_session_ends_when_it_is_idle_or_old() {
    let app = TestApp::start();
    let mut anna = app.browser();
    anna.sign_in(ANNA, &["owners"], "/");
    app.clock.advance(Duration::from_secs(7 * 3600));
    assert_eq!(anna.forward("/auth/nginx", WIKI).status, 200);
    app.clock.advance(Duration::from_secs(3600 + 120));
    assert_eq!(
        anna.forward("/auth/nginx", WIKI).status,
        401,
        "idle for more than eight hours since it was written down"
    );
    assert_eq!(anna.get("/account").location(), "/sign-in?return_to=%2Faccount");
}

#[test]
fn a_session_ends_when_the_identity_provider_says_and_never_later_than_ours() {
    use usher::clock::Clock as _;
    let app = TestApp::start();
    let until = |hours: Option<u64>| {
        let mut anna = app.browser();
        let (id, relay_state) = anna.start("/");
        let person = Person { name_id: "id-of-anna", email: ANNA, name: "Anna", groups: &["owners"] };
        let spec = anna.response(person, Some(&id));
        let ends = hours.map(|hours| app.clock.now().plus(Duration::from_secs(hours * 3600)));
        let says = ends.map_or(String::new(), |ends| format!(" SessionNotOnOrAfter=\"{ends}\""));
        let assertion = spec.assertion_xml().replacen("-session\">", &format!("-session\"{says}>"), 1);
        let posted = anna.answer(&spec.response_xml(&sign_element(&assertion, &app.idp)), &relay_state);
        assert_eq!(anna.get(posted.location()).status, 303);
        let token = usher::secrets::Token::parse(&anna.cookies["__Host-usher"]).expect("a token");
        let session = app.db.read(|tx| usher::store::sessions::find(tx, &token.hash())).expect("readable");
        session.expect("a session").expires_at.since(app.clock.now()).as_secs() / 3600
    };
    let ours = until(None);
    assert_eq!((until(Some(2)), until(Some(10_000))), (2, ours));
    assert!(ours > 2);
}

#[test]
fn signing_out_ends_the_session_and_not_only_the_cookie() {
    let app = TestApp::start();
    let mut anna = app.browser();
    anna.sign_in(ANNA, &["owners"], "/");
    let kept = anna.cookies.clone();
    let left = anna.post("/sign-out", &[]);
    assert_eq!((left.status, left.location()), (303, "/signed-out"));
    assert!(!anna.cookies.contains_key("__Host-usher"));
    anna.cookies = kept;
    assert_eq!(anna.forward("/auth/nginx", WIKI).status, 401, "the old cookie opens nothing");
    assert!(app.events().contains(&"signed_out".to_owned()));
}

#[test]
fn a_new_sign_in_gets_a_new_token_and_ends_the_old_one() {
    let app = TestApp::start();
    let mut anna = app.browser();
    anna.sign_in(ANNA, &["owners"], "/");
    let before = anna.cookies.clone();
    anna.sign_in(ANNA, &["owners"], "/");
    assert_ne!(before["__Host-usher"], anna.cookies["__Host-usher"]);
    anna.cookies = before;
    assert_eq!(anna.forward("/auth/nginx", WIKI).status, 401);
}

#[test]
fn b41_a_change_shows_at_the_next_request() {
    let app = TestApp::start();
    let mut anna = app.browser();
    anna.sign_in(ANNA, &["everyone"], "/");
    let role = |told: &crate::support::Answer| told.header("x-usher-role").to_owned();
    let first = anna.forward("/auth/nginx", WIKI);
    assert_eq!(role(&first), "user");
    let (organization, parent) = (app.organization, app.parent);
    app.change(move |tx| {
        let person = usher::store::people::of_parent(tx, parent)?.remove(0);
        let mut member = usher::store::members::find(tx, organization, person.id)?.expect("a member");
        member.role = usher::product::RoleKey::new("admin");
        usher::store::members::put(tx, &member)
    });
    let second = anna.forward("/auth/nginx", WIKI);
    assert_eq!(role(&second), "admin");
    assert_ne!(first.header("x-usher-assertion"), second.header("x-usher-assertion"), "the signed header too");
    let third = anna.forward("/auth/nginx", WIKI);
    assert_eq!(second.header("x-usher-assertion"), third.header("x-usher-assertion"), "else it is used again");
}

#[test]
fn a_session_is_over_at_its_own_end_however_lately_it_was_used() {
    let app = TestApp::start();
    let mut anna = app.browser();
    anna.sign_in(ANNA, &["owners"], "/");
    let token = usher::secrets::Token::parse(&anna.cookies["__Host-usher"]).expect("a token").hash();
    let ends = usher::clock::Clock::now(&*app.clock).plus(Duration::from_secs(3600));
    app.change(move |tx| {
        tx.exec("UPDATE session SET expires_at = ?2 WHERE token_hash = ?1", &[V::B(&token), V::I(ends.as_millis())])
    });
    app.clock.advance(Duration::from_secs(3599));
    assert_eq!(anna.forward("/auth/nginx", WIKI).status, 200);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(anna.forward("/auth/nginx", WIKI).status, 401);
    assert_eq!(anna.get("/account").location(), "/sign-in?return_to=%2Faccount");
}

/// Whoever is suspended has no session left; one that were left, perhaps put back with an old backup, opens nothing.
#[test]
fn a_session_of_somebody_suspended_opens_nothing() {
    let app = TestApp::start();
    let mut anna = app.browser();
    anna.sign_in(ANNA, &["owners"], "/");
    assert_eq!(anna.get("/admin/acme-work").status, 200, "the control");
    let (parent, now) = (app.parent, usher::clock::Clock::now(&*app.clock));
    app.change(move |tx| {
        let person = usher::store::people::of_parent(tx, parent)?.remove(0);
        usher::store::people::set_suspended(tx, person.id, Some(now))
    });
    assert_eq!(anna.forward("/auth/nginx", WIKI).refusal(), "suspended");
    for page in ["/account", "/admin/acme-work"] {
        assert!(anna.get(page).location().starts_with("/sign-in?"), "{page}");
    }
}

#[test]
fn b37_an_address_leads_to_no_connection_that_is_switched_off() {
    let app = TestApp::start();
    let send = || app.browser().post("/sign-in", &[("email", ANNA), ("return_to", "/")]);
    assert!(send().location().starts_with(crate::support::SSO), "the control");
    let status = |name: &'static str, status: usher::connection::ConnectionStatus| {
        app.change(move |tx| {
            let known = usher::store::connections::by_slug(tx, &crate::support::slug(name))?.expect("there");
            usher::store::connections::update(tx, &usher::connection::Connection { status, ..known })
        });
    };
    app.change(|tx| {
        let known = usher::store::connections::by_slug(tx, &crate::support::slug("acme"))?.expect("seeded");
        usher::store::connections::add(
            tx,
            &usher::connection::Connection {
                slug: crate::support::slug("old"),
                label: "The old one".to_owned(),
                ..known
            },
        )
    });
    assert!(send().body.contains("The old one"), "a choice between two that are on");
    status("old", usher::connection::ConnectionStatus::Disabled);
    assert!(send().location().starts_with(crate::support::SSO), "no choice is left");
    for off in [usher::connection::ConnectionStatus::Disabled, usher::connection::ConnectionStatus::Draft] {
        status("acme", off);
        let answer = send();
        assert!(
            answer.location().is_empty() && answer.body.contains("No organization here uses this address"),
            "{answer:?}"
        );
    }
}
