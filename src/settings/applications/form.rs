use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use url::Url;

use crate::audit::{Event, Thing};
use crate::db::DbError;
use crate::ids::{ApplicationId, Slug};
use crate::membership::Context;
use crate::organization::{Application, HeaderPreset, Organization};
use crate::product::Product;
use crate::secrets;
use crate::session::{self, Admin};
use crate::settings::change::change;
use crate::settings::frame::Nav;
use crate::settings::overview;
use crate::settings::problems::Problems;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// An application is added or changed.
#[derive(Template)]
#[template(path = "settings/application_form.html")]
pub struct ApplicationFormPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// It is there already: its slug stays.
    pub known: bool,
    /// Where to go instead.
    pub back: String,
    /// What was typed.
    pub typed: Typed,
    /// The roles of the product, and whether each is ticked.
    pub roles: Vec<Tick>,
    /// The seat types; empty where the product has none.
    pub seats: Vec<Tick>,
    /// Value, text key of name and explanation, and whether it is chosen.
    pub presets: Vec<(&'static str, &'static str, bool)>,
    /// So many people lose access by what was sent: it is to be said once more.
    pub losing: u64,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// Something to tick.
pub struct Tick {
    /// The field's name.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// It is ticked.
    pub on: bool,
}

/// What was typed, or what is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The name.
    pub name: String,
    /// The slug.
    pub slug: String,
    /// The address.
    pub url: String,
    /// Only some roles may enter.
    pub some_roles: bool,
    /// Keys of the roles that are ticked.
    pub roles: Vec<String>,
    /// Only some seat types may enter.
    pub some_seats: bool,
    /// Keys of the seat types that are ticked.
    pub seats: Vec<String>,
    /// The header preset's word.
    pub headers: String,
    /// The mark of the settings that the form was filled from.
    pub seen: String,
    /// How many people's loss was agreed to.
    pub agreed: String,
}

/// The text key of a header preset.
pub(super) fn headers_key(preset: HeaderPreset) -> &'static str {
    match preset {
        HeaderPreset::Usher => "headers-usher",
        HeaderPreset::OauthProxy => "headers-oauth2-proxy",
        HeaderPreset::Authentik => "headers-authentik",
    }
}

/// Tells settings apart: of two admins who save at once, the second is shown what the first has done.
fn mark(application: &Application) -> String {
    let [a, b, c, d, ..] = secrets::sha256(format!("{application:?}").as_bytes());
    format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
}

impl Typed {
    fn of(application: &Application) -> Self {
        Self {
            name: application.name.clone(),
            slug: application.slug.to_string(),
            url: application.url.clone(),
            some_roles: !application.roles.is_empty(),
            roles: application.roles.iter().map(ToString::to_string).collect(),
            some_seats: !application.seats.is_empty(),
            seats: application.seats.iter().map(ToString::to_string).collect(),
            headers: application.headers.as_str().to_owned(),
            seen: mark(application),
            agreed: String::new(),
        }
    }

    fn sent(posted: &Posted, product: &Product) -> Self {
        let text = |name: &str, most: usize| posted.field(name).chars().take(most).collect::<String>();
        let ticked = |kind: &str, key: &str| !posted.field(&format!("{kind}-{key}")).is_empty();
        let roles = product.roles().iter().map(|role| role.key.to_string()).filter(|key| ticked("role", key));
        let seats = product.seat_types().iter().map(|seat| seat.key.to_string()).filter(|key| ticked("seat", key));
        Self {
            name: text("name", 100),
            slug: text("slug", 64),
            url: text("url", 1000),
            some_roles: posted.field("roles") == "some",
            roles: roles.collect(),
            some_seats: posted.field("seats") == "some",
            seats: seats.collect(),
            headers: text("headers", 30),
            seen: text("seen", 20),
            agreed: text("agreed", 20),
        }
    }

