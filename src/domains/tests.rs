use super::*;
use crate::audit::Actor;
use crate::clock::Timestamp;
use crate::db::Db;
use crate::ids::{AuditId, DomainId};
use crate::product::{Catalog, ParentPlan};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

struct World {
    db: Db,
    acme: ParentId,
    globex: ParentId,
}

impl World {
    fn new() -> Self {
        let db = Db::temporary(store::MIGRATIONS).expect("a database");
        let add = |slug: &'static str| {
            let slug = Slug::parse(slug).expect("a slug");
            db.write_blocking(move |tx| store::organizations::add_parent(tx, &slug, "Name", ParentPlan::Team))
                .expect("added")
        };
        let (acme, globex) = (add("acme"), add("globex"));
        Self { db, acme, globex }
    }

    fn change<T: Send + 'static, E: From<DbError> + Send + 'static>(
        &self,
        work: impl Fn(&mut dyn Tx, &Context<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let catalog = Catalog::built_in();
        self.db.write_blocking(move |tx| {
            let context = Context { now: NOW, catalog: &catalog, actor: Actor::System, from: None, incident: None };
            work(tx, &context)
        })
    }

    fn claim(&self, parent: ParentId, domain: &str, challenge: &'static str) -> Result<bool, DomainError> {
        let name = name(domain);
        self.change(move |tx, context| claim(tx, context, parent, &name, challenge))
    }

    fn note(&self, domain: &Domain, found: Found) -> Option<Domain> {
        let domain = domain.clone();
        self.change(move |tx, context| note(tx, context, &domain, &found)).expect("noted")
    }

    fn find(&self, parent: ParentId, domain: &str) -> Domain {
        self.db.read(|tx| store::domains::find(tx, parent, &name(domain))).expect("read").expect("claimed")
    }

    fn events(&self) -> Vec<String> {
        let all = self.db.read(|tx| store::audit::list(tx, AuditId(0), Timestamp::from_millis(0), 100)).expect("read");
        all.into_iter().map(|event| event.kind).collect()
    }
}

fn name(text: &str) -> DomainName {
    DomainName::parse(text).expect("a domain")
}

fn record(text: &str) -> Found {
    Found::Records(vec![text.to_owned()])
}

#[test]
fn b6_a_domain_is_proven_lost_and_found_again_and_each_is_recorded_once() {
    let world = World::new();
    assert!(world.claim(world.acme, "acme.example", "value").expect("claimed"));
    assert!(!world.claim(world.acme, "ACME.example", "another").expect("known"), "the same in any case");
    let claim = world.find(world.acme, "acme.example");
    assert_eq!(claim.challenge, "value", "and keeps its value");
    for found in [Found::NoSuchName, Found::NoRecords, record("value"), record("value"), Found::NoRecords] {
        world.note(&claim, found).expect("there");
    }
    for found in [Found::NoRecords, Found::NoAnswer, record("value")] {
        world.note(&claim, found).expect("there");
    }
    let expected = ["added", "domain_failed", "domain_verified", "domain_lost", "domain_found"];
    assert_eq!(world.events(), expected);
    let found = world.find(world.acme, "acme.example");
    assert!(found.is_verified() && found.found.is_none() && found.checked == Some(NOW));
}

#[test]
fn b6_what_was_found_is_kept_as_it_was() {
    let world = World::new();
    world.claim(world.acme, "acme.example", "value").expect("claimed");
    let claim = world.find(world.acme, "acme.example");
    for found in [
        Found::Records(vec![]),
        Found::Records(vec!["a \"quoted\" one".to_owned(), "b\n".to_owned()]),
        Found::NoRecords,
        Found::NoSuchName,
        Found::ServerFailure("SERVFAIL".to_owned()),
        Found::NoAnswer,
        Found::OtherParent,
    ] {
        let noted = world.note(&claim, found.clone()).expect("there");
        assert_eq!(world.find(world.acme, "acme.example"), noted);
        assert_eq!(noted.found, Some(found));
    }
}

