//! What holds for every input, not only for the cases of the matrix.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::identity::{AssertedGroups, GroupKey};
use crate::organization::{FreeSeats, GroupMapping, GroupMappings, ProvisioningMode, Rules, SeatCount};
use crate::product::{Catalog, Product, RoleKey, SeatTypeKey};

/// A small organization with everything that decides.
#[derive(Clone, Debug)]
struct World {
    product: Product,
    mode: ProvisioningMode,
    mappings: GroupMappings,
    bought: Vec<u32>,
}

impl World {
    fn rules(&self) -> Rules<'_> {
        Rules::new(self.mode, &self.mappings)
    }

    fn free(&self, members: &BTreeMap<u8, (RoleKey, Option<SeatTypeKey>)>) -> FreeSeats {
        let counts: Vec<SeatCount> = self
            .product
            .seat_types()
            .iter()
            .zip(&self.bought)
            .map(|(seat, bought)| SeatCount {
                seat_type: seat.key.clone(),
                bought: *bought,
                used: members.values().filter(|(_, held)| held.as_ref() == Some(&seat.key)).count() as u32,
            })
            .collect();
        FreeSeats::of(&self.product, &counts)
    }
}

fn group(n: u8) -> GroupKey {
    GroupKey::new(&format!("g{n}")).expect("a group")
}

fn groups() -> impl Strategy<Value = BTreeSet<GroupKey>> {
    proptest::collection::btree_set((0u8..8).prop_map(group), 0..5)
}

fn asserted() -> impl Strategy<Value = AssertedGroups> {
    prop_oneof![
        6 => groups().prop_map(AssertedGroups::Listed),
        1 => Just(AssertedGroups::NotSent),
        1 => Just(AssertedGroups::TooMany),
    ]
}

fn worlds() -> impl Strategy<Value = World> {
    (0usize..5, 0usize..5).prop_flat_map(|(product, mode)| {
        let product = Catalog::built_in().products()[product].clone();
        let (roles, seats) = (product.roles().len(), product.seat_types().len());
        let role_rows = proptest::collection::vec((0u8..8, 0..roles), 0..6);
        let seat_rows = proptest::collection::vec((0u8..8, 0..seats.max(1)), 0..if seats == 0 { 1 } else { 6 });
        (role_rows, seat_rows, proptest::collection::vec(0u32..3, seats)).prop_map(move |(roles, seats, bought)| {
            let mappings = GroupMappings {
                roles: roles
                    .into_iter()
                    .map(|(g, at)| GroupMapping { group: group(g), gives: product.roles()[at].key.clone() })
                    .collect(),
                seats: seats
                    .into_iter()
                    .map(|(g, at)| GroupMapping { group: group(g), gives: product.seat_types()[at].key.clone() })
                    .collect(),
            };
            World { product: product.clone(), mode: ProvisioningMode::ALL[mode], mappings, bought }
        })
    })
}

