//! The frontend: metadata, election, and SQL.

mod beats;
mod bootstrap;
mod changes;
mod cluster;
mod core;
mod election;
mod error;
mod execute;
mod health;
mod like;
mod meta;
mod mysql;
mod options;
pub(crate) mod peer;
mod query;
mod settings;
mod sql;
mod start;
mod state;
mod tablets;
mod variables;
mod view;
mod web;

pub use options::{FeOptions, LOOPBACK};
pub(crate) use settings::parse_conf;
pub use start::{Fe, FeError, Listeners};
