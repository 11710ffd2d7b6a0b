//! An OpenID provider that answers as a test tells it to: by the standard, unless a part is bent. What it was asked is kept.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};
use usher::clock::Clock as _;
use usher::connection::{OidcSettings, Protocol};
use usher::gateway::seal_client_secret;
use usher::organization::Organization;

use crate::support::{Answer, Browser, PUBLIC, TestApp, slug};

pub const CLIENT: &str = "usher";
pub const SECRET: &str = "a secret: 100% Ü+&";

/// A key that signs tokens.
pub struct Signer {
    pub kid: &'static str,
    pub algorithm: Algorithm,
    pub word: &'static str,
    key: EncodingKey,
    jwk: Value,
}

fn rsa() -> EncodingKey {
    let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).expect("a key");
    EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).expect("a key")
}

fn pkcs8(of: &'static rcgen::SignatureAlgorithm) -> Vec<u8> {
    rcgen::KeyPair::generate_for(of).expect("a key").serialize_der()
}

fn signer(kid: &'static str, algorithm: Algorithm, word: &'static str, key: EncodingKey) -> Signer {
    let jwk = Jwk::from_encoding_key(&key, algorithm).expect("a public key");
    Signer { kid, algorithm, word, key, jwk: serde_json::to_value(jwk).expect("JSON") }
}

fn ed25519() -> Signer {
    let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().expect("a key");
    let der = pair.to_pkcs8v1().expect("a key");
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": b64(pair.public_key().as_ref()) });
    Signer { kid: "ed-1", algorithm: Algorithm::EdDSA, word: "EdDSA", key: EncodingKey::from_ed_der(der.as_ref()), jwk }
}

pub static RS256: LazyLock<Signer> = LazyLock::new(|| signer("rsa-1", Algorithm::RS256, "RS256", rsa()));
pub static NEXT: LazyLock<Signer> = LazyLock::new(|| signer("rsa-2", Algorithm::RS256, "RS256", rsa()));
/// Whose key nobody publishes.
pub static STRANGER: LazyLock<Signer> = LazyLock::new(|| signer("rsa-1", Algorithm::RS256, "RS256", rsa()));
pub static PS256: LazyLock<Signer> = LazyLock::new(|| signer("ps-1", Algorithm::PS256, "PS256", rsa()));
pub static ES256: LazyLock<Signer> = LazyLock::new(|| {
    signer("ec-1", Algorithm::ES256, "ES256", EncodingKey::from_ec_der(&pkcs8(&rcgen::PKCS_ECDSA_P256_SHA256)))
});
pub static ED25519: LazyLock<Signer> = LazyLock::new(ed25519);

impl Signer {
    pub fn jwk(&self) -> Value {
        let mut jwk = self.jwk.clone();
        jwk["kid"] = self.kid.into();
        jwk["use"] = "sig".into();
        jwk
    }

    pub fn header(&self) -> Map<String, Value> {
        object(json!({ "alg": self.word, "kid": self.kid, "typ": "JWT" }))
    }

    pub fn signature(&self, message: &str) -> String {
        jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.algorithm).expect("signed")
    }

    pub fn token(&self, header: &Map<String, Value>, claims: &Map<String, Value>) -> String {
        let message = format!("{}.{}", part(header), part(claims));
        format!("{message}.{}", self.signature(&message))
    }
}

pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

pub fn part(members: &Map<String, Value>) -> String {
    URL_SAFE_NO_PAD.encode(Value::Object(members.clone()).to_string())
}

pub fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn unb64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// One answer over HTTP.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Between one byte and the next.
    pub drip: Duration,
    /// Says nothing, and keeps the line open.
    pub silent: bool,
}

impl Reply {
    pub fn json(value: &Value) -> Self {
        Self::bytes("application/json", value.to_string().into_bytes())
    }

