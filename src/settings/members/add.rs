use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::list;
use super::place::{Choice, seat_choices};
use crate::identity::EmailAddress;
use crate::membership::{self, ByHandError, NewMember, Place};
use crate::organization::FreeSeats;
use crate::product::{Permission, Product, RoleKey, SeatTypeKey};
use crate::provisioning::{Act, Authority, may_by_hand};
use crate::secrets;
use crate::session::{self, Admin};
use crate::settings::change::{change, hand};
use crate::settings::frame::Nav;
use crate::settings::overview;
use crate::settings::problems::{self, Problems};
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// Somebody becomes a member by hand.
#[derive(Template)]
#[template(path = "settings/member_add.html")]
pub struct AddPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The text key of how people become members otherwise.
    pub how: &'static str,
    /// The address, as typed.
    pub email: String,
    /// The name, as typed.
    pub name: String,
    /// Roles that this admin may give.
    pub roles: Vec<Choice>,
    /// Seat types; empty where the product has none.
    pub seats: Vec<Choice>,
    /// Mappings rule, so what is given by hand is a pin.
    pub pins: bool,
    /// The end of the pin, as typed.
    pub until: String,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// What was sent, to be shown again.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    email: String,
    name: String,
    role: Option<String>,
    seat: Option<String>,
    until: String,
}

/// `GET /admin/{organization}/members/add?email=`
pub async fn show(request: HttpRequest, typed: Query<Typed>) -> Result<HttpResponse, Failure> {
    form(&request, typed.into_inner(), Problems::default())
}

/// `POST /admin/{organization}/members/add`
pub async fn add(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?;
    let texts = page::language(&request).texts();
    let text = |name: &str| posted.field(name).chars().take(254).collect::<String>();
    let typed = Typed {
        email: text("email"),
        name: text("name"),
        role: Some(text("role")),
        seat: Some(text("seat")),
        until: text("until"),
    };
    let mut problems = Problems::default();
    let email = EmailAddress::parse(&typed.email);
    if email.is_err() {
        problems.0.push(("email", texts.t("email-invalid").into_owned()));
    }
    let until = problems::until(&typed.until, gateway.now(), texts);
    if let Err(wrong) = &until {
        problems.0.extend(wrong.0.clone());
    }
    let (Ok(email), Ok(until)) = (email, until) else { return form(&request, typed, problems) };
    let seat = typed.seat.as_deref().filter(|seat| !seat.is_empty()).map(SeatTypeKey::new);
    let role = RoleKey::new(typed.role.as_deref().unwrap_or_default());
    let new = NewMember {
        email,
        name: Some(typed.name.clone()).filter(|name| !name.is_empty()),
        place: Place { role, seat, until },
        new_public_id: secrets::public_id("p-"),
    };
    let (hand, organization, wanted) = (hand(&admin, &posted), admin.organization.clone(), new.clone());
    let added = change(&request, &admin, move |tx, context| -> Result<_, ByHandError> {
        let id = membership::add(tx, context, hand, &organization, &wanted)?;
        Ok(store::people::by_id(tx, id)?.map(|person| person.public_id))
    });
    match added.await {
        Ok(public_id) => {
            let flash = Flash::new("flash-added", &[("email", new.email.as_str())]).cookie(&request);
            Ok(page::see_other(&super::path(&admin, &public_id.unwrap_or_default()), &[flash]))
        }
        Err(error) => form(&request, typed, Problems::by_hand(error, product, texts)?),
    }
}

fn form(request: &HttpRequest, typed: Typed, problems: Problems) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let product = overview::product(request, &admin.organization)?;
    let frame = Frame::of(request);
    let counts = gateway.db.read(|tx| store::seats::counts(tx, admin.organization.id))?;
    let highest = FreeSeats::of(product, &counts).highest().map_or_else(String::new, ToString::to_string);
    let seat = typed.seat.unwrap_or(highest);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AddPage {
        nav: Nav::of(request, &admin, "nav-members")?,
        how: list::how(&admin),
        email: typed.email,
        name: typed.name,
        roles: roles(&admin, product, typed.role.as_deref()),
        seats: if product.has_seats() { seat_choices(product, &counts, &seat, &frame) } else { Vec::new() },
        pins: admin.organization.mode.has_group_mappings(),
        until: typed.until,
        problems,
        frame,
    };
    page::html(status, &page, &[])
}

fn roles(admin: &Admin, product: &Product, typed: Option<&str>) -> Vec<Choice> {
    let authority = if admin.may(Permission::Identity) { Authority::Identity } else { Authority::Members };
    let chosen = typed.unwrap_or(product.default_role().as_str());
    let open = product.roles().iter().filter(|role| may_by_hand(product, authority, Act::Add(&role.key)));
    open.map(|role| Choice {
        value: role.key.to_string(),
        label: role.label.clone(),
        free: None,
        chosen: role.key.as_str() == chosen,
    })
    .collect()
}
