//! Our own SAML key is exchanged while people sign in: nothing is restarted, and at no step is anybody locked out.

use usher::demo::issuer::{Encryption, Person};
use usher::secrets::Token;

use crate::saml_logout_support::verified_message;
use crate::saml_support::unbase64;
use crate::support::{Answer, Browser, TestApp};

const ANNA: Person<'static> =
    Person { name_id: "id-of-anna", email: "anna@acme.example", name: "Anna", groups: &["everyone"] };
const PAGE: &str = "/operator/keys";

fn app() -> TestApp {
    TestApp::with(
        |_| {},
        |settings| {
            settings.offer_encryption = true;
            settings.sign_requests = true;
        },
    )
}

fn operator(app: &TestApp) -> Browser<'_> {
    use usher::clock::Clock as _;
    let link = Token::new();
    let (hash, now) = (link.hash(), app.clock.now());
    let until = now.plus(std::time::Duration::from_secs(900));
    app.change(move |tx| usher::store::operators::add_link(tx, &hash, "shell:ops", None, now, until));
    let mut operator = app.browser();
    assert_eq!(operator.post("/recover", &[("token", &link.text())]).location(), "/operator");
    operator
}

/// The certificates in our metadata for one use, in order.
fn certificates(app: &TestApp, purpose: &str) -> Vec<Vec<u8>> {
    let metadata = app.browser().get("/saml/acme/metadata").body;
    let begin = format!("<md:KeyDescriptor use=\"{purpose}\">");
    let keys = metadata.split(&begin).skip(1);
    keys.map(|key| {
        let text = key.split("<ds:X509Certificate>").nth(1).and_then(|rest| rest.split('<').next());
        unbase64(text.expect("a certificate"))
    })
    .collect()
}

fn kids(page: &Answer) -> Vec<String> {
    page.body.split("<code>saml-").skip(1).map(|rest| format!("saml-{}", &rest[..32])).collect()
}

/// Signs in with an assertion that is encrypted for this certificate.
fn sign_in_encrypted(app: &TestApp, certificate: &[u8]) -> Answer {
    app.browser().sign_in_as(ANNA, "/", |spec| {
        spec.encrypt = Some(Encryption {
            gcm: true,
            recipient: certificate.to_vec(),
            content_key: [5; 32],
            iv: [6; 16],
            key_beside: false,
        });
    })
}

/// Whether a request of ours that starts now is signed by the key of this certificate.
fn signs(app: &TestApp, certificate: &[u8]) {
    let sent = app.browser().get("/sign-in/acme?return_to=/");
    verified_message(sent.location(), certificate);
}

#[test]
fn our_old_and_our_new_key_both_decrypt_while_the_key_is_exchanged() {
    let app = app();
    let mut operator = operator(&app);
    let first = certificates(&app, "signing").remove(0);
    assert_eq!((certificates(&app, "signing").len(), certificates(&app, "encryption")), (1, vec![first.clone()]));
    assert_eq!(sign_in_encrypted(&app, &first).status, 303, "the control");

    assert_eq!(operator.post("/operator/keys/add", &[]).location(), PAGE);
    let signing = certificates(&app, "signing");
    let [present, next] = signing.as_slice() else { panic!("{} signing keys", signing.len()) };
    assert_eq!((present, certificates(&app, "encryption")), (&first, vec![first.clone()]), "published, not in use");
    signs(&app, &first);
    for certificate in [&first, next] {
        assert_eq!(sign_in_encrypted(&app, certificate).status, 303, "both decrypt");
    }

    let known = kids(&operator.get(PAGE));
    let [old, new] = known.as_slice() else { panic!("{known:?}") };
    assert_eq!(operator.post("/operator/keys/use", &[("key", new)]).location(), PAGE);
    assert_eq!(certificates(&app, "signing"), [next.clone(), first.clone()]);
    assert_eq!(certificates(&app, "encryption"), std::slice::from_ref(next));
    signs(&app, next);
    for certificate in [&first, next] {
        assert_eq!(sign_in_encrypted(&app, certificate).status, 303, "both decrypt still");
    }

    assert_eq!(operator.post("/operator/keys/retire", &[("key", old)]).location(), PAGE);
    assert_eq!(certificates(&app, "signing"), std::slice::from_ref(next));
    assert_eq!(sign_in_encrypted(&app, &first).refusal(), "assertion_invalid", "the retired one decrypts nothing");
    assert_eq!(sign_in_encrypted(&app, next).status, 303);
    assert_eq!(kids(&operator.get(PAGE)), std::slice::from_ref(new));
    let rolled = app.events().iter().filter(|kind| *kind == "key_rolled").count();
    assert_eq!(rolled, 3, "added, in use, retired");
}

#[test]
fn a_step_out_of_order_changes_nothing_and_says_why() {
    let app = app();
    let mut operator = operator(&app);
    let only = kids(&operator.get(PAGE)).remove(0);
    let mut refused = |step: &str, kid: &str, why: &str| {
        let answer = operator.post(&format!("/operator/keys/{step}"), &[("key", kid)]);
        assert_eq!(answer.status, 409, "{step} {kid}: {answer:?}");
        assert!(answer.body.contains(why), "{step} {kid}: {}", answer.body);
    };
    refused("retire", &only, "is in use");
    refused("use", &only, "is not the next key");
    refused("use", "saml-00", "there is no key saml-00");
    refused("retire", "saml-00", "there is no key saml-00");
    operator.post("/operator/keys/add", &[]);
    let next = kids(&operator.get(PAGE)).remove(1);
    let mut operator = self::operator(&app);
    let again = operator.post("/operator/keys/add", &[]);
    assert!(again.status == 409 && again.body.contains("is the next key already"), "{again:?}");
    operator.post("/operator/keys/use", &[("key", &next)]);
    let back = operator.post("/operator/keys/use", &[("key", &only)]);
    assert_eq!(back.status, 409, "a key that was in use does not come back");
    assert_eq!(certificates(&app, "signing").len(), 2);
}

#[test]
fn the_key_in_use_stays_the_one_in_use_after_a_restart() {
    let mut app = app();
    {
        let mut operator = operator(&app);
        operator.post("/operator/keys/add", &[]);
        let next = kids(&operator.get(PAGE)).remove(1);
        operator.post("/operator/keys/use", &[("key", &next)]);
        operator.post("/operator/keys/add", &[]);
    }
    let before = certificates(&app, "signing");
    assert_eq!(before.len(), 3);
    app.restart();
    assert_eq!(certificates(&app, "signing"), before);
    signs(&app, &before[0]);
}
