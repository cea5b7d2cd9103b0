//! `hookgate lint` of TKEStack's Clusters and Machines, with and without the hooks folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

mod support;

use serde_json::{Value, json};
use support::{Folder, Run, lint};

const SCRIPT: &str = "#!/bin/bash\necho \"pre node install\"\n";

fn cluster(hooks: &Value) -> Value {
    json!({
        "apiVersion": "platform.tkestack.io/v1",
        "kind": "Cluster",
        "metadata": {"name": "folders"},
        "spec": {
            "machines": [{"ip": "10.0.0.9", "port": 22, "username": "root", "secretRef": {"name": "masters"}}],
            "features": {"files": [{"src": "hooks/pre", "dst": "/tmp/hooks/pre"}], "hooks": hooks},
        },
    })
}

/// A folder `hooks` with a script, and the manifest beside it.
fn folder(name: &str, script: &str, hooks: &Value) -> Folder {
    let folder = Folder::new(name);
    folder.file("hooks/pre/pre-install", script);
    folder.file("cluster.json", cluster(hooks).to_string());
    folder
}

fn lint_with_folder(folder: &Folder, more: &[&str]) -> Run {
    let (hooks, cluster) = (folder.path("hooks"), folder.path("cluster.json"));
    lint(&[&["--hooks-dir", hooks.as_str(), cluster.as_str()], more].concat(), "")
}

#[test]
fn a_cluster_and_its_scripts_pass() {
    let folder = folder("machines-good", SCRIPT, &json!({"PreInstall": "/tmp/hooks/pre/pre-install"}));
    let run = lint_with_folder(&folder, &[]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{}", run.out);
    assert_eq!(run.out, "Checked 1 hook script and 1 object of machine hooks: nothing found.\n");
}

#[test]
fn without_the_folder_it_is_said_what_was_not_checked() {
    let folder =
        folder("machines-no-folder", "kubectl\n", &json!({"PreInstall": "/tmp/hooks/pre/pre-install"}));
    let run = lint(&[&folder.path("cluster.json")], "");
    assert_eq!(run.code, Some(0), "{}", run.out);
    assert!(run.err.contains("Cluster folders: ") && run.err.contains("--hooks-dir"), "{}", run.err);
    let json = lint(&["--format", "json", &folder.path("cluster.json")], "");
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["machineObjects"], 1);
    assert!(json["remarks"][0].as_str().unwrap().contains("--hooks-dir"), "{json:#}");
}

#[test]
fn an_unsafe_script_of_the_folder_is_refused_at_the_hook_that_runs_it() {
    let script = "#!/bin/bash\nset -e\nkubectl delete nodes --all\n";
    let folder = folder("machines-bad", script, &json!({"PreInstall": "/tmp/hooks/pre/pre-install"}));
    let run = lint_with_folder(&folder, &[]);
    assert_eq!(run.code, Some(1), "{}", run.out);
    assert!(
        run.out.contains("error[HG201]: spec.features.hooks.PreInstall: hooks/pre/pre-install:3:1: "),
        "{}",
        run.out
    );
    assert!(run.out.contains("(Cluster folders)"), "{}", run.out);
    let privileged = lint_with_folder(&folder, &["--profile", "privileged"]);
    assert_eq!(privileged.code, Some(0), "{}", privileged.out);
}

#[test]
fn a_file_that_the_folder_has_not_got_is_refused() {
    let folder = folder("machines-missing", SCRIPT, &json!({"PreInstall": "/tmp/hooks/pre/other"}));
    let run = lint_with_folder(&folder, &[]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("error[HG802]: spec.features.hooks.PreInstall: "), "{}", run.out);
    assert!(run.out.contains("hooks/pre/other is not in the hooks folder"), "{}", run.out);
    let run = lint(&["--hooks-dir", &folder.path("none"), &folder.path("cluster.json")], "");
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("cannot be opened"), "{}", run.out);
}

#[test]
fn what_is_wrong_stands_where_it_is_wrong() {
    let text = "apiVersion: platform.tkestack.io/v1\nkind: Cluster\nmetadata:\n  name: a\nspec:\n  machines:\n  - ip: \
                10.0.0.9\n    port: 0\n    password: MTIzNDU2\n";
    let run = lint(&["-"], text);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("error[HG806]: spec.machines[0].port: 0 is no port"), "{}", run.out);
    assert!(run.out.contains("standard input:8:11"), "{}", run.out);
    assert!(run.out.contains("warning[HG807]: spec.machines[0].password: "), "{}", run.out);
    assert!(run.out.contains("standard input:9:15"), "{}", run.out);
}

#[test]
fn a_field_of_the_wrong_type_is_named_and_a_secret_never_repeated() {
    let of = |field: &str| {
        format!(
            "apiVersion: platform.tkestack.io/v1\nkind: Machine\nmetadata:\n  name: a\nspec:\n  clusterName: c\n  ip: \
             10.0.0.9\n  {field}\n"
        )
    };
    let run = lint(&["-"], of("port: twenty-two"));
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("error[HG806]: spec.port: the Machine cannot be read: "), "{}", run.out);
    let run = lint(&["-"], of("password: 8412765"));
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("error[HG805]: spec.password: "), "{}", run.out);
    let before_the_excerpt = run.out.split("-->").next().unwrap();
    assert!(!before_the_excerpt.contains("8412765"), "{}", run.out);
}

#[test]
fn bare_machine_hooks_are_judged_by_the_same_rules() {
    let folder = Folder::new("machines-bare");
    let path = folder.file("pre-install", "#!/usr/bin/python3\nprint()\n");
    let run = lint(&[&path], "");
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("error[HG809]: "), "{}", run.out);
}
