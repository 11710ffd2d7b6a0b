use std::sync::Mutex;

use proptest::prelude::*;

use super::*;
use crate::directory::Name;
use crate::membership::tests::{JIT, MAPPED, World, by_hand, email, groups, refusal, seat};
use crate::organization::{Domain, DomainState, Organization, ProvisioningMode};
use crate::provisioning::Refusal;

pub(in crate::membership) const SCIM: ProvisioningMode = ProvisioningMode::Scim { group_mappings: false };
pub(in crate::membership) const SCIM_MAPPED: ProvisioningMode = ProvisioningMode::Scim { group_mappings: true };

/// `anna` is anna@acme.example.
pub(in crate::membership) fn content(who: &str) -> UserContent {
    UserContent {
        user_name: Name::parse(who).expect("a name"),
        external_id: Some(format!("ext-{who}")),
        email: Some(email(&format!("{who}@acme.example"))),
        display_name: Some(who.to_uppercase()),
        active: true,
        resource: "{}".to_owned(),
    }
}

pub(in crate::membership) fn group_content(name: &str) -> GroupContent {
    GroupContent { display_name: Name::parse(name).expect("a name"), external_id: None, resource: "{}".to_owned() }
}

impl World {
    pub(in crate::membership) fn push<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Push<'_>) -> Result<T, PushError> + Send + 'static,
    ) -> Result<(T, Effects), PushError> {
        let parent = self.parent;
        self.write(move |tx, context| {
            let mut push = Push::new(tx, context, parent)?;
            let done = work(&mut push)?;
            Ok((done, push.finish()?))
        })
    }

    pub(in crate::membership) fn hire(&self, who: &str) -> DirectoryUser {
        let content = content(who);
        self.push(move |push| push.add_user(&format!("id-{}", content.user_name), &content)).expect("added").0
    }

    pub(in crate::membership) fn user(&self, who: &str) -> DirectoryUser {
        self.read(|tx| store::directory_users::by_user_name(tx, self.parent, who)).expect("in the directory")
    }

    pub(in crate::membership) fn change(
        &self,
        who: &str,
        change: impl Fn(&mut UserContent),
    ) -> Result<Effects, PushError> {
        let before = self.user(who);
        let mut after = before.content.clone();
        change(&mut after);
        self.push(move |push| push.update_user(&before, &after)).map(|(_, effects)| effects)
    }

    pub(in crate::membership) fn fire(&self, who: &str) -> Effects {
        let gone = self.user(who);
        self.push(move |push| Ok(push.delete_user(&gone)?)).expect("deleted").1
    }

    /// Makes a group of people who are in the directory.
    pub(in crate::membership) fn group(&self, name: &str, who: &[&str]) -> DirectoryGroup {
        let content = group_content(name);
        let (group, _) =
            self.push(move |push| push.add_group(&format!("gid-{}", content.display_name), &content)).expect("added");
        self.put_in(&group, who);
        group
    }

    pub(in crate::membership) fn ids(&self, who: &[&str]) -> Vec<DirectoryUserId> {
        who.iter().map(|who| self.user(who).id).collect()
    }

    pub(in crate::membership) fn put_in(&self, group: &DirectoryGroup, who: &[&str]) -> Effects {
        let (group, users) = (group.clone(), self.ids(who));
        self.push(move |push| Ok(push.add_members(&group, &users)?)).expect("put in").1
    }

    pub(in crate::membership) fn take_out(&self, group: &DirectoryGroup, who: &[&str]) -> Effects {
        let (group, users) = (group.clone(), self.ids(who));
        self.push(move |push| Ok(push.remove_members(&group, &users)?)).expect("taken out").1
    }

    pub(in crate::membership) fn set(&self, organization: &Organization) {
        let changed = organization.clone();
        self.write(move |tx, context| {
            store::organizations::update(tx, &changed)?;
            crate::membership::bind_mappings(tx, context, &changed)
        })
        .expect("set");
    }
}

