//! The relying-party tests of the OpenID conformance suite that apply, each under its name: basic, configuration, back-channel
//! logout, and some more. Twins, not the suite itself: what it sends, the provider beside these tests sends.

use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};

use crate::oidc_support::*;
use crate::support::{Answer, Browser, TestApp, WIKI};

/// A provider, a gateway, and whether Anna gets in. The provider is bent once the gateway runs.
fn signs_in(bend: impl FnOnce(&Op)) -> (Answer, Op) {
    let op = Op::start();
    let app = app(&op);
    bend(&op);
    let answer = app.browser().sign_in_oidc(&op, anna(&["owners"]));
    (answer, op)
}

fn accepted(bend: impl FnOnce(&Op)) -> Op {
    let (answer, op) = signs_in(bend);
    assert_eq!((answer.status, answer.refusal()), (303, ""), "{answer:?}");
    op
}

fn refused(bend: impl FnOnce(&Op)) {
    let (answer, op) = signs_in(bend);
    assert_eq!(answer.refusal(), "assertion_invalid", "{answer:?}");
    op.honest();
    let app = app(&op);
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303, "the control");
}

fn says(claim: &'static str, value: Value) -> impl FnOnce(&Op) {
    move |op| op.claims(move |claims| drop(claims.insert(claim.to_owned(), value.clone())))
}

fn lacks(claim: &'static str) -> impl FnOnce(&Op) {
    move |op| op.claims(move |claims| drop(claims.remove(claim)))
}

fn without_kid(op: &Op) {
    op.header(|header| drop(header.remove("kid")));
}

fn unsigned(op: &Op) {
    op.sign(|_, claims| format!("{}.{}.", part(&object(json!({ "alg": "none" }))), part(claims)));
}

/// With one letter of the signature exchanged.
fn broken(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').expect("a token");
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    format!("{message}.{flipped}{}", &signature[1..])
}

fn hs256(header: &Map<String, Value>, claims: &Map<String, Value>) -> String {
    let mut header = header.clone();
    header.insert("alg".to_owned(), "HS256".into());
    let message = format!("{}.{}", part(&header), part(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), message.as_bytes());
    format!("{message}.{}", b64(tag.as_ref()))
}

// basic

#[test]
fn oidcc_client_test() {
    accepted(|_| {});
}

#[test]
fn oidcc_client_test_invalid_iss() {
    refused(says("iss", json!("https://op.evil.example/")));
}

#[test]
fn oidcc_client_test_missing_sub() {
    refused(lacks("sub"));
}

#[test]
fn oidcc_client_test_invalid_aud() {
    refused(says("aud", json!("https://op.example/invalid-aud")));
}

#[test]
fn oidcc_client_test_missing_iat() {
    refused(lacks("iat"));
}

#[test]
fn oidcc_client_test_kid_absent_single_jwks() {
    accepted(without_kid);
}

#[test]
fn oidcc_client_test_kid_absent_multiple_jwks() {
    refused(|op| {
        op.state().keys = json!({ "keys": [NEXT.jwk(), RS256.jwk()] });
        without_kid(op);
    });
}

#[test]
fn oidcc_client_test_idtoken_sig_rs256() {
    accepted(|op| op.sign_with(&RS256));
}

/// The suite lets a client accept this in the code flow; we do not.
#[test]
fn oidcc_client_test_idtoken_sig_none() {
    refused(unsigned);
}

#[test]
fn oidcc_client_test_invalid_sig_rs256() {
    refused(|op| op.sign(|header, claims| broken(&RS256.token(header, claims))));
}

#[test]
fn oidcc_client_test_userinfo_invalid_sub() {
    refused(|op| {
        lacks("groups")(op);
        op.userinfo(json!({ "groups": ["owners"] }));
        op.state().userinfo_bend = Some(Box::new(|userinfo| userinfo["sub"] = "id-of-annainvalid".into()));
    });
}

#[test]
fn oidcc_client_test_nonce_invalid() {
    refused(says("nonce", json!("0123456789abcdef0123456789abcdef-invalid")));
}

#[test]
fn oidcc_client_test_scope_userinfo_claims() {
    let op = accepted(|op| {
        op.claims(|claims| {
            claims.retain(|name, _| !["email", "email_verified", "name", "groups"].contains(&name.as_str()))
        });
        op.userinfo(
            json!({ "email": "anna@acme.example", "email_verified": true, "name": "Anna", "groups": ["owners"] }),
        );
    });
    assert_eq!(op.count("/userinfo"), 1);
}

