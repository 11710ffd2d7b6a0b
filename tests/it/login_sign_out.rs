//! Single logout, the whole way through HTTP: from the identity provider to us, and from us to it.

use std::time::Duration;

use usher::db::{DbError, TxExt as _};
use usher::demo::issuer::{IssuerKey, KeyKind, Person};
use usher::ids::Incident;

use crate::saml_logout_support::*;
use crate::support::{Answer, Browser, IDP, PUBLIC, TestApp, WIKI};

const ANNA: Person<'static> =
    Person { name_id: "id-of-anna", email: "anna@acme.example", name: "Anna", groups: &["everyone"] };
const BERT: Person<'static> =
    Person { name_id: "id-of-bert", email: "bert@acme.example", name: "Bert", groups: &["everyone"] };
const SLO: &str = "https://login.acme.example/saml/acme/slo";
const THEIRS: &str = "https://idp.acme.example/slo";

fn app() -> TestApp {
    TestApp::with(|_| {}, |settings| settings.idp.slo_redirect = Some(THEIRS.to_owned()))
}

/// Signs in; returns the identity provider's index of the session.
fn sign_in(browser: &mut Browser, person: Person) -> String {
    let mut index = String::new();
    let arrived = browser.sign_in_as(person, "/", |spec| index = format!("{}-session", spec.assertion_id));
    assert_eq!(arrived.status, 303, "{arrived:?}");
    index
}

fn is_in(browser: &mut Browser) -> bool {
    browser.forward("/auth/nginx", WIKI).status == 200
}

fn wish(app: &TestApp, id: &str, name: &str, indexes: &[&str]) -> Logout {
    use usher::clock::Clock as _;
    let content = indexes.iter().fold(name_id(name), |content, index| content + &session_index(index));
    Logout::request(IDP, SLO, id, app.clock.now(), content)
}

/// As the browser of anybody follows the identity provider's redirect: cross-site, without our cookies.
fn deliver(app: &TestApp, query: &str) -> Answer {
    app.browser().get(&format!("/saml/acme/slo?{query}"))
}

fn our_certificate(app: &TestApp) -> Vec<u8> {
    let metadata = app.browser().get("/saml/acme/metadata").body;
    let start = metadata.split("<ds:X509Certificate>").nth(1).expect("a certificate");
    crate::saml_support::unbase64(start.split('<').next().expect("its text"))
}

/// The cause that the admin finds under the code of a refused message.
fn cause(app: &TestApp, answer: &Answer) -> String {
    assert_eq!((answer.status, answer.header("x-usher-error")), (400, "logout_invalid"), "{answer:?}");
    let incident = Incident::parse(answer.header("x-usher-incident")).expect("a code");
    assert!(answer.body.contains(&incident.to_string()), "the page shows the code");
    let kept = app.db.read(|tx| usher::store::attempts::find(tx, &incident)).expect("readable").expect("kept");
    let record: serde_json::Value = serde_json::from_str(&kept.record).expect("JSON");
    assert!(!kept.record.contains("id-of-"), "no name in it: {record}");
    record["check"].as_str().expect("a check").to_owned()
}

#[test]
fn our_metadata_names_the_logout_service() {
    let app = app();
    let metadata = app.browser().get("/saml/acme/metadata").body;
    for binding in ["HTTP-Redirect", "HTTP-POST"] {
        let service = format!(
            "<md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:{binding}\" Location=\"{SLO}\"/>"
        );
        assert!(metadata.contains(&service), "{metadata}");
    }
}

