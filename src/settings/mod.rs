//! The settings pages of an organization. Owns what they show and which form asks for what; decides nothing, and writes through the
//! rooms that own what is written.

mod applications;
mod attention;
mod billing;
mod certificates;
mod change;
mod choose;
mod connections;
mod csv;
mod directory;
mod domains;
mod events;
mod explain;
mod frame;
mod identity;
mod members;
mod overview;
mod parent;
mod problems;
mod runs;
mod words;

/// Every page with its values, for trying templates out.
pub mod pages {
    pub use super::applications::form::{ApplicationFormPage, Tick, Typed};
    pub use super::applications::list::{ApplicationRow, ApplicationsPage};
    pub use super::applications::remove::ApplicationRemovePage;
    pub use super::applications::show::{ApplicationPage, Tried};
    pub use super::applications::snippets::Snippet;
    pub use super::attention::Attention;
    pub use super::billing::{BillingPage, SeatForm, Waits};
    pub use super::certificates::{CertificatesPage, EndLine};
    pub use super::choose::{AgainPage, ChoosePage};
    pub use super::directory::groups::{DirectoryGroupsPage, GroupRow};
    pub use super::directory::mismatches::MismatchesPage;
    pub use super::directory::pushers::help as pusher_help;
    pub use super::directory::requests::{RequestRow, RequestsPage};
    pub use super::directory::show::{DirectoryPage, TokenLine};
    pub use super::directory::tokens::{RevokePage, TokenPage};
    pub use super::directory::users::{DirectoryUsersPage, UserRow};
    pub use super::events::decision::{Decided, DecisionPage, MessagePage};
    pub use super::events::line::EventLine;
    pub use super::events::{Asked, EventsPage};
    pub use super::explain::{Answer, ExplainPage};
    pub use super::frame::{Aside, Nav, Section, When};
    pub use super::identity::confirm::{ConfirmPage, Waits as WaitsForConfirmation};
    pub use super::identity::kept::Standing as PreviewStanding;
    pub use super::identity::lines::Change;
    pub use super::identity::preview::{FilterLine, PreviewLine, PreviewPage, PreviewWorkingPage};
    pub use super::identity::show::{DirectoryRow, IdentityPage, MappingRow, ModeChoice, Offered, RowsOf, SyncNow};
    pub use super::identity::sso::{SsoLine, SsoShown};
    pub use super::identity::standing::{ConnectionLine, DomainLine, Missing};
    pub use super::members::add::AddPage;
    pub use super::members::everybody::EverybodyPage;
    pub use super::members::list::{MemberRow, MembersPage};
    pub use super::members::person::{LinkLine, PersonPage, SessionLine, Value};
    pub use super::members::place::{Choice, PlacePage};
    pub use super::members::relink::RelinkPage;
    pub use super::members::remove::RemovePage;
    pub use super::members::suspend::SuspendPage;
    pub use super::overview::{OverviewPage, SeatLine};
    pub use super::parent::change::ParentChangePage;
    pub use super::parent::codes::CodesPage;
    pub use super::parent::decide::DecidePage;
    pub use super::parent::effects::{PersonLine, Shown};
    pub use super::parent::{AttachedLine, InboxLine, OpenLine, ParentPage};
    pub use super::problems::Problems;
    pub use super::runs::ask::{Deed, RunAskPage};
    pub use super::runs::list::{RunLine, RunsPage};
    pub use super::runs::show::{ChangeLine, RunPage};
    pub use super::words::Told;
}

pub use self::identity::kept::Previews;

use self::events::{decision, export};
use self::members::{add, everybody, list, person, place, relink, remove, sessions, suspend};
use crate::product::Permission::{Billing, Identity, Members};
use crate::web::routes::{Access, Routes};

