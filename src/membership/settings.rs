use super::bindings::{bind_mappings, is_synced};
use super::{Context, brake, sync};
use crate::audit::{Event, Thing};
use crate::connection::ConnectionStatus;
use crate::db::{DbError, Tx};
use crate::ids::SyncRunId;
use crate::organization::{Domain, Organization, ProvisioningMode, SyncCause, SyncNotOffered};
use crate::product::{Product, RoleKey, SeatTypeKey};
use crate::store;

/// Why settings are not taken.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Product or parent rule directory sync out.
    #[error(transparent)]
    NotOffered(#[from] SyncNotOffered),
    /// Nobody's address would be believed (rule B5).
    #[error("this mode needs a verified domain first")]
    NoDomain,
    /// Nobody could sign in (rule B5).
    #[error("this mode needs a connection that has passed a test sign-in first")]
    NoConnection,
    /// No token, or the identity provider has sent nothing with one (rule B29).
    #[error(
        "directory sync (SCIM) needs a directory first: make a token, and let the identity provider send one request with it"
    )]
    NoDirectory,
    /// A mapping gives another product's role (rule B1).
    #[error("this product has no role {0}")]
    NoSuchRole(RoleKey),
    /// A mapping gives another product's seat type, or there is no choice of any (rules B1 to B3).
    #[error("this product maps no seat type {0}")]
    NoSuchSeat(SeatTypeKey),
    /// The organization is gone.
    #[error("this organization is gone")]
    NoOrganization,
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// Writes mode, mappings and the other settings of an organization. A mode that is newly chosen is refused where it is not offered,
/// or before what it rests on is there (rules B5, B29). In a scim mode the effects come with the run that is returned: carry it out
/// with [`super::Runs::finish`] after this transaction; else the cycle does.
pub fn save_settings(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    after: &Organization,
) -> Result<Option<SyncRunId>, SettingsError> {
    let before = store::organizations::by_id(tx, after.id)?.ok_or(SettingsError::NoOrganization)?;
    if before == *after {
        return Ok(None);
    }
    check_rows(context.product(after)?, &before, after)?;
    if before.mode.as_str() != after.mode.as_str() {
        check(tx, context, after)?;
    }
    Ok(write(tx, context, &before, after)?)
}

/// Writes and records settings that were checked, or stood before.
pub(super) fn write(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    before: &Organization,
    after: &Organization,
) -> Result<Option<SyncRunId>, DbError> {
    store::organizations::update(tx, after)?;
    let event = Event::Changed {
        thing: Thing::Organization,
        name: after.slug.to_string(),
        before: shown(before, after),
        after: shown(after, before),
    };
    context.record(tx, Some(after.parent), Some(after.id), event)?;
    settings_written(tx, context, Some(before), after, SyncCause::Save)
}

/// The settings of one organization in a line, with those mapping rows that the other has not.
fn shown(one: &Organization, other: &Organization) -> String {
    /// A line of the log is no place for hundreds.
    const ROWS: usize = 20;
    let (rows, others) = (&one.mappings, &other.mappings);
    let roles = rows.roles.iter().filter(|row| !others.roles.contains(row));
    let seats = rows.seats.iter().filter(|row| !others.seats.contains(row));
    let roles = roles.map(|row| format!("; {:?} gives {}", row.group.as_str(), row.gives));
    let all: Vec<String> =
        roles.chain(seats.map(|row| format!("; {:?} gives {}", row.group.as_str(), row.gives))).collect();
    let more = if all.len() > ROWS { format!("; and {} more", all.len() - ROWS) } else { String::new() };
    format!(
        "{}; mappings {}; require SSO {}{}{more}",
        one.mode.as_str(),
        one.mode.has_group_mappings(),
        one.require_sso,
        all.iter().take(ROWS).cloned().collect::<String>()
    )
}

/// Rows that are new give something that the product has (rule B1); old ones may outlive a product that was declared otherwise.
fn check_rows(product: &Product, before: &Organization, after: &Organization) -> Result<(), SettingsError> {
    for row in after.mappings.roles.iter().filter(|row| !before.mappings.roles.contains(row)) {
        if product.role(&row.gives).is_none() {
            return Err(SettingsError::NoSuchRole(row.gives.clone()));
        }
    }
    for row in after.mappings.seats.iter().filter(|row| !before.mappings.seats.contains(row)) {
        if !product.maps_seats() || product.seat_type(&row.gives).is_none() {
            return Err(SettingsError::NoSuchSeat(row.gives.clone()));
        }
    }
    Ok(())
}

fn check(tx: &mut dyn Tx, context: &Context<'_>, after: &Organization) -> Result<(), SettingsError> {
    if after.mode == ProvisioningMode::Manual {
        return Ok(());
    }
    let parent = store::organizations::parent_by_id(tx, after.parent)?.ok_or(SettingsError::NoOrganization)?;
    Organization::mode_is_offered(after.mode, context.product(after)?, parent.plan)?;
    if !store::domains::of_parent(tx, after.parent)?.iter().any(Domain::is_verified) {
        return Err(SettingsError::NoDomain);
    }
    let connections = store::connections::of_parent(tx, after.parent)?;
    if !connections.iter().any(|connection| connection.status == ConnectionStatus::Active) {
        return Err(SettingsError::NoConnection);
    }
    if is_synced(after) {
        let asked = store::directory::of_parent(tx, after.parent)?.is_some_and(|known| known.first_request.is_some());
        if !asked || store::scim_tokens::of_parent(tx, after.parent)?.is_empty() {
            return Err(SettingsError::NoDirectory);
        }
    }
    Ok(())
}

/// What follows from settings that were written: mapping rows are bound to directory groups, and a run begins where the directory
/// decides now, or decides by something else. Leaving the scim modes removes nobody, and ends what was halted (rule B27).
pub fn settings_written(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    before: Option<&Organization>,
    after: &Organization,
    cause: SyncCause,
) -> Result<Option<SyncRunId>, DbError> {
    let same = before.is_some_and(|before| before.mode == after.mode && before.mappings == after.mappings);
    if !is_synced(after) {
        if before.is_some_and(is_synced) {
            brake::supersede(tx, context, after.id, true)?;
            store::sync_holds::release_all(tx, after.id)?;
            store::deferred_seats::remove_all(tx, after.id)?;
            store::organizations::set_sync_pending(tx, after.id, false)?;
        }
        return Ok(None);
    }
    let bound = bind_mappings(tx, context, after)?;
    if same && bound == 0 {
        return Ok(None);
    }
    Ok(Some(sync::begin(tx, context, after, cause)?))
}
