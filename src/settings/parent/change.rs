use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::effects::{Shown, shown};
use crate::joining::{self, JoiningError, Planned};
use crate::membership::Context;
use crate::session::{self, Admin};
use crate::settings::change::{actor, change};
use crate::settings::frame::Nav;
use crate::settings::overview;
use crate::settings::problems::Problems;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// Another parent for the organization: what it would mean, and the proposal.
#[derive(Template)]
#[template(path = "settings/parent_change.html")]
pub struct ParentChangePage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// It joins another parent, else it leaves for one of its own.
    pub joins: bool,
    /// The code, as typed.
    pub code: String,
    /// What it would mean; `None` until a code was given.
    pub effects: Option<Shown>,
    /// Something moved since it was shown, so nothing was proposed.
    pub moved: bool,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// `GET /admin/{organization}/parent/join`
pub async fn show_join(request: HttpRequest) -> Result<HttpResponse, Failure> {
    form(&request, Asked::join(String::new()), Wrong::default()).await
}

/// `GET /admin/{organization}/parent/leave`
pub async fn show_leave(request: HttpRequest) -> Result<HttpResponse, Failure> {
    form(&request, Asked::leave(), Wrong::default()).await
}

/// `POST /admin/{organization}/parent/join`: with a code alone it shows what joining would mean; with what was shown it proposes it.
pub async fn join(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    let code: String = posted.field("code").trim().chars().take(100).collect();
    let asked = Asked::join(code);
    if posted.field("seen").is_empty() {
        return form(&request, asked, Wrong::default()).await;
    }
    propose(&request, asked, &posted).await
}

/// `POST /admin/{organization}/parent/leave`
pub async fn leave(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    propose(&request, Asked::leave(), &posted).await
}

/// `POST /admin/{organization}/parent/withdraw`
pub async fn withdraw(request: HttpRequest, _: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let organization = admin.organization.clone();
    let done = change(&request, &admin, move |tx, context| joining::withdraw(tx, context, &organization));
    let key = match done.await {
        Ok(true) => "flash-proposal-withdrawn",
        Ok(false) => "flash-nothing",
        Err(JoiningError::Db(error)) => return Err(error.into()),
        Err(other) => return Err(Failure::Internal(other.to_string())),
    };
    Ok(page::see_other(&super::path(&admin), &[Flash::new(key, &[]).cookie(&request)]))
}

/// Which change is asked about.
#[derive(Clone)]
struct Asked {
    joins: bool,
    code: String,
}

impl Asked {
    fn join(code: String) -> Self {
        Self { joins: true, code }
    }

    fn leave() -> Self {
        Self { joins: false, code: String::new() }
    }
}

#[derive(Default)]
struct Wrong {
    moved: bool,
    problems: Problems,
}

async fn propose(request: &HttpRequest, asked: Asked, posted: &Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(request)?;
    let texts = page::language(request).texts();
    let shown = (posted.field("seen").to_owned(), posted.field("confirm").to_owned());
    let mut done = Err(JoiningError::Shaken);
    for _ in 0..super::TRIES {
        done = propose_once(request, &admin, &asked, &shown).await;
        if !matches!(done, Err(JoiningError::Shaken)) {
            break;
        }
    }
    let wrong = match done {
        Ok(()) => {
            let flash = Flash::new("flash-proposed", &[]).cookie(request);
            return Ok(page::see_other(&super::path(&admin), &[flash]));
        }
        Err(JoiningError::AlreadyOpen) => {
            let flash = Flash::new("flash-proposal-open", &[]).cookie(request);
            return Ok(page::see_other(&super::path(&admin), &[flash]));
        }
        Err(JoiningError::NoCode) => Wrong { problems: Problems::one("code", texts.t("problem-code")), moved: false },
        Err(JoiningError::NotTyped) => {
            Wrong { problems: Problems::one("confirm", texts.t("problem-type-name")), moved: false }
        }
        // What stands against it is on the page that is shown again.
        Err(JoiningError::Moved | JoiningError::Shaken | JoiningError::Outdated | JoiningError::Blocked(_)) => {
            Wrong { moved: true, ..Wrong::default() }
        }
        Err(JoiningError::ProposerLost | JoiningError::NotTheFounder) => return Err(Failure::Forbidden),
        Err(JoiningError::NoProposal) => return Err(Failure::NotFound),
        Err(JoiningError::Db(error)) => return Err(error.into()),
    };
    form(request, asked, wrong).await
}

/// Works out what it means on a reader, and proposes it if nothing has moved meanwhile.
async fn propose_once(
    request: &HttpRequest,
    admin: &Admin,
    asked: &Asked,
    (seen, typed): &(String, String),
) -> Result<(), JoiningError> {
    let planned = plan(request, admin, asked).await?.ok_or(JoiningError::NoProposal)?;
    let (id, wanted) = (admin.organization.id, asked.clone());
    let (seen, typed) = (seen.clone(), typed.clone());
    let done = change(request, admin, move |tx, context| {
        if wanted.joins {
            joining::propose_to_join(tx, context, id, &wanted.code, &planned, (&seen, &typed))
        } else {
            joining::propose_to_leave(tx, context, id, &planned, (&seen, &typed))
        }
    });
    done.await
}

/// What it would mean now. `None` until a code was given.
async fn plan(request: &HttpRequest, admin: &Admin, asked: &Asked) -> Result<Option<Planned>, JoiningError> {
    let gateway = session::gateway(request);
    let (catalog, actor, now) = (gateway.config.catalog.clone(), actor(admin), gateway.now());
    let (organization, wanted) = (admin.organization.id, asked.clone());
    let read = gateway.db.read_heavy(move |tx| -> Result<Option<Planned>, JoiningError> {
        let context = Context { now, catalog: &catalog, actor, from: None, incident: None };
        let to = match (wanted.joins, wanted.code.is_empty()) {
            (true, true) => return Ok(None),
            (true, false) => Some(joining::parent_of_code(tx, &wanted.code, now)?),
            (false, _) => None,
        };
        let organization = store::organizations::by_id(tx, organization)?.ok_or(JoiningError::NoProposal)?;
        Ok(joining::plan(tx, &context, &organization, to.as_ref())?)
    });
    read.await
}

async fn form(request: &HttpRequest, asked: Asked, mut wrong: Wrong) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(request)?;
    let product = overview::product(request, &admin.organization)?;
    let frame = Frame::of(request);
    let texts = frame.texts;
    let effects = match plan(request, &admin, &asked).await {
        Ok(planned) => planned.map(|planned| planned.effects),
        Err(JoiningError::NoCode) => {
            wrong.problems = Problems::one("code", texts.t("problem-code"));
            None
        }
        Err(JoiningError::Db(error)) => return Err(error.into()),
        Err(other) => return Err(Failure::Internal(other.to_string())),
    };
    let status = match (wrong.moved, wrong.problems.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    };
    let reader = admin.visitor().map(|visitor| visitor.person.id);
    let page = ParentChangePage {
        nav: Nav::of(request, &admin, "nav-parent")?,
        joins: asked.joins,
        code: asked.code,
        effects: effects.map(|effects| shown(&effects, product, reader, texts)),
        moved: wrong.moved,
        problems: wrong.problems,
        frame,
    };
    page::html(status, &page, &[])
}
