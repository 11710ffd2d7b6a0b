use actix_web::HttpRequest;

use crate::audit::Actor;
use crate::db::{DbError, Tx};
use crate::login::Asked;
use crate::membership::{Context, Hand};
use crate::product::Permission;
use crate::provisioning::Authority;
use crate::session::{self, Admin, Who};
use crate::web::form::Posted;

/// Whom the audit log names for what this admin does.
pub(super) fn actor(admin: &Admin) -> Actor {
    match &admin.who {
        Who::Person(visitor) => Actor::Person(visitor.person.id),
        Who::Operator(_) => Actor::Operator,
    }
}

/// Does something for this admin in one transaction.
pub(super) async fn change<T, E>(
    request: &HttpRequest,
    admin: &Admin,
    work: impl FnMut(&mut dyn Tx, &Context<'_>) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    session::gateway(request).db.try_write(in_the_name_of(request, admin, work)).await
}

/// As [`change`], for what concerns many people: nobody waits for it who came before.
pub(super) async fn change_many<T, E>(
    request: &HttpRequest,
    admin: &Admin,
    work: impl FnMut(&mut dyn Tx, &Context<'_>) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    session::gateway(request).db.try_write_alone(in_the_name_of(request, admin, work)).await
}

fn in_the_name_of<T, E>(
    request: &HttpRequest,
    admin: &Admin,
    mut work: impl FnMut(&mut dyn Tx, &Context<'_>) -> Result<T, E> + Send + 'static,
) -> impl FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static {
    let (catalog, actor) = (session::gateway(request).config.catalog.clone(), actor(admin));
    let asked = Asked::of(request);
    move |tx| {
        let context = Context { actor: actor.clone(), incident: None, ..asked.context(&catalog) };
        work(tx, &context)
    }
}

/// What this admin may do to members by hand. The organization's name, typed into `confirm`, says that they know it may leave
/// nobody with *identity*.
pub(super) fn hand(admin: &Admin, form: &Posted) -> Hand {
    let authority = if admin.may(Permission::Identity) { Authority::Identity } else { Authority::Members };
    Hand { authority, knows_last: form.field("confirm") == admin.organization.name.trim() }
}
