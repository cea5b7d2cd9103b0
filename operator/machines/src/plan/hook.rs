//! One hook on its machines.

use super::{Draft, MachineFacts, Operation, Progress, ScriptFacts, status::time};
use crate::{
    run::{Identity, RunId},
    text::end_of,
};
use hookgate_api::platform::{HookRun, HookType, RunState, Scope, same_version};
use jiff::Timestamp;
use std::time::Duration;

/// How much of the end of a run's output the record and the condition have.
pub(super) const SHOWN_BYTES: usize = 2 << 10;
/// The reason of a condition while a hook runs.
pub(super) const RUNNING: &str = "HookRunning";
/// How much of the ends of all outputs together a condition has.
const OUTPUT_BYTES: usize = 8 << 10;

/// What keeps a hook from being done on a machine, the worst first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Waiting {
    /// The machine can't be used, for this reason.
    Trouble(&'static str, Said),
    /// Its last attempt failed.
    Failed(Said),
    /// It runs.
    Running(Said),
}

/// What a condition says of a machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    line: String,
    /// The end of the output of the last attempt that failed.
    output: String,
}

impl Waiting {
    fn said(&self) -> &Said {
        match self {
            Self::Trouble(_, said) | Self::Failed(said) | Self::Running(said) => said,
        }
    }
}

impl Draft<'_> {
    /// Whether a hook is done wherever it has to run.
    pub(super) fn hook(&mut self, hook: HookType, target: &str, operation: &Operation) -> Progress {
        if self.plan.status.is_done(hook.condition(), target) {
            return Progress::Done;
        }
        if self.facts.skipped.contains(hook.condition()) {
            self.conclude(hook, target, "Skipped", "spec.features.skipConditions has it.");
            return Progress::Done;
        }
        let Some(script) = self.facts.hooks.get(&hook) else {
            self.conclude(hook, target, "NoHook", "There is no such hook.");
            return Progress::Done;
        };
        if hook.is_before()
            && operation.provisioner_is_done(self.facts)
            && self.has_provisioner(operation)
            && self.under_way(hook, target).is_none()
        {
            self.conclude(
                hook,
                target,
                "Overtaken",
                "The provisioner has done its part without waiting for this hook.",
            );
            return Progress::Done;
        }
        let digest = match script {
            ScriptFacts { refusal: Some(why), .. } => {
                self.look_again(Duration::from_secs(30));
                return self.hang(hook.condition(), target, "HookRefused", &why.clone());
            }
            ScriptFacts { digest: None, path, .. } => {
                let message = format!(
                    "{path} is not among the files (spec.features.files) that are copied to the machines."
                );
                self.look_again(Duration::from_secs(30));
                return self.hang(hook.condition(), target, "NoSuchFile", &message);
            }
            ScriptFacts { digest: Some(digest), .. } => digest.clone(),
        };
        if self.facts.machines.is_empty() {
            let message = format!(
                "There is no machine to run it on: add one to spec.machines, or pass over the hook with {} in \
                 spec.features.skipConditions.",
                hook.condition()
            );
            return self.hang(hook.condition(), target, "NoMachine", &message);
        }
        let places = match hook.scope() {
            Scope::Cluster if self.has_succeeded(hook, target, &digest) => 0..0,
            // Another master may be the first since it began.
            Scope::Cluster => {
                let place = self.under_way(hook, target).unwrap_or_default();
                place..place + 1
            }
            Scope::Node => 0..self.facts.machines.len(),
        };
        let machines = places.len().max(1);
        let mut waiting = Vec::new();
        for (place, machine) in self.facts.machines.iter().enumerate() {
            if places.contains(&place) {
                waiting.extend(self.on_machine(place, machine, hook, target, &digest));
            }
        }
        self.sum_up(hook, target, waiting, machines)
    }

    /// The place of a machine on which the hook is under way, as far as is known. What runs on a machine that isn't in
    /// the spec any more is nothing to wait for.
    fn under_way(&self, hook: HookType, target: &str) -> Option<usize> {
        let runs = |machine: &MachineFacts| {
            let own = |run: &HookRun| run.is_of(&machine.name, hook, target);
            self.plan.status.runs.iter().any(|run| own(run) && run.state == RunState::Running)
        };
        self.facts.machines.iter().position(runs)
    }

    /// Whether a hook for the cluster has succeeded on some machine. Nobody waits for another attempt then.
    fn has_succeeded(&mut self, hook: HookType, target: &str, digest: &str) -> bool {
        let of_hook = |run: &HookRun| run.hook == hook && same_version(&run.target_version, target);
        let done = |run: &HookRun| of_hook(run) && run.digest == digest && run.state == RunState::Succeeded;
        let has_succeeded = self.plan.status.runs.iter().any(done);
        if has_succeeded {
            self.plan.status.runs.retain(|run| !of_hook(run) || run.state != RunState::Failed);
        }
        has_succeeded
    }

    /// A deletion that nobody else takes part in is not overtaken by anybody.
    fn has_provisioner(&self, operation: &Operation) -> bool {
        !matches!(operation, Operation::Delete { .. })
    }

    fn sum_up(
        &mut self,
        hook: HookType,
        target: &str,
        mut waiting: Vec<Waiting>,
        machines: usize,
    ) -> Progress {
        waiting.sort();
        let reason = match waiting.first() {
            None => {
                let message =
                    if machines == 1 { "1 machine".to_owned() } else { format!("{machines} machines") };
                self.conclude(hook, target, "HookSucceeded", &format!("It succeeded on {message}."));
                return Progress::Done;
            }
            Some(Waiting::Trouble(reason, _)) => reason,
            Some(Waiting::Failed(_)) => "HookFailed",
            Some(Waiting::Running(_)) => RUNNING,
        };
        // All that failed have their part of the message, and the end of the output is what counts.
        let failed = waiting.iter().filter(|waiting| !waiting.said().output.is_empty()).count();
        let part = (OUTPUT_BYTES / failed.max(1)).min(SHOWN_BYTES);
        let said = waiting.iter().map(|waiting| {
            let Said { line, output } = waiting.said();
            format!("{line}\n{}", end_of(output, part)).trim_end().to_owned()
        });
        self.hang(hook.condition(), target, reason, &said.collect::<Vec<_>>().join("\n"))
    }

    /// What is still to be done on a machine; `None` when nothing is.
    fn on_machine(
        &mut self,
        place: usize,
        machine: &MachineFacts,
        hook: HookType,
        target: &str,
        digest: &str,
    ) -> Option<Waiting> {
        let of_hook = |run: &HookRun| run.is_of(&machine.name, hook, target);
        let done = |run: &HookRun| of_hook(run) && run.digest == digest && run.state == RunState::Succeeded;
        if self.plan.status.runs.iter().any(done) {
            // What failed was another script, which isn't wanted any more.
            self.plan.status.runs.retain(|run| !of_hook(run) || run.state != RunState::Failed);
            return None;
        }
        if let Some((reason, message)) = self.kept_off.get(&place) {
            let unfinished = |run: &&HookRun| of_hook(run) && run.state != RunState::Succeeded;
            let run = self.plan.status.runs.iter().find(unfinished);
            return Some(match (*reason, run) {
                (RUNNING, Some(run)) if run.state == RunState::Running => under_way(run),
                (RUNNING, _) => Waiting::Running(Said { line: message.clone(), output: String::new() }),
                (reason, run) => Waiting::Trouble(reason, in_trouble(message, run)),
            });
        }
        let identity = Identity {
            owner: self.facts.owner,
            machine: &machine.name,
            hook,
            target_version: target,
            digest,
        };
        let failed = |run: &&HookRun| of_hook(run) && run.digest == digest && run.state == RunState::Failed;
        let next = match self.plan.status.runs.iter().find(failed).cloned() {
            Some(run) if self.waits(&run) => return Some(failure(&run)),
            // How the last one ended is known until this one has.
            Some(HookRun { attempts, exit_code, message, .. }) => {
                HookRun { exit_code, message, ..begun(&identity, attempts + 1, self.facts.now) }
            }
            None => begun(&identity, 1, self.facts.now),
        };
        // Written down now, done by the next pass, which finds it.
        let waiting = under_way(&next);
        self.keep(next);
        self.look_again(Duration::ZERO);
        Some(waiting)
    }

    /// Whether the next attempt has to wait.
    fn waits(&mut self, run: &HookRun) -> bool {
        let Some(at) = &run.retry_at else { return false };
        let Ok(left) = Duration::try_from(at.0.duration_since(self.facts.now)) else { return false };
        if left.is_zero() {
            return false;
        }
        self.look_again(left);
        true
    }
}

