use std::sync::Arc;

use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};

use super::filter::{self, Wanted, place};
use super::kept::{self, Now, Previewed};
use super::preview::{Asked, query};
use crate::audit::Held;
use crate::membership::{PersonForeseen, RestsOn, Told};
use crate::product::{RoleKey, SeatTypeKey};
use crate::provisioning::Consequence;
use crate::session::Admin;
use crate::settings::csv;
use crate::web::failure::Failure;
use crate::web::page;

/// How many people are written at a time.
const PART: usize = 500;

/// `GET /admin/{organization}/identity/preview/export.csv`: whom the filters leave of the preview that is shown.
pub async fn csv(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    match kept::look(&request, &admin, Some(&asked.of)).await? {
        Now::Ready(previewed) if previewed.mark() == asked.of => {
            let name = format!("preview-{}.csv", admin.organization.slug);
            Ok(csv::download(&name, Rows::of(previewed, Wanted::new(&asked.effect, &asked.q))))
        }
        // Another file than the page is no use to anybody: the page says what has become of it.
        Now::Ready(_) | Now::UnderWay(_) | Now::NoDraft => {
            let there = format!("{}/preview?{}", super::path(&admin), query(&asked.of, &asked.effect, &asked.q, ""));
            Ok(page::see_other(&there, &[]))
        }
    }
}

const COLUMNS: [&str; 10] = [
    "email",
    "effect",
    "reason",
    "role_before",
    "seat_before",
    "role_after",
    "seat_after",
    "loses_identity",
    "known_from",
    "known_since",
];

/// The rows of a file, some at a time.
struct Rows {
    previewed: Arc<Previewed>,
    wanted: Wanted,
    /// The place of the last one that was looked at; `None` before the head.
    after: Option<String>,
}

impl Rows {
    fn of(previewed: Arc<Previewed>, wanted: Wanted) -> Self {
        Self { previewed, wanted, after: None }
    }
}

impl Iterator for Rows {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let Some(after) = &self.after else {
            self.after = Some(String::new());
            return Some(csv::row(&COLUMNS.map(str::to_owned)));
        };
        let left = filter::after(&self.previewed.foreseen.people, after);
        let wanted = left.iter().filter(|one| self.wanted.includes(one));
        let part: Vec<&PersonForeseen> = wanted.take(PART).collect();
        let last = place(part.last()?);
        let rows = part.iter().map(|one| csv::row(&cells(one))).collect();
        self.after = Some(last);
        Some(rows)
    }
}

fn cells(one: &PersonForeseen) -> [String; 10] {
    let text = |role: &RoleKey, seat: Option<&SeatTypeKey>| {
        (role.to_string(), seat.map(ToString::to_string).unwrap_or_default())
    };
    let (role_before, seat_before) =
        one.before.as_ref().map(|Held { role, seat }| text(role, seat.as_ref())).unwrap_or_default();
    let (reason, (role_after, seat_after)) = match &one.what {
        Consequence::Removed(why) | Consequence::Refused(why) | Consequence::StaysOut(why) => {
            (why.code(), Default::default())
        }
        Consequence::Lowered(now) | Consequence::Changed(now) | Consequence::Joins(now) | Consequence::Keeps(now) => {
            ("", text(&now.role, now.seat.as_ref()))
        }
        Consequence::Waits(role, seat) => ("", text(role, seat.as_ref())),
        Consequence::Unknown => ("", Default::default()),
    };
    let (known_from, known_since) = match &one.rests_on {
        RestsOn::SignIn(Told::Groups, at) => ("sign_in", at.to_string()),
        RestsOn::SignIn(Told::Nothing, at) => ("sign_in_without_groups", at.to_string()),
        RestsOn::SignIn(Told::TooMany, at) => ("sign_in_with_too_many_groups", at.to_string()),
        RestsOn::Nothing => ("nothing", String::new()),
        RestsOn::Directory => ("directory", String::new()),
        RestsOn::NotInDirectory => ("not_in_directory", String::new()),
    };
    [
        one.email.clone(),
        one.what.word().to_owned(),
        reason.to_owned(),
        role_before,
        seat_before,
        role_after,
        seat_after,
        one.loses_identity.to_string(),
        known_from.to_owned(),
        known_since,
    ]
}
