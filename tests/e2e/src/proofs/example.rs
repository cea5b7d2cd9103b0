//! Made-up timelines for the tests of the proofs.

use crate::timeline::{PodState, Seen, SetState, Timeline};
use hookgate_api::Component;
use hookgate_standin::event::{self, Event, NodeKind, Occurrence, Origin, Outcome, Recorded, StatementEvent};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use std::collections::BTreeMap;

/// A second of the story.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000 + second).unwrap()
}

/// A StatefulSet with an image of that tag.
pub fn set(component: Component, tag: &str) -> SetState {
    let container = Container { image: Some(format!("fe:{tag}")), ..Container::default() };
    let pod = PodSpec { containers: vec![container], ..PodSpec::default() };
    let template = PodTemplateSpec { spec: Some(pod), ..PodTemplateSpec::default() };
    SetState { component, uid: component.as_str().to_owned(), generation: 1, template }
}

/// A ready pod.
pub fn pod(component: Component, ordinal: u32, uid: &str) -> PodState {
    let name = format!("sr-{}-{ordinal}", component.as_str());
    PodState { name, component, uid: uid.to_owned(), image: String::new(), ready: true, terminating: false }
}

/// Tells a timeline, second by second; may be told out of order.
#[derive(Clone, Default)]
pub struct Story {
    timeline: Timeline,
    generations: BTreeMap<Component, i64>,
    uids: u32,
}

/// One pod each of FE, BE and CN, up since second 10; sr-fe-0 leads.
pub fn deployed() -> Story {
    let mut story = Story::default();
    story.created(1, Component::Fe).fe_started(2, "sr-fe-0").led(3, "sr-fe-0").ready(5, Component::Fe, 0);
    story.created(6, Component::Be).created(6, Component::Cn);
    story.ready(10, Component::Be, 0).ready(10, Component::Cn, 0);
    story
}

impl Story {
    /// The timeline so far.
    pub fn timeline(&self) -> Timeline {
        let mut timeline = self.timeline.clone();
        timeline.database.sort_by_key(|recorded| recorded.event.time);
        timeline.in_order()
    }

    fn set_seen(&mut self, second: i64, state: SetState) -> &mut Self {
        let revision = second.unsigned_abs();
        self.timeline.sets.push(Seen { at: at(second), revision, deleted: false, state });
        self
    }

    fn pod_seen(&mut self, second: i64, state: PodState, deleted: bool) -> &mut Self {
        let revision = second.unsigned_abs();
        self.timeline.pods.push(Seen { at: at(second), revision, deleted, state });
        self
    }

    /// A StatefulSet appears.
    pub fn created(&mut self, second: i64, component: Component) -> &mut Self {
        self.set_seen(second, set(component, "0"))
    }

    /// A StatefulSet gets another image.
    pub fn patched(&mut self, second: i64, component: Component) -> &mut Self {
        self.set_seen(second, set(component, &second.to_string()))
    }

    /// A StatefulSet gets another generation and the same template.
    pub fn generation(&mut self, second: i64, component: Component) -> &mut Self {
        let generation = self.generations.entry(component).or_insert(1);
        *generation += 1;
        let state = SetState { generation: *generation, ..set(component, "0") };
        self.set_seen(second, state)
    }

    /// A pod that there was not yet is ready.
    pub fn ready(&mut self, second: i64, component: Component, ordinal: u32) -> &mut Self {
        self.pod_seen(second, pod(component, ordinal, &format!("first-{component}-{ordinal}")), false)
    }

    /// A pod goes, and is back after two seconds for Kubernetes, after three for the database.
    pub fn replaced(&mut self, second: i64, component: Component, ordinal: u32) -> &mut Self {
        self.replaced_but_dead(second, component, ordinal);
        let name = format!("sr-{}-{ordinal}", component.as_str());
        match component {
            Component::Fe => self.fe_started(second + 2, &name),
            _ => {
                let kind = NodeKind::Backend;
                let node = format!("{name}.search:9050");
                let what = Occurrence::NodeAlive { kind, node, version: "3.2.2".to_owned() };
                self.told(second + 3, "sr-fe-0", what)
            }
        }
    }

