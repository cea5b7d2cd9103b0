//! `/validate` for TKEStack's Clusters and Machines, and the scripts of their hooks in the hooks folder.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::path::{Path, PathBuf};

use hookgate_folder::HooksFolder;
use serde_json::{Value, json};
use support::*;

const PLATFORM_CLUSTER: (&str, &str) = ("platform.tkestack.io", "Cluster");
const MACHINE: (&str, &str) = ("platform.tkestack.io", "Machine");

fn create(object: &Value) -> Value {
    review("CREATE", PLATFORM_CLUSTER, object, &Value::Null)
}

fn update(new: &Value, old: &Value) -> Value {
    review("UPDATE", PLATFORM_CLUSTER, new, old)
}

/// A Cluster whose folder `hooks/pre` goes to the machines, with these hooks.
fn cluster(hooks: &Value) -> Value {
    json!({
        "apiVersion": "platform.tkestack.io/v1",
        "kind": "Cluster",
        "metadata": {"name": "subject"},
        "spec": {
            "tenantID": "default",
            "machines": [{"ip": "10.0.0.9", "port": 22, "username": "root", "secretRef": {"name": "masters"}}],
            "features": {"files": [{"src": "hooks/pre", "dst": "/tmp/hooks/pre"}], "hooks": hooks},
        },
    })
}

fn pre_install() -> Value {
    cluster(&json!({"PreInstall": "/tmp/hooks/pre/pre-install"}))
}

/// A hooks folder with a script `pre/pre-install`, removed at the end.
struct Scripts(PathBuf);

impl Scripts {
    fn new(name: &str, script: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(path.join("pre")).unwrap();
        std::fs::write(path.join("pre/pre-install"), script).unwrap();
        Self(path)
    }

    fn lookup(&self) -> FakeLookup {
        FakeLookup { hooks_folder: Some(HooksFolder::new(&self.0)), ..FakeLookup::default() }
    }
}

