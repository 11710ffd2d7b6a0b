//! What settings pages cost in an organization of 10,000 members, and lists in one of 100,000: server time of every page as an owner sees it,
//! one after the other. Figures of one run; Loopback only.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks what time it is")]

#[path = "parts/served.rs"]
#[expect(dead_code, reason = "what is shared with the other benchmarks is not all needed here")]
mod served;
#[path = "parts/site.rs"]
#[expect(dead_code, reason = "what is shared with the other benchmarks is not all needed here")]
mod site;

use std::time::{Duration, Instant};

use usher::clock::{Clock as _, SystemClock, Timestamp};
use usher::config::{Config, Flags};
use usher::db::{Db, DbError, Open};
use usher::directory::{DirectoryGroup, GroupContent, Name, UserContent};
use usher::identity::{AssertedGroups, EmailAddress, Subject};
use usher::ids::{Slug, SyncRunId};
use usher::organization::{Image, Member, MemberStatus, Organization, Source, SyncCause, SyncCounts, SyncState};
use usher::product::{RoleKey, SeatTypeKey};
use usher::store;

use served::{Client, Served};
use site::{WIKI, idp_key, saml_connection};

/// How often a page is asked for.
const TIMES: usize = 15;

/// Groups of the directory; everybody is in five of them.
const GROUPS: usize = 40;

fn main() {
    if std::env::var("USHER_BENCH_ROLE").as_deref() == Ok("gateway") {
        return site::serve_gateway(|_| {});
    }
    // `cargo test --benches` builds and starts this too; it is no test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    // A shorter run tells whether it works, and little else.
    let large = std::env::var("USHER_BENCH_PEOPLE").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    println!("{:52}{:>10} {:>10} {:>10}", "people", "median ms", "worst ms", "CPU ms");
    for (people, mode) in [(large / 10, "scim"), (large / 10, "jit"), (large, "scim"), (large, "jit")] {
        let mut site = Site::new(people, mode);
        let begin = Instant::now();
        site.fill();
        println!("-- {people} members, {mode} with mappings (filled in {:.0} s)", begin.elapsed().as_secs_f64());
        site.visit_all();
        site.preview();
    }
}

/// Pages that any number of members must not make slow; `*` stands for the organization's address,
/// `DONE` and `HALTED` for the runs that [`runs`] makes.
const PAGES: [&str; 45] = [
    "*",
    "*/identity",
    "*/members",
    "*/members?after=p050000@acme.example",
    "*/members?show=active",
    "*/members?show=waiting",
    "*/members?show=unassigned",
    "*/members?show=stale",
    "*/members?show=removed",
    "*/members?q=p000007",
    "*/members?q=nobody-is-called-this",
    "*/members?q=person&show=removed",
    "*/members/p-000007",
    "*/members/p-000007/role",
    "*/members/p-000007/seat",
    "*/members/p-000007/remove",
    "*/members/add",
    "*/members/sessions/end",
    "*/billing",
    "*/directory",
    "*/directory/users",
    "*/directory/users?after=5000",
    "*/directory/users?q=p000007",
    "*/directory/users?q=nobody-is-called-this",
    "*/directory/groups",
    "*/directory/requests",
    "*/directory/requests?show=failed",
    "*/directory/mismatches",
    "*/directory/tokens",
    "*/runs",
    "*/runs/DONE",
    "*/runs/HALTED",
    "*/runs/HALTED/approve",
    "*/runs/DONE/undo",
    "*/applications",
    "*/applications/wiki",
    "*/applications/wiki?email=p000007@acme.example",
    "*/applications/wiki/edit",
    "*/events",
    "*/events?kind=member_joined",
    "*/events?kind=key_rolled",
    "*/events?by=operator",
    "*/explain",
    "*/explain?email=p000007@acme.example",
    "*/parent",
];

struct Site {
    people: usize,
    cookie: String,
    path: String,
    /// One that was carried out, and one that waits for approval.
    runs: [SyncRunId; 2],
    _directory: tempfile::TempDir,
}

