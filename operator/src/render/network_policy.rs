//! What the pods of a cluster's hooks may reach: FE, by the MySQL protocol, and nothing else.

use super::{job::hook_pod_labels, owner_reference, pod_labels};
use hookgate_api::{Component, StarRocksCluster};
use k8s_openapi::{
    api::networking::v1::{
        NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec,
    },
    apimachinery::pkg::{
        apis::meta::v1::{LabelSelector, ObjectMeta},
        util::intstr::IntOrString,
    },
};
use kube::ResourceExt;

/// The NetworkPolicy of a cluster's hooks. Where the network plugin enforces it, it holds for the supervisor as well: a
/// script has no network by the sandbox already.
pub fn hook_network_policy(cluster: &StarRocksCluster, fe_query_port: i32) -> NetworkPolicy {
    let to_fe = NetworkPolicyEgressRule {
        to: Some(vec![NetworkPolicyPeer {
            pod_selector: Some(LabelSelector {
                match_labels: Some(pod_labels(cluster, Component::Fe)),
                ..LabelSelector::default()
            }),
            ..NetworkPolicyPeer::default()
        }]),
        ports: Some(vec![NetworkPolicyPort {
            protocol: Some("TCP".to_owned()),
            port: Some(IntOrString::Int(fe_query_port)),
            end_port: None,
        }]),
    };
    NetworkPolicy {
        metadata: ObjectMeta {
            name: Some(format!("{}-hooks", cluster.name_any())),
            namespace: cluster.namespace(),
            owner_references: Some(vec![owner_reference(cluster)]),
            ..ObjectMeta::default()
        },
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(LabelSelector {
                match_labels: Some(hook_pod_labels(cluster)),
                ..LabelSelector::default()
            }),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ingress: None,
            egress: Some(vec![to_fe]),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::job::hook_pod_labels;
    use std::collections::BTreeMap;

    fn cluster(name: &str) -> StarRocksCluster {
        let mut cluster = StarRocksCluster::new(name, hookgate_api::StarRocksClusterSpec::default());
        cluster.metadata.namespace = Some("n".to_owned());
        cluster
    }

    /// Whether a selector with labels alone matches: all of them, and everything when there is none.
    fn matches(selector: &LabelSelector, labels: &BTreeMap<String, String>) -> bool {
        assert!(selector.match_expressions.is_none());
        selector.match_labels.iter().flatten().all(|(name, value)| labels.get(name) == Some(value))
    }

    /// What the API says of a pod's connection to a pod of the same namespace: a pod that a policy selects for egress may
    /// open what one of its rules has, each of which is peers and ports, either of them missing for all.
    fn may_open(policy: &NetworkPolicy, to: &BTreeMap<String, String>, protocol: &str, port: i32) -> bool {
        let spec = policy.spec.as_ref().unwrap();
        assert!(spec.policy_types.as_ref().unwrap().contains(&"Egress".to_owned()));
        spec.egress.iter().flatten().any(|rule| {
            let peer = rule.to.as_ref().is_none_or(|peers| {
                peers.iter().any(|peer| {
                    let is_here = peer.namespace_selector.is_none() && peer.ip_block.is_none();
                    is_here && peer.pod_selector.as_ref().is_some_and(|selector| matches(selector, to))
                })
            });
            let is_port = |one: &NetworkPolicyPort| {
                one.protocol.as_deref().unwrap_or("TCP") == protocol
                    && one.port == Some(IntOrString::Int(port))
            };
            peer && rule.ports.as_ref().is_none_or(|ports| ports.iter().any(is_port))
        })
    }

    #[test]
    fn hooks_reach_their_own_fe_and_nothing_else_and_nobody_reaches_them() {
        let (ours, other) = (cluster("sr"), cluster("other"));
        let policy = hook_network_policy(&ours, 9030);
        let spec = policy.spec.as_ref().unwrap();
        let selects =
            |labels: &BTreeMap<String, String>| matches(spec.pod_selector.as_ref().unwrap(), labels);
        assert!(selects(&hook_pod_labels(&ours)) && !selects(&hook_pod_labels(&other)));
        for component in Component::ALL {
            assert!(!selects(&pod_labels(&ours, component)), "{component} is not a hook");
        }
        let fe = pod_labels(&ours, Component::Fe);
        assert!(may_open(&policy, &fe, "TCP", 9030));
        assert!(!may_open(&policy, &fe, "TCP", 8030) && !may_open(&policy, &fe, "UDP", 9030));
        for stranger in [
            pod_labels(&ours, Component::Be),
            pod_labels(&other, Component::Fe),
            hook_pod_labels(&ours),
            BTreeMap::from([("k8s-app".to_owned(), "kube-dns".to_owned())]),
        ] {
            for (protocol, port) in [("TCP", 9030), ("TCP", 53), ("UDP", 53), ("TCP", 443)] {
                assert!(!may_open(&policy, &stranger, protocol, port), "{stranger:?} {port}");
            }
        }
        // Selected for ingress, and no rule: nothing comes in.
        assert!(spec.policy_types.as_ref().unwrap().contains(&"Ingress".to_owned()));
        assert_eq!(spec.ingress.as_ref().map_or(0, Vec::len), 0);
    }
}
