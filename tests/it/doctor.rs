//! What `usher doctor` says about the world outside: clocks, metadata, the DNS, and identity providers that do not answer.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use usher::clock::{Clock as _, SystemClock};
use usher::demo::issuer::{IssuerKey, KeyKind, idp_metadata};

use crate::commands::Shell;
use crate::dns_server::{DnsServer, Entry};

/// How an identity provider answers.
#[derive(Clone, Default)]
struct Answering {
    body: String,
    date: String,
    more: String,
    /// Takes connections, and never says anything.
    hangs: bool,
}

struct Host {
    address: SocketAddr,
    now: Arc<Mutex<Answering>>,
}

impl Host {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let now: Arc<Mutex<Answering>> = Arc::default();
        let served = now.clone();
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let Answering { body, date, more, hangs } = served.lock().expect("not poisoned").clone();
                if hangs {
                    held.push(stream);
                    continue;
                }
                let _ = stream.read(&mut [0; 4096]);
                let date = if date.is_empty() { String::new() } else { format!("Date: {date}\r\n") };
                let head = format!(
                    "HTTP/1.1 200 OK\r\n{date}{more}Content-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        Self { address, now }
    }

    fn answers(&self, change: impl FnOnce(&mut Answering)) {
        change(&mut self.now.lock().expect("not poisoned"));
    }
}

/// An HTTP date so many seconds from now.
fn date(offset: i64) -> String {
    let second = SystemClock.now().as_seconds() + offset;
    let (days, rest) = (second.div_euclid(86_400), second.rem_euclid(86_400));
    let weekday =
        ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][usize::try_from(days.rem_euclid(7)).expect("small")];
    let day = usher::clock::Timestamp::from_millis(second * 1000).date();
    let parts: Vec<&str> = day.split('-').collect();
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        [parts[1].parse::<usize>().expect("a month") - 1];
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{weekday}, {} {month} {} {hour:02}:{minute:02}:{second:02} GMT", parts[2], parts[0])
}

fn key(name: &str) -> IssuerKey {
    let (now, span) = (SystemClock.now(), Duration::from_secs(400 * 86_400));
    IssuerKey::generate(KeyKind::Ecdsa, name, now.minus(span), now.plus(span)).expect("a key")
}

fn metadata(keys: &[&IssuerKey]) -> String {
    let certificates: Vec<&[u8]> = keys.iter().map(|key| key.certificate_der()).collect();
    idp_metadata("https://idp.acme.example/m", "https://idp.acme.example/sso", &certificates)
}

/// An installation with one parent, a domain that is not proven and a connection whose metadata is read from `host`.
fn installation(host: &Host, dns: &DnsServer, key: &IssuerKey) -> Shell {
    let shell = Shell::new();
    let data = shell.path("data");
    shell.write(
        "usher.toml",
        &format!(
            "[server]\nlisten = \"127.0.0.1:{}\"\ndata_dir = {data:?}\nallow_private_idp = true\ndns_servers = [\"{}\"]\n",
            shell.port, dns.address
        ),
    );
    host.answers(|answering| answering.body = metadata(&[key]));
    let address = host.address;
    shell.write(
        "organizations.toml",
        &format!(
            "[[parent]]\nslug = \"acme\"\nname = \"Acme\"\nplan = \"enterprise\"\n[[parent.domain]]\nname = \"acme.example\"\n\
             [[parent.connection]]\nslug = \"okta\"\nlabel = \"Okta\"\nprotocol = \"saml\"\nmetadata_url = \"http://{address}/m\"\nactive = true\n\
             [[parent.organization]]\nslug = \"acme-work\"\nname = \"Acme Work\"\nproduct = \"team\"\n"
        ),
    );
    shell.says(0, &["apply", "organizations.toml", "--yes"]);
    shell
}

