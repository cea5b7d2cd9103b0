//! Fields that the API accepts and this version of Hookgate doesn't act upon. A condition names them: never silence.

use crate::{Component, StarRocksClusterSpec};

/// The paths of the fields in this spec that are set and not served.
pub fn unserved_fields(spec: &StarRocksClusterSpec) -> Vec<String> {
    let mut fields = Vec::new();
    if spec.star_rocks_fe_proxy_spec.as_ref().is_some_and(|proxy| proxy.common.config_map_info.is_some()) {
        fields.push("spec.starRocksFeProxySpec.configMapInfo".to_owned());
    }
    if spec.disaster_recovery.as_ref().is_some_and(|recovery| recovery.enabled) {
        fields.push("spec.disasterRecovery".to_owned());
    }
    if spec.star_rocks_cn_spec.as_ref().is_some_and(|cn| cn.auto_scaling_policy.is_some()) {
        fields.push("spec.starRocksCnSpec.autoScalingPolicy".to_owned());
    }
    fields
}

/// Whether a component of the spec has fields that are not served.
pub fn is_unserved(spec: &StarRocksClusterSpec, component: Component) -> bool {
    unserved_fields(spec).iter().any(|field| field.contains(component.spec_field()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_field_that_is_not_served_is_named() {
        let spec: StarRocksClusterSpec = serde_json::from_value(json!({
            "disasterRecovery": {"enabled": true, "generation": 1},
            "starRocksFeSpec": {"image": "fe:3.2.2"},
            "starRocksCnSpec": {"image": "cn:3.2.2", "autoScalingPolicy": {"maxReplicas": 3}},
            "starRocksFeProxySpec": {"configMapInfo": {"configMapName": "nginx"}},
        }))
        .unwrap();
        assert_eq!(
            unserved_fields(&spec),
            [
                "spec.starRocksFeProxySpec.configMapInfo",
                "spec.disasterRecovery",
                "spec.starRocksCnSpec.autoScalingPolicy"
            ]
        );
        let served =
            serde_json::from_value(json!({"starRocksFeProxySpec": {"image": "nginx:1.24.0"}})).unwrap();
        assert_eq!(unserved_fields(&served), [""; 0]);
        assert!(is_unserved(&spec, Component::Cn) && !is_unserved(&spec, Component::Be));
    }
}
