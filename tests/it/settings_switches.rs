//! Switching people off and on by hand, linking them anew, requiring SSO and taking settings back: what the pages say, and what hostile
//! forms come to (rules B7, B9, B22, B33, B43).

use usher::apply::{Apply, Request};
use usher::audit::Actor;
use usher::connection::{Connection, ConnectionStatus};
use usher::demo::issuer::Person;
use usher::organization::ProvisioningMode;
use usher::product::{Catalog, ProductKey};
use usher::{organizations_file, store};

use crate::scim_support::Pushing;
use crate::settings_identity::press;
use crate::settings_support::{FRESH, OLD, member, more_organizations, organization, signed_in};
use crate::support::{Answer, Browser, TestApp, WIKI, slug};

const MEMBERS: &str = "/admin/acme-work/members";

fn olga(app: &TestApp) -> Browser<'_> {
    signed_in(app, "acme-work", "olga@acme.example", "owner", FRESH)
}

/// A file, applied by somebody.
pub fn apply(text: &str, actor: Actor, app: &TestApp) -> Apply {
    let catalog = Catalog::built_in();
    let declared = organizations_file::read(text, &catalog).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let now = usher::clock::Clock::now(&*app.clock);
    let request = Request::self_contained(declared, now, |_, secret| usher::connection::SealedSecret {
        seal: b"a box".to_vec(),
        mark: usher::secrets::sha256(secret.as_bytes()),
    });
    Apply { request: request.expect("nothing outside"), prune: false, catalog, actor, now }
}

/// The page of whoever has signed in with this address.
fn page_of(app: &TestApp, email: &str) -> String {
    let (parent, email) = (app.parent, usher::identity::EmailAddress::parse(email).expect("an address"));
    let person = app.change(move |tx| store::people::by_email(tx, parent, &email)).expect("known");
    format!("{MEMBERS}/{}", person.public_id)
}

fn followed(browser: &mut Browser<'_>, answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{answer:?}");
    let to = answer.location().to_owned();
    browser.get(&to).body
}

fn between<'a>(page: &'a str, before: &str, after: &str) -> Option<&'a str> {
    page.split_once(before)?.1.split_once(after).map(|(value, _)| value)
}

fn count(app: &TestApp, kind: &str) -> usize {
    app.events().iter().filter(|event| *event == kind).count()
}

#[test]
fn whoever_is_suspended_on_a_page_is_out_at_the_next_request_until_resumed_there() {
    let app = TestApp::start();
    let mut olga = olga(&app);
    let mut anna = app.browser();
    anna.sign_in("anna@acme.example", &["everyone"], "/");
    let wiki = format!("{WIKI}/page");
    assert_eq!(anna.forward("/auth/forward", &wiki).status, 200);
    let here = page_of(&app, "anna@acme.example");
    assert!(olga.get(&here).body.contains(&format!("{here}/suspend")));
    let page = olga.get(&format!("{here}/suspend")).body;
    for text in ["Nobody lets this person in any more", "One session ends.", "Role, seat and history stay as they are."]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    let done = olga.post(&format!("{here}/suspend"), &[]);
    let page = followed(&mut olga, &done);
    assert!(page.contains("anna@acme.example was suspended.") && page.contains("Suspended"), "{page}");
    assert!(page.contains(&format!("{here}/resume")) && !page.contains(&format!("{here}/suspend")));
    assert_eq!(anna.forward("/auth/nginx", &wiki).status, 401, "at the next request");
    // Neither a sign-in with higher groups nor another page resumes anybody.
    for groups in [&["everyone"][..], &["owners", "everyone", "premium"]] {
        assert_eq!(app.browser().sign_in("anna@acme.example", groups, "/").refusal(), "suspended");
    }
    let events = app.events().len();
    assert_eq!(olga.post(&format!("{here}/suspend"), &[]).status, 303);
    assert_eq!(app.events().len(), events, "twice does nothing");
    let done = olga.post(&format!("{here}/resume"), &[]);
    assert!(followed(&mut olga, &done).contains("anna@acme.example was resumed."));
    assert_eq!(anna.forward("/auth/nginx", &wiki).status, 401, "the session from before stays ended");
    assert_eq!(app.browser().sign_in("anna@acme.example", &["everyone"], "/").status, 303);
    assert_eq!((count(&app, "person_suspended"), count(&app, "person_resumed")), (1, 1));
}

