//! Other readers of shell scripts as oracles: `bash -n` for what is a script, and `mvdan.cc/sh` for what
//! is in one. Both read every script of the corpora, the written cases and generated scripts.
//!
//! `HOOKGATE_SEED` starts the generator elsewhere, `HOOKGATE_ROUNDS` says how many scripts it makes, and
//! `HOOKGATE_BASH` asks another bash than the one that is installed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

mod bash;
mod complaint;
mod corpus;
mod generate;
mod mvdan;
mod random;
mod refusals;
mod shape;
mod shrink;
mod soup;