impl Site {
    /// An owner who is signed in to an organization of one mode, with groups mapped to roles and seats.
    fn new(people: usize, mode: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let connection = saml_connection(&idp_key());
        let mapped = |of: &str| -> String {
            if mode == "jit" {
                return format!("\"everyone\", \"{of}-0\", \"{of}-1\"");
            }
            format!("\"{of}-0\", \"{of}-1\"")
        };
        let file = format!(
            r#"
[[parent]]
slug = "acme"
name = "Acme"
plan = "enterprise"
[[parent.domain]]
name = "acme.example"
vouched = true
[[parent.scim_token]]
name = "idp"
token = "bench-token-with-more-than-32-characters"
[[parent.connection]]
slug = "acme"
label = "Acme"
{connection}
[[parent.organization]]
slug = "work"
name = "Work"
product = "enterprise-seats"
provisioning = "{mode}"
group_mappings = true
[parent.organization.seats]
premium = 50000
standard = 1000000
[parent.organization.role_mappings]
owner = ["owners"{owners}]
user = [{users}]
[parent.organization.seat_mappings]
standard = ["group-2"]
[[parent.organization.application]]
slug = "wiki"
name = "Wiki"
url = "{WIKI}"
[[parent.organization]]
slug = "door"
name = "Door"
product = "enterprise-seats"
provisioning = "jit"
[parent.organization.seats]
premium = 1000000
"#,
            owners = if mode == "jit" { ", \"engineering\"" } else { "" },
            users = mapped("group"),
        );
        let cookie = site::apply(directory.path(), &file);
        let path = directory.path().to_str().expect("UTF-8").to_owned();
        Self { people, cookie, path, runs: [SyncRunId(0); 2], _directory: directory }
    }

    /// People with subjects, memberships, users of the directory in groups, events, runs and a queue.
    fn fill(&mut self) {
        let source = format!(
            "[server]\npublic_url = \"https://login.acme.example\"\nallow_private_idp = true\ndata_dir = {:?}\n",
            self.path
        );
        let config = Config::parse(&source, std::iter::empty(), &Flags::default()).expect("a configuration");
        let opened = usher::gateway::open(&config, &SystemClock, Open::Serve).expect("opened");
        let (db, now) = (&opened.db, SystemClock.now());
        let work: Organization = db
            .read(|tx| store::organizations::by_slug(tx, &Slug::parse("work").expect("a slug")))
            .expect("readable")
            .expect("declared");
        let groups = make_groups(db, &work, now);
        for first in (0..self.people).step_by(2000) {
            let (work, groups, last) = (work.clone(), groups.clone(), (first + 2000).min(self.people));
            db.write_blocking(move |tx| -> Result<(), DbError> {
                let connection = store::connections::of_parent(tx, work.parent)?.remove(0).id;
                (first..last).try_for_each(|n| make_person(tx, &work, connection, &groups, n, now))
            })
            .expect("filled");
        }
        let people = self.people;
        let made = db.write_blocking(move |tx| -> Result<_, DbError> {
            // Whoever signs in as the owner of this.
            let anna = EmailAddress::parse("anna@acme.example").expect("an address");
            let anna = store::people::by_email(tx, work.parent, &anna)?.expect("signed in").id;
            store::members::put(tx, &member(&work, anna, "owner", Some("standard"), now))?;
            runs(tx, &work, people, now)
        });
        self.runs = made.expect("filled");
    }

    fn get(&self, path: &str) -> String {
        let [done, halted] = self.runs.map(|run| run.0.to_string());
        let path = path.replace('*', "/admin/work").replace("DONE", &done).replace("HALTED", &halted);
        format!(
            "GET {path} HTTP/1.1\r\nHost: login.acme.example\r\nX-Forwarded-Proto: https\r\nCookie: {}\r\nAccept: text/html\r\nAccept-Language: en\r\n\r\n",
            self.cookie
        )
    }

    fn serve(&self) -> (Served, Client) {
        let served = Served::start("gateway", &[("USHER_BENCH_DIR", &self.path), ("USHER_BENCH_WORKERS", "2")]);
        let client = Client::new(served.address);
        (served, client)
    }

    fn visit_all(&self) {
        let (served, mut client) = self.serve();
        let idle = served.memory();
        let mut slowest: (f64, &str) = (0.0, "");
        for page in PAGES {
            let request = self.get(page);
            let (mut times, cpu) = (Vec::with_capacity(TIMES), served.cpu());
            for _ in 0..TIMES {
                let begin = Instant::now();
                let (status, head) = client.ask(request.as_bytes());
                times.push(begin.elapsed().as_secs_f64() * 1e3);
                assert_eq!(status, 200, "{page}: {head}");
            }
            let cpu = (served.cpu() - cpu).as_secs_f64() * 1e3 / TIMES as f64;
            times.sort_by(f64::total_cmp);
            let (median, worst) = (times[TIMES / 2], times[TIMES - 1]);
            println!("{page:52}{median:10.1} {worst:10.1} {cpu:10.1}");
            if median > slowest.0 {
                slowest = (median, page);
            }
        }
        println!("slowest                                             {:10.1}  {}", slowest.0, slowest.1);
        println!("memory, idle and after that                         {idle:10.1} {:10.1} MiB", served.memory());
    }