/// Mounts the routes of this room.
pub fn routes(routes: &mut Routes) {
    routes.get("/admin", Access::AdminAnywhere, choose::show);
    routes.get("/account/again", Access::SignedIn, choose::again);
    routes.get("/admin/{organization}", Access::ADMIN, overview::show);
    routes.get("/admin/{organization}/identity", Access::admin(Identity), identity::show::show);
    routes.post("/admin/{organization}/identity", Access::admin(Identity), identity::edit::edit);
    routes.get("/admin/{organization}/identity/preview", Access::admin_again(Identity), identity::preview::show);
    routes.post("/admin/{organization}/identity/preview", Access::admin_again(Identity), identity::save::save);
    let exported = identity::export::csv;
    routes.get("/admin/{organization}/identity/preview/export.csv", Access::admin_again(Identity), exported);
    let members = Access::admin(Members);
    routes.get("/admin/{organization}/identity/confirm", members, identity::confirm::show);
    routes.post("/admin/{organization}/identity/confirm", members, identity::confirm::confirm);
    let again = Access::admin_again(Identity);
    routes.get("/admin/{organization}/identity/take-back", again, identity::confirm::show_take_back);
    routes.post("/admin/{organization}/identity/take-back", again, identity::confirm::take_back);
    routes.get("/admin/{organization}/members", members, list::show);
    routes.get("/admin/{organization}/members/add", members, add::show);
    routes.post("/admin/{organization}/members/add", members, add::add);
    let end_all = Access::admin_again(Identity);
    routes.get("/admin/{organization}/members/sessions/end", end_all, everybody::show);
    routes.post("/admin/{organization}/members/sessions/end", end_all, everybody::end);
    routes.get("/admin/{organization}/members/{person}", members, person::show);
    routes.get("/admin/{organization}/members/{person}/role", Access::admin_again(Identity), place::role);
    routes.post("/admin/{organization}/members/{person}/role", Access::admin_again(Identity), place::set_role);
    routes.get("/admin/{organization}/members/{person}/seat", members, place::seat);
    routes.post("/admin/{organization}/members/{person}/seat", members, place::set_seat);
    routes.get("/admin/{organization}/members/{person}/remove", Access::admin_again(Members), remove::show);
    routes.post("/admin/{organization}/members/{person}/remove", Access::admin_again(Members), remove::remove);
    routes.post("/admin/{organization}/members/{person}/sessions", members, sessions::end);
    let again = Access::admin_again(Members);
    routes.get("/admin/{organization}/members/{person}/suspend", again, suspend::show_suspend);
    routes.post("/admin/{organization}/members/{person}/suspend", again, suspend::suspend);
    routes.get("/admin/{organization}/members/{person}/resume", again, suspend::show_resume);
    routes.post("/admin/{organization}/members/{person}/resume", again, suspend::resume);
    let again = Access::admin_again(Identity);
    routes.get("/admin/{organization}/members/{person}/relink/{connection}", again, relink::show);
    routes.post("/admin/{organization}/members/{person}/relink/{connection}", again, relink::relink);
    routes.get("/admin/{organization}/billing", Access::admin(Billing), billing::show);
    routes.post("/admin/{organization}/billing", Access::admin(Billing), billing::buy);
    application_routes(routes);
    domain_routes(routes);
    connection_routes(routes);
    directory_routes(routes);
    run_routes(routes);
    routes.get("/admin/{organization}/events", members, events::show);
    routes.get("/admin/{organization}/events/export.csv", members, export::as_csv);
    routes.get("/admin/{organization}/events/export.json", members, export::as_json);
    routes.get("/admin/{organization}/events/{incident}", members, decision::show);
    routes.get("/admin/{organization}/events/{incident}/message", Access::admin(Identity), decision::message);
    routes.get("/admin/{organization}/parent", Access::admin(Identity), parent::show);
    routes.post("/admin/{organization}/parent", Access::admin_again(Identity), parent::restrict);
    parent_routes(routes);
    routes.get("/admin/{organization}/certificates", Access::admin(Identity), certificates::show);
    routes.get("/admin/{organization}/explain", members, explain::show);
}

fn parent_routes(routes: &mut Routes) {
    let (identity, again) = (Access::admin(Identity), Access::admin_again(Identity));
    routes.get("/admin/{organization}/parent/join", again, parent::change::show_join);
    routes.post("/admin/{organization}/parent/join", again, parent::change::join);
    routes.get("/admin/{organization}/parent/leave", again, parent::change::show_leave);
    routes.post("/admin/{organization}/parent/leave", again, parent::change::leave);
    routes.post("/admin/{organization}/parent/withdraw", identity, parent::change::withdraw);
    routes.get("/admin/{organization}/parent/codes", again, parent::codes::show);
    routes.post("/admin/{organization}/parent/codes", again, parent::codes::change_codes);
    routes.get("/admin/{organization}/parent/proposals/{proposal}", again, parent::decide::show);
    routes.post("/admin/{organization}/parent/proposals/{proposal}", again, parent::decide::decide);
}

fn domain_routes(routes: &mut Routes) {
    let (identity, again) = (Access::admin(Identity), Access::admin_again(Identity));
    routes.get("/admin/{organization}/domains", identity, domains::show);
    routes.post("/admin/{organization}/domains", identity, domains::add);
    routes.post("/admin/{organization}/domains/{domain}/check", identity, domains::check);
    routes.get("/admin/{organization}/domains/{domain}/remove", again, domains::show_remove);
    routes.post("/admin/{organization}/domains/{domain}/remove", again, domains::remove);
}

