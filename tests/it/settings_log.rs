//! The log on the settings pages: who sees what of it, found, exported, and harmless whatever others sent (rules B39, B43).

use serde_json::Value;
use usher::audit::{Actor, Entry, Event};
use usher::clock::Clock as _;
use usher::ids::{OrganizationId, ParentId, PersonId};
use usher::store;

use crate::pages_render::HOSTILE;
use crate::settings_support::{FRESH, attempt, member, more_organizations, organization, signed_in};
use crate::support::{Browser, TestApp};

fn record(app: &TestApp, parent: Option<ParentId>, organization: Option<OrganizationId>, event: Event) {
    let now = app.clock.now();
    app.change(move |tx| {
        let entry = Entry {
            at: now,
            actor: Actor::Shell("=cmd".to_owned()),
            parent,
            organization,
            event: event.clone(),
            from: None,
            incident: None,
        };
        store::audit::record(tx, &entry)
    });
}

fn renamed(person: PersonId, after: &str) -> Event {
    Event::PersonRenamed { person, before: "before".to_owned(), after: after.to_owned() }
}

#[test]
fn an_organization_sees_its_own_events_and_its_parents_and_nobody_elses() {
    let app = TestApp::start();
    more_organizations(&app);
    let ute = member(&app, "acme-work", "ute@acme.example", "user", None);
    let dora = member(&app, "acme-console", "dora@acme.example", "developer", None);
    let (work, console, other) =
        (organization(&app, "acme-work"), organization(&app, "acme-console"), organization(&app, "other-work"));
    record(&app, Some(work.parent), Some(work.id), renamed(ute, "own-event"));
    record(&app, Some(work.parent), Some(console.id), renamed(dora, "siblings-event"));
    record(&app, Some(other.parent), Some(other.id), renamed(ute, "others-event"));
    record(&app, Some(other.parent), None, renamed(ute, "other-parents-event"));
    record(&app, Some(work.parent), None, renamed(ute, "parents-event-about-ute"));
    record(&app, Some(work.parent), None, renamed(dora, "parents-event-about-dora"));
    record(&app, Some(work.parent), None, Event::DomainFailed { name: "parents-domain".to_owned() });
    let sees = |browser: &mut Browser<'_>, path: &str| {
        let page = browser.get(path).body;
        let all = [
            "own-event",
            "siblings-event",
            "others-event",
            "other-parents-event",
            "parents-event-about-ute",
            "parents-event-about-dora",
            "parents-domain",
        ];
        all.into_iter().filter(|text| page.contains(text)).collect::<Vec<_>>()
    };
    let mut owner = signed_in(&app, "acme-work", "olga@acme.example", "owner", FRESH);
    let mut admin = signed_in(&app, "acme-work", "admin@acme.example", "admin", FRESH);
    for path in ["/admin/acme-work/events", "/admin/acme-work/events/export.csv", "/admin/acme-work/events/export.json"]
    {
        let whole = ["own-event", "parents-event-about-ute", "parents-event-about-dora", "parents-domain"];
        assert_eq!(sees(&mut owner, path), whole, "{path}: identity is the parent's affair");
        assert_eq!(
            sees(&mut admin, path),
            ["own-event", "parents-event-about-ute"],
            "{path}: of the parent, only their people"
        );
    }
    let about_dora = "/admin/acme-work/events?person=dora@acme.example";
    assert_eq!(sees(&mut admin, about_dora), Vec::<&str>::new());
    assert_eq!(sees(&mut owner, about_dora), ["parents-event-about-dora"]);
    assert_eq!(sees(&mut admin, "/admin/acme-work/members/p-ute"), ["own-event", "parents-event-about-ute"]);
}

#[test]
fn filters_stand_in_the_url_and_pages_go_on_where_they_ended() {
    let app = TestApp::start();
    let ute = member(&app, "acme-work", "ute@acme.example", "user", None);
    let work = organization(&app, "acme-work");
    for n in 0..130 {
        let at = if n % 3 == 0 { None } else { Some(work.id) };
        record(&app, Some(work.parent), at, renamed(ute, &format!("event-{n:03}-")));
        if n % 10 == 0 {
            app.clock.advance(std::time::Duration::from_secs(3600));
        }
    }
    app.clock.advance(std::time::Duration::from_secs(86_400));
    record(&app, Some(work.parent), Some(work.id), Event::SignedIn { person: ute });
    let mut olga = signed_in(&app, "acme-work", "olga@acme.example", "owner", FRESH);
    let mut path = "/admin/acme-work/events?kind=person_renamed".to_owned();
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let page = olga.get(&path).body;
        let shown = page.split("event-").skip(1).filter_map(|rest| rest.get(..3)?.parse::<u32>().ok());
        seen.extend(shown);
        pages += 1;
        let next = page.split("rel=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
        let Some(next) = next else { break };
        assert!(next.contains("kind=person_renamed"), "the filter stays: {next}");
        path = next.replace("&amp;", "&").replace("&#38;", "&");
    }
    assert_eq!(seen, (0..130).rev().collect::<Vec<_>>(), "each once, newest first");
    assert_eq!(pages, 3);
    let by_day = |olga: &mut Browser<'_>, query: &str| olga.get(&format!("/admin/acme-work/events?{query}")).body;
    assert!(!by_day(&mut olga, "since=2026-11-25&kind=person_renamed").contains("event-"));
    assert!(by_day(&mut olga, "until=2026-11-24").contains("event-"));
    assert!(!by_day(&mut olga, "until=2026-11-23").contains("event-"));
    assert!(by_day(&mut olga, "since=someday").contains("Give a day, like"));
    assert!(by_day(&mut olga, "person=nobody@acme.example").contains("Nobody with this address is known here."));
    assert!(
        !by_day(&mut olga, "by=operator").contains("event-")
            && by_day(&mut olga, "by=system&by2").contains("Nothing fits")
    );
    for rubbish in ["after=x", "after=-1--1", "after=9-", "kind=%27%20OR%201", "after=99999999999999999999-1"] {
        assert_eq!(olga.get(&format!("/admin/acme-work/events?{rubbish}")).status, 200, "{rubbish}");
    }
}

