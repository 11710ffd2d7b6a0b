//! Who is in the story at the start: people, their groups, and what the seeded organizations make of those.

use super::people::{Group, People, Person};

/// The groups of the story: whose they are, their name, and what the seeded organizations map them to.
pub const GROUPS: &[(&str, &str, &str)] = &[
    ("acme.test", "acme-owners", "Owner in Acme Work and Acme Chat, Admin in Acme Console"),
    ("acme.test", "acme-admins", "Admin in Acme Work, Acme Chat and Acme Console"),
    ("acme.test", "acme-everyone", "User in Acme Work, Acme Chat and Acme Console"),
    ("acme.test", "acme-premium", "Premium seat in Acme Work (only one was bought)"),
    ("acme.test", "acme-claude-code", "Chat + Claude Code seat in Acme Chat, Claude Code User in Acme Console"),
    ("acme.test", "acme-developers", "Developer in Acme Console"),
    ("acme.test", "acme-billing", "Billing in Acme Console"),
    ("acme.test", "acme-research", "User in Acme Research (its only seat is taken)"),
    ("acme.test", "studio-leads", "Owner with the Premium seat in Acme Studio, once pushed"),
    ("acme.test", "studio-team", "User with a Standard seat in Acme Studio, once pushed (two were bought)"),
    ("globex.test", "globex-admins", "Admin in Globex Console"),
    ("globex.test", "globex-everyone", "User in Globex Console"),
];

/// What a group of the story leads to.
pub fn hint(group: &str) -> Option<&'static str> {
    GROUPS.iter().find(|(_, name, _)| *name == group).map(|(_, _, hint)| *hint)
}

impl Default for People {
    fn default() -> Self {
        let group = |(domain, name, _): &(&str, &str, &str)| Group {
            id: format!("demo-{name}"),
            name: (*name).to_owned(),
            domain: (*domain).to_owned(),
        };
        Self::of(everybody(), GROUPS.iter().map(group).collect())
    }
}

fn everybody() -> Vec<Person> {
    let everyone = "acme-everyone";
    vec![
        Person::new(
            "user@acme.test",
            "Anna Schmidt",
            &[everyone],
            "Start with her: her first sign-in makes her a User with a Standard seat.",
        ),
        Person::new(
            "admin@acme.test",
            "Amir Rahimi",
            &["acme-admins", everyone],
            "In two mapped groups: the highest role wins, so he is an Admin.",
        ),
        Person::new(
            "owner@acme.test",
            "Olivia Bauer",
            &["acme-owners", everyone, "acme-premium"],
            "Owner, and in the group that gets the one Premium seat.",
        ),
        Person::new(
            "nogroup@acme.test",
            "Noah Larsen",
            &[],
            "In no group: known to the identity provider, refused by every organization.",
        ),
        Person::new(
            "late@acme.test",
            "Lena Ito",
            &["acme-research"],
            "Her group is mapped, but the only seat of Acme Research is taken.",
        ),
        Person::new(
            "dev@acme.test",
            "Deniz Kaya",
            &["acme-developers", "acme-claude-code"],
            "A Developer in the Console organization, and nowhere else.",
        ),
        Person::new(
            "bea@acme.test",
            "Bea Costa",
            &["acme-billing"],
            "Billing in the Console organization: a role that the other products do not have.",
        ),
        Person::new(
            "mira@acme.test",
            "Mira Okafor",
            &["studio-leads", "studio-team"],
            "Once pushed, Owner of Acme Studio with its Premium seat, without ever signing in.",
        ),
        Person::new(
            "tom@acme.test",
            "Tom Berger",
            &["studio-team"],
            "Once pushed, User of Acme Studio. Suspend him while he is signed in.",
        ),
        Person::new(
            "sana@acme.test",
            "Sana Sato",
            &["studio-team"],
            "Once pushed, has the last Standard seat of Acme Studio.",
        ),
        Person::new(
            "una@acme.test",
            "Una Rivera",
            &["studio-team"],
            "Comes after Sana: once pushed, she waits until a seat of Acme Studio is free.",
        ),
        Person::new(
            "ida@smallteam.test",
            "Ida Novak",
            &["friends"],
            "Owner of Small Team, added by hand. Just in time without mappings: groups do not matter there.",
        ),
        Person::new("jo@smallteam.test", "Jo Martin", &[], "The first to come gets the last free seat of Small Team."),
        Person::new("kim@smallteam.test", "Kim Lee", &[], "Comes after Jo, finds no seat, and waits."),
        Person::new(
            "gus@globex.test",
            "Gus Meyer",
            &["globex-everyone"],
            "Signs in with OpenID Connect, and becomes a User of Globex Console.",
        ),
        Person::new(
            "gia@globex.test",
            "Gia Rossi",
            &["globex-admins", "globex-everyone"],
            "Signs in with OpenID Connect, and becomes an Admin of Globex Console.",
        ),
    ]
}
