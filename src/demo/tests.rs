//! The demo identity provider asked and read by the room that verifies: what it sends is what its page says.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;
use url::Url;
use url::form_urlencoded::Serializer;

use super::bystanders::identity_provider_pages;
use super::faults::{Armed, Expected as Outcome, Fault, Lasts};
use super::keys::IdpKeys;
use super::openid::Provider;
use super::push::Push;
use super::sites::{Protocol as Spoken, Sites};
use super::stage::Stage;
use super::state::State;
use crate::clock::{TestClock, Timestamp};
use crate::connection::{AttributeNames, Connection, ConnectionStatus, Protocol, SamlSettings};
use crate::identity::AssertedGroups;
use crate::ids::{ConnectionId, ParentId, Slug};
use crate::outbound::Outbound;
use crate::saml::{
    Expected, Kind, SamlError, ServiceProvider, SignInRequest, VerifiedResponse, read_idp_metadata, sign_in_request,
    verify_response,
};

const ANNA: &str = "demo-user-at-acme.test";

/// What the gateway proves itself with at the OpenID provider under test.
pub(super) const SECRET: &str = "a secret: with + signs & more";

pub(super) fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment")
}

/// What a page of the identity provider answered.
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) location: Option<String>,
    pub(super) policy: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) html: String,
}

impl Page {
    pub(super) fn hidden(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.html.split_once(&format!("name=\"{name}\" value=\""))?;
        rest.split_once('"').map(|(value, _)| value)
    }
}

/// The identity provider with a browser in front of it and the gateway's verifier behind.
pub(super) struct Walk {
    pub(super) stage: Data<Stage>,
}

impl Walk {
    pub(super) fn new() -> Self {
        let stage = Stage {
            sites: Sites::at(8079),
            state: State::default(),
            clock: Arc::new(TestClock::at(now())),
            keys: IdpKeys::generate(now()).expect("keys"),
            openid: Provider::new(SECRET.to_owned()).expect("keys"),
            push: Push::new("a token".to_owned()),
            gateway: None,
            outbound: Outbound::new(&[], true).expect("a client"),
        };
        assert_eq!(stage.sites.idp, "http://127.0.0.1:8080", "where the test server believes to be");
        Self { stage: Data::new(stage) }
    }

    fn settings(&self) -> SamlSettings {
        SamlSettings::new(read_idp_metadata(self.stage.metadata().as_bytes(), now()).expect("metadata"))
    }

