//! Usher: a self-hosted login gateway. It checks the ticket at the door and shows each person to their seat.

// what we know: pure, no IO, no clock
pub mod audit;
pub mod connection;
pub mod directory;
pub mod identity;
pub mod ids;
pub mod organization;
pub mod organizations_file;
pub mod product;
pub mod provisioning;

// how identity providers speak: pure, bytes to our words
pub mod oidc;
pub mod saml;
pub mod scim;

// what the rooms lean on
pub mod clock;
pub mod config;
pub mod db;
pub mod dns;
pub mod founding;
pub mod gateway;
pub mod metrics;
pub mod monitor;
pub mod outbound;
pub mod providers;
pub mod secrets;
pub mod store;
pub mod toml_file;
pub mod web;

// what happens: reads, calls, answers
pub mod admin;
pub mod apply;
pub mod apps;
pub mod calendar;
pub mod commands;
pub mod connecting;
pub mod demo;
pub mod domains;
pub mod joining;
pub mod login;
pub mod membership;
pub mod rollover;
pub mod server;
pub mod session;
pub mod settings;
pub mod sync;
pub mod tls;
pub mod trust;
