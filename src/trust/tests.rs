use super::*;
use crate::audit::Actor;
use crate::connection::{AttributeNames, OidcSettings, Protocol};
use crate::db::Db;
use crate::identity::{AssertedGroups, DomainName, EmailAddress, Subject};
use crate::ids::{OrganizationId, ParentId, Slug};
use crate::organization::{
    Domain, DomainState, GroupMappings, Member, MemberStatus, Organization, ParentOrganization, ProvisioningMode,
    Source,
};
use crate::product::{Catalog, ParentPlan, ProductKey, RoleKey};
use crate::store::people::Person;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("a slug")
}

/// A parent that restricts creation, with the organizations `first` and `second` and a verified domain of its name.
fn restricted(tx: &mut dyn Tx, name: &str) -> Result<(ParentId, [OrganizationId; 2]), DbError> {
    let parent = store::organizations::add_parent(tx, &slug(name), name, ParentPlan::Team)?;
    let known = store::organizations::parent_by_id(tx, parent)?.expect("added");
    store::organizations::update_parent(tx, &ParentOrganization { restrict_creation: true, ..known })?;
    let domain = DomainName::parse(&format!("{name}.example")).expect("a domain");
    store::domains::add(tx, parent, &domain, "challenge", NOW)?;
    let claim = store::domains::find(tx, parent, &domain)?.expect("added");
    store::domains::set_verified(tx, claim.id, true, NOW)?;
    let mut organization = |which: &str| {
        store::organizations::add(
            tx,
            &Organization {
                id: OrganizationId(0),
                parent,
                // The order of names is not the order of founding.
                slug: slug(&format!("{name}-{which}")),
                name: which.to_owned(),
                product: ProductKey::new("team"),
                mode: ProvisioningMode::Manual,
                mappings: GroupMappings::default(),
                require_sso: false,
                contact: None,
            },
        )
    };
    Ok((parent, [organization("z-first")?, organization("a-second")?]))
}

fn person(tx: &mut dyn Tx, parent: ParentId, email: &str, roles: &[(OrganizationId, &str)]) -> Result<Person, DbError> {
    let address = EmailAddress::parse(email).expect("an address");
    let id = store::people::add(tx, parent, email, &address, email, NOW)?;
    for (organization, role) in roles {
        let member = Member {
            organization: *organization,
            person: id,
            status: MemberStatus::Active,
            role: RoleKey::new(*role),
            role_source: Source::Default,
            role_pin: None,
            seat: None,
            seat_source: Source::Default,
            seat_pin: None,
            joined_at: NOW,
            version: 1,
        };
        assert!(store::members::put(tx, &member)?);
    }
    Ok(store::people::by_id(tx, id)?.expect("added"))
}

#[test]
fn a_parent_that_restricts_creation_leaves_it_to_operators_and_the_owners_of_its_first_organization() {
    let db = Db::temporary(store::MIGRATIONS).expect("a database");
    db.write_blocking(|tx| -> Result<(), DbError> {
        let catalog = Catalog::built_in();
        let (acme, [first, second]) = restricted(tx, "acme")?;
        let free = store::organizations::add_parent(tx, &slug("free"), "Free", ParentPlan::Team)?;
        let owner = person(tx, acme, "owner@acme.example", &[(first, "owner")])?;
        let ended = person(tx, acme, "ended@acme.example", &[(first, "owner")])?;
        store::members::end(tx, first, ended.id, "removed_by_hand", NOW)?;
        let outsider = person(tx, free, "someone@free.example", &[])?;
        let mut may =
            |parent: Option<ParentId>, who: Founder<'_>| may_found(tx, &catalog, parent, who).expect("read").is_ok();
        assert!(may(Some(acme), Founder::Operator) && may(None, Founder::Operator));
        assert!(may(Some(acme), Founder::Person(&owner)) && may(Some(free), Founder::Person(&owner)));
        assert!(!may(Some(acme), Founder::Person(&ended)), "no longer an Owner");
        assert!(!may(Some(acme), Founder::Person(&outsider)), "of another parent");
        assert!(may(Some(free), Founder::Person(&outsider)) && may(None, Founder::Person(&outsider)));
        for (email, roles) in [
            ("admin@acme.example", &[(first, "admin")][..]),
            ("owner2@acme.example", &[(second, "owner")][..]),
            ("nobody@acme.example", &[][..]),
        ] {
            let other = person(tx, acme, email, roles)?;
            for parent in [Some(acme), Some(free), None] {
                let told = may_found(tx, &catalog, parent, Founder::Person(&other))?;
                assert_eq!(told, Err(CreationRestricted(slug("acme"))), "{email} under {parent:?}");
            }
        }
        Ok(())
    })
    .expect("tried");
}

