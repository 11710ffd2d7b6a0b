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

/// Names of files in a folder of the repository that end so, sorted.
fn files(folder: &str, end: &str) -> Vec<String> {
    let path = format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
    let mut names: Vec<String> = names.filter(|name| name.ends_with(end)).collect();
    names.sort();
    names
}

/// Every page of the documentation.
fn pages() -> Vec<String> {
    let mut pages = vec!["README.md".to_owned(), "CHANGELOG.md".to_owned(), "tests/README.md".to_owned()];
    for folder in ["docs", "docs/guides", "docs/reference", "docs/decisions"] {
        pages.extend(files(folder, ".md").into_iter().map(|name| format!("{folder}/{name}")));
    }
    pages
}

/// What a page links to, pictures among it.
fn links(page: &str) -> Vec<String> {
    page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_owned).collect()
}

/// The anchors of a page's headings, as the places that show Markdown make them.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    headings
        .map(|heading| {
            let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.collect::<String>().to_lowercase().replace(' ', "-")
        })
        .collect()
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in pages() {
        let folder = std::path::Path::new(&page).parent().expect("a folder").to_owned();
        for target in links(&text(&page)) {
            if target.contains("://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let path = if file.is_empty() { root.join(&page) } else { root.join(&folder).join(file) };
            assert!(path.exists(), "{page} links to {target}");
            if !anchor.is_empty() {
                let there = std::fs::read_to_string(&path).expect("a page");
                assert!(anchors(&there).iter().any(|known| known == anchor), "{page} links to {target}");
            }
        }
    }
}

#[test]
fn every_guide_is_in_the_index_and_the_index_is_found() {
    let index = links(&text("docs/guides/README.md"));
    for guide in files("docs/guides", ".md").into_iter().filter(|name| name != "README.md") {
        assert!(index.contains(&guide), "docs/guides/README.md leaves {guide} out");
    }
    assert!(links(&text("README.md")).iter().any(|link| link == "docs/guides/README.md"));
}

/// A picture that no test takes would age; one that no guide shows would only weigh.
#[test]
fn every_picture_is_taken_by_a_browser_test_and_shown_by_a_guide() {
    let there = files("docs/guides/pictures", ".png");
    let mut taken: Vec<String> = Vec::new();
    for test in files("tests/browser", ".mjs") {
        let source = text(&format!("tests/browser/{test}"));
        // picture(page, "name", ..), as the tests call it.
        for call in source.split("picture(").skip(1) {
            let name = call.split_once(", \"").and_then(|(_, rest)| rest.split_once('"'));
            if let Some((name, _)) = name.filter(|_| !call.starts_with("page, name")) {
                taken.push(format!("{name}.png"));
            }
        }
    }
    taken.sort();
    assert_eq!(taken, there, "what the browser tests take, beside docs/guides/pictures; PICTURES takes them anew");
    let shown: Vec<String> = files("docs/guides", ".md")
        .iter()
        .flat_map(|guide| links(&text(&format!("docs/guides/{guide}"))))
        .filter_map(|link| link.strip_prefix("pictures/").map(str::to_owned))
        .collect();
    for picture in &there {
        assert!(shown.contains(picture), "no guide shows {picture}");
    }
    let weight: u64 = there
        .iter()
        .map(|name| {
            let path = format!("{}/docs/guides/pictures/{name}", env!("CARGO_MANIFEST_DIR"));
            std::fs::metadata(path).expect("a picture").len()
        })
        .sum();
    assert!(weight < 3 << 20, "the pictures weigh {weight} bytes; 3 MiB are the limit");
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
    for kind in usher::audit::Event::ABOUT_NO_MEMBERSHIP {
        assert!(listed.contains(&kind), "{kind}");
    }
}
