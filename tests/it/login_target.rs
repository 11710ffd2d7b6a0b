//! Where a sign-in leads: to applications of the person's own parent organization, and to nothing else (rule B38).

use usher::connection::SamlSettings;
use usher::demo::issuer::Person;
use usher::ids::{ApplicationId, OrganizationId, ParentId};
use usher::organization::{Application, HeaderPreset, Organization, ProvisioningMode};
use usher::product::{ParentPlan, ProductKey, SeatTypeKey};
use usher::store;

use crate::support::{Answer, Browser, TestApp, WIKI, slug};

const ANNA: &str = "anna@acme.example";

fn organization(parent: ParentId, name: &str) -> Organization {
    Organization {
        id: OrganizationId(0),
        parent,
        slug: slug(name),
        name: name.to_owned(),
        product: ProductKey::new("team"),
        mode: ProvisioningMode::Jit { group_mappings: false },
        mappings: Default::default(),
        require_sso: false,
        contact: None,
    }
}

fn application(organization: OrganizationId, name: &str, origin: &str) -> Application {
    Application {
        id: ApplicationId(0),
        organization,
        slug: slug(name),
        name: name.to_owned(),
        url: format!("{origin}/"),
        roles: Vec::new(),
        seats: Vec::new(),
        headers: HeaderPreset::Usher,
    }
}

/// Beside Acme Work with its wiki: Acme Lab with a wiki and a desk of its own, and another parent with a vault.
fn started(connect: impl FnOnce(&mut SamlSettings)) -> TestApp {
    let app = TestApp::with(|_| {}, connect);
    let acme = app.parent;
    app.change(move |tx| {
        let lab = store::organizations::add(tx, &organization(acme, "acme-lab"))?;
        store::seats::set_bought(tx, lab, &SeatTypeKey::new("standard"), 3)?;
        let other = store::organizations::add_parent(tx, &slug("other"), "Other", ParentPlan::Enterprise)?;
        let other = store::organizations::add(tx, &organization(other, "other-work"))?;
        for (at, name, origin) in [
            (lab, "wiki", "https://wiki.lab.acme.example"),
            (lab, "desk", "https://desk.acme.example"),
            (other, "vault", "https://vault.other.example"),
        ] {
            store::applications::add(tx, &application(at, name, origin), origin)?;
        }
        Ok(())
    });
    app
}

/// Where an answer that nobody asked for leads, once the person has confirmed it.
fn led_to(browser: &mut Browser<'_>, relay_state: &str) -> String {
    let person = Person { name_id: "id-of-anna", email: ANNA, name: "Anna", groups: &["owners"] };
    let posted = browser.answer(&browser.response(person, None).xml(&browser.app.idp), relay_state);
    assert_eq!(posted.status, 303, "{relay_state}: {posted:?}");
    let code = posted.location().split("code=").nth(1).expect("a code").to_owned();
    browser.post("/sign-in/finish", &[("code", &code)]).location().to_owned()
}

#[test]
fn a_relay_state_names_an_application_of_the_connections_own_parent() {
    let app = started(|settings| settings.idp_initiated = true);
    for (relay_state, expected) in [
        ("desk", "https://desk.acme.example/"),
        (" desk ", "https://desk.acme.example/"),
        ("acme-work/wiki", "https://wiki.acme.example/"),
        ("acme-lab/wiki", "https://wiki.lab.acme.example/"),
        ("https://desk.acme.example/tickets?new=1", "https://desk.acme.example/tickets?new=1"),
        ("/account", "/account"),
    ] {
        assert_eq!(led_to(&mut app.browser(), relay_state), expected, "{relay_state}");
    }
}

#[test]
fn a_relay_state_leads_to_no_other_parents_application_and_to_no_address_that_nobody_registered() {
    let app = started(|settings| settings.idp_initiated = true);
    for (name, relay_state) in [
        ("another parent's application", "vault"),
        ("another parent's, with its organization", "other-work/vault"),
        ("another parent's, by its address", "https://vault.other.example/"),
        ("another parent's, by a page of it", "https://vault.other.example/a?b"),
        ("an application of another organization", "acme-work/desk"),
        ("one that two organizations have", "wiki"),
        ("one that nobody has", "nowhere"),
        ("an organization alone", "acme-work/"),
        ("a name in capitals", "DESK"),
        ("a third part", "acme-work/wiki/x"),
        ("an address that nobody registered", "https://evil.example/"),
        ("an address that begins as a known one", "https://desk.acme.example.evil.example/"),
        ("a known one as the user of another", "https://desk.acme.example@evil.example/"),
        ("an address without a scheme", "//evil.example"),
        ("a name that leads out", "../evil"),
        ("a script", "javascript:alert(1)"),
        ("nothing", ""),
    ] {
        assert_eq!(led_to(&mut app.browser(), relay_state), "/", "{name}");
    }
}

