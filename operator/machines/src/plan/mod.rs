//! What is due: facts about a cluster or a worker go in, and the next status, tasks for its machines and what becomes of
//! the finalizer come out. Nothing here reads a clock, a file or a network.
//!
//! A run is first written into the status, as under way, and begun only by a pass that found it there: whatever dies in
//! between, the run has one name, by which the machine knows it.

mod backoff;
mod copy;
mod facts;
mod hook;
mod operation;
mod status;
mod under_way;

pub use backoff::backoff;
pub use facts::{
    Attempt, Deletion, Doing, Facts, FileFacts, MachineFacts, Outcome, Report, ScriptFacts, Subject, Trouble,
    Tuning,
};
pub use operation::{Operation, Step, operation};
pub use status::{HookStatus, NO_CLUSTER, without_cluster};

use hookgate_api::platform::{COPY_FILES, HookRun, HookType, Lifecycle, PENDING, RunState, same_version};
use std::{collections::BTreeMap, time::Duration};

/// What to do on a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The machine's place among the facts' machines.
    pub machine: usize,
    /// What.
    pub doing: Doing,
}

/// What becomes of the finalizer, by which a Cluster waits for its delete hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finalizer {
    /// It stays as it is.
    Keep,
    /// It's set, before anything else is done.
    Add,
    /// It's taken away: everything is done.
    Remove,
}

/// What is due.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What the status says next.
    pub status: HookStatus,
    /// What becomes of the finalizer.
    pub finalizer: Finalizer,
    /// What to do on machines, once the status is written; nothing of it is new in that status.
    pub tasks: Vec<Task>,
    /// When to look again, if nothing happens before.
    pub look_again: Option<Duration>,
}

/// A plan that is being made.
struct Draft<'a> {
    facts: &'a Facts<'a>,
    plan: Plan,
    /// Why nothing begins on machines, by their places: reason and message. A run is under way, or files can't be brought
    /// there.
    kept_off: BTreeMap<usize, (&'static str, String)>,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Done,
    /// It waits for machines that can't be used, and all others may go on.
    WaitsForSome,
    Waits,
}

/// Decides what is due.
pub fn plan(facts: &Facts<'_>) -> Plan {
    let plan = Plan {
        status: facts.status.clone(),
        finalizer: Finalizer::Keep,
        tasks: Vec::new(),
        look_again: None,
    };
    let mut draft = Draft { facts, plan, kept_off: BTreeMap::new() };
    draft.record_host_keys();
    match &facts.subject {
        Subject::Cluster { deletion: Deletion::None, finalizer: false } => {
            draft.plan.finalizer = Finalizer::Add
        }
        // Nobody waits for it: there was never anything to do.
        Subject::Cluster { deletion: Deletion::Others | Deletion::OnlyOurs, finalizer: false } => {}
        _ => draft.operate(),
    }
    draft.tell_host_keys();
    draft.tell_cluster();
    draft.plan
}

impl Draft<'_> {
    fn operate(&mut self) {
        let operation = operation(self.facts);
        match &operation {
            Operation::Idle => {
                self.withdraw();
                if !matches!(self.facts.subject, Subject::Worker { deleted: true, .. }) {
                    self.follow_all(&operation, "");
                }
            }
            Operation::Adopt { version } => {
                self.follow_all(&operation, version);
                for hook in operation.hooks(&self.facts.subject) {
                    self.conclude(
                        hook,
                        version,
                        "InstalledBefore",
                        "It was installed before Hookgate saw it.",
                    );
                }
            }
            Operation::Install { target } | Operation::Upgrade { target } | Operation::Delete { target } => {
                self.walk(&operation, target);
            }
        }
    }

    /// Goes as far as it can.
    fn walk(&mut self, operation: &Operation, target: &str) {
        self.follow_all(operation, target);
        self.begin(operation, target);
        for step in operation.steps(&self.facts.subject) {
            let progress = match step {
                Step::Files => self.files(operation, target),
                Step::Hook(hook) => self.hook(hook, target, operation),
                Step::Provisioner if operation.provisioner_is_done(self.facts) => Progress::Done,
                Step::Provisioner => Progress::Waits,
            };
            if progress == Progress::Waits {
                return;
            }
        }
        if matches!(operation, Operation::Delete { .. }) && !self.is_at_work() {
            self.plan.finalizer = Finalizer::Remove;
        }
    }

    /// Every hook of the operation has a condition for its target, so that whoever waits for one sees which.
    fn begin(&mut self, operation: &Operation, target: &str) {
        let hooks = operation.hooks(&self.facts.subject);
        for hook in hooks {
            if !self.plan.status.is_for(hook.condition(), target) {
                let message = "It has not begun.";
                self.plan.status.set(hook.condition(), target, false, PENDING, message, self.facts.now);
            }
            self.plan.status.respell(hook.condition(), target);
            // What ran for another target says nothing of this one, and a later return to that target is another one.
            let other = |run: &HookRun| {
                run.hook == hook
                    && !same_version(&run.target_version, target)
                    && run.state != RunState::Running
            };
            self.plan.status.runs.retain(|run| !other(run));
        }
    }

    /// An upgrade that isn't wanted any more.
    fn withdraw(&mut self) {
        let wanted = self.facts.wanted_version;
        for hook in HookType::ALL.into_iter().filter(|hook| hook.lifecycle() == Lifecycle::Upgrade) {
            let status = &mut self.plan.status;
            if status.target_of(hook.condition()).is_some_and(|target| !same_version(target, wanted))
                && !status.is_true(hook.condition())
            {
                let target = status.target_of(hook.condition()).unwrap_or_default().to_owned();
                let message = "This version is not wanted any more.";
                status.set(hook.condition(), &target, false, "Withdrawn", message, self.facts.now);
            }
        }
    }

    /// A hook that is done.
    fn conclude(&mut self, hook: HookType, target: &str, reason: &str, message: &str) {
        self.plan.status.set(hook.condition(), target, true, reason, message, self.facts.now);
    }

    /// Looks again after that time at the latest.
    fn look_again(&mut self, after: Duration) {
        self.plan.look_again = Some(self.plan.look_again.map_or(after, |soonest| soonest.min(after)));
    }

    /// What keeps a step from going on.
    fn hang(&mut self, condition: &str, target: &str, reason: &str, message: &str) -> Progress {
        self.plan.status.set(condition, target, false, reason, message, self.facts.now);
        Progress::Waits
    }

    /// The files are not to be had: nothing can go on.
    fn refuse_files(&mut self, target: &str, why: &str) -> Progress {
        // The folder may be changed without a sign.
        self.look_again(Duration::from_secs(30));
        self.hang(COPY_FILES, target, "FilesRefused", why)
    }
}
