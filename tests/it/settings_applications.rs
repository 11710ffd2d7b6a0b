//! Applications as settings pages: added, changed, taken away and tried, with what that means for people said first.

use std::time::Duration;

use usher::ids::ApplicationId;
use usher::organization::{Application, HeaderPreset};
use usher::product::RoleKey;
use usher::store;

use crate::settings_support::{FRESH, OLD, member, more_organizations, organization, session, signed_in};
use crate::support::{Answer, Browser, PUBLIC, TestApp, WIKI, slug};

const ALL: &str = "/admin/acme-work/applications";
const WIKI_PAGE: &str = "/admin/acme-work/applications/wiki";

fn owner(app: &TestApp, ago: Duration) -> Browser<'_> {
    signed_in(app, "acme-work", "olga@acme.example", "owner", ago)
}

fn wiki(app: &TestApp) -> Option<Application> {
    let at = organization(app, "acme-work").id;
    app.change(move |tx| store::applications::by_slug(tx, at, &slug("wiki")))
}

/// Target and detail of the latest event of a kind.
fn last(app: &TestApp, kind: &'static str) -> Option<(String, String)> {
    let all =
        app.change(|tx| store::audit::list(tx, usher::ids::AuditId(0), usher::clock::Timestamp::from_millis(0), 1000));
    let found = all.into_iter().rev().find(|event| event.kind == kind)?;
    Some((found.target.clone(), format!("{:?}", found.detail)))
}

/// The hidden mark of what a form was filled from.
fn seen(page: &Answer) -> String {
    let start = page.body.split("name=\"seen\" value=\"").nth(1).expect("a mark");
    start.split('"').next().unwrap_or_default().to_owned()
}

fn form<'a>(seen: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![("name", "Wiki"), ("url", "https://wiki.acme.example/"), ("headers", "usher"), ("seen", seen)];
    form.extend_from_slice(more);
    form
}

#[test]
fn an_application_is_added_and_its_page_shows_what_a_reverse_proxy_needs() {
    let app = TestApp::start();
    let mut olga = owner(&app, FRESH);
    let sent = [
        ("name", "Board & <b>"),
        ("slug", "board"),
        ("url", "https://board.acme.example"),
        ("roles", "some"),
        ("role-owner", "on"),
        ("role-developer", "on"),
        ("headers", "authentik"),
    ];
    let added = olga.post(&format!("{ALL}/add"), &sent);
    assert_eq!((added.status, added.location()), (303, "/admin/acme-work/applications/board"), "{added:?}");
    let page = olga.get(added.location()).body;
    for text in ["Board &#38; &#60;b&#62; was saved.", "Only roles Owner", "server_name board.acme.example;"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(page.contains("X-Authentik-Uid"), "{page}");
    assert_eq!(last(&app, "added").expect("an event").0, "application:board");
    let again = olga.post(&format!("{ALL}/add"), &sent);
    assert_eq!(again.status, 422, "a double submit: {again:?}");
    assert!(again.body.contains("value=\"Board &#38; &#60;b&#62;\""), "{again:?}");
}

#[test]
fn what_is_no_application_is_refused_beside_its_field() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut olga = owner(&app, FRESH);
    let good = [("name", "Board"), ("slug", "board"), ("url", "https://board.acme.example"), ("headers", "usher")];
    let own = PUBLIC.to_owned() + "/";
    let long = "a".repeat(1001);
    for (field, value, text) in [
        ("name", "", "Give the application a name."),
        ("name", "a\u{7}b", "Give the application a name."),
        ("slug", "../x", "Give small letters"),
        ("slug", "wiki", "There is another application with this short name."),
        ("url", "javascript:alert(1)", "Give an address"),
        ("url", "https://a;b.example", "Give an address"),
        ("url", "https://user:secret@board.acme.example", "Give an address"),
        ("url", long.as_str(), "Give an address"),
        ("url", own.as_str(), "the address of the gateway itself"),
        ("url", "https://WIKI.acme.example:443/other", "There is another application at this address already."),
        ("headers", "x", "Choose one of the sets of headers."),
        ("roles", "some", "Tick at least one role"),
        ("seats", "some", "Tick at least one seat type"),
    ] {
        let mut sent: Vec<_> = good.into_iter().filter(|(name, _)| *name != field).collect();
        sent.push((field, value));
        let answer = olga.post(&format!("{ALL}/add"), &sent);
        assert!(answer.status == 422 && answer.body.contains(text), "{field} {value}: {answer:?}");
        assert!(answer.body.contains(&format!("id=\"{field}-problem\"")), "{field}");
    }
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    let taken = foreign.post(
        "/admin/other-work/applications/add",
        &[("name", "X"), ("slug", "x"), ("url", WIKI), ("headers", "usher")],
    );
    assert!(taken.status == 422 && !taken.body.contains("Acme"), "an address of another parent: {taken:?}");
}

