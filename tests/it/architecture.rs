//! Who may name whom. A room may name itself, the rooms in its row and the crates in its row; `std::{fs,net,process,env,thread,time}`
//! count as crates. A room without a row fails, a row without a room fails, a circle fails. Adding a word to a row is a design
//! decision: its own commit, with the why.
//!
//! What it cannot see: names inside macro bodies, and a type reached through a method without naming it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::Visit;

struct Row {
    room: &'static str,
    rooms: &'static str,
    crates: &'static str,
    why: &'static str,
}

const PURE: &str = "it is a fact or a rule: no IO, no clock, no framework, so that tables can test it";
const KEEPS: &str = "it keeps what it is given: no rule, no default, no protocol";
const SHELL: &str = "it reads, calls and answers; it neither decides nor speaks SQL";
const WIRE: &str = "it turns bytes into our words and back: no IO, no clock, no store, so that hostile bytes can be tried by the thousand";
const SHOWN: &str = "it is the demonstration: nothing that a real installation uses";
const LEANED_ON: &str = "it is leaned on by all rooms, so it knows none of them";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row { room: "ids", rooms: "", crates: "thiserror", why: PURE },
    Row { room: "product", rooms: "", crates: "thiserror", why: PURE },
    Row { room: "identity", rooms: "ids", crates: "idna thiserror", why: PURE },
    Row { room: "connection", rooms: "clock ids", crates: "", why: PURE },
    Row { room: "directory", rooms: "clock identity ids", crates: "icu_normalizer thiserror", why: PURE },
    Row { room: "organization", rooms: "clock identity ids product", crates: "thiserror url", why: PURE },
    Row { room: "organizations_file", rooms: "clock connection identity ids organization product toml_file", crates: "url", why: PURE },
    Row { room: "provisioning", rooms: "identity ids organization product", crates: "", why: PURE },
    Row { room: "audit", rooms: "clock ids product", crates: "", why: PURE },
    Row { room: "saml", rooms: "clock connection identity", crates: "aws_lc_rs base64 flate2 jiff rcgen roxmltree samael thiserror url x509_cert zeroize", why: WIRE },
    Row { room: "oidc", rooms: "clock connection identity", crates: "aws_lc_rs base64 jsonwebtoken serde serde_json thiserror url zeroize", why: WIRE },
    Row { room: "scim", rooms: "clock directory identity", crates: "scim_v2 serde serde_json thiserror", why: WIRE },
    Row { room: "demo", rooms: "apply audit clock config gateway identity login organizations_file outbound saml secrets server", crates: "actix_web askama aws_lc_rs base64 flate2 jsonwebtoken rcgen roxmltree serde serde_json std::env std::fs std::net std::process thiserror toml tracing url x509_cert", why: SHOWN },
    Row { room: "clock", rooms: "", crates: "jiff std::time", why: LEANED_ON },
    Row { room: "db", rooms: "", crates: "rusqlite std::env std::fs std::process std::thread thiserror tokio", why: LEANED_ON },
    Row { room: "dns", rooms: "identity organization", crates: "hickory_resolver std::net tokio", why: "it asks the DNS about a domain: it keeps nothing, and what an answer means is not its business" },
    Row { room: "domains", rooms: "audit db gateway identity ids membership organization secrets store trust", crates: "thiserror tokio tracing", why: "it claims, proves and gives up domains in one transaction each: no HTTP, no SQL, no rule of its own" },
    Row { room: "store", rooms: "audit clock connection db directory identity ids organization product", crates: "base64 serde serde_json", why: KEEPS },
    Row { room: "membership", rooms: "audit clock connection db directory identity ids organization product provisioning store", crates: "thiserror", why: "it reads facts, lets provisioning decide and writes: no protocol, no HTTP" },
    Row { room: "apply", rooms: "audit clock connection db domains identity ids membership organization organizations_file product provisioning saml secrets store trust", crates: "thiserror", why: SHELL },
    Row { room: "toml_file", rooms: "", crates: "toml", why: LEANED_ON },
    Row { room: "config", rooms: "product toml_file", crates: "ipnet std::fs std::net thiserror url", why: LEANED_ON },
    Row { room: "secrets", rooms: "", crates: "aws_lc_rs base64 std::fs thiserror zeroize", why: LEANED_ON },
    Row { room: "gateway", rooms: "clock config connection db dns ids metrics outbound providers saml secrets store", crates: "aws_lc_rs std::fs thiserror url zeroize", why: "it opens what all rooms lean on, once" },
    Row { room: "tls", rooms: "clock", crates: "rustls std::fs std::thread std::time thiserror tracing x509_cert", why: LEANED_ON },
    Row { room: "web", rooms: "clock db ids product secrets", crates: "actix_web askama base64 fluent_bundle futures_core ipnet serde_json std::net thiserror tracing url", why: "it is plumbing: it knows no room that uses it" },
    Row { room: "session", rooms: "clock config connection db gateway ids organization product secrets store trust web", crates: "actix_web url", why: SHELL },
    Row { room: "login", rooms: "audit clock connection db gateway identity ids membership oidc organization outbound product providers provisioning saml secrets session store web", crates: "actix_web askama serde serde_json tracing url", why: SHELL },
    Row { room: "apps", rooms: "clock db gateway ids login organization product provisioning secrets session store web", crates: "actix_web askama base64 jsonwebtoken serde serde_json tracing url", why: SHELL },
    Row { room: "trust", rooms: "audit clock connection db ids membership organization product secrets store", crates: "thiserror", why: "it switches connections in one transaction: no HTTP, no SQL, no protocol" },
    Row { room: "connecting", rooms: "audit clock connection db domains founding gateway identity ids login membership organization organizations_file outbound providers rollover saml secrets session store trust web", crates: "actix_web askama serde serde_json", why: SHELL },
    Row { room: "admin", rooms: "audit calendar clock connecting connection db founding gateway identity ids login membership organization product rollover secrets session store trust web", crates: "actix_web askama serde", why: SHELL },
    Row { room: "commands", rooms: "apply audit calendar clock config connection db demo directory dns domains gateway identity ids login membership organization organizations_file outbound product providers provisioning rollover saml secrets server store tls trust", crates: "actix_web clap clap_complete clap_mangen jiff serde_json std::env std::fs std::net std::process std::thread std::time thiserror tokio tracing tracing_subscriber url", why: "it is the shell: it reads arguments, calls one room and prints" },
    Row { room: "server", rooms: "admin apps audit calendar clock config connecting db domains gateway login membership monitor rollover session settings store sync tls web", crates: "actix_web std::net thiserror tracing", why: "it collects what the rooms mount and runs it" },
    Row { room: "rollover", rooms: "audit clock connection db gateway ids membership outbound product providers saml secrets store trust", crates: "thiserror tokio tracing", why: "it changes keys and certificates in one transaction: no HTTP of ours, no SQL" },
    Row { room: "calendar", rooms: "audit clock config connection db gateway ids membership organization saml store tls", crates: "tracing", why: "it puts together what ends when: no HTTP, no SQL, and it changes nothing but the log" },
    Row { room: "providers", rooms: "clock connection db ids oidc outbound store", crates: "thiserror tokio tracing", why: "it knows when a provider is read again: no HTTP of ours, no rule, no session" },
    Row { room: "settings", rooms: "apps audit calendar clock config connecting connection db directory gateway identity ids joining login membership organization product provisioning secrets session store trust web", crates: "actix_web askama futures_core serde serde_json tokio url", why: SHELL },
    Row { room: "sync", rooms: "audit clock db directory gateway identity ids membership scim secrets session store web", crates: "actix_web futures_core serde_json tracing url", why: SHELL },
    Row { room: "outbound", rooms: "metrics", crates: "reqwest std::net thiserror tokio tracing url", why: LEANED_ON },
    Row { room: "founding", rooms: "audit connection db identity ids membership organization product provisioning store trust", crates: "thiserror", why: "it founds in one transaction each: no HTTP, no SQL, no protocol" },
    Row { room: "joining", rooms: "audit clock connection db identity ids membership organization product secrets store trust", crates: "thiserror", why: "it plans and carries out in one transaction each: no HTTP, no SQL, and people are membership's" },
    Row { room: "monitor", rooms: "calendar clock db gateway metrics organization store", crates: "actix_web std::net tokio tracing", why: "it reads and counts for who watches the service: it changes nothing" },
    Row { room: "metrics", rooms: "", crates: "", why: LEANED_ON },
];

