//! Every route, who may come in, and what strangers get. `tests/golden/open_doors.txt` is typed by hand: opening a door is a decision.

use std::collections::BTreeSet;

use usher::server;

use crate::support::{PUBLIC, TestApp};

fn golden(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap_or_default()
}

pub fn routes() -> Vec<(String, String, String)> {
    let line = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        (words.next().expect("a method"), words.next().expect("a path"), words.next().expect("an access"))
    };
    server::all_routes().list().lines().map(line).collect()
}

fn sample(path: &str) -> String {
    let path =
        path.replace("{organization}", "acme-work").replace("{person}", "p-nobody").replace("{incident}", "TEST-C0DE");
    path.replace("{connection}", "acme")
        .replace("{checksum}", "0")
        .replace("{name}", "x")
        .replace("{id}", "u-1")
        .replace("{urn}", "urn:x")
}

/// Whether nobody comes in without having proven who they are.
fn is_closed(access: &str) -> bool {
    matches!(access, "signed-in" | "operator" | "directory-token" | "setup-link") || access.starts_with("admin")
}

#[test]
fn the_routes_are_as_written_down() {
    let now = server::all_routes().list();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(format!("{}/tests/golden/routes.txt", env!("CARGO_MANIFEST_DIR")), &now).expect("written");
    }
    assert_eq!(golden("routes.txt"), now, "UPDATE_GOLDEN=1 and read the diff");
}

#[test]
fn every_open_door_was_opened_on_purpose() {
    let typed: BTreeSet<String> =
        golden("open_doors.txt").lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let open: BTreeSet<String> = routes()
        .into_iter()
        .filter(|(_, _, access)| !is_closed(access))
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    assert_eq!(open, typed, "a door for strangers is typed into open_doors.txt by hand, with a reason in the commit");
}

#[test]
fn a_stranger_is_turned_away_from_every_closed_route() {
    let app = TestApp::start();
    for (method, path, access) in routes() {
        let mut stranger = app.browser();
        let answer = match method.as_str() {
            "GET" => stranger.get(&sample(&path)),
            "POST" => stranger.post(&sample(&path), &[]),
            other => stranger.send(other.parse().expect("a method"), &sample(&path), &[], None),
        };
        assert!(answer.status < 500, "{method} {path}: {answer:?}");
        if access == "setup-link" {
            assert!(answer.location().starts_with("/setup/ended"), "{method} {path}: {answer:?}");
        } else if is_closed(&access) && !["operator", "directory-token"].contains(&access.as_str()) && method == "GET" {
            assert!(answer.location().starts_with("/sign-in"), "{method} {path}: {answer:?}");
        } else if is_closed(&access) {
            assert_eq!(answer.status, 401, "{method} {path}: {answer:?}");
        }
    }
}

