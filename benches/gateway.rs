//! What repeats is measured: forward-auth, sign-in, the decision. Ratios within one run; `cargo bench` prints the tables of
//! `docs/performance.md`. Servers are children of this program, so that their CPU time is theirs alone; loopback only, some seconds each.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks what time it is")]

#[path = "parts/openid.rs"]
mod openid;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer};
use usher::apply::{Apply, Request};
use usher::audit::Actor;
use usher::clock::{Clock, SystemClock, Timestamp};
use usher::config::{Config, Flags};
use usher::db::{Db, Open};
use usher::demo::issuer::{IssuerKey, KeyKind, Person, ResponseSpec, encode, idp_metadata};
use usher::gateway::Gateway;
use usher::identity::{AssertedGroups, EmailAddress, Subject};
use usher::organization::{FreeSeats, GroupMapping, GroupMappings, Rules, SeatCount};
use usher::product::{Catalog, ProductKey, RoleKey, SeatTypeKey};
use usher::provisioning::{Evidence, Facts, Present, decide};
use usher::{organizations_file, server, store};

const IDP: &str = "https://idp.acme.example/metadata";
const WIKI: &str = "https://wiki.acme.example";
const TOKEN: [u8; 32] = [7; 32];

fn main() {
    match std::env::var("USHER_BENCH_ROLE").as_deref() {
        Ok("bare") => return serve_bare(),
        Ok("gateway") => return serve_gateway(),
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

fn serve_gateway() {
    let directory = std::path::PathBuf::from(std::env::var("USHER_BENCH_DIR").expect("a directory"));
    let workers = std::env::var("USHER_BENCH_WORKERS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let gateway = Gateway::open(config(&directory), Arc::new(SystemClock)).expect("a gateway");
    actix_web::rt::System::new().block_on(async move {
        let running = server::start(Arc::new(gateway), workers, false).expect("a server");
        println!("{}", running.address);
        running.wait().await.expect("served");
    });
}

fn config(directory: &std::path::Path) -> Config {
    let source = format!(
        "[server]\npublic_url = \"https://login.acme.example\"\nlisten = \"127.0.0.1:0\"\ntrusted_proxies = [\"127.0.0.1\"]\nallow_private_idp = true\ndata_dir = {directory:?}\n"
    );
    Config::parse(&source, std::iter::empty(), &Flags::default()).expect("a configuration")
}

/// A server in a process of its own.
struct Served {
    child: Child,
    address: SocketAddr,
}

impl Served {
    fn start(role: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.env("USHER_BENCH_ROLE", role).stdout(Stdio::piped());
        for (name, value) in variables {
            command.env(name, value);
        }
        let mut child = command.spawn().expect("started");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("an address");
        Self { child, address: line.trim().parse().expect("an address") }
    }

    /// CPU time used so far, user and system.
    fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("procfs");
        let after = stat.rsplit(')').next().expect("a line");
        let ticks: u64 =
            after.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("ticks")).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory in MiB.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("procfs");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("VmRSS");
        line.split_whitespace().nth(1).expect("kB").parse::<f64>().expect("a number") / 1024.0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// ---- a client ------------------------------------------------------------------------------------------------------------------

/// One kept-alive connection.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("connected");
        stream.set_nodelay(true).expect("no delay");
        Self { stream, buffer: vec![0; 65_536] }
    }

    /// Sends a request and reads the whole answer.
    fn ask(&mut self, request: &[u8]) -> (u16, String) {
        self.stream.write_all(request).expect("sent");
        let mut length = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[length..]).expect("an answer");
            assert!(read > 0, "the connection ended");
            length += read;
            let text = String::from_utf8_lossy(&self.buffer[..length]);
            if let Some(end) = text.find("\r\n\r\n") {
                let head = &text[..end];
                let body = head
                    .lines()
                    .find_map(|line| {
                        line.to_ascii_lowercase().strip_prefix("content-length: ").and_then(|n| n.parse::<usize>().ok())
                    })
                    .unwrap_or(0);
                if length >= end + 4 + body {
                    let status = head[9..12].parse().expect("a status");
                    return (status, head.to_owned());
                }
            }
        }
    }
}

/// Asks the same on `connections` connections for `span`; returns requests per second and CPU per request.
fn load(served: &Served, connections: usize, span: Duration, request: &str) -> (f64, f64) {
    let (stop, count) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut measured = (0.0, 0.0);
    std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut client = Client::new(served.address);
                while !stop.load(Ordering::Relaxed) {
                    assert_eq!(client.ask(request.as_bytes()).0, 200);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(Duration::from_millis(500));
        let (begin, before, cpu) = (Instant::now(), count.load(Ordering::Relaxed), served.cpu());
        std::thread::sleep(span);
        let (n, spent, cpu) = (count.load(Ordering::Relaxed) - before, begin.elapsed(), served.cpu() - cpu);
        stop.store(true, Ordering::Relaxed);
        measured = (n as f64 / spent.as_secs_f64(), cpu.as_secs_f64() * 1e6 / n as f64);
    });
    measured
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
    let metadata = idp_metadata(IDP, "https://idp.acme.example/sso", &[idp.certificate_der()]);
    let connection = format!("protocol = \"saml\"\nmetadata = '''{metadata}'''\nactive = true\nidp_initiated = true\n");
    declared(directory, &connection)
}