#[test]
fn b38_after_a_sign_in_nobody_is_sent_to_another_parents_application() {
    let app = started(|_| {});
    let arrived = |return_to: &str| app.browser().sign_in(ANNA, &["owners"], return_to).location().to_owned();
    assert_eq!(arrived("https://desk.acme.example/tickets"), "https://desk.acme.example/tickets", "the control");
    assert_eq!(arrived(&format!("{WIKI}/page")), format!("{WIKI}/page"), "the control");
    assert_eq!(arrived("https://vault.other.example/"), "/", "another parent's");
    assert_eq!(arrived("https://nowhere.example/"), "/", "nobody's");
}

#[test]
fn b38_whoever_is_signed_in_learns_of_no_other_parents_application() {
    let app = started(|_| {});
    let mut anna = app.browser();
    anna.sign_in(ANNA, &["owners"], "/");
    let mut sent = |return_to: &str| anna.get(&format!("/sign-in?return_to={return_to}")).location().to_owned();
    assert_eq!(sent("https%3A%2F%2Fdesk.acme.example%2F"), "https://desk.acme.example/", "the control");
    assert_eq!(sent("https%3A%2F%2Fvault.other.example%2F"), sent("https%3A%2F%2Fnowhere.example%2F"));
    assert_eq!(sent("https%3A%2F%2Fvault.other.example%2F"), "/");
}

#[test]
fn b38_an_address_of_a_domain_leads_to_its_own_parents_applications_only() {
    let app = started(|_| {});
    let begun = |return_to: &str| -> Answer {
        let mut anna = app.browser();
        let sent = anna.post("/sign-in", &[("email", ANNA), ("return_to", return_to)]);
        let sent = url::Url::parse(sent.location()).expect("a URL");
        let value = |name: &str| sent.query_pairs().find(|(key, _)| key == name).expect("there").1.into_owned();
        let request = usher::saml::inflate(&value("SAMLRequest")).expect("deflated");
        let request = String::from_utf8(request).expect("UTF-8");
        let id = request.split(" ID=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an ID");
        let person = Person { name_id: "id-of-anna", email: ANNA, name: "Anna", groups: &["owners"] };
        let posted = anna.answer(&anna.response(person, Some(id)).xml(&app.idp), &value("RelayState"));
        anna.get(posted.location())
    };
    assert_eq!(begun("https://desk.acme.example/").location(), "https://desk.acme.example/", "the control");
    assert_eq!(begun("https://vault.other.example/").location(), "/");
}

#[test]
fn after_a_sign_in_nobody_is_led_back_to_signing_in_or_out() {
    let app = TestApp::start();
    for path in ["/sign-in", "/sign-in?return_to=%2Fsign-in", "/sign-in/acme", "/signed-out", "/signed-out?leaving=_1"]
    {
        let mut anna = app.browser();
        assert_eq!(anna.sign_in(ANNA, &["everyone"], path).location(), "/", "{path}");
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", path).finish();
        assert_eq!(
            anna.get(&format!("/sign-in?{query}")).location(),
            "/",
            "{path}: nor is whoever is signed in already"
        );
    }
    assert_eq!(app.browser().sign_in(ANNA, &["everyone"], "/account").location(), "/account", "the control");
}

#[test]
fn b38_whoever_is_let_in_but_not_where_they_wanted_to_go_is_told_why_and_whom_to_ask() {
    let app = TestApp::start();
    let parent = app.parent;
    app.change(move |tx| {
        let closed = Organization {
            mode: ProvisioningMode::Manual,
            contact: Some("lab@acme.example".to_owned()),
            ..organization(parent, "acme-lab")
        };
        let lab = store::organizations::add(tx, &closed)?;
        store::applications::add(
            tx,
            &application(lab, "desk", "https://desk.acme.example"),
            "https://desk.acme.example",
        )
    });
    let mut anna = app.browser();
    let there = anna.sign_in(ANNA, &["everyone"], "https://desk.acme.example/x");
    assert_eq!(there.refusal(), "not_a_member");
    assert!(there.body.contains("lab@acme.example") && !there.body.contains("it@acme.example"), "{}", there.body);
    assert_eq!(anna.forward("/auth/nginx", WIKI).status, 200, "signed in all the same");
    assert_eq!(app.browser().sign_in(ANNA, &["everyone"], &format!("{WIKI}/")).status, 303, "the control");
}
