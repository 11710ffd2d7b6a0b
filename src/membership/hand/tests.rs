use std::time::Duration;

use super::*;
use crate::membership::push::tests::SCIM_MAPPED;
use crate::membership::tests::{JIT, MAPPED, World, email, groups, role, seat};
use crate::membership::{BuyError, buy_seats};

const OWNER: Hand = Hand { authority: Authority::Identity, knows_last: false };
const KNOWING: Hand = Hand { knows_last: true, ..OWNER };
const MEMBERS_ONLY: Hand = Hand { authority: Authority::Members, knows_last: false };

fn new_member(who: &str, role: &str, seat: Option<SeatTypeKey>) -> NewMember {
    NewMember {
        email: email(who),
        name: None,
        place: Place { role: RoleKey::new(role), seat, until: None },
        new_public_id: format!("p-{who}"),
    }
}

impl World {
    fn add(&self, at: &Organization, hand: Hand, new: NewMember) -> Result<PersonId, ByHandError> {
        let at = at.clone();
        self.write(move |tx, context| add(tx, context, hand, &at, &new))
    }

    fn give_role(
        &self,
        at: &Organization,
        hand: Hand,
        who: &str,
        key: &str,
        until: Option<Timestamp>,
    ) -> Result<bool, ByHandError> {
        let (at, person, key) = (at.clone(), self.person(who).expect("known"), role(key));
        self.write(move |tx, context| set_role(tx, context, hand, &at, person, (&key, until)))
    }

    fn give_seat(&self, at: &Organization, who: &str, seat: Option<SeatTypeKey>) -> Result<bool, ByHandError> {
        let (at, person) = (at.clone(), self.person(who).expect("known"));
        self.write(move |tx, context| set_seat(tx, context, MEMBERS_ONLY, &at, person, (seat.as_ref(), None)))
    }

    fn take_pin(&self, at: &Organization, hand: Hand, who: &str, what: Pinned) -> Result<bool, ByHandError> {
        let (at, person) = (at.clone(), self.person(who).expect("known"));
        self.write(move |tx, context| unpin(tx, context, hand, &at, person, what))
    }

    fn dismiss(&self, at: &Organization, hand: Hand, who: &str) -> Result<bool, ByHandError> {
        let (at, person) = (at.clone(), self.person(who).expect("known"));
        self.write(move |tx, context| remove_member(tx, context, hand, &at, person))
    }
}

fn held_by(world: &World, at: &Organization, who: &str) -> (String, Option<String>) {
    let member = world.member(at, who).expect("a row");
    (member.role.to_string(), member.seat.map(|seat| seat.to_string()))
}

#[test]
fn only_who_has_identity_adds_or_removes_an_owner_or_changes_a_role() {
    let world = World::new();
    let team = world.organization("team", "team", JIT, &[("premium", 3), ("standard", 3)]);
    let refused = world.add(&team, MEMBERS_ONLY, new_member("olga@acme.example", "owner", seat("premium")));
    assert!(matches!(refused, Err(ByHandError::NeedsIdentity)), "{refused:?}");
    assert_eq!(world.person("olga"), None, "not even the person is made");
    world.add(&team, OWNER, new_member("olga@acme.example", "owner", seat("premium"))).expect("added");
    world.add(&team, MEMBERS_ONLY, new_member("ute@acme.example", "user", None)).expect("added");
    let promoted = world.give_role(&team, MEMBERS_ONLY, "ute", "admin", None);
    assert!(matches!(promoted, Err(ByHandError::NeedsIdentity)), "{promoted:?}");
    let dismissed = world.dismiss(&team, MEMBERS_ONLY, "olga");
    assert!(matches!(dismissed, Err(ByHandError::NeedsIdentity)), "{dismissed:?}");
    assert!(world.dismiss(&team, MEMBERS_ONLY, "ute").expect("allowed"));
    assert!(!world.dismiss(&team, MEMBERS_ONLY, "ute").expect("allowed"), "twice does nothing");
}

