//! Tokens, keys and claims one by one; whole sign-ins with a hostile provider are in `tests/it/oidc_*.rs`.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::clock::Timestamp;
use crate::connection::{AttributeNames, ClientAuth, Connection, ConnectionStatus, OidcSettings, Protocol};
use crate::identity::AssertedGroups;
use crate::ids::{ConnectionId, ParentId, Slug};

const ISSUER: &str = "https://id.acme.example";
const NOW: i64 = 1_790_000_000;
const AWAITED: Awaited<'_> = Awaited { nonce: "the-nonce", asked_at: Timestamp::from_millis((NOW - 20) * 1000) };

fn now() -> Timestamp {
    Timestamp::from_millis(NOW * 1000)
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

static RSA: LazyLock<EncodingKey> = LazyLock::new(rsa);
static OTHER_RSA: LazyLock<EncodingKey> = LazyLock::new(rsa);
static P256: LazyLock<EncodingKey> = LazyLock::new(|| ec(&rcgen::PKCS_ECDSA_P256_SHA256));
static P384: LazyLock<EncodingKey> = LazyLock::new(|| ec(&rcgen::PKCS_ECDSA_P384_SHA384));
static ED25519: LazyLock<(EncodingKey, String)> = LazyLock::new(|| {
    use aws_lc_rs::signature::KeyPair as _;
    let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().expect("a key");
    let der = pair.to_pkcs8v1().expect("a key");
    (EncodingKey::from_ed_der(der.as_ref()), b64(pair.public_key().as_ref()))
});

fn rsa() -> EncodingKey {
    let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).expect("a key");
    EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).expect("a key")
}

fn ec(curve: &'static rcgen::SignatureAlgorithm) -> EncodingKey {
    EncodingKey::from_ec_der(&rcgen::KeyPair::generate_for(curve).expect("a key").serialize_der())
}

/// A public key as a provider publishes it; without `alg`, it is for every algorithm of its family.
fn jwk(key: &EncodingKey, algorithm: Algorithm, kid: Option<&str>) -> Value {
    let mut jwk = match algorithm {
        Algorithm::EdDSA => json!({ "kty": "OKP", "crv": "Ed25519", "x": ED25519.1 }),
        _ => serde_json::to_value(Jwk::from_encoding_key(key, algorithm).expect("a key")).expect("JSON"),
    };
    let members = jwk.as_object_mut().expect("an object");
    members.remove("alg");
    members.extend(kid.map(|kid| ("kid".to_owned(), kid.into())));
    jwk
}

fn keys(of: &[Value]) -> Keys {
    read_keys(json!({ "keys": of }).to_string().as_bytes()).expect("a key set")
}

fn all_keys() -> Keys {
    keys(&[
        jwk(&RSA, Algorithm::RS256, Some("rsa")),
        jwk(&P256, Algorithm::ES256, Some("p256")),
        jwk(&P384, Algorithm::ES384, Some("p384")),
        jwk(&ED25519.0, Algorithm::EdDSA, Some("ed")),
    ])
}

fn sign(header: &Value, payload: &[u8], key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", b64(header.to_string()), b64(payload));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).expect("signed");
    format!("{message}.{signature}")
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "usher", "sub": "anna", "iat": NOW, "exp": NOW + 300, "nonce": "the-nonce",
        "email": "anna@acme.example", "email_verified": true, "name": "Anna", "groups": ["owners"],
    })
}

fn token(claims: &Value) -> String {
    sign(&json!({ "alg": "RS256", "kid": "rsa" }), claims.to_string().as_bytes(), &RSA, Algorithm::RS256)
}

fn tokens(id_token: &str) -> Tokens {
    let answer = json!({ "id_token": id_token, "access_token": "the-access-token", "token_type": "bearer" });
    read_token_answer(200, Some("application/json"), answer.to_string().as_bytes()).expect("tokens")
}

fn settings() -> OidcSettings {
    OidcSettings::new(ISSUER, "usher")
}

fn verify(id_token: &str) -> Result<IdToken, OidcError> {
    verify_id_token(&settings(), &all_keys(), &tokens(id_token), &AWAITED, now())
}

fn code(claims: &Value) -> &'static str {
    verify(&token(claims)).map_or_else(|error| error.code(), |_| "ok")
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

// O.jws