    /// As settings, with the origin; or everything that is wrong.
    fn read(
        &self,
        organization: &Organization,
        product: &Product,
        own: &Url,
        texts: Texts,
    ) -> Result<(Application, String), Problems> {
        let mut problems = Problems::default();
        let mut wrong = |field: &'static str, key: &str| problems.0.push((field, texts.t(key).into_owned()));
        if self.name.is_empty() || self.name.chars().any(char::is_control) {
            wrong("name", "problem-app-name");
        }
        let slug = Slug::parse(&self.slug).ok();
        if slug.is_none() {
            wrong("slug", "problem-app-slug");
        }
        let origin = Application::origin(&self.url);
        match &origin {
            None => wrong("url", "problem-app-url"),
            // Whoever is sent back here after signing in would be sent in a circle.
            Some(origin) if *origin == own.origin().ascii_serialization() => wrong("url", "problem-app-url-ours"),
            Some(_) => {}
        }
        // An empty list lets everybody in; that has to be meant.
        if self.some_roles && self.roles.is_empty() {
            wrong("roles", "problem-app-no-role");
        }
        if self.some_seats && self.seats.is_empty() {
            wrong("seats", "problem-app-no-seat");
        }
        let headers = HeaderPreset::parse(&self.headers);
        if headers.is_none() {
            wrong("headers", "problem-app-headers");
        }
        let (Some(slug), Some(origin), Some(headers), true) = (slug, origin, headers, problems.is_empty()) else {
            return Err(problems);
        };
        let roles = product.roles().iter().map(|role| role.key.clone());
        let seats = product.seat_types().iter().map(|seat| seat.key.clone());
        let application = Application {
            id: ApplicationId(0),
            organization: organization.id,
            slug,
            name: self.name.clone(),
            url: self.url.clone(),
            roles: roles.filter(|key| self.some_roles && self.roles.iter().any(|on| on == key.as_str())).collect(),
            seats: seats.filter(|key| self.some_seats && self.seats.iter().any(|on| on == key.as_str())).collect(),
            headers,
        };
        Ok((application, origin))
    }
}

/// Why nothing was written.
enum Stop {
    Wrong(&'static str, &'static str),
    Loses(u64),
    Gone,
    Db(DbError),
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// `GET /admin/{organization}/applications/add`
pub async fn show_add(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let typed = Typed { headers: HeaderPreset::default().as_str().to_owned(), ..Typed::default() };
    page_of(&request, None, typed, 0, Problems::default())
}

/// `GET /admin/{organization}/applications/{application}/edit`
pub async fn show_edit(request: HttpRequest, at: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let known = super::find(&request, &Admin::of(&request)?, &at.1)?;
    page_of(&request, Some(&known), Typed::of(&known), 0, Problems::default())
}

/// `POST /admin/{organization}/applications/add`
pub async fn add(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    save(&request, None, &posted).await
}

/// `POST /admin/{organization}/applications/{application}/edit`
pub async fn edit(request: HttpRequest, at: Path<(String, String)>, posted: Posted) -> Result<HttpResponse, Failure> {
    let known = super::find(&request, &Admin::of(&request)?, &at.1)?;
    save(&request, Some(&known), &posted).await
}

async fn save(request: &HttpRequest, known: Option<&Application>, posted: &Posted) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let product = overview::product(request, &admin.organization)?.clone();
    let texts = page::language(request).texts();
    let mut typed = Typed::sent(posted, &product);
    if let Some(known) = known {
        typed.slug = known.slug.to_string();
    }
    let own = &gateway.config.server.public_url;
    let (after, origin) = match typed.read(&admin.organization, &product, own, texts) {
        Ok(read) => read,
        Err(problems) => return page_of(request, known, typed, 0, problems),
    };
    let (organization, is_new, wanted, sent) =
        (admin.organization.clone(), known.is_none(), after.clone(), typed.clone());
    let saved = change(request, &admin, move |tx, context| {
        let slug = &wanted.slug;
        let before = store::applications::by_slug(tx, organization.id, slug)?;
        let holder = store::applications::by_origin(tx, &origin)?;
        if holder.is_some_and(|holder| before.as_ref().is_none_or(|before| before.id != holder.id)) {
            return Err(Stop::Wrong("url", "problem-app-url-taken"));
        }
        match before {
            Some(_) if is_new => Err(Stop::Wrong("slug", "problem-app-slug-taken")),
            None if !is_new => Err(Stop::Gone),
            None => write_new(tx, context, &organization, &wanted, &origin).map(|()| true),
            Some(before) => write_changed(tx, context, &organization, &product, (&before, &wanted), &origin, &sent),
        }
    });
    let key = match saved.await {
        Ok(true) => "flash-app-saved",
        Ok(false) => "flash-nothing",
        Err(Stop::Wrong(field, key)) => return page_of(request, known, typed, 0, Problems::one(field, texts.t(key))),
        Err(Stop::Loses(losing)) => {
            let problem = Problems::one("agreed", texts.count("app-loses", losing));
            return page_of(request, known, typed, losing, problem);
        }
        Err(Stop::Gone) => return Err(Failure::NotFound),
        Err(Stop::Db(error)) => return Err(error.into()),
    };
    let flash = Flash::new(key, &[("name", after.name.as_str())]).cookie(request);
    Ok(page::see_other(&super::path(&admin, &after), &[flash]))
}

