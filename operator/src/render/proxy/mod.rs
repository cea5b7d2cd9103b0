//! The FE proxy: nginx in front of FE's HTTP port, so that a load reaches BE and CN by one address.
//!
//! Names, labels, port, probes, user and the place of its configuration are those of the upstream operator (v1.11.5,
//! `pkg/subcontrollers/feproxy`). The configuration is our own.

mod nginx;

use super::{
    Configuration, RenderError, container::resources, hash, inputs::proxy_inputs_hash, labels,
    owner_reference, ports::NamedPort, probes::probes_at, service::client_service, volumes::proxy_storage,
};
use hookgate_api::{
    StarRocksCluster, annotations, cluster::FeProxySpec, defaults::DEFAULT_TERMINATION_GRACE_PERIOD_SECONDS,
    names,
};
use k8s_openapi::{
    api::{
        apps::v1::{Deployment, DeploymentSpec},
        core::v1::{
            Capabilities, ConfigMap, Container, ContainerPort, PodSpec, PodTemplateSpec, SecurityContext,
            Service, ServiceSpec,
        },
    },
    apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta},
};
use kube::ResourceExt;
use nginx::{HEALTH, PORT, configuration};
use std::collections::BTreeMap;

/// uid and gid of nginx in its image.
const NGINX_ID: i64 = 101;

/// The objects of the FE proxy.
#[derive(Clone, Debug)]
pub struct RenderedProxy {
    deployment: Deployment,
    config_map: ConfigMap,
    service: Service,
    hash: String,
    inputs: String,
    replicas: i32,
}

impl RenderedProxy {
    /// The hash by which a difference to the live Deployment is found; its configuration is a part of it.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The hash of what the user wrote.
    pub fn inputs(&self) -> &str {
        &self.inputs
    }

    /// How many pods the spec asks for.
    pub const fn replicas(&self) -> i32 {
        self.replicas
    }

    /// The image.
    pub fn image(&self) -> &str {
        let pod = self.deployment.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
        pod.and_then(|pod| pod.containers.first()?.image.as_deref()).unwrap_or_default()
    }

    /// The Deployment to apply.
    pub const fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The ConfigMap with `nginx.conf`, with the hash of its rendering.
    pub const fn config_map(&self) -> &ConfigMap {
        &self.config_map
    }

    /// The Service that clients use, with the hash of its rendering.
    pub const fn service(&self) -> &Service {
        &self.service
    }
}

/// The FE proxy; `None` when the cluster hasn't got one.
///
/// `fe` is FE's configuration file, of which the HTTP port is read. `selector` is that of a live Deployment: it can't be
/// changed.
///
/// # Errors
/// When an object can't be turned into JSON.
pub fn proxy(
    cluster: &StarRocksCluster,
    fe: &Configuration,
    selector: Option<&BTreeMap<String, String>>,
) -> Result<Option<RenderedProxy>, RenderError> {
    let Some(spec) = &cluster.spec.star_rocks_fe_proxy_spec else { return Ok(None) };
    let fe_http_port = fe.port("http_port", 8030);
    let mut config_map = ConfigMap {
        metadata: metadata(cluster, names::fe_proxy(&cluster.name_any())),
        data: Some(BTreeMap::from([(
            "nginx.conf".to_owned(),
            configuration(&cluster.name_any(), &cluster.namespace().unwrap_or_default(), fe_http_port, spec),
        )])),
        ..ConfigMap::default()
    };
    let configuration_hash = hash(&config_map)?;
    let noted = |hash: &str| (annotations::RENDERED_HASH.to_owned(), hash.to_owned());
    config_map.annotations_mut().extend([noted(&configuration_hash)]);
    let mut service = service(cluster, spec);
    let service_hash = hash(&service)?;
    service.annotations_mut().extend([noted(&service_hash)]);
    let mut deployment = deployment(cluster, spec, &configuration_hash, selector);
    let hash = hash(&deployment)?;
    let inputs = proxy_inputs_hash(&cluster.spec, fe_http_port)?;
    deployment
        .annotations_mut()
        .extend([noted(&hash), (annotations::INPUTS_HASH.to_owned(), inputs.clone())]);
    let replicas = spec.common.replicas();
    if let Some(spec) = deployment.spec.as_mut() {
        spec.replicas = Some(replicas);
    }
    Ok(Some(RenderedProxy { deployment, config_map, service, hash, inputs, replicas }))
}

