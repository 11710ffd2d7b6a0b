use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Problems, base};
use crate::admin::{context, desk};
use crate::founding::{self, FoundingError, NewOrganization};
use crate::login::Asked;
use crate::organization::ParentOrganization;
use crate::product::{Product, ProductKey};
use crate::session;
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// An organization is founded.
#[derive(Template)]
#[template(path = "admin/setup_organization.html")]
pub struct NewOrganizationPage {
    /// What all pages share.
    pub frame: Frame,
    /// The parent organization's name.
    pub parent: String,
    /// The path of the checklist.
    pub base: String,
    /// The name, as typed.
    pub name: String,
    /// The slug, as typed.
    pub slug: String,
    /// The contact, as typed.
    pub contact: String,
    /// The products, each with the fields of its seats.
    pub products: Vec<ProductChoice>,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// A product to choose.
pub struct ProductChoice {
    /// Its key.
    pub key: String,
    /// Its label.
    pub label: String,
    /// It is chosen.
    pub chosen: bool,
    /// How many seats of each type.
    pub seats: Vec<SeatField>,
}

/// How many seats of a type.
pub struct SeatField {
    /// The field's name.
    pub field: String,
    /// The seat type's label.
    pub label: String,
    /// The number, as typed.
    pub typed: String,
}

/// More seats than this at once are a slip of the finger.
const MANY: u32 = 1_000_000;

/// `GET /operator/parents/{parent}/organizations`
pub async fn show(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let parent = desk::parent(&request, &slug)?;
    form(&request, &parent, &|_| String::new(), Problems::default())
}

/// `POST /operator/parents/{parent}/organizations`
pub async fn found(request: HttpRequest, slug: Path<String>, posted: Posted) -> Result<HttpResponse, Failure> {
    let parent = desk::parent(&request, &slug)?;
    let gateway = session::gateway(&request);
    let texts = page::language(&request).texts();
    let typed = |name: &str| posted.field(name).chars().take(300).collect::<String>();
    let mut problems = Problems::default();
    let (name, slug) = (problems.name("name", &typed("name"), texts), problems.slug(&typed("slug"), texts));
    let product = gateway.config.catalog.product(&ProductKey::new(typed("product"))).cloned();
    if product.is_none() {
        problems.add("product", texts.t("setup-choose"));
    }
    let contact = Some(typed("contact")).filter(|contact| !contact.is_empty());
    let seats = product.as_ref().map(|product| seats(product, &typed, &mut problems, texts)).unwrap_or_default();
    let (Some(name), Some(slug), Some(product), true) = (name, slug, product, problems.0.is_empty()) else {
        return form(&request, &parent, &typed, problems);
    };
    let new = NewOrganization { parent: parent.id, slug, name, contact, seats };
    let (asked, catalog) = (Asked::of(&request), gateway.config.catalog.clone());
    let write = gateway
        .db
        .try_write(move |tx| founding::organization(tx, &context(&asked, &catalog), &product, &new).map(drop));
    match write.await {
        Ok(()) => Ok(page::see_other(&base(&parent), &[])),
        Err(FoundingError::Db(error)) => Err(error.into()),
        Err(FoundingError::Gone) => Err(Failure::NotFound),
        Err(FoundingError::MayNot(_)) => Err(Failure::Forbidden),
        Err(_) => form(&request, &parent, &typed, Problems::one("slug", texts.t("setup-slug-taken"))),
    }
}

fn field(product: &Product, seat: &str) -> String {
    format!("seats-{}-{seat}", product.key())
}

fn seats(
    product: &Product,
    typed: &dyn Fn(&str) -> String,
    problems: &mut Problems,
    texts: Texts,
) -> Vec<(crate::product::SeatTypeKey, u32)> {
    let mut seats = Vec::new();
    for seat in product.seat_types() {
        let text = typed(&field(product, seat.key.as_str()));
        let number = if text.is_empty() { Some(0) } else { text.parse::<u32>().ok().filter(|count| *count <= MANY) };
        match number {
            Some(number) => seats.push((seat.key.clone(), number)),
            None => problems.add("product", texts.with("setup-seats-invalid", "seat", &seat.label)),
        }
    }
    seats
}

fn form(
    request: &HttpRequest,
    parent: &ParentOrganization,
    typed: &dyn Fn(&str) -> String,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let catalog = &session::gateway(request).config.catalog;
    let chosen = typed("product");
    let products = catalog.products().iter().map(|product| ProductChoice {
        key: product.key().to_string(),
        label: product.label().to_owned(),
        chosen: product.key().as_str() == chosen,
        seats: product
            .seat_types()
            .iter()
            .map(|seat| {
                let field = field(product, seat.key.as_str());
                SeatField { typed: typed(&field), label: seat.label.clone(), field }
            })
            .collect(),
    });
    let status = if problems.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = NewOrganizationPage {
        frame: Frame::of(request),
        parent: parent.name.clone(),
        base: base(parent),
        name: typed("name"),
        slug: typed("slug"),
        contact: typed("contact"),
        products: products.collect(),
        problems,
    };
    page::html(status, &page, &[])
}
