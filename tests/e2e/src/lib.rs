//! What the end-to-end tests and the demo are made of: a scenario in a namespace of its own, the timeline of what the
//! API server and the database saw, and proofs about it.
//!
//! Nothing here reads the operator's log: what it says of itself proves nothing.
//!
//! Times of the watches and of the database are compared, so the clocks of the cluster's nodes and of the machine that
//! runs the tests have to agree to some milliseconds, as they do where both are the same machine.

pub mod client;
mod evidence;
pub mod guide;
pub mod kubectl;
pub mod manifest;
pub mod problem;
pub mod program;
pub mod proofs;
pub mod proxy;
pub mod rights;
pub mod scenario;
pub mod settings;
pub mod timeline;
pub mod wait;
pub mod watch;

pub use manifest::Manifest;
pub use problem::{Problem, ensure};
pub use scenario::{Place, Scenario};
