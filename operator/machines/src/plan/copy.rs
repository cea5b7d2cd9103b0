//! The files come first: to every machine, before any hook runs there.

use super::{Doing, Draft, MachineFacts, Operation, Outcome, Progress, Task, Trouble, backoff};
use hookgate_api::platform::{COPY_FILES, HookType, Scope};
use std::{collections::BTreeMap, time::Duration};

/// The reason of the condition while files are on their way.
const COPYING: &str = "Copying";

impl<'a> Draft<'a> {
    /// Whether the files are where they have to be.
    pub(super) fn files(&mut self, operation: &Operation, target: &str) -> Progress {
        let needed =
            operation.hooks(&self.facts.subject).into_iter().any(|hook| self.is_to_run(hook, target));
        // A cluster that has no hook to run before it goes needs neither a machine nor a file.
        if !needed && matches!(operation, Operation::Delete { .. }) {
            return Progress::Done;
        }
        let known = self.plan.status.is_done(COPY_FILES, target);
        let (digest, count) = match &self.facts.files {
            Ok(files) => (files.digest.clone(), files.count),
            Err(_) if !needed && known => return Progress::Done,
            Err(why) => return self.refuse_files(target, &why.clone()),
        };
        let same = self.plan.status.digest_of(COPY_FILES) == Some(digest.as_str());
        if known && (same || !needed) {
            return Progress::Done;
        }
        if self.facts.skipped.contains(COPY_FILES) {
            self.plan.status.set(
                COPY_FILES,
                target,
                true,
                "Skipped",
                "spec.features.skipConditions has it.",
                self.facts.now,
            );
            return Progress::Done;
        }
        if count == 0 {
            return self.files_are_there(target, "NoFiles", "There are no files to copy.", &digest);
        }
        // What the hooks to come need: those for the cluster alone need only the first master.
        let machines = self.machines_of(operation);
        let all = machines.len();
        let mut waiting = BTreeMap::new();
        for (place, machine) in machines {
            if machine.copied.as_deref() == Some(digest.as_str()) {
                continue;
            }
            let why = match self.kept_off.get(&place) {
                Some(why) => why.clone(),
                None => self.bring(place, machine, &digest),
            };
            waiting.insert(place, why);
        }
        if waiting.is_empty() {
            return self.files_are_there(target, "Copied", "The files are on every machine.", &digest);
        }
        let trouble = waiting.values().map(|(reason, _)| *reason).find(|reason| *reason != COPYING);
        let said: Vec<&str> = waiting.values().map(|(_, message)| message.as_str()).collect();
        self.hang(COPY_FILES, target, trouble.unwrap_or(COPYING), &said.join("\n"));
        if waiting.len() == all || waiting.values().any(|(reason, _)| *reason == COPYING) {
            return Progress::Waits;
        }
        // A machine that can't be used delays only itself.
        self.kept_off.append(&mut waiting);
        Progress::WaitsForSome
    }

    fn files_are_there(&mut self, target: &str, reason: &str, message: &str, digest: &str) -> Progress {
        self.plan.status.set(COPY_FILES, target, true, reason, message, self.facts.now);
        self.plan.status.set_digest(COPY_FILES, digest);
        Progress::Done
    }

    /// Whether a hook is there and has yet to run.
    fn is_to_run(&self, hook: HookType, target: &str) -> bool {
        self.facts.hooks.contains_key(&hook)
            && !self.facts.skipped.contains(hook.condition())
            && !self.plan.status.is_done(hook.condition(), target)
    }

    /// The machines that an operation's hooks run on: a dead worker or second master keeps no cluster from being deleted.
    fn machines_of(&self, operation: &Operation) -> Vec<(usize, &'a MachineFacts)> {
        let only_first =
            operation.hooks(&self.facts.subject).into_iter().all(|hook| hook.scope() == Scope::Cluster);
        let machines = if only_first { 1 } else { self.facts.machines.len() };
        self.facts.machines.iter().enumerate().take(machines).collect()
    }

    fn bring(&mut self, place: usize, machine: &MachineFacts, digest: &str) -> (&'static str, String) {
        let doing = Doing::Copy { digest: digest.to_owned() };
        if let Some(trouble) = self.try_now(place, machine, doing) {
            return (trouble.reason(), format!("{}: {}", machine.name, trouble.message()));
        }
        (COPYING, format!("{}: the files are on their way", machine.name))
    }

    /// Does something on a machine, unless something is being done there, or it failed a short while ago. Gives what was
    /// wrong the last time.
    pub(super) fn try_now(&mut self, place: usize, machine: &MachineFacts, doing: Doing) -> Option<Trouble> {
        let failed = machine.last.as_ref().and_then(|last| match &last.outcome {
            Outcome::Failed(trouble) => Some((trouble.clone(), last.failures, last.at)),
            _ => None,
        });
        if machine.busy {
            return failed.map(|(trouble, ..)| trouble);
        }
        if let Some((_, failures, at)) = failed {
            let pause = backoff(self.facts.tuning, failures);
            let passed = Duration::try_from(self.facts.now.duration_since(at)).unwrap_or_default();
            if passed < pause {
                self.look_again(pause - passed);
                return failed.map(|(trouble, ..)| trouble);
            }
        }
        self.plan.tasks.push(Task { machine: place, doing });
        failed.map(|(trouble, ..)| trouble)
    }
}
