//! S.auth: whom a token lets in, and that a request without a good one learns nothing.

use std::time::Duration;

use serde_json::{Value, json};
use usher::clock::{Clock as _, Timestamp};
use usher::{secrets, store};

use crate::scim_support::{Pushing, other_parent, token};
use crate::support::TestApp;

const GOOD: &str = "good-token-with-more-than-32-characters";

/// What a request is told, but for what differs each time.
fn told(app: &TestApp, authorization: Option<&str>, path: &str) -> (u16, String, String) {
    let answered = Pushing::with(app, authorization).get(path);
    (answered.status, answered.header("www-authenticate"), answered.text)
}

#[test]
fn s_auth_nothing_but_a_good_token_is_let_in_and_the_answer_is_always_the_same() {
    let app = TestApp::start();
    let good = token(&app, app.parent, GOOD);
    assert_eq!(told(&app, Some(&format!("Bearer {GOOD}")), "/Users").0, 200);
    assert_eq!(told(&app, Some(&format!("bearer  {GOOD}")), "/Users").0, 200, "the scheme in any case (RFC 7235)");
    let nobody = told(&app, None, "/Users");
    assert_eq!((nobody.0, nobody.1.as_str()), (401, "Bearer realm=\"directory\""));

    let expired = "expired-token-with-more-than-32-characters";
    let (hash, now, parent) = (secrets::sha256(expired.as_bytes()), app.clock.now(), app.parent);
    app.change(move |tx| {
        store::scim_tokens::add(tx, parent, "expired", &hash, now, Some(now.plus(Duration::from_secs(60))))
    });
    assert_eq!(told(&app, Some(&format!("Bearer {expired}")), "/Users").0, 200, "not yet");
    app.clock.advance(Duration::from_secs(60));

    let almost = format!("Bearer {}", &GOOD[..GOOD.len() - 1]);
    let hostile = [
        almost.as_str(),
        "Bearer",
        "Bearer ",
        "Bearer null",
        "Bearer *",
        "Bearer %",
        "Bearer ' OR '1'='1",
        "Basic dXNlcjpwYXNz",
        &format!("Basic {GOOD}"),
        &format!("Token {GOOD}"),
        GOOD,
        &format!("Bearer {GOOD} {GOOD}"),
        &format!("Bearer {GOOD},"),
        &format!("Bearer {}", GOOD.to_uppercase()),
        &format!("Bearer {expired}"),
        &format!("Bearer {}", "x".repeat(2000)),
    ];
    for authorization in hostile {
        for path in ["/Users", "/Users/u-1", "/Groups", "/ServiceProviderConfig", "/Schemas", "/Me", ""] {
            assert_eq!(told(&app, Some(authorization), path), nobody, "{authorization} {path}");
        }
    }
    let client = Pushing::with(&app, Some(&format!("Bearer {GOOD}")));
    let twice = client.send("GET", "/Users", &[("authorization", &format!("Bearer {GOOD}"))], None);
    assert_eq!(twice.status, 401, "two headers: which one counts is not guessed");

    app.change(move |tx| store::scim_tokens::revoke(tx, good, Timestamp::from_millis(0)));
    assert_eq!(
        told(&app, Some(&format!("Bearer {GOOD}")), "/Users"),
        nobody,
        "revoked: at once, and told nothing else"
    );
    assert_eq!(client.post("/Users", json!({ "userName": "x" })).status, 401);
}

#[test]
fn s_auth_a_token_in_the_url_or_in_a_cookie_counts_for_nothing() {
    let app = TestApp::start();
    token(&app, app.parent, GOOD);
    let client = Pushing::with(&app, None);
    for path in [format!("/Users?access_token={GOOD}"), format!("/Users?token={GOOD}")] {
        assert_eq!(client.get(&path).status, 401);
    }
    assert_eq!(client.send("GET", "/Users", &[("cookie", &format!("token={GOOD}"))], None).status, 401);
}

#[test]
fn s_auth_no_secret_is_echoed_or_kept() {
    let app = TestApp::start();
    token(&app, app.parent, GOOD);
    let client = Pushing::with(&app, Some(&format!("Bearer {GOOD}")));
    let body = json!({ "userName": "anna", "password": "t1meToSleep!" });
    let made = client.post("/Users", body);
    assert_eq!(made.status, 201);
    for answered in [client.get("/Users"), client.get("/Nothing"), client.get(&format!("/Users/{}", made.id())), made] {
        assert!(!answered.text.contains(GOOD) && !answered.text.contains("t1meToSleep!"), "{answered:?}");
    }
    let kept = std::fs::read(app.db.path()).expect("the database");
    let log = std::fs::read(app.db.path().with_extension("db-wal")).unwrap_or_default();
    for secret in [GOOD, "t1meToSleep!"] {
        let is_in = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!is_in(&kept) && !is_in(&log), "{secret}");
    }
}