#[test]
fn o_jws_every_accepted_algorithm_verifies_by_its_own_key() {
    for (word, kid, key, algorithm) in [
        ("RS256", "rsa", &*RSA, Algorithm::RS256),
        ("RS384", "rsa", &*RSA, Algorithm::RS384),
        ("RS512", "rsa", &*RSA, Algorithm::RS512),
        ("PS256", "rsa", &*RSA, Algorithm::PS256),
        ("PS384", "rsa", &*RSA, Algorithm::PS384),
        ("PS512", "rsa", &*RSA, Algorithm::PS512),
        ("ES256", "p256", &*P256, Algorithm::ES256),
        ("ES384", "p384", &*P384, Algorithm::ES384),
        ("EdDSA", "ed", &ED25519.0, Algorithm::EdDSA),
        ("Ed25519", "ed", &ED25519.0, Algorithm::EdDSA),
    ] {
        let made = sign(&json!({ "alg": word, "kid": kid }), claims().to_string().as_bytes(), key, algorithm);
        assert!(verify(&made).is_ok(), "{word}");
        for (other, kid) in [("RS256", "rsa"), ("PS256", "rsa"), ("ES256", "p256"), ("EdDSA", "ed")] {
            if other != word && word != "Ed25519" {
                let lie = sign(&json!({ "alg": other, "kid": kid }), claims().to_string().as_bytes(), key, algorithm);
                assert_eq!(verify(&lie).map(drop).map_err(|error| error.code()), Err("signature"), "{word} as {other}");
            }
        }
    }
}

#[test]
fn o_jws_a_key_is_chosen_only_where_there_is_no_choice() {
    let signed = |header: Value| sign(&header, claims().to_string().as_bytes(), &RSA, Algorithm::RS256);
    let outcome = |header: Value, keys: &[Value]| {
        let verified = verify_id_token(&settings(), &self::keys(keys), &tokens(&signed(header)), &AWAITED, now());
        verified.map_or_else(|error| error.code(), |_| "ok")
    };
    let (ours, other) = (jwk(&RSA, Algorithm::RS256, Some("rsa")), jwk(&OTHER_RSA, Algorithm::RS256, Some("other")));
    let nameless = jwk(&RSA, Algorithm::RS256, None);
    let curve = jwk(&P256, Algorithm::ES256, Some("p256"));
    let mut for_ps256 = ours.clone();
    for_ps256["alg"] = "PS256".into();
    let by = |kid: &str| json!({ "alg": "RS256", "kid": kid });
    let unnamed = json!({ "alg": "RS256" });
    for (what, header, keys, expected) in [
        ("named", by("rsa"), vec![other.clone(), ours.clone()], "ok"),
        ("named, and another of that name", by("rsa"), vec![ours.clone(), ours.clone()], "ambiguous_key"),
        ("unnamed, one", unnamed.clone(), vec![ours.clone()], "ok"),
        ("unnamed, one of its kind", unnamed.clone(), vec![curve.clone(), ours.clone()], "ok"),
        ("unnamed, two", unnamed.clone(), vec![ours.clone(), other.clone()], "ambiguous_key"),
        ("null is unnamed", json!({ "alg": "RS256", "kid": null }), vec![ours.clone(), other.clone()], "ambiguous_key"),
        ("named, and the key is not", by("rsa"), vec![nameless.clone()], "unknown_key"),
        ("unnamed, and the key is not named either", unnamed, vec![nameless], "ok"),
        ("the name of another kind of key", by("p256"), vec![curve, ours.clone()], "unknown_key"),
        ("a key for another algorithm", by("rsa"), vec![for_ps256], "unknown_key"),
        ("the name of another key", by("other"), vec![other, ours], "signature"),
    ] {
        assert_eq!(outcome(header, &keys), expected, "{what}");
    }
}

#[test]
fn o_jwks_a_key_set_beyond_all_measure_is_not_read() {
    let good = jwk(&RSA, Algorithm::RS256, Some("rsa"));
    let filled = |length: usize| {
        let document = json!({ "keys": [good], "more": "x".repeat(length) }).to_string();
        read_keys(document.as_bytes()).map(|_| ())
    };
    assert_eq!(filled(MAX_KEYS - 4096), Ok(()), "the control");
    assert_eq!(filled(MAX_KEYS), Err(OidcError::KeysUnreadable));
}

