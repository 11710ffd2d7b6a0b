//! Connections and domains in the hands of an organization's own admins: from a file to a sign-in, and what nobody may do to others.

use usher::clock::Clock as _;
use usher::connection::{Connection, ConnectionStatus, Protocol};
use usher::demo::issuer::{IssuerKey, KeyKind, Person, ResponseSpec, encode, idp_metadata};
use usher::identity::DomainName;
use usher::store;

use crate::dns_server::{DnsServer, Entry};
use crate::settings_support::{FRESH, OLD, more_organizations, signed_in};
use crate::support::{Answer, Browser, IDP, PUBLIC, SSO, TestApp, slug};

const LIST: &str = "/admin/acme-work/connections";
const SECOND: &str = "https://second.example/metadata";

pub fn owner(app: &TestApp) -> Browser<'_> {
    signed_in(app, "acme-work", "olga@acme.example", "owner", FRESH)
}

/// The metadata of a second identity provider, which has the key of the first.
pub fn second(app: &TestApp) -> String {
    idp_metadata(SECOND, SSO, &[app.idp.certificate_der()])
}

pub fn known(app: &TestApp, name: &str) -> Option<Connection> {
    let name = slug(name);
    app.db.read_one(|tx| store::connections::by_slug(tx, &name)).expect("readable")
}

/// The value of a hidden field of a page.
pub fn hidden(page: &Answer, name: &str) -> String {
    let rest =
        page.body.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("{name}: {page:?}"));
    rest.split('"').next().expect("a value").to_owned()
}

/// Where a page that goes on by itself leads.
pub fn onward(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    let to =
        answer.body.split("http-equiv=\"refresh\" content=\"0; url=").nth(1).and_then(|rest| rest.split('"').next());
    to.unwrap_or_else(|| panic!("a page that goes on: {answer:?}")).replace("&#38;", "&").replace("&amp;", "&")
}

/// A test sign-in of a connection of the second identity provider, from its button on a page to its report.
pub fn tried(browser: &mut Browser<'_>, page: &str, name: &str) -> (String, Answer) {
    let finish = answered(browser, page, name);
    let report = onward(&browser.get(&finish));
    let shown = browser.get(&report);
    (report, shown)
}

/// A test sign-in as far as the identity provider's answer: where the browser goes next.
fn answered(browser: &mut Browser<'_>, page: &str, name: &str) -> String {
    let begun = browser.post(&format!("{page}/test"), &[]);
    let sent = url::Url::parse(&onward(&begun)).expect("a URL");
    let value = |name: &str| sent.query_pairs().find(|(key, _)| key == name).expect("there").1.into_owned();
    let request = usher::saml::inflate(&value("SAMLRequest")).expect("deflated");
    let request = String::from_utf8(request).expect("UTF-8");
    let id = request.split(" ID=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an ID").to_owned();
    let app = browser.app;
    let person = Person { name_id: "id-of-olga", email: "olga@acme.example", name: "Olga", groups: &["owners"] };
    let (entity, acs) = (format!("{PUBLIC}/saml/{name}/metadata"), format!("{PUBLIC}/saml/{name}/acs"));
    let mut spec = ResponseSpec::new(SECOND, &entity, &acs, &format!("t{id}"), app.clock.now(), person);
    spec.in_response_to = Some(id);
    // As the identity provider's page would: cross-site, without cookies.
    let cookies = std::mem::take(&mut browser.cookies);
    let fields = [("SAMLResponse", encode(&spec.xml(&app.idp))), ("RelayState", value("RelayState"))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let headers = [("origin", "https://second.example"), ("sec-fetch-site", "cross-site")];
    let answer = browser.post_with(&format!("/saml/{name}/acs"), &headers, &fields);
    browser.cookies.extend(cookies);
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.location().to_owned()
}

/// A draft of the second identity provider, made by whoever this is.
pub fn draft(browser: &mut Browser<'_>, at: &str, name: &str) -> String {
    let metadata = second(browser.app);
    let fields = [("idp", "saml"), ("slug", name), ("label", "Second")];
    let added =
        browser.upload(&format!("/admin/{at}/connections/add"), &fields, ("metadata_file", metadata.as_bytes()));
    assert_eq!(
        (added.status, added.location()),
        (303, format!("/admin/{at}/connections/{name}").as_str()),
        "{added:?}"
    );
    added.location().to_owned()
}

fn claim(app: &TestApp, name: &str) -> Option<usher::organization::Domain> {
    let name = DomainName::parse(name).expect("a domain");
    app.db.read(|tx| store::domains::find(tx, app.parent, &name)).expect("read")
}

/// Who did the latest event of a kind.
pub fn actor_of(app: &TestApp, kind: &str) -> String {
    let all = app
        .db
        .read(|tx| store::audit::list(tx, usher::ids::AuditId(0), usher::clock::Timestamp::from_millis(0), 10_000))
        .expect("readable");
    let last = all.into_iter().rev().find(|event: &store::audit::Recorded| event.kind == kind).expect("there");
    format!("{}:{}", last.actor_kind, last.actor)
}

#[test]
fn an_owner_brings_a_connection_from_a_file_over_its_test_to_a_sign_in() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let choose = olga.get(&format!("{LIST}/add")).body;
    assert!(choose.contains("?idp=okta") && choose.contains("Microsoft Entra ID"), "{choose}");
    let form = olga.get(&format!("{LIST}/add?idp=okta")).body;
    for text in ["Audience URI (SP Entity ID)", "https://login.acme.example/saml/acme-okta/acs", "data-copy=\"ours-1\""]
    {
        assert!(form.contains(text), "{text}: {form}");
    }
    assert!(form.contains("enctype=\"multipart/form-data\"") && form.contains("type=\"file\""), "{form}");
    let here = draft(&mut olga, "acme-work", "acme-okta");
    let made = known(&app, "acme-okta").expect("made");
    assert_eq!((made.status, made.tested, made.parent), (ConnectionStatus::Draft, None, app.parent));
    assert_eq!(actor_of(&app, "added").split(':').next(), Some("person"));
    let list = olga.get(LIST).body;
    assert!(list.contains("Next: test it") && list.contains(&format!("href=\"{here}\"")), "{list}");
    assert!(olga.get(&format!("{here}/activate")).status == 200);
    let early = olga.post(&format!("{here}/activate"), &[("seen", &usher::trust::mark(&made))]);
    assert!(early.status == 409 && early.body.contains("once a test has passed"), "{early:?}");

    let (report, shown) = tried(&mut olga, &here, "acme-okta");
    assert!(report.starts_with(&format!("{here}/tests/")), "{report}");
    assert!(shown.body.contains("Every check passed") && shown.body.contains("Acme Work"), "{shown:?}");
    let page = olga.get(&here).body;
    assert!(page.contains(&format!("href=\"{report}\"")) && page.contains("/activate\""), "{page}");

    let ask = olga.get(&format!("{here}/activate"));
    assert!(ask.body.contains(SECOND) && ask.body.contains("Acme Work (one member)"), "{ask:?}");
    let seen = hidden(&ask, "seen");
    assert_eq!(olga.post(&format!("{here}/activate"), &[("seen", &seen)]).status, 303);
    assert_eq!(known(&app, "acme-okta").expect("there").status, ConnectionStatus::Active);
    assert!(olga.get(&here).body.contains("is switched on: people can sign in through it"));
    assert_eq!(app.browser().get("/sign-in/acme-okta").status, 303, "it leads to the identity provider");
}