#[test]
fn b6_the_first_parent_to_prove_a_domain_keeps_it() {
    let world = World::new();
    world.claim(world.acme, "acme.example", "of-acme").expect("claimed");
    world.claim(world.globex, "acme.example", "of-globex").expect("two may claim");
    let (first, second) = (world.find(world.globex, "acme.example"), world.find(world.acme, "acme.example"));
    let both = || Found::Records(vec!["of-acme".to_owned(), "of-globex".to_owned()]);
    assert!(world.note(&first, both()).expect("there").is_verified());
    let late = world.note(&second, both()).expect("there");
    assert_eq!((late.state, late.found), (DomainState::Failed, Some(Found::OtherParent)));
    let refused = world.claim(world.acme, "acme.example", "x").expect_err("taken");
    assert!(matches!(&refused, DomainError::Taken { owner, .. } if owner.as_str() == "globex"), "{refused:?}");
    assert!(!refused.to_string().contains("globex"), "whose it is, is told to operators only: {refused}");
    world.claim(world.acme, "mail.acme.example", "x").expect("a subdomain is a domain of its own");
    let vouched = name("acme.example");
    let acme = world.acme;
    let refused = world.change(move |tx, context| vouch(tx, context, acme, &vouched, "x")).expect_err("taken");
    assert!(matches!(refused, DomainError::Taken { .. }), "an operator's word does not take it either");
}

#[test]
fn b6_a_domain_given_up_and_claimed_again_has_another_value_and_an_old_answer_proves_nothing() {
    let world = World::new();
    world.claim(world.acme, "acme.example", "old").expect("claimed");
    let asked = world.find(world.acme, "acme.example");
    let (acme, gone) = (world.acme, name("acme.example"));
    world.change(move |tx, context| remove(tx, context, acme, &gone)).expect("removed");
    assert_eq!(world.note(&asked, record("old")), None, "answered after it was given up");
    world.claim(world.acme, "acme.example", "new").expect("claimed again");
    let again = Domain { id: world.find(world.acme, "acme.example").id, ..asked };
    assert_eq!(world.note(&again, record("old")), None, "answered after it was claimed again");
    assert!(!world.find(world.acme, "acme.example").is_verified());
    let gone = name("other.example");
    let unknown = world.change(move |tx, context| remove(tx, context, acme, &gone)).expect_err("never claimed");
    assert!(matches!(unknown, DomainError::Unknown(_)));
    assert_ne!(new_challenge(), new_challenge());
    assert!(new_challenge().len() >= Domain::PREFIX.len() + 32, "128 bits");
}

#[test]
fn b6_public_mail_domains_are_refused_in_any_spelling() {
    let world = World::new();
    for domain in ["gmail.com", "GMail.COM.", "outlook.com", "web.de"] {
        let refused = world.claim(world.acme, domain, "x").expect_err(domain);
        assert!(matches!(refused, DomainError::PublicMail(_)), "{domain}: {refused:?}");
        let (acme, wanted) = (world.acme, name(domain));
        world.change(move |tx, context| vouch(tx, context, acme, &wanted, "x")).expect_err(domain);
    }
    assert_eq!(world.events(), Vec::<String>::new());
}

#[test]
fn due_are_those_whose_time_has_come_and_no_vouched_one() {
    let world = World::new();
    for domain in ["a.example", "b.example", "vouched.example"] {
        world.claim(world.acme, domain, "value").expect("claimed");
    }
    let (acme, vouched) = (world.acme, name("vouched.example"));
    world.change(move |tx, context| vouch(tx, context, acme, &vouched, "x")).expect("vouched");
    world.note(&world.find(world.acme, "b.example"), record("value"));
    let due = |at: Timestamp| -> Vec<DomainId> {
        let due = world.db.read(|tx| store::domains::due(tx, at, 10)).expect("read");
        due.into_iter().map(|domain| domain.id).collect()
    };
    let (a, b) = (world.find(world.acme, "a.example").id, world.find(world.acme, "b.example").id);
    assert_eq!(due(NOW), [a], "at once");
    assert_eq!(due(NOW.plus(std::time::Duration::from_secs(86_400))), [a, b]);
    assert_eq!(due(NOW.minus(std::time::Duration::from_secs(1))), []);
}

#[test]
fn an_answer_about_a_claim_that_another_parent_has_by_now_proves_nothing() {
    let world = World::new();
    world.claim(world.acme, "acme.example", "Abc").expect("claimed");
    let claimed = world.find(world.acme, "acme.example");
    let before_it_moved = Domain { parent: world.globex, ..claimed.clone() };
    assert_eq!(world.note(&before_it_moved, record("Abc")), None);
    assert!(!world.find(world.acme, "acme.example").is_verified());
    assert!(world.note(&claimed, record("Abc")).is_some_and(|known| known.is_verified()), "the control");
}
