//! What is to be pushed: the difference between what the identity provider has and what the directory was told. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::super::people::People;
use super::{DOMAIN, Memory};

/// A user, as pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFacts {
    /// The person's subject, which is their `externalId`.
    pub key: String,
    /// Their address.
    pub user_name: String,
    /// What to call them.
    pub name: String,
    /// Not suspended.
    pub active: bool,
}

impl UserFacts {
    /// Given and family name: the last word is the family's.
    pub fn names(&self) -> (&str, &str) {
        self.name.rsplit_once(' ').unwrap_or((&self.name, &self.name))
    }
}

/// A group, as pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFacts {
    /// The group's id here.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// The subjects of who is in it.
    pub members: BTreeSet<String>,
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A user it does not know.
    AddUser(UserFacts),
    /// Another name or address.
    ChangeUser(UserFacts),
    /// On or off.
    SwitchUser(UserFacts),
    /// A user who is not here any more, by subject.
    RemoveUser(String),
    /// A group it does not know.
    AddGroup(GroupFacts),
    /// Another name.
    RenameGroup {
        /// Which.
        key: String,
        /// The name.
        name: String,
    },
    /// Others in it.
    ChangeMembers {
        /// Which.
        key: String,
        /// Subjects.
        add: BTreeSet<String>,
        /// Subjects.
        remove: BTreeSet<String>,
    },
    /// A group that is not here any more.
    RemoveGroup(String),
}

/// What the directory should know: people and groups of its company, less who is not assigned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// By subject.
    pub users: BTreeMap<String, UserFacts>,
    /// By id.
    pub groups: BTreeMap<String, GroupFacts>,
}

impl Target {
    /// What it should know now.
    pub fn of(people: &People, unassigned: &BTreeSet<String>) -> Self {
        let assigned = people.all().iter().filter(|person| person.domain() == DOMAIN);
        let assigned: Vec<_> = assigned.filter(|person| !unassigned.contains(&person.subject)).collect();
        let users = assigned.iter().map(|person| {
            let facts = UserFacts {
                key: person.subject.clone(),
                user_name: person.email.clone(),
                name: person.name.clone(),
                active: !person.suspended,
            };
            (person.subject.clone(), facts)
        });
        let groups = people.groups().iter().filter(|group| group.domain == DOMAIN).map(|group| {
            let members = assigned.iter().filter(|person| person.groups.contains(&group.name));
            let members = members.map(|person| person.subject.clone()).collect();
            (group.id.clone(), GroupFacts { key: group.id.clone(), name: group.name.clone(), members })
        });
        Self { users: users.collect(), groups: groups.collect() }
    }
}

/// The steps from what the directory was told to what it should know. Whatever ends access comes first; members come after the
/// users and groups they are about.
pub fn steps(target: &Target, told: &Memory) -> Vec<Step> {
    let mut steps = Vec::new();
    steps.extend(told.groups.keys().filter(|key| !target.groups.contains_key(*key)).cloned().map(Step::RemoveGroup));
    steps.extend(told.users.keys().filter(|key| !target.users.contains_key(*key)).cloned().map(Step::RemoveUser));
    for (key, user) in &target.users {
        let Some((_, before)) = told.users.get(key) else {
            steps.push(Step::AddUser(user.clone()));
            continue;
        };
        if before.active != user.active {
            steps.push(Step::SwitchUser(user.clone()));
        }
        if (&before.user_name, &before.name) != (&user.user_name, &user.name) {
            steps.push(Step::ChangeUser(user.clone()));
        }
    }
    for (key, group) in &target.groups {
        let Some((_, before)) = told.groups.get(key) else {
            steps.push(Step::AddGroup(group.clone()));
            continue;
        };
        if before.name != group.name {
            steps.push(Step::RenameGroup { key: key.clone(), name: group.name.clone() });
        }
        let add: BTreeSet<String> = group.members.difference(&before.members).cloned().collect();
        let remove: BTreeSet<String> = before.members.difference(&group.members).cloned().collect();
        if !add.is_empty() || !remove.is_empty() {
            steps.push(Step::ChangeMembers { key: key.clone(), add, remove });
        }
    }
    steps
}

/// Only what is about one person: the user, and the groups they are in or out of. A group the directory does not know yet is made
/// with that one member, as when one person is pushed on demand.
pub fn about(subject: &str, target: &Target, told: &Memory) -> Vec<Step> {
    let only = |set: BTreeSet<String>| -> BTreeSet<String> { set.into_iter().filter(|key| key == subject).collect() };
    let mine = |step: Step| match step {
        Step::AddUser(ref user) | Step::ChangeUser(ref user) | Step::SwitchUser(ref user) => {
            (user.key == subject).then_some(step)
        }
        Step::RemoveUser(ref key) => (key == subject).then_some(step),
        Step::AddGroup(group) => {
            let members = only(group.members);
            (!members.is_empty()).then_some(Step::AddGroup(GroupFacts { members, ..group }))
        }
        Step::ChangeMembers { key, add, remove } => {
            let (add, remove) = (only(add), only(remove));
            (!add.is_empty() || !remove.is_empty()).then_some(Step::ChangeMembers { key, add, remove })
        }
        Step::RenameGroup { .. } | Step::RemoveGroup(_) => None,
    };
    steps(target, told).into_iter().filter_map(mine).collect()
}

/// Only a group's name, or that it is gone.
pub fn about_group(key: &str, target: &Target, told: &Memory) -> Vec<Step> {
    let mine = |step: &Step| match step {
        Step::RemoveGroup(of) | Step::RenameGroup { key: of, .. } => of == key,
        Step::AddUser(_)
        | Step::ChangeUser(_)
        | Step::SwitchUser(_)
        | Step::RemoveUser(_)
        | Step::AddGroup(_)
        | Step::ChangeMembers { .. } => false,
    };
    steps(target, told).into_iter().filter(mine).collect()
}
