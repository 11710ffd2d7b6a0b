use std::collections::BTreeSet;

use super::seats::{self, SeatAnswer};
use super::{Because, Origin, Refusal, Standing};
use crate::identity::{AssertedGroups, GroupKey};
use crate::organization::{FreeSeats, GroupMapping, GroupMappings, Rules};
use crate::product::{Product, RoleKey, SeatTypeKey};

/// Everything a decision rests on. Whoever calls has read it in the transaction that will write the outcome.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// What the organization uses.
    pub product: &'a Product,
    /// How people become members.
    pub rules: Rules<'a>,
    /// What is known of the person just now.
    pub evidence: Evidence<'a>,
    /// An admin switched the person off.
    pub suspended: bool,
    /// The standing membership, if there is one. An ended one is history and does not count.
    pub member: Option<Present<'a>>,
    /// Seats that nobody holds.
    pub free: &'a FreeSeats,
}

/// What a member has at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present<'a> {
    /// The role.
    pub role: &'a RoleKey,
    /// The seat; `None` is unassigned where the product has seats.
    pub seat: Option<&'a SeatTypeKey>,
    /// A pin holds on the role (rule B26).
    pub role_pinned: bool,
    /// A pin holds on the seat.
    pub seat_pinned: bool,
}

impl Present<'_> {
    /// What the member has, with the sources it has.
    pub fn standing(&self) -> Standing {
        Standing {
            role: self.role.clone(),
            role_from: Origin::Unchanged,
            seat: self.seat.cloned(),
            seat_from: Origin::Unchanged,
        }
    }
}

/// What is known of a person, and how we came to know.
#[derive(Clone, Copy, Debug)]
pub enum Evidence<'a> {
    /// The person signs in, or would: what the identity provider asserts, and what the directory holds.
    SignIn {
        /// The asserted groups; they count in the jit modes.
        groups: &'a AssertedGroups,
        /// The directory's record; it counts in the scim modes (rule B20).
        directory: Option<DirectoryPerson<'a>>,
    },
    /// The directory says what it knows, without a sign-in.
    Directory(DirectoryPerson<'a>),
    /// The directory no longer knows the person.
    LeftDirectory,
}

/// What the directory holds about a person.
#[derive(Clone, Copy, Debug)]
pub struct DirectoryPerson<'a> {
    /// Assigned and switched on.
    pub active: bool,
    /// The directory groups, by id.
    pub groups: &'a BTreeSet<GroupKey>,
}

/// What happens to the person in this organization, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What happens.
    pub outcome: Outcome,
    /// The reasoning, in order.
    pub because: Vec<Because>,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A member, and role and seat stay; where they come from may be told anew.
    Keep(Standing),
    /// Becomes a member.
    Join(Standing),
    /// A member whose role, seat or the source of either changes.
    Change(Standing),
    /// Entitled, but no seat is free: listed as waiting; a sign-in is refused `no_free_seat`.
    Wait {
        /// The role the person will have.
        role: RoleKey,
        /// Where the role comes from.
        role_from: Origin,
        /// The seat type waited for; `None` takes any.
        seat: Option<SeatTypeKey>,
    },
    /// Not let in; nothing changes.
    Refuse(Refusal),
    /// The membership ends for this reason; a sign-in is refused with it.
    Remove(Refusal),
    /// Not a member, and this is no reason to become one.
    StayOut,
}

impl Outcome {
    /// Every word of [`Outcome::told`].
    pub const WORDS: [&'static str; 7] = ["keep", "join", "change", "wait", "refuse", "remove", "stay_out"];

    /// The stable word of the outcome, and its values by name: what pages put into words of their language.
    pub fn told(&self) -> (&'static str, Vec<(&'static str, String)>) {
        let of = |standing: &Standing| {
            let seat = standing.seat.as_ref().map(|seat| ("seat", seat.to_string()));
            [("role", standing.role.to_string())].into_iter().chain(seat).collect()
        };
        match self {
            Self::Keep(standing) => ("keep", of(standing)),
            Self::Join(standing) => ("join", of(standing)),
            Self::Change(standing) => ("change", of(standing)),
            Self::Wait { role, seat, .. } => {
                let seat = seat.as_ref().map(|seat| ("seat", seat.to_string()));
                ("wait", [("role", role.to_string())].into_iter().chain(seat).collect())
            }
            Self::Refuse(refusal) => ("refuse", vec![("refusal", refusal.code().to_owned())]),
            Self::Remove(refusal) => ("remove", vec![("refusal", refusal.code().to_owned())]),
            Self::StayOut => ("stay_out", vec![]),
        }
    }

