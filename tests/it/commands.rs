//! The commands as a shell sees them: exit status, words, and nothing written where something is wrong.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use usher::demo::issuer::{IssuerKey, KeyKind, idp_metadata};

/// A port of its own for each test: below those that the system hands out, so that nothing else takes it in between.
fn free_port() -> u16 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = 20_000 + std::process::id() % 400 * 25;
    loop {
        let port = u16::try_from(first + NEXT.fetch_add(1, Ordering::Relaxed)).expect("a port");
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A directory with a configuration, and the binary.
pub struct Shell {
    directory: tempfile::TempDir,
    pub port: u16,
}

impl Shell {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let port = free_port();
        let shell = Self { directory, port };
        let data = shell.path("data");
        shell.write("usher.toml", &format!("[server]\nlisten = \"127.0.0.1:{port}\"\ndata_dir = {data:?}\n"));
        shell
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
        command.current_dir(self.directory.path()).arg("--config").arg(self.path("usher.toml")).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().expect("it runs")
    }

    /// Runs a command that must end with this status; returns what it said on both streams.
    pub fn says(&self, status: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
        said
    }

    /// Runs a command that must be refused: 3 for mistakes in a file, 1 for what facts stand against.
    fn refuses(&self, arguments: &[&str]) -> String {
        let status = self.run(arguments).status.code();
        assert!(matches!(status, Some(1 | 3)), "{arguments:?}: {status:?}");
        self.says(status.expect("a status"), arguments)
    }

    /// What is in the database; nothing if there is none yet.
    fn state(&self) -> String {
        if self.path("data/usher.db").exists() { self.says(0, &["export"]) } else { String::new() }
    }

    pub fn organizations(&self, change: impl FnOnce(String) -> String) {
        let now = usher::clock::Clock::now(&usher::clock::SystemClock);
        let year = std::time::Duration::from_secs(365 * 86_400);
        let key = IssuerKey::generate(KeyKind::Ecdsa, "idp", now.minus(year), now.plus(year)).expect("a key");
        let metadata =
            idp_metadata("https://idp.acme.example/m", "https://idp.acme.example/sso", &[key.certificate_der()]);
        self.write("idp.xml", &metadata);
        self.write("organizations.toml", &change(ORGANIZATIONS.to_owned()));
    }
}

const ORGANIZATIONS: &str = r#"
[[parent]]
slug = "acme"
name = "Acme"
plan = "enterprise"
[[parent.domain]]
name = "acme.example"
vouched = true
[[parent.connection]]
slug = "okta"
label = "Okta"
protocol = "saml"
metadata_file = "idp.xml"
active = true
[[parent.organization]]
slug = "acme-work"
name = "Acme Work"
product = "enterprise-seats"
provisioning = "jit"
group_mappings = true
[parent.organization.seats]
premium = 1
standard = 2
[parent.organization.role_mappings]
owner = ["owners"]
user = ["everyone"]
[[parent.organization.member]]
email = "anna@acme.example"
role = "owner"
seat = "premium"
[[parent.organization.application]]
slug = "wiki"
name = "Wiki"
url = "https://wiki.acme.example"
"#;

/// A server that is stopped with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(shell: &Shell) -> Serving {
    let child = shell.command().arg("serve").stderr(Stdio::null()).spawn().expect("started");
    let serving = Serving(child);
    for _ in 0..600 {
        if shell.run(&["health"]).status.success() {
            return serving;
        }
        std::thread::yield_now();
    }
    panic!("the server does not come up");
}

