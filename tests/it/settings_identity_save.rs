//! Saving under "Identity and access": what the preview says is what then happens (rule B32), guards (B33, B34), and the change that
//! is taken back unless it is confirmed.

use std::collections::BTreeMap;
use std::time::Duration;

use usher::audit::Actor;
use usher::membership::Runs;
use usher::organization::{Member, Organization, ProvisioningMode};
use usher::product::{Catalog, ProductKey};
use usher::store;

use crate::pages_render::HOSTILE;
use crate::scim_support::Pushing;
use crate::settings_identity::{HERE, owner, press};
use crate::settings_support::{FRESH, OLD, member, more_organizations, operator, organization, session, signed_in};
use crate::support::{Answer, Browser, TestApp};

const PREVIEW: &str = "/admin/acme-work/identity/preview";
const CONFIRM: &str = "/admin/acme-work/identity/confirm";
const TAKE_BACK: &str = "/admin/acme-work/identity/take-back";

/// A value out of a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> Option<&'a str> {
    page.split_once(before)?.1.split_once(after).map(|(value, _)| value)
}

fn seen(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{page:?}");
    between(&page.body, "name=\"seen\" value=\"", "\"").expect("what was shown").to_owned()
}

/// What the preview says about each person, page by page.
fn previewed(olga: &mut Browser<'_>) -> BTreeMap<String, String> {
    let (mut all, mut next) = (BTreeMap::new(), Some(PREVIEW.to_owned()));
    while let Some(path) = next {
        let page = olga.get(&path);
        assert_eq!(page.status, 200, "{page:?}");
        let rows = page.body.split("<tr><td>").skip(1).map(|row| row.split("</tr>").next().unwrap_or_default());
        for row in rows.filter(|row| row.contains("class=\"badge")) {
            let cell = row.split("</td>").next().expect("a cell");
            let email = cell.rsplit_once("</a>").map_or(cell, |(link, _)| link.rsplit('>').next().expect("a text"));
            let what = row.split("<span class=\"badge").nth(1).and_then(|rest| between(rest, ">", "</span>"));
            all.insert(email.to_owned(), what.expect("a badge").to_owned());
        }
        next = between(&page.body, "rel=\"next\" href=\"", "\"").map(|href| href.replace("&#38;", "&"));
    }
    all
}

/// Drafts and saves, with the organization's name typed.
fn save(olga: &mut Browser<'_>, fields: &[(&str, &str)]) -> Answer {
    let to = press(olga, "save", fields);
    assert_eq!((to.status, to.location()), (303, PREVIEW), "{to:?}");
    let seen = seen(&olga.get(PREVIEW));
    olga.post(PREVIEW, &[("seen", &seen), ("confirm", "Acme Work")])
}

fn everybody(app: &TestApp) -> BTreeMap<String, Member> {
    let at = organization(app, "acme-work");
    app.change(move |tx| {
        let mut all = BTreeMap::new();
        for member in store::members::standing(tx, at.id)? {
            let person = store::people::by_id(tx, member.person)?.expect("a person");
            all.insert(person.email.to_string(), member);
        }
        Ok(all)
    })
}

/// As the pages say it.
fn words(app: &TestApp, member: &Member) -> String {
    let at = organization(app, "acme-work");
    let catalog = Catalog::built_in();
    let product = catalog.product(&at.product).expect("built in");
    let role = &product.role(&member.role).expect("a role").label;
    match &member.seat {
        Some(seat) => format!("{role}, {}", product.seat_type(seat).expect("a seat type").label),
        None => format!("{role}, No seat"),
    }
}

fn runs(app: &TestApp) -> Runs {
    let clock = app.clock.clone();
    Runs { db: app.db.clone(), catalog: Catalog::built_in(), actor: Actor::System, from: None, clock }
}

/// The detail of the latest event of a kind.
fn last_of(app: &TestApp, kind: &str) -> String {
    let from = (usher::ids::AuditId(0), usher::clock::Timestamp::from_millis(0));
    let all = app.db.read(|tx| store::audit::list(tx, from.0, from.1, 10_000)).expect("readable");
    all.into_iter().rev().find(|event| event.kind == kind).expect("there").detail.to_string()
}

fn count(app: &TestApp, kind: &str) -> usize {
    app.events().iter().filter(|event| *event == kind).count()
}

