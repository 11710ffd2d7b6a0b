//! The OpenID provider asked and read by the room that verifies: what it issues is what its page says.

use actix_web::test::TestRequest;
use url::Url;

use super::super::faults::{Expected, Fault};
use super::super::sites::Protocol as Spoken;
use super::super::tests::{Page, SECRET, Walk, now};
use super::keys::Algorithm;
use crate::connection::{AttributeNames, ClientAuth, Connection, ConnectionStatus, OidcSettings, Protocol};
use crate::identity::AssertedGroups;
use crate::ids::{ConnectionId, ParentId, Slug};
use crate::oidc::{
    self, Ask, Awaited, Call, ClientProof, Facts, IdToken, Keys, Kind, OidcError, Provider, Tokens, read_code,
    read_discovery, read_keys, read_state, read_token_answer, read_userinfo, sign_in_url, token_call, verify_id_token,
    verify_logout_token,
};

const ANNA: &str = "demo-user-at-acme.test";
const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";
const AWAITED: Awaited<'_> = Awaited { nonce: "nonce-1", asked_at: crate::clock::Timestamp::from_millis(0) };
const CLIENT: &str = "usher-globex";

/// The gateway's side of a sign-in, without a gateway.
struct Gateway {
    walk: Walk,
    settings: OidcSettings,
}

impl Gateway {
    fn new() -> Self {
        let walk = Walk::new();
        let settings = OidcSettings::new(walk.stage.sites.issuer(), CLIENT);
        Self { walk, settings }
    }

    async fn provider(&self) -> Provider {
        let at = oidc::discovery_url(&self.settings.issuer);
        let document = self.walk.get(self.path(&at)).await;
        read_discovery(&self.settings.issuer, document.html.as_bytes()).expect("a discovery document")
    }

    async fn keys(&self) -> Keys {
        read_keys(self.walk.get(self.path(&self.provider().await.jwks_uri)).await.html.as_bytes()).expect("keys")
    }

    fn path<'a>(&self, url: &'a str) -> &'a str {
        url.strip_prefix(self.walk.stage.sites.idp.as_str()).expect("at the identity provider")
    }

    fn ask<'a>(&'a self, provider: &'a Provider) -> Ask<'a> {
        let redirect_uri = &self.walk.stage.sites.client(CLIENT).expect("a client").redirect_uri;
        Ask {
            settings: &self.settings,
            provider,
            redirect_uri,
            state: "state-1",
            nonce: "nonce-1",
            verifier: VERIFIER,
            login_hint: Some("ida@smallteam.test"),
        }
    }

    /// To the page of people and back: the query of the callback.
    async fn authorize(&self, person: &str, fault: &str) -> String {
        let provider = self.provider().await;
        let url = sign_in_url(&self.ask(&provider)).expect("a request");
        let picker = self.walk.get(self.path(&url)).await;
        assert_eq!(picker.status, 200, "{}", picker.html);
        let query = Url::parse(&url).expect("a URL");
        let mut fields: Vec<(String, String)> = query
            .query_pairs()
            .map(|(name, value)| {
                assert!(picker.html.contains(&format!("name=\"{name}\"")), "{name} goes along");
                (name.into_owned(), value.into_owned())
            })
            .collect();
        fields.extend([("person".to_owned(), person.to_owned()), ("fault".to_owned(), fault.to_owned())]);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let back = self.walk.post("/oidc/authorize/answer", &fields).await;
        let location = back.location.unwrap_or_else(|| panic!("{}", back.html));
        let (place, query) = location.split_once('?').expect("a query");
        assert_eq!(place, "http://127.0.0.1:8079/oidc/globex/callback");
        query.to_owned()
    }

    async fn call(&self, call: &Call) -> Page {
        let path = self.path(&call.url);
        let request = match &call.body {
            Some(body) => TestRequest::post().uri(path).set_payload(body.clone()),
            None => TestRequest::get().uri(path),
        };
        let headers = call.headers.iter();
        self.walk
            .send(
                headers.fold(request, |request, (name, value)| request.insert_header((name.as_str(), value.as_str()))),
            )
            .await
    }

    async fn exchange(&self, query: &str) -> Result<Tokens, OidcError> {
        let provider = self.provider().await;
        assert_eq!(read_state(query).as_deref(), Some("state-1"));
        let code = read_code(query, &provider)?;
        let proof = ClientProof::Secret(SECRET);
        let call = token_call(&self.ask(&provider), &code, &proof, "", now()).expect("a call");
        let answer = self.call(&call).await;
        read_token_answer(answer.status.as_u16(), Some("application/json"), answer.html.as_bytes())
    }

    async fn verify(&self, tokens: &Tokens) -> Result<IdToken, OidcError> {
        verify_id_token(&self.settings, &self.keys().await, tokens, &AWAITED, now())
    }

    async fn sign_in(&self, person: &str, fault: &str) -> Result<Facts, OidcError> {
        let tokens = self.exchange(&self.authorize(person, fault).await).await?;
        let id_token = self.verify(&tokens).await?;
        let connection = self.connection();
        let userinfo = if id_token.lacks(&connection) {
            let call = oidc::userinfo_call(&self.provider().await, &tokens).expect("there is an endpoint");
            let answer = self.call(&call).await;
            assert_eq!(answer.status, 200);
            Some(read_userinfo(answer.kind.as_deref(), answer.html.as_bytes(), &id_token)?)
        } else {
            None
        };
        oidc::facts(&connection, &id_token, userinfo.as_ref(), None)
    }

    fn connection(&self) -> Connection {
        Connection {
            id: ConnectionId(1),
            parent: ParentId(1),
            slug: Slug::parse("globex").expect("a slug"),
            label: "Globex".to_owned(),
            status: ConnectionStatus::Active,
            tested: None,
            protocol: Protocol::Oidc(self.settings.clone()),
            attributes: AttributeNames::default(),
            omits_empty_groups: false,
        }
    }
}

