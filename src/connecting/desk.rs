use std::fmt;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, REFERRER_POLICY};
use askama::Template;

use super::vendors::{self, Vendor};
use crate::audit::Actor;
use crate::connection::{Connection, ConnectionSetup, Protocol};
use crate::db::{DbError, Tx};
use crate::ids::Slug;
use crate::login::Asked;
use crate::membership::Context;
use crate::organization::ParentOrganization;
use crate::session;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::page;

/// Where somebody works on the connections and domains of a parent organization, and as whom.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Whose they are.
    pub parent: ParentOrganization,
    /// On whose pages.
    pub at: At,
    /// Whom the audit log names.
    pub actor: Actor,
    /// They may say what holds for everybody under the parent. Shown and asked here; whatever writes asks again.
    pub governs: bool,
    /// What stands beside the page.
    pub aside: Markup,
    /// What the form before has done.
    pub flash: Option<String>,
}

/// HTML that a template of ours has made.
#[derive(Clone, Debug, Default)]
pub struct Markup(String);

impl Markup {
    /// What a template makes.
    pub fn of(template: &impl Template) -> Result<Self, Failure> {
        template.render().map(Self).map_err(|error| Failure::Internal(error.to_string()))
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Escaped already, by the template that made it.
impl askama::filters::HtmlSafe for Markup {}

/// On whose pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The operator's.
    Operator,
    /// The settings of the organization with this slug.
    Settings(Slug),
    /// Behind the setup link of this row.
    Guest(i64),
}

impl Desk {
    /// The path of the list of connections, or what stands for it.
    pub fn connections(&self) -> String {
        match &self.at {
            At::Operator => format!("/operator/parents/{}", self.parent.slug),
            At::Settings(organization) => format!("/admin/{organization}/connections"),
            At::Guest(_) => "/setup/connection".to_owned(),
        }
    }

    /// The path where a connection is added.
    pub fn add(&self) -> String {
        match &self.at {
            At::Operator => format!("/operator/parents/{}/connections", self.parent.slug),
            At::Settings(organization) => format!("/admin/{organization}/connections/add"),
            At::Guest(_) => "/setup/connection".to_owned(),
        }
    }

    /// The path of a connection.
    pub fn connection(&self, slug: &str) -> String {
        match &self.at {
            At::Operator => format!("/operator/connections/{slug}"),
            At::Settings(organization) => format!("/admin/{organization}/connections/{slug}"),
            At::Guest(_) => "/setup/connection".to_owned(),
        }
    }

    /// The path of the domains.
    pub fn domains(&self) -> String {
        match &self.at {
            At::Operator => format!("/operator/parents/{}/domains", self.parent.slug),
            At::Settings(organization) => format!("/admin/{organization}/domains"),
            At::Guest(_) => "/setup/domains".to_owned(),
        }
    }

    /// The path under which the reports of test sign-ins are shown here.
    pub fn reports(&self, slug: &str) -> String {
        match &self.at {
            At::Operator => "/operator/tests".to_owned(),
            At::Settings(organization) => format!("/admin/{organization}/connections/{slug}/tests"),
            At::Guest(link) => format!("/setup/links/{link}/tests"),
        }
    }

    /// These are the operator's pages.
    pub fn is_operators(&self) -> bool {
        self.at == At::Operator
    }

    /// This is behind a setup link.
    pub fn is_guests(&self) -> bool {
        matches!(self.at, At::Guest(_))
    }

    /// The connection of a slug, as far as it is set up; only of this desk's parent.
    pub fn find(&self, tx: &mut dyn Tx, slug: &Slug) -> Result<Option<Found>, DbError> {
        let mine = |parent| parent == self.parent.id;
        let connection = store::connections::by_slug(tx, slug)?.filter(|known| mine(known.parent));
        let setup = store::connection_setups::find(tx, slug)?.filter(|known| mine(known.parent));
        Ok((connection.is_some() || setup.is_some()).then_some(Found { slug: slug.clone(), connection, setup }))
    }

    /// The same for the slug of a path.
    pub fn found(&self, request: &HttpRequest, slug: &str) -> Result<Found, Failure> {
        let slug = Slug::parse(slug).map_err(|_| Failure::NotFound)?;
        session::gateway(request).db.read(|tx| self.find(tx, &slug))?.ok_or(Failure::NotFound)
    }

    /// The same, where there is a connection already.
    pub fn known(&self, request: &HttpRequest, slug: &str) -> Result<Connection, Failure> {
        self.found(request, slug)?.connection.ok_or(Failure::NotFound)
    }

    /// Does something for whoever works here, in one transaction.
    pub async fn change<T, E>(
        &self,
        request: &HttpRequest,
        mut work: impl FnMut(&mut dyn Tx, &Context<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let gateway = session::gateway(request);
        let (catalog, actor, guest) = (gateway.config.catalog.clone(), self.actor.clone(), self.guest());
        let asked = Asked::of(request);
        let write = gateway.db.try_write(move |tx| {
            let context = Context { actor: actor.clone(), incident: None, ..asked.context(&catalog) };
            if let Some(link) = guest {
                store::connection_setups::set_link_used(tx, link, context.now, context.from.as_deref())?;
            }
            work(tx, &context)
        });
        write.await
    }

    fn guest(&self) -> Option<i64> {
        match self.at {
            At::Guest(link) => Some(link),
            At::Operator | At::Settings(_) => None,
        }
    }

    /// A page of this desk. A setup link's pages tell nobody where they are.
    pub fn page(&self, status: StatusCode, page: &impl Template) -> Result<HttpResponse, Failure> {
        let mut response = page::html(status, page, &[])?;
        if self.is_guests() {
            response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        }
        Ok(response)
    }

    /// After a form: to another page of this desk, which tells what was done.
    pub fn to(&self, request: &HttpRequest, path: &str, told: Option<Flash>) -> HttpResponse {
        let told = told.filter(|_| !self.is_operators());
        let cookies: Vec<_> = told.iter().map(|flash| flash.cookie(request)).collect();
        page::see_other(path, &cookies)
    }
}

/// A connection, as far as it is set up: begun, or there.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its slug.
    pub slug: Slug,
    /// The connection, once something is known of the other side.
    pub connection: Option<Connection>,
    /// What was chosen where it was begun on a page.
    pub setup: Option<ConnectionSetup>,
}

impl Found {
    /// The identity provider that was chosen, or what fits the protocol.
    pub(super) fn vendor(&self) -> &'static Vendor {
        let oidc = self.connection.as_ref().map(|known| matches!(known.protocol, Protocol::Oidc(_)));
        let chosen = self.setup.as_ref().and_then(|setup| vendors::find(&setup.vendor));
        match (chosen, oidc) {
            (Some(vendor), None) => vendor,
            (Some(vendor), Some(oidc)) if vendor.oidc == oidc => vendor,
            (_, oidc) => vendors::generic(oidc.unwrap_or(false)),
        }
    }

    /// What it is called.
    pub fn label(&self) -> String {
        let begun = || self.setup.as_ref().map_or_else(String::new, |setup| setup.label.clone());
        self.connection.as_ref().map_or_else(begun, |known| known.label.clone())
    }
}
