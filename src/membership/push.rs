use std::collections::{BTreeMap, BTreeSet};

use super::apply::Why;
use super::bindings::{Synced, group_arrived};
use super::directory::{self, Identified};
use super::evaluation::{Concerned, Evaluation};
use super::{Context, brake, journal};
use crate::audit::Event;
use crate::db::{DbError, Tx};
use crate::directory::{DirectoryGroup, DirectoryUser, GroupContent, Taken, UserContent};
use crate::ids::{DirectoryUserId, ParentId, PersonId, SyncRunId};
use crate::organization::SyncCause;
use crate::store;

/// What one SCIM request changes, in one transaction of the caller's. Its methods write the directory; [`Push::finish`] then looks
/// once at everybody concerned, in every organization in a scim mode, so that memberships and sessions have ended when the request
/// is answered (rules B18, B19). A bulk request is one push.
///
/// The caller has found users and groups in this same transaction, and rolls back on `Err`. After an error that is for the client
/// ([`PushError::Taken`], [`PushError::AddressInUse`]) nothing of that one call was written, so that a bulk request may go on.
pub struct Push<'a> {
    tx: &'a mut dyn Tx,
    context: &'a Context<'a>,
    parent: ParentId,
    synced: Vec<Synced>,
    touched: BTreeMap<DirectoryUserId, Touched>,
}

/// Somebody whom a push concerns.
#[derive(Default)]
struct Touched {
    /// The push took something from them: the user itself, being active, or a group. Only then may it end a membership, so that
    /// a mere change of profile never does (rule B18).
    lost: bool,
    /// Who it was, where the user is gone.
    was: Option<PersonId>,
}

/// Why something pushed is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// Another user or group of the directory has it: SCIM's `uniqueness`, status 409.
    #[error("another one in the directory has the same {}", .0.attribute())]
    Taken(Taken),
    /// The address belongs to somebody here who is known otherwise; taking it over would merge two people (rule B9). Status 409.
    #[error("the e-mail address belongs to another person here; give that person another one first")]
    AddressInUse,
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// What a push led to, organization by organization in a scim mode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Only organizations in which something happened or somebody waits.
    pub organizations: Vec<OrganizationEffect>,
    /// Active users without an address: in the directory, but no member can be made of them.
    pub without_address: u32,
}

/// What happened in one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationEffect {
    /// Its slug.
    pub organization: String,
    /// Became members.
    pub added: u32,
    /// Members with another role or seat.
    pub updated: u32,
    /// No members any more.
    pub removed: u32,
    /// Entitled, and wait for a seat from now on.
    pub waiting: u32,
    /// Became members because a seat was freed for them.
    pub admitted: u32,
    /// Nothing of the push was carried out here: it would end too many memberships, and this run waits for approval (rule B34).
    pub halted: Option<SyncRunId>,
}

impl OrganizationEffect {
    fn of(synced: &Synced) -> Self {
        let organization = synced.organization.slug.to_string();
        Self { organization, added: 0, updated: 0, removed: 0, waiting: 0, admitted: 0, halted: None }
    }

    fn is_nothing(&self) -> bool {
        self.added + self.updated + self.removed + self.waiting + self.admitted == 0 && self.halted.is_none()
    }

