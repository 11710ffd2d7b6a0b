//! Sign-ins over OpenID Connect, and many that hang on a provider that does not answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use usher::clock::{Clock as _, SystemClock};

use super::{Client, Served, declared, load};

const CONNECTION: &str = "protocol = \"oidc\"\nclient_id = \"usher\"\nclient_secret = \"secret\"\nactive = true\n";

/// A provider in a process of its own. A code is what it answers with: nonce and person.
pub fn serve_provider() {
    let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).expect("a key");
    let key = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).expect("a key");
    let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::RS256).expect("a key")).expect("JSON");
    jwk["kid"] = "bench".into();
    let dead = std::env::var_os("USHER_BENCH_DEAD").is_some();
    actix_web::rt::System::new().block_on(async move {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        println!("{address}");
        let server = HttpServer::new(move || {
            let (key, jwk, issuer) = (key.clone(), jwk.clone(), format!("http://{address}"));
            App::new().default_service(actix_web::web::to(move |request: HttpRequest, body: String| {
                let answer = answer(&key, &jwk, &issuer, request.path(), &body);
                let hangs = dead && request.path() == "/token";
                async move {
                    if hangs {
                        std::future::pending::<()>().await;
                    }
                    answer
                }
            }))
        });
        server.workers(1).disable_signals().listen(listener).expect("listening").run().await.expect("served");
    });
}

fn answer(key: &EncodingKey, jwk: &serde_json::Value, issuer: &str, path: &str, body: &str) -> HttpResponse {
    match path {
        "/.well-known/openid-configuration" => HttpResponse::Ok().json(json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        })),
        "/keys" => HttpResponse::Ok().json(json!({ "keys": [jwk] })),
        "/token" => {
            let code = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "code").expect("a code").1;
            let (nonce, person) = code.split_once('.').expect("nonce and person");
            let now = SystemClock.now().as_seconds();
            let claims = json!({
                "iss": issuer, "aud": "usher", "sub": format!("id-{person}"), "iat": now, "exp": now + 300, "nonce": nonce,
                "email": format!("p{person}@acme.example"), "email_verified": true, "name": "A Person",
                "groups": ["everyone", "engineering", "berlin", "chat"],
            });
            let header = Header { kid: Some("bench".to_owned()), ..Header::new(Algorithm::RS256) };
            let id_token = jsonwebtoken::encode(&header, &claims, key).expect("signed");
            HttpResponse::Ok().json(json!({ "id_token": id_token, "access_token": "at", "token_type": "Bearer" }))
        }
        _ => HttpResponse::NotFound().finish(),
    }
}

/// A sign-in that has come back from the provider: the request of its browser.
fn begun(client: &mut Client, person: u64) -> String {
    let (status, head) = client.ask(b"GET /sign-in/acme HTTP/1.1\r\nHost: login.acme.example\r\n\r\n");
    assert_eq!(status, 303, "{head}");
    came_back(&head, person, "/oidc/acme/callback", "login.acme.example")
}

/// What a browser asks for after the provider, which here answers with what it was sent.
pub fn came_back(head: &str, person: u64, path: &str, host: &str) -> String {
    let line = |name: &str| {
        head.lines()
            .find_map(|line| line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)))
            .expect("a header")
            .1
    };
    let sent = url::Url::parse(line("location")).expect("an address");
    let value = |name: &str| sent.query_pairs().find(|(known, _)| known == name).expect("there").1.into_owned();
    let cookie = line("set-cookie").split(';').next().expect("a cookie");
    format!(
        "GET {path}?code={}.{person}&state={} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n",
        value("nonce"),
        value("state")
    )
}

fn gateway(provider: &Served, directory: &std::path::Path) -> (Served, String) {
    let cookie = declared(directory, &format!("issuer = \"http://{}\"\n{CONNECTION}", provider.address));
    let path = directory.to_str().expect("UTF-8").to_owned();
    (Served::start("gateway", &[("USHER_BENCH_DIR", &path), ("USHER_BENCH_WORKERS", "2")]), cookie)
}

/// From the callback to the session: state used up, code exchanged, ID token verified, decision, member, session, all durable. One
/// in ten is a new person. The provider signs in another process.
pub fn sign_in(rsa_per_second: f64) {
    for clients in [1, 8, 64] {
        let directory = tempfile::tempdir().expect("a directory");
        let provider = Served::start("provider", &[]);
        let (served, _) = gateway(&provider, directory.path());
        let total: u64 = if clients == 1 { 600 } else { 6_000 };
        let mut client = Client::new(served.address);
        let callbacks: Vec<String> = (0..total).map(|n| begun(&mut client, n / 10)).collect();
        let next = AtomicU64::new(0);
        let (begin, cpu) = (Instant::now(), served.cpu());
        std::thread::scope(|scope| {
            for _ in 0..clients {
                scope.spawn(|| {
                    let mut client = Client::new(served.address);
                    while let Some(callback) = callbacks.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                        let (status, head) = client.ask(callback.as_bytes());
                        assert!(status == 303 && head.contains("__Host-usher="), "{head}");
                    }
                });
            }
        });
        let (spent, cpu) = (begin.elapsed().as_secs_f64(), (served.cpu() - cpu).as_secs_f64());
        let each = cpu * 1e6 / total as f64;
        let label = format!("OIDC sign-in, {clients} clients");
        println!("{label:34}{:12.0} {each:14.0} {:22.1}", total as f64 / spent, each * 1e-6 * rsa_per_second);
    }
}

/// Forward-auth alone, and while 200 callbacks wait for a token endpoint that never answers; in turns, so that a slow moment of the
/// machine hits both, and what two measurements of the same differ by is seen.
pub fn hanging(span: Duration) {
    let directory = tempfile::tempdir().expect("a directory");
    let provider = Served::start("provider", &[("USHER_BENCH_DEAD", "1")]);
    let (served, cookie) = gateway(&provider, directory.path());
    let request = super::visit(&cookie);
    for _ in 0..3 {
        let (rate, cpu) = load(&served, 16, span, &request);
        println!("forward-auth alone                {rate:12.0} {cpu:14.2}");
        let mut client = Client::new(served.address);
        let callbacks: Vec<String> = (0..200).map(|n| begun(&mut client, n)).collect();
        std::thread::scope(|scope| {
            let waiting: Vec<_> =
                callbacks.iter().map(|callback| scope.spawn(|| answered(&served, callback))).collect();
            std::thread::sleep(Duration::from_secs(1));
            let (rate, cpu) = load(&served, 16, span, &request);
            let longest = waiting.into_iter().map(|one| one.join().expect("answered")).max().unwrap_or_default();
            println!(
                "while 200 sign-ins hang           {rate:12.0} {cpu:14.2}   answered within {:.1} s",
                longest.as_secs_f64()
            );
        });
    }
}

/// How long the page took that says that the provider does not answer.
fn answered(served: &Served, callback: &str) -> Duration {
    let begin = Instant::now();
    let (status, head) = Client::new(served.address).ask(callback.as_bytes());
    assert!(status == 403 && head.contains("idp_unavailable"), "{head}");
    begin.elapsed()
}
