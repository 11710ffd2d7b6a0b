//! What a directory of 100,000 people costs: creating, looking up, changing groups, leavers, and a mapping that means something else.
//! Ratios within one run; `cargo bench --bench scim` prints the tables of `docs/performance.md`. Some minutes, loopback only.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks what time it is")]

#[path = "parts/served.rs"]
mod served;
#[path = "parts/site.rs"]
mod site;

use std::io::{BufRead as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use usher::audit::Actor;
use usher::clock::{Clock as _, SystemClock};
use usher::gateway::Gateway;
use usher::identity::GroupKey;
use usher::ids::Slug;
use usher::membership::{Context, Runs, SettingsError, save_settings};
use usher::organization::{GroupMapping, GroupMappings};
use usher::product::RoleKey;
use usher::store;

use served::{Client, Served, load};
use site::{WIKI, body, idp_key, saml_connection, sign_one_in, visit};

const TOKEN: &str = "bench-token-with-more-than-32-characters";
const SMALL: usize = 1_000;

fn main() {
    if std::env::var("USHER_BENCH_ROLE").as_deref() == Ok("gateway") {
        return site::serve_gateway(maps_on_request);
    }
    // `cargo test --benches` builds and starts this too; it is no test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    // A shorter run tells whether it works, and little else.
    let large = std::env::var("USHER_BENCH_PEOPLE").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let created = large / 10;
    let syncs = syncs_per_second();
    println!("one write and sync of the disk                  {:8.0} us", 1e6 / syncs);
    create(created, syncs);
    let idp = idp_key();
    let mut site = Site::new("scim", "[parent.organization.role_mappings]\nuser = [\"staff\"]\n", &idp);
    let people = site.fill(large);
    look_up(&mut site, large);
    members(&mut site, &people[..created]);
    leavers(&mut site, &people[created..created + created / 10]);
    mappings(&mut site, &idp);
    println!("memory, after that                              {:8.1} MiB", site.served.memory());
}

// ---- a gateway with a directory ------------------------------------------------------------------------------------------------

struct Site {
    served: Served,
    client: Client,
    cookie: String,
    _directory: tempfile::TempDir,
}

impl Site {
    /// One organization that follows the directory (or not), and one that people join just in time, with an application.
    fn new(mode: &str, mappings: &str, idp: &usher::demo::issuer::IssuerKey) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mapped = !mappings.is_empty();
        let connection = saml_connection(idp);
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
token = "{TOKEN}"
[[parent.connection]]
slug = "acme"
label = "Acme"
{connection}
[[parent.organization]]
slug = "work"
name = "Work"
product = "enterprise-seats"
provisioning = "{mode}"
group_mappings = {mapped}
[parent.organization.seats]
premium = 1000000
{mappings}
[[parent.organization]]
slug = "door"
name = "Door"
product = "enterprise-seats"
provisioning = "jit"
[parent.organization.seats]
premium = 1000000
[[parent.organization.application]]
slug = "wiki"
name = "Wiki"
url = "{WIKI}"
"#
        );
        let cookie = site::apply(directory.path(), &file);
        let path = directory.path().to_str().expect("UTF-8").to_owned();
        let served = Served::start("gateway", &[("USHER_BENCH_DIR", &path), ("USHER_BENCH_WORKERS", "2")]);
        let client = Client::new(served.address);
        Self { served, client, cookie, _directory: directory }
    }

    /// Sends a request, which succeeds; the id of what it is about.
    fn send(&mut self, method: &str, path: &str, body: &Value) -> String {
        let (status, head, body) = self.client.exchange(scim(method, path, &body.to_string()).as_bytes());
        assert!((200..300).contains(&status), "{method} {path}: {head}\n{body}");
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        body["id"].as_str().unwrap_or_default().to_owned()
    }

    /// This many people by bulk requests, all in the group `staff`; their ids.
    fn fill(&mut self, people: usize) -> Vec<String> {
        let (begin, cpu) = (Instant::now(), self.served.cpu());
        let mut ids = Vec::with_capacity(people);
        for first in (0..people).step_by(500) {
            let operation =
                |n| json!({ "method": "POST", "path": "/Users", "bulkId": format!("{n}"), "data": user(n) });
            let operations: Vec<Value> = (first..people.min(first + 500)).map(operation).collect();
            let body =
                json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
            let (status, _, body) = self.client.exchange(scim("POST", "/Bulk", &body.to_string()).as_bytes());
            let answer: Value = serde_json::from_str(&body).expect("JSON");
            assert_eq!(status, 200, "{answer}");
            for done in answer["Operations"].as_array().expect("a list") {
                let location = done["location"].as_str().unwrap_or_else(|| panic!("made: {done}"));
                ids.push(location.rsplit('/').next().expect("an id").to_owned());
            }
        }
        let each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / people as f64;
        let rate = people as f64 / begin.elapsed().as_secs_f64();
        println!(
            "{people} people by bulk requests of 500: {rate:.0}/s, {:.0} us CPU each",
            each(self.served.cpu() - cpu)
        );
        let (begin, cpu) = (Instant::now(), self.served.cpu());
        let group = self.group("staff");
        for slice in ids.chunks(5_000) {
            self.add_members(&group, slice);
        }
        let rate = people as f64 / begin.elapsed().as_secs_f64();
        println!(
            "the same made members by a mapped group, 5,000 in a PATCH: {rate:.0}/s, {:.0} us CPU each",
            each(self.served.cpu() - cpu)
        );
        ids
    }

    fn group(&mut self, name: &str) -> String {
        self.send(
            "POST",
            "/Groups",
            &json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name }),
        )
    }

    fn add_members(&mut self, group: &str, ids: &[String]) {
        let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
        self.send("PATCH", &format!("/Groups/{group}"), &patch("add", "members", json!(members)));
    }

    /// Mappings of the organization `work` from now on: `role=group` each. How long the run took, in seconds, and how many
    /// members it changed.
    fn map(&mut self, rows: &str) -> (f64, u64) {
        let stdin = self.served.child.stdin.as_mut().expect("piped");
        stdin.write_all(format!("{rows}\n").as_bytes()).expect("said");
        let mut line = String::new();
        self.served.said.read_line(&mut line).expect("answered");
        let (seconds, updated) = line.trim().split_once(' ').expect("two numbers");
        (seconds.parse().expect("seconds"), updated.parse().expect("a count"))
    }
}

