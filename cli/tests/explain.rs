//! `hookgate explain`: every rule that anything can print has a page, and what the pages say of clusters is so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

mod support;

use hookgate_policy::{Subject, rules};
use std::collections::BTreeSet;
use std::path::Path;
use support::{hookgate, lint};

/// Every `HG123` and `RuleId(123)` in the code of the programs.
fn ids(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            ids(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for mark in ["HG", "RuleId("] {
                for (at, _) in code.match_indices(mark) {
                    let digits: String =
                        code[at + mark.len()..].chars().take_while(char::is_ascii_digit).collect();
                    if digits.len() == 3 {
                        found.insert(format!("HG{digits}"));
                    }
                }
            }
        }
    }
}

#[test]
fn whatever_can_be_printed_is_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = BTreeSet::new();
    for folder in ["cli/src", "webhook/src", "operator/src", "shared/policy/src", "shared/api/src"] {
        ids(&root.join(folder), &mut found);
    }
    assert!(found.len() >= 38, "{found:?}");
    for id in found {
        let page = hookgate(&["explain", &id], "");
        assert_eq!(page.code, Some(0), "{id}: {}", page.err);
        assert!(page.out.starts_with(&format!("# {id}: ")), "{}", page.out);
    }
}

#[test]
fn without_an_argument_all_rules_are_listed() {
    let list = hookgate(&["explain"], "");
    assert_eq!(list.code, Some(0));
    for rule in rules() {
        assert!(list.out.contains(&format!("{}  {}", rule.id, rule.name)), "{}", rule.id);
    }
}

#[test]
fn an_unknown_rule_is_answered_with_near_ones() {
    let answer = hookgate(&["explain", "HG702x"], "");
    assert_eq!(answer.code, Some(2));
    assert!(
        answer.err.contains("there is no rule `HG702x`; near it: HG702 (missing-reference)"),
        "{}",
        answer.err
    );
}

/// The manifest in a section of a page.
fn manifest(page: &str, section: &str) -> String {
    let (_, rest) = page.split_once(&format!("## {section}\n```yaml\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_examples_of_the_rules_about_clusters_do_what_their_pages_say() {
    let mut seen = 0;
    for rule in rules().iter().filter(|rule| rule.subject() == Subject::Manifest) {
        let page = rule.page();
        let found = lint(&["--format", "json", "-"], manifest(&page, "Example"));
        let found: serde_json::Value = serde_json::from_str(&found.out).unwrap();
        let findings = found["findings"].as_array().unwrap();
        assert!(!findings.is_empty(), "{}", rule.id);
        let id = rule.id.to_string();
        assert!(findings.iter().all(|finding| finding["rule"] == id.as_str()), "{findings:?}");
        let warns = page.contains("This is a warning");
        assert_eq!(found["denied"], !warns, "{}", rule.id);
        let instead = lint(&["-"], manifest(&page, "Use instead"));
        assert!(
            instead.code == Some(0) && instead.out.contains("nothing found"),
            "{}: {}",
            rule.id,
            instead.out
        );
        seen += 1;
    }
    assert_eq!(seen, 13);
}
