use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::person::standing;
use crate::audit::Pinned;
use crate::db::DbError;
use crate::membership::{self, ByHandError};
use crate::organization::{Member, SeatCount};
use crate::product::{Product, RoleKey, SeatTypeKey};
use crate::session::{self, Admin};
use crate::settings::change::{change, hand};
use crate::settings::frame::Nav;
use crate::settings::overview;
use crate::settings::problems::{self, Problems};
use crate::settings::words::{self, Told};
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// Another role or seat for somebody.
#[derive(Template)]
#[template(path = "settings/place.html")]
pub struct PlacePage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The person's page.
    pub back: String,
    /// The person's address.
    pub email: String,
    /// It is about the seat, else about the role.
    pub seat: bool,
    /// Where the present value comes from.
    pub origin: Vec<Told>,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// Mappings rule it, so a value by hand is a pin.
    pub pins: bool,
    /// It is pinned now.
    pub pinned: bool,
    /// The end of the pin, as typed.
    pub until: String,
    /// Nobody else could configure the organization: its name is to be typed.
    pub confirm: bool,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

impl PlacePage {
    /// The name of the field, its id and its text key.
    fn field(&self) -> &'static str {
        if self.seat { "seat" } else { "role" }
    }
}

/// A role or seat type to choose.
pub struct Choice {
    /// Its key; empty for no seat.
    pub value: String,
    /// Its name.
    pub label: String,
    /// How many are free, where it is a seat type.
    pub free: Option<u64>,
    /// It is chosen.
    pub chosen: bool,
}

/// `GET /admin/{organization}/members/{person}/role`
pub async fn role(request: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    show(&request, &path.1, Pinned::Role, Typed::default(), Problems::default())
}

/// `GET /admin/{organization}/members/{person}/seat`
pub async fn seat(request: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    show(&request, &path.1, Pinned::Seat, Typed::default(), Problems::default())
}

/// `POST /admin/{organization}/members/{person}/role`
pub async fn set_role(
    request: HttpRequest,
    path: Path<(String, String)>,
    form: Posted,
) -> Result<HttpResponse, Failure> {
    set(&request, &path.1, Pinned::Role, &form).await
}

/// `POST /admin/{organization}/members/{person}/seat`
pub async fn set_seat(
    request: HttpRequest,
    path: Path<(String, String)>,
    form: Posted,
) -> Result<HttpResponse, Failure> {
    set(&request, &path.1, Pinned::Seat, &form).await
}

/// What was sent, to be shown again.
#[derive(Default)]
struct Typed {
    value: Option<String>,
    until: String,
}

async fn set(request: &HttpRequest, public_id: &str, what: Pinned, form: &Posted) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let product = overview::product(request, &admin.organization)?;
    let line = super::find(request, &admin, public_id)?;
    let texts = page::language(request).texts();
    let field = if what == Pinned::Role { "role" } else { "seat" };
    let (value, off) = (form.field(field).to_owned(), form.field("pin") == "off");
    let typed = Typed { value: Some(value.clone()), until: form.field("until").to_owned() };
    let until = match problems::until(&typed.until, gateway.now(), texts) {
        Ok(until) => until,
        Err(problems) => return show(request, public_id, what, typed, problems),
    };
    let (hand, organization, person) = (hand(&admin, form), admin.organization.clone(), line.person.id);
    let done = change(request, &admin, move |tx, context| -> Result<bool, ByHandError> {
        let role = RoleKey::new(value.as_str());
        let seat = (!value.is_empty()).then(|| SeatTypeKey::new(value.as_str()));
        match (off, what) {
            (true, _) => membership::unpin(tx, context, hand, &organization, person, what),
            (false, Pinned::Role) => membership::set_role(tx, context, hand, &organization, person, (&role, until)),
            (false, Pinned::Seat) => {
                membership::set_seat(tx, context, hand, &organization, person, (seat.as_ref(), until))
            }
        }
    });
    let key = match done.await {
        Ok(true) if off => "flash-unpinned",
        Ok(true) if what == Pinned::Role => "flash-role",
        Ok(true) => "flash-seat",
        Ok(false) => "flash-nothing",
        Err(error) => return show(request, public_id, what, typed, Problems::by_hand(error, product, texts)?),
    };
    let flash = Flash::new(key, &[("email", line.person.email.as_str())]).cookie(request);
    Ok(page::see_other(&super::path(&admin, public_id), &[flash]))
}

