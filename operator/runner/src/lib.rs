//! The launcher of hooks.
//!
//! A program that is three: the *supervisor*, which holds the database connection; the *stage*, which puts the sandbox on
//! itself and becomes bash; and the `mysql` that the script finds, which hands its statements to the supervisor.

pub mod arguments;
pub mod audit;
pub mod client;
pub mod gate;
pub mod isolate;
pub mod log;
pub mod sandbox;
pub mod script;
pub mod stage;
pub mod supervise;
