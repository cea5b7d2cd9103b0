//! What happens in the world without the operator: controllers, pods, the database, people.

use super::{JobState, Life, Strategy, World};
use crate::scenario::{FILE, HELD, PERSON, Rules, index};
use hookgate_api::Component;

/// Something that happens by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// The StatefulSet controller sees the spec of a component's StatefulSet.
    Observed(Component),
    /// The StatefulSet controller lets a pod go.
    LetGo(u8),
    /// A pod comes one step further: gone, made, ready, Alive.
    Proceeds(u8),
    /// An FE is elected.
    Elected(u8),
    /// A script sets what it sets, by way of the leader.
    Sets(u8),
    /// A Job ends well.
    Succeeds(u8),
}

/// What goes wrong, or what people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A pod is evicted.
    Evicted(u8),
    /// An FE's container restarts: it forgets its settings.
    Restarts(u8),
    /// The database loses a member that runs on.
    Lost(u8),
    /// Another FE leads.
    LeaderMoves(u8),
    /// A person changes a setting by way of that FE.
    Person {
        /// The FE.
        pod: u8,
        /// The setting.
        setting: u8,
    },
}

impl World {
    /// Everything that can happen by itself.
    pub fn changes(&self, rules: &Rules) -> Vec<Change> {
        let mut changes = Vec::new();
        for component in Component::ALL {
            if !self.set(component).observed && rules.replicas(component) > 0 {
                changes.push(Change::Observed(component));
            }
        }
        for pod in 0..self.pods.len() {
            let number = u8::try_from(pod).unwrap();
            if self.is_let_go_now(rules, pod) {
                changes.push(Change::LetGo(number));
            }
            if self.proceeds(rules, pod) {
                changes.push(Change::Proceeds(number));
            }
        }
        if self.leader.is_none() {
            let serving = rules.pods_of(Component::Fe).filter(|pod| self.pods[*pod].life == Life::Serving);
            changes.extend(serving.map(|pod| Change::Elected(u8::try_from(pod).unwrap())));
        }
        for (number, job) in self.jobs.iter().enumerate() {
            if job.state == JobState::Running && rules.scenario.scripts_set {
                changes.extend(self.leader.map(|_| Change::Sets(u8::try_from(number).unwrap())));
            } else if matches!(job.state, JobState::Running | JobState::Set) {
                changes.push(Change::Succeeds(u8::try_from(number).unwrap()));
            }
        }
        changes
    }

    /// Whether the controller takes a pod away: open, and all above are well.
    fn is_let_go_now(&self, rules: &Rules, pod: usize) -> bool {
        let place = &rules.pods[pod];
        let above = rules.pods_of(place.component).filter(|other| *other > pod);
        self.set(place.component).observed
            && self.is_open(rules, pod)
            && above.into_iter().all(|other| self.pods[other].answers())
    }

    fn proceeds(&self, rules: &Rules, place: usize) -> bool {
        let (pod, component) = (self.pods[place], rules.pods[place].component);
        match pod.life {
            Life::Terminating | Life::Ready => true,
            Life::Absent => self.set(component).observed,
            Life::Starting => rules.template(component, pod.template).works,
            Life::Serving => false,
        }
    }

    /// Makes something happen. `fresh` finds a uid that nobody remembers.
    pub fn change(&mut self, rules: &Rules, change: Change, fresh: impl Fn(&Self, usize) -> u8) {
        match change {
            Change::Observed(component) => {
                let set = &mut self.sets[index(component)];
                set.observed = true;
                set.seen = set.template;
            }
            Change::LetGo(pod) => self.terminate(usize::from(pod)),
            Change::Proceeds(pod) => self.proceed(rules, usize::from(pod), fresh),
            Change::Elected(pod) => self.leader = Some(pod),
            Change::Sets(job) => self.run_script(rules, usize::from(job)),
            Change::Succeeds(job) => self.jobs[usize::from(job)].state = JobState::Succeeded,
        }
        self.complete(rules);
    }

    /// A script switches something off before, and sets a literal afterwards. Without a leader it waits.
    fn run_script(&mut self, rules: &Rules, job: usize) {
        self.jobs[job].state = JobState::Set;
        let value = if self.jobs[job].name.contains("-pre-") { HELD } else { PERSON };
        if let Some(leader) = self.leader {
            self.set_config(rules, usize::from(leader), 0, value, true);
        }
    }

    /// A rolling update is complete when every pod is ready at the update revision (not under OnDelete).
    fn complete(&mut self, rules: &Rules) {
        for component in Component::ALL {
            let set = *self.set(component);
            let back = |place: usize| self.pods[place].answers() && self.pods[place].template == set.template;
            let complete = rules.pods_of(component).all(back);
            if set.observed && complete && matches!(set.strategy, Strategy::Partition(_)) {
                self.sets[index(component)].current = set.template;
            }
        }
    }

