//! Tells the directory, one request after the other, and remembers what it said.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::stage::Stage;
use super::dialect::{Dialect, Request};
use super::plan::{GroupFacts, Step, Target, UserFacts, about, about_group, steps};
use super::{Exchange, Run};
use crate::outbound::Purpose;

/// The most that an answer may hold.
const LIMIT: usize = 512 * 1024;

/// How a push went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was taken.
    Pushed,
    /// There was nothing to tell.
    Nothing,
    /// Something was not taken.
    NotTaken,
    /// Another push is on its way.
    Busy,
}

/// What is to be pushed.
#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    /// Everything that differs.
    Everything,
    /// One person, by subject.
    Person(&'a str),
    /// One group's name, or that it is gone, by its id here.
    Group(&'a str),
    /// Nothing: only whether the directory answers.
    Test,
}

/// Pushes, and remembers it under these words.
pub async fn push(stage: &Stage, what: What<'_>, words: String) -> Outcome {
    let Some(turn) = stage.push.turn() else { return Outcome::Busy };
    let (dialect, planned) = {
        let memory = stage.push.memory();
        let target = Target::of(&stage.state.people(), &memory.unassigned);
        let planned = match what {
            What::Everything => steps(&target, &memory),
            What::Person(subject) => about(subject, &target, &memory),
            What::Group(key) => about_group(key, &target, &memory),
            What::Test => Vec::new(),
        };
        (memory.dialect, planned)
    };
    let mut teller = Teller { stage, dialect, exchanges: Vec::new() };
    if matches!(what, What::Test) {
        for request in dialect.test() {
            teller.tell(request).await;
        }
    }
    for step in planned {
        if teller.is_turned_away() {
            break;
        }
        teller.step(step).await;
    }
    let exchanges = teller.exchanges;
    drop(turn);
    if exchanges.is_empty() {
        return Outcome::Nothing;
    }
    let run = Run { nth: 0, at: stage.clock.now(), what: words, dialect, exchanges };
    let outcome = if run.failed() == 0 { Outcome::Pushed } else { Outcome::NotTaken };
    stage.push.remember(run);
    outcome
}

/// Pushes every difference if that is switched on.
pub async fn automatically(stage: &Stage, words: &str) -> Option<Outcome> {
    if !stage.push.memory().automatic {
        return None;
    }
    Some(push(stage, What::Everything, words.to_owned()).await)
}

struct Teller<'a> {
    stage: &'a Stage,
    dialect: Dialect,
    exchanges: Vec<Exchange>,
}

/// What the directory said.
struct Said {
    status: Option<u16>,
    body: Value,
}

impl Said {
    fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    fn is_gone(&self) -> bool {
        self.status == Some(404)
    }

    /// The id of a resource that was made.
    fn id(&self) -> Option<String> {
        self.body.get("id")?.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
    }

    /// The first resource of a list.
    fn first(&self) -> Option<&Value> {
        self.body.get("Resources")?.as_array()?.first()
    }
}

