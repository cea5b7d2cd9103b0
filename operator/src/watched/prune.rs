//! What of an object is kept: what an observation takes from it, and no more. With many clusters the rest is most of it.

use k8s_openapi::{
    api::{
        apps::v1::{Deployment, StatefulSet},
        batch::v1::Job,
        core::v1::{ConfigMap, Pod, PodTemplateSpec, Service, ServiceSpec},
        discovery::v1::EndpointSlice,
        policy::v1::PodDisruptionBudget,
    },
    apimachinery::pkg::apis::meta::v1::{FieldsV1, ManagedFieldsEntry},
};
use kube::{ResourceExt, core::PartialObjectMeta};
use serde_json::json;

pub(super) fn set(set: &mut StatefulSet) {
    keep_managers(set.managed_fields_mut());
    let Some(spec) = set.spec.as_mut() else { return };
    spec.volume_claim_templates = None;
    keep_image(&mut spec.template);
}

pub(super) fn deployment(deployment: &mut Deployment) {
    keep_managers(deployment.managed_fields_mut());
    let Some(spec) = deployment.spec.as_mut() else { return };
    keep_image(&mut spec.template);
}

/// Who writes the spec is looked at, and not which fields.
fn keep_managers(fields: &mut Vec<ManagedFieldsEntry>) {
    let writes_spec = |entry: &ManagedFieldsEntry| {
        entry.subresource.is_none()
            && entry.fields_v1.as_ref().is_some_and(|fields| fields.0.get("f:spec").is_some())
    };
    fields.retain(writes_spec);
    fields.iter_mut().for_each(|entry| entry.fields_v1 = Some(FieldsV1(json!({"f:spec": {}}))));
}

fn keep_image(template: &mut PodTemplateSpec) {
    template.metadata = None;
    let Some(pod) = template.spec.as_mut() else { return };
    let mut containers = std::mem::take(&mut pod.containers);
    containers.truncate(1);
    for container in &mut containers {
        let image = container.image.take();
        *container = k8s_openapi::api::core::v1::Container { image, ..Default::default() };
    }
    *pod = k8s_openapi::api::core::v1::PodSpec { containers, ..Default::default() };
}

pub(super) fn config_map(config_map: &mut PartialObjectMeta<ConfigMap>) {
    config_map.managed_fields_mut().clear();
}

pub(super) fn pod(pod: &mut Pod) {
    pod.managed_fields_mut().clear();
    pod.annotations_mut().clear();
    pod.spec = None;
}

pub(super) fn service(service: &mut Service) {
    service.managed_fields_mut().clear();
    // Where it's reached.
    let cluster_ip = service.spec.take().and_then(|spec| spec.cluster_ip);
    service.spec = Some(ServiceSpec { cluster_ip, ..ServiceSpec::default() });
    service.status = None;
}

pub(super) fn slice(slice: &mut EndpointSlice) {
    slice.managed_fields_mut().clear();
    slice.ports = None;
}

pub(super) fn job(job: &mut Job) {
    job.managed_fields_mut().clear();
    job.spec = None;
}

pub(super) fn budget(budget: &mut PodDisruptionBudget) {
    budget.managed_fields_mut().clear();
    budget.status = None;
}
