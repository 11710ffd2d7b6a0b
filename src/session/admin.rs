//! Who may come into an organization's settings pages: the one place where roles are asked for that.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::{HttpMessage as _, HttpRequest};

use super::{Operator, Visitor, current, gateway, operator_until, to_sign_in};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::ids::Slug;
use crate::organization::{Member, Organization};
use crate::product::{Catalog, Permission, Product};
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::SignedInAs;
use crate::web::routes::Turned;

/// How recent a sign-in has to be for what hurts.
pub const FRESH: Duration = Duration::from_secs(10 * 60);

/// Where somebody is sent whose sign-in is older than [`FRESH`]; `?return_to=` is where they wanted to go.
pub const AGAIN: &str = "/account/again";

/// An admin in an organization, as a handler behind [`crate::web::routes::Access::Admin`] finds them in the request.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The organization that the path names.
    pub organization: Organization,
    /// Who it is.
    pub who: Who,
    permissions: BTreeSet<Permission>,
}

/// Who administers.
#[derive(Clone, Debug)]
pub enum Who {
    /// A member whose role allows it.
    Person(Box<Visitor>),
    /// An operator: may do everything everywhere.
    Operator(Operator),
}

impl Admin {
    /// The admin the guard let in.
    pub fn of(request: &HttpRequest) -> Result<Self, Failure> {
        request.extensions().get::<Self>().cloned().ok_or(Failure::NotSignedIn)
    }

    /// Whether a further page or form is open to them too: for what to show. What they may do, the mounting of that page says.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Everything they may do here.
    pub fn permissions(&self) -> &BTreeSet<Permission> {
        &self.permissions
    }

    /// The person, where it is one.
    pub fn visitor(&self) -> Option<&Visitor> {
        match &self.who {
            Who::Person(visitor) => Some(visitor),
            Who::Operator(_) => None,
        }
    }
}

/// Who may come into some settings pages, as a handler behind [`crate::web::routes::Access::AdminAnywhere`] finds them.
#[derive(Clone, Debug)]
pub struct Administers {
    /// The organizations, by name.
    pub organizations: Vec<Organization>,
    /// As an operator, and so all there are.
    pub operator: Option<Operator>,
}

impl Administers {
    /// What the guard found.
    pub fn of(request: &HttpRequest) -> Result<Self, Failure> {
        request.extensions().get::<Self>().cloned().ok_or(Failure::NotSignedIn)
    }
}

/// What a role allows in an organization. A product that the configuration no longer declares allows nothing.
fn allowed(product: Option<&Product>, member: &Member) -> BTreeSet<Permission> {
    let role = product.filter(|_| member.is_active()).and_then(|product| product.role(&member.role));
    role.map(|role| role.permissions.clone()).unwrap_or_default()
}

/// The organizations that a person or an operator administers, by name.
pub fn administered(
    request: &HttpRequest,
    visitor: Option<&Visitor>,
    operator: bool,
) -> Result<Vec<Organization>, DbError> {
    let gateway = gateway(request);
    let catalog = &gateway.config.catalog;
    let mut all = gateway.db.read(|tx| -> Result<_, DbError> {
        let mut all = Vec::new();
        if operator {
            for parent in store::organizations::parents(tx)? {
                all.extend(store::organizations::of_parent(tx, parent.id)?);
            }
        } else if let Some(visitor) = visitor {
            for member in store::members::of_person(tx, visitor.person.id)? {
                let Some(organization) = store::organizations::by_id(tx, member.organization)? else { continue };
                if !allowed(catalog.product(&organization.product), &member).is_empty() {
                    all.push(organization);
                }
            }
        }
        Ok(all)
    })?;
    all.sort_by_key(|organization| (organization.name.to_lowercase(), organization.slug.clone()));
    Ok(all)
}

