use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::dns::Resolve as _;

use super::*;
use crate::clock::{Clock as _, SystemClock, Timestamp};

#[test]
fn only_public_addresses_are_public() {
    for inside in [
        "127.0.0.1",
        "127.9.9.9",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "198.18.0.1",
        "240.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
    ] {
        assert!(!is_public(inside.parse().expect("an address")), "{inside}");
    }
    for outside in ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1", "::ffff:8.8.8.8"] {
        assert!(is_public(outside.parse().expect("an address")), "{outside}");
    }
}

#[actix_web::test]
async fn x109_metadata_from_inside_is_not_fetched() {
    let closed = Outbound::new(&[], false).expect("a client");
    for url in [
        "https://127.0.0.1/metadata",
        "https://[::1]/metadata",
        "https://169.254.169.254/latest",
        "https://localhost/metadata",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::ffff:127.0.0.1]/",
    ] {
        let error = closed.get(Purpose::SamlMetadata, url, 1000).await.expect_err(url);
        assert!(matches!(error, OutboundError::PrivateAddress { .. }), "{url}: {error:?}");
    }
    for url in [
        "http://idp.example/",
        "file:///etc/passwd",
        "ftp://idp.example/",
        "https://me:pw@idp.example/",
        "idp.example",
        "",
    ] {
        let error = closed.get(Purpose::SamlMetadata, url, 1000).await.expect_err(url);
        assert!(matches!(error, OutboundError::NotHttps { .. }), "{url}: {error:?}");
    }
}

/// Answers every connection with `answer` and counts them.
fn server(answer: &'static str) -> (u16, std::sync::Arc<std::sync::atomic::AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let count = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = count.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (port, count)
}

#[actix_web::test]
async fn a_redirect_is_an_error_and_a_long_body_is_cut_off() {
    let open = Outbound::new(&[], true).expect("a client");
    let (canary, hits) = server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    let body = open.get(Purpose::SamlMetadata, &format!("http://127.0.0.1:{canary}/"), 2).await.expect("allowed here");
    assert_eq!(body, b"hi");
    let location: &'static str = Box::leak(
        format!("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{canary}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .into_boxed_str(),
    );
    let (redirecting, _) = server(location);
    let error =
        open.get(Purpose::SamlMetadata, &format!("http://127.0.0.1:{redirecting}/"), 100).await.expect_err("302");
    assert!(matches!(error, OutboundError::Status { status: 302, .. }), "{error:?}");
    assert_eq!(hits.load(std::sync::atomic::Ordering::SeqCst), 1, "only the call that named it");
    let (long, _) = server("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789");
    let error = open.get(Purpose::SamlMetadata, &format!("http://127.0.0.1:{long}/"), 5).await.expect_err("10 bytes");
    assert!(matches!(error, OutboundError::TooLarge { limit: 5, .. }), "{error:?}");
}

const SHORT: Duration = Duration::from_millis(600);

fn impatient(lookup: Lookup) -> Outbound {
    Outbound::with(&[], true, SHORT, lookup).expect("a client")
}

/// What DNS says, answer by answer; the last one goes on.
fn liar(answers: &'static [&'static [&'static str]]) -> (Lookup, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let lookup: Lookup = Arc::new(move |_| {
        let at = counted.fetch_add(1, Ordering::SeqCst);
        let answer = answers[at.min(answers.len() - 1)];
        Box::pin(async move { Ok(answer.iter().map(|address| address.parse().expect("an address")).collect()) })
    });
    (lookup, asked)
}

fn took(began: Timestamp) -> Duration {
    SystemClock.now().since(began)
}

/// Accepts connections, and does with each what it is told, on a thread of its own.
fn peer(act: impl Fn(std::net::TcpStream) + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let act = act.clone();
            std::thread::spawn(move || act(stream.expect("a connection")));
        }
    });
    port
}