#[test]
fn b18_a_pushed_person_is_a_member_of_every_scim_organization_at_once_and_of_no_other() {
    let world = World::new();
    let seats = [("premium", 1), ("standard", 5)];
    let work = world.organization("work", "enterprise-seats", SCIM, &seats);
    let lab = world.organization("lab", "enterprise-seats", SCIM, &[("standard", 1)]);
    let open = world.organization("open", "enterprise-seats", JIT, &seats);
    world.hire("anna");
    world.hire("bert");
    let standings = |who| [&work, &lab, &open].map(|organization| world.standing(organization, who));
    assert_eq!(standings("anna"), ["user/premium", "user/standard", "stranger"], "the highest free seat");
    assert_eq!(standings("bert"), ["user/standard", "stranger", "stranger"]);
    assert_eq!(world.queue(&lab), ["bert"], "no free seat: waiting");
}

#[test]
fn b18_deactivated_or_deleted_the_membership_and_the_sessions_have_ended_and_the_next_in_line_has_the_seat() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("standard", 1)]);
    world.hire("anna");
    world.hire("bert");
    world.hire("cleo");
    world.sign_in("anna", groups(&[]));
    world.open_session("anna");
    let effects = world.change("anna", |content| content.active = false).expect("changed");
    assert_eq!(effects.words(), ["work: 1 removed, 1 admitted from the queue"]);
    assert_eq!((world.standing(&work, "anna").as_str(), world.sessions("anna")), ("ended: not_provisioned", 0));
    assert_eq!(
        (world.standing(&work, "bert").as_str(), world.queue(&work)),
        ("user/standard", vec!["cleo".to_owned()])
    );
    world.fire("bert");
    assert_eq!(world.standing(&work, "bert"), "ended: not_provisioned");
    assert_eq!(world.standing(&work, "cleo"), "user/standard");
    world.change("anna", |content| content.active = true).expect("changed");
    assert_eq!(world.queue(&work), ["anna"], "activated again: the same as new");
    world.counts_agree();
}

#[test]
fn b18_a_change_of_profile_touches_the_profile_only() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("premium", 1), ("standard", 1)]);
    world.hire("anna");
    world.place(&work, "anna", by_hand("admin", seat("standard"), None)).expect("placed");
    let anna = world.person("anna");
    world
        .change("anna", |content| {
            content.email = Some(email("anna.berg@acme.example"));
            content.display_name = Some("Anna Berg".to_owned());
        })
        .expect("changed");
    assert_eq!(world.person("anna.berg"), anna, "renamed, the same person");
    assert_eq!(world.standing(&work, "anna.berg"), "admin/standard");
    let renamed = "person_renamed {\"after\":\"anna.berg@acme.example\",\"before\":\"anna@acme.example\"}";
    assert!(world.events(2).iter().any(|event| event == renamed), "{:?}", world.events(2));
}

#[test]
fn b9_an_address_of_somebody_else_is_refused_and_nothing_is_written() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("standard", 5)]);
    world.hire("anna");
    world.place(&work, "bert", by_hand("owner", seat("standard"), None)).expect("placed");
    let refused = world.change("anna", |content| content.email = Some(email("bert@acme.example")));
    assert!(matches!(refused, Err(PushError::AddressInUse)), "{refused:?}");
    assert_eq!(world.user("anna").content.email, Some(email("anna@acme.example")));
    let mut same = content("cleo");
    same.email = Some(email("anna@acme.example"));
    let refused = world.push(move |push| push.add_user("id-cleo", &same));
    assert!(matches!(refused, Err(PushError::Taken(Taken::Email))), "{refused:?}");
    assert_eq!(world.standing(&work, "bert"), "owner/standard");
    world.hire("bert");
    assert_eq!(world.user("bert").person, world.person("bert"), "known by hand, and no other user: the same person");
    assert_eq!(world.standing(&work, "bert"), "owner/standard");
}

