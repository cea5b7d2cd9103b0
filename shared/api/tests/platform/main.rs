//! TKEStack's own examples, and objects with fields of which nothing is known here, are read and written unharmed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_api::platform::{Cluster, HookType, Machine, Phase};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The object, read; and that writing it gives the same document.
fn unharmed<K: Serialize + DeserializeOwned>(document: &Value) -> K {
    let object: K = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(&serde_json::to_value(&object).unwrap(), document);
    object
}

#[test]
fn the_example_with_files_is_read_and_written_unharmed() {
    let cluster: Cluster = unharmed(&serde_json::from_str(include_str!("files.json")).unwrap());
    let master = cluster.spec.first_master().unwrap();
    assert_eq!(
        (master.name().as_str(), master.port(), master.username.as_str()),
        ("1.2.3.4", Some(22), "root")
    );
    assert_eq!(master.password.as_ref().unwrap().decode().unwrap(), b"123456");
    assert_eq!(master.pinned(), Ok(Vec::new()));
    assert_eq!(cluster.spec.version(), "1.14.10");
    assert_eq!(cluster.spec.hook(HookType::PreInstall), Some("/tmp/hooks/pre-install"));
    assert_eq!(cluster.spec.hook(HookType::PreUpgrade), None);
    let sources: Vec<String> =
        cluster.spec.files().iter().map(|file| file.source().unwrap().as_str().to_owned()).collect();
    assert_eq!(sources, ["pre-install", "post-install"]);
    assert_eq!(cluster.spec.other["clusterCIDR"], "10.244.0.0/16");
}

#[test]
fn the_example_with_folders_is_read_and_written_unharmed() {
    let cluster: Cluster = unharmed(&serde_json::from_str(include_str!("folders.json")).unwrap());
    assert_eq!(cluster.spec.hook(HookType::PostClusterInstall), Some("/tmp/hooks/post/cluster-post-install"));
    assert_eq!(cluster.metadata.annotations.unwrap()["node.alpha.kubernetes.io/test"], "hello");
    assert_eq!(cluster.spec.files()[1].destination().unwrap().as_str(), "/tmp/hooks/post");
}

#[test]
fn fields_of_which_nothing_is_known_are_kept_wherever_they_stand() {
    let document = json!({
        "apiVersion": "platform.tkestack.io/v1",
        "kind": "Cluster",
        "metadata": {"name": "whole"},
        "spec": {
            "finalizers": ["cluster"],
            "displayName": "",
            "machines": [{"ip": "10.0.0.9", "port": 2222, "labels": {"a": "b"}, "proxy": {"type": "", "port": 0},
                "secretRef": {"name": "masters"}, "hostKeys": ["ssh-ed25519 AAAA"]}],
            "scalingMachines": [{"ip": "10.0.0.10"}],
            "features": {"ipvs": true, "containerRuntime": "containerd", "upgrade": {"mode": "Auto"},
                "files": [{"src": "hooks/a", "dst": "/a", "owner": "root"}], "hooks": {"Unheard": "/a"}},
        },
        "status": {
            "phase": "Upscaling",
            "version": "1.18.3",
            "kubeVendor": "TKE",
            "conditions": [{"type": "EnsureSysctl", "status": "True", "lastTransitionTime": "2020-09-06T10:00:00Z",
                "severity": 3}],
            "hookRuns": [{"machine": "10.0.0.9:2222", "hook": "PreInstall", "targetVersion": "1.18.3", "digest": "ab",
                "state": "Failed", "runId": "r-1", "attempts": 2, "startedAt": "2020-09-06T10:00:00Z",
                "finishedAt": "2020-09-06T10:00:01Z", "exitCode": 7, "message": "no space left"}],
            "hostKeys": [{"machine": "10.0.0.9:2222", "key": "ssh-ed25519 AAAA"}],
        },
    });
    let cluster: Cluster = unharmed(&document);
    let status = cluster.status.unwrap();
    assert_eq!(status.phase, Some(Phase::Other("Upscaling".to_owned())));
    assert!(status.hook_runs[0].is_of("10.0.0.9:2222", HookType::PreInstall, "1.18.3"));
    assert_eq!(cluster.spec.machines[0].name(), "10.0.0.9:2222");
}

#[test]
fn a_machine_is_read_and_written_unharmed() {
    let document = json!({
        "apiVersion": "platform.tkestack.io/v1",
        "kind": "Machine",
        "metadata": {"name": "mc-abc"},
        "spec": {"clusterName": "folders", "type": "Baremetal", "ip": "10.0.0.11", "port": 22, "username": "root",
            "privateKey": "a2V5", "passPhrase": "cGFzcw==", "taints": [{"key": "gpu", "effect": "NoSchedule"}]},
        "status": {"phase": "Running", "locked": true, "machineInfo": {"kubeletVersion": "v1.18.3", "bootID": "x"}},
    });
    let machine: Machine = unharmed(&document);
    assert_eq!(machine.spec.machine.private_key.unwrap().decode().unwrap(), b"key");
    assert_eq!(machine.status.unwrap().version(), Some("1.18.3"));
}

#[test]
fn what_go_writes_for_no_value_is_read() {
    let cluster: Cluster = serde_json::from_value(json!({
        "apiVersion": "platform.tkestack.io/v1",
        "kind": "Cluster",
        "metadata": {"name": "null", "creationTimestamp": null},
        "spec": {"type": "", "machines": [{"ip": "10.0.0.9", "port": 0, "username": ""}]},
        "status": {"version": "", "conditions": [{"type": "EnsureCopyFiles", "status": "Unknown",
            "lastProbeTime": null, "lastTransitionTime": null}]},
    }))
    .unwrap();
    assert_eq!(cluster.spec.machines[0].port(), None);
    assert_eq!(cluster.status.unwrap().conditions[0].last_probe_time, None);
}

#[test]
fn secrets_are_in_no_debug_output() {
    let cluster: Cluster = serde_json::from_str(include_str!("folders.json")).unwrap();
    let text = format!("{cluster:?}");
    assert!(text.contains("10.0.0.9") && !text.contains("TGV0bWVpbjEyMywuMQ"), "{text}");
}
