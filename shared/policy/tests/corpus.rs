//! The corpora: each script under `deny` is refused for the one reason in its first line, each under
//! `allow` passes without an error or a warning.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_policy::{Policy, Profile, Severity, check};
use std::path::{Path, PathBuf};

fn scripts(kind: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus").join(kind);
    let mut files = Vec::new();
    for family in std::fs::read_dir(&root).unwrap() {
        for file in std::fs::read_dir(family.unwrap().path()).unwrap() {
            files.push(file.unwrap().path());
        }
    }
    files.sort();
    files
}

#[test]
fn denied_scripts_are_denied_for_their_reason() {
    let files = scripts("deny");
    assert!(files.len() >= 200, "only {} scripts", files.len());
    let mut wrong = Vec::new();
    for file in &files {
        let script = std::fs::read(file).unwrap();
        let first = script.split(|byte| *byte == b'\n').next().unwrap();
        let rule = String::from_utf8_lossy(first)
            .strip_prefix("# rule: ")
            .expect("a rule in the first line")
            .to_owned();
        let report = check(&script, &Policy::default());
        let errors: Vec<_> = report.findings().iter().filter(|f| f.severity == Severity::Error).collect();
        if errors.is_empty() || errors.iter().any(|finding| finding.rule.to_string() != rule) {
            let found: Vec<String> = report.findings().iter().map(ToString::to_string).collect();
            wrong.push(format!("{}: expected {rule} only, found {found:#?}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What `baseline` names is denied there as well, for the same reason; other programs pass.
#[test]
fn baseline_denies_by_list() {
    for file in scripts("deny") {
        let family = file.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        let report = check(&std::fs::read(&file).unwrap(), &Policy::from(Profile::Baseline));
        match family.as_str() {
            "cluster" | "network" | "dynamic" | "secrets" | "text" => {
                assert!(report.is_denied(), "{}", file.display())
            }
            // Of the awk programs those that run others, or of which nothing is known.
            "awk" => {
                let text = std::fs::read_to_string(&file).unwrap();
                let runs =
                    ["system(", "@", "| \"", "|& \"", "\" | ", "\"$1\""].iter().any(|how| text.contains(how));
                assert_eq!(report.is_denied(), runs, "{}: {:?}", file.display(), report.findings());
            }
            // Of the sed scripts those that run programs.
            "sed" => {
                let text = std::fs::read_to_string(&file).unwrap();
                let runs = ["'1e id'", "'s/a/id/e'", "'\\,a,e'"].iter().any(|how| text.contains(how));
                assert_eq!(report.is_denied(), runs, "{}: {:?}", file.display(), report.findings());
            }
            "programs" | "options" | "machine" => {
                assert!(!report.is_denied(), "{}: {}", file.display(), report.findings()[0]);
            }
            _ => {}
        }
    }
    for file in scripts("allow") {
        for profile in [Profile::Baseline, Profile::Privileged] {
            let report = check(&std::fs::read(&file).unwrap(), &Policy::from(profile));
            assert!(report.findings().is_empty(), "{profile}: {}: {}", file.display(), report.findings()[0]);
        }
    }
}

#[test]
fn allowed_scripts_pass() {
    let files = scripts("allow");
    assert!(files.len() >= 150, "only {} scripts", files.len());
    let mut wrong = Vec::new();
    for file in &files {
        let report = check(&std::fs::read(file).unwrap(), &Policy::default());
        for finding in report.findings() {
            wrong.push(format!("{}: {finding}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