#[test]
fn b21_in_manual_and_jit_modes_a_push_changes_the_directory_only() {
    let world = World::new();
    let seats = [("standard", 5)];
    let manual = world.organization("manual", "enterprise-seats", ProvisioningMode::Manual, &seats);
    let jit = world.organization("jit", "enterprise-seats", JIT, &seats);
    let mapped = world.organization("mapped", "enterprise-seats", MAPPED, &seats);
    world.sign_in("anna", groups(&["everyone"]));
    let tables = [
        "SELECT COUNT(*) FROM person",
        "SELECT COUNT(*) FROM member",
        "SELECT COUNT(*) FROM waiting",
        "SELECT COUNT(*) FROM audit_event",
        "SELECT SUM(version) FROM person",
    ];
    let before = tables.map(|sql| world.rows(sql));
    world.hire("anna");
    world.hire("bert");
    let everyone = world.group("everyone", &["anna", "bert"]);
    world.take_out(&everyone, &["anna"]);
    world.change("anna", |content| content.email = Some(email("other@acme.example"))).expect("changed");
    world.change("anna", |content| content.active = false).expect("changed");
    assert_eq!(world.fire("anna"), Effects::default());
    assert_eq!(tables.map(|sql| world.rows(sql)), before);
    let standings = [&manual, &jit, &mapped].map(|organization| world.standing(organization, "anna"));
    assert_eq!(standings, ["stranger", "user/standard", "user/standard"]);
}

#[test]
fn b19_in_scim_with_mappings_groups_give_role_and_seat_with_the_change_of_the_group() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("premium", 1), ("standard", 5)]);
    world.hire("anna");
    assert_eq!(world.standing(&work, "anna"), "stranger", "in no mapped group");
    let everyone = world.group("everyone", &["anna"]);
    assert_eq!(world.standing(&work, "anna"), "user/premium");
    let owners = world.group("owners", &["anna"]);
    let standard = world.group("standard", &["anna"]);
    assert_eq!(world.standing(&work, "anna"), "owner/standard", "the highest role; the seat of the seat group");
    world.take_out(&owners, &["anna"]);
    assert_eq!(world.standing(&work, "anna"), "user/standard");
    world.take_out(&standard, &["anna"]);
    world.take_out(&everyone, &["anna"]);
    assert_eq!(world.standing(&work, "anna"), "ended: no_group_access");
    assert_eq!(world.used(&work, "standard"), 0);
}

#[test]
fn b31_a_mapping_means_the_group_and_not_its_name() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 9)]);
    for who in ["anna", "bert"] {
        world.hire(who);
    }
    let owners = world.group("owners", &["anna"]);
    world.push(move |push| push.update_group(&owners, &group_content("Board"))).expect("renamed");
    assert_eq!(world.standing(&work, "anna"), "owner/standard", "a rename keeps the mapping");
    let new = GroupContent { external_id: Some("x".to_owned()), ..group_content("owners") };
    let (impostor, _) = world.push(move |push| push.add_group("gid-2", &new)).expect("added");
    world.put_in(&impostor, &["bert"]);
    assert_eq!(world.standing(&work, "bert"), "stranger", "a new group with the old name gets nothing");
    world.set(&work);
    assert_eq!(world.standing(&work, "bert"), "stranger", "nor after saving the same mapping again");
    let board = world.read(|tx| store::directory_groups::by_public_id(tx, world.parent, "gid-owners")).expect("there");
    world.push(move |push| Ok(push.delete_group(&board)?)).expect("deleted");
    assert_eq!(world.standing(&work, "anna"), "ended: no_group_access");
    world.set(&work);
    world.put_in(&impostor, &["anna"]);
    assert_eq!(world.standing(&work, "anna"), "ended: no_group_access", "the row means nobody now");
}