fn connection(
    tx: &mut dyn Tx,
    parent: ParentId,
    name: &str,
    status: ConnectionStatus,
    tested: Option<Timestamp>,
) -> Result<Connection, DbError> {
    let new = Connection {
        id: ConnectionId(0),
        parent,
        slug: slug(name),
        label: name.to_owned(),
        status,
        tested,
        protocol: Protocol::Oidc(OidcSettings::new(&format!("https://{name}.example"), "usher")),
        attributes: AttributeNames::default(),
        omits_empty_groups: false,
    };
    store::connections::add(tx, &new)?;
    Ok(store::connections::by_slug(tx, &new.slug)?.expect("added"))
}

fn context(catalog: &Catalog) -> Context<'_> {
    Context { now: NOW, catalog, actor: Actor::Operator, from: None, incident: None }
}

fn status(tx: &mut dyn Tx, known: &Connection) -> ConnectionStatus {
    store::connections::by_id(tx, known.id).expect("read").expect("there").status
}

#[test]
fn b5_a_connection_is_switched_on_only_after_a_fresh_test() {
    let db = Db::temporary(store::MIGRATIONS).expect("a database");
    db.write_blocking(|tx| -> Result<(), DbError> {
        let catalog = Catalog::built_in();
        let (acme, _) = restricted(tx, "acme")?;
        let day = NOW.minus(FRESH);
        for (name, tested, refused) in [
            ("untested", None, Some("has not passed a test")),
            ("long-ago", Some(day.minus(Duration::from_secs(1))), Some("more than a day ago")),
            ("yesterday", Some(day), None),
            ("now", Some(NOW), None),
        ] {
            let known = connection(tx, acme, name, ConnectionStatus::Draft, tested)?;
            let done = activate(tx, &context(&catalog), known.id);
            match refused {
                Some(why) => {
                    assert!(done.expect_err(name).to_string().contains(why), "{name}");
                    assert_eq!(status(tx, &known), ConnectionStatus::Draft, "{name}");
                }
                None => {
                    done.expect(name);
                    assert_eq!(status(tx, &known), ConnectionStatus::Active, "{name}");
                }
            }
        }
        Ok(())
    })
    .expect("tried");
}

#[test]
fn b9_who_makes_everybody_a_stranger_has_to_know_it_once_a_connection_was_in_use() {
    let db = Db::temporary(store::MIGRATIONS).expect("a database");
    db.write_blocking(|tx| -> Result<(), DbError> {
        let catalog = Catalog::built_in();
        let (acme, _) = restricted(tx, "acme")?;
        connection(tx, acme, "other", ConnectionStatus::Active, None)?;
        type Bend = fn(&mut Connection);
        let bends: [(&str, Bend, bool); 4] = [
            (
                "client",
                |one| one.protocol = Protocol::Oidc(OidcSettings::new("https://active.example", "usher-2")),
                true,
            ),
            ("subject", |one| one.attributes.subject = Some("oid".to_owned()), true),
            ("groups", |one| one.attributes.groups = Some("roles".to_owned()), false),
            ("label", |one| one.label = "Another".to_owned(), false),
        ];
        let states = [ConnectionStatus::Active, ConnectionStatus::Disabled, ConnectionStatus::Draft];
        for (what, bend, estranges) in bends {
            for state in states {
                let known = connection(tx, acme, "active", state, None)?;
                let mut after = known.clone();
                bend(&mut after);
                let case = format!("{what} {state:?}");
                let done = change(tx, &context(&catalog), &after, &mark(&known), false);
                let asked = estranges && state != ConnectionStatus::Draft;
                assert_eq!(matches!(done, Err(TrustError::Estranges(_))), asked, "{case}: {done:?}");
                if asked {
                    assert!(change(tx, &context(&catalog), &after, &mark(&known), true).expect(&case), "{case}");
                }
                assert!(store::connections::by_id(tx, known.id)?.expect("there").names_people_as(&after), "{case}");
                store::connections::remove(tx, known.id)?;
            }
        }
        Ok(())
    })
    .expect("tried");
}

