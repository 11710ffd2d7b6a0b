use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::pages::{OperatedOrganization, OverviewPage, ParentLine};
use crate::calendar;
use crate::connecting::{domain_state, line};
use crate::db::DbError;
use crate::organization::Member;
use crate::product::Permission;
use crate::session::{self, Operator};
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};
use crate::web::when::When;

/// `GET /operator`: connections, who can configure what, and which commands mend it.
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (gateway, operator) = (session::gateway(&request), Operator::of(&request)?);
    let catalog = &gateway.config.catalog;
    let (pressing, parents, connections, organizations) = gateway.db.read(|tx| -> Result<_, DbError> {
        let (mut parents, mut connections, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for parent in store::organizations::parents(tx)? {
            let known = store::connections::of_parent(tx, parent.id)?;
            connections.extend(known.iter().map(|connection| line(connection, &parent.name)));
            let of_parent = store::domains::of_parent(tx, parent.id)?;
            parents.push(ParentLine {
                slug: parent.slug.to_string(),
                name: parent.name.clone(),
                domains: of_parent.iter().map(|known| (known.name.to_string(), domain_state(known))).collect(),
            });
            for organization in store::organizations::of_parent(tx, parent.id)? {
                let product = catalog.product(&organization.product);
                let may = |member: &Member| {
                    let allows = product.is_some_and(|product| product.allows(&member.role, Permission::Identity));
                    member.is_active() && allows
                };
                let mut admins = Vec::new();
                for member in store::members::of_organization(tx, organization.id)?.iter().filter(|member| may(member))
                {
                    if let Some(person) = store::people::by_id(tx, member.person)? {
                        admins.push(format!("{} ({})", person.email, member.role));
                    }
                }
                let mapped = if organization.mode.has_group_mappings() { " + mappings" } else { "" };
                let mode = format!("{}{mapped}", organization.mode.as_str());
                all.push(OperatedOrganization { name: organization.name, mode, admins });
            }
        }
        let endings = calendar::collect(tx, &gateway.config, gateway.now())?;
        let pressing = endings.iter().filter(|ending| ending.is_pressing()).count();
        Ok((pressing, parents, connections, all))
    })?;
    let page = OverviewPage {
        frame: Frame::of(&request),
        until: When(operator.until),
        commands: [
            "usher explain --organization SLUG --email ADDRESS",
            "usher events --since 1d",
            "usher export > organizations.toml",
            "usher plan organizations.toml",
            "usher apply organizations.toml",
        ]
        .map(str::to_owned)
        .to_vec(),
        parents,
        pressing,
        connections,
        organizations,
    };
    page::html(StatusCode::OK, &page, &[])
}
