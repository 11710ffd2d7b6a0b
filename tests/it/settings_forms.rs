//! What the forms of the settings pages do, and that each leaves its trace (rules B1, B23, B26, B33, B36, B43).

use std::collections::BTreeMap;

use usher::organization::Member;
use usher::store;

use crate::routes::routes;
use crate::settings_support::{FRESH, attempt, member, more_organizations, organization, session, signed_in};
use crate::support::{Answer, Browser, TestApp};

/// Forms that need a directory; `settings_directory.rs` sends each, twice, and looks for its event.
const OF_THE_DIRECTORY: [&str; 6] = [
    "/admin/{organization}/runs",
    "/admin/{organization}/runs/{run}/approve",
    "/admin/{organization}/runs/{run}/dismiss",
    "/admin/{organization}/runs/{run}/undo",
    "/admin/{organization}/directory/tokens",
    "/admin/{organization}/directory/tokens/{token}/revoke",
];

/// Forms about what belongs to the parent; `settings_connections.rs` and `setup_links.rs` send each, twice where that could do
/// something twice, and look for its event.
const OF_THE_PARENT: [&str; 2] = ["/admin/{organization}/connections", "/admin/{organization}/domains"];

/// A good form for every route that takes one. `p-sample` is a user without a seat, signed in once.
fn good_forms() -> BTreeMap<&'static str, Vec<(&'static str, &'static str)>> {
    BTreeMap::from([
        (
            "/admin/{organization}/members/add",
            vec![("email", "new@acme.example"), ("role", "user"), ("seat", "standard")],
        ),
        ("/admin/{organization}/members/{person}/role", vec![("role", "admin")]),
        ("/admin/{organization}/members/{person}/seat", vec![("seat", "premium")]),
        ("/admin/{organization}/members/{person}/sessions", vec![("session", "all")]),
        ("/admin/{organization}/members/{person}/remove", vec![]),
        ("/admin/{organization}/members/{person}/suspend", vec![]),
        ("/admin/{organization}/members/{person}/relink/{connection}", vec![("seen", "")]),
        ("/admin/{organization}/members/sessions/end", vec![]),
        ("/admin/{organization}/parent", vec![("restrict", "on")]),
        ("/admin/{organization}/billing", vec![("seat", "standard"), ("seen", "3"), ("bought", "7")]),
        ("/admin/{organization}/identity", vec![("mode", "manual"), ("act", "keep")]),
        (
            "/admin/{organization}/applications/add",
            vec![("name", "Board"), ("slug", "board"), ("url", "https://board.example"), ("headers", "usher")],
        ),
        (
            "/admin/{organization}/applications/{application}/edit",
            vec![("name", "Other"), ("url", "https://other.example"), ("headers", "usher"), ("seen", "")],
        ),
        ("/admin/{organization}/applications/{application}/remove", vec![]),
    ])
}

/// With the mark of what the form's page was filled from, where it has one.
fn filled(browser: &mut Browser<'_>, path: &str, form: &[(&'static str, &'static str)]) -> Vec<(&'static str, String)> {
    let page = if form.contains(&("seen", "")) { browser.get(path).body } else { String::new() };
    let mark = page.split("name=\"seen\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    form.iter()
        .map(|(name, value)| (*name, if *name == "seen" && value.is_empty() { mark } else { value }.to_owned()))
        .collect()
}

/// Forms that change a draft of one's own: nobody's access, so nothing for the log (rule B28).
const DRAFTS: [&str; 1] = ["/admin/{organization}/identity"];

/// Forms that lead nowhere without what was shown before: `settings_identity_save.rs` looks for their events.
/// And those that need an organization of another parent (`settings_parent.rs`), or somebody who is suspended (`settings_switches.rs`).
const TOLD_ELSEWHERE: [&str; 9] = [
    "/admin/{organization}/parent/join",
    "/admin/{organization}/parent/leave",
    "/admin/{organization}/parent/withdraw",
    "/admin/{organization}/parent/codes",
    "/admin/{organization}/parent/proposals/{proposal}",
    "/admin/{organization}/members/{person}/resume",
    "/admin/{organization}/identity/preview",
    "/admin/{organization}/identity/confirm",
    "/admin/{organization}/identity/take-back",
];

fn path(route: &str) -> String {
    let path = route.replace("{organization}", "acme-work").replace("{person}", "p-sample");
    path.replace("{application}", "wiki").replace("{connection}", "acme")
}

/// acme-work with an owner's browser and a sample user who is signed in.
fn owner(app: &TestApp) -> Browser<'_> {
    member(app, "acme-work", "sample@acme.example", "user", None);
    let mut sample = app.browser();
    session(&mut sample, "acme-work", "sample@acme.example", FRESH);
    signed_in(app, "acme-work", "olga@acme.example", "owner", FRESH)
}

