//! The page about the parent organization: codes, proposals, what both sides see before they decide, and what hostile forms come to.

use std::time::Duration;

use usher::audit::Actor;
use usher::organization::Organization;
use usher::store;

use crate::pages_render::HOSTILE;
use crate::settings_support::{FRESH, OLD, member, more_organizations, operator, organization, session, signed_in};
use crate::support::{Answer, Browser, TestApp};

const HERE: &str = "/admin/acme-work/parent";
const THERE: &str = "/admin/other-work/parent";

/// acme-work founded `acme`, and other-work founded `other`, which is alone there; each with an owner. Acme Console belongs to acme.
fn app() -> TestApp {
    let app = TestApp::start();
    more_organizations(&app);
    app
}

fn olga(app: &TestApp) -> Browser<'_> {
    signed_in(app, "acme-work", "olga@acme.example", "owner", FRESH)
}

fn frida(app: &TestApp) -> Browser<'_> {
    signed_in(app, "other-work", "frida@other.example", "owner", FRESH)
}

fn between<'a>(page: &'a str, before: &str, after: &str) -> Option<&'a str> {
    page.split_once(before)?.1.split_once(after).map(|(value, _)| value)
}

fn seen(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{page:?}");
    between(&page.body, "name=\"seen\" value=\"", "\"").unwrap_or_else(|| panic!("no mark: {page:?}")).to_owned()
}

/// A code of `acme`, as its owner gets it.
fn code(olga: &mut Browser<'_>) -> String {
    let seen = seen(&olga.get(&format!("{HERE}/codes")));
    let made = olga.post(&format!("{HERE}/codes"), &[("act", "make"), ("seen", &seen)]);
    assert_eq!(made.status, 200, "{made:?}");
    between(&made.body, "id=\"made\" aria-labelledby=\"code-label\">", "<").expect("a code").to_owned()
}

/// other-work proposes to join with a code.
fn propose(frida: &mut Browser<'_>, code: &str) -> Answer {
    let shown = frida.post(&format!("{THERE}/join"), &[("code", code)]);
    let seen = seen(&shown);
    frida.post(&format!("{THERE}/join"), &[("code", code), ("seen", &seen), ("confirm", "Other Work")])
}

/// Where the owner of acme-work decides.
fn waits(olga: &mut Browser<'_>) -> String {
    let page = olga.get(HERE).body;
    between(&page, "class=\"button\" href=\"", "\"").unwrap_or_else(|| panic!("nothing waits: {page}")).to_owned()
}

fn count(app: &TestApp, kind: &str) -> usize {
    app.events().iter().filter(|event| *event == kind).count()
}

fn suspend(app: &TestApp, email: &str) {
    let (at, email) = (organization(app, "acme-work"), email.to_owned());
    let now = usher::clock::Clock::now(&*app.clock);
    app.change(move |tx| {
        let email = usher::identity::EmailAddress::parse(&email).expect("an address");
        let person = store::people::by_email(tx, at.parent, &email)?.expect("known");
        store::people::set_suspended(tx, person.id, Some(now))
    });
}

#[test]
fn an_organization_joins_by_code_proposal_and_approval_and_both_sides_see_what_it_means() {
    let app = app();
    let (mut olga, mut frida) = (olga(&app), frida(&app));
    member(&app, "other-work", "anna@acme.example", "user", None);
    member(&app, "other-work", "fritz@other.example", "user", None);
    let code = code(&mut olga);
    let shown = frida.post(&format!("{THERE}/join"), &[("code", &code)]).body;
    for text in [
        "The organization belongs to Acme (Enterprise plan) then.",
        "People sign in through: Acme IdP",
        "3 sessions end",
        "so these connections of it are switched off: Acme IdP",
        "Cannot sign in: no verified domain",
        "anna@acme.example",
        "Afterwards nobody who may configure the organization can sign in.",
    ] {
        let text = text.replace("3 sessions end", "One session ends: everybody signs in anew.");
        assert!(shown.contains(&text), "{text}: {shown}");
    }
    let proposed = propose(&mut frida, &code);
    assert_eq!((proposed.status, proposed.location()), (303, THERE), "{proposed:?}");
    let page = frida.get(THERE).body;
    assert!(page.contains("Proposed: join Acme") && page.contains("frida@other.example"), "{page}");
    assert_eq!(organization(&app, "other-work").parent, organization(&app, "other-work").parent);
    let before = organization(&app, "other-work").parent;
    let here = waits(&mut olga);
    let page = olga.get(&here);
    assert!(page.body.contains("Other Work wants to join") && page.body.contains("frida@other.example"), "{page:?}");
    let seen = seen(&page);
    let untyped = olga.post(&here, &[("act", "approve"), ("seen", &seen)]);
    assert_eq!(untyped.status, 422, "{untyped:?}");
    assert_eq!(organization(&app, "other-work").parent, before);
    let approved = olga.post(&here, &[("act", "approve"), ("seen", &seen), ("confirm", "Other Work")]);
    assert_eq!((approved.status, approved.location()), (303, HERE), "{approved:?}");
    let page = olga.get(HERE).body;
    assert!(page.contains("Approved and done.") && page.contains("Other Work"), "{page}");
    assert_eq!(organization(&app, "other-work").parent, app.parent);
    assert_eq!(frida.get(THERE).status, 303, "signed out: the connection that vouched for frida has no say any more");
    let events = app.events().len();
    let twice = olga.post(&here, &[("act", "approve"), ("seen", &seen), ("confirm", "Other Work")]);
    assert!(olga.get(twice.location()).body.contains("was decided, withdrawn or has run out"), "{twice:?}");
    assert_eq!((app.events().len(), count(&app, "parent_changed")), (events, 2), "a double submit changes nothing");
    // Acme's people with an address in its domain sign in to what has come.
    let anna = app.browser().sign_in("anna@acme.example", &["everyone"], "/");
    assert_eq!(anna.status, 303, "{anna:?}");
    // The founding organization is the one it was.
    let page = olga.get(HERE).body;
    assert!(page.contains("Codes to join with"), "{page}");
    for path in ["", "/join"] {
        assert_eq!(operator(&app).get(&format!("{THERE}{path}")).status, 200);
    }
    assert_eq!(operator(&app).get(&format!("{THERE}/codes")).status, 403, "it founded nothing there");
}

