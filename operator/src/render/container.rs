//! The container that runs the server.

use super::{Ports, ports::NamedPort, probes::probes, volumes::configuration_path};
use hookgate_api::{
    Component, StarRocksCluster, Version,
    cluster::{CommonSpec, ServerSpec},
    names,
};
use k8s_openapi::api::core::v1::{
    Container, ContainerPort, EnvVar, EnvVarSource, ExecAction, Lifecycle, LifecycleHandler,
    ObjectFieldSelector, ResourceRequirements, SecurityContext, VolumeMount,
};
use kube::ResourceExt;

/// uid, gid and fsGroup of a server that doesn't run as root.
pub(super) const STARROCKS_ID: i64 = 1000;

pub(super) fn container(
    cluster: &StarRocksCluster,
    component: Component,
    spec: &ServerSpec,
    ports: Ports,
    fe_query_port: i32,
    mounts: Vec<VolumeMount>,
) -> Container {
    let probes = probes(&spec.common, ports.health());
    Container {
        name: component.as_str().to_owned(),
        image: Some(spec.common.image.clone()),
        image_pull_policy: Some(
            spec.common.image_pull_policy.clone().unwrap_or_else(|| "IfNotPresent".to_owned()),
        ),
        command: Some(or_default(&spec.command, || {
            vec![format!("/opt/starrocks/{}_entrypoint.sh", component.as_str())]
        })),
        args: Some(or_default(&spec.args, || vec!["$(FE_SERVICE_NAME)".to_owned()])),
        ports: Some(container_ports(ports)),
        env: Some(environment(cluster, component, spec, fe_query_port)),
        resources: Some(resources(&spec.common)),
        volume_mounts: Some(mounts),
        startup_probe: probes.startup,
        liveness_probe: probes.liveness,
        readiness_probe: probes.readiness,
        lifecycle: Some(
            spec.common.lifecycle.clone().unwrap_or_else(|| graceful_stop(component, &spec.common.image)),
        ),
        security_context: Some(security_context(spec)),
        ..Container::default()
    }
}

fn or_default(given: &[String], default: impl FnOnce() -> Vec<String>) -> Vec<String> {
    if given.is_empty() { default() } else { given.to_vec() }
}

fn container_ports(ports: Ports) -> Vec<ContainerPort> {
    let of_container = |port: &NamedPort| port.name != "edit-log";
    let port = |port: NamedPort| ContainerPort {
        name: Some(format!("{}-port", port.name)),
        container_port: port.number,
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    };
    ports.external().into_iter().filter(of_container).map(port).collect()
}

fn environment(
    cluster: &StarRocksCluster,
    component: Component,
    spec: &ServerSpec,
    fe_query_port: i32,
) -> Vec<EnvVar> {
    let value = |name: &str, value: &str| EnvVar {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        ..EnvVar::default()
    };
    let field = |name: &str, path: &str| EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource {
            field_ref: Some(ObjectFieldSelector {
                field_path: path.to_owned(),
                ..ObjectFieldSelector::default()
            }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    };
    let fe_service = names::external_service(&cluster.name_any(), Component::Fe);
    let mut env = users_environment(cluster, component).to_vec();
    env.extend([
        field("POD_NAME", "metadata.name"),
        field("POD_IP", "status.podIP"),
        field("HOST_IP", "status.hostIP"),
        field("POD_NAMESPACE", "metadata.namespace"),
        value("HOST_TYPE", "FQDN"),
        value("COMPONENT_NAME", component.as_str()),
    ]);
    if component == Component::Fe {
        env.push(value(
            "FE_SERVICE_NAME",
            &format!("{fe_service}.{}", cluster.namespace().unwrap_or_default()),
        ));
    } else {
        env.push(value("FE_SERVICE_NAME", &fe_service));
        env.push(value("FE_QUERY_PORT", &fe_query_port.to_string()));
    }
    if spec.common.config_map_info.as_ref().is_some_and(|info| !info.config_map_name.is_empty()) {
        env.push(value("CONFIGMAP_MOUNT_PATH", &configuration_path(component)));
    }
    env
}

fn users_environment(cluster: &StarRocksCluster, component: Component) -> &[EnvVar] {
    let spec = &cluster.spec;
    match component {
        Component::Fe => spec.star_rocks_fe_spec.as_ref().map_or(&[], |fe| &fe.fe_env_vars),
        Component::Be => spec.star_rocks_be_spec.as_ref().map_or(&[], |be| &be.be_env_vars),
        Component::Cn => spec.star_rocks_cn_spec.as_ref().map_or(&[], |cn| &cn.cn_env_vars),
    }
}

pub(super) fn resources(spec: &CommonSpec) -> ResourceRequirements {
    ResourceRequirements {
        limits: (!spec.limits.is_empty()).then(|| spec.limits.clone()),
        requests: (!spec.requests.is_empty()).then(|| spec.requests.clone()),
        claims: (!spec.claims.is_empty()).then(|| spec.claims.clone()),
    }
}

/// `-g` asks for a graceful stop; the scripts of older versions don't know it.
fn graceful_stop(component: Component, image: &str) -> Lifecycle {
    let name = component.as_str();
    let graceful = if knows_graceful_stop(component, image) { " -g" } else { "" };
    let command = format!("/opt/starrocks/{name}/bin/stop_{name}.sh{graceful}");
    Lifecycle {
        pre_stop: Some(LifecycleHandler {
            exec: Some(ExecAction { command: Some(vec!["/bin/bash".to_owned(), "-c".to_owned(), command]) }),
            ..LifecycleHandler::default()
        }),
        ..Lifecycle::default()
    }
}

fn knows_graceful_stop(component: Component, image: &str) -> bool {
    let Some((major, minor, Some(patch))) = Version::of_image(image).map(Version::parts) else { return true };
    let first = match (component, major, minor) {
        (Component::Be, 3, 3) => 19,
        (Component::Be, 3, 4) => 8,
        (Component::Be, 3, 5) => 6,
        (Component::Cn, 3, 3) => 17,
        (Component::Cn, 3, 4) => 6,
        (Component::Cn, 3, 5) => 2,
        _ => 0,
    };
    patch >= first
}

fn security_context(spec: &ServerSpec) -> SecurityContext {
    let id = spec.run_as_non_root.unwrap_or_default().then_some(STARROCKS_ID);
    SecurityContext {
        allow_privilege_escalation: Some(false),
        read_only_root_filesystem: Some(spec.read_only_root_filesystem.unwrap_or_default()),
        run_as_non_root: id.map(|_| true),
        run_as_user: id,
        run_as_group: id,
        capabilities: spec.capabilities.clone(),
        ..SecurityContext::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_of_older_versions_are_not_asked_for_a_graceful_stop() {
        for (component, image, expected) in [
            (Component::Be, "be:3.3.18", false),
            (Component::Be, "be:3.3.19", true),
            (Component::Cn, "cn:3.3.17", true),
            (Component::Cn, "cn:3.5.1", false),
            (Component::Be, "be:3.2.2", true),
            (Component::Fe, "fe:3.3.0", true),
            (Component::Be, "be:latest", true),
        ] {
            assert_eq!(knows_graceful_stop(component, image), expected, "{component} {image}");
        }
    }
}
