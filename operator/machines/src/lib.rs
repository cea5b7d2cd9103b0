//! Hooks in the life of machines: what has to be on the machine, and its run there over SSH.
//!
//! [`ssh`], [`files`] and [`run`] do and decide nothing: each is a thin layer over what [`agent`] does on the machine in
//! one piece.

pub mod agent;
pub mod files;
pub mod run;
pub mod ssh;
pub mod text;
