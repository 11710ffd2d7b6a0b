//! The operator's buttons that shut people out or move them: the last connection off (rule B33), people to another identity provider
//! (rule B9).

use usher::connection::{Connection, ConnectionStatus};
use usher::store;

use crate::settings_support::{more_organizations, operator};
use crate::support::{Answer, TestApp, slug};

const OFF: &str = "/operator/connections/acme/deactivate";
const SWITCH: &str = "/operator/connections/acme/switch";

fn known(app: &TestApp, name: &'static str) -> Connection {
    app.db.read_one(|tx| store::connections::by_slug(tx, &slug(name))).expect("readable").expect("there")
}

/// Another connection of the same parent, tested just now or never.
fn second(app: &TestApp, status: ConnectionStatus, tested: bool) {
    let tested = tested.then(|| usher::clock::Clock::now(&*app.clock));
    let new = Connection { slug: slug("new"), status, tested, ..known(app, "acme") };
    app.change(move |tx| store::connections::add(tx, &new));
}

fn statuses(app: &TestApp) -> (ConnectionStatus, ConnectionStatus) {
    (known(app, "acme").status, known(app, "new").status)
}

fn mark(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{page:?}");
    let mark = page.body.split("name=\"mark\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    mark.expect("what was shown").to_owned()
}

#[test]
fn b33_the_last_connection_that_lets_people_in_goes_off_only_with_its_name_typed() {
    let app = TestApp::start();
    let mut operator = operator(&app);
    for typed in ["", "ACME", "Acme IdP", "acme-work"] {
        assert_eq!(operator.post(OFF, &[("confirm", typed)]).status, 409, "{typed:?}");
    }
    assert_eq!((known(&app, "acme").status, app.events().len()), (ConnectionStatus::Active, 0));
    assert_eq!(operator.post(OFF, &[("confirm", "acme")]).status, 303);
    assert_eq!(known(&app, "acme").status, ConnectionStatus::Disabled);
    assert_eq!(app.events(), ["changed"]);
    assert_eq!(operator.post(OFF, &[("confirm", "acme")]).status, 303, "twice is once");
    assert_eq!(app.events(), ["changed"]);

    let app = TestApp::start();
    second(&app, ConnectionStatus::Active, true);
    assert_eq!(self::operator(&app).post(OFF, &[]).status, 303, "people have another way in");
    assert_eq!(statuses(&app), (ConnectionStatus::Disabled, ConnectionStatus::Active));
}

#[test]
fn b9_people_are_moved_to_another_identity_provider_as_the_page_has_shown_it() {
    let app = TestApp::start();
    second(&app, ConnectionStatus::Draft, true);
    app.browser().sign_in("anna@acme.example", &["owners"], "/");
    let events = app.events().len();
    let mut operator = operator(&app);
    let page = operator.get(&format!("{SWITCH}?to=new"));
    assert!(page.body.contains("anna@acme.example"), "{page:?}");
    let fingerprint = match &known(&app, "new").protocol {
        usher::connection::Protocol::Saml(saml) => saml.idp.certificates[0].fingerprint.clone(),
        usher::connection::Protocol::Oidc(oidc) => oidc.issuer.clone(),
    };
    assert!(page.body.contains(&fingerprint), "whom everybody will believe: {page:?}");
    let shown = mark(&page);
    let elsewhere = known(&app, "new");
    app.change(move |tx| {
        let mut swapped = elsewhere.clone();
        if let usher::connection::Protocol::Saml(saml) = &mut swapped.protocol {
            saml.metadata_url = Some("https://evil.example/metadata".to_owned());
        }
        store::connections::update(tx, &swapped)
    });
    assert_eq!(operator.post(SWITCH, &[("to", "new"), ("mark", &shown)]).status, 409, "another address since");
    let shown = mark(&operator.get(&format!("{SWITCH}?to=new")));
    for stale in ["", "0", "ffffffffffffffffffffffffffffffff"] {
        let answer = operator.post(SWITCH, &[("to", "new"), ("mark", stale)]);
        assert_eq!(answer.status, 409, "{stale:?}: {answer:?}");
    }
    app.browser().sign_in("bert@acme.example", &["everyone"], "/");
    assert_eq!(operator.post(SWITCH, &[("to", "new"), ("mark", &shown)]).status, 409, "somebody has come since");
    assert_eq!(statuses(&app), (ConnectionStatus::Active, ConnectionStatus::Draft));
    let shown = mark(&operator.get(&format!("{SWITCH}?to=new")));
    assert_eq!(operator.post(SWITCH, &[("to", "new"), ("mark", &shown)]).status, 303);
    assert_eq!(statuses(&app), (ConnectionStatus::Disabled, ConnectionStatus::Active));
    assert_eq!(operator.post(SWITCH, &[("to", "new"), ("mark", &shown)]).status, 303, "a form sent twice");
    let since = app.events().split_off(events);
    assert_eq!(since.iter().filter(|kind| *kind == "connection_switched").count(), 1, "twice is once: {since:?}");

    let (back, now) = ("/operator/connections/new/switch", usher::clock::Clock::now(&*app.clock));
    let tested = Connection { tested: Some(now), ..known(&app, "acme") };
    app.change(move |tx| store::connections::update(tx, &tested));
    let here = mark(&operator.get(&format!("{back}?to=acme")));
    assert_eq!(operator.post(back, &[("to", "acme"), ("mark", &here)]).status, 303);
    assert_eq!(
        operator.post(SWITCH, &[("to", "new"), ("mark", &shown)]).status,
        409,
        "a tab from before they came back"
    );
    assert_eq!(statuses(&app), (ConnectionStatus::Active, ConnectionStatus::Disabled));
}

#[test]
fn b9_nobody_is_moved_to_what_is_untested_or_belongs_to_another_parent() {
    let app = TestApp::start();
    more_organizations(&app);
    second(&app, ConnectionStatus::Draft, false);
    let mut operator = operator(&app);
    for to in ["other", "acme"] {
        assert_eq!(operator.get(&format!("{SWITCH}?to={to}")).status, 400, "{to}");
        assert_eq!(operator.post(SWITCH, &[("to", to), ("mark", "x")]).status, 400, "{to}");
    }
    let page = operator.get(&format!("{SWITCH}?to=new"));
    assert!(page.status == 200 && !page.body.contains("name=\"mark\""), "no button: {page:?}");
    let (from, to) = (known(&app, "acme").id, known(&app, "new").id);
    let shown = app.db.read(|tx| usher::trust::plan_switch(tx, from, to)).expect("planned").mark();
    assert_eq!(operator.post(SWITCH, &[("to", "new"), ("mark", &shown)]).status, 409, "nobody has seen it work");
    assert_eq!(statuses(&app), (ConnectionStatus::Active, ConnectionStatus::Draft));
    assert_eq!(app.events(), Vec::<String>::new());
}
