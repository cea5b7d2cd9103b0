//! The program as a user runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use std::io::Write;
use std::process::{Command, Output, Stdio};

const GOOD: &str = "pre_upgrade() {\n  echo hello\n}\npost_upgrade() { :; }\n";
const BAD: &str = "pre_upgrade() {\n  kubectl get pods\n}\npost_upgrade() { :; }\n";

fn hookgate(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hookgate"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn lint(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let output = hookgate(&[&["lint"], arguments].concat(), input);
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn config_map(name: &str, labels: &str, script: &str) -> String {
    let block: String = script.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n{labels}data:\n  hooks.sh: |\n{block}"
    )
}

#[test]
fn a_bare_script_is_shown_with_line_and_caret() {
    let (code, out, _) = lint(&["-"], BAD);
    assert_eq!(code, Some(1));
    assert!(out.contains("error[HG201]: `kubectl` in a hook is privilege escalation"), "{out}");
    assert!(
        out.contains(" --> standard input:2:3\n  |\n2 |   kubectl get pods\n  |   ^^^^^^^\n  = help: "),
        "{out}"
    );
    assert!(out.ends_with("Checked 1 hook script: 1 error, 0 warnings.\n"), "{out}");
    let (code, out, _) = lint(&["-"], GOOD);
    assert_eq!((code, out.as_str()), (Some(0), "Checked 1 hook script: nothing found.\n"));
}

#[test]
fn places_are_those_of_the_manifest() {
    let manifest = format!("{}---\n{}", config_map("good", "", GOOD), config_map("bad", "", BAD));
    let (code, out, _) = lint(&["-"], &manifest);
    assert_eq!(code, Some(1));
    let line = 1 + manifest.lines().position(|line| line.contains("kubectl")).unwrap();
    let expected = format!("--> standard input:{line}:7 (ConfigMap bad, key hooks.sh)");
    assert!(out.contains(&expected), "{out}");
    assert!(out.contains("Checked 2 hook scripts"), "{out}");
}

#[test]
fn hooks_are_found_by_label_by_reference_and_by_content() {
    let labelled = config_map("a", "  labels: {hookgate.dev/hook: \"\"}\n", "readonly A=1\n");
    let (code, out, _) = lint(&["-"], &labelled);
    assert_eq!(code, Some(1));
    assert!(out.contains("script must define pre_upgrade() function"), "{out}");
    let plain = config_map("a", "", "readonly A=1\n");
    assert_eq!(lint(&["-"], &plain).0, Some(0));
    let cluster = "---\napiVersion: starrocks.com/v1\nkind: StarRocksCluster\nmetadata:\n  name: c\nspec:\n  starRocksFeSpec:\n    image: starrocks/fe-ubuntu:3.2.2\n    upgradeHooks:\n      custom:\n        configMapName: a\n";
    let (code, out, _) = lint(&["-"], &format!("{plain}{cluster}"));
    assert_eq!(code, Some(1));
    assert!(out.contains("Checked 1 hook script and 1 cluster: 2 errors"), "{out}");
    let (code, out, _) = lint(&["-"], &config_map("a", "", BAD));
    assert_eq!(code, Some(1), "{out}");
}

#[test]
fn a_missing_reference_is_a_warning() {
    let cluster = "apiVersion: starrocks.com/v1\nkind: StarRocksCluster\nmetadata:\n  name: c\nspec:\n  starRocksFeSpec:\n    image: starrocks/fe-ubuntu:3.2.2\n    upgradeHooks:\n      custom:\n        configMapName: a\n";
    let (code, out, _) = lint(&["-"], cluster);
    assert_eq!(code, Some(0));
    assert!(out.contains("warning[HG702]: ConfigMap a is not in the input"), "{out}");
    let (code, out, _) =
        lint(&["-"], &cluster.replace("custom:\n        configMapName: a", "timeoutSeconds: 0"));
    assert_eq!(code, Some(1));
    assert!(out.contains("error[HG701]: spec.starRocksFeSpec.upgradeHooks.timeoutSeconds"), "{out}");
}

