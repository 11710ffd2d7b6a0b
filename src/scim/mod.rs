//! SCIM 2.0 (RFC 7643, RFC 7644, RFC 9865) as a service provider: bytes in, our words out, and back.
//!
//! Owns what a client may send, what it means and how it is answered. Knows no store, no clock and no HTTP but the status in an
//! error. What the attributes are stands in [`schema`], once: types, case rules, discovery and filters all read it there. What
//! identity providers send that the RFC does not foresee stands in `normalise`, once, with who sends it.

pub mod bulk;
pub mod discovery;
pub mod error;
pub mod etag;
pub mod filter;
pub mod group;
pub mod json;
pub mod list;
mod normalise;
pub mod patch;
mod path;
pub mod projection;
pub mod redacted;
mod resource;
pub mod schema;
pub mod user;

pub use error::{Kind, ScimError};
pub use resource::Shown;

/// The largest body of a request, in bytes.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The largest resource that is kept, in bytes of JSON; members of a group do not count.
pub const RESOURCE_LIMIT: usize = 64 * 1024;

/// How many members one request may name.
pub const MEMBERS_LIMIT: usize = 20_000;

/// How many operations one PATCH may have.
pub const OPERATIONS_LIMIT: usize = 1000;

/// How long `userName`, `externalId` and `displayName` may be, in bytes: they are looked up.
pub const NAME_LIMIT: usize = 512;

/// How long a filter may be, in bytes.
pub const FILTER_LIMIT: usize = 8 * 1024;

/// How many resources a page has unless the client asks for another number.
pub const PAGE: usize = 100;

/// How many resources a page has at most.
pub const PAGE_LIMIT: usize = 1000;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