impl Teller<'_> {
    /// Nobody is there, or nobody listens to us: the rest would go the same way.
    fn is_turned_away(&self) -> bool {
        self.exchanges.last().is_some_and(|last| matches!(last.status, None | Some(401 | 403 | 429)))
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::AddUser(user) => self.add_user(user).await,
            Step::ChangeUser(user) => self.change_user(user).await,
            Step::SwitchUser(user) => self.switch_user(user).await,
            Step::RemoveUser(key) => self.remove_user(key).await,
            Step::AddGroup(group) => self.add_group(group).await,
            Step::RenameGroup { key, name } => self.rename_group(key, name).await,
            Step::ChangeMembers { key, add, remove } => self.change_members(key, &add, &remove).await,
            Step::RemoveGroup(key) => self.remove_group(key).await,
        }
    }

    async fn add_user(&mut self, user: UserFacts) {
        let found = self.tell(self.dialect.find_user(&user)).await;
        if !found.is_taken() {
            return;
        }
        let known = found.first().and_then(|user| user.get("id")?.as_str()).map(str::to_owned);
        let id = match known {
            // Matched: somebody pushed this user before.
            Some(id) => {
                let changed = self.tell(self.dialect.change_user(&id, None, &user)).await;
                let switched = self.tell(self.dialect.switch_user(&id, user.active)).await;
                (changed.is_taken() && switched.is_taken()).then_some(id)
            }
            None => self.tell(self.dialect.create_user(&user)).await.id(),
        };
        if let Some(id) = id {
            self.stage.push.memory().users.insert(user.key.clone(), (id, user));
        }
    }

    fn user_id(&self, key: &str) -> Option<(String, UserFacts)> {
        self.stage.push.memory().users.get(key).cloned()
    }

    async fn change_user(&mut self, user: UserFacts) {
        let Some((id, before)) = self.user_id(&user.key) else { return };
        if let Some(request) = self.dialect.before_change(&id) {
            self.tell(request).await;
        }
        let said = self.tell(self.dialect.change_user(&id, Some(&before), &user)).await;
        self.after_user(said, user, id);
    }

    async fn switch_user(&mut self, user: UserFacts) {
        let Some((id, before)) = self.user_id(&user.key) else { return };
        let said = self.tell(self.dialect.switch_user(&id, user.active)).await;
        self.after_user(said, UserFacts { active: user.active, ..before }, id);
    }

    /// What was taken is what the directory knows; a user it does not have any more is made anew the next time.
    fn after_user(&self, said: Said, user: UserFacts, id: String) {
        let mut memory = self.stage.push.memory();
        if said.is_taken() {
            memory.users.insert(user.key.clone(), (id, user));
        } else if said.is_gone() {
            memory.users.remove(&user.key);
        }
    }

    async fn remove_user(&mut self, key: String) {
        let Some((id, _)) = self.user_id(&key) else { return };
        let said = self.tell(self.dialect.remove_user(&id)).await;
        if !said.is_taken() && !said.is_gone() {
            return;
        }
        let mut memory = self.stage.push.memory();
        memory.users.remove(&key);
        // Whoever was deleted is out of every group with it.
        for (_, group) in memory.groups.values_mut() {
            group.members.remove(&key);
        }
    }

    async fn add_group(&mut self, group: GroupFacts) {
        let found = self.tell(self.dialect.find_group(&group)).await;
        if !found.is_taken() {
            return;
        }
        let known = found.first().and_then(|group| group.get("id")?.as_str()).map(str::to_owned);
        let id = match known {
            Some(id) => Some(id),
            None => self.tell(self.dialect.create_group(&group)).await.id(),
        };
        let Some(id) = id else { return };
        let (key, members) = (group.key.clone(), group.members.clone());
        let empty = GroupFacts { members: BTreeSet::new(), ..group };
        self.stage.push.memory().groups.insert(key.clone(), (id, empty));
        self.change_members(key, &members, &BTreeSet::new()).await;
    }

    async fn rename_group(&mut self, key: String, name: String) {
        let Some((id, _)) = self.group_id(&key) else { return };
        let said = self.tell(self.dialect.rename_group(&id, &name)).await;
        let mut memory = self.stage.push.memory();
        if said.is_gone() {
            memory.groups.remove(&key);
        } else if said.is_taken()
            && let Some((_, told)) = memory.groups.get_mut(&key)
        {
            told.name = name;
        }
    }

    fn group_id(&self, key: &str) -> Option<(String, GroupFacts)> {
        self.stage.push.memory().groups.get(key).cloned()
    }

    async fn change_members(&mut self, key: String, add: &BTreeSet<String>, remove: &BTreeSet<String>) {
        let Some((id, _)) = self.group_id(&key) else { return };
        // A user whom the directory did not take has no id; the next push tries again.
        let known = |keys: &BTreeSet<String>| -> Vec<(String, String)> {
            let memory = self.stage.push.memory();
            let known = keys.iter().filter_map(|key| memory.users.get(key));
            known.map(|(id, user)| (id.clone(), user.user_name.clone())).collect()
        };
        let (ids_in, ids_out) = (known(add), known(remove));
        for request in self.dialect.change_members(&id, &ids_in, &ids_out) {
            let said = self.tell(request).await;
            if said.is_gone() {
                self.stage.push.memory().groups.remove(&key);
            }
            if !said.is_taken() {
                return;
            }
        }
        let mut memory = self.stage.push.memory();
        let users: BTreeSet<String> = memory.users.keys().cloned().collect();
        if let Some((_, told)) = memory.groups.get_mut(&key) {
            told.members.retain(|member| !remove.contains(member));
            told.members.extend(add.intersection(&users).cloned());
        }
    }

    async fn remove_group(&mut self, key: String) {
        let Some((id, _)) = self.group_id(&key) else { return };
        let said = self.tell(self.dialect.delete_group(&id)).await;
        if said.is_taken() || said.is_gone() {
            self.stage.push.memory().groups.remove(&key);
        }
    }

    /// Sends one request, and remembers it with its answer.
    async fn tell(&mut self, request: Request) -> Said {
        let sites = &self.stage.sites;
        let url = format!("{}{}", sites.scim(), request.path);
        let bearer = format!("Bearer {}", self.stage.push.token);
        let headers: [(&str, &[u8]); 4] = [
            ("authorization", bearer.as_bytes()),
            ("accept", b"application/scim+json"),
            ("content-type", b"application/scim+json; charset=utf-8"),
            ("user-agent", self.dialect.user_agent().as_bytes()),
        ];
        let body = request.body.as_ref().map(Value::to_string);
        let asked = self.stage.outbound.call(Purpose::Demo, request.method, &url, &headers, body, LIMIT).await;
        let (status, text) = match asked {
            Ok(answer) => (Some(answer.status), String::from_utf8_lossy(&answer.body).into_owned()),
            Err(error) => {
                tracing::warn!(%error, "The demo's directory push brought no answer");
                (None, "The gateway did not answer.".to_owned())
            }
        };
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
        self.exchanges.push(Exchange {
            method: request.method.as_str(),
            path: readable(&request.path),
            body: request.body.as_ref().map(pretty),
            status,
            answer: if json.is_null() { text } else { pretty(&json) },
        });
        Said { status, body: json }
    }
}

/// A path with its query decoded, to read.
fn readable(path: &str) -> String {
    match path.split_once('?') {
        None => path.to_owned(),
        Some((path, query)) => {
            let pairs = url::form_urlencoded::parse(query.as_bytes());
            let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
            format!("{path}?{}", pairs.join("&"))
        }
    }
}
