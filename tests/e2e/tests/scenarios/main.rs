//! Scenarios on a real Kubernetes: each in a namespace of its own, judged by what the API server's watches showed and
//! what the stand-in of the database saw.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

mod admission;
mod adopted;
mod approval;
mod authors;
mod bad_bodies;
mod bootstrap_hooks;
mod change_and_downgrade;
mod custom_script;
mod deleted_while_held;
mod failing_post_hook;
mod failing_pre_hook;
mod guide;
mod hook_policy;
mod hostile;
mod invalid_spec;
mod machine_hooks;
mod missing_config_map;
mod operator_restart;
mod policies;
mod preparation;
mod proxy;
mod removed_component;
mod run;
mod runs;
mod script_settings;
mod slipped_script;
mod unreachable_frontend;
mod upgrade;
