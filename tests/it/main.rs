//! The one integration test program: one module per thing the house promises. `tests/README.md` says how to write one.

mod architecture;
mod commands;
mod data_directory;
mod dns_server;
mod docs;
mod domains;
mod forward_auth;
mod login_attacks;
mod login_saml;
mod login_sign_out;
mod pages_render;
mod random_xml;
mod require_sso;
mod routes;
mod saml_attacks;
mod saml_basics;
mod saml_encryption;
mod saml_honest;
mod saml_limits;
mod saml_logout;
mod saml_logout_support;
mod saml_mutants;
mod saml_oracles;
mod saml_support;
mod saml_trust;
mod support;
