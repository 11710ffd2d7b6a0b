//! Taking a run back: as long as the run was, so it is written in slices, says how far it is, and is finished by the cycle if it was
//! cut off. Each slice looks at its people anew, so doing it twice does it once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::apply::{Why, end, held, stop_waiting_for};
use super::bindings::{Synced, is_synced};
use super::evaluation::Evaluation;
use super::sync::{CUT_OFF, Runs, SyncError, record};
use super::{Context, waiting};
use crate::audit::Event;
use crate::db::{DbError, Tx};
use crate::ids::{OrganizationId, PersonId, SyncRunId};
use crate::organization::{Image, Member, MemberStatus, Organization, SyncRun, SyncState};
use crate::product::SeatTypeKey;
use crate::store;
use crate::store::sync_changes::SyncChange;

/// How many people are looked at in one transaction, which everybody's sign-in waits for.
const SLICE: u32 = 200;

/// What undoing a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// How many stand as before.
    pub restored: u32,
    /// Who does not, and why.
    pub left: Vec<(PersonId, NotRestored)>,
}

/// What undoing a run would come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// Who would stand as before, and what the run did to them.
    pub restored: Vec<SyncChange>,
    /// Who would not, and why.
    pub left: Vec<(PersonId, NotRestored)>,
}

/// Why somebody is left as they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRestored {
    /// A push, a sign-in or somebody's hand has changed them after the run.
    #[error("changed again since")]
    ChangedSince,
    /// The seat they had went to somebody else (rule B23).
    #[error("no {0} seat is free")]
    NoFreeSeat(SeatTypeKey),
}

/// What was done about one person.
enum Step {
    Restored,
    /// Perhaps later, when others have given seats back.
    NoSeat,
    ChangedSince,
}

impl Runs {
    /// Gives back what a run changed: memberships, roles, seats and places in the queue, of everybody whom nothing else has changed
    /// since. Never oversells. The directory still says what it says: the next run that somebody asks for may do the same again;
    /// memberships that are given back are held until then, so that no cycle and no sign-in takes them away.
    pub fn undo(&self, run: SyncRunId) -> Result<Undone, SyncError> {
        let everybody = self.begin_undo(run)?;
        let mut undone = Undone::default();
        // Who came goes first, so that their seats are there for whoever left.
        let (came, others): (Vec<SyncChange>, Vec<SyncChange>) = everybody.into_iter().partition(came);
        let waits = self.pass(run, came, &mut undone)?;
        let others: Vec<SyncChange> = waits.into_iter().chain(others).collect();
        let waits = self.pass(run, others, &mut undone)?;
        self.swap(run, waits, &mut undone)?;
        self.admit(run, &undone)?;
        let counts = undone.counts();
        self.write(move |tx, context| -> Result<(), SyncError> {
            let (known, _) = carried_out(tx, run)?;
            let (restored, left) = counts;
            store::sync_runs::undo_progress(tx, run, (restored, left), context.now)?;
            store::sync_runs::set_state(tx, run, SyncState::Undone, context.now)?;
            record(tx, context, &known, Event::SyncUndone { run, restored, left })
        })?;
        Ok(undone)
    }

    /// Says that a run is being taken back. Returns what it did, read only then: from now on whoever makes that meaningless, as another
    /// parent does, sees that there is something to stop.
    fn begin_undo(&self, run: SyncRunId) -> Result<Vec<SyncChange>, SyncError> {
        self.write(move |tx, context| -> Result<(), SyncError> {
            let (known, _) = carried_out(tx, run)?;
            if known.is_undoing(context.now, CUT_OFF) {
                return Err(SyncError::Undoing(run));
            }
            Ok(store::sync_runs::begin_undo(tx, run, 0, context.now)?)
        })?;
        let everybody = self.changes(run)?;
        let ahead = everybody.len() as u64;
        self.write(move |tx, context| -> Result<(), SyncError> {
            carried_out(tx, run)?;
            Ok(store::sync_runs::set_ahead(tx, run, ahead, context.now)?)
        })?;
        Ok(everybody)
    }

