use super::*;
use crate::membership::tests::{JIT, MAPPED, World, groups, role};
use crate::membership::{Place, Verdict};
use crate::provisioning::Refusal;

impl World {
    fn as_actor<T: Send + 'static>(
        &self,
        actor: Actor,
        work: impl Fn(&mut dyn Tx, &Context<'_>) -> Result<T, ByHandError> + Send + 'static,
    ) -> Result<T, ByHandError> {
        let (catalog, now) = (self.catalog.clone(), self.now);
        self.db.write_blocking(move |tx| {
            let context = Context { now, catalog: &catalog, actor: actor.clone(), from: None, incident: None };
            work(tx, &context)
        })
    }

    fn suspend(&self, actor: Actor, at: &Organization, who: &str, typed: &str) -> Result<bool, ByHandError> {
        let (at, person, typed) = (at.clone(), self.person(who).expect("known"), typed.to_owned());
        self.as_actor(actor, move |tx, context| suspend(tx, context, &at, person, &typed))
    }

    fn resume(&self, actor: Actor, at: &Organization, who: &str) -> Result<bool, ByHandError> {
        let (at, person) = (at.clone(), self.person(who).expect("known"));
        self.as_actor(actor, move |tx, context| resume(tx, context, &at, person))
    }

    fn put(&self, at: &Organization, who: &str, key: &str) -> Actor {
        let place = Place { role: role(key), seat: None, until: None };
        self.place(at, who, place).expect("placed");
        Actor::Person(self.person(who).expect("known"))
    }

    fn is_suspended(&self, who: &str) -> bool {
        let person = self.person(who).expect("known");
        self.read(|tx| store::people::by_id(tx, person)).is_some_and(|person| person.suspended)
    }
}

fn refused(attempted: &Verdict) -> Option<Refusal> {
    match attempted {
        Verdict::Refused { refusal, .. } => Some(*refusal),
        Verdict::Admitted { .. } => None,
    }
}

#[test]
fn whoever_is_suspended_is_out_at_once_and_no_sign_in_or_freed_seat_resumes_them() {
    for mode in [JIT, MAPPED] {
        let world = World::new();
        let work = world.organization("work", "team", mode, &[("premium", 3), ("standard", 3)]);
        let olga = world.put(&work, "olga", "owner");
        world.sign_in("anna", groups(&["everyone"]));
        world.open_session("anna");
        let before = world.standing(&work, "anna");
        assert!(world.suspend(olga.clone(), &work, "anna", "").expect("allowed"));
        let anna = world.person("anna").expect("known");
        assert!(world.read(|tx| store::sessions::of_person(tx, anna)).is_empty(), "signed out at once");
        assert!(!world.suspend(olga.clone(), &work, "anna", "").expect("allowed"), "twice does nothing");
        let attempted = world.sign_in("anna", groups(&["owners", "everyone"]));
        assert_eq!(refused(&attempted.verdict), Some(Refusal::Suspended), "{mode:?}");
        world.buy(&work, "premium", 9);
        assert_eq!(world.standing(&work, "anna"), before, "role and seat stay, higher groups or not");
        assert!(world.is_suspended("anna"));
        assert!(world.resume(olga.clone(), &work, "anna").expect("allowed"));
        assert!(!world.resume(olga, &work, "anna").expect("allowed"), "twice does nothing");
        assert_eq!(refused(&world.sign_in("anna", groups(&["everyone"])).verdict), None);
        assert_eq!(world.rows("SELECT COUNT(*) FROM audit_event WHERE kind = 'person_suspended'"), 1);
        assert_eq!(world.rows("SELECT COUNT(*) FROM audit_event WHERE kind = 'person_resumed'"), 1);
        assert_eq!(world.rows("SELECT COUNT(*) FROM audit_event WHERE kind = 'sessions_ended'"), 1);
    }
}

