//! HTTP plumbing that knows no room: routes with their access, pages, languages, errors, forms, cookies, headers, static files.

pub mod client;
pub mod cookies;
pub mod failure;
pub mod flash;
pub mod form;
pub mod headers;
pub mod language;
pub mod multipart;
pub mod page;
pub mod return_to;
pub mod routes;
pub mod static_files;
pub mod when;
