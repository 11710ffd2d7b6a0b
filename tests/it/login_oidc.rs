//! Signing in by OpenID Connect, the whole way through HTTP: what must work.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use usher::connection::ClientAuth;

use crate::oidc_support::*;
use crate::support::WIKI;

#[test]
fn a_first_sign_in_makes_a_member_and_the_application_is_told() {
    let op = Op::start();
    let app = app(&op);
    let mut browser = app.browser();
    let params = browser.start_oidc(&format!("{WIKI}/page?a=1"));
    let code = op.code(&params, anna(&["everyone", "premium"]));
    let arrived = browser.come_back(&[("code", &code), ("state", &params["state"])]);
    assert_eq!((arrived.status, arrived.location()), (303, "https://wiki.acme.example/page?a=1"), "{arrived:?}");
    assert!(arrived.header("set-cookie").starts_with("__Host-usher="), "{arrived:?}");
    let told = browser.forward("/auth/nginx", WIKI);
    let shown =
        ["remote-user", "remote-name", "remote-groups", "x-usher-role", "x-usher-seat"].map(|name| told.header(name));
    assert_eq!(shown, ["anna@acme.example", "Anna M%C3%BCller", "everyone,premium", "user", "premium"]);
    assert_eq!(app.events(), ["person_created", "member_joined", "signed_in"]);
    assert_eq!(op.count("/userinfo"), 0, "the ID token said everything");
}

#[test]
fn o_req_shape_and_pkce_what_is_asked_of_the_provider() {
    let op = Op::start();
    let app = app(&op);
    let asked = app.browser().start_oidc("/");
    let expected = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", &redirect_uri()),
        ("scope", "openid email profile"),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in expected {
        assert_eq!(asked.get(name).map(String::as_str), Some(value), "{name}");
    }
    // 256 bits of state, 128 of nonce, and a challenge that is a SHA-256.
    for (name, length) in [("state", 43), ("nonce", 32), ("code_challenge", 43)] {
        assert_eq!(asked[name].len(), length, "{name}");
    }
    let again = app.browser().start_oidc("/");
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(asked[name], again[name], "{name} is another each time");
    }
    assert_eq!(asked.len(), 8, "nothing else: {asked:?}");
}

#[test]
fn every_way_to_prove_that_we_are_the_client_is_accepted_by_the_provider() {
    for auth in ClientAuth::ALL.map(|(auth, _)| auth) {
        let op = Op::start();
        let app = app_with(&op, |_| {}, |settings| settings.client_auth = auth);
        assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303, "{auth:?}");
        let asked = op.last("/token");
        let form = asked.form();
        match auth {
            ClientAuth::Basic => {
                assert!(asked.headers.contains_key("authorization") && !form.contains_key("client_id"))
            }
            ClientAuth::Post => assert_eq!(form["client_secret"], SECRET),
            ClientAuth::PrivateKeyJwt => {
                let keys: jsonwebtoken::jwk::JwkSet =
                    serde_json::from_str(&app.browser().get("/oidc/jwks.json").body).expect("a key set");
                let key = jsonwebtoken::DecodingKey::from_jwk(&keys.keys[0]).expect("a key");
                let mut checks = jsonwebtoken::Validation::new(Algorithm::ES256);
                checks.set_audience(&[format!("{}/token", op.issuer)]);
                checks.validate_exp = false;
                let signed = jsonwebtoken::decode::<Value>(&form["client_assertion"], &key, &checks).expect("signed");
                assert_eq!(
                    (signed.claims["iss"].as_str(), signed.claims["sub"].as_str()),
                    (Some(CLIENT), Some(CLIENT))
                );
                assert_eq!(signed.header.kid, keys.keys[0].common.key_id);
            }
        }
    }
}

#[test]
fn every_accepted_algorithm_signs_people_in() {
    for signer in [&*RS256, &*PS256, &*ES256, &*ED25519] {
        let op = Op::start();
        let app = app(&op);
        op.sign_with(signer);
        assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303, "{}", signer.word);
    }
}

#[test]
fn groups_are_found_wherever_the_provider_says_them() {
    let with = |groups: Value| {
        let mut claims = anna(&[]);
        claims.insert("groups".to_owned(), groups);
        claims
    };
    let mut without = anna(&[]);
    without.remove("groups");
    let cases = [
        ("a list", with(json!(["owners", "everyone"])), json!({}), "owner"),
        ("a single text", with(json!("owners")), json!({}), "owner"),
        ("objects", with(json!([{ "name": "admins" }])), json!({}), "admin"),
        ("userinfo", without.clone(), json!({ "groups": ["admins"] }), "admin"),
        ("both: the ID token counts", with(json!(["everyone"])), json!({ "groups": ["owners"] }), "user"),
    ];
    for (what, claims, userinfo, role) in cases {
        let op = Op::start();
        let app = app(&op);
        op.userinfo(userinfo);
        let mut browser = app.browser();
        assert_eq!(browser.sign_in_oidc(&op, claims).status, 303, "{what}");
        assert_eq!(browser.forward("/auth/nginx", WIKI).header("x-usher-role"), role, "{what}");
    }
    let op = Op::start();
    let app = app(&op);
    assert_eq!(app.browser().sign_in_oidc(&op, without).refusal(), "groups_missing", "b17");
    let (op, claims) = (Op::start(), with(json!("owners,everyone")));
    let app = crate::oidc_support::app(&op);
    assert_eq!(app.browser().sign_in_oidc(&op, claims).refusal(), "no_group_access", "a comma is part of a name");
}

#[test]
fn a_provider_is_read_once_for_many_sign_ins() {
    let op = Op::start();
    let app = app(&op);
    for _ in 0..3 {
        assert_eq!(app.browser().sign_in_oidc(&op, anna(&["owners"])).status, 303);
    }
    assert_eq!((op.count("/.well-known/openid-configuration"), op.count("/keys")), (1, 1));
}
