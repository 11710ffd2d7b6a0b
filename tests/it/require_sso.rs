//! Rule B7 through HTTP: which sessions count where SSO is required.

use usher::connection::{Connection, ConnectionStatus};
use usher::organization::Organization;
use usher::store;

use crate::support::{TestApp, WIKI, slug};

const ANNA: &str = "anna@acme.example";

fn require(app: &TestApp, require_sso: bool) {
    let id = app.organization;
    app.change(move |tx| {
        let known = store::organizations::by_id(tx, id)?.expect("seeded");
        store::organizations::update(tx, &Organization { require_sso, ..known })
    });
}

fn switch(app: &TestApp, name: &'static str, status: ConnectionStatus) {
    app.change(move |tx| {
        let known = store::connections::by_slug(tx, &slug(name))?.expect("seeded");
        store::connections::update(tx, &Connection { status, ..known })
    });
}

#[test]
fn b7_a_session_of_a_connection_that_is_switched_off_counts_until_sso_is_required() {
    let app = TestApp::start();
    let mut anna = app.browser();
    anna.sign_in(ANNA, &["owners"], "/");
    let page = format!("{WIKI}/page?a=b");
    assert_eq!(anna.forward("/auth/forward", &page).status, 200);
    require(&app, true);
    assert_eq!(anna.forward("/auth/forward", &page).status, 200, "it came through an active connection");
    assert!(anna.get("/").body.contains(WIKI));

    switch(&app, "acme", ConnectionStatus::Disabled);
    let refused = anna.forward("/auth/forward", &page);
    assert_eq!(refused.refusal(), "sso_required", "at the next request");
    assert_eq!(anna.forward("/auth/nginx", &page).refusal(), "sso_required");
    let launcher = anna.get("/").body;
    assert!(!launcher.contains(WIKI) && launcher.contains("requires single sign-on"), "{launcher}");
    assert!(!launcher.contains("/sign-in/acme"), "no connection is active, so there is nowhere to go");

    require(&app, false);
    assert_eq!(anna.forward("/auth/forward", &page).status, 200, "reversible");
    require(&app, true);
    switch(&app, "acme", ConnectionStatus::Active);
    assert_eq!(anna.forward("/auth/forward", &page).status, 200, "and back");
}

#[test]
fn b7_who_is_refused_is_led_to_an_active_connection_and_back() {
    let app = TestApp::start();
    let mut anna = app.browser();
    anna.sign_in(ANNA, &["owners"], "/");
    require(&app, true);
    app.change(|tx| {
        let known = store::connections::by_slug(tx, &slug("acme"))?.expect("seeded");
        store::connections::add(tx, &Connection { slug: slug("new"), ..known.clone() })?;
        store::connections::update(tx, &Connection { status: ConnectionStatus::Disabled, ..known })
    });
    let refused = anna.forward("/auth/forward", &format!("{WIKI}/page?a=b"));
    assert_eq!(refused.refusal(), "sso_required");
    let href = "https://login.acme.example/sign-in/new?return_to=https%3A%2F%2Fwiki.acme.example%2Fpage%3Fa%3Db";
    assert!(refused.body.contains(href), "{}", refused.body);
    assert!(anna.get("/").body.contains("/sign-in/new?return_to=%2F"));
    let started = anna.get(href);
    assert!(started.location().starts_with(crate::support::SSO), "{started:?}");
}

#[test]
fn b7_where_sso_is_required_the_settings_pages_ask_for_it_too() {
    let app = TestApp::start();
    let mut olga = crate::settings_support::signed_in(
        &app,
        "acme-work",
        "olga@acme.example",
        "owner",
        crate::settings_support::FRESH,
    );
    switch(&app, "acme", ConnectionStatus::Disabled);
    assert_eq!(olga.get("/admin/acme-work/members").status, 200, "her session came over what is off by now");
    require(&app, true);
    let again = olga.get("/admin/acme-work/members");
    assert_eq!(again.location(), "/account/again?return_to=%2Fadmin%2Facme-work%2Fmembers", "{again:?}");
    let form = [("email", "new@acme.example"), ("role", "user")];
    assert!(olga.post("/admin/acme-work/members/add", &form).location().starts_with("/account/again?"));
    assert_eq!(app.events(), Vec::<String>::new(), "nothing was done");
    switch(&app, "acme", ConnectionStatus::Active);
    assert_eq!(olga.get("/admin/acme-work/members").status, 200, "reversible");
}
