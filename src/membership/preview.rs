//! What other access settings would do to everybody, worked out ahead by the very decisions that sign-ins and runs go through
//! (rule B32). Writes nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::Context;
use super::apply::deferred_seat;
use super::bindings::{Synced, is_synced};
use super::evidence::{LastKnown, last_known_of_all, present};
use super::footing::Footing;
use super::plan::survey;
use crate::audit::Held;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::identity::{AssertedGroups, EmailAddress};
use crate::ids::{DirectoryUserId, PersonId};
use crate::organization::{AccessSettings, FreeSeats, Member, Organization};
use crate::product::{Permission, Product, SeatTypeKey};
use crate::provisioning::{
    Consequence, Evidence, KnownPerson, Outcome, Refusal, Stands, configures, consequence, halts, preview,
};
use crate::store;
use crate::store::people::Person;
use crate::store::waiting::Waiting;

/// How far a preview is that is being worked out, for whoever looks meanwhile.
#[derive(Debug, Default)]
pub struct Progress {
    step: AtomicUsize,
    people: AtomicU64,
}

impl Progress {
    /// Reading who is known; as it is; as it would be; comparing.
    pub const STEPS: usize = 4;

    fn reach(&self, step: usize) {
        self.step.store(step, Ordering::Relaxed);
    }

    /// The step that is under way; 0 before the first.
    pub fn step(&self) -> usize {
        self.step.load(Ordering::Relaxed)
    }

    /// How many people the parent organization knows, or its directory where that has a part in it; 0 as long as that is not known.
    pub fn people(&self) -> u64 {
        self.people.load(Ordering::Relaxed)
    }
}

/// What other access settings would do.
#[derive(Debug)]
pub struct SettingsForeseen {
    /// Scim effects come at once, jit effects with each person's next sign-in.
    pub at_once: bool,
    /// Everybody for whom something changes, the gravest first, then by address.
    pub people: Vec<PersonForeseen>,
    /// The seats of each type, in the order of the product.
    pub seats: Vec<SeatsForeseen>,
    /// So many memberships end at once, or one that may configure, that the run will wait for approval (rule B34).
    pub halts: bool,
    /// From whom it takes a role with *identity*.
    pub takes_identity: Vec<PersonId>,
    /// Somebody can sign in with *identity* now, and nobody is known to be able to afterwards (rule B33).
    pub locks_out: bool,
    /// Whoever makes the change is not known to keep *identity* (rule B33).
    pub editor_loses: bool,
    /// What all this rests on.
    pub footing: Footing,
}

/// What changes for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonForeseen {
    /// The address.
    pub email: String,
    /// What their page is called; `None` for a user of the directory who is nobody here yet.
    pub public_id: Option<String>,
    /// What they have now.
    pub before: Option<Held>,
    /// What changes.
    pub what: Consequence,
    /// It takes a role with *identity*.
    pub loses_identity: bool,
    /// What it rests on.
    pub rests_on: RestsOn,
}

/// What was said about somebody's groups. Which ones is not kept: a preview may be about 100,000 people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Some, or that there are none.
    Groups,
    /// Nothing.
    Nothing,
    /// That there are too many.
    TooMany,
}

/// What is known of somebody, and how old it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestsOn {
    /// The latest sign-in: what it told, and when.
    SignIn(Told, Timestamp),
    /// They never signed in.
    Nothing,
    /// The directory as it is now.
    Directory,
    /// The directory as it is now: they are not in it.
    NotInDirectory,
}

impl From<&LastKnown> for RestsOn {
    fn from(known: &LastKnown) -> Self {
        let told = match known.groups {
            AssertedGroups::Listed(_) => Told::Groups,
            AssertedGroups::NotSent => Told::Nothing,
            AssertedGroups::TooMany => Told::TooMany,
        };
        Self::SignIn(told, known.seen_at)
    }
}

/// The seats of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatsForeseen {
    /// The type.
    pub seat: SeatTypeKey,
    /// How many would be held, waited for, or asked for by a group though they are full.
    pub needed: u32,
    /// Bought.
    pub bought: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Who {
    Person(PersonId),
    /// A user of the directory who is nobody here yet.
    User(DirectoryUserId),
}

/// Somebody, and what would become of them.
struct Looked {
    member: Option<Member>,
    waiting: Option<Waiting>,
    outcome: Option<Outcome>,
    /// The seat type that a group asks for although it is full (rule B22).
    deferred: Option<SeatTypeKey>,
    rests_on: RestsOn,
}