    /// What it takes to see what a draft would do to everybody, and what its pages cost then.
    fn preview(&self) {
        let (served, mut client) = self.serve();
        // The proof belongs to the browser of the page.
        let (_, head, body) = client.exchange(self.get("*/identity").as_bytes());
        let browser = head
            .lines()
            .filter_map(|line| line.strip_prefix("set-cookie: "))
            .find(|cookie| cookie.contains("browser"))
            .and_then(|cookie| cookie.split(';').next())
            .expect("a browser's cookie")
            .to_owned();
        let csrf = body.split_once("name=\"csrf\" value=\"").expect("a form").1.split('"').next().expect("a value");
        let mode = if body.contains("value=\"scim\" id=\"mode-scim\" checked") { "scim" } else { "jit" };
        let form = format!("csrf={csrf}&mode={mode}&mappings=on&role-admin=group-0&act=save");
        let post = format!(
            "POST /admin/work/identity HTTP/1.1\r\nHost: login.acme.example\r\nX-Forwarded-Proto: https\r\nOrigin: https://login.acme.example\r\nCookie: {}; {browser}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.cookie,
            form.len()
        );
        let (status, head) = client.ask(post.as_bytes());
        assert_eq!(status, 303, "{head}");
        let (begin, cpu) = (Instant::now(), served.cpu());
        let (asked, body) = until_ready(&mut client, &self.get("*/identity/preview"));
        let (took, cpu) = (begin.elapsed().as_secs_f64() * 1e3, (served.cpu() - cpu).as_secs_f64() * 1e3);
        println!("{:52}{took:10.1} {:>10} {cpu:10.1}", "preview worked out", format!("{asked} asked"));
        let mark =
            body.split_once("name=\"of\" value=\"").expect("a mark").1.split('"').next().expect("a value").to_owned();
        for query in ["", "&effect=role_changes", "&q=p000007", "&q=nobody", "&after=3.p005000%40acme.example"] {
            let request = self.get(&format!("*/identity/preview?of={mark}{query}"));
            let mut times: Vec<f64> = (0..TIMES)
                .map(|_| {
                    let begin = Instant::now();
                    assert_eq!(client.ask(request.as_bytes()).0, 200);
                    begin.elapsed().as_secs_f64() * 1e3
                })
                .collect();
            times.sort_by(f64::total_cmp);
            println!("{:52}{:10.1} {:10.1}", format!("preview, kept{query}"), times[TIMES / 2], times[TIMES - 1]);
        }
        println!("memory, with a preview kept                         {:10.1} MiB", served.memory());
    }
}

/// Asks until it is worked out; how often that was, and the page.
fn until_ready(client: &mut Client, request: &str) -> (usize, String) {
    for asked in 1.. {
        let (status, head, body) = client.exchange(request.as_bytes());
        if status == 200 {
            return (asked, body);
        }
        assert_eq!(status, 202, "{head}");
        std::thread::sleep(Duration::from_millis(20));
    }
    unreachable!("it is worked out some time")
}

fn make_groups(db: &Db, work: &Organization, now: Timestamp) -> Vec<DirectoryGroup> {
    let work = work.clone();
    db.write_blocking(move |tx| -> Result<_, DbError> {
        let mut groups = Vec::new();
        for n in 0..GROUPS {
            let name = format!("group-{n}");
            let content = GroupContent {
                display_name: Name::parse(&name).expect("a name"),
                external_id: None,
                resource: "{}".to_owned(),
            };
            groups.push(store::directory_groups::add(tx, work.parent, &format!("g-{n}"), &content, now)?);
        }
        let catalog = usher::product::Catalog::built_in();
        let actor = usher::audit::Actor::System;
        let context = usher::membership::Context { now, catalog: &catalog, actor, from: None, incident: None };
        usher::membership::bind_mappings(tx, &context, &work)?;
        Ok(groups)
    })
    .expect("groups")
}