#[test]
fn b31_a_mapping_by_id_or_external_id_means_that_group_whatever_others_are_called() {
    let world = World::new();
    let mut work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 9)]);
    world.hire("anna");
    world.hire("bert");
    let named_like_an_id = world.group("ext-1", &["bert"]);
    let content = GroupContent { external_id: Some("ext-1".to_owned()), ..group_content("Board") };
    let (board, _) = world.push(move |push| push.add_group("gid-board", &content)).expect("added");
    world.put_in(&board, &["anna"]);
    work.mappings.roles[0].group = crate::identity::GroupKey::new("ext-1").expect("a group");
    world.set(&work);
    world.put_in(&world.group("everyone", &[]), &["anna", "bert"]);
    assert_eq!(world.standing(&work, "anna"), "owner/standard");
    assert_eq!(world.standing(&work, "bert"), "user/standard", "{named_like_an_id:?}");
}

#[test]
fn b31_a_name_in_another_case_or_that_two_groups_have_means_no_group() {
    for names in [&["Owners"][..], &["owners", "owners"]] {
        let world = World::new();
        world.hire("anna");
        for (n, name) in names.iter().enumerate() {
            let (id, content) = (format!("gid-{n}"), group_content(name));
            let (group, _) = world.push(move |push| push.add_group(&id, &content)).expect("added");
            world.put_in(&group, &["anna"]);
        }
        let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 9)]);
        world.set(&work);
        world.group("everyone", &["anna"]);
        assert_eq!(world.standing(&work, "anna"), "user/standard", "{names:?}");
    }
}

#[test]
fn b31_a_group_whose_id_is_the_name_of_another_that_is_mapped_gets_nothing_of_it() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 9)]);
    world.hire("anna");
    world.group("owners", &[]);
    let (impostor, _) = world.push(|push| push.add_group("owners", &group_content("Guests"))).expect("added");
    world.put_in(&impostor, &["anna"]);
    world.put_in(&world.group("everyone", &[]), &["anna"]);
    assert_eq!(world.standing(&work, "anna"), "user/standard");
}

#[test]
fn b9_who_has_the_address_of_somebody_elses_user_is_not_that_user() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("standard", 9)]);
    world.hire("anna");
    world.set(&Organization { mode: JIT, ..work.clone() });
    assert_eq!(refusal(&world.sign_in("bert", groups(&[]))), None);
    world.change("anna", |content| content.email = Some(email("bert@acme.example"))).expect("changed");
    world.set(&work);
    assert_eq!(refusal(&world.sign_in("bert", groups(&[]))), Some(Refusal::NotProvisioned), "the user is Anna");
    assert_eq!(world.user("anna").person, world.person("anna"));
}

#[test]
fn b22_b23_seats_are_not_oversold_by_one_push_of_many_and_members_are_served_before_newcomers() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("premium", 1), ("standard", 1)]);
    for who in ["anna", "bert", "cleo", "dora"] {
        world.hire(who);
    }
    let everyone = world.group("everyone", &[]);
    world.group("standard", &["dora"]);
    world.put_in(&everyone, &["dora"]);
    assert_eq!(world.standing(&work, "dora"), "user/standard");
    let premium = world.group("premium", &[]);
    let (everyone, users) = (everyone, world.ids(&["anna", "bert", "dora"]));
    let (_, effects) = world
        .push(move |push| {
            push.add_members(&premium, &users)?;
            Ok(push.add_members(&everyone, &users)?)
        })
        .expect("pushed");
    assert_eq!(effects.words(), ["work: 1 updated, 2 waiting for a seat"]);
    assert_eq!(world.standing(&work, "dora"), "user/premium", "a member first, whatever the order of the names");
    assert_eq!(world.queue(&work), ["anna", "bert"]);
    world.counts_agree();
}

#[test]
fn a_user_without_an_address_is_in_the_directory_and_no_member() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("standard", 5)]);
    let nobody = UserContent { email: None, ..content("anna") };
    let (_, effects) = world.push(move |push| push.add_user("id-anna", &nobody)).expect("added");
    assert_eq!(effects.words(), ["1 in the directory only: no usable e-mail address"]);
    assert_eq!(world.rows("SELECT COUNT(*) FROM person"), 0);
    world.change("anna", |content| content.email = Some(email("anna@acme.example"))).expect("changed");
    assert_eq!(world.standing(&work, "anna"), "user/standard");
}