    /// Why a sign-in with this outcome is refused; `None` lets the person in.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Keep(_) | Self::Join(_) | Self::Change(_) => None,
            Self::Wait { .. } => Some(Refusal::NoFreeSeat),
            Self::Refuse(refusal) | Self::Remove(refusal) => Some(*refusal),
            Self::StayOut => Some(Refusal::NotAMember),
        }
    }
}

/// Decides. The only place where mode, groups, roles and seats meet (rules B10 to B23).
pub fn decide(facts: &Facts<'_>) -> Decision {
    let mut because = Vec::new();
    let outcome = outcome(facts, &mut because);
    Decision { outcome, because }
}

fn outcome(facts: &Facts<'_>, because: &mut Vec<Because>) -> Outcome {
    match facts.evidence {
        Evidence::SignIn { .. } if facts.suspended => {
            because.push(Because::PersonSuspended);
            Outcome::Refuse(Refusal::Suspended)
        }
        Evidence::SignIn { groups, directory } => at_sign_in(facts, groups, directory, because),
        Evidence::Directory(person) => from_directory(facts, Some(person), because),
        Evidence::LeftDirectory => from_directory(facts, None, because),
    }
}

fn at_sign_in(
    facts: &Facts<'_>,
    groups: &AssertedGroups,
    directory: Option<DirectoryPerson<'_>>,
    because: &mut Vec<Because>,
) -> Outcome {
    match (facts.rules, directory) {
        (Rules::Manual, _) => {
            because.push(Because::ModeIsManual);
            facts.member.map_or(Outcome::Refuse(Refusal::NotAMember), |member| Outcome::Keep(member.standing()))
        }
        (Rules::Jit, _) => match facts.member {
            Some(member) => {
                because.push(Because::AlreadyAMember);
                Outcome::Keep(member.standing())
            }
            None => {
                because.push(Because::JoinsAtFirstSignIn);
                with_default_role(facts, because)
            }
        },
        (Rules::JitMapped(mappings), _) => by_asserted_groups(facts, mappings, groups, because),
        // Rule B20: who is not in the directory is refused, and nothing else changes.
        (Rules::Scim | Rules::ScimMapped(_), None) => {
            because.push(Because::NotInTheDirectory);
            Outcome::Refuse(Refusal::NotProvisioned)
        }
        (Rules::Scim | Rules::ScimMapped(_), Some(person)) => match from_directory(facts, Some(person), because) {
            Outcome::StayOut if !person.active => Outcome::Refuse(Refusal::Suspended),
            Outcome::StayOut => Outcome::Refuse(Refusal::NoGroupAccess),
            Outcome::Remove(_) if !person.active => Outcome::Remove(Refusal::Suspended),
            decided => decided,
        },
    }
}

fn from_directory(facts: &Facts<'_>, person: Option<DirectoryPerson<'_>>, because: &mut Vec<Because>) -> Outcome {
    match facts.rules {
        // Rule B21: in manual and jit modes the directory is evidence, and touches nobody.
        Rules::Manual | Rules::Jit | Rules::JitMapped(_) => {
            because.push(Because::DirectoryDoesNotCount);
            facts.member.map_or(Outcome::StayOut, |member| Outcome::Keep(member.standing()))
        }
        Rules::Scim | Rules::ScimMapped(_) => match person {
            Some(DirectoryPerson { active: true, groups }) => {
                because.push(Because::InTheDirectory);
                if let Rules::ScimMapped(mappings) = facts.rules {
                    by_groups(facts, mappings, groups, because)
                } else if let Some(member) = facts.member {
                    // Rule B18: profile changes touch the profile only.
                    because.push(Because::AlreadyAMember);
                    Outcome::Keep(member.standing())
                } else {
                    with_default_role(facts, because)
                }
            }
            Some(DirectoryPerson { active: false, .. }) => {
                because.push(Because::InactiveInTheDirectory);
                gone(facts)
            }
            None => {
                because.push(Because::NotInTheDirectory);
                gone(facts)
            }
        },
    }
}

fn gone(facts: &Facts<'_>) -> Outcome {
    if facts.member.is_some() { Outcome::Remove(Refusal::NotProvisioned) } else { Outcome::StayOut }
}