    pub(super) async fn get(&self, path: &str) -> Page {
        self.send(TestRequest::get().uri(path)).await
    }

    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let form = TestRequest::post()
            .uri(path)
            .insert_header(("content-type", "application/x-www-form-urlencoded"))
            .insert_header(("origin", "http://127.0.0.1:8080"))
            .set_payload(body);
        self.send(form).await
    }

    pub(super) async fn send(&self, request: TestRequest) -> Page {
        let app = actix_web::App::new().configure(identity_provider_pages(self.stage.clone()));
        let service = init_service(app).await;
        let request = request.insert_header(("host", "127.0.0.1:8080")).to_request();
        let response = call_service(&service, request).await;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (location, policy, kind) = (header("location"), header("content-security-policy"), header("content-type"));
        let status = response.status();
        let body = read_body(response).await;
        Page { status, location, policy, kind, html: String::from_utf8_lossy(&body).into_owned() }
    }

    /// The gateway's question over the connection `acme`, as the query of `/sso`.
    fn question(&self) -> String {
        let provider = &self.stage.sites.service_providers[0];
        let sp = ServiceProvider { entity_id: &provider.entity_id, acs_url: &provider.acs, slo_url: None };
        let asked = sign_in_request(&self.settings(), sp, None, "_question", "relay", now()).expect("a request");
        let SignInRequest::Redirect(url) = asked else { panic!("the metadata offers redirect") };
        let url = Url::parse(&url).expect("a URL");
        assert_eq!(url.origin().ascii_serialization(), self.stage.sites.idp);
        format!("/sso?{}", url.query().expect("a query"))
    }

    async fn sign_in(&self, person: &str, fault: &str) -> Page {
        let picker = self.get(&self.question()).await;
        assert_eq!(picker.status, 200, "{}", picker.html);
        let request = picker.hidden("SAMLRequest").expect("the request goes along").to_owned();
        let fields = [("SAMLRequest", request.as_str()), ("binding", "redirect"), ("RelayState", "relay")];
        let mut fields = fields.to_vec();
        fields.extend([("person", person), ("fault", fault)]);
        self.post("/sso/answer", &fields).await
    }

    fn verify(
        &self,
        expected: Expected<'_>,
        settings: &SamlSettings,
        response: &str,
    ) -> Result<VerifiedResponse, SamlError> {
        let connection = Connection {
            id: ConnectionId(1),
            parent: ParentId(1),
            slug: Slug::parse("acme").expect("a slug"),
            label: "Acme".to_owned(),
            status: ConnectionStatus::Active,
            tested: None,
            protocol: Protocol::Saml(settings.clone()),
            attributes: AttributeNames::default(),
            omits_empty_groups: false,
        };
        let provider = &self.stage.sites.service_providers[0];
        let sp = ServiceProvider { entity_id: &provider.entity_id, acs_url: &provider.acs, slo_url: None };
        verify_response(&connection, settings, sp, &[], expected, response, now())
    }

    fn read(&self, page: &Page) -> Result<VerifiedResponse, SamlError> {
        let response = page.hidden("SAMLResponse").expect("an answer");
        self.verify(Expected::Answering { request_id: "_question", asked_at: now() }, &self.settings(), response)
    }
}

#[actix_web::test]
async fn a_chosen_person_is_asserted_with_the_groups_of_the_page() {
    let walk = Walk::new();
    let page = walk.sign_in(ANNA, "").await;
    assert_eq!(page.hidden("RelayState"), Some("relay"));
    assert!(page.html.contains("action=\"http://127.0.0.1:8079/saml/acme/acs\""), "{}", page.html);
    let verified = walk.read(&page).expect("a good answer");
    assert_eq!(verified.identity.email.as_str(), "user@acme.test");
    assert_eq!(verified.identity.subject.as_str(), ANNA);
    assert_eq!(verified.identity.display_name.as_deref(), Some("Anna Schmidt"));
    assert_eq!(verified.identity.groups, AssertedGroups::listed(["acme-everyone"]));

    let form =
        [("person", ANNA), ("name", "Anna S"), ("email", "anna@acme.test"), ("group", "x"), ("more", "CN=y,DC=z")];
    let saved = walk.post("/people/change", &form).await;
    assert_eq!(
        (saved.status, saved.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("/people?done=saved#demo-user-at-acme.test"))
    );
    let verified = walk.read(&walk.sign_in(ANNA, "").await).expect("a good answer");
    assert_eq!(verified.identity.email.as_str(), "anna@acme.test");
    assert_eq!(verified.identity.subject.as_str(), ANNA, "the same person (rule B9)");
    assert_eq!(verified.identity.groups, AssertedGroups::listed(["x", "CN=y,DC=z"]));

    let bare = [("person", ANNA), ("name", "Anna S"), ("email", "anna@acme.test")];
    walk.post("/people/change", &bare).await;
    let verified = walk.read(&walk.sign_in(ANNA, "").await).expect("a good answer");
    assert_eq!(verified.identity.groups, AssertedGroups::listed([]), "in no group, which is not \"nothing said\"");
}

