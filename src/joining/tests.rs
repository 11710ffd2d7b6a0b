use std::time::Duration;

use super::*;
use crate::audit::{Actor, Event, Held};
use crate::clock::Timestamp;
use crate::connection::{AttributeNames, Connection, ConnectionStatus, Protocol, SamlIdp, SamlSettings};
use crate::db::{Db, Tx};
use crate::identity::{AssertedGroups, DomainName, EmailAddress, Subject};
use crate::ids::{ConnectionId, OrganizationId, ParentId, PersonId, Slug};
use crate::membership::Context;
use crate::organization::{GroupMappings, Member, MemberStatus, Organization, ProvisioningMode, Source};
use crate::product::{Catalog, ParentPlan, ProductKey, RoleKey};
use crate::secrets::Token;
use crate::store;
use crate::trust::SsoWay;

const JIT: ProvisioningMode = ProvisioningMode::Jit { group_mappings: false };

fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("a slug")
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

/// Two parents, each with a domain, a connection and its founding organization: `big` (big.example, Enterprise) and `small`
/// (small.example, Team). `olga` owns both, as two people; `bea` owns `big-work` alone.
struct World {
    db: Db,
    catalog: Catalog,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        let db = Db::temporary(store::MIGRATIONS).expect("a database");
        let now = Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment");
        let world = Self { db, catalog: Catalog::built_in(), now };
        world.parent("small", ParentPlan::Team);
        world.organization("small", "small-work", "team", JIT);
        world.parent("big", ParentPlan::Enterprise);
        world.organization("big", "big-work", "enterprise-seats", JIT);
        world.member("small-work", "olga@small.example", "owner");
        world.member("big-work", "bea@big.example", "owner");
        world
    }

    fn write<T: Send + 'static>(&self, work: impl Fn(&mut dyn Tx) -> Result<T, DbError> + Send + 'static) -> T {
        self.db.write_blocking(work).expect("written")
    }

    fn act<T: Send + 'static>(
        &self,
        actor: &Actor,
        work: impl Fn(&mut dyn Tx, &Context<'_>) -> Result<T, JoiningError> + Send + 'static,
    ) -> Result<T, JoiningError> {
        let (catalog, now, actor) = (self.catalog.clone(), self.now, actor.clone());
        self.db.write_blocking(move |tx| {
            work(tx, &Context { now, catalog: &catalog, actor: actor.clone(), from: None, incident: None })
        })
    }

    fn parent(&self, name: &str, plan: ParentPlan) -> ParentId {
        let (name, now) = (name.to_owned(), self.now);
        self.write(move |tx| {
            let parent = store::organizations::add_parent(tx, &slug(&name), &name, plan)?;
            let domain = DomainName::parse(&format!("{name}.example")).expect("a domain");
            store::domains::add(tx, parent, &domain, "challenge", now)?;
            let claim = store::domains::find(tx, parent, &domain)?.expect("just added");
            store::domains::set_verified(tx, claim.id, true, now)?;
            store::connections::add(
                tx,
                &Connection {
                    id: ConnectionId(0),
                    parent,
                    slug: slug(&format!("{name}-idp")),
                    label: format!("{name} IdP"),
                    status: ConnectionStatus::Active,
                    tested: None,
                    protocol: Protocol::Saml(SamlSettings::new(SamlIdp {
                        entity_id: format!("https://{name}.example/idp"),
                        sso_redirect: None,
                        sso_post: None,
                        slo_redirect: None,
                        slo_response: None,
                        wants_signed_requests: false,
                        certificates: Vec::new(),
                        valid_until: None,
                    })),
                    attributes: AttributeNames::default(),
                    omits_empty_groups: false,
                },
            )?;
            Ok(parent)
        })
    }

    fn organization(&self, parent: &str, name: &str, product: &str, mode: ProvisioningMode) -> OrganizationId {
        let (parent, name, product) = (self.parent_of(parent), name.to_owned(), product.to_owned());
        self.write(move |tx| {
            store::organizations::add(
                tx,
                &Organization {
                    id: OrganizationId(0),
                    parent,
                    slug: slug(&name),
                    name: name.clone(),
                    product: ProductKey::new(product.as_str()),
                    mode,
                    mappings: GroupMappings::default(),
                    require_sso: false,
                    contact: None,
                },
            )
        })
    }

    fn parent_of(&self, name: &str) -> ParentId {
        let found = self.db.read(|tx| store::organizations::parent_by_slug(tx, &slug(name)));
        found.map_err(|error: DbError| error).expect("read").expect("known").id
    }

    fn at(&self, name: &str) -> Organization {
        let found = self.db.read(|tx| store::organizations::by_slug(tx, &slug(name)));
        found.map_err(|error: DbError| error).expect("read").expect("known")
    }

    /// Makes a member who has signed in once and is signed in; no seat.
    fn member(&self, at: &str, address: &str, role: &str) -> Actor {
        let (at, address, role, now) = (self.at(at), email(address), role.to_owned(), self.now);
        let person = self.write(move |tx| {
            let known = store::people::by_email(tx, at.parent, &address)?.map(|person| person.id);
            let person = match known {
                Some(person) => person,
                None => {
                    let id = crate::secrets::public_id("p-");
                    store::people::add(tx, at.parent, &id, &address, address.local_part(), now)?
                }
            };
            let connection = store::connections::of_parent(tx, at.parent)?.remove(0).id;
            let subject = Subject::new(address.as_str()).expect("a subject");
            let groups = AssertedGroups::NotSent;
            let subject = store::people::remember_sign_in(tx, connection, &subject, person, &groups, now)?;
            let member = Member {
                organization: at.id,
                person,
                status: MemberStatus::Active,
                role: RoleKey::new(role.as_str()),
                role_source: Source::Default,
                role_pin: None,
                seat: None,
                seat_source: Source::Default,
                seat_pin: None,
                joined_at: now,
                version: 1,
            };
            assert!(store::members::put(tx, &member)?);
            store::sessions::add(
                tx,
                &store::sessions::NewSession {
                    token_hash: crate::secrets::random(),
                    person,
                    subject,
                    idp_session: None,
                    idp_name: None,
                    logout_seal: None,
                    created_at: now,
                    expires_at: now.plus(Duration::from_secs(3600)),
                    address: "",
                    user_agent: "",
                },
            )?;
            Ok(person)
        });
        Actor::Person(person)
    }

    fn person(&self, parent: &str, address: &str) -> Option<store::people::Person> {
        let (parent, address) = (self.parent_of(parent), email(address));
        self.db.read(|tx| store::people::by_email(tx, parent, &address)).map_err(|error: DbError| error).expect("read")
    }

    fn actor(&self, parent: &str, address: &str) -> Actor {
        Actor::Person(self.person(parent, address).expect("known").id)
    }

    fn olga(&self) -> Actor {
        self.actor("small", "olga@small.example")
    }

    fn bea(&self) -> Actor {
        self.actor("big", "bea@big.example")
    }

    fn code(&self) -> String {
        let (founder, text) = (self.at("big-work"), Token::new().text());
        let seen = self.codes();
        let code = text.clone();
        self.act(&self.bea(), move |tx, context| {
            let token = Token::parse(&code).expect("a token");
            make_code(tx, context, &founder, &token, seen)
        })
        .expect("made");
        text
    }

    fn codes(&self) -> usize {
        let parent = self.parent_of("big");
        let all = self.db.read(|tx| store::parent_changes::codes_of(tx, parent));
        all.map_err(|error: DbError| error).expect("read").len()
    }

    fn effects(&self, at: &str, to: Option<&str>) -> Effects {
        let (at, to) = (self.at(at), to.map(slug));
        let (catalog, now) = (self.catalog.clone(), self.now);
        let found = self.db.read(|tx| -> Result<_, DbError> {
            let context = Context { now, catalog: &catalog, actor: Actor::System, from: None, incident: None };
            let to = match &to {
                Some(to) => store::organizations::parent_by_slug(tx, to)?,
                None => None,
            };
            Ok(plan(tx, &context, &at, to.as_ref())?.map(|planned| planned.effects))
        });
        found.expect("read").expect("a parent")
    }

    /// Proposes with a code, having seen what it means.
    fn propose(&self, actor: &Actor, at: &str, code: &str) -> Result<(), JoiningError> {
        let (id, code) = (self.at(at).id, code.to_owned());
        let (seen, typed) = (self.effects(at, Some("big")).mark(), at.to_owned());
        self.act(actor, move |tx, context| propose_to_join(tx, context, id, &code, &seen, &typed))
    }

    fn propose_leave(&self, actor: &Actor, at: &str) -> Result<(), JoiningError> {
        let (id, seen, typed) = (self.at(at).id, self.effects(at, None).mark(), at.to_owned());
        self.act(actor, move |tx, context| propose_to_leave(tx, context, id, &seen, &typed))
    }

    /// The number of the open proposal of an organization.
    fn open(&self, at: &str) -> Option<i64> {
        let id = self.at(at).id;
        let found = self.db.read(|tx| store::parent_changes::open(tx, id));
        found.map_err(|error: DbError| error).expect("read").map(|open| open.id)
    }

    /// Approves as it is now.
    fn approve(&self, actor: &Actor, founder: &str, at: &str, to: Option<&str>) -> Result<(), JoiningError> {
        let id = self.open(at).expect("a proposal");
        self.approve_seen(actor, founder, id, &self.effects(at, to).mark(), at)
    }

    fn approve_seen(&self, actor: &Actor, founder: &str, id: i64, seen: &str, typed: &str) -> Result<(), JoiningError> {
        let (founder, seen, typed) = (self.at(founder), seen.to_owned(), typed.to_owned());
        self.act(actor, move |tx, context| approve(tx, context, &founder, id, &seen, &typed))
    }

    fn kinds(&self) -> Vec<String> {
        let all = self.db.read(|tx| store::audit::list(tx, crate::ids::AuditId(0), Timestamp::from_millis(0), 1000));
        all.map_err(|error: DbError| error).expect("read").into_iter().map(|event| event.kind).collect()
    }

    fn role(&self, at: &str, parent: &str, address: &str) -> Option<String> {
        let (at, person) = (self.at(at).id, self.person(parent, address)?.id);
        let member = self.db.read(|tx| store::members::find(tx, at, person));
        member.map_err(|error: DbError| error).expect("read").map(|member| member.role.to_string())
    }

    fn sessions(&self, person: PersonId) -> usize {
        self.db.read(|tx| store::sessions::of_person(tx, person)).map_err(|error: DbError| error).expect("read").len()
    }
}