/// In the gateway's own process, as the settings page does it: a line of rows is saved, and the run that follows is carried out.
fn maps_on_request(gateway: &Arc<Gateway>) {
    let gateway = Arc::clone(gateway);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let rows = line.expect("a line");
            let begin = Instant::now();
            let roles = rows.split_whitespace().filter_map(|row| row.split_once('='));
            let roles = roles
                .map(|(role, group)| GroupMapping {
                    group: GroupKey::new(group).expect("a group"),
                    gives: RoleKey::new(role),
                })
                .collect();
            let mappings = GroupMappings { roles, seats: Vec::new() };
            let now = SystemClock.now();
            let catalog = gateway.config.catalog.clone();
            let run = gateway.db.write_blocking(move |tx| -> Result<_, SettingsError> {
                let work = store::organizations::by_slug(tx, &Slug::parse("work").expect("a slug"))?;
                let mut work = work.expect("declared");
                work.mappings = mappings.clone();
                let context = Context { now, catalog: &catalog, actor: Actor::System, from: None, incident: None };
                save_settings(tx, &context, &work)
            });
            let runs = Runs {
                db: gateway.db.clone(),
                catalog: gateway.config.catalog.clone(),
                actor: Actor::System,
                from: None,
                clock: gateway.clock.clone(),
            };
            let report = runs.finish(run.expect("saved").expect("a run")).expect("carried out");
            println!("{} {}", begin.elapsed().as_secs_f64(), report.counts.updated);
        }
    });
}

fn scim(method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} /scim/v2{path} HTTP/1.1\r\nHost: login.acme.example\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A user as Entra ID sends one.
fn user(n: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "externalId": format!("00000000-0000-0000-0000-{n:012}"), "userName": format!("p{n}@acme.example"), "active": true,
        "displayName": format!("Person {n}"), "title": "Engineer", "preferredLanguage": "de-DE",
        "emails": [{ "primary": true, "type": "work", "value": format!("p{n}@acme.example") }],
        "name": { "formatted": format!("Person {n}"), "familyName": format!("{n}"), "givenName": "Person" },
        "phoneNumbers": [{ "type": "work", "value": format!("+49 30 {n:08}") }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "Berlin", "employeeNumber": format!("{n}") },
    })
}