/// People with groups, who are signed in already.
const PEOPLE: [(&str, &[&str]); 7] = [
    ("olga", &["owners", "everyone"]),
    ("anna", &["everyone", "premium"]),
    ("bert", &["admins", "everyone"]),
    ("cora", &["everyone"]),
    ("dora", &["guests"]),
    ("emil", &["everyone", "guests"]),
    ("fred", &["everyone", "premium", "admins"]),
];

fn sign_all_in(app: &TestApp) {
    for (name, groups) in PEOPLE {
        app.browser().sign_in(&format!("{name}@acme.example"), groups, "/");
    }
}

/// An owner with a session of their own sign-in.
fn olga(app: &TestApp) -> Browser<'_> {
    let mut olga = app.browser();
    olga.sign_in("olga@acme.example", PEOPLE[0].1, "/");
    olga
}

#[test]
fn b32_what_is_previewed_for_jit_happens_at_the_next_sign_in_and_not_before() {
    let cases: [&[(&str, &str)]; 5] = [
        &[("mode", "manual")],
        &[("mode", "jit")],
        &[("mode", "jit"), ("mappings", "on"), ("role-user", "guests")],
        &[("mode", "jit"), ("mappings", "on"), ("role-owner", "everyone"), ("seat-standard", "admins")],
        &[("mode", "jit"), ("mappings", "on"), ("seat-premium", "everyone"), ("sso", "on")],
    ];
    for fields in cases {
        let app = TestApp::start();
        sign_all_in(&app);
        let mut olga = olga(&app);
        let before = everybody(&app);
        press(&mut olga, "save", fields);
        let expected = previewed(&mut olga);
        let saved = save(&mut olga, fields);
        assert_eq!(saved.status, 303, "{fields:?}: {saved:?}");
        assert_eq!(everybody(&app), before, "{fields:?}: nothing at once");
        // In the order in which seats were counted: members by address, then the others.
        let mut names: Vec<_> = PEOPLE.into();
        names.sort_by_key(|(name, _)| (!before.contains_key(&format!("{name}@acme.example")), *name));
        let mut changed = BTreeMap::new();
        for (name, groups) in names {
            let email = format!("{name}@acme.example");
            let answer = app.browser().sign_in(&email, groups, "/");
            let now = everybody(&app);
            let outcome = match (answer.status, now.get(&email)) {
                (303, Some(member))
                    if before.get(&email).is_some_and(|was| was.role == member.role && was.seat == member.seat) =>
                {
                    None
                }
                (303, Some(member)) if before.contains_key(&email) => Some(words(&app, member)),
                (303, Some(member)) => Some(format!("Becomes a member: {}", words(&app, member))),
                (_, Some(_)) => Some("Stays listed".to_owned()),
                (_, None) if before.contains_key(&email) => Some("No longer a member".to_owned()),
                (_, None) => None,
            };
            changed.extend(outcome.map(|outcome| (email, outcome)));
        }
        for (email, outcome) in &changed {
            let said = expected.get(email).unwrap_or_else(|| panic!("{fields:?}: {email} {outcome}: {expected:?}"));
            assert!(said.starts_with(outcome.as_str()), "{fields:?}: {email}: said {said}, was {outcome}");
        }
        for (email, said) in expected
            .iter()
            .filter(|(_, said)| !["Keeps", "Does not", "Waits"].iter().any(|quiet| said.starts_with(quiet)))
        {
            assert!(changed.contains_key(email), "{fields:?}: {email} {said}, and nothing happened");
        }
    }
}

fn enterprise(organization: &mut Organization) {
    organization.product = ProductKey::new("enterprise-seats");
}

/// The same people in a directory, but one.
fn pushed(app: &TestApp, without: &str) -> Pushing {
    let directory = Pushing::new(app);
    let mut members: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, groups) in PEOPLE.into_iter().filter(|(name, _)| *name != without) {
        let id = directory.user(name);
        for group in groups {
            members.entry(group).or_default().push(id.clone());
        }
    }
    for (group, ids) in members {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        directory.group(group, &ids);
    }
    directory
}

