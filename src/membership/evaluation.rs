use super::Context;
use super::apply::{Why, apply};
use super::bindings::Synced;
use super::{directory, waiting};
use crate::db::{DbError, Tx};
use crate::ids::{DirectoryUserId, PersonId};
use crate::organization::{Image, Member, Queued, SyncCounts};
use crate::product::Permission;
use crate::provisioning::{Outcome, halts};
use crate::store;
use crate::store::directory_users::UserFacts;

/// Somebody to look at: a user of the directory, or a person who was one.
pub(super) struct Concerned {
    pub(super) user: Option<UserFacts>,
    pub(super) person: Option<PersonId>,
    /// Whether this occasion may end their membership.
    pub(super) may_end: bool,
}

impl Concerned {
    /// By the user, or once that is gone by who it was. `None` for a user that is gone and was nobody here.
    pub(super) fn find(
        tx: &mut dyn Tx,
        synced: &Synced,
        user: Option<DirectoryUserId>,
        was: Option<PersonId>,
        may_end: bool,
    ) -> Result<Option<Self>, DbError> {
        let user = match user {
            Some(user) => store::directory_users::facts(tx, user)?,
            None => None,
        };
        let person = match &user {
            Some(user) => directory::known_person(tx, synced.organization.parent, user)?,
            None => was,
        };
        Ok((user.is_some() || person.is_some()).then_some(Self { user, person, may_end }))
    }
}

/// What became of one person in one organization.
pub(super) struct Note {
    pub(super) person: PersonId,
    pub(super) before: Image,
    pub(super) after: Image,
}

