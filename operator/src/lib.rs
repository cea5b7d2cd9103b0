//! The rollout gate: observe, plan, record, apply.
//!
//! One pass of the reconciler reads everything that is to be known into an [`observation::Observation`], lets
//! [`plan::plan`] judge it, writes the status conditional on what was read, and performs the planned actions.

pub mod apply;
pub mod arguments;
pub mod audit;
pub mod bootstrap;
pub mod config;
pub mod controller;
#[cfg(test)]
mod empty_api_server;
pub mod health;
pub mod lease;
pub mod machines;
pub mod observation;
pub mod observe;
pub mod plan;
pub mod record;
pub mod render;
pub mod run;
pub mod runs;
pub mod sql;
pub mod watched;