#[test]
fn b8_nobody_is_added_who_could_not_sign_in_and_nobody_twice() {
    let world = World::new();
    let team = world.organization("team", "team", JIT, &[("premium", 1)]);
    let stranger = world.add(&team, OWNER, new_member("eve@evil.example", "user", None));
    assert!(matches!(stranger, Err(ByHandError::DomainNotVerified(domain)) if domain == "evil.example"));
    let developer = world.add(&team, OWNER, new_member("dan@acme.example", "developer", None));
    assert!(matches!(developer, Err(ByHandError::NoSuchRole { .. })), "b1");
    assert_eq!(world.person("dan"), None, "rolled back");
    world.add(&team, OWNER, new_member("ute@acme.example", "user", seat("premium"))).expect("added");
    let twice = world.add(&team, OWNER, new_member("ute@acme.example", "owner", None));
    assert!(matches!(twice, Err(ByHandError::AlreadyAMember)));
    let full = world.add(&team, OWNER, new_member("max@acme.example", "user", seat("premium")));
    assert!(matches!(full, Err(ByHandError::NoFreeSeat { .. })), "b23");
}

#[test]
fn b33_the_last_one_with_identity_goes_only_knowingly() {
    let world = World::new();
    let team = world.organization("team", "team", JIT, &[]);
    world.add(&team, OWNER, new_member("olga@acme.example", "owner", None)).expect("added");
    let last =
        |what: Result<bool, ByHandError>| assert!(matches!(what, Err(ByHandError::LastWithIdentity)), "{what:?}");
    last(world.dismiss(&team, OWNER, "olga"));
    last(world.give_role(&team, OWNER, "olga", "user", None));
    // A suspended owner could not do anything either.
    world.add(&team, OWNER, new_member("otto@acme.example", "owner", None)).expect("added");
    let otto = world.person("otto").expect("known");
    world
        .write(move |tx, _| {
            use crate::db::V;
            tx.exec("UPDATE person SET suspended_at = 1 WHERE id = ?1", &[V::I(otto.0)]).map_err(ByHandError::from)
        })
        .expect("suspended");
    last(world.dismiss(&team, OWNER, "olga"));
    assert!(world.dismiss(&team, OWNER, "otto").expect("not the last"));
    assert!(world.give_role(&team, KNOWING, "olga", "admin", None).expect("knowingly"));
    assert_eq!(held_by(&world, &team, "olga").0, "admin");
    assert!(world.dismiss(&team, OWNER, "olga").expect("an admin is nobody with identity here"));
}

#[test]
fn b26_a_role_by_hand_is_a_pin_with_an_end_and_leaves_the_seat_alone() {
    let world = World::new();
    let team = world.organization("team", "team", MAPPED, &[("premium", 3), ("standard", 3)]);
    world.sign_in("ute", groups(&["everyone", "premium"]));
    let before = world.member(&team, "ute").expect("a member");
    let until = world.now.plus(Duration::from_secs(3600));
    assert!(world.give_role(&team, OWNER, "ute", "admin", Some(until)).expect("given"));
    assert!(!world.give_role(&team, OWNER, "ute", "admin", Some(until)).expect("the same"), "twice changes nothing");
    let after = world.member(&team, "ute").expect("a member");
    assert_eq!(after.role_pin.as_ref().map(|pin| (pin.by.as_str(), pin.until)), Some(("shell:ops", Some(until))));
    assert_eq!((&after.seat, &after.seat_source, &after.seat_pin), (&before.seat, &before.seat_source, &None));
    world.sign_in("ute", groups(&["everyone", "premium"]));
    assert_eq!(held_by(&world, &team, "ute").0, "admin", "mappings do not touch it");
    assert!(world.take_pin(&team, OWNER, "ute", Pinned::Role).expect("taken off"));
    assert!(!world.take_pin(&team, OWNER, "ute", Pinned::Role).expect("none"), "nothing to take off");
    assert_eq!(held_by(&world, &team, "ute").0, "admin", "jit: until the next sign-in");
    world.sign_in("ute", groups(&["everyone", "premium"]));
    assert_eq!(held_by(&world, &team, "ute").0, "user", "mappings rule again");
    let events = world.read(|tx| crate::store::audit::list(tx, crate::ids::AuditId(0), Timestamp::from_millis(0), 100));
    let pins: Vec<&str> =
        events.iter().map(|event| event.kind.as_str()).filter(|kind| kind.starts_with("pin")).collect();
    assert_eq!(pins, ["pin_set", "pin_ended"]);
    let plain = world.organization("plain", "team", JIT, &[]);
    world.add(&plain, OWNER, new_member("ute@acme.example", "user", None)).expect("added");
    world.give_role(&plain, OWNER, "ute", "admin", Some(until)).expect("given");
    assert_eq!(world.member(&plain, "ute").and_then(|member| member.role_pin), None, "nothing rules it, so no pin");
}