fn standing(app: &TestApp, who: &str) -> Option<Member> {
    let (at, email) = (organization(app, "acme-work"), usher::identity::EmailAddress::parse(who).expect("an address"));
    app.change(move |tx| match store::people::by_email(tx, at.parent, &email)? {
        Some(person) => store::members::find(tx, at.id, person.id),
        None => Ok(None),
    })
}

fn held(app: &TestApp, who: &str) -> String {
    standing(app, who).filter(Member::is_active).map_or("nobody".to_owned(), |member| {
        format!("{}/{}", member.role, member.seat.map_or("-".to_owned(), |seat| seat.to_string()))
    })
}

/// The text of the page that a form leads to.
fn followed(browser: &mut Browser<'_>, answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{answer:?}");
    let location = answer.location().to_owned();
    let page = browser.get(&location);
    assert_eq!(page.status, 200, "{page:?}");
    page.body
}

#[test]
fn b43_every_form_of_the_settings_pages_leaves_an_audit_event() {
    let forms = good_forms();
    for (method, route, access) in routes() {
        let elsewhere = OF_THE_DIRECTORY.contains(&route.as_str()) || TOLD_ELSEWHERE.contains(&route.as_str());
        let elsewhere = elsewhere || OF_THE_PARENT.iter().any(|path| route.starts_with(path));
        if method != "POST" || !access.starts_with("admin") || elsewhere {
            continue;
        }
        let Some(form) = forms.get(route.as_str()) else { panic!("{route} needs a good form in this test") };
        let app = TestApp::start();
        let mut olga = owner(&app);
        let before = app.events().len();
        let filled = filled(&mut olga, &path(&route), form);
        let form: &[(&str, &str)] = &filled.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
        let answer = olga.post(&path(&route), form);
        assert_eq!(answer.status, 303, "{route}: {answer:?}");
        let all = app.events();
        assert_eq!(all.len() > before, !DRAFTS.contains(&route.as_str()), "{route} and its event");
        // What is sent twice is done once.
        let events = all.len();
        let again = olga.post(&path(&route), form);
        assert!(again.status == 303 || again.status == 404 || again.status == 422, "{route}: {again:?}");
        assert_eq!(app.events().len(), events, "{route}: the second time changed something: {again:?}");
    }
}

#[test]
fn a_form_without_the_proof_that_it_is_ours_changes_nothing() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let before = app.events().len();
    for (route, form) in good_forms() {
        let mut forged = form.clone();
        forged.push(("csrf", "forged"));
        let answer = olga.post(&path(route), &forged);
        assert_eq!(answer.header("x-usher-error"), "foreign_form", "{route}: {answer:?}");
    }
    assert_eq!(app.events().len(), before);
}

#[test]
fn b36_somebody_is_added_changed_and_removed_and_each_page_says_what_was_done() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let form = [("email", "Max@ACME.example"), ("name", "Max M\u{fc}ller"), ("role", "user"), ("seat", "standard")];
    let added = olga.post("/admin/acme-work/members/add", &form);
    let page = followed(&mut olga, &added);
    assert!(page.contains("max@acme.example is a member now.") && page.contains("Max M\u{fc}ller"), "{page}");
    assert!(!olga.get(added.location()).body.contains("is a member now."), "the message is shown once");
    assert_eq!(held(&app, "max@acme.example"), "user/standard");
    let here = added.location().to_owned();
    let seat = olga.post(&format!("{here}/seat"), &[("seat", "premium"), ("until", "2026-12-01")]);
    assert!(followed(&mut olga, &seat).contains("Pinned until"), "b26");
    let member = standing(&app, "max@acme.example").expect("a member");
    assert_eq!(
        member.seat_pin.and_then(|pin| pin.until).map(|at| at.to_string()).as_deref(),
        Some("2026-12-02T00:00:00Z")
    );
    let list = olga.get("/admin/acme-work/members?q=M%C3%9Cl").body;
    assert!(list.contains("max@acme.example") && !list.contains("sample@acme.example"), "{list}");
    assert!(list.contains("pinned until 2026-12-02"), "{list}");
    let page = olga.get(&format!("{here}/remove")).body;
    assert!(page.contains("a member again at the next sign-in, unless taken out of the mapped groups"), "{page}");
    let removed = olga.post(&format!("{here}/remove"), &[]);
    assert!(followed(&mut olga, &removed).contains("max@acme.example was removed."));
    assert_eq!(held(&app, "max@acme.example"), "nobody");
    assert!(olga.get("/admin/acme-work/members?show=removed").body.contains("Removed: removed by hand"));
    assert_eq!(olga.get(&here).status, 200, "the history stays");
}