#[test]
fn b9_a_new_user_with_the_address_of_a_person_who_is_another_user_is_refused() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("standard", 5)]);
    world.hire("anna");
    // While no organization follows the directory, it gives its user another address; the person here keeps the old one.
    world.set(&Organization { mode: JIT, ..work.clone() });
    world.change("anna", |content| content.email = Some(email("anna.berg@acme.example"))).expect("changed");
    world.set(&work);
    let mut same = content("cleo");
    same.email = Some(email("anna@acme.example"));
    let refused = world.push(move |push| push.add_user("id-cleo", &same));
    assert!(matches!(refused, Err(PushError::AddressInUse)), "{refused:?}");
    assert_eq!(world.rows("SELECT COUNT(*) FROM directory_user WHERE user_name = 'cleo'"), 0, "nothing was written");
    // Nor does one take it who was nobody here so far.
    let nobody = UserContent { email: None, ..content("dora") };
    world.push(move |push| push.add_user("id-dora", &nobody)).expect("without an address");
    let refused = world.change("dora", |content| content.email = Some(email("anna@acme.example")));
    assert!(matches!(refused, Err(PushError::AddressInUse)), "{refused:?}");
    assert_eq!(world.user("dora").content.email, None);
}

#[test]
fn another_groups_external_id_is_refused_for_a_known_group_too() {
    let world = World::new();
    let (staff, guests) = (world.group("Staff", &[]), world.group("Guests", &[]));
    let named = |name: &str| GroupContent { external_id: Some("ext-1".to_owned()), ..group_content(name) };
    let (first, second) = (named("Staff"), named("Guests"));
    world.push(move |push| push.update_group(&staff, &first)).expect("the first to have it");
    let refused = world.push(move |push| push.update_group(&guests, &second));
    assert!(matches!(refused, Err(PushError::Taken(Taken::ExternalId))), "{refused:?}");
    let again = world.read(|tx| store::directory_groups::by_external_id(tx, world.parent, "ext-1")).expect("Staff's");
    let kept = again.content.clone();
    world.push(move |push| push.update_group(&again, &kept)).expect("one's own is not taken");
}

#[test]
fn what_is_taken_is_refused_in_any_case_and_unicode_form() {
    let world = World::new();
    let first = UserContent { user_name: Name::parse("J\u{fc}rgen").expect("a name"), ..content("a") };
    world.push(move |push| push.add_user("id-1", &first)).expect("added");
    for same in ["j\u{fc}rgen", "JU\u{308}RGEN", "\u{ff2a}\u{fc}rgen"] {
        let same = UserContent { user_name: Name::parse(same).expect("a name"), ..content("b") };
        let refused = world.push(move |push| push.add_user("id-2", &same));
        assert!(matches!(refused, Err(PushError::Taken(Taken::UserName))), "{refused:?}");
    }
    let same = UserContent { external_id: Some("ext-a".to_owned()), ..content("c") };
    let refused = world.push(move |push| push.add_user("id-3", &same));
    assert!(matches!(refused, Err(PushError::Taken(Taken::ExternalId))), "{refused:?}");
    assert_eq!(world.rows("SELECT users FROM directory"), 1);
}

#[test]
fn b23_sixty_four_concurrent_pushes_for_ten_seats_make_ten_members_and_a_queue_in_order() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("standard", 10)]);
    let order = Mutex::new(());
    std::thread::scope(|scope| {
        for n in 0..64 {
            let (world, order) = (&world, &order);
            scope.spawn(move || {
                drop(order.lock());
                world.hire(&format!("p{n}"))
            });
        }
    });
    assert_eq!(world.used(&work, "standard"), 10);
    assert_eq!(world.rows("SELECT COUNT(*) FROM member WHERE status = 'active'"), 10);
    assert_eq!(world.queue(&work).len(), 54);
    let out_of_order = world.rows(
        "SELECT COUNT(*) FROM waiting a JOIN waiting b ON a.position < b.position \
         JOIN directory_user x ON x.person_id = a.person_id JOIN directory_user y ON y.person_id = b.person_id \
         WHERE x.id > y.id",
    );
    assert_eq!(out_of_order, 0, "first come, first in the queue");
    world.counts_agree();
}

