//! What a push tells, in both dialects, and what is remembered of the answers. The directory here is a listener that answers
//! from a short script and notes what it was told.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde_json::{Value, json};

use super::client::{Outcome, What, automatically, push};
use super::dialect::Dialect;
use super::plan::{GroupFacts, Step, Target, UserFacts, about, steps};
use super::{Memory, Push};
use crate::demo::people::{People, PersonForm};
use crate::demo::sites::Sites;
use crate::demo::stage::Stage;
use crate::demo::tests::{Walk, stage_like};
use crate::outbound::Method;

const ANNA: &str = "demo-user-at-acme.test";

fn anna() -> UserFacts {
    let name = "Anna Maria Schmidt".to_owned();
    UserFacts { key: ANNA.to_owned(), user_name: "user@acme.test".to_owned(), name, active: true }
}

fn group(members: &[&str]) -> GroupFacts {
    let members = members.iter().map(|member| (*member).to_owned()).collect();
    GroupFacts { key: "demo-acme-admins".to_owned(), name: "acme-admins".to_owned(), members }
}

#[test]
fn entra_patches_with_capitals_texts_for_booleans_and_lists_of_members() {
    let entra = Dialect::Entra;
    let made = entra.create_user(&anna());
    assert_eq!((made.method, made.path.as_str()), (Method::Post, "/Users"));
    assert_eq!(
        made.body,
        Some(json!({
            "schemas": [
                "urn:ietf:params:scim:schemas:core:2.0:User",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
            ],
            "externalId": ANNA,
            "userName": "user@acme.test",
            "active": true,
            "displayName": "Anna Maria Schmidt",
            "emails": [{"primary": true, "type": "work", "value": "user@acme.test"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "Anna Maria Schmidt", "familyName": "Schmidt", "givenName": "Anna Maria"},
            "roles": [],
        }))
    );
    let operations = |request: super::dialect::Request| {
        assert_eq!(request.method, Method::Patch);
        request.body.expect("a body")["Operations"].clone()
    };
    assert_eq!(
        operations(entra.switch_user("u1", false)),
        json!([{"op": "Replace", "path": "active", "value": "False"}])
    );
    let renamed = UserFacts { name: "Anna Meyer".to_owned(), ..anna() };
    assert_eq!(
        operations(entra.change_user("u1", Some(&anna()), &renamed)),
        json!([
            {"op": "Replace", "path": "displayName", "value": "Anna Meyer"},
            {"op": "Replace", "path": "name.formatted", "value": "Anna Meyer"},
            {"op": "Replace", "path": "name.givenName", "value": "Anna"},
            {"op": "Replace", "path": "name.familyName", "value": "Meyer"},
        ]),
        "only what changed"
    );
    assert_eq!(entra.remove_user("u1").method, Method::Delete);
    let user = |id: &str| (id.to_owned(), format!("{id}@acme.test"));
    let mut members = entra.change_members("g1", &[user("u2"), user("u3")], &[user("u1")]);
    assert_eq!(
        operations(members.remove(1)),
        json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "u2"}, {"$ref": null, "value": "u3"}]}])
    );
    assert_eq!(
        operations(members.remove(0)),
        json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "u1"}]}])
    );
    assert_eq!(
        operations(entra.rename_group("g1", "bosses")),
        json!([{"op": "Replace", "path": "displayName", "value": "bosses"}])
    );
    let found = entra.find_group(&group(&[]));
    assert_eq!(found.path, "/Groups?excludedAttributes=members&filter=displayName+eq+%22acme-admins%22");
}

