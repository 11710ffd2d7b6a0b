use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::change::change;
use super::frame::{Nav, When};
use super::overview;
use super::problems::Problems;
use super::words;
use crate::db::DbError;
use crate::membership::{self, BuyError};
use crate::product::{Permission, SeatTypeKey};
use crate::session::{self, Admin};
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// How many of those who wait are shown.
const SHOWN: u32 = 100;

/// Seats, and who waits for one (rules B23, B24, B36).
#[derive(Template)]
#[template(path = "settings/billing.html")]
pub struct BillingPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The seats by type, highest first; none for a product without (rule B2).
    pub seats: Vec<SeatForm>,
    /// The queue, first come first.
    pub queue: Vec<Waits>,
    /// How many wait beyond those shown.
    pub more: u64,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// The seats of one type, to be changed.
pub struct SeatForm {
    /// Names it in the form.
    pub key: String,
    /// Its name.
    pub label: String,
    /// Bought.
    pub bought: u32,
    /// What was typed, or what is bought.
    pub wanted: String,
    /// Held by members.
    pub used: u32,
    /// Held by nobody.
    pub free: u32,
    /// How many wait for this type.
    pub waiting: u64,
    /// What was sent is about this type.
    pub is_wrong: bool,
}

/// Somebody who waits.
pub struct Waits {
    /// Their page, where this admin may see it.
    pub href: Option<String>,
    /// Their address.
    pub email: String,
    /// Since when.
    pub since: When,
    /// For what.
    pub seat: String,
    /// The role to come.
    pub role: String,
}

/// `GET /admin/{organization}/billing`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    form(&request, ("", ""), Problems::default())
}

/// `POST /admin/{organization}/billing`: buys or gives back seats of one type. Who waits is admitted at once.
pub async fn buy(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let product = overview::product(&request, &admin.organization)?;
    let texts = page::language(&request).texts();
    let (key, wanted) = (posted.field("seat").to_owned(), posted.field("bought").to_owned());
    let seat = SeatTypeKey::new(key.as_str());
    let label = words::seat(product, &seat);
    /// More than anybody buys; a slip of the finger, or worse.
    const MOST: u32 = 10_000_000;
    let read = |text: &str| text.parse::<u32>().ok().filter(|count| *count <= MOST);
    let (Some(count), Some(seen)) = (read(&wanted), read(posted.field("seen"))) else {
        return form(&request, (&key, &wanted), Problems::one("bought", texts.t("problem-count")));
    };
    let organization = admin.organization.clone();
    let bought = change(&request, &admin, move |tx, context| {
        membership::buy_seats(tx, context, &organization, &seat, (seen, count))
    });
    let problem = match bought.await {
        Ok(done) if done.before == done.after => {
            return back(&request, &admin, &Flash::new("flash-nothing", &[]));
        }
        Ok(done) => {
            let (after, admitted) = (done.after.to_string(), done.admitted.to_string());
            let values = [("seat", label.as_str()), ("count", after.as_str()), ("admitted", admitted.as_str())];
            let key = if done.admitted > 0 { "flash-bought-admitted" } else { "flash-bought" };
            return back(&request, &admin, &Flash::new(key, &values));
        }
        Err(BuyError::Held { used }) => texts.with("problem-seats-held", "used", &used.to_string()).into_owned(),
        Err(BuyError::Moved { now }) => texts.with("problem-seats-moved", "now", &now.to_string()).into_owned(),
        Err(BuyError::NoSuchSeat(_)) => return Err(Failure::BadRequest("no such seat type")),
        Err(BuyError::Db(error)) => return Err(error.into()),
    };
    form(&request, (&key, &wanted), Problems::one("bought", problem))
}

fn back(request: &HttpRequest, admin: &Admin, flash: &Flash) -> Result<HttpResponse, Failure> {
    Ok(page::see_other(&format!("/admin/{}/billing", admin.organization.slug), &[flash.cookie(request)]))
}

fn form(request: &HttpRequest, (key, wanted): (&str, &str), problems: Problems) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let (organization, frame) = (&admin.organization, Frame::of(request));
    let product = overview::product(request, organization)?;
    let (counts, waiting, people, by_type) = gateway.db.read(|tx| -> Result<_, DbError> {
        let waiting = store::waiting::first(tx, organization.id, SHOWN)?;
        let mut people = Vec::new();
        for place in &waiting {
            people.push(store::people::by_id(tx, place.person)?);
        }
        let by_type = store::waiting::by_type(tx, organization.id)?;
        Ok((store::seats::counts(tx, organization.id)?, waiting, people, by_type))
    })?;
    let wrong = |seat: &str| !problems.is_empty() && seat == key;
    let seats = product.seat_types().iter().map(|seat| {
        let count = counts.iter().find(|count| count.seat_type == seat.key);
        let (bought, used, free) = count.map_or((0, 0, 0), |count| (count.bought, count.used, count.free()));
        let is_wrong = wrong(seat.key.as_str());
        SeatForm {
            key: seat.key.to_string(),
            label: seat.label.clone(),
            bought,
            wanted: if is_wrong { wanted.chars().take(20).collect() } else { bought.to_string() },
            used,
            free,
            waiting: by_type.iter().filter(|(of, _)| of.as_ref() == Some(&seat.key)).map(|(_, count)| count).sum(),
            is_wrong,
        }
    });
    let sees_people = admin.may(Permission::Members);
    let queue = waiting.iter().zip(people).filter_map(|(place, person)| {
        let person = person?;
        let href = format!("/admin/{}/members/{}", organization.slug, person.public_id);
        let any = || frame.texts.t("any-seat").into_owned();
        Some(Waits {
            href: sees_people.then_some(href),
            email: person.email.to_string(),
            since: When(place.since),
            seat: place.seat.as_ref().map_or_else(any, |seat| words::seat(product, seat)),
            role: words::role(product, &place.role),
        })
    });
    let page = BillingPage {
        nav: Nav::of(request, &admin, "nav-billing")?,
        seats: seats.collect(),
        queue: queue.collect(),
        more: by_type.iter().map(|(_, count)| count).sum::<u64>().saturating_sub(waiting.len() as u64),
        problems: Problems::default(),
        frame,
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page::html(status, &BillingPage { problems, ..page }, &[])
}