#[test]
fn metadata_comes_by_file_paste_or_fields_and_what_is_wrong_is_said_beside_its_field() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let add = format!("{LIST}/add");
    let base = [("idp", "saml"), ("slug", "acme-2"), ("label", "Second")];
    let pem = {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(app.idp.certificate_der());
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----")
    };
    let huge = "x".repeat(600 * 1024);
    let before = app.events();
    for (what, file, told) in [
        ("no XML", b"rubbish".as_slice(), "The metadata cannot be used"),
        ("a page", b"<html></html>", "expected an EntityDescriptor"),
        ("bytes", &[0xff, 0xfe, 0x00, 0xd8, 0x00], "The metadata cannot be used"),
        ("too large to be metadata", huge.as_bytes(), "The metadata cannot be used"),
    ] {
        let answer = olga.upload(&add, &base, ("metadata_file", file));
        assert!(answer.status == 422 && answer.body.contains(told), "{what}: {answer:?}");
        assert!(
            answer.body.contains("id=\"metadata_file-problem\"") && answer.body.contains("value=\"Second\""),
            "{what}"
        );
    }
    let flood = vec![b'x'; 1024 * 1024 + 70 * 1024];
    assert_eq!(olga.upload(&add, &base, ("metadata_file", &flood)).status, 413);
    let metadata = second(&app);
    let mut both = base.to_vec();
    both.push(("metadata", &metadata));
    let answer = olga.upload(&add, &both, ("metadata_file", metadata.as_bytes()));
    assert!(answer.status == 422 && answer.body.contains("not both"), "{answer:?}");
    for (fields, field) in [
        (vec![("entity_id", SECOND), ("sso_url", "javascript:alert(1)"), ("certificate", pem.as_str())], "sso_url"),
        (vec![("entity_id", SECOND), ("sso_url", SSO), ("certificate", "rubbish")], "certificate"),
        (vec![("entity_id", ""), ("sso_url", SSO), ("certificate", pem.as_str())], "entity_id"),
        (vec![], "metadata_url"),
    ] {
        let mut sent = base.to_vec();
        sent.extend(fields);
        let answer = olga.post(&add, &sent);
        assert!(
            answer.status == 422 && answer.body.contains(&format!("id=\"{field}-problem\"")),
            "{field}: {answer:?}"
        );
    }
    assert_eq!(app.events(), before, "nothing was written");
    let mut by_hand = base.to_vec();
    by_hand.extend([
        ("entity_id", SECOND),
        ("sso_url", SSO),
        ("certificate", pem.as_str()),
        ("offer_encryption", "on"),
    ]);
    by_hand.extend([("attribute_email", "urn:mail"), ("omits_empty_groups", "on")]);
    assert_eq!(olga.post(&add, &by_hand).status, 303);
    let made = known(&app, "acme-2").expect("made");
    let Protocol::Saml(saml) = &made.protocol else { panic!("{made:?}") };
    assert_eq!((saml.idp.entity_id.as_str(), saml.idp.sso_redirect.as_deref()), (SECOND, Some(SSO)));
    assert_eq!(saml.idp.certificates[0].der, app.idp.certificate_der());
    assert!(saml.offer_encryption && !saml.sign_requests && made.omits_empty_groups);
    assert_eq!(made.attributes.email.as_deref(), Some("urn:mail"));
    let page = olga.get(&format!("{LIST}/acme-2/edit")).body;
    assert!(page.contains("value=\"urn:mail\"") && page.contains(SECOND), "{page}");
}