#[test]
fn okta_replaces_whole_users_patches_without_a_path_and_deletes_nobody() {
    let okta = Dialect::Okta;
    let body = |request: &super::dialect::Request| request.body.clone().expect("a body");
    let made = body(&okta.create_user(&anna()));
    assert_eq!((&made["externalId"], &made["groups"], &made["active"]), (&json!(ANNA), &json!([]), &json!(true)));
    assert!(made["password"].is_string(), "Okta always sends one");
    assert_eq!(made["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User"]));
    let put = okta.change_user("u1", Some(&anna()), &anna());
    assert_eq!((put.method, put.path.as_str()), (Method::Put, "/Users/u1"));
    assert_eq!((&body(&put)["id"], &body(&put)["userName"]), (&json!("u1"), &json!("user@acme.test")));
    assert_eq!(okta.before_change("u1").map(|request| request.path), Some("/Users/u1".to_owned()));
    let off = okta.remove_user("u1");
    assert_eq!((off.method, &off), (Method::Patch, &okta.switch_user("u1", false)));
    assert_eq!(body(&off)["Operations"], json!([{"op": "replace", "value": {"active": false}}]));
    assert_eq!(
        body(&okta.rename_group("g1", "bosses"))["Operations"],
        json!([{"op": "replace", "value": {"id": "g1", "displayName": "bosses"}}])
    );
    let user = |id: &str| (id.to_owned(), format!("{id}@acme.test"));
    let members = okta.change_members("g1", &[user("u2")], &[user("u1")]);
    assert_eq!(members.len(), 1, "both in one");
    assert_eq!(
        body(&members[0])["Operations"],
        json!([
            {"op": "remove", "path": "members[value eq \"u1\"]"},
            {"op": "add", "path": "members", "value": [{"value": "u2", "display": "u2@acme.test"}]},
        ])
    );
    let found = okta.find_user(&anna());
    assert_eq!(found.path, "/Users?filter=userName+eq+%22user%40acme.test%22&startIndex=1&count=100");
    assert_eq!(body(&okta.create_group(&group(&[]))).get("externalId"), None, "Okta names no stable id of a group");
}

#[test]
fn a_name_with_quotes_stays_one_text_in_a_filter() {
    let odd = GroupFacts { name: "a\" or displayName pr or \"".to_owned(), ..group(&[]) };
    let path = Dialect::Entra.find_group(&odd).path;
    let query = path.split_once('?').expect("a query").1;
    let (_, filter) = url::form_urlencoded::parse(query.as_bytes()).nth(1).expect("a filter");
    assert_eq!(filter, "displayName eq \"a\\\" or displayName pr or \\\"\"");
}

#[test]
fn only_the_company_s_people_are_pushed_and_only_what_differs() {
    let mut people = People::default();
    let target = Target::of(&people, &BTreeSet::new());
    assert!(target.users.contains_key(ANNA) && !target.users.contains_key("demo-ida-at-smallteam.test"));
    assert!(target.groups.values().all(|group| group.name != "friends"));

    let mut told = Memory::default();
    for (key, user) in &target.users {
        told.users.insert(key.clone(), (format!("u-{key}"), user.clone()));
    }
    for (key, group) in &target.groups {
        told.groups.insert(key.clone(), (format!("g-{key}"), group.clone()));
    }
    assert_eq!(steps(&target, &told), [], "nothing to tell");

    people.suspend(ANNA, true).expect("she is there");
    people.rename_group("demo-acme-admins", "bosses").expect("a free name");
    people.delete_group("demo-acme-research").expect("it is there");
    people.remove("demo-bea-at-acme.test").expect("she is there");
    let noah = "demo-nogroup-at-acme.test";
    let form = PersonForm {
        name: "Noah L".into(),
        email: "nogroup@acme.test".into(),
        groups: ["acme-everyone".to_owned()].into(),
    };
    people.change(noah, &form).expect("taken");
    let target = Target::of(&people, &BTreeSet::new());
    let found = steps(&target, &told);
    let keys = |step: &Step| match step {
        Step::RemoveGroup(key) | Step::RemoveUser(key) => key.clone(),
        Step::SwitchUser(user) => format!("{} {}", user.key, user.active),
        Step::ChangeUser(user) => format!("{} {}", user.key, user.name),
        Step::RenameGroup { key, name } => format!("{key} {name}"),
        Step::ChangeMembers { key, add, remove } => format!("{key} +{add:?} -{remove:?}"),
        Step::AddUser(user) => user.key.clone(),
        Step::AddGroup(group) => group.key.clone(),
    };
    assert_eq!(
        found.iter().map(keys).collect::<Vec<_>>(),
        [
            "demo-acme-research",
            "demo-bea-at-acme.test",
            "demo-nogroup-at-acme.test Noah L",
            "demo-user-at-acme.test false",
            "demo-acme-admins bosses",
            "demo-acme-billing +{} -{\"demo-bea-at-acme.test\"}",
            "demo-acme-everyone +{\"demo-nogroup-at-acme.test\"} -{}",
        ],
        "whatever ends access comes first"
    );
    assert_eq!(about(noah, &target, &told).len(), 2, "himself and the one group");
    let unassigned = [noah.to_owned()].into();
    let without = about(noah, &Target::of(&people, &unassigned), &told);
    assert_eq!(without, [Step::RemoveUser(noah.to_owned())]);
}

