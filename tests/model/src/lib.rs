//! Model checking of the upgrade rules.
//!
//! The real `plan` of the operator is taken through every order of events of a small world: an API server, the
//! StatefulSet controller, pods, FEs with a leader and settings in memory, Jobs, and faults. [`Rollout`] is the model
//! (states, what can happen, what must never be), [`world`] what the parts of the world do, [`gates`] what must be
//! true when a pod goes, written down a second time and independently of the operator, and [`fair`] what a run without
//! faults comes to.
//!
//! A state is finite by construction: uids, generations, wave ids and times are counted anew in every state (the least
//! number that nobody remembers), and of a status only what `plan` reads is kept. That it reads nothing else is checked
//! as well: [`plans`] judges one moment of eight twice, the second time with other words in what was left away.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a checker stops at the first surprise in its own world"
)]

pub mod choices;
pub mod fair;
pub mod gates;
mod held_up;
mod model;
pub mod pass;
pub mod plans;
pub mod report;
pub mod scenario;
pub mod status;
pub mod walk;
pub mod world;
pub mod worlds;

pub use model::{Decided, Happening, HeldUp, Next, Point, Rollout, State, Statement};