#[test]
fn what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    for (form, field, text) in [
        (vec![("email", "nobody"), ("role", "user")], "email", "Please enter your e-mail address"),
        (vec![("email", "a@evil.example"), ("role", "user")], "email", "evil.example is no verified domain"),
        (vec![("email", "sample@acme.example"), ("role", "user")], "email", "is a member already"),
        (vec![("email", "a@acme.example"), ("role", "developer")], "role", "Choose one of the roles"),
        (vec![("email", "a@acme.example"), ("role", "user"), ("seat", "chat")], "seat", "Choose one of the seat types"),
        (
            vec![("email", "a@acme.example"), ("role", "user"), ("until", "2020-01-01")],
            "until",
            "Give a day from today on",
        ),
        (vec![("email", "a@acme.example"), ("role", "user"), ("until", "soon")], "until", "Give a day from today on"),
    ] {
        let answer = olga.post("/admin/acme-work/members/add", &form);
        assert_eq!(answer.status, 422, "{form:?}: {answer:?}");
        assert!(
            answer.body.contains(&format!("<a href=\"#{field}\">")) && answer.body.contains(text),
            "{form:?}: {answer:?}"
        );
        assert!(answer.body.contains(&format!("id=\"{field}-problem\"")), "{form:?}");
        assert!(answer.body.contains(&format!("value=\"{}\"", form[0].1)), "{form:?}: what was typed is kept");
        assert_eq!(held(&app, "a@acme.example"), "nobody");
    }
}

#[test]
fn b33_the_last_owner_goes_only_with_the_organizations_name_typed() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let here = "/admin/acme-work/members/p-olga";
    assert!(olga.get(&format!("{here}/role")).body.contains("Type Acme Work to confirm"));
    for typed in ["", "acme-work", "Acme"] {
        let answer = olga.post(&format!("{here}/role"), &[("role", "user"), ("confirm", typed)]);
        assert_eq!(answer.status, 422, "{typed:?}: {answer:?}");
        let answer = olga.post(&format!("{here}/remove"), &[("confirm", typed)]);
        assert_eq!(answer.status, 422, "{typed:?}: {answer:?}");
    }
    assert_eq!(held(&app, "olga@acme.example"), "owner/-");
    let answer = olga.post(&format!("{here}/role"), &[("role", "user"), ("confirm", "Acme Work")]);
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(olga.get("/admin/acme-work/members").status, 403, "and is one no longer, at once");
}

#[test]
fn an_admin_without_identity_neither_makes_nor_unmakes_an_owner_whatever_is_posted() {
    let app = TestApp::start();
    let _olga = owner(&app);
    let mut admin = signed_in(&app, "acme-work", "admin@acme.example", "admin", FRESH);
    let page = admin.get("/admin/acme-work/members/add").body;
    assert!(!page.contains("value=\"owner\"") && page.contains("value=\"admin\""), "{page}");
    let made = admin.post("/admin/acme-work/members/add", &[("email", "x@acme.example"), ("role", "owner")]);
    assert_eq!((made.status, held(&app, "x@acme.example").as_str()), (403, "nobody"), "{made:?}");
    let unmade = admin.post("/admin/acme-work/members/p-olga/remove", &[("confirm", "Acme Work")]);
    assert_eq!((unmade.status, held(&app, "olga@acme.example").as_str()), (403, "owner/-"), "{unmade:?}");
    assert!(!admin.get("/admin/acme-work/members/p-olga").body.contains("/remove\""), "no button that does nothing");
    assert_eq!(admin.post("/admin/acme-work/members/p-sample/seat", &[("seat", "premium")]).status, 303);
    assert_eq!(held(&app, "sample@acme.example"), "user/premium");
}