#[test]
fn the_last_use_and_what_was_asked_are_noted_soon_and_not_per_request() {
    let app = TestApp::start();
    let id = token(&app, app.parent, GOOD);
    let client = Pushing::with(&app, Some(&format!("Bearer {GOOD}")));
    let anna = client.user("anna");
    let patched =
        client.patch(&format!("/Users/{anna}"), json!([{ "op": "Replace", "path": "active", "value": "False" }]));
    assert_eq!(patched.status, 200);
    client.list("/Users", &[("filter", "userName eq \"anna@acme.example\"")]).is(200);
    client.patch(&format!("/Users/{anna}"), json!([{ "op": "remove", "path": "nothing" }])).fails(400, "invalidPath");
    let parent = app.parent;
    let read = || {
        app.db.read(|tx| -> Result<_, usher::db::DbError> {
            let token = store::scim_tokens::by_id(tx, id)?.expect("there");
            Ok((token, store::directory_requests::before(tx, parent, i64::MAX, 10)?))
        })
    };
    let mut seen = read().expect("readable");
    for _ in 0..100 {
        if seen.1.len() == 4 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
        seen = read().expect("readable");
    }
    let (token, requests) = seen;
    assert_eq!(token.last_used_at, Some(app.clock.now()));
    assert_eq!(token.last_used_from.as_deref(), Some("127.0.0.1"));
    let lines: Vec<_> =
        requests.iter().rev().map(|(_, one)| (one.status, one.understood.as_str(), one.effect.as_str())).collect();
    let user = format!("user {anna}");
    assert_eq!(lines[0], (201, "create a user", user.as_str()));
    assert_eq!(lines[1], (200, "change a user: replace active", user.as_str()));
    assert_eq!(lines[2], (200, "list User where userName eq \"…\"", "1 of 1"));
    assert_eq!((lines[3].0, lines[3].1), (400, "change a user: remove nothing"));
    assert!(lines[3].2.starts_with("invalidPath: "), "{lines:?}");
    let all = format!("{requests:?}");
    assert!(all.contains("\\\"False\\\"") && !all.contains("anna@"), "bodies without people: {all}");
    let path = &requests[1].1.path;
    assert_eq!(path, "/scim/v2/Users?filter=userName eq \"…\"");
}

#[test]
fn several_tokens_of_a_directory_open_it_side_by_side() {
    let app = TestApp::start();
    let second = "next-token-with-more-than-32-characters";
    let first = token(&app, app.parent, GOOD);
    token(&app, app.parent, second);
    let (old, new) =
        (Pushing::with(&app, Some(&format!("Bearer {GOOD}"))), Pushing::with(&app, Some(&format!("Bearer {second}"))));
    let anna = old.user("anna");
    assert_eq!(new.get(&format!("/Users/{anna}")).status, 200);
    app.change(move |tx| store::scim_tokens::revoke(tx, first, Timestamp::from_millis(0)));
    assert_eq!((old.get("/Users").status, new.get("/Users").status), (401, 200));
}

#[test]
fn s_dos_a_token_that_asks_too_much_is_told_when_to_go_on() {
    let app = TestApp::start();
    let other = other_parent(&app);
    token(&app, app.parent, GOOD);
    token(&app, other, "slow-token-with-more-than-32-characters");
    let client = Pushing::with(&app, Some(&format!("Bearer {GOOD}")));
    let operations: Vec<Value> =
        (0..500).map(|n| json!({ "method": "DELETE", "path": format!("/Users/u-{n}") })).collect();
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    let mut refused = None;
    for _ in 0..25 {
        let answered = client.post("/Bulk", bulk.clone());
        if answered.status != 200 {
            refused = Some(answered);
            break;
        }
    }
    let refused = refused.expect("after some thousand operations");
    refused.fails(429, "");
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    let elsewhere = Pushing::with(&app, Some("Bearer slow-token-with-more-than-32-characters"));
    assert_eq!(elsewhere.get("/Users").status, 200, "nobody else waits");
    app.clock.advance(Duration::from_secs(wait));
    assert_eq!(client.get("/Users").status, 200);
}