#[test]
fn four_writers_changing_one_group_lose_nothing() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 100)]);
    for n in 0..40 {
        world.hire(&format!("p{n}"));
    }
    let everyone = world.group("everyone", &[]);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (world, everyone) = (&world, &everyone);
            scope.spawn(move || {
                for n in 0..10 {
                    world.put_in(everyone, &[&format!("p{}", writer * 10 + n)]);
                }
            });
        }
    });
    assert_eq!(world.rows("SELECT members FROM directory_group"), 40);
    assert_eq!(world.rows("SELECT COUNT(*) FROM directory_membership"), 40);
    assert_eq!(world.rows("SELECT COUNT(*) FROM member WHERE status = 'active'"), 40);
    assert_eq!(world.used(&work, "standard"), 40);
    let after = world.read(|tx| store::directory_groups::by_id(tx, everyone.id)).expect("there");
    assert_eq!(after.version, everyone.version + 40, "every change is one");
}

#[test]
fn b20_in_the_scim_modes_a_sign_in_rests_on_the_directory_and_not_on_the_assertion() {
    let world = World::new();
    let seats = [("standard", 9)];
    let plain = world.organization("plain", "enterprise-seats", SCIM, &seats);
    let mapped = world.organization("mapped", "enterprise-seats", SCIM_MAPPED, &seats);
    assert_eq!(refusal(&world.sign_in("anna", groups(&["owners"]))), Some(Refusal::NotProvisioned));
    assert_eq!(world.rows("SELECT COUNT(*) FROM person"), 0);
    world.hire("anna");
    let everyone = world.group("everyone", &["anna"]);
    assert_eq!(refusal(&world.sign_in("anna", groups(&["owners"]))), None);
    let standings = || [&plain, &mapped].map(|organization| world.standing(organization, "anna"));
    assert_eq!(standings(), ["user/standard", "user/standard"], "the asserted group owners counts for nothing");
    world.take_out(&everyone, &["anna"]);
    assert_eq!(refusal(&world.sign_in("anna", groups(&["everyone"]))), None, "one that lets the person in is enough");
    assert_eq!(standings(), ["user/standard", "ended: no_group_access"]);
    world.change("anna", |content| content.active = false).expect("changed");
    assert_eq!(refusal(&world.sign_in("anna", groups(&["everyone"]))), Some(Refusal::Suspended));
    world.fire("anna");
    assert_eq!(refusal(&world.sign_in("anna", groups(&["everyone"]))), Some(Refusal::NotProvisioned));
}

#[test]
fn b20_a_member_by_hand_who_is_not_in_the_directory_is_refused_and_stays_listed() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("standard", 9)]);
    world.place(&work, "anna", by_hand("admin", seat("standard"), None)).expect("placed");
    assert_eq!(refusal(&world.sign_in("anna", groups(&[]))), Some(Refusal::NotProvisioned));
    assert_eq!(world.standing(&work, "anna"), "admin/standard");
}

#[test]
fn b8_whoever_is_pushed_with_an_address_of_no_verified_domain_is_a_member_and_cannot_sign_in() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("premium", 2)]);
    let guest = UserContent { email: Some(email("zoe@elsewhere.example")), ..content("zoe") };
    world.push(move |push| push.add_user("id-zoe", &guest)).expect("taken");
    let members = world.read(|tx| store::members::standing(tx, work.id));
    assert_eq!(members.len(), 1, "the directory decides who is a member (decision 0011)");
    let attempted = world.sign_in_as(&world.okta, "zoe", "zoe@elsewhere.example", groups(&[]));
    assert_eq!(refusal(&attempted), Some(Refusal::DomainNotVerified));
    assert_eq!(world.read(|tx| store::members::standing(tx, work.id)), members);
}

