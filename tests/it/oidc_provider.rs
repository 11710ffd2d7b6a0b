//! A provider that lies about itself, changes its keys, is slow or away: O.discovery, O.jwks, O.flow.jwks_*, O.flow.idp_down.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::oidc_support::*;
use crate::support::{Answer, TestApp, WIKI};

fn note(app: &TestApp) -> usher::store::connections::Check {
    let check = app.db.read(|tx| {
        let known = usher::store::connections::by_slug(tx, &crate::support::slug("acme"))?.expect("there");
        usher::store::connections::check(tx, known.id)
    });
    check.map_err(|error: usher::db::DbError| error).expect("readable").expect("noted")
}

/// Begins a sign-in at a provider that has never been read.
fn begin(op: &Op) -> (Answer, String, String) {
    let app = app(op);
    let answer = app.browser().get("/sign-in/acme");
    let check = if answer.status == 303 { String::new() } else { check_of(&app, &answer) };
    let problem = note(&app).problem.unwrap_or_default();
    (answer, check, problem)
}

#[test]
fn o_discovery_a_document_that_is_not_what_it_must_be_sends_nobody_anywhere() {
    type Bend = fn(&mut Value);
    let bends: Vec<(&str, &str, Bend)> = vec![
        ("disc_issuer_other", "discovery_issuer", |d| d["issuer"] = "https://evil.example".into()),
        ("disc_issuer_slash", "discovery_issuer", |d| {
            d["issuer"] = format!("{}/", d["issuer"].as_str().expect("a text")).into()
        }),
        ("disc_issuer_case", "discovery_issuer", |d| {
            d["issuer"] = d["issuer"].as_str().expect("a text").to_uppercase().into()
        }),
        ("disc_issuer_missing", "discovery_lacks", |d| drop(d.as_object_mut().expect("an object").remove("issuer"))),
        ("disc_issuer_list", "discovery_lacks", |d| d["issuer"] = json!([d["issuer"]])),
        ("disc_issuer_entra_template", "issuer_template", |d| {
            d["issuer"] = "https://login.microsoftonline.com/{tenantid}/v2.0".into();
        }),
        ("disc_no_token_endpoint", "discovery_lacks", |d| {
            drop(d.as_object_mut().expect("an object").remove("token_endpoint"))
        }),
        ("disc_no_keys", "discovery_lacks", |d| d["jwks_uri"] = Value::Null),
        ("disc_endpoint_file", "endpoint_not_https", |d| d["token_endpoint"] = "file:///etc/passwd".into()),
        ("disc_endpoint_script", "endpoint_not_https", |d| d["authorization_endpoint"] = "javascript:alert(1)".into()),
        ("disc_endpoint_userinfo", "endpoint_not_https", |d| d["jwks_uri"] = "https://x:y@idp.example/keys".into()),
        ("disc_endpoint_user", "endpoint_not_https", |d| d["jwks_uri"] = "https://x@idp.example/keys".into()),
        ("disc_endpoint_password", "endpoint_not_https", |d| d["jwks_uri"] = "https://:y@idp.example/keys".into()),
        ("disc_endpoint_fragment", "endpoint_not_https", |d| {
            d["authorization_endpoint"] = "https://idp.example/#x".into()
        }),
        ("disc_endpoint_relative", "endpoint_not_https", |d| d["token_endpoint"] = "/token".into()),
        ("disc_endpoint_number", "endpoint_not_https", |d| d["userinfo_endpoint"] = 7.into()),
        ("disc_no_code_flow", "not_offered", |d| d["response_types_supported"] = json!(["id_token", "token"])),
        ("disc_pkce_plain_only", "not_offered", |d| d["code_challenge_methods_supported"] = json!(["plain"])),
    ];
    for (name, expected, bend) in bends {
        let op = Op::start();
        op.discovery(bend);
        let (answer, check, problem) = begin(&op);
        assert_eq!((answer.refusal(), check.as_str()), ("idp_unavailable", expected), "{name}");
        assert!(answer.body.contains("Acme IdP"), "{name}: the page names the identity provider");
        assert!(problem.len() > 40, "{name}: the connection's page says it, too: {problem}");
    }
    let canary = Op::start();
    let replies: Vec<(&str, &str, Reply)> = vec![
        ("disc_html", "discovery_unreadable", Reply::bytes("text/html", b"<html>".to_vec())),
        ("disc_list", "discovery_unreadable", Reply::json(&json!([]))),
        (
            "disc_twice",
            "discovery_unreadable",
            Reply::bytes("application/json", br#"{"issuer":"a","issuer":"b"}"#.to_vec()),
        ),
        ("disc_huge", "too_large", Reply::bytes("application/json", vec![b' '; 300_000])),
        ("disc_404", "status", Reply::error(404, "x")),
        ("disc_redirect", "status", Reply::redirect(302, &canary.issuer)),
    ];
    for (name, expected, reply) in replies {
        let op = Op::start();
        op.reply("/.well-known/openid-configuration", reply);
        let (answer, check, _) = begin(&op);
        assert_eq!((answer.refusal(), check.as_str()), ("idp_unavailable", expected), "{name}");
    }
    assert_eq!(canary.state().asked.len(), 0);
    let (control, _, problem) = begin(&Op::start());
    assert_eq!((control.status, problem.as_str()), (303, ""), "the control");
}

#[test]
fn o_jwks_a_key_set_without_a_key_that_counts_sends_nobody_anywhere() {
    let jwk = |bend: fn(&mut Value)| {
        let mut jwk = RS256.jwk();
        bend(&mut jwk);
        jwk
    };
    let sets: Vec<(&str, &str, Value)> = vec![
        ("jwks_empty", "no_usable_key", json!({ "keys": [] })),
        ("jwks_no_list", "keys_unreadable", json!({ "keys": {} })),
        ("jwks_no_object", "keys_unreadable", json!([RS256.jwk()])),
        ("jwks_symmetric", "no_usable_key", json!({ "keys": [{ "kty": "oct", "kid": "rsa-1", "k": "c2VjcmV0" }] })),
        ("jwks_for_encryption", "no_usable_key", json!({ "keys": [jwk(|k| k["use"] = "enc".into())] })),
        ("jwks_key_ops", "no_usable_key", json!({ "keys": [jwk(|k| k["key_ops"] = json!(["encrypt"]))] })),
        ("jwks_private", "no_usable_key", json!({ "keys": [jwk(|k| k["d"] = "AQAB".into())] })),
        ("jwks_rsa_1024", "no_usable_key", json!({ "keys": [jwk(|k| k["n"] = b64(&[0xff; 128]).into())] })),
        ("jwks_rsa_16k", "no_usable_key", json!({ "keys": [jwk(|k| k["n"] = b64(&[0xff; 2048]).into())] })),
        (
            "jwks_rsa_zero_padded",
            "no_usable_key",
            json!({ "keys": [jwk(|k| k["n"] = b64(&[[0; 192], [1; 192]].concat()[..320]).into())] }),
        ),
        ("jwks_ec_short", "no_usable_key", json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ" }] })),
        (
            "jwks_ec_curve",
            "no_usable_key",
            json!({ "keys": [{ "kty": "EC", "crv": "secp256k1", "x": "AQ", "y": "AQ" }] }),
        ),
    ];
    for (name, expected, set) in sets {
        let op = Op::start();
        op.state().keys = set;
        let (answer, check, _) = begin(&op);
        assert_eq!((answer.refusal(), check.as_str()), ("idp_unavailable", expected), "{name}");
    }
    let op = Op::start();
    op.reply("/keys", Reply::bytes("application/json", vec![b' '; 300_000]));
    assert_eq!(begin(&op).1, "too_large", "jwks_huge");

    // Keys that do not count beside one that does are no trouble.
    let op = Op::start();
    op.state().keys = json!({ "keys": [{ "kty": "oct", "k": "AA" }, 7, {}, STRANGER.jwk()["n"], RS256.jwk()] });
    let app = app(&op);
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303, "the control");
}

#[test]
fn o_flow_jwks_rotation_a_new_key_counts_at_the_next_sign_in() {
    let op = Op::start();
    let app = app(&op);
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
    // Just before it signs, while the old keys are fresh in our memory.
    let mut browser = app.browser();
    let params = browser.start_oidc("/");
    op.sign_with(&NEXT);
    let code = op.code(&params, anna(&["owners"]));
    assert_eq!(browser.come_back(&[("code", &code), ("state", &params["state"])]).status, 303);
    assert_eq!(op.count("/keys"), 2);
    // The old key is published no more.
    op.sign(|header, claims| {
        RS256.token(
            &{
                let mut h = header.clone();
                h.insert("kid".to_owned(), "rsa-1".into());
                h
            },
            claims,
        )
    });
    app.clock.advance(Duration::from_secs(11));
    let answer = app.browser().sign_in_oidc(&op, anna(&["owners"]));
    assert_eq!((answer.refusal(), check_of(&app, &answer).as_str()), ("assertion_invalid", "unknown_key"));
    // The same name for another key: a signature that does not verify is a reason to look as well.
    op.sign_with(&STRANGER);
    app.clock.advance(Duration::from_secs(11));
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
    // Without any reason, they are read again after a while.
    let before = op.count("/keys");
    app.clock.advance(Duration::from_secs(16 * 60));
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
    assert_eq!(op.count("/keys"), before + 1);
}

#[test]
fn o_flow_jwks_flood_tokens_with_unknown_keys_do_not_make_us_a_nuisance() {
    let op = Op::start();
    let app = app(&op);
    op.header(|header| drop(header.insert("kid".to_owned(), "other".into())));
    for n in 0..40 {
        if n == 20 {
            app.clock.advance(Duration::from_secs(11));
        }
        assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).refusal(), "assertion_invalid");
    }
    assert_eq!(
        (op.count("/keys"), op.count("/.well-known/openid-configuration")),
        (3, 3),
        "at the start, and once in 10 s"
    );
    op.honest();
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303, "the control");
}

