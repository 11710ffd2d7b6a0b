use std::collections::{BTreeMap, BTreeSet};

use super::Work;
use super::members::held;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::identity::AssertedGroups;
use crate::membership::{LastKnown, foreseen, last_known, present};
use crate::organization::{FreeSeats, Member, Organization, ProvisioningMode};
use crate::product::{Permission, Product};
use crate::provisioning::{Evidence, KnownPerson, Outcome, Refusal, Standing, preview};
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
    outcomes: BTreeMap<String, Option<Outcome>>,
    configurers: usize,
}

/// Somebody whom the settings could concern.
struct Known {
    email: String,
    member: Option<Member>,
    /// What the decision rests on, and how old that is.
    evidence: String,
}

struct Looked {
    people: Vec<Known>,
    outcomes: Vec<Option<Outcome>>,
    /// When what is decided takes effect: scim effects at once, jit effects with each person's next sign-in (rule B32).
    when: &'static str,
}

impl Work<'_> {
    pub(super) fn before(&mut self, organization: &Organization) -> Result<Before, DbError> {
        let looked = self.look(organization)?;
        let product = self.context.product(organization)?;
        let configurers = configurers(product, &looked);
        let outcomes = looked.people.into_iter().zip(looked.outcomes);
        let outcomes = outcomes.map(|(known, outcome)| (known.email, outcome)).collect();
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
        for (known, outcome) in looked.people.iter().zip(&looked.outcomes) {
            let was = before.as_ref().and_then(|before| before.outcomes.get(&known.email));
            if was.is_some_and(|was| same(was.as_ref(), outcome.as_ref())) {
                continue;
            }
            if let Some((kind, what)) = effect(product, known, outcome.as_ref(), (was.is_some(), looked.when)) {
                people.push(PersonEffect { email: known.email.clone(), kind, what, evidence: known.evidence.clone() });
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
        if let ProvisioningMode::Scim { .. } = organization.mode {
            return self.look_in_the_directory(organization);
        }
        let product = self.context.product(organization)?;
        let mut people = Vec::new();
        for person in store::people::of_parent(self.tx, organization.parent)? {
            let member = store::members::find(self.tx, organization.id, person.id)?.filter(Member::is_active);
            let evidence = last_known(self.tx, person.id)?;
            if member.is_some() || evidence.is_some() {
                people.push((person, member, evidence));
            }
        }
        // Whoever holds a seat is looked at first, so that newcomers get what is left.
        people.sort_by_key(|(_, member, _)| member.is_none());
        let unknown = AssertedGroups::NotSent;
        let by_groups = organization.mode.has_group_mappings();
        let known: Vec<KnownPerson<'_>> = people
            .iter()
            .map(|(person, member, evidence)| {
                let groups = evidence.as_ref().map(|evidence| &evidence.groups);
                let groups = if by_groups { groups } else { Some(groups.unwrap_or(&unknown)) };
                KnownPerson {
                    person: person.id,
                    member: present(member.as_ref(), self.context.now),
                    suspended: person.suspended,
                    evidence: groups.map(|groups| Evidence::SignIn { groups, directory: None }),
                }
            })
            .collect();
        let free = FreeSeats::of(product, &store::seats::counts(self.tx, organization.id)?);
        let decisions = preview(product, organization.rules(), free, &known);
        let outcomes = decisions.into_iter().map(|effect| effect.decision.map(|decision| decision.outcome)).collect();
        let known = |(person, member, evidence): (Person, Option<Member>, Option<LastKnown>)| Known {
            email: person.email.to_string(),
            member,
            evidence: age(evidence.as_ref(), self.context.now),
        };
        Ok(Looked { people: people.into_iter().map(known).collect(), outcomes, when: "at the next sign-in" })
    }

    /// In the scim modes: everybody in the directory, and members of whom it never knew, who cannot sign in (rule B20).
    fn look_in_the_directory(&mut self, organization: &Organization) -> Result<Looked, DbError> {
        let mut looked = Looked { people: Vec::new(), outcomes: Vec::new(), when: "at once" };
        let mut seen = BTreeSet::new();
        for one in foreseen(self.tx, &self.context, organization)?.people {
            let user = match one.user {
                Some(user) => store::directory_users::facts(self.tx, user)?,
                None => None,
            };
            let person = match one.person {
                Some(person) => store::people::by_id(self.tx, person)?,
                None => None,
            };
            seen.extend(one.person);
            let evidence = if user.is_some() { "in the directory" } else { "no longer in the directory" };
            let email = person.map(|person| person.email).or(user.and_then(|user| user.email));
            // Nobody can be made of a user without an address.
            let Some(email) = email else { continue };
            looked.people.push(Known { email: email.to_string(), member: one.member, evidence: evidence.to_owned() });
            looked.outcomes.push(Some(one.outcome));
        }
        for member in store::members::standing(self.tx, organization.id)? {
            if seen.contains(&member.person) {
                continue;
            }
            let Some(person) = store::people::by_id(self.tx, member.person)? else { continue };
            let evidence = "not in the directory".to_owned();
            looked.people.push(Known { email: person.email.to_string(), member: Some(member), evidence });
            looked.outcomes.push(Some(Outcome::Refuse(Refusal::NotProvisioned)));
        }
        Ok(looked)
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

/// What an outcome means to a person; `None` if nothing. `looked_at` says that they were in view before, `when` it takes effect.
fn effect(
    product: &Product,
    known: &Known,
    outcome: Option<&Outcome>,
    (looked_at, when): (bool, &str),
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
            (EffectKind::Joins, format!("joins as {} {when}", standing_words(standing)))
        }
        (Some(Outcome::Change(standing)), has) => {
            let has = has.unwrap_or_default();
            let lower = known.member.as_ref().is_some_and(|member| is_lower(product, member, standing));
            let kind = if lower { EffectKind::Demoted } else { EffectKind::Changes };
            (kind, format!("{has} -> {} {when}", standing_words(standing)))
        }
        (Some(Outcome::Wait { role, seat, .. }), _) => {
            let wanted = seat.as_ref().map_or("any seat".to_owned(), |seat| format!("a {seat} seat"));
            (EffectKind::Waits, format!("waits for {wanted}, as {role}"))
        }
        (Some(Outcome::Remove(refusal)), Some(has)) => {
            (EffectKind::Refused, format!("{has} -> no member {when} ({refusal})"))
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
    let both = looked.people.iter().zip(&looked.outcomes);
    both.filter(|(known, outcome)| match outcome {
        Some(Outcome::Keep(standing) | Outcome::Join(standing) | Outcome::Change(standing)) => may(&standing.role),
        Some(Outcome::Wait { .. } | Outcome::Refuse(_) | Outcome::Remove(_) | Outcome::StayOut) => false,
        None => known.member.as_ref().is_some_and(|member| may(&member.role)),
    })
    .count()
}

/// How many seats of each type would be held or waited for.
fn needed(product: &Product, looked: &Looked) -> Vec<(String, u32)> {
    let mut needed: Vec<(String, u32)> = product.seat_types().iter().map(|seat| (seat.key.to_string(), 0)).collect();
    for (known, outcome) in looked.people.iter().zip(&looked.outcomes) {
        let present = known.member.as_ref().and_then(|member| member.seat.as_ref());
        let seat = match outcome {
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
