//! HTTP and TLS around the decisions.

pub mod body;
pub mod budget;
pub mod guard;
pub mod health;
pub mod review;
pub mod router;
pub mod servers;