#[test]
fn b32_what_is_previewed_for_scim_happens_at_once() {
    let cases: [&[(&str, &str)]; 3] = [
        &[("mode", "scim")],
        &[("mode", "scim"), ("mappings", "on")],
        &[("mode", "scim"), ("mappings", "on"), ("role-user", "guests"), ("seat-standard", "admins")],
    ];
    for fields in cases {
        let app = TestApp::with(enterprise, |_| {});
        sign_all_in(&app);
        pushed(&app, "cora");
        let mut olga = olga(&app);
        press(&mut olga, "save", fields);
        let before = everybody(&app);
        let expected = previewed(&mut olga);
        let page = olga.get(PREVIEW).body;
        assert!(page.contains("This comes at once when you save."), "{page}");
        let saved = save(&mut olga, fields);
        assert_eq!(saved.status, 303, "{fields:?}: {saved:?}");
        let after = everybody(&app);
        for email in PEOPLE.map(|(name, _)| format!("{name}@acme.example")) {
            let said = expected.get(&email).map_or("", String::as_str);
            match (before.get(&email), after.get(&email)) {
                (Some(was), Some(is)) if was.role == is.role && was.seat == is.seat => {
                    let quiet = said.is_empty() || said.starts_with("Keeps") || said.starts_with("Stays listed");
                    assert!(quiet, "{fields:?}: {email}: {said}");
                }
                (Some(_), Some(is)) => assert_eq!(said, words(&app, is), "{fields:?}: {email}"),
                (None, Some(is)) => {
                    assert_eq!(said, format!("Becomes a member: {}", words(&app, is)), "{fields:?}: {email}");
                }
                (Some(_), None) => assert!(said.starts_with("No longer a member"), "{fields:?}: {email}: {said}"),
                (None, None) => assert!(said.is_empty() || said.starts_with("Waits"), "{fields:?}: {email}: {said}"),
            }
        }
        // Rule B20: a member of whom the directory does not know stays listed and is refused.
        assert!(expected["cora@acme.example"].starts_with("Stays listed, refused"), "{expected:?}");
        assert_eq!(app.browser().sign_in("cora@acme.example", &["everyone"], "/").refusal(), "not_provisioned");
    }
}

#[test]
fn b34_a_save_that_would_end_too_many_memberships_says_so_and_halts() {
    let app = TestApp::with(enterprise, |_| {});
    sign_all_in(&app);
    pushed(&app, "nobody");
    let mut olga = olga(&app);
    let to = save(&mut olga, &[("mode", "scim"), ("mappings", "on")]);
    assert_eq!(to.status, 303, "{to:?}");
    let before = everybody(&app);
    for row in ["role:user:everyone", "role:owner:owners"] {
        press(&mut olga, &format!("drop:{row}"), &[("mode", "scim"), ("mappings", "on")]);
    }
    let page = olga.get(PREVIEW);
    assert!(page.body.contains("waits for your approval"), "one that can configure: {page:?}");
    assert!(page.body.contains("people and save") && page.body.contains("Remove"), "{page:?}");
    let saved = olga.post(PREVIEW, &[("seen", &seen(&page)), ("confirm", "Acme Work")]);
    assert_eq!(saved.status, 303, "{saved:?}");
    assert_eq!(everybody(&app), before, "nobody is removed before it is approved");
    let page = olga.get(HERE).body;
    assert!(page.contains("href=\"/admin/acme-work/runs\""), "{page}");
}

#[test]
fn b33_the_organizations_name_is_typed_before_the_editor_or_everybody_is_locked_out() {
    let app = TestApp::start();
    sign_all_in(&app);
    let mut olga = olga(&app);
    press(&mut olga, "drop:role:owner:owners", &[("mode", "jit"), ("mappings", "on")]);
    let before = organization(&app, "acme-work");
    let page = olga.get(PREVIEW);
    assert!(page.body.contains("Nobody is known who could sign in and configure"), "{page:?}");
    let shown = seen(&page);
    for typed in ["", "acme-work", "Acme", "acme work"] {
        let answer = olga.post(PREVIEW, &[("seen", &shown), ("confirm", typed)]);
        assert_eq!(answer.status, 422, "{typed}: {answer:?}");
        assert!(answer.body.contains("id=\"confirm-problem\""), "{answer:?}");
    }
    assert_eq!(organization(&app, "acme-work"), before);
    assert_eq!(olga.post(PREVIEW, &[("seen", &shown), ("confirm", "Acme Work")]).status, 303);
    assert_ne!(organization(&app, "acme-work"), before);
    // Another owner keeps it, and only the editor loses it.
    let app = TestApp::start();
    app.browser().sign_in("otto@acme.example", &["bosses", "owners"], "/");
    sign_all_in(&app);
    let mut olga = self::olga(&app);
    press(&mut olga, "drop:role:owner:owners", &[("mode", "jit"), ("mappings", "on"), ("role-owner", "bosses")]);
    assert!(olga.get(PREVIEW).body.contains("You yourself may not be able"), "{:?}", olga.get(PREVIEW));
}

