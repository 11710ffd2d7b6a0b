//! Which of the people of a preview are shown: by what happens to them, and by address.

use crate::membership::{PersonForeseen, SettingsForeseen};
use crate::provisioning::Consequence;
use crate::store::roster::contains;

/// The words by which a preview is filtered, in the order in which they are shown: every kind of effect, and what cuts across them.
pub(super) const FILTERS: [&str; 12] = [
    "removed",
    "refused",
    "loses_identity",
    "lowered",
    "changed",
    "role_changes",
    "seat_changes",
    "waits",
    "stays_out",
    "unknown",
    "joins",
    "keeps",
];

/// Whether somebody belongs to what a word of [`FILTERS`] names. Another word names everybody.
fn belongs(word: &str, one: &PersonForeseen) -> bool {
    let (before, after) = (one.before.as_ref(), &one.what);
    match (word, before, after) {
        ("loses_identity", _, _) => one.loses_identity,
        ("role_changes", Some(held), Consequence::Lowered(now) | Consequence::Changed(now)) => held.role != now.role,
        ("seat_changes", Some(held), Consequence::Lowered(now) | Consequence::Changed(now)) => held.seat != now.seat,
        ("role_changes" | "seat_changes", _, _) => false,
        (word, _, _) if FILTERS.contains(&word) => one.what.word() == word,
        _ => true,
    }
}

/// How many people belong to each word of [`FILTERS`], in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts([u64; FILTERS.len()]);

impl Counts {
    pub(super) fn of(foreseen: &SettingsForeseen) -> Self {
        let mut counts = Self::default();
        for one in &foreseen.people {
            for (word, count) in FILTERS.iter().zip(&mut counts.0) {
                *count += u64::from(belongs(word, one));
            }
        }
        counts
    }

    pub(super) fn under(&self, word: &str) -> u64 {
        self.all().find(|(known, _)| *known == word).map_or(0, |(_, count)| count)
    }

    /// Those that somebody belongs to.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        FILTERS.iter().copied().zip(self.0.iter().copied()).filter(|(_, count)| *count > 0)
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// A word of [`FILTERS`]; empty for all.
    pub(super) effect: &'static str,
    /// A part of the address, in lower case; empty for any.
    pub(super) search: String,
}

impl Wanted {
    /// What an address asks for; a word that there is not asks for all.
    pub(super) fn new(effect: &str, search: &str) -> Self {
        let effect = FILTERS.iter().copied().find(|word| *word == effect).unwrap_or_default();
        Self { effect, search: search.trim().chars().take(100).collect::<String>().to_lowercase() }
    }

    pub(super) fn includes(&self, one: &PersonForeseen) -> bool {
        belongs(self.effect, one) && (self.search.is_empty() || contains(&one.email, &self.search))
    }
}

/// Where somebody stands in the list.
pub(super) fn place(one: &PersonForeseen) -> String {
    format!("{}.{}", one.what.rank(), one.email)
}

/// The people of a list in its order after a place.
pub(super) fn after<'p>(people: &'p [PersonForeseen], place_of_last: &str) -> &'p [PersonForeseen] {
    let rank_and_email = |one: &PersonForeseen| -> bool {
        let (rank, email) = place_of_last.split_once('.').unwrap_or_default();
        let rank = rank.parse::<usize>().unwrap_or_default();
        !place_of_last.is_empty() && (one.what.rank(), one.email.as_str()) <= (rank, email)
    };
    people.get(people.partition_point(rank_and_email)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Held;
    use crate::membership::RestsOn;
    use crate::product::{RoleKey, SeatTypeKey};
    use crate::provisioning::{Origin, Refusal, Standing};

    fn standing(role: &str, seat: Option<&str>) -> Standing {
        let seat = seat.map(SeatTypeKey::new);
        Standing { role: RoleKey::new(role), role_from: Origin::Default, seat, seat_from: Origin::Default }
    }

    fn one(email: &str, what: Consequence) -> PersonForeseen {
        let before = Some(Held { role: RoleKey::new("admin"), seat: Some(SeatTypeKey::new("premium")) });
        let loses_identity = email.starts_with("olga");
        PersonForeseen {
            email: email.to_owned(),
            public_id: None,
            before,
            what,
            loses_identity,
            rests_on: RestsOn::Nothing,
        }
    }

    fn words(one: &PersonForeseen) -> Vec<&'static str> {
        FILTERS.into_iter().filter(|word| belongs(word, one)).collect()
    }

    #[test]
    fn everybody_belongs_to_their_kind_and_to_what_cuts_across_kinds() {
        let lowered = |role: &str, seat: Option<&str>| one("a@x.example", Consequence::Lowered(standing(role, seat)));
        assert_eq!(words(&lowered("user", Some("premium"))), ["lowered", "role_changes"]);
        assert_eq!(words(&lowered("admin", Some("standard"))), ["lowered", "seat_changes"]);
        assert_eq!(words(&lowered("user", None)), ["lowered", "role_changes", "seat_changes"]);
        let removed = one("olga@x.example", Consequence::Removed(Refusal::NoGroupAccess));
        assert_eq!(words(&removed), ["removed", "loses_identity"]);
        for kind in Consequence::WORDS {
            assert!(FILTERS.contains(&kind), "{kind} can be filtered by");
        }
        assert!(belongs("", &removed) && belongs("<script>", &removed), "no such word: everybody");
    }

    #[test]
    fn a_page_begins_after_a_place_whatever_the_place_is() {
        let list = [
            one("b@x.example", Consequence::Removed(Refusal::NoGroupAccess)),
            one("c@x.example", Consequence::Removed(Refusal::NoGroupAccess)),
            one("a@x.example", Consequence::Unknown),
        ];
        let names = |place: &str| -> Vec<char> {
            after(&list, place).iter().filter_map(|one| one.email.chars().next()).collect()
        };
        assert_eq!(names(""), ['b', 'c', 'a']);
        assert_eq!(names(&place(&list[0])), ['c', 'a']);
        assert_eq!(names(&place(&list[1])), ['a']);
        assert_eq!(names(&place(&list[2])), [] as [char; 0]);
        assert_eq!(names("9.zz"), [] as [char; 0]);
        assert_eq!(names("rubbish"), ['b', 'c', 'a']);
    }
}