    pub fn bytes(content_type: &str, body: Vec<u8>) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { status: 200, headers, body, drip: Duration::ZERO, silent: false }
    }

    pub fn error(status: u16, code: &str) -> Self {
        Self { status, ..Self::json(&json!({ "error": code })) }
    }

    pub fn redirect(status: u16, to: &str) -> Self {
        Self { status, headers: vec![("location", to.to_owned())], ..Self::bytes("text/plain", Vec::new()) }
    }

    pub fn silence() -> Self {
        Self { silent: true, ..Self::bytes("text/plain", Vec::new()) }
    }
}

/// What it was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Asked {
    pub fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(self.body.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect()
    }
}

/// A sign-in that waits for its code.
struct Waiting {
    params: BTreeMap<String, String>,
    claims: Map<String, Value>,
}

type Sign = Box<dyn Fn(&Map<String, Value>, &Map<String, Value>) -> String + Send>;
type Bend<T> = Option<Box<dyn Fn(&mut T) + Send>>;

/// What it does, and what it was asked.
pub struct State {
    issuer: String,
    /// Whole answers instead of its own, by path.
    pub replies: BTreeMap<&'static str, Reply>,
    pub discovery: Bend<Value>,
    /// Its key set.
    pub keys: Value,
    /// What the ID token says beside what it must.
    pub claims: Bend<Map<String, Value>>,
    pub header: Bend<Map<String, Value>>,
    /// Makes the ID token out of header and claims.
    pub sign: Sign,
    /// The token endpoint's answer.
    pub answer: Bend<Value>,
    /// What userinfo says; its `sub` is added.
    pub userinfo: Map<String, Value>,
    pub userinfo_bend: Bend<Value>,
    pub signer: &'static Signer,
    /// The seconds that it takes now for.
    pub now: i64,
    pub asked: Vec<Asked>,
    codes: BTreeMap<String, Waiting>,
    counter: u32,
}

/// A running provider.
pub struct Op {
    pub issuer: String,
    state: Arc<Mutex<State>>,
}

impl Op {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let issuer = format!("http://127.0.0.1:{}", listener.local_addr().expect("an address").port());
        let state = Arc::new(Mutex::new(State {
            issuer: issuer.clone(),
            replies: BTreeMap::new(),
            discovery: None,
            keys: json!({ "keys": [RS256.jwk()] }),
            claims: None,
            header: None,
            sign: Box::new(|header, claims| RS256.token(header, claims)),
            answer: None,
            userinfo: Map::new(),
            userinfo_bend: None,
            signer: &RS256,
            now: 0,
            asked: Vec::new(),
            codes: BTreeMap::new(),
            counter: 0,
        }));
        let shared = Arc::downgrade(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // The test is over.
                let (Some(shared), Ok(stream)) = (shared.upgrade(), stream) else { return };
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { issuer, state }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs with another key, and publishes it alone.
    pub fn sign_with(&self, signer: &'static Signer) {
        let mut state = self.state();
        state.signer = signer;
        state.keys = json!({ "keys": [signer.jwk()] });
        state.sign = Box::new(|header, claims| signer.token(header, claims));
    }

    pub fn claims(&self, bend: impl Fn(&mut Map<String, Value>) + Send + 'static) {
        self.state().claims = Some(Box::new(bend));
    }

    pub fn header(&self, bend: impl Fn(&mut Map<String, Value>) + Send + 'static) {
        self.state().header = Some(Box::new(bend));
    }

    pub fn sign(&self, sign: impl Fn(&Map<String, Value>, &Map<String, Value>) -> String + Send + 'static) {
        self.state().sign = Box::new(sign);
    }

    pub fn answer(&self, bend: impl Fn(&mut Value) + Send + 'static) {
        self.state().answer = Some(Box::new(bend));
    }

    pub fn discovery(&self, bend: impl Fn(&mut Value) + Send + 'static) {
        self.state().discovery = Some(Box::new(bend));
    }

    pub fn userinfo(&self, claims: Value) {
        self.state().userinfo = object(claims);
    }

    pub fn reply(&self, path: &'static str, reply: Reply) {
        self.state().replies.insert(path, reply);
    }

    /// Takes back everything that was bent.
    pub fn honest(&self) {
        let mut state = self.state();
        state.replies.clear();
        (state.discovery, state.claims, state.header) = (None, None, None);
        (state.answer, state.userinfo_bend, state.userinfo) = (None, None, Map::new());
        drop(state);
        self.sign_with(&RS256);
    }

    /// How often a path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.state().asked.iter().filter(|asked| asked.path == path).count()
    }