#[test]
fn a_sign_out_at_the_identity_provider_ends_the_session_it_names_and_is_answered() {
    let app = app();
    let (mut desk, mut phone, mut bert) = (app.browser(), app.browser(), app.browser());
    let index = sign_in(&mut desk, ANNA);
    sign_in(&mut phone, ANNA);
    sign_in(&mut bert, BERT);
    let answer = deliver(&app, &wish(&app, "_w1", "id-of-anna", &[&index]).query(&app.idp, Some("their state")));
    assert_eq!(answer.status, 303, "{answer:?}");
    assert!(!is_in(&mut desk), "the session that was named");
    assert!(is_in(&mut phone) && is_in(&mut bert), "no other");
    assert!(answer.location().starts_with(&format!("{THEIRS}?SAMLResponse=")), "{answer:?}");
    assert!(answer.location().contains("&RelayState=their%20state&"));
    let text = verified_message(answer.location(), &our_certificate(&app));
    assert!(text.contains("InResponseTo=\"_w1\"") && text.contains("status:Success"), "{text}");

    sign_in(&mut desk, ANNA);
    let answer = deliver(&app, &wish(&app, "_w2", "id-of-anna", &[]).query(&app.idp, None));
    assert_eq!(answer.status, 303);
    assert!(!is_in(&mut desk) && !is_in(&mut phone), "without an index: all of the name");
    assert!(is_in(&mut bert));
    let nobody = deliver(&app, &wish(&app, "_w3", "id-of-nobody", &[]).query(&app.idp, None));
    assert!(nobody.location().contains("SAMLResponse="), "nobody is signed out already, which is what was wanted");

    let all = app
        .db
        .read(|tx| usher::store::audit::list(tx, usher::ids::AuditId(0), usher::clock::Timestamp::from_millis(0), 100));
    let ended: Vec<_> = all.expect("readable").into_iter().filter(|event| event.kind == "sessions_ended").collect();
    assert_eq!(ended.len(), 2);
    let by = |event: &usher::store::audit::Recorded| (event.actor_kind.clone(), event.actor.clone());
    assert!(ended.iter().all(|event| by(event) == ("identity_provider".to_owned(), "acme".to_owned())), "{ended:?}");
    assert!(ended[1].detail.contains("signed_out_at_idp") && ended[1].detail.contains('2'), "{ended:?}");
}

#[test]
fn a_sign_out_arrives_by_post_too() {
    let app = app();
    let mut anna = app.browser();
    let index = sign_in(&mut anna, ANNA);
    let cross_site = [("origin", "https://idp.acme.example"), ("sec-fetch-site", "cross-site")];
    let message = wish(&app, "_w1", "id-of-anna", &[&index]).form(&app.idp);
    let fields = [("SAMLRequest", message.as_str()), ("RelayState", "s")];
    let answer = app.browser().post_with("/saml/acme/slo", &cross_site, &fields);
    assert!(answer.location().starts_with(THEIRS) && answer.location().contains("RelayState=s&"), "{answer:?}");
    assert!(!is_in(&mut anna));
    let again = app.browser().post_with("/saml/acme/slo", &cross_site, &fields);
    assert_eq!(cause(&app, &again), "replayed");
    let both = [("SAMLRequest", message.as_str()), ("SAMLResponse", "x")];
    assert_eq!(app.browser().post_with("/saml/acme/slo", &cross_site, &both).header("x-usher-error"), "bad_request");
}

#[test]
fn x115_logout_unsigned_forged_or_misdirected_ends_nothing() {
    let app = app();
    let mut anna = app.browser();
    sign_in(&mut anna, ANNA);
    let good = |id: &str| wish(&app, id, "id-of-anna", &[]);
    let stranger = {
        use usher::clock::Clock as _;
        let day = Duration::from_secs(86_400);
        let now = app.clock.now();
        IssuerKey::generate(KeyKind::Rsa, "stranger", now.minus(day), now.plus(day)).expect("a key")
    };
    let unsigned = good("_1").query(&app.idp, None).split("&SigAlg=").next().expect("a start").to_owned();
    let elsewhere = "https://login.acme.example/saml/acme/acs".to_owned();
    for (expected, query) in [
        ("logout_unsigned", unsigned),
        ("bad_signature", good("_2").query(&stranger, None)),
        ("issuer", Logout { issuer: "https://evil.example".to_owned(), ..good("_3") }.query(&app.idp, None)),
        ("destination", Logout { destination: Some(elsewhere), ..good("_4") }.query(&app.idp, None)),
        (
            "too_old",
            Logout { issued: good("_5").issued.minus(Duration::from_secs(900)), ..good("_5") }.query(&app.idp, None),
        ),
        ("too_large", signed_query("SAMLRequest", &packed(&vec![b' '; 1 << 20]), None, &app.idp)),
        ("redirect_form", String::new()),
    ] {
        assert_eq!(cause(&app, &deliver(&app, &query)), expected);
        assert!(is_in(&mut anna), "{expected}");
    }
    assert_eq!(app.browser().get("/saml/nobody/slo").status, 404);
    deliver(&app, &good("_6").query(&app.idp, None));
    assert!(!is_in(&mut anna), "the control");
}

