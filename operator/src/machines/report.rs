//! Tells people what a pass has changed: Events on the object, and metrics.

use super::{
    Owner,
    events::{ended, events, hanging},
    metrics::MachineMetrics,
};
use crate::controller::kubernetes_event;
use hookgate_machines::plan::HookStatus;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::{Client, runtime::events::Recorder};

/// Publishes Events, and counts.
pub(super) struct Reporter {
    recorder: Recorder,
    pub(super) metrics: MachineMetrics,
}

impl Reporter {
    pub(super) fn new(client: Client, metrics: MachineMetrics) -> Self {
        Self { recorder: Recorder::new(client, "hookgate-operator".into()), metrics }
    }

    /// Tells the difference between two statuses, the second of which is written. An Event that can't be published is
    /// logged: the status says the same.
    pub(super) async fn told(
        &self,
        owner: &Owner,
        object: &ObjectReference,
        before: &HookStatus,
        after: &HookStatus,
    ) {
        self.metrics.hangs(owner, &hanging(after));
        for run in ended(before, after) {
            self.metrics.attempt(run.hook.as_str(), run.state);
        }
        for event in events(before, after) {
            if let Err(error) = self.recorder.publish(&kubernetes_event(&event), object).await {
                tracing::warn!(target: "MachineHook", %error, reason = event.reason, "an Event was not published");
            }
        }
    }

    pub(super) fn forget(&self, owner: &Owner) {
        self.metrics.hangs(owner, &[]);
    }

    /// Forgets all objects but these.
    pub(super) fn retain(&self, is_there: &impl Fn(&Owner) -> bool) {
        for owner in self.metrics.hanging().iter().filter(|owner| !is_there(owner)) {
            self.forget(owner);
        }
    }
}
