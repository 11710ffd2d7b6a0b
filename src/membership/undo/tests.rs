use std::collections::BTreeMap;

use super::*;
use crate::organization::Source;
use crate::product::RoleKey;

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
