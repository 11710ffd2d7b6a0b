//! The one integration test program; one module per subject.

mod saml_basics;
mod saml_support;
