use crate::membership::push::tests::SCIM_MAPPED;
use crate::membership::tests::{MAPPED, World, groups, seat};
use crate::membership::{Effects, Place};
use crate::organization::{Organization, ProvisioningMode};
use crate::product::RoleKey;

/// anna holds the only premium seat; bert, cleo.. hold standard ones, and their groups ask for premium.
fn deferred(world: &World, who: &[&str], standard: u32) -> Organization {
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("premium", 1), ("standard", standard)]);
    world.hire("anna");
    who.iter().for_each(|who| drop(world.hire(who)));
    let premium = world.group("premium", &["anna"]);
    world.group("standard", who);
    let everyone = world.group("everyone", &["anna"]);
    for one in who {
        world.put_in(&everyone, &[one]);
    }
    for one in who {
        world.put_in(&premium, &[one]);
        assert_eq!(world.standing(&work, one), "user/standard", "premium is full: deferred");
    }
    work
}

fn words(effects: &Effects) -> String {
    effects.words().join("; ")
}

type Way = fn(&World, &Organization);

#[test]
fn b22_a_deferred_seat_comes_the_moment_one_is_free_whichever_way_that_happens() {
    let ways: [(&str, Way); 5] = [
        ("a push", |world, _| {
            let effects = world.change("anna", |content| content.active = false).expect("changed");
            assert_eq!(words(&effects), "work: 1 updated, 1 removed");
        }),
        ("a group", |world, work| {
            let everyone =
                world.read(|tx| crate::store::directory_groups::by_display_name(tx, work.parent, "everyone"));
            world.take_out(&everyone[0], &["anna"]);
        }),
        ("a removal by hand", |world, work| assert!(world.remove(work, "anna"))),
        ("a seat taken by hand", |world, work| {
            let place = Place { role: RoleKey::new("user"), seat: None, until: None };
            assert!(world.place(work, "anna", place).expect("placed"));
        }),
        ("a purchase", |world, work| assert!(world.buy(work, "premium", 2))),
    ];
    for (name, way) in ways {
        let world = World::new();
        let work = deferred(&world, &["bert", "cleo"], 2);
        way(&world, &work);
        assert_eq!(world.standing(&work, "bert"), "user/premium", "{name}");
        assert_eq!(world.standing(&work, "cleo"), "user/standard", "{name}: one seat was free, first come first");
        world.counts_agree();
    }
}

#[test]
fn b24_whoever_waits_outside_comes_before_a_member_who_asks_for_another_seat() {
    let world = World::new();
    let work = deferred(&world, &["bert"], 1);
    for (who, kind) in [("cleo", "premium"), ("dora", "standard")] {
        world.hire(who);
        let named = |name: &str| {
            world.read(|tx| crate::store::directory_groups::by_display_name(tx, work.parent, name)).remove(0)
        };
        world.put_in(&named(kind), &[who]);
        world.put_in(&named("everyone"), &[who]);
    }
    assert_eq!(world.queue(&work), ["cleo", "dora"]);
    let effects = world.change("anna", |content| content.active = false).expect("changed");
    assert_eq!(words(&effects), "work: 1 removed, 1 admitted from the queue");
    assert_eq!(
        (world.standing(&work, "cleo").as_str(), world.standing(&work, "bert").as_str()),
        ("user/premium", "user/standard")
    );
    // The next one is for bert, and the one that bert gives back is for dora: all of it in the same moment.
    assert!(world.buy(&work, "premium", 2));
    let standings = ["bert", "cleo", "dora"].map(|who| world.standing(&work, who));
    assert_eq!(standings, ["user/premium", "user/premium", "user/standard"]);
    assert_eq!(world.queue(&work), Vec::<String>::new());
    world.counts_agree();
}

