use std::collections::BTreeSet;

use super::Because;
use super::decide::Present;
use crate::identity::GroupKey;
use crate::organization::{FreeSeats, GroupMapping};
use crate::product::{Product, SeatTypeKey};

/// Where a decided role or seat comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The product's default role, or the highest free seat.
    Default,
    /// This group's mapping.
    Group(GroupKey),
    /// It stays as it was, with the source it had: kept, deferred or pinned.
    Unchanged,
}

/// What the rules say about a person's seat.
pub(super) enum SeatAnswer {
    /// This seat, or none where the product has none or an existing member is left without.
    Seat(Option<SeatTypeKey>, Origin),
    /// Nobody can be seated: wait for this type, or for any.
    Wait(Option<SeatTypeKey>),
}

/// Which seat type the groups ask for: the highest mapped one (rule B14). `None` where no group asks, or where there is no choice.
pub(super) fn asked_for(
    product: &Product,
    mappings: &[GroupMapping<SeatTypeKey>],
    groups: &BTreeSet<GroupKey>,
    because: &mut Vec<Because>,
) -> Option<(SeatTypeKey, GroupKey)> {
    if !product.maps_seats() {
        return None;
    }
    let matched: Vec<_> = mappings
        .iter()
        .filter(|row| groups.contains(&row.group))
        .filter_map(|row| product.seat_rank(&row.gives).map(|rank| (rank, row)))
        .collect();
    because.extend(
        matched.iter().map(|(_, row)| Because::SeatGroupMatched { group: row.group.clone(), seat: row.gives.clone() }),
    );
    let (best, row) = matched.iter().min_by_key(|(rank, _)| *rank)?;
    let mut below: Vec<_> = matched.iter().filter(|(rank, _)| rank > best).collect();
    below.sort_by_key(|(rank, _)| *rank);
    below.dedup_by_key(|(rank, _)| *rank);
    let above = below.into_iter().map(|(_, row)| row.gives.clone()).collect();
    because.push(Because::HighestSeatType { seat: row.gives.clone(), above });
    Some((row.gives.clone(), row.group.clone()))
}

/// Which seat the person gets (rules B2, B3, B11, B14, B22). A seat held stays unless a group asks for another that is free:
/// nobody is moved silently, and deciding twice changes nothing.
pub(super) fn seat(
    product: &Product,
    present: Option<&Present<'_>>,
    asked: Option<(SeatTypeKey, GroupKey)>,
    free: &FreeSeats,
    because: &mut Vec<Because>,
) -> SeatAnswer {
    if !product.has_seats() {
        because.push(Because::ProductHasNoSeats);
        return SeatAnswer::Seat(None, Origin::Default);
    }
    let held = present.and_then(|member| member.seat);
    if present.is_some_and(|member| member.seat_pinned) {
        because.push(Because::SeatPinned(held.cloned()));
        return SeatAnswer::Seat(held.cloned(), Origin::Unchanged);
    }
    match asked {
        Some((wanted, group)) if held == Some(&wanted) => SeatAnswer::Seat(Some(wanted), Origin::Group(group)),
        Some((wanted, group)) if free.has(&wanted) => {
            because.push(Because::MappedSeatFree(wanted.clone()));
            SeatAnswer::Seat(Some(wanted), Origin::Group(group))
        }
        Some((wanted, _)) if present.is_some() => {
            because.push(Because::SeatDeferred { wanted, kept: held.cloned() });
            SeatAnswer::Seat(held.cloned(), Origin::Unchanged)
        }
        Some((wanted, _)) => {
            because.push(Because::SeatTypeFull(wanted.clone()));
            SeatAnswer::Wait(Some(wanted))
        }
        None => highest_free(product, present.is_some(), held, free, because),
    }
}

/// No group chose: a seat held stays, else the highest type with a free seat (rules B11, B14, B22).
fn highest_free(
    product: &Product,
    is_member: bool,
    held: Option<&SeatTypeKey>,
    free: &FreeSeats,
    because: &mut Vec<Because>,
) -> SeatAnswer {
    if let Some(held) = held {
        because.push(Because::SeatKept(held.clone()));
        return SeatAnswer::Seat(Some(held.clone()), Origin::Unchanged);
    }
    if let Some(seat) = free.highest() {
        let full = product.seat_types().iter().take_while(|other| other.key != *seat);
        because.extend(full.map(|other| Because::SeatTypeFull(other.key.clone())));
        because.push(Because::HighestFreeSeat(seat.clone()));
        return SeatAnswer::Seat(Some(seat.clone()), Origin::Default);
    }
    because.push(Because::AllSeatsTaken);
    if is_member { SeatAnswer::Seat(None, Origin::Unchanged) } else { SeatAnswer::Wait(None) }
}
