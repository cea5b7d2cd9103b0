//! Manifests of the clusters, hooks and the recorder that scenarios create.

use crate::{client::standin_image, settings::Originals};
use hookgate_api::Component;
use serde_json::{Value, json};

/// The name of a scenario's cluster; each has a namespace of its own.
pub const CLUSTER: &str = "sr";
/// The Service and pod of the recorder.
pub const RECORDER: &str = "recorder";
/// The recorder's port for those who read.
pub const RECORDER_HTTP: u16 = 7001;

/// A StarRocksCluster of stand-ins.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The object.
    pub object: Value,
    /// How many pods each component has, in the order FE, BE, CN; components without pods are left out.
    pub pods: Vec<(Component, usize)>,
    /// What its FEs begin with.
    pub originals: Originals,
}

impl Manifest {
    /// A cluster of that version with so many FEs, BEs and CNs.
    pub fn new(version: &str, frontends: usize, backends: usize, compute_nodes: usize) -> Self {
        let pods: Vec<_> = Component::ALL
            .into_iter()
            .zip([frontends, backends, compute_nodes])
            .filter(|(_, pods)| *pods > 0)
            .collect();
        let mut manifest = Self {
            object: json!({
                "apiVersion": "starrocks.com/v1",
                "kind": "StarRocksCluster",
                "metadata": {"name": CLUSTER},
                "spec": {},
            }),
            pods: pods.clone(),
            originals: Originals::default(),
        };
        for (component, pods) in pods {
            let name = component.as_str();
            let environment = json!([
                {"name": "STANDIN_RECORDER", "value": format!("{RECORDER}:7000")},
                {"name": "STANDIN_PRINT_EVENTS", "value": "false"},
            ]);
            manifest = manifest.with(&json!({"spec": {component.spec_field(): {
                "image": standin_image(name, version),
                "replicas": pods,
                "terminationGracePeriodSeconds": 10,
                "limits": {"memory": "256Mi"},
                format!("{name}EnvVars"): environment,
            }}}));
        }
        manifest
    }

    /// Lets the FEs begin with other settings than the defaults.
    #[must_use]
    pub fn with_originals(self, originals: Originals) -> Self {
        let mut changed = self;
        let variable = json!({"name": "STANDIN_FE_CONFIG", "value": originals.as_configuration()});
        if let Some(Value::Array(environment)) = changed.object.pointer_mut("/spec/starRocksFeSpec/feEnvVars")
        {
            environment.push(variable);
        }
        changed.originals = originals;
        changed
    }

    /// Gives root a password, from that key of a Secret; every component knows it.
    #[must_use]
    pub fn with_password(mut self, secret: &str, key: &str) -> Self {
        let variable =
            json!({"name": "MYSQL_PWD", "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}});
        for (component, _) in &self.pods {
            let path = format!("/spec/{}/{}EnvVars", component.spec_field(), component.as_str());
            if let Some(Value::Array(environment)) = self.object.pointer_mut(&path) {
                environment.push(variable.clone());
            }
        }
        self
    }

    /// Merges a JSON merge patch (RFC 7396) into the object.
    #[must_use]
    pub fn with(mut self, patch: &Value) -> Self {
        json_patch::merge(&mut self.object, patch);
        self
    }

    /// The patch that gives all components the images of another version at the same time.
    pub fn images(&self, version: &str) -> Value {
        let mut patch = json!({});
        for (component, _) in &self.pods {
            let image = standin_image(component.as_str(), version);
            json_patch::merge(&mut patch, &json!({"spec": {component.spec_field(): {"image": image}}}));
        }
        patch
    }

    /// How many pods a component has.
    pub fn pods_of(&self, component: Component) -> usize {
        self.pods.iter().find(|(known, _)| *known == component).map_or(0, |(_, pods)| *pods)
    }

    /// The components in the order in which an upgrade rolls them, with their pods.
    pub fn upgrade_order(&self) -> Vec<(Component, usize)> {
        self.in_order([Component::Be, Component::Cn, Component::Fe])
    }

    /// The components in the order in which a downgrade rolls them, with their pods.
    pub fn downgrade_order(&self) -> Vec<(Component, usize)> {
        self.in_order([Component::Fe, Component::Be, Component::Cn])
    }

    fn in_order(&self, order: [Component; 3]) -> Vec<(Component, usize)> {
        order
            .into_iter()
            .map(|component| (component, self.pods_of(component)))
            .filter(|(_, pods)| *pods > 0)
            .collect()
    }
}

/// A ConfigMap with a hook script under the default key.
pub fn hook(name: &str, script: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {"hookgate.dev/hook": "true"}},
        "data": {"hooks.sh": script},
    })
}

/// A script whose functions each send one statement, by which they are told apart in the database's log.
pub fn script(pre: &str, post: &str) -> String {
    let call = "mysql -h\"${SR_FE_HOST}\" -P\"${SR_FE_PORT}\" -u\"${SR_FE_USER}\"";
    format!(
        "#!/bin/bash\n\
         pre_upgrade() {{\n    {call} -e '{pre}' || return 1\n}}\n\
         post_upgrade() {{\n    {call} -e '{post}' || return 1\n}}\n"
    )
}

/// The recorder's pod and Service.
pub fn recorder() -> [Value; 2] {
    let labels = json!({"app": RECORDER});
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": RECORDER, "labels": labels},
        "spec": {
            "automountServiceAccountToken": false,
            "terminationGracePeriodSeconds": 5,
            "securityContext": {
                "runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [{
                "name": RECORDER,
                "image": standin_image("fe", "3.2.1"),
                "command": ["standin", "recorder"],
                "env": [{"name": "STANDIN_PRINT_EVENTS", "value": "false"}],
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
                "readinessProbe": {"httpGet": {"path": "/api/health", "port": RECORDER_HTTP}, "periodSeconds": 1},
            }],
        },
    });
    let service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": RECORDER},
        "spec": {"selector": labels, "ports": [{"name": "events", "port": 7000}]},
    });
    [pod, service]
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookgate_api::{StarRocksCluster, validate::validate};

    #[test]
    fn a_manifest_is_a_valid_cluster() {
        let manifest = Manifest::new("3.2.1", 3, 2, 0).with_originals(Originals::default());
        let cluster: StarRocksCluster = serde_json::from_value(manifest.object.clone()).unwrap();
        assert_eq!(validate(&cluster.spec), []);
        assert!(cluster.spec.star_rocks_cn_spec.is_none());
        assert_eq!(manifest.upgrade_order(), [(Component::Be, 2), (Component::Fe, 3)]);
        assert_eq!(manifest.downgrade_order(), [(Component::Fe, 3), (Component::Be, 2)]);
        let variables = &cluster.spec.star_rocks_fe_spec.unwrap().fe_env_vars;
        assert!(variables.iter().any(|variable| variable.name == "STANDIN_FE_CONFIG"));
    }
}