#[test]
fn sql_of_the_preparation_is_checked() {
    let cluster = "apiVersion: starrocks.com/v1\nkind: StarRocksCluster\nmetadata:\n  name: c\nspec:\n  starRocksFeSpec:\n    image: starrocks/fe-ubuntu:3.2.2\n  upgradePreparation:\n    enabled: true\n    hooks:\n    - name: x\n      command: DROP TABLE a\n";
    let (code, out, _) = lint(&["-"], cluster);
    assert_eq!(code, Some(1));
    assert!(
        out.contains(
            "error[HG403]: spec.upgradePreparation.hooks[0].command: `DROP TABLE a …` is not allowed"
        ),
        "{out}"
    );
    assert_eq!(lint(&["-"], &cluster.replace("DROP TABLE a", "ALTER SYSTEM CREATE IMAGE")).0, Some(0));
}

#[test]
fn json_and_lists_are_read() {
    let map = |kind: &str| {
        serde_json::json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a", "namespace": "n"},
            "data": {"hooks.sh": BAD}})
    };
    let list =
        serde_json::json!({"apiVersion": "v1", "kind": "List", "items": [map("ConfigMap"), map("Secret")]});
    let (code, out, _) = lint(&["-"], &list.to_string());
    assert_eq!(code, Some(1));
    assert!(
        out.contains(" (ConfigMap n/a, key hooks.sh), line 2, column 3 of the script\n")
            && out.contains("--> standard input:1:"),
        "{out}"
    );
    assert!(out.contains("Checked 1 hook script"), "{out}");
}

#[test]
fn unusable_input_is_exit_2() {
    for (arguments, input, message) in [
        (&["/nonexistent.yaml"][..], "", "/nonexistent.yaml: No such file"),
        (&["-"], "apiVersion: v1\nkind: [\n", "standard input: not valid YAML or JSON"),
        (&["-"], "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: 1\n", "the value of `a` is not a text"),
        (&["-"], "apiVersion: v1\nkind: ConfigMap\nbinaryData:\n  a: '*'\n", "is not base64"),
        (&["--profile", "lax", "-"], "", "use restricted, baseline or privileged"),
        (&[], "", "Usage"),
    ] {
        let (code, _, errors) = lint(arguments, input);
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(errors.contains(message), "{errors}");
    }
}

#[test]
fn explain_and_version() {
    let output = hookgate(&["explain", "HG201"], "");
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("# HG201: "));
    assert_eq!(hookgate(&["explain", "HG999"], "").status.code(), Some(2));
    assert!(hookgate(&["version"], "").stdout.starts_with(b"hookgate "));
}

#[test]
fn machine_formats_carry_the_finding() {
    let manifest = config_map("bad", "", &BAD.replace("kubectl get", "kubectl --as='<&>' get"));
    let output = |format: &str| lint(&["--format", format, "-"], &manifest).1;
    let json: serde_json::Value = serde_json::from_str(&output("json")).unwrap();
    assert_eq!(json["findings"][0]["rule"], "HG201");
    assert_eq!(json["findings"][0]["place"]["line"], 8);
    assert_eq!(json["scripts"][0]["denied"], true);
    let sarif: serde_json::Value = serde_json::from_str(&output("sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((result["ruleId"].as_str(), result["level"].as_str()), (Some("HG201"), Some("error")));
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 8);
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][0]["id"], "HG201");
    let junit = output("junit");
    assert!(junit.contains("tests=\"1\" failures=\"1\" errors=\"0\""), "{junit}");
    let github = output("github");
    assert!(
        github
            .starts_with("::error file=standard input,title=HG201,line=8,col=7,endColumn=14::ConfigMap bad"),
        "{github}"
    );
}