#[test]
fn applying_twice_changes_nothing_and_what_is_exported_can_be_applied() {
    let shell = Shell::new();
    shell.organizations(|file| file);
    let plan = shell.says(0, &["plan", "organizations.toml"]);
    assert!(plan.contains("acme-work") && plan.contains("anna@acme.example"), "{plan}");
    shell.says(0, &["apply", "organizations.toml"]);
    let events = shell.says(0, &["events", "--json"]);
    let again = shell.says(0, &["apply", "organizations.toml", "--yes"]);
    assert!(again.to_lowercase().contains("nothing to change"), "{again}");
    assert_eq!(shell.says(0, &["events", "--json"]), events, "and leaves no event");
    assert!(events.contains("\"actor\":\"shell\""), "{events}");
    let exported = shell.says(0, &["export"]);
    shell.write("exported.toml", &exported);
    let round = shell.says(0, &["plan", "exported.toml"]);
    assert!(round.to_lowercase().contains("nothing to change"), "{round}\n{exported}");
}

#[test]
fn a_plan_changes_nothing() {
    let shell = Shell::new();
    shell.organizations(|file| file);
    shell.says(0, &["plan", "organizations.toml"]);
    assert!(!shell.state().contains("acme"), "nothing was written");
}

#[test]
fn mistakes_in_an_organizations_file_are_all_told_and_nothing_is_written() {
    let shell = Shell::new();
    for (what, change, expected) in [
        ("an unknown key", ("provisioning = \"jit\"", "provisoning = \"jit\""), "did you mean provisioning"),
        ("a wrong type", ("premium = 1", "premium = \"one\""), "premium"),
        ("b1 another product's role", ("user = [\"everyone\"]", "developer = [\"everyone\"]"), "developer"),
        ("b1 another product's seat", ("seat = \"premium\"", "seat = \"chat\""), "chat"),
        (
            "b3 directory sync where it is not offered",
            ("product = \"enterprise-seats\"\nprovisioning = \"jit\"", "product = \"team\"\nprovisioning = \"scim\""),
            "not offered",
        ),
        ("an unknown product", ("enterprise-seats", "enterprise-seat"), "enterprise-seat"),
        ("b6 a public mail domain", ("name = \"acme.example\"", "name = \"gmail.com\""), "gmail.com"),
        ("no such file", ("idp.xml", "missing.xml"), "missing.xml"),
        ("more members than seats", ("premium = 1", "premium = 0"), "premium"),
        ("no address", ("anna@acme.example", "anna"), "anna"),
        (
            "an openid client without a secret",
            (
                "protocol = \"saml\"\nmetadata_file = \"idp.xml\"",
                "protocol = \"oidc\"\nissuer = \"https://idp.acme.example\"\nclient_id = \"x\"",
            ),
            "client_secret is missing",
        ),
        ("a slug that is a route", ("slug = \"okta\"", "slug = \"finish\""), "finish"),
    ] {
        shell.organizations(|file| file.replace(change.0, change.1));
        let told = shell.refuses(&["apply", "organizations.toml", "--yes"]);
        assert!(told.contains(expected), "{what}: {told}");
        assert!(!shell.state().contains("acme"), "{what}: nothing was written");
    }
    let twice = ORGANIZATIONS.to_owned() + &ORGANIZATIONS.replace("anna@", "bert@");
    shell.organizations(|_| twice);
    assert!(shell.refuses(&["apply", "organizations.toml", "--yes"]).contains("acme"), "a slug twice");
    shell.organizations(|file| file);
    shell.write("idp.xml", "<md:EntityDescriptor/>");
    let told = shell.refuses(&["apply", "organizations.toml", "--yes"]);
    assert!(told.contains("idp.xml") || told.to_lowercase().contains("metadata"), "{told}");
}

#[test]
fn taking_access_away_needs_a_yes() {
    let shell = Shell::new();
    shell.organizations(|file| file);
    shell.says(0, &["apply", "organizations.toml"]);
    shell.organizations(|file| file.replace("role = \"owner\"", "role = \"user\""));
    let told = shell.says(1, &["apply", "organizations.toml"]);
    assert!(told.contains("--yes"), "{told}");
    assert!(shell.says(0, &["export"]).contains("role = \"owner\""), "nothing was written");
    shell.says(0, &["apply", "organizations.toml", "--yes"]);
    assert!(shell.says(0, &["export"]).contains("role = \"user\""));
}

