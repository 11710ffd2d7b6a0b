//! The whole gateway in one line, and callers as types.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use usher::clock::{Clock, TestClock, Timestamp};
use usher::config::{Config, Flags};
use usher::connection::{AttributeNames, Connection, ConnectionStatus, Protocol, SamlSettings};
use usher::db::{Db, DbError, Tx};
use usher::demo::issuer::{IssuerKey, KeyKind, Person, ResponseSpec, encode, idp_metadata};
use usher::gateway::{self, Gateway, Opened};
use usher::identity::DomainName;
use usher::ids::{ConnectionId, OrganizationId, ParentId, Slug};
use usher::organization::{Application, GroupMapping, GroupMappings, HeaderPreset, Organization, ProvisioningMode};
use usher::product::{ParentPlan, ProductKey, RoleKey, SeatTypeKey};
use usher::secrets::Sealer;
use usher::{server, store};

pub const PUBLIC: &str = "https://login.acme.example";
pub const WIKI: &str = "https://wiki.acme.example";
pub const IDP: &str = "https://idp.acme.example/metadata";
pub const SSO: &str = "https://idp.acme.example/sso";

pub fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("a slug")
}

/// A running gateway with one parent organization, its identity provider and one organization, on a clock that a test moves.
pub struct TestApp {
    pub db: Db,
    pub clock: Arc<TestClock>,
    pub idp: IssuerKey,
    pub parent: ParentId,
    pub organization: OrganizationId,
    /// Where the metrics are read, if they are configured.
    pub metrics: Option<std::net::SocketAddr>,
    config: Config,
    address: std::net::SocketAddr,
    stop: actix_web::dev::ServerHandle,
    _directory: tempfile::TempDir,
}

impl TestApp {
    /// jit with mappings on the Team plan: `owners`, `admins` and `everyone` give roles, `premium` a seat; 2 premium, 3 standard.
    pub fn start() -> Self {
        Self::with(|_| {}, |_| {})
    }

    pub fn with(organize: impl FnOnce(&mut Organization), connect: impl FnOnce(&mut SamlSettings)) -> Self {
        Self::configured("", organize, connect)
    }

    /// With more lines of the section `[server]`.
    pub fn configured(
        server: &str,
        organize: impl FnOnce(&mut Organization),
        connect: impl FnOnce(&mut SamlSettings),
    ) -> Self {
        Self::speaking(organize, server, |idp, _, now| {
            let metadata = idp_metadata(IDP, SSO, &[idp.certificate_der()]);
            let mut settings =
                SamlSettings::new(usher::saml::read_idp_metadata(metadata.as_bytes(), now).expect("metadata"));
            connect(&mut settings);
            Protocol::Saml(settings)
        })
    }

    /// With a protocol of the caller's, and more lines of the section `[server]`.
    pub fn speaking(
        organize: impl FnOnce(&mut Organization),
        server: &str,
        protocol: impl FnOnce(&IssuerKey, &Sealer, Timestamp) -> Protocol,
    ) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let clock = Arc::new(TestClock::at(Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment")));
        let now = clock.now();
        let source = format!(
            "[server]\npublic_url = \"{PUBLIC}\"\nlisten = \"127.0.0.1:0\"\ntrusted_proxies = [\"127.0.0.1\"]\ndata_dir = {:?}\n{server}\n",
            directory.path()
        );
        let config = Config::parse(&source, std::iter::empty(), &Flags::default()).expect("a configuration");
        let opened = gateway::open(&config, clock.as_ref(), usher::db::Open::Serve).expect("a database");
        let db = opened.db.clone();
        let idp = IssuerKey::generate(KeyKind::Rsa, "idp", now.minus(DAY), now.plus(DAY)).expect("a key");
        let protocol = protocol(&idp, &opened.sealer, now);
        let mut organization = organization();
        organize(&mut organization);
        let (parent, organization) =
            db.write_blocking(move |tx| seed(tx, organization.clone(), protocol.clone(), now)).expect("seeded");
        let (address, metrics, stop) = serve(&config, &clock, opened);
        Self { db, clock, idp, parent, organization, metrics, config, address, stop, _directory: directory }
    }

    /// Ends the server, and starts another on the same data.
    pub fn restart(&mut self) {
        drop(self.stop.stop(false));
        let opened = gateway::open(&self.config, self.clock.as_ref(), usher::db::Open::Serve).expect("a database");
        self.db = opened.db.clone();
        (self.address, self.metrics, self.stop) = serve(&self.config, &self.clock, opened);
    }

    /// Where it listens.
    pub fn address(&self) -> std::net::SocketAddr {
        self.address
    }

    /// A browser that has never been here.
    pub fn browser(&self) -> Browser<'_> {
        Browser { app: self, cookies: BTreeMap::new(), http: client() }
    }

