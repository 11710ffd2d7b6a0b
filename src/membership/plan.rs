//! What a whole directory leads to in one organization, worked out ahead and with seats counted down: whom a run has to look at,
//! and whom it would end. Writes nothing.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Context;
use super::apply::{deferred_seat, sources_moved};
use super::bindings::{Synced, is_synced};
use super::evidence::present;
use crate::db::{DbError, Tx};
use crate::identity::GroupKey;
use crate::ids::{DirectoryUserId, PersonId};
use crate::organization::{FreeSeats, Member, Organization};
use crate::product::{Permission, Product, SeatTypeKey};
use crate::provisioning::{Because, Decision, DirectoryPerson, Evidence, Facts, Outcome, decide};
use crate::store;
use crate::store::directory_users::Outline;
use crate::store::waiting::Waiting;

/// Everybody whom the directory concerns in one organization, in the order in which a run looks at them: who leaves, who stays,
/// who waits, who is new.
#[derive(Debug)]
pub struct Survey {
    /// Counts changes of the settings it was worked out on.
    pub organization_version: i64,
    /// Counts changes of the directory it was worked out on.
    pub directory_version: i64,
    /// Them.
    pub people: Vec<Surveyed>,
}

/// One of them.
#[derive(Debug)]
pub struct Surveyed {
    /// The user; `None` for somebody whom the directory no longer holds.
    pub user: Option<DirectoryUserId>,
    /// Who it is here.
    pub person: Option<PersonId>,
    /// The membership, if it stands.
    pub member: Option<Member>,
    /// A place in the queue.
    pub waiting: Option<Waiting>,
    /// What would become of them.
    pub outcome: Outcome,
    /// The seat type that a group asks for although it is full (rule B22).
    pub deferred: Option<SeatTypeKey>,
    /// Whether that is something new, so that a run has to write.
    pub moves: bool,
}

impl Surveyed {
    /// Whether the membership would end.
    pub fn ends(&self) -> bool {
        matches!(self.outcome, Outcome::Remove(_))
    }

    /// Whether that is the membership of somebody who may configure.
    pub fn configures(&self, product: &Product) -> bool {
        self.member.as_ref().is_some_and(|member| product.allows(&member.role, Permission::Identity))
    }
}

/// Looks at the whole directory for an organization in a scim mode.
///
/// Members of whom the directory never knew are not among them: a run does not touch them (they cannot sign in, rule B20).
pub(super) fn survey(tx: &mut dyn Tx, context: &Context<'_>, synced: &Synced) -> Result<Survey, DbError> {
    let organization = &synced.organization;
    let product = context.product(organization)?;
    let standing = store::organizations::sync_standing(tx, organization.id)?;
    let free = FreeSeats::of(product, &store::seats::counts(tx, organization.id)?);
    let mut work = Work { context, synced, product, free, people: Vec::new() };
    let (known, groups) = (known(tx, synced)?, Groups::read(tx, synced)?);
    work.survey(known, &groups);
    Ok(Survey {
        organization_version: standing.version,
        directory_version: super::brake::directory_version(tx, organization.parent)?,
        people: work.people,
    })
}

/// What a run would do now in an organization in a scim mode; in any other mode the directory concerns nobody.
pub fn foreseen(tx: &mut dyn Tx, context: &Context<'_>, organization: &Organization) -> Result<Survey, DbError> {
    if !is_synced(organization) {
        let (organization_version, directory_version) = (0, 0);
        return Ok(Survey { organization_version, directory_version, people: Vec::new() });
    }
    let synced = Synced::read(tx, organization.clone())?;
    survey(tx, context, &synced)
}

/// Somebody before anything is decided.
struct Known {
    outline: Option<Outline>,
    person: Option<PersonId>,
    member: Option<Member>,
    waiting: Option<Waiting>,
    /// The seat type that was asked for and full.
    deferred: Option<SeatTypeKey>,
}

