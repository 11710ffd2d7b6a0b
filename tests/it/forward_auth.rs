//! What reverse proxies and the browsers behind them are told.

use usher::demo::issuer::{Person, ResponseSpec};
use usher::organization::Application;
use usher::product::RoleKey;
use usher::store;

use crate::support::{Answer, PUBLIC, TestApp, WIKI};

const ANNA: &str = "anna@acme.example";

/// A proxy shows this page under the application's origin: whatever it refers to has to be found from there.
fn stands_on_its_own(answer: &Answer) {
    let body = &answer.body;
    assert!(body.contains(&format!("href=\"{PUBLIC}/static/")), "styled from the gateway: {body}");
    for attribute in ["href=\"/", "src=\"/", "action=", "<form", "<script"] {
        assert!(!body.contains(attribute), "{attribute} would go to the application: {body}");
    }
    let policy = answer.header("content-security-policy");
    assert!(policy.contains(&format!("style-src {PUBLIC};")) && policy.contains("form-action 'none'"), "{policy}");
    assert_eq!(answer.header("set-cookie"), "", "no cookie of ours for the application's host");
}

#[test]
fn a_refusal_that_a_proxy_hands_on_works_under_the_applications_origin() {
    let app = TestApp::start();
    let mut anna = app.browser();
    for endpoint in ["/auth/forward", "/auth/nginx"] {
        let unregistered = anna.forward(endpoint, "https://other.acme.example/");
        assert_eq!(unregistered.refusal(), "app_not_allowed");
        stands_on_its_own(&unregistered);
    }
    anna.sign_in(ANNA, &["everyone"], "/");
    app.change(|tx| {
        let wiki = store::applications::by_origin(tx, WIKI)?.expect("registered");
        store::applications::update(tx, &Application { roles: vec![RoleKey::new("owner")], ..wiki }, WIKI)
    });
    let refused = anna.forward("/auth/forward", WIKI);
    assert_eq!(refused.refusal(), "app_not_allowed");
    assert!(refused.body.contains(&format!("href=\"{PUBLIC}/\"")), "the way on: {}", refused.body);
    stands_on_its_own(&refused);
    let broken = anna.send(reqwest::Method::TRACE, "/auth/forward", &[("accept", "text/html")], None);
    assert_eq!(broken.status, 405);

    let own = anna.get("/sign-in/finish?code=x");
    assert!(own.body.contains("href=\"/static/") && own.body.contains("<form"), "a page of ours is as it was");
    let style = own.body.split("href=\"").find(|part| part.starts_with("/static/")).expect("a stylesheet");
    let style = anna.get(style.split('"').next().expect("a path"));
    assert_eq!((style.status, style.header("cross-origin-resource-policy")), (200, "cross-origin"));
}

#[test]
fn a_401_carries_its_code_and_a_reference_like_every_error() {
    let app = TestApp::start();
    let mut anna = app.browser();
    let nginx = anna.forward("/auth/nginx", WIKI);
    let program = anna.get_with(
        "/auth/forward",
        &[("x-forwarded-proto", "https"), ("x-forwarded-host", "wiki.acme.example"), ("accept", "application/json")],
    );
    for answer in [&nginx, &program] {
        assert_eq!((answer.status, answer.header("x-usher-error")), (401, "not_signed_in"));
        let reference = answer.header("x-usher-incident");
        assert!(reference.len() == 9 && reference.as_bytes()[4] == b'-', "{reference}");
    }
    assert!(nginx.location().starts_with(&format!("{PUBLIC}/sign-in?return_to=")));
    assert!(program.body.contains(program.header("x-usher-incident")), "{}", program.body);
}

#[test]
fn b17_a_sign_in_without_groups_leaves_what_applications_are_told() {
    let app = TestApp::start();
    let mut anna = app.browser();
    anna.sign_in(ANNA, &["everyone"], "/");
    let renamed = Person { name_id: "id-of-anna", email: ANNA, name: "Renamed", groups: &[] };
    let without_groups = |spec: &mut ResponseSpec| spec.attributes.retain(|(name, _)| name != "groups");
    let refused = app.browser().sign_in_as(renamed, "/", without_groups);
    assert_eq!(refused.refusal(), "groups_missing");
    let told = anna.forward("/auth/nginx", WIKI);
    assert_eq!(
        (told.status, told.header("remote-groups"), told.header("remote-name")),
        (200, "everyone", "Anna M%C3%BCller")
    );
}
