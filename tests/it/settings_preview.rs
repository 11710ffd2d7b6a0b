//! The preview of large drafts: worked out once and kept, shown by page, by what happens and by address, and as a file (rule B32).

use std::collections::BTreeSet;
use std::time::Duration;

use usher::identity::{AssertedGroups, EmailAddress, Subject};
use usher::organization::{Member, MemberStatus, Source};
use usher::product::RoleKey;
use usher::store;

use crate::settings_identity::{owner, press};
use crate::settings_support::{FRESH, more_organizations, organization, session, signed_in};
use crate::support::{Answer, Browser, TestApp};

const HERE: &str = "/admin/acme-work/identity";
const PREVIEW: &str = "/admin/acme-work/identity/preview";

/// Everybody becomes an owner.
const PROMOTED: [(&str, &str); 3] = [("mode", "jit"), ("mappings", "on"), ("role-owner", "everyone")];

/// Members with the role User who last signed in with the group `everyone`; one of them has an address that a spreadsheet would compute.
fn people(app: &TestApp, from: usize, to: usize) {
    let (at, now) = (organization(app, "acme-work"), usher::clock::Clock::now(&*app.clock));
    app.change(move |tx| {
        let connection = store::connections::of_parent(tx, at.parent)?.remove(0).id;
        for n in from..to {
            let local = match n {
                7 => "+cmd".to_owned(),
                8 => "Ändré".to_owned(),
                _ => format!("person{n:06}"),
            };
            let email = EmailAddress::parse(&format!("{local}@acme.example")).expect("an address");
            let person = store::people::add(tx, at.parent, &format!("p-{n:06}"), &email, "Somebody", now)?;
            let subject = Subject::new(&format!("id-of-{local}")).expect("a subject");
            let groups = AssertedGroups::listed(["everyone"]);
            store::people::remember_sign_in(tx, connection, &subject, person, &groups, now)?;
            let member = Member {
                organization: at.id,
                person,
                status: MemberStatus::Active,
                role: RoleKey::new("user"),
                role_source: Source::Default,
                role_pin: None,
                seat: None,
                seat_source: Source::Default,
                seat_pin: None,
                joined_at: now,
                version: 1,
            };
            store::members::put(tx, &member)?;
        }
        Ok(())
    });
}

fn between<'a>(page: &'a str, before: &str, after: &str) -> Option<&'a str> {
    page.split_once(before)?.1.split_once(after).map(|(value, _)| value)
}

/// An address out of a page, as a browser reads it.
fn link(page: &Answer, before: &str) -> Option<String> {
    between(&page.body, before, "\"").map(|href| href.replace("&amp;", "&").replace("&#38;", "&"))
}

fn addresses(page: &Answer) -> Vec<String> {
    let rows = page.body.split("<tr><td>").skip(1).filter(|row| row.contains("class=\"badge"));
    let cells = rows.map(|row| row.split("</td>").next().unwrap_or_default());
    cells
        .map(|cell| cell.trim_end_matches("</a>").rsplit('>').next().unwrap_or_default().replace("&#43;", "+"))
        .collect()
}

/// All pages from one on.
fn walk(olga: &mut Browser<'_>, path: &str) -> Vec<String> {
    let (mut all, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let page = olga.get(&path);
        assert_eq!(page.status, 200, "{page:?}");
        all.extend(addresses(&page));
        next = link(&page, "rel=\"next\" href=\"");
    }
    all
}

fn mark(page: &Answer) -> String {
    between(&page.body, "name=\"of\" value=\"", "\"").expect("a mark").to_owned()
}

/// A draft that promotes everybody, and its preview.
fn drafted(olga: &mut Browser<'_>) -> Answer {
    assert_eq!(press(olga, "save", &PROMOTED).location(), PREVIEW);
    let page = olga.get(PREVIEW);
    assert_eq!(page.status, 200, "{page:?}");
    page
}

#[test]
fn b31_groups_of_sign_ins_are_counted_without_looking_at_anybody() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    people(&app, 0, 250);
    press(&mut olga, "add:role:user", &[("mode", "jit"), ("mappings", "on"), ("role-user", "everyone")]);
    let page = olga.get(HERE);
    assert!(page.body.contains("250 people, "), "in the row: {}", page.body);
    app.browser().sign_in("person000009@acme.example", &["staff"], "/");
    press(&mut olga, "add:role:user", &[("mode", "jit"), ("mappings", "on"), ("role-user", "staff")]);
    let page = olga.get(HERE);
    assert!(page.body.contains("249 people, ") && page.body.contains("one person, "), "{}", page.body);
}