/// Everybody who is in the directory, waits or is held.
fn known(tx: &mut dyn Tx, synced: &Synced) -> Result<Vec<Known>, DbError> {
    let organization = &synced.organization;
    let members = store::members::standing(tx, organization.id)?;
    let mut members: HashMap<PersonId, Member> = members.into_iter().map(|member| (member.person, member)).collect();
    let waiting = store::waiting::of_organization(tx, organization.id)?;
    let order: HashMap<PersonId, usize> = waiting.iter().enumerate().map(|(at, place)| (place.person, at)).collect();
    let mut waiting: HashMap<PersonId, Waiting> = waiting.into_iter().map(|place| (place.person, place)).collect();
    let deferred = store::deferred_seats::of_organization(tx, organization.id)?;
    let mut deferred: HashMap<PersonId, SeatTypeKey> = deferred.into_iter().collect();
    let outlines = store::directory_users::outlines(tx, organization.parent)?;
    let linked: HashSet<PersonId> = outlines.iter().filter_map(|outline| outline.person).collect();
    let mut known = Vec::with_capacity(outlines.len());
    for outline in outlines {
        let holder = outline.holder.filter(|holder| !linked.contains(holder));
        let person = outline.person.or(holder);
        known.push(Known {
            outline: Some(outline),
            person,
            member: person.and_then(|person| members.remove(&person)),
            waiting: person.and_then(|person| waiting.remove(&person)),
            deferred: person.and_then(|person| deferred.remove(&person)),
        });
    }
    let mut gone: BTreeSet<PersonId> = waiting.keys().copied().collect();
    gone.extend(store::sync_holds::of_organization(tx, organization.id)?.into_iter().map(|(person, _)| person));
    for person in gone {
        let (member, waiting) = (members.remove(&person), waiting.remove(&person));
        if member.is_some() || waiting.is_some() {
            let deferred = deferred.remove(&person);
            known.push(Known { outline: None, person: Some(person), member, waiting, deferred });
        }
    }
    // Members first, then the queue in its order, then newcomers in the order in which the directory learnt of them.
    known.sort_by_key(|known| {
        let place = known.person.and_then(|person| order.get(&person)).copied();
        (known.member.is_none(), place.unwrap_or(usize::MAX))
    });
    Ok(known)
}

/// Which of the mapped groups each user is in, in the words of the mappings; users with the same ones share a set.
struct Groups {
    sets: Vec<BTreeSet<GroupKey>>,
    of_user: HashMap<DirectoryUserId, usize>,
    none: BTreeSet<GroupKey>,
}

impl Groups {
    fn read(tx: &mut dyn Tx, synced: &Synced) -> Result<Self, DbError> {
        let mut groups = Self { sets: Vec::new(), of_user: HashMap::new(), none: BTreeSet::new() };
        if !synced.organization.mode.has_group_mappings() {
            return Ok(groups);
        }
        let mut of_user: HashMap<DirectoryUserId, Vec<u32>> = HashMap::new();
        let mut values: Vec<&Vec<GroupKey>> = Vec::new();
        for (public_id, means) in synced.bound() {
            let group = store::directory_groups::by_public_id(tx, synced.organization.parent, public_id)?;
            let Some(group) = group else { continue };
            let number = u32::try_from(values.len()).unwrap_or(u32::MAX);
            values.push(means);
            for user in store::directory_memberships::members_of(tx, group.id)? {
                of_user.entry(user).or_default().push(number);
            }
        }
        let mut known: HashMap<Vec<u32>, usize> = HashMap::new();
        for (user, numbers) in of_user {
            let set = *known.entry(numbers).or_insert_with_key(|numbers| {
                let keys = numbers.iter().filter_map(|number| values.get(*number as usize));
                groups.sets.push(keys.flat_map(|keys| keys.iter().cloned()).collect());
                groups.sets.len() - 1
            });
            groups.of_user.insert(user, set);
        }
        Ok(groups)
    }

    fn of(&self, user: DirectoryUserId) -> &BTreeSet<GroupKey> {
        self.of_user.get(&user).and_then(|set| self.sets.get(*set)).unwrap_or(&self.none)
    }
}

struct Work<'a> {
    context: &'a Context<'a>,
    synced: &'a Synced,
    product: &'a Product,
    free: FreeSeats,
    people: Vec<Surveyed>,
}

