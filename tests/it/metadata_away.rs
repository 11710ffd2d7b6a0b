//! Metadata by address as a shell sees it: applied, read again on demand, and what happens when the address does not answer.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use usher::clock::{Clock as _, SystemClock};
use usher::demo::issuer::{IssuerKey, KeyKind, idp_metadata};

use crate::commands::Shell;

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// A port that answers with each of these documents once, and then is dead.
struct Host {
    url: String,
    done: std::thread::JoinHandle<()>,
}

impl Host {
    fn start(listener: TcpListener, documents: Vec<String>) -> Self {
        let url = format!("http://{}/metadata", listener.local_addr().expect("an address"));
        let done = std::thread::spawn(move || {
            for document in documents {
                let (mut stream, _) = listener.accept().expect("a connection");
                let _ = stream.read(&mut [0; 4096]);
                let head =
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", document.len());
                let _ = stream.write_all(format!("{head}{document}").as_bytes());
            }
        });
        Self { url, done }
    }

    /// Waits until all documents are given out and nobody listens any more.
    fn dead(self) -> String {
        self.done.join().expect("served");
        self.url
    }
}

fn port() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a port")
}

fn certificate(name: &str) -> Vec<u8> {
    let now = SystemClock.now();
    let key = IssuerKey::generate(KeyKind::Ecdsa, name, now.minus(DAY), now.plus(DAY)).expect("a key");
    key.certificate_der().to_vec()
}

fn metadata(certificates: &[&[u8]]) -> String {
    idp_metadata("https://idp.acme.example/m", "https://idp.acme.example/sso", certificates)
}

fn shell(metadata_url: &str) -> Shell {
    let shell = Shell::new();
    let (port, data) = (shell.port, shell.path("data"));
    shell.write(
        "usher.toml",
        &format!("[server]\nlisten = \"127.0.0.1:{port}\"\ndata_dir = {data:?}\nallow_private_idp = true\n"),
    );
    from(&shell, metadata_url);
    shell
}

fn from(shell: &Shell, metadata_url: &str) {
    let by_address = format!("metadata_url = \"{metadata_url}\"");
    shell.organizations(|file| file.replace("metadata_file = \"idp.xml\"", &by_address));
}

fn edit(shell: &Shell, from: &str, to: &str) {
    let file = std::fs::read_to_string(shell.path("organizations.toml")).expect("there");
    assert!(file.contains(from));
    shell.write("organizations.toml", &file.replace(from, to));
}

#[test]
fn an_address_that_is_dead_keeps_what_is_known_and_says_so() {
    let own = certificate("own");
    let host = Host::start(port(), vec![metadata(&[&own])]);
    let shell = shell(&host.url);
    shell.says(0, &["apply", "organizations.toml"]);
    host.dead();
    let before = shell.says(0, &["export"]);
    for command in ["plan", "apply"] {
        let said = shell.says(0, &[command, "organizations.toml"]);
        assert!(said.contains("warning: connection okta: its metadata could not be read now"), "{command}: {said}");
        assert!(said.contains("what was read before goes on counting"), "{command}: {said}");
        assert!(said.contains("nothing to change"), "{command}: {said}");
    }
    assert_eq!(shell.says(0, &["export"]), before);
    // All else in the file is applied.
    edit(&shell, "premium = 1", "premium = 5");
    edit(&shell, "label = \"Okta\"", "label = \"Okta, renamed\"");
    let said = shell.says(0, &["apply", "organizations.toml"]);
    assert!(said.contains("warning: connection okta") && said.contains("2 changes made"), "{said}");
    let machine = shell.run(&["plan", "organizations.toml", "--json"]);
    let machine: serde_json::Value = serde_json::from_slice(&machine.stdout).expect("JSON");
    assert_eq!(machine["changes"], serde_json::json!([]));
    assert!(machine["warnings"][0].as_str().expect("a warning").contains("connection okta"), "{machine}");
}

#[test]
fn of_an_address_that_was_never_read_there_is_nothing_to_go_by() {
    let dead = Host::start(port(), Vec::new()).dead();
    let new = shell(&dead);
    let said = new.says(1, &["apply", "organizations.toml", "--yes"]);
    assert!(said.contains("connection okta: metadata: ") && said.contains("nothing was written"), "{said}");
    assert!(!new.says(0, &["export"]).contains("acme"), "nothing was written");
    let said = new.says(1, &["plan", "organizations.toml"]);
    assert!(said.contains("connection okta: metadata: "), "{said}");

    // What another address said is not what this one would say.
    let own = certificate("own");
    let host = Host::start(port(), vec![metadata(&[&own])]);
    let moved = shell(&host.url);
    moved.says(0, &["apply", "organizations.toml"]);
    host.dead();
    let file = moved.says(0, &["export"]);
    from(&moved, &dead);
    let said = moved.says(1, &["apply", "organizations.toml", "--yes"]);
    assert!(said.contains("connection okta: metadata: "), "{said}");
    assert_eq!(moved.says(0, &["export"]), file);
}

#[test]
fn metadata_is_read_on_demand_and_a_new_certificate_over_plain_http_waits() {
    let (own, next) = (certificate("own"), certificate("next"));
    let both = metadata(&[&own, &next]);
    let foreign = idp_metadata("https://evil.example/m", "https://evil.example/sso", &[&next]);
    let host = Host::start(port(), vec![metadata(&[&own]), metadata(&[&own]), both, foreign]);
    let shell = shell(&host.url);
    shell.says(0, &["apply", "organizations.toml"]);
    let refresh = |status: i32| -> serde_json::Value {
        let output = shell.run(&["connection", "refresh", "okta", "--json"]);
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let same = refresh(0);
    assert_eq!((&same["changed"], &same["pending"]), (&false.into(), &serde_json::Value::Null), "{same}");
    assert_eq!(same["certificates"].as_array().map(Vec::len), Some(1));
    let seen = refresh(0);
    assert_eq!(seen["certificates"], same["certificates"], "seen over plain http is not believed");
    assert_eq!(seen["pending"].as_array().map(Vec::len), Some(2), "{seen}");
    let events = shell.says(0, &["events", "--json"]);
    assert!(events.contains("\"certificate_seen\""), "{events}");
    let other = refresh(1);
    assert!(other["problem"].as_str().expect("a problem").contains("expected https://idp.acme.example/m"), "{other}");
    assert_eq!((&other["certificates"], &other["pending"]), (&seen["certificates"], &seen["pending"]));
    host.dead();
    let away = shell.says(1, &["connection", "refresh", "okta"]);
    assert!(away.contains("what was read before goes on counting"), "{away}");

    // What waits goes on waiting when a file is applied while the address is dead.
    shell.says(0, &["apply", "organizations.toml"]);
    assert_eq!(refresh(1)["pending"], seen["pending"], "a dead address accepts nothing");
}

#[test]
fn a_connection_whose_metadata_came_as_a_file_says_what_to_do() {
    let shell = Shell::new();
    shell.organizations(|file| file);
    shell.says(0, &["apply", "organizations.toml"]);
    let said = shell.says(1, &["connection", "refresh", "okta"]);
    assert!(said.contains("from a file"), "{said}");
    assert!(shell.says(1, &["connection", "refresh", "nowhere"]).contains("there is no connection nowhere"));
    shell.says(2, &["connection", "refresh", "Not A Slug"]);
}
