use crate::product::{Product, SeatTypeKey};

/// The seats of one type in one organization. `used <= bought`, always (rule B23).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatCount {
    /// Which type.
    pub seat_type: SeatTypeKey,
    /// Bought.
    pub bought: u32,
    /// Held by members.
    pub used: u32,
}

impl SeatCount {
    /// Seats nobody holds.
    pub fn free(&self) -> u32 {
        self.bought.saturating_sub(self.used)
    }
}

/// How many seats of each type nobody holds, in the order of the product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FreeSeats(Vec<(SeatTypeKey, u32)>);

impl FreeSeats {
    /// Reads the counts; a type without a count has no seats, a count of another product's type is left out (rule B1).
    pub fn of(product: &Product, counts: &[SeatCount]) -> Self {
        let free = |key: &SeatTypeKey| counts.iter().find(|count| count.seat_type == *key).map_or(0, SeatCount::free);
        Self(product.seat_types().iter().map(|seat| (seat.key.clone(), free(&seat.key))).collect())
    }

    /// Whether a seat of this type is free.
    pub fn has(&self, seat_type: &SeatTypeKey) -> bool {
        self.0.iter().any(|(key, free)| key == seat_type && *free > 0)
    }

    /// The highest type with a free seat.
    pub fn highest(&self) -> Option<&SeatTypeKey> {
        self.0.iter().find(|(_, free)| *free > 0).map(|(key, _)| key)
    }

    /// Takes one seat, where a run of decisions is worked out ahead. Returns whether there was one.
    pub fn take(&mut self, seat_type: &SeatTypeKey) -> bool {
        match self.0.iter_mut().find(|(key, free)| key == seat_type && *free > 0) {
            Some((_, free)) => {
                *free -= 1;
                true
            }
            None => false,
        }
    }

    /// Gives one seat back.
    pub fn give_back(&mut self, seat_type: &SeatTypeKey) {
        if let Some((_, free)) = self.0.iter_mut().find(|(key, _)| key == seat_type) {
            *free += 1;
        }
    }
}
