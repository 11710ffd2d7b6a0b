//! "Identity and access": what the page shows, and drafts that change nothing (rules B1 to B5, B28, B29, B31).

use usher::connection::ConnectionStatus;
use usher::organization::ProvisioningMode;
use usher::product::ProductKey;
use usher::store;

use crate::pages_render::HOSTILE;
use crate::scim_support::Pushing;
use crate::settings_support::{FRESH, more_organizations, organization, signed_in};
use crate::support::{Answer, Browser, TestApp};

pub const HERE: &str = "/admin/acme-work/identity";

/// An owner of acme-work.
pub fn owner(app: &TestApp) -> Browser<'_> {
    signed_in(app, "acme-work", "olga@acme.example", "owner", FRESH)
}

/// Presses a button of the page, with its fields as given.
pub fn press(olga: &mut Browser<'_>, act: &str, fields: &[(&str, &str)]) -> Answer {
    let mut form = fields.to_vec();
    form.push(("act", act));
    olga.post(HERE, &form)
}

fn drafts(app: &TestApp) -> usize {
    let at = organization(app, "acme-work");
    let editors: Vec<String> = (1..50).map(|n| format!("person:{n}")).chain(["operator".to_owned()]).collect();
    let found = app.db.read(|tx| {
        editors.iter().map(|editor| store::access_drafts::find(tx, at.id, editor)).collect::<Result<Vec<_>, _>>()
    });
    found.expect("readable").iter().flatten().count()
}

#[test]
fn the_page_says_how_things_stand() {
    let app = TestApp::start();
    app.browser().sign_in("anna@acme.example", &["everyone", "premium"], "/");
    app.browser().sign_in("bert@acme.example", &["everyone", "guests"], "/");
    let mut olga = owner(&app);
    let page = olga.get(HERE);
    assert_eq!(page.status, 200, "{page:?}");
    for text in [
        "acme.example",
        "Vouched for",
        "Acme IdP",
        "SAML 2.0",
        "Not offered for this product.",
        "2 people, last seen 2026-11-24",
        "Never seen in a sign-in.",
        "Assign seat types to IdP groups",
        "<td>guests",
    ] {
        assert!(page.body.contains(text), "{text}: {page:?}");
    }
    assert!(page.body.contains("value=\"scim\" id=\"mode-scim\" disabled"), "{page:?}");
    assert!(!page.body.contains("Manage SCIM") && !page.body.contains("Set up SCIM"), "never on a Team plan");
    let german = olga.get(&format!("{HERE}?lang=de")).body;
    assert!(german.contains("Sitztypen IdP-Gruppen zuweisen") && german.contains("SSO verlangen"), "{german}");
}

#[test]
fn b28_a_draft_survives_navigation_and_changes_nothing() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let (before, events) = (organization(&app, "acme-work"), app.events().len());
    let fields = [("mode", "jit"), ("mappings", "on"), ("role-admin", "ops team")];
    let added = press(&mut olga, "add:role:admin", &fields);
    assert_eq!((added.status, added.location()), (303, "/admin/acme-work/identity#of-role-admin"), "{added:?}");
    // Enter in a field sends the first button of the page.
    let kept =
        press(&mut olga, "keep", &[("mode", "jit"), ("mappings", "on"), ("sso", "on"), ("seat-standard", "all")]);
    assert_eq!((kept.status, kept.location()), (303, "/admin/acme-work/identity#mode"), "{kept:?}");
    olga.get("/admin/acme-work/members");
    let page = olga.get(HERE).body;
    assert!(page.contains("You have a draft that is not saved."), "{page}");
    assert!(page.contains("drop:role:admin:ops team") && page.contains("drop:seat:standard:all"), "{page}");
    assert!(page.contains("name=\"sso\" value=\"on\" checked"), "{page}");
    assert_eq!(organization(&app, "acme-work"), before);
    assert_eq!(app.events().len(), events, "nobody's access changed");
    // Of another admin it is none.
    let mut other = signed_in(&app, "acme-work", "otto@acme.example", "owner", FRESH);
    assert!(!other.get(HERE).body.contains("ops team"));
    let dropped = press(&mut olga, "drop:role:admin:ops team", &[("mode", "jit"), ("mappings", "on"), ("sso", "on")]);
    assert_eq!(dropped.location(), "/admin/acme-work/identity#of-role-admin");
    assert!(!olga.get(HERE).body.contains("ops team"));
    assert_eq!(drafts(&app), 1);
    assert_eq!(press(&mut olga, "discard", &[]).status, 303);
    assert!(olga.get(HERE).body.contains("The draft was discarded."));
    assert_eq!(drafts(&app), 0);
}