#[test]
fn b6_a_lost_domain_keeps_out_whom_the_directory_made_and_nobody_knows_yet_and_ends_nothing() {
    let mut world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("premium", 3)]);
    world.hire("anna");
    world.hire("bert");
    assert_eq!(refusal(&world.sign_in("anna", groups(&[]))), None);
    let (parent, lost) = (world.parent, world.now);
    world
        .write(move |tx, _| {
            let name = crate::identity::DomainName::parse("acme.example").expect("a domain");
            let known = store::domains::find(tx, parent, &name)?.expect("there");
            let state = DomainState::Verified { since: lost, vouched: false, lost: Some(lost) };
            store::domains::update(tx, &Domain { state, ..known })
        })
        .expect("lost");
    world.now = lost.plus(Domain::GRACE);
    world.hire("cleo");
    assert_eq!(refusal(&world.sign_in("anna", groups(&[]))), None, "known by the subject");
    for who in ["bert", "cleo"] {
        assert_eq!(refusal(&world.sign_in(who, groups(&[]))), Some(Refusal::DomainNotVerified), "{who}");
        assert_eq!(world.standing(&work, who), "user/premium", "the membership waits for the record");
    }
}

#[test]
fn b20_another_persons_directory_record_is_nobodys_way_in() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("standard", 9)]);
    world.hire("anna");
    world.sign_in("anna", groups(&[]));
    // The identity provider now asserts anna's old address for somebody else, whom the directory does not hold.
    world.change("anna", |content| content.email = Some(email("anna.berg@acme.example"))).expect("changed");
    let attempted = world.sign_in_as(&world.okta, "another", "anna@acme.example", groups(&[]));
    assert_eq!(refusal(&attempted), Some(Refusal::NotProvisioned));
    let attempted = world.sign_in_as(&world.okta, "another", "anna.berg@acme.example", groups(&[]));
    assert_eq!(refusal(&attempted), Some(Refusal::IdentityConflict));
    assert_eq!(world.standing(&work, "anna.berg"), "user/standard");
}

/// One operation of an identity provider, on a few people and groups.
#[derive(Clone, Debug)]
enum Step {
    Hire(usize),
    Fire(usize),
    Activate(usize, bool),
    PutIn(usize, Vec<usize>),
    TakeOut(usize, Vec<usize>),
    Replace(usize, Vec<usize>),
}

const PEOPLE: [&str; 5] = ["anna", "bert", "cleo", "dora", "emil"];
const GROUPS: [&str; 4] = ["owners", "admins", "everyone", "cooks"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let some = || prop::collection::vec(0..PEOPLE.len(), 0..4);
    let step = prop_oneof![
        3 => (0..PEOPLE.len()).prop_map(Step::Hire),
        1 => (0..PEOPLE.len()).prop_map(Step::Fire),
        1 => (0..PEOPLE.len(), any::<bool>()).prop_map(|(who, active)| Step::Activate(who, active)),
        3 => (0..GROUPS.len(), some()).prop_map(|(group, who)| Step::PutIn(group, who)),
        2 => (0..GROUPS.len(), some()).prop_map(|(group, who)| Step::TakeOut(group, who)),
        1 => (0..GROUPS.len(), some()).prop_map(|(group, who)| Step::Replace(group, who)),
    ];
    prop::collection::vec(step, 1..25)
}

impl World {
    fn is_held(&self, who: usize) -> bool {
        self.read(|tx| store::directory_users::by_user_name(tx, self.parent, PEOPLE[who])).is_some()
    }

