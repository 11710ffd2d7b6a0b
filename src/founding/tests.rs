use super::*;
use crate::audit::Actor;
use crate::clock::Timestamp;
use crate::db::Db;
use crate::organization::{Member, MemberStatus, ParentOrganization, Source};
use crate::product::{Catalog, ProductKey, RoleKey};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("a slug")
}

fn found(db: &Db, actor: &Actor, parent: ParentId, name: &str) -> Result<OrganizationId, FoundingError> {
    let (actor, catalog, name) = (actor.clone(), Catalog::built_in(), name.to_owned());
    db.write_blocking(move |tx| {
        let context = Context { now: NOW, catalog: &catalog, actor: actor.clone(), from: None, incident: None };
        let product = catalog.product(&ProductKey::new("team")).expect("built in");
        let new = NewOrganization {
            parent,
            slug: slug(&name),
            name: name.clone(),
            contact: None,
            seats: vec![(SeatTypeKey::new("standard"), 3)],
        };
        organization(tx, &context, product, &new)
    })
}

/// A file asks the same (`apply`), and these two are all that found one.
#[test]
fn restricted_creation_is_asked_where_an_organization_is_founded_whoever_acts() {
    let db = Db::temporary(store::MIGRATIONS).expect("a database");
    let parent = db.write_blocking(|tx| store::organizations::add_parent(tx, &slug("acme"), "Acme", ParentPlan::Team));
    let parent = parent.expect("added");
    let first = found(&db, &Actor::Operator, parent, "first").expect("the operator");
    let second = found(&db, &Actor::Operator, parent, "second").expect("the operator");
    let people = db.write_blocking(move |tx| -> Result<_, DbError> {
        let known = store::organizations::parent_by_id(tx, parent)?.expect("added");
        store::organizations::update_parent(tx, &ParentOrganization { restrict_creation: true, ..known })?;
        let mut member = |email: &str, at: OrganizationId, role: &str| -> Result<Actor, DbError> {
            let address = EmailAddress::parse(email).expect("an address");
            let person = store::people::add(tx, parent, email, &address, email, NOW)?;
            let member = Member {
                organization: at,
                person,
                status: MemberStatus::Active,
                role: RoleKey::new(role),
                role_source: Source::Default,
                role_pin: None,
                seat: None,
                seat_source: Source::Default,
                seat_pin: None,
                joined_at: NOW,
                version: 1,
            };
            assert!(store::members::put(tx, &member)?);
            Ok(Actor::Person(person))
        };
        Ok([
            member("owner@acme.example", first, "owner")?,
            member("user@acme.example", first, "user")?,
            member("other@acme.example", second, "owner")?,
        ])
    });
    let [owner, user, other] = people.expect("added");
    let counted =
        || db.read(|tx| store::organizations::of_parent(tx, parent)).map_err(|e: DbError| e).expect("read").len();
    for (name, actor) in [
        ("a user of the first", &user),
        ("an owner of another one", &other),
        ("a directory", &Actor::Directory),
        ("an identity provider", &Actor::IdentityProvider("okta".to_owned())),
        ("a stranger", &Actor::Stranger),
        ("somebody who is gone", &Actor::Person(PersonId(4711))),
    ] {
        let tried = found(&db, actor, parent, "third");
        assert!(matches!(tried, Err(FoundingError::MayNot(_))), "{name}: {tried:?}");
        assert_eq!(counted(), 2, "{name}");
    }
    found(&db, &owner, parent, "third").expect("an owner of the first");
    found(&db, &Actor::Shell("root".to_owned()), parent, "fourth").expect("the shell");
    assert_eq!(counted(), 4);
}