#[test]
fn a_provider_that_cannot_be_read_again_still_counts_for_a_day() {
    let op = Op::start();
    let app = app(&op);
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
    op.reply("/.well-known/openid-configuration", Reply::error(500, "x"));
    app.clock.advance(Duration::from_secs(23 * 3600));
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
    assert_eq!(op.count("/.well-known/openid-configuration"), 2);
    let noted = note(&app);
    assert!(noted.problem.is_some_and(|problem| problem.contains("500")), "and it is noted");
    assert!(noted.good.is_some_and(|good| good < noted.at), "with when it last went well");
    app.clock.advance(Duration::from_secs(2 * 3600));
    assert_eq!(app.browser().get("/sign-in/acme").refusal(), "idp_unavailable");
    op.honest();
    assert_eq!(app.browser().get("/sign-in/acme").refusal(), "idp_unavailable", "not asked again at once");
    app.clock.advance(Duration::from_secs(11));
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
    assert_eq!(note(&app).problem, None);
}

/// One real deadline for everything that is slow.
#[test]
#[expect(clippy::disallowed_methods, reason = "it is about how long things really take")]
fn o_flow_idp_down_a_provider_that_hangs_delays_nobody_else_and_is_named() {
    let (dead, dripping) = (Op::start(), Op::start());
    let (at_dead, at_dripping) = (app(&dead), app(&dripping));
    dead.reply("/.well-known/openid-configuration", Reply::silence());
    // token_drip: every read brings something, the whole never ends.
    let slow = Reply { drip: Duration::from_millis(300), ..Reply::bytes("application/json", vec![b' '; 1000]) };
    dripping.reply("/token", slow);
    let began = Instant::now();
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..12).map(|_| scope.spawn(|| at_dead.browser().get("/sign-in/acme"))).collect();
        let drip = scope.spawn(|| at_dripping.browser().sign_in_oidc(&dripping, anna(&["owners"])));
        std::thread::sleep(Duration::from_millis(300));
        let asked = Instant::now();
        for _ in 0..20 {
            assert_eq!(at_dead.browser().forward("/auth/nginx", WIKI).status, 401);
        }
        assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
        for answer in waiting {
            let answer = answer.join().expect("an answer");
            assert_eq!(answer.refusal(), "idp_unavailable");
            assert!(answer.body.contains("Acme IdP"));
        }
        assert_eq!(drip.join().expect("an answer").refusal(), "idp_unavailable");
    });
    assert!(began.elapsed() < Duration::from_secs(15), "one deadline, not one per read: {:?}", began.elapsed());
    assert_eq!(dead.count("/.well-known/openid-configuration"), 1, "asked once for all who wait");
    dead.honest();
    at_dead.clock.advance(Duration::from_secs(11));
    assert_eq!(at_dead.browser().sign_in_oidc(&dead, anna(&["owners"])).status, 303, "the control");
}