/// The beginning of an attempt.
fn begun(identity: &Identity<'_>, attempt: u32, now: Timestamp) -> HookRun {
    HookRun {
        machine: identity.machine.to_owned(),
        hook: identity.hook,
        target_version: identity.target_version.to_owned(),
        digest: identity.digest.to_owned(),
        state: RunState::Running,
        run_id: RunId::of(identity, attempt, now).to_string(),
        attempts: attempt,
        started_at: Some(time(now)),
        finished_at: None,
        retry_at: None,
        exit_code: None,
        message: String::new(),
    }
}

/// A run that is under way, in a line.
pub(super) fn line(run: &HookRun) -> String {
    let HookRun { machine, attempts, .. } = run;
    let (before, _) = failed_before(run);
    format!("{machine}: attempt {attempts} is under way{before}")
}

fn under_way(run: &HookRun) -> Waiting {
    Waiting::Running(Said { line: line(run), output: failed_before(run).1 })
}

/// A machine that can't be used, and how the hook failed there before.
fn in_trouble(message: &str, run: Option<&HookRun>) -> Said {
    let (before, output) = run.map(failed_before).unwrap_or_default();
    Said { line: format!("{message}{before}"), output }
}

/// The last attempt that failed, as the end of a line, and the end of its output; empty where there was none.
fn failed_before(run: &HookRun) -> (String, String) {
    let (how, output) = run.message.split_once('\n').unwrap_or((&run.message, ""));
    let attempt = run.attempts.saturating_sub(u32::from(run.state == RunState::Running));
    if attempt == 0 || how.is_empty() {
        return (String::new(), String::new());
    }
    (format!("; attempt {attempt} failed: {how}"), output.to_owned())
}

/// A run that failed, in words.
fn failure(run: &HookRun) -> Waiting {
    let HookRun { machine, attempts, message, .. } = run;
    let (how, output) = message.split_once('\n').unwrap_or((message, ""));
    let line = match &run.retry_at {
        Some(at) => format!("{machine}: attempt {attempts} failed, the next is at {}: {how}", at.0),
        None => format!("{machine}: attempt {attempts} failed: {how}"),
    };
    Waiting::Failed(Said { line, output: output.to_owned() })
}