    pub fn last(&self, path: &str) -> Asked {
        self.state().asked.iter().rev().find(|asked| asked.path == path).expect("asked").clone()
    }

    /// Gives out a code for a sign-in, as the provider's page would, to a person with these claims.
    pub fn code(&self, params: &BTreeMap<String, String>, claims: Map<String, Value>) -> String {
        let mut state = self.state();
        state.counter += 1;
        let code = format!("code-{}", state.counter);
        state.codes.insert(code.clone(), Waiting { params: params.clone(), claims });
        code
    }
    /// A logout token with these claims beside what it must say.
    pub fn logout_token(&self, bend: impl Fn(&mut Map<String, Value>, &mut Map<String, Value>)) -> String {
        let mut state = self.state();
        state.counter += 1;
        let (mut header, now) = (state.signer.header(), state.now);
        header.insert("typ".to_owned(), "logout+jwt".into());
        let mut claims = object(json!({
            "iss": state.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": format!("logout-{}", state.counter),
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        }));
        bend(&mut header, &mut claims);
        state.signer.token(&header, &claims)
    }
}

fn serve(mut stream: TcpStream, state: &Arc<Mutex<State>>) {
    let Some(asked) = read(&mut stream) else { return };
    let reply = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked.push(asked.clone());
        match state.replies.get(asked.path.as_str()) {
            Some(reply) => reply.clone(),
            None => state.reply(&asked),
        }
    };
    if reply.silent {
        // Until the other side gives up.
        let _ = stream.read(&mut [0; 1]);
        return;
    }
    let mut head = format!("HTTP/1.1 {} -\r\nconnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !reply.headers.iter().any(|(name, _)| *name == "content-length") {
        head.push_str(&format!("content-length: {}\r\n", reply.body.len()));
    }
    if stream.write_all(format!("{head}\r\n").as_bytes()).is_err() {
        return;
    }
    if reply.drip.is_zero() {
        let _ = stream.write_all(&reply.body);
        return;
    }
    for byte in reply.body {
        if stream.write_all(&[byte]).is_err() {
            return;
        }
        std::thread::sleep(reply.drip);
    }
}

fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 8192];
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        let more = stream.read(&mut chunk).ok().filter(|more| *more > 0)?;
        bytes.extend_from_slice(&chunk[..more]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while bytes.len() < end + length {
        let more = stream.read(&mut chunk).ok().filter(|more| *more > 0)?;
        bytes.extend_from_slice(&chunk[..more]);
    }
    let path = target.split('?').next().unwrap_or_default();
    let body = String::from_utf8(bytes[end..].to_vec()).ok()?;
    Some(Asked { method, path: path.to_owned(), headers, body })
}

impl State {
    fn reply(&mut self, asked: &Asked) -> Reply {
        match asked.path.as_str() {
            "/.well-known/openid-configuration" => {
                let issuer = &self.issuer;
                let mut document = json!({
                    "issuer": issuer,
                    "authorization_endpoint": format!("{issuer}/authorize"),
                    "token_endpoint": format!("{issuer}/token"),
                    "jwks_uri": format!("{issuer}/keys"),
                    "userinfo_endpoint": format!("{issuer}/userinfo"),
                    "end_session_endpoint": format!("{issuer}/logout"),
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "code_challenge_methods_supported": ["S256"],
                });
                bend(&self.discovery, &mut document);
                Reply::json(&document)
            }
            "/keys" => Reply::json(&self.keys),
            "/token" => self.token(asked),
            "/userinfo" => {
                let Some(subject) = asked.headers.get("authorization").and_then(|told| told.strip_prefix("Bearer at-"))
                else {
                    return Reply::error(401, "invalid_token");
                };
                let mut claims = self.userinfo.clone();
                claims.insert("sub".to_owned(), subject.into());
                let mut claims = Value::Object(claims);
                bend(&self.userinfo_bend, &mut claims);
                Reply::json(&claims)
            }
            _ => Reply::error(404, "not_found"),
        }
    }

