use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Desk, Found, Problems};
use crate::connection::{ConnectionSetup, SetupLink};
use crate::db::{DbError, Tx};
use crate::ids::Slug;
use crate::secrets::Token;
use crate::session;
use crate::store;
use crate::trust::{self, Ended, TrustError};
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};
use crate::web::when::When;

/// For how many days a link can be made; the longest is that of [`trust::LONGEST`].
const DAYS: [u64; 3] = [1, 3, 7];

/// The setup links of a connection.
#[derive(Template)]
#[template(path = "connecting/links.html")]
pub struct LinksPage {
    /// What all pages share.
    pub frame: Frame,
    /// Where this is.
    pub desk: Desk,
    /// The connection's page.
    pub back: String,
    /// What people see.
    pub label: String,
    /// Links can still be made for it.
    pub takes_links: bool,
    /// For how many days.
    pub days: [u64; 3],
    /// The mark of the latest link, so that a form sent twice makes one.
    pub seen: String,
    /// The link, made just now, and until when.
    pub made: Option<(String, When)>,
    /// Every link, newest first.
    pub lines: Vec<LinkLine>,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// A setup link in the list.
pub struct LinkLine {
    /// Its number.
    pub id: i64,
    /// Who made it.
    pub maker: String,
    /// When.
    pub made: When,
    /// Until when.
    pub until: When,
    /// When it was last used, and from where.
    pub used: Option<(When, String)>,
    /// The text key of where it stands.
    pub state: &'static str,
    /// It opens something.
    pub is_open: bool,
}

/// The links of a connection, and a form for another one.
pub fn links(request: &HttpRequest, desk: Desk, found: &Found) -> Result<HttpResponse, Failure> {
    links_page(request, desk, found, None, Problems::default())
}

/// The number of the latest link, as a form keeps it.
fn latest(tx: &mut dyn Tx, slug: &Slug) -> Result<String, DbError> {
    Ok(store::connection_setups::links_of(tx, slug)?.first().map_or(0, |link| link.id).to_string())
}

/// Makes a link, and shows it this once.
pub async fn make(request: &HttpRequest, desk: Desk, found: Found, posted: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let texts = page::language(request).texts();
    let Some(days) = DAYS.into_iter().find(|days| posted.field("days") == days.to_string()) else {
        return links_page(request, desk, &found, None, Problems::one("days", texts.t("setup-choose")));
    };
    let setup = found.setup.clone().unwrap_or_else(|| ConnectionSetup {
        slug: found.slug.clone(),
        parent: desk.parent.id,
        vendor: found.vendor().key.to_owned(),
        label: found.label(),
        begun: gateway.now(),
    });
    let (token, seen) = (Token::new(), posted.field("seen").to_owned());
    let (hash, lasts) = (token.hash(), Duration::from_secs(days * 86_400));
    let made = desk.change(request, move |tx, context| {
        if latest(tx, &setup.slug)? != seen {
            return Err(TrustError::Moved);
        }
        trust::make_link(tx, context, &setup, &hash, lasts)
    });
    match made.await {
        Ok(()) => {
            let opens = format!("{}/setup?token={}", gateway.config.server.base(), token.text());
            let made = Some((opens, When(gateway.now().plus(lasts))));
            links_page(request, desk, &found, made, Problems::default())
        }
        Err(TrustError::Db(error)) => Err(error.into()),
        Err(TrustError::Moved) => {
            links_page(request, desk, &found, None, Problems::one("days", texts.t("link-made-already")))
        }
        Err(_) => links_page(request, desk, &found, None, Problems::one("days", texts.t("link-drafts-only"))),
    }
}

/// Takes a link back.
pub async fn revoke(request: &HttpRequest, desk: Desk, found: &Found, id: &str) -> Result<HttpResponse, Failure> {
    let id: i64 = id.parse().map_err(|_| Failure::NotFound)?;
    let slug = found.slug.clone();
    let known = session::gateway(request).db.read(|tx| store::connection_setups::links_of(tx, &slug))?;
    if !known.iter().any(|link| link.id == id) {
        return Err(Failure::NotFound);
    }
    let parent = desk.parent.id;
    let revoked = desk.change(request, move |tx, context| trust::revoke_link(tx, context, (parent, &slug), id)).await?;
    let flash = Flash::new(if revoked { "flash-link-revoked" } else { "flash-nothing" }, &[]);
    Ok(desk.to(request, &format!("{}/links", desk.connection(found.slug.as_str())), Some(flash)))
}

fn links_page(
    request: &HttpRequest,
    desk: Desk,
    found: &Found,
    made: Option<(String, When)>,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let (gateway, frame) = (session::gateway(request), Frame::of(request));
    let (lines, seen) = gateway.db.read(|tx| -> Result<_, DbError> {
        let mut lines = Vec::new();
        for link in store::connection_setups::links_of(tx, &found.slug)? {
            let standing = trust::standing(tx, &gateway.config.catalog, &link, gateway.now())?;
            let maker = maker(tx, &link, frame.texts)?;
            lines.push(line(link, maker, standing.map(drop)));
        }
        Ok((lines, latest(tx, &found.slug)?))
    })?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let page = LinksPage {
        back: desk.connection(found.slug.as_str()),
        label: found.label(),
        takes_links: trust::takes_links(found.connection.as_ref()),
        days: DAYS,
        seen,
        made,
        lines,
        problems,
        desk: desk.clone(),
        frame,
    };
    desk.page(status, &page)
}

/// Who made a link.
pub(super) fn maker(tx: &mut dyn Tx, link: &SetupLink, texts: Texts) -> Result<String, DbError> {
    let person = match link.maker {
        Some(id) => store::people::by_id(tx, id)?,
        None => None,
    };
    Ok(person.map_or_else(|| texts.t("actor-operator").into_owned(), |person| person.email.to_string()))
}

fn line(link: SetupLink, maker: String, standing: Result<(), Ended>) -> LinkLine {
    let at = link.used.map(When);
    LinkLine {
        id: link.id,
        maker,
        made: When(link.made),
        until: When(link.expires),
        used: at.map(|at| (at, link.used_from.unwrap_or_default())),
        state: match standing {
            Ok(()) => "link-open",
            Err(ended) => state_of(ended),
        },
        is_open: standing.is_ok(),
    }
}

/// The text key of why a link opens nothing.
fn state_of(ended: Ended) -> &'static str {
    match ended {
        Ended::Expired => "link-expired",
        Ended::Revoked => "link-revoked",
        Ended::SwitchedOn => "link-switched-on",
        Ended::MakerLeft => "link-maker-left",
        Ended::Gone => "link-gone",
    }
}