#[test]
fn one_push_at_a_time() {
    let push = Push::new("t".to_owned());
    let turn = push.turn().expect("nobody else");
    assert!(push.turn().is_none());
    drop(turn);
    assert!(push.turn().is_some());
}

/// Answers from a script, and notes what it was told.
#[derive(Default)]
struct Directory {
    told: Mutex<Vec<(String, String, Value)>>,
    /// What is refused: the beginning of `METHOD /path`, and the status.
    refuses: Mutex<Vec<(String, u16)>>,
    /// What a search finds: part of the query, and the id.
    finds: Mutex<Vec<(String, String)>>,
}

impl Directory {
    fn calls(&self) -> Vec<String> {
        self.told.lock().unwrap().iter().map(|(call, ..)| call.clone()).collect()
    }

    fn forget(&self) {
        self.told.lock().unwrap().clear();
    }

    fn refuse(&self, what: &str, status: u16) {
        self.refuses.lock().unwrap().push((what.to_owned(), status));
    }
}

async fn listen(directory: Data<Directory>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let path = path.strip_prefix("/scim/v2").expect("the base URL").to_owned();
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(header("authorization"), "Bearer a token");
    assert_eq!(header("content-type"), "application/scim+json; charset=utf-8");
    let call = format!("{} {path}", request.method());
    let agent = header("user-agent").to_owned();
    let nth = {
        let mut told = directory.told.lock().unwrap();
        told.push((call.clone(), agent, serde_json::from_slice(&body).unwrap_or_default()));
        told.len()
    };
    let refused = directory.refuses.lock().unwrap().iter().find(|(what, _)| call.starts_with(what)).map(|(_, s)| *s);
    if let Some(status) = refused {
        let status = actix_web::http::StatusCode::from_u16(status).unwrap();
        return HttpResponse::build(status).json(json!({"detail": "not here"}));
    }
    match request.method().as_str() {
        "GET" => {
            let finds = directory.finds.lock().unwrap();
            let found = finds.iter().filter(|(part, _)| call.contains(part)).map(|(_, id)| json!({"id": id}));
            HttpResponse::Ok().json(json!({"Resources": found.collect::<Vec<_>>()}))
        }
        "POST" => HttpResponse::Created().json(json!({"id": format!("id-{nth}")})),
        "DELETE" => HttpResponse::NoContent().finish(),
        _ => HttpResponse::Ok().json(json!({})),
    }
}

/// An identity provider whose gateway is such a directory.
fn pushing() -> (Data<Stage>, Arc<Directory>) {
    let directory = Arc::new(Directory::default());
    let data = Data::from(directory.clone());
    let server =
        HttpServer::new(move || App::new().app_data(data.clone()).default_service(actix_web::web::route().to(listen)));
    let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).expect("a port");
    let gateway = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    let stage = stage_like(&Walk::new());
    (Data::new(Stage { sites: Sites { gateway, ..Sites::at(8079) }, ..stage }), directory)
}

