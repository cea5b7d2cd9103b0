//! The MySQL port.

pub(crate) mod auth;
mod encrypted;
pub(super) mod server;
mod session;
mod wire;
