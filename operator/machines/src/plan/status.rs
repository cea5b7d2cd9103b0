//! The part of a status that is Hookgate's.

use super::{Draft, Facts};
use hookgate_api::platform::{
    Condition, HOST_KEY, HookRun, RecordedHostKey, condition, is_true, set_condition,
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::Value;

/// The field of a condition that says for which version it holds. TKEStack's conditions have none, so that one of an
/// earlier upgrade could be taken for one of this.
pub const TARGET_VERSION: &str = "targetVersion";
/// The field of `EnsureCopyFiles` that says which files it's about.
const DIGEST: &str = "digest";

/// Conditions, runs and host keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HookStatus {
    /// All conditions, those of others among them.
    pub conditions: Vec<Condition>,
    /// The runs.
    pub runs: Vec<HookRun>,
    /// The recorded host keys.
    pub host_keys: Vec<RecordedHostKey>,
}

impl HookStatus {
    /// Whether a condition is there and true.
    pub fn is_true(&self, type_: &str) -> bool {
        is_true(&self.conditions, type_)
    }

    /// The version that a condition is for; `None` when it isn't Hookgate's.
    pub fn target_of(&self, type_: &str) -> Option<&str> {
        condition(&self.conditions, type_)?.other.get(TARGET_VERSION)?.as_str()
    }

    /// Whether a condition is for that version.
    pub fn is_for(&self, type_: &str, target: &str) -> bool {
        self.target_of(type_) == Some(target)
    }

    /// Whether a condition is true for that version.
    pub fn is_done(&self, type_: &str, target: &str) -> bool {
        self.is_for(type_, target) && self.is_true(type_)
    }

    /// The digest that a condition is for.
    pub(super) fn digest_of(&self, type_: &str) -> Option<&str> {
        condition(&self.conditions, type_)?.other.get(DIGEST)?.as_str()
    }

    pub(super) fn set(
        &mut self,
        type_: &str,
        target: &str,
        done: bool,
        reason: &str,
        message: &str,
        now: Timestamp,
    ) {
        set_condition(&mut self.conditions, type_, done, reason, message, &time(now));
        self.note(type_, TARGET_VERSION, target);
    }

    pub(super) fn set_digest(&mut self, type_: &str, digest: &str) {
        self.note(type_, DIGEST, digest);
    }

    fn note(&mut self, type_: &str, field: &str, value: &str) {
        if let Some(condition) = self.conditions.iter_mut().find(|condition| condition.type_ == type_) {
            condition.other.insert(field.to_owned(), Value::String(value.to_owned()));
        }
    }
}

/// A time as Kubernetes writes it: whole seconds.
pub(super) fn time(now: Timestamp) -> Time {
    Time(now)
}

impl Draft<'_> {
    /// The key that a machine shows first is the key that it must have.
    pub(super) fn record_host_keys(&mut self) {
        for machine in self.facts.machines.iter().filter(|machine| !machine.pinned) {
            let Some(key) = &machine.host_key else { continue };
            if Facts::recorded(&self.plan.status, &machine.name).is_none() {
                self.plan.status.host_keys.push(RecordedHostKey {
                    machine: machine.name.clone(),
                    key: key.clone(),
                    recorded_at: Some(time(self.facts.now)),
                });
            }
        }
        // A machine that is gone, or has a pinned key, needs none.
        let unpinned = |key: &RecordedHostKey| {
            self.facts.machines.iter().any(|machine| machine.name == key.machine && !machine.pinned)
        };
        self.plan.status.host_keys.retain(unpinned);
    }

    /// Says whether every machine has the key that it must have; says nothing as long as none ever had another.
    pub(super) fn tell_host_keys(&mut self) {
        let changed: Vec<String> = self.facts.machines.iter().filter_map(changed_key).collect();
        let status = &mut self.plan.status;
        if !changed.is_empty() {
            status.set(
                HOST_KEY,
                "",
                false,
                super::Trouble::HOST_KEY_CHANGED,
                &changed.join("\n"),
                self.facts.now,
            );
        } else if condition(&status.conditions, HOST_KEY).is_some_and(|condition| condition.status != "True")
            && self.facts.machines.iter().all(has_shown_its_key)
        {
            status.set(
                HOST_KEY,
                "",
                true,
                "HostKeysMatch",
                "Every machine has the key that it must have.",
                self.facts.now,
            );
        }
    }
}

/// Whether what was done last on a machine began with the key that it must have.
fn has_shown_its_key(machine: &super::MachineFacts) -> bool {
    machine.last.as_ref().is_some_and(|last| match &last.outcome {
        // A login may fail before anything is asked of the machine: where there is no Secret, for one.
        super::Outcome::Failed(trouble) => matches!(trouble, super::Trouble::Files(_)),
        super::Outcome::Copied | super::Outcome::Ran { .. } => true,
    })
}

fn changed_key(machine: &super::MachineFacts) -> Option<String> {
    match &machine.last.as_ref()?.outcome {
        super::Outcome::Failed(super::Trouble::HostKey(why)) => Some(format!("{}: {why}", machine.name)),
        _ => None,
    }
}