#[test]
fn a_draft_left_half_way_is_found_again_with_its_next_step_and_its_addresses() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut olga = owner(&app);
    let begin = [("idp", "entra"), ("slug", "acme-entra"), ("label", "Entra"), ("act", "later")];
    let kept = olga.post(&format!("{LIST}/add"), &begin);
    assert_eq!((kept.status, kept.location()), (303, "/admin/acme-work/connections/acme-entra/edit"), "{kept:?}");
    assert!(known(&app, "acme-entra").is_none());
    let events = app.events().len();
    assert_eq!(olga.post(&format!("{LIST}/add"), &begin).status, 303);
    assert_eq!(app.events().len(), events, "begun twice is begun once");
    let list = olga.get(LIST).body;
    assert!(list.contains("Next: tell us about the identity provider"), "{list}");
    let page = olga.get(&format!("{LIST}/acme-entra"));
    assert_eq!((page.status, page.location()), (303, "/admin/acme-work/connections/acme-entra/edit"));
    let page = olga.get(&format!("{LIST}/acme-entra/edit")).body;
    assert!(page.contains("Identifier (Entity ID)") && page.contains("/saml/acme-entra/acs"), "{page}");
    let ours = app.browser().get("/saml/acme-entra/metadata");
    assert!(ours.status == 200 && ours.body.contains("/saml/acme-entra/acs"), "read before theirs is known: {ours:?}");
    assert_eq!(app.browser().get("/saml/acme-nobody/metadata").status, 404);
    let taken = "/admin/other-work/connections/add";
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    let metadata = second(&app);
    for fields in [
        vec![("idp", "saml"), ("slug", "acme-entra"), ("label", "X"), ("metadata", metadata.as_str())],
        vec![("idp", "saml"), ("slug", "acme-entra"), ("label", "X"), ("act", "later")],
    ] {
        let answer = foreign.post(taken, &fields);
        assert!(answer.status == 422 && answer.body.contains("taken already"), "another parent's: {answer:?}");
    }
    // Whoever goes on with it, from another organization of the same parent.
    let mut carla = signed_in(&app, "acme-console", "carla@acme.example", "admin", FRESH);
    let fields = [("label", "Entra"), ("seen", "")];
    let path = "/admin/acme-console/connections/acme-entra/edit";
    assert_eq!(carla.upload(path, &fields, ("metadata_file", second(&app).as_bytes())).status, 303);
    assert!(known(&app, "acme-entra").is_some_and(|made| made.parent == app.parent));
    assert!(olga.get(&format!("{LIST}/acme-entra")).body.contains("Identifier (Entity ID)"), "their labels stay");
    assert_eq!(olga.post(&format!("{LIST}/acme-entra/discard"), &[]).status, 303);
    assert!(known(&app, "acme-entra").is_none() && !olga.get(LIST).body.contains("/acme-entra\""), "given up");
}