#[test]
fn b9_people_move_to_another_identity_provider_as_it_was_shown_and_not_otherwise() {
    let db = Db::temporary(store::MIGRATIONS).expect("a database");
    db.write_blocking(|tx| -> Result<(), DbError> {
        let catalog = Catalog::built_in();
        let (acme, _) = restricted(tx, "acme")?;
        let other = store::organizations::add_parent(tx, &slug("other"), "Other", ParentPlan::Team)?;
        let old = connection(tx, acme, "old", ConnectionStatus::Active, None)?;
        let new = connection(tx, acme, "new", ConnectionStatus::Draft, Some(NOW))?;
        let untested = connection(tx, acme, "untested", ConnectionStatus::Draft, None)?;
        let foreign = connection(tx, other, "foreign", ConnectionStatus::Draft, Some(NOW))?;
        for (email, known_at) in [
            ("both@acme.example", &[&old, &new][..]),
            ("here@acme.example", &[&old][..]),
            ("never@acme.example", &[][..]),
            ("outside@elsewhere.example", &[&old, &new][..]),
        ] {
            let someone = person(tx, acme, email, &[])?;
            for at in known_at {
                let subject = Subject::new(email).expect("a subject");
                store::people::remember_sign_in(tx, at.id, &subject, someone.id, &AssertedGroups::NotSent, NOW)?;
            }
        }
        let planned = plan_switch(tx, old.id, new.id).expect("planned");
        let mut shown: Vec<(&str, Match)> = planned.people.iter().map(|one| (one.email.as_str(), one.how)).collect();
        shown.sort_by_key(|(email, _)| *email);
        let expected = [
            ("both@acme.example", Match::Linked),
            ("here@acme.example", Match::ByAddress),
            ("never@acme.example", Match::NeverSeen),
            ("outside@elsewhere.example", Match::NoDomain),
        ];
        assert_eq!(shown, expected);

        assert!(matches!(plan_switch(tx, old.id, foreign.id), Err(TrustError::OtherParent(..))), "another parent's");
        assert!(matches!(plan_switch(tx, old.id, old.id), Err(TrustError::Same(_))), "to itself");
        let to_untested = plan_switch(tx, old.id, untested.id).expect("planned").mark();
        let refused = switch(tx, &context(&catalog), old.id, untested.id, &to_untested);
        assert!(matches!(refused, Err(TrustError::Untested(_))), "nobody has seen it work");

        let mark = planned.mark();
        assert!(
            matches!(switch(tx, &context(&catalog), old.id, new.id, ""), Err(TrustError::Moved)),
            "nothing was shown"
        );
        let late = person(tx, acme, "late@acme.example", &[])?;
        let moved = switch(tx, &context(&catalog), old.id, new.id, &mark);
        assert!(matches!(moved, Err(TrustError::Moved)), "somebody came after it was shown");
        assert_eq!((status(tx, &old), status(tx, &new)), (ConnectionStatus::Active, ConnectionStatus::Draft));

        let shown = plan_switch(tx, old.id, new.id).expect("planned").mark();
        let elsewhere = Protocol::Oidc(OidcSettings::new("https://evil.example", "usher"));
        store::connections::update(tx, &Connection { protocol: elsewhere, ..new.clone() })?;
        let moved = switch(tx, &context(&catalog), old.id, new.id, &shown);
        assert!(matches!(moved, Err(TrustError::Moved)), "it trusts somebody else since it was shown");
        store::connections::update(tx, &new)?;

        let people = store::people::of_parent(tx, acme)?.len();
        let again = plan_switch(tx, old.id, new.id).expect("planned");
        assert!(again.people.iter().any(|one| one.person == late.id));
        switch(tx, &context(&catalog), old.id, new.id, &again.mark()).expect("as shown");
        assert_eq!((status(tx, &old), status(tx, &new)), (ConnectionStatus::Disabled, ConnectionStatus::Active));
        assert_eq!(store::people::of_parent(tx, acme)?.len(), people, "nobody became two");
        Ok(())
    })
    .expect("tried");
}

