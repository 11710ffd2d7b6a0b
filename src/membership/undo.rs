use super::apply::{end, held};
use super::sync::{Runs, SyncError, record};
use super::{Context, waiting};
use crate::audit::Event;
use crate::db::{DbError, Tx};
use crate::ids::{PersonId, SyncRunId};
use crate::organization::{Image, Member, MemberStatus, Organization, SyncRun, SyncState};
use crate::product::SeatTypeKey;
use crate::store;
use crate::store::sync_changes::SyncChange;

/// How many people are looked at in one transaction.
const SLICE: u32 = 500;

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
        let (known, organization) = self.db.read(|tx| -> Result<_, SyncError> {
            let known = store::sync_runs::by_id(tx, run)?.ok_or(SyncError::NoRun(run))?;
            if !matches!(known.state, SyncState::Done | SyncState::Approved) {
                return Err(SyncError::NotDone(run, known.state.as_str()));
            }
            let organization = store::organizations::by_id(tx, known.organization)?.ok_or(SyncError::NoOrganization)?;
            Ok((known, organization))
        })?;
        let mut undone = Undone::default();
        // Who came goes first, so that their seats are there for whoever left.
        let everybody = self.changes(run)?;
        let (came, others): (Vec<SyncChange>, Vec<SyncChange>) = everybody.into_iter().partition(came);
        let waits = self.pass(&known, &organization, came, &mut undone)?;
        let mut waits: Vec<SyncChange> = waits.into_iter().chain(others).collect();
        // Whoever waits for a seat that somebody else has to give back first has another turn, as long as that helps.
        loop {
            let before = waits.len();
            let left = self.pass(&known, &organization, waits, &mut undone)?;
            let stuck = left.len() == before;
            waits = left;
            if waits.is_empty() || stuck {
                break;
            }
        }
        let left = undone.left.clone();
        let last =
            self.write(move |tx, context| finish(tx, context, &known, &organization, &waits, &left, undone.restored))?;
        Ok(last)
    }

    /// What undoing a run would come to now; changes nothing. Seats that move meanwhile may leave others as they are.
    pub fn foresee_undo(&self, run: SyncRunId) -> Result<Foreseen, SyncError> {
        let changes = self.changes(run)?;
        self.db.read(|tx| {
            let known = store::sync_runs::by_id(tx, run)?.ok_or(SyncError::NoRun(run))?;
            let organization = store::organizations::by_id(tx, known.organization)?.ok_or(SyncError::NoOrganization)?;
            let (mut foreseen, mut together) = (Foreseen::default(), Vec::new());
            for change in &changes {
                let now = present(tx, &organization, change.person)?;
                if same(&now, &change.before) {
                    foreseen.restored.push(change.clone());
                } else if change.after.as_ref() == Some(&now) {
                    together.push(change);
                } else {
                    foreseen.left.push((change.person, NotRestored::ChangedSince));
                }
            }
            while let Some((at, seat)) = short_of(tx, &organization, &together)? {
                foreseen.left.push((together.remove(at).person, NotRestored::NoFreeSeat(seat)));
            }
            foreseen.restored.extend(together.into_iter().cloned());
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
        run: &SyncRun,
        organization: &Organization,
        changes: Vec<SyncChange>,
        undone: &mut Undone,
    ) -> Result<Vec<SyncChange>, SyncError> {
        let mut waits = Vec::new();
        for slice in changes.chunks(SLICE as usize) {
            let (run, organization, slice) = (run.clone(), organization.clone(), slice.to_vec());
            let tried = self.write(move |tx, context| -> Result<Vec<(SyncChange, Step)>, DbError> {
                slice
                    .iter()
                    .map(|change| Ok((change.clone(), one(tx, context, &run, &organization, change)?)))
                    .collect()
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
    store::waiting::remove(tx, organization.id, person)?;
    if let Some(place) = &before.queued {
        store::waiting::put_back(tx, organization.id, person, place)?;
    }
    Ok(Step::Restored)
}

/// Why somebody stands as they do, in the audit log.
const UNDONE: &str = "undone";

/// The last turn, in one transaction: people whose seats went round in a circle give theirs up together, as far as it comes out even.
fn finish(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    run: &SyncRun,
    organization: &Organization,
    circle: &[SyncChange],
    left: &[(PersonId, NotRestored)],
    restored: u32,
) -> Result<Undone, SyncError> {
    let mut undone = Undone { restored, left: left.to_vec() };
    let mut together: Vec<&SyncChange> = Vec::new();
    for change in circle {
        let now = present(tx, organization, change.person)?;
        match change.before.member.as_ref().and_then(|member| member.seat.clone()) {
            Some(_) if change.after.as_ref() == Some(&now) => together.push(change),
            Some(_) | None => undone.left.push((change.person, NotRestored::ChangedSince)),
        }
    }
    while let Some((at, seat)) = short_of(tx, organization, &together)? {
        undone.left.push((together.remove(at).person, NotRestored::NoFreeSeat(seat)));
    }
    for change in &together {
        if let Some(after) = change.after.as_ref().and_then(|after| after.member.as_ref()).filter(|m| m.is_active()) {
            store::members::put(tx, &Member { seat: None, ..after.clone() })?;
        }
    }
    for change in together {
        // Its image is compared with what stands now, which gave its seat up just before.
        let now = present(tx, organization, change.person)?;
        let change = SyncChange { after: Some(now), ..change.clone() };
        match one(tx, context, run, organization, &change)? {
            Step::Restored => undone.restored += 1,
            Step::NoSeat | Step::ChangedSince => return Err(DbError::Retry.into()),
        }
    }
    store::sync_runs::set_state(tx, run.id, SyncState::Undone, context.now)?;
    let left = u32::try_from(undone.left.len()).unwrap_or(u32::MAX);
    record(tx, context, run, Event::SyncUndone { run: run.id, restored: undone.restored, left })?;
    waiting::admit_waiting(tx, context, organization)?;
    Ok(undone)
}

/// Somebody for whom no seat would be left, if all of these gave theirs up and took back the one they had; and its type.
fn short_of(
    tx: &mut dyn Tx,
    organization: &Organization,
    together: &[&SyncChange],
) -> Result<Option<(usize, SeatTypeKey)>, DbError> {
    let seat_of =
        |image: &Image| image.member.as_ref().filter(|member| member.is_active()).and_then(|m| m.seat.clone());
    for count in store::seats::counts(tx, organization.id)? {
        let seat = &count.seat_type;
        let given = together.iter().filter(|change| change.after.as_ref().and_then(seat_of).as_ref() == Some(seat));
        let free = count.free() as usize + given.count();
        let mut wanted =
            together.iter().enumerate().filter(|(_, change)| seat_of(&change.before).as_ref() == Some(seat));
        if let Some((at, _)) = wanted.nth(free) {
            return Ok(Some((at, seat.clone())));
        }
    }
    Ok(None)
}
