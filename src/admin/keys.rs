use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::context;
use super::pages::{KeyLine, KeysPage};
use crate::connection::{Connection, Protocol};
use crate::db::{DbError, Tx};
use crate::gateway;
use crate::login::Asked;
use crate::membership::Context;
use crate::rollover::keys::{self, KeyError, KeyState};
use crate::session;
use crate::store;
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};
use crate::web::when::When;

/// `GET /operator/keys`: our SAML keys, and who has to know of a new one.
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    keys_page(&request, StatusCode::OK, None)
}

/// `POST /operator/keys/add`: makes the next key and publishes it.
pub async fn add(request: HttpRequest, _form: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request).clone();
    let now = gateway.now();
    // Making an RSA key takes a while, which nobody else has to wait for.
    let made =
        actix_web::web::block(move || gateway::new_saml_key(&gateway.sealer, gateway.config.server.base(), now)).await;
    let internal = |error: &dyn std::fmt::Display| Failure::Internal(error.to_string());
    let key = made.map_err(|error| internal(&error))?.map_err(|error| internal(&error))?;
    change(&request, move |tx, context| keys::add(tx, context, &key)).await
}

/// `POST /operator/keys/use`: takes the next key into use.
pub async fn take_into_use(request: HttpRequest, form: Posted) -> Result<HttpResponse, Failure> {
    let kid = form.field("key").to_owned();
    change(&request, move |tx, context| keys::take_into_use(tx, context, &kid)).await
}

/// `POST /operator/keys/retire`: retires a key that is not in use.
pub async fn retire(request: HttpRequest, form: Posted) -> Result<HttpResponse, Failure> {
    let kid = form.field("key").to_owned();
    change(&request, move |tx, context| keys::retire(tx, context, &kid)).await
}

async fn change(
    request: &HttpRequest,
    change: impl Fn(&mut dyn Tx, &Context<'_>) -> Result<(), KeyError> + Send + 'static,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let (asked, catalog) = (Asked::of(request), gateway.config.catalog.clone());
    match gateway.db.try_write(move |tx| change(tx, &context(&asked, &catalog))).await {
        Ok(()) => Ok(page::see_other("/operator/keys", &[])),
        Err(KeyError::Db(error)) => Err(error.into()),
        Err(error) => keys_page(request, StatusCode::CONFLICT, Some(error.to_string())),
    }
}

/// Whether the identity provider of a connection uses our key: to check what we sign, or to encrypt.
fn uses_our_key(connection: &Connection) -> bool {
    match &connection.protocol {
        Protocol::Saml(saml) => saml.signs_requests() || saml.offer_encryption || saml.idp.slo_redirect.is_some(),
        Protocol::Oidc(_) => false,
    }
}

fn keys_page(request: &HttpRequest, status: StatusCode, problem: Option<String>) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let (known, connections) = gateway.db.read(|tx| -> Result<_, DbError> {
        let mut connections = Vec::new();
        for parent in store::organizations::parents(tx)? {
            connections.extend(store::connections::of_parent(tx, parent.id)?);
        }
        Ok((keys::list(tx)?, connections))
    })?;
    let key = |state| match state {
        KeyState::Next => "key-next",
        KeyState::InUse => "key-in-use",
        KeyState::Previous => "key-previous",
    };
    let page = KeysPage {
        frame: Frame::of(request),
        problem,
        has_next: known.iter().any(|known| known.state == KeyState::Next),
        keys: known
            .into_iter()
            .map(|known| KeyLine {
                is_next: known.state == KeyState::Next,
                is_in_use: known.state == KeyState::InUse,
                state: key(known.state),
                kid: known.kid,
                made: When(known.created_at),
                ends: known.not_after.date(),
                fingerprint: known.fingerprint,
            })
            .collect(),
        users: connections
            .iter()
            .filter(|connection| uses_our_key(connection))
            .map(|connection| (connection.slug.to_string(), connection.label.clone()))
            .collect(),
    };
    page::html(status, &page, &[])
}