#[test]
fn oidcc_client_test_client_secret_basic() {
    let op = accepted(|_| {});
    let asked = op.last("/token");
    assert!(asked.headers["authorization"].starts_with("Basic ") && !asked.form().contains_key("client_secret"));
}

// configuration

#[test]
fn oidcc_client_test_discovery_openid_config() {
    let op = accepted(|_| {});
    assert_eq!((op.count("/.well-known/openid-configuration"), op.count("/token")), (1, 1));
}

#[test]
fn oidcc_client_test_discovery_jwks_uri_keys() {
    let op = accepted(|_| {});
    assert_eq!(op.count("/keys"), 1);
}

#[test]
fn oidcc_client_test_discovery_issuer_mismatch() {
    let op = Op::start();
    op.discovery(|document| document["issuer"] = "https://op.evil.example/".into());
    let app = app(&op);
    let answer = app.browser().get("/sign-in/acme");
    assert_eq!((answer.refusal(), check_of(&app, &answer).as_str()), ("idp_unavailable", "discovery_issuer"));
}

/// Between a sign-in and its answer, the keys are others.
#[test]
fn oidcc_client_test_signing_key_rotation_just_before_signing() {
    let op = Op::start();
    let app = app(&op);
    let mut browser = app.browser();
    let params = browser.start_oidc("/");
    op.sign_with(&NEXT);
    let code = op.code(&params, anna(&["owners"]));
    assert_eq!(browser.come_back(&[("code", &code), ("state", &params["state"])]).status, 303);
}

/// Between two sign-ins, the keys are others.
#[test]
fn oidcc_client_test_signing_key_rotation() {
    let op = Op::start();
    let app = app(&op);
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
    op.sign_with(&NEXT);
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
}

// others that apply

#[test]
fn oidcc_client_test_missing_aud() {
    refused(lacks("aud"));
}

#[test]
fn oidcc_client_test_invalid_athash() {
    refused(says("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")));
}

#[test]
fn oidcc_client_test_invalid_sig_hs256() {
    refused(|op| op.sign(hs256));
}

#[test]
fn oidcc_client_test_invalid_sig_es256() {
    refused(|op| {
        op.sign_with(&ES256);
        op.sign(|header, claims| broken(&ES256.token(header, claims)));
    });
}

#[test]
fn oidcc_client_test_3rd_party_init_login() {
    let op = Op::start();
    let app = app(&op);
    let pairs =
        [("iss", op.issuer.as_str()), ("login_hint", "anna@acme.example"), ("target_link_uri", &format!("{WIKI}/x"))];
    let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let cross_site = [("origin", "null"), ("sec-fetch-site", "cross-site")];
    // By GET and by POST (OpenID Connect Core 4).
    for by_post in [false, true] {
        let mut browser = app.browser();
        let begun = if by_post {
            let posted = browser.post_with("/sign-in/acme", &cross_site, &pairs);
            assert_eq!(posted.status, 303, "{posted:?}");
            browser.get(posted.location())
        } else {
            browser.get(&format!("/sign-in/acme?{query}"))
        };
        let sent = params(&begun);
        assert_eq!(sent["login_hint"], "anna@acme.example");
        let code = op.code(&sent, anna(&["owners"]));
        let arrived = browser.come_back(&[("code", &code), ("state", &sent["state"])]);
        assert_eq!(arrived.location(), "https://wiki.acme.example/x");
    }
    let mut browser = app.browser();
    assert_eq!(browser.get("/sign-in/acme?iss=https%3A%2F%2Fevil.example").status, 400, "another issuer");
    let elsewhere =
        browser.get(&format!("/sign-in/acme?iss={}&target_link_uri=https%3A%2F%2Fevil.example%2Fx", op.issuer));
    let sent = params(&elsewhere);
    let code = op.code(&sent, anna(&["owners"]));
    assert_eq!(browser.come_back(&[("code", &code), ("state", &sent["state"])]).location(), "/", "no open redirect");
}

/// No refresh token is asked for, and one that comes is not used: there is nothing of it to get wrong.
#[test]
fn oidcc_client_test_refresh_token_invalid_iss_and_sub() {
    let op = accepted(|op| op.answer(|answer| answer["refresh_token"] = "refresh".into()));
    let state = op.state();
    let token_calls: Vec<_> = state.asked.iter().filter(|asked| asked.path == "/token").collect();
    assert_eq!(token_calls.len(), 1);
    assert!(token_calls.iter().all(|call| !call.body.contains("refresh_token")));
}

