use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::list::RunLine;
use super::{find, path, standing};
use crate::db::{DbError, Tx};
use crate::ids::PersonId;
use crate::membership::CUT_OFF;
use crate::organization::{SyncState, Undo};
use crate::product::Product;
use crate::session::{self, Admin};
use crate::settings::frame::{Nav, When};
use crate::settings::overview;
use crate::settings::words;
use crate::store;
use crate::store::sync_changes::SyncChange;
use crate::web::failure::Failure;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// How many people a page lists.
const PAGE: u32 = 50;

/// One run: how far it is, what it came to, and for whom.
#[derive(Template)]
#[template(path = "settings/run.html")]
pub struct RunPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The run.
    pub run: RunLine,
    /// It is under way.
    pub running: bool,
    /// How many people it has to look at; 0 before that is known.
    pub ahead: u64,
    /// How many of them it has looked at.
    pub looked_at: u64,
    /// It is under way and gave no sign of life since then: it was cut off.
    pub silent: Option<When>,
    /// It can be taken back.
    pub can_undo: bool,
    /// It is being taken back: for how many people that has come to an end.
    pub undoing: Option<u64>,
    /// What taking it back came to.
    pub undone: Option<Undo>,
    /// When it ended.
    pub finished: Option<When>,
    /// Who let it go on.
    pub approved_by: Option<String>,
    /// How many memberships wait for approval.
    pub ending: u64,
    /// People, and what became of them.
    pub people: Vec<ChangeLine>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Where it begins, if this is further on.
    pub first: Option<String>,
}

impl RunPage {
    fn came_to(&self) -> Option<String> {
        let (undo, texts) = (self.undone?, self.frame.texts);
        let restored = texts.count("undo-came-to", u64::from(undo.restored));
        Some(format!("{restored}, {}", texts.count("undo-came-left", u64::from(undo.left))))
    }
}

/// What a run did to somebody, or would do.
pub struct ChangeLine {
    /// Their page.
    pub href: Option<String>,
    /// Who.
    pub email: String,
    /// Where they stood.
    pub before: String,
    /// Where they stood afterwards; `None` for what waits for approval.
    pub after: Option<String>,
}

impl ChangeLine {
    pub(super) fn of(
        tx: &mut dyn Tx,
        admin: &Admin,
        product: &Product,
        change: &SyncChange,
        texts: Texts,
    ) -> Result<Self, DbError> {
        let person = store::people::by_id(tx, change.person)?;
        let slug = &admin.organization.slug;
        Ok(Self {
            href: person.as_ref().map(|person| format!("/admin/{slug}/members/{}", person.public_id)),
            email: person.map_or_else(|| texts.t("somebody").into_owned(), |person| person.email.to_string()),
            before: standing(product, &change.before, texts),
            after: change.after.as_ref().map(|after| standing(product, after, texts)),
        })
    }
}

/// `?after=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    after: String,
}

/// `GET /admin/{organization}/runs/{run}`
pub async fn show(
    request: HttpRequest,
    at: Path<(String, String)>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?;
    let known = find(&request, &admin, &at.1)?;
    let frame = Frame::of(&request);
    let after = asked.after.parse().ok().filter(|id| *id > 0);
    let (run, approved_by, people, next, ending) = gateway.db.read(|tx| -> Result<_, DbError> {
        let run = RunLine::of(tx, &admin, &known, frame.texts)?;
        let parent = admin.organization.parent;
        let approved_by =
            known.approved_by.as_deref().map(|who| words::who(tx, parent, who, frame.texts)).transpose()?;
        let mut changes = store::sync_changes::page(tx, known.id, PersonId(after.unwrap_or(0)), PAGE + 1)?;
        let more = changes.len() > PAGE as usize;
        changes.truncate(PAGE as usize);
        let next =
            changes.last().filter(|_| more).map(|last| format!("{}?after={}", path(&admin, known.id), last.person));
        let mut people = Vec::with_capacity(changes.len());
        for change in &changes {
            people.push(ChangeLine::of(tx, &admin, product, change, frame.texts)?);
        }
        let ending = match known.state {
            SyncState::Halted => store::sync_changes::count_listed(tx, known.id)?,
            _ => 0,
        };
        Ok((run, approved_by, people, next, ending))
    })?;
    let (now, undoing) = (gateway.now(), known.undoing());
    let page = RunPage {
        nav: Nav::of(&request, &admin, "nav-runs")?,
        running: known.state == SyncState::Running,
        ahead: known.ahead,
        looked_at: known.looked_at.min(known.ahead),
        silent: (known.is_cut_off(now, CUT_OFF) || undoing.is_some() && !known.is_undoing(now, CUT_OFF))
            .then_some(When(known.alive_at)),
        can_undo: known.is_carried_out() && !known.is_undoing(now, CUT_OFF) && !people.is_empty(),
        undoing: undoing.map(|undo| u64::from(undo.restored) + u64::from(undo.left)),
        undone: known.undo.filter(|_| known.state == SyncState::Undone),
        finished: known.finished_at.map(When),
        first: after.map(|_| path(&admin, known.id)),
        approved_by,
        ending,
        people,
        next,
        run,
        frame,
    };
    page::html(StatusCode::OK, &page, &[])
}