/// A connection that could sign in an owner of another organization is switched on by nobody who governs only their own.
#[test]
fn an_admin_of_an_attached_organization_cannot_make_others_believe_an_identity_provider_of_theirs() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut carla = signed_in(&app, "acme-console", "carla@acme.example", "admin", FRESH);
    let here = draft(&mut carla, "acme-console", "acme-evil");
    let (_, report) = tried(&mut carla, &here, "acme-evil");
    assert!(report.body.contains("Acme Console") && !report.body.contains("Acme Work"), "only their own: {report:?}");
    assert!(!report.body.contains("Known here as"), "who is who elsewhere is not told: {report:?}");
    let ask = carla.get(&format!("{here}/activate")).body;
    assert!(ask.contains("who may configure Acme Work") && !ask.contains("name=\"seen\""), "{ask}");
    let before = app.events();
    let seen = usher::trust::mark(&known(&app, "acme-evil").expect("there"));
    let acme = "/admin/acme-console/connections/acme";
    let live = usher::trust::mark(&known(&app, "acme").expect("there"));
    for (what, path, fields) in [
        ("switches it on", format!("{here}/activate"), vec![("seen", seen.as_str())]),
        ("switches theirs off", format!("{acme}/deactivate"), vec![("confirm", "acme")]),
        ("changes theirs", format!("{acme}/change"), vec![("label", "X"), ("seen", live.as_str())]),
        ("accepts for theirs", format!("{acme}/accept"), vec![("shown", "x")]),
        (
            "takes their domain",
            "/admin/acme-console/domains/acme.example/remove".to_owned(),
            vec![("confirm", "acme.example")],
        ),
    ] {
        let answer = carla.post(&path, &fields);
        assert_eq!(answer.status, 403, "{what}: {answer:?}");
    }
    let edit = carla.post(&format!("{acme}/edit"), &[("label", "X"), ("seen", &live)]);
    assert!(matches!(edit.status, 409 | 422), "by the path of drafts: {edit:?}");
    assert_eq!(app.events(), before, "nothing happened");
    let gone = carla.post(&format!("{acme}/discard"), &[]);
    assert!(gone.status == 409 && known(&app, "acme").is_some(), "what is on is not given up: {gone:?}");
    // The control: who configures the first organization does it, from wherever they are.
    let mut olga = owner(&app);
    crate::settings_support::member(&app, "acme-console", "olga@acme.example", "admin", None);
    let ask = olga.get(&format!("{here}/activate"));
    assert_eq!(olga.post(&format!("{here}/activate"), &[("seen", &hidden(&ask, "seen"))]).status, 303);
}

#[test]
fn what_is_switched_on_is_what_was_shown() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let here = draft(&mut olga, "acme-work", "acme-2");
    tried(&mut olga, &here, "acme-2");
    let seen = hidden(&olga.get(&format!("{here}/activate")), "seen");
    // Meanwhile somebody puts another certificate under the button, and tests that, too.
    let now = app.clock.now();
    let day = std::time::Duration::from_secs(86_400);
    let other = IssuerKey::generate(KeyKind::Rsa, "other", now.minus(day), now.plus(day)).expect("a key");
    let swapped = idp_metadata(SECOND, SSO, &[other.certificate_der()]);
    let form = olga.get(&format!("{here}/edit"));
    let fields = [("label", "Second"), ("seen", &hidden(&form, "seen"))];
    assert_eq!(olga.upload(&format!("{here}/edit"), &fields, ("metadata_file", swapped.as_bytes())).status, 303);
    let changed = known(&app, "acme-2").expect("there");
    assert_eq!(changed.tested, None, "b5: what a test proved is gone with another trust");
    app.change(move |tx| store::connections::update(tx, &Connection { tested: Some(now), ..changed.clone() }));
    let answer = olga.post(&format!("{here}/activate"), &[("seen", &seen)]);
    assert!(answer.status == 409 && answer.body.contains("have changed since"), "{answer:?}");
    assert_eq!(olga.post(&format!("{here}/activate"), &[]).status, 409, "no mark at all");
    assert_eq!(known(&app, "acme-2").expect("there").status, ConnectionStatus::Draft);
    let seen = hidden(&answer, "seen");
    assert_eq!(olga.post(&format!("{here}/activate"), &[("seen", &seen)]).status, 303, "looked at again");
}

#[test]
fn hostile_an_admin_of_an_attached_organization_changes_nothing_that_people_have_signed_in_by() {
    let app = TestApp::start();
    more_organizations(&app);
    let was_on = Connection { status: ConnectionStatus::Disabled, ..known(&app, "acme").expect("there") };
    app.change(move |tx| store::connections::update(tx, &was_on));
    let mut carla = signed_in(&app, "acme-console", "carla@acme.example", "admin", FRESH);
    let acme = "/admin/acme-console/connections/acme";
    let now = app.clock.now();
    let day = std::time::Duration::from_secs(86_400);
    let hers = IssuerKey::generate(KeyKind::Rsa, "hers", now.minus(day), now.plus(day)).expect("a key");
    // The same identity provider by name: her word would end everybody's sessions that came over it.
    let metadata = idp_metadata(IDP, SSO, &[hers.certificate_der()]);
    let (before, events) = (known(&app, "acme"), app.events().len());
    let seen = usher::trust::mark(before.as_ref().expect("there"));
    for path in ["edit", "change"] {
        let fields = [("label", "Acme IdP"), ("seen", seen.as_str()), ("confirm", "acme")];
        let answer = carla.upload(&format!("{acme}/{path}"), &fields, ("metadata_file", metadata.as_bytes()));
        assert!(matches!(answer.status, 403 | 409 | 422), "{path}: {answer:?}");
    }
    assert!(!carla.get(acme).body.contains("/connections/acme/change"), "nor does the page offer it");
    assert_eq!((known(&app, "acme"), app.events().len()), (before, events));
}

