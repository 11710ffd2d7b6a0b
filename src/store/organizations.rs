//! Parent organizations and organizations, with their mapping tables.

use super::{damaged, group_bindings};
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::identity::GroupKey;
use crate::ids::{OrganizationId, ParentId, Slug};
use crate::organization::{GroupMapping, GroupMappings, Organization, ParentOrganization, ProvisioningMode};
use crate::product::{ParentPlan, ProductKey, RoleKey, SeatTypeKey};

/// The columns that [`parent`] reads, in its order.
macro_rules! select_parent {
    ($condition:literal) => {
        concat!("SELECT id, slug, name, plan, restrict_creation FROM parent_organization ", $condition)
    };
}

fn parent(row: &dyn RowGet) -> Result<ParentOrganization, DbError> {
    Ok(ParentOrganization {
        id: ParentId(row.int(0)?),
        slug: Slug::parse(&row.text(1)?).map_err(|_| damaged("slug"))?,
        name: row.text(2)?,
        plan: ParentPlan::parse(&row.text(3)?).ok_or_else(|| damaged("plan"))?,
        restrict_creation: row.int(4)? == 1,
    })
}

/// Every parent organization, by slug.
pub fn parents(tx: &mut dyn Tx) -> Result<Vec<ParentOrganization>, DbError> {
    tx.all(select_parent!("ORDER BY slug"), &[], parent)
}

/// The parent organization of this slug.
pub fn parent_by_slug(tx: &mut dyn Tx, slug: &Slug) -> Result<Option<ParentOrganization>, DbError> {
    tx.one(select_parent!("WHERE slug = ?1"), &[V::T(slug.as_str())], parent)
}

/// The parent organization of this id.
pub fn parent_by_id(tx: &mut dyn Tx, id: ParentId) -> Result<Option<ParentOrganization>, DbError> {
    tx.one(select_parent!("WHERE id = ?1"), &[V::I(id.0)], parent)
}

/// Founds a parent organization.
pub fn add_parent(tx: &mut dyn Tx, slug: &Slug, name: &str, plan: ParentPlan) -> Result<ParentId, DbError> {
    tx.exec(
        "INSERT INTO parent_organization (slug, name, plan) VALUES (?1, ?2, ?3)",
        &[V::T(slug.as_str()), V::T(name), V::T(plan.as_str())],
    )?;
    let added = parent_by_slug(tx, slug)?.ok_or_else(|| damaged("parent organization"))?;
    Ok(added.id)
}

/// Writes name, plan and switches; the slug stays.
pub fn update_parent(tx: &mut dyn Tx, changed: &ParentOrganization) -> Result<(), DbError> {
    tx.exec(
        "UPDATE parent_organization SET name = ?2, plan = ?3, restrict_creation = ?4 WHERE id = ?1",
        &[
            V::I(changed.id.0),
            V::T(&changed.name),
            V::T(changed.plan.as_str()),
            V::I(i64::from(changed.restrict_creation)),
        ],
    )?;
    Ok(())
}

/// An organization without its mapping tables.
fn organization(row: &dyn RowGet) -> Result<Organization, DbError> {
    let mode = ProvisioningMode::parse(&row.text(5)?, row.int(6)? == 1).ok_or_else(|| damaged("provisioning mode"))?;
    Ok(Organization {
        id: OrganizationId(row.int(0)?),
        parent: ParentId(row.int(1)?),
        slug: Slug::parse(&row.text(2)?).map_err(|_| damaged("slug"))?,
        name: row.text(3)?,
        product: ProductKey::new(row.text(4)?),
        mode,
        mappings: GroupMappings::default(),
        require_sso: row.int(7)? == 1,
        contact: row.opt_text(8)?,
    })
}