/// Rows of RFC 4180, as a spreadsheet reads them.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (quoted, c) {
            (true, '"') if rest.peek() == Some(&'"') => cell.extend(rest.next()),
            (_, '"') => quoted = !quoted,
            (false, ',') => row.push(std::mem::take(&mut cell)),
            (false, '\n') => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (false, '\r') => {}
            (_, c) => cell.push(c),
        }
    }
    rows
}

#[test]
fn b43_an_export_holds_everything_that_was_found_and_nothing_that_a_spreadsheet_would_run() {
    let app = TestApp::start();
    let work = organization(&app, "acme-work");
    for n in 0..1100 {
        record(&app, Some(work.parent), Some(work.id), renamed(PersonId(1), &format!("=HYPERLINK(\"x\")\"\r\n,{n}")));
    }
    let mut olga = signed_in(&app, "acme-work", "olga@acme.example", "owner", FRESH);
    let csv = olga.get("/admin/acme-work/events/export.csv?kind=person_renamed");
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"events-acme-work.csv\"");
    let rows = read_csv(&csv.body);
    assert_eq!(rows.len(), 1101, "a head and a row each: nothing breaks out of its own");
    for row in &rows {
        assert_eq!(row.len(), 8, "{row:?}");
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{row:?}");
        }
    }
    assert_eq!((rows[1][1].as_str(), rows[1][2].as_str()), ("Shell (=cmd)", "person_renamed"));
    let json = olga.get("/admin/acme-work/events/export.json?kind=person_renamed");
    let all: Vec<Value> = serde_json::from_str(&json.body).expect("JSON");
    assert_eq!(all.len(), 1100);
    assert_eq!(all[0]["detail"]["after"], "=HYPERLINK(\"x\")\"\r\n,1099");
    let none: Vec<Value> =
        serde_json::from_str(&olga.get("/admin/acme-work/events/export.json?kind=key_rolled").body).expect("JSON");
    assert_eq!(none.len(), 0);
}

