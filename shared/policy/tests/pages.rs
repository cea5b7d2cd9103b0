//! Every rule has a page, and the scripts on it do what the page says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_policy::{Policy, RuleInfo, Severity, Subject, check, check_machine_script, rules};

const SECTIONS: [&str; 5] =
    ["## What it finds", "## Why it is bad", "## Example", "## Use instead", "## Exceptions"];

/// The text of a section of a page.
fn section(page: &str, title: &str) -> String {
    let start = page.find(title).unwrap_or_else(|| panic!("no section {title} in:\n{page}")) + title.len();
    let rest = &page[start..];
    rest[..rest.find("\n## ").unwrap_or(rest.len())].trim().to_owned()
}

fn script(rule: &RuleInfo, title: &str) -> String {
    let text = section(&rule.page(), title);
    let (_, rest) =
        text.split_once("```bash\n").unwrap_or_else(|| panic!("{}: no script in {title}", rule.id));
    rest.split_once("```").unwrap().0.to_owned()
}

/// The examples of the rules about clusters are manifests: the command line's tests run them.
fn script_rules() -> impl Iterator<Item = &'static RuleInfo> {
    rules().iter().filter(|rule| rule.subject() == Subject::Script)
}

#[test]
fn every_page_is_whole() {
    assert!(!rules().is_empty());
    for rule in rules() {
        let page = rule.page();
        assert!(page.starts_with(&format!("# {}: ", rule.id)), "{page}");
        for title in SECTIONS {
            assert!(!section(&page, title).is_empty(), "{}: {title}", rule.id);
        }
    }
    assert!(rules().is_sorted_by_key(|rule| rule.id));
}

#[test]
fn examples_are_found_and_only_by_their_rule() {
    for rule in script_rules() {
        for profile in rule.profiles {
            let report = check(script(rule, "## Example").as_bytes(), &Policy::from(*profile));
            assert!(!report.findings().is_empty(), "{} in {profile}: nothing is found", rule.id);
            for finding in report.findings() {
                assert_eq!(finding.rule, rule.id, "in {profile}: {finding}");
            }
        }
    }
}

#[test]
fn what_to_use_instead_is_accepted() {
    for rule in script_rules() {
        let report = check(script(rule, "## Use instead").as_bytes(), &Policy::default());
        assert!(report.findings().is_empty(), "{}: {}", rule.id, report.findings()[0]);
    }
}

#[test]
fn the_examples_of_machine_scripts_do_what_their_pages_say() {
    let mut seen = 0;
    for rule in rules().iter().filter(|rule| rule.subject() == Subject::MachineScript) {
        for profile in rule.profiles {
            let report = check_machine_script(script(rule, "## Example").as_bytes(), &Policy::from(*profile));
            assert!(!report.findings().is_empty(), "{} in {profile}: nothing is found", rule.id);
            for finding in report.findings() {
                assert_eq!(finding.rule, rule.id, "in {profile}: {finding}");
                let warns = *profile == hookgate_policy::Profile::Privileged;
                assert_eq!(finding.severity == Severity::Warning, warns, "in {profile}: {finding}");
            }
        }
        let report =
            check_machine_script(script(rule, "## Use instead").as_bytes(), &Policy::for_machine_hooks());
        assert!(report.findings().is_empty(), "{}: {}", rule.id, report.findings()[0]);
        seen += 1;
    }
    assert_eq!(seen, 1);
}
