use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::change::actor;
use super::frame::{Nav, When};
use super::overview::{self, SeatLine};
use super::problems::Problems;
use super::words::{self, Told};
use crate::db::DbError;
use crate::identity::{AssertedGroups, EmailAddress};
use crate::membership::{self, Context, Explained, GroupsFrom};
use crate::product::Product;
use crate::session::{self, Admin};
use crate::store;
use crate::web::failure::Failure;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// What a sign-in would do now, and why: the very function that sign-ins go through.
#[derive(Template)]
#[template(path = "settings/explain.html")]
pub struct ExplainPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The address, as typed.
    pub email: String,
    /// The groups to try, a line each.
    pub groups: String,
    /// The groups are those typed.
    pub tries: bool,
    /// The directory's groups count, whatever is typed (rule B20).
    pub directory_counts: bool,
    /// The answer, once somebody was named.
    pub answer: Option<Answer>,
    /// What is wrong with what was asked.
    pub problems: Problems,
}

/// What a sign-in would do.
pub struct Answer {
    /// In words.
    pub result: String,
    /// It would be refused.
    pub refused: bool,
    /// The reasons, in order.
    pub reasons: Vec<String>,
    /// Where the groups come from.
    pub evidence: Told,
    /// The groups that were looked at.
    pub groups: Vec<String>,
    /// The seats.
    pub seats: Vec<SeatLine>,
    /// The person's page.
    pub person: Option<String>,
    /// No connection is active, so nobody signs in at all.
    pub nobody_signs_in: bool,
}

/// `?email=&groups=&try=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    email: String,
    groups: String,
    r#try: String,
}

/// `GET /admin/{organization}/explain`
pub async fn show(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?;
    let frame = Frame::of(&request);
    let (mut problems, mut answer, mut groups) = (Problems::default(), None, asked.groups.clone());
    let tries = asked.r#try == "groups";
    if !asked.email.trim().is_empty() {
        match EmailAddress::parse(asked.email.trim()) {
            Err(_) => problems = Problems::one("email", frame.texts.t("email-invalid")),
            Ok(email) => {
                let lines = asked.groups.lines().map(str::trim).filter(|line| !line.is_empty());
                let given = tries.then(|| AssertedGroups::listed(lines));
                let (now, actor) = (gateway.now(), actor(&admin));
                let context = Context { now, catalog: &gateway.config.catalog, actor, from: None, incident: None };
                let (explained, known) = gateway.db.read(|tx| -> Result<_, DbError> {
                    let explained = membership::explain(tx, &context, &admin.organization, &email, given.clone())?;
                    let line = match &explained.person {
                        Some(person) => store::roster::line(tx, admin.organization.id, person.id)?,
                        None => None,
                    };
                    let known = line.filter(|line| line.member.is_some() || line.waiting.is_some());
                    Ok((explained, known.map(|line| line.person.public_id)))
                })?;
                if let (AssertedGroups::Listed(known), false) = (&explained.groups, tries) {
                    groups = known.iter().map(|group| format!("{}\n", group.as_str())).collect();
                }
                answer = Some(answered(product, &email, explained, frame.texts).of(&admin, known));
            }
        }
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ExplainPage {
        nav: Nav::of(&request, &admin, "nav-explain")?,
        email: asked.email.trim().chars().take(254).collect(),
        groups,
        tries,
        directory_counts: admin.organization.mode.as_str() == "scim",
        answer,
        problems,
        frame,
    };
    page::html(status, &page, &[])
}

impl Answer {
    /// With a link to the person's page, where the organization knows them.
    fn of(self, admin: &Admin, public_id: Option<String>) -> Self {
        let slug = &admin.organization.slug;
        Self { person: public_id.map(|id| format!("/admin/{slug}/members/{id}")), ..self }
    }
}

fn answered(product: &Product, email: &EmailAddress, explained: Explained, texts: Texts) -> Answer {
    let (result, refused, reasons) = match &explained.answer {
        Ok(decision) => {
            let (word, values) = decision.outcome.told();
            let reasons = decision.because.iter().map(|reason| {
                let (word, values) = reason.told();
                words::step("because", word, &values, product, texts)
            });
            let result = words::step("outcome", word, &values, product, texts);
            (result, decision.outcome.refusal().is_some(), reasons.collect())
        }
        Err(refusal) => {
            let domain = email.domain();
            let reason = texts.with("explain-domain", "domain", domain.as_str()).into_owned();
            let values = [("refusal", refusal.code().to_owned())];
            (words::step("outcome", "refuse", &values, product, texts), true, vec![reason])
        }
    };
    let evidence = match explained.evidence {
        GroupsFrom::Given => Told { text: texts.t("groups-given").into_owned(), at: None },
        GroupsFrom::SignIn(at) => {
            let key = match &explained.groups {
                AssertedGroups::Listed(_) => "groups-seen",
                AssertedGroups::NotSent => "groups-not-sent",
                AssertedGroups::TooMany => "groups-too-many",
            };
            Told { text: texts.t(key).into_owned(), at: Some(When(at)) }
        }
        GroupsFrom::Directory(at) => Told { text: texts.t("groups-directory").into_owned(), at: at.map(When) },
        GroupsFrom::NotInDirectory => Told { text: texts.t("groups-not-in-directory").into_owned(), at: None },
        GroupsFrom::Nowhere => Told { text: texts.t("groups-never").into_owned(), at: None },
    };
    let groups = match &explained.groups {
        AssertedGroups::Listed(groups) => groups.iter().map(|group| group.as_str().to_owned()).collect(),
        AssertedGroups::NotSent | AssertedGroups::TooMany => Vec::new(),
    };
    Answer {
        result,
        refused,
        reasons,
        evidence,
        groups,
        seats: overview::seat_lines(product, &explained.seats),
        person: None,
        nobody_signs_in: explained.nobody_signs_in,
    }
}
