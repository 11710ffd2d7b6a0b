use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::lines::{self, Change};
use crate::audit::Actor;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::membership::{Context, PersonForeseen, SettingsForeseen, foresee};
use crate::organization::{AccessSettings, Organization};
use crate::product::Product;
use crate::provisioning::Consequence;
use crate::secrets;
use crate::session::{self, Admin};
use crate::settings::change::actor;
use crate::settings::frame::{Nav, When};
use crate::settings::overview;
use crate::settings::problems::Problems;
use crate::settings::words;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
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
    /// Something moved since it was shown, so nothing was saved.
    pub moved: bool,
    /// The settings that change.
    pub changes: Vec<Change>,
    /// Scim effects come at once, jit effects with each person's next sign-in.
    pub at_once: bool,
    /// The text key of each kind of effect that there is, and for how many people; the gravest first.
    pub counts: Vec<(String, u64)>,
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

/// `?after=`: the place in the list after which the page begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    after: String,
}

/// A draft, and what saving it would do.
#[derive(Clone)]
pub(super) struct Previewed {
    pub(super) organization: Organization,
    pub(super) settings: AccessSettings,
    pub(super) foreseen: SettingsForeseen,
    /// Tells two previews apart.
    pub(super) seen: String,
}

/// Works a draft out on what is there now. `None` without a draft.
pub(super) fn work_out(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    editor: &str,
) -> Result<Option<Previewed>, DbError> {
    let Some((settings, _)) = store::access_drafts::find(tx, organization.id, editor)? else { return Ok(None) };
    let person = match &context.actor {
        Actor::Person(person) => Some(*person),
        _ => None,
    };
    let foreseen = foresee(tx, context, organization, &settings, person)?;
    let seen = seen(organization, &settings, &foreseen);
    Ok(Some(Previewed { organization: organization.clone(), settings, foreseen, seen }))
}

/// A digest of everything that a preview says.
fn seen(organization: &Organization, settings: &AccessSettings, foreseen: &SettingsForeseen) -> String {
    let SettingsForeseen { at_once, people, seats, halts, takes_identity, locks_out, editor_loses } = foreseen;
    let mut text = format!(
        "{:?}\n{settings:?}\n{at_once} {seats:?} {halts} {takes_identity:?} {locks_out} {editor_loses}\n",
        AccessSettings::of(organization)
    );
    for PersonForeseen { email, before, what, .. } in people {
        text.push_str(&format!("{email} {before:?} {what:?}\n"));
    }
    secrets::sha256(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `GET /admin/{organization}/identity/preview`
pub async fn show(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    page_of(&request, &asked.after, false, Problems::default()).await
}

/// The draft of this admin, worked out on a reader.
pub(super) async fn previewed(request: &HttpRequest, admin: &Admin) -> Result<Option<Previewed>, DbError> {
    let gateway = session::gateway(request);
    let (catalog, actor, now) = (gateway.config.catalog.clone(), actor(admin), gateway.now());
    let (organization, editor) = (admin.organization.clone(), super::editor(admin));
    let read = gateway.db.read_heavy(move |tx| {
        let context = Context { now, catalog: &catalog, actor, from: None, incident: None };
        work_out(tx, &context, &organization, &editor)
    });
    read.await
}

/// The preview as it is now: after a refusal with what was wrong, or that something moved.
pub(super) async fn page_of(
    request: &HttpRequest,
    after: &str,
    moved: bool,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let product = overview::product(request, &admin.organization)?;
    let Some(previewed) = previewed(request, &admin).await? else {
        // Saved or discarded meanwhile, perhaps in another window.
        let flash = Flash::new("flash-nothing", &[]).cookie(request);
        return Ok(page::see_other(&super::path(&admin), &[flash]));
    };
    let status = match (moved, problems.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    };
    let frame = Frame::of(request);
    let nav = Nav::of(request, &admin, "nav-identity")?;
    let page = PreviewPage { moved, problems, ..filled(frame, nav, product, &previewed, after, gateway.now()) };
    page::html(status, &page, &[])
}

/// Where somebody stands in the list.
fn place(one: &PersonForeseen) -> String {
    format!("{}.{}", one.what.rank(), one.email)
}

fn filled(
    frame: Frame,
    nav: Nav,
    product: &Product,
    previewed: &Previewed,
    after: &str,
    now: Timestamp,
) -> PreviewPage {
    let (texts, foreseen) = (frame.texts, &previewed.foreseen);
    let here = format!("/admin/{}/identity/preview", nav.slug);
    let begin = foreseen.people.partition_point(|one| place(one).as_str() <= after);
    let shown: Vec<&PersonForeseen> = foreseen.people.iter().skip(begin).take(PAGE).collect();
    let next = shown.last().filter(|_| begin + shown.len() < foreseen.people.len()).map(|last| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("after", &place(last)).finish();
        format!("{here}?{query}")
    });
    let count = |word: &str| foreseen.people.iter().filter(|one| one.what.word() == word).count() as u64;
    let counts = Consequence::WORDS.iter().map(|word| (*word, count(word))).filter(|(_, count)| *count > 0);
    let (removed, refused) = (count("removed"), count("refused"));
    let button = match (removed, refused) {
        (0, 0) => texts.t("save-changes").into_owned(),
        (0, refused) => texts.count("save-refusing", refused).into_owned(),
        (removed, _) if foreseen.at_once => texts.count("save-removing", removed).into_owned(),
        (removed, refused) => texts.count("save-refusing", removed + refused).into_owned(),
    };
    PreviewPage {
        moved: false,
        changes: lines::changes(product, &previewed.organization, &previewed.settings, texts),
        at_once: foreseen.at_once,
        counts: counts.map(|(word, count)| (format!("foreseen-count-{}", word.replace('_', "-")), count)).collect(),
        people: shown.iter().map(|one| lines::person(product, &nav.slug, one, texts, now)).collect(),
        first: (begin > 0).then(|| here.clone()),
        next,
        seats: foreseen
            .seats
            .iter()
            .map(|one| (words::seat(product, &one.seat), one.needed, one.bought, one.needed > one.bought))
            .collect(),
        halts: foreseen.halts,
        takes_identity: foreseen.takes_identity.len() as u64,
        seen: previewed.seen.clone(),
        guard: guard(foreseen),
        button,
        hurts: removed + refused > 0,
        problems: Problems::default(),
        frame,
        nav,
    }
}

/// The text key of why the organization's name has to be typed (rule B33).
pub(super) fn guard(foreseen: &SettingsForeseen) -> Option<&'static str> {
    match (foreseen.locks_out, foreseen.editor_loses) {
        (true, _) => Some("guard-nobody"),
        (false, true) => Some("guard-editor"),
        (false, false) => None,
    }
}
