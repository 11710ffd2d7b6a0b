//! The settings pages of an organization. Owns what they show and which form asks for what; decides nothing, and writes through the
//! rooms that own what is written.

mod attention;
mod choose;
mod frame;
mod overview;

/// Every page with its values, for trying templates out.
pub mod pages {
    pub use super::attention::Attention;
    pub use super::choose::{AgainPage, ChoosePage};
    pub use super::frame::{Nav, Section, When};
    pub use super::overview::{OverviewPage, SeatLine};
}

use crate::web::routes::{Access, Routes};

/// Mounts the routes of this room.
pub fn routes(routes: &mut Routes) {
    routes.get("/admin", Access::AdminAnywhere, choose::show);
    routes.get("/account/again", Access::SignedIn, choose::again);
    routes.get("/admin/{organization}", Access::ADMIN, overview::show);
}
