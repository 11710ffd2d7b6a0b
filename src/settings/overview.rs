use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::attention::{self, Attention};
use super::frame::{Nav, When};
use crate::db::DbError;
use crate::organization::{Organization, SeatCount};
use crate::product::{Permission, Product};
use crate::session::{self, Admin};
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};

/// What needs attention, and how things stand.
#[derive(Template)]
#[template(path = "settings/overview.html")]
pub struct OverviewPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// What needs attention, the gravest first.
    pub attention: Vec<Attention>,
    /// The product's name.
    pub product: String,
    /// The text key of the provisioning mode.
    pub mode: &'static str,
    /// Groups decide role and seat.
    pub mappings: bool,
    /// Members, where this admin may see them.
    pub members: Option<u64>,
    /// The latest sign-in under the parent, where this admin may see it.
    pub last_sign_in: Option<When>,
    /// The seats by type, highest first.
    pub seats: Vec<SeatLine>,
}

/// The seats of one type.
pub struct SeatLine {
    /// Its name.
    pub label: String,
    /// Bought.
    pub bought: u32,
    /// Held by members.
    pub used: u32,
    /// Held by nobody.
    pub free: u32,
}

/// The seats of an organization in the order of its product; a type without a count has none.
pub(super) fn seat_lines(product: &Product, counts: &[SeatCount]) -> Vec<SeatLine> {
    let line = |seat: &crate::product::SeatType| {
        let count = counts.iter().find(|count| count.seat_type == seat.key);
        let (bought, used, free) = count.map_or((0, 0, 0), |count| (count.bought, count.used, count.free()));
        SeatLine { label: seat.label.clone(), bought, used, free }
    };
    product.seat_types().iter().map(line).collect()
}

/// The product of an organization; one that the configuration no longer declares is our failure to say so earlier.
pub(super) fn product<'a>(request: &'a HttpRequest, organization: &Organization) -> Result<&'a Product, Failure> {
    let gateway = session::gateway(request);
    gateway.config.catalog.product(&organization.product).ok_or_else(|| {
        Failure::Internal(format!(
            "organization {} uses product {}, which the configuration does not declare",
            organization.slug, organization.product
        ))
    })
}

/// The text key of a provisioning mode.
pub(super) fn mode_key(organization: &Organization) -> &'static str {
    match organization.mode.as_str() {
        "jit" => "mode-jit",
        "scim" => "mode-scim",
        _ => "mode-manual",
    }
}

/// `GET /admin/{organization}`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let organization = &admin.organization;
    let product = product(&request, organization)?;
    let (sees_members, sees_seats) = (admin.may(Permission::Members), admin.may(Permission::Billing));
    let frame = Frame::of(&request);
    let (texts, now) = (frame.texts, gateway.now());
    let (attention, members, last_sign_in, counts) = gateway.db.read(|tx| -> Result<_, DbError> {
        let mut attention = attention::of(tx, &admin, product, texts, now)?;
        attention.extend(attention::preview(tx, &request, &admin, texts)?);
        let members = if sees_members { Some(store::members::count(tx, organization.id)?.0) } else { None };
        let last = if sees_members { store::audit::latest(tx, organization.parent, "signed_in")? } else { None };
        Ok((attention, members, last, store::seats::counts(tx, organization.id)?))
    })?;
    let page = OverviewPage {
        nav: Nav::of(&request, &admin, "nav-overview")?,
        frame,
        attention,
        product: product.label().to_owned(),
        mode: mode_key(organization),
        mappings: organization.mode.has_group_mappings(),
        members,
        last_sign_in: last_sign_in.map(When),
        seats: if sees_members || sees_seats { seat_lines(product, &counts) } else { Vec::new() },
    };
    page::html(StatusCode::OK, &page, &[])
}
