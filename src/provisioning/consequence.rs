use super::{Outcome, Refusal, Standing};
use crate::product::{Permission, Product, RoleKey, SeatTypeKey};

/// What a change of settings means to one person (rule B32), the gravest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The membership ends.
    Removed(Refusal),
    /// Stays listed, and is let in no more.
    Refused(Refusal),
    /// Gets another role or seat, of which one is lower.
    Lowered(Standing),
    /// Gets another role or seat, none of them lower.
    Changed(Standing),
    /// Enters the queue, or another place in it.
    Waits(RoleKey, Option<SeatTypeKey>),
    /// Would have become a member, and will not.
    StaysOut(Refusal),
    /// Not known before the person signs in.
    Unknown,
    /// Becomes a member.
    Joins(Standing),
    /// Keeps what they have, where something else was to happen.
    Keeps(Standing),
}

impl Consequence {
    /// Every word of [`Consequence::word`], in the order of [`Consequence::rank`].
    pub const WORDS: [&'static str; 9] =
        ["removed", "refused", "lowered", "changed", "waits", "stays_out", "unknown", "joins", "keeps"];

    /// Its place among all kinds, the gravest first.
    pub fn rank(&self) -> usize {
        match self {
            Self::Removed(_) => 0,
            Self::Refused(_) => 1,
            Self::Lowered(_) => 2,
            Self::Changed(_) => 3,
            Self::Waits(..) => 4,
            Self::StaysOut(_) => 5,
            Self::Unknown => 6,
            Self::Joins(_) => 7,
            Self::Keeps(_) => 8,
        }
    }

    /// The word for addresses and texts.
    pub fn word(&self) -> &'static str {
        Self::WORDS.get(self.rank()).copied().unwrap_or_default()
    }
}

/// A person before the change.
#[derive(Clone, Copy, Debug)]
pub struct Stands<'a> {
    /// The role held, by whoever is a member.
    pub role: Option<&'a RoleKey>,
    /// The seat held.
    pub seat: Option<&'a SeatTypeKey>,
    /// The place in the queue.
    pub queued: Option<(&'a RoleKey, Option<&'a SeatTypeKey>)>,
}

/// Compares what would have become of somebody (`was`) with what will (`will`); either is `None` where that is not known before the
/// next sign-in. With `at_once` nobody waits for a sign-in: whatever moves, moves now, even if it was about to anyway.
/// `None` where nothing changes for them.
pub fn consequence(
    product: &Product,
    stands: Stands<'_>,
    was: Option<&Outcome>,
    will: Option<&Outcome>,
    at_once: bool,
) -> Option<Consequence> {
    let is_member = stands.role.is_some();
    let moves = match will {
        Some(Outcome::Join(_) | Outcome::Change(_) | Outcome::Remove(_)) => true,
        Some(Outcome::Wait { role, seat, .. }) => stands.queued != Some((role, seat.as_ref())),
        Some(Outcome::Keep(_) | Outcome::Refuse(_) | Outcome::StayOut) | None => false,
    };
    if same(was, will) && !(at_once && moves) {
        return None;
    }
    Some(match (will, is_member) {
        (None, true) => Consequence::Unknown,
        (None, false) => return None,
        (Some(Outcome::Keep(standing)), _) => Consequence::Keeps(standing.clone()),
        (Some(Outcome::Join(standing)), _) => Consequence::Joins(standing.clone()),
        (Some(Outcome::Change(standing)), _) if is_lower(product, stands, standing) => {
            Consequence::Lowered(standing.clone())
        }
        (Some(Outcome::Change(standing)), _) => Consequence::Changed(standing.clone()),
        (Some(Outcome::Wait { role, seat, .. }), _) => Consequence::Waits(role.clone(), seat.clone()),
        (Some(Outcome::Remove(refusal)), true) => Consequence::Removed(*refusal),
        (Some(Outcome::Refuse(refusal)), true) => Consequence::Refused(*refusal),
        (Some(Outcome::StayOut), true) => Consequence::Refused(Refusal::NotAMember),
        // Whoever was not about to come in, and does not, has nothing to hear of.
        (Some(will), false) => match was {
            Some(Outcome::Join(_) | Outcome::Keep(_) | Outcome::Change(_) | Outcome::Wait { .. }) => {
                Consequence::StaysOut(will.refusal().unwrap_or(Refusal::NotAMember))
            }
            Some(Outcome::Remove(_) | Outcome::Refuse(_) | Outcome::StayOut) | None => return None,
        },
    })
}

/// Whether an outcome lets somebody in with a role that may configure.
pub fn configures(product: &Product, outcome: Option<&Outcome>) -> bool {
    match outcome {
        Some(Outcome::Keep(standing) | Outcome::Join(standing) | Outcome::Change(standing)) => {
            product.allows(&standing.role, Permission::Identity)
        }
        Some(Outcome::Wait { .. } | Outcome::Refuse(_) | Outcome::Remove(_) | Outcome::StayOut) | None => false,
    }
}

/// Whether two outcomes are the same to the person; where a role comes from does not count.
fn same(a: Option<&Outcome>, b: Option<&Outcome>) -> bool {
    match (a, b) {
        (
            Some(Outcome::Keep(a) | Outcome::Join(a) | Outcome::Change(a)),
            Some(Outcome::Keep(b) | Outcome::Join(b) | Outcome::Change(b)),
        ) => a.role == b.role && a.seat == b.seat,
        (Some(Outcome::Wait { role: a, seat: x, .. }), Some(Outcome::Wait { role: b, seat: y, .. })) => {
            a == b && x == y
        }
        (a, b) => a == b,
    }
}

fn is_lower(product: &Product, stands: Stands<'_>, standing: &Standing) -> bool {
    let seat_rank = |seat: Option<&SeatTypeKey>| seat.and_then(|seat| product.seat_rank(seat)).unwrap_or(usize::MAX);
    let role_rank = |role: Option<&RoleKey>| role.and_then(|role| product.role_rank(role)).unwrap_or(usize::MAX);
    role_rank(Some(&standing.role)) > role_rank(stands.role)
        || seat_rank(standing.seat.as_ref()) > seat_rank(stands.seat)
}