#[test]
fn b32_everybody_is_on_one_page_of_the_preview_and_in_its_file() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    people(&app, 0, 250);
    let page = drafted(&mut olga);
    assert!(page.body.contains("250 people get another role or seat."), "{}", page.body);
    assert_eq!(addresses(&page).len(), 100);
    let before = app.db.statements_read();
    let all = walk(&mut olga, PREVIEW);
    assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len(), "nobody twice");
    assert_eq!(all.len(), 250);
    let cost = app.db.statements_read() - before;
    assert!(cost < 200, "{cost} statements for three pages: it was worked out before");
    let file = olga.get(
        &link(&page, "<a href=\"/admin/acme-work/identity/preview/export")
            .map_or_else(String::new, |rest| format!("/admin/acme-work/identity/preview/export{rest}")),
    );
    assert_eq!(file.status, 200, "{file:?}");
    assert!(file.header("content-disposition").contains("preview-acme-work.csv"), "{file:?}");
    let rows: Vec<&str> = file.body.split("\r\n").filter(|row| !row.is_empty()).collect();
    assert_eq!(rows.len(), 251, "a head and everybody");
    assert!(file.body.contains("\"'+cmd@acme.example\",\"changed\",\"\",\"user\",\"\",\"owner\",\""), "{}", file.body);
    assert!(!rows.iter().any(|row| row.starts_with("\"+")), "no cell is a formula");
}

#[test]
fn b32_people_are_found_by_what_happens_to_them_and_by_address() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    people(&app, 0, 130);
    let of = mark(&drafted(&mut olga));
    let mut found = |query: &str| walk(&mut olga, &format!("{PREVIEW}?of={of}&{query}"));
    assert_eq!(found("effect=role_changes").len(), 130);
    assert_eq!(found("effect=changed&q=PERSON00010").len(), 10, "in any case");
    for nobody in ["unknown", "loses_identity", "removed"] {
        assert_eq!(found(&format!("effect={nobody}")), [] as [&str; 0], "{nobody}");
    }
    assert_eq!(found("effect=seat_changes").len(), 5, "the seats that there are");
    assert_eq!(found("q=%2Bcmd"), ["+cmd@acme.example"]);
    for typed in ["%C3%84ndr%C3%A9", "%C3%A4ndr"] {
        assert_eq!(found(&format!("q={typed}")), ["Ändré@acme.example"], "capitals outside ASCII are kept: {typed}");
    }
    let page = olga.get(&format!("{PREVIEW}?of={of}&effect=removed"));
    assert!(page.body.contains("Nobody here is like that."), "{}", page.body);
    assert!(page.body.contains("130 people get another role."), "the counts are there always");
    let file = olga.get(&format!("{PREVIEW}/export.csv?of={of}&effect=changed&q=cmd"));
    assert_eq!(file.body.lines().count(), 2, "{}", file.body);
}

#[test]
fn a_preview_that_nobody_looked_at_for_an_hour_is_kept_no_longer() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    people(&app, 0, 3);
    let of = mark(&drafted(&mut olga));
    let ready =
        |olga: &mut Browser<'_>| olga.get(HERE).body.contains("What your draft would change has been worked out");
    app.clock.advance(Duration::from_secs(3600));
    session(&mut olga, "acme-work", "olga@acme.example", FRESH);
    assert!(ready(&mut olga), "{}", olga.get(HERE).body);
    app.clock.advance(Duration::from_secs(1));
    assert!(!ready(&mut olga));
    let page = olga.get(&format!("{PREVIEW}?of={of}"));
    assert_eq!(page.status, 200, "it is worked out again: {page:?}");
    assert!(ready(&mut olga));
}

#[test]
fn b32_an_address_that_nobody_gave_out_leads_to_a_page() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    people(&app, 0, 3);
    let of = mark(&drafted(&mut olga));
    let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for query in [
        format!("of={script}&effect={script}&q={script}&after={script}&work={script}"),
        format!("of={of}&effect={script}&q={script}&after=99999999999999999999.x"),
        format!("of={of}&after=.&q={}", "x".repeat(5000)),
        "of=%00&effect=%ff".to_owned(),
    ] {
        let page = olga.get(&format!("{PREVIEW}?{query}"));
        assert_eq!(page.status, 200, "{query}: {page:?}");
        assert!(!page.body.contains("<script>alert"), "{query}");
        let file = olga.get(&format!("{PREVIEW}/export.csv?{query}"));
        assert!([200, 303].contains(&file.status), "{query}: {file:?}");
    }
}