fn with_mappings(tx: &mut dyn Tx, mut organization: Organization) -> Result<Organization, DbError> {
    tx.each(
        "SELECT kind, value, group_key FROM group_mapping WHERE organization_id = ?1 ORDER BY kind, value, group_key",
        &[V::I(organization.id.0)],
        &mut |row| {
            let group = GroupKey::new(&row.text(2)?).ok_or_else(|| damaged("group mapping"))?;
            match row.text(0)?.as_str() {
                "role" => {
                    let gives = RoleKey::new(row.text(1)?);
                    organization.mappings.roles.push(GroupMapping { group, gives });
                }
                _ => {
                    let gives = SeatTypeKey::new(row.text(1)?);
                    organization.mappings.seats.push(GroupMapping { group, gives });
                }
            }
            Ok(())
        },
    )?;
    Ok(organization)
}

/// The organizations attached to a parent, by slug.
pub fn of_parent(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<Organization>, DbError> {
    let found = tx.all(
        "SELECT id, parent_id, slug, name, product, provisioning, group_mappings, require_sso, contact \
         FROM organization WHERE parent_id = ?1 ORDER BY slug",
        &[V::I(parent.0)],
        organization,
    )?;
    found.into_iter().map(|organization| with_mappings(tx, organization)).collect()
}

/// The organization that founded a parent, or came to it first.
pub fn founder(tx: &mut dyn Tx, parent: ParentId) -> Result<Option<OrganizationId>, DbError> {
    tx.one("SELECT id FROM organization WHERE parent_id = ?1 ORDER BY attached, id LIMIT 1", &[V::I(parent.0)], |row| {
        Ok(OrganizationId(row.int(0)?))
    })
}

/// Attaches an organization to another parent, as the last one there.
pub fn attach(tx: &mut dyn Tx, id: OrganizationId, to: ParentId) -> Result<(), DbError> {
    tx.exec(
        "UPDATE organization SET parent_id = ?2, version = version + 1, attached = \
         (SELECT COALESCE(MAX(other.attached), 0) + 1 FROM organization other WHERE other.parent_id = ?2) WHERE id = ?1",
        &[V::I(id.0), V::I(to.0)],
    )?;
    Ok(())
}

/// The organization of this slug.
pub fn by_slug(tx: &mut dyn Tx, slug: &Slug) -> Result<Option<Organization>, DbError> {
    let found = tx.one(
        "SELECT id, parent_id, slug, name, product, provisioning, group_mappings, require_sso, contact \
         FROM organization WHERE slug = ?1",
        &[V::T(slug.as_str())],
        organization,
    )?;
    found.map(|organization| with_mappings(tx, organization)).transpose()
}

/// The organization of this id.
pub fn by_id(tx: &mut dyn Tx, id: OrganizationId) -> Result<Option<Organization>, DbError> {
    let found = tx.one(
        "SELECT id, parent_id, slug, name, product, provisioning, group_mappings, require_sso, contact \
         FROM organization WHERE id = ?1",
        &[V::I(id.0)],
        organization,
    )?;
    found.map(|organization| with_mappings(tx, organization)).transpose()
}

/// Founds an organization, as the last one of its parent; its `id` is not looked at, its mappings are kept.
pub fn add(tx: &mut dyn Tx, new: &Organization) -> Result<OrganizationId, DbError> {
    tx.exec(
        "INSERT INTO organization \
         (parent_id, slug, name, product, provisioning, group_mappings, require_sso, contact, attached) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, \
         (SELECT COALESCE(MAX(other.attached) + 1, 0) FROM organization other WHERE other.parent_id = ?1))",
        &[
            V::I(new.parent.0),
            V::T(new.slug.as_str()),
            V::T(&new.name),
            V::T(new.product.as_str()),
            V::T(new.mode.as_str()),
            V::I(i64::from(new.mode.has_group_mappings())),
            V::I(i64::from(new.require_sso)),
            new.contact.as_deref().map_or(V::Null, V::T),
        ],
    )?;
    let added = tx.one("SELECT id FROM organization WHERE slug = ?1", &[V::T(new.slug.as_str())], |row| row.int(0))?;
    let id = OrganizationId(added.ok_or_else(|| damaged("organization"))?);
    set_mappings(tx, id, &new.mappings)?;
    Ok(id)
}

/// Writes settings and mappings of an existing organization; parent, slug and product stay.
pub fn update(tx: &mut dyn Tx, changed: &Organization) -> Result<(), DbError> {
    tx.exec(
        "UPDATE organization SET name = ?2, provisioning = ?3, group_mappings = ?4, require_sso = ?5, contact = ?6, \
         version = version + 1 WHERE id = ?1",
        &[
            V::I(changed.id.0),
            V::T(&changed.name),
            V::T(changed.mode.as_str()),
            V::I(i64::from(changed.mode.has_group_mappings())),
            V::I(i64::from(changed.require_sso)),
            changed.contact.as_deref().map_or(V::Null, V::T),
        ],
    )?;
    set_mappings(tx, changed.id, &changed.mappings)
}

/// Counts memberships that began or ended.
pub(super) fn count_members(tx: &mut dyn Tx, id: OrganizationId, came: i64) -> Result<(), DbError> {
    tx.exec("UPDATE organization SET members = members + ?2 WHERE id = ?1", &[V::I(id.0), V::I(came)])?;
    Ok(())
}

/// How an organization stands towards directory sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncStanding {
    /// Memberships that stand.
    pub members: u32,
    /// Counts changes of settings and mappings.
    pub version: i64,
    /// The cycle has something to do here.
    pub pending: bool,
}