fn patch(op: &str, path: &str, value: Value) -> Value {
    let operation = json!({ "op": op, "path": path, "value": value });
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] })
}

// ---- measurements --------------------------------------------------------------------------------------------------------------

/// How often the disk can be made sure of, one after the other: what bounds a single client.
fn syncs_per_second() -> f64 {
    let directory = tempfile::tempdir().expect("a directory");
    let mut file = std::fs::File::create(directory.path().join("probe")).expect("a file");
    let (begin, rounds) = (Instant::now(), 500);
    for _ in 0..rounds {
        file.write_all(&[7; 8192]).expect("written");
        file.sync_data().expect("synced");
    }
    f64::from(rounds) / begin.elapsed().as_secs_f64()
}

/// Each becomes a member with the default role and a seat at once.
fn create(people: usize, syncs: f64) {
    println!("{:34}{:>12} {:>14} {:>14} {:>12}", "", "per second", "us CPU each", "our own", "per sync");
    for clients in [1, 8, 32] {
        let site = Site::new("scim", "", &idp_key());
        let requests: Vec<String> = (0..people).map(|n| scim("POST", "/Users", &user(n).to_string())).collect();
        let next = AtomicU64::new(0);
        let (begin, cpu, kernel) = (Instant::now(), site.served.cpu(), site.served.kernel_cpu());
        std::thread::scope(|scope| {
            for _ in 0..clients {
                scope.spawn(|| {
                    let mut client = Client::new(site.served.address);
                    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                        let (status, head, body) = client.exchange(request.as_bytes());
                        assert_eq!(status, 201, "{head}\n{body}");
                    }
                });
            }
        });
        let (spent, cpu) = (begin.elapsed().as_secs_f64(), (site.served.cpu() - cpu).as_secs_f64());
        let (rate, each) = (people as f64 / spent, |cpu: f64| cpu * 1e6 / people as f64);
        let own = cpu - (site.served.kernel_cpu() - kernel).as_secs_f64();
        let label = format!("{people} creates, {clients} clients");
        println!("{label:34}{rate:12.0} {:14.0} {:14.0} {:12.2}", each(cpu), each(own), rate / syncs);
    }
}

/// The same look-ups in a small and in the large directory, alternating, so that a slow moment of the machine hits both.
fn look_up(large: &mut Site, people: usize) {
    let mut small = Site::new("manual", "", &idp_key());
    for n in 0..SMALL {
        small.send("POST", "/Users", &user(n));
    }
    println!("{:34}{:>14} {:>14} {:>8}", "us CPU each", SMALL, people, "ratio");
    let user_name = |n: usize| format!("userName eq \"p{n}@acme.example\"");
    let external_id = |n: usize| format!("externalId eq \"00000000-0000-0000-0000-{n:012}\"");
    let by: [(&str, &(dyn Fn(usize) -> String + Sync)); 2] = [("userName", &user_name), ("externalId", &external_id)];
    for (name, filter) in by {
        let request = |n: usize| {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("filter", &filter(n)).finish();
            scim("GET", &format!("/Users?{query}"), "")
        };
        let (mut of_small, mut of_large) = (0.0, 0.0);
        for _ in 0..3 {
            of_small += asked(&small.served, 20_000, |n| request(n % SMALL));
            // All over the directory.
            of_large += asked(&large.served, 20_000, |n| request((n * 7919) % people));
        }
        let label = format!("look-up by {name} eq");
        println!("{label:34}{:14.1} {:14.1} {:8.2}", of_small / 3.0, of_large / 3.0, of_large / of_small);
    }
}

/// Sends this many requests on eight connections; microseconds of CPU each.
fn asked(served: &Served, requests: usize, request: impl Fn(usize) -> String + Sync) -> f64 {
    let next = AtomicU64::new(0);
    let cpu = served.cpu();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut client = Client::new(served.address);
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed) as usize;
                    if n >= requests {
                        return;
                    }
                    let (status, _, body) = client.exchange(request(n).as_bytes());
                    assert!(status == 200 && body.contains("\"totalResults\":1"), "{body}");
                }
            });
        }
    });
    (served.cpu() - cpu).as_secs_f64() * 1e6 / requests as f64
}