#[test]
fn b32_a_page_shows_what_the_one_before_it_showed_and_says_if_something_has_moved() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    people(&app, 0, 150);
    let page = drafted(&mut olga);
    let next = link(&page, "rel=\"next\" href=\"").expect("a second page");
    app.browser().sign_in("person000149@acme.example", &["guests"], "/");
    let second = olga.get(&next);
    assert!(addresses(&second).contains(&"person000149@acme.example".to_owned()), "as it was worked out");
    assert!(second.body.contains("Something has changed since."), "{}", second.body);
    let anew = walk(&mut olga, PREVIEW);
    assert!(!anew.contains(&"person000149@acme.example".to_owned()), "who is gone by now");
    // The first page again: it is no longer kept.
    let first = olga.get(&next);
    assert_eq!(first.status, 200);
    assert!(first.body.contains("What you were shown before is no longer kept"), "{}", first.body);
    assert!(addresses(&first).contains(&"person000000@acme.example".to_owned()), "from the beginning");
    let file = olga.get(&next.replace("/preview?", "/preview/export.csv?"));
    assert_eq!(file.status, 303, "no file of another list than was shown: {file:?}");
}

#[test]
fn b32_what_was_shown_is_saved_although_people_sign_in_meanwhile_and_not_if_they_tell_something_new() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    people(&app, 0, 5);
    let page = drafted(&mut olga);
    let seen = between(&page.body, "name=\"seen\" value=\"", "\"").expect("what was shown").to_owned();
    app.browser().sign_in("person000001@acme.example", &["admins", "everyone"], "/");
    let refused = olga.post(PREVIEW, &[("seen", &seen), ("confirm", "Acme Work")]);
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.body.contains("Something has changed since you were shown this"), "{}", refused.body);
    let seen = between(&refused.body, "name=\"seen\" value=\"", "\"").expect("shown again").to_owned();
    app.browser().sign_in("person000001@acme.example", &["admins", "everyone"], "/");
    let before = app.db.statements_read();
    let saved = olga.post(PREVIEW, &[("seen", &seen), ("confirm", "Acme Work")]);
    assert_eq!(saved.status, 303, "{saved:?}");
    assert!(app.db.statements_read() - before < 60, "it was not worked out again");
    let again = olga.post(PREVIEW, &[("seen", &seen), ("confirm", "Acme Work")]);
    assert_eq!((again.status, again.location()), (303, HERE), "sent twice: {again:?}");
}

#[test]
fn b32_a_restart_forgets_a_preview_and_what_was_shown_can_still_be_saved() {
    let mut app = TestApp::start();
    let (cookies, seen, next) = {
        let mut olga = owner(&app);
        people(&app, 0, 120);
        let page = drafted(&mut olga);
        let seen = between(&page.body, "name=\"seen\" value=\"", "\"").expect("what was shown").to_owned();
        assert!(olga.get(HERE).body.contains("What your draft would change has been worked out."));
        assert!(olga.get("/admin/acme-work").body.contains("What your draft would change has been worked out."));
        (olga.cookies.clone(), seen, link(&page, "rel=\"next\" href=\"").expect("a second page"))
    };
    app.restart();
    let mut olga = app.browser();
    olga.cookies = cookies;
    assert!(!olga.get(HERE).body.contains("What your draft would change"), "nothing is kept");
    let second = olga.get(&next);
    assert_eq!((second.status, addresses(&second).len()), (200, 20), "the same list, so the same page: {second:?}");
    let saved = olga.post(PREVIEW, &[("seen", &seen), ("confirm", "Acme Work")]);
    assert_eq!(saved.status, 303, "{saved:?}");
}

#[test]
fn a_preview_is_its_editors_own() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut olga = owner(&app);
    people(&app, 0, 3);
    let of = mark(&drafted(&mut olga));
    let mut otto = signed_in(&app, "acme-work", "otto@acme.example", "owner", FRESH);
    for path in [format!("{PREVIEW}?of={of}"), format!("{PREVIEW}/export.csv?of={of}")] {
        let page = otto.get(&path);
        assert_eq!(page.status, 303, "otto has no draft: {page:?}");
        let mut eve = app.browser();
        signed_in(&app, "other-work", "eve@acme.example", "owner", FRESH);
        session(&mut eve, "other-work", "eve@acme.example", FRESH);
        assert_eq!(eve.get(&path).status, 404, "an owner elsewhere");
        let mut adam = signed_in(&app, "acme-work", "adam@acme.example", "admin", FRESH);
        assert_eq!(adam.get(&path).status, 403, "a role without identity");
    }
}
