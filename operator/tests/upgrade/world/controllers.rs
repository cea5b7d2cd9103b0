//! What Kubernetes does with the world, and other people's hands.

use super::{FILE, Happening, World};
use hookgate_api::Component;
use hookgate_operator::{
    observation::{ObservedComponent, ObservedPod},
    render::Rollout,
};

impl World {
    /// What the controllers of Kubernetes do in a while; `true` when they did something.
    pub fn kubernetes(&mut self) -> bool {
        let mut moved = self.deployment_controller();
        for component in Component::ALL {
            if self.components.get(&component).is_none_or(|observed| observed.statefulset.is_none()) {
                continue;
            }
            let Some(mut observed) = self.components.remove(&component) else { continue };
            moved |= self.statefulset_controller(component, &mut observed);
            self.components.insert(component, observed);
        }
        if self.leader_is_gone()
            && let Some(pod) =
                self.components.get(&Component::Fe).and_then(|fe| fe.pods.iter().find(|pod| pod.ready))
        {
            self.leader = pod.ordinal;
        }
        moved
    }

    fn leader_is_gone(&self) -> bool {
        self.components.get(&Component::Fe).and_then(|fe| fe.pod(self.leader)).is_none_or(|pod| !pod.ready)
    }

    fn statefulset_controller(&mut self, component: Component, observed: &mut ObservedComponent) -> bool {
        let before = format!("{observed:?}");
        let set = observed.statefulset.as_mut().unwrap();
        set.observed_generation = set.generation;
        let target = format!(
            "{}|{}",
            set.rendered_hash.clone().unwrap_or_default(),
            set.image.rsplit_once(':').unwrap().1
        );
        set.update_revision.clone_from(&target);
        let (replicas, rollout) = (set.replicas, set.rollout);
        let starting = |pod: &&mut ObservedPod| !pod.ready && !pod.revision.ends_with("broken");
        // OrderedReady: nothing above a pod that isn't ready is made or replaced, nor is that pod itself.
        let stopped_at =
            observed.pods.iter().find(|pod| pod.revision.ends_with("broken")).map(|pod| pod.ordinal);
        let missing = (0..replicas).find(|ordinal| observed.pod(*ordinal).is_none());
        let is_stopped = self.ordered_ready
            && stopped_at.is_some_and(|stopped| missing.is_none_or(|missing| missing > stopped));
        if is_stopped {
            // It waits for somebody to delete the pod.
        } else if let Some(pod) = observed.pods.iter_mut().find(starting) {
            pod.ready = true;
        } else if let Some(missing) = (0..replicas).find(|ordinal| observed.pod(*ordinal).is_none()) {
            let keeps_back = matches!(rollout, Rollout::Partition(partition) if missing < partition);
            let revision = if keeps_back { self.current[&component].clone() } else { target.clone() };
            self.start(component, observed, missing, &revision);
        } else if let Rollout::Partition(partition) = rollout {
            let outdated = (partition..replicas)
                .rev()
                .find(|ordinal| observed.pod(*ordinal).unwrap().revision != target);
            if let Some(ordinal) = outdated {
                self.let_go(observed, ordinal);
            }
        }
        observed.pods.retain(|pod| pod.ordinal < replicas);
        if observed.pods.iter().all(|pod| pod.revision == target) {
            self.current.insert(component, target);
        }
        observed.ready_endpoints = observed.pods.iter().filter(|pod| pod.ready).count();
        let available = i32::try_from(observed.ready_endpoints).unwrap();
        observed.statefulset.as_mut().unwrap().available = available;
        before != format!("{observed:?}")
    }

    /// Everything is as if an earlier version of the operator had made it, which rendered the same spec differently.
    pub fn rendered_by_an_earlier_version(&mut self) {
        for observed in self.components.values_mut() {
            let set = observed.statefulset.as_mut().unwrap();
            set.rendered_hash = Some("earlier".to_owned());
            for revision in observed.pods.iter_mut().map(|pod| &mut pod.revision) {
                *revision = format!("earlier|{}", revision.rsplit_once('|').unwrap().1);
            }
        }
        self.kubernetes();
    }

    /// Everything is as if another operator had made it.
    pub fn made_by_another_operator(&mut self, manager: &str) {
        for observed in self.components.values_mut() {
            let set = observed.statefulset.as_mut().unwrap();
            set.rendered_hash = None;
            set.inputs_hash = None;
            set.managers = vec![manager.to_owned()];
            observed.services.values_mut().for_each(|hash| *hash = None);
            for revision in observed.pods.iter_mut().map(|pod| &mut pod.revision) {
                *revision = format!("|{}", revision.rsplit_once('|').unwrap().1);
            }
        }
        self.kubernetes();
    }

    /// Somebody deletes a StatefulSet with `--cascade=orphan`: its pods stay.
    pub fn delete_and_orphan(&mut self, component: Component) {
        self.components.get_mut(&component).unwrap().statefulset = None;
    }

    /// A pod goes, for a reason of its own: a user, or a node.
    pub fn delete_pod(&mut self, component: Component, ordinal: i32) {
        let observed = self.components.get_mut(&component).unwrap();
        observed.pods.retain(|pod| pod.ordinal != ordinal);
        observed.ready_endpoints = observed.pods.iter().filter(|pod| pod.ready).count();
    }

    pub(super) fn let_go(&mut self, observed: &mut ObservedComponent, ordinal: i32) {
        self.log.push(Happening::LetGo(observed.pod(ordinal).unwrap().name.clone()));
        observed.pods.retain(|pod| pod.ordinal != ordinal);
    }

    fn start(
        &mut self,
        component: Component,
        observed: &mut ObservedComponent,
        ordinal: i32,
        revision: &str,
    ) {
        self.uid += 1;
        let name = format!("c-{}-{ordinal}", component.as_str());
        if component == Component::Fe {
            let file = FILE.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            self.memory.insert(name.clone(), file);
        }
        observed.pods.push(ObservedPod {
            name,
            ordinal,
            uid: format!("uid-{}", self.uid),
            resource_version: format!("{}", 1000 + self.uid),
            revision: revision.to_owned(),
            ready: false,
            terminating: false,
            failed: false,
            ip: Some(format!("10.0.0.{}", self.uid)),
            restarts: 0,
            cannot_start: revision.ends_with("broken").then(|| "ImagePullBackOff".to_owned()),
        });
        observed.pods.sort_by_key(|pod| pod.ordinal);
    }
}