    fn replaced_but_dead(&mut self, second: i64, component: Component, ordinal: u32) -> &mut Self {
        let last = self.timeline.pods.iter().rev().map(|seen| seen.state.clone());
        let name = pod(component, ordinal, "").name;
        let old = last.into_iter().find(|state| state.name == name);
        let old = old.unwrap_or_else(|| pod(component, ordinal, &format!("first-{component}-{ordinal}")));
        self.uids += 1;
        let new = pod(component, ordinal, &format!("uid-{}", self.uids));
        let name = old.name.clone();
        self.pod_seen(second, PodState { terminating: true, ..old.clone() }, false);
        if component == Component::Fe {
            self.fe_stopped(second + 1, &name);
        }
        self.pod_seen(second + 1, PodState { terminating: true, ready: false, ..old }, true);
        self.pod_seen(second + 1, PodState { ready: false, ..new.clone() }, false);
        self.pod_seen(second + 2, new, false)
    }

    /// A component of one pod is patched, and its pod replaced one second later.
    pub fn rolled(&mut self, second: i64, component: Component, ordinal: u32) -> &mut Self {
        self.patched(second, component).replaced(second + 1, component, ordinal)
    }

    /// The same, but the database never sees it again.
    pub fn rolled_but_dead(&mut self, second: i64, component: Component, ordinal: u32) -> &mut Self {
        self.patched(second, component).replaced_but_dead(second + 1, component, ordinal)
    }

    fn told(&mut self, second: i64, pod: &str, what: Occurrence) -> &mut Self {
        let sequence = self.timeline.database.len() as u64 + 1;
        let event = Event {
            time: at(second),
            pod: pod.to_owned(),
            component: event::Component::Fe,
            instance: pod.to_owned(),
            number: sequence,
            what,
        };
        self.timeline.database.push(Recorded { sequence, event });
        self
    }

    /// An FE's process begins.
    pub fn fe_started(&mut self, second: i64, pod: &str) -> &mut Self {
        self.told(second, pod, Occurrence::ProcessStarted { version: "3.2.1".to_owned() })
    }

    /// An FE's process ends.
    pub fn fe_stopped(&mut self, second: i64, pod: &str) -> &mut Self {
        self.told(second, pod, Occurrence::ProcessStopping { reason: "SIGTERM".to_owned() })
    }

    /// An FE becomes the leader.
    pub fn led(&mut self, second: i64, pod: &str) -> &mut Self {
        self.told(second, pod, Occurrence::LeadershipGained { term: second.unsigned_abs() })
    }

    /// An FE answers a statement.
    pub fn statement(&mut self, second: i64, pod: &str, statement: &str) -> &mut Self {
        let statement = StatementEvent {
            user: "root".to_owned(),
            client: "10.0.0.1:1".to_owned(),
            connection: 1,
            statement: statement.to_owned(),
            elapsed_microseconds: 1,
            outcome: Outcome::Ok { rows: 1 },
        };
        self.told(second, pod, Occurrence::Statement(statement))
    }

    /// An FE is asked for a setting.
    pub fn asked(&mut self, second: i64, pod: &str, name: &str) -> &mut Self {
        self.statement(second, pod, &format!("ADMIN SHOW FRONTEND CONFIG LIKE '{name}'"))
    }

    /// An FE is told to set a setting.
    pub fn set(&mut self, second: i64, pod: &str, name: &str, value: &str) -> &mut Self {
        self.statement(second, pod, &format!("ADMIN SET FRONTEND CONFIG (\"{name}\" = \"{value}\")"))
    }

    /// A setting of an FE changes.
    pub fn changed(&mut self, second: i64, pod: &str, name: &str, value: &str) -> &mut Self {
        let (key, new) = (name.to_owned(), value.to_owned());
        self.told(
            second,
            pod,
            Occurrence::ConfigChanged { key, old: String::new(), new, origin: Origin::Local },
        )
    }
}