#[test]
fn b22_who_does_not_ask_any_more_is_not_moved() {
    let world = World::new();
    let work = deferred(&world, &["bert", "cleo", "dora", "emil"], 4);
    let premium =
        world.read(|tx| crate::store::directory_groups::by_display_name(tx, work.parent, "premium")).remove(0);
    world.take_out(&premium, &["bert"]);
    let pinned = Place { role: RoleKey::new("admin"), seat: seat("standard"), until: None };
    assert!(world.place(&work, "cleo", pinned).expect("placed"));
    world.fire("dora");
    assert!(world.buy(&work, "premium", 5));
    let standings = ["bert", "cleo", "dora", "emil"].map(|who| world.standing(&work, who));
    assert_eq!(standings[0], "user/standard");
    assert_eq!(standings[1], "admin/standard", "pinned");
    assert_eq!((standings[2].as_str(), standings[3].as_str()), ("ended: not_provisioned", "user/premium"));
    world.counts_agree();
}

#[test]
fn b22_many_deferred_seats_are_served_in_one_go() {
    let world = World::new();
    let names: Vec<String> = (0..40).map(|n| format!("p{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let work = deferred(&world, &names, 40);
    assert!(world.buy(&work, "premium", 31));
    let moved = names.iter().filter(|who| world.standing(&work, who) == "user/premium").count();
    assert_eq!(moved, 30);
    assert_eq!(
        (world.standing(&work, "p29").as_str(), world.standing(&work, "p30").as_str()),
        ("user/premium", "user/standard")
    );
    world.counts_agree();
}

#[test]
fn b15_b22_just_in_time_a_deferred_seat_comes_with_the_next_sign_in() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", MAPPED, &[("premium", 1), ("standard", 2)]);
    world.sign_in("anna", groups(&["everyone", "premium"]));
    world.sign_in("bert", groups(&["everyone", "standard"]));
    world.sign_in("bert", groups(&["everyone", "premium"]));
    assert_eq!(world.standing(&work, "bert"), "user/standard");
    assert!(world.remove(&work, "anna"));
    assert_eq!(world.standing(&work, "bert"), "user/standard", "between sign-ins nothing changes");
    world.sign_in("bert", groups(&["everyone", "premium"]));
    assert_eq!(world.standing(&work, "bert"), "user/premium");
}

#[test]
fn b27_leaving_the_scim_modes_forgets_who_asked_for_another_seat() {
    let world = World::new();
    let work = deferred(&world, &["bert"], 1);
    let changed = Organization { mode: ProvisioningMode::Manual, ..work.clone() };
    let before = work.clone();
    world
        .write(move |tx, context| {
            crate::store::organizations::update(tx, &changed)?;
            let cause = crate::organization::SyncCause::Save;
            crate::membership::settings_written(tx, context, Some(&before), &changed, cause)
        })
        .expect("saved");
    let left = world.read(|tx| crate::store::deferred_seats::of_organization(tx, work.id));
    assert_eq!(left, []);
}

#[test]
fn b22_when_seats_of_two_types_become_free_nobody_who_was_put_off_is_passed_by() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("premium", 2), ("standard", 2)]);
    for who in ["anna", "bert", "cleo", "dora"] {
        world.hire(who);
    }
    let premium = world.group("premium", &["anna", "dora"]);
    let standard = world.group("standard", &["bert", "cleo"]);
    let everyone = world.group("everyone", &["anna", "bert", "cleo", "dora"]);
    let swap = (world.ids(&["dora"]), world.ids(&["cleo"]));
    world
        .push(move |push| {
            push.remove_members(&standard, &swap.1)?;
            push.add_members(&premium, &swap.1)?;
            push.remove_members(&premium, &swap.0)?;
            Ok(push.add_members(&standard, &swap.0)?)
        })
        .expect("pushed");
    assert_eq!(
        ["cleo", "dora"].map(|who| world.standing(&work, who)),
        ["user/standard", "user/premium"],
        "both are full"
    );
    let gone = world.ids(&["anna", "bert"]);
    world.push(move |push| Ok(push.remove_members(&everyone, &gone)?)).expect("pushed");
    assert_eq!(["cleo", "dora"].map(|who| world.standing(&work, who)), ["user/premium", "user/standard"]);
    world.counts_agree();
}