    /// What undoing a run would come to now; changes nothing. Seats that move meanwhile may leave others as they are.
    pub fn foresee_undo(&self, run: SyncRunId) -> Result<Foreseen, SyncError> {
        let changes = self.changes(run)?;
        self.db.read(move |tx| {
            let known = store::sync_runs::by_id(tx, run)?.ok_or(SyncError::NoRun(run))?;
            let organization = store::organizations::by_id(tx, known.organization)?.ok_or(SyncError::NoOrganization)?;
            let (mut foreseen, mut together) = (Foreseen::default(), Vec::new());
            for change in changes {
                let now = present(tx, &organization, change.person)?;
                if same(&now, &change.before) {
                    foreseen.restored.push(change);
                } else if change.after.as_ref() == Some(&now) {
                    together.push(change);
                } else {
                    foreseen.left.push((change.person, NotRestored::ChangedSince));
                }
            }
            let (together, short) = fits(together, &free_seats(tx, organization.id)?);
            foreseen.left.extend(short);
            foreseen.restored.extend(together);
            Ok(foreseen)
        })
    }

    fn changes(&self, run: SyncRunId) -> Result<Vec<SyncChange>, SyncError> {
        let mut all = Vec::new();
        loop {
            let after = all.last().map_or(PersonId(0), |change: &SyncChange| change.person);
            let page = self.db.read(|tx| store::sync_changes::page(tx, run, after, SLICE))?;
            if page.is_empty() {
                // What a halted run only listed was not done, so there is nothing to take back.
                all.retain(|change| change.after.is_some());
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// Tries everybody once. Returns who waits for a seat.
    fn pass(
        &self,
        run: SyncRunId,
        changes: Vec<SyncChange>,
        undone: &mut Undone,
    ) -> Result<Vec<SyncChange>, SyncError> {
        let mut waits = Vec::new();
        for slice in changes.chunks(SLICE as usize) {
            let slice = slice.to_vec();
            let by_now = undone.counts();
            let tried = self.write(move |tx, context| -> Result<Vec<(SyncChange, Step)>, SyncError> {
                let (run, organization) = carried_out(tx, run)?;
                let mut tried = Vec::with_capacity(slice.len());
                let (mut restored, mut left) = by_now;
                for change in &slice {
                    let step = one(tx, context, &run, &organization, change)?;
                    match step {
                        Step::Restored => restored += 1,
                        Step::ChangedSince => left += 1,
                        Step::NoSeat => {}
                    }
                    tried.push((change.clone(), step));
                }
                store::sync_runs::undo_progress(tx, run.id, (restored, left), context.now)?;
                Ok(tried)
            })?;
            for (change, step) in tried {
                match step {
                    Step::Restored => undone.restored += 1,
                    Step::NoSeat => waits.push(change),
                    Step::ChangedSince => undone.left.push((change.person, NotRestored::ChangedSince)),
                }
            }
        }
        Ok(waits)
    }

    /// Whoever is left to do waits for a seat that somebody else has to give back first: they take turns as seats become free, and those
    /// who wait for each other in a circle give theirs up together.
    fn swap(&self, run: SyncRunId, waits: Vec<SyncChange>, undone: &mut Undone) -> Result<(), SyncError> {
        let free = self.db.read(|tx| -> Result<Free, SyncError> {
            let (_, organization) = carried_out(tx, run)?;
            Ok(free_seats(tx, organization.id)?)
        })?;
        let (together, short) = fits(waits, &free);
        undone.left.extend(short);
        for slice in rounds(together, free) {
            let by_now = undone.counts();
            let swapped = self.write(move |tx, context| -> Result<Undone, SyncError> {
                let (run, organization) = carried_out(tx, run)?;
                let swapped = swap_at_once(tx, context, &run, &organization, &slice)?;
                let (restored, left) = swapped.counts();
                let by_now = (by_now.0 + restored, by_now.1 + left);
                store::sync_runs::undo_progress(tx, run.id, by_now, context.now)?;
                Ok(swapped)
            })?;
            undone.restored += swapped.restored;
            undone.left.extend(swapped.left);
        }
        Ok(())
    }

    /// Gives seats that became free to whoever waits (rule B24), in slices.
    fn admit(&self, run: SyncRunId, undone: &Undone) -> Result<(), SyncError> {
        let (mut after, counts) = (Some(0), undone.counts());
        while let Some(place) = after {
            after = self.write(move |tx, context| -> Result<Option<i64>, SyncError> {
                let (_, now) = carried_out(tx, run)?;
                // It lives, however long the queue is.
                store::sync_runs::undo_progress(tx, run, counts, context.now)?;
                if !is_synced(&now) {
                    return Ok(waiting::admit_from(tx, context, &now, place, SLICE)?);
                }
                let synced = Synced::read(tx, now)?;
                let more = Evaluation::new(tx, context, &synced, Why::SeatFreed).serve_at_most(SLICE as usize)?;
                Ok(more.then_some(place))
            })?;
        }
        Ok(())
    }
}

impl Undone {
    /// How many stand as before, and how many are left as they are.
    fn counts(&self) -> (u32, u32) {
        (self.restored, u32::try_from(self.left.len()).unwrap_or(u32::MAX))
    }
}

/// A run that was carried out, and that nobody has taken back so far; with its organization as it is now.
fn carried_out(tx: &mut dyn Tx, run: SyncRunId) -> Result<(SyncRun, Organization), SyncError> {
    let known = store::sync_runs::by_id(tx, run)?.ok_or(SyncError::NoRun(run))?;
    if !known.is_carried_out() {
        return Err(SyncError::NotDone(run, known.state.as_str()));
    }
    let organization = store::organizations::by_id(tx, known.organization)?.ok_or(SyncError::NoOrganization)?;
    Ok((known, organization))
}

/// Whether a run made them a member.
fn came(change: &SyncChange) -> bool {
    let stands = |image: &Image| image.member.as_ref().is_some_and(Member::is_active);
    !stands(&change.before) && change.after.as_ref().is_some_and(stands)
}

/// The same membership and place, however often the row was written.
fn same(a: &Image, b: &Image) -> bool {
    let plain = |image: &Image| {
        let member = image.member.clone().map(|member| match member.status {
            MemberStatus::Active => Some(Member { version: 0, ..member }),
            // History is history, whatever it says.
            MemberStatus::Ended { .. } => None,
        });
        (member.flatten(), image.queued.clone())
    };
    plain(a) == plain(b)
}

fn present(tx: &mut dyn Tx, organization: &Organization, person: PersonId) -> Result<Image, DbError> {
    let member = store::members::find(tx, organization.id, person)?;
    Ok(Image { member, queued: store::waiting::place(tx, organization.id, person)? })
}

fn one(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    run: &SyncRun,
    organization: &Organization,
    change: &SyncChange,
) -> Result<Step, DbError> {
    let (person, before) = (change.person, &change.before);
    let now = present(tx, organization, person)?;
    if same(&now, before) {
        return Ok(Step::Restored);
    }
    if change.after.as_ref().is_none_or(|after| *after != now) {
        return Ok(Step::ChangedSince);
    }
    match before.member.as_ref().filter(|member| member.is_active()) {
        Some(member) => {
            if !store::members::put(tx, member)? {
                return Ok(member.seat.clone().map_or(Step::ChangedSince, |_| Step::NoSeat));
            }
            let stood = now.member.as_ref().filter(|member| member.is_active());
            let event = match stood {
                Some(stood) => Event::MemberChanged {
                    person,
                    before: held(stood),
                    after: held(member),
                    why: UNDONE,
                    deferred_seat: None,
                },
                None => Event::MemberJoined { person, now: held(member), why: UNDONE },
            };
            context.record(tx, Some(organization.parent), Some(organization.id), event)?;
            if stood.is_none() {
                store::sync_holds::hold(tx, organization.id, person, run.id)?;
            }
        }
        None => {
            end(tx, context, organization, now.member.as_ref(), UNDONE)?;
        }
    }
    put_in_line(tx, context, organization, change, &now)?;
    Ok(Step::Restored)
}

/// Gives back the place in the queue that somebody had, or none.
fn put_in_line(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    change: &SyncChange,
    now: &Image,
) -> Result<(), DbError> {
    let person = change.person;
    let Some(place) = &change.before.queued else {
        // Whoever is a member again is told by that.
        if change.before.member.as_ref().is_some_and(Member::is_active) {
            return store::waiting::remove(tx, organization.id, person).map(drop);
        }
        return stop_waiting_for(tx, context, organization, person, UNDONE).map(drop);
    };
    store::waiting::remove(tx, organization.id, person)?;
    store::waiting::put_back(tx, organization.id, person, place)?;
    if now.queued.as_ref() == Some(place) {
        return Ok(());
    }
    let event = Event::MemberWaits { person, role: place.role.clone(), seat: place.seat.clone() };
    context.record(tx, Some(organization.parent), Some(organization.id), event)
}

/// Why somebody stands as they do, in the audit log.
const UNDONE: &str = "undone";

/// These people give their seats up and take back the ones they had, in one transaction.
fn swap_at_once(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    run: &SyncRun,
    organization: &Organization,
    slice: &[SyncChange],
) -> Result<Undone, SyncError> {
    let (mut undone, mut together) = (Undone::default(), Vec::new());
    for change in slice {
        if change.after.as_ref() == Some(&present(tx, organization, change.person)?) {
            together.push(change.clone());
        } else {
            undone.left.push((change.person, NotRestored::ChangedSince));
        }
    }
    let (together, short) = fits(together, &free_seats(tx, organization.id)?);
    undone.left.extend(short);
    for change in &together {
        if let Some(after) = change.after.as_ref().and_then(|after| after.member.as_ref()).filter(|m| m.is_active()) {
            store::members::put(tx, &Member { seat: None, ..after.clone() })?;
        }
    }
    for change in together {
        // Its image is compared with what stands now, which gave its seat up just before.
        let now = present(tx, organization, change.person)?;
        let change = SyncChange { after: Some(now), ..change };
        match one(tx, context, run, organization, &change)? {
            Step::Restored => undone.restored += 1,
            Step::NoSeat | Step::ChangedSince => return Err(DbError::Retry.into()),
        }
    }
    Ok(undone)
}

/// Seats that nobody holds, by type.
type Free = BTreeMap<SeatTypeKey, usize>;

fn free_seats(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Free, DbError> {
    let counts = store::seats::counts(tx, organization)?;
    Ok(counts.into_iter().map(|count| (count.seat_type.clone(), count.free() as usize)).collect())
}

fn seat_of(image: &Image) -> Option<&SeatTypeKey> {
    image.member.as_ref().filter(|member| member.is_active()).and_then(|member| member.seat.as_ref())
}

fn given(change: &SyncChange) -> Option<&SeatTypeKey> {
    change.after.as_ref().and_then(seat_of)
}

fn wanted(change: &SyncChange) -> Option<&SeatTypeKey> {
    seat_of(&change.before)
}

/// For whom of these a seat is there, if all of them give theirs up and take back the one they had; and for whom none is left. Both in
/// the order that was given.
fn fits(together: Vec<SyncChange>, free: &Free) -> (Vec<SyncChange>, Vec<(PersonId, NotRestored)>) {
    // What is left once everybody has theirs: less than nothing means that somebody stays as they are, and gives nothing up.
    let mut left: BTreeMap<SeatTypeKey, i64> =
        free.iter().map(|(seat, free)| (seat.clone(), i64::try_from(*free).unwrap_or(i64::MAX))).collect();
    let mut takers: BTreeMap<SeatTypeKey, BTreeMap<Option<SeatTypeKey>, Vec<usize>>> = BTreeMap::new();
    for (at, change) in together.iter().enumerate().filter(|(_, change)| given(change) != wanted(change)) {
        if let Some(seat) = given(change) {
            *left.entry(seat.clone()).or_default() += 1;
        }
        if let Some(seat) = wanted(change) {
            *left.entry(seat.clone()).or_default() -= 1;
            takers.entry(seat.clone()).or_default().entry(given(change).cloned()).or_default().push(at);
        }
    }
    let mut without = BTreeSet::new();
    while let Some(seat) = left.iter().find(|(_, left)| **left < 0).map(|(seat, _)| seat.clone()) {
        let Some(ways) = takers.get_mut(&seat) else { break };
        // Nobody else loses by whoever gives nothing, or gives what is left over; of the others, the last.
        let harm = |(gives, who): &(&Option<SeatTypeKey>, &Vec<usize>)| {
            let harm = match gives {
                None => 0,
                Some(gives) if left.get(gives).is_some_and(|left| *left > 0) => 1,
                Some(_) => 2,
            };
            (harm, Reverse(who.last().copied()))
        };
        let way = ways.iter().filter(|(_, who)| !who.is_empty()).min_by_key(harm).map(|(gives, _)| gives.clone());
        let Some(gives) = way else { break };
        without.extend(ways.get_mut(&gives).and_then(Vec::pop));
        *left.entry(seat).or_default() += 1;
        if let Some(gives) = gives {
            *left.entry(gives).or_default() -= 1;
        }
    }
    let (mut fit, mut short) = (Vec::with_capacity(together.len()), Vec::new());
    for (at, change) in together.into_iter().enumerate() {
        match wanted(&change).filter(|_| without.contains(&at)) {
            Some(seat) => short.push((change.person, NotRestored::NoFreeSeat(seat.clone()))),
            None => fit.push(change),
        }
    }
    (fit, short)
}

/// Cuts people for whom together there are seats into slices for each of which there are, one after the other: whoever finds a free
/// seat, or else people whose seats go round among as few as there are seat types.
fn rounds(together: Vec<SyncChange>, mut free: Free) -> Vec<Vec<SyncChange>> {
    let mut edges: BTreeMap<(Option<SeatTypeKey>, Option<SeatTypeKey>), VecDeque<SyncChange>> = BTreeMap::new();
    for change in together {
        edges.entry((given(&change).cloned(), wanted(&change).cloned())).or_default().push_back(change);
    }
    let (mut slices, mut slice) = (Vec::new(), Vec::new());
    while let Some(way) = next_round(&edges, &free) {
        for edge in &way {
            slice.extend(edges.get_mut(edge).and_then(VecDeque::pop_front));
            if let Some(gives) = &edge.0 {
                *free.entry(gives.clone()).or_default() += 1;
            }
        }
        // Only now: in a circle what one takes is what another gives.
        for wants in way.iter().filter_map(|(_, wants)| wants.as_ref()) {
            if let Some(left) = free.get_mut(wants) {
                *left = left.saturating_sub(1);
            }
        }
        edges.retain(|_, people| !people.is_empty());
        if slice.len() >= SLICE as usize {
            slices.push(std::mem::take(&mut slice));
        }
    }
    slices.extend((!slice.is_empty()).then_some(slice));
    slices
}

/// Somebody who gives a seat and takes one, as both.
type Edge = (Option<SeatTypeKey>, Option<SeatTypeKey>);

/// Whose turn it is: one who finds a free seat, or a circle.
fn next_round(edges: &BTreeMap<Edge, VecDeque<SyncChange>>, free: &Free) -> Option<Vec<Edge>> {
    let finds = |(_, wants): &&Edge| wants.as_ref().is_none_or(|wants| free.get(wants).is_some_and(|left| *left > 0));
    if let Some(edge) = edges.keys().find(finds) {
        return Some(vec![edge.clone()]);
    }
    // Nothing that anybody wants is free, so somebody here holds it: from one to the next the way comes back to where it was.
    let mut way: Vec<Edge> = vec![edges.keys().next()?.clone()];
    loop {
        let wants = way.last()?.1.clone();
        if let Some(begin) = way.iter().position(|(gives, _)| *gives == wants) {
            return Some(way.split_off(begin));
        }
        way.push(edges.keys().find(|(gives, _)| *gives == wants)?.clone());
    }
}

#[cfg(test)]
mod tests;
