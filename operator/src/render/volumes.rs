//! Volumes, mounts and claim templates of a server's pods.

use hookgate_api::{
    Component,
    cluster::{CommonSpec, MountInfo, ServerSpec, StorageVolume},
};
use k8s_openapi::{
    api::core::v1::{
        ConfigMapVolumeSource, EmptyDirVolumeSource, PersistentVolumeClaim, PersistentVolumeClaimSpec,
        PersistentVolumeClaimVolumeSource, SecretVolumeSource, Volume, VolumeMount,
        VolumeResourceRequirements,
    },
    apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::ObjectMeta},
};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Storage {
    pub volumes: Vec<Volume>,
    pub mounts: Vec<VolumeMount>,
    pub claim_templates: Vec<PersistentVolumeClaim>,
}

/// Where the configuration file's ConfigMap is mounted; upstream's `CONFIGMAP_MOUNT_PATH`.
pub(super) fn configuration_path(component: Component) -> String {
    format!("/etc/starrocks/{}/conf", component.as_str())
}

pub(super) fn storage(component: Component, spec: &ServerSpec) -> Storage {
    let mut storage = Storage::default();
    for volume in spec.common.storage_volumes.iter().filter(|volume| !volume.storage_size.starts_with('0')) {
        storage.add(volume);
    }
    for &(name, folder) in default_folders(component) {
        let path = format!("/opt/starrocks/{}/{folder}", component.as_str());
        if !storage.mounts.iter().any(|mount| mount.name == name || mount.mount_path == path) {
            let source = Volume { empty_dir: Some(EmptyDirVolumeSource::default()), ..Volume::default() };
            storage.mount(name, path, "", source);
        }
    }
    if let Some(info) = spec.common.config_map_info.as_ref().filter(|info| !info.config_map_name.is_empty()) {
        storage.mount(
            &info.config_map_name,
            configuration_path(component),
            "",
            config_map(&info.config_map_name),
        );
    }
    for mount in &spec.config_maps {
        storage.mount(&mount_name(mount), mount.mount_path.clone(), &mount.sub_path, config_map(&mount.name));
    }
    for mount in &spec.secrets {
        let secret =
            SecretVolumeSource { secret_name: Some(mount.name.clone()), ..SecretVolumeSource::default() };
        let source = Volume { secret: Some(secret), ..Volume::default() };
        storage.mount(&mount_name(mount), mount.mount_path.clone(), &mount.sub_path, source);
    }
    storage
}

/// The volumes of the FE proxy: its configuration, and the user's. It has no claim templates: a volume that asks for
/// storage is the claim of that name.
pub(super) fn proxy_storage(spec: &CommonSpec, configuration: &str) -> Storage {
    let mut storage = Storage::default();
    storage.mount(configuration, "/etc/nginx".to_owned(), "", config_map(configuration));
    for volume in spec.storage_volumes.iter().filter(|volume| !volume.storage_size.starts_with('0')) {
        storage.add(volume);
    }
    storage
}

impl Storage {
    fn add(&mut self, volume: &StorageVolume) {
        let source = match volume.storage_class_name.as_deref() {
            Some("emptyDir") => {
                Volume { empty_dir: Some(EmptyDirVolumeSource::default()), ..Volume::default() }
            }
            Some("hostPath") => Volume { host_path: volume.host_path.clone(), ..Volume::default() },
            class => {
                self.claim_templates.push(claim_template(volume, class));
                let claim =
                    PersistentVolumeClaimVolumeSource { claim_name: volume.name.clone(), read_only: None };
                Volume { persistent_volume_claim: Some(claim), ..Volume::default() }
            }
        };
        self.mount(&volume.name, volume.mount_path.clone(), &volume.sub_path, source);
    }

    fn mount(&mut self, name: &str, path: String, sub_path: &str, source: Volume) {
        if !self.volumes.iter().any(|volume| volume.name == name) {
            self.volumes.push(Volume { name: name.to_owned(), ..source });
        }
        self.mounts.push(VolumeMount {
            name: name.to_owned(),
            mount_path: path,
            sub_path: (!sub_path.is_empty()).then(|| sub_path.to_owned()),
            ..VolumeMount::default()
        });
    }
}

/// What a server writes to, when nothing is mounted there.
const fn default_folders(component: Component) -> &'static [(&'static str, &'static str)] {
    match component {
        Component::Fe => &[("fe-meta", "meta"), ("fe-log", "log")],
        Component::Be => &[("be-data", "storage"), ("be-log", "log")],
        Component::Cn => &[("cn-log", "log")],
    }
}

fn config_map(name: &str) -> Volume {
    let source = ConfigMapVolumeSource { name: name.to_owned(), ..ConfigMapVolumeSource::default() };
    Volume { config_map: Some(source), ..Volume::default() }
}

fn claim_template(volume: &StorageVolume, class: Option<&str>) -> PersistentVolumeClaim {
    let size = Quantity(volume.storage_size.clone());
    PersistentVolumeClaim {
        metadata: ObjectMeta { name: Some(volume.name.clone()), ..ObjectMeta::default() },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            storage_class_name: class.filter(|class| !class.is_empty()).map(str::to_owned),
            resources: Some(VolumeResourceRequirements {
                requests: (!size.0.is_empty()).then(|| BTreeMap::from([("storage".to_owned(), size)])),
                ..VolumeResourceRequirements::default()
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    }
}

/// Upstream's name for the volume of a mounted ConfigMap or Secret. It is part of the pod template, so it has to be
/// the same for a cluster to be taken over without a restart.
fn mount_name(mount: &MountInfo) -> String {
    let digits = mount_hash(mount).to_string();
    format!("{}-{}", mount.name, digits.get(..4).unwrap_or(&digits))
}

/// FNV-1a, 32 bits, over the way upstream's operator prints the Go struct.
fn mount_hash(mount: &MountInfo) -> u32 {
    let text = format!(
        "(v1.MountInfo){{Name:(string){} MountPath:(string){} SubPath:(string){}}}",
        mount.name, mount.mount_path, mount.sub_path
    );
    text.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(name: &str, path: &str, sub_path: &str) -> MountInfo {
        MountInfo { name: name.to_owned(), mount_path: path.to_owned(), sub_path: sub_path.to_owned() }
    }

    #[test]
    fn volumes_of_mounts_are_named_as_upstream_names_them() {
        assert_eq!(mount_hash(&mount("my-cm", "/etc/my-cm", "")), 2_975_070_872);
        assert_eq!(mount_hash(&mount("my-secret", "/etc/a/b.conf", "b.conf")), 4_075_496_095);
        assert_eq!(mount_name(&mount("my-cm", "/etc/my-cm", "")), "my-cm-2975");
    }

    #[test]
    fn a_folder_that_nothing_covers_is_an_empty_dir() {
        let spec: ServerSpec = serde_json::from_value(serde_json::json!({"storageVolumes": [
            {"name": "meta", "mountPath": "/opt/starrocks/fe/meta", "storageSize": "10Gi", "storageClassName": "fast"},
            {"name": "skipped", "mountPath": "/skipped", "storageSize": "0Gi"},
        ]}))
        .unwrap();
        let storage = storage(Component::Fe, &spec);
        let names: Vec<_> = storage.volumes.iter().map(|volume| volume.name.as_str()).collect();
        assert_eq!(names, ["meta", "fe-log"]);
        assert!(storage.volumes[1].empty_dir.is_some());
        let claim = storage.claim_templates[0].spec.as_ref().unwrap();
        assert_eq!(claim.storage_class_name.as_deref(), Some("fast"));
        assert_eq!(storage.claim_templates.len(), 1);
    }
}