    /// Runs a change as a command would.
    pub fn change<T: Send + 'static>(&self, work: impl FnMut(&mut dyn Tx) -> Result<T, DbError> + Send + 'static) -> T {
        self.db.write_blocking(work).expect("changed")
    }

    /// The kinds of all audit events so far.
    pub fn events(&self) -> Vec<String> {
        let all = self.db.read(|tx| store::audit::list(tx, usher::ids::AuditId(0), Timestamp::from_millis(0), 10_000));
        all.expect("readable").into_iter().map(|event: store::audit::Recorded| event.kind).collect()
    }
}

fn serve(
    config: &Config,
    clock: &Arc<TestClock>,
    opened: Opened,
) -> (std::net::SocketAddr, Option<std::net::SocketAddr>, actix_web::dev::ServerHandle) {
    let gateway = Gateway::with(config.clone(), clock.clone(), opened, None).expect("a gateway");
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let running = server::start(Arc::new(gateway), 1, false).expect("a server");
            tell.send((running.address, running.metrics, running.handle())).expect("told");
            running.wait().await.expect("served");
        });
    });
    told.recv().expect("started")
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.stop.stop(false));
    }
}

const DAY: Duration = Duration::from_secs(86_400);

fn mapped<K>(group: &str, gives: K) -> GroupMapping<K> {
    GroupMapping { group: usher::identity::GroupKey::new(group).expect("a group"), gives }
}

fn organization() -> Organization {
    Organization {
        id: OrganizationId(0),
        parent: ParentId(0),
        slug: slug("acme-work"),
        name: "Acme Work".to_owned(),
        product: ProductKey::new("team"),
        mode: ProvisioningMode::Jit { group_mappings: true },
        mappings: GroupMappings {
            roles: vec![
                mapped("owners", RoleKey::new("owner")),
                mapped("admins", RoleKey::new("admin")),
                mapped("everyone", RoleKey::new("user")),
            ],
            seats: vec![mapped("premium", SeatTypeKey::new("premium"))],
        },
        require_sso: false,
        contact: Some("it@acme.example".to_owned()),
    }
}

fn seed(
    tx: &mut dyn Tx,
    organization: Organization,
    protocol: Protocol,
    now: Timestamp,
) -> Result<(ParentId, OrganizationId), DbError> {
    let parent = store::organizations::add_parent(tx, &slug("acme"), "Acme", ParentPlan::Enterprise)?;
    let domain = DomainName::parse("acme.example").expect("a domain");
    store::domains::add(tx, parent, &domain, "challenge", now)?;
    let claim = store::domains::find(tx, parent, &domain)?.expect("just added");
    store::domains::set_verified(tx, claim.id, true, now)?;
    let connection = Connection {
        id: ConnectionId(0),
        parent,
        slug: slug("acme"),
        label: "Acme IdP".to_owned(),
        status: ConnectionStatus::Active,
        tested: None,
        protocol,
        attributes: AttributeNames::default(),
        omits_empty_groups: false,
    };
    store::connections::add(tx, &connection)?;
    let id = store::organizations::add(tx, &Organization { parent, ..organization })?;
    for (seat, bought) in [("premium", 2), ("standard", 3)] {
        store::seats::set_bought(tx, id, &SeatTypeKey::new(seat), bought)?;
    }
    let wiki = Application {
        id: usher::ids::ApplicationId(0),
        organization: id,
        slug: slug("wiki"),
        name: "Wiki".to_owned(),
        url: format!("{WIKI}/"),
        roles: Vec::new(),
        seats: Vec::new(),
        headers: HeaderPreset::Usher,
    };
    store::applications::add(tx, &wiki, WIKI)?;
    Ok((parent, id))
}