#[actix_web::test]
async fn a_chosen_person_is_asserted_with_the_groups_of_the_page_in_every_algorithm() {
    let mut gateway = Gateway::new();
    for (algorithm, auth) in [
        (Algorithm::Rs256, ClientAuth::Basic),
        (Algorithm::Ps256, ClientAuth::Post),
        (Algorithm::Es256, ClientAuth::Basic),
        (Algorithm::EdDsa, ClientAuth::Post),
    ] {
        gateway.settings.client_auth = auth;
        gateway.walk.post("/openid/algorithm", &[("algorithm", algorithm.as_str())]).await;
        let facts = gateway.sign_in(ANNA, "").await.expect("a good answer");
        assert_eq!(facts.identity.email.as_str(), "user@acme.test");
        assert_eq!(facts.identity.subject.as_str(), ANNA);
        assert_eq!(facts.identity.display_name.as_deref(), Some("Anna Schmidt"));
        assert_eq!(facts.identity.groups, AssertedGroups::listed(["acme-everyone"]));
        assert!(facts.warnings.is_empty(), "{:?}", facts.warnings);
        let sent = gateway.walk.get("/answers").await.html;
        assert!(sent.contains(&format!("&#34;alg&#34;: &#34;{algorithm}&#34;")), "{algorithm}: {sent}");
    }
}

#[actix_web::test]
async fn each_fault_is_what_the_verifier_calls_it() {
    let gateway = Gateway::new();
    for (fault, code) in [
        (Fault::WrongAudience, "audience"),
        (Fault::Expired, "ended"),
        (Fault::BadSignature, "signature"),
        (Fault::OtherKey, "unknown_key"),
        (Fault::Unsigned, "algorithm"),
        (Fault::WrongNonce, "nonce"),
        (Fault::WrongIssuer, "issuer"),
        (Fault::MixUp, "callback_issuer"),
        (Fault::UnverifiedEmail, "email_not_verified"),
        (Fault::OtherUserinfo, "userinfo_subject"),
    ] {
        let found = gateway.sign_in(ANNA, fault.key()).await.map(|facts| facts.identity).expect_err(fault.title());
        assert_eq!(found.code(), code, "{fault}: {found}");
        assert_eq!(fault.expected(Spoken::Oidc), Expected::Refused(&["assertion_invalid"]), "{fault}");
    }
    let refused = gateway.sign_in(ANNA, "refusal").await.expect_err("an error");
    assert_eq!(refused.kind(), Kind::IdpDenied);
    let down = gateway.sign_in(ANNA, "down").await.expect_err("503");
    assert_eq!(down.kind(), Kind::Unavailable);
    let groups = async |fault: &str| gateway.sign_in(ANNA, fault).await.expect("verified").identity.groups;
    assert_eq!(groups("no-groups").await, AssertedGroups::NotSent);
    assert_eq!(groups("too-many-groups").await, AssertedGroups::TooMany);
    assert_eq!(groups("userinfo-only").await, AssertedGroups::listed(["acme-everyone"]), "nothing is wrong with it");
    let foreign = gateway.sign_in(ANNA, "foreign-domain").await.expect("verified");
    assert_eq!(foreign.identity.email.domain().as_str(), "elsewhere.test");
}