#[test]
fn b5_a_test_proves_the_settings_that_it_was_made_with_and_no_others() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let here = draft(&mut olga, "acme-work", "acme-2");
    let path = format!("{here}/edit");
    let certificate = second(&app);
    let elsewhere = certificate.replace(SSO, "https://phishing.example/sso");
    assert_ne!(certificate, elsewhere);
    for (what, fields, file) in [
        ("another sign-in address", vec![("label", "Second")], Some(elsewhere)),
        ("answers that nobody asked for", vec![("label", "Second"), ("idp_initiated", "on")], None),
        ("absent groups become none", vec![("label", "Second"), ("omits_empty_groups", "on")], None),
    ] {
        tried(&mut olga, &here, "acme-2");
        assert!(known(&app, "acme-2").expect("there").tested.is_some(), "{what}");
        let seen = hidden(&olga.get(&path), "seen");
        let mut fields = fields;
        fields.push(("seen", seen.as_str()));
        let answer = match &file {
            Some(file) => olga.upload(&path, &fields, ("metadata_file", file.as_bytes())),
            None => olga.post(&path, &fields),
        };
        assert_eq!(answer.status, 303, "{what}: {answer:?}");
        assert_eq!(known(&app, "acme-2").expect("there").tested, None, "{what}");
        assert_eq!(olga.post(&format!("{here}/activate"), &[]).status, 409, "{what}");
    }
    tried(&mut olga, &here, "acme-2");
    let seen = hidden(&olga.get(&path), "seen");
    let fields = [("label", "Renamed"), ("seen", seen.as_str()), ("omits_empty_groups", "on")];
    assert_eq!(olga.post(&path, &fields).status, 303);
    assert!(known(&app, "acme-2").expect("there").tested.is_some(), "a name proves nothing");
}

#[test]
fn b5_a_test_proves_nothing_of_settings_that_were_changed_while_it_was_on_its_way() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let here = draft(&mut olga, "acme-work", "acme-2");
    let finish = answered(&mut olga, &here, "acme-2");
    let changed = Connection { omits_empty_groups: true, ..known(&app, "acme-2").expect("there") };
    app.change(move |tx| store::connections::update(tx, &changed));
    let report = onward(&olga.get(&finish));
    let shown = olga.get(&report);
    assert!(shown.body.contains("the connection was changed while the test was on its way"), "{shown:?}");
    assert_eq!(known(&app, "acme-2").expect("there").tested, None);
    assert_eq!(olga.post(&format!("{here}/activate"), &[]).status, 409);
}

#[test]
fn the_answer_of_a_test_makes_one_report_however_often_it_is_shown() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let here = draft(&mut olga, "acme-work", "acme-2");
    let finish = answered(&mut olga, &here, "acme-2");
    let report = onward(&olga.get(&finish));
    assert!(olga.get(&report).body.contains("Every check passed"));
    assert_eq!(olga.get(&finish).refusal(), "sign_in_expired", "the code is used up");
    assert_eq!(app.events().iter().filter(|kind| *kind == "connection_tested").count(), 1);
}

#[test]
fn what_was_not_kept_is_not_said_to_be_saved() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    draft(&mut olga, "acme-work", "acme-2");
    let events = app.events().len();
    let now = app.clock.now();
    let day = std::time::Duration::from_secs(86_400);
    let other = IssuerKey::generate(KeyKind::Rsa, "other", now.minus(day), now.plus(day)).expect("a key");
    let metadata = idp_metadata(SECOND, SSO, &[other.certificate_der()]);
    let fields = [("idp", "saml"), ("slug", "acme-2"), ("label", "Second")];
    let again = olga.upload(&format!("{LIST}/add"), &fields, ("metadata_file", metadata.as_bytes()));
    assert_eq!(again.status, 422, "the name is taken by other settings: {again:?}");
    let begun =
        olga.post(&format!("{LIST}/add"), &[("idp", "okta"), ("slug", "acme"), ("label", "X"), ("act", "later")]);
    assert_eq!(begun.status, 422, "{begun:?}");
    assert_eq!(app.events().len(), events);
}