/// The lines about one thing, and the exit status.
fn doctor(shell: &Shell, what: &str) -> (Vec<Value>, Option<i32>) {
    let output = shell.run(&["doctor", "--json"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    (lines.filter(|line| line["what"] == what).collect(), output.status.code())
}

fn verdict(lines: &[Value]) -> &str {
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines[0]["verdict"].as_str().expect("a word")
}

#[test]
fn a_clock_that_differs_is_told_by_how_much() {
    let (host, dns, key) = (Host::start(), DnsServer::start(), key("idp"));
    let shell = installation(&host, &dns, &key);
    for (offset, more, expected, status) in [
        (0, "", "ok", 0),
        (-45, "", "warn", 0),
        (60, "", "warn", 0),
        (-600, "", "fail", 1),
        (4000, "", "fail", 1),
        // It lay in a cache for that long.
        (-3600, "Age: 3600\r\n", "ok", 0),
    ] {
        host.answers(|answering| (answering.date, answering.more) = (date(offset), more.to_owned()));
        let (lines, exit) = doctor(&shell, "clock");
        assert_eq!((verdict(&lines), exit), (expected, Some(status)), "{offset}: {lines:#?}");
        let apart = lines[0]["seconds"].as_i64().expect("a number");
        let real = if more.is_empty() { -offset } else { 0 };
        assert!((apart - real).abs() <= 5, "{offset}: {apart}");
    }
    host.answers(|answering| (answering.date, answering.more) = ("yesterday, about noon".to_owned(), String::new()));
    let (lines, exit) = doctor(&shell, "clock");
    assert_eq!((verdict(&lines), exit), ("skip", Some(0)), "a date that cannot be read compares with nothing");
}

#[test]
fn what_the_metadata_says_by_now_is_told_and_changes_nothing() {
    let (host, dns, known, next) = (Host::start(), DnsServer::start(), key("idp"), key("next"));
    let shell = installation(&host, &dns, &known);
    let said = |expected: &str, words: &str| {
        let (lines, _) = doctor(&shell, "connection");
        assert_eq!(verdict(&lines), expected, "{lines:#?}");
        assert!(lines[0]["found"].as_str().expect("a text").contains(words), "{lines:#?}");
    };
    let before = shell.says(0, &["events", "--json"]);
    said("ok", "the metadata says what is known");
    // It came over plain http, so it waits.
    host.answers(|answering| answering.body = metadata(&[&known, &next]));
    said("warn", "the metadata names new certificates (");
    host.answers(|answering| answering.body = "<html>".to_owned());
    said("warn", "the metadata cannot be used");
    host.answers(|answering| {
        answering.body = metadata(&[&known]).replace("https://idp.acme.example/m", "https://evil.example/m")
    });
    said("warn", "expected https://idp.acme.example/m");
    assert_eq!(shell.says(0, &["events", "--json"]), before, "doctor changes nothing");
}

#[test]
fn an_identity_provider_that_hangs_delays_nothing_beyond_the_deadline() {
    let (host, dns, key) = (Host::start(), DnsServer::start(), key("idp"));
    let shell = installation(&host, &dns, &key);
    dns.set("acme.example", Entry { silent: true, ..Entry::default() });
    host.answers(|answering| answering.hangs = true);
    let begun = SystemClock.now();
    let output = shell.run(&["doctor"]);
    let took = SystemClock.now().since(begun);
    assert!(took < Duration::from_secs(20), "{took:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("warn  connection      okta: 127.0.0.1 did not answer whole within 10 s"), "{said}");
    assert!(
        said.contains("warn  dns             acme.example: expected TXT") && said.contains("no DNS server answered"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(0), "people go on signing in: {said}");
}

#[test]
fn b6_a_record_that_dns_lacks_is_told_beside_the_expected_one() {
    let (host, dns, key) = (Host::start(), DnsServer::start(), key("idp"));
    let shell = installation(&host, &dns, &key);
    dns.set("acme.example", Entry::txt(&["v=spf1 -all"]));
    let (lines, exit) = doctor(&shell, "dns");
    assert_eq!((verdict(&lines), exit), ("warn", Some(0)));
    let expected = lines[0]["expected"].as_str().expect("the record").to_owned();
    assert!(expected.starts_with("usher-domain-verification="), "{expected}");
    let found = lines[0]["found"].as_str().expect("a text");
    assert!(found.contains(&expected) && found.contains("v=spf1 -all"), "{found}");
    dns.set("acme.example", Entry::txt(&["v=spf1 -all", &expected]));
    let (lines, _) = doctor(&shell, "dns");
    assert_eq!((verdict(&lines), lines[0]["proven"].as_bool()), ("ok", Some(true)));
    let (domain, _) = doctor(&shell, "domain");
    assert_eq!(verdict(&domain), "warn", "the state is the server's to change, not the doctor's");
    shell.says(0, &["domain", "vouch", "acme.example", "--parent", "acme"]);
    let asked = dns.asked().len();
    assert_eq!(verdict(&doctor(&shell, "dns").0), "ok");
    assert_eq!(dns.asked().len(), asked, "who is vouched for is not asked about");
}

#[test]
fn everything_that_ends_stands_in_one_table() {
    let (host, dns, key) = (Host::start(), DnsServer::start(), key("idp"));
    let shell = installation(&host, &dns, &key);
    let soon = SystemClock.now().plus(Duration::from_secs(5 * 86_400)).to_string();
    shell.says(0, &["scim-token", "new", "--parent", "acme", "--name", "okta", "--expires", &soon]);
    let (lines, exit) = doctor(&shell, "calendar");
    let of =
        |kind: &str| lines.iter().find(|line| line["kind"] == kind).unwrap_or_else(|| panic!("{kind}: {lines:#?}"));
    assert_eq!(of("scim_token")["state"], "7_days");
    assert_eq!(of("scim_token")["verdict"], "warn");
    assert!(of("scim_token")["found"].as_str().expect("a text").contains("usher scim-token new makes another"));
    assert_eq!((&of("idp_certificate")["state"], &of("idp_certificate")["verdict"]), (&"ok".into(), &"ok".into()));
    assert_eq!(exit, Some(0));
}

#[test]
fn an_admin_who_cannot_sign_in_is_no_admin() {
    let (host, dns, key) = (Host::start(), DnsServer::start(), key("idp"));
    let shell = installation(&host, &dns, &key);
    let admin = |email: &str| {
        let member = format!(
            "[[parent.organization.member]]\nemail = {email:?}\nrole = \"owner\"\n[parent.organization.seats]\nstandard = 9\n"
        );
        let file = std::fs::read_to_string(shell.path("organizations.toml")).expect("the file");
        shell.write("with_admin.toml", &format!("{file}{member}"));
        shell.says(0, &["apply", "with_admin.toml", "--yes"]);
    };
    let said = |words: &str| {
        let (lines, _) = doctor(&shell, "organization");
        assert!(lines[0]["found"].as_str().expect("a text").contains(words), "{lines:#?}");
    };
    said("nobody can sign in");
    shell.says(0, &["domain", "vouch", "acme.example", "--parent", "acme"]);
    said("nobody may configure it");
    shell.says(0, &["domain", "vouch", "left.example", "--parent", "acme"]);
    admin("anna@left.example");
    said("1 may configure it and can sign in");
    shell.says(0, &["domain", "remove", "left.example", "--parent", "acme", "--yes"]);
    said("none of them can sign in");
    admin("otto@acme.example");
    said("1 may configure it and can sign in");
}
