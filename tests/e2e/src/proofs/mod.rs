//! Proofs: pure functions over a timeline. Each either holds or says what refutes it.

mod hooks;
mod order;
mod settings;
mod untouched;
mod upgrade;

#[cfg(test)]
pub mod example;

pub use hooks::{script_ran_around_the_roll, statement_before_patches, statements};
pub use order::{fe_first, leader_last, leader_not_early, one_pod_at_a_time, rolled_in_order};
pub use settings::{
    Check, held_whenever_a_pod_goes, no_setting_touched, restored, set_before_the_first_patch, was_set,
};
pub use untouched::untouched;
pub use upgrade::{SafeUpgrade, safe_upgrade};

/// What contradicts a proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not proven that {claim}: {why}")]
pub struct Refuted {
    /// What was to be proven.
    pub claim: &'static str,
    /// What speaks against it.
    pub why: String,
}

fn refuted(claim: &'static str, why: impl Into<String>) -> Refuted {
    Refuted { claim, why: why.into() }
}

/// Time of day with milliseconds, for messages.
fn clock(at: jiff::Timestamp) -> String {
    at.strftime("%H:%M:%S%.3f").to_string()
}
