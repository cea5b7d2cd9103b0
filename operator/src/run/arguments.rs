//! What `hookgate-runner run` is told, whoever starts it.

use super::Run;
use hookgate_api::{Component, StarRocksCluster, names, status::HookClearance};
use kube::ResourceExt;
use serde_json::json;
use sha2::{Digest, Sha256};

/// FE's host as a script knows it.
pub(crate) fn fe_host(cluster: &StarRocksCluster) -> String {
    let namespace = cluster.namespace().unwrap_or_default();
    format!("{}.{namespace}", names::external_service(&cluster.name_any(), Component::Fe))
}

/// What the runner is told of a run, save where its files are; nothing of it is a secret.
pub(crate) fn arguments(cluster: &StarRocksCluster, run: &Run) -> Vec<String> {
    let (name, namespace) = (cluster.name_any(), cluster.namespace().unwrap_or_default());
    let programs = run.programs.as_ref().map(|programs| {
        let list: Vec<&str> = programs.iter().map(String::as_str).collect();
        format!("--programs={}", list.join(","))
    });
    let all = [
        ("sha256", run.script.sha256.clone()),
        ("function", run.phase.function().to_owned()),
        ("functions", run.functions.join(",")),
        ("timeout-seconds", run.timeout_seconds.to_string()),
        ("run", run.name.clone()),
        ("cluster", name),
        ("namespace", namespace),
        ("component", run.component.to_string()),
        ("fe-host", fe_host(cluster)),
        ("fe-address", run.frontend.address.clone()),
        ("fe-port", run.frontend.query_port.to_string()),
        ("fe-user", run.frontend.user.clone()),
        ("policies", run.sql_policies.clone()),
    ];
    let incomplete = (!run.requires_sandbox).then(|| "--allow-incomplete-sandbox".to_owned());
    let clearance = run.clearance.as_ref().map(|clearance| {
        let HookClearance { findings, approval, approved_by, .. } = clearance;
        let json = json!({"findings": findings, "approval": approval, "approver": approved_by});
        format!("--clearance={json}")
    });
    let named = all.into_iter().map(|(name, value)| format!("--{name}={value}"));
    named.chain(programs).chain(incomplete).chain(clearance).collect()
}

/// The first of the users that runs have: none of an image or a machine, and one for each run, so that limits of a user are
/// limits of a run.
const FIRST_USER: u32 = 1_882_000_000;
/// How many of them there are.
const USERS: u32 = 1_000_000;

/// A user for each run, by its name: its number, which no image and no machine has.
pub fn user(run: &str) -> u32 {
    let digest = Sha256::digest(run);
    let number = digest.iter().take(6).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    // Less than a million.
    FIRST_USER + u32::try_from(number % u64::from(USERS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_has_a_user_of_its_own_that_no_image_has() {
        let (first, second) = (user("sr-be-pre-1"), user("sr-be-pre-2"));
        assert_ne!(first, second);
        assert_eq!(first, user("sr-be-pre-1"), "the same run is the same");
        assert!((FIRST_USER..FIRST_USER + USERS).contains(&first));
    }
}