fn show(
    request: &HttpRequest,
    public_id: &str,
    what: Pinned,
    typed: Typed,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let product = overview::product(request, &admin.organization)?;
    let line = super::find(request, &admin, public_id)?;
    let member = standing(&line).ok_or(Failure::NotFound)?;
    if what == Pinned::Seat && !product.has_seats() {
        return Err(Failure::NotFound);
    }
    let (frame, now) = (Frame::of(request), gateway.now());
    let (source, pin) = match what {
        Pinned::Role => (&member.role_source, member.role_pin.as_ref()),
        Pinned::Seat => (&member.seat_source, member.seat_pin.as_ref()),
    };
    let pinned = pin.is_some_and(|pin| pin.holds(now));
    let (origin, last, counts) = gateway.db.read(|tx| -> Result<_, DbError> {
        let context = crate::membership::Context {
            now,
            catalog: &gateway.config.catalog,
            actor: crate::settings::change::actor(&admin),
            from: None,
            incident: None,
        };
        let last = membership::is_last_with_identity(tx, &context, &admin.organization, member)?;
        let origin = words::origin(tx, admin.organization.parent, source, pin, frame.texts, now)?;
        Ok((origin, last, store::seats::counts(tx, admin.organization.id)?))
    })?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = PlacePage {
        nav: Nav::of(request, &admin, "nav-members")?,
        back: super::path(&admin, public_id),
        email: line.person.email.to_string(),
        seat: what == Pinned::Seat,
        origin,
        choices: choices(product, what, member, &counts, &typed, &frame),
        pins: admin.organization.mode.has_group_mappings(),
        pinned,
        until: typed.until,
        confirm: what == Pinned::Role && last,
        problems,
        frame,
    };
    page::html(status, &page, &[])
}

fn choices(
    product: &Product,
    what: Pinned,
    member: &Member,
    counts: &[SeatCount],
    typed: &Typed,
    frame: &Frame,
) -> Vec<Choice> {
    let present = match what {
        Pinned::Role => member.role.to_string(),
        Pinned::Seat => member.seat.as_ref().map_or_else(String::new, ToString::to_string),
    };
    let chosen = typed.value.clone().unwrap_or(present);
    match what {
        Pinned::Role => product
            .roles()
            .iter()
            .map(|role| Choice {
                value: role.key.to_string(),
                label: role.label.clone(),
                free: None,
                chosen: role.key.as_str() == chosen,
            })
            .collect(),
        Pinned::Seat => seat_choices(product, counts, &chosen, frame),
    }
}

/// Every seat type with how many are free, and none.
pub(super) fn seat_choices(product: &Product, counts: &[SeatCount], chosen: &str, frame: &Frame) -> Vec<Choice> {
    let free = |key: &SeatTypeKey| counts.iter().find(|count| count.seat_type == *key).map_or(0, SeatCount::free);
    let mut choices: Vec<Choice> = product
        .seat_types()
        .iter()
        .map(|seat| Choice {
            value: seat.key.to_string(),
            label: seat.label.clone(),
            free: Some(u64::from(free(&seat.key))),
            chosen: seat.key.as_str() == chosen,
        })
        .collect();
    choices.push(Choice {
        value: String::new(),
        label: frame.texts.t("no-seat-choice").into_owned(),
        free: None,
        chosen: chosen.is_empty(),
    });
    choices
}