fn with_default_role(facts: &Facts<'_>, because: &mut Vec<Because>) -> Outcome {
    let role = facts.product.default_role().clone();
    because.push(Because::DefaultRole(role.clone()));
    seated(facts, role, Origin::Default, None, because)
}

/// jit with mappings: what was asserted about groups decides, and not knowing is not "none" (rule B17).
fn by_asserted_groups(
    facts: &Facts<'_>,
    mappings: &GroupMappings,
    groups: &AssertedGroups,
    because: &mut Vec<Because>,
) -> Outcome {
    match groups {
        AssertedGroups::Listed(groups) => return by_groups(facts, mappings, groups, because),
        AssertedGroups::NotSent => because.push(Because::GroupsNotSent),
        AssertedGroups::TooMany => because.push(Because::TooManyGroups),
    }
    match facts.member {
        // Rule B26: a pinned role does not rest on groups, so not knowing them takes nothing away.
        Some(member) if member.role_pinned => {
            because.push(Because::RolePinned(member.role.clone()));
            Outcome::Keep(member.standing())
        }
        Some(_) | None => Outcome::Refuse(Refusal::GroupsMissing),
    }
}

fn by_groups(
    facts: &Facts<'_>,
    mappings: &GroupMappings,
    groups: &BTreeSet<GroupKey>,
    because: &mut Vec<Because>,
) -> Outcome {
    because.push(Because::GroupsReceived(groups.len()));
    let (role, role_from) = match (highest_role(facts.product, &mappings.roles, groups, because), facts.member) {
        // Rules B25, B26: a role set by hand is how somebody whom mappings threw out comes back, so it stands without a group.
        (_, Some(member)) if member.role_pinned => {
            because.push(Because::RolePinned(member.role.clone()));
            (member.role.clone(), Origin::Unchanged)
        }
        (Some((role, group)), _) => (role, Origin::Group(group)),
        (None, Some(_)) => return Outcome::Remove(Refusal::NoGroupAccess),
        // In a scim event this stands for "stays out"; a sign-in is refused either way.
        (None, None) if matches!(facts.evidence, Evidence::SignIn { .. }) => {
            return Outcome::Refuse(Refusal::NoGroupAccess);
        }
        (None, None) => return Outcome::StayOut,
    };
    let asked = seats::asked_for(facts.product, &mappings.seats, groups, because);
    seated(facts, role, role_from, asked, because)
}

/// The highest role that the groups give (rule B14), and the group that gives it.
fn highest_role(
    product: &Product,
    mappings: &[GroupMapping<RoleKey>],
    groups: &BTreeSet<GroupKey>,
    because: &mut Vec<Because>,
) -> Option<(RoleKey, GroupKey)> {
    let matched: Vec<_> = mappings
        .iter()
        .filter(|row| groups.contains(&row.group))
        .filter_map(|row| product.role_rank(&row.gives).map(|rank| (rank, row)))
        .collect();
    because.extend(
        matched.iter().map(|(_, row)| Because::RoleGroupMatched { group: row.group.clone(), role: row.gives.clone() }),
    );
    let Some((best, row)) = matched.iter().min_by_key(|(rank, row)| (*rank, &row.group)) else {
        because.push(Because::NoRoleGroupMatched);
        return None;
    };
    let mut below: Vec<_> = matched.iter().filter(|(rank, _)| rank > best).collect();
    below.sort_by_key(|(rank, _)| *rank);
    below.dedup_by_key(|(rank, _)| *rank);
    let above = below.into_iter().map(|(_, row)| row.gives.clone()).collect();
    because.push(Because::HighestRole { role: row.gives.clone(), above });
    Some((row.gives.clone(), row.group.clone()))
}

fn seated(
    facts: &Facts<'_>,
    role: RoleKey,
    role_from: Origin,
    asked: Option<(SeatTypeKey, GroupKey)>,
    because: &mut Vec<Because>,
) -> Outcome {
    match seats::seat(facts.product, facts.member.as_ref(), asked, facts.free, because) {
        SeatAnswer::Wait(seat) => Outcome::Wait { role, role_from, seat },
        SeatAnswer::Seat(seat, seat_from) => {
            let standing = Standing { role, role_from, seat, seat_from };
            match facts.member {
                None => Outcome::Join(standing),
                Some(member) if *member.role == standing.role && member.seat == standing.seat.as_ref() => {
                    Outcome::Keep(standing)
                }
                Some(_) => Outcome::Change(standing),
            }
        }
    }
}
