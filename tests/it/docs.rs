//! What the documentation shows is what the programs read.

use usher::config::{Config, Flags};
use usher::organizations_file;
use usher::product::Catalog;

fn text(path: &str) -> String {
    std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect(path)
}

/// The first block of TOML in a page.
fn example(path: &str) -> String {
    let page = text(path);
    page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example").to_owned()
}

#[test]
fn the_example_configuration_is_valid() {
    let read = Config::parse(&example("docs/reference/configuration.md"), std::iter::empty(), &Flags::default());
    let config = read.unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    assert!(config.catalog.product(&usher::product::ProductKey::new("wiki")).is_some());
}

#[test]
fn the_example_organizations_file_is_valid() {
    let read = organizations_file::read(&example("docs/reference/organizations-file.md"), &Catalog::built_in());
    let declared = read.unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    assert_eq!(declared.parents[0].organizations[0].applications.len(), 1);
}

/// Which spellings get through is tried against the proxies themselves (tests/peers/proxy_check.py); this is the reminder for a new header.
#[test]
fn the_proxies_copy_every_identity_header_and_delete_the_clients_own() {
    let mixed = |name: &str| name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<Vec<_>>();
    for file in ["examples/proxies/nginx.conf", "examples/proxies/Caddyfile", "examples/proxies/traefik.yml"] {
        let page = text(file);
        for header in usher::apps::HEADERS {
            assert!(page.contains(&mixed(header).join("-")), "{file} leaves {header} out");
            if file.ends_with("traefik.yml") {
                assert!(page.contains(&format!("{}: \"\"", mixed(header).join("_"))), "{file} lets {header} through");
            }
            if file.ends_with("Caddyfile") {
                let pattern = if header.contains("usher") { "-*Usher*" } else { "-Remote*" };
                assert!(page.contains(&format!("request_header {pattern}\n")), "{file} lets {header} through");
            }
        }
    }
    assert!(text("examples/proxies/traefik-static.yml").contains("aliasHeadersStrategy: delete"));
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    for page in [
        "README.md",
        "tests/README.md",
        "docs/architecture.md",
        "docs/house-style.md",
        "docs/reference/commands.md",
        "docs/reference/scim.md",
        "docs/guides/reverse-proxies.md",
        "docs/guides/demo.md",
        "docs/guides/first-start.md",
        "docs/guides/monitoring.md",
        "docs/reference/configuration.md",
        "docs/guides/starting-at-the-identity-provider.md",
        "docs/guides/switching-identity-providers.md",
    ] {
        let base = std::path::Path::new(page).parent().expect("a folder").to_owned();
        for target in text(page).split("](").skip(1).filter_map(|rest| rest.split(')').next().map(str::to_owned)) {
            if target.contains("://") || target.starts_with('#') {
                continue;
            }
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(&base)
                .join(target.split('#').next().expect("a path"));
            assert!(path.exists(), "{page} links to {target}");
        }
    }
}

#[test]
fn every_kind_of_audit_event_is_in_the_reference() {
    let page = text("docs/reference/audit-events.md");
    let listed: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|line| line.split('`').next()).collect();
    assert_eq!(
        listed,
        usher::audit::Event::KINDS,
        "docs/reference/audit-events.md lists the kinds in the order of the code"
    );
}
