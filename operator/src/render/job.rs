//! The Job that runs a custom script.

use super::{object_labels, owner_reference};
use hookgate_api::{Component, StarRocksCluster, hooks::HookPhase, names};
use k8s_openapi::{
    api::{
        batch::v1::{Job, JobSpec},
        core::v1::{
            Capabilities, ConfigMapVolumeSource, Container, EmptyDirVolumeSource, EnvVar, KeyToPath,
            LocalObjectReference, PodSecurityContext, PodSpec, PodTemplateSpec, ResourceRequirements,
            SeccompProfile, SecurityContext, Volume, VolumeMount,
        },
    },
    apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::ObjectMeta},
};
use kube::ResourceExt;
use std::collections::BTreeMap;

/// Exit code of a run whose script isn't the one that was checked.
const EXIT_SCRIPT_CHANGED: &str = "97";
/// Neither root nor a user of the image.
const HOOK_USER: i64 = 65532;
const SCRIPT_FOLDER: &str = "/etc/hookgate";

/// What a run of a script needs to be known.
#[derive(Clone, Debug)]
pub struct HookJob<'a> {
    /// The Job's name; see [`crate::plan::names::hook_job`].
    pub name: String,
    /// The component whose hook it is.
    pub component: Component,
    /// Which function is called.
    pub phase: HookPhase,
    /// The wave that it belongs to.
    pub wave: &'a str,
    /// The ConfigMap.
    pub config_map: &'a str,
    /// The key of the script.
    pub key: &'a str,
    /// The SHA-256 of the script that was checked, in hexadecimal.
    pub sha256: &'a str,
    /// The image: FE's, which has bash and a MySQL client.
    pub image: &'a str,
    /// Secrets for pulling the image.
    pub image_pull_secrets: Vec<LocalObjectReference>,
    /// FE's port for the MySQL protocol.
    pub fe_query_port: i32,
    /// The database's user; made of letters, digits and `_ . @ -`, for `MYSQL_CMD` is split at spaces.
    pub user: &'a str,
    /// The user's password, as FE's own environment has it; `None` when it's empty.
    pub password: Option<EnvVar>,
    /// How long it may take, in seconds.
    pub timeout_seconds: i64,
}

/// The Job of a run: not root, no capabilities, no service-account token, a read-only root, a deadline, one try.
///
/// The bytes that run are the bytes that were checked: they are copied, compared by digest, and the copy runs.
pub fn hook_job(cluster: &StarRocksCluster, hook: &HookJob<'_>) -> Job {
    let mut labels = object_labels(cluster, hook.component);
    labels.insert("hookgate.dev/wave".to_owned(), hook.wave.to_owned());
    labels.insert("hookgate.dev/phase".to_owned(), hook.phase.function().replace('_', "-"));
    // Selectors of FE, BE and CN Services must never match a hook's pod.
    let pod_labels = BTreeMap::from([
        ("hookgate.dev/cluster".to_owned(), cluster.name_any()),
        ("hookgate.dev/wave".to_owned(), hook.wave.to_owned()),
    ]);
    Job {
        metadata: ObjectMeta {
            name: Some(hook.name.clone()),
            namespace: cluster.namespace(),
            labels: Some(labels),
            owner_references: Some(vec![owner_reference(cluster)]),
            ..ObjectMeta::default()
        },
        spec: Some(JobSpec {
            backoff_limit: Some(0),
            active_deadline_seconds: Some(hook.timeout_seconds),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta { labels: Some(pod_labels), ..ObjectMeta::default() }),
                spec: Some(pod(cluster, hook)),
            },
            ..JobSpec::default()
        }),
        ..Job::default()
    }
}

fn pod(cluster: &StarRocksCluster, hook: &HookJob<'_>) -> PodSpec {
    let script = ConfigMapVolumeSource {
        name: hook.config_map.to_owned(),
        items: Some(vec![KeyToPath { key: hook.key.to_owned(), path: "script".to_owned(), mode: None }]),
        ..ConfigMapVolumeSource::default()
    };
    let temporary = EmptyDirVolumeSource {
        size_limit: Some(Quantity("64Mi".to_owned())),
        ..EmptyDirVolumeSource::default()
    };
    PodSpec {
        restart_policy: Some("Never".to_owned()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(5),
        image_pull_secrets: (!hook.image_pull_secrets.is_empty()).then(|| hook.image_pull_secrets.clone()),
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(HOOK_USER),
            run_as_group: Some(HOOK_USER),
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".to_owned(),
                ..SeccompProfile::default()
            }),
            ..PodSecurityContext::default()
        }),
        containers: vec![container(cluster, hook)],
        volumes: Some(vec![
            Volume { name: "script".to_owned(), config_map: Some(script), ..Volume::default() },
            Volume { name: "tmp".to_owned(), empty_dir: Some(temporary), ..Volume::default() },
        ]),
        ..PodSpec::default()
    }
}

fn container(cluster: &StarRocksCluster, hook: &HookJob<'_>) -> Container {
    let program = format!(
        "cat {SCRIPT_FOLDER}/script > /tmp/hook.sh || exit 1\n\
         printf '%s  /tmp/hook.sh\\n' {sha256} | sha256sum --check --status || {{\n\
         echo 'the script has changed since it was checked'; exit {EXIT_SCRIPT_CHANGED}; }}\n\
         exec bash -c '. /tmp/hook.sh && {function}' hook",
        sha256 = hook.sha256,
        function = hook.phase.function(),
    );
    let limits = |cpu: &str, memory: &str| {
        BTreeMap::from([
            ("cpu".to_owned(), Quantity(cpu.to_owned())),
            ("memory".to_owned(), Quantity(memory.to_owned())),
        ])
    };
    Container {
        name: "hook".to_owned(),
        image: Some(hook.image.to_owned()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        command: Some(vec!["bash".to_owned(), "-c".to_owned(), program]),
        env: Some(environment(cluster, hook)),
        working_dir: Some("/tmp".to_owned()),
        resources: Some(ResourceRequirements {
            limits: Some(limits("1", "256Mi")),
            requests: Some(limits("10m", "32Mi")),
            ..ResourceRequirements::default()
        }),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
            ..SecurityContext::default()
        }),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![mount("script", SCRIPT_FOLDER, true), mount("tmp", "/tmp", false)]),
        ..Container::default()
    }
}

fn mount(name: &str, path: &str, read_only: bool) -> VolumeMount {
    VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(read_only),
        ..VolumeMount::default()
    }
}

/// The variables that the guide promises to a script, and root's password where FE has one.
fn environment(cluster: &StarRocksCluster, hook: &HookJob<'_>) -> Vec<EnvVar> {
    let namespace = cluster.namespace().unwrap_or_default();
    let host = format!("{}.{namespace}", names::external_service(&cluster.name_any(), Component::Fe));
    let port = hook.fe_query_port.to_string();
    let client = format!("mysql -h{host} -P{port} -u{}", hook.user);
    let variables = [
        ("SR_FE_HOST", host.as_str()),
        ("SR_FE_PORT", port.as_str()),
        ("SR_FE_USER", hook.user),
        ("SR_CLUSTER_NAME", &cluster.name_any()),
        ("SR_NAMESPACE", namespace.as_str()),
        ("MYSQL_CMD", client.as_str()),
        ("HOME", "/tmp"),
    ]
    .map(|(name, value)| EnvVar {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        ..EnvVar::default()
    });
    variables.into_iter().chain(hook.password.clone()).collect()
}
