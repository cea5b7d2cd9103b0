//! Who this process is, from what the StarRocks operator tells a container.

use std::net::IpAddr;

use clap::Args;

/// Where a pod finds itself. Every value has the environment variable that the operator sets.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// The pod's name.
    #[arg(long, env = "POD_NAME")]
    pub pod_name: Option<String>,
    /// The name when POD_NAME isn't set.
    #[arg(long, env = "HOSTNAME")]
    pub hostname: Option<String>,
    /// The pod's namespace.
    #[arg(long, env = "POD_NAMESPACE")]
    pub pod_namespace: Option<String>,
    /// The pod's address.
    #[arg(long, env = "POD_IP")]
    pub pod_ip: Option<IpAddr>,
    /// `FQDN` makes nodes known by name, anything else by address.
    #[arg(long, env = "HOST_TYPE", default_value = "FQDN")]
    pub host_type: String,
    /// The cluster's DNS domain.
    #[arg(long, env = "STANDIN_CLUSTER_DOMAIN", default_value = "cluster.local")]
    pub cluster_domain: String,
    /// The name or address under which the others know this node, when it isn't to be derived.
    #[arg(long, env = "STANDIN_HOST")]
    pub host: Option<String>,
}

impl Place {
    /// The pod's name, or else the host's, or else `standin-0`.
    pub fn pod(&self) -> &str {
        self.pod_name
            .as_deref()
            .or(self.hostname.as_deref())
            .filter(|name| !name.is_empty())
            .unwrap_or("standin-0")
    }

    /// The pod's number in its StatefulSet; 0 for a pod that has none.
    pub fn ordinal(&self) -> u32 {
        split_ordinal(self.pod()).map_or(0, |(_, ordinal)| ordinal)
    }

    /// The headless Service of this pod's StatefulSet, as a name in DNS:
    /// `<cluster>-fe-search.<namespace>.svc.<domain>`. None outside of Kubernetes.
    pub fn search_service(&self) -> Option<String> {
        let namespace = self.pod_namespace.as_deref().filter(|n| !n.is_empty())?;
        let (set, _) = split_ordinal(self.pod())?;
        Some(format!("{set}-search.{namespace}.svc.{}", self.cluster_domain))
    }

    /// The name or address under which the others know this node.
    pub fn host(&self) -> String {
        if let Some(host) = self.host.as_deref().filter(|host| !host.is_empty()) {
            return host.to_owned();
        }
        match (self.host_type.as_str(), self.search_service(), self.pod_ip) {
            ("FQDN", Some(service), _) => format!("{}.{service}", self.pod()),
            (_, _, Some(address)) => address.to_string(),
            (_, Some(service), None) => format!("{}.{service}", self.pod()),
            (_, None, None) => "127.0.0.1".to_owned(),
        }
    }
}

/// Splits `<set>-<ordinal>`.
fn split_ordinal(pod: &str) -> Option<(&str, u32)> {
    let (set, ordinal) = pod.rsplit_once('-')?;
    Some((set, ordinal.parse().ok()?))
}

/// Joins host and port as a URL does: IPv6 addresses in brackets.
pub fn host_port(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(pod: &str, namespace: Option<&str>, host_type: &str) -> Place {
        Place {
            pod_name: Some(pod.into()),
            hostname: None,
            pod_namespace: namespace.map(Into::into),
            pod_ip: Some("10.0.0.7".parse().unwrap()),
            host_type: host_type.into(),
            cluster_domain: "cluster.local".into(),
            host: None,
        }
    }

    #[test]
    fn a_pod_knows_its_service_and_its_full_name() {
        let fe = place("my-db-fe-2", Some("prod"), "FQDN");
        assert_eq!(fe.search_service().unwrap(), "my-db-fe-search.prod.svc.cluster.local");
        assert_eq!(fe.host(), "my-db-fe-2.my-db-fe-search.prod.svc.cluster.local");
        assert_eq!(fe.ordinal(), 2);
        assert_eq!(place("my-db-be-0", Some("prod"), "IP").host(), "10.0.0.7");
    }

    #[test]
    fn outside_of_kubernetes_there_is_no_service() {
        let alone = place("laptop", None, "FQDN");
        assert_eq!((alone.search_service(), alone.ordinal(), alone.host()), (None, 0, "10.0.0.7".to_owned()));
    }
}
