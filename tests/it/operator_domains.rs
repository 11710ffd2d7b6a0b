//! The operator's page of domains: what to put into DNS, what was found there, and giving one up.

use usher::identity::DomainName;
use usher::organization::Domain;
use usher::store;

use crate::dns_server::{DnsServer, Entry};
use crate::support::TestApp;

const PAGE: &str = "/operator/parents/acme/domains";

fn app(dns: &DnsServer) -> TestApp {
    TestApp::configured(&format!("dns_servers = [\"{}\"]", dns.address), |_| {}, |_| {})
}

fn claim(app: &TestApp, name: &str) -> Option<Domain> {
    let name = DomainName::parse(name).expect("a domain");
    app.db.read(|tx| store::domains::find(tx, app.parent, &name)).expect("read")
}

#[test]
fn b6_an_operator_adds_a_domain_sees_what_was_found_and_proves_it() {
    let dns = DnsServer::start();
    let app = app(&dns);
    let mut operator = app.browser();
    operator.become_operator();
    assert!(operator.get("/operator").body.contains(&format!("href=\"{PAGE}\"")));
    let added = operator.post(PAGE, &[("domain", "New.Example")]);
    assert_eq!((added.status, added.location()), (303, format!("{PAGE}#new.example").as_str()));
    let value = claim(&app, "new.example").expect("claimed").challenge;
    let page = operator.get(PAGE).body;
    assert!(page.contains(&value) && page.contains("Pending"), "{page}");

    dns.set("new.example", Entry::txt(&["<script>alert(1)</script>"]));
    let check = format!("{PAGE}/new.example/check");
    assert_eq!(operator.post(&check, &[]).status, 303);
    let page = operator.get(PAGE).body;
    assert!(page.contains("Failed") && page.contains(&value), "{page}");
    assert!(page.contains("&#60;script&#62;alert(1)") && !page.contains("<script>alert"), "{page}");

    dns.set("new.example", Entry::txt(&[&value]));
    operator.post(&check, &[]);
    assert!(claim(&app, "new.example").expect("there").is_verified());
    assert!(operator.get(PAGE).body.contains(&value), "the value stays visible");
    assert!(app.events().ends_with(&["added", "domain_failed", "domain_verified"].map(str::to_owned)));
}

#[test]
fn what_cannot_be_added_is_said_and_stays_typed() {
    let dns = DnsServer::start();
    let app = app(&dns);
    let mut operator = app.browser();
    operator.become_operator();
    for (typed, status, told) in [
        ("gmail.com", 409, "public mail provider"),
        ("not a domain", 422, "Please enter a domain"),
        ("localhost", 422, "Please enter a domain"),
        ("127.0.0.1", 422, "Please enter a domain"),
        ("", 422, "Please enter a domain"),
    ] {
        let answer = operator.post(PAGE, &[("domain", typed)]);
        assert_eq!(answer.status, status, "{typed}: {answer:?}");
        assert!(answer.body.contains(told) && answer.body.contains(&format!("value=\"{typed}\"")), "{typed}");
    }
    assert_eq!(operator.get("/operator/parents/nobody/domains").status, 404);
    assert_eq!(operator.post(&format!("{PAGE}/unknown.example/check"), &[]).status, 404);
    assert_eq!(operator.post(&format!("{PAGE}/unknown.example/remove"), &[]).status, 404);
}

#[test]
fn b33_a_domain_where_people_have_addresses_is_removed_only_with_its_name_typed() {
    let dns = DnsServer::start();
    let app = app(&dns);
    app.browser().sign_in("anna@acme.example", &["owners"], "/");
    let mut operator = app.browser();
    operator.become_operator();
    let remove = format!("{PAGE}/acme.example/remove");
    for typed in ["", "acme", "other.example"] {
        assert_eq!(operator.post(&remove, &[("confirm", typed)]).status, 409, "{typed:?}");
    }
    assert!(claim(&app, "acme.example").is_some());
    assert_eq!(app.browser().sign_in("anna@acme.example", &["owners"], "/").status, 303);
    assert_eq!(operator.post(&remove, &[("confirm", "acme.example")]).status, 303);
    assert_eq!(claim(&app, "acme.example"), None);
    let refused = app.browser().sign_in("anna@acme.example", &["owners"], "/");
    assert_eq!(refused.refusal(), "domain_not_verified", "in effect at once");
}