#[test]
fn a_sign_out_counts_once_and_not_against_what_began_later() {
    let app = app();
    let mut anna = app.browser();
    sign_in(&mut anna, ANNA);
    let query = wish(&app, "_w1", "id-of-anna", &[]).query(&app.idp, None);
    assert_eq!(deliver(&app, &query).status, 303);
    sign_in(&mut anna, ANNA);
    assert_eq!(cause(&app, &deliver(&app, &query)), "replayed");
    assert!(is_in(&mut anna));
    app.clock.advance(Duration::from_secs(17 * 60));
    assert_eq!(cause(&app, &deliver(&app, &query)), "too_old", "when it is forgotten it is too old");
}

/// Signs out; the id of our request and the message that goes to the identity provider.
fn leave(app: &TestApp, anna: &mut Browser) -> (String, String) {
    let left = anna.post("/sign-out", &[]);
    assert_eq!(left.status, 303, "{left:?}");
    let (path, id) = left.location().split_once("?leaving=").expect("on the way to the identity provider");
    assert_eq!((path, id.len()), ("/signed-out", 33));
    let id = id.to_owned();
    let onward = anna.get(left.location());
    assert_eq!(onward.status, 200);
    let url = onward.body.split("content=\"0; url=").nth(1).and_then(|rest| rest.split('"').next()).expect("onward");
    let url = url.replace("&#38;", "&").replace("&amp;", "&");
    assert!(url.starts_with(&format!("{THEIRS}?SAMLRequest=")), "{url}");
    (id, verified_message(&url, &our_certificate(app)))
}

fn answered(app: &TestApp, id: &str, status: String) -> Logout {
    use usher::clock::Clock as _;
    Logout::response(IDP, SLO, "_their-answer", app.clock.now(), id, status)
}

#[test]
fn ours_ends_first_and_then_the_identity_provider_is_told() {
    let app = app();
    let mut anna = app.browser();
    let index = sign_in(&mut anna, ANNA);
    let kept = anna.cookies.clone();
    let (id, asked) = leave(&app, &mut anna);
    assert!(asked.contains("nameid-format:persistent\">id-of-anna</saml:NameID>"), "{asked}");
    assert!(asked.contains(&format!("<samlp:SessionIndex>{index}</samlp:SessionIndex>")), "{asked}");
    assert!(
        asked.contains(&format!("ID=\"{id}\"")) && asked.contains(&format!(">{PUBLIC}/saml/acme/metadata<")),
        "{asked}"
    );
    let mut old = app.browser();
    old.cookies = kept;
    assert!(!is_in(&mut old), "sdp_sp27: ended although the identity provider has not answered");
    assert_eq!(app.events().iter().filter(|kind| *kind == "signed_out").count(), 1);

    let before = anna.get(&format!("/signed-out?state={id}"));
    assert!(before.body.contains("You may still be signed in"), "no answer yet: {}", before.body);
    let arrived = deliver(&app, &answered(&app, &id, status("Success", None)).query(&app.idp, None));
    assert_eq!((arrived.status, arrived.location()), (303, format!("/signed-out?state={id}").as_str()));
    let told = anna.get(arrived.location());
    assert!(told.body.contains("You are signed out at Acme IdP too."), "{}", told.body);
    assert!(app.browser().get(arrived.location()).body.contains("You may still"), "nobody else's browser sees it");
    let again = deliver(&app, &answered(&app, &id, status("Requester", None)).query(&app.idp, None));
    assert_eq!(cause(&app, &again), "nobody_waits", "the first answer counts");
    let back = anna.get(&format!("/signed-out?leaving={id}"));
    assert!(!back.body.contains("http-equiv"), "going back does not ask again");
}