// back-channel logout

/// Anna, signed in with a session of the provider's.
fn signed_in<'a>(app: &'a TestApp, op: &Op, sid: Option<&str>) -> Browser<'a> {
    let mut browser = app.browser();
    let mut claims = anna(&["owners"]);
    if let Some(sid) = sid {
        claims.insert("sid".to_owned(), sid.into());
    }
    assert_eq!(browser.sign_in_oidc(op, claims).status, 303);
    assert!(is_in(&mut browser));
    browser
}

fn is_in(browser: &mut Browser<'_>) -> bool {
    browser.forward("/auth/nginx", WIKI).status == 200
}

/// As the provider does it: no browser, no cookie.
fn tell(app: &TestApp, token: &str) -> Answer {
    app.browser().post_with("/oidc/acme/backchannel-logout", &[], &[("logout_token", token)])
}

type Bend = fn(&mut Map<String, Value>, &mut Map<String, Value>);

fn names_anna(claims: &mut Map<String, Value>) {
    claims.insert("sub".to_owned(), "id-of-anna".into());
    claims.insert("sid".to_owned(), "session-1".into());
}

/// The token is refused, nobody is out; an honest one after it ends the session.
fn logout_refused(make: impl Fn(&Op) -> String) {
    let op = Op::start();
    let app = app(&op);
    let mut browser = signed_in(&app, &op, Some("session-1"));
    let answer = tell(&app, &make(&op));
    assert_eq!((answer.status, answer.body.as_str()), (400, r#"{"error":"invalid_request"}"#), "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(is_in(&mut browser));
    assert_eq!(tell(&app, &op.logout_token(|_, claims| names_anna(claims))).status, 200, "the control");
    assert!(!is_in(&mut browser));
}

fn logout_bent(bend: Bend) {
    logout_refused(|op| {
        op.logout_token(|header, claims| {
            names_anna(claims);
            bend(header, claims);
        })
    });
}

/// We end ours, the browser goes on to the provider with what it needs to know, and comes back.
#[test]
fn oidcc_client_test_rp_backchannel_rpinitlogout() {
    let op = Op::start();
    let app = app(&op);
    let mut browser = signed_in(&app, &op, Some("session-1"));
    let left = browser.post("/sign-out", &[]);
    assert!(!is_in(&mut browser), "ours has ended before anything else");
    let page = browser.get(left.location());
    let href = page.body.split("url=").nth(1).and_then(|rest| rest.split('"').next()).expect("a page that goes on");
    let href = url::Url::parse(&href.replace("&#38;", "&").replace("&amp;", "&")).expect("a URL");
    assert!(href.as_str().starts_with(&format!("{}/logout?", op.issuer)), "{href}");
    let sent: std::collections::BTreeMap<String, String> =
        href.query_pairs().map(|(name, value)| (name.into(), value.into())).collect();
    assert_eq!(sent["post_logout_redirect_uri"], "https://login.acme.example/signed-out");
    assert_eq!(sent["client_id"], CLIENT);
    let claims = sent["id_token_hint"].split('.').nth(1).expect("an ID token");
    let claims: Value = serde_json::from_slice(&unb64(claims)).expect("JSON");
    assert_eq!((claims["sub"].as_str(), claims["sid"].as_str()), (Some("id-of-anna"), Some("session-1")));
    // The provider tells every application, us too, and sends the browser back.
    assert_eq!(tell(&app, &op.logout_token(|_, claims| names_anna(claims))).status, 200);
    let back = browser.get(&format!("/signed-out?state={}", sent["state"]));
    assert!(back.body.contains("Acme IdP"), "it is ended there, too: {}", back.body);
    assert!(
        !app.browser().get(&format!("/signed-out?state={}", sent["state"])).body.contains("Acme IdP"),
        "another browser"
    );
}

/// It has to fit into an address; without it the provider may ask, which is better than a page that fails.
#[test]
fn an_id_token_of_many_groups_is_no_hint() {
    let op = Op::start();
    let app = app(&op);
    let mut browser = app.browser();
    let mut claims = anna(&["owners"]);
    claims.insert("more".to_owned(), "x".repeat(4096).into());
    assert_eq!(browser.sign_in_oidc(&op, claims).status, 303);
    let left = browser.post("/sign-out", &[]);
    let page = browser.get(left.location()).body;
    assert!(page.contains("post_logout_redirect_uri=") && !page.contains("id_token_hint"), "{page}");
}

#[test]
fn oidcc_client_test_rp_backchannel_alg_none() {
    logout_refused(|op| {
        let token = op.logout_token(|_, claims| names_anna(claims));
        let claims = token.split('.').nth(1).expect("a token").to_owned();
        format!("{}.{claims}.", part(&object(json!({ "alg": "none", "typ": "logout+jwt" }))))
    });
}

#[test]
fn oidcc_client_test_rp_backchannel_no_event() {
    logout_bent(|_, claims| drop(claims.remove("events")));
}

#[test]
fn oidcc_client_test_rp_backchannel_with_nonce() {
    logout_bent(|_, claims| drop(claims.insert("nonce".to_owned(), "x".into())));
}

#[test]
fn oidcc_client_test_rp_backchannel_wrong_alg() {
    logout_refused(|op| {
        let token = op.logout_token(|_, claims| names_anna(claims));
        let parts: Vec<Map<String, Value>> =
            token.split('.').take(2).map(|part| object(serde_json::from_slice(&unb64(part)).expect("JSON"))).collect();
        hs256(&parts[0], &parts[1])
    });
}

#[test]
fn oidcc_client_test_rp_backchannel_wrong_aud() {
    logout_bent(|_, claims| drop(claims.insert("aud".to_owned(), "another-client".into())));
}

#[test]
fn oidcc_client_test_rp_backchannel_wrong_event() {
    logout_bent(|_, claims| {
        claims.insert("events".to_owned(), json!({ "http://schemas.openid.net/event/other": {} }));
    });
}

#[test]
fn oidcc_client_test_rp_backchannel_wrong_iss() {
    logout_bent(|_, claims| drop(claims.insert("iss".to_owned(), "https://op.evil.example/".into())));
}

// and what the suite does not ask

#[test]
fn a_logout_token_is_held_against_everything_else_it_must_be() {
    let bends: [(&str, Bend); 12] = [
        ("iat missing", |_, claims| drop(claims.remove("iat"))),
        ("iat old", |_, claims| {
            drop(claims.insert("iat".to_owned(), (claims["iat"].as_i64().expect("a time") - 800).into()))
        }),
        ("iat future", |_, claims| {
            drop(claims.insert("iat".to_owned(), (claims["iat"].as_i64().expect("a time") + 100).into()))
        }),
        ("expired", |_, claims| {
            drop(claims.insert("exp".to_owned(), (claims["iat"].as_i64().expect("a time") - 91).into()))
        }),
        ("nonce null", |_, claims| drop(claims.insert("nonce".to_owned(), Value::Null))),
        ("event no object", |_, claims| {
            claims.insert("events".to_owned(), json!({ "http://schemas.openid.net/event/backchannel-logout": true }));
        }),
        ("events a list", |_, claims| {
            claims.insert("events".to_owned(), json!(["http://schemas.openid.net/event/backchannel-logout"]));
        }),
        ("jti missing", |_, claims| drop(claims.remove("jti"))),
        ("neither sub nor sid", |_, claims| {
            claims.remove("sub");
            claims.remove("sid");
        }),
        ("sid no text", |_, claims| drop(claims.insert("sid".to_owned(), 7.into()))),
        ("typ at+jwt", |header, _| drop(header.insert("typ".to_owned(), "at+jwt".into()))),
        ("kid unknown", |header, _| drop(header.insert("kid".to_owned(), "other".into()))),
    ];
    for (name, bend) in bends {
        println!("{name}");
        logout_bent(bend);
    }
    logout_refused(|_| "no token".to_owned());
    let op = Op::start();
    let app = app(&op);
    let missing = app.browser().post_with("/oidc/acme/backchannel-logout", &[], &[("token", "x")]);
    assert_eq!(missing.status, 400);
    let huge = app.browser().post_with("/oidc/acme/backchannel-logout", &[], &[("logout_token", &"x".repeat(100_000))]);
    assert_eq!(huge.status, 413);
}

#[test]
fn a_logout_token_counts_once() {
    let op = Op::start();
    let app = app(&op);
    let mut first = signed_in(&app, &op, Some("session-1"));
    let token = op.logout_token(|_, claims| names_anna(claims));
    assert_eq!(tell(&app, &token).status, 200);
    assert!(!is_in(&mut first));
    let mut second = signed_in(&app, &op, Some("session-1"));
    assert_eq!(tell(&app, &token).status, 400, "replayed");
    assert!(is_in(&mut second));
    let ended = app.events().iter().filter(|kind| *kind == "sessions_ended").count();
    assert_eq!(ended, 1);
}

#[test]
fn a_logout_token_ends_the_sessions_it_means_and_no_others() {
    let op = Op::start();
    let app = app(&op);
    let mut desk = signed_in(&app, &op, Some("session-1"));
    let mut phone = signed_in(&app, &op, Some("session-2"));
    let mut silent = signed_in(&app, &op, None);
    let mut bert = app.browser();
    let mut claims = anna(&["everyone"]);
    claims.insert("sub".to_owned(), "id-of-bert".into());
    claims.insert("email".to_owned(), "bert@acme.example".into());
    claims.insert("sid".to_owned(), "session-3".into());
    assert_eq!(bert.sign_in_oidc(&op, claims).status, 303);
    let insert =
        |claims: &mut Map<String, Value>, name: &str, value: &str| drop(claims.insert(name.to_owned(), value.into()));

    let foreign = op.logout_token(|_, claims| {
        insert(claims, "sub", "id-of-bert");
        insert(claims, "sid", "session-1");
    });
    assert_eq!(tell(&app, &foreign).status, 200);
    assert!(is_in(&mut desk) && is_in(&mut bert), "a session and a person that do not belong together");
    let by_session = op.logout_token(|_, claims| insert(claims, "sid", "session-1"));
    assert_eq!(tell(&app, &by_session).status, 200);
    assert!(!is_in(&mut desk) && is_in(&mut phone) && is_in(&mut silent) && is_in(&mut bert));
    let mut desk = signed_in(&app, &op, Some("session-4"));
    let both = op.logout_token(|_, claims| {
        insert(claims, "sub", "id-of-anna");
        insert(claims, "sid", "session-4");
    });
    assert_eq!(tell(&app, &both).status, 200);
    assert!(!is_in(&mut desk) && is_in(&mut phone), "and the one of which nobody knows which it was");
    assert!(!is_in(&mut silent));
    let by_person = op.logout_token(|_, claims| insert(claims, "sub", "id-of-anna"));
    assert_eq!(tell(&app, &by_person).status, 200);
    assert!(!is_in(&mut phone) && is_in(&mut bert));
    let nobody = op.logout_token(|_, claims| insert(claims, "sub", "id-of-nobody"));
    assert_eq!(tell(&app, &nobody).status, 200, "nothing to end is no mistake");
}

#[test]
fn a_logout_reaches_people_who_are_known_by_another_claim_too() {
    let op = Op::start();
    let app = app(&op);
    let known = app.db.read_one(|tx| usher::store::connections::by_slug(tx, &crate::support::slug("acme")));
    let mut known = known.expect("readable").expect("there");
    known.attributes.subject = Some("oid".to_owned());
    app.change(move |tx| usher::store::connections::update(tx, &known));
    let mut browser = app.browser();
    let mut claims = anna(&["owners"]);
    claims.insert("oid".to_owned(), "object-1".into());
    assert_eq!(browser.sign_in_oidc(&op, claims).status, 303);
    let token = op.logout_token(|_, claims| drop(claims.insert("sub".to_owned(), "id-of-anna".into())));
    assert_eq!(tell(&app, &token).status, 200);
    assert!(!is_in(&mut browser));
}

#[test]
fn a_sign_out_does_not_wait_for_a_provider_that_does_not_answer() {
    let op = Op::start();
    let mut app = app(&op);
    let cookies = signed_in(&app, &op, None).cookies;
    // What the provider said of itself is forgotten, and it is away.
    app.restart();
    op.reply("/.well-known/openid-configuration", Reply::silence());
    let mut browser = app.browser();
    browser.cookies = cookies;
    let left = browser.post("/sign-out", &[]);
    assert!(left.status == 303 && !is_in(&mut browser));
    let page = browser.get(left.location());
    assert!(page.status == 200 && !page.body.contains("http-equiv=\"refresh\""), "it says so instead: {}", page.body);
    assert!(page.body.contains("You may still be signed in at your identity provider"), "{}", page.body);
}
