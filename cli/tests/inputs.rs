//! Input as users have it, and as they shouldn't: places, encodings, directories, pipes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

mod support;

use std::process::{Command, Stdio};
use support::{BAD, Folder, GOOD, cluster, command, config_map, hookgate, lint, run};

/// The place of the only finding, and the line with its carets, as they are printed.
fn shown(text: &str) -> (String, String) {
    let run = lint(&["-"], text);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.out.contains(": 1 error, 0 warnings."), "{}", run.out);
    let lines: Vec<&str> = run.out.lines().collect();
    (lines[1].trim_start().to_owned(), format!("{}\n{}", lines[3], lines[4]))
}

/// Checks the place of `kubectl`, which stands once in the file; columns count characters.
fn assert_in_place(file: &str) {
    let at = file.find("kubectl").unwrap();
    let before = file[..at].trim_start_matches('\u{feff}');
    let line = 1 + before.matches('\n').count();
    let column = 1 + before.rsplit('\n').next().unwrap().chars().count();
    let (place, source) = shown(file);
    assert!(
        place.starts_with(&format!("--> standard input:{line}:{column}")),
        "{place} is not {line}:{column} in\n{file}"
    );
    let (line, carets) = source.split_once('\n').unwrap();
    let caret = carets.find('^').unwrap();
    assert!(line[caret..].starts_with("kubectl") && carets.ends_with(" ^^^^^^^"), "{source}");
}

fn head(rest: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n{rest}")
}

#[test]
fn places_are_those_of_the_file_in_every_style() {
    let block = |header: &str, indent: &str| {
        let lines: String = BAD.lines().map(|line| format!("{indent}{line}\n")).collect();
        head(&format!("  hooks.sh: {header}\n{lines}"))
    };
    for file in [
        block("|", "    "),
        block("|-", "   "),
        block("|+", "      "),
        block("|2 # comment", "    "),
        block("&anchor |", "    "),
        block("!!str |", "    "),
        block("|", "    ").replace('\n', "\r\n"),
        format!("\u{feff}{}", block("|", "    ")),
        block("|", "    ").replace("  kubectl", "\tkubectl"),
        block("|\n\n", "    "),
        head("  hooks.sh: >\n    pre_upgrade() {\n\n      kubectl get pods\n\n    }\n\n    post_upgrade() { :; }\n"),
        head("  hooks.sh: 'pre_upgrade() { kubectl get pods; }\n\n    post_upgrade() { :; }'\n"),
        head("  hooks.sh: \"pre_upgrade() {\\n \\x20 kubectl get pods\\n}\\npost_upgrade() { :; }\"\n"),
        head("  hooks.sh: \"pre_upgrade() { \\\n    kubectl get pods; }\\npost_upgrade() { :; }\"\n"),
        head("  \"hooks.sh\": pre_upgrade() { kubectl get pods; } ; post_upgrade() { :; }\n").replace(" ; post", "\n\n    post"),
        serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"hooks.sh": BAD.replace("pods", "\u{1f600}")}}).to_string(),
        head("  hooks.sh: |\n    pre_upgrade() {\n      echo '日本'; :\n      kubectl get pods\n    }\n    post_upgrade() { :; }\n"),
        "kind: ConfigMapList\napiVersion: v1\nitems:\n- metadata: {name: a}\n  data:\n    x: |\n      pre_upgrade() { kubectl get pods; }\n      post_upgrade() { :; }\n".to_owned(),
    ] {
        assert_in_place(&file);
    }
}

#[test]
fn carets_stand_below_wide_characters_and_tabs() {
    let (_, source) = shown("pre_upgrade() {\n\techo '日本'; kubectl x\n}\npost_upgrade() { :; }\n");
    assert_eq!(source, "2 |     echo '日本'; kubectl x\n  |                  ^^^^^^^");
}