/// The same over a connection of the caller's.
fn declared(directory: &std::path::Path, connection: &str) -> String {
    let (config, now) = (config(directory), SystemClock.now());
    let opened = usher::gateway::open(&config, &SystemClock, Open::Serve).expect("opened");
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
    let catalog = Catalog::built_in();
    let declared = organizations_file::read(&file, &catalog).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let request = Request::self_contained(declared, now, |connection, secret| {
        usher::gateway::seal_client_secret(&opened.sealer, connection, secret)
    })
    .expect("a request");
    let apply = Apply { request, prune: false, catalog, actor: Actor::System, now };
    let plan = apply.plan(&opened.db).expect("a plan");
    apply.apply(&opened.db, &plan).expect("applied");
    sign_somebody_in(&opened.db, now)
}

/// Makes a member and a session; returns the session cookie.
fn sign_somebody_in(db: &Db, now: Timestamp) -> String {
    let hash = usher::secrets::sha256(&TOKEN);
    db.write_blocking(move |tx| {
        let slug = usher::ids::Slug::parse("acme").expect("a slug");
        let connection = store::connections::by_slug(tx, &slug)?.expect("applied");
        let identity = usher::identity::AssertedIdentity {
            connection: connection.id,
            subject: Subject::new("anna").expect("a subject"),
            email: EmailAddress::parse("anna@acme.example").expect("an address"),
            display_name: Some("Anna".to_owned()),
            groups: AssertedGroups::listed(["everyone", "engineering", "berlin", "chat"]),
        };
        let catalog = Catalog::built_in();
        let context =
            usher::membership::Context { now, catalog: &catalog, actor: Actor::System, from: None, incident: None };
        let sign_in =
            usher::membership::SignIn { connection: &connection, identity: &identity, new_public_id: "p-anna" };
        let attempted = usher::membership::at_sign_in(tx, &context, &sign_in)?;
        let usher::membership::Verdict::Admitted { person, subject } = attempted.verdict else {
            panic!("{attempted:?}")
        };
        let session = store::sessions::NewSession {
            token_hash: hash,
            person,
            subject,
            idp_session: None,
            idp_name: None,
            logout_seal: None,
            created_at: now,
            expires_at: now.plus(Duration::from_secs(3600)),
            address: "127.0.0.1",
            user_agent: "bench",
        };
        store::sessions::add(tx, &session)
    })
    .expect("signed in");
    use base64::Engine as _;
    format!("__Host-usher={}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(TOKEN))
}

/// What a reverse proxy asks.
fn visit(cookie: &str) -> String {
    format!(
        "GET /auth/nginx HTTP/1.1\r\nHost: login.acme.example\r\nCookie: {cookie}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: wiki.acme.example\r\nX-Forwarded-Uri: /page?a=b\r\nX-Forwarded-For: 192.0.2.7\r\nUser-Agent: bench\r\nAccept: text/html\r\n\r\n"
    )
}

fn forward_auth(span: Duration) {
    let directory = tempfile::tempdir().expect("a directory");
    let now = SystemClock.now();
    let idp = IssuerKey::generate(KeyKind::Rsa, "idp", now, now.plus(Duration::from_secs(86_400))).expect("a key");
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
        let now = SystemClock.now();
        let idp = IssuerKey::generate(KeyKind::Rsa, "idp", now, now.plus(Duration::from_secs(86_400))).expect("a key");
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

/// One in ten is a new person; the others come again.
fn body(idp: &IssuerKey, n: i32) -> String {
    let person = n / 10;
    let (name_id, email) = (format!("id-{person}"), format!("p{person}@acme.example"));
    let person = Person {
        name_id: &name_id,
        email: &email,
        name: "A Person",
        groups: &["everyone", "engineering", "berlin", "chat"],
    };
    let (sp, acs) = ("https://login.acme.example/saml/acme/metadata", "https://login.acme.example/saml/acme/acs");
    let spec = ResponseSpec::new(IDP, sp, acs, &format!("{n:x}"), SystemClock.now(), person);
    let fields = [("SAMLResponse", encode(&spec.xml(idp)))];
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn sign_one_in(client: &mut Client, body: &str) {
    let post = |path: &str, body: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: login.acme.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let (status, head) = client.ask(post("/saml/acme/acs", body).as_bytes());
    assert_eq!(status, 303, "{head}");
    let code = head.split("code=").nth(1).and_then(|rest| rest.lines().next()).expect("a code");
    let (status, head) = client.ask(post("/sign-in/finish", &format!("code={code}")).as_bytes());
    assert!(status == 303 && head.contains("__Host-usher="), "{head}");
}