#[test]
fn b27_a_directory_is_reset_and_deleted_after_saying_what_that_means() {
    let shell = Shell::new();
    shell.organizations(|file| file);
    shell.says(0, &["apply", "organizations.toml"]);
    let (reset, delete) = (["directory", "reset", "--parent", "acme"], ["directory", "delete", "--parent", "acme"]);
    let sure = |command: [&'static str; 4]| [&command[..], &["--yes"]].concat();
    assert!(shell.says(1, &sure(reset)).contains("there is no directory"));
    shell.says(0, &["scim-token", "new", "--parent", "acme", "--name", "okta"]);
    shell.organizations(|file| file.replace("provisioning = \"jit\"", "provisioning = \"scim\""));
    shell.says(0, &["apply", "organizations.toml", "--yes"]);
    let members = shell.says(0, &["export"]);
    let told = shell.says(1, &reset);
    assert!(told.contains("members stay, with role and seat") && told.contains("run it with --yes"), "{told}");
    let told = shell.says(1, &sure(delete));
    assert!(told.contains("acme-work still follows the directory"), "{told}");
    assert!(shell.says(0, &sure(reset)).contains("every membership stands"));
    assert!(shell.says(0, &["scim-token", "list"]).contains("okta"), "the tokens stay");
    assert_eq!(shell.says(0, &["export"]), members);
    shell.organizations(|file| file);
    shell.says(0, &["apply", "organizations.toml", "--yes"]);
    assert!(shell.says(0, &sure(delete)).contains("1 tokens"));
    assert!(!shell.says(0, &["scim-token", "list"]).contains("okta"));
    let events = shell.says(0, &["events", "--json"]);
    assert!(events.contains("directory_reset") && events.contains("directory_deleted"), "{events}");
}

#[test]
fn wrong_usage_and_wrong_configuration_have_their_own_status() {
    let shell = Shell::new();
    shell.says(2, &["aply"]);
    assert!(shell.says(1, &["restore", "nowhere.db"]).contains("nowhere.db"));
    assert!(!shell.path("data").exists(), "there is nothing to restore, so nothing is made");
    shell.says(2, &["explain", "--organization", "acme-work"]);
    for malformed in [
        &["explain", "--organization", "acme-work", "--email", "anna"][..],
        &["explain", "--organization", "Acme Work", "--email", "anna@acme.example"],
        &["events", "--since", "yesterday"],
        &["incident", "no reference"],
        &["recover", "--email", "anna"],
        &["domain", "vouch", "not a domain", "--parent", "acme"],
    ] {
        shell.says(2, malformed);
    }
    let missing = Command::new(env!("CARGO_BIN_EXE_usher"))
        .args(["check", "--config", "nowhere.toml"])
        .output()
        .expect("it runs");
    assert_eq!(missing.status.code(), Some(3));
    shell.write("usher.toml", "[server]\nlistn = 1\nlanguage = \"fr\"\n[tls]\nmode = \"acme\"\n");
    for command in [&["check"][..], &["serve"], &["export"]] {
        let told = shell.says(3, command);
        for expected in ["line 2", "did you mean listen", "language", "not available yet"] {
            assert!(told.contains(expected), "{command:?}: {expected} is missing in {told}");
        }
    }
    let told: serde_json::Value = serde_json::from_str(&shell.says(3, &["check", "--json"])).expect("JSON alone");
    assert_eq!((told["valid"].as_bool(), told["mistakes"][0]["line"].as_i64()), (Some(false), Some(2)), "{told}");
    assert_eq!(told["mistakes"][0]["key"], "server.listn");
}

#[test]
fn what_check_finds_valid_can_be_served() {
    let shell = Shell::new();
    let told: serde_json::Value = serde_json::from_str(&shell.says(0, &["check", "--json"])).expect("JSON alone");
    assert_eq!(told["valid"], true);
    for level in ["verbose", "nonsense==", "info,", "=debug"] {
        let file = std::fs::read_to_string(shell.path("usher.toml")).expect("there");
        let file = file.split("[log]").next().expect("a beginning").to_owned();
        shell.write("usher.toml", &format!("{file}[log]\nlevel = \"{level}\"\n"));
        for command in ["check", "serve"] {
            assert!(shell.says(3, &[command]).contains("log.level"), "{level}");
        }
    }
}

#[test]
fn a_newer_a_foreign_and_a_missing_database_are_refused_by_every_command() {
    let shell = Shell::new();
    shell.organizations(|file| file);
    shell.says(0, &["apply", "organizations.toml"]);
    let database = shell.path("data").join("usher.db");
    let newer = rusqlite::Connection::open(&database).expect("opened");
    newer.pragma_update(None, "user_version", 99).expect("newer");
    drop(newer);
    for command in [&["serve"][..], &["export"], &["apply", "organizations.toml"]] {
        let told = shell.says(4, command);
        assert!(told.contains("99") && told.contains("usher.db"), "{told}");
    }
    std::fs::write(&database, "not a database, but long enough to look like something").expect("written");
    for leftover in ["usher.db-wal", "usher.db-shm"] {
        let _ = std::fs::remove_file(shell.path("data").join(leftover));
    }
    let told = shell.says(1, &["serve"]);
    assert!(told.contains("not an Usher database"), "{told}");
    assert!(std::fs::read_to_string(&database).expect("there").starts_with("not a database"), "left untouched");
}

#[test]
fn b43_a_restored_database_says_that_it_was_restored() {
    let shell = Shell::new();
    shell.organizations(|file| file);
    shell.says(0, &["apply", "organizations.toml"]);
    shell.says(0, &["backup", "copy.db"]);
    shell.says(0, &["recover"]);
    shell.says(0, &["restore", "copy.db", "--yes"]);
    let told = shell.says(0, &["events"]);
    let last = told.lines().last().expect("an event");
    assert!(last.contains("shell:") && last.contains("database_restored"), "{told}");
    assert!(!told.contains("operator_link_made"), "what came after the copy is gone: {told}");
}

#[test]
fn our_saml_key_is_exchanged_step_by_step_beside_a_running_server() {
    let shell = Shell::new();
    let serving = serve(&shell);
    let lines = |shell: &Shell| -> Vec<serde_json::Value> {
        let listed = shell.says(0, &["keys", "list", "--json"]);
        listed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let states = |shell: &Shell| -> Vec<String> {
        lines(shell).iter().map(|key| key["state"].as_str().expect("a state").to_owned()).collect()
    };
    assert_eq!(states(&shell), ["in_use"]);
    assert!(shell.says(1, &["keys", "use"]).contains("usher keys add makes one"));
    let first = lines(&shell)[0]["kid"].as_str().expect("an id").to_owned();
    assert!(shell.says(1, &["keys", "retire", &first]).contains("is in use"));
    shell.says(0, &["keys", "add"]);
    assert!(shell.says(1, &["keys", "add"]).contains("is the next key already"));
    assert_eq!(states(&shell), ["in_use", "next"]);
    shell.says(0, &["keys", "use"]);
    assert_eq!(states(&shell), ["in_use", "previous"]);
    assert!(shell.says(0, &["keys", "list"]).contains("  previous  made "));
    shell.says(0, &["keys", "retire", &first]);
    assert!(shell.says(1, &["keys", "retire", &first]).contains("there is no key"));
    assert_eq!(states(&shell), ["in_use"]);
    let events = shell.says(0, &["events"]);
    assert_eq!(events.matches("key_rolled").count(), 3, "{events}");
    drop(serving);
}

#[test]
fn a_busy_port_and_a_second_server_are_told() {
    let shell = Shell::new();
    let taken = std::net::TcpListener::bind(("127.0.0.1", shell.port)).expect("bound");
    let told = shell.says(1, &["serve"]);
    assert!(told.contains(&shell.port.to_string()) && told.contains("server.listen"), "{told}");
    assert!(!shell.path("data").exists(), "nothing is written");
    drop(taken);
    let _serving = serve(&shell);
    let told = shell.says(1, &["serve"]);
    assert!(told.contains("already serves"), "{told}");
}

#[test]
fn a_busy_port_of_the_metrics_is_told_before_anything_is_written() {
    let shell = Shell::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().map(|address| (taken, address)).expect("an address");
    let mut serve = shell.command();
    let output = serve.env("USHER_METRICS__LISTEN", taken.1.to_string()).arg("serve").output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("cannot listen on {} for the metrics", taken.1)), "{said}");
    assert!(said.contains("metrics.listen") && !shell.path("data/usher.db").exists(), "{said}");
}

