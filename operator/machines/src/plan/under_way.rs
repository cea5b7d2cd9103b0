//! Runs that are under way, whatever is wanted by now: each is awaited before anything else begins on its machine.

use super::{
    Attempt, Doing, Draft, MachineFacts, Operation, Outcome, backoff,
    hook::{RUNNING, SHOWN_BYTES, line},
    status::time,
};
use crate::{
    run::{Ending, RunId},
    text::end_of,
};
use hookgate_api::platform::{HookRun, RunState, host_of, same_version};
use std::{collections::BTreeSet, time::Duration};

/// What is said of a run whose machine isn't there to be asked.
const NOT_IN_SPEC: &str = "its machine is not in the spec: how it ended is asked when it is back, before anything else is done there";

impl Draft<'_> {
    /// Follows every run that is under way, as far as is known, and keeps all else off its machine.
    pub(super) fn follow_all(&mut self, operation: &Operation, target: &str) {
        self.follow_ports();
        let under_way = |run: &&HookRun| run.state == RunState::Running;
        let runs: Vec<HookRun> = self.plan.status.runs.iter().filter(under_way).cloned().collect();
        for run in runs {
            let place = self.facts.machines.iter().position(|machine| machine.name == run.machine);
            let machine = place.and_then(|place| Some((place, self.facts.machines.get(place)?)));
            match (machine, RunId::parse(&run.run_id)) {
                (Some((place, _)), Some(_)) if self.kept_off.contains_key(&place) => {}
                (Some((place, machine)), Some(id)) => {
                    let attempt = Attempt {
                        id,
                        hook: run.hook,
                        script: self
                            .facts
                            .hooks
                            .get(&run.hook)
                            .map(|script| script.path.clone())
                            .unwrap_or_default(),
                        started: run.started_at.as_ref().map(|started| started.0),
                        wanted: self.is_wanted(&run, operation, target),
                    };
                    let run = self.is_back(run);
                    self.follow(place, machine, run, attempt);
                }
                // It may come back, with the hook still at work.
                (None, Some(_)) => self.keep(HookRun { message: NOT_IN_SPEC.to_owned(), ..run }),
                // A run without a name, which no machine knows.
                (_, None) => {
                    self.look_again(Duration::ZERO);
                    self.keep(HookRun { state: RunState::Failed, retry_at: None, ..run });
                }
            }
        }
    }

    /// A machine whose port has changed is the one that it was: its runs get its name. Where it can't be said which one it
    /// was, they stay as they are.
    fn follow_ports(&mut self) {
        for machine in &self.facts.machines {
            let runs = &mut self.plan.status.runs;
            let host = host_of(&machine.name);
            let same = |name: &str| host_of(name) == host;
            let known: BTreeSet<String> =
                runs.iter().map(|run| run.machine.clone()).filter(|name| same(name)).collect();
            let alone = self.facts.machines.iter().filter(|other| same(&other.name)).count() == 1;
            if !alone || known.len() != 1 {
                continue;
            }
            for run in runs.iter_mut().filter(|run| known.contains(&run.machine)) {
                run.machine.clone_from(&machine.name);
            }
        }
    }

    /// The run of a machine that is in the spec. That it wasn't for a while says nothing any more.
    fn is_back(&mut self, run: HookRun) -> HookRun {
        if run.message != NOT_IN_SPEC {
            return run;
        }
        let run = HookRun { message: String::new(), exit_code: None, ..run };
        self.keep(run.clone());
        run
    }

    /// Whether a run would be written down again, were it not.
    fn is_wanted(&self, run: &HookRun, operation: &Operation, target: &str) -> bool {
        let condition = run.hook.condition();
        let script = self.facts.hooks.get(&run.hook);
        operation.hooks(&self.facts.subject).contains(&run.hook)
            && same_version(&run.target_version, target)
            && self.facts.files.is_ok()
            && !self.facts.skipped.contains(condition)
            && !self.plan.status.is_done(condition, target)
            && script.is_some_and(|script| {
                script.refusal.is_none() && script.digest.as_deref() == Some(run.digest.as_str())
            })
    }

    fn follow(&mut self, place: usize, machine: &MachineFacts, run: HookRun, attempt: Attempt) {
        let ended = machine
            .last
            .as_ref()
            .filter(|last| matches!(&last.doing, Doing::Run(done) if done.id == attempt.id));
        if let Some(Outcome::Ran { ending, output }) = ended.map(|last| &last.outcome) {
            let ended = self.ended(run, *ending, output, attempt.wanted);
            self.keep(ended);
            self.look_again(Duration::ZERO);
            return;
        }
        let why = match self.try_now(place, machine, Doing::Run(attempt)) {
            Some(trouble) => (trouble.reason(), format!("{}: {}", machine.name, trouble.message())),
            None => (RUNNING, line(&run)),
        };
        self.kept_off.insert(place, why);
    }

    fn ended(&self, run: HookRun, ending: Ending, output: &str, wanted: bool) -> HookRun {
        let (exit_code, how) = match ending {
            Ending::Exited(0) => (Some(0), String::new()),
            Ending::Exited(code) => (Some(code), format!("exit code {code}")),
            Ending::TimedOut => (None, "it took longer than it may, and was ended".to_owned()),
            Ending::Lost => (None, "its process is gone, and nothing is known of its end".to_owned()),
            Ending::NeverBegan => (None, "the machine did not begin it".to_owned()),
        };
        let done = ending == Ending::Exited(0);
        let pause = backoff(self.facts.tuning, run.attempts);
        let retry_at = self.facts.now.checked_add(pause).ok().filter(|_| wanted && !done);
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

    /// Puts a run in the place of the one that it follows. What has succeeded stays, for its script may be wanted again.
    pub(super) fn keep(&mut self, run: HookRun) {
        let replaced = |other: &HookRun| {
            other.is_of(&run.machine, run.hook, &run.target_version)
                && (other.state != RunState::Succeeded || other.digest == run.digest)
        };
        let runs = &mut self.plan.status.runs;
        match runs.iter().position(replaced).and_then(|place| runs.get_mut(place)) {
            Some(place) => *place = run,
            None => runs.push(run),
        }
    }

    /// Whether a machine that answers is still at something.
    pub(super) fn is_at_work(&self) -> bool {
        self.kept_off.values().any(|(reason, _)| *reason == RUNNING)
    }
}
