//! What is asked of whoever changes or adds a connection, and what is kept of it.

use usher::clock::Clock as _;
use usher::connection::{Connection, ConnectionSetup, Protocol, SamlIdp, SamlSettings};
use usher::store;

use crate::oidc_support::{self, Op};
use crate::settings_connections::{hidden, known, owner, second};
use crate::settings_support::{FRESH, more_organizations, signed_in};
use crate::support::{Browser, TestApp, slug};

const LIST: &str = "/admin/acme-work/connections";
const ADD: &str = "/admin/acme-work/connections/add";

fn saml_of(app: &TestApp, name: &str) -> SamlSettings {
    let Protocol::Saml(saml) = known(app, name).expect("there").protocol else { panic!("SAML") };
    saml
}

#[test]
fn a_certificate_entered_by_hand_leaves_the_other_addresses_as_they_are() {
    use base64::Engine as _;
    let app = TestApp::start();
    let mut olga = owner(&app);
    let read = usher::saml::read_idp_metadata(second(&app).as_bytes(), app.clock.now()).expect("metadata");
    let there = |path: &str| Some(format!("https://second.example/{path}"));
    let full = SamlIdp {
        slo_redirect: there("slo"),
        slo_response: there("slo/response"),
        wants_signed_requests: true,
        ..read
    };
    let base = [("idp", "saml"), ("slug", "acme-2"), ("label", "Second")];
    let metadata = usher::saml::write_idp_metadata(&full);
    assert_eq!(olga.upload(ADD, &base, ("metadata_file", metadata.as_bytes())).status, 303);
    assert_eq!(saml_of(&app, "acme-2").idp, full);

    let text = base64::engine::general_purpose::STANDARD.encode(app.idp.certificate_der());
    let path = format!("{LIST}/acme-2/edit");
    let mut enter = |entity_id: &str| {
        let form = olga.get(&path);
        assert!(form.body.contains("stays as it is while the entity ID is the same"), "{form:?}");
        let (sso, seen) = ("https://second.example/moved", hidden(&form, "seen"));
        let typed = [("entity_id", entity_id), ("sso_url", sso), ("certificate", text.as_str())];
        let fields = [&[("label", "Second"), ("seen", seen.as_str())][..], &typed[..]].concat();
        let saved = olga.post(&path, &fields);
        assert_eq!(saved.status, 303, "{saved:?}");
        saml_of(&app, "acme-2").idp
    };
    let moved = Some("https://second.example/moved".to_owned());
    assert_eq!(enter(&full.entity_id), SamlIdp { sso_redirect: moved.clone(), ..full });
    let other = enter("https://third.example/metadata");
    assert_eq!(
        (other.sso_redirect, other.sso_post, other.slo_redirect, other.slo_response, other.wants_signed_requests),
        (moved, None, None, None, false),
        "nothing of another identity provider stays"
    );
}

/// Saves the form of the OpenID connection with these fields on top of what stands there.
fn change(olga: &mut Browser<'_>, path: &str, op: &Op, with: &[(&str, &str)]) -> crate::support::Answer {
    let seen = hidden(&olga.get(path), "seen");
    let mut fields = vec![
        ("label", "Acme IdP"),
        ("seen", seen.as_str()),
        ("issuer", op.issuer.as_str()),
        ("client_id", "usher"),
        ("client_auth", "client_secret_basic"),
    ];
    fields.retain(|(name, _)| !with.iter().any(|(other, _)| other == name));
    fields.extend(with);
    olga.post(path, &fields)
}

