//! How components were rolled, read off the states of their StatefulSets and pods.

use super::Timeline;
use hookgate_api::Component;
use hookgate_standin::event::Occurrence;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// A change of a StatefulSet's pod template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// Whose.
    pub component: Component,
    /// When.
    pub at: Timestamp,
    /// The image from there on.
    pub image: String,
}

/// A pod that was let go, and its successor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The component.
    pub component: Component,
    /// The pod's name, which its successor has as well.
    pub pod: String,
    /// When it was let go.
    pub gone: Timestamp,
    /// When its successor was ready, and seen alive by the database's leader; `None` when that never happened.
    pub back: Option<Timestamp>,
    /// The image of its successor.
    pub image: String,
}

/// A component's turn in a wave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The first change of its template.
    pub patched: Timestamp,
    /// When it was touched first, by a patch or by letting a pod go.
    pub begin: Timestamp,
    /// When the last of its pods was back; `None` when one never was.
    pub end: Option<Timestamp>,
    /// Its pods, in the order in which they went.
    pub replacements: Vec<Replacement>,
}

impl Timeline {
    /// When a component's StatefulSet was first seen.
    pub fn created(&self, component: Component) -> Option<Timestamp> {
        self.sets.iter().find(|seen| seen.state.component == component).map(|seen| seen.at)
    }

    /// When each pod of a component was first ready, by name.
    pub fn first_ready(&self, component: Component) -> BTreeMap<&str, Timestamp> {
        let mut ready = BTreeMap::new();
        for seen in self.pods.iter().filter(|seen| seen.state.component == component && seen.state.ready) {
            ready.entry(seen.state.name.as_str()).or_insert(seen.at);
        }
        ready
    }

    /// Every change of a pod template since then.
    pub fn patches(&self, from: Timestamp) -> Vec<Patch> {
        let mut last = BTreeMap::new();
        let mut patches = Vec::new();
        for seen in &self.sets {
            let set = &seen.state;
            let before = last.insert(set.component, &set.template);
            if before.is_some_and(|before| *before != set.template) && seen.at >= from {
                patches.push(Patch { component: set.component, at: seen.at, image: set.image().to_owned() });
            }
        }
        patches
    }

    /// Every pod that was let go since then, in order.
    pub fn replacements(&self, from: Timestamp) -> Vec<Replacement> {
        let mut known = BTreeSet::new();
        let going = self.pods.iter().filter(|seen| seen.state.terminating || seen.deleted);
        going
            .filter(|seen| known.insert(seen.state.uid.clone()))
            .filter(|seen| seen.at >= from)
            .map(|seen| {
                let pod = &seen.state;
                let successor = self.pods.iter().find(|next| {
                    let next = (
                        &next.state.name,
                        &next.state.uid,
                        next.at,
                        next.state.ready && !next.state.terminating,
                    );
                    next.0 == &pod.name && next.1 != &pod.uid && next.2 >= seen.at && next.3
                });
                let back = successor
                    .and_then(|next| Some(next.at.max(self.alive(pod.component, &pod.name, seen.at)?)));
                Replacement {
                    component: pod.component,
                    pod: pod.name.clone(),
                    gone: self.stopped(&pod.name, seen.at).unwrap_or(seen.at),
                    back,
                    image: successor.map(|next| next.state.image.clone()).unwrap_or_default(),
                }
            })
            .collect()
    }

    /// Just before the server in this pod began to stop, when that was before `seen`: the notice of a watch may come
    /// later than the signal that it is about.
    fn stopped(&self, pod: &str, seen: Timestamp) -> Option<Timestamp> {
        let of_pod = self.database.iter().map(|recorded| &recorded.event);
        let mut runs = of_pod.filter(|event| event.pod == pod && event.time <= seen).filter_map(|event| {
            match event.what {
                Occurrence::ProcessStopping { .. } => Some(Some(event.time - SignedDuration::from_micros(1))),
                Occurrence::ProcessStarted { .. } => Some(None),
                _ => None,
            }
        });
        runs.next_back().flatten()
    }

    /// When the database's leader saw that the server in this pod had come back. A leader doesn't look at itself, so
    /// for an FE it's when its process was there.
    fn alive(&self, component: Component, pod: &str, after: Timestamp) -> Option<Timestamp> {
        let mut later = self.database.iter().filter(|recorded| recorded.event.time >= after);
        let found = later.find(|recorded| match &recorded.event.what {
            Occurrence::ProcessStarted { .. } => component == Component::Fe && recorded.event.pod == pod,
            Occurrence::NodeAlive { node, .. } => {
                component != Component::Fe
                    && node.strip_prefix(pod).is_some_and(|rest| rest.starts_with(['.', ':']))
            }
            _ => false,
        });
        found.map(|recorded| recorded.event.time)
    }

    /// A component's turn since then; `None` when its template wasn't changed.
    pub fn turn(&self, component: Component, from: Timestamp) -> Option<Turn> {
        let patched = self.patches(from).into_iter().find(|patch| patch.component == component)?.at;
        let replacements: Vec<_> =
            self.replacements(from).into_iter().filter(|one| one.component == component).collect();
        let begin = replacements.iter().map(|one| one.gone).fold(patched, Ord::min);
        let end =
            replacements.iter().map(|one| one.back).try_fold(patched, |last, back| Some(last.max(back?)));
        Some(Turn { patched, begin, end, replacements })
    }
}