/// As a page does it, with nothing between working it out and doing it.
fn propose_to_join(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: OrganizationId,
    code: &str,
    seen: &str,
    typed: &str,
) -> Result<(), JoiningError> {
    let to = parent_of_code(tx, code, context.now)?;
    let at = store::organizations::by_id(tx, organization)?.ok_or(JoiningError::NoProposal)?;
    let planned = plan(tx, context, &at, Some(&to))?.ok_or(JoiningError::NoProposal)?;
    super::propose_to_join(tx, context, organization, code, &planned, (seen, typed))
}

fn propose_to_leave(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: OrganizationId,
    seen: &str,
    typed: &str,
) -> Result<(), JoiningError> {
    let at = store::organizations::by_id(tx, organization)?.ok_or(JoiningError::NoProposal)?;
    let planned = plan(tx, context, &at, None)?.ok_or(JoiningError::NoProposal)?;
    super::propose_to_leave(tx, context, organization, &planned, (seen, typed))
}

fn approve(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    founder: &Organization,
    id: i64,
    seen: &str,
    typed: &str,
) -> Result<(), JoiningError> {
    let founder = store::organizations::by_id(tx, founder.id)?.ok_or(JoiningError::NoProposal)?;
    let proposed = to_decide(tx, context, &founder, id)?;
    super::approve(tx, context, &founder, &proposed, (seen, typed))
}