#[test]
fn a_draft_that_says_what_holds_is_none() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    press(&mut olga, "keep", &[("mode", "manual")]);
    assert_eq!(drafts(&app), 1);
    press(&mut olga, "keep", &[("mode", "jit"), ("mappings", "on")]);
    assert_eq!(drafts(&app), 0);
    let saved = press(&mut olga, "save", &[("mode", "jit"), ("mappings", "on")]);
    assert_eq!((saved.status, saved.location()), (303, HERE), "{saved:?}");
    assert!(olga.get(HERE).body.contains("Nothing had to be changed."));
}

#[test]
fn b5_before_its_preconditions_the_page_names_the_step_and_a_direct_post_changes_nothing() {
    for (missing, text) in [("domain", "Verify a domain"), ("connection", "switch it on")] {
        let app = TestApp::with(|organization| organization.mode = ProvisioningMode::Manual, |_| {});
        let mut olga = owner(&app);
        let parent = app.parent;
        app.change(move |tx| {
            if missing == "domain" {
                for domain in store::domains::of_parent(tx, parent)? {
                    store::domains::remove(tx, domain.id)?;
                }
            } else {
                for mut connection in store::connections::of_parent(tx, parent)? {
                    connection.status = ConnectionStatus::Draft;
                    store::connections::update(tx, &connection)?;
                }
            }
            Ok(())
        });
        let (page, before, events) = (olga.get(HERE), organization(&app, "acme-work"), app.events().len());
        assert!(page.status == 200 && page.body.contains(text), "{missing}: {page:?}");
        assert!(!page.body.contains("name=\"mode\""), "{missing}: nothing to choose: {page:?}");
        for act in ["keep", "save", "add:role:owner"] {
            let answer = press(&mut olga, act, &[("mode", "jit"), ("mappings", "on"), ("role-owner", "o")]);
            assert_eq!(answer.status, 409, "{missing} {act}: {answer:?}");
        }
        assert_eq!((organization(&app, "acme-work"), app.events().len(), drafts(&app)), (before, events, 0));
    }
}

#[test]
fn whoever_may_configure_is_led_to_the_missing_step() {
    let app = TestApp::with(|organization| organization.mode = ProvisioningMode::Manual, |_| {});
    let parent = app.parent;
    app.change(move |tx| {
        let mut known = store::connections::of_parent(tx, parent)?.remove(0);
        known.status = ConnectionStatus::Draft;
        store::connections::update(tx, &known)
    });
    let mut operator = crate::settings_support::operator(&app);
    let page = operator.get(HERE).body;
    assert!(page.contains("href=\"/admin/acme-work/connections/acme\">Do this now"), "{page}");
    assert!(page.contains("href=\"/admin/acme-work/domains\""), "{page}");
}

#[test]
fn b29_scim_is_refused_until_the_identity_provider_has_asked_with_a_token_and_never_on_a_team_plan() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let answer = press(&mut olga, "keep", &[("mode", "scim")]);
    assert!(answer.status == 409 && answer.body.contains("Not offered for this product."), "{answer:?}");
    let app = TestApp::with(|organization| organization.product = ProductKey::new("enterprise-seats"), |_| {});
    let mut olga = owner(&app);
    let answer = press(&mut olga, "keep", &[("mode", "scim")]);
    assert!(answer.status == 409 && answer.body.contains("make a token"), "{answer:?}");
    assert!(answer.body.contains("href=\"/admin/acme-work/directory\">Set up SCIM"), "{answer:?}");
    let directory = Pushing::new(&app);
    let answer = press(&mut olga, "keep", &[("mode", "scim")]);
    assert!(answer.status == 409 && answer.body.contains("has not sent a request"), "{answer:?}");
    assert_eq!(drafts(&app), 0);
    directory.group("Everybody", &[]);
    assert_eq!(press(&mut olga, "keep", &[("mode", "scim")]).status, 303);
    assert_eq!(drafts(&app), 1);
    assert!(olga.get(HERE).body.contains("Manage SCIM"));
}