#[test]
fn b32_a_stale_preview_is_shown_again_and_nothing_is_saved() {
    let app = TestApp::start();
    sign_all_in(&app);
    let mut olga = olga(&app);
    press(&mut olga, "save", &[("mode", "jit"), ("mappings", "on"), ("role-admin", "guests")]);
    let shown = seen(&olga.get(PREVIEW));
    let before = organization(&app, "acme-work");
    // Somebody signs in, and nothing that was shown changes: the preview still holds. Then somebody new does change it.
    app.browser().sign_in("cora@acme.example", &["everyone"], "/");
    app.browser().sign_in("gabi@acme.example", &["everyone", "guests"], "/");
    let answer = olga.post(PREVIEW, &[("seen", &shown), ("confirm", "Acme Work")]);
    assert_eq!(answer.status, 409, "{answer:?}");
    assert!(answer.body.contains("nothing was saved") && answer.body.contains("gabi@acme.example"), "{answer:?}");
    assert_eq!(organization(&app, "acme-work"), before);
    for rubbish in ["", "0", "ffff"] {
        assert_eq!(olga.post(PREVIEW, &[("seen", rubbish), ("confirm", "Acme Work")]).status, 409, "{rubbish}");
    }
    let shown = seen(&olga.get(PREVIEW));
    app.browser().sign_in("cora@acme.example", &["everyone"], "/");
    let answer = olga.post(PREVIEW, &[("seen", &shown), ("confirm", "Acme Work")]);
    assert_eq!(
        (answer.status, answer.location()),
        (303, HERE),
        "a sign-in that changes nothing is no reason: {answer:?}"
    );
    assert_eq!(count(&app, "changed"), 1);
}

#[test]
fn two_admins_and_a_double_submit_apply_nothing_twice() {
    let app = TestApp::start();
    app.browser().sign_in("otto@acme.example", &["owners", "everyone"], "/");
    sign_all_in(&app);
    let mut olga = olga(&app);
    let mut otto = app.browser();
    otto.sign_in("otto@acme.example", &["owners", "everyone"], "/");
    press(&mut olga, "save", &[("mode", "jit"), ("mappings", "on"), ("role-admin", "guests")]);
    press(&mut otto, "save", &[("mode", "jit"), ("mappings", "on"), ("role-user", "guests")]);
    let (hers, his) = (seen(&olga.get(PREVIEW)), seen(&otto.get(PREVIEW)));
    assert_eq!(olga.post(PREVIEW, &[("seen", &hers)]).status, 303);
    let answer = otto.post(PREVIEW, &[("seen", &his)]);
    assert_eq!(answer.status, 409, "what he was shown is against what she has changed: {answer:?}");
    let twice = olga.post(PREVIEW, &[("seen", &hers)]);
    assert_eq!((twice.status, twice.location()), (303, HERE), "{twice:?}");
    assert!(olga.get(HERE).body.contains("Nothing had to be changed."));
    assert_eq!(count(&app, "changed"), 1);
    assert!(otto.get(HERE).body.contains("You have a draft that is not saved."), "his draft is kept");
}

#[test]
fn b5_what_was_drafted_before_its_preconditions_went_is_not_saved() {
    let app = TestApp::with(
        |organization| {
            organization.mode = ProvisioningMode::Manual;
            organization.mappings = Default::default();
        },
        |_| {},
    );
    let mut olga = owner(&app);
    press(&mut olga, "save", &[("mode", "jit")]);
    let shown = seen(&olga.get(PREVIEW));
    let parent = app.parent;
    app.change(move |tx| {
        let domain = store::domains::of_parent(tx, parent)?.remove(0);
        store::domains::remove(tx, domain.id)
    });
    let before = (organization(&app, "acme-work"), app.events().len());
    let answer = olga.post(PREVIEW, &[("seen", &shown), ("confirm", "Acme Work")]);
    assert_eq!(answer.status, 409, "{answer:?}");
    assert_eq!((organization(&app, "acme-work"), app.events().len()), before);
}