#[test]
fn hostile_an_admin_of_one_organization_switches_nobody_off_who_belongs_to_another_too() {
    let world = World::new();
    let work = world.organization("work", "team", JIT, &[("premium", 3)]);
    let other = world.organization("other", "console", JIT, &[]);
    let olga = world.put(&work, "olga", "owner");
    let boss = world.put(&other, "boss", "admin");
    world.put(&work, "boss", "user");
    let tried = world.suspend(olga.clone(), &work, "boss", "work");
    assert!(matches!(tried, Err(ByHandError::Elsewhere)), "{tried:?}");
    assert!(!world.is_suspended("boss"));
    // Whoever administers both may, and so may the operator.
    world.put(&other, "olga", "admin");
    assert!(world.suspend(olga.clone(), &work, "boss", "").expect("allowed"));
    let back = world.resume(boss, &other, "boss");
    assert!(
        matches!(back, Err(ByHandError::NeedsIdentity)),
        "nobody resumes themselves, from a tab that was open before: {back:?}"
    );
    assert!(world.resume(Actor::Operator, &other, "boss").expect("allowed"));
}

#[test]
fn hostile_who_may_not_remove_an_owner_may_not_suspend_one_and_strangers_nobody() {
    let world = World::new();
    let work = world.organization("work", "team", JIT, &[("premium", 3)]);
    world.put(&work, "olga", "owner");
    world.put(&work, "otto", "owner");
    let admin = world.put(&work, "adam", "admin");
    let user = world.put(&work, "uma", "user");
    for (name, actor, whom) in [
        ("an admin an owner", admin.clone(), "otto"),
        ("a user a user", user.clone(), "uma"),
        ("a directory", Actor::Directory, "uma"),
        ("an identity provider", Actor::IdentityProvider("okta".to_owned()), "uma"),
        ("the schedule", Actor::System, "uma"),
        ("somebody who is gone", Actor::Person(PersonId(4711)), "uma"),
    ] {
        let tried = world.suspend(actor, &work, whom, "work");
        assert!(matches!(tried, Err(ByHandError::NeedsIdentity)), "{name}: {tried:?}");
        assert!(!world.is_suspended(whom), "{name}");
    }
    assert!(world.suspend(admin.clone(), &work, "uma", "").expect("allowed"));
    // A removed colleague's open tab.
    world.remove(&work, "adam");
    let tried = world.resume(admin, &work, "uma");
    assert!(matches!(tried, Err(ByHandError::NeedsIdentity)), "{tried:?}");
}

#[test]
fn b33_the_last_with_identity_and_oneself_only_knowingly() {
    let world = World::new();
    let work = world.organization("work", "team", JIT, &[("premium", 3)]);
    let olga = world.put(&work, "olga", "owner");
    let tried = world.suspend(Actor::Operator, &work, "olga", "");
    assert!(matches!(tried, Err(ByHandError::LastWithIdentity)), "{tried:?}");
    world.put(&work, "otto", "owner");
    let tried = world.suspend(olga.clone(), &work, "olga", "");
    assert!(matches!(tried, Err(ByHandError::LastWithIdentity)), "oneself: {tried:?}");
    assert!(world.suspend(olga, &work, "olga", "work").expect("knowingly"));
    let tried = world.suspend(Actor::Operator, &work, "otto", "");
    assert!(matches!(tried, Err(ByHandError::LastWithIdentity)), "a suspended owner does not count: {tried:?}");
}

#[test]
fn b33_the_organization_that_is_locked_out_is_the_one_whose_name_is_typed() {
    let world = World::new();
    let work = world.organization("work", "team", JIT, &[("premium", 3)]);
    let other = world.organization("other", "console", JIT, &[]);
    let olga = world.put(&work, "olga", "owner");
    world.put(&other, "olga", "admin");
    world.put(&work, "boss", "user");
    world.put(&other, "boss", "admin");
    // Suspended from the page of `work`, where somebody is left; with olga, too, nobody is at `other`.
    world.suspend(Actor::Operator, &work, "boss", "").expect("olga is left");
    world.put(&work, "otto", "owner");
    for typed in ["", "work"] {
        let tried = world.suspend(olga.clone(), &work, "olga", typed);
        assert!(matches!(tried, Err(ByHandError::LastWithIdentity)), "{typed:?}: {tried:?}");
    }
    assert!(!world.is_suspended("olga"));
    assert!(world.suspend(olga, &work, "olga", &other.name).expect("knowingly"));
}
