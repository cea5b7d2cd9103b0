//! Names that derive from the identity of an upgrade, so that doing a thing twice does it once.

use hookgate_api::{Component, hooks::HookPhase};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The Job of one run: `<cluster>-<component>-<phase>-<digits>`, at most 63 characters, the same for the same
/// (cluster, wave, component, phase, attempt) and for no other.
pub fn hook_job(
    cluster: &str,
    uid: &str,
    wave: &str,
    component: Component,
    phase: HookPhase,
    attempt: u32,
) -> String {
    let (component, phase) = (component.as_str(), phase.function().trim_end_matches("_upgrade"));
    let digest = Sha256::digest(format!("{uid}/{wave}/{component}/{phase}/{attempt}"));
    let mut digits = String::new();
    for byte in digest.iter().take(5) {
        let _infallible = write!(digits, "{byte:02x}");
    }
    let suffix = format!("-{component}-{phase}-{digits}");
    let room = 63usize.saturating_sub(suffix.len());
    let prefix: String = cluster.chars().take(room).collect();
    format!("{}{suffix}", prefix.trim_end_matches(['-', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_valid_and_belongs_to_one_run() {
        let name =
            |cluster: &str, attempt| hook_job(cluster, "uid", "w1", Component::Be, HookPhase::Pre, attempt);
        assert!(name("my-cluster", 1).starts_with("my-cluster-be-pre-"));
        assert_ne!(name("my-cluster", 1), name("my-cluster", 2));
        assert_eq!(name("my-cluster", 1), name("my-cluster", 1));
        let long = "a".repeat(200);
        assert!(name(&long, 1).len() <= 63);
    }
}
