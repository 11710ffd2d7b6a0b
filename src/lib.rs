//! Usher: a self-hosted login gateway. It checks the ticket at the door and shows each person to their seat.

// what we know: pure, no IO, no clock
pub mod connection;
pub mod identity;
pub mod ids;

// how identity providers speak: pure, bytes to our words
pub mod saml;

// what the rooms lean on
pub mod clock;

// what shows it off
pub mod demo;