    fn token(&mut self, asked: &Asked) -> Reply {
        let form = asked.form();
        let given = |name: &str| form.get(name).map_or("", String::as_str);
        if asked.method != "POST" || given("grant_type") != "authorization_code" {
            return Reply::error(400, "invalid_request");
        }
        if !self.is_our_client(asked) {
            return Reply::error(401, "invalid_client");
        }
        // Once: whoever comes again gets nothing (RFC 6749 §4.1.2).
        let Some(waiting) = self.codes.remove(given("code")) else { return Reply::error(400, "invalid_grant") };
        let challenge = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, given("code_verifier").as_bytes());
        let asked_for = |name: &str| waiting.params.get(name).map_or("", String::as_str);
        if b64(challenge.as_ref()) != asked_for("code_challenge") || given("redirect_uri") != asked_for("redirect_uri")
        {
            return Reply::error(400, "invalid_grant");
        }
        let subject = waiting.claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
        let access_token = format!("at-{subject}");
        let mut claims = object(json!({
            "iss": self.issuer, "aud": CLIENT, "iat": self.now, "exp": self.now + 300, "nonce": asked_for("nonce"),
            "at_hash": at_hash(self.signer.algorithm, &access_token),
        }));
        claims.extend(waiting.claims.clone());
        let mut header = self.signer.header();
        bend(&self.claims, &mut claims);
        bend(&self.header, &mut header);
        let id_token = (self.sign)(&header, &claims);
        let mut answer =
            json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token });
        bend(&self.answer, &mut answer);
        Reply::json(&answer)
    }

    fn is_our_client(&self, asked: &Asked) -> bool {
        let form = asked.form();
        let basic = asked.headers.get("authorization").and_then(|told| told.strip_prefix("Basic "));
        let decode = |text: &str| {
            let plain = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
            let (id, secret) = plain.split_once(':')?;
            let decoded = |text: &str| {
                url::form_urlencoded::parse(format!("x={text}").as_bytes()).next().map(|(_, v)| v.into_owned())
            };
            Some((decoded(id)?, decoded(secret)?))
        };
        match (basic.and_then(decode), form.get("client_secret"), form.get("client_assertion")) {
            (Some((id, secret)), None, None) => id == CLIENT && secret == SECRET,
            (None, Some(secret), None) => form["client_id"] == CLIENT && secret == SECRET,
            (None, None, Some(_)) => form["client_id"] == CLIENT,
            _ => false,
        }
    }
}

fn bend<T>(bend: &Bend<T>, what: &mut T) {
    if let Some(bend) = bend {
        bend(what);
    }
}

/// The left half of the hash that goes with an algorithm.
pub fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    use aws_lc_rs::digest::{SHA256, SHA512, digest};
    let hash = digest(if algorithm == Algorithm::EdDSA { &SHA512 } else { &SHA256 }, access_token.as_bytes());
    b64(&hash.as_ref()[..hash.as_ref().len() / 2])
}

/// A gateway whose connection `acme` is to this provider.
pub fn app(op: &Op) -> TestApp {
    app_with(op, |_| {}, |_| {})
}

pub fn app_with(op: &Op, organize: impl FnOnce(&mut Organization), connect: impl FnOnce(&mut OidcSettings)) -> TestApp {
    let app = TestApp::speaking(organize, "allow_private_idp = true", |_, sealer, _| {
        let mut settings = OidcSettings::new(&op.issuer, CLIENT);
        settings.client_secret = Some(seal_client_secret(sealer, &slug("acme"), SECRET));
        connect(&mut settings);
        Protocol::Oidc(settings)
    });
    op.state().now = app.clock.now().as_seconds();
    app
}

/// Anna in these groups, as a provider tells of her.
pub fn anna(groups: &[&str]) -> Map<String, Value> {
    object(json!({
        "sub": "id-of-anna", "email": "anna@acme.example", "email_verified": true, "name": "Anna Müller", "groups": groups,
    }))
}