#[test]
fn b31_in_the_scim_modes_pushed_groups_are_mapped_by_id_and_shown_by_name() {
    let app = TestApp::with(|organization| organization.product = ProductKey::new("enterprise-seats"), |_| {});
    let directory = Pushing::new(&app);
    let id = directory.group("Engineers \"<b>", &[]);
    for _ in 0..2 {
        directory.group("Twins", &[]);
    }
    let mut olga = owner(&app);
    let scim = [("mode", "scim"), ("mappings", "on")];
    let with = |field: &'static str, value: &'static str| [scim[0], scim[1], (field, value)];
    assert_eq!(press(&mut olga, "add:role:admin", &with("role-admin", "Engineers \"<b>")).status, 303);
    let page = olga.get(HERE).body;
    assert!(page.contains(&format!("drop:role:admin:{id}")), "kept by id: {page}");
    assert!(page.contains("Engineers &#34;&#60;b&#62;") && !page.contains("Engineers \"<b>"), "shown by name: {page}");
    for (typed, text) in [("Nobody", "has no group of this name"), ("Twins", "Several groups have this name")] {
        let answer = press(&mut olga, "add:role:user", &with("role-user", typed));
        assert!(answer.status == 422 && answer.body.contains(text), "{typed}: {answer:?}");
        assert!(answer.body.contains(&format!("value=\"{typed}\"")), "what was typed is kept: {answer:?}");
        assert!(answer.body.contains(&format!("drop:role:admin:{id}")), "and so is the draft");
    }
    // Rows of the jit mode that mean no pushed group say so.
    assert!(page.contains("The directory has no such group"), "{page}");
}

#[test]
fn b2_b3_seat_groups_are_shown_only_where_there_is_a_choice() {
    for (product, shown) in
        [("team", true), ("enterprise-usage", true), ("enterprise-single", false), ("console", false)]
    {
        let app = TestApp::with(
            |organization| {
                organization.product = ProductKey::new(product);
                organization.mappings = Default::default();
            },
            |_| {},
        );
        let role = if product == "console" { "admin" } else { "owner" };
        let mut olga = signed_in(&app, "acme-work", "olga@acme.example", role, FRESH);
        let page = olga.get(HERE).body;
        assert_eq!(page.contains("Assign seat types to IdP groups"), shown, "{product}");
        assert_eq!(page.contains("name=\"role-developer\""), product == "console", "{product}: its own roles");
    }
}

#[test]
fn b1_fields_of_another_products_roles_are_not_looked_at() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let fields = [("mode", "jit"), ("mappings", "on"), ("role-developer", "x"), ("seat-chat", "y")];
    assert_eq!(press(&mut olga, "keep", &fields).status, 303);
    assert_eq!(drafts(&app), 0);
}

#[test]
fn hostile_groups_are_shown_as_text_and_huge_pastes_are_refused() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let jit = [("mode", "jit"), ("mappings", "on")];
    press(&mut olga, "keep", &[jit[0], jit[1], ("role-admin", HOSTILE)]);
    app.browser().sign_in("anna@acme.example", &["everyone", HOSTILE], "/");
    let page = olga.get(HERE).body;
    assert!(page.contains("&#60;script&#62;alert(1)") && !page.contains("<script>alert"), "{page}");
    let long = "x".repeat(1025);
    let answer = press(&mut olga, "keep", &[jit[0], jit[1], ("role-admin", &long)]);
    assert!(answer.status == 422 && answer.body.contains("at most 1024 bytes"), "{answer:?}");
    let huge = "x".repeat(70_000);
    assert_eq!(press(&mut olga, "keep", &[jit[0], jit[1], ("role-admin", &huge)]).status, 413);
    for rubbish in [[("mode", "Manual"), ("x", "")], [("mode", "jit\0"), ("x", "")]] {
        assert_eq!(press(&mut olga, "keep", &rubbish).status, 400, "{rubbish:?}");
    }
    for act in ["drop:", "drop:x", "drop:app:wiki:x", "drop:role"] {
        assert_eq!(press(&mut olga, act, &jit).status, 400, "{act}");
    }
    let elsewhere = press(&mut olga, "drop:role:\r\nX-Evil: 1:y", &jit);
    assert_eq!((elsewhere.status, elsewhere.location()), (303, "/admin/acme-work/identity#mode"), "{elsewhere:?}");
}

