//! Connections and domains on pages, wherever these stand: with the operator, in an organization's settings, behind a setup link.
//! Owns the form of a connection, read and checked, our values under the labels of the other side, and what the pages show. Decides
//! nothing, and writes through the rooms that own what is written.

mod ask;
mod check;
mod connection;
mod desk;
mod domains;
mod form;
mod guest;
mod links;
mod list;
mod problems;
mod report;
mod theirs;
mod typed;
mod vendors;

pub use ask::{AskPage, Deed, ask, carry_out};
pub use connection::{ConnectionPage, TestLine, read_metadata, show, test};
pub use desk::{At, Desk, Found, Markup};
pub use domains::{
    DomainCard, DomainRemovePage, DomainsPage, add_domain, ask_remove_domain, check_domain, domain_state, domains,
    remove_domain,
};
pub use form::{ChoosePage, FormPage, VendorLine, add, edit, show_add, show_edit};
pub use guest::{EndedPage, OpenPage};
pub use links::{LinkLine, LinksPage, links, make, revoke};
pub use list::{ConnectionLine, ConnectionsPage, NextStep, connections, line};
pub use problems::Problems;
pub use report::{DecisionLine, ReportPage, report};
pub use theirs::{PendingMetadata, theirs};
pub use typed::Typed;

use crate::web::routes::{Access, Routes};

/// Mounts the routes of this room: what is behind a setup link.
pub fn routes(routes: &mut Routes) {
    routes.get("/setup", Access::Anyone, guest::show);
    routes.post("/setup", Access::Anyone, guest::open);
    routes.get("/setup/ended", Access::Anyone, guest::ended);
    routes.get("/setup/connection", Access::SetupLink, guest::show_connection);
    routes.post("/setup/connection", Access::SetupLink, guest::save);
    routes.post("/setup/connection/test", Access::SetupLink, guest::test);
    routes.get("/setup/links/{link}/tests/{incident}", Access::SetupLink, guest::report);
    routes.post("/setup/domains/{domain}/check", Access::SetupLink, guest::check_domain);
}
