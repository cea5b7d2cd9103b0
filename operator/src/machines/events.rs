//! What people are told as Kubernetes Events: the difference that a pass made to what a status has of hooks.

use crate::plan::{PlannedEvent, Severity};
use hookgate_api::platform::{Condition, HOST_KEY, HookRun, RunState, condition};
use hookgate_machines::{
    plan::{HookStatus, NO_CLUSTER, Trouble},
    text::end_of,
};

/// Reasons of conditions that are false because it goes on by itself, or isn't wanted any more.
const AS_IT_SHOULD_BE: [&str; 3] = ["Pending", "Copying", "Withdrawn"];
/// How much of a hook's output an Event has: its end, so that all of it fits into the note.
const OUTPUT_BYTES: usize = 512;

pub(super) fn events(before: &HookStatus, after: &HookStatus) -> Vec<PlannedEvent> {
    let runs = after.runs.iter().filter_map(|run| run_event(&before.runs, run));
    let conditions = after.conditions.iter().filter_map(|now| condition_event(&before.conditions, now));
    runs.chain(conditions).collect()
}

/// How a run ended that had not ended before.
pub(super) fn ended<'a>(before: &HookStatus, after: &'a HookStatus) -> Vec<&'a HookRun> {
    let news = |run: &&HookRun| {
        matches!(run.state, RunState::Succeeded | RunState::Failed) && is_news(&before.runs, run)
    };
    after.runs.iter().filter(news).collect()
}

fn is_news(before: &[HookRun], run: &HookRun) -> bool {
    !before.iter().any(|known| known.run_id == run.run_id && known.state == run.state)
}

fn run_event(before: &[HookRun], run: &HookRun) -> Option<PlannedEvent> {
    if !is_news(before, run) {
        return None;
    }
    let HookRun { machine, hook, target_version, attempts, run_id, message, .. } = run;
    let which = format!("{hook} on {machine} for version {target_version}, attempt {attempts}, run {run_id}");
    Some(match run.state {
        RunState::Pending => return None,
        RunState::Running => event(Severity::Normal, "HookStarted", which),
        RunState::Succeeded => event(Severity::Normal, "HookSucceeded", which),
        RunState::Failed => {
            let (how, output) = message.split_once('\n').unwrap_or((message, ""));
            let note = format!("{which}: {how}\n{}", end_of(output, OUTPUT_BYTES));
            event(Severity::Warning, "HookFailed", note.trim_end().to_owned())
        }
    })
}

/// A condition that has begun to say something that somebody has to look at, or a host key that is right again.
fn condition_event(before: &[Condition], now: &Condition) -> Option<PlannedEvent> {
    let known = condition(before, &now.type_);
    if known.is_some_and(|known| known.status == now.status && known.reason == now.reason) {
        return None;
    }
    let was_false = known.is_some_and(|known| known.status == "False");
    let (reason, is_host_key) = (reason(&now.reason)?, now.type_ == HOST_KEY);
    match (now.status.as_str(), is_host_key) {
        ("True", true) if was_false => Some(event(Severity::Normal, reason, now.message.clone())),
        ("True", _) => None,
        // The host key has a condition of its own: the hook's says the same once more.
        (_, false) if reason == Trouble::HOST_KEY_CHANGED => None,
        (_, true) => Some(event(Severity::Warning, reason, now.message.clone())),
        (_, false) => Some(event(Severity::Warning, reason, format!("{}: {}", now.type_, now.message))),
    }
}

/// The reasons of Hookgate's own conditions that are told; those of others' are theirs to tell.
fn reason(text: &str) -> Option<&'static str> {
    const TOLD: [&str; 10] = [
        Trouble::HOST_KEY_CHANGED,
        Trouble::LOGIN_REFUSED,
        Trouble::MACHINE_UNREACHABLE,
        Trouble::FILES_NOT_COPIED,
        "HostKeysMatch",
        "FilesRefused",
        "HookRefused",
        "NoSuchFile",
        "NoMachine",
        NO_CLUSTER,
    ];
    TOLD.into_iter().find(|told| *told == text)
}

/// The conditions of hooks, and of the files, that hang: something has failed, and nobody can go on.
pub(super) fn hanging(status: &HookStatus) -> Vec<&str> {
    let hangs = |condition: &&Condition| {
        condition.status == "False"
            && status.target_of(&condition.type_).is_some()
            && !AS_IT_SHOULD_BE.contains(&condition.reason.as_str())
            && (condition.reason != "HookRunning" || is_tried_again(status, &condition.type_))
    };
    status.conditions.iter().filter(hangs).map(|condition| condition.type_.as_str()).collect()
}

fn is_tried_again(status: &HookStatus, type_: &str) -> bool {
    let of = |run: &&HookRun| run.hook.condition() == type_ && status.is_for(type_, &run.target_version);
    status.runs.iter().filter(of).any(|run| run.state != RunState::Succeeded && run.attempts > 1)
}

