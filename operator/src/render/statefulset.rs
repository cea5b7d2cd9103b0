//! The StatefulSet of a component.

use super::{
    Configuration, Ports, RenderError, container, hash,
    inputs::inputs_hash,
    metadata, pod_labels,
    strategy::{Strategy, UpdateStrategy},
    volumes,
};
use hookgate_api::{
    Component, StarRocksCluster, annotations, cluster::ServerSpec,
    defaults::DEFAULT_TERMINATION_GRACE_PERIOD_SECONDS, names,
};
use k8s_openapi::{
    api::{
        apps::v1::{StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy},
        core::v1::{Container, PodSecurityContext, PodSpec, PodTemplateSpec, Volume},
    },
    apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta},
};
use kube::ResourceExt;
use std::collections::BTreeMap;

/// How many pods the StatefulSet is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replicas {
    /// As the spec says.
    FromSpec,
    /// This many: new pods wait until the rollout is over, or they would come up past every gate.
    Keep(i32),
}

/// What a live StatefulSet keeps, whatever is rendered: the API server refuses to change it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// `spec.serviceName`.
    pub service_name: Option<String>,
    /// `spec.podManagementPolicy`.
    pub pod_management_policy: Option<String>,
    /// `spec.selector.matchLabels`.
    pub match_labels: BTreeMap<String, String>,
}

/// A StatefulSet, and the hash of everything in it but replicas and update strategy.
#[derive(Clone, Debug)]
pub struct RenderedStatefulSet {
    object: StatefulSet,
    hash: String,
    inputs: String,
    replicas: i32,
}

impl RenderedStatefulSet {
    /// The hash by which a difference to the live object is found.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The hash of what the user wrote, by which a change of the user's is told from one of this program's.
    pub fn inputs(&self) -> &str {
        &self.inputs
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

    /// The same with another template: one that the StatefulSet had before, under the hash that it had then.
    #[must_use]
    pub fn reverted(&self, template: &PodTemplateSpec, hash: &str, inputs: String) -> Self {
        let mut reverted = self.clone();
        if let Some(spec) = reverted.object.spec.as_mut() {
            spec.template = template.clone();
        }
        hash.clone_into(&mut reverted.hash);
        reverted.inputs = inputs;
        reverted
    }

    /// The object to apply.
    pub fn object(&self, replicas: Replicas, strategy: &Strategy) -> StatefulSet {
        let mut object = self.object.clone();
        let mut notes = BTreeMap::from([
            (annotations::RENDERED_HASH.to_owned(), self.hash.clone()),
            (annotations::INPUTS_HASH.to_owned(), self.inputs.clone()),
        ]);
        let (live, from_spec) = match strategy {
            Strategy::Own { own, from_spec } => (own.clone(), *from_spec),
            Strategy::Rolling { rollout, own, from_spec } => {
                notes.insert(annotations::OWN_UPDATE_STRATEGY.to_owned(), own.to_json().to_string());
                (UpdateStrategy { rollout: *rollout, max_unavailable: None }, *from_spec)
            }
        };
        if from_spec {
            notes.insert(annotations::UPDATE_STRATEGY_FROM_SPEC.to_owned(), "true".to_owned());
        }
        object.metadata.annotations = Some(notes);
        if let Some(spec) = object.spec.as_mut() {
            spec.replicas = Some(match replicas {
                Replicas::FromSpec => self.replicas,
                Replicas::Keep(live) => live,
            });
            spec.update_strategy = Some(StatefulSetUpdateStrategy::from(&live));
        }
        object
    }
}

/// The StatefulSet of a component; `None` when the cluster hasn't got the component.
///
/// `configurations` are the servers' configuration files, of which the ports are read. `kept` is what a live object has
/// and can't be given up.
///
/// # Errors
/// When the object can't be turned into JSON.
pub fn statefulset(
    cluster: &StarRocksCluster,
    component: Component,
    configurations: &BTreeMap<Component, Configuration>,
    kept: Option<&Kept>,
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
    if let Some((spec, kept)) = object.spec.as_mut().zip(kept) {
        keep(spec, kept);
    }
    let hash = hash(&object)?;
    let inputs = inputs_hash(&cluster.spec, component, ports, fe_query_port)?;
    Ok(Some(RenderedStatefulSet { object, hash, inputs, replicas: spec.common.replicas() }))
}

/// Leaves what can't be changed as it is on the live object.
fn keep(spec: &mut StatefulSetSpec, kept: &Kept) {
    if kept.service_name.is_some() {
        spec.service_name.clone_from(&kept.service_name);
    }
    if kept.pod_management_policy.is_some() {
        spec.pod_management_policy.clone_from(&kept.pod_management_policy);
    }
    if !kept.match_labels.is_empty() {
        spec.selector.match_labels = Some(kept.match_labels.clone());
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cluster() -> StarRocksCluster {
        serde_json::from_value(json!({
            "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
            "metadata": {"name": "c", "namespace": "ns", "uid": "uid"},
            "spec": {
                "starRocksFeSpec": {"image": "fe:3.2.1", "replicas": 3, "limits": {"memory": "8Gi"},
                    "storageVolumes": [{"name": "fe-meta", "storageSize": "10Gi", "mountPath": "/opt/starrocks/fe/meta"}]},
                "starRocksBeSpec": {"image": "be:3.2.1", "runAsNonRoot": true},
                "starRocksCnSpec": {"image": "cn:3.2.1"},
            },
        }))
        .unwrap()
    }

    /// When this fails, a new version of Hookgate renders the same spec differently. That's allowed, and restarts
    /// nobody by itself: raise `RENDER_VERSION` together with these.
    #[test]
    fn the_rendering_has_a_version() {
        let hash =
            |component| statefulset(&cluster(), component, &BTreeMap::new(), None).unwrap().unwrap().hash;
        assert_eq!(crate::plan::RENDER_VERSION, "1");
        assert_eq!(Component::ALL.map(hash), ["2e0b1c315a504431", "c6c3da180ac9dfbf", "1437c3016c44764a"]);
    }

    #[test]
    fn what_can_not_be_changed_stays_as_it_is_on_the_live_object() {
        let kept = Kept {
            service_name: Some("another".to_owned()),
            pod_management_policy: Some("OrderedReady".to_owned()),
            match_labels: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
        };
        let rendered =
            statefulset(&cluster(), Component::Be, &BTreeMap::new(), Some(&kept)).unwrap().unwrap();
        let spec = rendered.object(Replicas::FromSpec, &Strategy::OPEN).spec.unwrap();
        assert_eq!(spec.service_name, kept.service_name);
        assert_eq!(spec.pod_management_policy, kept.pod_management_policy);
        assert_eq!(spec.selector.match_labels, Some(kept.match_labels));
    }
}
