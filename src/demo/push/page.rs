//! The page "Directory push" of the demo identity provider, and its buttons.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};

use super::super::pages::{Frame, PushPage, PushedGroup, PushedPerson};
use super::super::people::{People, PeopleError};
use super::super::sign_in::{Fields, field};
use super::super::stage::{Stage, page, see};
use super::client::{Outcome, What, push};
use super::dialect::Dialect;
use super::plan::{Target, steps};
use super::{DOMAIN, Memory};

/// `GET /push`
pub async fn show(stage: Data<Stage>, query: Query<Fields>) -> HttpResponse {
    let note = match field(&query, "done") {
        Some("pushed") => Some("Pushed, and taken: it is in effect already. The requests are below."),
        Some("not-taken") => Some("The gateway did not take all of it. What it said is below."),
        Some("nothing") => Some("The directory knows everything already."),
        Some("busy") => Some("Another push is on its way. Try again in a moment."),
        Some("saved") => Some("Saved. The directory has not been told yet."),
        Some("settings") => Some("Saved."),
        _ => None,
    };
    show_with(&stage, note, None)
}

fn show_with(stage: &Stage, note: Option<&'static str>, error: Option<PeopleError>) -> HttpResponse {
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let people = stage.state.people();
    let memory = stage.push.memory();
    let target = Target::of(&people, &memory.unassigned);
    let waiting = steps(&target, &memory).len();
    let frame = Frame { note, ..stage.frame("Directory push", "/push") };
    let page_of = PushPage {
        frame,
        error: error.map(|error| error.to_string()),
        base: stage.sites.scim(),
        token_end: stage.push.token.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect(),
        dialects: &Dialect::ALL,
        dialect: memory.dialect,
        automatic: memory.automatic,
        waiting,
        people: persons(&people, &memory),
        groups: groups(&people, &memory, &target),
        runs: memory.runs.iter().cloned().collect(),
    };
    drop(memory);
    page(status, &page_of)
}

fn persons(people: &People, memory: &Memory) -> Vec<PushedPerson> {
    let here = people.all().iter().filter(|person| person.domain() == DOMAIN);
    let row = |person: &super::super::people::Person| {
        let known = memory.users.get(&person.subject).map(|(_, told)| told);
        let state = match known {
            None if memory.unassigned.contains(&person.subject) => "removed",
            None => "not pushed",
            Some(told) if told.user_name != person.email || told.name != person.name => "changed since",
            Some(told) if told.active == person.suspended => "changed since",
            Some(told) if told.active => "pushed",
            Some(_) => "pushed as suspended",
        };
        PushedPerson { person: person.clone(), is_known: known.is_some(), state }
    };
    here.map(row).collect()
}

fn groups(people: &People, memory: &Memory, target: &Target) -> Vec<PushedGroup> {
    let here = people.groups().iter().filter(|group| group.domain == DOMAIN);
    let row = |group: &super::super::people::Group| {
        let wanted = target.groups.get(&group.id);
        let state = match (memory.groups.get(&group.id), wanted) {
            (None, _) => "not pushed",
            (Some((_, told)), Some(wanted)) if told == wanted => "pushed",
            (Some(_), _) => "changed since",
        };
        PushedGroup { group: group.clone(), members: wanted.map_or(0, |wanted| wanted.members.len()), state }
    };
    here.map(row).collect()
}

fn told(outcome: Outcome) -> HttpResponse {
    see(match outcome {
        Outcome::Pushed => "/push?done=pushed#pushes",
        Outcome::Nothing => "/push?done=nothing",
        Outcome::NotTaken => "/push?done=not-taken#pushes",
        Outcome::Busy => "/push?done=busy",
    })
}

/// `POST /push/settings`
pub async fn settings(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    {
        let mut memory = stage.push.memory();
        memory.dialect = field(&form, "dialect").and_then(Dialect::parse).unwrap_or(memory.dialect);
        memory.automatic = field(&form, "automatic").is_some();
    }
    see("/push?done=settings")
}

/// `POST /push/test`
pub async fn test(stage: Data<Stage>) -> HttpResponse {
    told(push(&stage, What::Test, "Test connection".to_owned()).await)
}

/// `POST /push/everything`
pub async fn everything(stage: Data<Stage>) -> HttpResponse {
    told(push(&stage, What::Everything, "Everything that differs".to_owned()).await)
}

/// `POST /push/person`: one person is pushed, suspended, resumed or removed, and the directory told at once.
pub async fn person(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    let subject = field(&form, "person").unwrap_or_default();
    let people = stage.state.people();
    let Some(person) = people.find(subject).filter(|person| person.domain() == DOMAIN) else {
        return show_with(&stage, None, Some(PeopleError::Gone));
    };
    let (verb, changed) = match field(&form, "do") {
        Some("suspend") => ("Suspended", stage.state.change_people(|people| people.suspend(subject, true))),
        Some("resume") => ("Resumed", stage.state.change_people(|people| people.suspend(subject, false))),
        Some("remove") => {
            stage.push.memory().unassigned.insert(subject.to_owned());
            ("Removed", Ok(()))
        }
        _ => {
            stage.push.memory().unassigned.remove(subject);
            ("Pushed", Ok(()))
        }
    };
    match changed {
        Ok(()) => told(push(&stage, What::Person(subject), format!("{verb}: {}", person.name)).await),
        Err(error) => show_with(&stage, None, Some(error)),
    }
}

/// `POST /push/group`: a group is renamed or deleted, and the directory told at once.
pub async fn group(stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    let id = field(&form, "group").unwrap_or_default();
    let people = stage.state.people();
    let Some(group) = people.groups().iter().find(|group| group.id == id && group.domain == DOMAIN) else {
        return show_with(&stage, None, Some(PeopleError::GroupGone));
    };
    let name = field(&form, "name").unwrap_or_default();
    let (words, changed) = match field(&form, "do") {
        Some("delete") => {
            (format!("Deleted the group {}", group.name), stage.state.change_people(|people| people.delete_group(id)))
        }
        _ => (
            format!("Renamed the group {} to {}", group.name, name.trim()),
            stage.state.change_people(|people| people.rename_group(id, name)),
        ),
    };
    if let Err(error) = changed {
        return show_with(&stage, None, Some(error));
    }
    // A group that was never pushed is not the directory's.
    if !stage.push.memory().groups.contains_key(id) {
        return see("/push?done=saved");
    }
    told(push(&stage, What::Group(id), words).await)
}
