//! Applications: the list, one with what its reverse proxy needs and a test request, and the forms that add, change and remove.

pub(super) mod form;
pub(super) mod list;
pub(super) mod remove;
pub(super) mod show;
pub(super) mod snippets;

use actix_web::HttpRequest;

use super::words;
use crate::db::{DbError, Tx};
use crate::ids::Slug;
use crate::organization::Application;
use crate::product::Product;
use crate::session::{self, Admin};
use crate::store;
use crate::web::failure::Failure;
use crate::web::language::Texts;

/// The application of the organization under a slug.
fn find(request: &HttpRequest, admin: &Admin, slug: &str) -> Result<Application, Failure> {
    let slug = Slug::parse(slug).map_err(|_| Failure::NotFound)?;
    let found =
        session::gateway(request).db.read(|tx| store::applications::by_slug(tx, admin.organization.id, &slug))?;
    found.ok_or(Failure::NotFound)
}

fn path(admin: &Admin, application: &Application) -> String {
    format!("/admin/{}/applications/{}", admin.organization.slug, application.slug)
}

/// How many members may enter `before`, and of these how many may not enter `after`.
fn entrants(
    tx: &mut dyn Tx,
    product: &Product,
    before: &Application,
    after: Option<&Application>,
) -> Result<(u64, u64), DbError> {
    let (mut enter, mut lose) = (0, 0);
    for (role, seat, count) in store::members::by_place(tx, before.organization)? {
        if before.lets_in(&role, seat.as_ref(), product) {
            enter += count;
            if !after.is_some_and(|after| after.lets_in(&role, seat.as_ref(), product)) {
                lose += count;
            }
        }
    }
    Ok((enter, lose))
}

/// Who may enter, in words: roles, then seat types.
fn who(product: &Product, application: &Application, texts: Texts) -> String {
    let roles: Vec<String> = application.roles.iter().map(|key| words::role(product, key)).collect();
    let seats: Vec<String> = application.seats.iter().map(|key| words::seat(product, key)).collect();
    match (roles.is_empty(), seats.is_empty()) {
        (true, true) => texts.t("app-everybody").into_owned(),
        (false, true) => texts.with("app-roles", "roles", &roles.join(", ")).into_owned(),
        (true, false) => texts.with("app-seats", "seats", &seats.join(", ")).into_owned(),
        (false, false) => {
            texts.with2("app-roles-and-seats", ("roles", &roles.join(", ")), ("seats", &seats.join(", "))).into_owned()
        }
    }
}
