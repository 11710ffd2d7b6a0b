use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::filter::{self, Wanted, place};
use super::kept::{self, Now, Previewed, Work};
use super::lines::{self, Change};
use super::sso::{self, SsoShown};
use crate::membership::{PersonForeseen, Progress};
use crate::session::{self, Admin};
use crate::settings::frame::{Nav, When};
use crate::settings::overview;
use crate::settings::problems::Problems;
use crate::settings::words;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// How many people a page lists.
const PAGE: usize = 100;

/// What saving a draft would do to whom (rule B32).
#[derive(Template)]
#[template(path = "settings/identity_preview.html")]
pub struct PreviewPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The text key of why this is not what was shown before.
    pub notice: Option<&'static str>,
    /// When it was worked out.
    pub at: When,
    /// Something has moved since.
    pub stale: bool,
    /// The settings that change.
    pub changes: Vec<Change>,
    /// Scim effects come at once, jit effects with each person's next sign-in.
    pub at_once: bool,
    /// What people can be filtered by, with how many there are, the gravest first; everybody before.
    pub filters: Vec<FilterLine>,
    /// The word that is filtered by; empty for everybody.
    pub effect: &'static str,
    /// What is searched for.
    pub search: String,
    /// How many people that leaves.
    pub found: u64,
    /// Names this preview in addresses.
    pub mark: String,
    /// Where the people are as a file.
    pub export: String,
    /// The people of this page.
    pub people: Vec<PreviewLine>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Where it begins, if this is further on.
    pub first: Option<String>,
    /// Seat type, needed, bought, and whether that is too few.
    pub seats: Vec<(String, u32, u32, bool)>,
    /// So many memberships end that the run will wait for approval (rule B34).
    pub halts: bool,
    /// From how many people it takes a role that may configure.
    pub takes_identity: u64,
    /// What requiring SSO means for whom, where it is to be switched on.
    pub sso: Option<SsoShown>,
    /// What was shown, to be sent back.
    pub seen: String,
    /// The text key of why the organization's name has to be typed (rule B33).
    pub guard: Option<&'static str>,
    /// What the button says.
    pub button: String,
    /// The button takes something away.
    pub hurts: bool,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// What people can be filtered by.
pub struct FilterLine {
    /// Where only they are shown.
    pub href: String,
    /// What happens to how many.
    pub text: String,
    /// Only they are shown.
    pub current: bool,
}

/// What changes for one person.
pub struct PreviewLine {
    /// Their page.
    pub href: Option<String>,
    /// The address.
    pub email: String,
    /// What they have now.
    pub before: String,
    /// What becomes of them.
    pub after: String,
    /// The kind, for those who see colours.
    pub state: &'static str,
    /// What it rests on.
    pub rests_on: String,
    /// How old that is.
    pub at: Option<When>,
}

/// A preview that is being worked out.
#[derive(Template)]
#[template(path = "settings/identity_preview_working.html")]
pub struct PreviewWorkingPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The text key of why it is, although something was shown before.
    pub notice: Option<&'static str>,
    /// Where one looks again.
    pub here: String,
    /// Since when.
    pub began: When,
    /// The step that is under way, of [`PreviewWorkingPage::steps`]; 0 while it waits for its turn.
    pub step: usize,
    /// The text key of what it does.
    pub doing: &'static str,
    /// How many steps there are.
    pub steps: usize,
    /// How many people it is about; 0 as long as that is not known.
    pub people: u64,
}

/// What is asked for; see [`Asked::query`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The place in the list after which the page begins.
    after: String,
    /// What happens to the people who are shown.
    pub(super) effect: String,
    /// A part of their addresses.
    pub(super) q: String,
    /// The preview that was shown before.
    pub(super) of: String,
    /// The work that was under way.
    work: String,
}

/// `GET /admin/{organization}/identity/preview`
pub async fn show(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    page_of(&request, &asked, None, Problems::default()).await
}

/// The preview: the one that was shown before as long as it is kept, else as it is now; after a refusal with what was wrong, or the text
/// key of why nothing was saved.
pub(super) async fn page_of(
    request: &HttpRequest,
    asked: &Asked,
    not_saved: Option<&'static str>,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(request)?;
    match kept::look(request, &admin, Some(&asked.of)).await? {
        Now::NoDraft => Ok(nothing(request, &admin)),
        Now::UnderWay(work) => under_way(request, &admin, &work, asked, not_saved),
        Now::Ready(previewed) => ready(request, &admin, &previewed, asked, not_saved, problems).await,
    }
}

/// Saved or discarded meanwhile, perhaps in another window.
pub(super) fn nothing(request: &HttpRequest, admin: &Admin) -> HttpResponse {
    page::see_other(&super::path(admin), &[Flash::new("flash-nothing", &[]).cookie(request)])
}

