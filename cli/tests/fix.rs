//! `hookgate lint --fix`: what it changes, and that it changes nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

mod support;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use support::{Folder, cluster, config_map, lint};

const COUNTS: &str = "pre_upgrade() {\n  local n\n  n=$($MYSQL_CMD -Ne 'SELECT count(*) FROM information_schema.tables') || return 1\n  if (( n > 0 )); then echo \"$n\"; fi # keep\n}\npost_upgrade() { :; }\n";

/// What is printed for standard input; a second run must change nothing.
fn fixed(text: &str) -> String {
    let once = lint(&["--fix", "-"], text);
    let twice = lint(&["--fix", "-"], &once.out);
    assert_eq!(once.out, twice.out, "once is enough");
    assert!(!twice.err.contains("fixed "), "{}", twice.err);
    once.out
}

fn annotated(annotations: &str, fe: &str) -> String {
    cluster("c", fe).replace("  name: c\n", &format!("  name: c\n{annotations}"))
}

const BOTH: &str = "  annotations:\n    # for the upgrade\n    starrocks.com/prepare-upgrade: \"true\" # once\n    starrocks.com/upgrade-hooks: \"disable-tablet-clone,disable-balancer\"\n";
const HOOKS: &str =
    "    upgradeHooks:\n      predefined:\n        - disable-tablet-clone\n        - disable-balancer\n";

#[test]
fn comparisons_in_scripts_are_rewritten_in_place() {
    assert_eq!(fixed(COUNTS), COUNTS.replace("(( n > 0 ))", "[ \"$n\" -gt 0 ]"));
    let manifest = format!("# head\n{}# tail\n", config_map("a", COUNTS));
    assert_eq!(fixed(&manifest), manifest.replace("(( n > 0 ))", "[ \"$n\" -gt 0 ]"));
    let windows = manifest.replace('\n', "\r\n");
    assert_eq!(fixed(&windows), windows.replace("(( n > 0 ))", "[ \"$n\" -gt 0 ]"));
}

#[test]
fn escapes_of_the_style_are_kept() {
    let json = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"hooks.sh": COUNTS}});
    let json = format!("{json:#}\n");
    assert_eq!(fixed(&json), json.replace("(( n > 0 ))", "[ \\\"$n\\\" -gt 0 ]"));
}

#[test]
fn annotations_become_the_spec() {
    let expected = format!(
        "{}{HOOKS}",
        cluster("c", "    replicas: 3 # three\n")
            .replace("  name: c\n", "  name: c\n    # for the upgrade\n")
    );
    assert_eq!(fixed(&annotated(BOTH, "    replicas: 3 # three\n")), expected);
    // Others stay, and the default pair stands for what isn't listed.
    let prepare = "  annotations:\n    a: b\n    starrocks.com/prepare-upgrade: \"true\"\n    c: d # e\n";
    let expected = annotated("  annotations:\n    a: b\n    c: d # e\n", HOOKS);
    assert_eq!(fixed(&annotated(prepare, "")), expected);
    // What follows the FE's spec stays where it is.
    let text = annotated(prepare, "  starRocksBeSpec:\n    image: be:1\n---\nkind: x\n");
    let expected = annotated(
        "  annotations:\n    a: b\n    c: d # e\n",
        &format!("{HOOKS}  starRocksBeSpec:\n    image: be:1\n---\nkind: x\n"),
    );
    assert_eq!(fixed(&text), expected);
}

#[test]
fn a_spec_that_has_hooks_is_completed_or_left_alone() {
    let one = "  annotations:\n    starrocks.com/upgrade-hooks: disable-balancer\n";
    let custom = "    upgradeHooks:\n      timeoutSeconds: 60\n";
    assert_eq!(
        fixed(&annotated(one, custom)),
        cluster("c", &format!("{custom}      predefined:\n        - disable-balancer\n"))
    );
    let same = "    upgradeHooks:\n      predefined: [disable-balancer, disable-tablet-clone]\n";
    assert_eq!(fixed(&annotated(one, same)), cluster("c", same));
    for fe in ["    upgradeHooks:\n      predefined: [disable-tablet-clone]\n", "    upgradeHooks: *x\n"] {
        let text = annotated(one, fe);
        assert_eq!(fixed(&text), text);
    }
    let unknown = annotated("  annotations:\n    starrocks.com/upgrade-hooks: disable-all\n", "");
    assert_eq!(fixed(&unknown), unknown);
    // A switched-off request asks for nothing.
    let off = annotated("  annotations: {starrocks.com/prepare-upgrade: \"false\", a: b}\n", "");
    assert_eq!(fixed(&off), annotated("  annotations: {a: b}\n", ""));
}

#[test]
fn json_stays_json() {
    let text = r#"{
  "apiVersion": "starrocks.com/v1",
  "kind": "StarRocksCluster",
  "metadata": {
    "name": "c",
    "annotations": {
      "starrocks.com/prepare-upgrade": "true"
    }
  },
  "spec": {
    "starRocksFeSpec": {
      "image": "starrocks/fe-ubuntu:3.2.2"
    }
  }
}
"#;
    let after = fixed(text);
    assert!(after.contains("    \"name\": \"c\"\n  },\n"), "{after}");
    assert!(
        after.contains("      \"upgradeHooks\": {\"predefined\": [\"disable-tablet-clone\", \"disable-balancer\"]},\n      \"image\""),
        "{after}"
    );
    serde_json::from_str::<serde_json::Value>(&after).unwrap();
}

