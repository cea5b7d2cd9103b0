//! Names and labels of the objects that belong to a cluster, as upstream's operator gives them.

use crate::Component;

/// The API group of StarRocksCluster.
pub const GROUP: &str = "starrocks.com";
/// The object label that names the component.
pub const COMPONENT_LABEL: &str = "app.kubernetes.io/component";
/// The object label that names the owner: the cluster on objects, `<cluster>-<component>` on pods and in selectors.
pub const OWNER_LABEL: &str = "app.starrocks.ownerreference/name";

/// The name of an FE container's port for the MySQL protocol.
pub const FE_QUERY_PORT: &str = "query-port";

/// The StatefulSet of a component: `<cluster>-<component>`. It is also the value of the pods' owner label.
pub fn statefulset(cluster: &str, component: Component) -> String {
    format!("{cluster}-{}", component.as_str())
}

/// The headless Service that gives each pod its stable name; it publishes addresses that are not ready.
pub fn search_service(cluster: &str, component: Component) -> String {
    format!("{cluster}-{}-search", component.as_str())
}

/// The Service that clients use.
pub fn external_service(cluster: &str, component: Component) -> String {
    format!("{cluster}-{}-service", component.as_str())
}

/// The pod of a component with that ordinal.
pub fn pod(cluster: &str, component: Component, ordinal: i32) -> String {
    format!("{cluster}-{}-{ordinal}", component.as_str())
}

/// The cluster and component that a pod's owner label names; `None` where the label is of another kind.
pub fn owner_of_pod(label: &str) -> Option<(&str, Component)> {
    Component::ALL
        .into_iter()
        .find_map(|component| Some((label.strip_suffix(component.as_str())?.strip_suffix('-')?, component)))
        .filter(|(cluster, _)| !cluster.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_label_of_a_pod_names_cluster_and_component() {
        for component in Component::ALL {
            let label = statefulset("my-cluster", component);
            assert_eq!(owner_of_pod(&label), Some(("my-cluster", component)));
        }
        assert_eq!(owner_of_pod("fe"), None);
        assert_eq!(owner_of_pod("-fe"), None);
        assert_eq!(owner_of_pod("my-cluster-proxy"), None);
    }
}
