//! The directory and its runs as settings pages: tokens, users with what they are here, what waits for approval, and what is taken back
//! (rules B29, B30, B33, B34, B35, B43).

use serde_json::json;
use usher::organization::{Member, ProvisioningMode};
use usher::product::ProductKey;
use usher::store;

use crate::scim_support::{Pushing, token};
use crate::settings_support::{FRESH, OLD, member, more_organizations, operator, organization, signed_in};
use crate::support::{Answer, Browser, TestApp};

const ALL: &str = "/admin/acme-work/runs";
const DIRECTORY: &str = "/admin/acme-work/directory";

fn app() -> TestApp {
    TestApp::with(
        move |organization| {
            organization.product = ProductKey::new("enterprise-seats");
            organization.mode = ProvisioningMode::Scim { group_mappings: true };
        },
        |_| {},
    )
}

fn owner(app: &TestApp) -> Browser<'_> {
    signed_in(app, "acme-work", "olga@acme.example", "owner", FRESH)
}

/// Five people in a mapped group.
fn five(app: &TestApp) -> (Pushing, String) {
    let pushing = Pushing::new(app);
    let ids: Vec<String> = ["anna", "bert", "cleo", "dora", "emil"].iter().map(|name| pushing.user(name)).collect();
    let group = pushing.group("everyone", &ids.iter().map(String::as_str).collect::<Vec<_>>());
    (pushing, group)
}

fn standing(app: &TestApp) -> usize {
    let at = organization(app, "acme-work").id;
    let all = app.change(move |tx| store::members::of_organization(tx, at));
    all.iter().filter(|member| Member::is_active(member)).count()
}

/// A run that waits for approval: the group is gone, and five memberships with it.
fn halted(app: &TestApp) -> (Pushing, String) {
    let (pushing, group) = five(app);
    assert_eq!(pushing.delete(&format!("/Groups/{group}")).status, 204);
    let at = organization(app, "acme-work").id;
    let open = app.change(move |tx| store::sync_runs::open(tx, at));
    assert_eq!(open.len(), 1, "{open:?}");
    (pushing, format!("{ALL}/{}", open[0].id))
}

