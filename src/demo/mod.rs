//! The demonstration: an identity provider and an application on loopback, to click through.
//! Owns nothing that a real installation uses.

pub mod issuer;
