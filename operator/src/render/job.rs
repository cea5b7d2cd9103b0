//! The Job that runs a custom script.

use super::{object_labels, owner_reference};
use crate::run::{Run, RunnerImage, arguments};
use hookgate_api::StarRocksCluster;
use k8s_openapi::{
    api::{
        batch::v1::{Job, JobSpec},
        core::v1::{
            Capabilities, ConfigMapVolumeSource, Container, EmptyDirVolumeSource, HostAlias, KeyToPath,
            LocalObjectReference, PodDNSConfig, PodSecurityContext, PodSpec, PodTemplateSpec,
            ResourceRequirements, SeccompProfile, SecurityContext, Volume, VolumeMount,
        },
    },
    apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::ObjectMeta},
};
use kube::ResourceExt;
use std::collections::BTreeMap;

/// Where the mounted script is.
const SCRIPT_FOLDER: &str = "/etc/hookgate";
/// Where the runner is, and the folder that it makes for the script's PATH and HOME.
const RUNNER_FOLDER: &str = "/hookgate";
/// How much longer than the runner Kubernetes waits before it ends the pod, in seconds: the runner gives a script five to
/// end by itself, and reports after that.
const MARGIN_SECONDS: i64 = 30;

/// The annotation of a Job that says which run it is of.
pub(crate) const NONCE_ANNOTATION: &str = "hookgate.dev/run-nonce";
/// What tells service meshes to leave a pod alone: Istio, Kuma.
const WITHOUT_SIDECAR_LABELS: [(&str, &str); 2] =
    [("sidecar.istio.io/inject", "false"), ("kuma.io/sidecar-injection", "disabled")];
/// The same: Istio before 1.10, Linkerd, Consul.
const WITHOUT_SIDECAR_ANNOTATIONS: [(&str, &str); 3] = [
    ("sidecar.istio.io/inject", "false"),
    ("linkerd.io/inject", "disabled"),
    ("consul.hashicorp.com/connect-inject", "false"),
];

/// The Job of a run: not root, no capabilities, no service-account token, a read-only root, a deadline, one try.
///
/// An init container brings `hookgate-runner` from Hookgate's own image. It is the first process of the hook's container,
/// alone has the password, and runs the bytes that were checked in a sandbox: see `docs/security.md`.
pub fn hook_job(cluster: &StarRocksCluster, run: &Run, runner: &RunnerImage) -> Job {
    let mut labels = object_labels(cluster, run.component);
    labels.insert("hookgate.dev/wave".to_owned(), run.wave.clone());
    labels.insert("hookgate.dev/phase".to_owned(), run.phase.function().replace('_', "-"));
    let annotations = BTreeMap::from([(NONCE_ANNOTATION.to_owned(), run.nonce.clone())]);
    Job {
        metadata: ObjectMeta {
            name: Some(run.name.clone()),
            namespace: cluster.namespace(),
            labels: Some(labels),
            annotations: Some(annotations),
            owner_references: Some(vec![owner_reference(cluster)]),
            ..ObjectMeta::default()
        },
        spec: Some(JobSpec {
            backoff_limit: Some(0),
            active_deadline_seconds: Some(run.timeout_seconds + MARGIN_SECONDS),
            template: PodTemplateSpec {
                metadata: Some(pod_metadata(cluster, run)),
                spec: Some(pod(cluster, run, runner)),
            },
            ..JobSpec::default()
        }),
        ..Job::default()
    }
}

/// A sidecar would stand between the supervisor and the FE, and never end: the meshes are told to stay away.
fn pod_metadata(cluster: &StarRocksCluster, run: &Run) -> ObjectMeta {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut labels = hook_pod_labels(cluster);
    labels.insert("hookgate.dev/wave".to_owned(), run.wave.clone());
    labels.extend(WITHOUT_SIDECAR_LABELS.map(owned));
    ObjectMeta {
        labels: Some(labels),
        annotations: Some(WITHOUT_SIDECAR_ANNOTATIONS.map(owned).into_iter().collect()),
        ..ObjectMeta::default()
    }
}

/// The labels by which the pods of a cluster's hooks are known. Selectors of FE, BE and CN Services never match them.
pub(super) fn hook_pod_labels(cluster: &StarRocksCluster) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("hookgate.dev/cluster".to_owned(), cluster.name_any()),
        ("hookgate.dev/hook-run".to_owned(), "true".to_owned()),
    ])
}

