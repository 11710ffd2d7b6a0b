//! Signing in by OpenID Connect, the whole way through HTTP: what must work.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use usher::clock::Clock as _;
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

#[test]
fn groups_that_were_too_many_are_asked_for_where_a_groups_endpoint_is_named() {
    let too_many = || {
        let mut claims = anna(&[]);
        claims.remove("groups");
        claims.insert("_claim_names".to_owned(), json!({ "groups": "src1" }));
        claims.insert("_claim_sources".to_owned(), json!({ "src1": { "endpoint": "https://evil.example/groups" } }));
        claims
    };
    let op = Op::start();
    let endpoint = format!("{}/groups", op.issuer);
    let app = app_with(&op, |_| {}, |settings| settings.groups_endpoint = Some(endpoint));
    op.reply("/groups", Reply::json(&json!({ "value": ["everyone", "owners"] })));
    let mut browser = app.browser();
    assert_eq!(browser.sign_in_oidc(&op, too_many()).status, 303);
    assert_eq!(browser.forward("/auth/nginx", WIKI).header("x-usher-role"), "owner");
    let asked = op.last("/groups");
    assert_eq!((asked.method.as_str(), asked.headers["authorization"].as_str()), ("POST", "Bearer at-id-of-anna"));
    // What cannot be the whole list is no list: nothing is known then, and nothing changes.
    for (what, reply) in [
        ("another page follows", Reply::json(&json!({ "value": ["everyone"], "@odata.nextLink": "https://x" }))),
        ("no texts", Reply::json(&json!({ "value": [1] }))),
        ("no list", Reply::json(&json!({ "value": "owners" }))),
        ("forbidden", Reply::error(403, "x")),
        ("an error with a list", Reply { status: 500, ..Reply::json(&json!({ "value": ["owners"] })) }),
        ("elsewhere", Reply::redirect(307, "http://127.0.0.1:1/")),
    ] {
        op.reply("/groups", reply);
        let answer = app.browser().sign_in_oidc(&op, too_many());
        assert_eq!(answer.refusal(), "groups_missing", "{what}");
        let warned = record(&app, &answer)["warnings"].to_string();
        assert!(warned.contains("the groups endpoint did not tell the groups"), "{what}: {warned}");
    }
    assert_eq!(browser.forward("/auth/nginx", WIKI).header("x-usher-role"), "owner");
}

#[test]
fn a_provider_that_is_to_ask_again_has_to_say_that_it_did() {
    let op = Op::start();
    let app = app_with(
        &op,
        |_| {},
        |settings| {
            settings.force_authn = true;
            settings.acr = Some("mfa".to_owned());
        },
    );
    let asked = app.browser().start_oidc("/");
    for (name, value) in [("prompt", "login"), ("max_age", "0"), ("acr_values", "mfa")] {
        assert_eq!(asked.get(name).map(String::as_str), Some(value));
    }
    let attempt = |auth_time: Value, acr: Value| {
        let mut claims = anna(&["owners"]);
        claims.insert("auth_time".to_owned(), auth_time);
        claims.insert("acr".to_owned(), acr);
        let answer = app.browser().sign_in_oidc(&op, claims);
        if answer.status == 303 { "in".to_owned() } else { check_of(&app, &answer) }
    };
    let now = app.clock.now().as_seconds();
    assert_eq!(attempt(json!(now), json!("mfa")), "in");
    assert_eq!(attempt(json!(now as f64 + 0.7), json!("mfa")), "in", "some send fractions");
    assert_eq!(attempt(json!(now - 89), json!("mfa")), "in", "two clocks may differ");
    assert_eq!(attempt(json!(now - 92), json!("mfa")), "authenticated_before");
    assert_eq!(attempt(Value::Null, json!("mfa")), "claim");
    assert_eq!(attempt(json!("now"), json!("mfa")), "claim");
    assert_eq!(attempt(json!(now), json!("pwd")), "context");
    assert_eq!(attempt(json!(now), Value::Null), "context");

    // Ten minutes at the provider: it is our request that counts, not the moment of the answer.
    for (name, authenticated, expected) in
        [("right after we asked", 1, "in"), ("before we asked", -92, "authenticated_before")]
    {
        let mut browser = app.browser();
        let asked_at = app.clock.now().as_seconds();
        let params = browser.start_oidc("/");
        app.clock.advance(std::time::Duration::from_secs(600));
        op.state().now = app.clock.now().as_seconds();
        let mut claims = anna(&["owners"]);
        claims.insert("auth_time".to_owned(), json!(asked_at + authenticated));
        claims.insert("acr".to_owned(), json!("mfa"));
        let code = op.code(&params, claims);
        let answer = browser.come_back(&[("code", &code), ("state", &params["state"])]);
        let got = if answer.status == 303 { "in".to_owned() } else { check_of(&app, &answer) };
        assert_eq!(got, expected, "{name}");
    }
}

#[test]
fn b37_the_domain_of_an_address_leads_to_the_provider_with_the_address_as_a_hint() {
    let op = Op::start();
    let app = app(&op);
    let mut browser = app.browser();
    let page = browser.post("/sign-in", &[("email", "anna@acme.example"), ("return_to", "/account")]);
    assert_eq!((page.status, op.count("/.well-known/openid-configuration")), (200, 0), "nothing is asked in between");
    let href = page.body.split("url=").nth(1).and_then(|rest| rest.split('"').next()).expect("a page that goes on");
    let begun = browser.get(&href.replace("&#38;", "&"));
    assert_eq!(params(&begun)["login_hint"], "anna@acme.example");
}

#[test]
fn what_is_kept_between_two_requests_opens_nothing() {
    let op = Op::start();
    let app = app(&op);
    let mut browser = app.browser();
    let mut claims = anna(&["owners"]);
    claims.insert("sid".to_owned(), "session-1".into());
    let sent = browser.start_oidc("/");
    let code = op.code(&sent, claims);
    assert_eq!(browser.come_back(&[("code", &code), ("state", &sent["state"])]).status, 303);
    let verifier = op.last("/token").form()["code_verifier"].clone();
    let directory = app.db.path().parent().expect("a directory").to_owned();
    let mut control = false;
    for file in std::fs::read_dir(directory).expect("listed") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).expect("readable");
        let stands = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        for secret in [&sent["state"], &code, &verifier, SECRET, "eyJ"] {
            assert!(!stands(secret), "{secret} stands in {}", path.display());
        }
        control |= stands("session-1");
    }
    assert!(control, "the files that were looked at are the right ones");
}

/// The provider shows a hint in a form of its own; whoever makes the link chooses no other words for it.
#[test]
fn a_hint_that_is_no_address_is_not_handed_on() {
    let op = Op::start();
    let app = app(&op);
    for hint in ["anna", "call%20%2B1-555-0100", "%3Cscript%3E", "a@b@c", ""] {
        let begun = app.browser().get(&format!("/sign-in/acme?login_hint={hint}"));
        assert_eq!(params(&begun).get("login_hint"), None, "{hint}");
    }
    let begun = app.browser().get("/sign-in/acme?login_hint=anna%40acme.example");
    assert_eq!(params(&begun)["login_hint"], "anna@acme.example", "the control");
}