    fn take_step(&self, step: &Step) {
        let held = |who: &[usize]| -> Vec<&str> {
            who.iter().filter(|who| self.is_held(**who)).map(|who| PEOPLE[*who]).collect()
        };
        let group = |group: usize| {
            self.read(|tx| store::directory_groups::by_public_id(tx, self.parent, &format!("gid-{}", GROUPS[group])))
                .expect("there from the start")
        };
        match step {
            Step::Hire(who) if !self.is_held(*who) => drop(self.hire(PEOPLE[*who])),
            Step::Fire(who) if self.is_held(*who) => drop(self.fire(PEOPLE[*who])),
            Step::Activate(who, active) if self.is_held(*who) => {
                let active = *active;
                self.change(PEOPLE[*who], move |content| content.active = active).expect("changed");
            }
            Step::Hire(_) | Step::Fire(_) | Step::Activate(..) => {}
            Step::PutIn(at, who) => drop(self.put_in(&group(*at), &held(who))),
            Step::TakeOut(at, who) => drop(self.take_out(&group(*at), &held(who))),
            Step::Replace(at, who) => {
                let (group, users) = (group(*at), self.ids(&held(who)));
                self.push(move |push| Ok(push.replace_members(&group, &users)?)).expect("replaced");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Seats are ample and no group gives one, for a held seat stays whatever the way to it was (decision 0001).
    #[test]
    fn any_sequence_of_operations_leaves_what_the_same_facts_at_once_leave(steps in steps()) {
        let begin = || {
            let world = World::new();
            let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 9)]);
            GROUPS.iter().for_each(|group| drop(world.group(group, &[])));
            (world, work)
        };
        let (walked, work) = begin();
        steps.iter().for_each(|step| walked.take_step(step));
        // Whatever the brake halted is approved, for this is about where it all leads.
        let runs = crate::membership::Runs {
            db: walked.db.clone(),
            catalog: walked.catalog.clone(),
            actor: crate::audit::Actor::System,
            from: None,
            clock: std::sync::Arc::new(crate::clock::TestClock::at(walked.now)),
        };
        for run in walked.read(|tx| store::sync_runs::open(tx, work.id)) {
            runs.approve(run.id).expect("approved");
        }
        let (at_once, same) = begin();
        for (who, name) in PEOPLE.iter().enumerate().filter(|(who, _)| walked.is_held(*who)) {
            let user = walked.user(name);
            let groups = walked.read(|tx| store::directory_memberships::groups_of_user(tx, user.id));
            at_once.hire(name);
            for group in groups {
                let at = GROUPS.iter().position(|known| *known == group.display).expect("known");
                at_once.take_step(&Step::PutIn(at, vec![who]));
            }
            at_once.change(name, move |content| content.active = user.content.active).expect("changed");
        }
        for name in PEOPLE {
            let standing = |world: &World, work: &Organization| {
                Some(world.standing(work, name)).filter(|standing| standing.contains('/'))
            };
            prop_assert_eq!(standing(&walked, &work), standing(&at_once, &same), "{}", name);
        }
        walked.counts_agree();
    }
}

#[test]
fn whoever_was_made_of_a_user_before_and_moved_away_stands_in_nobodys_way() {
    let world = World::new();
    let address = crate::identity::EmailAddress::parse("dora@elsewhere.example").expect("an address");
    let taken = format!("p-id-{}", content("dora").user_name);
    world
        .write(move |tx, context| {
            let slug = crate::ids::Slug::parse("elsewhere").expect("a slug");
            let plan = crate::product::ParentPlan::Enterprise;
            let elsewhere = store::organizations::add_parent(tx, &slug, "Elsewhere", plan)?;
            for id in [taken.clone(), format!("{taken}-2")] {
                let address = crate::identity::EmailAddress::parse(&format!("{id}@{}", address.domain())).expect("one");
                store::people::add(tx, elsewhere, &id, &address, "Dora", context.now)?;
            }
            Ok::<_, DbError>(())
        })
        .expect("added");
    let synced = world.organization("synced", "enterprise-seats", SCIM, &[("premium", 3)]);
    world.hire("dora");
    let dora = world.person("dora").expect("somebody new");
    let member = world.read(|tx| store::members::find(tx, synced.id, dora));
    assert!(member.is_some_and(|member| member.is_active()));
}