#[test]
fn b33_the_only_connection_is_switched_off_or_changed_only_with_its_name_typed() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let here = format!("{LIST}/acme");
    let ask = olga.get(&format!("{here}/deactivate")).body;
    assert!(ask.contains("Type acme to confirm") && ask.contains("Acme Work (one member)"), "{ask}");
    for typed in ["", "Acme", "acme-2"] {
        let answer = olga.post(&format!("{here}/deactivate"), &[("confirm", typed)]);
        assert_eq!(answer.status, 409, "{typed:?}: {answer:?}");
    }
    let now = app.clock.now();
    let day = std::time::Duration::from_secs(86_400);
    let next = IssuerKey::generate(KeyKind::Rsa, "next", now.minus(day), now.plus(day)).expect("a key");
    let rolled = idp_metadata(IDP, SSO, &[next.certificate_der()]);
    let form = olga.get(&format!("{here}/change"));
    assert!(form.body.contains("holds at once") && form.body.contains("only active connection"), "{form:?}");
    let seen = hidden(&form, "seen");
    let change = |olga: &mut Browser<'_>, confirm: &str, seen: &str| {
        let fields = [("label", "Acme IdP"), ("seen", seen), ("confirm", confirm)];
        olga.upload(&format!("{here}/change"), &fields, ("metadata_file", rolled.as_bytes()))
    };
    let refused = change(&mut olga, "", &seen);
    assert!(refused.status == 409 && refused.body.contains("id=\"confirm-problem\""), "{refused:?}");
    let Protocol::Saml(saml) = known(&app, "acme").expect("there").protocol else { panic!("SAML") };
    assert_eq!(saml.idp.certificates[0].der, app.idp.certificate_der(), "nothing changed");
    // A label locks nobody out.
    assert_eq!(olga.post(&format!("{here}/change"), &[("label", "Our IdP"), ("seen", &seen)]).status, 303);
    let seen = hidden(&olga.get(&format!("{here}/change")), "seen");
    assert_eq!(change(&mut olga, "acme", &seen).status, 303);
    let after = known(&app, "acme").expect("there");
    assert_eq!((after.status, after.tested), (ConnectionStatus::Active, None));
    assert_eq!(olga.post(&format!("{here}/deactivate"), &[("confirm", "acme")]).status, 303);
    assert_eq!(known(&app, "acme").expect("there").status, ConnectionStatus::Disabled);
    let mut old = signed_in(&app, "acme-work", "old@acme.example", "owner", OLD);
    assert!(old.post(&format!("{here}/deactivate"), &[]).location().starts_with("/account/again"));
}

#[test]
fn b9_a_connection_that_was_in_use_is_never_given_another_identity_provider() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let here = format!("{LIST}/acme");
    let metadata = second(&app);
    for state in ["on", "off"] {
        if state == "off" {
            olga.post(&format!("{here}/deactivate"), &[("confirm", "acme")]);
        }
        let seen = hidden(&olga.get(&format!("{here}/change")), "seen");
        let fields = [("label", "Acme IdP"), ("seen", &seen), ("confirm", "acme")];
        let answer = olga.upload(&format!("{here}/change"), &fields, ("metadata_file", metadata.as_bytes()));
        assert!(answer.status == 409 && answer.body.contains("another identity provider"), "{state}: {answer:?}");
    }
    let Protocol::Saml(saml) = known(&app, "acme").expect("there").protocol else { panic!("SAML") };
    assert_eq!(saml.idp.entity_id, IDP);
}

#[test]
fn two_admins_who_save_at_once_lose_nothing_and_neither_overwrites_the_other() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let mut otto = signed_in(&app, "acme-work", "otto@acme.example", "owner", FRESH);
    let here = draft(&mut olga, "acme-work", "acme-2");
    let path = format!("{here}/edit");
    let seen = hidden(&olga.get(&path), "seen");
    assert_eq!(hidden(&otto.get(&path), "seen"), seen);
    assert_eq!(olga.post(&path, &[("label", "Olga's"), ("seen", &seen), ("attribute_groups", "grp")]).status, 303);
    let second = otto.post(&path, &[("label", "Otto's"), ("seen", &seen), ("attribute_name", "nick")]);
    assert!(second.status == 409 && second.body.contains("have changed since you opened"), "{second:?}");
    assert!(second.body.contains("value=\"Otto&#39;s\"") && second.body.contains("value=\"nick\""), "kept: {second:?}");
    assert!(second.body.contains(">grp</code>"), "and what it is by now: {second:?}");
    let made = known(&app, "acme-2").expect("there");
    assert_eq!((made.label.as_str(), made.attributes.name.as_deref()), ("Olga's", None));
    let fields = [("label", "Otto's"), ("seen", &hidden(&second, "seen")), ("attribute_name", "nick")];
    assert_eq!(otto.post(&path, &fields).status, 303, "looked at and saved again");
    // The same form twice changes nothing the second time.
    let events = app.events().len();
    assert_eq!(otto.post(&path, &fields).status, 409);
    assert_eq!(app.events().len(), events);
}