#[test]
fn saving_needs_a_fresh_sign_in_identity_and_the_proof_that_the_form_is_ours() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut olga = owner(&app);
    press(&mut olga, "save", &[("mode", "manual")]);
    let shown = seen(&olga.get(PREVIEW));
    let forged = olga.post(PREVIEW, &[("seen", &shown), ("confirm", "Acme Work"), ("csrf", "forged")]);
    assert_eq!(forged.header("x-usher-error"), "foreign_form");
    session(&mut olga, "acme-work", "olga@acme.example", OLD);
    for answer in [olga.get(PREVIEW), olga.post(PREVIEW, &[("seen", &shown)])] {
        assert!(answer.status == 303 && answer.location().starts_with("/account/again"), "{answer:?}");
    }
    let mut admin = signed_in(&app, "acme-work", "a@acme.example", "admin", FRESH);
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    for path in [PREVIEW, TAKE_BACK] {
        assert_eq!(admin.post(path, &[("seen", &shown)]).status, 403, "{path}");
        assert_eq!(foreign.post(path, &[("seen", &shown)]).status, 404, "{path}");
    }
    assert_eq!((admin.get(CONFIRM).status, foreign.get(CONFIRM).status), (200, 404));
    assert_eq!(organization(&app, "acme-work").mode, ProvisioningMode::Jit { group_mappings: true });
}

/// Cora is an owner by hand, and her groups say that she is a user: mappings that are switched on take it from her.
fn manual_with_two_owners() -> TestApp {
    let app = TestApp::start();
    sign_all_in(&app);
    let cora = everybody(&app)["cora@acme.example"].clone();
    let manual = Organization { mode: ProvisioningMode::Manual, ..organization(&app, "acme-work") };
    app.change(move |tx| {
        store::organizations::update(tx, &manual)?;
        let cora = Member { role: usher::product::RoleKey::new("owner"), ..cora.clone() };
        assert!(store::members::put(tx, &cora)?);
        Ok(())
    });
    app
}

const MAPPED: [(&str, &str); 2] = [("mode", "jit"), ("mappings", "on")];

#[test]
fn a_change_that_takes_identity_is_taken_back_unless_somebody_signs_in_and_confirms_it() {
    let mut app = manual_with_two_owners();
    let before = organization(&app, "acme-work");
    {
        let mut olga = olga(&app);
        press(&mut olga, "save", &MAPPED);
        assert!(olga.get(PREVIEW).body.contains("takes the right to configure from one person"));
        let saved = save(&mut olga, &MAPPED);
        assert_eq!((saved.status, saved.location()), (303, CONFIRM), "{saved:?}");
        assert_eq!(count(&app, "settings_on_probation"), 1);
        let page = olga.get(CONFIRM).body;
        assert!(page.contains("in 10 minutes") && page.contains("Sign in once more"), "{page}");
        assert!(!page.contains("The new settings stay"), "her sign-in is older than the change");
        assert!(olga.get("/admin/acme-work").body.contains("is taken back in 10 minutes"));
        assert!(olga.get(HERE).body.contains("A change waits to be confirmed"));
        // Cora signs in under the new rules, and is an owner no more.
        app.browser().sign_in("cora@acme.example", &["everyone"], "/");
        assert_eq!(everybody(&app)["cora@acme.example"].role.as_str(), "user");
        // Nothing else is saved meanwhile.
        press(&mut olga, "save", &[("mode", "jit")]);
        let shown = seen(&olga.get(PREVIEW));
        assert_eq!(olga.post(PREVIEW, &[("seen", &shown), ("confirm", "Acme Work")]).status, 409);
    }
    app.clock.advance(Duration::from_secs(599));
    assert_eq!(runs(&app).take_back_due().expect("looked"), 0, "not yet");
    app.clock.advance(Duration::from_secs(1));
    app.restart();
    // The task of the server may be quicker.
    let _ = runs(&app).take_back_due().expect("taken back");
    assert_eq!(organization(&app, "acme-work"), before);
    let cora = &everybody(&app)["cora@acme.example"];
    assert_eq!((cora.role.as_str(), cora.seat.as_ref().map(|seat| seat.as_str())), ("owner", Some("standard")));
    assert_eq!((count(&app, "settings_taken_back"), count(&app, "settings_confirmed")), (1, 0));
    let told = last_of(&app, "member_changed");
    assert!(told.contains("undone") && told.contains("owner/standard"), "b43: {told}");
    assert_eq!(runs(&app).take_back_due().expect("looked"), 0, "once");
}

