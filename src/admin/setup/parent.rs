use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::Problems;
use crate::admin::context;
use crate::founding::{self, FoundingError};
use crate::login::Asked;
use crate::product::ParentPlan;
use crate::session;
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// A parent organization is founded.
#[derive(Template)]
#[template(path = "admin/setup_parent.html")]
pub struct ParentPage {
    /// What all pages share.
    pub frame: Frame,
    /// The name, as typed.
    pub name: String,
    /// The slug, as typed.
    pub slug: String,
    /// The plans: word, text key, and whether it is chosen.
    pub plans: Vec<(&'static str, &'static str, bool)>,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

const PLANS: [(ParentPlan, &str); 3] = [
    (ParentPlan::Enterprise, "setup-plan-enterprise"),
    (ParentPlan::Team, "setup-plan-team"),
    (ParentPlan::Console, "setup-plan-console"),
];

/// `GET /operator/setup`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    form(&request, "", "", ParentPlan::Enterprise.as_str(), Problems::default())
}

/// `POST /operator/setup`
pub async fn found(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    let texts = page::language(&request).texts();
    let typed = |name: &str| posted.field(name).chars().take(300).collect::<String>();
    let (name, slug, plan) = (typed("name"), typed("slug"), typed("plan"));
    let mut problems = Problems::default();
    let wanted = (problems.name("name", &name, texts), problems.slug(&slug, texts), ParentPlan::parse(&plan));
    if wanted.2.is_none() {
        problems.add("plan", texts.t("setup-choose"));
    }
    let (Some(founded), Some(called), Some(chosen)) = wanted else {
        return form(&request, &name, &slug, &plan, problems);
    };
    let gateway = session::gateway(&request);
    let (asked, catalog, to) = (Asked::of(&request), gateway.config.catalog.clone(), called.clone());
    let write = gateway
        .db
        .try_write(move |tx| founding::parent(tx, &context(&asked, &catalog), &called, &founded, chosen).map(drop));
    match write.await {
        Ok(()) => Ok(page::see_other(&format!("/operator/parents/{to}"), &[])),
        Err(FoundingError::Db(error)) => Err(error.into()),
        Err(_) => form(&request, &name, &slug, &plan, Problems::one("slug", texts.t("setup-slug-taken"))),
    }
}

fn form(
    request: &HttpRequest,
    name: &str,
    slug: &str,
    plan: &str,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let status = if problems.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ParentPage {
        frame: Frame::of(request),
        name: name.to_owned(),
        slug: slug.to_owned(),
        plans: PLANS.map(|(known, label)| (known.as_str(), label, known.as_str() == plan)).to_vec(),
        problems,
    };
    page::html(status, &page, &[])
}
