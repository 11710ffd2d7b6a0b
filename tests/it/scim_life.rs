//! S.life: what a push leads to is in effect when it is answered. Leavers have no session, newcomers are members without signing in.

use serde_json::json;
use usher::organization::ProvisioningMode;
use usher::product::ProductKey;
use usher::store;

use crate::scim_support::Pushing;
use crate::support::{TestApp, WIKI};

fn app(group_mappings: bool) -> TestApp {
    TestApp::with(
        move |organization| {
            organization.product = ProductKey::new("enterprise-seats");
            organization.mode = ProvisioningMode::Scim { group_mappings };
        },
        |_| {},
    )
}

/// Signed in, and let through to the application.
fn inside<'a>(app: &'a TestApp, name: &str) -> crate::support::Browser<'a> {
    let mut browser = app.browser();
    let answer = browser.sign_in(&format!("{name}@acme.example"), &[], "/");
    assert_eq!(answer.refusal(), "", "{answer:?}");
    assert_eq!(browser.forward("/auth/forward", &format!("{WIKI}/")).status, 200);
    browser
}

fn is_out(browser: &mut crate::support::Browser<'_>) -> bool {
    let asked = browser.forward("/auth/forward", &format!("{WIKI}/"));
    let account = browser.get("/account");
    asked.status == 302 && account.location().starts_with("/sign-in")
}

#[test]
fn b18_a_pushed_user_is_a_member_before_anybody_signed_in() {
    let app = app(false);
    let ours = Pushing::new(&app);
    ours.user("anna");
    let organization = app.organization;
    let members = app.db.read(|tx| store::members::of_organization(tx, organization)).expect("readable");
    assert_eq!(members.len(), 1);
    assert_eq!(
        (members[0].role.as_str(), members[0].seat.as_ref().map(|seat| seat.as_str())),
        ("user", Some("premium"))
    );
    inside(&app, "anna");
    let mut otto = app.browser();
    assert_eq!(otto.sign_in("otto@acme.example", &[], "/").refusal(), "not_provisioned");
}

#[test]
fn s_life_deactivate_kills_session() {
    let app = app(false);
    let ours = Pushing::new(&app);
    let anna = format!("/Users/{}", ours.user("anna"));
    for (off, on) in [
        (
            json!([{ "op": "Replace", "path": "active", "value": "False" }]),
            json!([{ "op": "Replace", "path": "active", "value": "True" }]),
        ),
        (
            json!([{ "op": "replace", "value": { "active": false } }]),
            json!([{ "op": "replace", "value": { "active": true } }]),
        ),
    ] {
        let mut browser = inside(&app, "anna");
        assert_eq!(ours.patch(&anna, off).is(200)["active"], false);
        assert!(is_out(&mut browser), "before the response was sent");
        assert_eq!(app.browser().sign_in("anna@acme.example", &[], "/").refusal(), "suspended");
        assert_eq!(ours.patch(&anna, on).is(200)["active"], true);
    }
    let mut browser = inside(&app, "anna");
    let put = json!({ "userName": "anna@acme.example", "active": false, "emails": [{ "value": "anna@acme.example" }] });
    ours.put(&anna, put).is(200);
    assert!(is_out(&mut browser));
}

#[test]
fn s_life_delete_kills_session() {
    let app = app(false);
    let ours = Pushing::new(&app);
    let anna = ours.user("anna");
    let mut browser = inside(&app, "anna");
    ours.delete(&format!("/Users/{anna}")).is(204);
    assert!(is_out(&mut browser));
    for answered in [
        ours.get(&format!("/Users/{anna}")),
        ours.put(&format!("/Users/{anna}"), json!({ "userName": "anna" })),
        ours.patch(&format!("/Users/{anna}"), json!([{ "op": "replace", "path": "active", "value": true }])),
        ours.delete(&format!("/Users/{anna}")),
    ] {
        answered.fails(404, "");
    }
    assert_eq!(app.browser().sign_in("anna@acme.example", &[], "/").refusal(), "not_provisioned");
    let again = ours.user("anna");
    assert_ne!(again, anna, "an id is never given twice");
}

#[test]
fn b19_groups_rule_at_once_and_a_lost_group_kills_the_session() {
    let app = app(true);
    let ours = Pushing::new(&app);
    let anna = ours.user("anna");
    assert_eq!(
        app.browser().sign_in("anna@acme.example", &["owners"], "/").refusal(),
        "no_group_access",
        "B20: the directory's groups"
    );
    let (everyone, admins) = (ours.group("everyone", &[&anna]), ours.group("admins", &[]));
    let role = |_: &str| {
        let organization = app.organization;
        let members = app.db.read(|tx| store::members::of_organization(tx, organization)).expect("readable");
        members
            .iter()
            .filter(|member| member.is_active())
            .map(|member| member.role.to_string())
            .collect::<Vec<_>>()
            .join(",")
    };
    assert_eq!(role("in a mapped group"), "user");
    let mut browser = inside(&app, "anna");
    let member = json!([{ "value": anna }]);
    ours.patch(&format!("/Groups/{admins}"), json!([{ "op": "Add", "path": "members", "value": member }])).is(204);
    assert_eq!(role("promoted"), "admin");
    assert_eq!(browser.forward("/auth/forward", &format!("{WIKI}/")).header("x-usher-role"), "admin", "B41");
    ours.patch(&format!("/Groups/{admins}"), json!([{ "op": "replace", "path": "displayName", "value": "crew" }]))
        .is(204);
    assert_eq!(role("renamed"), "admin", "a mapping holds on to the id");
    ours.delete(&format!("/Groups/{admins}")).is(204);
    assert_eq!(role("demoted"), "user");
    assert!(!is_out(&mut browser), "still a member");
    ours.patch(&format!("/Groups/{everyone}"), json!([{ "op": "Remove", "path": "members", "value": member }])).is(204);
    assert_eq!(role("in none"), "");
    assert!(is_out(&mut browser));
}