/// A person does something; the decision is carried out as `membership` does it.
fn carry_out(
    world: &World,
    members: &mut BTreeMap<u8, (RoleKey, Option<SeatTypeKey>)>,
    who: u8,
    asserted: &AssertedGroups,
) -> Decision {
    let free = world.free(members);
    let directory_groups = match asserted {
        AssertedGroups::Listed(groups) => groups.clone(),
        AssertedGroups::NotSent | AssertedGroups::TooMany => BTreeSet::new(),
    };
    let directory = Some(DirectoryPerson { active: true, groups: &directory_groups });
    let decision = decide(&Facts {
        product: &world.product,
        rules: world.rules(),
        evidence: Evidence::SignIn { groups: asserted, directory },
        suspended: false,
        member: members.get(&who).map(|(role, seat)| Present {
            role,
            seat: seat.as_ref(),
            role_pinned: false,
            seat_pinned: false,
        }),
        free: &free,
    });
    match &decision.outcome {
        Outcome::Join(standing) | Outcome::Change(standing) => {
            members.insert(who, (standing.role.clone(), standing.seat.clone()));
        }
        Outcome::Remove(_) => {
            members.remove(&who);
        }
        Outcome::Keep(_) | Outcome::Wait { .. } | Outcome::Refuse(_) | Outcome::StayOut => {}
    }
    decision
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn b23_seats_are_never_oversold(
        world in worlds(),
        sign_ins in proptest::collection::vec((0u8..6, asserted()), 1..40),
    ) {
        let mut members = BTreeMap::new();
        for (who, groups) in &sign_ins {
            carry_out(&world, &mut members, *who, groups);
            for (seat, bought) in world.product.seat_types().iter().zip(&world.bought) {
                let used = members.values().filter(|(_, held)| held.as_ref() == Some(&seat.key)).count();
                prop_assert!(used <= *bought as usize, "{used} of {bought} {}", seat.key);
            }
            for (role, seat) in members.values() {
                prop_assert!(world.product.role(role).is_some(), "b1: a role of the product");
                prop_assert!(seat.as_ref().is_none_or(|seat| world.product.seat_type(seat).is_some()));
            }
        }
    }

    #[test]
    fn deciding_twice_changes_nothing(
        world in worlds(),
        before in proptest::collection::vec((0u8..6, asserted()), 0..12),
        groups in asserted(),
    ) {
        let mut members = BTreeMap::new();
        for (who, groups) in &before {
            carry_out(&world, &mut members, *who, groups);
        }
        let first = carry_out(&world, &mut members, 0, &groups);
        let settled = members.clone();
        let second = carry_out(&world, &mut members, 0, &groups);
        prop_assert_eq!(&members, &settled);
        match first.outcome {
            Outcome::Join(standing) | Outcome::Change(standing) => {
                let kept = matches!(&second.outcome, Outcome::Keep(kept) if kept.role == standing.role && kept.seat == standing.seat);
                prop_assert!(kept, "{:?} after {:?}", second.outcome, standing);
            }
            Outcome::Remove(refusal) => prop_assert_eq!(second.outcome, Outcome::Refuse(refusal)),
            other => prop_assert_eq!(second.outcome, other),
        }
    }

    #[test]
    fn b14_the_highest_mapped_role_wins_whatever_the_order(
        world in worlds(),
        asserted in groups(),
        swaps in proptest::collection::vec((0usize..6, 0usize..6), 0..6),
    ) {
        let world = World { mode: ProvisioningMode::Jit { group_mappings: true }, bought: vec![9; world.bought.len()], ..world };
        let mut shuffled = world.clone();
        for (a, b) in swaps {
            let rows = &mut shuffled.mappings.roles;
            if a < rows.len() && b < rows.len() {
                rows.swap(a, b);
            }
        }
        let best = world.mappings.roles.iter().filter(|row| asserted.contains(&row.group))
            .filter_map(|row| world.product.role_rank(&row.gives)).min();
        let listed = AssertedGroups::Listed(asserted);
        for world in [&world, &shuffled] {
            match (carry_out(world, &mut BTreeMap::new(), 0, &listed).outcome, best) {
                (Outcome::Join(standing), Some(best)) => prop_assert_eq!(world.product.role_rank(&standing.role), Some(best)),
                (Outcome::Refuse(refusal), None) => prop_assert_eq!(refusal, Refusal::NoGroupAccess),
                (other, best) => prop_assert!(false, "{other:?} for {best:?}"),
            }
        }
    }

    #[test]
    fn b17_absent_groups_never_change_a_member(
        world in worlds(),
        before in proptest::collection::vec((0u8..6, asserted()), 0..12),
        too_many in any::<bool>(),
    ) {
        let world = World { mode: ProvisioningMode::Jit { group_mappings: world.mode.has_group_mappings() }, ..world };
        let mut members = BTreeMap::new();
        for (who, groups) in &before {
            carry_out(&world, &mut members, *who, groups);
        }
        let settled = members.clone();
        let unknown = if too_many { AssertedGroups::TooMany } else { AssertedGroups::NotSent };
        for who in 0..6 {
            let known = members.contains_key(&who);
            let decision = carry_out(&world, &mut members, who, &unknown);
            if world.mode.has_group_mappings() {
                prop_assert_eq!(decision.outcome, Outcome::Refuse(Refusal::GroupsMissing));
            } else if known {
                prop_assert!(matches!(decision.outcome, Outcome::Keep(_)));
            }
        }
        for (who, had) in settled {
            prop_assert_eq!(members.get(&who), Some(&had));
        }
    }

    #[test]
    fn a_preview_agrees_with_signing_in_one_after_the_other(
        world in worlds(),
        before in proptest::collection::vec((0u8..6, asserted()), 0..12),
        next in proptest::collection::vec(asserted(), 6),
    ) {
        let mut members = BTreeMap::new();
        for (who, groups) in &before {
            carry_out(&world, &mut members, *who, groups);
        }
        let empty = BTreeSet::new();
        let known: Vec<KnownPerson<'_>> = next.iter().enumerate().map(|(who, groups)| {
            let directory_groups = if let AssertedGroups::Listed(groups) = groups { groups } else { &empty };
            KnownPerson {
                person: crate::ids::PersonId(who as i64),
                member: members.get(&(who as u8)).map(|(role, seat)| Present { role, seat: seat.as_ref(), role_pinned: false, seat_pinned: false }),
                suspended: false,
                evidence: Some(Evidence::SignIn { groups, directory: Some(DirectoryPerson { active: true, groups: directory_groups }) }),
            }
        }).collect();
        let foreseen = preview(&world.product, world.rules(), world.free(&members), &known);
        let mut after = members.clone();
        for (who, groups) in next.iter().enumerate() {
            let decision = carry_out(&world, &mut after, who as u8, groups);
            prop_assert_eq!(foreseen[who].decision.as_ref(), Some(&decision));
        }
    }
}
