//! What repeats is measured: forward-auth, sign-in, the decision. Ratios within one run; `cargo bench` prints the tables of
//! `docs/performance.md`. Servers are children of this program, so that their CPU time is theirs alone; loopback only, some seconds each.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks what time it is")]

#[path = "parts/openid.rs"]
mod openid;
#[path = "parts/peer.rs"]
mod peer;
#[path = "parts/served.rs"]
#[expect(dead_code, reason = "what is shared with the other benchmarks is not all needed here")]
mod served;
#[path = "parts/site.rs"]
mod site;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer};
use usher::clock::{Clock as _, SystemClock};
use usher::demo::issuer::{IssuerKey, KeyKind};
use usher::identity::AssertedGroups;
use usher::organization::{FreeSeats, GroupMapping, GroupMappings, Rules, SeatCount};
use usher::product::{Catalog, ProductKey, RoleKey, SeatTypeKey};
use usher::provisioning::{Evidence, Facts, Present, decide};

use served::{Client, Served, load};
use site::{WIKI, body, idp_key, saml_connection, sign_one_in, visit};

fn main() {
    match std::env::var("USHER_BENCH_ROLE").as_deref() {
        Ok("bare") => return serve_bare(),
        Ok("gateway") => return site::serve_gateway(|_| {}),
        Ok("provider") => return openid::serve_provider(),
        _ => {}
    }
    // `cargo test --benches` builds and starts this too; it is no test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let seconds = std::env::var("USHER_BENCH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(4);
    let span = Duration::from_secs(seconds);
    decisions();
    let rsa = rsa_verifications();
    forward_auth(span);
    sign_in(rsa);
    openid::sign_in(rsa);
    peer::sign_in(rsa);
    openid::hanging(span);
}

// ---- servers -------------------------------------------------------------------------------------------------------------------

fn serve_bare() {
    let headers: Vec<(String, String)> =
        serde_json::from_str(&std::env::var("USHER_BENCH_HEADERS").expect("headers")).expect("JSON");
    actix_web::rt::System::new().block_on(async move {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        let server = HttpServer::new(move || {
            let headers = headers.clone();
            App::new().default_service(actix_web::web::to(move || {
                let mut response = HttpResponse::Ok();
                for (name, value) in &headers {
                    response.insert_header((name.as_str(), value.as_str()));
                }
                async move { response.finish() }
            }))
        });
        server.workers(1).disable_signals().listen(listener).expect("listening").run().await.expect("served");
    });
}

/// The mean of rates and of CPU times.
#[derive(Default)]
struct Mean {
    rate: f64,
    cpu: f64,
    n: f64,
}

impl Mean {
    fn add(&mut self, (rate, cpu): (f64, f64)) {
        self.rate += rate;
        self.cpu += cpu;
        self.n += 1.0;
    }

    fn get(&self) -> (f64, f64) {
        (self.rate / self.n, self.cpu / self.n)
    }
}

// ---- measurements --------------------------------------------------------------------------------------------------------------

fn decisions() {
    let catalog = Catalog::built_in();
    let product = catalog.product(&ProductKey::new("enterprise-seats")).expect("built in");
    let group = |n: usize| usher::identity::GroupKey::new(&format!("group-{n}")).expect("a group");
    let row = |n: usize, role: &str| GroupMapping { group: group(n), gives: RoleKey::new(role) };
    let mappings = GroupMappings {
        roles: (0..40).map(|n| row(n, ["owner", "admin", "user"][n % 3])).collect(),
        seats: (40..60)
            .map(|n| GroupMapping { group: group(n), gives: SeatTypeKey::new(["premium", "standard"][n % 2]) })
            .collect(),
    };
    let listed: Vec<String> = (0..250).step_by(7).map(|n| format!("group-{n}")).collect();
    let groups = AssertedGroups::listed(listed.iter().map(String::as_str));
    let seats = [("premium", 5), ("standard", 20)].map(|(seat, bought)| SeatCount {
        seat_type: SeatTypeKey::new(seat),
        bought,
        used: 1,
    });
    let free = FreeSeats::of(product, &seats);
    let (role, seat) = (RoleKey::new("user"), SeatTypeKey::new("standard"));
    let facts = Facts {
        product,
        rules: Rules::JitMapped(&mappings),
        evidence: Evidence::SignIn { groups: &groups, directory: None },
        suspended: false,
        member: Some(Present { role: &role, seat: Some(&seat), role_pinned: false, seat_pinned: false }),
        free: &free,
    };
    let begin = Instant::now();
    let rounds = 100_000;
    for _ in 0..rounds {
        std::hint::black_box(decide(std::hint::black_box(&facts)));
    }
    let each = begin.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
    println!("decision: 36 groups, 60 mapping rows            {each:8.2} us");
}

