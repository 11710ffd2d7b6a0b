//! Behind a setup link: one connection that was never switched on, and what DNS should have. No account, no member, no switch.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, REFERRER_POLICY};
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::{At, Desk, Found, Markup, form, links};
use crate::connection::SetupLink;
use crate::db::DbError;
use crate::login::{self, Asked};
use crate::secrets::Token;
use crate::session::{self, Guest};
use crate::store;
use crate::trust::{self, Ended};
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::{Posted, Uploaded};
use crate::web::page::{self, Frame, Site};

/// What a setup link does, before it is opened.
#[derive(Template)]
#[template(path = "connecting/open.html")]
pub struct OpenPage {
    /// What all pages share.
    pub frame: Frame,
    /// The token, to be sent back.
    pub token: String,
}

/// A setup link that opens nothing.
#[derive(Template)]
#[template(path = "connecting/ended.html")]
pub struct EndedPage {
    /// What all pages share.
    pub frame: Frame,
    /// The text key of why.
    pub why: &'static str,
    /// Something was sent, and not kept.
    pub sent: bool,
    /// Whom to ask for another one, where that is known.
    pub maker: Option<String>,
}

/// `?token=`
#[derive(Debug, Deserialize)]
pub struct Link {
    #[serde(default)]
    token: String,
}

/// `GET /setup?token=`: shows what the link does. Programs that look at links ahead of people do not open it.
pub(super) async fn show(request: HttpRequest, link: Query<Link>) -> Result<HttpResponse, Failure> {
    let Some(token) = Token::parse(&link.token) else { return ended_page(&request, None, None, false) };
    let mut page = page::html(StatusCode::OK, &OpenPage { frame: Frame::of(&request), token: token.text() }, &[])?;
    // The token is in the address: not even we learn that from what comes of the page. Its form still says which origin it is from,
    // which "no-referrer" would turn into "null".
    page.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    Ok(page)
}

/// `POST /setup`: opens the link in this browser. From here on its token is in a cookie of this host, and in no address.
pub(super) async fn open(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let token = Token::parse(posted.field("token"));
    let found = match &token {
        Some(token) => {
            let hash = token.hash();
            gateway.db.read_one(|tx| store::connection_setups::link_by_hash(tx, &hash))?
        }
        None => None,
    };
    let (Some(token), Some(link)) = (token, found) else {
        gateway.setup_links.take(0, gateway.now()).map_err(Failure::TooManyRequests)?;
        return ended_page(&request, None, None, false);
    };
    gateway.setup_links.take(link.id, gateway.now()).map_err(Failure::TooManyRequests)?;
    let (known, catalog) = (link.clone(), gateway.config.catalog.clone());
    let asked = Asked::of(&request);
    let opened = gateway.db.write(move |tx| trust::open_link(tx, &asked.context(&catalog), &known)).await?;
    match opened {
        Ok(_) => {
            let lasts = link.expires.since(gateway.now());
            let cookie = Site::of(&request).cookies.setup(token.text(), lasts);
            Ok(page::see_other("/setup/connection", &[cookie]))
        }
        Err(ended) => ended_page(&request, Some(&link), Some(ended), false),
    }
}

/// `?sent=1`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Was {
    sent: String,
}

/// `GET /setup/ended`: why the link of this browser opens nothing any more, and whom to ask.
pub(super) async fn ended(request: HttpRequest, was: Query<Was>) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let Some(link) = session::kept_link(&request)? else {
        return if is_from_elsewhere(&request) {
            login::onward(&request, page::see_other("/setup/connection", &[]))
        } else {
            ended_page(&request, None, None, false)
        };
    };
    match gateway.db.read(|tx| trust::standing(tx, &gateway.config.catalog, &link, gateway.now()))? {
        Ok(_) if was.sent.is_empty() => Ok(page::see_other("/setup/connection", &[])),
        // This one opens something, and what was sent was a form of another.
        Ok(_) => {
            let page = EndedPage { frame: Frame::of(&request), why: "ended-another", sent: true, maker: None };
            page::html(StatusCode::GONE, &page, &[])
        }
        Err(ended) => ended_page(&request, Some(&link), Some(ended), !was.sent.is_empty()),
    }
}

