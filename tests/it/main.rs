//! The one integration test program: one module per thing the house promises. `tests/README.md` says how to write one.

mod architecture;
mod saml_attacks;
mod saml_basics;
mod saml_honest;
mod saml_support;
