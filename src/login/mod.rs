//! The sign-in, from an e-mail address to a session or a refusal. Owns the order of steps; knows no SQL, no rule and no signature.

mod answer;
pub mod flow;
mod record;
