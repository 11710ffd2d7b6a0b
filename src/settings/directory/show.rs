use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::not_offered;
use super::pushers::{self, PusherHelp};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::organization::SyncState;
use crate::session::{self, Admin};
use crate::settings::connections::governs;
use crate::settings::frame::{Nav, When};
use crate::settings::overview;
use crate::settings::runs::list::{is_synced, latest};
use crate::store;
use crate::store::scim_tokens::ScimToken;
use crate::trust;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};

/// *Set up SCIM*, and once something has come: *Manage SCIM* (rule B30).
#[derive(Template)]
#[template(path = "settings/directory.html")]
pub struct DirectoryPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The text key of why directory sync is not offered here.
    pub not_offered: Option<&'static str>,
    /// What the identity provider is given.
    pub base_url: String,
    /// The tokens.
    pub tokens: Vec<TokenLine>,
    /// The first organization of the parent, whose admins make and revoke tokens; `None` where the reader may.
    pub tokens_by: Option<String>,
    /// A request has come.
    pub is_set_up: bool,
    /// The latest request.
    pub last_request: Option<When>,
    /// The latest change.
    pub last_push: Option<When>,
    /// Users held.
    pub users: u64,
    /// Groups held.
    pub groups: u64,
    /// Where base URL and token go at identity providers that push.
    pub pushers: Vec<PusherHelp>,
    /// The identity provider pushes every forty minutes only.
    pub pushes_rarely: bool,
    /// This organization follows the directory.
    pub synced: bool,
    /// The mark of the latest run, for *Sync now*.
    pub seen: String,
    /// Where a run is that is under way.
    pub under_way: Option<String>,
}

/// A token in the list.
pub struct TokenLine {
    /// Where it is revoked.
    pub revoke: String,
    /// What the admin calls it.
    pub name: String,
    /// Since when.
    pub made: When,
    /// Until when.
    pub expires: Option<When>,
    /// It is over.
    pub over: bool,
    /// Used last.
    pub used: Option<When>,
    /// From where.
    pub from: String,
}

impl TokenLine {
    fn of(admin: &Admin, token: ScimToken, now: Timestamp) -> Self {
        Self {
            revoke: format!("/admin/{}/directory/tokens/{}/revoke", admin.organization.slug, token.id),
            name: token.name,
            made: When(token.created_at),
            expires: token.expires_at.map(When),
            over: token.expires_at.is_some_and(|at| at <= now),
            used: token.last_used_at.map(When),
            from: token.last_used_from.unwrap_or_default(),
        }
    }
}

/// `GET /admin/{organization}/directory`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?;
    let (now, parent) = (gateway.now(), admin.organization.parent);
    let (offered, tokens, tokens_by, directory, connections, seen, open) =
        gateway.db.read(|tx| -> Result<_, DbError> {
            Ok((
                not_offered(tx, &admin.organization, product)?,
                store::scim_tokens::of_parent(tx, parent)?,
                match governs(tx, &gateway.config.catalog, &admin)? {
                    true => None,
                    false => Some(trust::first_organization(tx, parent)?.map_or_else(String::new, |first| first.name)),
                },
                store::directory::of_parent(tx, parent)?,
                store::connections::of_parent(tx, parent)?,
                latest(tx, &admin.organization)?,
                store::sync_runs::open(tx, admin.organization.id)?,
            ))
        })?;
    let base_url = format!("{}/scim/v2", gateway.config.server.base());
    let page = DirectoryPage {
        frame: Frame::of(&request),
        nav: Nav::of(&request, &admin, "nav-directory")?,
        not_offered: offered,
        pushers: pushers::help(&base_url),
        base_url,
        tokens: tokens.into_iter().map(|token| TokenLine::of(&admin, token, now)).collect(),
        tokens_by,
        is_set_up: directory.as_ref().is_some_and(|known| known.first_request.is_some()),
        last_request: directory.as_ref().and_then(|known| known.last_request).map(When),
        last_push: directory.as_ref().and_then(|known| known.last_push).map(When),
        users: directory.as_ref().map_or(0, |known| known.users),
        groups: directory.as_ref().map_or(0, |known| known.groups),
        pushes_rarely: connections.iter().any(crate::connection::Connection::pushes_rarely),
        synced: is_synced(&admin.organization),
        seen,
        under_way: open
            .iter()
            .find(|run| run.state == SyncState::Running)
            .map(|run| format!("/admin/{}/runs/{}", admin.organization.slug, run.id)),
    };
    page::html(StatusCode::OK, &page, &[])
}