async fn everything(stage: &Stage) -> Outcome {
    push(stage, What::Everything, "Everything".to_owned()).await
}

#[actix_web::test]
async fn the_first_push_makes_users_then_groups_then_members_and_the_second_has_nothing_to_tell() {
    for dialect in Dialect::ALL {
        let (stage, directory) = pushing();
        stage.push.memory().dialect = dialect;
        assert_eq!(everything(&stage).await, Outcome::Pushed);
        let calls = directory.calls();
        let target = Target::of(&stage.state.people(), &BTreeSet::new());
        let count = |what: &str| calls.iter().filter(|call| call.starts_with(what)).count();
        assert_eq!((count("POST /Users"), count("POST /Groups")), (target.users.len(), target.groups.len()));
        let filled = target.groups.values().filter(|group| !group.members.is_empty()).count();
        assert_eq!(count("PATCH /Groups/"), filled);
        let first_group = calls.iter().position(|call| call.starts_with("POST /Groups"));
        let last_user = calls.iter().rposition(|call| call.starts_with("POST /Users"));
        assert!(last_user < first_group, "{calls:?}");
        let told = directory.told.lock().unwrap().clone();
        let anna = told.iter().position(|(_, _, body)| body["externalId"] == json!(ANNA)).expect("told");
        assert!(told.iter().all(|(_, agent, _)| agent.contains(if dialect == Dialect::Okta {
            "Okta"
        } else {
            "Entra"
        })));
        // The group is filled with the id that the directory gave her.
        let id = format!("id-{}", anna + 1);
        let filled = told.iter().find(|(call, _, body)| {
            call.starts_with("PATCH /Groups/") && body.to_string().contains(&format!("\"value\":\"{id}\""))
        });
        assert!(filled.is_some(), "{dialect}: {id} in a group");
        directory.forget();
        assert_eq!(everything(&stage).await, Outcome::Nothing);
        assert_eq!(directory.calls(), [""; 0]);
    }
}

#[actix_web::test]
async fn a_suspension_is_one_request_and_a_removal_another() {
    let (stage, directory) = pushing();
    everything(&stage).await;
    let id = stage.push.memory().users[ANNA].0.clone();
    directory.forget();
    stage.state.change_people(|people| people.suspend(ANNA, true)).expect("she is there");
    assert_eq!(push(&stage, What::Person(ANNA), "Suspend".to_owned()).await, Outcome::Pushed);
    assert_eq!(directory.calls(), [format!("PATCH /Users/{id}")]);
    directory.forget();
    stage.push.memory().unassigned.insert(ANNA.to_owned());
    assert_eq!(push(&stage, What::Person(ANNA), "Remove".to_owned()).await, Outcome::Pushed);
    assert_eq!(directory.calls(), [format!("DELETE /Users/{id}")]);
    assert_eq!(everything(&stage).await, Outcome::Nothing, "nobody has to be taken out of groups");
}

#[actix_web::test]
async fn what_is_not_taken_is_told_again_and_what_is_gone_is_made_anew() {
    let (stage, directory) = pushing();
    directory.refuse("POST /Users", 500);
    assert_eq!(everything(&stage).await, Outcome::NotTaken);
    assert!(stage.push.memory().users.is_empty());
    let failed = stage.push.memory().runs[0].failed();
    assert_eq!(failed, Target::of(&stage.state.people(), &BTreeSet::new()).users.len());
    directory.refuses.lock().unwrap().clear();
    assert_eq!(everything(&stage).await, Outcome::Pushed);
    assert_eq!(everything(&stage).await, Outcome::Nothing, "members too");

    directory.refuse("PATCH /Users/", 404);
    stage.state.change_people(|people| people.suspend(ANNA, true)).expect("she is there");
    assert_eq!(everything(&stage).await, Outcome::NotTaken);
    directory.refuses.lock().unwrap().clear();
    directory.forget();
    assert_eq!(everything(&stage).await, Outcome::Pushed);
    assert_eq!(directory.calls()[1], "POST /Users", "made anew: {:?}", directory.calls());
    assert_eq!(directory.told.lock().unwrap()[1].2["active"], json!(false));
}

