//! The FE proxy: what becomes of its objects, and what the Deployment controller does with them.

use super::{Happening, World};
use hookgate_operator::{
    observation::{ObservedDeployment, ObservedInstance},
    plan::Action,
};
use k8s_openapi::api::apps::v1::Deployment;
use kube::{Resource, ResourceExt};

/// What its objects are called in the world.
const SERVICE: &str = "c-fe-proxy-service";

impl World {
    /// Performs an action of the proxy's, and gives back any other.
    pub(super) fn perform_on_proxy(&mut self, action: Action) -> Option<Action> {
        match action {
            Action::ApplyService(service) if service.name_any() == SERVICE => {
                self.proxy.service = Some(hash(service.as_ref()));
            }
            Action::ApplyConfigMap(config_map) => {
                assert_eq!(config_map.name_any(), "c-fe-proxy");
                self.proxy.config_map = Some(hash(config_map.as_ref()));
            }
            Action::ApplyDeployment(deployment) => self.apply_proxy(&deployment),
            Action::ScaleProxy(replicas) => {
                let live = self.proxy.deployment.as_mut().unwrap();
                live.replicas = replicas;
                live.generation += 1;
                self.log.push(Happening::ProxyScaled(replicas));
            }
            Action::DeleteProxy => {
                self.proxy = Default::default();
                self.log.push(Happening::ProxyDeleted);
            }
            other => return Some(other),
        }
        None
    }

    fn apply_proxy(&mut self, deployment: &Deployment) {
        assert!(self.proxy.config_map.is_some(), "a pod would wait for its configuration");
        let spec = deployment.spec.as_ref().unwrap();
        let image = spec.template.spec.as_ref().unwrap().containers[0].image.clone().unwrap();
        let before = self.proxy.deployment.take().unwrap_or_default();
        let rendered = Some(hash(deployment));
        if before.rendered_hash != rendered {
            self.log.push(Happening::Proxy(image.clone()));
        }
        let is_same = before.rendered_hash == rendered;
        self.proxy.deployment = Some(ObservedDeployment {
            generation: before.generation + 1,
            replicas: spec.replicas.unwrap(),
            updated: if is_same { before.updated } else { 0 },
            rendered_hash: rendered,
            inputs_hash: deployment.annotations().get("hookgate.dev/inputs-hash").cloned(),
            match_labels: spec.selector.match_labels.clone().unwrap(),
            managers: Vec::new(),
            image,
            ..before
        });
    }

    /// What the Deployment controller does in a while: first it sees the change, then it replaces all pods, which are ready
    /// in the end, but for those of an image that can't be pulled.
    pub(super) fn deployment_controller(&mut self) -> bool {
        let before = self.proxy.clone();
        let Some(live) = self.proxy.deployment.as_mut() else { return false };
        let is_broken = live.image.ends_with("broken");
        if live.observed_generation < live.generation {
            live.observed_generation = live.generation;
            live.stuck = None;
        } else if live.updated < live.replicas || live.present != live.replicas {
            live.updated = live.replicas;
            live.present = live.replicas;
            live.available = 0;
        } else if is_broken {
            live.stuck = Some("ProgressDeadlineExceeded: it has timed out progressing".to_owned());
        } else {
            live.available = live.replicas;
        }
        let (ready, pods) = (live.available > 0, live.present);
        self.proxy.pods = (0..pods)
            .map(|number| ObservedInstance {
                name: format!("c-fe-proxy-5c9-{number}"),
                ready,
                failed: false,
                cannot_start: is_broken.then(|| "ImagePullBackOff".to_owned()),
            })
            .collect();
        before != self.proxy
    }
}

fn hash<K: Resource>(object: &K) -> String {
    object.annotations()["hookgate.dev/rendered-hash"].clone()
}
