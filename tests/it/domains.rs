//! Rules B6 to B8 against a DNS server: what proves a domain and what does not, and what becomes of it.

use std::sync::Arc;
use std::time::Duration;

use usher::clock::{Clock as _, SystemClock, TestClock, Timestamp};
use usher::config::{Config, Flags};
use usher::db::DbError;
use usher::dns::Dns;
use usher::gateway::Gateway;
use usher::identity::DomainName;
use usher::ids::{ParentId, Slug};
use usher::organization::Found;
use usher::product::ParentPlan;
use usher::{domains, store};

use crate::commands::Shell;
use crate::dns_server::{DnsServer, Entry, Forged};

fn look_up(servers: &[&DnsServer], name: &str) -> Found {
    let servers: Vec<_> = servers.iter().map(|server| server.address).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(Dns::new(&servers).within(WITHIN).txt(&DomainName::parse(name).expect("a domain")))
}

/// Shorter than the gateway's, so that nobody waits for a silent server.
const WITHIN: Duration = Duration::from_secs(3);

fn records(all: &[&str]) -> Found {
    Found::Records(all.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn b6_answers_are_told_apart() {
    let dns = DnsServer::start();
    dns.set("one.example", Entry::txt(&["v=spf1 -all", "usher-domain-verification=Abc"]));
    dns.set("none.example", Entry::default());
    dns.set("servfail.example", Entry::code(2));
    dns.set("refused.example", Entry::code(5));
    let long = "x".repeat(700);
    dns.set("long.example", Entry::txt(&[&long]));
    let halves = vec![b"usher-domain-".to_vec(), b"verification=".to_vec(), b"Abc".to_vec()];
    dns.set("halves.example", Entry { txt: vec![halves], ..Entry::default() });
    dns.set("alias.example", Entry { cname: Some("one.example"), ..Entry::default() });
    dns.set("nowhere.example", Entry { cname: Some("none.example"), ..Entry::default() });
    dns.set("bytes.example", Entry { txt: vec![vec![vec![0xff, b'a']]], ..Entry::default() });
    for (name, expected) in [
        ("one.example", records(&["v=spf1 -all", "usher-domain-verification=Abc"])),
        ("ONE.Example", records(&["v=spf1 -all", "usher-domain-verification=Abc"])),
        ("none.example", Found::NoRecords),
        ("nothing.example", Found::NoSuchName),
        ("servfail.example", Found::ServerFailure("SERVFAIL".to_owned())),
        ("refused.example", Found::ServerFailure("REFUSED".to_owned())),
        ("long.example", records(&[&long])),
        ("halves.example", records(&["usher-domain-verification=Abc"])),
        ("alias.example", records(&["v=spf1 -all", "usher-domain-verification=Abc"])),
        ("nowhere.example", Found::NoRecords),
        ("bytes.example", records(&["\u{fffd}a"])),
    ] {
        assert_eq!(look_up(&[&dns], name), expected, "{name}");
    }
    assert!(!dns.asked().iter().any(|question| question.contains("example.")), "no search list: {:?}", dns.asked());
}

#[test]
fn an_answer_that_was_cut_short_is_asked_for_again_over_tcp() {
    let dns = DnsServer::start();
    let many: Vec<String> = (0..200).map(|n| format!("record {n} {}", "x".repeat(200))).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    dns.set("many.example", Entry { truncate: true, ..Entry::txt(&many) });
    assert_eq!(look_up(&[&dns], "many.example"), records(&many));
    assert_eq!(dns.asked(), ["udp many.example", "tcp many.example"]);
}

#[test]
fn a_forged_answer_is_not_believed() {
    let dns = DnsServer::start();
    let right = Entry::txt(&["the right one"]);
    dns.set("id.example", Entry { forged: Some(Forged::OtherId("forged")), ..right.clone() });
    dns.set("question.example", Entry { forged: Some(Forged::OtherQuestion("forged")), ..right.clone() });
    for name in ["id.example", "question.example"] {
        let found = look_up(&[&dns], name);
        assert!(found == records(&["the right one"]) || !found.is_definite(), "{name}: {found:?}");
    }
    for other in ["other.example", "example", "sub.smuggled.example"] {
        dns.set("smuggled.example", Entry { smuggled: Some((other, "forged")), ..right.clone() });
        assert_eq!(look_up(&[&dns], "smuggled.example"), records(&["the right one"]), "{other}");
        dns.set("smuggled.example", Entry { smuggled: Some((other, "forged")), ..Entry::default() });
        let found = look_up(&[&dns], "smuggled.example");
        assert!(!matches!(found, Found::Records(_)), "{other}: {found:?}");
    }
}

#[test]
fn a_slow_server_is_waited_for_and_a_silent_one_not_for_long() {
    let (dns, silent) = (DnsServer::start(), DnsServer::start());
    dns.set("slow.example", Entry { delay: Duration::from_millis(700), ..Entry::txt(&["late"]) });
    silent.set("slow.example", Entry { silent: true, ..Entry::default() });
    assert_eq!(look_up(&[&dns], "slow.example"), records(&["late"]));
    assert_eq!(look_up(&[&silent, &dns], "slow.example"), records(&["late"]), "the second server knows");
    let began = SystemClock.now();
    assert_eq!(look_up(&[&silent], "slow.example"), Found::NoAnswer);
    assert!(SystemClock.now().since(began) <= WITHIN + Duration::from_secs(1), "{:?}", SystemClock.now().since(began));
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let found = runtime.block_on(Dns::new(&[nobody]).txt(&DomainName::parse("acme.example").expect("a domain")));
    assert!(!found.is_definite(), "nothing listens there: {found:?}");
}

/// The value to put into DNS, out of what `usher domain list --json` says.
fn expected(shell: &Shell, domain: &str) -> String {
    let said = shell.says(0, &["domain", "list", "--json"]);
    let lines = said.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let line = lines.into_iter().find(|line| line["domain"] == domain).expect("listed");
    line["expected"].as_str().expect("a text").to_owned()
}

#[test]
fn b6_a_domain_goes_from_claimed_to_proven_by_commands() {
    let (shell, dns) = (Shell::new(), DnsServer::start());
    let config = std::fs::read_to_string(shell.path("usher.toml")).expect("written");
    shell.write("usher.toml", &format!("{config}dns_servers = [\"{}\"]\n", dns.address));
    shell.organizations(|text| text);
    shell.says(0, &["apply", "organizations.toml", "--yes"]);

    let said = shell.says(0, &["domain", "add", "Bücher.Example", "--parent", "acme"]);
    let value = expected(&shell, "xn--bcher-kva.example");
    assert!(value.starts_with("usher-domain-verification=") && value.len() > 26 + 30, "{value}");
    assert!(said.contains(&format!("xn--bcher-kva.example.  TXT  \"{value}\"")), "{said}");
    assert!(shell.says(0, &["domain", "list"]).contains("pending: not looked up yet"));

    let check = ["domain", "check", "bücher.example"];
    assert!(shell.says(1, &check).contains("found     the name does not exist (NXDOMAIN)"));
    dns.set("xn--bcher-kva.example", Entry::txt(&["v=spf1 -all", &value.to_uppercase()]));
    let said = shell.says(1, &check);
    assert!(said.contains(&format!("expected  TXT \"{value}\"")) && said.contains("\"v=spf1 -all\""), "{said}");
    dns.set("xn--bcher-kva.example", Entry::code(2));
    assert!(shell.says(1, &check).contains("SERVFAIL"));
    let (first, second) = value.split_at(30);
    let halves = vec![vec![first.as_bytes().to_vec(), second.as_bytes().to_vec()]];
    dns.set("xn--bcher-kva.example", Entry { txt: halves, ..Entry::default() });
    assert!(shell.says(0, &check).contains("verified by DNS since"));
    assert!(shell.says(0, &["domain", "list", "--parent", "acme"]).contains(&value), "the value stays visible");

    shell.says(0, &["domain", "remove", "bücher.example", "--parent", "acme"]);
    assert!(shell.says(1, &check).contains("is not among the domains of any parent"));
    shell.says(0, &["domain", "add", "bücher.example", "--parent", "acme"]);
    assert_ne!(expected(&shell, "xn--bcher-kva.example"), value, "another value");
    assert!(shell.says(1, &check).contains("not proven"), "and the old record proves nothing");
    assert!(shell.says(1, &["domain", "add", "gmail.com", "--parent", "acme"]).contains("public mail provider"));

    let refused = shell.says(1, &["domain", "remove", "acme.example", "--parent", "acme"]);
    assert!(refused.contains("1 people have addresses in acme.example"), "{refused}");
    shell.says(0, &["domain", "remove", "acme.example", "--parent", "acme", "--yes"]);
}

#[test]
fn b6_the_running_server_looks_by_itself_and_a_vouched_domain_is_left_alone() {
    let (gateway, dns, _directory) = gateway();
    let parent = seeded(&gateway, &["proven.example", "missing.example", "vouched.example"]);
    let claim = |name: &str| {
        let name = DomainName::parse(name).expect("a domain");
        gateway.db.read(|tx| store::domains::find(tx, parent, &name)).expect("read").expect("claimed")
    };
    let vouched = claim("vouched.example").id;
    gateway
        .db
        .write_blocking(move |tx| store::domains::set_verified(tx, vouched, true, Timestamp::from_millis(0)))
        .expect("vouched");
    dns.set("proven.example", Entry::txt(&[&claim("proven.example").challenge]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(domains::check_due(gateway.clone()));
    assert!(claim("proven.example").is_verified());
    assert_eq!(claim("missing.example").found, Some(Found::NoSuchName));
    let mut asked = dns.asked();
    asked.sort();
    assert_eq!(asked, ["udp missing.example", "udp proven.example"]);
    runtime.block_on(domains::check_due(gateway.clone()));
    assert_eq!(dns.asked().len(), 2, "not before its time");
    assert!(claim("vouched.example").is_verified() && claim("vouched.example").checked.is_none());
}

#[test]
fn many_domains_on_a_silent_server_are_looked_up_beside_each_other() {
    let (gateway, dns, _directory) = gateway();
    let names: Vec<String> = (0..8).map(|n| format!("silent{n}.example")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    seeded(&gateway, &names);
    for name in &names {
        dns.set(name, Entry { delay: Duration::from_millis(800), ..Entry::code(2) });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let began = SystemClock.now();
    runtime.block_on(domains::check_due(gateway));
    assert!(SystemClock.now().since(began) < Duration::from_secs(6), "{:?}", SystemClock.now().since(began));
}

fn gateway() -> (Arc<Gateway>, DnsServer, tempfile::TempDir) {
    let (dns, directory) = (DnsServer::start(), tempfile::tempdir().expect("a directory"));
    let source = format!("[server]\ndata_dir = {:?}\ndns_servers = [\"{}\"]\n", directory.path(), dns.address);
    let config = Config::parse(&source, std::iter::empty(), &Flags::default()).expect("a configuration");
    let clock = Arc::new(TestClock::at(Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment")));
    (Arc::new(Gateway::open(config, clock).expect("a gateway")), dns, directory)
}

fn seeded(gateway: &Gateway, names: &[&str]) -> ParentId {
    let names: Vec<DomainName> = names.iter().map(|name| DomainName::parse(name).expect("a domain")).collect();
    let now = gateway.now();
    let write = gateway.db.write_blocking(move |tx| -> Result<ParentId, DbError> {
        let slug = Slug::parse("acme").expect("a slug");
        let parent = store::organizations::add_parent(tx, &slug, "Acme", ParentPlan::Team)?;
        for name in &names {
            store::domains::add(tx, parent, name, &format!("usher-domain-verification={name}"), now)?;
        }
        Ok(parent)
    });
    write.expect("seeded")
}