/// How far a preview is. A page about a work that nobody knows of any more was shown before a restart.
pub(super) fn under_way(
    request: &HttpRequest,
    admin: &Admin,
    work: &Work,
    asked: &Asked,
    not_saved: Option<&'static str>,
) -> Result<HttpResponse, Failure> {
    let cut_off = !asked.work.is_empty() && asked.work != work.id;
    let anew = (cut_off || !asked.of.is_empty()).then_some("preview-anew-working");
    let page = PreviewWorkingPage {
        frame: Frame::of(request),
        nav: Nav::of(request, admin, "nav-identity")?,
        notice: not_saved.or(anew),
        here: format!("{}/preview?work={}", super::path(admin), work.id),
        began: When(work.began),
        step: work.progress.step(),
        doing: match work.progress.step() {
            0 => "preview-step-waits",
            1 => "preview-step-reads",
            2 => "preview-step-now",
            3 => "preview-step-then",
            _ => "preview-step-compares",
        },
        steps: Progress::STEPS,
        people: work.progress.people(),
    };
    page::html(StatusCode::ACCEPTED, &page, &[])
}

async fn ready(
    request: &HttpRequest,
    admin: &Admin,
    previewed: &Arc<Previewed>,
    asked: &Asked,
    not_saved: Option<&'static str>,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let (gateway, product) = (session::gateway(request), overview::product(request, &admin.organization)?);
    let status = match (not_saved, problems.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, true) => StatusCode::OK,
    };
    let stale = !kept::stands(request, admin, previewed).await?;
    let frame = Frame::of(request);
    let (texts, now, foreseen) = (frame.texts, gateway.now(), &previewed.foreseen);
    let is_another = !asked.of.is_empty() && asked.of != previewed.mark();
    // A place in another list is no place in this one.
    let (begin, wanted) =
        if is_another { ("", Wanted::default()) } else { (asked.after.as_str(), Wanted::new(&asked.effect, &asked.q)) };
    let here = format!("{}/preview", super::path(admin));
    let link = |path: &str, effect: &str, search: &str, after: &str| {
        format!("{path}?{}", query(previewed.mark(), effect, search, after))
    };
    let mut shown: Vec<&PersonForeseen> =
        filter::after(&foreseen.people, begin).iter().filter(|one| wanted.includes(one)).take(PAGE + 1).collect();
    let more = shown.len() > PAGE;
    shown.truncate(PAGE);
    let list = |after: &str| link(&here, wanted.effect, &wanted.search, after);
    let (removed, refused) = (previewed.counts.under("removed"), previewed.counts.under("refused"));
    let page = PreviewPage {
        notice: not_saved.or(is_another.then_some("preview-anew")),
        at: When(previewed.at),
        stale,
        changes: lines::changes(product, &previewed.organization, &previewed.settings, texts),
        at_once: foreseen.at_once,
        filters: filters(previewed, texts, wanted.effect, |effect| link(&here, effect, &wanted.search, "")),
        effect: wanted.effect,
        found: foreseen.people.iter().filter(|one| wanted.includes(one)).count() as u64,
        mark: previewed.mark().to_owned(),
        export: link(&format!("{here}/export.csv"), wanted.effect, &wanted.search, ""),
        people: shown
            .iter()
            .map(|one| lines::person(product, admin.organization.slug.as_str(), one, texts, now))
            .collect(),
        next: shown.last().filter(|_| more).map(|last| list(&place(last))),
        first: (!begin.is_empty()).then(|| list("")),
        seats: foreseen
            .seats
            .iter()
            .map(|one| (words::seat(product, &one.seat), one.needed, one.bought, one.needed > one.bought))
            .collect(),
        halts: foreseen.halts,
        takes_identity: foreseen.takes_identity.len() as u64,
        sso: previewed.sso.as_ref().map(|effects| sso::shown(effects, texts)),
        seen: previewed.seen.clone(),
        guard: previewed.guard,
        button: match (removed, refused) {
            (0, 0) => texts.t("save-changes").into_owned(),
            (0, refused) => texts.count("save-refusing", refused).into_owned(),
            (removed, _) if foreseen.at_once => texts.count("save-removing", removed).into_owned(),
            (removed, refused) => texts.count("save-refusing", removed + refused).into_owned(),
        },
        hurts: removed + refused > 0,
        search: wanted.search.clone(),
        problems,
        nav: Nav::of(request, admin, "nav-identity")?,
        frame,
    };
    page::html(status, &page, &[])
}

/// The part of an address behind the question mark.
pub(super) fn query(mark: &str, effect: &str, search: &str, after: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("of", mark), ("effect", effect), ("q", search), ("after", after)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

fn filters(
    previewed: &Previewed,
    texts: Texts,
    current: &str,
    href: impl Fn(&'static str) -> String,
) -> Vec<FilterLine> {
    let everybody = FilterLine {
        href: href(""),
        text: texts.count("foreseen-count-all", previewed.foreseen.people.len() as u64).into_owned(),
        current: current.is_empty(),
    };
    let one = |(word, count): (&'static str, u64)| FilterLine {
        href: href(word),
        text: texts.count(&format!("foreseen-count-{}", word.replace('_', "-")), count).into_owned(),
        current: current == word,
    };
    std::iter::once(everybody).chain(previewed.counts.all().map(one)).collect()
}
