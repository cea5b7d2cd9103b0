//! The CustomResourceDefinitions, as the chart installs them.

use crate::{
    HookPolicy, StarRocksCluster,
    approval::{HookApproval, HookSubmission},
    platform::{Cluster, Machine},
};
use kube::CustomResourceExt;
use serde_json::Value;

/// Fields whose types are Kubernetes' own. Their descriptions are left out of the CRD: they are several times
/// larger than the rest together, and `kubectl explain pod.spec` has them.
const KUBERNETES_FIELDS: [&str; 16] = [
    "affinity",
    "tolerations",
    "topologySpreadConstraints",
    "lifecycle",
    "sidecars",
    "initContainers",
    "feEnvVars",
    "beEnvVars",
    "cnEnvVars",
    "hpaPolicy",
    "updateStrategy",
    "persistentVolumeClaimRetentionPolicy",
    "capabilities",
    "hostAliases",
    "limits",
    "requests",
];

/// The CustomResourceDefinitions that every installation has, as JSON: file name and document.
///
/// # Errors
/// When a definition can't be turned into JSON.
pub fn all() -> Result<Vec<(&'static str, Value)>, serde_json::Error> {
    let mut cluster = serde_json::to_value(StarRocksCluster::crd())?;
    if let Some(schema) = cluster.pointer_mut("/spec/versions/0/schema/openAPIV3Schema") {
        tidy(schema, Descriptions::Keep);
    }
    make_conditions_a_map(&mut cluster);
    let mut all = vec![("starrocksclusters.starrocks.com.yaml", cluster)];
    for (file, crd) in [
        ("hookpolicies.hookgate.dev.yaml", HookPolicy::crd()),
        ("hookapprovals.hookgate.dev.yaml", HookApproval::crd()),
        ("hooksubmissions.hookgate.dev.yaml", HookSubmission::crd()),
    ] {
        let mut crd = serde_json::to_value(crd)?;
        if let Some(schema) = crd.pointer_mut("/spec/versions/0/schema/openAPIV3Schema") {
            open(schema);
        }
        all.push((file, crd));
    }
    Ok(all)
}

/// The CustomResourceDefinitions of machine hooks, for clusters without a TKEStack that serves these kinds itself.
///
/// Helm keeps them when the chart is uninstalled: removing a definition deletes every object of its kind.
///
/// # Errors
/// When a definition can't be turned into JSON.
pub fn machine_hooks() -> Result<Vec<(&'static str, Value)>, serde_json::Error> {
    let mut both = Vec::new();
    for (name, crd) in [
        ("clusters.platform.tkestack.io.yaml", Cluster::crd()),
        ("machines.platform.tkestack.io.yaml", Machine::crd()),
    ] {
        let mut crd = serde_json::to_value(crd)?;
        if let Some(schema) = crd.pointer_mut("/spec/versions/0/schema/openAPIV3Schema") {
            tidy(schema, Descriptions::Keep);
        }
        make_conditions_a_map(&mut crd);
        if let Some(metadata) = crd.pointer_mut("/metadata").and_then(Value::as_object_mut) {
            metadata.insert("annotations".to_owned(), serde_json::json!({"helm.sh/resource-policy": "keep"}));
        }
        both.push((name, crd));
    }
    Ok(both)
}

/// Whether descriptions below a schema stay.
#[derive(Clone, Copy, PartialEq)]
enum Descriptions {
    Keep,
    Drop,
}

/// Makes a schema as small as it can be, and leaves no `default` in it: the API server would write it into users'
/// objects, and defaults are the mutating webhook's, which names what it fills in.
fn tidy(schema: &mut Value, descriptions: Descriptions) {
    let Some(schema) = schema.as_object_mut() else { return };
    schema.remove("default");
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, property) in properties {
            let below =
                if KUBERNETES_FIELDS.contains(&name.as_str()) { Descriptions::Drop } else { descriptions };
            tidy(property, below);
            if descriptions == Descriptions::Drop
                && let Some(property) = property.as_object_mut()
            {
                property.remove("description");
            }
        }
    }
    for keyword in ["items", "additionalProperties"] {
        if let Some(below) = schema.get_mut(keyword) {
            tidy(below, descriptions);
            if descriptions == Descriptions::Drop
                && let Some(below) = below.as_object_mut()
            {
                below.remove("description");
            }
        }
    }
}