#[test]
fn b6_an_owner_adds_proves_and_gives_up_a_domain() {
    let dns = DnsServer::start();
    let app = TestApp::configured(&format!("dns_servers = [\"{}\"]", dns.address), |_| {}, |_| {});
    more_organizations(&app);
    let mut olga = owner(&app);
    let page = "/admin/acme-work/domains";
    assert!(olga.get("/admin/acme-work/identity").body.contains(&format!("href=\"{page}\"")));
    for (typed, status, told) in [
        ("gmail.com", 409, "public mail provider"),
        ("not a domain", 422, "Please enter a domain"),
        ("", 422, "Please"),
    ] {
        let answer = olga.post(page, &[("domain", typed)]);
        assert!(answer.status == status && answer.body.contains(told), "{typed}: {answer:?}");
        assert!(answer.body.contains(&format!("value=\"{typed}\"")), "{typed}: kept");
    }
    assert_eq!(olga.post(page, &[("domain", "new.example")]).status, 303);
    let value = claim(&app, "new.example").expect("claimed").challenge;
    let shown = olga.get(page).body;
    assert!(shown.contains(&value) && shown.contains("data-copy=\"value-new.example\""), "{shown}");
    dns.set("new.example", Entry::txt(&["v=spf1 -all"]));
    olga.post(&format!("{page}/new.example/check"), &[]);
    let shown = olga.get(page).body;
    assert!(shown.contains("v=spf1 -all") && shown.contains(&value), "expected beside found: {shown}");
    dns.set("new.example", Entry::txt(&[&value]));
    olga.post(&format!("{page}/new.example/check"), &[]);
    assert!(claim(&app, "new.example").expect("there").is_verified());
    assert_eq!(actor_of(&app, "domain_verified").split(':').next(), Some("person"));
    // Another parent cannot have it, and is not told whose it is.
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    let taken = foreign.post("/admin/other-work/domains", &[("domain", "new.example")]);
    assert!(taken.status == 409 && !taken.body.contains("acme"), "{taken:?}");
    assert_eq!(foreign.post("/admin/other-work/domains/new.example/remove", &[]).status, 404);
    let ask = olga.get(&format!("{page}/acme.example/remove")).body;
    assert!(ask.contains("Type acme.example to confirm") && ask.contains("Acme Work (one member)"), "{ask}");
    assert_eq!(olga.post(&format!("{page}/acme.example/remove"), &[]).status, 409);
    assert_eq!(olga.post(&format!("{page}/acme.example/remove"), &[("confirm", "acme.example")]).status, 303);
    assert!(claim(&app, "acme.example").is_none());
    // A claim that was never proven is anybody's to take back.
    let mut carla = signed_in(&app, "acme-console", "carla@acme.example", "admin", FRESH);
    carla.post("/admin/acme-console/domains", &[("domain", "third.example")]);
    assert_eq!(carla.post("/admin/acme-console/domains/third.example/remove", &[]).status, 303);
}

#[test]
fn another_parents_connections_look_like_ones_that_do_not_exist() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut olga = owner(&app);
    let here = draft(&mut olga, "acme-work", "acme-2");
    let (report, _) = tried(&mut olga, &here, "acme-2");
    let incident = report.rsplit('/').next().expect("a code");
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    for name in ["acme-2", "acme", "nobody"] {
        let there = format!("/admin/other-work/connections/{name}");
        for page in ["", "/edit", "/change", "/activate", "/deactivate", "/discard", "/accept", "/links"] {
            assert_eq!(foreign.get(&format!("{there}{page}")).status, 404, "{name}{page}");
        }
        for form in [
            "edit",
            "change",
            "test",
            "activate",
            "deactivate",
            "discard",
            "accept",
            "metadata",
            "links",
            "links/1/revoke",
        ] {
            let answer = foreign.post(&format!("{there}/{form}"), &[("label", "X"), ("days", "7"), ("confirm", name)]);
            assert_eq!(answer.status, 404, "{name}/{form}: {answer:?}");
        }
        assert_eq!(foreign.get(&format!("{there}/tests/{incident}")).status, 404);
    }
    assert_eq!(
        foreign.get(&format!("/admin/other-work/connections/other/tests/{incident}")).status,
        404,
        "under their own"
    );
    assert!(!foreign.get("/admin/other-work/connections").body.contains("acme"));
}

#[test]
fn forms_without_the_proof_that_they_are_ours_change_nothing() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let here = draft(&mut olga, "acme-work", "acme-2");
    let before = app.events();
    for path in
        ["edit", "change", "test", "activate", "deactivate", "discard", "accept", "metadata", "links", "links/1/revoke"]
    {
        let answer = olga.post(&format!("{here}/{path}"), &[("csrf", "forged"), ("days", "7")]);
        assert_eq!(answer.header("x-usher-error"), "foreign_form", "{path}: {answer:?}");
    }
    let forged = [("csrf", "forged"), ("idp", "saml"), ("slug", "x"), ("label", "X")];
    let uploaded = olga.upload(&format!("{LIST}/add"), &forged, ("metadata_file", second(&app).as_bytes()));
    assert_eq!(uploaded.header("x-usher-error"), "foreign_form", "{uploaded:?}");
    for path in ["domains", "domains/acme.example/check", "domains/acme.example/remove"] {
        let answer = olga.post(&format!("/admin/acme-work/{path}"), &[("csrf", "forged"), ("domain", "x.example")]);
        assert_eq!(answer.header("x-usher-error"), "foreign_form", "{path}: {answer:?}");
    }
    assert_eq!(app.events(), before);
}

