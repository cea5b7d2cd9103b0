//! A world in which a cluster lives.

use hookgate_api::platform::{HookType, Phase, condition};
use hookgate_machines::{
    plan::{
        Deletion, Doing, Facts, FileFacts, Finalizer, HookStatus, MachineFacts, Operation, Outcome, Plan,
        Report, ScriptFacts, Subject, Task, Trouble, Tuning, operation, plan,
    },
    run::Ending,
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

/// What has happened on machines: machine, hook.
pub type Happened = Vec<(String, HookType)>;

/// A machine.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    pub facts: MachineFacts,
    /// How the next attempts end; those after them succeed.
    pub endings: VecDeque<Ending>,
    /// What is wrong with it.
    pub trouble: Option<Trouble>,
    /// What is being done, and for how many more ticks.
    pub doing: Option<(Doing, u32)>,
    /// The attempts that have ended, by name.
    ended: BTreeMap<String, Ending>,
    /// The run that goes on there, until somebody sees its end: an operator that dies doesn't end it.
    alive: Option<String>,
}

pub struct World {
    pub machines: Vec<Machine>,
    pub hooks: BTreeMap<HookType, ScriptFacts>,
    pub files: Result<FileFacts, String>,
    pub skipped: BTreeSet<String>,
    pub subject: Subject,
    pub wanted: String,
    pub installed: Option<String>,
    pub phase: Option<Phase>,
    pub status: HookStatus,
    pub now: Timestamp,
    /// The hooks that began, in their order.
    pub begun: Happened,
    /// The hooks that succeeded, in their order.
    pub succeeded: Happened,
    pub gone: bool,
    /// What every hook prints.
    pub output: String,
}

/// A worker of a cluster whose masters have that version.
pub fn worker(cluster_version: Option<&str>) -> Subject {
    Subject::Worker {
        cluster_version: cluster_version.map(str::to_owned),
        cluster_deleted: false,
        deleted: false,
    }
}

impl World {
    /// A cluster of so many masters with all ten hooks.
    pub fn new(masters: usize) -> Self {
        let machine = |number: usize| Machine {
            facts: MachineFacts {
                name: format!("10.0.0.{number}"),
                host_key: Some(format!("ssh-ed25519 key-{number}")),
                ..MachineFacts::default()
            },
            ..Machine::default()
        };
        let script = |hook: HookType| ScriptFacts {
            path: format!("/hooks/{hook}"),
            digest: Some(format!("digest-of-{hook}")),
            refusal: None,
        };
        Self {
            machines: (1..=masters).map(machine).collect(),
            hooks: HookType::ALL.into_iter().map(|hook| (hook, script(hook))).collect(),
            files: Ok(FileFacts { digest: "files-1".to_owned(), count: 1 }),
            skipped: BTreeSet::new(),
            subject: Subject::Cluster { deletion: Deletion::None, finalizer: false },
            wanted: "1.18.3".to_owned(),
            installed: None,
            phase: Some(Phase::Initializing),
            status: HookStatus::default(),
            now: Timestamp::UNIX_EPOCH,
            begun: Vec::new(),
            succeeded: Vec::new(),
            gone: false,
            output: "the end of the output\n".to_owned(),
        }
    }

    pub fn decide(&self) -> Plan {
        plan(&self.facts())
    }