#[expect(clippy::disallowed_methods, reason = "a test's browser, not a call of the gateway")]
pub fn client() -> reqwest::Client {
    // Plain http only: without the system's roots a client is made in no time.
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    builder.tls_certs_only([]).build().expect("a client")
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The refusal code, from header and page alike.
    pub fn refusal(&self) -> &str {
        let code = self.header("x-usher-refusal");
        if !code.is_empty() {
            assert_eq!(self.status, 403, "{self:?}");
            assert!(self.body.contains(code), "the page names {code}");
        }
        code
    }
}

/// A browser: keeps cookies, follows nothing by itself.
pub struct Browser<'a> {
    pub app: &'a TestApp,
    pub cookies: BTreeMap<String, String>,
    http: reqwest::Client,
}

impl Browser<'_> {
    /// A page; one that says that it is still worked out is asked for again, for a machine that is busy elsewhere.
    pub fn get(&mut self, path: &str) -> Answer {
        let mut answer = self.send(reqwest::Method::GET, path, &[], None);
        for _ in 0..40 {
            if answer.status != 202 {
                break;
            }
            answer = self.send(reqwest::Method::GET, path, &[], None);
        }
        answer
    }

    pub fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(reqwest::Method::GET, path, headers, None)
    }

    /// A form of a page of ours, as a browser sends it.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(reqwest::Method::POST, path, &[("origin", PUBLIC), ("sec-fetch-site", "same-origin")], Some(fields))
    }

    pub fn post_with(&mut self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        self.send(reqwest::Method::POST, path, headers, Some(fields))
    }

    /// A form with a file, as a browser sends it.
    pub fn upload(&mut self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        let disposition = format!("form-data; name=\"{}\"; filename=\"idp.xml\"", file.0);
        let head = format!("--x\r\nContent-Disposition: {disposition}\r\nContent-Type: text/xml\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file.1);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let headers = [("origin", PUBLIC), ("sec-fetch-site", "same-origin")];
        self.send_body(reqwest::Method::POST, path, &headers, Some(("multipart/form-data; boundary=x", body)))
    }

    pub fn send(
        &mut self,
        method: reqwest::Method,
        path: &str,
        headers: &[(&str, &str)],
        fields: Option<&[(&str, &str)]>,
    ) -> Answer {
        let form = |fields: &[(&str, &str)]| {
            let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            ("application/x-www-form-urlencoded", body.into_bytes())
        };
        self.send_body(method, path, headers, fields.map(form))
    }

    fn send_body(
        &mut self,
        method: reqwest::Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(&str, Vec<u8>)>,
    ) -> Answer {
        let path = path.strip_prefix(PUBLIC).unwrap_or(path);
        let mut request = self.http.request(method, format!("http://{}{path}", self.app.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() && !headers.iter().any(|(name, _)| *name == "cookie") {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        if let Some((content_type, body)) = body {
            request = request.header("content-type", content_type).body(body);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let answer = runtime.block_on(async {
            let response = request.send().await.expect("an answer");
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Answer { status, headers, body: response.text().await.expect("a body") }
        });
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("ASCII");
            let (name, value) = cookie.split(';').next().expect("a pair").split_once('=').expect("a pair");
            if value.is_empty() || cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        // A new connection each time would be slow, but a client must not outlive its runtime's connections.
        self.http = client();
        answer
    }

    /// Opens an operator's session, as whoever ran `usher recover` does.
    pub fn become_operator(&mut self) {
        let (link, now) = (usher::secrets::Token::new(), self.app.clock.now());
        let hash = link.hash();
        self.app.change(move |tx| store::operators::add_link(tx, &hash, "test", None, now, now.plus(DAY)));
        let opened = self.post("/recover", &[("token", &link.text())]);
        assert_eq!(opened.location(), "/operator", "{opened:?}");
    }

    /// Starts a sign-in: the request's id and the RelayState that went to the identity provider.
    pub fn start(&mut self, return_to: &str) -> (String, String) {
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", return_to).finish();
        let answer = self.get(&format!("/sign-in/acme?{query}"));
        assert_eq!(answer.status, 303, "{answer:?}");
        let sent = url::Url::parse(answer.location()).expect("a URL");
        assert!(answer.location().starts_with(SSO), "{}", answer.location());
        let value = |name: &str| sent.query_pairs().find(|(key, _)| key == name).expect("there").1.into_owned();
        let request = usher::saml::inflate(&value("SAMLRequest")).expect("deflated");
        let request = String::from_utf8(request).expect("UTF-8");
        let id = request.split(" ID=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an ID").to_owned();
        (id, value("RelayState"))
    }

    /// What the identity provider would answer.
    pub fn response(&self, person: Person<'_>, in_response_to: Option<&str>) -> ResponseSpec {
        let unique = format!("{:x}", self.app.clock.now().as_millis() + i64::from(rand()));
        let (entity_id, acs) = (format!("{PUBLIC}/saml/acme/metadata"), format!("{PUBLIC}/saml/acme/acs"));
        let mut spec = ResponseSpec::new(IDP, &entity_id, &acs, &unique, self.app.clock.now(), person);
        spec.in_response_to = in_response_to.map(str::to_owned);
        spec
    }

    /// Posts a response as the identity provider's page would: cross-site, so without our Lax cookies.
    pub fn answer(&mut self, xml: &str, relay_state: &str) -> Answer {
        let lax = std::mem::take(&mut self.cookies);
        let fields = [("SAMLResponse", encode(xml)), ("RelayState", relay_state.to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let headers = [("origin", "https://idp.acme.example"), ("sec-fetch-site", "cross-site")];
        let answer = self.post_with("/saml/acme/acs", &headers, &fields);
        self.cookies.extend(lax);
        answer
    }

    /// The whole way: start, answer, finish. The last answer is returned.
    pub fn sign_in(&mut self, email: &str, groups: &[&str], return_to: &str) -> Answer {
        let name_id = format!("id-of-{}", email.split('@').next().expect("a local part"));
        self.sign_in_as(Person { name_id: &name_id, email, name: "Anna Müller", groups }, return_to, |_| {})
    }

    pub fn sign_in_as(&mut self, person: Person<'_>, return_to: &str, bend: impl FnOnce(&mut ResponseSpec)) -> Answer {
        let (id, relay_state) = self.start(return_to);
        let mut spec = self.response(person, Some(&id));
        bend(&mut spec);
        let answer = self.answer(&spec.xml(&self.app.idp), &relay_state);
        if answer.status != 303 {
            return answer;
        }
        let finish = answer.location().to_owned();
        self.get(&finish)
    }

    /// Asks as a reverse proxy does for this browser.
    pub fn forward(&mut self, endpoint: &str, url: &str) -> Answer {
        let url = url::Url::parse(url).expect("a URL");
        let host = url.host_str().expect("a host").to_owned();
        let uri = url[url::Position::BeforePath..].to_owned();
        let headers = [
            ("x-forwarded-proto", url.scheme()),
            ("x-forwarded-host", &host),
            ("x-forwarded-uri", uri.as_str()),
            ("accept", "text/html"),
        ];
        self.get_with(endpoint, &headers)
    }
}

fn rand() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
