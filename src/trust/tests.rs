use super::*;
use crate::db::Db;
use crate::identity::{DomainName, EmailAddress};
use crate::ids::{OrganizationId, ParentId, Slug};
use crate::organization::{
    GroupMappings, Member, MemberStatus, Organization, ParentOrganization, ProvisioningMode, Source,
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