#[test]
fn whoever_signs_in_under_the_new_rules_confirms_and_nobody_else_does() {
    let app = manual_with_two_owners();
    let mut olga = olga(&app);
    assert_eq!(save(&mut olga, &MAPPED).location(), CONFIRM);
    let again = olga.post(CONFIRM, &[]);
    assert!(again.status == 303 && again.location().starts_with("/account/again?"), "too old: {again:?}");
    let mut operator = operator(&app);
    assert_eq!(operator.post(CONFIRM, &[]).status, 403, "a link from the shell proves nothing");
    app.clock.advance(Duration::from_secs(30));
    // Emil is a member, and administers nothing; Bert is an admin without identity.
    let mut emil = app.browser();
    emil.sign_in("emil@acme.example", PEOPLE[5].1, "/");
    assert_eq!(emil.post(CONFIRM, &[]).status, 403);
    let mut bert = app.browser();
    bert.sign_in("bert@acme.example", PEOPLE[2].1, "/");
    let page = bert.get(CONFIRM).body;
    assert!(page.contains("Confirm: the new settings stay") && !page.contains("Take back now"), "{page}");
    let forged = bert.post(CONFIRM, &[("csrf", "forged")]);
    assert_eq!(forged.header("x-usher-error"), "foreign_form");
    assert_eq!(bert.post(CONFIRM, &[]).status, 303);
    assert!(bert.get(CONFIRM).body.contains("Confirmed: the new settings stay."));
    assert_eq!(count(&app, "settings_confirmed"), 1);
    assert_eq!(bert.post(CONFIRM, &[]).status, 303, "twice is once");
    assert_eq!(count(&app, "settings_confirmed"), 1);
    app.clock.advance(Duration::from_secs(3600));
    assert_eq!(runs(&app).take_back_due().expect("looked"), 0);
    assert_eq!(organization(&app, "acme-work").mode, ProvisioningMode::Jit { group_mappings: true });
}

#[test]
fn an_owner_takes_the_change_back_before_its_time_and_the_late_confirmation_comes_to_nothing() {
    let app = manual_with_two_owners();
    let mut olga = olga(&app);
    let before = organization(&app, "acme-work");
    save(&mut olga, &MAPPED);
    let answer = olga.post(TAKE_BACK, &[]);
    assert_eq!((answer.status, answer.location()), (303, HERE), "{answer:?}");
    assert!(olga.get(HERE).body.contains("Taken back: the old settings hold again."));
    assert_eq!(organization(&app, "acme-work"), before);
    app.clock.advance(Duration::from_secs(5));
    let mut again = self::olga(&app);
    assert_eq!(again.post(CONFIRM, &[]).status, 303);
    assert_eq!((count(&app, "settings_confirmed"), count(&app, "settings_taken_back")), (0, 1));
    assert_eq!(again.post(TAKE_BACK, &[]).status, 303);
    assert_eq!(count(&app, "settings_taken_back"), 1, "once");
}

#[test]
fn a_confirmation_that_comes_when_the_time_is_over_confirms_nothing() {
    let app = manual_with_two_owners();
    let before = organization(&app, "acme-work");
    save(&mut olga(&app), &MAPPED);
    app.clock.advance(Duration::from_secs(600));
    let mut late = olga(&app);
    assert_eq!(late.post(CONFIRM, &[]).status, 303);
    assert_eq!(count(&app, "settings_confirmed"), 0);
    // The task of the server may be quicker.
    let _ = runs(&app).take_back_due().expect("taken back");
    assert_eq!(organization(&app, "acme-work"), before);
}

#[test]
fn who_was_removed_by_hand_meanwhile_does_not_come_back_with_the_old_settings() {
    let app = manual_with_two_owners();
    let cora = everybody(&app)["cora@acme.example"].person;
    save(&mut olga(&app), &MAPPED);
    let (at, now) = (organization(&app, "acme-work").id, usher::clock::Clock::now(&*app.clock));
    app.change(move |tx| store::members::end(tx, at, cora, "removed_by_hand", now).map(drop));
    app.clock.advance(Duration::from_secs(600));
    let _ = runs(&app).take_back_due().expect("taken back");
    assert_eq!(count(&app, "settings_taken_back"), 1);
    assert!(!everybody(&app).contains_key("cora@acme.example"), "removed is removed");
}

