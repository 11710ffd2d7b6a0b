use std::collections::BTreeMap;

use super::Work;
use super::members::held;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::identity::AssertedGroups;
use crate::ids::PersonId;
use crate::membership::{LastKnown, last_known, present};
use crate::organization::{FreeSeats, Member, Organization, ProvisioningMode};
use crate::product::{Permission, Product};
use crate::provisioning::{Decision, Evidence, KnownPerson, Outcome, Standing, preview};
use crate::store;
use crate::store::people::Person;

/// What a changed organization means for people at their next sign-in (rule B32).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationEffects {
    /// The organization's slug.
    pub organization: String,
    /// Everybody for whom something changes.
    pub people: Vec<PersonEffect>,
    /// Per seat type: its key, how many are needed, how many are bought.
    pub seats: Vec<(String, u32, u32)>,
    /// Somebody could configure it before, nobody could afterwards (rule B33).
    pub locks_out: bool,
}

/// What changes for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonEffect {
    /// Who.
    pub email: String,
    /// What kind of change.
    pub kind: EffectKind,
    /// In words: `user, standard -> admin, premium`.
    pub what: String,
    /// How old the evidence is: `groups seen 41 days ago`, `never signed in`.
    pub evidence: String,
}

/// What kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectKind {
    /// Becomes a member.
    Joins,
    /// Gets another role or seat, not a lower one.
    Changes,
    /// Gets a lower role or seat.
    Demoted,
    /// Is no longer let in.
    Refused,
    /// Enters the queue.
    Waits,
    /// Nothing is known before the person signs in.
    Unknown,
    /// Keeps what they have, where something else was to happen before.
    Keeps,
}

impl EffectKind {
    /// The word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Joins => "joins",
            Self::Changes => "changes",
            Self::Demoted => "demoted",
            Self::Refused => "refused",
            Self::Waits => "waits",
            Self::Unknown => "unknown",
            Self::Keeps => "keeps",
        }
    }

    /// Whether it takes something away.
    pub fn takes(self) -> bool {
        matches!(self, Self::Demoted | Self::Refused)
    }
}

/// What would have become of everybody under the present settings.
pub(super) struct Before {
    outcomes: BTreeMap<PersonId, Option<Outcome>>,
    configurers: usize,
}

struct Known {
    person: Person,
    member: Option<Member>,
    evidence: Option<LastKnown>,
}

struct Looked {
    people: Vec<Known>,
    decisions: Vec<Option<Decision>>,
}