/// A connection that is being set up is changed as often as one likes; what holds for people at once needs a fresh sign-in.
fn connection_routes(routes: &mut Routes) {
    let (identity, again) = (Access::admin(Identity), Access::admin_again(Identity));
    routes.get("/admin/{organization}/connections", identity, connections::list);
    routes.get("/admin/{organization}/connections/add", identity, connections::show_add);
    routes.post("/admin/{organization}/connections/add", identity, connections::add);
    routes.get("/admin/{organization}/connections/{connection}", identity, connections::show);
    routes.get("/admin/{organization}/connections/{connection}/edit", identity, connections::show_edit);
    routes.post("/admin/{organization}/connections/{connection}/edit", identity, connections::edit);
    routes.get("/admin/{organization}/connections/{connection}/change", again, connections::show_edit);
    routes.post("/admin/{organization}/connections/{connection}/change", again, connections::change);
    routes.post("/admin/{organization}/connections/{connection}/test", identity, connections::test);
    routes.get("/admin/{organization}/connections/{connection}/tests/{incident}", identity, connections::report);
    routes.get("/admin/{organization}/connections/{connection}/activate", again, connections::ask_activate);
    routes.post("/admin/{organization}/connections/{connection}/activate", again, connections::activate);
    routes.get("/admin/{organization}/connections/{connection}/deactivate", again, connections::ask_deactivate);
    routes.post("/admin/{organization}/connections/{connection}/deactivate", again, connections::deactivate);
    routes.get("/admin/{organization}/connections/{connection}/discard", again, connections::ask_discard);
    routes.post("/admin/{organization}/connections/{connection}/discard", again, connections::discard);
    routes.post("/admin/{organization}/connections/{connection}/metadata", identity, connections::read_metadata);
    routes.get("/admin/{organization}/connections/{connection}/accept", again, connections::ask_accept);
    routes.post("/admin/{organization}/connections/{connection}/accept", again, connections::accept);
    routes.get("/admin/{organization}/connections/{connection}/links", identity, connections::links);
    routes.post("/admin/{organization}/connections/{connection}/links", again, connections::make_link);
    routes.post(
        "/admin/{organization}/connections/{connection}/links/{link}/revoke",
        identity,
        connections::revoke_link,
    );
}

fn application_routes(routes: &mut Routes) {
    let (identity, again) = (Access::admin(Identity), Access::admin_again(Identity));
    routes.get("/admin/{organization}/applications", identity, applications::list::show);
    routes.get("/admin/{organization}/applications/add", identity, applications::form::show_add);
    routes.post("/admin/{organization}/applications/add", identity, applications::form::add);
    routes.get("/admin/{organization}/applications/{application}", identity, applications::show::show);
    routes.get("/admin/{organization}/applications/{application}/edit", again, applications::form::show_edit);
    routes.post("/admin/{organization}/applications/{application}/edit", again, applications::form::edit);
    routes.get("/admin/{organization}/applications/{application}/remove", again, applications::remove::show);
    routes.post("/admin/{organization}/applications/{application}/remove", again, applications::remove::remove);
}

fn run_routes(routes: &mut Routes) {
    let (identity, again) = (Access::admin(Identity), Access::admin_again(Identity));
    routes.get("/admin/{organization}/runs", identity, runs::list::show);
    routes.post("/admin/{organization}/runs", identity, runs::list::sync_now);
    routes.get("/admin/{organization}/runs/{run}", identity, runs::show::show);
    routes.get("/admin/{organization}/runs/{run}/approve", again, runs::ask::show_approve);
    routes.post("/admin/{organization}/runs/{run}/approve", again, runs::ask::approve);
    routes.get("/admin/{organization}/runs/{run}/dismiss", again, runs::ask::show_dismiss);
    routes.post("/admin/{organization}/runs/{run}/dismiss", again, runs::ask::dismiss);
    routes.get("/admin/{organization}/runs/{run}/undo", again, runs::ask::show_undo);
    routes.post("/admin/{organization}/runs/{run}/undo", again, runs::ask::undo);
}

fn directory_routes(routes: &mut Routes) {
    let (identity, again) = (Access::admin(Identity), Access::admin_again(Identity));
    routes.get("/admin/{organization}/directory", identity, directory::show::show);
    routes.get("/admin/{organization}/directory/users", identity, directory::users::show);
    routes.get("/admin/{organization}/directory/groups", identity, directory::groups::show);
    routes.get("/admin/{organization}/directory/requests", identity, directory::requests::show);
    routes.get("/admin/{organization}/directory/mismatches", identity, directory::mismatches::show);
    routes.get("/admin/{organization}/directory/tokens", again, directory::tokens::show);
    routes.post("/admin/{organization}/directory/tokens", again, directory::tokens::make);
    routes.get("/admin/{organization}/directory/tokens/{token}/revoke", again, directory::tokens::show_revoke);
    routes.post("/admin/{organization}/directory/tokens/{token}/revoke", again, directory::tokens::revoke);
}
