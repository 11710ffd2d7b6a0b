use super::*;
use crate::audit::Actor;
use crate::config::Flags;
use crate::connection::{AttributeNames, IdpCertificate, OidcSettings, SamlIdp, SamlSettings, SealedSecret};
use crate::db::Db;
use crate::ids::{AuditId, ConnectionId, Slug};
use crate::product::{Catalog, ParentPlan};

fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment")
}

fn in_days(days: u32) -> Timestamp {
    now().plus(DAY * days)
}

fn certificate(letter: char, ends: Timestamp) -> IdpCertificate {
    let fingerprint = letter.to_string().repeat(64);
    IdpCertificate { der: Vec::new(), fingerprint, not_before: now(), not_after: ends }
}

fn saml(certificates: Vec<IdpCertificate>, valid_until: Option<Timestamp>) -> Protocol {
    Protocol::Saml(SamlSettings::new(SamlIdp {
        entity_id: "https://idp.example".to_owned(),
        sso_redirect: None,
        sso_post: None,
        slo_redirect: None,
        slo_response: None,
        wants_signed_requests: false,
        certificates,
        valid_until,
    }))
}

fn oidc(ends: Timestamp) -> Protocol {
    let secret = SealedSecret { seal: b"a box".to_vec(), mark: [0; 32] };
    let settings = OidcSettings::new("https://id.example", "usher");
    Protocol::Oidc(OidcSettings { client_secret: Some(secret), client_secret_expires: Some(ends), ..settings })
}

/// A parent with these connections, and a directory token that ends in a year.
fn db(connections: Vec<(&'static str, ConnectionStatus, Protocol)>) -> Db {
    let db = Db::temporary(store::MIGRATIONS).expect("a database");
    db.write_blocking(move |tx| -> Result<(), DbError> {
        let slug = |text: &str| Slug::parse(text).expect("a slug");
        let parent = store::organizations::add_parent(tx, &slug("acme"), "Acme", ParentPlan::Team)?;
        for (name, status, protocol) in &connections {
            let connection = Connection {
                id: ConnectionId(0),
                parent,
                slug: slug(name),
                label: (*name).to_owned(),
                status: *status,
                tested: None,
                protocol: protocol.clone(),
                attributes: AttributeNames::default(),
                omits_empty_groups: false,
            };
            store::connections::add(tx, &connection)?;
        }
        store::scim_tokens::add(tx, parent, "okta", &[1; 32], now(), Some(in_days(365)))?;
        store::scim_tokens::add(tx, parent, "forever", &[2; 32], now(), None)?;
        Ok(())
    })
    .expect("seeded");
    db
}

fn config(source: &str) -> Config {
    Config::parse(source, std::iter::empty(), &Flags::default()).expect("a configuration")
}

fn endings(db: &Db, config: &Config) -> Vec<Ending> {
    db.read(|tx| collect(tx, config, now())).expect("read")
}

fn lines(endings: &[Ending]) -> Vec<String> {
    let mark = |one: &Ending| if one.is_pressing() { "! " } else { "" };
    endings
        .iter()
        .map(|one| format!("{}{} {} {}", mark(one), one.kind.as_str(), one.name, one.nearness.as_str()))
        .collect()
}

#[test]
fn the_thresholds_are_ninety_thirty_and_seven_days() {
    let second = Duration::from_secs(1);
    for (ends, expected) in [
        (now().minus(second), Nearness::Over),
        (now(), Nearness::Over),
        (now().plus(second), Nearness::Days7),
        (in_days(7), Nearness::Days7),
        (in_days(7).plus(second), Nearness::Days30),
        (in_days(30), Nearness::Days30),
        (in_days(30).plus(second), Nearness::Days90),
        (in_days(90), Nearness::Days90),
        (in_days(90).plus(second), Nearness::Far),
    ] {
        assert_eq!(Nearness::of(ends, now()), expected, "{ends}");
    }
}

#[test]
fn everything_that_ends_is_in_one_table_what_ends_first_first() {
    let directory = tempfile::tempdir().expect("a directory");
    let pair = rcgen::KeyPair::generate().expect("a key");
    let der = crate::saml::self_signed(&pair, "login", now(), in_days(20)).expect("a certificate");
    let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    std::fs::write(directory.path().join("tls.pem"), pem).expect("written");
    let config = config(&format!(
        "[tls]\nmode = \"files\"\ncertificate = \"{0}/tls.pem\"\nkey = \"{0}/tls.key\"\n",
        directory.path().display()
    ));
    let active = ConnectionStatus::Active;
    let two = vec![certificate('a', in_days(3)), certificate('b', in_days(400))];
    let db = db(vec![
        ("two", active, saml(two, Some(in_days(5)))),
        ("one", active, saml(vec![certificate('c', in_days(25))], None)),
        ("entra", ConnectionStatus::Draft, oidc(in_days(80))),
        ("gone", ConnectionStatus::Disabled, saml(vec![certificate('d', in_days(1))], None)),
    ]);
    let table = endings(&db, &config);
    assert_eq!(
        lines(&table),
        [
            "idp_certificate two aaaaaaaaaaaaaaaa 7_days".to_owned(),
            "! idp_metadata two 7_days".to_owned(),
            format!("tls_certificate {}/tls.pem 30_days", directory.path().display()),
            "! idp_certificate one cccccccccccccccc 30_days".to_owned(),
            "! client_secret entra 90_days".to_owned(),
            "scim_token okta (1) ok".to_owned(),
            "idp_certificate two bbbbbbbbbbbbbbbb ok".to_owned(),
        ],
        "a certificate that another one replaces presses nobody, nor does TLS that renews itself"
    );
    assert_eq!(table[0].whose.as_ref().map(|(_, name)| name.as_str()), Some("Acme"));
}

#[test]
fn each_threshold_is_announced_once() {
    let db = db(vec![("one", ConnectionStatus::Active, saml(vec![certificate('a', in_days(100))], None))]);
    let announced = |at: Timestamp| -> u64 {
        db.write_blocking(move |tx| {
            let catalog = Catalog::built_in();
            let context = Context { now: at, catalog: &catalog, actor: Actor::System, from: None, incident: None };
            let endings = collect(tx, &config(""), at)?;
            announce(tx, &context, &endings)
        })
        .expect("announced")
    };
    let per_day: Vec<u64> = (0..=110).map(|day| announced(in_days(day))).collect();
    let days: Vec<usize> = per_day.iter().enumerate().filter(|(_, count)| **count > 0).map(|(day, _)| day).collect();
    assert_eq!(days, [10, 70, 93, 100], "90, 30, 7 and 0 days before its end");
    assert!(per_day.iter().all(|count| *count <= 1));
    let log = db.read(|tx| store::audit::list(tx, AuditId(0), Timestamp::from_millis(0), 10)).expect("read");
    let told: Vec<String> = log.iter().map(|event| format!("{} {}", event.target, event.detail)).collect();
    assert_eq!(told[0], "idp_certificate:one aaaaaaaaaaaaaaaa {\"at\":\"2027-03-04T09:00:00Z\",\"days\":\"90\"}");
    assert_eq!(told.len(), 4);
}
