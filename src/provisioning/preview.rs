use super::{Decision, Evidence, Facts, Outcome, Present, decide};
use crate::ids::PersonId;
use crate::organization::{FreeSeats, Rules};
use crate::product::Product;

/// A person as far as known before anything is saved.
#[derive(Clone, Debug)]
pub struct KnownPerson<'a> {
    /// Who.
    pub person: PersonId,
    /// The standing membership.
    pub member: Option<Present<'a>>,
    /// An admin switched the person off.
    pub suspended: bool,
    /// The latest evidence; `None` where there is none (never signed in, in a jit mode).
    pub evidence: Option<Evidence<'a>>,
}

/// What would happen to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Who.
    pub person: PersonId,
    /// What would be decided; `None`: not known before the person signs in.
    pub decision: Option<Decision>,
}

/// Works out what new settings would do, person by person and in this order, seats counted down as they are given out (rule B32).
/// Scim effects are at once, jit effects come with each person's next sign-in.
pub fn preview(product: &Product, rules: Rules<'_>, free: FreeSeats, people: &[KnownPerson<'_>]) -> Vec<Effect> {
    let mut free = free;
    let mut effects = Vec::with_capacity(people.len());
    for known in people {
        let decision = known.evidence.map(|evidence| {
            let (suspended, member) = (known.suspended, known.member);
            decide(&Facts { product, rules, evidence, suspended, member, free: &free })
        });
        let seat_after = match decision.as_ref().map(|decision| &decision.outcome) {
            Some(Outcome::Join(standing) | Outcome::Change(standing)) => standing.seat.as_ref(),
            Some(Outcome::Wait { .. } | Outcome::Remove(_) | Outcome::StayOut) => None,
            Some(Outcome::Keep(_) | Outcome::Refuse(_)) | None => known.member.and_then(|member| member.seat),
        };
        let seat_before = known.member.and_then(|member| member.seat);
        if seat_before != seat_after {
            if let Some(seat) = seat_before {
                free.give_back(seat);
            }
            if let Some(seat) = seat_after {
                free.take(seat);
            }
        }
        effects.push(Effect { person: known.person, decision });
    }
    effects
}