/// A secret goes to the issuer that it was given for, and to no other.
#[test]
fn a_changed_issuer_never_gets_the_secret_of_the_old_one() {
    let op = crate::oidc_support::Op::start();
    let app = crate::oidc_support::app(&op);
    let draft = Connection { status: ConnectionStatus::Draft, ..known(&app, "acme").expect("there") };
    app.change(move |tx| store::connections::update(tx, &draft));
    let mut olga = owner(&app);
    let path = format!("{LIST}/acme/edit");
    let form = olga.get(&path);
    let seen = hidden(&form, "seen");
    assert!(form.body.contains("private_key_jwt") && form.body.contains("value=\"usher\""), "{form:?}");
    let evil = crate::oidc_support::Op::start();
    let fields = |issuer: &str, auth: &str| {
        [("label", "X"), ("seen", seen.as_str()), ("issuer", issuer), ("client_id", "usher"), ("client_auth", auth)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let send = |olga: &mut Browser<'_>, issuer: &str, auth: &str| {
        let fields = fields(issuer, auth);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        olga.post(&path, &fields)
    };
    let refused = send(&mut olga, &evil.issuer, "client_secret_basic");
    assert!(refused.status == 422 && refused.body.contains("id=\"client_secret-problem\""), "{refused:?}");
    assert_eq!(send(&mut olga, &op.issuer, "client_secret_magic").status, 422);
    assert_eq!(send(&mut olga, &op.issuer, "client_secret_post").status, 303, "the present one is kept");
    let Protocol::Oidc(oidc) = known(&app, "acme").expect("there").protocol else { panic!("OpenID Connect") };
    assert!(oidc.client_secret.is_some() && oidc.client_auth.as_str() == "client_secret_post");
}

#[test]
fn an_openid_connection_proves_itself_by_our_own_key_and_keeps_no_secret() {
    let op = crate::oidc_support::Op::start();
    let app = crate::oidc_support::app(&op);
    let mut olga = owner(&app);
    let form = olga.get(&format!("{LIST}/add?idp=oidc")).body;
    assert!(form.contains("/oidc/acme-oidc/callback") && form.contains("value=\"private_key_jwt\""), "{form}");
    let sent = [
        ("idp", "oidc"),
        ("slug", "acme-oidc"),
        ("label", "By key"),
        ("issuer", op.issuer.as_str()),
        ("client_id", "usher"),
        ("client_auth", "private_key_jwt"),
        ("client_secret", "pasted all the same"),
        ("scopes", "openid email groups"),
        ("attribute_groups", "roles"),
    ];
    let wrong: Vec<_> =
        sent.iter().map(|(name, value)| (*name, if *name == "scopes" { "email" } else { value })).collect();
    let refused = olga.post(&format!("{LIST}/add"), &wrong);
    assert!(refused.status == 422 && refused.body.contains("id=\"scopes-problem\""), "{refused:?}");
    assert!(!refused.body.contains("pasted all the same"), "a secret is never shown again");
    assert_eq!(olga.post(&format!("{LIST}/add"), &sent).status, 303);
    let made = known(&app, "acme-oidc").expect("made");
    let Protocol::Oidc(oidc) = &made.protocol else { panic!("{made:?}") };
    assert!(oidc.client_secret.is_none() && oidc.client_auth.as_str() == "private_key_jwt", "{oidc:?}");
    assert_eq!(
        (oidc.scopes.join(" ").as_str(), made.attributes.groups.as_deref()),
        ("openid email groups", Some("roles"))
    );
}

#[test]
fn a_certificate_that_waits_is_accepted_as_it_was_shown_and_by_whoever_governs() {
    let app = TestApp::start();
    let now = app.clock.now();
    let day = std::time::Duration::from_secs(86_400);
    let next = IssuerKey::generate(KeyKind::Rsa, "next", now.minus(day), now.plus(day)).expect("a key");
    let metadata = idp_metadata(IDP, SSO, &[next.certificate_der()]);
    let waits = usher::saml::read_idp_metadata(metadata.as_bytes(), now).expect("metadata");
    let before = known(&app, "acme").expect("there");
    app.change(move |tx| {
        let Protocol::Saml(saml) = before.protocol.clone() else { panic!("SAML") };
        let pending = Some(Box::new(waits.clone()));
        let protocol = Protocol::Saml(usher::connection::SamlSettings { pending, ..saml });
        store::connections::update(tx, &Connection { protocol, ..before.clone() })
    });
    let mut olga = owner(&app);
    let here = format!("{LIST}/acme");
    assert!(olga.get(&here).body.contains(&format!("href=\"{here}/accept\"")));
    let ask = olga.get(&format!("{here}/accept"));
    let shown = hidden(&ask, "shown");
    assert!(ask.body.contains("Certificate to be accepted") && shown.len() == 32, "{ask:?}");
    let other = "0".repeat(32);
    let stale = olga.post(&format!("{here}/accept"), &[("shown", &other)]);
    assert!(stale.status == 409 && stale.body.contains("have changed since"), "{stale:?}");
    assert_eq!(olga.post(&format!("{here}/accept"), &[("shown", &shown)]).status, 303);
    assert_eq!(actor_of(&app, "certificate_accepted").split(':').next(), Some("person"));
    let events = app.events().len();
    assert_eq!(olga.post(&format!("{here}/accept"), &[("shown", &shown)]).status, 409, "nothing waits any more");
    assert_eq!(app.events().len(), events);
}
