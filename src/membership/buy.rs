//! Seats bought and given back. Who waits is admitted in the same transaction (rule B24).

use super::{Context, admit_waiting};
use crate::audit::Event;
use crate::db::{DbError, Tx};
use crate::organization::Organization;
use crate::product::SeatTypeKey;
use crate::store;

/// What became of a change of bought seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bought {
    /// How many there were.
    pub before: u32,
    /// How many there are.
    pub after: u32,
    /// How many of those who waited have a seat now.
    pub admitted: u64,
}

/// Why bought seats stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum BuyError {
    /// Another product's seat type (rule B1).
    #[error("this product has no seat type {0:?}")]
    NoSuchSeat(String),
    /// More are held than would be left (rule B36).
    #[error("{used} of these seats are held, so no fewer can be bought; free some first")]
    Held {
        /// How many are held.
        used: u32,
    },
    /// Somebody else has changed the count since it was shown.
    #[error("the number has changed to {now} since it was shown; look at it again")]
    Moved {
        /// How many there are now.
        now: u32,
    },
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// Sets how many seats of a type are bought: `(seen, wanted)`, where `seen` is what whoever asks believes to be the count. It can
/// be raised, and lowered to what is held.
pub fn buy_seats(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    seat: &SeatTypeKey,
    (seen, wanted): (u32, u32),
) -> Result<Bought, BuyError> {
    if context.product(organization)?.seat_type(seat).is_none() {
        return Err(BuyError::NoSuchSeat(seat.to_string()));
    }
    let counts = store::seats::counts(tx, organization.id)?;
    let count = counts.into_iter().find(|count| count.seat_type == *seat);
    let (before, used) = count.map_or((0, 0), |count| (count.bought, count.used));
    if before == wanted {
        return Ok(Bought { before, after: wanted, admitted: 0 });
    }
    if before != seen {
        return Err(BuyError::Moved { now: before });
    }
    if !store::seats::set_bought(tx, organization.id, seat, wanted)? {
        return Err(BuyError::Held { used });
    }
    let event = Event::SeatsBought { seat: seat.clone(), before, after: wanted };
    context.record(tx, Some(organization.parent), Some(organization.id), event)?;
    if wanted < before {
        return Ok(Bought { before, after: wanted, admitted: 0 });
    }
    let waited = store::waiting::count(tx, organization.id)?;
    admit_waiting(tx, context, organization)?;
    let waits = store::waiting::count(tx, organization.id)?;
    Ok(Bought { before, after: wanted, admitted: waited.saturating_sub(waits) })
}