#[test]
fn an_alias_is_found_where_its_anchor_stands() {
    let file = head(&format!(
        "  hooks.sh: &s |\n{}---\n",
        BAD.lines().map(|line| format!("    {line}\n")).collect::<String>()
    )) + &head("  x: *s\n");
    // Aliases end with their document.
    assert_eq!(lint(&["-"], &file).code, Some(2));
    let inside = "kind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: &s \"pre_upgrade() { curl x; }\"}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {y: *s}}\n";
    let run = lint(&["--format", "json", "-"], inside);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let lines: Vec<_> =
        json["findings"].as_array().unwrap().iter().map(|found| found["place"]["line"].clone()).collect();
    assert_eq!(lines, [4, 4, 4, 4]);
}

#[test]
fn binary_data_is_judged_and_shown_as_a_script() {
    // base64 of: pre_upgrade() { curl y; }\npost_upgrade() { :; }\n
    let encoded = "cHJlX3VwZ3JhZGUoKSB7IGN1cmwgeTsgfQpwb3N0X3VwZ3JhZGUoKSB7IDo7IH0K";
    for field in [format!("binaryData:\n  x: {encoded}\n"), format!("data:\n  x: !!binary {encoded}\n")] {
        let run = lint(&["-"], format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\n{field}"));
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(
            run.out.contains("key x), line 1, column 17 of the script\n  |\n1 | pre_upgrade() { curl y; }\n"),
            "{}",
            run.out
        );
    }
}

#[test]
fn findings_of_clusters_stand_at_their_fields() {
    let preparation = "    replicas: two\n";
    for (fe, place, rule) in [
        (preparation, "8:15", "HG701"),
        ("    upgradeHooks:\n      timeoutSeconds: 9999\n", "9:23", "HG701"),
        ("    upgradeHooks: {predefined: [disable-balancer, off-with-it]}\n", "8:51", "HG701"),
        (
            "  upgradePreparation:\n    hooks:\n    - name: x\n      command: |\n        DROP TABLE a\n",
            "12:9",
            "HG403",
        ),
        ("    upgradeHooks:\n      custom:\n        configMapName: gone\n", "10:24", "HG702"),
        ("  disasterRecovery:\n    enabled: true\n    generation: 1\n", "8:3", "HG704"),
    ] {
        let run = lint(&["-"], cluster("c", fe));
        assert!(
            run.out.contains(&format!("[{rule}]")) && run.out.contains(&format!("standard input:{place} ")),
            "{place} {rule}: {}",
            run.out
        );
        assert_eq!(run.out.matches(&format!("standard input:{place} ")).count(), 1, "{}", run.out);
    }
}

#[test]
fn references_reach_other_files_of_the_call_in_their_namespace() {
    let folder = Folder::new("references");
    let custom = "    upgradeHooks:\n      custom: {configMapName: a, scriptKey: x}\n";
    let map = folder.file("map.yaml", config_map("a", "echo\n").replace("hooks.sh", "x"));
    let of = |namespace: &str| {
        folder.file(
            "cluster.yaml",
            cluster("c", custom).replace("name: c", &format!("name: c\n  namespace: {namespace}")),
        )
    };
    assert_eq!(lint(&[&map], "").code, Some(0));
    let run = lint(&[&map, &of("n")], "");
    assert!(run.code == Some(1) && !run.out.contains("HG702"), "{}", run.out);
    let elsewhere = folder.file(
        "map.yaml",
        config_map("a", "echo\n").replace("hooks.sh", "x").replace("name: a", "name: a\n  namespace: m"),
    );
    let run = lint(&[&elsewhere, &of("n")], "");
    assert!(run.code == Some(0) && run.out.contains("HG702"), "{}", run.out);
}

#[test]
fn templates_of_helm_are_named() {
    let file = format!("---\n# Source: chart/templates/hooks.yaml\n{}", config_map("a", BAD));
    let run = lint(&["-"], file);
    assert!(run.out.contains("(ConfigMap a, key hooks.sh, from chart/templates/hooks.yaml)"), "{}", run.out);
}

#[test]
fn directories_are_searched() {
    let folder = Folder::new("directories");
    for name in
        ["a.yaml", "sub/b.YML", "sub/deep/c.json", "sub/d.sh", ".git/e.sh", "notes.txt", "sub/f.yaml.bak"]
    {
        folder.file(name, if name.ends_with('h') { GOOD } else { "{}" });
    }
    std::os::unix::fs::symlink(folder.path(""), folder.path("sub/loop.yaml")).unwrap();
    folder.file("sub/hook.yaml", config_map("a", BAD));
    // A file that is named twice is judged once.
    let run = lint(&[&folder.path(""), &folder.path("sub/hook.yaml")], "");
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""));
    assert!(run.out.contains("Checked 2 hook scripts: 1 error"), "{}", run.out);
    let empty = lint(&[&folder.path(".git/..//.git/")], "");
    assert_eq!(empty.code, Some(0), "a directory that is named is read: {}", empty.err);
    std::fs::create_dir(folder.path("none")).unwrap();
    let none = lint(&[&folder.path("none")], "");
    assert!(none.code == Some(2) && none.err.contains("no .yaml, .yml, .json or .sh file"), "{}", none.err);
}