#[test]
fn whoever_would_lose_access_is_counted_before_anything_is_saved() {
    let app = TestApp::start();
    let mut olga = owner(&app, FRESH);
    for (who, role) in [("one", "user"), ("two", "user"), ("three", "admin")] {
        member(
            &app,
            "acme-work",
            &format!("{who}@acme.example"),
            role,
            Some(if role == "user" { "standard" } else { "premium" }),
        );
    }
    let edit = format!("{WIKI_PAGE}/edit");
    let mark = seen(&olga.get(&edit));
    let narrowed = [("roles", "some"), ("role-owner", "on"), ("role-admin", "on")];
    let asked = olga.post(&edit, &form(&mark, &narrowed));
    assert!(asked.status == 422 && asked.body.contains("2 people would lose access"), "{asked:?}");
    assert!(asked.body.contains("Take access from 2 people and save"), "{asked:?}");
    assert_eq!(wiki(&app).expect("there").roles, [], "nothing is saved");
    // Somebody joins between question and answer: the number agreed to is not that any more.
    member(&app, "acme-work", "four@acme.example", "user", Some("standard"));
    let mut agreed = form(&mark, &narrowed);
    agreed.push(("agreed", "2"));
    let moved = olga.post(&edit, &agreed);
    assert!(moved.status == 422 && moved.body.contains("3 people would lose access"), "{moved:?}");
    agreed.pop();
    agreed.push(("agreed", "3"));
    assert_eq!(olga.post(&edit, &agreed).status, 303);
    assert_eq!(wiki(&app).expect("there").roles, [RoleKey::new("owner"), RoleKey::new("admin")]);
    let (_, event) = last(&app, "changed").expect("an event");
    assert!(event.contains("roles all") && event.contains("roles owner, admin"), "{event}");
    let mark = seen(&olga.get(&edit));
    let wider = olga.post(&edit, &form(&mark, &[]));
    assert_eq!(wider.status, 303, "nobody loses anything: {wider:?}");
}

#[test]
fn of_two_admins_at_once_the_second_is_shown_what_the_first_has_done() {
    let app = TestApp::start();
    let (mut olga, mut max) = (owner(&app, FRESH), signed_in(&app, "acme-work", "max@acme.example", "owner", FRESH));
    let edit = format!("{WIKI_PAGE}/edit");
    let mark = seen(&olga.get(&edit));
    let first: Vec<_> = form(&mark, &[]).into_iter().map(|(k, v)| (k, if k == "name" { "First" } else { v })).collect();
    assert_eq!(max.post(&edit, &first).status, 303);
    let second: Vec<_> = form(&mark, &[]).into_iter().map(|(k, v)| (k, if k == "name" { "" } else { v })).collect();
    let second = olga.post(&edit, &second);
    assert_eq!(second.status, 422);
    // A mistake of another kind does not pass for having looked.
    let third: Vec<_> = form("", &[]).into_iter().filter(|(name, _)| *name != "seen").collect();
    let mut third = third;
    let kept = seen(&second);
    third.push(("seen", kept.as_str()));
    let stale = olga.post(&edit, &third);
    assert!(stale.status == 422 && stale.body.contains("Somebody else has changed this application"), "{stale:?}");
    assert_eq!(wiki(&app).expect("there").name, "First");
    let now = seen(&stale);
    assert_eq!(olga.post(&edit, &form(&now, &[])).status, 303, "once it was shown, it is theirs to decide");
    assert_eq!(wiki(&app).expect("there").name, "Wiki");
}

#[test]
fn an_application_is_taken_away_with_how_many_lose_access_said_before() {
    let app = TestApp::start();
    let mut olga = owner(&app, FRESH);
    member(&app, "acme-work", "one@acme.example", "user", Some("standard"));
    let remove = format!("{WIKI_PAGE}/remove");
    assert!(olga.get(&remove).body.contains("One person loses access at once."));
    let answer = olga.post(&remove, &[]);
    assert_eq!((answer.status, answer.location()), (303, ALL), "{answer:?}");
    assert!(olga.get(ALL).body.contains("There is no application yet."));
    assert_eq!(wiki(&app), None);
    assert_eq!(olga.post(&remove, &[]).status, 404, "a double submit");
    let mut old = signed_in(&app, "acme-work", "old@acme.example", "owner", OLD);
    let again = old.post(&remove, &[]);
    assert!(again.status == 303 && again.location().starts_with("/account/again"), "{again:?}");
}