    fn words(&self) -> String {
        if let Some(run) = self.halted {
            return format!("{}: halted, run {run} needs approval", self.organization);
        }
        let parts = [
            counted(self.added, "added"),
            counted(self.updated, "updated"),
            counted(self.removed, "removed"),
            counted(self.waiting, "waiting for a seat"),
            counted(self.admitted, "admitted from the queue"),
        ];
        format!("{}: {}", self.organization, parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

fn counted(n: u32, what: &str) -> Option<String> {
    (n > 0).then(|| format!("{n} {what}"))
}

impl Effects {
    /// One sentence per organization, for the request log: counts, no names.
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.organizations.iter().map(OrganizationEffect::words).collect();
        words.extend(counted(self.without_address, "in the directory only: no usable e-mail address"));
        words
    }
}

impl<'a> Push<'a> {
    /// Begins.
    pub fn new(tx: &'a mut dyn Tx, context: &'a Context<'a>, parent: ParentId) -> Result<Self, DbError> {
        let synced = Synced::of_parent(tx, parent)?;
        Ok(Self { tx, context, parent, synced, touched: BTreeMap::new() })
    }

    /// The transaction, to look things up in between.
    pub fn tx(&mut self) -> &mut dyn Tx {
        self.tx
    }

    /// Adds a user; `public_id` is a fresh one, made outside the transaction.
    pub fn add_user(&mut self, public_id: &str, content: &UserContent) -> Result<DirectoryUser, PushError> {
        if let Some(taken) = store::directory_users::taken(self.tx, self.parent, content, None)? {
            return Err(PushError::Taken(taken));
        }
        // In manual and jit modes a push changes the directory only (rule B21), so who the person is does not matter.
        if !self.synced.is_empty()
            && let Some(email) = &content.email
            && let Identified::Conflict = directory::identify(self.tx, self.parent, None, Some(email))?
        {
            return Err(PushError::AddressInUse);
        }
        let user = store::directory_users::add(self.tx, self.parent, public_id, content, self.context.now)?;
        self.touch(user.id, false);
        Ok(user)
    }

    /// Writes a user's content. A changed address renames the person that the user is and keeps the history (rule B9).
    pub fn update_user(&mut self, before: &DirectoryUser, content: &UserContent) -> Result<DirectoryUser, PushError> {
        if let Some(taken) = store::directory_users::taken(self.tx, self.parent, content, Some(before.id))? {
            return Err(PushError::Taken(taken));
        }
        if !self.synced.is_empty() {
            self.rename(before, content)?;
        }
        let user = store::directory_users::update(self.tx, before, content, self.context.now)?;
        self.touch(user.id, before.content.active && !content.active);
        Ok(user)
    }

    /// Takes a user out of its groups and out of the directory.
    pub fn delete_user(&mut self, gone: &DirectoryUser) -> Result<(), DbError> {
        let person = match directory::identify(self.tx, self.parent, gone.person, gone.content.email.as_ref())? {
            Identified::Known(person) => Some(person),
            Identified::New | Identified::Conflict => None,
        };
        store::directory_users::delete(self.tx, gone, self.context.now)?;
        self.touched.insert(gone.id, Touched { lost: true, was: person });
        Ok(())
    }

    /// Adds a group without members; `public_id` is a fresh one, made outside the transaction.
    pub fn add_group(&mut self, public_id: &str, content: &GroupContent) -> Result<DirectoryGroup, PushError> {
        if let Some(taken) = store::directory_groups::taken(self.tx, self.parent, content, None)? {
            return Err(PushError::Taken(taken));
        }
        let group = store::directory_groups::add(self.tx, self.parent, public_id, content, self.context.now)?;
        self.arrived(&group)?;
        Ok(group)
    }

    /// Writes a group's content. Another name changes no mapping that means this group already (rule B31).
    pub fn update_group(
        &mut self,
        before: &DirectoryGroup,
        content: &GroupContent,
    ) -> Result<DirectoryGroup, PushError> {
        if let Some(taken) = store::directory_groups::taken(self.tx, self.parent, content, Some(before.id))? {
            return Err(PushError::Taken(taken));
        }
        let group = store::directory_groups::update(self.tx, before, content, self.context.now)?;
        self.arrived(&group)?;
        Ok(group)
    }

    /// Takes everybody out of a group, and the group out of the directory. Mappings that meant it mean nobody from then on.
    pub fn delete_group(&mut self, gone: &DirectoryGroup) -> Result<(), DbError> {
        for user in store::directory_memberships::members_of(self.tx, gone.id)? {
            self.touch(user, true);
        }
        store::directory_groups::delete(self.tx, gone, self.context.now)
    }

    /// Puts users of this directory into a group. Returns those who were not in it.
    pub fn add_members(
        &mut self,
        group: &DirectoryGroup,
        users: &[DirectoryUserId],
    ) -> Result<Vec<DirectoryUserId>, DbError> {
        let new = store::directory_memberships::add(self.tx, group, users, self.context.now)?;
        new.iter().for_each(|user| self.touch(*user, false));
        Ok(new)
    }

    /// Takes users out of a group. Returns those who were in it.
    pub fn remove_members(
        &mut self,
        group: &DirectoryGroup,
        users: &[DirectoryUserId],
    ) -> Result<Vec<DirectoryUserId>, DbError> {
        let gone = store::directory_memberships::remove(self.tx, group, users, self.context.now)?;
        gone.iter().for_each(|user| self.touch(*user, true));
        Ok(gone)
    }

    /// Makes these, and nobody else, the members of a group. Returns who came and who went.
    pub fn replace_members(
        &mut self,
        group: &DirectoryGroup,
        users: &[DirectoryUserId],
    ) -> Result<(Vec<DirectoryUserId>, Vec<DirectoryUserId>), DbError> {
        let (new, gone) = store::directory_memberships::replace(self.tx, group, users, self.context.now)?;
        new.iter().for_each(|user| self.touch(*user, false));
        gone.iter().for_each(|user| self.touch(*user, true));
        Ok((new, gone))
    }

    fn touch(&mut self, user: DirectoryUserId, lost: bool) {
        self.touched.entry(user).or_default().lost |= lost;
    }

    /// Mapping rows that meant no group yet may mean this one, and then everybody in it is concerned.
    fn arrived(&mut self, group: &DirectoryGroup) -> Result<(), DbError> {
        if group_arrived(self.tx, self.context, &self.synced, group)? {
            self.synced = Synced::of_parent(self.tx, self.parent)?;
            for user in store::directory_memberships::members_of(self.tx, group.id)? {
                self.touch(user, false);
            }
        }
        Ok(())
    }

    fn rename(&mut self, before: &DirectoryUser, content: &UserContent) -> Result<(), PushError> {
        let (was, now) = (&before.content, content);
        let moved = was.email != now.email;
        let Some(person) = before.person else {
            let identified = directory::identify(self.tx, self.parent, None, now.email.as_ref())?;
            return match identified {
                Identified::Conflict if moved => Err(PushError::AddressInUse),
                Identified::Conflict | Identified::Known(_) | Identified::New => Ok(()),
            };
        };
        let Some(person) = store::people::by_id(self.tx, person)? else { return Ok(()) };
        let email = now.email.as_ref().filter(|_| moved).unwrap_or(&person.email);
        let name = now.display_name.as_deref().filter(|_| was.display_name != now.display_name);
        let name = name.unwrap_or(&person.display_name);
        if *email != person.email {
            let holder = store::people::by_email(self.tx, self.parent, email)?;
            if holder.is_some_and(|holder| holder.id != person.id) {
                return Err(PushError::AddressInUse);
            }
            let (before, after) = (person.email.to_string(), email.to_string());
            let event = Event::PersonRenamed { person: person.id, before, after };
            self.context.record(self.tx, Some(self.parent), None, event)?;
        }
        if *email != person.email || name != person.display_name {
            store::people::rename(self.tx, person.id, email, name)?;
        }
        Ok(())
    }

    /// Looks at everybody concerned, and carries out what follows: memberships that end first, then members who stay, then newcomers,
    /// the queue being served in between. Where it would end too many memberships at once, or one of somebody who may configure,
    /// nothing of it is carried out in that organization before somebody approves (rule B34); one single person who leaves just leaves.
    pub fn finish(self) -> Result<Effects, DbError> {
        let Self { tx, context, parent, synced, touched } = self;
        let mut effects = Effects::default();
        if synced.is_empty() {
            return Ok(effects);
        }
        let mut people = Vec::with_capacity(touched.len());
        for (user, Touched { lost, was }) in touched {
            let Some(user) = store::directory_users::facts(tx, user)? else {
                people.extend(was.map(|person| Concerned { user: None, person: Some(person), may_end: lost }));
                continue;
            };
            let person = directory::known_person(tx, parent, &user)?;
            effects.without_address += u32::from(user.active && user.email.is_none() && person.is_none());
            people.push(Concerned { user: Some(user), person, may_end: lost });
        }
        let mut orders = Vec::with_capacity(synced.len());
        for synced in &synced {
            orders.push(Order::of(&mut Evaluation::new(tx, context, synced, Why::Directory), &people)?);
        }
        let ending: BTreeSet<usize> = orders.iter().flat_map(|order| order.leaving.iter().copied()).collect();
        for (synced, order) in synced.iter().zip(orders) {
            // From whom the identity provider takes something, a run that is undone gives nothing back.
            for person in people.iter().filter(|one| one.may_end).filter_map(|one| one.person) {
                store::members::touch_ended(tx, synced.organization.id, person)?;
            }
            let mut evaluation = Evaluation::new(tx, context, synced, Why::Directory);
            let effect = if ending.len() > 1 && evaluation.halts_for(order.leaving.iter().map(|at| &people[*at]))? {
                let leaving = order.leaving.iter().filter_map(|at| people[*at].person);
                let run = brake::halt(tx, context, synced, SyncCause::Push, None, leaving)?;
                OrganizationEffect { halted: Some(run), ..OrganizationEffect::of(synced) }
            } else {
                evaluation.notes = Some(Vec::new());
                order.carry_out(&mut evaluation, &mut people)?;
                let effect = OrganizationEffect {
                    added: evaluation.counts.added,
                    updated: evaluation.counts.updated,
                    removed: evaluation.counts.removed,
                    waiting: evaluation.counts.waiting,
                    admitted: evaluation.admitted,
                    ..OrganizationEffect::of(synced)
                };
                let notes = evaluation.notes.take().unwrap_or_default();
                journal::push(tx, context, synced, &effect, &notes)?;
                effect
            };
            if !effect.is_nothing() {
                effects.organizations.push(effect);
            }
        }
        Ok(effects)
    }
}

/// In which order an organization looks at people: by place in a list of them.
#[derive(Default)]
struct Order {
    leaving: Vec<usize>,
    staying: Vec<usize>,
    coming: Vec<usize>,
}

impl Order {
    fn of(evaluation: &mut Evaluation<'_>, people: &[Concerned]) -> Result<Self, DbError> {
        let mut order = Self::default();
        for (at, concerned) in people.iter().enumerate() {
            match evaluation.stands_and_ends(concerned)? {
                (_, true) if concerned.may_end => order.leaving.push(at),
                (_, true) => {}
                (true, false) => order.staying.push(at),
                (false, false) => order.coming.push(at),
            }
        }
        Ok(order)
    }

    fn carry_out(self, evaluation: &mut Evaluation<'_>, people: &mut [Concerned]) -> Result<(), DbError> {
        for (at, serves) in [(self.leaving, true), (self.staying, true), (self.coming, false)] {
            let serves = serves && !at.is_empty();
            for at in at {
                evaluation.one(&mut people[at])?;
            }
            if serves {
                evaluation.serve_the_queue()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests;
