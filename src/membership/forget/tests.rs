use super::*;
use crate::audit::Actor;
use crate::membership::push::tests::SCIM_MAPPED;
use crate::membership::tests::{JIT, World, groups};
use crate::organization::SyncState;

fn runs(world: &World) -> Runs {
    Runs {
        db: world.db.clone(),
        catalog: world.catalog.clone(),
        actor: Actor::Shell("ops".to_owned()),
        from: None,
        clock: std::sync::Arc::new(crate::clock::TestClock::at(world.now)),
    }
}

fn token(world: &World) {
    let (parent, now) = (world.parent, world.now);
    world.write(move |tx, _| store::scim_tokens::add(tx, parent, "okta", &[1; 32], now, None)).expect("a token");
}

fn tokens(world: &World) -> usize {
    world.read(|tx| store::scim_tokens::of_parent(tx, world.parent)).len()
}

fn rows(world: &World) -> [i64; 4] {
    use crate::db::TxExt as _;
    let count = |sql: &'static str| world.read(|tx| tx.one(sql, &[], |row| row.int(0))).expect("a count");
    [
        count("SELECT COUNT(*) FROM directory_user"),
        count("SELECT COUNT(*) FROM directory_group"),
        count("SELECT COUNT(*) FROM directory_membership"),
        count("SELECT COUNT(*) FROM group_binding"),
    ]
}

/// Ten people who are members by `everyone`, the first an owner.
fn ten(world: &World) -> Organization {
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 10)]);
    let names: Vec<String> = (0..10).map(|n| format!("p{n}")).collect();
    names.iter().for_each(|name| drop(world.hire(name)));
    world.group("everyone", &names.iter().map(String::as_str).collect::<Vec<_>>());
    world.group("owners", &["p0"]);
    work
}

fn standings(world: &World, work: &Organization) -> Vec<String> {
    (0..10).map(|n| world.standing(work, &format!("p{n}"))).collect()
}

#[test]
fn b27_b34_a_directory_that_is_reset_ends_nobodys_membership_not_at_the_next_run_either() {
    let world = World::new();
    let work = ten(&world);
    token(&world);
    world.sign_in("p0", groups(&[]));
    world.open_session("p0");
    let before = standings(&world, &work);
    let seen = world.read(|tx| forgetting(tx, world.parent));
    assert_eq!((seen.users, seen.groups, seen.tokens), (10, 2, 1));
    let following = &seen.organizations[0];
    assert_eq!((following.members, following.by_name.clone()), (10, vec!["everyone".to_owned(), "owners".to_owned()]));
    runs(&world).forget_directory(world.parent, Forget::Contents).expect("reset");
    assert_eq!(rows(&world), [0, 0, 0, 0]);
    assert_eq!((tokens(&world), world.sessions("p0")), (1, 1));
    assert_eq!(world.events(1), ["directory_reset {\"groups\":\"2\",\"users\":\"10\"}"]);
    let report = runs(&world).sync_now(work.id).expect("synced").remove(0);
    assert_eq!((report.state, report.counts.removed), (SyncState::Done, 0));
    assert_eq!(runs(&world).cycle().expect("looked"), []);
    assert_eq!(standings(&world, &work), before);
}

#[test]
fn b31_what_is_pushed_again_after_a_reset_finds_its_people_and_its_mappings() {
    let world = World::new();
    let work = ten(&world);
    runs(&world).forget_directory(world.parent, Forget::Contents).expect("reset");
    let before = standings(&world, &work);
    let people = world.read(|tx| store::people::of_parent(tx, world.parent)).len();
    for n in 0..10 {
        let content = crate::membership::push::tests::content(&format!("p{n}"));
        world.push(move |push| push.add_user(&format!("again-{n}"), &content)).expect("pushed again");
    }
    assert_eq!(standings(&world, &work), before, "without groups yet, and nobody is ended by coming");
    for (name, who) in [("everyone", (0..10).collect::<Vec<_>>()), ("owners", vec![0])] {
        let content = crate::membership::push::tests::group_content(name);
        let group = world.push(move |push| push.add_group(&format!("again-{name}"), &content)).expect("added").0;
        let names: Vec<String> = who.iter().map(|n| format!("p{n}")).collect();
        world.put_in(&group, &names.iter().map(String::as_str).collect::<Vec<_>>());
    }
    assert_eq!(world.read(|tx| store::people::of_parent(tx, world.parent)).len(), people, "the same people");
    assert_eq!(standings(&world, &work), before);
    let report = runs(&world).sync_now(work.id).expect("synced").remove(0);
    assert_eq!((report.state, report.counts.removed, report.counts.updated), (SyncState::Done, 0, 0));
    world
        .take_out(&world.read(|tx| store::directory_groups::by_display_name(tx, world.parent, "everyone"))[0], &["p9"]);
    assert!(world.standing(&work, "p9").starts_with("ended"), "the mapping means the new group");
}