#[test]
fn a_test_request_answers_as_forward_auth_does_and_hands_out_no_signed_header() {
    let app = TestApp::start();
    let mut olga = owner(&app, FRESH);
    member(&app, "acme-work", "one@acme.example", "user", Some("standard"));
    let events = app.events().len();
    let tried = olga.get(&format!("{WIKI_PAGE}?email=One%40ACME.example"));
    assert_eq!(tried.status, 200, "{tried:?}");
    let mut one = app.browser();
    session(&mut one, "acme-work", "one@acme.example", FRESH);
    let real = one.forward("/auth/nginx", WIKI);
    assert_eq!(real.status, 200, "{real:?}");
    for name in ["remote-user", "remote-email", "remote-groups", "x-usher-user-id", "x-usher-role", "x-usher-seat"] {
        assert!(tried.body.contains(&format!("{name}: {}\n", real.header(name))), "{name}: {tried:?}");
    }
    assert!(tried.body.contains("x-usher-assertion: (signed)"), "{tried:?}");
    assert!(!tried.body.contains("eyJ"), "a signed header would be that person to the application: {tried:?}");
    assert!(tried.body.contains("&#34;aud&#34;: &#34;https://wiki.acme.example/&#34;"), "{tried:?}");
    // An owner without a seat.
    let refused = olga.get(&format!("{WIKI_PAGE}?email=olga%40acme.example"));
    assert!(refused.body.contains("May not enter") && refused.body.contains("no_seat"), "{refused:?}");
    assert_eq!(olga.forward("/auth/nginx", WIKI).refusal(), "no_seat", "and that is what it says");
    assert_eq!(app.events().len(), events, "nothing happened");
}

#[test]
fn a_test_request_tells_nothing_of_people_whom_the_organization_does_not_know() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut olga = owner(&app, FRESH);
    member(&app, "acme-console", "dora@acme.example", "developer", None);
    member(&app, "other-work", "foreign@other.example", "user", None);
    let strip = |answer: Answer, who: &str| (answer.status, answer.body.replace(who, "X"));
    let nobody = strip(olga.get(&format!("{WIKI_PAGE}?email=nobody@acme.example")), "nobody@acme.example");
    assert_eq!(nobody.0, 422);
    for who in ["dora@acme.example", "foreign@other.example"] {
        assert_eq!(strip(olga.get(&format!("{WIKI_PAGE}?email={who}")), who), nobody, "{who}");
    }
}

#[test]
fn applications_of_others_are_as_good_as_none() {
    let app = TestApp::start();
    more_organizations(&app);
    let other = organization(&app, "other-work").id;
    app.change(move |tx| {
        let foreign = Application {
            id: ApplicationId(0),
            organization: other,
            slug: slug("secret"),
            name: "Secret".to_owned(),
            url: "https://secret.other.example".to_owned(),
            roles: Vec::new(),
            seats: Vec::new(),
            headers: HeaderPreset::Usher,
        };
        store::applications::add(tx, &foreign, "https://secret.other.example")
    });
    let mut olga = owner(&app, FRESH);
    assert!(!olga.get(ALL).body.contains("Secret"));
    for path in ["/secret", "/secret/edit", "/secret/remove"] {
        assert_eq!(olga.get(&format!("{ALL}{path}")).status, 404, "{path}");
    }
    for path in ["/secret/edit", "/secret/remove"] {
        assert_eq!(olga.post(&format!("{ALL}{path}"), &form("", &[])).status, 404, "{path}");
    }
    let mut admin = signed_in(&app, "acme-work", "a@acme.example", "admin", FRESH);
    assert_eq!((admin.get(ALL).status, admin.get(WIKI_PAGE).status), (403, 403), "identity is needed");
}

#[test]
fn what_is_saved_as_it_was_leaves_no_event() {
    let app = TestApp::start();
    let mut olga = owner(&app, FRESH);
    let edit = format!("{WIKI_PAGE}/edit");
    let mark = seen(&olga.get(&edit));
    assert_eq!(olga.post(&edit, &form(&mark, &[])).status, 303);
    assert_eq!((last(&app, "changed"), app.events().len()), (None, 0));
}