#[test]
fn o_jwks_keys_that_cannot_verify_are_passed_over() {
    let good = jwk(&RSA, Algorithm::RS256, Some("rsa"));
    let but = |name: &str, value: Value| {
        let mut bent = good.clone();
        bent[name] = value;
        bent
    };
    let small = b64([[0x80].as_slice(), &[1; 127]].concat());
    for (what, bad) in [
        ("for encryption", but("use", json!("enc"))),
        ("for signing only", but("key_ops", json!(["sign"]))),
        ("its private half is published", but("d", json!("AQAB"))),
        ("a prime is published", but("p", json!("AQAB"))),
        ("1024 bits", but("n", json!(small))),
        ("1024 bits, padded", but("n", json!(b64([vec![0; 128], vec![0x80; 128]].concat())))),
        ("16384 bits", but("n", json!(b64([0x80; 2048])))),
        ("no modulus", but("n", Value::Null)),
        ("an exponent of 9 bytes", but("e", json!(b64([1; 9])))),
        ("not base64url", but("n", json!("***"))),
        ("a shared secret", json!({ "kty": "oct", "k": "AA" })),
        ("a curve we do not know", json!({ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" })),
        ("a point that is too short", json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" })),
        ("X25519", json!({ "kty": "OKP", "crv": "X25519", "x": b64([1; 32]) })),
        ("31 bytes", json!({ "kty": "OKP", "crv": "Ed25519", "x": b64([1; 31]) })),
        ("an RSA key with a curve", but("crv", json!("P-256"))),
    ] {
        let alone = read_keys(json!({ "keys": [bad] }).to_string().as_bytes());
        assert_eq!(alone.map(drop).map_err(|error| error.code()), Err("no_usable_key"), "{what}");
        let beside = read_keys(json!({ "keys": [bad, good] }).to_string().as_bytes()).expect("one that counts");
        assert!(beside.knows("rsa"), "{what}");
    }
    // A point that is not on the curve is a key until somebody verifies by it, and then verifies nothing.
    let nowhere = json!({ "kty": "EC", "crv": "P-256", "kid": "p256", "x": b64([1; 32]), "y": b64([1; 32]) });
    let made =
        sign(&json!({ "alg": "ES256", "kid": "p256" }), claims().to_string().as_bytes(), &P256, Algorithm::ES256);
    let verified = verify_id_token(&settings(), &keys(&[nowhere]), &tokens(&made), &AWAITED, now());
    assert_eq!(verified.map(drop).map_err(|error| error.code()), Err("signature"));
    // RSA with the exponent 1: every message would be its own signature.
    let mut one = good;
    one["e"] = "AQ".into();
    let (header, payload) = (b64(r#"{"alg":"RS256","kid":"rsa"}"#), b64(claims().to_string()));
    let message = format!("{header}.{payload}");
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message.as_bytes());
    let info = [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
    let padded = [[0, 1].as_slice(), &[0xff; 202], &[0], &info, hash.as_ref()].concat();
    assert_eq!(padded.len(), 256);
    let forged = format!("{message}.{}", b64(padded));
    let verified = verify_id_token(&settings(), &keys(&[one]), &tokens(&forged), &AWAITED, now());
    assert_eq!(verified.map(drop).map_err(|error| error.code()), Err("signature"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn o_jws_a_token_of_which_anything_was_changed_is_not_believed(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.=-]") {
        let honest = token(&claims());
        let at = at.index(honest.len());
        let changed = format!("{}{to}{}", &honest[..at], &honest[at + 1..]);
        prop_assume!(changed != honest);
        prop_assert!(verify(&changed).is_err());
    }

    #[test]
    fn nothing_that_arrives_makes_anything_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,80}") {
        let provider = provider();
        let _ = (read_keys(&bytes), read_discovery(ISSUER, &bytes), read_groups(&bytes), read_state(&text));
        let _ = (read_code(&text, &provider), read_token_answer(200, Some("application/json"), &bytes));
        let _ = (verify_logout_token(&settings(), &all_keys(), &text, now()), shown_unverified(&text));
        let parts = format!("{}.{}.{}", b64(&bytes), b64(&text), b64(&bytes));
        let _ = (verify(&parts), shown_unverified(&parts));
    }
}

// O.idtoken

#[test]
fn o_idtoken_who_it_is_for() {
    for (aud, azp, expected) in [
        (json!("usher"), None, "ok"),
        (json!(["usher"]), None, "ok"),
        (json!("usher"), Some("usher"), "ok"),
        (json!(["usher", "other"]), Some("usher"), "ok"),
        (json!(["usher", "other"]), None, "authorized_party"),
        (json!(["usher", "other"]), Some("other"), "authorized_party"),
        (json!("usher"), Some("other"), "authorized_party"),
        (json!(["other"]), Some("usher"), "audience"),
        (json!("Usher"), None, "audience"),
        (json!({ "usher": true }), None, "claim"),
    ] {
        let mut claims = with("aud", aud.clone());
        if let Some(azp) = azp {
            claims["azp"] = azp.into();
        }
        assert_eq!(code(&claims), expected, "{aud} {azp:?}");
    }
}

#[test]
fn o_idtoken_times_are_exact_to_the_second_and_the_skew() {
    for (claim, offset, expected) in [
        ("exp", -89, "ok"),
        ("exp", -90, "ended"),
        ("iat", 90, "ok"),
        ("iat", 91, "from_the_future"),
        ("iat", -690, "ok"),
        ("iat", -691, "too_old"),
        ("nbf", 90, "ok"),
        ("nbf", 91, "from_the_future"),
        ("nbf", -100_000, "ok"),
    ] {
        assert_eq!(code(&with(claim, json!(NOW + offset))), expected, "{claim} {offset}");
    }
    for (value, expected) in [
        (json!(f64::from(1_790_000_000) + 300.9), "ok"),
        (json!(9_223_372_036_854_775_807_i64), "claim"),
        (json!(18_446_744_073_709_551_615_u64), "claim"),
        (json!(-1), "claim"),
        (json!([NOW + 300]), "claim"),
        (Value::Null, "claim"),
    ] {
        assert_eq!(code(&with("exp", value.clone())), expected, "exp {value}");
    }
    let mut patient = settings();
    patient.clock_skew = Duration::from_secs(300);
    let late = tokens(&token(&with("exp", json!(NOW - 299))));
    assert!(verify_id_token(&patient, &all_keys(), &late, &AWAITED, now()).is_ok());
}

#[test]
fn o_idtoken_the_access_token_hash_is_that_of_the_algorithm() {
    use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
    for (word, kid, key, algorithm, hash) in [
        ("RS256", "rsa", &*RSA, Algorithm::RS256, &SHA256),
        ("PS384", "rsa", &*RSA, Algorithm::PS384, &SHA384),
        ("RS512", "rsa", &*RSA, Algorithm::RS512, &SHA512),
        ("ES384", "p384", &*P384, Algorithm::ES384, &SHA384),
        ("EdDSA", "ed", &ED25519.0, Algorithm::EdDSA, &SHA512),
    ] {
        let of = |text: &str| {
            let whole = digest(hash, text.as_bytes());
            b64(&whole.as_ref()[..whole.as_ref().len() / 2])
        };
        let made = |at_hash: String| {
            let claims = with("at_hash", json!(at_hash)).to_string();
            verify(&sign(&json!({ "alg": word, "kid": kid }), claims.as_bytes(), key, algorithm))
        };
        assert!(made(of("the-access-token")).is_ok(), "{word}");
        assert_eq!(made(of("another")).map(drop), Err(OidcError::AccessTokenHash), "{word}");
        assert_eq!(made(format!("{}=", of("the-access-token"))).map(drop), Err(OidcError::AccessTokenHash), "{word}");
    }
}

#[test]
fn errors_say_what_was_expected_and_found_and_nothing_of_a_token() {
    for claims in [
        with("iss", json!("https://evil.example")),
        with("aud", json!("other")),
        with("nonce", json!("secret-nonce")),
        with("exp", json!(1)),
        with("sub", json!("")),
        with("at_hash", json!("secret-hash")),
    ] {
        let made = token(&claims);
        let error = verify(&made).expect_err("refused");
        let said = format!("{error} {error:?} {}", error.next_step());
        assert!(!said.contains("secret") && !said.contains(&made[..40]), "{said}");
        assert!(error.next_step().len() > 20, "{said}");
    }
    let error = verify(&token(&with("iss", json!("https://evil.example")))).expect_err("refused");
    assert!(error.to_string().contains("https://evil.example") && error.to_string().contains(ISSUER), "{error}");
    let id_token = verify(&token(&claims())).expect("good");
    assert!(!format!("{id_token:?} {:?}", tokens("secret")).contains("anna"));
    let shown = shown(&id_token, None);
    assert!(shown.text.contains("anna@acme.example") && !shown.text.contains("the-nonce"), "{}", shown.text);
}

// facts

fn connection(names: AttributeNames) -> Connection {
    Connection {
        id: ConnectionId(1),
        parent: ParentId(1),
        slug: Slug::parse("acme").expect("a slug"),
        label: "Acme".to_owned(),
        status: ConnectionStatus::Active,
        tested: None,
        protocol: Protocol::Oidc(settings()),
        attributes: names,
        omits_empty_groups: false,
    }
}

fn told(names: AttributeNames, bend: impl Fn(&mut Value), userinfo: Option<Value>) -> Result<Facts, OidcError> {
    let mut claims = claims();
    bend(&mut claims);
    let id_token = verify(&token(&claims))?;
    let userinfo = match userinfo {
        Some(said) => {
            Some(read_userinfo(Some("application/json; charset=utf-8"), said.to_string().as_bytes(), &id_token)?)
        }
        None => None,
    };
    facts(&connection(names), &id_token, userinfo.as_ref(), None)
}

fn groups_of(names: AttributeNames, bend: impl Fn(&mut Value)) -> Result<AssertedGroups, &'static str> {
    told(names, bend, None).map(|facts| facts.identity.groups).map_err(|error| error.code())
}

fn named(groups: &str) -> AttributeNames {
    AttributeNames { groups: Some(groups.to_owned()), ..AttributeNames::default() }
}

#[test]
fn groups_are_found_by_name_and_by_path() {
    let listed = |groups: &[&str]| Ok(AssertedGroups::listed(groups.iter().copied()));
    let nested = |claims: &mut Value| {
        claims["realm_access"] = json!({ "roles": ["a", "b"] });
        claims["https://acme.example/groups"] = json!(["c"]);
        claims["realm_access.roles"] = Value::Null;
    };
    assert_eq!(
        groups_of(named("realm_access.roles"), |claims| claims["realm_access"] = json!({ "roles": ["a"] })),
        listed(&["a"])
    );
    assert_eq!(
        groups_of(named("https://acme.example/groups"), nested),
        listed(&["c"]),
        "a name with dots is a name first"
    );
    assert_eq!(groups_of(named("realm_access.none"), nested), Ok(AssertedGroups::NotSent));
    assert_eq!(groups_of(named("sub.x"), nested), Ok(AssertedGroups::NotSent), "no way through a text");
    assert_eq!(groups_of(named("groups"), |claims| claims["groups"] = json!([])), listed(&[]), "none is not unknown");
    let mixed =
        json!([{ "id": "1", "name": "n" }, { "display": "d" }, { "value": "v" }, { "id": "i" }, {}, "text", ""]);
    assert_eq!(
        groups_of(named("groups"), |claims| claims["groups"] = mixed.clone()),
        listed(&["n", "d", "v", "i", "text"])
    );
    for bad in [json!(true), json!(7), json!({ "a": 1 }), json!([1]), json!([["a"]]), json!([null])] {
        assert_eq!(groups_of(named("groups"), |claims| claims["groups"] = bad.clone()), Err("bad_groups"), "{bad}");
    }
}

#[test]
fn b17_overage_is_about_the_claim_that_is_asked_for() {
    let overage = |claims: &mut Value| {
        claims["hasgroups"] = true.into();
        claims["roles"] = json!(["owners"]);
        claims["groups"] = Value::Null;
    };
    assert_eq!(groups_of(AttributeNames::default(), overage), Ok(AssertedGroups::TooMany));
    assert_eq!(groups_of(named("roles"), overage), Ok(AssertedGroups::listed(["owners"])), "roles are not too many");
    let names = |claims: &mut Value| claims["_claim_names"] = json!({ "groups": "src1" });
    assert_eq!(
        groups_of(AttributeNames::default(), names),
        Ok(AssertedGroups::TooMany),
        "even beside some that were sent"
    );
    assert_eq!(
        groups_of(AttributeNames::default(), |claims| claims["hasgroups"] = false.into()),
        Ok(AssertedGroups::listed(["owners"]))
    );
}

#[test]
fn a_claim_of_the_id_token_comes_before_userinfo_but_a_no_counts_wherever_it_stands() {
    let said = |more: Value| {
        let mut said = json!({ "sub": "anna" });
        said.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        Some(said)
    };
    let both = told(
        AttributeNames::default(),
        |_| {},
        said(json!({ "email": "other@acme.example", "groups": ["users"], "name": "Other" })),
    );
    let identity = both.expect("facts").identity;
    assert_eq!((identity.email.as_str(), identity.display_name.as_deref()), ("anna@acme.example", Some("Anna")));
    assert_eq!(identity.groups, AssertedGroups::listed(["owners"]));
    let silent = |claims: &mut Value| claims["email_verified"] = Value::Null;
    let refused = told(AttributeNames::default(), silent, said(json!({ "email_verified": false })));
    assert_eq!(refused.map(drop).map_err(|error| error.code()), Err("email_not_verified"));
    let warned = told(AttributeNames::default(), silent, None).expect("acceptable within a verified domain");
    assert_eq!(warned.warnings, [OidcWarning::EmailNotSaidVerified]);
    assert_eq!(
        told(AttributeNames::default(), silent, said(json!({ "email_verified": "true" }))).expect("facts").warnings,
        []
    );
}

#[test]
fn an_address_is_verified_only_where_something_says_yes() {
    for (value, expected) in [
        (json!(true), "ok"),
        (json!("true"), "ok"),
        (json!("1"), "ok"),
        (json!(1), "ok"),
        (json!("yes"), "email_not_verified"),
        (json!(2), "email_not_verified"),
        (json!([true]), "email_not_verified"),
        (json!({ "email": true }), "email_not_verified"),
    ] {
        for claim in ["email_verified", "xms_edov"] {
            let told = told(AttributeNames::default(), |claims| claims[claim] = value.clone(), None);
            assert_eq!(told.map_or_else(|error| error.code(), |_| "ok"), expected, "{claim} {value}");
        }
    }
}

#[test]
fn attributes_name_other_claims() {
    let names = AttributeNames {
        email: Some("upn".to_owned()),
        name: Some("profile.full".to_owned()),
        groups: None,
        subject: Some("oid".to_owned()),
    };
    let bend = |claims: &mut Value| {
        claims["upn"] = "Anna@Acme.Example".into();
        claims["profile"] = json!({ "full": "  Anna M.  " });
        claims["oid"] = "object-1".into();
    };
    let identity = told(names.clone(), bend, None).expect("facts").identity;
    assert_eq!((identity.subject.as_str(), identity.display_name.as_deref()), ("object-1", Some("Anna M.")));
    assert!(identity.email.as_str().eq_ignore_ascii_case("anna@acme.example"));
    let missing = told(
        names,
        |claims| claims["upn"] = "anna@acme.example".into(),
        Some(json!({ "sub": "anna", "oid": "object-1" })),
    );
    assert_eq!(missing.map(drop).map_err(|error| error.code()), Err("claim"), "who it is, the ID token alone says");
}

// what goes out

fn provider() -> Provider {
    let document = json!({
        "issuer": ISSUER, "authorization_endpoint": "https://id.acme.example/authorize?tenant=a%20b",
        "token_endpoint": "https://id.acme.example/token", "jwks_uri": "https://keys.acme.example/keys",
        "end_session_endpoint": "https://id.acme.example/logout?x=1", "userinfo_endpoint": null,
    });
    read_discovery(ISSUER, document.to_string().as_bytes()).expect("a provider")
}

#[test]
fn o_callback_a_code_beyond_all_measure_is_not_taken_on() {
    let code = |length: usize| read_code(&format!("code={}", "x".repeat(length)), &provider()).map(|code| code.len());
    assert_eq!(code(4096), Ok(4096), "the control");
    assert_eq!(code(4097), Err(OidcError::Parameter("code")));
    let told = read_code("error=Call+%2B1-555-0100", &provider()).expect_err("an error").to_string();
    assert!(!told.contains("555"), "nobody else's words stand in our log: {told}");
}

#[test]
fn o_discovery_a_document_beyond_all_measure_is_not_read() {
    let of = |length: usize| {
        let mut document = json!({
            "issuer": ISSUER, "authorization_endpoint": "https://id.acme.example/a",
            "token_endpoint": "https://id.acme.example/t", "jwks_uri": "https://id.acme.example/k",
        });
        document["more"] = "x".repeat(length).into();
        read_discovery(ISSUER, document.to_string().as_bytes()).map(drop)
    };
    assert_eq!(of(MAX_DISCOVERY - 4096), Ok(()), "the control");
    assert_eq!(of(MAX_DISCOVERY), Err(OidcError::DiscoveryUnreadable));
}

#[test]
fn o_jwks_keys_beyond_the_hundredth_are_not_looked_at() {
    let (good, other) = (jwk(&RSA, Algorithm::RS256, Some("rsa")), jwk(&OTHER_RSA, Algorithm::RS256, Some("other")));
    let at = |place: usize| {
        let mut all = vec![other.clone(); place];
        all.push(good.clone());
        keys(&all).knows("rsa")
    };
    assert!(at(99) && !at(100));
}

#[test]
fn what_userinfo_says_beyond_all_measure_is_not_read() {
    let id_token = verify(&token(&claims())).expect("good");
    let read = |length: usize| {
        let said = json!({ "sub": "anna", "more": "x".repeat(length) }).to_string();
        read_userinfo(Some("application/json"), said.as_bytes(), &id_token).map(drop)
    };
    assert_eq!(read(MAX_USERINFO - 4096), Ok(()), "the control");
    assert_eq!(read(MAX_USERINFO), Err(OidcError::UserinfoUnreadable));
}

/// A page of a proxy in between may well be JSON, and is nobody's token.
#[test]
fn an_answer_that_does_not_say_that_it_is_json_is_not_read_as_such() {
    let id_token = verify(&token(&claims())).expect("good");
    let answer = json!({ "id_token": "a.b.c", "access_token": "x", "token_type": "bearer" }).to_string();
    let answered =
        |kind: Option<&str>| read_token_answer(200, kind, answer.as_bytes()).map_or_else(|e| e.code(), |_| "ok");
    let told = |kind: Option<&str>| {
        read_userinfo(kind, br#"{"sub":"anna"}"#, &id_token).map_or_else(|error| error.code(), |_| "ok")
    };
    for good in ["application/json", "Application/JSON; charset=utf-8"] {
        assert_eq!((answered(Some(good)), told(Some(good))), ("ok", "ok"), "{good}");
    }
    for other in [None, Some(""), Some("text/html"), Some("text/plain; application/json"), Some("application/jwt")] {
        assert_eq!((answered(other), told(other)), ("token_answer", "userinfo_unreadable"), "{other:?}");
    }
}

#[test]
fn an_access_token_has_to_fit_into_a_header() {
    let of = |access_token: String| {
        let answer = json!({ "id_token": "a.b.c", "access_token": access_token, "token_type": "bearer" });
        read_token_answer(200, Some("application/json"), answer.to_string().as_bytes()).map(drop)
    };
    assert_eq!(of("x".repeat(64 * 1024)), Ok(()), "the control");
    for (what, token) in
        [("too long", "x".repeat(64 * 1024 + 1)), ("two lines", "x\r\ny".to_owned()), ("a space", "x y".to_owned())]
    {
        assert_eq!(of(token), Err(OidcError::TokenAnswer("access_token")), "{what}");
    }
}

#[test]
fn names_in_a_logout_token_are_kept_and_so_they_are_short() {
    let outcome = |claim: &str, length: usize| {
        let mut claims = json!({
            "iss": ISSUER, "aud": "usher", "iat": NOW, "jti": "one", "sub": "anna", "sid": "session",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        claims[claim] = "x".repeat(length).into();
        let header = json!({ "alg": "RS256", "kid": "rsa", "typ": "logout+jwt" });
        let token = sign(&header, claims.to_string().as_bytes(), &RSA, Algorithm::RS256);
        verify_logout_token(&settings(), &all_keys(), &token, now()).map_or_else(|error| error.code(), |_| "ok")
    };
    let sid =
        |length: usize| verify(&token(&with("sid", json!("x".repeat(length))))).expect("good").sid().map(str::len);
    assert_eq!([1024, 1025, 0].map(sid), [Some(1024), None, None], "of the ID token that it is held against");
    for claim in ["jti", "sub", "sid"] {
        assert_eq!([1024, 1025, 0].map(|length| outcome(claim, length)), ["ok", "claim", "claim"], "{claim}");
    }
}

/// Whatever two clocks allow: as long as a logout token passes, it is remembered.
#[test]
fn a_logout_token_is_remembered_as_long_as_it_could_be_shown_again() {
    let made = |issued: i64| {
        let claims = json!({
            "iss": ISSUER, "aud": "usher", "iat": issued, "jti": "one", "sub": "anna",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        let header = json!({ "alg": "RS256", "kid": "rsa", "typ": "logout+jwt" });
        sign(&header, claims.to_string().as_bytes(), &RSA, Algorithm::RS256)
    };
    let token = made(NOW + 90);
    let at = |second: i64| verify_logout_token(&settings(), &all_keys(), &token, Timestamp::from_millis(second * 1000));
    let early = at(NOW).expect("our clock is behind");
    let last = (NOW..NOW + 3600).rev().find(|second| at(*second).is_ok()).expect("at some time");
    assert!(early.replay_until > Timestamp::from_millis(last * 1000), "{last}: {}", early.replay_until);
}

#[test]
fn what_an_address_of_the_provider_says_already_stays() {
    let (settings, provider) = (settings(), provider());
    let ask = Ask {
        settings: &settings,
        provider: &provider,
        redirect_uri: "https://login.acme.example/oidc/acme/callback",
        state: "s",
        nonce: "n",
        verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        login_hint: Some("a+b@acme.example"),
    };
    let url = sign_in_url(&ask).expect("an address");
    assert!(
        url.starts_with("https://id.acme.example/authorize?tenant=a%20b&response_type=code&client_id=usher&"),
        "{url}"
    );
    assert!(url.contains("&login_hint=a%2Bb%40acme.example"), "{url}");
    // The example of RFC 7636 appendix B.
    assert!(
        url.contains("&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"),
        "{url}"
    );
    assert!(!url.contains("prompt=") && !url.contains("max_age="), "{url}");
    let mut asking_again = settings.clone();
    asking_again.force_authn = true;
    let again = sign_in_url(&Ask { settings: &asking_again, ..ask }).expect("an address");
    assert!(again.contains("&prompt=login&max_age=0"), "{again}");
    let out = end_session_url(&provider, "usher", Some("a.b.c"), "https://login.acme.example/signed-out", "s&t")
        .expect("an address");
    assert_eq!(
        out,
        "https://id.acme.example/logout?x=1&id_token_hint=a.b.c&client_id=usher\
         &post_logout_redirect_uri=https%3A%2F%2Flogin.acme.example%2Fsigned-out&state=s%26t"
    );
    // RFC 6749 §2.3.1: each half is form-encoded first.
    let call = token_call(&ask, "the code", &ClientProof::Secret("p:w %ü"), "", now()).expect("a call");
    let basic = call.headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.as_str());
    let expected = base64::engine::general_purpose::STANDARD.encode("usher:p%3Aw+%25%C3%BC");
    assert_eq!(basic, Some(format!("Basic {expected}").as_str()));
    assert!(!format!("{call:?}").contains("the code"));
    let mut by_key = settings.clone();
    by_key.client_auth = ClientAuth::PrivateKeyJwt;
    let ask = Ask { settings: &by_key, ..ask };
    assert!(token_call(&ask, "c", &ClientProof::Secret("x"), "", now()).is_err(), "a secret is no key");
}

#[test]
fn a_document_is_looked_for_where_the_standard_says() {
    for (issuer, at) in [
        ("https://id.example", "https://id.example/.well-known/openid-configuration"),
        ("https://id.example/", "https://id.example/.well-known/openid-configuration"),
        ("https://id.example/realms/a", "https://id.example/realms/a/.well-known/openid-configuration"),
    ] {
        assert_eq!(discovery_url(issuer), at);
    }
    let plain = json!({
        "issuer": "http://127.0.0.1:1", "authorization_endpoint": "http://127.0.0.1:1/a", "token_endpoint": "https://x.example/t",
        "jwks_uri": "http://127.0.0.1:1/k",
    });
    assert!(
        read_discovery("http://127.0.0.1:1", plain.to_string().as_bytes()).is_ok(),
        "one on plain http may stay on it"
    );
    let mut mixed = plain;
    mixed["issuer"] = ISSUER.into();
    assert_eq!(
        read_discovery(ISSUER, mixed.to_string().as_bytes()).map(drop).map_err(|error| error.code()),
        Err("endpoint_not_https")
    );
}

#[test]
fn our_own_key_is_published_without_its_private_half_and_verifies_what_it_signs() {
    let der = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key").serialize_der();
    let key = ClientKey::from_pkcs8("client-1", &der).expect("a key");
    let members: Vec<String> = key.jwk().as_object().expect("an object").keys().cloned().collect();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    let signed = key.sign(&json!({ "a": 1 })).expect("signed");
    let verified = jws::verify("ID token", &signed, &keys(&[key.jwk()])).expect("by the published key");
    assert_eq!(Value::Object(verified.claims), json!({ "a": 1 }));
    assert!(ClientKey::from_pkcs8("x", b"no key").is_err());
}

#[test]
fn what_proves_that_we_are_the_client_is_for_one_call_within_a_minute() {
    let der = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key").serialize_der();
    let key = ClientKey::from_pkcs8("client-1", &der).expect("a key");
    let (mut settings, provider) = (settings(), provider());
    settings.client_auth = ClientAuth::PrivateKeyJwt;
    let ask = Ask {
        settings: &settings,
        provider: &provider,
        redirect_uri: "https://login.acme.example/oidc/acme/callback",
        state: "s",
        nonce: "n",
        verifier: "v",
        login_hint: None,
    };
    let call = token_call(&ask, "c", &ClientProof::Key(&key), "jti-1", now()).expect("a call");
    let body = call.body.expect("a form");
    let (_, assertion) = url::form_urlencoded::parse(body.as_bytes())
        .find(|(name, _)| name == "client_assertion")
        .expect("what proves it");
    let claims = jws::verify("ID token", &assertion, &keys(&[key.jwk()])).expect("by the published key").claims;
    for (name, expected) in [
        ("jti", json!("jti-1")),
        ("aud", json!("https://id.acme.example/token")),
        ("iat", json!(NOW)),
        ("exp", json!(NOW + 60)),
        ("iss", json!("usher")),
        ("sub", json!("usher")),
    ] {
        assert_eq!(claims[name], expected, "{name}");
    }
}

#[test]
fn an_object_that_names_a_member_twice_is_no_object() {
    let read = |text: &str| json::object(text.as_bytes());
    assert!(read(r#"{"a":1,"b":{"a":1}}"#).is_some());
    for twice in
        [r#"{"a":1,"a":1}"#, r#"{"b":[{"a":1,"a":2}]}"#, r#"{"a":1,"\u0061":2}"#, "{}{}", "[]", "1", "", "{\"a\":1}x"]
    {
        assert_eq!(read(twice), None, "{twice}");
    }
    let deep = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    assert_eq!(read(&deep), None);
    let _: Map<String, Value> = read(&format!("{{\"a\":{}}}", "9".repeat(400))).unwrap_or_default();
}