fn is<T: std::fmt::Debug>(tried: &Result<T, JoiningError>, kind: &str) -> bool {
    format!("{tried:?}").starts_with(&format!("Err({kind}"))
}

#[test]
fn an_organization_joins_with_its_people_and_everybody_signs_in_anew() {
    let world = World::new();
    world.member("small-work", "uma@small.example", "user");
    let uma = world.person("small", "uma@small.example").expect("known");
    let (olga, bea) = (world.olga(), world.bea());
    world.propose(&olga, "small-work", &world.code()).expect("proposed");
    assert_eq!(world.at("small-work").parent, world.parent_of("small"), "nothing happens before it is approved");
    world.approve(&bea, "big-work", "small-work", Some("big")).expect("approved");
    assert_eq!(world.at("small-work").parent, world.parent_of("big"));
    let now = world.person("big", "uma@small.example").expect("came along");
    assert_eq!((now.id, &now.public_id), (uma.id, &uma.public_id), "applications know the same person");
    assert_eq!(world.person("small", "uma@small.example"), None, "not twice");
    assert_eq!(world.role("small-work", "big", "uma@small.example").as_deref(), Some("user"));
    assert_eq!(world.role("small-work", "big", "olga@small.example").as_deref(), Some("owner"));
    assert_eq!(world.sessions(uma.id), 0, "the connection that vouched for it has no say any more");
    let subjects = world.db.read(|tx| store::people::subjects_of(tx, uma.id)).map_err(|error: DbError| error);
    assert!(subjects.expect("read").is_empty());
    let kinds = world.kinds();
    assert_eq!(kinds.iter().filter(|kind| *kind == "parent_changed").count(), 2, "both sides: {kinds:?}");
}

#[test]
fn nobody_is_left_so_the_proven_domain_comes_along_and_belongs_to_one_parent() {
    let world = World::new();
    // The other side claims the very domain, and could not prove it.
    let (big, small, now) = (world.parent_of("big"), world.parent_of("small"), world.now);
    world.write(move |tx| {
        let domain = |name: &str| DomainName::parse(name).expect("a domain");
        store::domains::add(tx, big, &domain("small.example"), "other", now)?;
        store::domains::add(tx, small, &domain("pending.example"), "pending", now)
    });
    let foreseen = world.effects("small-work", Some("big"));
    assert_eq!(foreseen.domains.len(), 1);
    assert_eq!(foreseen.switched_off, ["small IdP"]);
    assert_eq!(foreseen.people[0].way, SsoWay::NotYet, "the domain comes along: {foreseen:?}");
    world.propose(&world.olga(), "small-work", &world.code()).expect("proposed");
    world.approve(&world.bea(), "big-work", "small-work", Some("big")).expect("approved");
    let domains = world.db.read(|tx| -> Result<_, DbError> {
        Ok((store::domains::of_parent(tx, big)?, store::domains::of_parent(tx, small)?))
    });
    let (there, left) = domains.expect("read");
    let verified: Vec<&str> =
        there.iter().filter(|domain| domain.is_verified()).map(|domain| domain.name.as_str()).collect();
    assert_eq!((verified, there.len()), (vec!["big.example", "small.example"], 2), "one claim each, both proven");
    assert!(left.is_empty(), "a claim that is proven later would keep everybody else from the domain: {left:?}");
    let removed = world.kinds().iter().filter(|kind| *kind == "removed").count();
    assert_eq!(removed, 2, "rule B43: either claim that went");
    let connections = world.db.read(|tx| store::connections::of_parent(tx, small)).map_err(|error: DbError| error);
    assert!(connections.expect("read").iter().all(|one| one.status == ConnectionStatus::Disabled));
}

#[test]
fn b43_what_waited_at_a_parent_that_nobody_belongs_to_any_more_ends_and_the_log_says_so() {
    let world = World::new();
    world.parent("third", ParentPlan::Team);
    world.organization("third", "third-work", "team", JIT);
    let tom = world.member("third-work", "tom@third.example", "owner");
    // An organization that wants to join the parent that is about to be left, and a code that nobody has used.
    let small = world.at("small-work");
    let made: Vec<Token> = (0..2).map(|_| Token::new()).collect();
    for (seen, token) in made.iter().enumerate() {
        let (founder, token) = (small.clone(), Token::parse(&token.text()).expect("a token"));
        let done = world.act(&world.olga(), move |tx, context| make_code(tx, context, &founder, &token, seen));
        done.expect("made");
    }
    let (third, seen) = (world.at("third-work").id, world.effects("third-work", Some("small")).mark());
    let code = made[0].text();
    let proposed = world.act(&tom, move |tx, context| propose_to_join(tx, context, third, &code, &seen, "third-work"));
    proposed.expect("proposed");

    world.propose(&world.olga(), "small-work", &world.code()).expect("proposed");
    world.approve(&world.bea(), "big-work", "small-work", Some("big")).expect("approved");
    assert_eq!(world.open("third-work"), None, "nobody could decide it any more");
    let from = Timestamp::from_millis(0);
    let all = world.db.read(|tx| store::audit::list(tx, crate::ids::AuditId(0), from, 1000));
    let all = all.map_err(|error: DbError| error).expect("read");
    let of = |kind: &str| all.iter().filter(|event| event.kind == kind).map(|event| event.target.clone()).collect();
    let (declined, withdrawn): (Vec<String>, Vec<String>) = (of("parent_change_declined"), of("join_codes_withdrawn"));
    assert_eq!(declined, ["organization:third-work"]);
    assert_eq!(withdrawn, ["parent:small"]);
    let told = all.iter().find(|event| event.kind == "parent_change_declined").expect("there");
    assert_eq!(told.organization, Some(third), "in the log of whoever proposed it");
}