/// One organization looks at people by the directory, in the transaction that writes what it decides.
pub(super) struct Evaluation<'a> {
    pub(super) tx: &'a mut dyn Tx,
    pub(super) context: &'a Context<'a>,
    pub(super) synced: &'a Synced,
    why: Why,
    /// What came of it; whoever was served from the queue is counted apart.
    pub(super) counts: SyncCounts,
    /// Became members from the queue.
    pub(super) admitted: u32,
    /// Would have lost the membership, but this occasion may not end it.
    pub(super) left_alone: u32,
    /// Everybody whose standing changed, where that is wanted.
    pub(super) notes: Option<Vec<Note>>,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(tx: &'a mut dyn Tx, context: &'a Context<'a>, synced: &'a Synced, why: Why) -> Self {
        let counts = SyncCounts::default();
        Self { tx, context, synced, why, counts, admitted: 0, left_alone: 0, notes: None }
    }

    /// The membership, standing or ended.
    pub(super) fn member(&mut self, concerned: &Concerned) -> Result<Option<Member>, DbError> {
        let Some(person) = concerned.person else { return Ok(None) };
        store::members::find(self.tx, self.synced.organization.id, person)
    }

    /// Whether somebody is a member, and whether the membership would end.
    pub(super) fn stands_and_ends(&mut self, concerned: &Concerned) -> Result<(bool, bool), DbError> {
        let Some(member) = self.member(concerned)?.filter(Member::is_active) else { return Ok((false, false)) };
        let user = concerned.user.as_ref();
        let decision = directory::decide(self.tx, self.context, self.synced, user, Some(&member))?;
        Ok((true, matches!(decision.outcome, Outcome::Remove(_))))
    }

    /// Whether ending the memberships of these people needs an approval first (rule B34).
    pub(super) fn halts_for<'c>(&mut self, ending: impl IntoIterator<Item = &'c Concerned>) -> Result<bool, DbError> {
        let product = self.context.product(&self.synced.organization)?;
        let (mut count, mut configures) = (0, false);
        for concerned in ending {
            count += 1;
            let role = self.member(concerned)?.map(|member| member.role);
            configures |= role.is_some_and(|role| product.allows(&role, Permission::Identity));
        }
        let standing = store::organizations::sync_standing(self.tx, self.synced.organization.id)?;
        Ok(halts(standing.members, count, configures))
    }

    /// Decides about one person on the facts of this transaction, and carries it out.
    pub(super) fn one(&mut self, concerned: &mut Concerned) -> Result<(), DbError> {
        let organization = &self.synced.organization;
        let before = self.member(concerned)?;
        let user = concerned.user.as_ref();
        let decision = directory::decide(self.tx, self.context, self.synced, user, before.as_ref())?;
        if matches!(decision.outcome, Outcome::Remove(_)) && !concerned.may_end {
            self.left_alone += 1;
            return Ok(());
        }
        let becomes_known = matches!(decision.outcome, Outcome::Join(_) | Outcome::Wait { .. });
        let person = match (concerned.person, user) {
            (Some(person), _) => person,
            (None, Some(user)) if becomes_known => {
                let made = directory::make_person(self.tx, self.context, organization.parent, user)?;
                concerned.person = made;
                let Some(person) = made else { return Ok(()) };
                person
            }
            (None, _) => return Ok(()),
        };
        let image = self.image(person, before.clone())?;
        apply(self.tx, self.context, organization, person, before.as_ref(), &decision, self.why)?;
        let waits = match &decision.outcome {
            Outcome::Wait { .. } => u32::from(image.queued.is_none()),
            _ => 0,
        };
        match &decision.outcome {
            Outcome::Join(_) if self.why == Why::SeatFreed => self.admitted += 1,
            Outcome::Join(_) => self.counts.added += 1,
            Outcome::Change(_) => self.counts.updated += 1,
            Outcome::Remove(_) => self.counts.removed += 1,
            Outcome::Wait { .. } => self.counts.waiting += waits,
            Outcome::Keep(_) | Outcome::Refuse(_) | Outcome::StayOut => {}
        }
        // Neither of these touches the queue.
        let queued = match &decision.outcome {
            Outcome::Change(_) | Outcome::Keep(_) => Some(image.queued.clone()),
            _ => None,
        };
        self.note(person, image, queued)
    }

    /// Gives free seats to whoever waits for one, first come first (rule B24), and then to members whose groups ask for another
    /// type than they hold (rule B22); a seat that one of these gives back goes the same way.
    pub(super) fn serve_the_queue(&mut self) -> Result<(), DbError> {
        while self.serve_at_most(usize::MAX)? {}
        Ok(())
    }

    /// As [`Self::serve_the_queue`], but looks at this many people at most. Returns whether somebody may be left to serve.
    pub(super) fn serve_at_most(&mut self, most: usize) -> Result<bool, DbError> {
        let why = std::mem::replace(&mut self.why, Why::SeatFreed);
        let (mut left, mut served) = (most, false);
        let served_by_now = |evaluation: &Self| evaluation.admitted + evaluation.counts.updated;
        let before = served_by_now(self);
        self.serve_waiting(&mut left)?;
        served |= left == 0 && served_by_now(self) > before;
        let before = served_by_now(self);
        self.serve_deferred(&mut left)?;
        served |= served_by_now(self) > before;
        self.why = why;
        Ok(served)
    }

    fn serve_waiting(&mut self, left: &mut usize) -> Result<(), DbError> {
        let mut after = 0;
        while *left > 0
            && let Some((place, next)) = waiting::next(self.tx, self.context, &self.synced.organization, after)?
        {
            after = place;
            *left -= 1;
            self.serve(next.person)?;
        }
        Ok(())
    }

    fn serve_deferred(&mut self, left: &mut usize) -> Result<(), DbError> {
        let mut after = 0;
        while *left > 0
            && let Some((place, person)) =
                waiting::next_deferred(self.tx, self.context, &self.synced.organization, after)?
        {
            after = place;
            *left -= 1;
            self.serve(person)?;
        }
        Ok(())
    }

    fn serve(&mut self, person: PersonId) -> Result<(), DbError> {
        let Some(person) = store::people::by_id(self.tx, person)? else { return Ok(()) };
        let parent = self.synced.organization.parent;
        let user = directory::user_of(self.tx, parent, Some(person.id), &person.email)?;
        self.one(&mut Concerned { user, person: Some(person.id), may_end: false })
    }

    fn image(&mut self, person: PersonId, member: Option<Member>) -> Result<Image, DbError> {
        let queued = store::waiting::place(self.tx, self.synced.organization.id, person)?;
        Ok(Image { member, queued })
    }

    /// `queued`: the place in the queue, where it is known not to have changed.
    fn note(&mut self, person: PersonId, before: Image, queued: Option<Option<Queued>>) -> Result<(), DbError> {
        if self.notes.is_none() {
            return Ok(());
        }
        let member = store::members::find(self.tx, self.synced.organization.id, person)?;
        let after = match queued {
            Some(queued) => Image { member, queued },
            None => self.image(person, member)?,
        };
        if after != before
            && let Some(notes) = &mut self.notes
        {
            notes.push(Note { person, before, after });
        }
        Ok(())
    }
}