fn event(severity: Severity, reason: &'static str, note: String) -> PlannedEvent {
    PlannedEvent { severity, reason, note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status(runs: serde_json::Value, conditions: serde_json::Value) -> HookStatus {
        HookStatus {
            runs: serde_json::from_value(runs).unwrap(),
            conditions: serde_json::from_value(conditions).unwrap(),
            host_keys: Vec::new(),
        }
    }

    fn run(state: &str, attempts: u32) -> serde_json::Value {
        json!({
            "machine": "10.0.0.9", "hook": "PreInstall", "targetVersion": "1.18.3", "digest": "d", "state": state,
            "runId": format!("id{attempts}"), "attempts": attempts, "message": if state == "Failed" { "exit code 3\nlast words" } else { "" },
        })
    }

    fn hook(status: &str, reason: &str) -> serde_json::Value {
        json!({
            "type": "EnsurePreInstallHook", "status": status, "reason": reason, "message": "10.0.0.9: why",
            "targetVersion": "1.18.3",
        })
    }

    fn told(before: &HookStatus, after: &HookStatus) -> Vec<(Severity, &'static str, String)> {
        events(before, after).into_iter().map(|event| (event.severity, event.reason, event.note)).collect()
    }

    #[test]
    fn a_run_is_told_when_it_starts_fails_and_succeeds_and_once() {
        let states = [("Running", 1), ("Failed", 1), ("Running", 2), ("Succeeded", 2)];
        let mut before = HookStatus::default();
        let mut all = Vec::new();
        for (state, attempts) in states {
            let after = status(json!([run(state, attempts)]), json!([]));
            all.extend(told(&before, &after));
            assert_eq!(told(&after, &after), []);
            let counted = ended(&before, &after).len();
            assert_eq!(counted, usize::from(state != "Running"), "{state}");
            before = after;
        }
        let which = "PreInstall on 10.0.0.9 for version 1.18.3, attempt";
        assert_eq!(
            all,
            [
                (Severity::Normal, "HookStarted", format!("{which} 1, run id1")),
                (Severity::Warning, "HookFailed", format!("{which} 1, run id1: exit code 3\nlast words")),
                (Severity::Normal, "HookStarted", format!("{which} 2, run id2")),
                (Severity::Normal, "HookSucceeded", format!("{which} 2, run id2")),
            ]
        );
    }

    #[test]
    fn what_keeps_a_hook_from_running_is_told_when_it_begins() {
        let none = HookStatus::default();
        let unreachable = status(json!([]), json!([hook("False", "MachineUnreachable")]));
        let expected =
            (Severity::Warning, "MachineUnreachable", "EnsurePreInstallHook: 10.0.0.9: why".to_owned());
        assert_eq!(told(&none, &unreachable), [expected]);
        assert_eq!(told(&unreachable, &unreachable), []);
        for quiet in ["Pending", "HookRunning", "HookFailed", "SomebodyElses"] {
            assert_eq!(told(&unreachable, &status(json!([]), json!([hook("False", quiet)]))), [], "{quiet}");
        }
        assert_eq!(told(&unreachable, &status(json!([]), json!([hook("True", "HookSucceeded")]))), []);
    }

    #[test]
    fn a_changed_host_key_is_told_once_and_when_it_is_right_again() {
        let key = |is: &str, reason: &str| {
            let key = json!({"type": "EnsureHostKey", "status": is, "reason": reason, "message": "10.0.0.9: the key"});
            status(json!([]), json!([key, hook("False", "HostKeyChanged")]))
        };
        let (changed, right) = (key("False", "HostKeyChanged"), key("True", "HostKeysMatch"));
        let expected = (Severity::Warning, "HostKeyChanged", "10.0.0.9: the key".to_owned());
        assert_eq!(told(&HookStatus::default(), &changed), [expected]);
        assert_eq!(
            told(&changed, &right),
            [(Severity::Normal, "HostKeysMatch", "10.0.0.9: the key".to_owned())]
        );
        assert_eq!(told(&right, &right), []);
    }

    #[test]
    fn a_hook_hangs_from_its_first_failure_until_it_is_done() {
        let hangs =
            |runs, is: &str, reason: &str| hanging(&status(runs, json!([hook(is, reason)]))).len() == 1;
        assert!(!hangs(json!([]), "False", "Pending"));
        assert!(!hangs(json!([run("Running", 1)]), "False", "HookRunning"));
        assert!(hangs(json!([run("Failed", 1)]), "False", "HookFailed"));
        assert!(hangs(json!([run("Running", 2)]), "False", "HookRunning"), "it is tried again");
        assert!(hangs(json!([]), "False", "MachineUnreachable") && hangs(json!([]), "False", "HookRefused"));
        assert!(!hangs(json!([run("Succeeded", 2)]), "True", "HookSucceeded"));
        let others = json!([{"type": "EnsureEtcd", "status": "False", "reason": "Broken", "message": ""}]);
        assert_eq!(hanging(&status(json!([]), others)), Vec::<&str>::new(), "a provisioner's own");
    }
}