#[test]
fn a_push_or_a_run_resumes_nobody() {
    let app = TestApp::with(
        |organization| {
            organization.product = ProductKey::new("enterprise-seats");
            organization.mode = ProvisioningMode::Scim { group_mappings: false };
        },
        |_| {},
    );
    let pushing = Pushing::new(&app);
    let id = pushing.user("anna");
    let mut olga = olga(&app);
    let here = page_of(&app, "anna@acme.example");
    assert_eq!(olga.post(&format!("{here}/suspend"), &[]).status, 303);
    for value in [false, true] {
        let change = serde_json::json!([{ "op": "replace", "path": "active", "value": value }]);
        assert_eq!(pushing.patch(&format!("/Users/{id}"), change).status, 200);
    }
    assert_eq!(olga.post("/admin/acme-work/runs", &[("seen", "0")]).status, 303);
    assert_eq!(app.browser().sign_in("anna@acme.example", &[], "/").refusal(), "suspended");
}

#[test]
fn hostile_suspending_past_ones_permissions_or_sign_in_is_refused() {
    let app = TestApp::start();
    more_organizations(&app);
    let mut olga = olga(&app);
    member(&app, "acme-work", "boss@acme.example", "user", None);
    member(&app, "acme-console", "boss@acme.example", "admin", None);
    let mut admin = signed_in(&app, "acme-work", "adam@acme.example", "admin", FRESH);
    let mut user = signed_in(&app, "acme-work", "uma@acme.example", "user", FRESH);
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    let mut old = signed_in(&app, "acme-work", "old@acme.example", "owner", OLD);
    let page = olga.get(&format!("{MEMBERS}/p-boss/suspend")).body;
    assert!(page.contains("an organization that you do not administer") && !page.contains("Acme Console"), "{page}");
    assert_eq!(olga.post(&format!("{MEMBERS}/p-boss/suspend"), &[("confirm", "Acme Work")]).status, 422);
    let relink = olga.get(&format!("{MEMBERS}/p-boss/relink/acme"));
    assert!(relink.body.contains("an organization that you do not administer"), "{relink:?}");
    assert_eq!(olga.post(&format!("{MEMBERS}/p-boss/relink/acme"), &[("seen", "2")]).status, 409);
    assert_eq!(admin.post(&format!("{MEMBERS}/p-olga/suspend"), &[("confirm", "Acme Work")]).status, 403);
    assert_eq!(user.post(&format!("{MEMBERS}/p-adam/suspend"), &[]).status, 403);
    assert_eq!(admin.post(&format!("{MEMBERS}/p-uma/relink/acme"), &[]).status, 403);
    assert_eq!(foreign.post(&format!("{MEMBERS}/p-uma/suspend"), &[]).status, 404);
    assert_eq!(foreign.post("/admin/other-work/members/p-uma/suspend", &[]).status, 404);
    for path in ["suspend", "resume", "relink/acme"] {
        let path = format!("{MEMBERS}/p-uma/{path}");
        assert!(old.post(&path, &[]).location().starts_with("/account/again"), "{path}");
    }
    // Oneself, and the last one: only knowingly.
    let answer = olga.post(&format!("{MEMBERS}/p-olga/suspend"), &[]);
    assert_eq!(answer.status, 422, "{answer:?}");
    assert_eq!((count(&app, "person_suspended"), count(&app, "subject_forgotten")), (0, 0));
    assert_eq!(olga.post(&format!("{MEMBERS}/p-olga/suspend"), &[("confirm", "Acme Work")]).status, 303);
    assert_eq!(olga.get(MEMBERS).status, 303, "out at once");
}

