//! What may be a number is accepted with a warning, which says that a test is missing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_policy::{Policy, Severity, check};

/// The rules that a script breaks whose variable `n` is given the output of a pipeline and compared.
fn findings(pipeline: &str) -> Vec<(String, Severity)> {
    let script = format!(
        "pre_upgrade() {{\n    local n; n=$({pipeline})\n    (( n > 1 ))\n}}\npost_upgrade() {{ :; }}\n"
    );
    let report = check(script.as_bytes(), &Policy::default());
    report.findings().iter().map(|found| (found.rule.to_string(), found.severity)).collect()
}

#[test]
fn what_yields_numbers_is_warned_about() {
    for pipeline in [
        "$MYSQL_CMD -NBe 'SELECT count(*) FROM information_schema.tables'",
        "$MYSQL_CMD -NBe 'SELECT count(*) FROM information_schema.tables' || echo 0",
        "$MYSQL_CMD -NBe 'SHOW BACKENDS' | awk -F '\\t' '$9 == \"true\" { n++ } END { print n + 0 }'",
        "$MYSQL_CMD -NBe 'SHOW BACKENDS' | awk '{ s += $5 } END { print s }'",
        "awk 'END { print NR - 1 }' /tmp/rows",
        "grep -c a /tmp/rows || echo 0",
    ] {
        assert_eq!(findings(pipeline), [("HG212".to_owned(), Severity::Warning)], "{pipeline}");
    }
}

#[test]
fn what_is_a_number_in_any_case_is_not() {
    for pipeline in ["grep -c a /tmp/rows", "grep -c a /tmp/rows || true", "wc -l < /tmp/rows || return 1"] {
        assert_eq!(findings(pipeline), [], "{pipeline}");
    }
}

#[test]
fn what_may_be_a_text_is_an_error() {
    for pipeline in [
        "$MYSQL_CMD -NBe 'SHOW BACKENDS' | awk '{ print $9 }'",
        "$MYSQL_CMD -NBe 'SHOW BACKENDS' | awk '/a/; END { print NR }'",
        "$MYSQL_CMD -NBe 'SHOW BACKENDS' | awk '{ print $9 + 0; print $1 }'",
        "awk 'END { print NR }' /tmp/rows 2>&1",
        "grep -c a /tmp/rows || cat /tmp/rows",
        "grep -c a /tmp/rows || true < /tmp/rows",
    ] {
        assert_eq!(findings(pipeline), [("HG211".to_owned(), Severity::Error)], "{pipeline}");
    }
}
