use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::check::{Ground, Sent};
use super::domains::{DomainCard, cards};
use super::vendors::{self, Ours, VENDORS, Vendor};
use super::{At, Desk, Found, Problems, TestLine, Typed, connection, theirs};
use crate::connection::{Connection, ConnectionSetup, ConnectionStatus};
use crate::db::{DbError, Tx};
use crate::founding::{self, FoundingError, UNFINISHED};
use crate::gateway::{Gateway, OurNames};
use crate::ids::Slug;
use crate::membership::Context;
use crate::secrets;
use crate::session;
use crate::store;
use crate::trust::{self, Governed, TrustError};
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Uploaded;
use crate::web::page::{self, Frame};
use crate::web::when::When;

/// Which identity provider is connected?
#[derive(Template)]
#[template(path = "connecting/choose.html")]
pub struct ChoosePage {
    /// What all pages share.
    pub frame: Frame,
    /// Where this is.
    pub desk: Desk,
    /// What there is to choose.
    pub vendors: Vec<VendorLine>,
}

/// An identity provider to choose.
#[derive(Clone, Debug)]
pub struct VendorLine {
    /// The word in addresses.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// It speaks OpenID Connect; else SAML.
    pub oidc: bool,
}

/// What each side has to know of the other.
#[derive(Template)]
#[template(path = "connecting/form.html")]
pub struct FormPage {
    /// What all pages share.
    pub frame: Frame,
    /// Where this is.
    pub desk: Desk,
    /// Which identity provider.
    pub chosen: VendorLine,
    /// Where in its console.
    pub path: String,
    /// Our values under its labels.
    pub ours: Vec<(String, String)>,
    /// What else has to be set there.
    pub also: Vec<String>,
    /// Where it shows what we need.
    pub gives: String,
    /// The slug that our values are made with.
    pub slug: String,
    /// Nothing is kept under this slug yet: it can still be another one.
    pub is_new: bool,
    /// Where the form is sent.
    pub action: String,
    /// What is known of the other side already: text key and value.
    pub theirs: Vec<(&'static str, String)>,
    /// What the form was filled from; sent back with it.
    pub seen: String,
    /// People sign in through it, so that what is saved holds at once.
    pub is_active: bool,
    /// It lets people in, or has: only who governs the parent changes it.
    pub was_on: bool,
    /// Nobody could sign in if it did not work any more.
    pub is_last: bool,
    /// Whose people sign in by it, while it is on.
    pub concerned: Vec<Governed>,
    /// What was typed, or stands there.
    pub typed: Typed,
    /// Behind a setup link: when a test last passed with these settings.
    pub tested: Option<When>,
    /// Behind a setup link: the tests made there.
    pub tests: Vec<TestLine>,
    /// Behind a setup link: what DNS should have.
    pub domains: Vec<DomainCard>,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

fn vendor_line(vendor: &Vendor) -> VendorLine {
    VendorLine { key: vendor.key.to_owned(), label: vendor.label.to_owned(), oidc: vendor.oidc }
}

/// Asks which identity provider, or shows the form of the one that was chosen.
pub fn show_add(request: &HttpRequest, desk: Desk, idp: &str, slug: &str) -> Result<HttpResponse, Failure> {
    let Some(vendor) = vendors::find(idp) else { return choose(request, desk) };
    let texts = page::language(request).texts();
    let mut problems = Problems::default();
    let wanted = if slug.is_empty() { None } else { problems.slug(slug, texts) };
    let slug = match wanted {
        Some(slug) => slug,
        None => free_slug(session::gateway(request), &desk, vendor)?,
    };
    let new = Found { slug, connection: None, setup: None };
    form(request, desk, vendor, &new, Typed::new(vendor.label), problems)
}

fn choose(request: &HttpRequest, desk: Desk) -> Result<HttpResponse, Failure> {
    let vendors = VENDORS.iter().map(vendor_line).collect();
    desk.clone().page(StatusCode::OK, &ChoosePage { frame: Frame::of(request), desk, vendors })
}

/// Looks at the other side, then adds a draft, which signs nobody in; or, with nothing known of the other side yet, keeps what was
/// begun.
pub async fn add(request: &HttpRequest, desk: Desk, form_sent: Uploaded) -> Result<HttpResponse, Failure> {
    let Some(vendor) = vendors::find(form_sent.field("idp")) else { return choose(request, desk) };
    let (texts, typed) = (page::language(request).texts(), Typed::sent(form_sent.fields()));
    let mut problems = Problems::default();
    let Some(slug) = problems.slug(form_sent.field("slug"), texts) else {
        let slug = free_slug(session::gateway(request), &desk, vendor)?;
        return form(request, desk, vendor, &Found { slug, connection: None, setup: None }, typed, problems);
    };
    let new = Found { slug, connection: None, setup: None };
    if form_sent.field("act") == "later" {
        return begin(request, desk, vendor, new, typed).await;
    }
    save(request, desk, vendor, new, typed, &form_sent).await
}

/// Keeps what was begun, to go on with later or to leave to a colleague.
async fn begin(
    request: &HttpRequest,
    desk: Desk,
    vendor: &'static Vendor,
    new: Found,
    typed: Typed,
) -> Result<HttpResponse, Failure> {
    let mut problems = Problems::default();
    let texts = page::language(request).texts();
    let Some(label) = problems.name("label", &typed.label, texts) else {
        return form(request, desk, vendor, &new, typed, problems);
    };
    let setup = setup(request, &desk, vendor, &new.slug, &label);
    let written = desk.change(request, move |tx, context| founding::setup(tx, context, &setup)).await;
    match written {
        Ok(()) => {
            let to = format!("{}/edit", desk.connection(new.slug.as_str()));
            Ok(desk.to(request, &to, Some(Flash::new("flash-connection-begun", &[("label", &typed.label)]))))
        }
        Err(error) => not_founded(request, desk, vendor, new, typed, error),
    }
}

fn setup(request: &HttpRequest, desk: &Desk, vendor: &Vendor, slug: &Slug, label: &str) -> ConnectionSetup {
    ConnectionSetup {
        slug: slug.clone(),
        parent: desk.parent.id,
        vendor: vendor.key.to_owned(),
        label: label.to_owned(),
        begun: session::gateway(request).now(),
    }
}

fn not_founded(
    request: &HttpRequest,
    desk: Desk,
    vendor: &'static Vendor,
    found: Found,
    typed: Typed,
    error: FoundingError,
) -> Result<HttpResponse, Failure> {
    match error {
        FoundingError::Db(error) => Err(error.into()),
        FoundingError::Taken(_) => {
            let problem = page::language(request).texts().t("setup-slug-taken");
            form(request, desk, vendor, &found, typed, Problems::one("slug", problem))
        }
        FoundingError::TooManyUnfinished => {
            let most = UNFINISHED.to_string();
            let problem = page::language(request).texts().with("setup-too-many-unfinished", "most", &most).into_owned();
            form_with(request, desk, vendor, &found, typed, Problems::one("slug", problem), StatusCode::CONFLICT)
        }
        FoundingError::MayNot(_) => Err(Failure::Forbidden),
        FoundingError::Gone | FoundingError::ByHand(_) => Err(Failure::NotFound),
    }
}

/// The form of a connection that was begun or is there.
pub fn show_edit(request: &HttpRequest, desk: Desk, found: &Found) -> Result<HttpResponse, Failure> {
    let typed = found.connection.as_ref().map_or_else(|| Typed::new(&found.label()), Typed::of);
    form(request, desk, found.vendor(), found, typed, Problems::default())
}

/// Keeps what the form of such a connection says. Of one that is or was on that holds at once, so that it is sent to another path then.
pub async fn edit(
    request: &HttpRequest,
    desk: Desk,
    found: Found,
    form_sent: Uploaded,
    while_on: bool,
) -> Result<HttpResponse, Failure> {
    let typed = Typed::sent(form_sent.fields());
    let was_on = found.connection.as_ref().is_some_and(|known| known.status != ConnectionStatus::Draft);
    if was_on && !while_on {
        let problem = page::language(request).texts().t("connection-is-on-now");
        let vendor = found.vendor();
        return form(request, desk, vendor, &found, typed, Problems::one("label", problem));
    }
    let vendor = found.vendor();
    save(request, desk, vendor, found, typed, &form_sent).await
}

/// Why nothing was kept.
enum Stop {
    Founding(FoundingError),
    Trust(TrustError),
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Trust(error.into())
    }
}

impl From<TrustError> for Stop {
    fn from(error: TrustError) -> Self {
        Self::Trust(error)
    }
}

async fn save(
    request: &HttpRequest,
    desk: Desk,
    vendor: &'static Vendor,
    found: Found,
    typed: Typed,
    form_sent: &Uploaded,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let sent = Sent { gateway, texts: page::language(request).texts(), typed: &typed, form: form_sent };
    let known = found.connection.as_ref();
    let ground = Ground { parent: desk.parent.id, slug: &found.slug, oidc: vendor.oidc, known };
    let wanted = match sent.connection(&ground).await {
        Ok(wanted) => wanted,
        Err(problems) => return form(request, desk, vendor, &found, typed, problems),
    };
    let setup = found.setup.clone().unwrap_or_else(|| setup(request, &desk, vendor, &found.slug, &wanted.label));
    let (seen, is_new) = (form_sent.field("seen").to_owned(), known.is_none());
    let knows = form_sent.field("confirm") == found.slug.as_str();
    let at = desk.at.clone();
    let written = desk.change(request, move |tx, context| {
        if let At::Guest(link) = at {
            trust::check_link(tx, context, link, &setup.slug)?;
        }
        write(tx, context, &wanted, &setup, is_new.then_some(()), &seen, knows)
    });
    let slug = found.slug.as_str();
    match written.await {
        Ok(()) => {
            let told = Flash::new("flash-connection-saved", &[("label", &typed.label)]);
            Ok(desk.to(request, &desk.connection(slug), Some(told)))
        }
        Err(Stop::Founding(error)) => not_founded(request, desk, vendor, found, typed, error),
        Err(Stop::Trust(error)) => not_changed(request, desk, &found, typed, error),
    }
}

fn write(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    wanted: &Connection,
    setup: &ConnectionSetup,
    is_new: Option<()>,
    seen: &str,
    knows: bool,
) -> Result<(), Stop> {
    match is_new {
        Some(()) => founding::connection(tx, context, wanted, setup).map_err(Stop::Founding),
        None => Ok(trust::change(tx, context, wanted, seen, knows).map(drop)?),
    }
}

fn not_changed(
    request: &HttpRequest,
    desk: Desk,
    found: &Found,
    typed: Typed,
    error: TrustError,
) -> Result<HttpResponse, Failure> {
    let texts = page::language(request).texts();
    let problem = match error {
        TrustError::Db(error) => return Err(error.into()),
        TrustError::Gone => return Err(Failure::NotFound),
        TrustError::LinkEnded => return Ok(page::see_other(&format!("{}?sent=1", session::ENDED), &[])),
        TrustError::Moved => Problems::one("label", texts.t("connection-moved")),
        TrustError::Last(slug) => Problems::one("confirm", texts.with("connection-type-name", "slug", &slug)),
        TrustError::Estranges(slug) => Problems::one("confirm", texts.with("change-estranges-type", "slug", &slug)),
        TrustError::NotGoverning(first) => Problems::one("label", texts.with("not-governing", "organization", &first)),
        TrustError::OtherIdentityProvider(_) => Problems::one("label", texts.t("other-identity-provider")),
        TrustError::NotADraft(_) => Problems::one("label", texts.t("connection-is-on-now")),
        TrustError::Untested(_) | TrustError::TestTooOld(_) | TrustError::OtherParent(..) | TrustError::Same(_) => {
            return Err(Failure::BadRequest("no form of ours asks for that"));
        }
    };
    // As it is by now, with what was typed: nothing of it is lost, and what is sent next is about what is shown.
    let slug = found.slug.clone();
    let now = session::gateway(request).db.read(|tx| desk.find(tx, &slug))?.ok_or(Failure::NotFound)?;
    form_with(request, desk, now.vendor(), &now, typed, problem, StatusCode::CONFLICT)
}

fn form(
    request: &HttpRequest,
    desk: Desk,
    vendor: &'static Vendor,
    found: &Found,
    typed: Typed,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    form_with(request, desk, vendor, found, typed, problems, status)
}

fn form_with(
    request: &HttpRequest,
    desk: Desk,
    vendor: &'static Vendor,
    found: &Found,
    typed: Typed,
    problems: Problems,
    status: StatusCode,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let (base, frame) = (gateway.config.server.base(), Frame::of(request));
    let known = found.connection.as_ref();
    let is_active = known.is_some_and(|known| known.status == ConnectionStatus::Active);
    let is_new = known.is_none() && found.setup.is_none();
    let (is_last, concerned, tests, domains) = gateway.db.read(|tx| -> Result<_, DbError> {
        let is_last = match known {
            Some(known) => trust::is_last_active(tx, known)?,
            None => false,
        };
        let concerned = if is_active { trust::concerned(tx, desk.parent.id)? } else { Vec::new() };
        let tests = match known {
            Some(known) if desk.is_guests() => connection::tests(tx, &desk, known)?,
            Some(_) | None => Vec::new(),
        };
        let domains = if desk.is_guests() { store::domains::of_parent(tx, desk.parent.id)? } else { Vec::new() };
        Ok((is_last, concerned, tests, domains))
    })?;
    let here = desk.connection(found.slug.as_str());
    let was_on = known.is_some_and(|known| known.status != ConnectionStatus::Draft);
    let action = match (&desk.at, is_new, was_on) {
        (At::Guest(_), ..) => here,
        (_, true, _) => desk.add(),
        (_, false, true) => format!("{here}/change"),
        (_, false, false) => format!("{here}/edit"),
    };
    let page = FormPage {
        chosen: vendor_line(vendor),
        path: vendor.path.to_owned(),
        ours: values(vendor, base, &found.slug),
        also: vendor.also.iter().map(|text| (*text).to_owned()).collect(),
        gives: vendor.gives.to_owned(),
        slug: found.slug.to_string(),
        is_new,
        action,
        theirs: known.map(|known| theirs(known, frame.texts)).unwrap_or_default(),
        seen: known.map(trust::mark).unwrap_or_default(),
        is_active,
        was_on,
        is_last,
        concerned,
        typed,
        tested: known.and_then(|known| known.tested).map(When),
        tests,
        domains: cards(frame.texts, &domains),
        problems,
        desk: desk.clone(),
        frame,
    };
    desk.page(status, &page)
}

/// Our values under the labels of an identity provider's console.
pub(super) fn values(vendor: &Vendor, base: &str, slug: &Slug) -> Vec<(String, String)> {
    vendor.ours.iter().map(|(label, ours)| ((*label).to_owned(), value(*ours, base, slug))).collect()
}

fn value(ours: Ours, base: &str, slug: &Slug) -> String {
    let names = OurNames::new(base, slug.as_str());
    let us = names.service_provider();
    match ours {
        Ours::AcsUrl => us.acs_url.to_owned(),
        Ours::AcsPattern => format!("^{}$", us.acs_url.replace('/', "\\/").replace('.', "\\.")),
        Ours::EntityId => us.entity_id.to_owned(),
        Ours::RedirectUri => format!("{base}/oidc/{slug}/callback"),
        Ours::BackchannelUri => format!("{base}/oidc/{slug}/backchannel-logout"),
        Ours::PostLogoutUri => format!("{base}/signed-out"),
        Ours::InitiateUri => format!("{base}/sign-in/{slug}"),
    }
}

/// A slug that nobody has: the parent's and the identity provider's, with a number if need be; where many have those, with a tail that
/// nobody foresees.
fn free_slug(gateway: &Gateway, desk: &Desk, vendor: &Vendor) -> Result<Slug, Failure> {
    let begin: String = desk.parent.slug.as_str().chars().take(40).collect();
    let random = || secrets::public_id("-").chars().take(9).collect();
    let numbered = (1..10).map(|number| if number == 1 { String::new() } else { format!("-{number}") });
    for tail in numbered.chain(std::iter::repeat_with(random).take(3)) {
        let Ok(slug) = Slug::parse(&format!("{begin}-{}{tail}", vendor.key)) else { break };
        let taken = gateway.db.read(|tx| -> Result<bool, DbError> {
            let known = store::connections::by_slug(tx, &slug)?.is_some();
            Ok(known || store::connection_setups::find(tx, &slug)?.is_some())
        })?;
        if !taken {
            return Ok(slug);
        }
    }
    Err(Failure::Internal("no slug is free".to_owned()))
}
