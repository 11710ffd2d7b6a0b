use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

use crate::audit::Event;
use crate::db::DbError;
use crate::session::Admin;
use crate::settings::change::change;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page;

/// Why sessions end, in the audit log.
const REASON: &str = "ended_by_admin";

/// `POST /admin/{organization}/members/{person}/sessions`: ends one session, or all (rule B40).
pub async fn end(request: HttpRequest, path: Path<(String, String)>, form: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let line = super::find(&request, &admin, &path.1)?;
    let one = match form.field("session") {
        "all" => None,
        id => Some(crate::login::session_hash(id).ok_or(Failure::BadRequest("no such session"))?),
    };
    let (organization, person) = (admin.organization.clone(), line.person.id);
    let ended = change(&request, &admin, move |tx, context| -> Result<u64, DbError> {
        let count = match &one {
            Some(hash) => u64::from(store::sessions::end_own(tx, person, hash)?),
            None => store::sessions::end_all(tx, person)?,
        };
        if count > 0 {
            let event = Event::SessionsEnded { person, count, reason: REASON };
            context.record(tx, Some(organization.parent), Some(organization.id), event)?;
        }
        Ok(count)
    });
    let key = if ended.await? > 0 { "flash-sessions" } else { "flash-nothing" };
    let flash = Flash::new(key, &[("email", line.person.email.as_str())]).cookie(&request);
    Ok(page::see_other(&super::path(&admin, &path.1), &[flash]))
}
