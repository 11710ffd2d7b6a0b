use std::time::Duration;

use super::*;
use crate::db::DbError;
use crate::membership::push::tests::SCIM_MAPPED;
use crate::membership::tests::{MAPPED, World, by_hand, groups};
use crate::membership::{Progress, foresee};
use crate::organization::AccessSettings;

/// A mapped organization with two members, and the footing of a preview in which the mappings of one role are gone.
fn previewed(world: &World) -> (Organization, Footing) {
    let work = world.organization("work", "enterprise-seats", MAPPED, &[("premium", 3), ("standard", 3)]);
    world.sign_in("anna", groups(&["everyone"]));
    world.sign_in("bert", groups(&["everyone", "admins"]));
    let footing = footing(world, &work);
    (work, footing)
}

fn footing(world: &World, organization: &Organization) -> Footing {
    let organization = world.read(|tx| store::organizations::by_id(tx, organization.id)).expect("it is there");
    let mut settings = AccessSettings::of(&organization);
    settings.mappings.roles.remove(0);
    world
        .write(move |tx, context| {
            Ok::<_, DbError>(foresee(tx, context, &organization, &settings, None, &Progress::default())?.footing)
        })
        .expect("foreseen")
}

fn stands(world: &World, footing: &Footing) -> bool {
    let catalog = world.catalog.clone();
    let actor = crate::audit::Actor::System;
    let context = Context { now: world.now, catalog: &catalog, actor, from: None, incident: None };
    world.read(|tx| footing.still_stands(tx, &context))
}

#[test]
fn b32_a_sign_in_that_tells_nothing_new_moves_no_preview() {
    let world = World::new();
    let (_, footing) = previewed(&world);
    assert!(stands(&world, &footing), "nothing has happened");
    world.sign_in("anna", groups(&["everyone"]));
    world.sign_in("bert", groups(&["admins", "everyone"]));
    assert!(stands(&world, &footing), "they told of the groups that were known");
    world.sign_in("anna", groups(&["everyone", "owners"]));
    assert!(!stands(&world, &footing), "anna has become an owner");
}

#[test]
fn b32_a_sign_in_with_groups_that_change_nothing_yet_moves_a_preview() {
    let world = World::new();
    let (_, footing) = previewed(&world);
    // No row maps this group now; the draft may.
    world.sign_in("anna", groups(&["everyone", "unmapped"]));
    assert!(!stands(&world, &footing));
}

#[test]
fn b32_a_refused_sign_in_moves_a_preview_by_the_groups_it_told() {
    let world = World::new();
    let (_, footing) = previewed(&world);
    world.sign_in("anna", groups(&["guests"]));
    assert!(!stands(&world, &footing), "anna was refused and is gone");
}

#[test]
fn b32_a_newcomer_a_bought_seat_and_a_removal_by_hand_move_a_preview() {
    type Move = fn(&World, &Organization);
    let moves: [(&str, Move); 4] = [
        ("a newcomer", |world, _| drop(world.sign_in("cora", groups(&["everyone"])))),
        ("a bought seat", |world, work| assert!(world.buy(work, "premium", 4))),
        ("a removal", |world, work| assert!(world.remove(work, "anna"))),
        ("a pin", |world, work| drop(world.place(work, "anna", by_hand("admin", None, None)))),
    ];
    for (what, make) in moves {
        let world = World::new();
        let (work, footing) = previewed(&world);
        make(&world, &work);
        assert!(!stands(&world, &footing), "{what}");
    }
}

#[test]
fn b32_other_settings_saved_meanwhile_move_a_preview() {
    let world = World::new();
    let (work, footing) = previewed(&world);
    let changed = Organization { require_sso: !work.require_sso, ..work };
    // Even by somebody who leaves no event: a restored database.
    world.write(move |tx, _| store::organizations::update(tx, &changed)).expect("written");
    assert!(!stands(&world, &footing));
}

#[test]
fn b32_what_happens_in_another_organization_moves_no_preview() {
    let world = World::new();
    let (_, footing) = previewed(&world);
    let other = world.organization("other", "enterprise-seats", MAPPED, &[("premium", 1)]);
    world.buy(&other, "premium", 9);
    assert!(stands(&world, &footing));
}

#[test]
fn b32_whoever_is_suspended_from_another_organizations_page_moves_a_preview_here() {
    let world = World::new();
    let (work, _) = previewed(&world);
    let other = world.organization("other", "enterprise-seats", MAPPED, &[("premium", 3)]);
    world.place(&work, "anna", by_hand("admin", None, None)).expect("placed");
    world.place(&other, "anna", by_hand("user", None, None)).expect("placed");
    let anna = world.person("anna").expect("she has signed in");
    let resting = footing(&world, &work);
    let at = other.clone();
    let suspended = world.write(move |tx, context| crate::membership::suspend(tx, context, &at, anna, ""));
    assert!(suspended.expect("suspended") && !stands(&world, &resting));
    let resting = footing(&world, &work);
    let resumed = world.write(move |tx, context| crate::membership::resume(tx, context, &other, anna));
    assert!(resumed.expect("resumed") && !stands(&world, &resting));
}

#[test]
fn b26_a_pin_that_ends_moves_a_preview_although_no_event_tells_of_it() {
    let mut world = World::new();
    let (work, _) = previewed(&world);
    let until = world.now.plus(Duration::from_secs(60));
    world.place(&work, "anna", by_hand("admin", None, Some(until))).expect("placed");
    let footing = footing(&world, &work);
    world.now = world.now.plus(Duration::from_secs(59));
    assert!(stands(&world, &footing));
    world.now = world.now.plus(Duration::from_secs(1));
    assert!(!stands(&world, &footing));
}

#[test]
fn b21_a_push_moves_a_preview_only_where_the_directory_has_a_part_in_it() {
    let world = World::new();
    let (_, footing_of_jit) = previewed(&world);
    let synced = world.organization("synced", "enterprise-seats", SCIM_MAPPED, &[("premium", 3)]);
    let footing_of_scim = footing(&world, &synced);
    world.hire("dora");
    assert!(!stands(&world, &footing_of_scim), "somebody came into the directory");
    assert!(stands(&world, &footing_of_jit), "which is nothing to sign-ins");
}

#[test]
fn after_very_many_events_it_is_worked_out_anew() {
    let world = World::new();
    let (_, footing) = previewed(&world);
    world
        .write(|tx, context| {
            (0..LOOKED_AT).try_for_each(|_| context.record(tx, None, None, crate::audit::Event::OperatorLinkMade))
        })
        .expect("recorded");
    assert!(!stands(&world, &footing));
}
