//! HookPolicies in the input: the webhook's verdict on the document, with line and column.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

mod support;

use support::hookgate;

const HEAD: &str = "apiVersion: hookgate.dev/v1alpha1\nkind: HookPolicy\nmetadata:\n  name: a\n";

#[test]
fn what_cannot_be_used_is_named_at_its_place() {
    for (rest, place, message) in [
        ("spec:\n  profil: baseline\n", "6:3", "spec.profil: unknown field profil"),
        ("spec:\n  mode: warn\n", "6:9", "did you mean Warn?"),
        ("spec:\n  maxTimeoutSeconds: soon\n", "6:22", "spec.maxTimeoutSeconds: invalid type"),
        ("spec:\n  maxTimeoutSeconds: 0\n", "6:22", "must be between 1 and 3600"),
        ("spec:\n  programs:\n    - name: sync\n    - name: python3\n", "8:13", "can't be added"),
        ("spec:\n  programs:\n    - name: sync\n      option: []\n", "8:7", "did you mean options?"),
        (
            "spec:\n  frontendConfigKeys: [{name: Bad Key, value: Text}]\n",
            "6:31",
            "frontendConfigKeys[0].name",
        ),
        ("spec:\n  sqlStatements:\n    - DROP <x\n", "7:7", "spec.sqlStatements[0]"),
        ("spec:\n  severities:\n    HG201: warning\n    HG9999: error\n", "8:13", "spec.severities[HG9999]"),
    ] {
        let run = hookgate(&["lint", "-"], format!("{HEAD}{rest}"));
        assert_eq!(run.code, Some(1), "{rest}: {}", run.out);
        assert!(run.out.contains("error[HG705]: ") && run.out.contains(message), "{rest}: {}", run.out);
        assert!(
            run.out.contains(&format!("--> standard input:{place} (HookPolicy a)")),
            "{rest}: {}",
            run.out
        );
    }
}

#[test]
fn a_slip_in_kind_or_version_is_not_passed_over() {
    for (text, place, message) in [
        (
            HEAD.replace("v1alpha1", "v1"),
            "1:13",
            "apiVersion: a HookPolicy has the apiVersion hookgate.dev/v1alpha1",
        ),
        (HEAD.replace("HookPolicy", "HookPolcy"), "2:7", "did you mean HookPolicy?"),
        (HEAD.replace("  name: a", "  labels: {}"), "3:1", "missing field name"),
    ] {
        let run = hookgate(&["lint", "-"], &text);
        assert!(run.code == Some(1) && run.out.contains(message), "{text}: {}", run.out);
        assert!(run.out.contains(&format!("standard input:{place} ")), "{text}: {}", run.out);
    }
}

#[test]
fn policies_stand_in_streams_and_lists_and_are_counted() {
    let good = format!("{HEAD}spec: {{profile: baseline, maxTimeoutSeconds: 600}}\n");
    let run = hookgate(&["lint", "-"], format!("{good}---\n{good}"));
    assert_eq!(
        (run.code, run.out.as_str()),
        (Some(0), "Checked 0 hook scripts and 2 policies: nothing found.\n")
    );
    let list = "apiVersion: hookgate.dev/v1alpha1\nkind: HookPolicyList\nitems:\n  - metadata: {name: b}\n    spec: {mode: Off}\n";
    let run = hookgate(&["lint", "--format", "json", "-"], list);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, &json["policies"]), (Some(1), &serde_json::json!(1)));
    assert_eq!(json["findings"][0]["object"], "HookPolicy b");
    assert_eq!(
        (&json["findings"][0]["place"]["line"], &json["findings"][0]["place"]["column"]),
        (&5.into(), &18.into())
    );
}

#[test]
fn what_is_hardly_meant_is_a_warning() {
    let run =
        hookgate(&["lint", "-"], format!("{HEAD}spec:\n  profile: baseline\n  programs: [{{name: sync}}]\n"));
    assert_eq!(run.code, Some(0), "{}", run.out);
    assert!(run.out.contains("warning[HG705]: spec.programs: has no effect"), "{}", run.out);
    assert!(run.out.contains("standard input:7:3 (HookPolicy a)"), "{}", run.out);
}