#[actix_web::test]
async fn a_push_that_is_turned_away_stops() {
    for status in [401, 403, 429] {
        let (stage, directory) = pushing();
        directory.refuse("GET /Users", status);
        assert_eq!(everything(&stage).await, Outcome::NotTaken);
        assert_eq!(directory.calls().len(), 1, "{status}");
    }
}

#[actix_web::test]
async fn whoever_the_directory_knows_already_is_matched_and_not_made_twice() {
    for (dialect, expected) in [(Dialect::Entra, "PATCH /Users/known"), (Dialect::Okta, "PUT /Users/known")] {
        let (stage, directory) = pushing();
        stage.push.memory().dialect = dialect;
        let wanted = ("user%40acme.test".to_owned(), "known".to_owned());
        directory.finds.lock().unwrap().push(wanted);
        assert_eq!(push(&stage, What::Person(ANNA), "Anna".to_owned()).await, Outcome::Pushed);
        let calls = directory.calls();
        assert_eq!(calls[1], expected);
        assert_eq!(calls[2], "PATCH /Users/known", "switched on, for it may have been off");
        assert!(!calls.contains(&"POST /Users".to_owned()), "{calls:?}");
    }
}

#[actix_web::test]
async fn edits_are_pushed_at_once_if_that_is_switched_on() {
    let (stage, directory) = pushing();
    assert_eq!(automatically(&stage, "After an edit").await, None);
    assert_eq!(directory.calls(), [""; 0]);
    stage.push.memory().automatic = true;
    assert_eq!(automatically(&stage, "After an edit").await, Some(Outcome::Pushed));
    let turn = stage.push.turn().expect("nobody else");
    assert_eq!(automatically(&stage, "After an edit").await, Some(Outcome::Busy));
    drop(turn);
    stage.push.memory().automatic = false;
    assert_eq!(push(&stage, What::Test, "Test".to_owned()).await, Outcome::Pushed);
}

#[actix_web::test]
async fn the_page_tells_who_is_pushed_and_its_buttons_do_what_they_say() {
    let walk = Walk::new();
    let page = walk.get("/push").await.html;
    assert!(page.contains("Anna Schmidt") && page.contains("not pushed") && !page.contains("Ida Novak"), "{page}");
    assert!(!page.contains("a token"), "the token is not shown");
    // Nobody listens at the gateway's address here.
    let pushed = walk.post("/push/person", &[("person", ANNA), ("do", "push")]).await;
    assert_eq!(pushed.location.as_deref(), Some("/push?done=not-taken#pushes"));
    assert!(walk.get("/push").await.html.contains("The gateway did not answer."));
    walk.post("/push/person", &[("person", ANNA), ("do", "suspend")]).await;
    assert!(walk.get("/people").await.html.contains("suspended"));
    let refused = walk.post("/start/smallteam", &[("person", ANNA), ("fault", "")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("is suspended here"), "{}", refused.html);
    let rename = |name: &'static str| [("group", "demo-acme-admins"), ("do", "rename"), ("name", name)];
    let renamed = walk.post("/push/group", &rename("bosses")).await;
    assert_eq!(renamed.location.as_deref(), Some("/push?done=saved"), "it was never pushed");
    let taken = walk.post("/push/group", &rename("acme-owners")).await;
    assert_eq!(taken.status, 422);
    assert!(taken.html.contains("There is a group of this name already."));
    let foreign = walk.post("/push/person", &[("person", "demo-ida-at-smallteam.test"), ("do", "suspend")]).await;
    assert_eq!(foreign.status, 422, "Ida is another company's");
    walk.post("/push/settings", &[("dialect", "okta"), ("automatic", "on")]).await;
    let memory = walk.stage.push.memory();
    assert_eq!((memory.dialect, memory.automatic), (Dialect::Okta, true));
}
