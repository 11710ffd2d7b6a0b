//! `usher demo`: the gateway, a demo identity provider and demo applications in one process, on loopback only, to click
//! through. Owns the bystanders and the story, and nothing that a real installation uses; the gateway in it is the real one.

pub mod answers;
pub mod application;
pub mod bystanders;
pub mod cast;
pub mod doorman;
pub mod faults;
pub mod folder;
pub mod issuer;
pub mod keys;
pub mod manage;
pub mod openid;
pub mod pages;
pub mod people;
pub mod proof;
pub mod push;
pub mod request;
mod run;
pub mod seed;
pub mod sign_in;
pub mod sites;
pub mod stage;
pub mod state;

pub use run::{Demo, DemoError};

#[cfg(test)]
mod tests;