#[actix_web::test]
async fn each_fault_is_what_the_verifier_calls_it() {
    let walk = Walk::new();
    let code_of = async |fault: Fault| walk.read(&walk.sign_in(ANNA, fault.key()).await).map_err(|error| error.code());
    let said = [
        (Fault::WrongAudience, "audience"),
        (Fault::BadSignature, "bad_signature"),
        (Fault::OtherKey, "bad_signature"),
        (Fault::Unsigned, "unsigned"),
        (Fault::WrongRecipient, "recipient"),
        (Fault::TwoAssertions, "several_assertions"),
    ];
    for (fault, code) in said {
        let found = code_of(fault).await.expect_err(fault.title());
        assert!(found.contains(code), "{fault}: {found}");
        assert_eq!(fault.expected(Spoken::Saml), Outcome::Refused(&["assertion_invalid"]), "{fault}");
    }
    assert!(code_of(Fault::Expired).await.is_err());

    let refused = walk.read(&walk.sign_in(ANNA, "refusal").await).expect_err("a status");
    assert_eq!(refused.kind(), Kind::IdpDenied);
    let groups = async |fault: &str| walk.read(&walk.sign_in(ANNA, fault).await).expect("verified").identity.groups;
    assert_eq!(groups("no-groups").await, AssertedGroups::NotSent);
    assert_eq!(groups("too-many-groups").await, AssertedGroups::TooMany);
    let foreign = walk.read(&walk.sign_in(ANNA, "foreign-domain").await).expect("verified");
    assert_eq!(foreign.identity.email.domain().as_str(), "elsewhere.test");
}