#[test]
fn a_form_from_elsewhere_is_refused_on_every_route_for_browsers() {
    let app = TestApp::start();
    let hostile: [&[(&str, &str)]; 9] = [
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://login.acme.example")],
        &[("origin", "https://login.acme.example.evil.example")],
        &[("origin", "https://wiki.acme.example")],
        &[("origin", PUBLIC), ("sec-fetch-site", "cross-site")],
        &[("origin", PUBLIC), ("sec-fetch-site", "same-site")],
        &[("origin", PUBLIC), ("origin", "https://evil.example")],
        &[("origin", PUBLIC), ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
    ];
    // Every door is open to this browser, so that what turns its forms away is their want of proof alone.
    let mut anna = app.browser();
    anna.sign_in("anna@acme.example", &["owners"], "/");
    anna.become_operator();
    for (method, path, access) in routes() {
        if method != "POST" || access == "directory-token" || (access != "anyone" && !is_closed(&access)) {
            continue;
        }
        for headers in hostile {
            let answer = anna.post_with(&sample(&path), headers, &[("email", "x@acme.example")]);
            assert_eq!(answer.header("x-usher-error"), "foreign_form", "{path} {headers:?}: {answer:?}");
        }
        let silent = anna.post_with(&sample(&path), &[], &[("email", "x@acme.example")]);
        if access == "setup-link" {
            assert!(silent.location().starts_with("/setup/ended"), "{path}: {silent:?}");
            continue;
        }
        assert_eq!(
            silent.header("x-usher-error"),
            "foreign_form",
            "{path}: a browser that says nothing needs the token"
        );
        let forged = anna.post_with(&sample(&path), &[("origin", PUBLIC)], &[("csrf", "forged")]);
        assert_eq!(forged.header("x-usher-error"), "foreign_form", "{path}: a wrong token is worse than none");
    }
    assert_eq!(anna.get("/account").status, 200, "nothing of that signed anybody out");
}

#[test]
fn every_answer_carries_the_security_headers() {
    let app = TestApp::start();
    let mut anna = app.browser();
    for path in [
        "/sign-in",
        "/nothing-here",
        "/account",
        "/healthz",
        "/saml/acme/metadata",
        "/saml/nobody/metadata",
        "/auth/nginx",
        "/signed-out",
        "/recover",
    ] {
        let answer = anna.get(path);
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{path}: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
    }
    let wrong = anna.send(reqwest::Method::DELETE, "/sign-in", &[], None);
    assert_eq!((wrong.status, wrong.header("x-usher-error")), (405, "method_not_allowed"));
    assert_eq!(wrong.header("allow"), "GET, HEAD, POST", "RFC 9110 15.5.6");
    assert!(wrong.body.contains("<h1>") && wrong.header("x-frame-options") == "DENY");
    let program = anna.get_with("/nothing-here", &[("accept", "application/json")]);
    assert!(program.body.starts_with("{\"error\":\"not_found\""), "{program:?}");
}

#[test]
fn paths_are_taken_as_they_are() {
    let app = TestApp::start();
    let mut anna = app.browser();
    for path in [
        "/Account",
        "/account/",
        "//account",
        "/%61ccount/x",
        "/./account/..",
        "/account;x",
        "/sign-in/acme%2f..",
        "/sign-in/%00",
    ] {
        let answer = anna.get(path);
        assert!(matches!(answer.status, 303 | 400 | 404), "{path}: {answer:?}");
    }
}

#[test]
fn a_body_that_is_too_large_or_no_form_is_refused() {
    let app = TestApp::start();
    let mut anna = app.browser();
    let long = "x".repeat(70_000);
    assert_eq!(anna.post("/sign-in", &[("email", &long)]).header("x-usher-error"), "too_large");
    let huge = "x".repeat(1_100_000);
    let posted = anna.post_with("/saml/acme/acs", &[], &[("SAMLResponse", &huge)]);
    assert_eq!(posted.header("x-usher-error"), "too_large");
    let twice = anna.post_with("/saml/acme/acs", &[], &[("SAMLResponse", "a"), ("SAMLResponse", "b")]);
    assert_eq!(twice.header("x-usher-error"), "bad_request", "x103");
    assert_eq!(anna.post("/sign-in", &[("email", "a"), ("email", "b")]).header("x-usher-error"), "bad_request");
    for kind in ["text/plain", "application/json", "application/x-www-form-urlencodedx"] {
        let answer =
            anna.post_with("/sign-in", &[("origin", PUBLIC), ("content-type", kind)], &[("email", "a@acme.example")]);
        assert_eq!(answer.header("x-usher-error"), "bad_request", "{kind}: {answer:?}");
    }
}

/// What a client is answered that says of its body what it likes: the status.
fn posted_raw(app: &TestApp, head: &str, body: &[u8]) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(app.address()).expect("a connection");
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5))).expect("set");
    let request = format!("POST /sign-in HTTP/1.1\r\nHost: x\r\nOrigin: {PUBLIC}\r\nConnection: close\r\n{head}\r\n");
    stream.write_all(&[request.as_bytes(), body].concat()).expect("sent");
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).expect("an answer at once");
    String::from_utf8_lossy(&answer).replace("HTTP/1.1 ", "")
}