#[test]
fn b24_a_seat_given_back_by_hand_and_seats_bought_admit_who_waits() {
    let world = World::new();
    let team = world.organization("team", "team", JIT, &[("premium", 1)]);
    world.sign_in("ute", groups(&[]));
    for who in ["max", "eva", "jan"] {
        world.sign_in(who, groups(&[]));
        assert!(world.member(&team, who).is_none(), "{who} waits");
    }
    assert!(world.give_seat(&team, "ute", None).expect("taken away"));
    assert_eq!(
        held_by(&world, &team, "max"),
        ("user".to_owned(), Some("premium".to_owned())),
        "first come, first served"
    );
    let full = world.give_seat(&team, "ute", seat("premium"));
    assert!(matches!(full, Err(ByHandError::NoFreeSeat { .. })), "{full:?}");
    let buy = |seen: u32, wanted: u32| {
        let team = team.clone();
        world.write(move |tx, context| buy_seats(tx, context, &team, &SeatTypeKey::new("premium"), (seen, wanted)))
    };
    assert!(matches!(buy(7, 8), Err(BuyError::Moved { now: 1 })), "somebody else was faster");
    assert_eq!(buy(1, 2).expect("bought").admitted, 1);
    assert!(world.member(&team, "eva").is_some() && world.member(&team, "jan").is_none());
    assert!(matches!(buy(2, 1), Err(BuyError::Held { used: 2 })), "b36");
    assert!(world.dismiss(&team, OWNER, "jan").expect("out of the queue"));
    assert_eq!(buy(2, 5).expect("bought").admitted, 0);
    assert!(world.member(&team, "jan").is_none());
}

#[test]
fn b1_a_role_or_seat_of_another_product_is_given_to_nobody() {
    let world = World::new();
    let team = world.organization("team", "team", JIT, &[("premium", 1)]);
    world.add(&team, OWNER, new_member("ute@acme.example", "user", None)).expect("added");
    let developer = world.give_role(&team, OWNER, "ute", "developer", None);
    assert!(matches!(developer, Err(ByHandError::NoSuchRole { .. })), "{developer:?}");
    let chat = world.give_seat(&team, "ute", seat("chat"));
    assert!(matches!(chat, Err(ByHandError::NoSuchSeat { .. })), "{chat:?}");
    assert_eq!(held_by(&world, &team, "ute"), ("user".to_owned(), None));
}

#[test]
fn whoever_may_not_change_a_role_takes_no_pin_off_it_either() {
    let world = World::new();
    let team = world.organization("team", "team", MAPPED, &[("premium", 3)]);
    world.sign_in("ute", groups(&["everyone"]));
    world.give_role(&team, OWNER, "ute", "admin", None).expect("given");
    let refused = world.take_pin(&team, MEMBERS_ONLY, "ute", Pinned::Role);
    assert!(matches!(refused, Err(ByHandError::NeedsIdentity)), "{refused:?}");
    assert!(world.member(&team, "ute").is_some_and(|member| member.role_pin.is_some()));
    world.give_seat(&team, "ute", None).expect("taken away");
    assert!(world.take_pin(&team, MEMBERS_ONLY, "ute", Pinned::Seat).expect("seats are theirs to change"));
}

