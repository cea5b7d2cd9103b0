//! The rules of an upgrade, taken through whole upgrades in a small world.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod abort;
mod blips;
mod broken_pods;
mod budgets;
mod canary;
mod common;
mod endings;
mod faults;
mod forged;
mod gates;
mod going_back;
mod holds;
mod hooks;
mod idle;
mod judged;
mod order;
mod out_of_turn;
mod own_changes;
mod preflight;
mod preparation;
mod preview;
mod processes;
mod proxy;
mod refused;
mod rendering;
mod repair;
mod request;
mod scaling;
mod settings;
mod skipping;
mod spec_changes;
mod steer;
mod strategy;
mod tampered;
mod turn;
mod versions;
mod waits;
mod wave_status;
mod world;