fn write_new(
    tx: &mut dyn crate::db::Tx,
    context: &Context<'_>,
    organization: &Organization,
    wanted: &Application,
    origin: &str,
) -> Result<(), Stop> {
    store::applications::add(tx, wanted, origin)?;
    let name = wanted.slug.to_string();
    let event = Event::Added { thing: Thing::Application, name, after: wanted.url.clone() };
    Ok(context.record(tx, Some(organization.parent), Some(organization.id), event)?)
}

/// Returns whether there was something to change.
fn write_changed(
    tx: &mut dyn crate::db::Tx,
    context: &Context<'_>,
    organization: &Organization,
    product: &Product,
    (before, wanted): (&Application, &Application),
    origin: &str,
    typed: &Typed,
) -> Result<bool, Stop> {
    let after = Application { id: before.id, ..wanted.clone() };
    if *before == after {
        return Ok(false);
    }
    if typed.seen != mark(before) {
        return Err(Stop::Wrong("seen", "problem-app-moved"));
    }
    let (_, losing) = super::entrants(tx, product, before, Some(&after))?;
    if losing > 0 && typed.agreed != losing.to_string() {
        return Err(Stop::Loses(losing));
    }
    store::applications::update(tx, &after, origin)?;
    let (was, is) = differences(before, &after);
    let event = Event::Changed { thing: Thing::Application, name: after.slug.to_string(), before: was, after: is };
    context.record(tx, Some(organization.parent), Some(organization.id), event)?;
    Ok(true)
}

/// Both sides of what differs, for the audit log.
fn differences(before: &Application, after: &Application) -> (String, String) {
    let told = |application: &Application| {
        let list = |keys: Vec<String>| if keys.is_empty() { "all".to_owned() } else { keys.join(", ") };
        [
            ("name", application.name.clone()),
            ("url", application.url.clone()),
            ("roles", list(application.roles.iter().map(ToString::to_string).collect())),
            ("seats", list(application.seats.iter().map(ToString::to_string).collect())),
            ("headers", application.headers.as_str().to_owned()),
        ]
    };
    let (was, is) = (told(before), told(after));
    let side = |one: &[(&str, String); 5], other: &[(&str, String); 5]| {
        let differing = one.iter().zip(other).filter(|(one, other)| one != other);
        differing.map(|((name, value), _)| format!("{name} {value}")).collect::<Vec<_>>().join("; ")
    };
    (side(&was, &is), side(&is, &was))
}

fn page_of(
    request: &HttpRequest,
    known: Option<&Application>,
    typed: Typed,
    losing: u64,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(request)?;
    let product = overview::product(request, &admin.organization)?;
    let (mut typed, all) = (typed, format!("/admin/{}/applications", admin.organization.slug));
    // Somebody else has saved, and that is said now: from here on it has been seen.
    if let Some(known) = known.filter(|_| problems.of("seen").is_some()) {
        typed.seen = mark(known);
    }
    let tick = |kind: &str, key: &str, label: &str, ticked: &[String]| Tick {
        name: format!("{kind}-{key}"),
        label: label.to_owned(),
        on: ticked.iter().any(|on| on == key),
    };
    let roles = product.roles().iter().map(|role| tick("role", role.key.as_str(), &role.label, &typed.roles));
    let seats = product.seat_types().iter().map(|seat| tick("seat", seat.key.as_str(), &seat.label, &typed.seats));
    let preset = |preset: HeaderPreset| (preset.as_str(), headers_key(preset), preset.as_str() == typed.headers);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ApplicationFormPage {
        frame: Frame::of(request),
        nav: Nav::of(request, &admin, "nav-applications")?,
        known: known.is_some(),
        back: known.map_or(all, |known| super::path(&admin, known)),
        roles: roles.collect(),
        seats: seats.collect(),
        presets: HeaderPreset::ALL.map(preset).into(),
        typed,
        losing,
        problems,
    };
    page::html(status, &page, &[])
}