#[test]
fn what_cannot_be_used_is_named_and_hides_nothing() {
    let folder = Folder::new("unusable");
    let bad = folder.file("bad.sh", BAD);
    let deep = format!("a: {}", "[".repeat(100_000));
    for (content, message) in [
        (&b"a: [\n"[..], "line 1, column 4: unclosed bracket"),
        (b"\xff\xfea\0", "not UTF-8 text: save the file as UTF-8 (it seems to be UTF-16)"),
        (b"a: 1\nb: \xe9\n", "line 2: not UTF-8 text"),
        (b"a: 1\na: 2\n", "line 2, column 1: the key `a` stands here twice"),
        (b"a:\n\t- 1\n", "tabs disallowed"),
        (b"a: {{ .Values.x }}\n", "a Helm template has to be rendered first"),
        (deep.as_bytes(), "recursion limit exceeded"),
        (
            b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: [1]\n",
            "`data` must hold keys with their values",
        ),
        (
            b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {k: yes}\n",
            "the value of `k` is not a text",
        ),
    ] {
        let file = folder.file("unusable.yaml", content);
        let run = lint(&[&file, &bad, "/nonexistent\u{1b}.yaml"], "");
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.err.contains(message), "{message}: {}", run.err);
        assert!(run.err.contains("/nonexistent\u{fffd}.yaml: No such file"), "{}", run.err);
        assert!(run.out.contains("HG201"), "the others are judged all the same: {}", run.out);
    }
    // What stands before the damage is judged as well.
    let run = lint(&["-"], format!("{}---\na: [\n", config_map("a", BAD)));
    assert!(run.code == Some(2) && run.out.contains("HG201"), "{run:?}");
}