#[test]
fn b33_the_pin_that_keeps_the_last_owner_one_is_taken_off_only_knowingly() {
    let world = World::new();
    let team = world.organization("team", "team", MAPPED, &[("premium", 3)]);
    world.sign_in("olga", groups(&["everyone"]));
    world.give_role(&team, OWNER, "olga", "owner", None).expect("given");
    let last = world.take_pin(&team, OWNER, "olga", Pinned::Role);
    assert!(matches!(last, Err(ByHandError::LastWithIdentity)), "her groups say that she is a user: {last:?}");
    assert!(world.member(&team, "olga").is_some_and(|member| member.role_pin.is_some()));
    assert!(world.take_pin(&team, KNOWING, "olga", Pinned::Role).expect("knowingly"));
}

#[test]
fn only_who_has_identity_sends_away_an_owner_who_waits() {
    let world = World::new();
    let team = world.organization("team", "team", MAPPED, &[]);
    world.sign_in("olga", groups(&["owners"]));
    world.sign_in("ute", groups(&["everyone"]));
    assert_eq!(world.queue(&team), ["olga", "ute"]);
    let refused = world.dismiss(&team, MEMBERS_ONLY, "olga");
    assert!(matches!(refused, Err(ByHandError::NeedsIdentity)), "{refused:?}");
    assert!(world.dismiss(&team, MEMBERS_ONLY, "ute").expect("allowed"));
    assert_eq!(world.queue(&team), ["olga"]);
    assert!(world.dismiss(&team, OWNER, "olga").expect("allowed"));
    assert_eq!(world.queue(&team), Vec::<String>::new());
}

#[test]
fn b26_where_the_directory_decides_a_pin_that_is_taken_off_gives_way_at_once() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 3)]);
    world.hire("ute");
    world.group("everyone", &["ute"]);
    world.give_role(&work, OWNER, "ute", "admin", None).expect("given");
    assert_eq!(world.standing(&work, "ute"), "admin/standard");
    assert!(world.take_pin(&work, OWNER, "ute", Pinned::Role).expect("taken off"));
    assert_eq!(world.standing(&work, "ute"), "user/standard");
}

#[test]
fn b43_what_somebody_gives_by_hand_stands_in_the_log_with_what_was_before() {
    let world = World::new();
    let team = world.organization("team", "team", MAPPED, &[("premium", 1), ("standard", 1)]);
    world.sign_in("ute", groups(&["everyone", "premium"]));
    let until = world.now.plus(Duration::from_secs(3600));
    world.give_role(&team, OWNER, "ute", "admin", Some(until)).expect("given");
    let [changed, pinned] = <[String; 2]>::try_from(world.events(2)).expect("two");
    assert!(changed.starts_with("member_changed ") && changed.contains("\"why\":\"by_hand\""), "{changed}");
    assert!(changed.contains("user/premium") && changed.contains("admin/premium"), "{changed}");
    assert!(pinned.starts_with("pin_set "), "{pinned}");
    world.give_role(&team, OWNER, "ute", "admin", Some(until.plus(Duration::from_secs(60)))).expect("given");
    let pin = world.member(&team, "ute").and_then(|member| member.role_pin).expect("pinned");
    assert_eq!(pin.until, Some(until.plus(Duration::from_secs(60))), "the same role for longer");
    assert!(world.events(2)[0].starts_with("pin_set "), "only the pin is new");
    world.give_seat(&team, "ute", seat("standard")).expect("given");
    let changed = world.events(2).remove(0);
    assert!(changed.contains("admin/premium") && changed.contains("admin/standard"), "{changed}");
}

#[test]
fn nothing_is_given_to_somebody_who_was_a_member_once() {
    let world = World::new();
    let team = world.organization("team", "team", MAPPED, &[("premium", 3)]);
    world.sign_in("olga", groups(&["owners"]));
    world.sign_in("ute", groups(&["everyone"]));
    world.give_role(&team, OWNER, "ute", "admin", None).expect("given");
    assert!(world.dismiss(&team, OWNER, "ute").expect("removed"));
    let before = world.events(1);
    for given in [
        world.give_role(&team, OWNER, "ute", "owner", None),
        world.give_seat(&team, "ute", None),
        world.take_pin(&team, OWNER, "ute", Pinned::Role),
    ] {
        assert!(matches!(given, Err(ByHandError::NoMember)), "{given:?}");
    }
    assert_eq!((world.standing(&team, "ute"), world.events(1)), ("ended: removed_by_hand".to_owned(), before));
}