#[test]
fn the_running_server_acts_on_a_command_at_once() {
    let shell = Shell::new();
    shell.organizations(|file| file);
    let _serving = serve(&shell);
    let get = |path: &str| {
        let output = Command::new("curl")
            .args(["-s", "-o", "/dev/null", "-w", "%{http_code}"])
            .arg(format!("http://127.0.0.1:{}{path}", shell.port))
            .output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
    };
    if get("/healthz").is_empty() {
        println!("skipped: curl is not installed");
        return;
    }
    assert_eq!(get("/saml/okta/metadata"), "404");
    shell.says(0, &["apply", "organizations.toml"]);
    assert_eq!(get("/saml/okta/metadata"), "200");
    let link = shell.says(0, &["recover"]);
    assert!(link.contains("/recover?token="), "{link}");
    shell.says(0, &["backup", "copy.db"]);
    assert!(shell.path("copy.db").exists());
    let told = shell
        .says(0, &["explain", "--organization", "acme-work", "--email", "bert@acme.example", "--groups", "everyone"]);
    assert!(told.contains("everyone") && told.contains("user"), "{told}");
    assert!(!shell.says(0, &["export"]).contains("bert"), "explain changes nothing");
}

#[test]
fn the_demo_says_which_port_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let output = Command::new(env!("CARGO_BIN_EXE_usher"))
        .args(["demo", "--port", &port.to_string()])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&port.to_string()) && said.contains("--port"), "{said}");
    assert!(Path::new(env!("CARGO_BIN_EXE_usher")).exists());
}