#[test]
fn a_domain_stays_where_others_use_it_and_its_people_are_told_that_they_cannot_sign_in() {
    let world = World::new();
    world.organization("small", "second", "team", JIT);
    let boss = world.member("second", "boss@small.example", "owner");
    let foreseen = world.effects("second", Some("big"));
    assert!(foreseen.domains.is_empty() && foreseen.switched_off.is_empty());
    assert_eq!(foreseen.people[0].way, SsoWay::OutsideDomains);
    assert!(foreseen.locks_out());
    let (id, code, seen) = (world.at("second").id, world.code(), foreseen.mark());
    let untyped = world.act(&boss, move |tx, context| propose_to_join(tx, context, id, &code, &seen, "second "));
    assert!(is(&untyped, "NotTyped"), "{untyped:?}");
    world.propose(&boss, "second", &world.code()).expect("knowingly");
    let number = world.open("second").expect("open");
    let untyped = world.approve_seen(&world.bea(), "big-work", number, &foreseen.mark(), "");
    assert!(is(&untyped, "NotTyped"), "the other side has to know it too: {untyped:?}");
    world.approve(&world.bea(), "big-work", "second", Some("big")).expect("approved");
    let owner =
        world.db.read(|tx| store::domains::verified_owner(tx, &DomainName::parse("small.example").expect("a domain")));
    assert_eq!(owner.map_err(|error: DbError| error), Ok(Some(world.parent_of("small"))));
}

#[test]
fn whoever_is_known_at_both_is_linked_and_never_there_twice() {
    let world = World::new();
    world.organization("small", "second", "team", JIT);
    world.member("second", "boss@small.example", "owner");
    world.member("small-work", "both@small.example", "user");
    world.member("second", "both@small.example", "admin");
    // At the other parent somebody has that address, by hand, and an open session from long ago.
    world.member("big-work", "both@small.example", "user");
    let there = world.person("big", "both@small.example").expect("known");
    let here = world.person("small", "both@small.example").expect("known");
    let foreseen = world.effects("second", Some("big"));
    let both = foreseen.people.iter().find(|one| one.email == "both@small.example").expect("listed");
    assert!(
        both.linked && both.new_id && both.way != SsoWay::SignsIn,
        "whoever they are there proves the address anew"
    );
    assert_eq!(both.sessions as usize, world.sessions(here.id) + world.sessions(there.id));
    let boss = world.actor("small", "boss@small.example");
    world.propose(&boss, "second", &world.code()).expect("proposed");
    world.approve(&world.bea(), "big-work", "second", Some("big")).expect("approved");
    assert_eq!(world.role("second", "big", "both@small.example").as_deref(), Some("admin"));
    assert_eq!(world.role("big-work", "big", "both@small.example").as_deref(), Some("user"), "as before");
    assert_eq!(world.role("small-work", "small", "both@small.example").as_deref(), Some("user"), "as before");
    assert_eq!(world.person("big", "both@small.example").map(|one| one.id), Some(there.id), "nobody is made again");
    assert_eq!(
        (world.sessions(there.id), world.sessions(here.id)),
        (0, 0),
        "hostile: a session from before does not become an admin's by the address alone"
    );
    let subjects = world.db.read(|tx| store::people::subjects_of(tx, there.id)).map_err(|error: DbError| error);
    assert_eq!(subjects.expect("read"), [], "hostile: nor does somebody to whom a push gave the address");
    assert!(world.kinds().contains(&"member_moved".to_owned()));
}

#[test]
fn b43_the_log_of_the_parent_that_is_left_tells_who_went_where() {
    let world = World::new();
    world.organization("small", "second", "team", JIT);
    let actor = world.member("second", "sue@small.example", "owner");
    world.propose(&actor, "second", &world.code()).expect("proposed");
    world.approve(&world.bea(), "big-work", "second", Some("big")).expect("approved");
    let all = world.db.read(|tx| store::audit::list(tx, crate::ids::AuditId(0), Timestamp::from_millis(0), 1000));
    let all = all.map_err(|error: DbError| error).expect("read").into_iter();
    let told: Vec<_> =
        all.filter(|event| event.kind == "parent_changed").map(|event| (event.parent, event.organization)).collect();
    let (small, big) = (world.parent_of("small"), world.parent_of("big"));
    let of = |parent, at: &str| (Some(parent), Some(world.at(at).id));
    assert_eq!(told, [of(big, "second"), of(small, "small-work"), of(big, "big-work")]);
}

#[test]
fn whoever_belongs_to_another_organization_too_stays_there_and_is_copied() {
    let world = World::new();
    world.organization("small", "second", "team", JIT);
    world.member("second", "boss@small.example", "owner");
    world.member("small-work", "both@small.example", "user");
    world.member("second", "both@small.example", "admin");
    let here = world.person("small", "both@small.example").expect("known");
    let boss = world.actor("small", "boss@small.example");
    world.propose(&boss, "second", &world.code()).expect("proposed");
    world.approve(&world.bea(), "big-work", "second", Some("big")).expect("approved");
    let there = world.person("big", "both@small.example").expect("copied");
    assert!(there.public_id != here.public_id && there.id != here.id);
    assert_eq!(world.role("second", "big", "both@small.example").as_deref(), Some("admin"));
    assert_eq!(world.role("small-work", "small", "both@small.example").as_deref(), Some("user"));
}

