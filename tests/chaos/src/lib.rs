//! Upgrades under real faults, on a real Kubernetes.
//!
//! The operator runs as a process of this program, inside the node of the test cluster. Every request that it sends,
//! to the API server or to an FE, goes through a proxy of this program, which counts them and kills the operator at
//! chosen ones: before the request goes out, or after its effect and before the operator learns of it. That is how
//! the gap between an effect and its record is hit. Beside that the API server is paused, watches are cut, and the
//! FE that leads is killed.
//!
//! What is proven comes from the API server's watches, from its audit log, and from what the FEs were told and held.

pub mod account;
pub mod api_proxy;
pub mod audit;
pub mod disturbance;
pub mod gate;
pub mod node;
pub mod operator;
pub mod record;
pub mod recorded;
pub mod redirect;
pub mod round;
pub mod sql;
pub mod sql_proxy;
pub mod strike;
pub mod sweep;