impl Browser<'_> {
    /// Starts a sign-in: what the browser took to the provider.
    pub fn start_oidc(&mut self, return_to: &str) -> BTreeMap<String, String> {
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", return_to).finish();
        let answer = self.get(&format!("/sign-in/acme?{query}"));
        assert_eq!(answer.status, 303, "{answer:?}");
        params(&answer)
    }

    /// Comes back from the provider, as its redirect says.
    pub fn come_back(&mut self, pairs: &[(&str, &str)]) -> Answer {
        let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.get_with(&format!("/oidc/acme/callback?{query}"), &[("sec-fetch-site", "cross-site")])
    }

    /// The whole way: to the provider and back. The last answer is returned.
    pub fn sign_in_oidc(&mut self, op: &Op, claims: Map<String, Value>) -> Answer {
        op.state().now = self.app.clock.now().as_seconds();
        let params = self.start_oidc("/");
        let code = op.code(&params, claims);
        self.come_back(&[("code", &code), ("state", &params["state"])])
    }
}

/// What a redirect to the provider carries.
pub fn params(answer: &Answer) -> BTreeMap<String, String> {
    let sent = url::Url::parse(answer.location()).expect("a URL");
    sent.query_pairs().map(|(name, value)| (name.into(), value.into())).collect()
}

/// The gateway's redirect URI.
pub fn redirect_uri() -> String {
    format!("{PUBLIC}/oidc/acme/callback")
}

/// Which check turned a sign-in away, as the admin finds it under the incident code.
pub fn check_of(app: &TestApp, answer: &Answer) -> String {
    let record = record(app, answer);
    assert!(record["next_step"].as_str().is_some_and(|next| next.len() > 20), "what to do next: {record}");
    record["check"].as_str().unwrap_or_default().to_owned()
}

/// What the admin is told to do next.
pub fn next_step(app: &TestApp, answer: &Answer) -> String {
    record(app, answer)["next_step"].as_str().unwrap_or_default().to_owned()
}

/// What is kept under the incident code of an answer.
pub fn record(app: &TestApp, answer: &Answer) -> Value {
    let incident = usher::ids::Incident::parse(answer.header("x-usher-incident")).expect("an incident code");
    let kept = app.db.read(|tx| usher::store::attempts::find(tx, &incident)).expect("readable").expect("kept");
    serde_json::from_str(&kept.record).expect("JSON")
}

/// A hostile way to answer: its name, the refusal and the check that it meets, and how the provider is bent.
pub struct Hostile {
    pub name: &'static str,
    pub refusal: &'static str,
    pub check: &'static str,
    pub bend: Box<dyn Fn(&Op)>,
}

pub fn hostile(
    name: &'static str,
    refusal: &'static str,
    check: &'static str,
    bend: impl Fn(&Op) + 'static,
) -> Hostile {
    Hostile { name, refusal, check, bend: Box::new(bend) }
}

/// Tries every hostile answer: none signs anybody in, each is refused by the check that it should meet, and an honest answer after
/// each is accepted.
pub fn try_all(cases: &[Hostile], claims: &Map<String, Value>) {
    let op = Op::start();
    let app = app(&op);
    for case in cases {
        // So that keys are looked for again, and every refusal is written down.
        app.clock.advance(Duration::from_secs(11));
        (case.bend)(&op);
        let mut browser = app.browser();
        let answer = browser.sign_in_oidc(&op, claims.clone());
        assert_eq!(answer.refusal(), case.refusal, "{}: {answer:?}", case.name);
        assert_eq!(check_of(&app, &answer), case.check, "{}", case.name);
        assert!(!browser.cookies.contains_key("__Host-usher"), "{}: nobody is signed in", case.name);
        op.honest();
        app.clock.advance(Duration::from_secs(11));
        let control = app.browser().sign_in_oidc(&op, anna(&["owners"]));
        assert_eq!(control.status, 303, "{}: the control: {control:?}", case.name);
    }
}