/// RSA-2048 verifications per second on one core: the measure for sign-ins.
fn rsa_verifications() -> f64 {
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    let now = SystemClock.now();
    let key = IssuerKey::generate(KeyKind::Rsa, "bench", now, now.plus(Duration::from_secs(60))).expect("a key");
    let message = b"measured".as_slice();
    let signature = key.sign(message);
    let certificate = <x509_cert::Certificate as x509_cert::der::Decode>::from_der(key.certificate_der()).expect("DER");
    let public = certificate.tbs_certificate.subject_public_key_info.subject_public_key.raw_bytes().to_vec();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
    let begin = Instant::now();
    let rounds = 20_000;
    for _ in 0..rounds {
        public.verify(message, &signature).expect("verifies");
    }
    let each = begin.elapsed().as_secs_f64() / f64::from(rounds);
    println!("RSA-2048 verification alone                     {:8.2} us", each * 1e6);
    1.0 / each
}

/// A data directory with one parent, one organization and one person who is signed in, over SAML.
fn seeded(directory: &std::path::Path, idp: &IssuerKey) -> String {
    declared(directory, &saml_connection(idp))
}

/// The same over a connection of the caller's.
fn declared(directory: &std::path::Path, connection: &str) -> String {
    let file = format!(
        r#"
[[parent]]
slug = "acme"
name = "Acme"
plan = "enterprise"
[[parent.domain]]
name = "acme.example"
vouched = true
[[parent.connection]]
slug = "acme"
label = "Acme"
{connection}
[[parent.organization]]
slug = "work"
name = "Work"
product = "enterprise-seats"
provisioning = "jit"
group_mappings = true
[parent.organization.seats]
premium = 100000
standard = 100000
[parent.organization.role_mappings]
user = ["everyone"]
admin = ["admins"]
[[parent.organization.application]]
slug = "wiki"
name = "Wiki"
url = "{WIKI}"
"#
    );
    site::apply(directory, &file)
}

fn forward_auth(span: Duration) {
    let directory = tempfile::tempdir().expect("a directory");
    let idp = idp_key();
    let cookie = seeded(directory.path(), &idp);
    let path = directory.path().to_str().expect("UTF-8").to_owned();
    let begin = Instant::now();
    let gateway = Served::start("gateway", &[("USHER_BENCH_DIR", &path)]);
    let (status, _) = Client::new(gateway.address).ask(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(status, 200);
    println!("start on a known directory until ready          {:8.1} ms", begin.elapsed().as_secs_f64() * 1e3);
    println!("memory, idle                                    {:8.1} MiB", gateway.memory());
    let request = visit(&cookie);
    let (status, head) = Client::new(gateway.address).ask(request.as_bytes());
    assert_eq!(status, 200, "{head}");
    let headers: Vec<(String, String)> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| !matches!(*name, "content-length" | "date"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let bare = Served::start("bare", &[("USHER_BENCH_HEADERS", &serde_json::to_string(&headers).expect("JSON"))]);
    println!(
        "{:34}{:>12} {:>14} {:>12} {:>14} {:>8}",
        "", "bare req/s", "bare us CPU", "auth req/s", "auth us CPU", "ratio"
    );
    for connections in [1, 16, 64] {
        // Alternating, so that a slow moment of the machine hits both.
        let (mut plain, mut asked) = (Mean::default(), Mean::default());
        for _ in 0..2 {
            plain.add(load(&bare, connections, span / 2, &request));
            asked.add(load(&gateway, connections, span / 2, &request));
        }
        let ((bare_rate, bare_cpu), (rate, cpu)) = (plain.get(), asked.get());
        let label = format!("forward-auth, {connections} connections");
        println!("{label:34}{bare_rate:12.0} {bare_cpu:14.2} {rate:12.0} {cpu:14.2} {:8.2}", rate / bare_rate);
    }
    println!("memory, after that                              {:8.1} MiB", gateway.memory());
}

/// Sign-ins that nobody asked for, confirmed at once: verify, keep, decide, member, session, all durable.
fn sign_in(rsa_per_second: f64) {
    println!("{:34}{:>12} {:>14} {:>22}", "", "per second", "us CPU each", "RSA verifications each");
    for clients in [1, 8, 64] {
        let directory = tempfile::tempdir().expect("a directory");
        let idp = idp_key();
        seeded(directory.path(), &idp);
        let path = directory.path().to_str().expect("UTF-8").to_owned();
        let served = Served::start("gateway", &[("USHER_BENCH_DIR", &path), ("USHER_BENCH_WORKERS", "2")]);
        let total = if clients == 1 { 600 } else { 6_000 };
        let bodies: Vec<String> = (0..total).map(|n| body(&idp, n)).collect();
        let next = AtomicU64::new(0);
        let (begin, cpu) = (Instant::now(), served.cpu());
        std::thread::scope(|scope| {
            for _ in 0..clients {
                scope.spawn(|| {
                    let mut client = Client::new(served.address);
                    while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                        sign_one_in(&mut client, body);
                    }
                });
            }
        });
        let (spent, cpu) = (begin.elapsed().as_secs_f64(), (served.cpu() - cpu).as_secs_f64());
        let each = cpu * 1e6 / f64::from(total);
        let label = format!("SAML sign-in, {clients} clients");
        println!("{label:34}{:12.0} {each:14.0} {:22.1}", f64::from(total) / spent, each * 1e-6 * rsa_per_second);
        if clients == 64 {
            println!("memory, after that                              {:8.1} MiB", served.memory());
        }
    }
}