#[actix_web::test]
async fn a_replay_is_the_same_message_again_and_needs_one() {
    let walk = Walk::new();
    assert_eq!(walk.sign_in(ANNA, "replay").await.status, StatusCode::CONFLICT);
    let first = walk.sign_in(ANNA, "").await;
    let again = walk.sign_in(ANNA, "replay").await;
    assert_eq!(first.hidden("SAMLResponse"), again.hidden("SAMLResponse"));
    let sent = walk.get("/answers").await.html;
    assert!(sent.contains("Anna Schmidt") && sent.contains("Replay"), "{sent}");
    let by_hand = walk.post("/answers/send", &[("nth", "1")]).await;
    assert_eq!(first.hidden("SAMLResponse"), by_hand.hidden("SAMLResponse"));
    assert_eq!(walk.post("/answers/send", &[("nth", "99")]).await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_fault_switched_on_for_the_next_sign_in_shows_a_banner_until_it_was_used() {
    let walk = Walk::new();
    let banner = "Switched on for SAML: Unsigned.";
    walk.post("/faults", &[("fault", "unsigned"), ("lasts", "next")]).await;
    assert!(walk.get("/people").await.html.contains(banner));
    assert_eq!(walk.read(&walk.sign_in(ANNA, "").await), Err(SamlError::Unsigned));
    assert!(!walk.get("/people").await.html.contains(banner));
    assert!(walk.read(&walk.sign_in(ANNA, "").await).is_ok());
    walk.post("/faults", &[("fault", "unsigned"), ("lasts", "until-off")]).await;
    assert_eq!(
        walk.stage.state.armed(),
        Some(Armed { fault: Fault::Unsigned, protocol: Spoken::Saml, lasts: Lasts::UntilSwitchedOff })
    );
    walk.post("/faults/off", &[]).await;
    assert!(walk.read(&walk.sign_in(ANNA, "").await).is_ok());
    let nonsense = walk.post("/faults", &[("fault", "none"), ("lasts", "next")]).await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[actix_web::test]
async fn an_answer_that_nobody_asked_for_names_no_question() {
    let walk = Walk::new();
    assert!(walk.get("/start/acme").await.html.contains("Continue as Anna"));
    let page = walk.post("/start/acme", &[("person", ANNA), ("fault", "")]).await;
    assert_eq!(page.hidden("RelayState"), None);
    let response = page.hidden("SAMLResponse").expect("an answer");
    let closed = walk.settings();
    let open = SamlSettings { idp_initiated: true, ..closed.clone() };
    assert!(walk.verify(Expected::Unsolicited, &open, response).is_ok());
    assert_eq!(walk.verify(Expected::Unsolicited, &closed, response), Err(SamlError::UnsolicitedNotAllowed));
    assert!(walk.verify(Expected::Answering { request_id: "_question", asked_at: now() }, &open, response).is_err());
    assert_eq!(walk.get("/start/nowhere").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn only_the_demo_s_own_gateway_is_answered() {
    let walk = Walk::new();
    let strange = walk.get("/sso?SAMLRequest=%25%25").await;
    assert_eq!(strange.status, StatusCode::BAD_REQUEST);
    let other = Walk {
        stage: Data::new(Stage {
            sites: Sites { service_providers: Vec::new(), ..Sites::at(8079) },
            ..stage_like(&walk)
        }),
    };
    let refused = other.get(&walk.question()).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.html.contains("somebody else asks"), "{}", refused.html);
    let nobody = walk.sign_in("demo-nobody", "").await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
}

pub(super) fn stage_like(walk: &Walk) -> Stage {
    Stage {
        sites: walk.stage.sites.clone(),
        state: State::default(),
        clock: walk.stage.clock.clone(),
        keys: IdpKeys::generate(now()).expect("keys"),
        openid: Provider::new(SECRET.to_owned()).expect("keys"),
        push: Push::new("a token".to_owned()),
        gateway: None,
        outbound: walk.stage.outbound.clone(),
    }
}

#[actix_web::test]
async fn a_form_that_is_not_taken_keeps_what_was_typed_and_says_why() {
    let walk = Walk::new();
    let page = walk.post("/people", &[("name", "Zoë"), ("email", "user@acme.test"), ("more", "new-group")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html.contains("Somebody else here has this e-mail address"), "{}", page.html);
    assert!(page.html.contains("value=\"Zoë\"") && page.html.contains("value=\"new-group\" checked"));
    let page = walk.post("/people", &[("name", "Zoë"), ("email", "zoe@acme.test"), ("more", "new-group")]).await;
    assert_eq!(page.location.as_deref(), Some("/people?done=added#demo-zoe-at-acme.test"));
    assert!(walk.get("/people?done=added").await.html.contains("Zoë"));
    let subject = "demo-zoe-at-acme.test";
    assert!(walk.read(&walk.sign_in(subject, "").await).is_ok());
    walk.post("/people/remove", &[("person", subject)]).await;
    assert!(!walk.get("/people").await.html.contains("Zoë"));
    walk.post("/people/remove", &[("person", ANNA)]).await;
    walk.post("/people/reset", &[]).await;
    assert!(walk.get("/people").await.html.contains("Anna Schmidt"));
}

#[actix_web::test]
async fn every_page_renders_and_carries_the_policy() {
    let walk = Walk::new();
    let policy = walk.stage.content_policy();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe") && !policy.contains('*'));
    assert!(policy.contains("form-action 'self' http://127.0.0.1:8079 http://127.0.0.1:8081"), "{policy}");
    for path in ["/", "/people", "/faults", "/openid", "/push", "/start", "/start/smallteam", "/answers", "/metadata"] {
        let page = walk.get(path).await;
        assert_eq!((page.status.as_u16(), page.policy.as_deref()), (200, Some(policy.as_str())), "{path}");
    }
    for path in ["/static/demo.css", "/static/demo.js", "/static/demo.svg"] {
        assert_eq!(walk.get(path).await.status, 200, "{path}");
    }
    let nowhere = walk.get("/nowhere").await;
    assert_eq!((nowhere.status.as_u16(), nowhere.policy), (404, Some(policy)));
}

#[actix_web::test]
async fn another_site_cannot_change_groups_or_switch_faults_on() {
    let walk = Walk::new();
    let foreign = TestRequest::post()
        .uri("/faults")
        .insert_header(("origin", "https://evil.test"))
        .insert_header(("sec-fetch-site", "cross-site"))
        .set_form([("fault", "unsigned"), ("lasts", "until-off")]);
    assert_eq!(walk.send(foreign).await.status, StatusCode::FORBIDDEN);
    assert_eq!(walk.stage.state.armed(), None);
}