#[test]
fn nobody_of_another_organization_is_touched_through_ones_own() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut olga = owner(&app);
    member(&app, "other-work", "foreign@other.example", "user", None);
    member(&app, "acme-console", "dora@acme.example", "developer", None);
    for person in ["p-foreign", "p-dora", "p-nobody", "", "..", "p-sample%2F..%2Fp-foreign"] {
        let here = format!("/admin/acme-work/members/{person}");
        for (page, form) in [
            ("role", ("role", "owner")),
            ("seat", ("seat", "")),
            ("sessions", ("session", "all")),
            ("remove", ("x", "x")),
        ] {
            let answer = olga.post(&format!("{here}/{page}"), &[form]);
            assert!(matches!(answer.status, 404 | 405), "{person} {page}: {answer:?}");
        }
        if !person.is_empty() && person != ".." {
            assert_eq!(olga.get(&here).status, 404, "{person}");
        }
    }
}

#[test]
fn b40_an_admin_ends_one_session_or_all_and_only_of_the_person_named() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let (mut one, mut two) = (app.browser(), app.browser());
    for browser in [&mut one, &mut two] {
        session(browser, "acme-work", "sample@acme.example", FRESH);
    }
    let id = |browser: &Browser<'_>| {
        let token = usher::secrets::Token::parse(&browser.cookies["__Host-usher"]).expect("a token");
        token.hash().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let (first, own) = (id(&one), id(&olga));
    let here = "/admin/acme-work/members/p-sample/sessions";
    let answer = olga.post(here, &[("session", &own)]);
    assert!(followed(&mut olga, &answer).contains("Nothing had to be changed."), "not hers to end there");
    assert_eq!(olga.post(here, &[("session", &first)]).status, 303);
    assert_eq!((one.get("/account").status, two.get("/account").status), (303, 200));
    assert_eq!(olga.post(here, &[("session", "all")]).status, 303);
    assert_eq!((two.get("/account").status, olga.get("/account").status), (303, 200));
    for rubbish in ["", "ALL", "0", &"g".repeat(64)] {
        assert_eq!(olga.post(here, &[("session", rubbish)]).status, 400, "{rubbish:?}");
    }
}

#[test]
fn b40_an_admin_ends_the_sessions_of_all_members_and_keeps_their_own() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut olga = owner(&app);
    let mut sample = app.browser();
    session(&mut sample, "acme-work", "sample@acme.example", FRESH);
    let mut dora = signed_in(&app, "acme-console", "dora@acme.example", "admin", FRESH);
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    let path = "/admin/acme-work/members/sessions/end";
    assert!(olga.get(path).body.contains("3 sessions end, but for the one that you use now."));
    let mut old = signed_in(&app, "acme-work", "old@acme.example", "owner", crate::settings_support::OLD);
    assert!(old.post(path, &[]).location().starts_with("/account/again"));
    let ended = olga.post(path, &[]);
    assert!(followed(&mut olga, &ended).contains("Sessions ended: 3."), "{ended:?}");
    assert_eq!((olga.get("/account").status, sample.get("/account").status), (200, 303));
    assert_eq!((dora.get("/account").status, foreign.get("/account").status), (200, 200), "of no other organization");
}

#[test]
fn what_ends_stands_on_its_page_and_on_the_overview_for_ones_own_parent_alone() {
    let app = TestApp::start();
    more_organizations(&app);
    let (ours, theirs) = (organization(&app, "acme-work").parent, organization(&app, "other-work").parent);
    let now = usher::clock::Clock::now(&*app.clock);
    let soon = now.plus(std::time::Duration::from_secs(5 * 86_400));
    app.change(move |tx| {
        store::scim_tokens::add(tx, ours, "okta <b>", &[1; 32], now, Some(soon))?;
        store::scim_tokens::add(tx, theirs, "their secret name", &[2; 32], now, Some(soon))
    });
    let mut olga = owner(&app);
    let page = olga.get("/admin/acme-work/certificates").body;
    for text in [
        "okta &#60;b&#62;",
        "Within 7 days",
        "Make a second token",
        "/admin/acme-work/directory",
        "Our SAML certificate",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("their secret name"), "{page}");
    let overview = olga.get("/admin/acme-work").body;
    assert!(overview.contains("ends soon.") && overview.contains("/admin/acme-work/certificates"), "{overview}");
}