impl Work<'_> {
    /// In the order in which a run carries it out: leavers, the queue, who stays, the queue again, who asks for a seat type that
    /// was full, and who is new.
    fn survey(&mut self, known: Vec<Known>, groups: &Groups) {
        let (mut staying, mut waiting, mut coming) = (Vec::new(), Vec::new(), Vec::new());
        for known in known {
            let decision = self.decide(&known, groups);
            if known.member.is_some() && matches!(decision.outcome, Outcome::Remove(_)) {
                self.take(known, decision);
            } else if known.member.is_some() {
                staying.push((known, decision));
            } else if known.waiting.is_some() {
                waiting.push(known);
            } else {
                coming.push(known);
            }
        }
        // What rests on seats is decided again each time, now that those before have given theirs back or taken one.
        let mut served = Vec::new();
        self.serve(&mut waiting, &mut served, groups);
        let mut deferred = Vec::new();
        for (known, decision) in staying {
            let decision = if rests_on_seats(&decision) { self.decide(&known, groups) } else { decision };
            if deferred_seat(&decision).is_some() {
                deferred.push(known);
            } else {
                self.take(known, decision);
            }
        }
        self.serve(&mut waiting, &mut served, groups);
        for known in deferred {
            let decision = self.decide(&known, groups);
            self.take(known, decision);
        }
        self.people.append(&mut served);
        for known in waiting.into_iter().chain(coming) {
            let decision = self.decide(&known, groups);
            self.take(known, decision);
        }
    }

    /// Takes those out of the queue for whom a seat is free.
    fn serve(&mut self, waiting: &mut Vec<Known>, served: &mut Vec<Surveyed>, groups: &Groups) {
        let mut left = Vec::new();
        for known in std::mem::take(waiting) {
            if self.free.highest().is_none() {
                left.push(known);
                continue;
            }
            let decision = self.decide(&known, groups);
            if matches!(decision.outcome, Outcome::Join(_)) {
                self.take(known, decision);
                served.extend(self.people.pop());
            } else {
                left.push(known);
            }
        }
        *waiting = left;
    }

    fn decide(&self, known: &Known, groups: &Groups) -> Decision {
        let evidence = match &known.outline {
            Some(user) => Evidence::Directory(DirectoryPerson { active: user.active, groups: groups.of(user.id) }),
            None => Evidence::LeftDirectory,
        };
        decide(&Facts {
            product: self.product,
            rules: self.synced.organization.rules(),
            evidence,
            suspended: false,
            member: present(known.member.as_ref(), self.context.now),
            free: &self.free,
        })
    }

    fn take(&mut self, known: Known, decision: Decision) {
        let Known { outline, person, member, waiting, deferred } = known;
        let asks = deferred_seat(&decision);
        let outcome = decision.outcome;
        // Nobody can be made of a user without an address, or with that of another user.
        let can_be = person.is_some() || outline.is_some_and(|user| user.has_email && user.holder.is_none());
        let held = member.as_ref().and_then(|member| member.seat.as_ref());
        let moves = match &outcome {
            Outcome::Join(standing) => can_be && self.change_seat(None, standing.seat.as_ref()),
            Outcome::Change(standing) => self.change_seat(held, standing.seat.as_ref()),
            Outcome::Remove(_) => self.change_seat(held, None),
            Outcome::Keep(standing) => {
                let moved = |member| sources_moved(member, standing, self.context.now);
                deferred != asks || member.as_ref().is_some_and(moved)
            }
            Outcome::Wait { role, seat, .. } => {
                let stands = waiting.as_ref().is_some_and(|place| place.role == *role && place.seat == *seat);
                can_be && !stands
            }
            Outcome::Refuse(_) | Outcome::StayOut => waiting.is_some(),
        };
        // Whoever is found by the address alone is linked, so that applications are told their groups.
        let moves = moves || (member.is_some() && outline.is_some_and(|user| user.person.is_none()));
        let user = outline.map(|user| user.id);
        self.people.push(Surveyed { user, person, member, waiting, outcome, deferred: asks, moves });
    }

    /// Counts a seat down and another up. Always `true`: something moves.
    fn change_seat(&mut self, before: Option<&SeatTypeKey>, after: Option<&SeatTypeKey>) -> bool {
        if before != after {
            if let Some(seat) = before {
                self.free.give_back(seat);
            }
            if let Some(seat) = after {
                self.free.take(seat);
            }
        }
        true
    }
}

/// Whether other free seats might have led to another decision.
fn rests_on_seats(decision: &Decision) -> bool {
    match &decision.outcome {
        Outcome::Join(_) | Outcome::Change(_) | Outcome::Wait { .. } => true,
        Outcome::Keep(standing) => {
            standing.seat.is_none()
                || decision.because.iter().any(|because| matches!(because, Because::SeatDeferred { .. }))
        }
        Outcome::Remove(_) | Outcome::Refuse(_) | Outcome::StayOut => false,
    }
}
