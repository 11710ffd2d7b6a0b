//! Every product, mode, person, kind of groups and state of seats, written down for reading: `tests/golden/provisioning_*.txt`.
//! A change of a rule is a readable diff. `UPDATE_GOLDEN=1 cargo test --lib matrix` rewrites the files; the review is reading them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::*;
use crate::identity::{AssertedGroups, GroupKey};
use crate::organization::{FreeSeats, GroupMapping, GroupMappings, ProvisioningMode, Rules, SeatCount};
use crate::product::{Catalog, Product, RoleKey};

const SEATS: [&str; 3] = ["seats free", "top type full", "all full"];

fn mode_name(mode: ProvisioningMode) -> String {
    format!("{}{}", mode.as_str(), if mode.has_group_mappings() { " + mappings" } else { "" })
}

fn key(name: &str) -> GroupKey {
    GroupKey::new(name).expect("a group")
}

/// Every role and every seat type has a group of its name.
fn mappings(product: &Product) -> GroupMappings {
    GroupMappings {
        roles: product
            .roles()
            .iter()
            .map(|role| GroupMapping { group: key(&format!("role:{}", role.key)), gives: role.key.clone() })
            .collect(),
        seats: product
            .seat_types()
            .iter()
            .map(|seat| GroupMapping { group: key(&format!("seat:{}", seat.key)), gives: seat.key.clone() })
            .collect(),
    }
}

/// Seats with a member of the lowest type counted in, so that what a member holds is never free.
fn free(product: &Product, seats: &str) -> FreeSeats {
    let counts: Vec<SeatCount> = product
        .seat_types()
        .iter()
        .enumerate()
        .map(|(rank, seat)| {
            let full = seats == "all full" || (seats == "top type full" && rank == 0);
            SeatCount { seat_type: seat.key.clone(), bought: 5, used: if full { 5 } else { 1 } }
        })
        .collect();
    FreeSeats::of(product, &counts)
}

fn groups(product: &Product) -> Vec<(&'static str, AssertedGroups)> {
    let (top, low) = (&product.roles()[0].key, product.default_role());
    let mut all = vec![
        ("lowest role", AssertedGroups::listed([format!("role:{low}").as_str()])),
        ("highest role", AssertedGroups::listed([format!("role:{top}").as_str()])),
        ("both roles", AssertedGroups::listed([format!("role:{low}").as_str(), &format!("role:{top}")])),
    ];
    if let (Some(best), Some(last)) = (product.seat_types().first(), product.seat_types().last()) {
        let (role, best, last) = (format!("role:{low}"), format!("seat:{}", best.key), format!("seat:{}", last.key));
        all.push(("lowest role, top seat", AssertedGroups::listed([role.as_str(), &best])));
        all.push(("lowest role, low seat", AssertedGroups::listed([role.as_str(), &last])));
        all.push(("lowest role, both seats", AssertedGroups::listed([role.as_str(), &last, &best])));
        all.push(("top seat only", AssertedGroups::listed([best.as_str()])));
    }
    all.push(("unmapped group", AssertedGroups::listed(["elsewhere"])));
    all.push(("empty list", AssertedGroups::listed([])));
    all.push(("not sent", AssertedGroups::NotSent));
    all.push(("too many", AssertedGroups::TooMany));
    all
}

/// stranger; member with the lowest role and seat; member without a seat; member with both pinned at the top.
fn people<'a>(product: &'a Product, top: &'a RoleKey) -> Vec<(&'static str, Option<Present<'a>>)> {
    let low = product.default_role();
    let seat = product.seat_types().last().map(|seat| &seat.key);
    let plain = Present { role: low, seat, role_pinned: false, seat_pinned: false };
    let mut all = vec![("stranger", None), ("member", Some(plain))];
    if product.has_seats() {
        all.push(("unassigned", Some(Present { seat: None, ..plain })));
    }
    all.push(("pinned", Some(Present { role: top, role_pinned: true, seat_pinned: true, ..plain })));
    all
}

