//! Hooks in the life of machines: which is due, what has to be on the machine, and its run there over SSH.
//!
//! [`plan`] decides and does nothing: facts go in, decisions come out.
//! [`work`] does what was decided, on each machine on its own. [`ssh`], [`files`] and [`run`] do and decide nothing: each
//! is a thin layer over what [`agent`] does on the machine in one piece.

pub mod agent;
pub mod files;
pub mod plan;
pub mod run;
pub mod ssh;
pub mod text;
pub mod work;