/// Whether another site's page led here, so that the cookie of an opened link stayed behind. A page of ours that goes on by itself
/// takes it along, and comes back here from ourselves if there is none.
fn is_from_elsewhere(request: &HttpRequest) -> bool {
    let site = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    matches!(site, Some(b"cross-site" | b"same-site"))
}

fn ended_page(
    request: &HttpRequest,
    link: Option<&SetupLink>,
    ended: Option<Ended>,
    sent: bool,
) -> Result<HttpResponse, Failure> {
    let frame = Frame::of(request);
    let why = match ended {
        None => "ended-unknown",
        Some(Ended::Expired) => "ended-expired",
        Some(Ended::Revoked) => "ended-revoked",
        Some(Ended::SwitchedOn) => "ended-switched-on",
        Some(Ended::MakerLeft) => "ended-maker-left",
        Some(Ended::Gone) => "ended-gone",
    };
    // Whoever has left is not whom to ask.
    let link = link.filter(|_| ended != Some(Ended::MakerLeft));
    let maker = match link {
        Some(link) => Some(session::gateway(request).db.read(|tx| links::maker(tx, link, frame.texts))?),
        None => None,
    };
    page::html(StatusCode::GONE, &EndedPage { frame, why, sent, maker }, &[])
}

/// Where the holder of a link works, and on what.
fn desk(request: &HttpRequest) -> Result<(Desk, Found), Failure> {
    let Guest { link, setup } = Guest::of(request)?;
    let (parent, connection) = session::gateway(request).db.read(|tx| -> Result<_, DbError> {
        let connection = store::connections::by_slug(tx, &setup.slug)?;
        Ok((store::organizations::parent_by_id(tx, setup.parent)?, connection))
    })?;
    let desk = Desk {
        parent: parent.ok_or(Failure::NotFound)?,
        at: At::Guest(link.id),
        actor: trust::holder(link.maker),
        governs: false,
        aside: Markup::default(),
        flash: Flash::take(request).map(|flash| flash.text(page::language(request).texts())),
    };
    let connection = connection.filter(|known| known.parent == setup.parent);
    Ok((desk, Found { slug: setup.slug.clone(), connection, setup: Some(setup) }))
}

/// `GET /setup/connection`
pub(super) async fn show_connection(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk(&request)?;
    form::show_edit(&request, desk, &found)
}

/// `POST /setup/connection`
pub(super) async fn save(request: HttpRequest, sent: Uploaded) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk(&request)?;
    // A browser keeps one link: a form of another one, left open, is not about what this one opens.
    let of = sent.field("slug");
    if !of.is_empty() && of != found.slug.as_str() {
        return Ok(page::see_other("/setup/ended?sent=1", &[]));
    }
    form::edit(&request, desk, found, sent, false).await
}

/// `POST /setup/connection/test`
pub(super) async fn test(request: HttpRequest, _: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk(&request)?;
    let connection = found.connection.as_ref().ok_or(Failure::NotFound)?;
    used(&request, &desk).await?;
    super::test(&request, &desk, connection).await
}

/// `GET /setup/links/{link}/tests/{incident}`: a test that was made by this very link.
pub(super) async fn report(request: HttpRequest, at: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk(&request)?;
    if desk.at != At::Guest(at.0.parse().map_err(|_| Failure::NotFound)?) {
        return Err(Failure::NotFound);
    }
    super::report(&request, desk, found.connection.as_ref().ok_or(Failure::NotFound)?, &at.1)
}

/// `POST /setup/domains/{domain}/check`
pub(super) async fn check_domain(request: HttpRequest, name: Path<String>, _: Posted) -> Result<HttpResponse, Failure> {
    let (desk, _) = desk(&request)?;
    used(&request, &desk).await?;
    super::check_domain(&request, &desk, &name, "/setup/connection").await
}

/// Notes the use of a link by which something is done that no [`Desk::change`] writes.
async fn used(request: &HttpRequest, desk: &Desk) -> Result<(), Failure> {
    Ok(desk.change(request, |_, _| Ok::<(), DbError>(())).await?)
}