#[actix_web::test]
async fn a_replayed_code_is_not_taken_and_needs_one() {
    let gateway = Gateway::new();
    let provider = gateway.provider().await;
    let url = Url::parse(&sign_in_url(&gateway.ask(&provider)).expect("a request")).expect("a URL");
    let asked: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let mut fields: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("person", ANNA), ("fault", "replay")]);
    assert_eq!(gateway.walk.post("/oidc/authorize/answer", &fields).await.status, 409, "nothing to repeat yet");
    let good = gateway.authorize(ANNA, "").await;
    assert!(gateway.exchange(&good).await.is_ok());
    assert!(matches!(gateway.exchange(&good).await, Err(OidcError::CodeRefused { .. })), "once");
    assert!(gateway.sign_in(ANNA, "").await.is_ok());
    let replayed = gateway.sign_in(ANNA, "replay").await.expect_err("used");
    assert!(matches!(replayed, OidcError::CodeRefused { .. }), "{replayed}");
    assert_eq!(replayed.kind(), Kind::Expired);
}

#[actix_web::test]
async fn a_code_is_for_its_client_with_its_secret_and_verifier() {
    let gateway = Gateway::new();
    let provider = gateway.provider().await;
    let exchange = async |change: &dyn Fn(&mut Ask<'_>), secret: &str| {
        let query = gateway.authorize(ANNA, "").await;
        let code = read_code(&query, &provider).expect("a code");
        let mut ask = gateway.ask(&provider);
        change(&mut ask);
        let call = token_call(&ask, &code, &ClientProof::Secret(secret), "", now()).expect("a call");
        let answer = gateway.call(&call).await;
        read_token_answer(answer.status.as_u16(), Some("application/json"), answer.html.as_bytes()).err()
    };
    assert_eq!(exchange(&|_| {}, SECRET).await, None);
    assert!(matches!(exchange(&|_| {}, "another secret").await, Some(OidcError::ClientRefused { .. })));
    let verifier = "a-verifier-of-somebody-else-who-took-the-code";
    assert!(matches!(exchange(&|ask| ask.verifier = verifier, SECRET).await, Some(OidcError::CodeRefused { .. })));
    let place = "http://127.0.0.1:8079/oidc/acme-next/callback";
    assert!(matches!(exchange(&|ask| ask.redirect_uri = place, SECRET).await, Some(OidcError::CodeRefused { .. })));
}

#[actix_web::test]
async fn new_keys_sign_new_tokens_and_the_keys_before_still_count() {
    let gateway = Gateway::new();
    let old_keys = gateway.keys().await;
    let old = gateway.exchange(&gateway.authorize(ANNA, "").await).await.expect("tokens");
    assert_eq!(gateway.walk.post("/openid/rotate", &[]).await.location.as_deref(), Some("/openid?done=rotated"));
    assert!(gateway.verify(&old).await.is_ok(), "on its way while the keys changed");
    let new = gateway.exchange(&gateway.authorize(ANNA, "").await).await.expect("tokens");
    let with_old = verify_id_token(&gateway.settings, &old_keys, &new, &AWAITED, now());
    assert_eq!(with_old.map(drop), Err(OidcError::UnknownKey { token: "ID token" }));
    assert!(gateway.verify(&new).await.is_ok());
    gateway.walk.post("/openid/rotate", &[]).await;
    assert!(gateway.verify(&old).await.is_err(), "two generations later");
}

#[actix_web::test]
async fn while_it_is_down_nothing_but_the_page_of_people_answers() {
    let gateway = Gateway::new();
    let url = sign_in_url(&gateway.ask(&gateway.provider().await)).expect("a request");
    let on = [("protocol", "oidc"), ("fault", "down"), ("lasts", "until-off")];
    gateway.walk.post("/faults", &on).await;
    for path in ["/.well-known/openid-configuration", "/oidc/keys", "/oidc/userinfo"] {
        assert_eq!(gateway.walk.get(path).await.status, 503, "{path}");
    }
    assert_eq!(gateway.walk.get(gateway.path(&url)).await.status, 200);
    gateway.walk.post("/faults/off", &[]).await;
    assert!(gateway.sign_in(ANNA, "").await.is_ok());
}

#[actix_web::test]
async fn userinfo_is_for_whoever_has_the_token() {
    let gateway = Gateway::new();
    let tokens = gateway.exchange(&gateway.authorize(ANNA, "").await).await.expect("tokens");
    let call = oidc::userinfo_call(&gateway.provider().await, &tokens).expect("an endpoint");
    let answer = gateway.call(&call).await;
    assert_eq!(answer.kind.as_deref(), Some("application/json"));
    assert!(answer.html.contains("user@acme.test"), "{}", answer.html);
    for headers in [vec![], vec![("authorization".to_owned(), "Bearer another".to_owned())]] {
        assert_eq!(gateway.call(&Call { headers, ..call.clone() }).await.status, 401);
    }
}

