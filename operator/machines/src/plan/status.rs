//! The part of a status that is Hookgate's.

use super::{Draft, Facts};
use hookgate_api::platform::{
    CLUSTER, COPY_FILES, Condition, HOST_KEY, HookRun, HookType, RecordedHostKey, TARGET_VERSION, condition,
    is_true, same_version, set_condition,
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::Value;

/// The reason of a condition when there is no Cluster of that name.
pub const NO_CLUSTER: &str = "NoSuchCluster";
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

    /// Whether a condition is for that version, whether or not that has a leading `v`.
    pub fn is_for(&self, type_: &str, target: &str) -> bool {
        self.target_of(type_).is_some_and(|own| same_version(own, target))
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
        let is_there = condition(&self.conditions, type_).is_some();
        set_condition(&mut self.conditions, type_, done, reason, message, &time(now));
        if !is_there {
            self.move_into_order(type_);
        }
        self.note(type_, TARGET_VERSION, target);
    }

    /// Puts a condition that was just added before those that come after it in the original's order.
    fn move_into_order(&mut self, type_: &str) {
        let Some(own) = rank(type_) else { return };
        let later = |condition: &Condition| rank(&condition.type_).is_some_and(|rank| rank > own);
        if let Some(place) = self.conditions.iter().position(later)
            && let Some(added) = self.conditions.pop()
        {
            self.conditions.insert(place, added);
        }
    }

    pub(super) fn set_digest(&mut self, type_: &str, digest: &str) {
        self.note(type_, DIGEST, digest);
    }

    /// Writes the version that a condition is for as it is written now.
    pub(super) fn respell(&mut self, type_: &str, target: &str) {
        if self.is_for(type_, target) {
            self.note(type_, TARGET_VERSION, target);
        }
    }

    fn note(&mut self, type_: &str, field: &str, value: &str) {
        if let Some(condition) = self.conditions.iter_mut().find(|condition| condition.type_ == type_) {
            condition.other.insert(field.to_owned(), Value::String(value.to_owned()));
        }
    }
}

/// The place of a condition in the original's order: the files come before all hooks.
fn rank(type_: &str) -> Option<usize> {
    if type_ == COPY_FILES {
        return Some(0);
    }
    HookType::ALL.into_iter().position(|hook| hook.condition() == type_).map(|place| place + 1)
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

    /// Says that a Machine's Cluster is there; says nothing as long as it always was.
    pub(super) fn tell_cluster(&mut self) {
        let status = &mut self.plan.status;
        if condition(&status.conditions, CLUSTER).is_some_and(|condition| condition.status != "True") {
            status.set(CLUSTER, "", true, "ClusterFound", "The Cluster is there.", self.facts.now);
        }
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

/// Says that the Cluster of a Machine isn't there.
pub fn without_cluster(status: &HookStatus, cluster: &str, now: Timestamp) -> HookStatus {
    let mut status = status.clone();
    let message = format!("There is no Cluster {cluster:?}: create it, or correct spec.clusterName.");
    status.set(CLUSTER, "", false, NO_CLUSTER, &message, now);
    status
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
