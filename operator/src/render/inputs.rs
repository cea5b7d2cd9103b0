//! What a StatefulSet is rendered from: the user's part in it.
//!
//! A StatefulSet that differs from the live one differs because the user changed something, or because this version of
//! Hookgate renders the same differently. The hash of the inputs tells the two apart: it's over what the user wrote,
//! and must never change by a new version. See the decision record "A new version restarts nobody".

use super::{Ports, RenderError, hash};
use hookgate_api::{Component, StarRocksClusterSpec};
use serde_json::{Value, json};

/// Fields of a component that don't reach its StatefulSet's pods.
const NOT_RENDERED: [&str; 8] = [
    "replicas",
    "updateStrategy",
    "podManagementPolicy",
    "upgradeHooks",
    "rolloutGate",
    "service",
    "autoScalingPolicy",
    "podDisruptionBudget",
];

/// The hash of what the user wrote for a component.
///
/// # Errors
/// When the spec can't be turned into JSON.
pub(super) fn inputs_hash(
    spec: &StarRocksClusterSpec,
    component: Component,
    ports: Ports,
    fe_query_port: i32,
) -> Result<String, RenderError> {
    let own = match component {
        Component::Fe => serde_json::to_value(&spec.star_rocks_fe_spec),
        Component::Be => serde_json::to_value(&spec.star_rocks_be_spec),
        Component::Cn => serde_json::to_value(&spec.star_rocks_cn_spec),
    };
    let mut own = own.map_err(RenderError::Serialize)?;
    if let Value::Object(fields) = &mut own {
        fields.retain(|field, _| !NOT_RENDERED.contains(&field.as_str()));
    }
    hash(&json!({
        "component": own,
        "serviceAccount": spec.service_account,
        "ports": ports.numbers(),
        "feQueryPort": fe_query_port,
    }))
}

/// The hash of what the user wrote for the FE proxy.
///
/// # Errors
/// When the spec can't be turned into JSON.
pub(super) fn proxy_inputs_hash(
    spec: &StarRocksClusterSpec,
    fe_http_port: i32,
) -> Result<String, RenderError> {
    let mut own = serde_json::to_value(&spec.star_rocks_fe_proxy_spec).map_err(RenderError::Serialize)?;
    if let Value::Object(fields) = &mut own {
        fields.retain(|field, _| !NOT_RENDERED.contains(&field.as_str()));
    }
    hash(&json!({"feProxy": own, "serviceAccount": spec.service_account, "feHttpPort": fe_http_port}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Configuration;

    fn spec(be: &Value) -> StarRocksClusterSpec {
        serde_json::from_value(json!({"starRocksFeSpec": {"image": "fe:3.2.1"}, "starRocksBeSpec": be}))
            .unwrap()
    }

    fn inputs(be: &Value) -> String {
        let ports = Ports::of(Component::Be, &Configuration::default());
        inputs_hash(&spec(be), Component::Be, ports, 9030).unwrap()
    }

    #[test]
    fn a_new_version_gives_the_same_inputs_the_same_hash() {
        // A change of these lets every cluster restart when Hookgate is upgraded.
        let be = json!({"image": "be:3.2.1", "limits": {"memory": "8Gi"}, "beEnvVars": [{"name": "A", "value": "b"}]});
        assert_eq!(inputs(&be), "2c243c882fad308e");
        assert_eq!(inputs(&json!({"image": "be:3.2.1"})), "5ac1ad56085ea0b3");
    }

    #[test]
    fn what_reaches_no_pod_is_no_input() {
        let bare = inputs(&json!({"image": "be:3.2.1"}));
        for field in [
            json!({"image": "be:3.2.1", "replicas": 3}),
            json!({"image": "be:3.2.1", "updateStrategy": {"type": "OnDelete"}}),
            json!({"image": "be:3.2.1", "upgradeHooks": {"predefined": ["disable-balancer"]}}),
        ] {
            assert_eq!(inputs(&field), bare, "{field}");
        }
        assert_ne!(inputs(&json!({"image": "be:3.2.2"})), bare);
    }
}
