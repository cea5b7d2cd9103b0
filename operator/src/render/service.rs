//! The two Services of a component.

use super::{Configuration, Ports, RenderError, hash, metadata, pod_labels, ports::NamedPort};
use hookgate_api::{Component, StarRocksCluster, annotations, cluster, names};
use k8s_openapi::{
    api::core::v1::{Service, ServicePort, ServiceSpec},
    apimachinery::pkg::util::intstr::IntOrString,
};
use kube::ResourceExt;

/// The headless Service of a component and the one that clients use. Each carries the hash of its rendering.
///
/// # Errors
/// When an object can't be turned into JSON.
pub fn services(
    cluster: &StarRocksCluster,
    component: Component,
    configuration: &Configuration,
) -> Result<Vec<Service>, RenderError> {
    let Some(spec) = cluster.spec.server(component) else { return Ok(Vec::new()) };
    let ports = Ports::of(component, configuration);
    let wanted = spec.common.service.clone().unwrap_or_default();
    let mut services = vec![search(cluster, component, ports), external(cluster, component, ports, &wanted)];
    for service in &mut services {
        let hash = hash(service)?;
        service.annotations_mut().insert(annotations::RENDERED_HASH.to_owned(), hash);
    }
    Ok(services)
}

fn search(cluster: &StarRocksCluster, component: Component, ports: Ports) -> Service {
    service(
        cluster,
        component,
        names::search_service(&cluster.name_any(), component),
        ServiceSpec {
            cluster_ip: Some("None".to_owned()),
            publish_not_ready_addresses: Some(true),
            ports: Some(vec![port(ports.search())]),
            ..ServiceSpec::default()
        },
    )
}

fn external(
    cluster: &StarRocksCluster,
    component: Component,
    ports: Ports,
    wanted: &cluster::ServiceSpec,
) -> Service {
    let name = names::external_service(&cluster.name_any(), component);
    client_service(service(cluster, component, name, ServiceSpec::default()), &ports.external(), wanted)
}

/// A Service that clients use, as the user wants it. It comes with its name and selector.
pub(super) fn client_service(
    mut service: Service,
    of_server: &[NamedPort],
    wanted: &cluster::ServiceSpec,
) -> Service {
    let mut all: Vec<_> = of_server.iter().map(|own| overridden(port(*own), wanted)).collect();
    let further = wanted.ports.iter().filter(|port| !of_server.iter().any(|own| own.name == port.name));
    all.extend(further.filter_map(further_port));
    service.spec = Some(ServiceSpec {
        type_: wanted.type_.clone(),
        ports: Some(all),
        load_balancer_ip: (!wanted.load_balancer_ip.is_empty()).then(|| wanted.load_balancer_ip.clone()),
        load_balancer_source_ranges: (!wanted.load_balancer_source_ranges.is_empty())
            .then(|| wanted.load_balancer_source_ranges.clone()),
        ..service.spec.unwrap_or_default()
    });
    for (key, value) in &wanted.labels {
        service.labels_mut().entry(key.clone()).or_insert_with(|| value.clone());
    }
    service.annotations_mut().extend(wanted.annotations.clone());
    service
}

fn service(cluster: &StarRocksCluster, component: Component, name: String, spec: ServiceSpec) -> Service {
    Service {
        metadata: metadata(cluster, component, name),
        spec: Some(ServiceSpec { selector: Some(pod_labels(cluster, component)), ..spec }),
        ..Service::default()
    }
}

fn port(port: NamedPort) -> ServicePort {
    ServicePort {
        name: Some(port.name.to_owned()),
        port: port.number,
        target_port: Some(IntOrString::Int(port.number)),
        protocol: Some("TCP".to_owned()),
        app_protocol: port.app_protocol.map(str::to_owned),
        ..ServicePort::default()
    }
}

fn overridden(own: ServicePort, wanted: &cluster::ServiceSpec) -> ServicePort {
    let Some(user) = wanted.ports.iter().find(|port| Some(&port.name) == own.name.as_ref()) else {
        return own;
    };
    ServicePort { port: user.port.unwrap_or(own.port), node_port: user.node_port, ..own }
}

fn further_port(user: &cluster::ServicePort) -> Option<ServicePort> {
    let number = user.port.or(user.container_port)?;
    Some(ServicePort {
        name: Some(user.name.clone()),
        port: number,
        target_port: Some(IntOrString::Int(user.container_port.unwrap_or(number))),
        protocol: Some("TCP".to_owned()),
        node_port: user.node_port,
        ..ServicePort::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_users_ports_override_the_servers_by_name() {
        let cluster: StarRocksCluster = serde_json::from_value(json!({
            "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
            "metadata": {"name": "c", "namespace": "n", "uid": "u"},
            "spec": {"starRocksFeSpec": {"image": "fe:3.2.2", "service": {"type": "NodePort", "ports": [
                {"name": "query", "port": 3306, "nodePort": 30030},
                {"name": "metrics", "containerPort": 9100},
            ]}}},
        }))
        .unwrap();
        let services = services(&cluster, Component::Fe, &Configuration::default()).unwrap();
        let external = services[1].spec.as_ref().unwrap();
        let ports: Vec<_> = external
            .ports
            .iter()
            .flatten()
            .map(|port| (port.name.as_deref().unwrap(), port.port, port.node_port))
            .collect();
        assert_eq!(
            ports,
            [
                ("http", 8030, None),
                ("rpc", 9020, None),
                ("query", 3306, Some(30030)),
                ("edit-log", 9010, None),
                ("metrics", 9100, None)
            ]
        );
        assert_eq!(external.type_.as_deref(), Some("NodePort"));
        assert_eq!(services[0].spec.as_ref().unwrap().cluster_ip.as_deref(), Some("None"));
    }
}