impl Work<'_> {
    pub(super) fn before(&mut self, organization: &Organization) -> Result<Before, DbError> {
        let looked = self.look(organization)?;
        let product = self.context.product(organization)?;
        let configurers = configurers(product, &looked);
        let outcomes = looked.people.iter().zip(looked.decisions);
        let outcomes = outcomes.map(|(known, decision)| (known.person.id, decision.map(|d| d.outcome))).collect();
        Ok(Before { outcomes, configurers })
    }

    /// Compares with how it was, and notes what is different for whom.
    pub(super) fn effects(&mut self, organization: &Organization, before: Option<Before>) -> Result<(), DbError> {
        let looked = self.look(organization)?;
        let product = self.context.product(organization)?;
        let counts = store::seats::counts(self.tx, organization.id)?;
        let locks_out =
            before.as_ref().is_some_and(|before| before.configurers > 0) && configurers(product, &looked) == 0;
        let mut people = Vec::new();
        for (known, decision) in looked.people.iter().zip(&looked.decisions) {
            let outcome = decision.as_ref().map(|decision| &decision.outcome);
            let was = before.as_ref().and_then(|before| before.outcomes.get(&known.person.id));
            if was.is_some_and(|was| same(was.as_ref(), outcome)) {
                continue;
            }
            if let Some((kind, what)) = effect(product, known, outcome, was.is_some()) {
                let evidence = age(known.evidence.as_ref(), self.context.now);
                people.push(PersonEffect { email: known.person.email.to_string(), kind, what, evidence });
            }
        }
        if people.is_empty() && !locks_out {
            return Ok(());
        }
        let bought = |seat: &str| counts.iter().find(|count| count.seat_type.as_str() == seat).map_or(0, |c| c.bought);
        let seats = needed(product, &looked).into_iter().map(|(seat, needed)| {
            let bought = bought(&seat);
            (seat, needed, bought)
        });
        let organization = organization.slug.to_string();
        self.plan.effects.push(OrganizationEffects { organization, people, seats: seats.collect(), locks_out });
        Ok(())
    }

    /// Everybody whom the organization's settings could concern, and what they would decide.
    fn look(&mut self, organization: &Organization) -> Result<Looked, DbError> {
        let product = self.context.product(organization)?;
        let mut people = Vec::new();
        // Without a directory there is no evidence in the scim modes, so nothing is known of anybody.
        if let ProvisioningMode::Scim { .. } = organization.mode {
            return Ok(Looked { people, decisions: Vec::new() });
        }
        for person in store::people::of_parent(self.tx, organization.parent)? {
            let member = store::members::find(self.tx, organization.id, person.id)?.filter(Member::is_active);
            let evidence = last_known(self.tx, person.id)?;
            if member.is_some() || evidence.is_some() {
                people.push(Known { person, member, evidence });
            }
        }
        // Whoever holds a seat is looked at first, so that newcomers get what is left.
        people.sort_by_key(|known| known.member.is_none());
        let unknown = AssertedGroups::NotSent;
        let by_groups = organization.mode.has_group_mappings();
        let known: Vec<KnownPerson<'_>> = people
            .iter()
            .map(|known| {
                let groups = known.evidence.as_ref().map(|evidence| &evidence.groups);
                let groups = if by_groups { groups } else { Some(groups.unwrap_or(&unknown)) };
                KnownPerson {
                    person: known.person.id,
                    member: present(known.member.as_ref(), self.context.now),
                    evidence: groups.map(|groups| Evidence::SignIn { groups, directory: None }),
                }
            })
            .collect();
        let free = FreeSeats::of(product, &store::seats::counts(self.tx, organization.id)?);
        let decisions = preview(product, organization.rules(), free, &known);
        let decisions = decisions.into_iter().map(|effect| effect.decision).collect();
        Ok(Looked { people, decisions })
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

fn standing_words(standing: &Standing) -> String {
    held(&standing.role, standing.seat.as_ref())
}

/// What an outcome means to a person; `None` if nothing. `looked_at` says that they were in view before.
fn effect(
    product: &Product,
    known: &Known,
    outcome: Option<&Outcome>,
    looked_at: bool,
) -> Option<(EffectKind, String)> {
    let has = known.member.as_ref().map(|member| held(&member.role, member.seat.as_ref()));
    Some(match (outcome, has) {
        (None, Some(has)) => (EffectKind::Unknown, format!("{has} -> unknown before the next sign-in")),
        (None, None) => return None,
        (Some(Outcome::Keep(standing)), _) if looked_at => {
            (EffectKind::Keeps, format!("keeps {}", standing_words(standing)))
        }
        (Some(Outcome::Keep(_)), _) => return None,
        (Some(Outcome::Join(standing)), _) => {
            (EffectKind::Joins, format!("joins as {} at the next sign-in", standing_words(standing)))
        }
        (Some(Outcome::Change(standing)), has) => {
            let has = has.unwrap_or_default();
            let lower = known.member.as_ref().is_some_and(|member| is_lower(product, member, standing));
            let kind = if lower { EffectKind::Demoted } else { EffectKind::Changes };
            (kind, format!("{has} -> {} at the next sign-in", standing_words(standing)))
        }
        (Some(Outcome::Wait { role, seat, .. }), _) => {
            let wanted = seat.as_ref().map_or("any seat".to_owned(), |seat| format!("a {seat} seat"));
            (EffectKind::Waits, format!("waits for {wanted}, as {role}"))
        }
        (Some(Outcome::Remove(refusal)), Some(has)) => {
            (EffectKind::Refused, format!("{has} -> no member at the next sign-in ({refusal})"))
        }
        (Some(Outcome::Refuse(refusal)), Some(has)) => {
            (EffectKind::Refused, format!("{has} -> refused at the next sign-in ({refusal}), stays listed"))
        }
        (Some(Outcome::Remove(refusal) | Outcome::Refuse(refusal)), None) if looked_at => {
            (EffectKind::Refused, format!("no longer joins at the next sign-in ({refusal})"))
        }
        (Some(Outcome::Remove(_) | Outcome::Refuse(_) | Outcome::StayOut), _) => return None,
    })
}

fn is_lower(product: &Product, member: &Member, standing: &Standing) -> bool {
    let seat_rank = |seat: &Option<_>| seat.as_ref().and_then(|seat| product.seat_rank(seat)).unwrap_or(usize::MAX);
    product.role_rank(&standing.role) > product.role_rank(&member.role)
        || seat_rank(&standing.seat) > seat_rank(&member.seat)
}

/// How many people could configure the organization at their next sign-in; who is unknown counts as able.
fn configurers(product: &Product, looked: &Looked) -> usize {
    let may = |role| product.allows(role, Permission::Identity);
    let both = looked.people.iter().zip(&looked.decisions);
    both.filter(|(known, decision)| match decision.as_ref().map(|decision| &decision.outcome) {
        Some(Outcome::Keep(standing) | Outcome::Join(standing) | Outcome::Change(standing)) => may(&standing.role),
        Some(Outcome::Wait { .. } | Outcome::Refuse(_) | Outcome::Remove(_) | Outcome::StayOut) => false,
        None => known.member.as_ref().is_some_and(|member| may(&member.role)),
    })
    .count()
}

/// How many seats of each type would be held or waited for.
fn needed(product: &Product, looked: &Looked) -> Vec<(String, u32)> {
    let mut needed: Vec<(String, u32)> = product.seat_types().iter().map(|seat| (seat.key.to_string(), 0)).collect();
    for (known, decision) in looked.people.iter().zip(&looked.decisions) {
        let present = known.member.as_ref().and_then(|member| member.seat.as_ref());
        let seat = match decision.as_ref().map(|decision| &decision.outcome) {
            Some(Outcome::Keep(standing) | Outcome::Join(standing) | Outcome::Change(standing)) => {
                standing.seat.as_ref()
            }
            // Whoever takes any seat is content with the lowest.
            Some(Outcome::Wait { seat, .. }) => seat.as_ref().or(product.seat_types().last().map(|seat| &seat.key)),
            Some(Outcome::Remove(_) | Outcome::StayOut) => None,
            Some(Outcome::Refuse(_)) | None => present,
        };
        if let Some((_, count)) = needed.iter_mut().find(|(key, _)| seat.is_some_and(|seat| seat.as_str() == key)) {
            *count += 1;
        }
    }
    needed
}

fn age(evidence: Option<&LastKnown>, now: Timestamp) -> String {
    let Some(evidence) = evidence else { return "never signed in".to_owned() };
    let days = now.since(evidence.seen_at).as_secs() / 86_400;
    let when = match days {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    };
    match evidence.groups {
        AssertedGroups::Listed(_) => format!("groups seen {when}"),
        AssertedGroups::NotSent => format!("signed in {when}, without groups"),
        AssertedGroups::TooMany => format!("signed in {when}, with too many groups to send"),
    }
}