#[test]
fn an_older_organization_that_joins_does_not_become_the_founding_one() {
    // small-work is the older of the two: by its number it would come first.
    let world = World::new();
    assert!(world.at("small-work").id < world.at("big-work").id);
    world.propose(&world.olga(), "small-work", &world.code()).expect("proposed");
    world.approve(&world.bea(), "big-work", "small-work", Some("big")).expect("approved");
    let founder = world.db.read(|tx| store::organizations::founder(tx, world.parent_of("big")));
    assert_eq!(founder.map_err(|error: DbError| error), Ok(Some(world.at("big-work").id)));
}

#[test]
fn an_organization_that_is_founded_later_does_not_become_the_founding_one() {
    let world = World::new();
    world.organization("big", "console", "console", JIT);
    let cara = world.member("console", "cara@big.example", "admin");
    world.propose_leave(&cara, "console").expect("proposed");
    world.approve(&world.bea(), "big-work", "console", None).expect("approved");
    world.organization("console", "later", "console", JIT);
    world.organization("big", "another", "team", JIT);
    for (parent, founding) in [("console", "console"), ("big", "big-work")] {
        let founder = world.db.read(|tx| store::organizations::founder(tx, world.parent_of(parent)));
        assert_eq!(founder.map_err(|error: DbError| error), Ok(Some(world.at(founding).id)), "{parent}");
    }
}

#[test]
fn b16_where_groups_of_another_identity_provider_will_decide_the_name_is_typed() {
    let world = World::new();
    let mapped = ProvisioningMode::Jit { group_mappings: true };
    world.organization("small", "mapped", "team", mapped);
    let owner = world.member("mapped", "owner@small.example", "owner");
    // The domain will be proven there, so nothing else asks for the name.
    world.write({
        let (big, now) = (world.parent_of("big"), world.now);
        move |tx| {
            let domain = DomainName::parse("move.example").expect("a domain");
            store::domains::add(tx, big, &domain, "challenge", now)?;
            let claim = store::domains::find(tx, big, &domain)?.expect("just added");
            store::domains::set_verified(tx, claim.id, true, now).map(drop)
        }
    });
    world.member("mapped", "other@move.example", "owner");
    let foreseen = world.effects("mapped", Some("big"));
    assert!(!foreseen.locks_out() && foreseen.other_groups_decide());
    let (id, code, seen) = (world.at("mapped").id, world.code(), foreseen.mark());
    let other = world.actor("small", "other@move.example");
    let tried = world.act(&other, {
        let (code, seen) = (code.clone(), seen.clone());
        move |tx, context| propose_to_join(tx, context, id, &code, &seen, "")
    });
    assert!(is(&tried, "NotTyped"), "{tried:?}");
    world.propose(&owner, "mapped", &code).expect("typed");
}

#[test]
fn hostile_whoever_may_not_configure_makes_no_code_and_ends_no_proposal() {
    let world = World::new();
    world.propose(&world.olga(), "small-work", &world.code()).expect("proposed");
    let number = world.open("small-work").expect("open");
    let (founder, here, seen) = (world.at("big-work"), world.at("small-work"), world.codes());
    let before = world.kinds().len();
    for nobody in [world.member("big-work", "uma@big.example", "admin"), world.olga(), Actor::Stranger] {
        let at = founder.clone();
        let made = world.act(&nobody, move |tx, context| make_code(tx, context, &at, &Token::new(), seen));
        assert!(is(&made, "NotTheFounder"), "{nobody}: {made:?}");
        let at = founder.clone();
        let taken = world.act(&nobody, move |tx, context| withdraw_codes(tx, context, &at));
        assert!(is(&taken, "NotTheFounder"), "{nobody}: {taken:?}");
        let at = founder.clone();
        let declined = world.act(&nobody, move |tx, context| decline(tx, context, &at, number));
        assert!(is(&declined, "NotTheFounder"), "{nobody}: {declined:?}");
    }
    for nobody in [world.member("small-work", "uma@small.example", "admin"), world.bea(), Actor::Stranger] {
        let at = here.clone();
        let withdrawn = world.act(&nobody, move |tx, context| withdraw(tx, context, &at));
        assert!(is(&withdrawn, "ProposerLost"), "{nobody}: {withdrawn:?}");
    }
    assert_eq!((world.open("small-work"), world.kinds().len()), (Some(number), before));
}

#[test]
fn leaving_leads_to_a_parent_of_ones_own_and_the_founding_organization_never_leaves_others_alone() {
    let world = World::new();
    world.organization("big", "console", "console", JIT);
    let cara = world.member("console", "cara@big.example", "admin");
    let alone = world.effects("small-work", None);
    assert_eq!(alone.blockers, [Blocker::Alone]);
    assert_eq!(world.effects("big-work", None).blockers, [Blocker::FoundedForOthers]);
    assert_eq!(world.effects("big-work", Some("small")).blockers, [Blocker::FoundedForOthers]);
    let tried = world.propose_leave(&world.bea(), "big-work");
    assert!(is(&tried, "Blocked"), "{tried:?}");
    world.propose_leave(&cara, "console").expect("proposed");
    let number = world.open("console").expect("open");
    let own = world.approve_seen(&cara, "console", number, &world.effects("console", None).mark(), "console");
    assert!(is(&own, "NotTheFounder"), "hostile: nobody approves their own leaving: {own:?}");
    world.approve(&world.bea(), "big-work", "console", None).expect("approved");
    let own = world.at("console").parent;
    let parent = world.db.read(|tx| store::organizations::parent_by_id(tx, own)).map_err(|error: DbError| error);
    let parent = parent.expect("read").expect("founded");
    assert_eq!((parent.slug.as_str(), parent.plan), ("console", ParentPlan::Console));
    let founder = world.db.read(|tx| store::organizations::founder(tx, own)).map_err(|error: DbError| error);
    assert_eq!(founder, Ok(Some(world.at("console").id)), "its own founder");
    assert_eq!(world.role("console", "console", "cara@big.example").as_deref(), Some("admin"));
    let domains = world.db.read(|tx| store::domains::of_parent(tx, own)).map_err(|error: DbError| error);
    assert!(domains.expect("read").is_empty(), "domains stay where they were proven");
}

