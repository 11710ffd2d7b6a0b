use actix_web::HttpRequest;

use crate::audit::Actor;
use crate::connecting::{At, Desk, Found, Markup};
use crate::db::DbError;
use crate::ids::Slug;
use crate::organization::ParentOrganization;
use crate::session;
use crate::store;
use crate::web::failure::Failure;

fn desk(parent: ParentOrganization) -> Desk {
    Desk { parent, at: At::Operator, actor: Actor::Operator, governs: true, aside: Markup::default(), flash: None }
}

/// The operator's desk for a parent organization.
pub(super) fn of_parent(request: &HttpRequest, slug: &str) -> Result<Desk, Failure> {
    Ok(desk(parent(request, slug)?))
}

/// The parent organization of a slug.
pub(super) fn parent(request: &HttpRequest, slug: &str) -> Result<ParentOrganization, Failure> {
    let slug = Slug::parse(slug).map_err(|_| Failure::NotFound)?;
    let found = session::gateway(request).db.read_one(|tx| store::organizations::parent_by_slug(tx, &slug))?;
    found.ok_or(Failure::NotFound)
}

/// The operator's desk for whosever connection this is, and the connection.
pub(super) fn of_connection(request: &HttpRequest, slug: &str) -> Result<(Desk, Found), Failure> {
    let wanted = Slug::parse(slug).map_err(|_| Failure::NotFound)?;
    let parent = session::gateway(request).db.read(|tx| -> Result<_, DbError> {
        let connection = store::connections::by_slug(tx, &wanted)?.map(|known| known.parent);
        let parent = match connection {
            Some(parent) => Some(parent),
            None => store::connection_setups::find(tx, &wanted)?.map(|known| known.parent),
        };
        match parent {
            Some(parent) => store::organizations::parent_by_id(tx, parent),
            None => Ok(None),
        }
    })?;
    let desk = desk(parent.ok_or(Failure::NotFound)?);
    let found = desk.found(request, slug)?;
    Ok((desk, found))
}