/// How an organization stands towards directory sync.
pub fn sync_standing(tx: &mut dyn Tx, id: OrganizationId) -> Result<SyncStanding, DbError> {
    let found =
        tx.one("SELECT members, version, sync_pending FROM organization WHERE id = ?1", &[V::I(id.0)], |row| {
            let members = u32::try_from(row.int(0)?).unwrap_or(u32::MAX);
            Ok(SyncStanding { members, version: row.int(1)?, pending: row.int(2)? == 1 })
        })?;
    found.ok_or_else(|| damaged("organization"))
}

/// Leaves a note for the cycle, or takes it away.
pub fn set_sync_pending(tx: &mut dyn Tx, id: OrganizationId, pending: bool) -> Result<(), DbError> {
    tx.exec(
        "UPDATE organization SET sync_pending = ?2 WHERE id = ?1 AND sync_pending <> ?2",
        &[V::I(id.0), V::I(i64::from(pending))],
    )?;
    Ok(())
}

/// How many members each organization has, by slug.
pub fn members(tx: &mut dyn Tx) -> Result<Vec<(String, u32)>, DbError> {
    tx.all("SELECT slug, members FROM organization ORDER BY slug", &[], |row| {
        Ok((row.text(0)?, u32::try_from(row.int(1)?).unwrap_or(u32::MAX)))
    })
}

/// Where the count of memberships and the members disagree, for the doctor: organization's slug, counted, standing. Never, unless
/// somebody edited the database by hand.
pub fn miscounted(tx: &mut dyn Tx) -> Result<Vec<(String, i64, i64)>, DbError> {
    tx.all(
        "SELECT organization.slug, organization.members, COUNT(member.person_id) FROM organization \
         LEFT JOIN member ON member.organization_id = organization.id AND member.status = 'active' \
         GROUP BY organization.slug, organization.members HAVING organization.members <> COUNT(member.person_id)",
        &[],
        |row| Ok((row.text(0)?, row.int(1)?, row.int(2)?)),
    )
}

fn set_mappings(tx: &mut dyn Tx, id: OrganizationId, mappings: &GroupMappings) -> Result<(), DbError> {
    const INSERT: &str = "INSERT INTO group_mapping (organization_id, kind, value, group_key) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (organization_id, kind, value, group_key) DO NOTHING";
    tx.exec("DELETE FROM group_mapping WHERE organization_id = ?1", &[V::I(id.0)])?;
    for row in &mappings.roles {
        tx.exec(INSERT, &[V::I(id.0), V::T("role"), V::T(row.gives.as_str()), V::T(row.group.as_str())])?;
    }
    for row in &mappings.seats {
        tx.exec(INSERT, &[V::I(id.0), V::T("seat"), V::T(row.gives.as_str()), V::T(row.group.as_str())])?;
    }
    group_bindings::forget_unmapped(tx, id)
}
