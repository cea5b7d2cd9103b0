//! Names and labels of the objects that belong to a cluster, as upstream's operator gives them.

use crate::Component;

/// The API group of StarRocksCluster.
pub const GROUP: &str = "starrocks.com";
/// The object label that names the component.
pub const COMPONENT_LABEL: &str = "app.kubernetes.io/component";
/// The object label that names the owner: the cluster on objects, `<cluster>-<component>` on pods and in selectors.
pub const OWNER_LABEL: &str = "app.starrocks.ownerreference/name";

/// The value of [`COMPONENT_LABEL`] on the objects and pods of the FE proxy.
pub const FE_PROXY: &str = "fe-proxy";

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

/// The FE proxy's Deployment and ConfigMap: `<cluster>-fe-proxy`. It is also the value of its pods' owner label.
pub fn fe_proxy(cluster: &str) -> String {
    format!("{cluster}-{FE_PROXY}")
}

/// The Service of the FE proxy.
pub fn fe_proxy_service(cluster: &str) -> String {
    format!("{cluster}-{FE_PROXY}-service")
}

/// The cluster whose FE proxy a pod's owner label names; `None` where the label is of another kind.
pub fn cluster_of_fe_proxy(label: &str) -> Option<&str> {
    label.strip_suffix(FE_PROXY)?.strip_suffix('-').filter(|cluster| !cluster.is_empty())
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
        assert_eq!(owner_of_pod("my-cluster-fe-proxy"), None);
        assert_eq!(cluster_of_fe_proxy("my-cluster-fe-proxy"), Some("my-cluster"));
        assert_eq!(cluster_of_fe_proxy("-fe-proxy"), None);
        assert_eq!(cluster_of_fe_proxy("my-cluster-fe"), None);
        assert_eq!(owner_of_pod("fe"), None);
        assert_eq!(owner_of_pod("-fe"), None);
        assert_eq!(owner_of_pod("my-cluster-proxy"), None);
    }
}
