//! The gateway as it is measured: its configuration, what a file declares in it, and people who sign in over SAML.

use std::sync::Arc;
use std::time::Duration;

use usher::apply::{Apply, Request};
use usher::audit::Actor;
use usher::clock::{Clock as _, SystemClock, Timestamp};
use usher::config::{Config, Flags};
use usher::db::{Db, Open};
use usher::demo::issuer::{IssuerKey, KeyKind, Person, ResponseSpec, encode, idp_metadata};
use usher::gateway::Gateway;
use usher::identity::{AssertedGroups, EmailAddress, Subject};
use usher::product::Catalog;
use usher::{organizations_file, server, store};

use super::served::Client;

const IDP: &str = "https://idp.acme.example/metadata";
pub const WIKI: &str = "https://wiki.acme.example";
const TOKEN: [u8; 32] = [7; 32];

/// Serves the gateway on `USHER_BENCH_DIR`; `beside` may start something with it.
pub fn serve_gateway(beside: impl FnOnce(&Arc<Gateway>)) {
    let directory = std::path::PathBuf::from(std::env::var("USHER_BENCH_DIR").expect("a directory"));
    let workers = std::env::var("USHER_BENCH_WORKERS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let gateway = Arc::new(Gateway::open(config(&directory), Arc::new(SystemClock)).expect("a gateway"));
    beside(&gateway);
    actix_web::rt::System::new().block_on(async move {
        let running = server::start(gateway, workers, false).expect("a server");
        println!("{}", running.address);
        running.wait().await.expect("served");
    });
}

/// Identity providers may push as fast as they can.
fn config(directory: &std::path::Path) -> Config {
    let source = format!(
        "[server]\npublic_url = \"https://login.acme.example\"\nlisten = \"127.0.0.1:0\"\ntrusted_proxies = [\"127.0.0.1\"]\nallow_private_idp = true\ndata_dir = {directory:?}\n[scim]\nrequests_per_second = 100000\nburst = 1000000\n"
    );
    Config::parse(&source, std::iter::empty(), &Flags::default()).expect("a configuration")
}

/// Brings a data directory to what a file declares, and signs somebody in through the connection `acme`; returns the session cookie.
pub fn apply(directory: &std::path::Path, file: &str) -> String {
    let (config, now) = (config(directory), SystemClock.now());
    let opened = usher::gateway::open(&config, &SystemClock, Open::Serve).expect("opened");
    let catalog = Catalog::built_in();
    let declared = organizations_file::read(file, &catalog).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let request = Request::self_contained(declared, now, |connection, secret| {
        usher::gateway::seal_client_secret(&opened.sealer, connection, secret)
    })
    .expect("a request");
    let apply = Apply { request, prune: false, catalog, actor: Actor::System, now };
    let plan = apply.plan(&opened.db).expect("a plan");
    apply.apply(&opened.db, &plan).expect("applied");
    sign_somebody_in(&opened.db, now)
}

/// The lines of a SAML connection that trusts this key, and takes sign-ins that nobody asked for.
pub fn saml_connection(idp: &IssuerKey) -> String {
    let metadata = idp_metadata(IDP, "https://idp.acme.example/sso", &[idp.certificate_der()]);
    format!("protocol = \"saml\"\nmetadata = '''{metadata}'''\nactive = true\nidp_initiated = true\n")
}

/// An identity provider's key.
pub fn idp_key() -> IssuerKey {
    let now = SystemClock.now();
    IssuerKey::generate(KeyKind::Rsa, "idp", now, now.plus(Duration::from_secs(86_400))).expect("a key")
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
pub fn visit(cookie: &str) -> String {
    format!(
        "GET /auth/nginx HTTP/1.1\r\nHost: login.acme.example\r\nCookie: {cookie}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: wiki.acme.example\r\nX-Forwarded-Uri: /page?a=b\r\nX-Forwarded-For: 192.0.2.7\r\nUser-Agent: bench\r\nAccept: text/html\r\n\r\n"
    )
}

/// One in ten is a new person; the others come again.
pub fn body(idp: &IssuerKey, n: i32) -> String {
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

/// Signs one in, and confirms it.
pub fn sign_one_in(client: &mut Client, body: &str) {
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