/// A file with this text, which is removed at the end.
struct TemporaryFile(std::path::PathBuf);

impl TemporaryFile {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hookgate-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

const SYNC: &str = "pre_upgrade() {\n  sync\n}\npost_upgrade() { :; }\n";

fn policy(name: &str, spec: &str) -> TemporaryFile {
    let text = format!(
        "apiVersion: hookgate.dev/v1alpha1\nkind: HookPolicy\nmetadata:\n  name: {name}\nspec:\n{spec}"
    );
    TemporaryFile::new(&format!("{name}.yaml"), &text)
}

#[test]
fn a_policy_adds_programs_and_the_strictest_of_several_wins() {
    let lenient = policy("lenient", "  programs: [{name: sync}]\n");
    let strict = policy("strict", "  mode: Enforce\n");
    assert_eq!(lint(&["-"], SYNC).0, Some(1));
    assert_eq!(lint(&["--policy", lenient.path(), "-"], SYNC).0, Some(0));
    let (code, out, _) = lint(&["--policy", lenient.path(), "--policy", strict.path(), "-"], SYNC);
    assert_eq!(code, Some(1));
    assert!(out.contains("error[HG202]"), "{out}");
    assert_eq!(lint(&["--policy", strict.path(), "--profile", "baseline", "-"], SYNC).0, Some(0));
}

#[test]
fn the_mode_warn_warns() {
    let warn = policy("warn", "  mode: Warn\n");
    let (code, out, _) = lint(&["--policy", warn.path(), "-"], BAD);
    assert_eq!(code, Some(0));
    assert!(out.contains("warning[HG201]"), "{out}");
}

#[test]
fn namespaces_in_the_input_select_policies() {
    let selected =
        policy("selected", "  programs: [{name: sync}]\n  namespaceSelector: {matchLabels: {stage: test}}\n");
    let map = config_map("hooks", "  namespace: sr\n", SYNC);
    let namespace = |stage: &str| {
        format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: sr, labels: {{stage: {stage}}}}}\n")
    };
    let code = |more: &str| lint(&["--policy", selected.path(), "-"], &format!("{map}{more}")).0;
    assert_eq!(code(""), Some(0), "the labels aren't known");
    assert_eq!(code(&namespace("test")), Some(0));
    assert_eq!(code(&namespace("production")), Some(1));
}

#[test]
fn a_policy_bounds_the_time_of_hooks() {
    let short = policy("short", "  maxTimeoutSeconds: 60\n");
    let cluster = "apiVersion: starrocks.com/v1\nkind: StarRocksCluster\nmetadata:\n  name: c\nspec:\n  starRocksFeSpec:\n    image: starrocks/fe-ubuntu:3.2.2\n    upgradeHooks:\n      timeoutSeconds: 61\n";
    let (code, out, _) = lint(&["--policy", short.path(), "-"], cluster);
    assert_eq!(code, Some(1));
    assert!(out.contains("invalid value 61: HookPolicy short allows at most 60 seconds"), "{out}");
}

#[test]
fn a_policy_that_cannot_be_used_is_exit_2_with_its_place() {
    for (spec, expected) in [
        ("  profil: baseline\n", "line 6, column 3: unknown field profil"),
        ("  programs: [{name: bash}]\n", "spec.programs[0].name: `bash` can't be added"),
        ("  severities: {HG999: error}\n", "there is no rule `HG999`"),
    ] {
        let file = policy("unusable", spec);
        let (code, out, errors) = lint(&["--policy", file.path(), "-"], GOOD);
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert!(errors.contains(expected), "{errors}");
    }
    let none = TemporaryFile::new("none.yaml", "kind: ConfigMap\n");
    assert!(lint(&["--policy", none.path(), "-"], GOOD).2.contains("no HookPolicy in it"));
    assert!(lint(&["--policy", "/nonexistent.yaml", "-"], GOOD).2.contains("No such file"));
}
