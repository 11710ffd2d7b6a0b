use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::effects::{Shown, shown};
use crate::joining::{self, JoiningError, Proposed};
use crate::membership::Context;
use crate::product::Product;
use crate::session::{self, Admin};
use crate::settings::change::{actor, change, change_many};
use crate::settings::frame::{Nav, When};
use crate::settings::problems::Problems;
use crate::settings::words;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// A proposal, before the founding organization decides.
#[derive(Template)]
#[template(path = "settings/parent_decide.html")]
pub struct DecidePage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The organization's name.
    pub organization: String,
    /// It wants to leave, else to join.
    pub leaves: bool,
    /// Who proposed it.
    pub who: String,
    /// When.
    pub at: When,
    /// Until when it can be approved.
    pub until: When,
    /// What it would mean now.
    pub effects: Shown,
    /// It means something else now than when it was proposed, so it cannot be approved.
    pub outdated: bool,
    /// The text key of why nothing was approved.
    pub refused: Option<&'static str>,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// `GET /admin/{organization}/parent/proposals/{proposal}`
pub async fn show(request: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    form(&request, number(&path.1)?, None, Problems::default()).await
}

fn number(text: &str) -> Result<i64, Failure> {
    text.parse().map_err(|_| Failure::NotFound)
}

/// `POST /admin/{organization}/parent/proposals/{proposal}`: approves or declines.
pub async fn decide(
    request: HttpRequest,
    path: Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let (id, texts) = (number(&path.1)?, page::language(&request).texts());
    let approves = match posted.field("act") {
        "approve" => true,
        "decline" => false,
        _ => return Err(Failure::BadRequest("no such act")),
    };
    let (seen, typed) = (posted.field("seen").to_owned(), posted.field("confirm").to_owned());
    let done = if approves {
        let mut done = Err(JoiningError::Shaken);
        for _ in 0..super::TRIES {
            done = approve_once(&request, &admin, id, (&seen, &typed)).await;
            if !matches!(done, Err(JoiningError::Shaken)) {
                break;
            }
        }
        done
    } else {
        let founder = admin.organization.clone();
        change(&request, &admin, move |tx, context| joining::decline(tx, context, &founder, id)).await
    };
    let key = match done {
        Ok(()) if approves => "flash-proposal-approved",
        Ok(()) => "flash-proposal-declined",
        Err(JoiningError::NoProposal) => "flash-proposal-gone",
        Err(JoiningError::NotTheFounder) => return Err(Failure::Forbidden),
        Err(JoiningError::NotTyped) => {
            return form(&request, id, None, Problems::one("confirm", texts.t("problem-type-name"))).await;
        }
        Err(JoiningError::Moved | JoiningError::Shaken | JoiningError::Blocked(_) | JoiningError::Outdated) => {
            return form(&request, id, Some("preview-moved"), Problems::default()).await;
        }
        Err(JoiningError::ProposerLost) => {
            return form(&request, id, Some("proposal-proposer-lost"), Problems::default()).await;
        }
        Err(JoiningError::Db(error)) => return Err(error.into()),
        Err(other @ (JoiningError::NoCode | JoiningError::AlreadyOpen)) => {
            return Err(Failure::Internal(other.to_string()));
        }
    };
    Ok(page::see_other(&super::path(&admin), &[Flash::new(key, &[]).cookie(&request)]))
}

/// Works out what it means on a reader, and carries it out if nothing has moved meanwhile.
async fn approve_once(
    request: &HttpRequest,
    admin: &Admin,
    id: i64,
    (seen, typed): (&str, &str),
) -> Result<(), JoiningError> {
    let gateway = session::gateway(request);
    let (catalog, actor, now) = (gateway.config.catalog.clone(), actor(admin), gateway.now());
    let founder = admin.organization.clone();
    let read = gateway.db.read_heavy(move |tx| {
        let context = Context { now, catalog: &catalog, actor, from: None, incident: None };
        joining::to_decide(tx, &context, &founder, id)
    });
    let proposed = read.await?;
    let (founder, seen, typed) = (admin.organization.clone(), seen.to_owned(), typed.to_owned());
    let done = change_many(request, admin, move |tx, context| {
        joining::approve(tx, context, &founder, &proposed, (&seen, &typed))
    });
    done.await
}

async fn form(
    request: &HttpRequest,
    id: i64,
    refused: Option<&'static str>,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let frame = Frame::of(request);
    let texts = frame.texts;
    let (catalog, actor, now) = (gateway.config.catalog.clone(), actor(&admin), gateway.now());
    let founder = admin.organization.clone();
    let read = gateway.db.read_heavy(move |tx| -> Result<Option<(Proposed, String)>, JoiningError> {
        if !joining::is_founder(tx, &founder)? {
            return Err(JoiningError::NotTheFounder);
        }
        let context = Context { now, catalog: &catalog, actor, from: None, incident: None };
        let open = store::parent_changes::open_by_id(tx, id)?;
        let open = open.filter(|proposal| proposal.decides() == founder.parent);
        let Some(proposed) = joining::is_open(tx, &context, open)? else { return Ok(None) };
        let who = words::who(tx, proposed.proposal.from, &proposed.proposal.proposed_by, texts)?;
        Ok(Some((proposed, who)))
    });
    let (proposed, who) = match read.await {
        Ok(found) => found.ok_or(Failure::NotFound)?,
        Err(JoiningError::NotTheFounder) => return Err(Failure::Forbidden),
        Err(JoiningError::Db(error)) => return Err(error.into()),
        Err(other) => return Err(Failure::Internal(other.to_string())),
    };
    let product = product(request, &proposed)?;
    let status = match (refused, problems.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, true) => StatusCode::OK,
    };
    let page = DecidePage {
        nav: Nav::of(request, &admin, "nav-parent")?,
        organization: proposed.planned.effects.organization.name.clone(),
        leaves: proposed.proposal.to.is_none(),
        who,
        at: When(proposed.proposal.created_at),
        until: When(proposed.proposal.expires_at),
        effects: shown(&proposed.planned.effects, product, None, texts),
        outdated: !proposed.is_current(),
        refused,
        problems,
        frame,
    };
    page::html(status, &page, &[])
}

/// The product of the organization that the proposal is about.
fn product<'r>(request: &'r HttpRequest, proposed: &Proposed) -> Result<&'r Product, Failure> {
    let of = &proposed.planned.effects.organization;
    let found = session::gateway(request).config.catalog.product(&of.product);
    found.ok_or_else(|| Failure::Internal(format!("organization {} uses a product that is not declared", of.slug)))
}