#[test]
fn a_bare_script_that_is_no_text_is_refused() {
    let run = lint(&["-"], b"#!/bin/bash\npre_upgrade() { \xff; }\n");
    assert!(
        run.code == Some(1) && run.out.contains("error[HG103]") && run.out.contains("standard input:2:17"),
        "{}",
        run.out
    );
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let colour = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = command();
        command.arg("lint").args(arguments).arg("-").envs(variables.iter().copied());
        run(command, BAD.as_bytes()).out.contains('\u{1b}')
    };
    assert!(!colour(&[], &[]));
    assert!(colour(&[], &[("CLICOLOR_FORCE", "1")]) && colour(&["--color", "always"], &[]));
    assert!(!colour(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!colour(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colour(&["--format", "json"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn a_closed_pipe_is_quiet_and_a_full_disk_is_not() {
    let folder = Folder::new("pipes");
    let many = folder.file(
        "many.sh",
        format!("pre_upgrade() {{\n{}}}\npost_upgrade() {{ :; }}\n", "  kubectl x\n".repeat(2000)),
    );
    let script = format!(
        "{} lint '{many}' | head -c 1 > /dev/null; echo \"${{PIPESTATUS[0]}}\"",
        env!("CARGO_BIN_EXE_hookgate")
    );
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!((output.stdout, output.stderr), (b"1\n".to_vec(), Vec::new()));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hookgate"))
        .args(["lint", &many])
        .stdout(Stdio::from(full))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("cannot print"));
}

#[test]
fn machine_hooks_are_known_by_their_names_or_told() {
    let folder = Folder::new("machine");
    let hook = "#!/bin/bash\necho \"the cluster labels and annotations key=value pair:$@\"\necho \"pre cluster install\" \n";
    for name in ["pre-install", "hooks/pre/cluster-pre-install", "post-cluster-ready"] {
        let file = folder.file(name, hook);
        assert_eq!(lint(&[&file], "").code, Some(0), "{name}");
        folder.file(name, format!("{hook}curl http://x | bash\n"));
        assert_eq!(lint(&[&file], "").code, Some(1), "{name}");
        assert_eq!(lint(&["--profile", "restricted", &folder.file(name, hook)], "").code, Some(1), "{name}");
    }
    // A name that may be an upgrade hook's says nothing.
    let other = folder.file("pre-upgrade.sh", hook);
    assert_eq!((lint(&[&other], "").code, lint(&["--machine", &other], "").code), (Some(1), Some(0)));
    let upgrade = folder.file("pre-upgrade", "pre_upgrade() { echo; }\n");
    assert_eq!(lint(&[&upgrade], "").code, Some(1));
}

#[test]
fn what_cannot_be_read_is_in_every_format() {
    let folder = Folder::new("unreadable");
    let good = folder.file("good.sh", "pre_upgrade() { :; }\npost_upgrade() { :; }\n");
    let missing = folder.path("missing.yaml");
    for (format, said) in [
        ("human", "Checked 1 hook script: nothing found; 1 input could not be read.\n"),
        ("json", "missing.yaml: No such file"),
        ("sarif", "\"executionSuccessful\": false"),
        ("junit", "errors=\"1\""),
        ("github", "::error"),
    ] {
        let run = lint(&["--format", format, &good, &missing], "");
        assert_eq!(run.code, Some(2), "{format}: {run:?}");
        assert!(run.out.contains(said), "{format}: {run:?}");
        assert!(run.err.contains("missing.yaml"), "{format}: {run:?}");
    }
    // What begins with a key is a manifest, though a wrong one.
    let run = lint(&["-"], "a: [\n");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("standard input"), "{run:?}");
}

/// Every manifest and script of the guide to upgrade hooks, as a new user copies them.
#[test]
fn the_guides_manifests_have_no_error() {
    let script = "#!/bin/bash\npre_upgrade() {\n    mysql -h${SR_FE_HOST} -P${SR_FE_PORT} -u${SR_FE_USER} \\\n      -e 'ADMIN SET FRONTEND CONFIG (\"tablet_sched_max_scheduling_tablets\" = \"0\")'\n    return $?\n}\npost_upgrade() {\n    mysql -h${SR_FE_HOST} -P${SR_FE_PORT} -u${SR_FE_USER} \\\n      -e 'ADMIN SET FRONTEND CONFIG (\"tablet_sched_max_scheduling_tablets\" = \"2000\")'\n    return $?\n}\n";
    let custom = "    upgradeHooks:\n      custom:\n        configMapName: fe-upgrade-hooks\n        scriptKey: hooks.sh\n";
    let both = format!(
        "{}---\n{}",
        config_map("fe-upgrade-hooks", script),
        cluster("starrockscluster-sample", custom)
    );
    let run = lint(&["-"], both);
    assert_eq!(
        (run.code, run.out.as_str()),
        (Some(0), "Checked 1 hook script and 1 cluster: nothing found.\n")
    );
    let preparation = "  upgradePreparation:\n    enabled: true\n    hooks:\n    - name: disable-tablet-clone\n      command: 'ADMIN SET FRONTEND CONFIG (\"tablet_sched_max_scheduling_tablets\" = \"0\")'\n      critical: true\n";
    assert_eq!(lint(&["-"], cluster("c", preparation)).code, Some(0));
    assert_eq!(hookgate(&["lint"], "").code, Some(2));
}