#[test]
fn what_somebodys_hand_has_changed_meanwhile_stands_beside_the_old_settings() {
    for (what, value, expected) in [("role", "admin", ("admin", "standard")), ("seat", "", ("owner", "-"))] {
        let app = manual_with_two_owners();
        let mut olga = olga(&app);
        assert_eq!(save(&mut olga, &MAPPED).location(), CONFIRM);
        app.clock.advance(Duration::from_secs(1));
        let cora = everybody(&app)["cora@acme.example"].person;
        let id = app.change(move |tx| store::people::by_id(tx, cora)).expect("Cora").public_id;
        let set = olga.post(&format!("/admin/acme-work/members/{id}/{what}"), &[(what, value)]);
        assert_eq!(set.status, 303, "{what}: {set:?}");
        app.browser().sign_in("cora@acme.example", &["everyone"], "/");
        app.clock.advance(Duration::from_secs(600));
        let _ = runs(&app).take_back_due().expect("taken back");
        assert_eq!(count(&app, "settings_taken_back"), 1, "{what}");
        let cora = &everybody(&app)["cora@acme.example"];
        let held = (cora.role.as_str(), cora.seat.as_ref().map_or("-", |seat| seat.as_str()));
        assert_eq!(held, expected, "{what}: by hand since; the other as before");
    }
}

#[test]
fn who_waits_for_a_seat_meanwhile_is_a_member_again_and_waits_no_more() {
    let app = manual_with_two_owners();
    assert_eq!(save(&mut olga(&app), &MAPPED).location(), CONFIRM);
    let mut cora = app.browser();
    assert_eq!(cora.sign_in("cora@acme.example", &["elsewhere"], "/").refusal(), "no_group_access");
    for n in 0..5 {
        app.browser().sign_in(&format!("more{n}@acme.example"), &["everyone"], "/");
    }
    assert_eq!(cora.sign_in("cora@acme.example", &["everyone"], "/").refusal(), "no_free_seat");
    app.clock.advance(Duration::from_secs(600));
    let _ = runs(&app).take_back_due().expect("taken back");
    assert_eq!(count(&app, "settings_taken_back"), 1);
    let known = everybody(&app)["cora@acme.example"].clone();
    assert_eq!((known.role.as_str(), known.seat), ("owner", None), "her seat has gone to somebody else");
    let at = organization(&app, "acme-work").id;
    assert_eq!(app.change(move |tx| store::waiting::find(tx, at, known.person)), None);
}

#[test]
fn a_change_in_scim_is_taken_back_with_what_its_run_did() {
    let app = TestApp::with(enterprise, |_| {});
    sign_all_in(&app);
    pushed(&app, "nobody");
    let mut olga = olga(&app);
    let scim = [("mode", "scim"), ("mappings", "on")];
    assert_eq!(save(&mut olga, &scim).location(), HERE);
    let (before, members) = (organization(&app, "acme-work"), everybody(&app));
    // Everyone's group gives the role, and the owners' no longer does: Olga is a user at once.
    press(&mut olga, "drop:role:owner:owners", &scim);
    let shown = seen(&olga.get(PREVIEW));
    let saved = olga.post(PREVIEW, &[("seen", &shown), ("confirm", "Acme Work")]);
    assert_eq!(saved.status, 303, "{saved:?}");
    assert_eq!(everybody(&app)["olga@acme.example"].role.as_str(), "user", "at once");
    assert_eq!(olga.get(HERE).status, 403, "and is no owner any more");
    app.clock.advance(Duration::from_secs(601));
    let _ = runs(&app).take_back_due().expect("taken back");
    assert_eq!(organization(&app, "acme-work"), before);
    let now = everybody(&app);
    let held = |all: &BTreeMap<String, Member>| {
        all.iter().map(|(email, one)| (email.clone(), one.role.clone(), one.seat.clone())).collect::<Vec<_>>()
    };
    assert_eq!(held(&now), held(&members));
    assert_eq!((count(&app, "settings_taken_back"), count(&app, "sync_undone")), (1, 1));
}