#[test]
fn certificate_and_key_from_files_make_it_https() {
    let shell = Shell::new();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    shell.write("cert.pem", &made.cert.pem());
    shell.write("key.pem", &made.signing_key.serialize_pem());
    let (port, path) = (shell.port, |name: &str| shell.path(name));
    let with_key = |key: &str| {
        format!(
            "[server]\npublic_url = \"https://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\ndata_dir = {:?}\ntrusted_cas = [{:?}]\n\
             allow_private_idp = true\n[tls]\nmode = \"files\"\ncertificate = {:?}\nkey = {:?}\n",
            path("data"),
            path("cert.pem"),
            path("cert.pem"),
            path(key)
        )
    };
    shell.write("usher.toml", &with_key("cert.pem"));
    let told = shell.says(1, &["serve"]);
    assert!(told.contains("cert.pem") && told.contains("TLS"), "a certificate is no key: {told}");
    assert!(!path("data").exists(), "nothing is written");
    shell.write("usher.toml", &with_key("key.pem"));
    let _serving = serve(&shell);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let client = usher::outbound::Outbound::new(&[made.cert.pem().into_bytes()], true).expect("a client");
    let url = format!("https://localhost:{port}/healthz");
    let body = runtime.block_on(client.get(usher::outbound::Purpose::Health, &url, 100)).expect("an answer");
    assert_eq!(body, b"ok\n");
}