fn said(outcome: &Outcome) -> String {
    let from = |origin: &Origin| match origin {
        Origin::Default => String::new(),
        Origin::Unchanged => "=".to_owned(),
        Origin::Group(_) => "*".to_owned(),
    };
    let standing = |s: &Standing| {
        let seat = s.seat.as_ref().map_or("-".to_owned(), ToString::to_string);
        format!("{}{} {}{}", s.role, from(&s.role_from), seat, from(&s.seat_from))
    };
    match outcome {
        Outcome::Keep(s) => format!("keep {}", standing(s)),
        Outcome::Join(s) => format!("join {}", standing(s)),
        Outcome::Change(s) => format!("change {}", standing(s)),
        Outcome::Wait { role, seat, .. } => {
            format!("wait {role} {}", seat.as_ref().map_or("any".to_owned(), ToString::to_string))
        }
        Outcome::Refuse(refusal) => format!("refuse {refusal}"),
        Outcome::Remove(refusal) => format!("remove {refusal}"),
        Outcome::StayOut => "stay out".to_owned(),
    }
}

/// Lines with equal columns are joined, so that what does not matter does not fill the page.
struct Table(Vec<(String, [String; 3])>);

impl Table {
    fn add(&mut self, label: &str, columns: [String; 3]) {
        match self.0.iter_mut().find(|(_, known)| *known == columns) {
            Some((labels, _)) => write!(labels, " | {label}").expect("a String takes all"),
            None => self.0.push((label.to_owned(), columns)),
        }
    }

    fn write(self, out: &mut String) {
        let alone = self.0.len() == 1;
        for (labels, [free, top_full, all_full]) in self.0 {
            let labels = if alone { "whatever".to_owned() } else { labels };
            let same = free == top_full && top_full == all_full;
            let columns = if same { free } else { format!("{free:36} {top_full:36} {all_full}") };
            writeln!(out, "      {labels}\n        -> {}", columns.trim_end()).expect("a String takes all");
        }
    }
}

fn head(out: &mut String, evidence: &str) {
    writeln!(
        out,
        "# What is decided {evidence}, for every product, mode, person, kind of groups and state of seats.\n\
         # Columns where seats matter: {}.\n\
         # role seat: '*' from a group, '=' as it was, neither: the default role or the highest free seat; '-' no seat.\n\
         # A member has the lowest role and seat; pinned: the highest role and the lowest seat, set by hand.",
        SEATS.join(", ")
    )
    .expect("a String takes all");
}

fn check(name: &str, now: &str) {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, now).expect("the golden file can be written");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (was, is)) in golden.lines().zip(now.lines()).enumerate() {
        assert_eq!(
            was,
            is,
            "{name}:{}: a decision changed; if that is meant, UPDATE_GOLDEN=1 and read the diff",
            line + 1
        );
    }
    assert_eq!(golden.lines().count(), now.lines().count(), "{name}: UPDATE_GOLDEN=1 and read the diff");
}

#[test]
fn sign_in_decisions_are_as_written_down() {
    let mut out = String::new();
    head(&mut out, "at a sign-in (scim modes: with an active directory record that has the same groups)");
    for product in Catalog::built_in().products() {
        writeln!(out, "\nproduct {}", product.key()).expect("a String takes all");
        let (mappings, top) = (mappings(product), product.roles()[0].key.clone());
        for mode in ProvisioningMode::ALL {
            writeln!(out, "  {}", mode_name(mode)).expect("a String takes all");
            for (person, member) in people(product, &top) {
                writeln!(out, "    {person}").expect("a String takes all");
                let mut table = Table(Vec::new());
                for (label, asserted) in groups(product) {
                    let none = BTreeSet::new();
                    let listed = if let AssertedGroups::Listed(groups) = &asserted { groups } else { &none };
                    let directory = Some(DirectoryPerson { active: true, groups: listed });
                    let evidence = Evidence::SignIn { groups: &asserted, directory };
                    table.add(label, columns(product, Rules::new(mode, &mappings), evidence, member));
                }
                table.write(&mut out);
            }
        }
    }
    check("provisioning_sign_in.txt", &out);
}