#[test]
fn b39_the_code_of_a_refusal_leads_to_the_whole_decision_of_ones_own_organization() {
    let app = TestApp::start();
    more_organizations(&app);
    let refused = app.browser().sign_in("eva@acme.example", &["strangers"], "/");
    let code = refused.header("x-usher-incident").to_owned();
    let mut admin = signed_in(&app, "acme-work", "admin@acme.example", "admin", FRESH);
    let found = admin.get(&format!("/admin/acme-work/events?incident={}", code.to_lowercase()));
    assert_eq!((found.status, found.location()), (303, format!("/admin/acme-work/events/{code}").as_str()));
    let page = admin.get(found.location()).body;
    for text in [
        "in no mapped group",
        "eva@acme.example",
        "strangers",
        "None of the groups gives a role.",
        "Acme IdP",
        "Premium",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    assert_eq!(foreign.get(&format!("/admin/other-work/events/{code}")).status, 404, "another parent's");
    assert!(foreign.get(&format!("/admin/other-work/events?incident={code}")).body.contains("No sign-in is kept"));
    attempt(&app, "TEST-C0DE");
    let mut console = signed_in(&app, "acme-console", "c@acme.example", "admin", FRESH);
    let theirs = console.get("/admin/acme-console/events/TEST-C0DE").body;
    assert!(theirs.contains("Becomes a member: Developer") && !theirs.contains("Premium"), "{theirs}");
    assert!(!admin.get("/admin/acme-work/events/TEST-C0DE").body.contains("/message\""), "not without identity");
    let before = app.events().len();
    let message = console.get("/admin/acme-console/events/TEST-C0DE/message").body;
    assert!(message.contains("&#60;script&#62;") && !message.contains("<script>alert"), "{message}");
    assert_eq!(app.events()[before..], ["message_viewed"], "that somebody looked is recorded");
    assert!(console.get("/admin/acme-console/events").body.contains("The message of sign-in TEST-C0DE was looked at."));
}

/// A person whose identity provider sends markup everywhere, on every page that shows them.
#[test]
fn what_an_identity_provider_sends_is_text_on_every_page() {
    let app = TestApp::start();
    let person = usher::demo::issuer::Person {
        name_id: HOSTILE,
        email: "eve@acme.example",
        name: HOSTILE,
        groups: &["owners", HOSTILE, "=1+1"],
    };
    let mut eve = app.browser();
    let signed_in = eve.sign_in_as(person, "/", |_| {});
    assert_eq!(signed_in.status, 303, "{signed_in:?}");
    let id = app.change(|tx| {
        let people = store::people::of_parent(tx, ParentId(1))?;
        Ok(people.into_iter().next().map(|person| person.public_id))
    });
    let here = format!("/admin/acme-work/members/{}", id.expect("eve"));
    let incident = app.change(|tx| {
        let all = store::audit::list(tx, usher::ids::AuditId(0), usher::clock::Timestamp::from_millis(0), 100)?;
        Ok(all.into_iter().find_map(|event| event.incident).expect("an incident"))
    });
    for path in [
        "/admin/acme-work".to_owned(),
        "/admin/acme-work/members".to_owned(),
        format!("/admin/acme-work/members?q={}", "%3Cscript%3Ealert(1)%3C/script%3E"),
        here.clone(),
        format!("{here}/role"),
        format!("{here}/remove"),
        "/admin/acme-work/events".to_owned(),
        format!("/admin/acme-work/events/{incident}"),
        "/admin/acme-work/events?person=%22%3E%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
        "/admin/acme-work/explain?email=eve@acme.example".to_owned(),
        "/admin/acme-work/explain?email=eve@acme.example&try=groups&groups=%3C/textarea%3E%3Cscript%3Ealert(1)"
            .to_owned(),
    ] {
        let page = eve.get(&path);
        assert_eq!(page.status, 200, "{path}: {page:?}");
        for sign in ["<script>alert", "<img src=x", "</textarea><script", "49<"] {
            assert!(!page.body.contains(sign), "{path} lets {sign} through: {page:?}");
        }
        assert_eq!(page.body.matches("<script").count(), 1, "{path}: our own script only");
    }
    assert!(eve.get(&here).body.contains("&#60;script&#62;alert(1)"), "shown, as text");
}

#[test]
fn what_happened_to_one_person_is_found_by_day_too() {
    let app = TestApp::start();
    let ute = member(&app, "acme-work", "ute@acme.example", "user", None);
    let work = organization(&app, "acme-work");
    record(&app, Some(work.parent), Some(work.id), renamed(ute, "first-event"));
    app.clock.advance(std::time::Duration::from_secs(2 * 86_400));
    record(&app, Some(work.parent), Some(work.id), renamed(ute, "second-event"));
    let mut olga = signed_in(&app, "acme-work", "olga@acme.example", "owner", FRESH);
    let mut found = |query: &str| {
        let page = olga.get(&format!("/admin/acme-work/events?person=ute@acme.example&{query}")).body;
        (page.contains("first-event"), page.contains("second-event"))
    };
    assert_eq!(found(""), (true, true));
    assert_eq!(found("since=2026-11-25"), (false, true));
    assert_eq!(found("until=2026-11-25"), (true, false));
    assert_eq!(found("kind=signed_in"), (false, false));
}

#[test]
fn the_log_leads_to_pages_of_people_whom_this_organization_knows_and_to_no_others() {
    let app = TestApp::start();
    more_organizations(&app);
    let dora = member(&app, "acme-console", "dora@acme.example", "developer", None);
    let ute = member(&app, "acme-work", "ute@acme.example", "user", None);
    let (parent, at) = (app.parent, app.clock.now());
    app.change(move |tx| {
        for (code, person) in [("AAAA-0001", dora), ("AAAA-0002", ute)] {
            let attempt = store::attempts::Attempt {
                incident: usher::ids::Incident::parse(code).expect("a code"),
                at,
                parent: Some(parent),
                connection: None,
                person: Some(person),
                code: "no_group_access".to_owned(),
                record: serde_json::json!({ "organizations": [] }).to_string(),
            };
            store::attempts::add(tx, &attempt)?;
        }
        Ok(())
    });
    let mut olga = signed_in(&app, "acme-work", "olga@acme.example", "owner", FRESH);
    for (path, known) in [
        ("events/AAAA-0001", false),
        ("events/AAAA-0002", true),
        ("explain?email=dora@acme.example", false),
        ("explain?email=ute@acme.example", true),
    ] {
        let page = olga.get(&format!("/admin/acme-work/{path}"));
        assert_eq!(page.status, 200, "{path}: {page:?}");
        assert_eq!(page.body.contains("/admin/acme-work/members/p-ute"), known, "{path}: {page:?}");
        assert!(!page.body.contains("/members/p-dora"), "{path}: {page:?}");
    }
}