#[actix_web::test]
async fn a_logout_token_says_what_the_verifier_wants_to_hear() {
    let gateway = Gateway::new();
    let sites = &gateway.walk.stage.sites;
    let claims = super::claims::logout_token(sites.issuer(), CLIENT, ANNA, "jti-1", now());
    let token = gateway.walk.stage.openid.keys().sign("logout+jwt", &claims);
    let read = verify_logout_token(&gateway.settings, &gateway.keys().await, &token, now()).expect("good");
    assert_eq!((read.subject.as_deref(), read.sid, read.jti.as_str()), (Some(ANNA), None, "jti-1"));
    let tokens = gateway.exchange(&gateway.authorize(ANNA, "").await).await.expect("tokens");
    let as_id_token = verify_logout_token(&gateway.settings, &gateway.keys().await, tokens.id_token(), now());
    assert!(as_id_token.is_err(), "an ID token is none");
}

#[actix_web::test]
async fn a_sign_out_of_the_gateway_ends_the_session_here_and_leads_to_the_registered_address_only() {
    let gateway = Gateway::new();
    let provider = gateway.provider().await;
    let signed_in = async || gateway.exchange(&gateway.authorize(ANNA, "").await).await.expect("tokens");
    let sign_out = async |hint: Option<&str>, place: &str| {
        let url = oidc::end_session_url(&provider, CLIENT, hint, place, "state-2").expect("an endpoint");
        gateway.walk.get(gateway.path(&url)).await
    };
    let registered = "http://127.0.0.1:8079/signed-out";
    let tokens = signed_in().await;
    assert_eq!(gateway.walk.stage.openid.grants.sessions().len(), 1);
    let gone = sign_out(Some(tokens.id_token()), registered).await;
    assert_eq!(gone.location.as_deref(), Some("http://127.0.0.1:8079/signed-out?state=state-2"));
    assert!(gateway.walk.stage.openid.grants.sessions().is_empty());
    for (hint, place) in [(Some(tokens.id_token()), registered), (None, registered), (Some("x.y.z"), registered)] {
        let nobody = sign_out(hint, place).await;
        assert_eq!((nobody.status.as_u16(), nobody.location), (200, None), "nothing to end, nobody sent on");
    }
    let elsewhere = sign_out(Some(signed_in().await.id_token()), "https://evil.test/").await;
    assert_eq!((elsewhere.status.as_u16(), elsewhere.location.as_deref()), (200, None));
    assert!(!elsewhere.html.contains("evil.test"), "{}", elsewhere.html);
}

#[actix_web::test]
async fn whoever_is_expected_comes_first_and_strangers_are_not_answered() {
    let gateway = Gateway::new();
    let provider = gateway.provider().await;
    let mut ask = gateway.ask(&provider);
    ask.login_hint = Some("nogroup@acme.test");
    let settings = OidcSettings { client_id: "usher-acme-next".to_owned(), ..gateway.settings.clone() };
    let place = "http://127.0.0.1:8079/oidc/acme-next/callback";
    let url = sign_in_url(&Ask { settings: &settings, redirect_uri: place, ..ask }).expect("a request");
    let picker = gateway.walk.get(gateway.path(&url)).await.html;
    assert!(picker.find("Continue as Noah") < picker.find("Continue as Anna"), "{picker}");
    let url = sign_in_url(&Ask { redirect_uri: "https://evil.test/", ..ask }).expect("a request");
    let refused = gateway.walk.get(gateway.path(&url)).await;
    assert_eq!((refused.status.as_u16(), refused.location), (400, None));
}

#[actix_web::test]
async fn signing_somebody_out_everywhere_is_tried_and_remembered() {
    let gateway = Gateway::new();
    assert_eq!(
        gateway.walk.post("/openid/sign-out", &[("person", ANNA)]).await.location.as_deref(),
        Some("/openid?done=nowhere")
    );
    gateway.sign_in(ANNA, "").await.expect("a good answer");
    assert!(gateway.walk.get("/openid").await.html.contains("Anna Schmidt"));
    // Nobody listens at the gateway's address here.
    let told = gateway.walk.post("/openid/sign-out", &[("person", ANNA)]).await;
    assert_eq!(told.location.as_deref(), Some("/openid?done=not-heard"));
    assert!(gateway.walk.get("/answers").await.html.contains("backchannel-logout"));
    assert!(gateway.walk.stage.openid.grants.sessions().is_empty());
}

#[test]
fn a_slow_answer_is_slower_than_the_gateway_waits() {
    assert!(super::tokens::SLOW > crate::outbound::Outbound::DEADLINE);
}
