//! One hook on its machines.

use super::{
    Attempt, Doing, Draft, MachineFacts, Operation, Outcome, Progress, ScriptFacts, backoff, status::time,
};
use crate::{
    run::{Ending, Identity, RunId},
    text::end_of,
};
use hookgate_api::platform::{HookRun, HookType, RunState, Scope};
use jiff::Timestamp;
use std::time::Duration;

/// How much of the end of a run's output the record and the condition have.
const SHOWN_BYTES: usize = 2 << 10;
/// How much of the ends of all outputs together a condition has.
const OUTPUT_BYTES: usize = 8 << 10;

/// What keeps a hook from being done on a machine, the worst first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Waiting {
    /// The machine can't be used: reason and message.
    Trouble(&'static str, String),
    /// Its last attempt failed: in a line, and the end of its output.
    Failed(String, String),
    /// It runs.
    Running(String),
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
        let under_way = |run: &HookRun| {
            run.hook == hook && run.target_version == target && run.state == RunState::Running
        };
        if hook.is_before()
            && operation.provisioner_is_done(self.facts)
            && self.has_provisioner(operation)
            && !self.plan.status.runs.iter().any(under_way)
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
        let machines = match hook.scope() {
            Scope::Cluster => self.facts.machines.get(..1).unwrap_or_default(),
            Scope::Node => &self.facts.machines,
        };
        if machines.is_empty() {
            return self.hang(hook.condition(), target, "NoMachine", "There is no machine to run it on.");
        }
        let mut waiting = Vec::new();
        for (place, machine) in machines.iter().enumerate() {
            waiting.extend(self.on_machine(place, machine, hook, target, script, &digest));
        }
        self.sum_up(hook, target, waiting, machines.len())
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
            Some(Waiting::Failed(..)) => "HookFailed",
            Some(Waiting::Running(_)) => "HookRunning",
        };
        // All that failed have their part of the message, and the end of the output is what counts.
        let failed = waiting.iter().filter(|waiting| matches!(waiting, Waiting::Failed(..))).count();
        let part = (OUTPUT_BYTES / failed.max(1)).min(SHOWN_BYTES);
        let said = waiting.iter().map(|waiting| match waiting {
            Waiting::Trouble(_, text) | Waiting::Running(text) => text.clone(),
            Waiting::Failed(text, output) => {
                format!("{text}\n{}", end_of(output, part)).trim_end().to_owned()
            }
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
        script: &ScriptFacts,
        digest: &str,
    ) -> Option<Waiting> {
        if let Some((reason, message)) = self.without_files.get(&place) {
            let done = self.plan.status.runs.iter().any(|run| {
                run.is_of(&machine.name, hook, target)
                    && run.digest == digest
                    && run.state == RunState::Succeeded
            });
            return (!done).then(|| Waiting::Trouble(reason, message.clone()));
        }
        let identity = Identity {
            owner: self.facts.owner,
            machine: &machine.name,
            hook,
            target_version: target,
            digest,
        };
        let found = self.plan.status.runs.iter().position(|run| run.is_of(&machine.name, hook, target));
        let observed = found.and_then(|place| self.plan.status.runs.get(place)).cloned();
        let next = match observed {
            Some(run) if run.state == RunState::Running => return self.follow(place, machine, run, script),
            Some(run) if run.digest == digest => match run.state {
                RunState::Succeeded => return None,
                RunState::Failed if self.waits(&run) => return Some(failure(&run)),
                _ => begun(&identity, run.attempts + 1, self.facts.now),
            },
            _ => begun(&identity, 1, self.facts.now),
        };
        // Written down now, done by the next pass, which finds it.
        let waiting = Waiting::Running(line(&next));
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

    /// A run that is under way, as far as is known.
    fn follow(
        &mut self,
        place: usize,
        machine: &MachineFacts,
        run: HookRun,
        script: &ScriptFacts,
    ) -> Option<Waiting> {
        let Some(id) = RunId::parse(&run.run_id) else {
            // Nobody's machine knows a run without a name.
            let run = HookRun { state: RunState::Failed, retry_at: None, ..run };
            let waiting = failure(&run);
            self.keep(run);
            self.look_again(Duration::ZERO);
            return Some(waiting);
        };
        let attempt = Attempt { id, hook: run.hook, script: script.path.clone() };
        let ended = machine
            .last
            .as_ref()
            .filter(|last| matches!(&last.doing, Doing::Run(done) if done.id == attempt.id));
        if let Some(Outcome::Ran { ending, output }) = ended.map(|last| &last.outcome) {
            let ended = self.ended(run, *ending, output);
            let waiting = (ended.state != RunState::Succeeded).then(|| failure(&ended));
            // A success of other bytes than those that are there now is not the success that is wanted.
            let other = script.digest.as_ref().is_some_and(|digest| *digest != ended.digest);
            let again = other.then(|| Waiting::Running(format!("{}: the script has changed", machine.name)));
            if waiting.is_some() || other {
                self.look_again(Duration::ZERO);
            }
            self.keep(ended);
            return waiting.or(again);
        }
        let trouble = self.try_now(place, machine, Doing::Run(attempt));
        Some(match trouble {
            Some(trouble) => {
                Waiting::Trouble(trouble.reason(), format!("{}: {}", machine.name, trouble.message()))
            }
            None => Waiting::Running(line(&run)),
        })
    }

    fn ended(&self, run: HookRun, ending: Ending, output: &str) -> HookRun {
        let (exit_code, how) = match ending {
            Ending::Exited(0) => (Some(0), String::new()),
            Ending::Exited(code) => (Some(code), format!("exit code {code}")),
            Ending::TimedOut => (None, "it took longer than it may, and was ended".to_owned()),
            Ending::Lost => (None, "its process is gone, and nothing is known of its end".to_owned()),
            Ending::NeverBegan => (None, "the machine did not begin it".to_owned()),
        };
        let done = ending == Ending::Exited(0);
        let pause = backoff(self.facts.tuning, run.attempts);
        let retry_at = self.facts.now.checked_add(pause).ok().filter(|_| !done);
        let shown = end_of(output.trim_end(), SHOWN_BYTES);
        let message = match (done, shown.is_empty()) {
            (true, _) => String::new(),
            (false, true) => how,
            (false, false) => format!("{how}\n{shown}"),
        };
        HookRun {
            state: if done { RunState::Succeeded } else { RunState::Failed },
            finished_at: Some(time(self.facts.now)),
            retry_at: retry_at.map(time),
            exit_code,
            message,
            ..run
        }
    }

    /// Puts a run in the place of the one that it follows.
    fn keep(&mut self, run: HookRun) {
        let runs = &mut self.plan.status.runs;
        let place = runs.iter().position(|other| other.is_of(&run.machine, run.hook, &run.target_version));
        match place.and_then(|place| runs.get_mut(place)) {
            Some(place) => *place = run,
            None => runs.push(run),
        }
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
        run_id: RunId::of(identity, attempt).to_string(),
        attempts: attempt,
        started_at: Some(time(now)),
        finished_at: None,
        retry_at: None,
        exit_code: None,
        message: String::new(),
    }
}

/// A run that is under way, in words.
fn line(run: &HookRun) -> String {
    format!("{}: attempt {} is under way", run.machine, run.attempts)
}

/// A run that failed, in words.
fn failure(run: &HookRun) -> Waiting {
    let HookRun { machine, attempts, message, .. } = run;
    let (how, output) = message.split_once('\n').unwrap_or((message, ""));
    let line = match &run.retry_at {
        Some(at) => format!("{machine}: attempt {attempts} failed, the next is at {}: {how}", at.0),
        None => format!("{machine}: attempt {attempts} failed: {how}"),
    };
    Waiting::Failed(line, output.to_owned())
}
