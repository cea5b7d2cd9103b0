//! A stand-in for the StarRocks server: FE over the MySQL protocol, BE and CN.
//!
//! The StarRocks server itself can't be had in the end-to-end tests; this plays its part for a client that
//! upgrades it: statements, columns, error texts, the lifetime of settings, leader election, health. What it
//! plays is taken from StarRocks' documentation and source (<https://github.com/StarRocks/starrocks>).

pub mod event;
pub mod fault;
pub mod fe;
pub mod http;
pub mod identity;
pub mod node;
pub mod record;
pub mod signal;
pub mod version;