/// Unknown fields are errors in a file and pruned by the API server, which doesn't take `additionalProperties: false`
/// beside `properties`.
fn open(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("additionalProperties") == Some(&Value::Bool(false)) {
                object.remove("additionalProperties");
            }
            object.values_mut().for_each(open);
        }
        Value::Array(items) => items.iter_mut().for_each(open),
        _ => {}
    }
}

/// Conditions merge by type under server-side apply, as in Kubernetes' own kinds.
fn make_conditions_a_map(crd: &mut Value) {
    let path = "/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/conditions";
    if let Some(conditions) = crd.pointer_mut(path).and_then(Value::as_object_mut) {
        conditions.insert("x-kubernetes-list-type".to_owned(), "map".into());
        conditions.insert("x-kubernetes-list-map-keys".to_owned(), serde_json::json!(["type"]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_has_upstreams_names_and_subresources() {
        let (_, crd) = all().unwrap().remove(0);
        assert_eq!(crd["metadata"]["name"], "starrocksclusters.starrocks.com");
        assert_eq!(crd["spec"]["names"]["shortNames"][0], "src");
        let version = &crd["spec"]["versions"][0];
        assert!(version["subresources"]["status"].is_object());
        assert_eq!(version["subresources"]["scale"]["specReplicasPath"], ".spec.starRocksCnSpec.replicas");
        let conditions =
            &version["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]["conditions"];
        assert_eq!(conditions["x-kubernetes-list-type"], "map");
    }

    #[test]
    fn quantities_may_be_numbers_as_in_upstreams_schema() {
        let (_, crd) = all().unwrap().remove(0);
        let limits = crd
            .pointer("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/starRocksFeSpec/properties/limits")
            .unwrap();
        assert_eq!(limits["additionalProperties"]["x-kubernetes-int-or-string"], true, "{limits}");
    }

    #[test]
    fn the_api_server_fills_in_nothing() {
        fn has_default(value: &Value) -> bool {
            match value {
                Value::Object(object) => object
                    .iter()
                    .any(|(key, value)| (key == "default" && !value.is_object()) || has_default(value)),
                Value::Array(items) => items.iter().any(has_default),
                _ => false,
            }
        }
        let (_, crd) = all().unwrap().remove(0);
        assert!(!has_default(&crd));
    }

    #[test]
    fn it_fits_into_the_annotation_of_kubectl_apply() {
        let (_, crd) = all().unwrap().remove(0);
        assert!(crd.to_string().len() < 256 * 1024, "{} bytes", crd.to_string().len());
    }

    #[test]
    fn machine_hooks_definitions_keep_what_they_do_not_know_and_stay_when_the_chart_goes() {
        for (name, crd) in machine_hooks().unwrap() {
            assert_eq!(name, format!("{}.yaml", crd["metadata"]["name"].as_str().unwrap()));
            assert_eq!(crd["spec"]["group"], crate::platform::GROUP);
            assert_eq!(crd["spec"]["scope"], "Cluster");
            assert_eq!(crd["metadata"]["annotations"]["helm.sh/resource-policy"], "keep");
            let version = &crd["spec"]["versions"][0];
            assert_eq!(version["name"], crate::platform::VERSION);
            let properties = &version["schema"]["openAPIV3Schema"]["properties"];
            for place in ["/spec", "/status", "/status/properties/conditions/items"] {
                let schema = properties.pointer(place).unwrap();
                assert_eq!(schema["x-kubernetes-preserve-unknown-fields"], true, "{name}: {place}");
                assert!(schema.get("additionalProperties").is_none(), "{name}: {place}");
            }
        }
        let (_, cluster) = machine_hooks().unwrap().remove(0);
        let spec =
            cluster.pointer("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties").unwrap();
        for place in ["/features", "/features/properties/files/items", "/machines/items"] {
            assert_eq!(spec.pointer(place).unwrap()["x-kubernetes-preserve-unknown-fields"], true, "{place}");
        }
    }
}