/// A document as the provider gives it, with another address to sign in at, byte by byte.
fn slowly(op: &Op, authorize: &str) -> Reply {
    let issuer = &op.issuer;
    let document = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/{authorize}"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
    });
    Reply { drip: Duration::from_millis(2), ..Reply::json(&document) }
}

#[test]
fn what_a_provider_said_more_than_a_day_ago_does_not_count_while_it_is_being_read_again() {
    let op = Op::start();
    let app = app(&op);
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
    op.reply("/.well-known/openid-configuration", slowly(&op, "moved"));
    app.clock.advance(Duration::from_secs(25 * 3600));
    std::thread::scope(|scope| {
        let both = [(); 4].map(|()| scope.spawn(|| app.browser().get("/sign-in/acme")));
        for begun in both.map(|one| one.join().expect("an answer")) {
            assert!(begun.location().starts_with(&format!("{}/moved?", op.issuer)), "{begun:?}");
        }
    });
    assert_eq!(op.count("/.well-known/openid-configuration"), 2, "all waited for the same look");
}

#[test]
fn o_flow_jwks_rotation_everybody_who_comes_back_at_that_moment_is_let_in() {
    let op = Op::start();
    let app = app(&op);
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let mut browser = app.browser();
        let sent = browser.start_oidc("/");
        let code = op.code(&sent, anna(&["owners"]));
        waiting.push((browser, sent, code));
    }
    op.sign_with(&NEXT);
    // Long enough that all of them hold the old keys against the new signature.
    let keys = Reply { drip: Duration::from_millis(1), ..Reply::json(&json!({ "keys": [NEXT.jwk()] })) };
    op.reply("/keys", keys);
    std::thread::scope(|scope| {
        let racing: Vec<_> = waiting
            .iter_mut()
            .map(|(browser, sent, code)| {
                scope.spawn(|| browser.come_back(&[("code", code.as_str()), ("state", sent["state"].as_str())]))
            })
            .collect();
        for back in racing {
            let back = back.join().expect("an answer");
            assert_eq!(back.status, 303, "{back:?}");
        }
    });
    assert_eq!(op.count("/keys"), 2, "one look for all");
}
