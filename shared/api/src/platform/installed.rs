//! Whether a cluster or a machine is installed, as far as phase, version and conditions say it.

use super::{Condition, HookType, Lifecycle, Phase, condition};

/// The field of a condition that says for which version it holds. TKEStack's conditions have none, so that one of an
/// earlier upgrade could be taken for one of this.
pub const TARGET_VERSION: &str = "targetVersion";
/// The reason of a hook's condition before anything was done for it.
pub const PENDING: &str = "Pending";

/// The version that is installed; `None` while it's being installed, and when that has failed.
///
/// A provisioner may write the version before it is there, and `Failed` of an installation as well as of a cluster that
/// runs and is ill for a while: the conditions of the install hooks tell the two apart.
pub fn installed<'a>(
    version: Option<&'a str>,
    phase: Option<&Phase>,
    conditions: &[Condition],
) -> Option<&'a str> {
    let seen = install_hooks().any(|hook| target(conditions, hook).is_some());
    let is_there = match phase {
        None | Some(Phase::Initializing) => was_installed(conditions),
        Some(Phase::Failed) => !seen || was_installed(conditions),
        Some(_) => true,
    };
    version.filter(|version| is_there && !version.is_empty())
}

/// Whether the provisioner has once said that it is installed: a hook that comes after that was begun, or passed over.
pub fn was_installed(conditions: &[Condition]) -> bool {
    let begun = |hook: HookType| {
        target(conditions, hook)
            .is_some_and(|condition| condition.status == "True" || condition.reason != PENDING)
    };
    install_hooks().filter(|hook| !hook.is_before()).any(begun)
}

fn install_hooks() -> impl Iterator<Item = HookType> {
    HookType::ALL.into_iter().filter(|hook| hook.lifecycle() == Lifecycle::Install)
}

/// The hook's condition, where it is Hookgate's.
fn target(conditions: &[Condition], hook: HookType) -> Option<&Condition> {
    condition(conditions, hook.condition()).filter(|condition| condition.other.contains_key(TARGET_VERSION))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn conditions(post_install: &str) -> Vec<Condition> {
        let of = |type_: &str, reason: &str| json!({"type": type_, "status": "False", "reason": reason, "targetVersion": "1"});
        let both =
            json!([of("EnsurePreInstallHook", "HookFailed"), of("EnsurePostInstallHook", post_install)]);
        serde_json::from_value(both).unwrap()
    }

    #[test]
    fn a_failed_installation_and_an_ill_cluster_are_told_apart() {
        let (pending, begun) = (conditions(PENDING), conditions("HookRunning"));
        let is_there = |phase: Option<Phase>, conditions: &[Condition]| {
            installed(Some("1"), phase.as_ref(), conditions).is_some()
        };
        for (phase, unseen, failed, ill) in [
            (None, false, false, true),
            (Some(Phase::Initializing), false, false, true),
            (Some(Phase::Failed), true, false, true),
            (Some(Phase::Running), true, true, true),
            (Some(Phase::Other("Upscaling".to_owned())), true, true, true),
        ] {
            let found = [&[][..], &pending, &begun].map(|conditions| is_there(phase.clone(), conditions));
            assert_eq!(found, [unseen, failed, ill], "{phase:?}");
        }
        assert_eq!(installed(Some(""), Some(&Phase::Running), &begun), None);
    }

    #[test]
    fn a_condition_of_tkestack_itself_says_nothing() {
        let mut conditions = conditions("HookRunning");
        for condition in &mut conditions {
            condition.other.clear();
        }
        assert!(!was_installed(&conditions));
        assert_eq!(installed(Some("1"), Some(&Phase::Failed), &conditions), Some("1"));
    }
}