#[actix_web::test]
async fn the_deadline_covers_a_body_that_drips() {
    let drips = peer(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        while stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let headers_drip = peer(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX: ");
        while stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let silent = peer(|stream| {
        std::thread::sleep(SHORT * 4);
        drop(stream);
    });
    let open = impatient(system_lookup());
    for (what, port) in [("the body drips", drips), ("a header drips", headers_drip), ("silence", silent)] {
        let (began, url) = (SystemClock.now(), format!("http://127.0.0.1:{port}/"));
        let error = open.get(Purpose::SamlMetadata, &url, 1_000_000).await.expect_err(what);
        assert!(matches!(error, OutboundError::TooSlow { .. }), "{what}: {error:?}");
        assert!(took(began) < SHORT * 3, "{what}: {:?}", took(began));
    }
    assert_eq!(open.calls().get(["saml_metadata", "too_slow"]), 3);
}

#[actix_web::test]
async fn a_name_that_takes_for_ever_to_resolve_is_given_up() {
    let never: Lookup = Arc::new(|_| Box::pin(std::future::pending()));
    let began = SystemClock.now();
    let error = impatient(never).get(Purpose::OidcKeys, "https://id.example/", 10).await.expect_err("no answer");
    assert!(matches!(error, OutboundError::TooSlow { .. }), "{error:?}");
    assert!(took(began) < SHORT * 3);
}

#[actix_web::test]
async fn an_idp_that_hangs_delays_no_other() {
    let silent = peer(|stream| {
        std::thread::sleep(SHORT * 6);
        drop(stream);
    });
    let (well, _) = server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    let (here, _) = liar(&[&["127.0.0.1:0"]]);
    let open = impatient(here);
    let hanging: Vec<_> = (0..300)
        .map(|_| {
            let (open, url) = (open.clone(), format!("http://dead.example:{silent}/"));
            actix_web::rt::spawn(async move { open.get(Purpose::OidcToken, &url, 10).await })
        })
        .collect();
    actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    let began = SystemClock.now();
    let answer = open.get(Purpose::OidcToken, &format!("http://127.0.0.1:{well}/"), 10).await.expect("an answer");
    assert_eq!(answer, b"hi");
    assert!(took(began) < SHORT * 2 / 3, "{:?}", took(began));
    for call in hanging {
        let error = call.await.expect("ended").expect_err("nobody answers");
        assert!(matches!(error, OutboundError::TooSlow { .. }), "{error:?}");
    }
    assert!(took(began) < SHORT * 4, "all gave up at the same time, whether they had a turn or waited for one");
}

#[actix_web::test]
async fn one_host_has_so_many_calls_under_way_and_no_more() {
    let under_way = Arc::new(AtomicUsize::new(0));
    let counted = under_way.clone();
    let silent = peer(move |stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(SHORT * 6);
        drop(stream);
    });
    let open = impatient(system_lookup());
    let hanging: Vec<_> = (0..turns::PER_HOST * 2)
        .map(|_| {
            let (open, url) = (open.clone(), format!("http://127.0.0.1:{silent}/"));
            actix_web::rt::spawn(async move { open.get(Purpose::OidcToken, &url, 10).await })
        })
        .collect();
    actix_web::rt::time::sleep(SHORT / 2).await;
    assert!(under_way.load(Ordering::SeqCst) <= turns::PER_HOST);
    for call in hanging {
        assert!(call.await.expect("ended").is_err());
    }
}

#[actix_web::test]
async fn a_name_that_leads_inside_is_not_called_however_it_is_mixed_or_changed() {
    let (canary, hits) = server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    for answers in [&["127.0.0.1:0"][..], &["8.8.8.8:0", "127.0.0.1:0"], &["[::1]:0"], &["10.0.0.1:0", "1.1.1.1:0"]] {
        let (lookup, _) = liar(Box::leak(Box::new([answers])));
        let closed = Outbound::with(&[], false, SHORT, lookup).expect("a client");
        let url = format!("https://idp.example:{canary}/");
        let error = closed.get(Purpose::SamlMetadata, &url, 10).await.expect_err("inside");
        assert!(matches!(error, OutboundError::PrivateAddress { .. }), "{answers:?}: {error:?}");
        assert_eq!(closed.calls().get(["saml_metadata", "private_address"]), 1);
    }
    assert_eq!(hits.load(Ordering::SeqCst), 0);
}

/// DNS rebinding: a public address while it is checked, a private one when it is called.
#[actix_web::test]
async fn the_addresses_that_were_checked_are_the_ones_that_are_called() {
    let (lookup, asked) = liar(&[&["8.8.8.8:0"], &["127.0.0.1:0"]]);
    let resolver = Resolver { reach: Reach::Public, lookup };
    let name = || "idp.example".parse::<reqwest::dns::Name>().expect("a name");
    let handed: Vec<SocketAddr> = resolver.resolve(name()).await.expect("public").collect();
    assert_eq!(handed, ["8.8.8.8:0".parse::<SocketAddr>().expect("an address")]);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "DNS is asked once; what it answers later reaches nobody");
    let refused = resolver.resolve(name()).await.err().expect("private by now").to_string();
    assert_eq!(refused, addresses::IS_PRIVATE);
}