#[test]
fn who_founds_organizations_is_restricted_from_the_first_organization_alone() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut olga = owner(&app);
    let mut sibling = signed_in(&app, "acme-console", "c@acme.example", "admin", FRESH);
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    let restricts = || {
        let at = app.parent;
        app.change(move |tx| store::organizations::parent_by_id(tx, at)).is_some_and(|parent| parent.restrict_creation)
    };
    let page = olga.get("/admin/acme-work/parent").body;
    for text in ["Acme Work", "Acme Console", "Directory sync (SCIM) is not offered here.", "name=\"restrict\""] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("Other Work"), "{page}");
    let theirs = foreign.get("/admin/other-work/parent").body;
    assert!(theirs.contains("Other Work") && !theirs.contains("Acme"), "{theirs}");
    let refused = sibling.post("/admin/acme-console/parent", &[("restrict", "on")]);
    assert_eq!((refused.status, restricts()), (403, false), "{refused:?}");
    let told = sibling.get("/admin/acme-console/parent").body;
    assert!(told.contains("changed in the settings of Acme Work") && !told.contains("name=\"restrict\""), "{told}");
    assert_eq!((olga.post("/admin/acme-work/parent", &[("restrict", "on")]).status, restricts()), (303, true));
    assert!(sibling.get("/admin/acme-console/parent").body.contains("It is on."));
    assert_eq!((olga.post("/admin/acme-work/parent", &[]).status, restricts()), (303, false));
}

#[test]
fn b24_seats_bought_admit_who_waits_and_b36_none_is_sold_that_is_held() {
    let app = TestApp::with(
        |organization| organization.mode = usher::organization::ProvisioningMode::Jit { group_mappings: false },
        |_| {},
    );
    let mut olga = owner(&app);
    let buy = |olga: &mut Browser<'_>, seat: &str, seen: &str, bought: &str| {
        olga.post("/admin/acme-work/billing", &[("seat", seat), ("seen", seen), ("bought", bought)])
    };
    assert_eq!(buy(&mut olga, "premium", "2", "0").status, 303);
    assert_eq!(buy(&mut olga, "standard", "3", "0").status, 303);
    assert_eq!(app.browser().sign_in("wanda@acme.example", &[], "/").refusal(), "no_free_seat");
    let page = olga.get("/admin/acme-work/billing").body;
    assert!(page.contains("wanda@acme.example") && page.contains("any seat"), "{page}");
    assert!(olga.get("/admin/acme-work").body.contains("One person waits for a seat."));
    let bought = buy(&mut olga, "standard", "0", "1");
    assert!(followed(&mut olga, &bought).contains("have a seat now: 1"), "at once");
    assert_eq!(held(&app, "wanda@acme.example"), "user/standard");
    let moved = buy(&mut olga, "standard", "0", "5");
    assert!(
        moved.status == 422 && moved.body.contains("changed to 1 since you opened"),
        "two admins at once: {moved:?}"
    );
    let fewer = buy(&mut olga, "standard", "1", "0");
    assert!(fewer.status == 422 && fewer.body.contains("1 of these seats are held"), "{fewer:?}");
    for rubbish in ["-1", "1.5", "", "x", "99999999999", "10000001", "1e3", " 0x2"] {
        let answer = buy(&mut olga, "standard", "1", rubbish);
        assert!(answer.status == 422, "{rubbish}: {answer:?}");
    }
    assert_eq!(buy(&mut olga, "chat", "0", "5").status, 400, "b1: another product's seat type");
}