#[test]
fn another_organizations_admin_neither_sees_nor_drafts_anything() {
    let app = TestApp::start();
    more_organizations(&app);
    for (at, email) in [("other-work", "f@other.example"), ("acme-console", "c@acme.example")] {
        let role = if at == "other-work" { "owner" } else { "admin" };
        let mut foreign = signed_in(&app, at, email, role, FRESH);
        assert_eq!((foreign.get(HERE).status, press(&mut foreign, "keep", &[("mode", "manual")]).status), (404, 404));
    }
    let mut admin = signed_in(&app, "acme-work", "a@acme.example", "admin", FRESH);
    assert_eq!((admin.get(HERE).status, press(&mut admin, "keep", &[("mode", "manual")]).status), (403, 403));
    assert!(!admin.get("/admin/acme-work").body.contains("/identity"), "no link that does nothing");
    assert_eq!(drafts(&app), 0);
}

#[test]
fn b29_a_token_that_has_ended_is_no_token() {
    use usher::clock::Clock as _;
    let app = TestApp::with(|organization| organization.product = ProductKey::new("enterprise-seats"), |_| {});
    let mut olga = owner(&app);
    let (parent, now) = (app.parent, app.clock.now());
    app.change(move |tx| {
        usher::store::scim_tokens::add(
            tx,
            parent,
            "old",
            &[9; 32],
            now.minus(std::time::Duration::from_secs(9)),
            Some(now),
        )?;
        usher::store::directory::note_request(tx, parent, now)
    });
    let answer = press(&mut olga, "keep", &[("mode", "scim")]);
    assert!(answer.status == 409 && answer.body.contains("make a token"), "{answer:?}");
    app.change(move |tx| usher::store::scim_tokens::add(tx, parent, "new", &[8; 32], now, None));
    assert_eq!(press(&mut olga, "keep", &[("mode", "scim")]).status, 303, "the control");
}

#[test]
fn b3_where_there_is_no_choice_of_seats_none_is_mapped_whatever_is_sent() {
    let app = TestApp::with(
        |organization| {
            organization.product = ProductKey::new("enterprise-single");
            organization.mappings = Default::default();
        },
        |_| {},
    );
    let mut olga = owner(&app);
    let fields = [("mode", "jit"), ("mappings", "on"), ("seat-enterprise", "everyone")];
    assert_eq!(press(&mut olga, "keep", &fields).status, 303);
    assert_eq!(drafts(&app), 0);
}

#[test]
fn hostile_mappings_without_end_are_refused() {
    let app = TestApp::with(
        |organization| {
            organization.mappings.roles = (0..499)
                .map(|n| usher::organization::GroupMapping {
                    group: usher::identity::GroupKey::new(&format!("group-{n}")).expect("a group"),
                    gives: usher::product::RoleKey::new("user"),
                })
                .collect();
            organization.mappings.seats = Vec::new();
        },
        |_| {},
    );
    let mut olga = owner(&app);
    let jit = [("mode", "jit"), ("mappings", "on")];
    assert_eq!(press(&mut olga, "keep", &[jit[0], jit[1], ("role-admin", "the-500th")]).status, 303, "the control");
    let answer = press(&mut olga, "keep", &[jit[0], jit[1], ("role-admin", "one-more")]);
    assert!(answer.status == 422 && answer.body.contains("id=\"role-admin-problem\""), "{answer:?}");
}
