//! Tells what a policy would have refused, had its mode been Enforce.

use super::{Action, PlannedEvent, Severity, View};

/// A hook that starts although a policy warns of it gets an Event; what is only to be recorded goes into the log.
pub(super) fn tell(
    view: &View<'_>,
    actions: &[Action],
    events: &mut Vec<PlannedEvent>,
    notes: &mut Vec<String>,
) {
    let policy = &view.observation.policy;
    notes.extend(policy.records.iter().map(|record| format!("policy {}: {record}", policy.names)));
    let starts = |action: &Action| matches!(action, Action::StartRun(_) | Action::ExecuteSql { .. });
    if actions.iter().any(starts) {
        events.extend(policy.warnings.iter().map(|warning| PlannedEvent {
            severity: Severity::Warning,
            reason: "HookPolicyWarning",
            note: warning.clone(),
        }));
    }
}