/// No name server: there's nobody whom a run has to find but FE, whose address it is told.
fn dns() -> PodDNSConfig {
    PodDNSConfig { nameservers: Some(vec!["127.0.0.1".to_owned()]), ..PodDNSConfig::default() }
}

fn pod(cluster: &StarRocksCluster, run: &Run, runner: &RunnerImage) -> PodSpec {
    let script = ConfigMapVolumeSource {
        name: run.script.config_map.clone(),
        items: Some(vec![KeyToPath { key: run.script.key.clone(), path: "script".to_owned(), mode: None }]),
        ..ConfigMapVolumeSource::default()
    };
    // In memory, for there the size is a limit that holds at once.
    let temporary = EmptyDirVolumeSource {
        medium: Some("Memory".to_owned()),
        size_limit: Some(Quantity("64Mi".to_owned())),
    };
    let user = i64::from(arguments::user(&run.name));
    PodSpec {
        restart_policy: Some("Never".to_owned()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(15),
        dns_policy: Some("None".to_owned()),
        dns_config: Some(dns()),
        host_aliases: Some(vec![HostAlias {
            ip: run.frontend.address.clone(),
            hostnames: Some(vec![arguments::fe_host(cluster)]),
        }]),
        image_pull_secrets: pull_secrets(run, runner),
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(user),
            run_as_group: Some(user),
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".to_owned(),
                ..SeccompProfile::default()
            }),
            ..PodSecurityContext::default()
        }),
        init_containers: Some(vec![installer(runner)]),
        containers: vec![container(cluster, run)],
        volumes: Some(vec![
            Volume { name: "script".to_owned(), config_map: Some(script), ..Volume::default() },
            Volume { name: "tmp".to_owned(), empty_dir: Some(temporary), ..Volume::default() },
            Volume {
                name: "hookgate".to_owned(),
                empty_dir: Some(EmptyDirVolumeSource::default()),
                ..Volume::default()
            },
        ]),
        ..PodSpec::default()
    }
}

/// The secrets for FE's image, and those for Hookgate's own.
fn pull_secrets(run: &Run, runner: &RunnerImage) -> Option<Vec<LocalObjectReference>> {
    let mut secrets = run.pod.image_pull_secrets.clone();
    for name in &runner.pull_secrets {
        if !secrets.iter().any(|known| known.name == *name) {
            secrets.push(LocalObjectReference { name: name.clone() });
        }
    }
    (!secrets.is_empty()).then_some(secrets)
}

/// Copies the runner out of Hookgate's own image.
fn installer(runner: &RunnerImage) -> Container {
    Container {
        name: "runner".to_owned(),
        image: Some(runner.image.clone()),
        command: Some(vec!["/usr/local/bin/hookgate-runner".to_owned(), "install".to_owned()]),
        args: Some(vec![RUNNER_FOLDER.to_owned()]),
        volume_mounts: Some(vec![mount("hookgate", RUNNER_FOLDER, false)]),
        ..restricted()
    }
}

fn container(cluster: &StarRocksCluster, run: &Run) -> Container {
    Container {
        name: "hook".to_owned(),
        image: Some(run.pod.image.clone()),
        command: Some(vec![format!("{RUNNER_FOLDER}/hookgate-runner"), "run".to_owned()]),
        args: Some(arguments(cluster, run)),
        env: run.pod.password.clone().map(|password| vec![password]),
        working_dir: Some("/tmp".to_owned()),
        volume_mounts: Some(vec![
            mount("script", SCRIPT_FOLDER, true),
            mount("tmp", "/tmp", false),
            mount("hookgate", RUNNER_FOLDER, false),
        ]),
        ..restricted()
    }
}

/// What both containers have in common.
fn restricted() -> Container {
    let limits = |cpu: &str, memory: &str| {
        BTreeMap::from([
            ("cpu".to_owned(), Quantity(cpu.to_owned())),
            ("memory".to_owned(), Quantity(memory.to_owned())),
        ])
    };
    Container {
        image_pull_policy: Some("IfNotPresent".to_owned()),
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
        ..Container::default()
    }
}