    pub fn operation(&self) -> Operation {
        operation(&self.facts())
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            owner: "uid",
            subject: self.subject.clone(),
            wanted_version: &self.wanted,
            installed_version: self.installed.as_deref(),
            phase: self.phase.as_ref(),
            hooks: self.hooks.clone(),
            skipped: self.skipped.clone(),
            files: self.files.clone(),
            machines: self.machines.iter().map(|machine| machine.facts.clone()).collect(),
            status: self.status.clone(),
            tuning: Tuning { backoff: Duration::from_secs(10), max_backoff: Duration::from_secs(300) },
            now: self.now,
        }
    }

    /// One pass of the operator, of which everything is done.
    pub fn pass(&mut self) {
        let plan = self.decide();
        self.write(&plan);
        for task in plan.tasks {
            self.start(task);
        }
    }

    /// The status is written, as far as a crash lets it.
    pub fn write(&mut self, plan: &Plan) {
        for task in &plan.tasks {
            if let Doing::Run(attempt) = &task.doing {
                let written = self.status.runs.iter().any(|run| run.run_id == attempt.id.as_str());
                assert!(written, "{attempt:?} is to begin and is not written down");
            }
        }
        self.status = plan.status.clone();
        if let Subject::Cluster { finalizer, deletion } = &mut self.subject {
            match plan.finalizer {
                Finalizer::Keep => {}
                Finalizer::Add => *finalizer = true,
                Finalizer::Remove => {
                    assert_eq!(*deletion, Deletion::OnlyOurs);
                    self.gone = true;
                }
            }
        }
    }

    pub fn start(&mut self, task: Task) {
        let machine = &mut self.machines[task.machine];
        assert!(machine.doing.is_none(), "{} is busy with {:?}", machine.facts.name, machine.doing);
        machine.facts.busy = true;
        if let (Doing::Run(attempt), None) = (&task.doing, &machine.trouble) {
            let known = machine.ended.contains_key(attempt.id.as_str());
            if !known && !attempt.wanted {
                machine.ended.insert(attempt.id.to_string(), Ending::NeverBegan);
            } else if !known {
                // The machine begins a run of a name only once.
                let other = machine.alive.replace(attempt.id.to_string());
                assert_eq!(
                    other, None,
                    "{} begins beside another one on {}",
                    attempt.hook, machine.facts.name
                );
                self.begun.push((machine.facts.name.clone(), attempt.hook));
                let ending = machine.endings.pop_front().unwrap_or(Ending::Exited(0));
                machine.ended.insert(attempt.id.to_string(), ending);
                if ending == Ending::Exited(0) {
                    self.succeeded.push((machine.facts.name.clone(), attempt.hook));
                }
            }
        }
        machine.doing = Some((task.doing, 2));
    }

    /// A second passes, and what is being done goes on.
    pub fn tick(&mut self) {
        self.now = self.now.checked_add(SignedDuration::from_secs(1)).unwrap();
        for machine in &mut self.machines {
            let Some((doing, left)) = machine.doing.take() else { continue };
            if left > 0 {
                machine.doing = Some((doing, left - 1));
                continue;
            }
            machine.facts.busy = false;
            let failures = machine.facts.last.as_ref().map_or(0, |last| last.failures);
            let outcome = match (&machine.trouble, &doing) {
                (Some(trouble), _) => Outcome::Failed(trouble.clone()),
                (None, Doing::Copy { digest }) => {
                    machine.facts.copied = Some(digest.clone());
                    Outcome::Copied
                }
                (None, Doing::Run(attempt)) => {
                    let ending = machine.ended[attempt.id.as_str()];
                    machine.alive.take_if(|id| id == attempt.id.as_str());
                    Outcome::Ran { ending, output: self.output.clone() }
                }
            };
            let failures = if matches!(outcome, Outcome::Failed(_)) { failures + 1 } else { 0 };
            machine.facts.last = Some(Report { doing, outcome, failures, at: self.now });
        }
    }

    /// The operator dies; the next one knows what is written down, and asks the machines.
    pub fn crash(&mut self) {
        for machine in &mut self.machines {
            machine.doing = None;
            machine.facts.busy = false;
            machine.facts.last = None;
            machine.facts.copied = None;
        }
    }

    /// Passes and ticks until a condition is true, 2,000 at most.
    pub fn until(&mut self, what: &str, reached: impl Fn(&Self) -> bool) {
        for _ in 0..2_000 {
            if reached(self) {
                return;
            }
            self.pass();
            self.tick();
        }
        panic!("{what} is not reached: {:#?}", self.status);
    }

    pub fn until_done(&mut self, hook: HookType) {
        let target = self.wanted.clone();
        self.until(hook.as_str(), |world| world.status.is_done(hook.condition(), &target));
    }

    /// Nothing changes any more.
    pub fn rest(&mut self) {
        for _ in 0..20 {
            self.pass();
            self.tick();
        }
    }

    pub fn install(&mut self) {
        self.until_done(HookType::PreInstall);
        self.phase = Some(Phase::Running);
        self.installed = Some(self.wanted.clone());
        self.until_done(HookType::PostClusterInstall);
    }

    pub fn upgrade(&mut self, to: &str) {
        self.wanted = to.to_owned();
        self.until_done(HookType::PreUpgrade);
        self.phase = Some(Phase::Upgrading);
        self.rest();
        self.phase = Some(Phase::Running);
        self.installed = Some(to.to_owned());
        self.until_done(HookType::PostClusterUpgrade);
    }

    pub fn delete(&mut self, others: bool) {
        let deletion = if others { Deletion::Others } else { Deletion::OnlyOurs };
        self.subject = Subject::Cluster { deletion, finalizer: true };
    }

    pub fn reason(&self, type_: &str) -> (&str, &str) {
        let condition = condition(&self.status.conditions, type_).unwrap();
        (&condition.reason, &condition.message)
    }

    /// The hooks that succeeded, once each where several in a row are the same.
    pub fn order(&self) -> Vec<HookType> {
        let mut order: Vec<HookType> = self.succeeded.iter().map(|(_, hook)| *hook).collect();
        order.dedup();
        order
    }

    pub fn on(&self, hook: HookType) -> Vec<&str> {
        let mut machines: Vec<&str> = self
            .succeeded
            .iter()
            .filter(|(_, other)| *other == hook)
            .map(|(machine, _)| machine.as_str())
            .collect();
        machines.sort_unstable();
        machines
    }
}