#[test]
fn b9_who_makes_everybody_a_stranger_to_a_connection_in_use_has_to_know_it() {
    let op = Op::start();
    let app = oidc_support::app(&op);
    // A second one that is on: this is not about the last one.
    let other = Connection { slug: slug("acme-other"), ..known(&app, "acme").expect("there") };
    app.change(move |tx| store::connections::add(tx, &other).map(drop));
    let mut olga = owner(&app);
    let path = format!("{LIST}/acme/change");
    let form = olga.get(&path).body;
    assert!(form.contains("name people differently to each client") && !form.contains("id=\"confirm\""), "{form}");
    for (what, with) in [
        ("another client", [("client_id", "usher-2"), ("attribute_name", "")]),
        ("another attribute", [("client_id", "usher"), ("attribute_subject", "oid")]),
    ] {
        let refused = change(&mut olga, &path, &op, &with);
        assert_eq!(refused.status, 409, "{what}: {refused:?}");
        assert!(refused.body.contains("id=\"confirm-problem\""), "{what}: {refused:?}");
        assert!(refused.body.contains("may be a stranger"), "{what}: {refused:?}");
        let Protocol::Oidc(oidc) = known(&app, "acme").expect("there").protocol else { panic!("OpenID Connect") };
        assert_eq!(oidc.client_id, "usher", "{what}: nothing was kept");
    }
    assert_eq!(change(&mut olga, &path, &op, &[("attribute_groups", "roles")]).status, 303, "nobody is a stranger");
    let knowing = [("client_id", "usher-2"), ("attribute_groups", "roles"), ("confirm", "acme")];
    assert_eq!(change(&mut olga, &path, &op, &knowing).status, 303);
    let Protocol::Oidc(oidc) = known(&app, "acme").expect("there").protocol else { panic!("OpenID Connect") };
    assert_eq!(oidc.client_id, "usher-2");
}

fn begin(browser: &mut Browser<'_>, add: &str, name: &str) -> crate::support::Answer {
    browser.post(add, &[("idp", "okta"), ("slug", name), ("label", "Okta"), ("act", "later")])
}

#[test]
fn a_parent_begins_so_many_connections_and_takes_the_short_names_of_nobody_else() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut olga = owner(&app);
    // All the names that acme would be offered are another parent's.
    let at = app.clock.now();
    let foreign = app.db.read_one(|tx| store::organizations::by_slug(tx, &slug("other-work"))).expect("read");
    let parent = foreign.expect("there").parent;
    app.change(move |tx| {
        for number in 1..200 {
            let tail = if number == 1 { String::new() } else { format!("-{number}") };
            let (vendor, label) = ("okta".to_owned(), "Okta".to_owned());
            let taken = ConnectionSetup { slug: slug(&format!("acme-okta{tail}")), parent, vendor, label, begun: at };
            store::connection_setups::add(tx, &taken)?;
        }
        Ok(())
    });
    let form = olga.get(&format!("{ADD}?idp=okta"));
    assert_eq!(form.status, 200, "{form:?}");
    let offered = hidden(&form, "slug");
    assert!(offered.starts_with("acme-okta-") && offered.len() == "acme-okta-".len() + 8, "{offered}");
    assert_eq!(begin(&mut olga, ADD, &offered).status, 303);

    for number in 1..usher::founding::UNFINISHED {
        assert_eq!(begin(&mut olga, ADD, &format!("b{number}")).status, 303, "{number}");
    }
    let events = app.events().len();
    let refused = begin(&mut olga, ADD, "one-more");
    assert!(refused.status == 409 && refused.body.contains("have never passed a test"), "{refused:?}");
    let fields = [("idp", "saml"), ("slug", "one-more"), ("label", "X")];
    let refused = olga.upload(ADD, &fields, ("metadata_file", second(&app).as_bytes()));
    assert!(refused.status == 409 && known(&app, "one-more").is_none(), "a whole one, too: {refused:?}");
    assert_eq!(app.events().len(), events, "nothing was written");
    assert_eq!(begin(&mut olga, ADD, "b1").status, 303, "what is begun stays begun");
    // Going on with one of them is no further one; one that has passed its test, or is given up, makes room.
    let metadata = second(&app);
    let path = format!("{LIST}/b1/edit");
    let finished = olga.upload(&path, &[("label", "B"), ("seen", "")], ("metadata_file", metadata.as_bytes()));
    assert_eq!(finished.status, 303, "{finished:?}");
    let tested = Connection { tested: Some(at), ..known(&app, "b1").expect("there") };
    app.change(move |tx| store::connections::update(tx, &tested));
    assert_eq!(begin(&mut olga, ADD, "one-more").status, 303);
    assert_eq!(begin(&mut olga, ADD, "two-more").status, 409);
    assert_eq!(olga.post(&format!("{LIST}/b2/discard"), &[]).status, 303);
    assert_eq!(begin(&mut olga, ADD, "two-more").status, 303);
    // It counts for the parent, whichever of its organizations.
    let mut third = signed_in(&app, "acme-console", "carla@acme.example", "admin", FRESH);
    assert_eq!(begin(&mut third, "/admin/acme-console/connections/add", "c1").status, 409, "the same parent");
}