#[test]
fn directory_decisions_are_as_written_down() {
    let mut out = String::new();
    head(&mut out, "when the directory speaks (and at sign-ins of people it does not hold, or holds as inactive)");
    for product in Catalog::built_in().products() {
        writeln!(out, "\nproduct {}", product.key()).expect("a String takes all");
        let (mappings, top) = (mappings(product), product.roles()[0].key.clone());
        for mode in ProvisioningMode::ALL {
            writeln!(out, "  {}", mode_name(mode)).expect("a String takes all");
            let rules = Rules::new(mode, &mappings);
            for (person, member) in people(product, &top) {
                writeln!(out, "    {person}").expect("a String takes all");
                let mut table = Table(Vec::new());
                for (label, asserted) in groups(product) {
                    if let AssertedGroups::Listed(groups) = &asserted {
                        let evidence = Evidence::Directory(DirectoryPerson { active: true, groups });
                        table.add(label, columns(product, rules, evidence, member));
                    }
                }
                let in_all = mappings.roles.iter().map(|row| row.group.clone()).collect();
                let inactive = DirectoryPerson { active: false, groups: &in_all };
                let asserted = AssertedGroups::Listed(in_all.clone());
                let at_sign_in = |directory| Evidence::SignIn { groups: &asserted, directory };
                table.add("inactive", columns(product, rules, Evidence::Directory(inactive), member));
                table.add("left", columns(product, rules, Evidence::LeftDirectory, member));
                if matches!(mode, ProvisioningMode::Scim { .. }) {
                    table.add("inactive, signs in", columns(product, rules, at_sign_in(Some(inactive)), member));
                    table.add("not held, signs in", columns(product, rules, at_sign_in(None), member));
                }
                table.write(&mut out);
            }
        }
    }
    check("provisioning_sync.txt", &out);
}

fn columns(product: &Product, rules: Rules<'_>, evidence: Evidence<'_>, member: Option<Present<'_>>) -> [String; 3] {
    SEATS.map(|seats| {
        let free = free(product, seats);
        said(&decide(&Facts { product, rules, evidence, suspended: false, member, free: &free }).outcome)
    })
}

#[test]
fn a_suspended_person_is_refused_in_every_mode_and_keeps_everything() {
    for product in Catalog::built_in().products() {
        let (mappings, top) = (mappings(product), product.roles()[0].key.clone());
        for mode in ProvisioningMode::ALL {
            for (_, member) in people(product, &top) {
                let asserted = AssertedGroups::listed([format!("role:{top}").as_str()]);
                let decision = decide(&Facts {
                    product,
                    rules: Rules::new(mode, &mappings),
                    evidence: Evidence::SignIn { groups: &asserted, directory: None },
                    suspended: true,
                    member,
                    free: &free(product, "seats free"),
                });
                assert_eq!(decision.outcome, Outcome::Refuse(Refusal::Suspended));
            }
        }
    }
}

#[test]
fn a_decision_says_why() {
    let catalog = Catalog::built_in();
    let product = &catalog.products()[0];
    let mappings = mappings(product);
    let asserted = AssertedGroups::listed(["role:user", "role:owner", "seat:premium", "elsewhere"]);
    let decision = decide(&Facts {
        product,
        rules: Rules::JitMapped(&mappings),
        evidence: Evidence::SignIn { groups: &asserted, directory: None },
        suspended: false,
        member: None,
        free: &free(product, "top type full"),
    });
    let why: Vec<String> = decision.because.iter().map(ToString::to_string).collect();
    assert_eq!(
        why,
        [
            "4 groups received",
            "group \"role:owner\" gives role owner",
            "group \"role:user\" gives role user",
            "role owner is the highest given, above user",
            "group \"seat:premium\" gives seat type premium",
            "seat type premium is the only one given",
            "every premium seat is taken",
        ]
    );
    assert_eq!(decision.outcome.refusal(), Some(Refusal::NoFreeSeat));
}