#[test]
fn directory_sync_is_given_up_first_and_says_why() {
    let world = World::new();
    let scim = ProvisioningMode::Scim { group_mappings: false };
    world.organization("big", "console", "console", scim);
    let cara = world.member("console", "cara@big.example", "admin");
    let to_team = world.effects("console", Some("small"));
    assert!(matches!(to_team.blockers[..], [Blocker::SyncNotOffered(_)]), "Console under a Team parent: {to_team:?}");
    assert_eq!(world.effects("console", None).blockers, [Blocker::FollowsDirectory]);
    let tried = world.propose_leave(&cara, "console");
    assert!(is(&tried, "Blocked"), "{tried:?}");
    let console = world.at("console");
    world.write(move |tx| store::organizations::update(tx, &Organization { mode: JIT, ..console.clone() }));
    world.propose_leave(&cara, "console").expect("proposed");
    // Switched on again while the proposal waits.
    let console = world.at("console");
    world.write(move |tx| store::organizations::update(tx, &Organization { mode: scim, ..console.clone() }));
    let tried = world.approve(&world.bea(), "big-work", "console", None);
    assert!(is(&tried, "Blocked"), "{tried:?}");
}

#[test]
fn hostile_codes_that_lead_nowhere_look_all_the_same() {
    let world = World::new();
    let olga = world.olga();
    let good = world.code();
    world.propose(&olga, "small-work", &good).expect("proposed");
    let id = world.at("small-work").id;
    world
        .act(&olga, move |tx, context| {
            let organization = store::organizations::by_id(tx, id)?.expect("known");
            withdraw(tx, context, &organization)
        })
        .expect("withdrawn");
    let withdrawn = world.code();
    let founder = world.at("big-work");
    world.act(&world.bea(), move |tx, context| withdraw_codes(tx, context, &founder)).expect("withdrawn");
    let mut later = World { now: world.now.plus(CODE_LASTS), ..World::new() };
    let old = {
        let now = later.now;
        later.now = World::new().now;
        let code = later.code();
        later.now = now;
        code
    };
    for (name, code) in [
        ("used", good.as_str()),
        ("withdrawn", &withdrawn),
        ("made up", &Token::new().text()),
        ("a slug", "big"),
        ("nothing", ""),
        ("words", "' OR 1=1 --"),
    ] {
        let tried = world.propose(&olga, "small-work", code);
        assert!(is(&tried, "NoCode"), "{name}: {tried:?}");
    }
    let tried = later.propose(&later.olga(), "small-work", &old);
    assert!(is(&tried, "NoCode"), "too old: {tried:?}");
    // Only the founding organization of a parent makes codes, and a form sent twice makes one.
    world.organization("big", "console", "console", JIT);
    world.member("console", "cara@big.example", "admin");
    let console = world.at("console");
    let tried = world.act(&world.actor("big", "cara@big.example"), move |tx, context| {
        make_code(tx, context, &console, &Token::new(), 0)
    });
    assert!(is(&tried, "NotTheFounder"), "{tried:?}");
    let founder = world.at("big-work");
    let twice = || {
        let founder = founder.clone();
        world.act(&world.bea(), move |tx, context| make_code(tx, context, &founder, &Token::new(), 0))
    };
    assert!(twice().is_ok());
    assert!(is(&twice(), "Moved"));
    assert_eq!(world.codes(), 1);
}

#[test]
fn hostile_forged_numbers_other_parents_admins_and_who_approves_their_own() {
    let world = World::new();
    world.parent("third", ParentPlan::Enterprise);
    world.organization("third", "third-work", "enterprise-seats", JIT);
    let tom = world.member("third-work", "tom@third.example", "owner");
    world.organization("big", "console", "console", JIT);
    let cara = world.member("console", "cara@big.example", "admin");
    let admin = world.member("big-work", "adam@big.example", "admin");
    world.propose(&world.olga(), "small-work", &world.code()).expect("proposed");
    let number = world.open("small-work").expect("open");
    let seen = world.effects("small-work", Some("big")).mark();
    for (name, actor, founder, id, kind) in [
        ("its own proposal, in its own organization", world.olga(), "small-work", number, "NoProposal"),
        ("its own proposal, in the other's founding organization", world.olga(), "big-work", number, "NotTheFounder"),
        ("another parent's owner", tom.clone(), "third-work", number, "NoProposal"),
        ("another parent's owner, with a forged organization", tom, "big-work", number, "NotTheFounder"),
        ("an admin of another organization there", cara, "console", number, "NotTheFounder"),
        ("an admin without identity", admin, "big-work", number, "NotTheFounder"),
        ("a forged number", world.bea(), "big-work", number + 1, "NoProposal"),
        ("a negative number", world.bea(), "big-work", -1, "NoProposal"),
        ("a directory", Actor::Directory, "big-work", number, "NotTheFounder"),
        ("a stranger", Actor::Stranger, "big-work", number, "NotTheFounder"),
    ] {
        let tried = world.approve_seen(&actor, founder, id, &seen, "small-work");
        assert!(is(&tried, kind), "{name}: {tried:?}");
        assert_eq!(world.at("small-work").parent, world.parent_of("small"), "{name}");
    }
    world.approve_seen(&world.bea(), "big-work", number, &seen, "").expect("approved");
    let twice = world.approve_seen(&world.bea(), "big-work", number, &seen, "");
    assert!(is(&twice, "NoProposal"), "double approval: {twice:?}");
    assert_eq!(world.kinds().iter().filter(|kind| *kind == "parent_changed").count(), 2, "once, for both sides");
}

