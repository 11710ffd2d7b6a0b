use std::collections::BTreeMap;

use super::*;
use crate::membership::push::tests::SCIM_MAPPED;
use crate::membership::sync::begin;
use crate::membership::tests::{JIT, World, slug};
use crate::membership::{resettle, settings_written};
use crate::organization::{Source, SyncCause};
use crate::product::{ParentPlan, RoleKey};

fn image(seat: Option<&str>) -> Image {
    let member = seat.map(|seat| Member {
        organization: OrganizationId(1),
        person: PersonId(1),
        status: MemberStatus::Active,
        role: RoleKey::new("user"),
        role_source: Source::Default,
        role_pin: None,
        seat: Some(SeatTypeKey::new(seat)),
        seat_source: Source::Default,
        seat_pin: None,
        joined_at: crate::clock::Timestamp::from_millis(0),
        version: 1,
    });
    Image { member, queued: None }
}

/// Somebody who has `now` and had `before`.
fn change(person: i64, now: Option<&str>, before: Option<&str>) -> SyncChange {
    SyncChange { person: PersonId(person), before: image(before), after: Some(image(now)) }
}

fn free(seats: &[(&str, usize)]) -> Free {
    seats.iter().map(|(seat, free)| (SeatTypeKey::new(*seat), *free)).collect()
}

fn numbers(changes: &[SyncChange]) -> Vec<i64> {
    changes.iter().map(|change| change.person.0).collect()
}

#[test]
fn seats_that_everybody_gives_up_are_shared_out_and_who_gets_none_gives_nothing_up() {
    let all = vec![
        change(1, Some("a"), Some("b")),
        change(2, Some("b"), Some("a")),
        change(3, None, Some("a")),
        change(4, Some("c"), Some("a")),
        change(5, Some("a"), None),
        change(6, None, Some("c")),
    ];
    let (together, short) = fits(all, &free(&[("a", 0), ("b", 0), ("c", 0)]));
    // The a of 1 and that of 5 go to 2 and 4, whose own go to 1 and 6; 3 gives nothing that anybody could take.
    assert_eq!(numbers(&together), [1, 2, 4, 5, 6]);
    assert_eq!(short, [(PersonId(3), NotRestored::NoFreeSeat(SeatTypeKey::new("a")))]);
}

#[test]
fn nobody_goes_without_for_one_who_gives_nothing() {
    let swap = |people: i64| {
        (1..=people).map(|n| {
            let (now, before) = if n % 2 == 0 { ("a", "b") } else { ("b", "a") };
            change(n, Some(now), Some(before))
        })
    };
    let full = free(&[("a", 0), ("b", 0)]);
    for first in [change(0, None, Some("a")), change(0, Some("c"), Some("a"))] {
        let (together, short) = fits(std::iter::once(first).chain(swap(300)).collect(), &full);
        assert_eq!(together.len(), 300);
        assert_eq!(short, [(PersonId(0), NotRestored::NoFreeSeat(SeatTypeKey::new("a")))]);
    }
    // A whole company, of whom half can give nothing: no pass over everybody for each of them.
    let many: Vec<SyncChange> = (0..50_000).map(|n| change(100_000 + n, None, Some("a"))).chain(swap(50_000)).collect();
    let (together, short) = fits(many, &full);
    assert_eq!((together.len(), short.len()), (50_000, 50_000));
    // One way round only, from one end to the other: who goes without takes the next one along.
    let chain: Vec<SyncChange> = (0..50_000)
        .flat_map(|n| [change(2 * n, Some("a"), Some("b")), change(2 * n + 1, Some("b"), Some("c"))])
        .collect();
    let (together, short) = fits(chain, &free(&[("a", 0), ("b", 0), ("c", 1)]));
    assert_eq!((together.len(), short.len()), (2, 99_998));
}

#[test]
fn b23_no_slice_of_a_large_circle_needs_a_free_seat() {
    let mut all = Vec::new();
    for n in 0..900 {
        let (now, before) = [("a", "b"), ("b", "c"), ("c", "a")][n as usize % 3];
        all.push(change(n, Some(now), Some(before)));
    }
    let full = free(&[("a", 0), ("b", 0), ("c", 0)]);
    let slices = rounds(all, full.clone());
    assert_eq!(slices.iter().map(Vec::len).sum::<usize>(), 900);
    for slice in slices {
        let people = slice.len();
        let (together, short) = fits(slice, &full);
        assert_eq!((together.len(), short), (people, vec![]), "all of them, and nothing is free");
    }
}

