//! A hostile provider, or somebody between it and us: what must not work. Names as in OpenID attack catalogues: O.jws, O.idtoken,
//! O.flow, O.callback, O.token, O.id.

use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use usher::clock::Clock as _;

use crate::oidc_support::*;
use crate::support::WIKI;

const INVALID: &str = "assertion_invalid";

/// A header as it stands, with the signature of a key that the provider publishes.
fn with_header(name: &'static str, check: &'static str, header: Value) -> Hostile {
    hostile(name, INVALID, check, move |op| {
        let header = header.clone();
        op.header(move |bent| bent.extend(object(header.clone())));
    })
}

/// The ID token as a text of the attacker's making.
fn with_token(
    name: &'static str,
    check: &'static str,
    make: impl Fn(&str, &serde_json::Map<String, Value>) -> String + Clone + Send + 'static,
) -> Hostile {
    hostile(name, INVALID, check, move |op| {
        let make = make.clone();
        op.sign(move |header, claims| make(&RS256.token(header, claims), claims));
    })
}

fn hs256(secret: &[u8], claims: &serde_json::Map<String, Value>) -> String {
    let header = object(json!({ "alg": "HS256", "kid": "rsa-1" }));
    let message = format!("{}.{}", part(&header), part(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", b64(tag.as_ref()))
}

#[test]
fn o_jws_no_header_and_no_signature_of_somebody_else_is_believed() {
    let canary = Op::start();
    let at = |path: &str| format!("{}{path}", canary.issuer);
    let mut cases = vec![
        with_token("alg_hs256_public_jwk", "algorithm", |_, claims| hs256(RS256.jwk().to_string().as_bytes(), claims)),
        with_token("alg_hs256_modulus", "algorithm", |_, claims| {
            hs256(RS256.jwk()["n"].as_str().expect("n").as_bytes(), claims)
        }),
        with_token("alg_hs256_client_secret", "algorithm", |_, claims| hs256(SECRET.as_bytes(), claims)),
        with_token("alg_hs256_empty_secret", "algorithm", |_, claims| hs256(b"", claims)),
        with_token("signature_stripped", "signature", |token, _| {
            format!("{}.", token.rsplit_once('.').expect("a token").0)
        }),
        with_token("signature_of_another_token", "signature", |token, claims| {
            let mut other = claims.clone();
            other.insert("sub".to_owned(), "id-of-bert".into());
            let other = RS256.token(&RS256.header(), &other);
            let message = token.rsplit_once('.').expect("a token").0;
            format!("{message}.{}", other.rsplit_once('.').expect("a token").1)
        }),
        with_token("payload_exchanged", "signature", |token, claims| {
            let mut other = claims.clone();
            other.insert("sub".to_owned(), "id-of-bert".into());
            let parts: Vec<&str> = token.split('.').collect();
            format!("{}.{}.{}", parts[0], part(&other), parts[2])
        }),
        with_token("two_parts", "not_a_jws", |token, _| token.rsplit_once('.').expect("a token").0.to_owned()),
        with_token("five_parts_jwe", "not_a_jws", |token, _| format!("{token}.a.b")),
        with_token("standard_base64", "not_a_jws", |token, _| format!("{token}=")),
        with_token("white_space", "signature", |token, _| token.replacen('.', ".\n", 1)),
        with_token("white_space_signed", "not_a_jws", |_, claims| {
            let message = format!("{}.\n{}", part(&RS256.header()), part(claims));
            format!("{message}.{}", RS256.signature(&message))
        }),
        with_token("header_twice", "header", |_, claims| {
            let header = b64(br#"{"alg":"none","alg":"RS256","kid":"rsa-1"}"#);
            let message = format!("{header}.{}", part(claims));
            format!("{message}.{}", RS256.signature(&message))
        }),
        with_token("claim_twice", "payload", |_, claims| {
            let payload = serde_json::to_string(claims).expect("JSON").replacen('{', r#"{"sub":"id-of-bert","#, 1);
            let message = format!("{}.{}", part(&RS256.header()), b64(payload.as_bytes()));
            format!("{message}.{}", RS256.signature(&message))
        }),
        with_token("payload_no_object", "payload", |_, _| {
            let message = format!("{}.{}", part(&RS256.header()), b64(b"[]"));
            format!("{message}.{}", RS256.signature(&message))
        }),
        with_token("payload_deep", "payload", |_, _| {
            let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
            let message = format!("{}.{}", part(&RS256.header()), b64(deep.as_bytes()));
            format!("{message}.{}", RS256.signature(&message))
        }),
        with_token("huge", "not_a_jws", |token, _| format!("{token}{}", "A".repeat(300_000))),
        with_header("kid_unknown", "unknown_key", json!({ "kid": "other" })),
        with_header("kid_no_text", "header", json!({ "kid": 1 })),
        with_header("kid_path", "unknown_key", json!({ "kid": "../../../../dev/null" })),
        with_header("kid_sql", "unknown_key", json!({ "kid": "x' UNION SELECT 'key" })),
        with_header("crit", "header", json!({ "crit": ["exp"], "exp": 1 })),
        with_header("b64_false", "header", json!({ "b64": false })),
        with_header("cty_jwt_nested", "header", json!({ "cty": "JWT" })),
        with_header("enc_of_a_jwe", "header", json!({ "enc": "A256GCM" })),
        with_header("typ_logout_token", "header", json!({ "typ": "logout+jwt" })),
        with_header("typ_access_token", "header", json!({ "typ": "application/at+jwt" })),
        with_header("alg_of_another_family", "unknown_key", json!({ "alg": "ES256" })),
        // The key set says that this key is for RS256.
        with_header("alg_not_the_keys_own", "unknown_key", json!({ "alg": "PS256" })),
        hostile("foreign_key_same_kid", INVALID, "signature", |op| {
            op.sign(|header, claims| STRANGER.token(header, claims))
        }),
        hostile("psychic_signature", INVALID, "signature", |op| {
            op.sign_with(&ES256);
            op.sign(|_, claims| format!("{}.{}.{}", part(&ES256.header()), part(claims), b64(&[0; 64])));
        }),
        hostile("ecdsa_der_signature", INVALID, "signature", |op| {
            op.sign_with(&ES256);
            op.sign(|header, claims| {
                let token = ES256.token(header, claims);
                let (message, _) = token.rsplit_once('.').expect("a token");
                let der = [&[0x30, 0x44, 0x02, 0x20][..], &[1; 32], &[0x02, 0x20], &[1; 32]].concat();
                format!("{message}.{}", b64(&der))
            });
        }),
    ];
    for word in ["none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS1", "RSA1_5", "dir", "rs256", "RS256 "] {
        cases.push(with_header("alg_word", "algorithm", json!({ "alg": word })));
        cases.push(with_token("alg_word_unsigned", "algorithm", move |_, claims| {
            format!("{}.{}.", part(&object(json!({ "alg": word, "kid": "rsa-1" }))), part(claims))
        }));
    }
    cases.push(with_header("alg_no_text", "algorithm", json!({ "alg": ["RS256"] })));
    // A header that brings its own key, or says where one is.
    for (name, header) in [
        ("foreign_key_jwk", json!({ "jwk": STRANGER.jwk() })),
        ("foreign_key_jku", json!({ "jku": at("/keys") })),
        ("foreign_key_x5u", json!({ "x5u": at("/cert.pem") })),
        ("foreign_key_x5c", json!({ "x5c": ["MIIB"] })),
    ] {
        for kid in ["rsa-1", "evil"] {
            let header = header.clone();
            let check = if kid == "evil" { "unknown_key" } else { "signature" };
            cases.push(hostile(name, INVALID, check, move |op| {
                let header = header.clone();
                op.header(move |bent| {
                    bent.extend(object(header.clone()));
                    bent.insert("kid".to_owned(), kid.into());
                });
                op.sign(|header, claims| STRANGER.token(header, claims));
            }));
        }
    }
    try_all(&cases, &anna(&["owners"]));
    assert_eq!(canary.state().asked.len(), 0, "nobody follows an address out of a header");
}

/// The ID token says this instead.
fn says(name: &'static str, check: &'static str, claim: &'static str, value: Value) -> Hostile {
    hostile(name, INVALID, check, move |op| {
        let value = value.clone();
        op.claims(move |claims| drop(claims.insert(claim.to_owned(), value.clone())));
    })
}

fn lacks(name: &'static str, check: &'static str, claim: &'static str) -> Hostile {
    hostile(name, INVALID, check, move |op| op.claims(move |claims| drop(claims.remove(claim))))
}

fn shifted(name: &'static str, check: &'static str, claim: &'static str, by: i64) -> Hostile {
    hostile(name, INVALID, check, move |op| {
        op.claims(move |claims| {
            let now = claims["iat"].as_i64().expect("a time");
            claims.insert(claim.to_owned(), (now + by).into());
        });
    })
}

fn issuer(name: &'static str, bend: fn(&str) -> Value) -> Hostile {
    let check = if bend("x").is_string() { "issuer" } else { "claim" };
    hostile(name, INVALID, check, move |op| {
        op.claims(move |claims| {
            let bent = bend(claims["iss"].as_str().expect("a text"));
            claims.insert("iss".to_owned(), bent);
        });
    })
}

#[test]
fn o_idtoken_every_claim_is_held_against_what_it_must_be() {
    let long = "x".repeat(256);
    let cases = vec![
        lacks("iss_missing", "claim", "iss"),
        issuer("iss_other", |_| json!("https://evil.example")),
        issuer("iss_trailing_slash", |iss| json!(format!("{iss}/"))),
        issuer("iss_upper_case", |iss| json!(iss.to_uppercase())),
        issuer("iss_suffix", |iss| json!(format!("{iss}.evil.example"))),
        issuer("iss_userinfo", |iss| json!(iss.replace("http://", "http://x@"))),
        issuer("iss_list", |iss| json!([iss])),
        issuer("iss_entra_template", |_| json!("https://login.microsoftonline.com/{tenantid}/v2.0")),
        issuer("iss_entra_other_tenant", |_| {
            json!("https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0")
        }),
        lacks("aud_missing", "claim", "aud"),
        says("aud_other", "audience", "aud", json!("other-client")),
        says("aud_empty_list", "audience", "aud", json!([])),
        says("aud_list_of_others", "audience", "aud", json!(["a", "b"])),
        says("aud_number", "claim", "aud", json!(1)),
        says("aud_list_with_numbers", "claim", "aud", json!([CLIENT, 1])),
        says("aud_prefix", "audience", "aud", json!("usher-2")),
        says("aud_several_without_azp", "authorized_party", "aud", json!([CLIENT, "other-client"])),
        says("azp_other", "authorized_party", "azp", json!("other-client")),
        says("azp_no_text", "claim", "azp", json!([CLIENT])),
        lacks("exp_missing", "claim", "exp"),
        shifted("exp_past", "ended", "exp", -91),
        says("exp_zero", "ended", "exp", json!(0)),
        says("exp_text", "claim", "exp", json!("9999999999")),
        says("exp_negative", "claim", "exp", json!(-1)),
        says("exp_infinite", "claim", "exp", json!(1e300)),
        lacks("iat_missing", "claim", "iat"),
        shifted("iat_future", "from_the_future", "iat", 95),
        shifted("iat_old", "too_old", "iat", -700),
        shifted("nbf_future", "from_the_future", "nbf", 95),
        says("nbf_text", "claim", "nbf", json!("now")),
        lacks("nonce_missing", "claim", "nonce"),
        says("nonce_other", "nonce", "nonce", json!("00000000000000000000000000000000")),
        says("nonce_empty", "claim", "nonce", json!("")),
        says("nonce_list", "claim", "nonce", json!(["x"])),
        says("at_hash_other", "access_token_hash", "at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        says("at_hash_null", "claim", "at_hash", Value::Null),
        hostile("at_hash_of_another_access_token", INVALID, "access_token_hash", |op| {
            op.answer(|answer| answer["access_token"] = "at-id-of-bert".into());
        }),
        lacks("sub_missing", "claim", "sub"),
        says("sub_empty", "claim", "sub", json!("")),
        says("sub_number", "claim", "sub", json!(7)),
        says("sub_null", "claim", "sub", Value::Null),
        says("sub_long", "claim", "sub", json!(long)),
        says("sub_control", "claim", "sub", json!("id-of-anna\u{0}x")),
    ];
    try_all(&cases, &anna(&["owners"]));
}

#[test]
fn o_id_an_address_counts_only_if_it_is_one_is_verified_and_is_theirs() {
    let email = |name, refusal, check, value: Value| {
        hostile(name, refusal, check, move |op| {
            let value = value.clone();
            op.claims(move |claims| drop(claims.insert("email".to_owned(), value.clone())));
        })
    };
    let unverified = |name, claim: &'static str, value: Value| {
        hostile(name, INVALID, "email_not_verified", move |op| {
            let value = value.clone();
            op.claims(move |claims| drop(claims.insert(claim.to_owned(), value.clone())));
        })
    };
    let bad = |name, value: &str| email(name, INVALID, "bad_email", json!(value));
    let cases = vec![
        unverified("email_unverified", "email_verified", json!(false)),
        unverified("email_unverified_text", "email_verified", json!("false")),
        unverified("email_unverified_number", "email_verified", json!(0)),
        unverified("email_unverified_rubbish", "email_verified", json!("yes, promise")),
        unverified("email_domain_owner_unverified", "xms_edov", json!(false)),
        hostile("email_unverified_in_userinfo_only", INVALID, "email_not_verified", |op| {
            op.userinfo(json!({ "email_verified": false, "groups": ["owners"] }));
            op.claims(|claims| {
                claims.remove("groups");
                claims.remove("email_verified");
            });
        }),
        email("email_missing", INVALID, "no_email", Value::Null),
        email("email_list", INVALID, "bad_email", json!(["anna@acme.example"])),
        bad("email_multi_at", "anna@acme.example@evil.example"),
        bad("email_multi_at_2", "anna@evil.example@acme.example"),
        bad("email_angle", "Anna <anna@acme.example>"),
        bad("email_comma", "anna@acme.example,evil@evil.example"),
        bad("email_encoded_word", "=?utf-8?q?anna=40evil.example=00?=@acme.example"),
        bad("email_white_space", "anna @acme.example"),
        bad("email_newline", "anna@acme.example\n"),
        bad("email_empty", ""),
        hostile("email_long", INVALID, "bad_email", |op| {
            op.claims(|claims| {
                drop(claims.insert("email".to_owned(), format!("{}@acme.example", "a".repeat(300)).into()))
            });
        }),
    ];
    try_all(&cases, &anna(&["owners"]));
}

#[test]
fn o_id_an_address_of_somebody_elses_domain_and_a_known_address_of_a_new_subject() {
    let op = Op::start();
    let app = app(&op);
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
    for (name, email, refusal) in [
        ("email_other_org_domain", "anna@evil.example", "domain_not_verified"),
        ("email_suffix_trick", "anna@acme.example.evil.example", "domain_not_verified"),
        ("email_suffix_trick_2", "anna@notacme.example", "domain_not_verified"),
        ("email_subdomain", "anna@sub.acme.example", "domain_not_verified"),
        ("email_homograph_domain", "anna@аcme.example", "domain_not_verified"),
        ("email_takeover_new_sub", "anna@acme.example", "identity_conflict"),
        ("same_email_new_sub_other_case", "ANNA@Acme.Example", "identity_conflict"),
    ] {
        let mut claims = anna(&["owners"]);
        claims.insert("email".to_owned(), email.into());
        claims.insert("sub".to_owned(), "id-of-mallory".into());
        assert_eq!(app.browser().sign_in_oidc(&op, claims).refusal(), refusal, "{name}");
    }
    let people = app.db.read(|tx| usher::store::people::of_parent(tx, app.parent)).expect("readable");
    assert_eq!(people.len(), 1);
}

#[test]
fn o_id_an_address_that_only_looks_like_anothers_is_somebody_else() {
    let op = Op::start();
    let app = app(&op);
    let named = |sub: &str, email: &str| {
        let mut claims = anna(&["owners"]);
        claims.insert("sub".to_owned(), sub.into());
        claims.insert("email".to_owned(), email.into());
        claims
    };
    assert_eq!(app.browser().sign_in_oidc(&op, named("1", "kate@acme.example")).status, 303);
    // email_unicode_fold_takeover: the Kelvin sign folds to a k in Unicode; email_homograph: a Cyrillic letter.
    for (sub, email) in [("2", "\u{212a}ate@acme.example"), ("3", "k\u{0430}te@acme.example")] {
        assert_eq!(app.browser().sign_in_oidc(&op, named(sub, email)).status, 303, "{email}");
    }
    let people = app.db.read(|tx| usher::store::people::of_parent(tx, app.parent)).expect("readable");
    assert_eq!(people.len(), 3, "{people:?}");
}

#[test]
fn o_id_groups_overage_missing_and_none_are_three_things() {
    let op = Op::start();
    let app = app(&op);
    let mut browser = app.browser();
    assert_eq!(browser.sign_in_oidc(&op, anna(&["owners"])).status, 303);
    let overage =
        [("_claim_names", json!({ "groups": "src1" })), ("hasgroups", json!(true)), ("hasgroups", json!("true"))];
    for (claim, value) in overage {
        let mut claims = anna(&[]);
        claims.remove("groups");
        claims.insert(claim.to_owned(), value);
        let answer = app.browser().sign_in_oidc(&op, claims);
        assert_eq!(answer.refusal(), "groups_missing", "groups_overage: {claim}");
        assert!(next_step(&app, &answer).contains("only the groups that are mapped"), "{claim}");
    }
    let mut missing = anna(&[]);
    missing.remove("groups");
    let answer = app.browser().sign_in_oidc(&op, missing);
    assert_eq!(answer.refusal(), "groups_missing");
    assert!(next_step(&app, &answer).contains("claim \"groups\""), "which setting to change");
    let mut null = anna(&[]);
    null.insert("groups".to_owned(), Value::Null);
    assert_eq!(app.browser().sign_in_oidc(&op, null).refusal(), "groups_missing");
    let told = browser.forward("/auth/nginx", WIKI);
    assert_eq!((told.status, told.header("x-usher-role")), (200, "owner"), "none of that changed anything");
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&[])).refusal(), "no_group_access", "groups_none");
    assert_eq!(browser.forward("/auth/nginx", WIKI).status, 401, "which is something else: the membership has ended");
}

#[test]
fn o_flow_a_state_is_for_one_answer_one_browser_and_one_connection() {
    let op = Op::start();
    let app = app(&op);
    let mut browser = app.browser();
    let params = browser.start_oidc("/");
    let state = params["state"].as_str();
    let code = op.code(&params, anna(&["owners"]));

    // login_csrf: the answer to Mallory's sign-in in a victim's browser would sign the victim in as Mallory.
    let mut victim = app.browser();
    victim.get("/sign-in");
    for other in [&mut victim, &mut app.browser()] {
        let answer = other.come_back(&[("code", &code), ("state", state)]);
        assert_eq!((answer.refusal(), check_of(&app, &answer).as_str()), ("sign_in_expired", "other_browser"));
        assert!(!other.cookies.contains_key("__Host-usher"));
    }
    // login_csrf_own_txn: the victim has a sign-in of their own under way.
    let own = victim.start_oidc("/");
    let answer = victim.come_back(&[("code", &code), ("state", &own["state"])]);
    assert_eq!((answer.refusal(), check_of(&app, &answer).as_str()), ("sign_in_expired", "code_refused"), "PKCE");
    assert_eq!(op.count("/token"), 1, "only what could be an answer is asked about");

    // The provider has used the code up, as it should; another one for the same sign-in.
    let code = op.code(&params, anna(&["owners"]));
    assert_eq!(browser.come_back(&[("code", &code), ("state", state)]).status, 303, "the control");
    for (name, code) in [("state_reuse", code.clone()), ("state_reuse_new_code", op.code(&params, anna(&["owners"])))] {
        let answer = browser.come_back(&[("code", &code), ("state", state)]);
        assert_eq!((answer.refusal(), check_of(&app, &answer).as_str()), ("sign_in_expired", "nobody_waits"), "{name}");
    }
    assert_eq!(op.count("/token"), 2, "a used state asks nobody");

    for (name, pairs) in [
        ("state_missing", vec![("code", "x")]),
        ("state_twice", vec![("code", "x"), ("state", state), ("state", state)]),
        ("state_unknown", vec![("code", "x"), ("state", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]),
        ("state_rubbish", vec![("code", "x"), ("state", "<script>")]),
        ("nothing", vec![]),
    ] {
        assert_eq!(browser.come_back(&pairs).refusal(), "sign_in_expired", "{name}");
    }
    let late = browser.start_oidc("/");
    let code = op.code(&late, anna(&["owners"]));
    app.clock.advance(Duration::from_secs(15 * 60));
    let answer = browser.come_back(&[("code", &code), ("state", &late["state"])]);
    assert_eq!(answer.refusal(), "sign_in_expired", "state_expired");
}

#[test]
fn o_flow_a_code_of_another_sign_in_is_worth_nothing() {
    let op = Op::start();
    let app = app(&op);
    let (mut anna_at, mut mallory) = (app.browser(), app.browser());
    // code_injection: Mallory has got hold of Anna's code and puts it into a sign-in of their own.
    let annas = anna_at.start_oidc("/");
    let stolen = op.code(&annas, anna(&["owners"]));
    let mallorys = mallory.start_oidc("/");
    let answer = mallory.come_back(&[("code", &stolen), ("state", &mallorys["state"])]);
    assert_eq!(
        (answer.refusal(), check_of(&app, &answer).as_str()),
        ("sign_in_expired", "code_refused"),
        "code_injection"
    );

    // code_injection_nonce: a provider that does not hold the code against PKCE; the nonce is Anna's.
    let mallorys = mallory.start_oidc("/");
    let nonce = annas["nonce"].clone();
    let careless = op.code(&mallorys, anna(&["owners"]));
    op.claims(move |claims| drop(claims.insert("nonce".to_owned(), nonce.clone().into())));
    let answer = mallory.come_back(&[("code", &careless), ("state", &mallorys["state"])]);
    assert_eq!((answer.refusal(), check_of(&app, &answer).as_str()), (INVALID, "nonce"), "code_injection_nonce");
    assert!(!mallory.cookies.contains_key("__Host-usher"));

    op.honest();
    assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303, "the control");
}

type Pairs<'a> = Vec<(&'a str, &'a str)>;

#[test]
fn o_callback_what_the_browser_brings_is_read_strictly() {
    let op = Op::start();
    let app = app(&op);
    let iss = op.issuer.clone();
    let announced =
        |op: &Op| op.discovery(|document| document["authorization_response_iss_parameter_supported"] = true.into());
    // name, announced, what comes beside the state, refusal, check
    let cases: [(&str, bool, Pairs<'_>, &str, &str); 15] = [
        ("cb_iss_other", false, vec![("code", "CODE"), ("iss", "https://evil.example")], INVALID, "callback_issuer"),
        ("cb_iss_slash", false, vec![("code", "CODE"), ("iss", "http://127.0.0.1/")], INVALID, "callback_issuer"),
        ("cb_iss_empty", false, vec![("code", "CODE"), ("iss", "")], INVALID, "callback_issuer"),
        ("cb_iss_twice", false, vec![("code", "CODE"), ("iss", &iss), ("iss", &iss)], INVALID, "callback_parameter"),
        ("cb_iss_missing", true, vec![("code", "CODE")], INVALID, "callback_issuer_missing"),
        ("cb_iss_other_with_error", false, vec![("error", "access_denied"), ("iss", "x")], INVALID, "callback_issuer"),
        ("cb_code_missing", false, vec![], INVALID, "callback_parameter"),
        ("cb_code_empty", false, vec![("code", "")], INVALID, "callback_parameter"),
        ("cb_code_twice", false, vec![("code", "CODE"), ("code", "x")], INVALID, "callback_parameter"),
        ("cb_error_and_code", false, vec![("code", "CODE"), ("error", "access_denied")], "idp_denied", "idp_denied"),
        ("cb_access_denied", false, vec![("error", "access_denied")], "idp_denied", "idp_denied"),
        ("cb_login_required", false, vec![("error", "login_required")], "idp_denied", "idp_denied"),
        ("cb_error_rubbish", false, vec![("error", "<script>alert(1)</script>")], "idp_denied", "idp_denied"),
        ("cb_server_error", false, vec![("error", "server_error")], "idp_unavailable", "provider_failed"),
        ("cb_id_token_only", false, vec![("id_token", "x")], INVALID, "callback_parameter"),
    ];
    for (name, announces, mut pairs, refusal, check) in cases {
        app.clock.advance(Duration::from_secs(16 * 60));
        op.honest();
        op.state().now = app.clock.now().as_seconds();
        if announces {
            announced(&op);
        }
        let mut browser = app.browser();
        let params = browser.start_oidc("/");
        let code = op.code(&params, anna(&["owners"]));
        pairs.iter_mut().filter(|(_, value)| *value == "CODE").for_each(|(_, value)| *value = &code);
        pairs.push(("state", &params["state"]));
        let answer = browser.come_back(&pairs);
        assert_eq!((answer.refusal(), check_of(&app, &answer).as_str()), (refusal, check), "{name}");
        assert!(!answer.body.contains("<script>alert") && !answer.body.contains(&params["state"]), "{name}");
        let again = browser.come_back(&[("code", &code), ("state", &params["state"]), ("iss", &iss)]);
        assert_eq!(again.refusal(), "sign_in_expired", "{name}: the first answer counts");
    }
    assert_eq!(op.count("/token"), 0, "none of that was asked about");
    app.clock.advance(Duration::from_secs(16 * 60));
    op.state().now = app.clock.now().as_seconds();
    announced(&op);
    let mut browser = app.browser();
    let params = browser.start_oidc("/");
    let code = op.code(&params, anna(&["owners"]));
    assert_eq!(
        browser.come_back(&[("code", &code), ("state", &params["state"]), ("iss", &iss)]).status,
        303,
        "the control"
    );
}

fn reply(name: &'static str, check: &'static str, path: &'static str, reply: impl Fn() -> Reply + 'static) -> Hostile {
    let refusal = if check == "token_answer" || check.starts_with("userinfo") { INVALID } else { "idp_unavailable" };
    hostile(name, refusal, check, move |op| op.reply(path, reply()))
}

#[test]
fn o_token_no_answer_of_the_token_endpoint_hurts_or_leads_elsewhere() {
    let canary = Op::start();
    let at = canary.issuer.clone();
    let token_type = |value: Value| {
        hostile("token_type", INVALID, "token_answer", move |op| {
            let value = value.clone();
            op.answer(move |answer| answer["token_type"] = value.clone());
        })
    };
    let without = |what: &'static str| {
        hostile("token_missing", INVALID, "token_answer", move |op| {
            op.answer(move |answer| drop(answer.as_object_mut().expect("an object").remove(what)));
        })
    };
    let mut cases = vec![
        reply("token_html", "token_answer", "/token", || Reply::bytes("text/html", b"<html>".to_vec())),
        reply("token_json_as_html", "token_answer", "/token", || Reply::bytes("text/html", b"{}".to_vec())),
        reply("token_no_json", "token_answer", "/token", || Reply::bytes("application/json", b"{".to_vec())),
        reply("token_empty", "token_answer", "/token", || Reply::bytes("application/json", Vec::new())),
        reply("token_gzip", "token_answer", "/token", || {
            let mut reply = Reply::bytes("application/json", vec![0x1f, 0x8b, 8, 0]);
            reply.headers.push(("content-encoding", "gzip".to_owned()));
            reply
        }),
        reply("token_huge", "too_large", "/token", || Reply::bytes("application/json", vec![b' '; 600_000])),
        reply("token_500", "token_status", "/token", || Reply::error(500, "server_error")),
        reply("token_204", "token_status", "/token", || Reply { status: 204, ..Reply::json(&json!({})) }),
        reply("token_invalid_client", "client_refused", "/token", || Reply::error(401, "invalid_client")),
        without("id_token"),
        without("access_token"),
        without("token_type"),
        token_type(json!("DPoP")),
        token_type(json!(1)),
        hostile("token_access_token_header_injection", INVALID, "token_answer", |op| {
            op.answer(|answer| answer["access_token"] = "x\r\nx-evil: 1".into());
        }),
        hostile("token_twice", INVALID, "token_answer", |op| {
            op.reply("/token", Reply::bytes("application/json", br#"{"id_token":"a","id_token":"b"}"#.to_vec()));
        }),
    ];
    // token_redirect_canary: 307 and 308 would carry code, verifier and secret along.
    for status in [301, 302, 303, 307, 308] {
        let at = format!("{at}/token");
        cases.push(reply("token_redirect_canary", "token_status", "/token", move || Reply::redirect(status, &at)));
    }
    let userinfo = format!("{at}/userinfo");
    cases.push(hostile("userinfo_redirect_canary", "idp_unavailable", "endpoint_status", move |op| {
        op.claims(|claims| drop(claims.remove("groups")));
        op.reply("/userinfo", Reply::redirect(307, &userinfo));
    }));
    for (name, check, content_type, body) in [
        ("userinfo_jwt", "userinfo_unreadable", "application/jwt", "e30.e30.e30"),
        ("userinfo_no_json", "userinfo_unreadable", "application/json", "{"),
        ("userinfo_list", "userinfo_unreadable", "application/json", "[]"),
        ("userinfo_sub_other", "userinfo_subject", "application/json", r#"{"sub":"id-of-bert","groups":["owners"]}"#),
        ("userinfo_sub_missing", "userinfo_subject", "application/json", r#"{"groups":["owners"]}"#),
        ("userinfo_sub_case", "userinfo_subject", "application/json", r#"{"sub":"ID-of-anna","groups":["owners"]}"#),
        ("userinfo_sub_twice", "userinfo_unreadable", "application/json", r#"{"sub":"id-of-anna","sub":"id-of-bert"}"#),
    ] {
        cases.push(hostile(name, INVALID, check, move |op| {
            op.claims(|claims| drop(claims.remove("groups")));
            op.reply("/userinfo", Reply::bytes(content_type, body.as_bytes().to_vec()));
        }));
    }
    try_all(&cases, &anna(&["owners"]));
    assert_eq!(canary.state().asked.len(), 0, "no redirect is followed");
}

#[test]
fn o_flow_mixup_two_providers_are_never_taken_for_one_another() {
    let (honest, evil) = (Op::start(), Op::start());
    let app = app(&honest);
    let mut second = app
        .db
        .read_one(|tx| usher::store::connections::by_slug(tx, &crate::support::slug("acme")))
        .expect("readable")
        .expect("there");
    second.slug = crate::support::slug("evil");
    if let usher::connection::Protocol::Oidc(settings) = &mut second.protocol {
        settings.issuer = evil.issuer.clone();
        settings.client_auth = usher::connection::ClientAuth::PrivateKeyJwt;
    }
    app.change(move |tx| usher::store::connections::add(tx, &second));
    let mut browser = app.browser();

    // mixup_code: the browser is on its way to the honest provider, and its answer is led to where the evil one's answers go.
    let params = browser.start_oidc("/");
    let code = honest.code(&params, anna(&["owners"]));
    let query = format!("code={code}&state={}", params["state"]);
    let answer = browser.get(&format!("/oidc/evil/callback?{query}"));
    assert_eq!((answer.refusal(), check_of(&app, &answer).as_str()), ("sign_in_expired", "nobody_waits"));
    assert_eq!(evil.count("/token"), 0, "the code was not carried to the evil provider");
    assert_eq!(
        browser.get(&format!("/oidc/acme/callback?{query}")).status,
        303,
        "the control: still good where it belongs"
    );

    // cross_connection_state: a sign-in begun at the evil provider is answered with a code of the honest one.
    let begun = browser.get("/sign-in/evil");
    let evils = crate::oidc_support::params(&begun);
    let stolen = honest.code(&browser.start_oidc("/"), anna(&["owners"]));
    let answer = browser.come_back(&[("code", &stolen), ("state", &evils["state"])]);
    assert_eq!(answer.refusal(), "sign_in_expired");
    assert_eq!(honest.count("/token"), 1, "only the control");
    // An evil provider's answers say that they are the honest one's: its keys are its own, and so is its name.
    evil.state().now = app.clock.now().as_seconds();
    let (name, code) = (honest.issuer.clone(), evil.code(&evils, anna(&["owners"])));
    evil.claims(move |claims| drop(claims.insert("iss".to_owned(), name.clone().into())));
    let answer = browser.get(&format!("/oidc/evil/callback?code={code}&state={}", evils["state"]));
    assert_eq!((answer.refusal(), check_of(&app, &answer).as_str()), (INVALID, "issuer"));
}

/// callback_race: the same answer twice at the same moment.
#[test]
fn o_flow_callback_race_one_of_two_wins() {
    let op = Op::start();
    let app = app(&op);
    let mut browser = app.browser();
    let params = browser.start_oidc("/");
    let code = op.code(&params, anna(&["owners"]));
    let cookies = browser.cookies.clone();
    let answers: Vec<crate::support::Answer> = std::thread::scope(|scope| {
        let race: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    let mut browser = app.browser();
                    browser.cookies = cookies.clone();
                    browser.come_back(&[("code", &code), ("state", &params["state"])])
                })
            })
            .collect();
        race.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.refusal() == "sign_in_expired").count(), 5);
    assert_eq!(op.count("/token"), 1, "the code was shown to the provider once");
}