#[test]
fn hostile_stale_effects_are_neither_proposed_nor_approved() {
    let world = World::new();
    let (olga, bea) = (world.olga(), world.bea());
    let (id, code) = (world.at("small-work").id, world.code());
    let seen = world.effects("small-work", Some("big")).mark();
    world.member("small-work", "otto@elsewhere.example", "owner");
    let stale = {
        let (code, seen) = (code.clone(), seen.clone());
        world.act(&olga, move |tx, context| propose_to_join(tx, context, id, &code, &seen, ""))
    };
    assert!(is(&stale, "Moved"), "somebody who loses access came since: {stale:?}");
    world.propose(&olga, "small-work", &code).expect("the code is not used up by that");
    let number = world.open("small-work").expect("open");
    let shown = world.effects("small-work", Some("big")).mark();
    // Somebody who simply goes on does not make it stale.
    world.member("small-work", "uma@small.example", "user");
    assert_eq!(world.effects("small-work", Some("big")).mark(), shown);
    // The other parent's connection is switched off: nobody could sign in.
    let big = world.parent_of("big");
    let set = move |status| {
        move |tx: &mut dyn Tx| {
            let known = store::connections::of_parent(tx, big)?.remove(0);
            store::connections::update(tx, &Connection { status, ..known })
        }
    };
    world.write(set(ConnectionStatus::Disabled));
    let stale = world.approve_seen(&bea, "big-work", number, &shown, "small-work");
    assert!(is(&stale, "Moved"), "not what the approving side was shown: {stale:?}");
    let stale = world.approve(&bea, "big-work", "small-work", Some("big"));
    assert!(is(&stale, "Outdated"), "not what the proposing side was shown: {stale:?}");
    world.write(set(ConnectionStatus::Active));
    world.approve(&bea, "big-work", "small-work", Some("big")).expect("as it was");
}

#[test]
fn hostile_two_proposals_at_once_and_one_whose_proposer_has_lost_identity() {
    let world = World::new();
    let (olga, bea) = (world.olga(), world.bea());
    world.propose(&olga, "small-work", &world.code()).expect("proposed");
    let second = world.propose(&olga, "small-work", &world.code());
    assert!(is(&second, "AlreadyOpen"), "{second:?}");
    assert_eq!(world.codes(), 1, "the second code is not used up");
    // Otto comes, so that olga's loss leaves somebody with identity; otherwise the effects move, too.
    let otto = world.member("small-work", "otto@small.example", "owner");
    let at = world.at("small-work");
    for (name, how) in [("demoted", "user"), ("suspended", ""), ("removed", "-")] {
        let person = world.person("small", "olga@small.example").expect("known").id;
        let (role, id, now) = (how.to_owned(), at.id, world.now);
        world.write(move |tx| {
            let member = store::members::find(tx, id, person)?.expect("a member");
            match role.as_str() {
                "" => store::people::set_suspended(tx, person, Some(now)),
                "-" => store::members::end(tx, id, person, "removed_by_hand", now).map(drop),
                role => store::members::put(tx, &Member { role: RoleKey::new(role), ..member }).map(drop),
            }
        });
        let tried = world.approve(&bea, "big-work", "small-work", Some("big"));
        assert!(is(&tried, "ProposerLost"), "{name}: {tried:?}");
        if how != "-" {
            world.write(move |tx| {
                let member = store::members::find(tx, id, person)?.expect("a member");
                store::people::set_suspended(tx, person, None)?;
                store::members::put(tx, &Member { role: RoleKey::new("owner"), ..member }).map(drop)
            });
        }
    }
    // Somebody without identity proposes nothing.
    let gone = world.propose(&olga, "small-work", &world.code());
    assert!(is(&gone, "ProposerLost"), "{gone:?}");
    let organization = world.at("small-work");
    world.act(&otto, move |tx, context| withdraw(tx, context, &organization)).expect("withdrawn");
    world.propose(&otto, "small-work", &world.code()).expect("proposed anew");
    world.approve(&bea, "big-work", "small-work", Some("big")).expect("approved");
}

#[test]
fn a_proposal_runs_out_and_gives_way_to_another() {
    let mut world = World::new();
    let (olga, bea) = (world.olga(), world.bea());
    world.propose(&olga, "small-work", &world.code()).expect("proposed");
    let number = world.open("small-work").expect("open");
    let seen = world.effects("small-work", Some("big")).mark();
    world.now = world.now.plus(PROPOSAL_LASTS);
    let late = world.approve_seen(&bea, "big-work", number, &seen, "");
    assert!(is(&late, "NoProposal"), "{late:?}");
    world.propose(&olga, "small-work", &world.code()).expect("another one");
    assert!(world.open("small-work").expect("open") > number);
    let (founder, id) = (world.at("big-work"), world.open("small-work").expect("open"));
    world.act(&bea, move |tx, context| decline(tx, context, &founder, id)).expect("declined");
    assert_eq!(world.open("small-work"), None);
    let kinds = world.kinds();
    assert_eq!(kinds.iter().filter(|kind| *kind == "parent_change_declined").count(), 2, "both sides: {kinds:?}");
}

