//! The rules of machine hooks in a small world: machines, a provisioner and an operator that may die at any time, without
//! a network and without a clock.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod changes;
mod course;
mod deletion;
mod failures;
mod phases;
mod restarts;
mod workers;
mod world;