#[test]
fn b9_whoever_was_made_again_is_linked_anew_from_the_decision_and_only_once() {
    let app = TestApp::start();
    let mut olga = olga(&app);
    let mut anna = app.browser();
    anna.sign_in("anna@acme.example", &["everyone"], "/");
    let again = |app: &TestApp| {
        let person = Person { name_id: "made-again", email: "anna@acme.example", name: "Anna", groups: &["everyone"] };
        app.browser().sign_in_as(person, "/", |_| {})
    };
    let refused = again(&app);
    assert_eq!(refused.refusal(), "identity_conflict");
    let incident = refused.header("x-usher-incident").to_owned();
    let here = page_of(&app, "anna@acme.example");
    let page = olga.get(&format!("/admin/acme-work/events/{incident}")).body;
    assert!(page.contains("The account was made again?") && page.contains(&format!("{here}/relink/acme")), "{page}");
    assert!(olga.get(&here).body.contains(&format!("{here}/relink/acme")), "from the person's page, too");
    let page = olga.get(&format!("{here}/relink/acme")).body;
    for text in [
        "By which account Acme IdP knows this person is forgotten.",
        "One session ends.",
        "Whoever signs in next through Acme IdP with the address anna@acme.example is this person",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let seen = between(&page, "name=\"seen\" value=\"", "\"").expect("a mark").to_owned();
    let stale = olga.post(&format!("{here}/relink/acme"), &[("seen", "4711")]);
    assert_eq!((stale.status, count(&app, "subject_forgotten")), (409, 0), "{stale:?}");
    let done = olga.post(&format!("{here}/relink/acme"), &[("seen", &seen)]);
    assert!(followed(&mut olga, &done).contains("The link was forgotten."));
    assert_eq!(anna.forward("/auth/nginx", &format!("{WIKI}/")).status, 401, "signed out");
    assert_eq!(again(&app).status, 303);
    assert_eq!(page_of(&app, "anna@acme.example"), here, "the same person");
    // The page is sent again, after the new account was linked: that link stays.
    let late = olga.post(&format!("{here}/relink/acme"), &[("seen", &seen)]);
    assert_eq!((late.status, count(&app, "subject_forgotten")), (409, 1), "{late:?}");
    assert_eq!(again(&app).status, 303);
    let page = olga.get(&format!("/admin/acme-work/events/{incident}")).body;
    assert!(!page.contains("The account was made again?"), "linking anew would let nobody in now: {page}");
    for path in ["relink/other", "relink/%3Cscript%3E", "relink/.."] {
        assert_eq!(olga.get(&format!("{here}/{path}")).status, 404, "{path}");
    }
}

#[test]
fn b7_before_sso_is_required_the_page_lists_whose_sessions_stop_counting() {
    let app = TestApp::start();
    let mut olga = olga(&app);
    member(&app, "acme-work", "uma@acme.example", "user", None);
    // Anna is signed in through a connection that is switched off by now; Otto has an address outside.
    app.change(|tx| {
        let known = store::connections::by_slug(tx, &slug("acme"))?.expect("seeded");
        store::connections::add(tx, &Connection { slug: slug("gone"), status: ConnectionStatus::Disabled, ..known })
            .map(drop)
    });
    app.browser().sign_in("anna@acme.example", &["everyone"], "/");
    member(&app, "acme-work", "otto@elsewhere.example", "user", None);
    app.change(|tx| {
        let gone = store::connections::by_slug(tx, &slug("gone"))?.expect("added").id;
        let parent = store::organizations::parent_by_slug(tx, &slug("acme"))?.expect("seeded").id;
        let anna = usher::identity::EmailAddress::parse("anna@acme.example").expect("an address");
        let anna = store::people::by_email(tx, parent, &anna)?.expect("known").id;
        let subject = usher::identity::Subject::new("anna").expect("a subject");
        let groups = usher::identity::AssertedGroups::NotSent;
        let now = usher::clock::Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment");
        let subject = store::people::remember_sign_in(tx, gone, &subject, anna, &groups, now)?;
        let session = store::sessions::NewSession {
            token_hash: usher::secrets::random(),
            person: anna,
            subject,
            idp_session: None,
            idp_name: None,
            logout_seal: None,
            created_at: now,
            expires_at: now.plus(std::time::Duration::from_secs(3600)),
            address: "",
            user_agent: "",
        };
        store::sessions::add(tx, &session)
    });
    let preview = "/admin/acme-work/identity/preview";
    press(&mut olga, "save", &[("mode", "jit"), ("mappings", "on")]);
    assert!(!olga.get(preview).body.contains("stop counting"), "SSO stays as it is");
    press(&mut olga, "save", &[("mode", "jit"), ("mappings", "on"), ("sso", "on")]);
    let page = olga.get(preview).body;
    assert!(page.contains("One session stops counting.") && page.contains("One person cannot sign in"), "{page}");
    let row = between(&page, "<td>anna@acme.example</td>", "</tr>").expect("listed");
    assert!(row.contains("Signs in as before") && row.contains(">1</td>"), "{row}");
    let row = between(&page, "<td>otto@elsewhere.example</td>", "</tr>").expect("listed");
    assert!(row.contains("no verified domain"), "{row}");
    assert!(!page.contains("<td>uma@acme.example</td>"), "nothing changes for her");
    // What is listed moves: shown again.
    let seen = between(&page, "name=\"seen\" value=\"", "\"").expect("a mark").to_owned();
    member(&app, "acme-work", "oskar@elsewhere.example", "user", None);
    let added = olga.post(&format!("{MEMBERS}/add"), &[("email", "ole@acme.example"), ("role", "user")]);
    assert_eq!(added.status, 303, "{added:?}");
    let moved = olga.post(preview, &[("seen", &seen), ("confirm", "Acme Work")]);
    assert_eq!(moved.status, 409, "{moved:?}");
    assert!(!organization(&app, "acme-work").require_sso);
    let page = olga.get(preview).body;
    let seen = between(&page, "name=\"seen\" value=\"", "\"").expect("a mark").to_owned();
    assert_eq!(olga.post(preview, &[("seen", &seen), ("confirm", "Acme Work")]).status, 303);
    assert!(organization(&app, "acme-work").require_sso);
}

#[test]
fn b33_requiring_sso_that_locks_everybody_out_needs_the_name_typed() {
    let app = TestApp::with(
        |organization| {
            organization.mode = ProvisioningMode::Manual;
            organization.mappings = Default::default();
        },
        |_| {},
    );
    // The only owner has an address in no verified domain: this session goes on, and no other one begins.
    let mut olga = signed_in(&app, "acme-work", "olga@elsewhere.example", "owner", FRESH);
    let preview = "/admin/acme-work/identity/preview";
    press(&mut olga, "save", &[("mode", "manual"), ("sso", "on")]);
    let page = olga.get(preview).body;
    assert!(page.contains("Type Acme Work to confirm"), "{page}");
    let seen = between(&page, "name=\"seen\" value=\"", "\"").expect("a mark").to_owned();
    let untyped = olga.post(preview, &[("seen", &seen)]);
    assert_eq!(untyped.status, 422, "{untyped:?}");
    assert!(!organization(&app, "acme-work").require_sso);
    assert_eq!(olga.post(preview, &[("seen", &seen), ("confirm", "Acme Work")]).status, 303);
    assert!(organization(&app, "acme-work").require_sso);
}

#[test]
fn b22_a_deferred_seat_comes_by_a_file_that_buys_one_and_by_a_sign_in_that_frees_one() {
    let scim = || {
        TestApp::with(
            |organization| {
                organization.product = ProductKey::new("enterprise-seats");
                organization.mode = ProvisioningMode::Scim { group_mappings: true };
            },
            |_| {},
        )
    };
    let held = |app: &TestApp, email: &str| {
        let (at, email) =
            (organization(app, "acme-work"), usher::identity::EmailAddress::parse(email).expect("an address"));
        let member = app.change(move |tx| {
            let person = store::people::by_email(tx, at.parent, &email)?.expect("known");
            store::members::find(tx, at.id, person.id)
        });
        member.and_then(|member| member.seat).map_or("-".to_owned(), |seat| seat.to_string())
    };
    // anna and bert hold the two premium seats; cleo's group asks for one that is full.
    let full = |app: &TestApp| {
        let pushing = Pushing::new(app);
        let ids: Vec<String> = ["anna", "bert", "cleo"].iter().map(|name| pushing.user(name)).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        pushing.group("everyone", &ids);
        let premium = pushing.group("premium", &ids[..2]);
        assert_eq!(held(app, "cleo@acme.example"), "standard");
        let add = serde_json::json!([{ "op": "add", "path": "members", "value": [{ "value": ids[2] }] }]);
        assert!(pushing.patch(&format!("/Groups/{premium}"), add).status < 300);
        assert_eq!(held(app, "cleo@acme.example"), "standard", "deferred");
        (pushing, premium, ids[0].to_owned())
    };
    let app = scim();
    let _pushing = full(&app);
    let file = "[[parent]]\nslug = \"acme\"\nname = \"Acme\"\nplan = \"enterprise\"\n\
                [[parent.organization]]\nslug = \"acme-work\"\nname = \"Acme Work\"\nproduct = \"enterprise-seats\"\n\
                [parent.organization.seats]\npremium = 3\nstandard = 3\n";
    let apply = apply(file, Actor::Shell("ops".to_owned()), &app);
    let plan = apply.plan(&app.db).expect("a plan");
    apply.apply(&app.db, &plan).expect("applied");
    assert_eq!(held(&app, "cleo@acme.example"), "premium", "a file that buys one");

    // anna's premium seat is pinned for a day, and her groups stop asking for it; the sign-in after the pin's end frees it.
    let app = scim();
    let (pushing, premium, anna) = full(&app);
    let mut olga = olga(&app);
    let here = page_of(&app, "anna@acme.example");
    let pinned = olga.post(&format!("{here}/seat"), &[("seat", "premium"), ("until", "2026-11-25")]);
    assert_eq!(pinned.status, 303, "{pinned:?}");
    let take = serde_json::json!([{ "op": "remove", "path": format!("members[value eq \"{anna}\"]") }]);
    assert!(pushing.patch(&format!("/Groups/{premium}"), take).status < 300);
    assert_eq!(
        (held(&app, "anna@acme.example").as_str(), held(&app, "cleo@acme.example").as_str()),
        ("premium", "standard")
    );
    app.clock.advance(std::time::Duration::from_secs(2 * 24 * 3600));
    let given = |app: &TestApp| {
        let before = held(app, "anna@acme.example");
        let answer = app.browser().sign_in("anna@acme.example", &[], "/");
        assert_eq!(answer.status, 303, "{answer:?}");
        (before, held(app, "anna@acme.example"))
    };
    // Without a mapped seat group anna keeps the highest that is free for her: her own, so she goes to a standard-mapped group.
    let (before, after) = given(&app);
    assert_eq!(before, "premium");
    if after == "premium" {
        let standard = pushing.group("standard", &[&anna]);
        let at = organization(&app, "acme-work");
        app.change(move |tx| {
            let mut changed = at.clone();
            changed.mappings.seats.push(usher::organization::GroupMapping {
                group: usher::identity::GroupKey::new("standard").expect("a group"),
                gives: usher::product::SeatTypeKey::new("standard"),
            });
            store::organizations::update(tx, &changed)?;
            store::group_bindings::bind(
                tx,
                changed.id,
                &changed.mappings.seats[1].group,
                &standard,
                usher::clock::Timestamp::from_millis(0),
            )
        });
        assert_eq!(given(&app), ("premium".to_owned(), "standard".to_owned()));
    }
    assert_eq!(held(&app, "cleo@acme.example"), "premium", "a sign-in that frees one");
}

#[test]
fn a_page_lists_refused_sign_ins_that_look_like_somebody_in_the_directory() {
    let app = TestApp::with(
        |organization| {
            organization.product = ProductKey::new("enterprise-seats");
            organization.mode = ProvisioningMode::Scim { group_mappings: false };
        },
        |_| {},
    );
    let pushing = Pushing::new(&app);
    for name in ["anna", "bertram", "cleo"] {
        pushing.user(name);
    }
    let mut olga = olga(&app);
    app.browser().sign_in("anna@acme.example", &[], "/");
    let person = |name_id: &'static str, email: &'static str| Person { name_id, email, name: "x", groups: &[] };
    let refused = |person: Person<'_>| app.browser().sign_in_as(person, "/", |_| {});
    assert_eq!(refused(person("made-again", "anna@acme.example")).refusal(), "identity_conflict");
    let nearly = refused(person("b", "betram@acme.example"));
    assert_eq!(nearly.refusal(), "not_provisioned");
    assert_eq!(refused(person("c", "cleo@elsewhere.example")).refusal(), "domain_not_verified");
    assert_eq!(refused(person("z", "zacharias@acme.example")).refusal(), "not_provisioned");
    let page = olga.get("/admin/acme-work/directory/mismatches").body;
    for text in [
        "anna of the directory has this very address and is known by another account",
        "the directory has bertram@acme.example (bertram)",
        "the directory has cleo@acme.example (cleo)",
        &format!("/admin/acme-work/events/{}", nearly.header("x-usher-incident")),
    ] {
        let text = text.replace("anna of", "anna@acme.example of").replace("(bertram)", "(bertram@acme.example)");
        let text = text.replace("(cleo)", "(cleo@acme.example)");
        assert!(page.contains(&text), "{text}: {page}");
    }
    assert!(!page.contains("zacharias"), "looks like nobody: {page}");
    // Another parent's refusals are none of theirs.
    more_organizations(&app);
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    assert!(!foreign.get("/admin/other-work/directory/mismatches").body.contains("acme.example"));
}

#[test]
fn the_command_tells_refused_sign_ins_that_look_like_somebody_in_the_directory() {
    use usher::clock::Clock as _;
    let app = TestApp::start();
    let pushing = Pushing::new(&app);
    for name in ["anna", "bertram"] {
        pushing.user(name);
    }
    // The command goes by the system's clock.
    let (now, parent) = (usher::clock::SystemClock.now(), app.parent);
    app.change(move |tx| {
        for (code, incident, email, ago) in [
            ("identity_conflict", "AAAA-0001", "anna@acme.example", 1),
            ("domain_not_verified", "AAAA-0002", "bertram@elsewhere.example", 1),
            ("not_provisioned", "AAAA-0003", "bertam@acme.example", 1),
            ("not_provisioned", "AAAA-0004", "nobody-like-that@acme.example", 1),
            ("identity_conflict", "AAAA-0005", "bertram@acme.example", 15),
            ("admitted", "AAAA-0006", "bertram@acme.example", 1),
        ] {
            let attempt = store::attempts::Attempt {
                incident: usher::ids::Incident::parse(incident).expect("a code"),
                at: now.minus(std::time::Duration::from_secs(ago * 24 * 3600)),
                parent: Some(parent),
                connection: None,
                person: None,
                code: code.to_owned(),
                record: serde_json::json!({ "facts": { "email": email } }).to_string(),
            };
            store::attempts::add(tx, &attempt)?;
        }
        Ok(())
    });
    let data = app.db.path().parent().expect("a directory").to_owned();
    let file = data.join("command.toml");
    std::fs::write(&file, format!("[server]\ndata_dir = {data:?}\n")).expect("written");
    let said = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_usher"));
        command.arg("--config").arg(&file).args(["directory", "mismatches", "--parent", "acme"]).args(more);
        let output = command.output().expect("it runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let words = said(&[]);
    let lines: Vec<&str> = words.lines().filter(|line| line.contains("was refused a sign-in")).collect();
    assert_eq!(lines.len(), 3, "{words}");
    for (who, what) in [
        ("anna@acme.example: ", "has this very address and is known by another subject"),
        ("bertram@elsewhere.example: ", "the directory has bertram@acme.example"),
        ("bertam@acme.example: ", "the directory has bertram@acme.example"),
    ] {
        assert!(lines.iter().any(|line| line.starts_with(who) && line.contains(what)), "{who}{what}: {words}");
    }
    let json = said(&["--json"]);
    let kinds = json.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    assert_eq!(kinds.filter(|one| one["kind"] == "refused_sign_in").count(), 3, "{json}");
}