/// What the runner is told.
fn arguments(cluster: &StarRocksCluster, run: &Run) -> Vec<String> {
    let script = format!("--script={SCRIPT_FOLDER}/script");
    [script].into_iter().chain(arguments::arguments(cluster, run)).collect()
}

fn mount(name: &str, path: &str, read_only: bool) -> VolumeMount {
    VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        // The API server leaves `false` out: with it, a Job that is read would differ from the one that was made.
        read_only: read_only.then_some(true),
        ..VolumeMount::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::run_of_a_test;

    fn made(run: &Run, runner: &RunnerImage) -> Job {
        let mut cluster = StarRocksCluster::new("sr", hookgate_api::StarRocksClusterSpec::default());
        cluster.metadata.namespace = Some("n".to_owned());
        let secret = LocalObjectReference { name: "fe".to_owned() };
        let mut run = run.clone();
        run.pod.image_pull_secrets = vec![secret];
        hook_job(&cluster, &run, runner)
    }

    #[test]
    fn a_job_runs_once_and_looks_nobody_up_but_its_fe() {
        let job = made(&run_of_a_test(), &RunnerImage::default());
        let spec = job.spec.unwrap();
        assert_eq!((spec.backoff_limit, spec.ttl_seconds_after_finished), (Some(0), None));
        assert_eq!(spec.active_deadline_seconds, Some(60 + MARGIN_SECONDS));
        let metadata = spec.template.metadata.unwrap();
        assert_eq!(metadata.labels.unwrap()["sidecar.istio.io/inject"], "false");
        assert_eq!(metadata.annotations.unwrap()["linkerd.io/inject"], "disabled");
        let pod = spec.template.spec.unwrap();
        assert_eq!(
            (pod.restart_policy.as_deref(), pod.automount_service_account_token),
            (Some("Never"), Some(false))
        );
        assert_eq!(pod.dns_policy.as_deref(), Some("None"));
        // The API server refuses a pod of that policy without one.
        assert_eq!(pod.dns_config.unwrap().nameservers.unwrap().len(), 1);
        let aliases = pod.host_aliases.unwrap();
        assert_eq!((aliases[0].ip.as_str(), aliases.len()), ("10.96.0.7", 1));
        assert_eq!(aliases[0].hostnames.as_ref().unwrap(), &["sr-fe-service.n"]);
        let arguments = pod.containers[0].args.as_ref().unwrap();
        for expected in ["--fe-address=10.96.0.7", "--policies=[]"] {
            assert!(arguments.contains(&expected.to_owned()), "{arguments:?}");
        }
    }

    #[test]
    fn a_job_has_nothing_that_the_api_server_leaves_out() {
        let pod = made(&run_of_a_test(), &RunnerImage::default()).spec.unwrap().template.spec.unwrap();
        let containers = pod.containers.iter().chain(pod.init_containers.iter().flatten());
        let mounts: Vec<_> = containers.flat_map(|one| one.volume_mounts.iter().flatten()).collect();
        assert_eq!(mounts.len(), 4);
        assert!(mounts.iter().all(|mount| mount.read_only != Some(false)), "{mounts:?}");
    }

    #[test]
    fn what_the_policy_and_the_admin_say_of_the_runner_is_in_the_job() {
        let image =
            RunnerImage { pull_secrets: vec!["own".to_owned(), "fe".to_owned()], ..RunnerImage::default() };
        let lenient = Run { programs: Some(["awk".to_owned(), "sync".to_owned()].into()), ..run_of_a_test() };
        let strict = Run { requires_sandbox: true, ..run_of_a_test() };
        let pod = |run| made(run, &image).spec.unwrap().template.spec.unwrap();
        let arguments = |run| pod(run).containers[0].args.clone().unwrap();
        let incomplete = "--allow-incomplete-sandbox".to_owned();
        assert!(arguments(&lenient).contains(&incomplete) && !arguments(&strict).contains(&incomplete));
        assert!(arguments(&lenient).contains(&"--programs=awk,sync".to_owned()));
        assert!(!arguments(&strict).iter().any(|one| one.starts_with("--programs")));
        let secrets: Vec<_> =
            pod(&lenient).image_pull_secrets.unwrap().into_iter().map(|one| one.name).collect();
        assert_eq!(secrets, ["fe", "own"]);
    }
}
