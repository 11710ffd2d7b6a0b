use std::collections::BTreeMap;

use super::Context;
use super::apply::{DIRECTORY, apply};
use super::bindings::{Synced, group_arrived};
use super::directory::{self, Identified};
use crate::audit::Event;
use crate::db::{DbError, Tx};
use crate::directory::{DirectoryGroup, DirectoryUser, GroupContent, Taken, UserContent};
use crate::ids::{DirectoryUserId, ParentId, PersonId};
use crate::organization::Member;
use crate::provisioning::Outcome;
use crate::store;
use crate::store::directory_users::UserFacts;

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
    pub without_address: usize,
}

/// What happened in one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationEffect {
    /// Its slug.
    pub organization: String,
    /// Became members.
    pub added: usize,
    /// Members with another role or seat.
    pub updated: usize,
    /// No members any more.
    pub removed: usize,
    /// Entitled, and wait for a seat.
    pub waiting: usize,
}

impl Effects {
    /// One sentence per organization, for the request log: counts, no names.
    pub fn words(&self) -> Vec<String> {
        let counted = |n: usize, what: &str| (n > 0).then(|| format!("{n} {what}"));
        let mut words: Vec<String> = self
            .organizations
            .iter()
            .map(|effect| {
                let parts = [
                    counted(effect.added, "added"),
                    counted(effect.updated, "updated"),
                    counted(effect.removed, "removed"),
                    counted(effect.waiting, "waiting for a seat"),
                ];
                format!("{}: {}", effect.organization, parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
            })
            .collect();
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

    /// Looks at everybody concerned, and carries out what follows: memberships that end first, then members who stay, then newcomers.
    pub fn finish(self) -> Result<Effects, DbError> {
        let Self { tx, context, parent, synced, touched } = self;
        let mut effects = Effects::default();
        if synced.is_empty() {
            return Ok(effects);
        }
        let mut people = Vec::with_capacity(touched.len());
        for (user, Touched { lost, was }) in touched {
            let Some(user) = store::directory_users::facts(tx, user)? else {
                people.extend(was.map(|person| Concerned { user: None, person: Some(person), lost }));
                continue;
            };
            let person = directory::known_person(tx, parent, &user)?;
            effects.without_address += usize::from(user.active && user.email.is_none() && person.is_none());
            people.push(Concerned { user: Some(user), person, lost });
        }
        for synced in &synced {
            let effect = Evaluation { tx: &mut *tx, context, synced }.all(&mut people)?;
            if effect.added + effect.updated + effect.removed + effect.waiting > 0 {
                effects.organizations.push(effect);
            }
        }
        Ok(effects)
    }
}

/// Somebody to look at: a user of the directory, or a person who was one.
struct Concerned {
    user: Option<UserFacts>,
    person: Option<PersonId>,
    lost: bool,
}

/// One organization looks at everybody whom a push concerns.
struct Evaluation<'a> {
    tx: &'a mut dyn Tx,
    context: &'a Context<'a>,
    synced: &'a Synced,
}

impl Evaluation<'_> {
    fn all(&mut self, people: &mut [Concerned]) -> Result<OrganizationEffect, DbError> {
        let organization = &self.synced.organization;
        let slug = organization.slug.to_string();
        let mut effect = OrganizationEffect { organization: slug, added: 0, updated: 0, removed: 0, waiting: 0 };
        let mut leaving = Vec::new();
        let mut staying = Vec::new();
        let mut coming = Vec::new();
        for (at, concerned) in people.iter().enumerate() {
            let is_member = self.member(concerned)?.is_some_and(|member| member.is_active());
            match (is_member, self.decide(concerned)?) {
                (_, Outcome::Remove(_)) => leaving.push(at),
                (true, _) => staying.push(at),
                (false, _) => coming.push(at),
            }
        }
        leaving.retain(|at| people[*at].lost);
        for at in leaving.into_iter().chain(staying).chain(coming) {
            self.one(&mut people[at], &mut effect)?;
        }
        Ok(effect)
    }

    fn member(&mut self, concerned: &Concerned) -> Result<Option<Member>, DbError> {
        let Some(person) = concerned.person else { return Ok(None) };
        store::members::find(self.tx, self.synced.organization.id, person)
    }

    fn decide(&mut self, concerned: &Concerned) -> Result<Outcome, DbError> {
        let member = self.member(concerned)?;
        let user = concerned.user.as_ref();
        Ok(directory::decide(self.tx, self.context, self.synced, user, member.as_ref())?.outcome)
    }

    fn one(&mut self, concerned: &mut Concerned, effect: &mut OrganizationEffect) -> Result<(), DbError> {
        let organization = &self.synced.organization;
        let before = self.member(concerned)?;
        let user = concerned.user.as_ref();
        let decision = directory::decide(self.tx, self.context, self.synced, user, before.as_ref())?;
        let becomes_known = matches!(decision.outcome, Outcome::Join(_) | Outcome::Wait { .. });
        let person = match (concerned.person, user) {
            (Some(person), _) => person,
            (None, Some(user)) if becomes_known => {
                let Some(person) = directory::make_person(self.tx, self.context, organization.parent, user)? else {
                    return Ok(());
                };
                concerned.person = Some(person);
                person
            }
            (None, _) => return Ok(()),
        };
        match &decision.outcome {
            Outcome::Join(_) => effect.added += 1,
            Outcome::Change(_) => effect.updated += 1,
            Outcome::Remove(_) => effect.removed += 1,
            Outcome::Wait { .. } => effect.waiting += 1,
            Outcome::Keep(_) | Outcome::Refuse(_) | Outcome::StayOut => {}
        }
        apply(self.tx, self.context, organization, person, before.as_ref(), &decision, DIRECTORY)
    }
}

#[cfg(test)]
mod tests;
