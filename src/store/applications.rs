//! Applications behind the gateway.

use super::{damaged, from_list, to_list};
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::{ApplicationId, OrganizationId, Slug};
use crate::organization::{Application, HeaderPreset};
use crate::product::{RoleKey, SeatTypeKey};

fn application(row: &dyn RowGet) -> Result<Application, DbError> {
    Ok(Application {
        id: ApplicationId(row.int(0)?),
        organization: OrganizationId(row.int(1)?),
        slug: Slug::parse(&row.text(2)?).map_err(|_| damaged("slug"))?,
        name: row.text(3)?,
        url: row.text(4)?,
        roles: from_list(&row.text(5)?)?.into_iter().map(RoleKey::new).collect(),
        seats: from_list(&row.text(6)?)?.into_iter().map(SeatTypeKey::new).collect(),
        headers: HeaderPreset::parse(&row.text(7)?).ok_or_else(|| damaged("application"))?,
    })
}

/// The applications of an organization, by slug.
pub fn of_organization(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Vec<Application>, DbError> {
    tx.all(
        "SELECT id, organization_id, slug, name, url, roles, seats, headers FROM application \
         WHERE organization_id = ?1 ORDER BY slug",
        &[V::I(organization.0)],
        application,
    )
}

/// The application of an organization under a slug.
pub fn by_slug(tx: &mut dyn Tx, organization: OrganizationId, slug: &Slug) -> Result<Option<Application>, DbError> {
    tx.one(
        "SELECT id, organization_id, slug, name, url, roles, seats, headers FROM application \
         WHERE organization_id = ?1 AND slug = ?2",
        &[V::I(organization.0), V::T(slug.as_str())],
        application,
    )
}

/// The application at an origin (`https://wiki.example.com`, default port left out).
pub fn by_origin(tx: &mut dyn Tx, origin: &str) -> Result<Option<Application>, DbError> {
    tx.one(
        "SELECT id, organization_id, slug, name, url, roles, seats, headers FROM application WHERE origin = ?1",
        &[V::T(origin)],
        application,
    )
}

/// Adds an application; its `id` is not looked at. The origin is free: the caller has looked.
pub fn add(tx: &mut dyn Tx, new: &Application, origin: &str) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO application (organization_id, slug, name, url, origin, roles, seats, headers) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &[
            V::I(new.organization.0),
            V::T(new.slug.as_str()),
            V::T(&new.name),
            V::T(&new.url),
            V::T(origin),
            V::T(&to_list(&new.roles)),
            V::T(&to_list(&new.seats)),
            V::T(new.headers.as_str()),
        ],
    )?;
    Ok(())
}

/// Writes everything but organization and slug.
pub fn update(tx: &mut dyn Tx, changed: &Application, origin: &str) -> Result<(), DbError> {
    tx.exec(
        "UPDATE application SET name = ?2, url = ?3, origin = ?4, roles = ?5, seats = ?6, headers = ?7 WHERE id = ?1",
        &[
            V::I(changed.id.0),
            V::T(&changed.name),
            V::T(&changed.url),
            V::T(origin),
            V::T(&to_list(&changed.roles)),
            V::T(&to_list(&changed.seats)),
            V::T(changed.headers.as_str()),
        ],
    )?;
    Ok(())
}

/// Takes an application away.
pub fn remove(tx: &mut dyn Tx, id: ApplicationId) -> Result<(), DbError> {
    tx.exec("DELETE FROM application WHERE id = ?1", &[V::I(id.0)])?;
    Ok(())
}