/// How the identity provider lets Olga go while the change waits.
fn olga_is_let_go_meanwhile(how: impl FnOnce(&Pushing, &str)) {
    let app = TestApp::with(enterprise, |_| {});
    sign_all_in(&app);
    let directory = pushed(&app, "nobody");
    let mut olga = olga(&app);
    let scim = [("mode", "scim"), ("mappings", "on")];
    assert_eq!(save(&mut olga, &scim).location(), HERE);
    let before = organization(&app, "acme-work");
    press(&mut olga, "drop:role:owner:owners", &scim);
    let shown = seen(&olga.get(PREVIEW));
    assert_eq!(olga.post(PREVIEW, &[("seen", &shown), ("confirm", "Acme Work")]).status, 303);
    let found = directory.list("/Users", &[("filter", "userName eq \"olga@acme.example\"")]);
    let id = found.is(200)["Resources"][0]["id"].as_str().expect("Olga").to_owned();
    how(&directory, &id);
    assert!(!everybody(&app).contains_key("olga@acme.example"), "at once");
    app.clock.advance(Duration::from_secs(601));
    let _ = runs(&app).take_back_due().expect("taken back");
    assert_eq!(organization(&app, "acme-work"), before);
    assert!(!everybody(&app).contains_key("olga@acme.example"), "the directory's word outlives the old settings");
}

#[test]
fn who_is_deleted_from_the_directory_meanwhile_does_not_come_back_with_the_old_settings() {
    olga_is_let_go_meanwhile(|directory, id| {
        assert_eq!(directory.delete(&format!("/Users/{id}")).status, 204);
    });
}

#[test]
fn who_is_switched_off_in_the_directory_meanwhile_does_not_come_back_with_the_old_settings() {
    olga_is_let_go_meanwhile(|directory, id| {
        let off = serde_json::json!([{ "op": "replace", "path": "active", "value": false }]);
        assert_eq!(directory.patch(&format!("/Users/{id}"), off).status, 200);
    });
}

#[test]
fn settings_that_a_file_has_written_over_are_not_taken_back() {
    let app = manual_with_two_owners();
    let mut olga = olga(&app);
    save(&mut olga, &MAPPED);
    let mut other = organization(&app, "acme-work");
    other.mode = ProvisioningMode::Jit { group_mappings: false };
    let written = other.clone();
    app.change(move |tx| store::organizations::update(tx, &written));
    app.clock.advance(Duration::from_secs(601));
    let _ = runs(&app).take_back_due().expect("looked");
    assert_eq!(organization(&app, "acme-work"), other);
    assert_eq!(runs(&app).take_back_due().expect("looked"), 0, "it waits no more");
    assert_eq!((count(&app, "settings_overtaken"), count(&app, "settings_taken_back")), (1, 0));
}

#[test]
fn hostile_groups_and_many_people_in_a_preview() {
    let app = TestApp::start();
    sign_all_in(&app);
    for n in 0..120 {
        let email = format!("many{n:03}@acme.example");
        member(&app, "acme-work", &email, "user", None);
    }
    let mut olga = olga(&app);
    press(&mut olga, "keep", &[("mode", "manual"), ("role-owner", HOSTILE)]);
    let page = olga.get(PREVIEW).body;
    assert!(page.contains("&#60;script&#62;alert(1)") && !page.contains("<script>alert"), "{page}");
    let all = previewed(&mut olga);
    assert!(all.keys().filter(|email| email.starts_with("many")).count() == 120, "{}", all.len());
    for after in ["0.x", "9", "\u{e4}", "%00", "-1.%27--"] {
        assert_eq!(olga.get(&format!("{PREVIEW}?after={after}")).status, 200, "{after}");
    }
    assert!(olga.get(&format!("{PREVIEW}?lang=de")).body.contains("Was das Speichern \u{e4}ndern w\u{fc}rde"));
    assert!(olga.get(&format!("{CONFIRM}?lang=de")).body.contains("Keine \u{c4}nderung wartet"));
}

#[test]
fn every_kind_of_effect_is_counted_in_every_language() {
    for language in usher::web::language::Language::ALL {
        for word in usher::provisioning::Consequence::WORDS {
            assert!(language.texts().has(&format!("foreseen-count-{}", word.replace('_', "-"))), "{word}");
        }
    }
}
