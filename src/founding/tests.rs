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

fn write<T: Send + 'static>(
    db: &Db,
    work: impl Fn(&mut dyn Tx, &Context<'_>) -> Result<T, FoundingError> + Send + 'static,
) -> Result<T, FoundingError> {
    let catalog = Catalog::built_in();
    db.write_blocking(move |tx| {
        work(tx, &Context { now: NOW, catalog: &catalog, actor: Actor::Operator, from: None, incident: None })
    })
}

fn events(db: &Db) -> Vec<String> {
    let all = db.read(|tx| store::audit::list(tx, crate::ids::AuditId(0), Timestamp::from_millis(0), 100));
    let word = |event: store::audit::Recorded| format!("{} {}", event.kind, event.target);
    all.expect("read").into_iter().map(word).collect()
}

fn begun(parent: ParentId, name: &str) -> ConnectionSetup {
    ConnectionSetup { slug: slug(name), parent, label: name.to_owned(), vendor: "okta".to_owned(), begun: NOW }
}

fn draft(parent: ParentId, name: &str, issuer: &str) -> Connection {
    Connection {
        id: crate::ids::ConnectionId(0),
        parent,
        slug: slug(name),
        label: name.to_owned(),
        status: crate::connection::ConnectionStatus::Draft,
        tested: None,
        protocol: crate::connection::Protocol::Oidc(crate::connection::OidcSettings::new(issuer, "usher")),
        attributes: crate::connection::AttributeNames::default(),
        omits_empty_groups: false,
    }
}

#[test]
fn what_is_sent_twice_is_founded_once_and_what_is_somebody_elses_is_taken() {
    let db = Db::temporary(store::MIGRATIONS).expect("a database");
    let add = |name: &'static str| {
        write(&db, move |tx, context| parent(tx, context, &slug(name), name, ParentPlan::Team)).expect("founded")
    };
    let (acme, other) = (add("acme"), add("other"));
    assert_eq!(add("acme"), acme);
    let work = found(&db, &Actor::Operator, acme, "work").expect("founded");
    assert_eq!(found(&db, &Actor::Operator, acme, "work").expect("again"), work);
    let stolen = found(&db, &Actor::Operator, other, "work");
    assert!(matches!(stolen, Err(FoundingError::Taken(_))), "{stolen:?}");
    let gone = found(&db, &Actor::Operator, ParentId(99), "nowhere");
    assert!(matches!(gone, Err(FoundingError::Gone)), "{gone:?}");

    let connect = |at: ParentId, issuer: &'static str| {
        write(&db, move |tx, context| connection(tx, context, &draft(at, "idp", issuer), &begun(at, "idp")))
    };
    write(&db, move |tx, context| setup(tx, context, &begun(acme, "idp"))).expect("begun");
    let theirs = connect(other, "https://id.example");
    assert!(matches!(theirs, Err(FoundingError::Taken(_))), "begun is taken: {theirs:?}");
    connect(acme, "https://id.example").expect("added");
    connect(acme, "https://id.example").expect("again");
    for (at, issuer) in [(other, "https://id.example"), (acme, "https://evil.example")] {
        let taken = connect(at, issuer);
        assert!(matches!(taken, Err(FoundingError::Taken(_))), "{issuer}: {taken:?}");
    }
    let lost = connect(ParentId(99), "https://id.example");
    assert!(matches!(lost, Err(FoundingError::Gone)), "{lost:?}");
    let told = events(&db);
    assert_eq!(
        told.iter().map(|event| event.split(' ').next().unwrap_or_default()).collect::<Vec<_>>(),
        ["added", "added", "added", "seats_bought", "added", "added"],
        "b43, each once: {told:?}"
    );
}

#[test]
fn b1_seats_of_another_product_are_not_bought_with_an_organization() {
    let db = Db::temporary(store::MIGRATIONS).expect("a database");
    let acme = write(&db, |tx, context| parent(tx, context, &slug("acme"), "Acme", ParentPlan::Team)).expect("founded");
    let id = write(&db, move |tx, context| {
        let product = context.catalog.product(&ProductKey::new("team")).expect("built in").clone();
        let seats = [("standard", 3), ("chat", 5)].map(|(key, count)| (SeatTypeKey::new(key), count)).to_vec();
        let new = NewOrganization { parent: acme, slug: slug("work"), name: "Work".to_owned(), contact: None, seats };
        organization(tx, context, &product, &new)
    });
    let counts = db.read(|tx| store::seats::counts(tx, id.expect("founded"))).expect("read");
    assert_eq!(
        counts.iter().map(|count| (count.seat_type.as_str(), count.bought)).collect::<Vec<_>>(),
        [("standard", 3)]
    );
}