#[test]
fn an_organization_leaves_for_a_parent_of_its_own_once_the_founding_one_agrees() {
    let app = app();
    let mut olga = olga(&app);
    let mut cara = signed_in(&app, "acme-console", "cara@acme.example", "admin", FRESH);
    let there = "/admin/acme-console/parent";
    let page = cara.get(&format!("{there}/leave"));
    assert!(page.body.contains("a parent organization of its own") && page.body.contains("no connection in use"));
    let seen = seen(&page);
    let untyped = cara.post(&format!("{there}/leave"), &[("seen", &seen)]);
    assert_eq!(untyped.status, 422, "B33: {untyped:?}");
    let proposed = cara.post(&format!("{there}/leave"), &[("seen", &seen), ("confirm", "Acme Console")]);
    assert_eq!(proposed.status, 303, "{proposed:?}");
    // Withdrawn, proposed again, declined, proposed again, approved.
    assert_eq!(cara.post(&format!("{there}/withdraw"), &[]).status, 303);
    assert!(!olga.get(HERE).body.contains("wants to leave"));
    let events = app.events().len();
    assert_eq!(cara.post(&format!("{there}/withdraw"), &[]).status, 303);
    assert_eq!(app.events().len(), events, "twice does nothing");
    for last in [false, true] {
        let again = cara.post(&format!("{there}/leave"), &[("seen", &seen), ("confirm", "Acme Console")]);
        assert_eq!(again.status, 303, "{again:?}");
        let here = waits(&mut olga);
        let shown = self::seen(&olga.get(&here));
        let act = if last { "approve" } else { "decline" };
        let done = olga.post(&here, &[("act", act), ("seen", &shown), ("confirm", "Acme Console")]);
        assert_eq!(done.status, 303, "{act}: {done:?}");
    }
    let at = organization(&app, "acme-console");
    assert!(at.parent != app.parent);
    let parent = app.change(move |tx| store::organizations::parent_by_id(tx, at.parent)).expect("founded");
    assert_eq!((parent.slug.as_str(), parent.name.as_str()), ("acme-console", "Acme Console"));
    assert_eq!(cara.get(there).status, 303, "signed out");
    let page = olga.get(&format!("{HERE}/leave"));
    assert!(page.body.contains("is alone at its parent organization already"), "{page:?}");
    assert!(!page.body.contains("name=\"seen\""), "nothing to propose");
}