fn member(work: &Organization, person: usher::ids::PersonId, role: &str, seat: Option<&str>, now: Timestamp) -> Member {
    Member {
        organization: work.id,
        person,
        status: MemberStatus::Active,
        role: RoleKey::new(role),
        role_source: Source::Default,
        role_pin: None,
        seat: seat.map(SeatTypeKey::new),
        seat_source: Source::Default,
        seat_pin: None,
        joined_at: now,
        version: 1,
    }
}

/// One in a hundred is without a seat, one in a hundred is gone, one in a hundred waits.
fn make_person(
    tx: &mut dyn usher::db::Tx,
    work: &Organization,
    connection: usher::ids::ConnectionId,
    groups: &[DirectoryGroup],
    n: usize,
    now: Timestamp,
) -> Result<(), DbError> {
    let email = EmailAddress::parse(&format!("p{n:06}@acme.example")).expect("an address");
    let person = store::people::add(tx, work.parent, &format!("p-{n:06}"), &email, &format!("Person {n}"), now)?;
    let told: Vec<String> =
        (0..12).map(|k| format!("group-{}", (n + k * 7) % 200)).chain(["everyone".to_owned()]).collect();
    let told = AssertedGroups::listed(told.iter().map(String::as_str));
    let subject = Subject::new(email.as_str()).expect("a subject");
    store::people::remember_sign_in(tx, connection, &subject, person, &told, now)?;
    let content = UserContent {
        user_name: Name::parse(email.as_str()).expect("a name"),
        external_id: Some(format!("00000000-0000-0000-0000-{n:012}")),
        email: Some(email),
        display_name: Some(format!("Person {n}")),
        active: true,
        resource: "{}".to_owned(),
    };
    let user = store::directory_users::add(tx, work.parent, &format!("u-{n:06}"), &content, now)?;
    store::directory_users::link(tx, user.id, person)?;
    for group in groups.iter().skip(n % 2).step_by(8) {
        store::directory_memberships::add(tx, group, &[user.id], now)?;
    }
    let context_record = |tx: &mut dyn usher::db::Tx, event| {
        let entry = usher::audit::Entry {
            at: now,
            actor: usher::audit::Actor::Person(person),
            parent: Some(work.parent),
            organization: Some(work.id),
            event,
            from: None,
            incident: None,
        };
        store::audit::record(tx, &entry)
    };
    if n % 100 == 3 {
        let waits = store::waiting::Waiting { person, role: RoleKey::new("user"), seat: None, since: now };
        return store::waiting::put(tx, work.id, &waits);
    }
    let seat = if n % 100 == 1 { None } else { Some("standard") };
    let standing = member(work, person, "user", seat, now);
    store::members::put(tx, &standing)?;
    let held = usher::audit::Held { role: standing.role.clone(), seat: standing.seat.clone() };
    context_record(tx, usher::audit::Event::MemberJoined { person, now: held, why: "sync" })?;
    if n % 100 == 2 {
        store::members::end(tx, work.id, person, "removed_by_hand", now)?;
    }
    Ok(())
}

/// A run that changed everybody, and one that waits for approval because it would end half of all memberships.
fn runs(
    tx: &mut dyn usher::db::Tx,
    work: &Organization,
    people: usize,
    now: Timestamp,
) -> Result<[SyncRunId; 2], DbError> {
    let done = store::sync_runs::begin(tx, work.id, SyncCause::SyncNow, "system", 0, now)?;
    let halted = store::sync_runs::begin(tx, work.id, SyncCause::SyncNow, "system", 0, now)?;
    for (n, member) in store::members::standing(tx, work.id)?.into_iter().enumerate() {
        let before = Image { member: Some(Member { role: RoleKey::new("admin"), ..member.clone() }), queued: None };
        let after = Image { member: Some(member.clone()), queued: None };
        store::sync_changes::note(tx, done, member.person, &before, Some(&after))?;
        if n % 2 == 0 && n < people {
            store::sync_changes::note(tx, halted, member.person, &after, None)?;
        }
    }
    store::sync_runs::progress(tx, done, &SyncCounts::default(), people as u64, now)?;
    store::sync_runs::set_state(tx, done, SyncState::Done, now)?;
    store::sync_runs::set_state(tx, halted, SyncState::Halted, now)?;
    Ok([done, halted])
}
