//! The OpenID Connect endpoints: to the provider, and back with a code.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Path;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};

use super::exchange::{self, Exchange};
use super::finish;
use super::flow;
use super::start::{Begin, any_connection};
use super::turned::{self, Cause, Errand};
use crate::connection::{Connection, ConnectionStatus, OidcSettings, Protocol};
use crate::gateway::Gateway;
use crate::oidc::{self, Ask, ClientKey};
use crate::provisioning::Refusal;
use crate::secrets::{self, Token};
use crate::session;
use crate::store;
use crate::store::pending::{Known, Purpose};
use crate::web::failure::Failure;
use crate::web::page;

/// Sends the browser to the provider.
pub async fn begin(
    request: &HttpRequest,
    connection: &Connection,
    settings: &OidcSettings,
    wanted: &Begin<'_>,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let described = match wanted.purpose {
        Purpose::SignIn => gateway.providers.of(connection, settings).await,
        Purpose::Test => gateway.providers.afresh(connection, settings).await,
    };
    let described = match described {
        Ok(described) => described,
        Err(trouble) => {
            return turned::away(request, connection, &Errand::begun(wanted), Cause::unavailable(trouble)).await;
        }
    };
    let (state, browser, now) = (Token::new(), page::browser(request), gateway.now());
    let nonce = secrets::public_id("");
    let ask = Ask {
        settings,
        provider: &described.provider,
        redirect_uri: &redirect_uri(gateway, connection),
        state: &state.text(),
        nonce: &nonce,
        verifier: &verifier(gateway, &state),
        login_hint: wanted.login_hint,
    };
    let url = match oidc::sign_in_url(&ask) {
        Ok(url) => url,
        Err(error) => {
            return turned::away(request, connection, &Errand::begun(wanted), exchange::cause_of(&error)).await;
        }
    };
    let (id, return_to, purpose) = (connection.id, wanted.destination.to_owned(), wanted.purpose);
    let write = gateway.db.write(move |tx| {
        let started = store::pending::Started {
            purpose,
            state_hash: state.hash(),
            connection: id,
            request_id: &nonce,
            browser_hash: browser.hash(),
            return_to: &return_to,
            created_at: now,
            expires_at: now.plus(flow::ANSWER_WITHIN),
        };
        store::pending::start(tx, &started)
    });
    write.await?;
    Ok(page::see_other(&url, &[]))
}

/// Where the provider sends people back to.
fn redirect_uri(gateway: &Gateway, connection: &Connection) -> String {
    format!("{}/oidc/{}/callback", gateway.config.server.base(), connection.slug)
}

/// The PKCE verifier of a sign-in (RFC 7636): 256 bits that only we can work out, and only with the state, so that none is kept.
fn verifier(gateway: &Gateway, state: &Token) -> String {
    secrets::mac(&gateway.sealer.derive("oidc_code_verifier"), state.text().as_bytes())
}

/// `GET /oidc/{connection}/callback`: the provider sends the browser back. A navigation, so the cookie of the browser that began
/// comes along and is looked at before anything else happens.
pub async fn callback(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let connection = any_connection(gateway, &slug)?;
    let Protocol::Oidc(settings) = &connection.protocol else { return Err(Failure::NotFound) };
    request.extensions_mut().insert(page::CountsOnce);
    let state = oidc::read_state(request.query_string()).as_deref().and_then(Token::parse);
    let found = match &state {
        Some(state) => gateway.db.read_one(|tx| store::pending::started(tx, &state.hash(), gateway.now()))?,
        None => None,
    };
    // A state of another connection is none of this one: two providers cannot be mixed up (RFC 9700 §4.4.2).
    let found = found.filter(|known| known.connection == connection.id);
    let errand = Errand::of(found.as_ref());
    // A connection that is being set up answers to a test, and to nobody else.
    if !errand.is_test() && connection.status != ConnectionStatus::Active {
        return Err(Failure::NotFound);
    }
    let (Some(state), Some(known)) = (state, found) else {
        return turned::away(&request, &connection, &errand, nobody_waits()).await;
    };
    let here = page::known_browser(&request).map(|browser| browser.hash());
    if known.browser_hash.as_deref() != here.as_ref().map(<[u8; 32]>::as_slice) {
        return turned::away(&request, &connection, &errand, other_browser()).await;
    }
    // From here on this state is used up, whatever comes of it.
    let (code, now, state_hash) = (Token::new(), gateway.now(), state.hash());
    let finish_hash = code.hash();
    let claim = gateway.db.write(move |tx| store::pending::claim(tx, &state_hash, &finish_hash, now));
    if !claim.await? {
        return turned::away(&request, &connection, &errand, nobody_waits()).await;
    }
    match ask(&request, &connection, settings, &known, &state).await {
        Ok(answer) => finish::finish(&request, &code, false, Some(answer)).await,
        Err(cause) => turned::away(&request, &connection, &errand, cause).await,
    }
}

/// Reads the callback and asks the provider about its code.
async fn ask(
    request: &HttpRequest,
    connection: &Connection,
    settings: &OidcSettings,
    known: &Known,
    state: &Token,
) -> Result<super::VerifiedAnswer, Cause> {
    let gateway = session::gateway(request);
    let described = gateway.providers.of(connection, settings).await.map_err(Cause::unavailable)?;
    let code = oidc::read_code(request.query_string(), &described.provider);
    let exchange = Exchange {
        gateway,
        connection,
        settings,
        known,
        state: &state.text(),
        redirect_uri: &redirect_uri(gateway, connection),
        verifier: &verifier(gateway, state),
    };
    exchange.run(described, &code.map_err(|error| exchange::cause_of(&error))?).await
}

fn nobody_waits() -> Cause {
    Cause::new(
        Refusal::SignInExpired,
        "nobody_waits",
        "no sign-in waits for this answer: it came too late, was used already, or was not asked for here",
        "If it happens always, check that the provider sends people back to this connection's redirect URI.",
    )
}

fn other_browser() -> Cause {
    Cause::new(
        Refusal::SignInExpired,
        "other_browser",
        "the answer arrived in another browser than the one that began the sign-in",
        "If nobody copied the address from one browser to another, treat it as an attack: somebody may have tried to sign others in as themselves.",
    )
}

/// `GET /oidc/jwks.json`: what verifies our `private_key_jwt` (RFC 7517).
pub async fn jwks(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let key = client_key(session::gateway(&request)).map_err(|error| Failure::Internal(error.to_string()))?;
    let keys = serde_json::json!({ "keys": [key.jwk()] });
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/jwk-set+json")).body(keys.to_string()))
}

/// Our key towards providers.
pub(super) fn client_key(gateway: &Gateway) -> Result<ClientKey, oidc::OidcError> {
    ClientKey::from_pkcs8(&gateway.client_key.kid, &gateway.client_key.private)
}