#[test]
fn hostile_a_suspended_person_is_not_resumed_by_changing_the_parent() {
    let world = World::new();
    let (olga, now) = (world.olga(), world.now);
    world.member("small-work", "uma@small.example", "user");
    let uma = world.person("small", "uma@small.example").expect("known").id;
    world.write(move |tx| store::people::set_suspended(tx, uma, Some(now)));
    world.member("big-work", "uma@small.example", "user");
    let foreseen = world.effects("small-work", Some("big"));
    assert_eq!(foreseen.blockers, [Blocker::SuspendedHereOnly(vec!["uma@small.example".to_owned()])]);
    let tried = world.propose(&olga, "small-work", &world.code());
    assert!(is(&tried, "Blocked"), "{tried:?}");
    let at = world.at("small-work").id;
    world.write(move |tx| store::members::end(tx, at, uma, "removed_by_hand", now));
    let foreseen = world.effects("small-work", Some("big"));
    assert_eq!(foreseen.blockers.len(), 1, "a former member could become one again at the next sign-in");
    let there = world.person("big", "uma@small.example").expect("known").id;
    world.write(move |tx| store::people::set_suspended(tx, there, Some(now)));
    world.propose(&olga, "small-work", &world.code()).expect("proposed");
    world.approve(&world.bea(), "big-work", "small-work", Some("big")).expect("approved");
    assert!(world.person("big", "uma@small.example").expect("known").suspended);
}

/// What was worked out just before, and something that happens then.
fn shaken_by(
    world: &World,
    happens: impl Fn(&mut dyn Tx, &Context<'_>) -> Result<(), DbError> + Send + 'static,
) -> Result<(), JoiningError> {
    let (bea, founder) = (world.bea(), world.at("big-work"));
    let id = world.open("small-work").expect("a proposal");
    let seen = world.effects("small-work", Some("big")).mark();
    world.act(&bea, move |tx, context| {
        let proposed = to_decide(tx, context, &founder, id)?;
        happens(tx, context)?;
        let typed = "small-work";
        let done = super::approve(tx, context, &founder, &proposed, (&seen, typed));
        // Whatever came of it: the next case begins where this one did.
        Err::<(), _>(done.err().unwrap_or(JoiningError::NoCode))
    })
}

#[test]
fn what_was_worked_out_is_carried_out_only_while_nothing_has_moved() {
    let world = World::new();
    world.member("small-work", "uma@small.example", "user");
    let (uma, now) = (world.person("small", "uma@small.example").expect("known").id, world.now);
    let (small, big) = (world.parent_of("small"), world.parent_of("big"));
    world.propose(&world.olga(), "small-work", &world.code()).expect("proposed");
    // A code is nothing that approving answers: it was carried out.
    let done = |tried: Result<(), JoiningError>| is(&tried, "NoCode");
    assert!(done(shaken_by(&world, |_, _| Ok(()))), "as it was");
    let signed_in =
        shaken_by(&world, move |tx, context| context.record(tx, Some(small), None, Event::SignedIn { person: uma }));
    assert!(done(signed_in), "sign-ins change nothing of it");
    let confirmed = shaken_by(&world, move |tx, context| {
        let at = store::organizations::by_slug(tx, &slug("small-work"))?.expect("known").id;
        let now = Held { role: RoleKey::new("user"), seat: None };
        let linked = Event::SubjectLinked { person: uma, connection: "small".to_owned() };
        let confirmed = Event::MemberConfirmed { person: uma, now, deferred_seat: None };
        for event in [Event::SignedIn { person: uma }, linked, confirmed] {
            context.record(tx, Some(small), Some(at), event)?;
        }
        Ok(())
    });
    assert!(done(confirmed), "nor does what each of them leaves where groups are mapped");
    let tested = shaken_by(&world, move |tx, context| {
        context.record(tx, Some(small), None, Event::ConnectionTested { name: "okta".to_owned(), passed: true })
    });
    assert!(done(tested), "and a test switches nothing on");
    let elsewhere = shaken_by(&world, move |tx, context| {
        let other = store::organizations::add_parent(tx, &slug("other"), "Other", ParentPlan::Team)?;
        context.record(tx, Some(other), None, Event::PersonSuspended { person: uma })
    });
    assert!(done(elsewhere), "another parent's people are none of these");
    let shaken = [
        // Somebody there gets the address, whom nobody here was shown: they would be linked.
        shaken_by(&world, move |tx, context| {
            let address = email("uma@small.example");
            let person = store::people::add(tx, big, "p-uma", &address, "Uma", now)?;
            context.record(tx, Some(big), None, Event::PersonCreated { person, email: address.to_string() })
        }),
        shaken_by(&world, move |tx, context| {
            store::people::set_suspended(tx, uma, Some(now))?;
            context.record(tx, Some(small), None, Event::PersonSuspended { person: uma })
        }),
        // What is true for all is read again, event or not.
        shaken_by(&world, move |tx, _| {
            let mut connection = store::connections::of_parent(tx, big)?.remove(0);
            connection.status = ConnectionStatus::Disabled;
            store::connections::update(tx, &connection)
        }),
        shaken_by(&world, move |tx, _| {
            let mut at = store::organizations::by_slug(tx, &slug("small-work"))?.expect("known");
            at.mode = ProvisioningMode::Jit { group_mappings: false };
            at.require_sso = !at.require_sso;
            store::organizations::update(tx, &at)
        }),
    ];
    for (at, tried) in shaken.iter().enumerate() {
        assert!(is(tried, "Shaken"), "{at}: {tried:?}");
    }
    assert_eq!(world.at("small-work").parent, small, "nothing was carried out");
}

#[test]
fn what_was_worked_out_for_one_organization_moves_no_other() {
    let world = World::new();
    world.organization("small", "second", "enterprise-seats", ProvisioningMode::Manual);
    let boss = world.member("second", "boss@small.example", "owner");
    let (code, second, small) = (world.code(), world.at("second"), world.at("small-work"));
    let tried = world.act(&boss, move |tx, context| {
        let to = parent_of_code(tx, &code, context.now)?;
        let planned = plan(tx, context, &small, Some(&to))?.expect("a parent");
        let seen = planned.effects.mark();
        super::propose_to_join(tx, context, second.id, &code, &planned, (&seen, "second"))
    });
    assert!(is(&tried, "Shaken"), "{tried:?}");
}