#[test]
fn b34_a_halted_run_does_not_outlive_the_directory_it_rests_on() {
    let world = World::new();
    let work = ten(&world);
    let everyone = world.read(|tx| store::directory_groups::by_display_name(tx, world.parent, "everyone")).remove(0);
    let effects = world.push(move |push| Ok(push.delete_group(&everyone)?)).expect("deleted").1;
    let run = effects.organizations[0].halted.expect("halted");
    runs(&world).forget_directory(world.parent, Forget::Contents).expect("reset");
    assert!(runs(&world).approve(run).is_err(), "nobody approves what rests on nothing");
    assert!(standings(&world, &work).iter().all(|standing| !standing.starts_with("ended")));
}

#[test]
fn b27_a_directory_is_deleted_with_its_tokens_once_nobody_follows_it() {
    let world = World::new();
    let work = ten(&world);
    token(&world);
    let refused = runs(&world).forget_directory(world.parent, Forget::Everything).expect_err("followed");
    assert!(matches!(&refused, ForgetError::Followed(by) if by == &["work"]), "{refused}");
    assert_eq!((rows(&world)[0], tokens(&world)), (10, 1), "nothing was written");
    let before = standings(&world, &work);
    world.set(&Organization { mode: JIT, ..work.clone() });
    runs(&world).forget_directory(world.parent, Forget::Everything).expect("deleted");
    assert_eq!((rows(&world), tokens(&world)), ([0, 0, 0, 0], 0));
    assert_eq!(world.read(|tx| store::directory::of_parent(tx, world.parent)), None, "as if there never was one (B29)");
    assert_eq!(standings(&world, &work), before);
    let again = runs(&world).forget_directory(world.parent, Forget::Everything).expect_err("gone");
    assert!(matches!(again, ForgetError::Nothing), "{again}");
}

#[test]
fn another_parents_directory_stays() {
    let world = World::new();
    ten(&world);
    let other = world
        .write(|tx, context| {
            let slug = crate::ids::Slug::parse("other").expect("a slug");
            let plan = crate::product::ParentPlan::Enterprise;
            let other = store::organizations::add_parent(tx, &slug, "Other", plan)?;
            let content = crate::membership::push::tests::content("zoe");
            store::directory_users::add(tx, other, "other-1", &content, context.now)?;
            let content = crate::membership::push::tests::group_content("everyone");
            store::directory_groups::add(tx, other, "other-2", &content, context.now)?;
            Ok::<_, DbError>(other)
        })
        .expect("added");
    runs(&world).forget_directory(world.parent, Forget::Contents).expect("reset");
    assert_eq!(rows(&world), [1, 1, 0, 0]);
    runs(&world).forget_directory(other, Forget::Contents).expect("reset");
    assert_eq!(rows(&world), [0, 0, 0, 0]);
}

#[test]
fn b34_whom_a_halted_run_held_is_let_go_by_the_directory_that_comes_after_a_reset() {
    let world = World::new();
    let work = ten(&world);
    let everyone = world.read(|tx| store::directory_groups::by_display_name(tx, world.parent, "everyone")).remove(0);
    let effects = world.push(move |push| Ok(push.delete_group(&everyone)?)).expect("deleted").1;
    assert!(effects.organizations[0].halted.is_some());
    runs(&world).forget_directory(world.parent, Forget::Contents).expect("reset");
    let content = crate::membership::push::tests::content("p9");
    world.push(move |push| push.add_user("again", &content)).expect("pushed again");
    assert!(!world.standing(&work, "p9").starts_with("ended"), "coming ends nobody");
    world.fire("p9");
    assert!(world.standing(&work, "p9").starts_with("ended"), "nothing holds who leaves now");
}