/// Works out what these settings would do in place of those that an organization has. `editor` is who would save them, where that
/// is a person. Takes as long as there are people: not for a thread that serves.
pub fn foresee(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    settings: &AccessSettings,
    editor: Option<PersonId>,
    progress: &Progress,
) -> Result<SettingsForeseen, DbError> {
    let product = context.product(organization)?;
    let after = settings.in_place_of(organization);
    progress.reach(1);
    let mut footing = Footing::read(tx, organization, is_synced(organization) || is_synced(&after))?;
    let people = store::people::of_parent(tx, organization.parent)?;
    let people: HashMap<PersonId, Person> = people.into_iter().map(|person| (person.id, person)).collect();
    let users = match is_synced(organization) || is_synced(&after) {
        true => store::directory::of_parent(tx, organization.parent)?.map_or(0, |directory| directory.users),
        false => 0,
    };
    progress.people.store(users.max(people.len() as u64), Ordering::Relaxed);
    progress.reach(2);
    let was = look(tx, context, organization, &people, &mut footing)?;
    progress.reach(3);
    let will = look(tx, context, &after, &people, &mut footing)?;
    progress.reach(4);
    let at_once = is_synced(&after);
    let mut foreseen = SettingsForeseen {
        at_once,
        people: Vec::new(),
        seats: seats(tx, product, organization, &will)?,
        halts: false,
        takes_identity: Vec::new(),
        locks_out: false,
        editor_loses: false,
        footing,
    };
    let addresses = addresses(tx, organization, &will)?;
    let (mut could, mut can, mut ending, mut ends_a_configurer) = (0, 0, 0, false);
    for (who, looked) in &will {
        let was_outcome = was.get(who).and_then(|before| before.outcome.as_ref());
        let known = match who {
            Who::Person(id) => people.get(id),
            Who::User(_) => None,
        };
        let suspended = known.is_some_and(|person| person.suspended);
        let had = looked.member.as_ref().is_some_and(|member| product.allows(&member.role, Permission::Identity));
        let has = !suspended && configures(product, looked.outcome.as_ref());
        could += u32::from(!suspended && (had || configures(product, was_outcome)));
        can += u32::from(has);
        let loses = match who {
            Who::Person(id) if had && !has => Some(*id),
            Who::Person(_) | Who::User(_) => None,
        };
        foreseen.editor_loses |= loses.is_some() && editor == loses;
        let Some(what) = consequence(product, stands(looked), was_outcome, looked.outcome.as_ref(), at_once) else {
            continue;
        };
        if let Consequence::Removed(_) = what
            && at_once
        {
            ending += 1;
            ends_a_configurer |= had;
        }
        foreseen.takes_identity.extend(loses);
        let email = match (known, who) {
            (Some(person), _) => Some(&person.email),
            (None, Who::User(user)) => addresses.get(user),
            (None, Who::Person(_)) => None,
        };
        // Nobody can be made of a user without an address.
        let Some(email) = email else { continue };
        foreseen.people.push(PersonForeseen {
            email: email.to_string(),
            public_id: known.map(|person| person.public_id.clone()),
            before: looked.member.as_ref().map(|member| Held { role: member.role.clone(), seat: member.seat.clone() }),
            what,
            loses_identity: loses.is_some(),
            rests_on: looked.rests_on,
        });
    }
    for member in was.values().chain(will.values()).filter_map(|looked| looked.member.as_ref()) {
        foreseen.footing.holds_until_pins_end(member, context.now);
    }
    let standing = store::organizations::sync_standing(tx, organization.id)?.members;
    foreseen.halts = halts(standing, ending, ends_a_configurer);
    foreseen.locks_out = could > 0 && can == 0;
    foreseen.people.sort_by(|a, b| (a.what.rank(), &a.email).cmp(&(b.what.rank(), &b.email)));
    foreseen.takes_identity.sort_unstable();
    Ok(foreseen)
}

/// The addresses of users who are nobody here yet; read at once, for the first run of a directory may be about all of them.
fn addresses(
    tx: &mut dyn Tx,
    organization: &Organization,
    will: &BTreeMap<Who, Looked>,
) -> Result<HashMap<DirectoryUserId, EmailAddress>, DbError> {
    if !will.keys().any(|who| matches!(who, Who::User(_))) {
        return Ok(HashMap::new());
    }
    Ok(store::directory_users::addresses_of_unlinked(tx, organization.parent)?.into_iter().collect())
}

fn stands(looked: &Looked) -> Stands<'_> {
    Stands {
        role: looked.member.as_ref().map(|member| &member.role),
        seat: looked.member.as_ref().and_then(|member| member.seat.as_ref()),
        queued: looked.waiting.as_ref().map(|place| (&place.role, place.seat.as_ref())),
    }
}

fn look(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    people: &HashMap<PersonId, Person>,
    footing: &mut Footing,
) -> Result<BTreeMap<Who, Looked>, DbError> {
    if is_synced(organization) {
        look_in_the_directory(tx, context, organization)
    } else {
        look_at_sign_ins(tx, context, organization, people, footing)
    }
}