#[test]
fn a_shared_node_is_left_alone() {
    // The edit would change both clusters.
    let other = "---\napiVersion: v1\nkind: List\nitems:\n- &x\n  apiVersion: starrocks.com/v1\n  kind: StarRocksCluster\n  metadata:\n    name: d\n    annotations:\n      starrocks.com/upgrade-hooks: disable-balancer\n  spec:\n    starRocksFeSpec:\n      image: fe:3.2.2\n- *x\n";
    let text = format!("{}{other}", annotated(BOTH, ""));
    let after = fixed(&text);
    assert!(after.ends_with(other), "{after}");
    assert!(
        after.starts_with(&cluster("c", "").replace("  name: c\n", "  name: c\n    # for the upgrade\n")),
        "{after}"
    );
}

#[test]
fn templates_are_left_alone() {
    let text = annotated(BOTH, "    replicas: 3 # {{ .Values.replicas }}\n");
    let run = lint(&["--fix", "-"], &text);
    assert_eq!(run.out, text);
    assert!(run.err.contains("not fixed, because {{ may be a template's"), "{}", run.err);
}

#[test]
fn files_are_replaced_whole_and_keep_their_mode_and_links() {
    let folder = Folder::new("fix-files");
    let path = folder.file("a.yaml", config_map("a", COUNTS));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&path, folder.path("link.yaml")).unwrap();
    let inode = std::fs::metadata(&path).unwrap().ino();
    let run = lint(&["--fix", &folder.path("link.yaml")], "");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.err.contains("fixed 1 finding in ") && run.out.contains("nothing found"), "{run:?}");
    assert!(folder.read("a.yaml").contains("[ \"$n\" -gt 0 ]"));
    let metadata = std::fs::metadata(&path).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
    assert_ne!(metadata.ino(), inode, "the file is replaced, not written over");
    assert!(std::fs::symlink_metadata(folder.path("link.yaml")).unwrap().is_symlink());
    assert_eq!(std::fs::read_dir(folder.path("")).unwrap().count(), 2, "nothing else is left behind");
    let before = metadata.mtime_nsec();
    assert_eq!(lint(&["--fix", &path], "").code, Some(0));
    assert_eq!(
        std::fs::metadata(&path).unwrap().mtime_nsec(),
        before,
        "nothing is written when nothing is to be fixed"
    );
}

#[test]
fn a_diff_writes_nothing_and_can_be_applied() {
    let folder = Folder::new("fix-diff");
    let text = config_map("a", COUNTS);
    let path = folder.file("a.yaml", &text);
    let run = lint(&["--fix", "--diff", &path], "");
    assert_eq!(folder.read("a.yaml"), text);
    assert!(
        run.out
            .contains("-      if (( n > 0 )); then echo \"$n\"; fi # keep\n+      if [ \"$n\" -gt 0 ]; then"),
        "{}",
        run.out
    );
    assert!(run.out.starts_with("--- a/") && run.out.contains("\n+++ b/"), "{}", run.out);
    assert!(run.err.contains("warning[HG212]") && run.err.contains("would fix 1 finding in"), "{}", run.err);
    let mut relative = support::command();
    relative.current_dir(folder.path("")).args(["lint", "--fix", "--diff", "a.yaml"]);
    folder.file("a.patch", support::run(relative, b"").out);
    let mut git = std::process::Command::new("git");
    // The folder is not taken for a part of this repository.
    git.current_dir(folder.path(""))
        .env("GIT_CEILING_DIRECTORIES", env!("CARGO_TARGET_TMPDIR"))
        .args(["apply", "a.patch"]);
    assert!(git.status().unwrap().success());
    assert_eq!(folder.read("a.yaml"), fixed(&text));
    let nothing = lint(&["--fix", "--diff", &path], "");
    assert_eq!((nothing.code, nothing.out.as_str()), (Some(0), ""));
    let alone = lint(&["--diff", &path], "");
    assert_eq!(alone.code, Some(2));
    assert!(alone.err.contains("--fix"), "{}", alone.err);
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let folder = Folder::new("fix-readonly");
    let path = folder.file("a.yaml", config_map("a", COUNTS));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).unwrap();
    let run = lint(&["--fix", &path], "");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.err.contains("not fixed: the file is read-only") && run.out.contains("warning[HG212]"),
        "{run:?}"
    );
    assert_eq!(std::fs::read_dir(folder.path("")).unwrap().count(), 1);
}

#[test]
fn a_script_found_by_a_reference_in_another_file_is_fixed() {
    let folder = Folder::new("fix-reference");
    let script = "other() {\n  local n=\"$1\"\n  (( n > 0 ))\n}\n";
    let map = folder.file("map.yaml", config_map("a", script).replace("hooks.sh", "x"));
    let reference = "    upgradeHooks:\n      custom: {configMapName: a, scriptKey: x}\n";
    let other = folder.file("cluster.yaml", cluster("c", reference));
    assert_eq!(lint(&["--fix", &map], "").err, "");
    let run = lint(&["--fix", &map, &other], "");
    assert!(run.err.contains("fixed "), "{run:?}");
    assert!(folder.read("map.yaml").contains("[ \"$n\" -gt 0 ]"), "{}", folder.read("map.yaml"));
}
