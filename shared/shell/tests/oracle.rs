#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

//! `bash -n` as the oracle: what it accepts we accept, apart from the refusals that are written down here.

use std::io::Write;
use std::process::{Command, Stdio};

fn bash_accepts(script: &str) -> bool {
    let mut child = Command::new("bash")
        .args(["--norc", "-n"])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash is needed for these tests: install it");
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    child.wait_with_output().unwrap().status.success()
}

fn cases(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n----\n").map(|case| case.strip_suffix("\n----").unwrap_or(case))
}

#[test]
fn accepts_what_bash_accepts() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for case in cases(include_str!("accepted.txt")) {
        if !bash_accepts(case) {
            wrong.push(format!("bash rejects:\n{case}"));
        }
        if let Err(error) = hookgate_shell::parse(case.as_bytes()) {
            wrong.push(format!("{error}:\n{case}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n----\n"));
    assert!(count > 100, "only {count} cases were read");
}

#[test]
fn rejects_what_bash_rejects() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for case in cases(include_str!("rejected.txt")) {
        if bash_accepts(case) {
            wrong.push(format!("bash accepts:\n{case}"));
        }
        if hookgate_shell::parse(case.as_bytes()).is_ok() {
            wrong.push(format!("accepted:\n{case}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n----\n"));
    assert!(count > 40, "only {count} cases were read");
}

/// For these `bash -n` prints an error or nothing and exits with 0; running them fails.
#[test]
fn rejects_conditions_that_are_none() {
    for script in ["[[ a b ]]", "[[ ]]", "[[ a && ]]", "[[ a == ]]"] {
        assert!(hookgate_shell::parse(script.as_bytes()).is_err(), "accepted: {script}");
    }
}

/// The deliberate refusals: bash accepts these, at least in one version or with one option.
#[test]
fn refuses_by_name() {
    use hookgate_shell::ErrorKind as Kind;
    let table: &[(&str, Kind)] = &[
        ("(( a ) )", Kind::AmbiguousParentheses),
        ("((echo a); echo b)", Kind::AmbiguousParentheses),
        ("echo $((echo a); echo b)", Kind::AmbiguousParentheses),
        ("shopt -s expand_aliases", Kind::AliasDependent),
        ("set -o posix", Kind::AliasDependent),
        ("cat <<$X\n$X\n", Kind::HereDocumentDelimiter),
        ("cat <<E$[\n\t\t", Kind::HereDocumentDelimiter),
        ("echo $(cat <<E\nfoo\nE)", Kind::AmbiguousHereDocument),
        ("echo $(cat <<E)\nfoo\nE\n", Kind::AmbiguousHereDocument),
        ("cat <<E $(echo a\necho b)\nbody\nE\n", Kind::AmbiguousHereDocument),
        ("cat <<E\na\\\nE\nE\n", Kind::AmbiguousHereDocument),
        ("cat <<E\n${x:-\"a\"}\nE\n", Kind::AmbiguousQuote),
        ("echo \"${x/a/'b'}\"", Kind::AmbiguousQuote),
        ("echo \"`echo \\\"a\\\"`\"", Kind::AmbiguousQuote),
        ("a[1 + 2]", Kind::AmbiguousSubscript),
        ("declare a[0]=1", Kind::AmbiguousSubscript),
        ("echo $'\\xff'", Kind::UndecodableText),
        ("echo $'a\\0b'", Kind::UndecodableText),
        ("echo a 12345>b", Kind::InvalidFileDescriptor),
        ("for 1a in b; do :; done", Kind::InvalidName { found: "1a".to_owned() }),
    ];
    for (script, kind) in table {
        let error = hookgate_shell::parse(script.as_bytes()).expect_err(script);
        assert_eq!(&error.kind, kind, "{script}");
        assert!(!error.help().is_empty());
    }
    for script in ["echo @(a|b)", "case x in +(a)) :;; esac"] {
        let error = hookgate_shell::parse(script.as_bytes()).expect_err(script);
        assert_eq!(error.kind, Kind::ExtendedGlob, "{script}");
    }
}