#[test]
fn the_page_says_what_the_identity_provider_did_not_end() {
    let app = app();
    for (codes, words) in [
        (status("Responder", Some("PartialLogout")), "could not end everything"),
        (status("Responder", Some("RequestDenied")), "Acme IdP did not sign you out"),
    ] {
        let mut anna = app.browser();
        sign_in(&mut anna, ANNA);
        let (id, _) = leave(&app, &mut anna);
        let arrived = deliver(&app, &answered(&app, &id, codes).query(&app.idp, None));
        assert!(anna.get(arrived.location()).body.contains(words), "{words}");
    }
}

#[test]
fn an_answer_that_is_not_the_identity_providers_changes_nothing() {
    let app = app();
    let mut anna = app.browser();
    sign_in(&mut anna, ANNA);
    let (id, _) = leave(&app, &mut anna);
    let good = answered(&app, &id, status("Success", None));
    let unsigned = good.query(&app.idp, None).split("&SigAlg=").next().expect("a start").to_owned();
    assert_eq!(cause(&app, &deliver(&app, &unsigned)), "logout_unsigned");
    let other = answered(&app, "_another", status("Success", None));
    assert_eq!(cause(&app, &deliver(&app, &other.query(&app.idp, None))), "nobody_waits");
    let asked = Logout { root: "LogoutRequest", ..good.clone() };
    assert_eq!(
        cause(&app, &deliver(&app, &asked.query(&app.idp, None).replace("SAMLRequest", "SAMLResponse"))),
        "bad_signature"
    );
    assert!(anna.get(&format!("/signed-out?state={id}")).body.contains("You may still be signed in"));
    app.clock.advance(Duration::from_secs(301));
    let late = answered(&app, &id, status("Success", None));
    assert_eq!(cause(&app, &deliver(&app, &late.query(&app.idp, None))), "nobody_waits", "five minutes");
    let waiting = anna.get(&format!("/signed-out?leaving={id}"));
    assert!(!waiting.body.contains("http-equiv"), "nor is it asked any longer");
}

#[test]
fn sdp_sp33_no_logout_request_when_a_session_merely_times_out() {
    let app = app();
    let mut anna = app.browser();
    sign_in(&mut anna, ANNA);
    app.clock.advance(Duration::from_secs(9 * 3600));
    assert_eq!(anna.get("/account").location(), "/sign-in?return_to=%2Faccount");
    assert!(!is_in(&mut anna));
    let waiting = app
        .db
        .read(|tx| -> Result<_, DbError> { tx.one("SELECT COUNT(*) FROM pending_sign_out", &[], |row| row.int(0)) });
    assert_eq!(waiting.expect("readable"), Some(0));
}

#[test]
fn an_identity_provider_without_a_logout_service_is_not_asked_and_still_heard() {
    let app = TestApp::start();
    let mut anna = app.browser();
    sign_in(&mut anna, ANNA);
    assert_eq!(anna.post("/sign-out", &[]).location(), "/signed-out");
    sign_in(&mut anna, ANNA);
    let answer = deliver(&app, &wish(&app, "_w1", "id-of-anna", &[]).query(&app.idp, None));
    assert_eq!((answer.status, answer.location()), (303, "/signed-out"), "no place to answer to");
    assert!(!is_in(&mut anna));
}

#[test]
fn what_is_kept_for_the_sign_out_is_sealed_and_forgotten() {
    let app = app();
    let mut anna = app.browser();
    sign_in(&mut anna, ANNA);
    let seals = |table: &'static str| {
        let sql: &'static str = if table == "session" {
            "SELECT logout_seal FROM session"
        } else {
            "SELECT logout_seal FROM pending_sign_out"
        };
        let all = app.db.read(|tx| -> Result<_, DbError> { tx.all(sql, &[], |row| row.opt_blob(0)) });
        all.expect("readable")
    };
    let kept = seals("session");
    let seal = kept[0].as_deref().expect("a seal");
    assert!(!seal.windows(10).any(|part| part == b"id-of-anna"), "sealed");
    let (id, _) = leave(&app, &mut anna);
    assert_eq!(seals("pending_sign_out"), kept);
    deliver(&app, &answered(&app, &id, status("Success", None)).query(&app.idp, None));
    assert_eq!(seals("pending_sign_out"), [None], "once it is answered");
}