/// Rooms that only tests use may name dev-dependencies in files of this name.
const TEST_FILES: [&str; 3] = ["matrix.rs", "properties.rs", "tests.rs"];

const STD_COUNTED: [&str; 6] = ["fs", "net", "process", "env", "thread", "time"];

struct Names {
    /// (line, first word after `crate`), (line, crate)
    rooms: Vec<(usize, String)>,
    crates: Vec<(usize, String)>,
    crate_names: BTreeSet<String>,
}

impl Names {
    fn path(&mut self, segments: &[(String, usize)]) {
        let Some((first, line)) = segments.first() else { return };
        let second = segments.get(1).map(|(name, _)| name.clone());
        match first.as_str() {
            "crate" => {
                if let Some(room) = second {
                    self.rooms.push((*line, room));
                }
            }
            "std" => {
                if let Some(part) = second.filter(|part| STD_COUNTED.contains(&part.as_str())) {
                    let duration = part == "time" && segments.get(2).is_some_and(|(name, _)| name == "Duration");
                    let manifest = part == "env" && segments.len() == 2;
                    if !duration && !manifest {
                        self.crates.push((*line, format!("std::{part}")));
                    }
                }
            }
            name if self.crate_names.contains(name) => self.crates.push((*line, name.to_owned())),
            _ => {}
        }
    }

