//! Test sign-ins over OpenID Connect: they show everything, change nothing, and are what a connection is switched on by (rule B5).

use std::time::Duration;

use usher::clock::Clock as _;
use usher::connection::{Connection, ConnectionStatus};
use usher::secrets::Token;
use usher::store;

use crate::oidc_support::*;
use crate::support::{Answer, Browser, TestApp, slug};

const PAGE: &str = "/operator/connections/acme";

fn known(app: &TestApp) -> Connection {
    app.db.read_one(|tx| store::connections::by_slug(tx, &slug("acme"))).expect("readable").expect("there")
}

/// A connection that is being set up, and an operator's browser.
fn draft(op: &Op) -> TestApp {
    let app = app(op);
    let draft = Connection { status: ConnectionStatus::Draft, ..known(&app) };
    app.change(move |tx| store::connections::update(tx, &draft));
    app
}

fn operator(app: &TestApp) -> Browser<'_> {
    let (token, now) = (Token::new(), app.clock.now());
    let hash = token.hash();
    app.change(move |tx| store::operators::add_session(tx, &hash, now, now.plus(Duration::from_secs(900))));
    let mut browser = app.browser();
    browser.cookies.insert("__Host-usher-operator".to_owned(), token.text());
    browser
}

/// Where a page that goes on by itself leads.
fn onward(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    let to =
        answer.body.split("http-equiv=\"refresh\" content=\"0; url=").nth(1).and_then(|rest| rest.split('"').next());
    to.expect("a page that goes on").replace("&#38;", "&").replace("&amp;", "&")
}

/// A test from its button to its report.
fn run(operator: &mut Browser<'_>, op: &Op, claims: serde_json::Map<String, serde_json::Value>) -> Answer {
    let begun = operator.post(&format!("{PAGE}/test"), &[]);
    let sent = url::Url::parse(&onward(&begun)).expect("a URL");
    let params = sent.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let code = op.code(&params, claims);
    let back = operator.come_back(&[("code", &code), ("state", &params["state"])]);
    operator.get(&onward(&back))
}

#[test]
fn b5_a_passed_test_shows_everything_changes_nothing_and_lets_the_connection_be_switched_on() {
    let op = Op::start();
    let app = draft(&op);
    assert_eq!(app.browser().get("/sign-in/acme").status, 404, "signs nobody in yet");
    let mut browser = operator(&app);
    assert_eq!(browser.post(&format!("{PAGE}/activate"), &[]).status, 409, "nothing was tested");
    let report = run(&mut browser, &op, anna(&["owners", "else"]));
    for shown in ["anna@acme.example", "id-of-anna", "owners", "signature of the ID token", "becomes a member: owner"] {
        assert!(report.body.contains(shown), "{shown}: {}", report.body);
    }
    assert!(
        report.body.contains("&quot;nonce&quot;: &quot;...&quot;")
            || report.body.contains("&#34;nonce&#34;: &#34;...&#34;")
    );
    assert!(!report.body.contains("eyJ"), "no token");
    assert!(app.db.read(|tx| store::people::of_parent(tx, app.parent)).expect("readable").is_empty());
    assert!(!browser.cookies.contains_key("__Host-usher"), "nobody is signed in");
    assert_eq!(app.events(), ["connection_tested"]);
    assert_eq!(browser.post(&format!("{PAGE}/activate"), &[]).status, 303);
    assert_eq!(known(&app).status, ConnectionStatus::Active);
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
}

#[test]
fn b5_a_failed_test_says_which_check_failed_and_switches_nothing_on() {
    let op = Op::start();
    let app = draft(&op);
    let mut browser = operator(&app);
    op.claims(|claims| drop(claims.insert("aud".to_owned(), "another-client".into())));
    let report = run(&mut browser, &op, anna(&["owners"]));
    for shown in [
        "expected audience usher, found another-client",
        "Check issuer and client_id",
        "not verified",
        "anna@acme.example",
    ] {
        assert!(report.body.contains(shown), "{shown}: {}", report.body);
    }
    assert_eq!(browser.post(&format!("{PAGE}/activate"), &[]).status, 409);
    let op = Op::start();
    let app = draft(&op);
    op.reply("/keys", Reply::json(&serde_json::json!({ "keys": [] })));
    let mut browser = operator(&app);
    let begun = browser.post(&format!("{PAGE}/test"), &[]);
    let report = browser.get(&onward(&begun));
    assert!(report.body.contains("no key of the provider can be used"), "a test that does not even begin: {report:?}");
}

#[test]
fn b5_a_test_looks_at_the_provider_as_it_is_now() {
    let op = Op::start();
    let app = app(&op);
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
    let mut browser = operator(&app);
    op.discovery(|document| document["issuer"] = "https://evil.example".into());
    let begun = browser.post(&format!("{PAGE}/test"), &[]);
    let report = browser.get(&onward(&begun));
    assert!(report.body.contains("the discovery document is of issuer https://evil.example"), "{report:?}");
    assert_eq!(
        app.browser().sign_in_oidc(&op, anna(&["owners"])).status,
        303,
        "others go on with what was read before"
    );
    op.honest();
    assert!(run(&mut browser, &op, anna(&["owners"])).body.contains("id-of-anna"), "at once, without a pause");
}

#[test]
fn an_answer_to_a_sign_in_does_not_sign_in_once_the_connection_was_switched_off() {
    let op = Op::start();
    let app = app(&op);
    let mut browser = app.browser();
    let params = browser.start_oidc("/");
    let code = op.code(&params, anna(&["owners"]));
    let off = Connection { status: ConnectionStatus::Disabled, ..known(&app) };
    app.change(move |tx| store::connections::update(tx, &off));
    assert_eq!(browser.come_back(&[("code", &code), ("state", &params["state"])]).status, 404);
    assert_eq!(op.count("/token"), 0);
}