impl Drop for Scripts {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_cluster_with_safe_scripts_is_allowed() {
    let scripts = Scripts::new("machines-safe", "#!/bin/bash\necho \"pre node install\"\n");
    assert_eq!(accepts(scripts.lookup(), &create(&pre_install())).await, [""; 0]);
}

#[tokio::test]
async fn without_a_folder_it_is_said_that_the_scripts_were_not_looked_at() {
    let warnings = accepts(FakeLookup::default(), &create(&pre_install())).await;
    assert!(warnings.len() == 1 && warnings[0].contains("no hooks folder"), "{warnings:?}");
    let mut plain = pre_install();
    plain["spec"]["features"] = json!({});
    assert_eq!(accepts(FakeLookup::default(), &create(&plain)).await, [""; 0]);
}

#[tokio::test]
async fn an_unsafe_script_is_refused_with_its_place() {
    let scripts = Scripts::new("machines-unsafe", "#!/bin/bash\n\n  kubectl delete nodes --all\n");
    let answer = validate(scripts.lookup(), &create(&pre_install())).await;
    assert!(!answer.allowed());
    let message = answer.message();
    assert!(
        message.contains("HG201: spec.features.hooks.PreInstall: hooks/pre/pre-install:3:3: "),
        "{message}"
    );
    assert!(message.contains("help: "), "{message}");
    assert_eq!(answer.response()["auditAnnotations"]["policy-rules"], "HG201");
    let details = &answer.response()["status"]["details"];
    assert_eq!((&details["kind"], &details["name"]), (&json!("Cluster"), &json!("subject")));
    assert_eq!(details["causes"][0]["field"], "spec.features.hooks.PreInstall");
}

#[tokio::test]
async fn each_wrong_manifest_is_refused_by_its_rule() {
    let with = |change: fn(&mut Value)| {
        let mut object = pre_install();
        change(&mut object["spec"]);
        object
    };
    for (rule, object) in [
        (
            "HG801",
            with(|spec| spec["features"]["hooks"] = json!({"preinstall": "/tmp/hooks/pre/pre-install"})),
        ),
        ("HG802", with(|spec| spec["features"]["hooks"]["PreInstall"] = "/opt/other".into())),
        ("HG802", with(|spec| spec["features"]["hooks"]["PreInstall"] = "/tmp/hooks/pre/other".into())),
        ("HG803", with(|spec| spec["features"]["files"][0]["dst"] = "tmp/hooks/pre".into())),
        (
            "HG803",
            with(|spec| {
                let file = spec["features"]["files"][0].clone();
                spec["features"]["files"].as_array_mut().unwrap().push(file);
            }),
        ),
        ("HG804", with(|spec| spec["features"]["files"][0]["src"] = "../pre".into())),
        ("HG804", with(|spec| spec["features"]["files"][0]["src"] = "hooks/none".into())),
        ("HG805", with(|spec| spec["machines"][0]["password"] = "p@ssw0rd!".into())),
        ("HG806", with(|spec| spec["machines"][0]["port"] = 65536.into())),
        ("HG808", with(|spec| spec["machines"][0]["hostKeys"] = json!(["none"]))),
    ] {
        let scripts = Scripts::new(&format!("machines-{rule}"), "echo\n");
        let message = rejects(scripts.lookup(), &create(&object), 422).await;
        assert!(message.contains(&format!("{rule}: spec.")), "{rule} is not in: {message}");
        assert!(!message.contains("p@ssw0rd"), "{message}");
    }
}

#[tokio::test]
async fn the_ten_names_are_in_the_refusal_of_an_unknown_type() {
    let object = cluster(&json!({"PreNodeInstall": "/tmp/hooks/pre/pre-install"}));
    let message = rejects(FakeLookup::default(), &create(&object), 422).await;
    for hook in hookgate_api::platform::HookType::ALL {
        assert!(message.contains(hook.as_str()), "{hook} is not in: {message}");
    }
}

#[tokio::test]
async fn a_plain_password_warns() {
    let mut object = pre_install();
    object["spec"]["machines"][0]["password"] = "MTIzNDU2".into();
    let scripts = Scripts::new("machines-password", "echo\n");
    let warnings = accepts(scripts.lookup(), &create(&object)).await;
    assert!(
        warnings.len() == 1 && warnings[0].starts_with("HG807: spec.machines[0].password: "),
        "{warnings:?}"
    );
}

#[tokio::test]
async fn an_unchanged_spec_is_not_judged_anew() {
    let scripts = Scripts::new("machines-unchanged", "kubectl get pods\n");
    let old = cluster(&json!({"PreInstall": "/tmp/hooks/pre/pre-install", "Unheard": "/x"}));
    let mut new = old.clone();
    new["metadata"]["labels"] = json!({"location": "xa"});
    assert_eq!(accepts(scripts.lookup(), &update(&new, &old)).await, [""; 0]);
    // What was wrong before is no reason to refuse another change.
    new["spec"]["version"] = "1.18.3".into();
    let warnings = accepts(scripts.lookup(), &update(&new, &old)).await;
    assert_eq!(
        warnings.iter().filter(|warning| warning.starts_with("was so before: ")).count(),
        2,
        "{warnings:?}"
    );
    // What the change brings is.
    new["spec"]["features"]["hooks"]["PostInstall"] = "relative".into();
    let message = rejects(scripts.lookup(), &update(&new, &old), 422).await;
    assert!(message.contains("PostInstall") && !message.contains("Unheard"), "{message}");
}

#[tokio::test]
async fn an_object_that_is_being_deleted_loses_its_finalizer_whatever_it_says() {
    let old = cluster(&json!({"Unheard": "/x"}));
    let mut new = old.clone();
    new["metadata"]["deletionTimestamp"] = "2020-09-06T10:00:00Z".into();
    new["spec"]["version"] = "1.18.3".into();
    assert_eq!(accepts(FakeLookup::default(), &update(&new, &old)).await, [""; 0]);
}

#[tokio::test]
async fn a_machine_is_judged_too() {
    let machine = |spec: Value| json!({"apiVersion": "platform.tkestack.io/v1", "kind": "Machine", "metadata": {"name": "subject"}, "spec": spec});
    let good = machine(json!({"clusterName": "a", "ip": "10.0.0.11", "secretRef": {"name": "workers"}}));
    let of = |object: &Value| review("CREATE", MACHINE, object, &Value::Null);
    assert_eq!(accepts(FakeLookup::default(), &of(&good)).await, [""; 0]);
    let bad =
        machine(json!({"clusterName": "a", "ip": "10.0.0.11", "port": 0, "secretRef": {"name": "workers"}}));
    let message = rejects(FakeLookup::default(), &of(&bad), 422).await;
    assert!(message.contains("HG806: spec.port: 0 is no port"), "{message}");
    let unread = machine(json!({"clusterName": "a", "ip": "10.0.0.11", "password": 8412765}));
    let message = rejects(FakeLookup::default(), &of(&unread), 422).await;
    assert!(message.contains("the Machine can't be read") && !message.contains("8412765"), "{message}");
}