#[test]
fn hostile_a_body_is_what_arrives_and_not_what_is_said_of_it() {
    let app = TestApp::start();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let chunked = |body: &str| format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let streamed = format!("{form}Transfer-Encoding: chunked\r\n");
    assert_eq!(posted_raw(&app, &streamed, chunked("email=x").as_bytes()), "200", "the control");
    assert_eq!(posted_raw(&app, &streamed, chunked(&"x".repeat(70_000)).as_bytes()), "413", "no length is announced");
    assert_eq!(posted_raw(&app, &format!("{form}Content-Length: 70000\r\n"), b""), "413", "not waited for");
    assert_eq!(posted_raw(&app, "Content-Length: 7\r\n", b"email=x"), "400", "a body of no type");
    assert_eq!(posted_raw(&app, "Content-Length: 0\r\n", b""), "200", "a button without fields");
    assert_eq!(posted_raw(&app, "Content-Type: text/plain\r\nContent-Length: 0\r\n", b""), "400", "of another type");
}

#[test]
fn b37_an_unknown_domain_gets_the_same_page_whatever_it_is() {
    let app = TestApp::start();
    let mut pages = BTreeSet::new();
    for email in ["a@unknown.example", "b@also-unknown.example"] {
        let answer = app.browser().post("/sign-in", &[("email", email)]);
        assert_eq!(answer.status, 200);
        pages.insert(
            answer
                .body
                .replace(email, "EMAIL")
                .split("name=\"csrf\"")
                .map(|part| part.get(66..).unwrap_or(part).to_owned())
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(pages.len(), 1, "nothing tells one unknown domain from another");
    let known = app.browser().post("/sign-in", &[("email", "anyone@acme.example")]);
    assert!(known.location().starts_with("https://idp.acme.example/sso?"), "{known:?}");
}

#[test]
fn the_language_is_chosen_and_remembered() {
    let app = TestApp::start();
    let mut anna = app.browser();
    assert!(anna.get_with("/sign-in", &[("accept-language", "de-AT,de;q=0.9")]).body.contains("<html lang=\"de\">"));
    let back = anna.post("/language", &[("language", "de"), ("return_to", "/sign-in")]);
    assert_eq!((back.status, back.location()), (303, "/sign-in"));
    assert!(anna.get("/sign-in").body.contains("Anmelden"));
    assert_eq!(anna.post("/language", &[("language", "de"), ("return_to", "https://evil.example")]).location(), "/");
    assert_eq!(anna.post("/language", &[("language", "xx")]).status, 400);
}

#[test]
fn ready_means_that_something_was_written() {
    let app = TestApp::start();
    let written = || app.db.read(|tx| usher::store::settings::get(tx, "ready")).expect("readable");
    let mut seen = BTreeSet::from([written()]);
    for _ in 0..3 {
        app.clock.advance(std::time::Duration::from_secs(1));
        assert_eq!(app.browser().get("/readyz").status, 200);
        // SQLite writes nothing where a row stays as it is.
        assert!(seen.insert(written()), "{seen:?}");
    }
}

#[test]
fn head_answers_wherever_get_does() {
    let app = TestApp::start();
    let mut anna = app.browser();
    for (method, path, _) in routes() {
        if method != "GET" {
            continue;
        }
        let path = sample(&path);
        let get = anna.get(&path);
        let head = anna.send(reqwest::Method::HEAD, &path, &[], None);
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{path}");
    }
    let program = anna.send(reqwest::Method::POST, "/healthz", &[], None);
    assert_eq!((program.status, program.header("allow")), (405, "GET, HEAD"));
    assert!(program.body.starts_with("{\"error\":\"method_not_allowed\""), "a program reads it: {program:?}");
}
