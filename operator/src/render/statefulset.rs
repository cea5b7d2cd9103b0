//! The StatefulSet of a component.

use super::{Configuration, Ports, RenderError, container, hash, metadata, pod_labels, volumes};
use hookgate_api::{
    Component, StarRocksCluster, annotations, cluster::ServerSpec,
    defaults::DEFAULT_TERMINATION_GRACE_PERIOD_SECONDS, names,
};
use k8s_openapi::{
    api::{
        apps::v1::{
            RollingUpdateStatefulSetStrategy, StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy,
        },
        core::v1::{Container, PodSecurityContext, PodSpec, PodTemplateSpec, Volume},
    },
    apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta},
};
use kube::ResourceExt;
use std::collections::BTreeMap;

/// How a StatefulSet lets its pods go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// `RollingUpdate`: pods with an ordinal of at least `partition` are replaced by Kubernetes, highest first.
    Partition(i32),
    /// `OnDelete`: a pod is replaced when it's deleted.
    OnDelete,
}

impl Rollout {
    /// Outside of a wave: nothing is held back.
    pub const OPEN: Self = Self::Partition(0);
}

/// How many pods the StatefulSet is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replicas {
    /// As the spec says.
    FromSpec,
    /// This many: new pods wait until the rollout is over, or they would come up past every gate.
    Keep(i32),
}

/// A StatefulSet, and the hash of everything in it but replicas and update strategy.
#[derive(Clone, Debug)]
pub struct RenderedStatefulSet {
    object: StatefulSet,
    hash: String,
    replicas: i32,
}

impl RenderedStatefulSet {
    /// The hash by which a difference to the live object is found.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// How many pods the spec asks for.
    pub const fn replicas(&self) -> i32 {
        self.replicas
    }

    /// The image of the server.
    pub fn image(&self) -> &str {
        let containers = self.object.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
        containers.and_then(|pod| pod.containers.first()?.image.as_deref()).unwrap_or_default()
    }

    /// The object to apply.
    pub fn object(&self, replicas: Replicas, rollout: Rollout) -> StatefulSet {
        let mut object = self.object.clone();
        if let Some(spec) = object.spec.as_mut() {
            spec.replicas = Some(match replicas {
                Replicas::FromSpec => self.replicas,
                Replicas::Keep(live) => live,
            });
            spec.update_strategy = Some(match rollout {
                Rollout::Partition(partition) => StatefulSetUpdateStrategy {
                    type_: Some("RollingUpdate".to_owned()),
                    rolling_update: Some(RollingUpdateStatefulSetStrategy {
                        partition: Some(partition),
                        ..RollingUpdateStatefulSetStrategy::default()
                    }),
                },
                Rollout::OnDelete => {
                    StatefulSetUpdateStrategy { type_: Some("OnDelete".to_owned()), rolling_update: None }
                }
            });
        }
        object
    }
}

/// The StatefulSet of a component; `None` when the cluster hasn't got the component.
///
/// `configurations` are the servers' configuration files, of which the ports are read.
///
/// # Errors
/// When the object can't be turned into JSON.
pub fn statefulset(
    cluster: &StarRocksCluster,
    component: Component,
    configurations: &BTreeMap<Component, Configuration>,
) -> Result<Option<RenderedStatefulSet>, RenderError> {
    let Some(spec) = cluster.spec.server(component) else { return Ok(None) };
    let name = names::statefulset(&cluster.name_any(), component);
    let ports = Ports::of(component, configurations.get(&component).unwrap_or(&Configuration::default()));
    let fe_configuration = configurations.get(&Component::Fe).cloned().unwrap_or_default();
    let fe_query_port = fe_configuration.port("query_port", 9030);
    let storage = volumes::storage(component, spec);
    let container = container::container(cluster, component, spec, ports, fe_query_port, storage.mounts);
    let template = PodTemplateSpec {
        metadata: Some(template_metadata(cluster, component, spec, &name)),
        spec: Some(pod(cluster, spec, container, &storage.volumes)),
    };
    let mut object = StatefulSet {
        metadata: metadata(cluster, component, name),
        spec: Some(StatefulSetSpec {
            selector: LabelSelector {
                match_labels: Some(pod_labels(cluster, component)),
                ..LabelSelector::default()
            },
            service_name: Some(names::search_service(&cluster.name_any(), component)),
            pod_management_policy: Some(
                spec.pod_management_policy.clone().unwrap_or_else(|| "Parallel".to_owned()),
            ),
            min_ready_seconds: spec.min_ready_seconds,
            persistent_volume_claim_retention_policy: spec.persistent_volume_claim_retention_policy.clone(),
            template,
            volume_claim_templates: (!storage.claim_templates.is_empty()).then_some(storage.claim_templates),
            ..StatefulSetSpec::default()
        }),
        ..StatefulSet::default()
    };
    let hash = hash(&object)?;
    object.metadata.annotations =
        Some(BTreeMap::from([(annotations::RENDERED_HASH.to_owned(), hash.clone())]));
    Ok(Some(RenderedStatefulSet { object, hash, replicas: spec.common.replicas() }))
}

fn template_metadata(
    cluster: &StarRocksCluster,
    component: Component,
    spec: &ServerSpec,
    name: &str,
) -> ObjectMeta {
    let mut labels = pod_labels(cluster, component);
    // The operator's own labels win: selectors stand on them.
    for (key, value) in &spec.common.pod_labels {
        labels.entry(key.clone()).or_insert_with(|| value.clone());
    }
    ObjectMeta {
        // Upstream names the templates of FE and BE, and not that of CN.
        name: (component != Component::Cn).then(|| name.to_owned()),
        namespace: cluster.namespace(),
        labels: Some(labels),
        annotations: (!spec.common.annotations.is_empty()).then(|| spec.common.annotations.clone()),
        ..ObjectMeta::default()
    }
}

fn pod(cluster: &StarRocksCluster, spec: &ServerSpec, container: Container, volumes: &[Volume]) -> PodSpec {
    fn some<T: Clone>(items: &[T]) -> Option<Vec<T>> {
        (!items.is_empty()).then(|| items.to_vec())
    }
    let service_account = [&spec.common.service_account, &cluster.spec.service_account]
        .into_iter()
        .find(|name| !name.is_empty())
        .cloned();
    let mut containers = vec![container];
    containers.extend(spec.sidecars.iter().cloned());
    PodSpec {
        containers,
        init_containers: some(&spec.init_containers),
        volumes: some(volumes),
        image_pull_secrets: some(&spec.common.image_pull_secrets),
        scheduler_name: spec.common.scheduler_name.clone(),
        node_selector: (!spec.common.node_selector.is_empty()).then(|| spec.common.node_selector.clone()),
        affinity: spec.common.affinity.clone(),
        tolerations: some(&spec.common.tolerations),
        topology_spread_constraints: some(&spec.common.topology_spread_constraints),
        share_process_namespace: spec.common.share_process_namespace,
        host_aliases: some(&spec.host_aliases),
        service_account_name: service_account,
        automount_service_account_token: Some(false),
        termination_grace_period_seconds: Some(
            spec.termination_grace_period_seconds.unwrap_or(DEFAULT_TERMINATION_GRACE_PERIOD_SECONDS),
        ),
        security_context: Some(PodSecurityContext {
            fs_group_change_policy: Some("OnRootMismatch".to_owned()),
            fs_group: spec.run_as_non_root.unwrap_or_default().then_some(container::STARROCKS_ID),
            sysctls: some(&spec.sysctls),
            ..PodSecurityContext::default()
        }),
        ..PodSpec::default()
    }
}
