//! Who may use which settings page: every route against every role, written down in `tests/golden/settings_access.txt`.

use std::fmt::Write as _;

use crate::routes::routes;
use crate::settings_support::{
    FRESH, OLD, attempt, end, halted_run, member, more_organizations, operator, proposal, session, signed_in,
};
use crate::support::{Answer, Browser, PUBLIC, TestApp};

/// What a visitor gets, in a word. A form is sent without the proof that it is ours, so that nothing happens: whoever is told that
/// was let in.
fn word(answer: &Answer) -> String {
    match (answer.status, answer.header("x-usher-error")) {
        (200, _) | (403, "foreign_form") => "in".to_owned(),
        (303, _) if answer.location().starts_with("/account/again") => "again".to_owned(),
        (303, _) if answer.location().starts_with("/sign-in") => "sign-in".to_owned(),
        (303, _) => "in".to_owned(),
        (status, _) => status.to_string(),
    }
}

fn visit(browser: &mut Browser<'_>, method: &str, path: &str) -> String {
    let answer = match method {
        "GET" => browser.get(path),
        _ => browser.post_with(path, &[("origin", PUBLIC)], &[("csrf", "forged")]),
    };
    assert!(answer.status < 500, "{method} {path}: {answer:?}");
    word(&answer)
}

fn sample(path: &str, organization: &str) -> String {
    let path = path.replace("{organization}", organization).replace("{person}", "p-sample");
    let path = path.replace("{application}", "wiki").replace("{incident}", "TEST-C0DE");
    let path = path.replace("{connection}", "acme").replace("{proposal}", "1");
    let path = path.replace("{domain}", "acme.example").replace("{link}", "1");
    path.replace("{run}", "1").replace("{token}", "1")
}

#[test]
fn every_page_is_open_to_the_roles_written_down_and_to_nobody_else() {
    let app = TestApp::start();
    more_organizations(&app);
    for at in ["acme-work", "acme-console"] {
        member(&app, at, "sample@acme.example", "user", None);
    }
    attempt(&app, "TEST-C0DE");
    crate::scim_support::token(&app, app.parent, "a-very-secret-token-of-thirty-two-letters");
    halted_run(&app, "acme-work");
    proposal(&app);
    let team = |role: &str| signed_in(&app, "acme-work", &format!("team-{role}@acme.example"), role, FRESH);
    let console = |role: &str| signed_in(&app, "acme-console", &format!("console-{role}@acme.example"), role, FRESH);
    let mut visitors = vec![
        ("stranger", "acme-work", app.browser()),
        ("owner", "acme-work", team("owner")),
        ("admin", "acme-work", team("admin")),
        ("user", "acme-work", team("user")),
        ("c-admin", "acme-console", console("admin")),
        ("c-dev", "acme-console", console("developer")),
        ("c-billing", "acme-console", console("billing")),
        ("c-code", "acme-console", console("claude-code-user")),
        ("c-user", "acme-console", console("user")),
        ("operator", "acme-work", operator(&app)),
    ];
    // Owners who are at the wrong place, gone, or have been signed in for long.
    let ended = member(&app, "acme-work", "ended@acme.example", "owner", None);
    end(&app, "acme-work", ended);
    let mut gone = app.browser();
    session(&mut gone, "acme-work", "ended@acme.example", FRESH);
    visitors.push(("ended", "acme-work", gone));
    visitors.push(("sibling", "acme-console", signed_in(&app, "acme-work", "s@acme.example", "owner", FRESH)));
    visitors.push(("foreign", "acme-work", signed_in(&app, "other-work", "f@other.example", "owner", FRESH)));
    visitors.push(("nowhere", "no-such-place", signed_in(&app, "acme-work", "n@acme.example", "owner", FRESH)));
    visitors.push(("old", "acme-work", signed_in(&app, "acme-work", "o@acme.example", "owner", OLD)));
    let mut table = format!("{:78}", "");
    for (name, ..) in &visitors {
        let _ = write!(table, " {name:9}");
    }
    for (method, path, access) in routes().into_iter().filter(|(_, _, access)| access.starts_with("admin")) {
        let _ = write!(table, "\n{:78}", format!("{method} {path} {access}"));
        for (_, at, browser) in &mut visitors {
            let _ = write!(table, " {:9}", visit(browser, &method, &sample(&path, at)));
        }
    }
    let table: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    let file = format!("{}/tests/golden/settings_access.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &table).expect("written");
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(golden, table, "UPDATE_GOLDEN=1 and read every word of the difference");
}

#[test]
fn somebody_elses_organization_looks_like_one_that_does_not_exist() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    let strip = |answer: Answer| {
        let incident = answer.header("x-usher-incident").to_owned();
        let body = answer.body.replace(&incident, "").replace("acme-work", "X").replace("no-such-place", "X");
        (answer.status, body)
    };
    for path in ["", "/members", "/billing", "/events"] {
        let theirs = strip(foreign.get(&format!("/admin/acme-work{path}")));
        let nobodys = strip(foreign.get(&format!("/admin/no-such-place{path}")));
        assert_eq!(theirs, nobodys, "{path}");
        assert_eq!(theirs.0, 404);
    }
    let all = foreign.get("/admin");
    assert_eq!((all.status, all.location()), (303, "/admin/other-work"), "straight on to the only one");
}

#[test]
fn what_hurts_needs_a_fresh_sign_in_and_every_such_form_has_a_page_to_come_back_to() {
    let all = routes();
    let fresh: Vec<_> = all.iter().filter(|(_, _, access)| access.ends_with(":fresh")).collect();
    for (method, path, _) in &fresh {
        let page = all.iter().any(|(other, at, _)| other == "GET" && at == path);
        assert!(method == "GET" || page, "{path}");
    }
    let app = TestApp::start();
    let mut old = signed_in(&app, "acme-work", "o@acme.example", "owner", OLD);
    let again = old.get("/account/again?return_to=%2Fadmin%2Facme-work%2Fmembers");
    assert!(again.body.contains("href=\"/sign-in/acme?return_to=%2Fadmin%2Facme-work%2Fmembers\""), "{again:?}");
    for elsewhere in ["https%3A%2F%2Fevil.example%2Fadmin%2F", "%2F%2Fevil.example", "%2Fsign-out", "javascript%3Ax"] {
        let again = old.get(&format!("/account/again?return_to={elsewhere}"));
        assert!(again.body.contains("href=\"/sign-in/acme?return_to=%2Fadmin\""), "{elsewhere}: {again:?}");
    }
}

#[test]
fn an_operators_link_opens_every_organization_and_a_person_is_preferred_for_the_log() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut visitor = operator(&app);
    let all = visitor.get("/admin");
    for name in ["Acme Work", "Acme Console", "Other Work"] {
        assert!(all.body.contains(name), "{name}: {all:?}");
    }
    assert!(visitor.get("/admin/other-work").body.contains("You are the operator until"));
    member(&app, "acme-work", "both@acme.example", "owner", None);
    session(&mut visitor, "acme-work", "both@acme.example", FRESH);
    assert!(!visitor.get("/admin/acme-work").body.contains("You are the operator until"));
    assert!(visitor.get("/admin/other-work").body.contains("You are the operator until"));
}