/// A group that grows by 100 members at a time, once one that nobody maps and once one that is mapped.
fn members(site: &mut Site, people: &[String]) {
    println!("{:34}{:>14} {:>14} {:>8}", "ms for a PATCH of 100 members", "the first", "the last", "ratio");
    for (name, label) in [("hiking", "a group that nobody maps"), ("crew", "a group that gives a role")] {
        if name == "crew" {
            site.map("user=staff admin=crew");
        }
        let group = site.group(name);
        let mut spent = Vec::new();
        for slice in people.chunks(100) {
            let begin = Instant::now();
            site.add_members(&group, slice);
            spent.push(begin.elapsed().as_secs_f64() * 1e3);
        }
        let some = (spent.len() / 5).max(1);
        let median = |part: &[f64]| {
            let mut sorted = part.to_vec();
            sorted.sort_by(f64::total_cmp);
            sorted[sorted.len() / 2]
        };
        let (first, last) = (median(&spent[..some]), median(&spent[spent.len() - some..]));
        println!("{label:34}{first:14.2} {last:14.2} {:8.2}", last / first);
    }
}

/// Switched off one by one: membership and sessions have ended when it is answered.
fn leavers(site: &mut Site, people: &[String]) {
    let (begin, cpu) = (Instant::now(), site.served.cpu());
    for id in people {
        site.send("PATCH", &format!("/Users/{id}"), &patch("replace", "active", json!(false)));
    }
    let (rate, cpu) = (people.len() as f64 / begin.elapsed().as_secs_f64(), (site.served.cpu() - cpu).as_secs_f64());
    println!(
        "{} switched off one by one: {rate:.0}/s, {:.0} us CPU each",
        people.len(),
        cpu * 1e6 / people.len() as f64
    );
}

/// Everybody is looked at again because mappings changed, while others sign in and visit an application.
fn mappings(site: &mut Site, idp: &usher::demo::issuer::IssuerKey) {
    println!(
        "{:34}{:>10} {:>10} {:>16} {:>16} {:>20}",
        "after a change of mappings", "seconds", "changed", "longest sign-in", "longest visit", "us CPU for a visit"
    );
    let request = visit(&site.cookie);
    let (_, alone) = load(&site.served, 1, Duration::from_secs(3), &request);
    let mut n = 0;
    for (label, rows) in [
        ("nobody is concerned", "user=staff admin=crew owner=nobody"),
        ("a tenth has another role", "user=staff"),
        ("everybody has another role", "admin=staff"),
    ] {
        let (stop, sign_ins, visits) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
        let address = site.served.address;
        let (seconds, changed) = std::thread::scope(|scope| {
            let longest = |most: &AtomicU64, one: Duration| most.fetch_max(one.as_micros() as u64, Ordering::Relaxed);
            let (stop, sign_ins, visits, request) = (&stop, &sign_ins, &visits, &request);
            let first = n;
            let signing_in = scope.spawn(move || {
                let (mut client, mut n) = (Client::new(address), first);
                while !stop.load(Ordering::Relaxed) {
                    let body = body(idp, n);
                    let begin = Instant::now();
                    sign_one_in(&mut client, &body);
                    longest(sign_ins, begin.elapsed());
                    n += 1;
                }
                n
            });
            scope.spawn(move || {
                let mut client = Client::new(address);
                while !stop.load(Ordering::Relaxed) {
                    let begin = Instant::now();
                    assert_eq!(client.ask(request.as_bytes()).0, 200);
                    longest(visits, begin.elapsed());
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
            std::thread::sleep(Duration::from_millis(300));
            sign_ins.store(0, Ordering::Relaxed);
            visits.store(0, Ordering::Relaxed);
            let done = site.map(rows);
            stop.store(true, Ordering::Relaxed);
            n = signing_in.join().expect("signed in");
            done
        });
        let ms = |most: &AtomicU64| format!("{:.1} ms", most.load(Ordering::Relaxed) as f64 / 1e3);
        println!("{label:34}{seconds:10.2} {changed:10} {:>16} {:>16} {:20}", ms(&sign_ins), ms(&visits), "");
    }
    let (_, after) = load(&site.served, 1, Duration::from_secs(3), &request);
    println!("us CPU for a visit: {alone:.1} before, {after:.1} after");
}
