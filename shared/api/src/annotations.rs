//! Annotations that Hookgate reads or writes.

use crate::hooks::PredefinedHook;

/// `"true"` makes the operator leave a cluster alone, as upstream's operator does.
pub const IGNORED: &str = "starrocks.com/ignored";
/// Deprecated request for hooks in the next upgrade, and in no other; `spec.…upgradeHooks` replaces it.
pub const PREPARE_UPGRADE: &str = "starrocks.com/prepare-upgrade";
/// Deprecated list of predefined hooks, separated by commas, that goes with [`PREPARE_UPGRADE`].
pub const UPGRADE_HOOKS: &str = "starrocks.com/upgrade-hooks";
/// Starts a failed wave anew when its value is that wave's id.
pub const RETRY: &str = "hookgate.dev/retry";
/// Lets a wave past the gate that it waits at, when its value is that wave's id. Audited.
pub const SKIP_GATE: &str = "hookgate.dev/skip-gate";
/// Holds a wave at the next pod boundary for as long as its value is that wave's id.
pub const PAUSED: &str = "hookgate.dev/paused";
/// Has a wave give back what it holds, at once, and stop at the next pod boundary, for as long as its value is that
/// wave's id. `hookgate release` sets it. On a Cluster of machines its value is the time at which it was let go, in RFC
/// 3339: an operator that began before that time leaves it alone.
pub const RELEASE: &str = "hookgate.dev/release";
/// Takes a wave back to what ran before it, when its value is that wave's id.
pub const ABORT: &str = "hookgate.dev/abort";
/// Lets a version path that StarRocks doesn't support be taken, when its value is the version that is the target.
pub const ALLOW_VERSION_PATH: &str = "hookgate.dev/allow-version-path";
/// Says which StarRocks version an image has whose tag doesn't: `IMAGE=VERSION`, several separated by commas.
pub const IMAGE_VERSION: &str = "hookgate.dev/image-version";
/// On a child object: the hash of what the operator rendered, by which a difference to the spec is found.
pub const RENDERED_HASH: &str = "hookgate.dev/rendered-hash";
/// On a StatefulSet: the hash of what the user wrote, by which a change of the user's is told from one of the operator's.
pub const INPUTS_HASH: &str = "hookgate.dev/inputs-hash";
/// On a StatefulSet that is being rolled: the user's own update strategy as JSON, which it gets back.
pub const OWN_UPDATE_STRATEGY: &str = "hookgate.dev/own-update-strategy";
/// `"true"` on a StatefulSet whose update strategy is the one in the cluster's spec.
pub const UPDATE_STRATEGY_FROM_SPEC: &str = "hookgate.dev/update-strategy-from-spec";
/// Has StatefulSets that another operator made taken over when its value is the cluster's uid.
pub const ADOPT: &str = "hookgate.dev/adopt";
/// Has StatefulSets brought to what this version of Hookgate renders when its value is that version.
pub const APPLY_RENDERING: &str = "hookgate.dev/apply-rendering";
/// On the pods of the FE proxy: the hash of its configuration, so that another configuration replaces them.
pub const CONFIGURATION_HASH: &str = "hookgate.dev/configuration-hash";
/// The finalizer of a cluster whose FEs have other settings than their own: they are given back before it is gone. It
/// is there for no longer than that.
pub const HELD_FINALIZER: &str = "hookgate.dev/held-settings";
/// Lets a wave go on after its canary when its value is that wave's id.
pub const CONTINUE: &str = "hookgate.dev/continue";

/// The annotations that steer a wave: each counts only when its value is that wave's id.
pub const OF_A_WAVE: [&str; 6] = [RETRY, SKIP_GATE, PAUSED, ABORT, CONTINUE, RELEASE];

/// The hooks that [`PREPARE_UPGRADE`] and [`UPGRADE_HOOKS`] ask for, by the names that they give: those of the list, or, where
/// an upgrade is to be prepared and there is no list, the default pair. `value` gives an annotation's value.
pub fn requested_hooks<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Vec<String> {
    match (value(UPGRADE_HOOKS), value(PREPARE_UPGRADE)) {
        (Some(listed), _) => {
            listed.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        }
        (None, Some("false") | None) => Vec::new(),
        (None, Some(_)) => PredefinedHook::DEFAULT_PAIR.map(|hook| hook.as_str().to_owned()).to_vec(),
    }
}

/// What to write instead of a request for these hooks.
pub fn instead_of_request(names: &[String]) -> String {
    let field = crate::Component::Fe.spec_field();
    format!("write spec.{field}.upgradeHooks.predefined: [{}]", names.join(", "))
}

/// What is said of steering annotations whose value can't mean anything: `true` instead of a wave's id, a version path
/// that names no version. The id of a wave that is over is no mistake, and does nothing.
pub fn misused(annotations: &std::collections::BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for name in OF_A_WAVE {
        if let Some(value) = annotations.get(name).filter(|value| !is_wave_id(value)) {
            found.push(format!(
                "annotation {name} is {value:?} and does nothing: its value must be the id in status.wave.id"
            ));
        }
    }
    if let Some(value) = annotations.get(ALLOW_VERSION_PATH)
        && crate::Version::parse(value).is_none()
    {
        found.push(format!(
            "annotation {ALLOW_VERSION_PATH} is {value:?} and does nothing: its value must be the version that is the target, as 3.2.1"
        ));
    }
    if let Some(value) = annotations.get(IMAGE_VERSION)
        && crate::version::named_versions(value).count() != value.split(',').count()
    {
        found.push(format!(
            "annotation {IMAGE_VERSION} is {value:?}, of which a part does nothing: write IMAGE=VERSION, several separated by commas"
        ));
    }
    found
}

/// Whether [`ALLOW_VERSION_PATH`] allows the way to a version. It counts only for the version that it names, and says it
/// as [`Version::parse`](crate::Version::parse) reads it: `3.2.1`, `v3.2.1`, `3.2.1-ubuntu`.
pub fn allows_version_path(
    annotations: &std::collections::BTreeMap<String, String>,
    to: crate::Version,
) -> bool {
    annotations.get(ALLOW_VERSION_PATH).and_then(|value| crate::Version::parse(value)) == Some(to)
}

/// Whether it is the id of a wave: `g<generation>-<milliseconds>`, as the operator names waves.
pub fn is_wave_id(value: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = value.strip_prefix('g').and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(generation, time)| is_number(generation) && is_number(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_can_mean_nothing_is_named_and_an_old_wave_is_not() {
        for (name, value, expected) in [
            (PAUSED, "true", true),
            (ABORT, "", true),
            (CONTINUE, "yes", true),
            (RELEASE, "true", true),
            (SKIP_GATE, "g1", true),
            (PAUSED, "g12-1767225600000", false),
            (ALLOW_VERSION_PATH, "yes", true),
            (ALLOW_VERSION_PATH, "3.2.1", false),
            (IMAGE_VERSION, "fe:x", true),
            (IMAGE_VERSION, "fe:x=3.2.1,be:y=3.x.1", true),
            (IMAGE_VERSION, "fe@sha256:1=3.2.1, be:y=3.2", false),
            ("hookgate.dev/other", "true", false),
        ] {
            let found = misused(&std::collections::BTreeMap::from([(name.to_owned(), value.to_owned())]));
            assert_eq!(found.len(), usize::from(expected), "{name}={value}: {found:?}");
            assert!(found.iter().all(|words| words.contains(name)));
        }
    }
}