#[test]
fn pages_say_the_same_in_german() {
    let app = TestApp::start();
    attempt(&app, "TEST-C0DE");
    let mut olga = owner(&app);
    for (path, text) in [
        ("/admin/acme-work?lang=de", "Was Ihre Aufmerksamkeit braucht"),
        ("/admin/acme-work/members?lang=de", "Mitglied hinzuf\u{fc}gen"),
        ("/admin/acme-work/events/TEST-C0DE?lang=de", "Wird Mitglied: Admin, Sitz Premium"),
        ("/admin/acme-work/explain?lang=de&email=sample@acme.example", "Abgelehnt: die Gruppen kamen nicht an"),
        ("/admin/acme-work/billing?lang=de", "Gekauft"),
    ] {
        let page = olga.get(path);
        assert!(page.body.contains(text), "{path}: {page:?}");
    }
}

#[test]
fn the_end_of_a_pin_is_a_day_and_nothing_else() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let path = "/admin/acme-work/members/p-sample/role";
    for wrong in ["2026-11-30T10:00:00Z", "2026-11-30 10:00", "2026-11-23", "30.11.2026", "2026-02-30"] {
        let answer = olga.post(path, &[("role", "admin"), ("until", wrong)]);
        assert!(answer.status == 422 && answer.body.contains("Give a day from today on"), "{wrong}: {answer:?}");
    }
    assert_eq!(olga.post(path, &[("role", "admin"), ("until", "2026-11-30")]).status, 303);
    let pin = standing(&app, "sample@acme.example").and_then(|member| member.role_pin).expect("a pin");
    assert_eq!(pin.until, usher::clock::Timestamp::parse("2026-12-01"), "to the end of that day");
}

#[test]
fn a_persons_page_offers_what_whoever_looks_may_do_and_the_sessions_that_are_open() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let mut admin = signed_in(&app, "acme-work", "adam@acme.example", "admin", FRESH);
    let here = "/admin/acme-work/members/p-sample";
    let (hers, his) = (olga.get(here).body, admin.get(here).body);
    for (form, by_admin) in [("role", false), ("seat", true), ("remove", true)] {
        let href = format!("href=\"{here}/{form}\"");
        assert_eq!((hers.contains(&href), his.contains(&href)), (true, by_admin), "{form}: {his}");
    }
    assert!(hers.contains("192.0.2.7"), "{hers}");
    app.clock.advance(std::time::Duration::from_secs(3600));
    session(&mut olga, "acme-work", "olga@acme.example", FRESH);
    assert!(!olga.get(here).body.contains("192.0.2.7"), "it is over");
}

/// A product of the host's own: a clerk may buy seats and see the directory, and knows of no members.
#[test]
fn whoever_may_not_see_members_is_led_to_the_page_of_none() {
    let product = "[[product]]\nkey = \"desk\"\nlabel = \"Desk\"\nscim = true\n\
        roles = [ { key = \"owner\", label = \"Owner\", permissions = [\"identity\", \"members\", \"billing\"] }, \
        { key = \"clerk\", label = \"Clerk\", permissions = [\"identity\", \"billing\"] }, { key = \"user\", label = \"User\" } ]\n\
        seats = [ { key = \"full\", label = \"Full\" } ]\n";
    let app = TestApp::configured(
        product,
        |organization| {
            organization.product = usher::product::ProductKey::new("desk");
            organization.mode = usher::organization::ProvisioningMode::Jit { group_mappings: false };
            organization.mappings = Default::default();
        },
        |_| {},
    );
    assert_eq!(app.browser().sign_in("wanda@acme.example", &[], "/").refusal(), "no_free_seat");
    let pushing = crate::scim_support::Pushing::new(&app);
    pushing.user("uma");
    member(&app, "acme-work", "uma@acme.example", "user", None);
    let mut owner = signed_in(&app, "acme-work", "olga@acme.example", "owner", FRESH);
    let mut clerk = signed_in(&app, "acme-work", "carl@acme.example", "clerk", FRESH);
    assert_eq!(clerk.get("/admin/acme-work/members").status, 403);
    for (path, who) in [("billing", "wanda@acme.example"), ("directory/users", "uma@acme.example")] {
        let path = format!("/admin/acme-work/{path}");
        let (full, bare) = (owner.get(&path).body, clerk.get(&path).body);
        assert!(full.contains(who) && full.contains("/admin/acme-work/members/p-"), "{path}: {full}");
        assert!(bare.contains(who) && !bare.contains("/admin/acme-work/members/p-"), "{path}: {bare}");
    }
}