fn mark(page: &Answer) -> String {
    let rest = page.body.split("name=\"seen\" value=\"").nth(1).expect("a mark");
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[test]
fn b34_what_waits_for_approval_is_listed_approved_and_taken_back_from_pages() {
    let app = app();
    let mut olga = owner(&app);
    let (_pushing, run) = halted(&app);
    assert_eq!(standing(&app), 6, "nobody is gone yet");
    let overview = olga.get("/admin/acme-work").body;
    assert!(overview.contains("5 memberships would end, and need your approval") && overview.contains(&run));
    assert!(olga.get(ALL).body.contains("5 memberships would end"));
    let page = olga.get(&run).body;
    for name in ["anna", "bert", "cleo", "dora", "emil"] {
        assert!(page.contains(&format!("{name}@acme.example")), "{name}: {page}");
    }
    assert!(page.contains("would be no member") && page.contains("User, Premium"), "{page}");
    assert!(olga.get(&format!("{run}/approve")).body.contains("End 5 memberships"));
    let approved = olga.post(&format!("{run}/approve"), &[]);
    assert_eq!((approved.status, approved.location()), (303, run.as_str()), "{approved:?}");
    assert_eq!(standing(&app), 1);
    let events = app.events();
    assert!(events.contains(&"sync_approved".to_owned()), "{events:?}");
    let twice = olga.post(&format!("{run}/approve"), &[]);
    assert!(olga.get(twice.location()).body.contains("This run was decided on already."), "{twice:?}");
    assert_eq!(app.events().len(), events.len(), "a double submit changes nothing");
    assert!(olga.get(&format!("{run}/undo")).body.contains("5 people stand again as before the run."));
    let undone = olga.post(&format!("{run}/undo"), &[]);
    assert!(olga.get(undone.location()).body.contains("Undone: 5 stand as before, 0 left as they are."), "{undone:?}");
    assert_eq!(standing(&app), 6);
    assert!(app.events().contains(&"sync_undone".to_owned()));
}

#[test]
fn what_cannot_be_restored_is_said_before_a_run_is_taken_back() {
    let app = app();
    let mut olga = owner(&app);
    let (_pushing, run) = halted(&app);
    assert_eq!(olga.post(&format!("{run}/approve"), &[]).status, 303);
    // Two come back by hand, one of them with a seat that another one had.
    member(&app, "acme-work", "anna@acme.example", "admin", Some("premium"));
    member(&app, "acme-work", "zoe@acme.example", "user", Some("premium"));
    let page = olga.get(&format!("{run}/undo")).body;
    assert!(page.contains("2 people are left as they are"), "{page}");
    assert!(page.contains("anna@acme.example: changed again since"), "{page}");
    assert!(page.contains("bert@acme.example: no Premium seat is free"), "{page}");
    let told = olga.post(&format!("{run}/undo"), &[]);
    assert!(olga.get(told.location()).body.contains("Undone: 3 stand as before, 2 left as they are."), "{told:?}");
}

#[test]
fn a_dismissed_run_leaves_everybody_where_they_are() {
    let app = app();
    let mut olga = owner(&app);
    let (_pushing, run) = halted(&app);
    assert!(olga.get(&format!("{run}/dismiss")).body.contains("5 memberships stand as they are."));
    assert_eq!(olga.post(&format!("{run}/dismiss"), &[]).status, 303);
    assert_eq!(standing(&app), 6);
    assert!(app.events().contains(&"sync_dismissed".to_owned()));
    for deed in ["approve", "dismiss", "undo"] {
        let late = olga.post(&format!("{run}/{deed}"), &[]);
        assert!(olga.get(late.location()).body.contains("decided on already"), "{deed}: {late:?}");
        assert_eq!(olga.get(&format!("{run}/{deed}")).status, 303, "{deed}");
    }
    assert_eq!(standing(&app), 6);
}

#[test]
fn b33_a_run_that_takes_the_last_owner_is_approved_only_with_the_name_typed() {
    let app = app();
    let pushing = Pushing::new(&app);
    let (anna, bert) = (pushing.user("anna"), pushing.user("bert"));
    let group = pushing.group("owners", &[&anna, &bert]);
    assert_eq!(pushing.delete(&format!("/Groups/{group}")).status, 204);
    let at = organization(&app, "acme-work").id;
    let run = app.change(move |tx| store::sync_runs::open(tx, at)).first().expect("halted").id;
    let mut visitor = operator(&app);
    let path = format!("{ALL}/{run}/approve");
    assert!(visitor.get(&path).body.contains("Type Acme Work to confirm"));
    for typed in ["", "acme-work", "Acme"] {
        let answer = visitor.post(&path, &[("confirm", typed)]);
        assert!(answer.status == 422 && answer.body.contains("id=\"confirm-problem\""), "{typed}: {answer:?}");
    }
    assert_eq!(standing(&app), 2);
    assert_eq!(visitor.post(&path, &[("confirm", "Acme Work")]).status, 303);
    assert_eq!(standing(&app), 0);
}

#[test]
fn b33_where_nobody_could_configure_before_a_run_locks_nobody_out() {
    let app = app();
    let (_pushing, run) = halted(&app);
    let mut visitor = operator(&app);
    assert!(!visitor.get(&format!("{run}/approve")).body.contains("Type Acme Work to confirm"));
    assert_eq!(visitor.post(&format!("{run}/approve"), &[]).status, 303);
    assert_eq!(standing(&app), 0);
}

#[test]
fn b35_sync_now_reports_what_it_did_and_a_form_sent_twice_begins_one_run() {
    let app = app();
    let mut olga = owner(&app);
    five(&app);
    let page = olga.get(DIRECTORY);
    assert!(page.body.contains("Manage SCIM") && page.body.contains("Sync now"), "{page:?}");
    let seen = mark(&page);
    let begun = olga.post(ALL, &[("seen", &seen)]);
    assert!(begun.status == 303 && begun.location().starts_with(&format!("{ALL}/")), "{begun:?}");
    let report = olga.get(begun.location()).body;
    assert!(report.contains("0 added, 0 updated, 0 removed, 0 waiting") && report.contains("sync now"), "{report}");
    let events = app.events().len();
    let again = olga.post(ALL, &[("seen", &seen)]);
    assert_eq!((again.status, again.location()), (303, begun.location()), "to the run that there is: {again:?}");
    assert!(olga.get(ALL).body.contains("There is a newer run than this page knew of."));
    assert_eq!(app.events().len(), events);
}

#[test]
fn runs_of_others_are_as_good_as_none_and_old_sign_ins_only_look() {
    let app = app();
    let (_pushing, run) = halted(&app);
    more_organizations(&app);
    let id = run.rsplit('/').next().expect("a number").to_owned();
    let mut sibling = signed_in(&app, "acme-console", "c@acme.example", "admin", FRESH);
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    for (browser, at) in [(&mut sibling, "acme-console"), (&mut foreign, "other-work")] {
        for deed in ["", "/approve", "/dismiss", "/undo"] {
            let path = format!("/admin/{at}/runs/{id}{deed}");
            assert_eq!(browser.get(&path).status, 404, "{path}");
            if !deed.is_empty() {
                assert_eq!(browser.post(&path, &[]).status, 404, "{path}");
            }
        }
    }
    let mut old = signed_in(&app, "acme-work", "old@acme.example", "owner", OLD);
    assert_eq!(old.get(&run).status, 200);
    for deed in ["approve", "dismiss", "undo"] {
        let answer = old.post(&format!("{run}/{deed}"), &[]);
        assert!(answer.location().starts_with("/account/again"), "{deed}: {answer:?}");
    }
    for rubbish in ["0", "-1", "99", "x", "1x", "9223372036854775808", "%2e%2e"] {
        assert_eq!(old.get(&format!("{ALL}/{rubbish}")).status, 404, "{rubbish}");
    }
    assert_eq!(standing(&app), 6 + 1 - 1, "old and the five; nobody was ended");
}

#[test]
fn b30_a_token_is_shown_once_used_and_revoked() {
    let app = app();
    let mut olga = owner(&app);
    let set_up = olga.get(DIRECTORY).body;
    assert!(set_up.contains("Set up SCIM") && set_up.contains("/scim/v2</code>"), "{set_up}");
    let tokens = format!("{DIRECTORY}/tokens");
    let seen = mark(&olga.get(&tokens));
    let form = [("name", "Okta <b>"), ("until", "2030-01-31"), ("seen", seen.as_str())];
    let made = olga.post(&tokens, &form);
    assert_eq!(made.status, 200, "{made:?}");
    let text =
        made.body.split("<code id=\"made\"").nth(1).and_then(|rest| rest.split(['>', '<']).nth(1)).expect("a token");
    let text = text.to_owned();
    assert!(made.body.contains("Okta &#60;b&#62;") && made.header("cache-control").contains("no-store"), "{made:?}");
    assert_eq!(Pushing::with(&app, Some(&format!("Bearer {text}"))).get("/Users").status, 200);
    let twice = olga.post(&tokens, &form);
    assert!(twice.status == 422 && twice.body.contains("Another token was made since"), "{twice:?}");
    let list = olga.get(DIRECTORY).body;
    assert!(!list.contains(&text) && list.contains("Okta &#60;b&#62;"), "never again");
    assert_eq!(app.events().iter().filter(|kind| *kind == "added").count(), 1);
    let at = app.parent;
    let id = app.change(move |tx| store::scim_tokens::of_parent(tx, at))[0].id;
    let revoke = format!("{tokens}/{id}/revoke");
    assert!(olga.get(&revoke).body.contains("There is no other valid token"));
    assert_eq!(olga.post(&revoke, &[]).status, 303);
    assert_eq!(Pushing::with(&app, Some(&format!("Bearer {text}"))).get("/Users").status, 401, "at once");
    assert_eq!(olga.post(&revoke, &[]).status, 404, "a double submit");
    assert!(app.events().contains(&"removed".to_owned()));
}

#[test]
fn hostile_an_admin_of_an_attached_organization_makes_and_revokes_no_token() {
    let app = app();
    more_organizations(&app);
    let mut carla = signed_in(&app, "acme-console", "carla@acme.example", "admin", FRESH);
    let parent = app.parent;
    token(&app, parent, "our-very-secret-token-of-thirty-two-");
    let tokens = |app: &TestApp| app.change(move |tx| store::scim_tokens::of_parent(tx, parent));
    let (before, events) = (tokens(&app), app.events().len());
    let page = carla.get("/admin/acme-console/directory");
    assert!(page.status == 200 && !page.body.contains("directory/tokens"), "{page:?}");
    assert!(page.body.contains("Work"), "the page names who may: {page:?}");
    let seen = before.last().map_or(0, |token| token.id).to_string();
    let made = carla.post("/admin/acme-console/directory/tokens", &[("name", "mine"), ("seen", &seen)]);
    assert_eq!(made.status, 403, "the directory is everybody's: {made:?}");
    let there = format!("/admin/acme-console/directory/tokens/{}/revoke", before[0].id);
    assert_eq!(carla.post(&there, &[]).status, 403);
    assert_eq!((tokens(&app).len(), app.events().len()), (before.len(), events));
    assert!(owner(&app).get("/admin/acme-work/directory").body.contains("directory/tokens"));
}

#[test]
fn tokens_of_another_parent_are_as_good_as_none() {
    let app = app();
    more_organizations(&app);
    let other = organization(&app, "other-work").parent;
    let theirs = token(&app, other, "their-very-secret-token-of-thirty-two");
    let mut olga = owner(&app);
    let revoke = format!("{DIRECTORY}/tokens/{theirs}/revoke");
    assert_eq!((olga.get(&revoke).status, olga.post(&revoke, &[]).status), (404, 404));
    assert!(!olga.get(DIRECTORY).body.contains("thei"));
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    let refused = foreign.post("/admin/other-work/directory/tokens", &[("name", "x"), ("seen", &theirs.to_string())]);
    // Other's plan is Team, but it is the product that may not; enterprise seats may.
    assert_eq!(refused.status, 200, "{refused:?}");
}

#[test]
fn b30_users_and_groups_stand_with_what_they_are_here_and_why() {
    let app = app();
    let mut olga = owner(&app);
    let (pushing, group) = five(&app);
    pushing.user("frida");
    let gustav = pushing.user("gustav");
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    assert_eq!(pushing.patch(&format!("/Users/{gustav}"), off).status, 200);
    let hostile =
        json!({ "schemas": [crate::scim_support::USER], "userName": "<script>alert(1)</script>", "active": true });
    assert_eq!(pushing.post("/Users", hostile).status, 201);
    let hans = pushing.user("hans");
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": hans }] }]);
    assert!(pushing.patch(&format!("/Groups/{group}"), add).status < 300);
    let page = olga.get(&format!("{DIRECTORY}/users")).body;
    for text in [
        "Member: User, Premium",
        "Not a member: in no mapped group",
        "Not a member: inactive in the directory",
        "Not a member: no usable e-mail address",
        "Not a member: no free seat",
        "&#60;script&#62;alert(1)&#60;/script&#62;",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let found = olga.get(&format!("{DIRECTORY}/users?q=FRID")).body;
    assert!(found.contains("frida@acme.example") && !found.contains("anna@acme.example"), "{found}");
    let groups = olga.get(&format!("{DIRECTORY}/groups")).body;
    assert!(groups.contains("everyone") && groups.contains("role User"), "{groups}");
    let mismatches = olga.get(&format!("{DIRECTORY}/mismatches")).body;
    assert!(mismatches.contains("olga@acme.example") && mismatches.contains("A member, but not in the directory"));
    assert!(mismatches.contains("Has no usable e-mail address"), "{mismatches}");
    let requests = olga.get(&format!("{DIRECTORY}/requests")).body;
    assert!(!requests.contains("<script>alert"), "{requests}");
    more_organizations(&app);
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    for path in ["users", "users?q=a", "groups", "requests", "mismatches"] {
        let theirs = foreign.get(&format!("/admin/other-work/directory/{path}"));
        assert!(theirs.status == 200 && !theirs.body.contains("acme.example"), "{path}: {theirs:?}");
    }
}

#[test]
fn long_lists_are_paged_by_cursor_and_rubbish_in_the_cursor_begins_anew() {
    let app = app();
    let mut olga = owner(&app);
    let pushing = Pushing::new(&app);
    for n in 0..60 {
        pushing.user(&format!("user{n:03}"));
    }
    let first = olga.get(&format!("{DIRECTORY}/users"));
    assert!(first.body.contains("user049") && !first.body.contains("user050"), "{first:?}");
    let next = first.body.split("rel=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    let second = olga.get(&next.replace("&#38;", "&")).body;
    assert!(second.contains("user050") && second.contains("user059") && !second.contains("user049"), "{second}");
    for rubbish in ["x", "-1", "0", "99999999999999999999"] {
        let page = olga.get(&format!("{DIRECTORY}/users?after={rubbish}")).body;
        assert!(page.contains("user000"), "{rubbish}");
        for other in ["groups?after", "requests?before", "mismatches?after"] {
            assert_eq!(olga.get(&format!("{DIRECTORY}/{other}={rubbish}")).status, 200, "{other} {rubbish}");
        }
        assert_eq!(olga.get(&format!("{ALL}?before={rubbish}")).status, 200, "{rubbish}");
    }
}

#[test]
fn b29_where_directory_sync_is_not_offered_the_page_says_why_and_makes_no_token() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    let page = olga.get(DIRECTORY).body;
    assert!(page.contains("is not offered for the product of this organization"), "{page}");
    let refused = olga.post(&format!("{DIRECTORY}/tokens"), &[("name", "x"), ("seen", "0")]);
    assert!(refused.status == 422 && refused.body.contains("is not offered for the product"), "{refused:?}");
    let at = app.parent;
    assert_eq!(app.change(move |tx| store::scim_tokens::of_parent(tx, at)), []);
    assert_eq!(olga.post(ALL, &[("seen", "0")]).status, 400, "nothing to sync");
}

#[test]
fn b30_a_token_is_refused_from_the_end_of_the_day_that_was_typed() {
    let app = app();
    let mut olga = owner(&app);
    let tokens = format!("{DIRECTORY}/tokens");
    let seen = mark(&olga.get(&tokens));
    for (name, until, field) in [("", "", "name"), ("two\nlines", "", "name"), ("Okta", "2026-11-23", "until")] {
        let wrong = olga.post(&tokens, &[("name", name), ("until", until), ("seen", &seen)]);
        assert!(
            wrong.status == 422 && wrong.body.contains(&format!("id=\"{field}-problem\"")),
            "{name:?} {until}: {wrong:?}"
        );
    }
    let made = olga.post(&tokens, &[("name", "Okta"), ("until", "2026-11-25"), ("seen", &seen)]);
    let text = made.body.split("<code id=\"made\"").nth(1).and_then(|rest| rest.split(['>', '<']).nth(1));
    let pushing = Pushing::with(&app, Some(&format!("Bearer {}", text.expect("a token"))));
    app.clock.advance(std::time::Duration::from_secs(39 * 3600 - 1));
    assert_eq!(pushing.get("/Users").status, 200, "the last second of 2026-11-25");
    app.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(pushing.get("/Users").status, 401);
}

#[test]
fn users_lead_to_pages_of_people_whom_this_organization_knows_and_to_no_others() {
    let app = app();
    more_organizations(&app);
    let mut olga = owner(&app);
    let pushing = Pushing::new(&app);
    pushing.user("olga");
    pushing.user("dora");
    member(&app, "acme-console", "dora@acme.example", "developer", None);
    let page = olga.get(&format!("{DIRECTORY}/users")).body;
    assert!(page.contains("dora@acme.example") && page.contains("href=\"/admin/acme-work/members/p-olga\""), "{page}");
    assert!(!page.contains("/members/p-dora"), "{page}");
}