#[test]
fn hostile_forms_about_the_parent_change_nothing() {
    let app = app();
    let (mut olga, mut frida) = (olga(&app), frida(&app));
    let mut console = signed_in(&app, "acme-console", "cara@acme.example", "admin", FRESH);
    let mut admin = signed_in(&app, "acme-work", "adam@acme.example", "admin", FRESH);
    let code = code(&mut olga);
    // No parent can be enumerated: its slug, its name, somebody else's words.
    for guess in ["acme", "Acme", "other", HOSTILE, "../acme", "' OR 1=1 --", &"A".repeat(43)] {
        let answer = frida.post(&format!("{THERE}/join"), &[("code", guess)]);
        assert_eq!(answer.status, 422, "{guess}: {answer:?}");
        assert!(answer.body.contains("This code leads nowhere") && !answer.body.contains("Acme IdP"), "{guess}");
        assert!(!answer.body.contains("<script>alert"), "{guess}");
    }
    assert_eq!(propose(&mut frida, &code).status, 303);
    let here = waits(&mut olga);
    let number = here.rsplit('/').next().expect("a number").to_owned();
    let seen = seen(&olga.get(&here));
    let form = [("act", "approve"), ("seen", seen.as_str()), ("confirm", "Other Work")];
    let before = (organization(&app, "other-work").parent, app.events().len());
    let paths = [
        ("approving one's own proposal", 0, format!("{THERE}/proposals/{number}"), 303),
        ("in an organization that is not one's own", 0, here.clone(), 404),
        ("an admin of another organization there", 1, format!("/admin/acme-console/parent/proposals/{number}"), 403),
        ("through the founding organization", 1, here.clone(), 404),
        ("without the permission", 2, here.clone(), 403),
        ("a forged number", 3, format!("{HERE}/proposals/9{number}"), 303),
    ];
    for (name, who, path, status) in paths {
        let browser = [&mut frida, &mut console, &mut admin, &mut olga].into_iter().nth(who).expect("one of four");
        for act in ["approve", "decline"] {
            let form = [("act", act), form[1], form[2]];
            let answer = browser.post(&path, &form);
            assert_eq!(answer.status, status, "{name}, {act}: {answer:?}");
        }
        assert_eq!((organization(&app, "other-work").parent, app.events().len()), before, "{name}");
    }
    assert_eq!(frida.get(&format!("{THERE}/proposals/{number}")).status, 404);
    for (path, form) in [
        (format!("{HERE}/codes"), vec![("act", "make"), ("seen", "0")]),
        (HERE.to_owned(), vec![("restrict", "on")]),
        (here.clone(), form.to_vec()),
    ] {
        assert_eq!(olga.get(&path).status, 200);
        let mut forged = form.clone();
        forged.push(("csrf", "forged"));
        assert_eq!(olga.post(&path, &forged).header("x-usher-error"), "foreign_form", "{path}");
    }
    for odd in [vec![("act", "")], vec![("act", "approve")], vec![]] {
        let answer = olga.post(&here, &odd);
        assert!(matches!(answer.status, 400 | 409 | 422), "{odd:?}: {answer:?}");
    }
    assert_eq!(organization(&app, "other-work").parent, before.0);
    // What hurts needs a fresh sign-in.
    let mut old = signed_in(&app, "acme-work", "old@acme.example", "owner", OLD);
    for path in [here.clone(), format!("{HERE}/codes"), format!("{HERE}/join"), format!("{HERE}/leave")] {
        for answer in [old.get(&path), old.post(&path, &form)] {
            assert!(answer.location().starts_with("/account/again"), "{path}: {answer:?}");
        }
    }
    // Whoever proposed it was suspended meanwhile, and then the state moves.
    let frida_at = organization(&app, "other-work");
    let now = usher::clock::Clock::now(&*app.clock);
    app.change(move |tx| {
        let email = usher::identity::EmailAddress::parse("frida@other.example").expect("an address");
        let person = store::people::by_email(tx, frida_at.parent, &email)?.expect("known");
        store::people::set_suspended(tx, person.id, Some(now))
    });
    let late = olga.post(&here, &form);
    assert_eq!(late.status, 409, "{late:?}");
    assert_eq!(organization(&app, "other-work").parent, before.0);
    app.clock.advance(Duration::from_secs(8 * 24 * 3600));
    session(&mut olga, "acme-work", "olga@acme.example", FRESH);
    assert_eq!(olga.get(&here).status, 404, "it has run out");
    assert!(!olga.get(HERE).body.contains("wants to join"));
    assert_eq!(organization(&app, "other-work").parent, before.0);
}

#[test]
fn what_was_shown_and_has_moved_is_shown_again() {
    let app = app();
    let (mut olga, mut frida) = (olga(&app), frida(&app));
    let code = code(&mut olga);
    let shown = frida.post(&format!("{THERE}/join"), &[("code", &code)]);
    let stale = seen(&shown);
    member(&app, "other-work", "new@elsewhere.example", "user", None);
    let form = [("code", code.as_str()), ("seen", &stale), ("confirm", "Other Work")];
    let again = frida.post(&format!("{THERE}/join"), &form);
    assert_eq!(again.status, 409, "{again:?}");
    assert!(again.body.contains("new@elsewhere.example") && count(&app, "parent_change_proposed") == 0);
    assert_eq!(propose(&mut frida, &code).status, 303);
    let here = waits(&mut olga);
    member(&app, "other-work", "newer@elsewhere.example", "user", None);
    let page = olga.get(&here);
    assert!(page.body.contains("It means something else now than when it was proposed"), "{page:?}");
    assert!(!page.body.contains("value=\"approve\"") && page.body.contains("value=\"decline\""));
    assert!(frida.get(THERE).body.contains("can no longer be approved"));
    let other = organization(&app, "other-work");
    // A file does not move an organization past all that.
    let file = "[[parent]]\nslug = \"acme\"\nname = \"Acme\"\nplan = \"enterprise\"\n\
                [[parent.organization]]\nslug = \"other-work\"\nname = \"Other Work\"\nproduct = \"team\"\n";
    let refused = crate::settings_switches::apply(file, Actor::Operator, &app).plan(&app.db);
    assert!(format!("{refused:?}").contains("it belongs to parent other"), "{refused:?}");
    assert_eq!(organization(&app, "other-work"), Organization { ..other });
    suspend(&app, "olga@acme.example");
    assert_eq!(olga.get(HERE).status, 303, "suspended, and out");
}