/// Lets in whoever administers something.
pub(super) fn guard_anywhere(request: &ServiceRequest) -> Result<(), Turned> {
    let away = |error: DbError| Turned::Away(error.into());
    let (visitor, until) =
        (current(request.request()).map_err(away)?, operator_until(request.request()).map_err(away)?);
    if visitor.is_none() && until.is_none() {
        return Err(to_sign_in(request));
    }
    let operator = until.map(|until| Operator { until });
    let organizations = administered(request.request(), visitor.as_ref(), operator.is_some()).map_err(away)?;
    if organizations.is_empty() && operator.is_none() {
        return Err(Turned::Away(Failure::Forbidden));
    }
    if let Some(visitor) = visitor {
        request.extensions_mut().insert(SignedInAs(visitor.person.display_name.clone()));
        request.extensions_mut().insert(visitor);
    }
    request.extensions_mut().insert(Administers { organizations, operator });
    Ok(())
}

/// Lets in whoever administers the organization of the path, with a role that allows what is needed.
pub(super) fn guard(request: &ServiceRequest, needs: Option<Permission>, fresh: bool) -> Result<(), Turned> {
    let away = |error: DbError| Turned::Away(error.into());
    let (visitor, until) =
        (current(request.request()).map_err(away)?, operator_until(request.request()).map_err(away)?);
    if visitor.is_none() && until.is_none() {
        return Err(to_sign_in(request));
    }
    if let Some(visitor) = &visitor {
        request.extensions_mut().insert(SignedInAs(visitor.person.display_name.clone()));
    }
    let gateway = gateway(request.request());
    let slug = request.match_info().get("organization").and_then(|slug| Slug::parse(slug).ok());
    let slug = slug.ok_or(Turned::Away(Failure::NotFound))?;
    let found = gateway.db.read(|tx| -> Result<_, DbError> {
        let Some(organization) = store::organizations::by_slug(tx, &slug)? else { return Ok(None) };
        let member = match &visitor {
            Some(visitor) => store::members::find(tx, organization.id, visitor.person.id)?,
            None => None,
        };
        Ok(Some((organization, member)))
    });
    let (organization, member) = found.map_err(away)?.ok_or(Turned::Away(Failure::NotFound))?;
    let counts = visitor.as_ref().is_some_and(|visitor| visitor.counts_in(&organization));
    let admin = admitted(&gateway.config.catalog, organization, visitor, member.as_ref(), until, needs)?;
    // Rule B7: where single sign-on is required, the session has to come from an identity provider that is in use.
    if matches!(admin.who, Who::Person(_)) && !counts {
        return Err(again(request));
    }
    if let (Who::Person(visitor), true) = (&admin.who, fresh)
        && gateway.now().since(visitor.session.created_at) > FRESH
    {
        return Err(again(request));
    }
    request.extensions_mut().insert(admin);
    Ok(())
}

/// The person is preferred to the operator, so that the log says who it was.
fn admitted(
    catalog: &Catalog,
    organization: Organization,
    visitor: Option<Visitor>,
    member: Option<&Member>,
    operator: Option<Timestamp>,
    needs: Option<Permission>,
) -> Result<Admin, Turned> {
    let product = catalog.product(&organization.product);
    let permissions = member.map(|member| allowed(product, member)).unwrap_or_default();
    let suffices = needs.map_or(!permissions.is_empty(), |needs| permissions.contains(&needs));
    match (visitor, operator) {
        (Some(visitor), _) if suffices => Ok(Admin { organization, who: Who::Person(Box::new(visitor)), permissions }),
        (_, Some(until)) => {
            let permissions = Permission::ALL.into_iter().collect();
            Ok(Admin { organization, who: Who::Operator(Operator { until }), permissions })
        }
        // Whoever is no member is not told that there is such an organization.
        (Some(_), None) if member.is_some_and(Member::is_active) => Err(Turned::Away(Failure::Forbidden)),
        (_, None) => Err(Turned::Away(Failure::NotFound)),
    }
}

/// To the page that asks for another sign-in, and from there back to the page of what was wanted.
fn again(request: &ServiceRequest) -> Turned {
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
    // A form is not sent twice: its page is shown again.
    let here = if request.method() == Method::GET { here } else { request.path() };
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", here).finish();
    Turned::To(format!("{AGAIN}?{query}"))
}