/// Everybody in the directory; and members of whom it never knew, whom a run does not touch and who cannot sign in (rule B20).
fn look_in_the_directory(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
) -> Result<BTreeMap<Who, Looked>, DbError> {
    let mut all = BTreeMap::new();
    let synced = Synced::foreseen(tx, organization.clone())?;
    for one in survey(tx, context, &synced)?.people {
        let rests_on = if one.user.is_some() { RestsOn::Directory } else { RestsOn::NotInDirectory };
        let who = match (one.person, one.user) {
            (Some(person), _) => Who::Person(person),
            (None, Some(user)) => Who::User(user),
            (None, None) => continue,
        };
        let (member, waiting, deferred) = (one.member, one.waiting, one.deferred);
        all.insert(who, Looked { member, waiting, outcome: Some(one.outcome), deferred, rests_on });
    }
    for member in store::members::standing(tx, organization.id)? {
        all.entry(Who::Person(member.person)).or_insert_with(|| Looked {
            member: Some(member),
            waiting: None,
            outcome: Some(Outcome::Refuse(Refusal::NotProvisioned)),
            deferred: None,
            rests_on: RestsOn::NotInDirectory,
        });
    }
    Ok(all)
}

/// Members, whoever waits, and whoever ever signed in: what the next sign-in would decide, if it told of the groups of the last one.
fn look_at_sign_ins(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    people: &HashMap<PersonId, Person>,
    footing: &mut Footing,
) -> Result<BTreeMap<Who, Looked>, DbError> {
    let product = context.product(organization)?;
    let known = last_known_of_all(tx, organization.parent)?;
    footing.rests_on_sign_ins(&known);
    let members = store::members::standing(tx, organization.id)?;
    let mut members: HashMap<PersonId, Member> = members.into_iter().map(|member| (member.person, member)).collect();
    let waiting = store::waiting::of_organization(tx, organization.id)?;
    let order: HashMap<PersonId, usize> = waiting.iter().enumerate().map(|(at, place)| (place.person, at)).collect();
    let mut waiting: HashMap<PersonId, Waiting> = waiting.into_iter().map(|place| (place.person, place)).collect();
    let everybody: HashSet<PersonId> = members.keys().chain(waiting.keys()).chain(known.keys()).copied().collect();
    let mut everybody: Vec<&Person> = everybody.iter().filter_map(|id| people.get(id)).collect();
    // Whoever holds a seat is looked at first, then the queue in its order, so that newcomers get what is left.
    everybody.sort_by_key(|person| {
        let place = order.get(&person.id).copied().unwrap_or(usize::MAX);
        (!members.contains_key(&person.id), place, &person.email)
    });
    let unknown = AssertedGroups::NotSent;
    let by_groups = organization.mode.has_group_mappings();
    let facts: Vec<KnownPerson<'_>> = everybody
        .iter()
        .map(|person| {
            let groups = known.get(&person.id).map(|known| &known.groups);
            let groups = if by_groups { groups } else { Some(groups.unwrap_or(&unknown)) };
            KnownPerson {
                person: person.id,
                member: present(members.get(&person.id), context.now),
                suspended: person.suspended,
                evidence: groups.map(|groups| Evidence::SignIn { groups, directory: None }),
            }
        })
        .collect();
    let free = FreeSeats::of(product, &store::seats::counts(tx, organization.id)?);
    let effects = preview(product, organization.rules(), free, &facts);
    drop(facts);
    let mut all = BTreeMap::new();
    for effect in effects {
        let person = effect.person;
        let rests_on = known.get(&person).map_or(RestsOn::Nothing, RestsOn::from);
        let looked = Looked {
            member: members.remove(&person),
            waiting: waiting.remove(&person),
            deferred: effect.decision.as_ref().and_then(deferred_seat),
            outcome: effect.decision.map(|decision| decision.outcome),
            rests_on,
        };
        all.insert(Who::Person(person), looked);
    }
    Ok(all)
}

/// How many seats of each type would be asked for, and how many are bought.
fn seats(
    tx: &mut dyn Tx,
    product: &Product,
    organization: &Organization,
    will: &BTreeMap<Who, Looked>,
) -> Result<Vec<SeatsForeseen>, DbError> {
    let counts = store::seats::counts(tx, organization.id)?;
    let mut needed: HashMap<&SeatTypeKey, u32> = HashMap::new();
    let lowest = product.seat_types().last().map(|seat| &seat.key);
    for looked in will.values() {
        let held = looked.member.as_ref().and_then(|member| member.seat.as_ref());
        let seat = match &looked.outcome {
            _ if looked.deferred.is_some() => looked.deferred.as_ref(),
            Some(Outcome::Keep(standing) | Outcome::Join(standing) | Outcome::Change(standing)) => {
                standing.seat.as_ref()
            }
            // Whoever takes any seat is content with the lowest.
            Some(Outcome::Wait { seat, .. }) => seat.as_ref().or(lowest),
            Some(Outcome::Remove(_) | Outcome::StayOut) => None,
            Some(Outcome::Refuse(_)) | None => held,
        };
        if let Some(seat) = seat {
            *needed.entry(seat).or_default() += 1;
        }
    }
    let line = |seat: &crate::product::SeatType| SeatsForeseen {
        seat: seat.key.clone(),
        needed: needed.get(&seat.key).copied().unwrap_or_default(),
        bought: counts.iter().find(|count| count.seat_type == seat.key).map_or(0, |count| count.bought),
    };
    Ok(product.seat_types().iter().map(line).collect())
}