    fn tree(&mut self, prefix: &[(String, usize)], tree: &syn::UseTree) {
        let with = |ident: &syn::Ident| {
            let mut path = prefix.to_vec();
            path.push((ident.to_string(), ident.span().start().line));
            path
        };
        match tree {
            syn::UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.path(&with(&name.ident)),
            syn::UseTree::Rename(name) => self.path(&with(&name.ident)),
            syn::UseTree::Glob(_) => self.path(prefix),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(prefix, item)),
        }
    }
}

fn is_test_only(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string().trim() == "test"))
    })
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test_only(&item.attrs) {
            self.tree(&[], &item.tree);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test_only(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test_only(&item.attrs) {
            syn::visit::visit_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> =
            path.segments.iter().map(|part| (part.ident.to_string(), part.ident.span().start().line)).collect();
        self.path(&segments);
        syn::visit::visit_path(self, path);
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("src can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The dependencies as code writes them.
fn crate_names() -> BTreeSet<String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let manifest: toml::Table = manifest.parse().expect("Cargo.toml is TOML");
    ["dependencies", "dev-dependencies"]
        .iter()
        .filter_map(|section| manifest.get(*section).and_then(toml::Value::as_table))
        .flat_map(|section| section.keys().map(|name| name.replace('-', "_")))
        .collect()
}

/// (file, room, what it names)
fn read_all() -> Vec<(String, String, Names)> {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    files.sort();
    files
        .into_iter()
        .filter(|path| !TEST_FILES.iter().any(|name| path.ends_with(name)))
        .map(|path| {
            let shown = path.strip_prefix(root()).expect("below the root").display().to_string();
            let below = path.strip_prefix(root().join("src")).expect("below src");
            let first = below.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
            let room = first.trim_end_matches(".rs").to_owned();
            let text = std::fs::read_to_string(&path).expect("a source file");
            let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{shown}: {error}"));
            let mut names = Names { rooms: Vec::new(), crates: Vec::new(), crate_names: crate_names() };
            names.visit_file(&syntax);
            (shown, room, names)
        })
        .filter(|(_, room, _)| room != "lib" && room != "main")
        .collect()
}

#[test]
fn every_room_names_only_what_its_row_allows() {
    let rows: BTreeMap<&str, &Row> = ROWS.iter().map(|row| (row.room, row)).collect();
    let mut broken = Vec::new();
    let mut seen = BTreeSet::new();
    for (file, room, names) in read_all() {
        seen.insert(room.clone());
        let Some(row) = rows.get(room.as_str()) else {
            broken.push(format!("{file}: room {room} has no row in tests/it/architecture.rs"));
            continue;
        };
        let rooms: BTreeSet<&str> = row.rooms.split_whitespace().chain([row.room]).collect();
        let crates: BTreeSet<&str> = row.crates.split_whitespace().collect();
        for (line, named) in &names.rooms {
            if !rooms.contains(named.as_str()) {
                broken.push(format!("{file}:{line}: {room} may not name crate::{named}: {}", row.why));
            }
        }
        for (line, named) in &names.crates {
            if !crates.contains(named.as_str()) {
                broken.push(format!("{file}:{line}: {room} may not name {named}: {}", row.why));
            }
        }
    }
    for row in ROWS.iter().filter(|row| !seen.contains(row.room)) {
        broken.push(format!("the row {} has no room in src/", row.room));
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn every_room_is_told_of_in_the_documentation() {
    let page = std::fs::read_to_string(root().join("docs/architecture.md")).expect("docs/architecture.md");
    let untold: Vec<&str> =
        ROWS.iter().map(|row| row.room).filter(|room| !page.contains(&format!("| `{room}` |"))).collect();
    assert!(untold.is_empty(), "docs/architecture.md does not say what these own: {untold:?}");
}

#[test]
fn the_rooms_form_no_circle() {
    let mut left: BTreeMap<&str, BTreeSet<&str>> =
        ROWS.iter().map(|row| (row.room, row.rooms.split_whitespace().collect())).collect();
    while !left.is_empty() {
        let free: Vec<&str> = left
            .iter()
            .filter(|(_, needs)| needs.iter().all(|need| !left.contains_key(need)))
            .map(|(room, _)| *room)
            .collect();
        assert!(!free.is_empty(), "these rooms name each other in a circle: {:?}", left.keys().collect::<Vec<_>>());
        for room in free {
            left.remove(room);
        }
    }
}

#[test]
fn the_rule_sees_what_it_should() {
    let names = |text: &str| {
        let mut names = Names { rooms: Vec::new(), crates: Vec::new(), crate_names: crate_names() };
        names.visit_file(&syn::parse_file(text).expect("Rust"));
        let mut all: Vec<String> = names.rooms.into_iter().chain(names.crates).map(|(_, name)| name).collect();
        all.sort();
        all
    };
    assert_eq!(names("use crate::{store::members, web};"), ["store", "web"]);
    assert_eq!(names("fn f() { let x: actix_web::HttpRequest = crate::db::open(); }"), ["actix_web", "db"]);
    assert_eq!(names("use std::{fs, time::Duration};"), ["std::fs"]);
    assert_eq!(names("#[cfg(test)] mod tests { use crate::store; }"), Vec::<String>::new());
}