#[test]
fn b7_what_requiring_sso_means_is_told_for_everybody_who_is_a_member_now() {
    let db = Db::temporary(store::MIGRATIONS).expect("a database");
    db.write_blocking(|tx| -> Result<(), DbError> {
        let catalog = Catalog::built_in();
        let (acme, [first, _]) = restricted(tx, "acme")?;
        let active = connection(tx, acme, "active", ConnectionStatus::Active, None)?;
        let off = connection(tx, acme, "off", ConnectionStatus::Disabled, None)?;
        for (name, proven) in [("lost.example", true), ("claimed.example", false)] {
            let name = DomainName::parse(name).expect("a domain");
            store::domains::add(tx, acme, &name, "challenge", NOW)?;
            if proven {
                let claim = store::domains::find(tx, acme, &name)?.expect("added");
                let week = NOW.minus(Domain::GRACE);
                let state = DomainState::Verified { since: week, vouched: false, lost: Some(week) };
                store::domains::update(tx, &Domain { state, ..claim })?;
            }
        }
        for (n, email, role, through) in [
            (1, "known@acme.example", "owner", Some(&active)),
            (2, "elsewhere@acme.example", "user", Some(&off)),
            (3, "new@acme.example", "user", None),
            (4, "known@lost.example", "user", Some(&active)),
            (5, "new@lost.example", "user", None),
            (6, "known@claimed.example", "user", Some(&active)),
            (7, "gone@acme.example", "owner", Some(&active)),
        ] {
            let someone = person(tx, acme, email, &[(first, role)])?;
            let Some(through) = through else { continue };
            let subject = Subject::new(email).expect("a subject");
            let subject =
                store::people::remember_sign_in(tx, through.id, &subject, someone.id, &AssertedGroups::NotSent, NOW)?;
            let session = store::sessions::NewSession {
                token_hash: [n; 32],
                person: someone.id,
                subject,
                idp_session: None,
                idp_name: None,
                logout_seal: None,
                created_at: NOW,
                expires_at: NOW.plus(FRESH),
                address: "",
                user_agent: "",
            };
            store::sessions::add(tx, &session)?;
            if n == 7 {
                store::members::end(tx, first, someone.id, "removed_by_hand", NOW)?;
            }
        }
        let organization = store::organizations::by_id(tx, first)?.expect("added");
        let product = catalog.product(&organization.product).expect("built in");
        let effects = require_sso_effects(tx, &organization, product, NOW)?;
        let told: Vec<_> = effects.members.iter().map(|one| (one.email.as_str(), one.way, one.sessions_end)).collect();
        let expected = [
            ("elsewhere@acme.example", SsoWay::NotYet, 1),
            ("known@acme.example", SsoWay::SignsIn, 0),
            ("known@claimed.example", SsoWay::OutsideDomains, 0),
            ("known@lost.example", SsoWay::SignsIn, 0),
            ("new@acme.example", SsoWay::NotYet, 0),
            ("new@lost.example", SsoWay::OutsideDomains, 0),
        ];
        assert_eq!(told, expected, "a domain that is claimed proves nothing, and a lost one nobody new");
        assert!(!effects.locks_out());
        let owner = effects.members.iter().find(|one| one.email == "known@acme.example").expect("listed").person;
        store::people::set_suspended(tx, owner, Some(NOW))?;
        assert!(require_sso_effects(tx, &organization, product, NOW)?.locks_out(), "the owner is switched off");
        store::people::set_suspended(tx, owner, None)?;
        store::connections::update(tx, &Connection { status: ConnectionStatus::Disabled, ..active })?;
        assert!(require_sso_effects(tx, &organization, product, NOW)?.locks_out(), "no way is left to the owner");
        Ok(())
    })
    .expect("tried");
}
