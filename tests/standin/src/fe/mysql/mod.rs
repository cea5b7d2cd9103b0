//! The MySQL port.

pub(crate) mod auth;
pub(super) mod server;
mod session;
mod wire;