#[test]
fn s_mass_group_name_squat() {
    let app = app(true);
    let ours = Pushing::new(&app);
    let (anna, eve) = (ours.user("anna"), ours.user("eve"));
    let owners = ours.group("owners", &[&anna]);
    ours.patch(&format!("/Groups/{owners}"), json!([{ "op": "replace", "path": "displayName", "value": "bosses" }]))
        .is(204);
    // Rule B31: the mapping means the group that had this name when it was bound, not whoever takes the name later.
    ours.group("owners", &[&eve]);
    let organization = app.organization;
    let members = app.db.read(|tx| store::members::of_organization(tx, organization)).expect("readable");
    let active: Vec<_> = members.iter().filter(|member| member.is_active()).collect();
    assert_eq!(active.len(), 1, "{active:?}");
    assert_eq!(active[0].role.as_str(), "owner");
}

#[test]
fn b21_in_other_modes_a_push_changes_the_directory_only() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let anna = ours.user("anna");
    ours.group("everyone", &[&anna]);
    let organization = app.organization;
    let members = app.db.read(|tx| store::members::of_organization(tx, organization)).expect("readable");
    assert_eq!(members.len(), 0);
    let mut browser = app.browser();
    assert_eq!(browser.sign_in("anna@acme.example", &["everyone"], "/").refusal(), "");
    ours.delete(&format!("/Users/{anna}")).is(204);
    assert_eq!(browser.forward("/auth/forward", &format!("{WIKI}/")).status, 200, "jit: the directory does not remove");
}

/// What the application is told of the person's groups: the header, and the signed one.
fn told_groups(browser: &mut crate::support::Browser<'_>) -> (String, serde_json::Value) {
    use base64::Engine as _;
    let told = browser.forward("/auth/forward", &format!("{WIKI}/"));
    assert_eq!(told.status, 200, "{told:?}");
    let signed = told.header("x-usher-assertion");
    let claims = signed.split('.').nth(1).expect("a JWT");
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).expect("base64");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
    (told.header("remote-groups").to_owned(), claims["groups"].clone())
}

#[test]
fn b20_b41_applications_are_told_the_directorys_groups_and_each_change_at_the_next_request() {
    let app = app(false);
    let ours = Pushing::new(&app);
    let (anna, bert) = (ours.user("anna"), ours.user("bert"));
    let mut browser = app.browser();
    browser.sign_in("anna@acme.example", &["asserted"], "/");
    assert_eq!(told_groups(&mut browser), ("-".to_owned(), json!([])), "never what the assertion says");
    let crew = ours.group("Crew", &[&anna, &bert]);
    assert_eq!(told_groups(&mut browser), ("Crew".to_owned(), json!(["Crew"])));
    let path = format!("/Groups/{crew}");
    ours.patch(&path, json!([{ "op": "replace", "path": "displayName", "value": "Deck, lower" }])).is(204);
    assert_eq!(told_groups(&mut browser), ("-".to_owned(), json!(["Deck, lower"])), "renamed; a comma only in the JWT");
    ours.patch(&path, json!([{ "op": "replace", "path": "displayName", "value": "Deck" }])).is(204);
    let bridge = ours.group("Bridge", &[&anna]);
    assert_eq!(told_groups(&mut browser).0, "Bridge,Deck");
    ours.patch(&path, json!([{ "op": "remove", "path": "members", "value": [{ "value": anna }] }])).is(204);
    assert_eq!(told_groups(&mut browser).0, "Bridge", "out of one group");
    ours.put(&path, json!({ "displayName": "Deck", "members": [{ "value": anna }] })).is(200);
    assert_eq!(told_groups(&mut browser).0, "Bridge,Deck");
    ours.delete(&format!("/Groups/{bridge}")).is(204);
    assert_eq!(told_groups(&mut browser).0, "Deck", "the group is gone");
    ours.patch(&format!("/Users/{bert}"), json!([{ "op": "replace", "path": "title", "value": "Mate" }])).is(200);
    assert_eq!(told_groups(&mut browser).0, "Deck");
}

#[test]
fn b20_whoever_was_a_member_before_the_directory_counted_is_told_its_groups_without_signing_in_again() {
    let app = TestApp::with(
        |organization| {
            organization.product = ProductKey::new("enterprise-seats");
            organization.mode = ProvisioningMode::Jit { group_mappings: false };
        },
        |_| {},
    );
    let ours = Pushing::new(&app);
    let mut browser = app.browser();
    browser.sign_in("anna@acme.example", &["asserted"], "/");
    let anna = ours.user("anna");
    ours.group("Crew", &[&anna]);
    assert_eq!(told_groups(&mut browser).0, "asserted", "just in time: what the sign-in said");
    let id = app.organization;
    app.change(move |tx| {
        let mut work = store::organizations::by_id(tx, id)?.expect("there");
        work.mode = ProvisioningMode::Scim { group_mappings: false };
        store::organizations::update(tx, &work)
    });
    let runs = usher::membership::Runs {
        db: app.db.clone(),
        catalog: usher::product::Catalog::built_in(),
        actor: usher::audit::Actor::System,
        from: None,
        clock: app.clock.clone(),
    };
    runs.sync_now(id).expect("synced");
    assert_eq!(told_groups(&mut browser).0, "Crew");
}