#[test]
fn b23_no_slice_of_a_large_swap_needs_more_seats_than_there_are() {
    let mut all = Vec::new();
    for n in 0..900 {
        let (now, before) = match n % 3 {
            0 => ("a", "b"),
            1 => ("b", "c"),
            _ => ("c", "a"),
        };
        all.push(change(n, Some(now), Some(before)));
    }
    for n in 900..1000 {
        all.push(change(n, Some("a"), Some("d")));
    }
    // Those who want a d come to it one after the other only: each gives an a, which nobody wants.
    let mut seats = free(&[("a", 0), ("b", 0), ("c", 0), ("d", 100)]);
    let slices = rounds(all, seats.clone());
    let mut seen: Vec<i64> = slices.iter().flat_map(|slice| numbers(slice)).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..1000).collect::<Vec<_>>(), "everybody once");
    for slice in &slices {
        assert!(slice.len() <= SLICE as usize + 3, "{}", slice.len());
        let mut needs: BTreeMap<SeatTypeKey, i64> = BTreeMap::new();
        for change in slice {
            *needs.entry(wanted(change).expect("a seat").clone()).or_default() += 1;
            *needs.entry(given(change).expect("a seat").clone()).or_default() -= 1;
        }
        for (seat, needs) in needs {
            let left = seats.get_mut(&seat).expect("a type");
            assert!(needs <= *left as i64, "{seat} in {:?}", numbers(slice));
            *left = (*left as i64 - needs) as usize;
        }
    }
}

#[test]
fn what_nobody_gives_up_is_waited_for_by_nobody() {
    assert!(rounds(vec![change(1, Some("a"), Some("b"))], free(&[("a", 1), ("b", 0)])).is_empty());
    assert_eq!(rounds(vec![change(1, None, None)], Free::new()).len(), 1);
    assert!(rounds(Vec::new(), Free::new()).is_empty());
}

#[test]
fn hostile_an_undo_goes_no_further_once_the_organization_has_another_parent() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 201)]);
    let names: Vec<String> = (0..202).map(|n| format!("p{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.iter().for_each(|name| drop(world.hire(name)));
    let everyone = world.group("everyone", &names);
    assert_eq!(world.queue(&work), ["p201"]);
    world.take_out(&everyone, &names);
    let run = world.read(|tx| store::sync_runs::latest(tx, work.id, 1)).remove(0).id;
    let runs = world.runs();
    runs.approve(run).expect("approved");
    let active = || world.rows("SELECT COUNT(*) FROM member WHERE status = 'active'");
    assert_eq!((active(), world.queue(&work)), (0, vec![]));

    let everybody = runs.begin_undo(run).expect("begun");
    assert_eq!(everybody.len(), 202, "one of them out of the queue");
    let mut undone = Undone::default();
    // A slice is written, and then the organization goes.
    runs.pass(run, everybody[..1].to_vec(), &mut undone).expect("written");
    assert_eq!((undone.restored, active()), (1, 1));
    let (old, gone) = (world.parent, Organization { mode: JIT, ..work.clone() });
    world
        .write(move |tx, context| -> Result<u64, DbError> {
            let before = store::organizations::by_id(tx, gone.id)?;
            store::organizations::update(tx, &gone)?;
            settings_written(tx, context, before.as_ref(), &gone, SyncCause::Save)?;
            let to = store::organizations::add_parent(tx, &slug("other"), "Other", ParentPlan::Enterprise)?;
            let to = store::organizations::parent_by_id(tx, to)?.expect("just added");
            resettle(tx, context, &gone, &to, &|| crate::secrets::public_id("p-"))
        })
        .expect("resettled");
    let events = || world.rows("SELECT COUNT(*) FROM audit_event");
    let before = events();
    let stopped = [
        runs.pass(run, everybody[1..].to_vec(), &mut undone).map(drop),
        runs.swap(run, everybody[1..].to_vec(), &mut undone),
        runs.admit(run, &undone),
        runs.undo(run).map(drop),
    ];
    for stopped in stopped {
        assert!(matches!(stopped, Err(SyncError::NotDone(..))), "{stopped:?}");
    }
    assert!(runs.cycle().expect("looked").is_empty());
    let there = world.read(|tx| store::members::of_organization(tx, work.id));
    for member in there.iter().filter(|member| member.is_active()) {
        let person = world.read(|tx| store::people::by_id(tx, member.person)).expect("known");
        assert_ne!(person.parent, old, "{}", person.email);
    }
    assert_eq!((active(), events()), (1, before), "the one who came along, and nothing is told at the old parent");
    assert_eq!(world.rows("SELECT COUNT(*) FROM waiting") + world.rows("SELECT COUNT(*) FROM sync_hold"), 0);
}

#[test]
fn a_run_that_ends_beside_an_undo_lets_go_of_nothing_that_it_gives_back() {
    let world = World::new();
    let work = world.ten(10);
    world.take_out(&world.group_called("everyone"), &["p1", "p2", "p3"]);
    let undone = world.read(|tx| store::sync_runs::latest(tx, work.id, 1)).remove(0).id;
    let organization = work.clone();
    let cycle = world.write(move |tx, context| begin(tx, context, &organization, SyncCause::Cycle)).expect("begun");
    let runs = world.runs();
    let everybody = runs.begin_undo(undone).expect("begun");
    runs.pass(undone, everybody, &mut Undone::default()).expect("written");
    let held = || world.rows("SELECT COUNT(*) FROM sync_hold");
    assert_eq!((held(), world.members()), (3, 10));
    assert_eq!(runs.finish(cycle).expect("done").state, SyncState::Done);
    assert_eq!((held(), world.members()), (3, 10), "neither the holds nor what they hold");
}