#[actix_web::test]
async fn plain_http_reaches_private_addresses_only_and_only_where_they_are_allowed() {
    let (lookup, _) = liar(&[&["8.8.8.8:0"]]);
    let open = impatient(lookup);
    for url in ["http://idp.example/", "http://8.8.8.8/", "http://[2606:4700::1]/"] {
        let error = open.get(Purpose::SamlMetadata, url, 10).await.expect_err(url);
        assert!(matches!(error, OutboundError::NotHttps { .. }), "{url}: {error:?}");
    }
    let (mixed, _) = liar(&[&["127.0.0.1:0", "8.8.8.8:0"]]);
    let error = impatient(mixed).get(Purpose::SamlMetadata, "http://idp.example/", 10).await.expect_err("mixed");
    assert!(matches!(error, OutboundError::NotHttps { .. }), "{error:?}");
}

/// Nothing is unpacked, so a small answer cannot become a large one.
#[actix_web::test]
async fn a_compressed_bomb_stays_packed() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![b'x'; 20_000_000]).expect("packed");
    let packed = packed.finish().expect("packed");
    assert!(packed.len() < 100_000);
    let asked_for = Arc::new(std::sync::Mutex::new(String::new()));
    let (heard, sent) = (asked_for.clone(), packed.clone());
    let bomb = peer(move |mut stream| {
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap_or(0);
        *heard.lock().expect("unpoisoned") = String::from_utf8_lossy(&request[..length]).to_lowercase();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            sent.len()
        );
        let _ = stream.write_all(&[head.as_bytes(), &sent].concat());
    });
    let open = Outbound::new(&[], true).expect("a client");
    let body = open.get(Purpose::SamlMetadata, &format!("http://127.0.0.1:{bomb}/"), 1_000_000).await.expect("short");
    assert_eq!(body, packed);
    assert!(!asked_for.lock().expect("unpoisoned").contains("accept-encoding"), "and nobody asked for it packed");
}

#[actix_web::test]
async fn an_announced_length_is_not_believed() {
    let open = Outbound::new(&[], true).expect("a client");
    for (what, answer) in [
        (
            "more than announced is not read",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi there",
        ),
        ("in pieces", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
    ] {
        let (port, _) = server(answer);
        let body = open.get(Purpose::SamlMetadata, &format!("http://127.0.0.1:{port}/"), 2).await;
        assert_eq!(body.expect(what), b"hi", "{what}");
    }
    let (port, _) = server("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n0123456789");
    let error = open.get(Purpose::SamlMetadata, &format!("http://127.0.0.1:{port}/"), 5).await.expect_err("too much");
    assert!(matches!(error, OutboundError::TooLarge { limit: 5, .. }), "{error:?}");
}