    fn proceed(&mut self, rules: &Rules, place: usize, fresh: impl Fn(&Self, usize) -> u8) {
        let life = self.pods[place].life;
        match life {
            Life::Terminating => self.pods[place].life = Life::Absent,
            Life::Starting => self.pods[place].life = Life::Ready,
            Life::Ready | Life::Serving => self.pods[place].life = Life::Serving,
            Life::Absent => {
                let (set, ordinal) = (*self.set(rules.pods[place].component), rules.pods[place].ordinal);
                let uid = fresh(self, place);
                let pod = &mut self.pods[place];
                pod.template = match set.strategy {
                    Strategy::Partition(partition) if ordinal < partition => set.current,
                    Strategy::Partition(_) | Strategy::OnDelete => set.template,
                };
                pod.life = Life::Starting;
                pod.uid = uid;
                pod.restarts = 0;
                pod.forget();
            }
        }
    }

    /// A pod goes.
    pub fn terminate(&mut self, pod: usize) {
        self.pods[pod].life = Life::Terminating;
        self.pods[pod].forget();
        self.forget_leader();
    }

    /// Everything that can go wrong.
    pub fn faults(&self, rules: &Rules) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (place, pod) in self.pods.iter().enumerate() {
            let number = u8::try_from(place).unwrap();
            if pod.exists() {
                faults.push(Fault::Evicted(number));
            }
            if pod.life == Life::Serving {
                faults.push(Fault::Lost(number));
            }
            if rules.pods[place].component != Component::Fe || !pod.answers() {
                continue;
            }
            faults.push(Fault::Restarts(number));
            if self.leader.is_some_and(|leader| leader != number) && pod.life == Life::Serving {
                faults.push(Fault::LeaderMoves(number));
            }
            for setting in 0..rules.settings.len() {
                let values = rules.settings[setting].values;
                // The literal that scripts set is the same.
                if values[usize::from(PERSON)] != values[usize::from(FILE)] && !rules.scenario.scripts_set {
                    let setting = u8::try_from(setting).unwrap();
                    faults.push(Fault::Person { pod: number, setting });
                }
            }
        }
        faults
    }

    /// Makes something go wrong. `restarted` finds a number of restarts that nobody remembers. `script`: whether a script
    /// may have set what a person sets, for all that the operator can know.
    pub fn fault(
        &mut self,
        rules: &Rules,
        fault: Fault,
        script: bool,
        restarted: impl Fn(&Self, usize) -> u8,
    ) {
        match fault {
            Fault::Evicted(pod) => self.terminate(usize::from(pod)),
            Fault::Lost(pod) => {
                self.pods[usize::from(pod)].life = Life::Ready;
                self.forget_leader();
            }
            Fault::LeaderMoves(pod) => self.leader = Some(pod),
            Fault::Person { pod, setting } => {
                self.set_config(rules, pod.into(), setting, PERSON, true);
                if script {
                    return;
                }
                for place in rules.pods_of(Component::Fe) {
                    if self.pods[place].memory[usize::from(setting)] == PERSON {
                        self.pods[place].theirs |= 1 << setting;
                    }
                }
            }
            Fault::Restarts(pod) => {
                let place = usize::from(pod);
                self.pods[place].restarts = restarted(self, place);
                self.pods[place].life = Life::Starting;
                self.pods[place].forget();
                self.forget_leader();
            }
        }
    }

    /// `ADMIN SET FRONTEND CONFIG` on one FE, which forwards it to every other that is alive.
    pub fn set_config(&mut self, rules: &Rules, pod: usize, setting: u8, value: u8, forwarded: bool) {
        let places: Vec<_> = rules.pods_of(Component::Fe).collect();
        for place in places {
            let reached = place == pod || (forwarded && self.pods[place].life == Life::Serving);
            if reached {
                self.pods[place].memory[usize::from(setting)] = value;
            }
        }
        debug_assert!(value <= PERSON && HELD < PERSON);
    }

    /// What a person had set `before` and is overwritten may be, where it couldn't be `known`: it was set while the
    /// statement was under way.
    pub fn excuse(&mut self, before: &Self, known: impl Fn(usize, usize) -> bool) {
        for (place, pod) in self.pods.iter_mut().enumerate() {
            for (setting, value) in pod.memory.iter().enumerate() {
                let overwritten = before.pods[place].memory[setting] == PERSON && *value != PERSON;
                if overwritten && !known(place, setting) {
                    pod.theirs &= !(1 << setting);
                }
            }
        }
    }
}