fn metadata(cluster: &StarRocksCluster, name: String) -> ObjectMeta {
    ObjectMeta {
        name: Some(name),
        namespace: cluster.namespace(),
        labels: Some(labels(names::FE_PROXY, cluster.name_any())),
        owner_references: Some(vec![owner_reference(cluster)]),
        ..ObjectMeta::default()
    }
}

fn pod_labels(cluster: &StarRocksCluster) -> BTreeMap<String, String> {
    labels(names::FE_PROXY, names::fe_proxy(&cluster.name_any()))
}

fn service(cluster: &StarRocksCluster, spec: &FeProxySpec) -> Service {
    let bare = Service {
        metadata: metadata(cluster, names::fe_proxy_service(&cluster.name_any())),
        spec: Some(ServiceSpec { selector: Some(pod_labels(cluster)), ..ServiceSpec::default() }),
        ..Service::default()
    };
    let http = NamedPort { name: "http-port", number: PORT, app_protocol: None };
    client_service(bare, &[http], &spec.common.service.clone().unwrap_or_default())
}

fn deployment(
    cluster: &StarRocksCluster,
    spec: &FeProxySpec,
    configuration_hash: &str,
    selector: Option<&BTreeMap<String, String>>,
) -> Deployment {
    let own = pod_labels(cluster);
    let selector = selector.filter(|live| !live.is_empty()).unwrap_or(&own);
    // Selectors stand on the operator's own labels: they win over the user's.
    let mut of_pods = spec.common.pod_labels.clone();
    of_pods.extend(own.clone());
    of_pods.extend(selector.clone());
    let mut notes = spec.common.annotations.clone();
    notes.insert(annotations::CONFIGURATION_HASH.to_owned(), configuration_hash.to_owned());
    Deployment {
        metadata: metadata(cluster, names::fe_proxy(&cluster.name_any())),
        spec: Some(DeploymentSpec {
            selector: LabelSelector { match_labels: Some(selector.clone()), ..LabelSelector::default() },
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(of_pods),
                    annotations: Some(notes),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod(cluster, spec)),
            },
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    }
}

fn pod(cluster: &StarRocksCluster, spec: &FeProxySpec) -> PodSpec {
    fn some<T: Clone>(items: &[T]) -> Option<Vec<T>> {
        (!items.is_empty()).then(|| items.to_vec())
    }
    let common = &spec.common;
    let storage = proxy_storage(common, &names::fe_proxy(&cluster.name_any()));
    let probes = probes_at(common, HEALTH, PORT);
    let container = Container {
        name: "nginx".to_owned(),
        image: Some(spec.image().to_owned()),
        image_pull_policy: Some(
            common.image_pull_policy.clone().unwrap_or_else(|| "IfNotPresent".to_owned()),
        ),
        ports: Some(vec![ContainerPort {
            name: Some("http-port".to_owned()),
            container_port: PORT,
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        resources: Some(resources(common)),
        volume_mounts: Some(storage.mounts),
        startup_probe: probes.startup,
        liveness_probe: probes.liveness,
        readiness_probe: probes.readiness,
        lifecycle: common.lifecycle.clone(),
        security_context: Some(SecurityContext {
            run_as_user: Some(NGINX_ID),
            run_as_group: Some(NGINX_ID),
            run_as_non_root: Some(true),
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
            // A load that is larger than a buffer is kept in a file until it is passed on.
            read_only_root_filesystem: Some(false),
            ..SecurityContext::default()
        }),
        ..Container::default()
    };
    let service_account =
        [&common.service_account, &cluster.spec.service_account].into_iter().find(|name| !name.is_empty());
    PodSpec {
        containers: vec![container],
        volumes: Some(storage.volumes),
        image_pull_secrets: some(&common.image_pull_secrets),
        scheduler_name: common.scheduler_name.clone(),
        node_selector: (!common.node_selector.is_empty()).then(|| common.node_selector.clone()),
        affinity: common.affinity.clone(),
        tolerations: some(&common.tolerations),
        topology_spread_constraints: some(&common.topology_spread_constraints),
        share_process_namespace: common.share_process_namespace,
        service_account_name: service_account.cloned(),
        automount_service_account_token: Some(false),
        // A load that is under way gets the time that a server has.
        termination_grace_period_seconds: Some(DEFAULT_TERMINATION_GRACE_PERIOD_SECONDS),
        ..PodSpec::default()
    }
}

#[cfg(test)]
mod tests;
