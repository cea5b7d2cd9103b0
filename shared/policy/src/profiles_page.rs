//! The lists and examples of `docs/profiles.md` are those of the code.
//!
//! `HOOKGATE_WRITE_PAGES=1 cargo test -p hookgate-policy --lib profiles_page` writes the lists anew.

use crate::programs::{Operands, PROGRAMS, Program, Value};
use crate::{Policy, Severity, check, check_sql, mysql, reserved, sql, tables};
use std::path::PathBuf;

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/profiles.md")
}

fn page() -> String {
    std::fs::read_to_string(file()).unwrap()
}

fn code<T: AsRef<str>>(names: &[T]) -> String {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(" ")
}

fn value(value: Value) -> &'static str {
    match value {
        Value::Any => "TEXT",
        Value::Literal => "LITERAL",
        Value::Number => "N",
        Value::AwkVariable => "NAME=VALUE",
        Value::SedScript => "SCRIPT",
        Value::Date => "LITERAL",
    }
}

fn operands(operands: Operands) -> &'static str {
    match operands {
        Operands::Any => "any; it opens none of them",
        Operands::Numbers => "numbers with an optional unit",
        Operands::Files(1) => "at most one file",
        Operands::Files(_) => "files",
        Operands::PatternAndFiles => "a pattern, files",
        Operands::AwkProgramAndFiles => "a program, files",
        Operands::SedScriptAndFiles => "a script, files",
        Operands::DateFormat => "`+FORMAT`",
        Operands::Command => "a duration, a command",
        Operands::Elsewhere => "[see below](#mysql)",
    }
}

fn row(program: &Program) -> String {
    let mut options: Vec<String> = program.flags.chars().map(|flag| format!("-{flag}")).collect();
    options.extend(program.valued.iter().map(|(flag, kind)| format!("-{flag} {}", value(*kind))));
    options.extend(program.long.iter().map(|name| format!("--{name}")));
    options.extend(program.long_valued.iter().map(|(name, kind)| format!("--{name}={}", value(*kind))));
    if program.numeric {
        options.push("-N".to_owned());
    }
    format!("| `{}` | {} | {} |\n", program.name, code(&options), operands(program.operands))
}

/// The generated parts, by their names.
fn parts() -> Vec<(&'static str, String)> {
    let builtins: Vec<&str> = tables::ALLOWED_BUILTINS.iter().copied().chain(["[[ ]]", "(( ))"]).collect();
    let programs: String = PROGRAMS.iter().map(row).collect();
    let flags: Vec<String> =
        mysql::FLAGS.chars().filter(|flag| *flag != 'e').map(|flag| format!("-{flag}")).collect();
    let prefixes: Vec<String> =
        reserved::RESERVED_PREFIXES.iter().map(|prefix| format!("{prefix}*")).collect();
    let denied = [
        ("HG201", "steer the cluster or containers, or act with other rights", tables::CLUSTER_TOOLS),
        ("HG301", "talk to other machines", tables::NETWORK_CLIENTS),
        ("HG205", "run text as code", tables::INTERPRETERS),
    ];
    let denied: String = denied
        .iter()
        .map(|(rule, what, names)| format!("| [{rule}](rules/{rule}.md) | {what} | {} |\n", code(names)))
        .collect();
    vec![
        ("builtins", code(&builtins) + "\n"),
        ("programs", format!("| Program | Options | Operands |\n|---|---|---|\n{programs}")),
        ("reserved", format!("{} {}\n", code(reserved::RESERVED_VARIABLES), code(&prefixes))),
        (
            "mysql",
            format!("{} {}, the short ones bundled as well (`-NBe`).\n", code(&flags), code(mysql::LONG)),
        ),
        ("settings", code(sql::KEYS) + "\n"),
        ("denied", format!("| Rule | They | Programs |\n|---|---|---|\n{denied}")),
    ]
}

#[test]
fn the_lists_are_current() {
    let before = page();
    let mut text = before.clone();
    for (name, part) in parts() {
        let mark = format!("<!-- generated: {name} -->\n");
        let start = text.find(&mark).unwrap_or_else(|| panic!("no place for {name}")) + mark.len();
        let end = start + text[start..].find("<!-- end -->").unwrap();
        text.replace_range(start..end, &part);
    }
    assert_eq!(text.matches("<!-- generated: ").count(), parts().len());
    if std::env::var_os("HOOKGATE_WRITE_PAGES").is_some() {
        std::fs::write(file(), &text).unwrap();
    } else {
        assert_eq!(before, text, "docs/profiles.md is not current: write it with HOOKGATE_WRITE_PAGES=1");
    }
}

/// The texts in backticks of a table's cell.
fn spans(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(|code| code.replace("\\|", "|")).collect()
}

/// The rows below each header.
fn tables_under<'a>(page: &'a str, header: &str) -> Vec<Vec<&'a str>> {
    let mark = format!("{header}\n");
    let after = page.split(mark.as_str()).skip(1);
    after.map(|rest| rest.lines().skip(1).take_while(|line| line.starts_with('|')).collect()).collect()
}

#[test]
fn the_examples_do_what_the_page_says() {
    let page = page();
    let judge = |line: &str| {
        let script = format!("pre_upgrade() {{\n    {line}\n}}\npost_upgrade() {{ :; }}\n");
        check(script.as_bytes(), &Policy::default())
    };
    let mut seen = 0;
    for row in tables_under(&page, "| Accepted | Refused |").concat() {
        let (accepted, refused) = row.split_once("` | `").unwrap();
        for line in spans(&format!("{accepted}`")) {
            let report = judge(&line);
            assert!(!report.is_denied(), "{line}: {}", report.findings()[0]);
            seen += 1;
        }
        for line in spans(&format!("`{refused}")) {
            assert!(judge(&line).is_denied(), "{line}");
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn the_statements_are_allowed_and_refused_as_the_page_says() {
    let page = page();
    let [allowed, refused] = tables_under(&page, "| Statement |").try_into().unwrap();
    assert!(allowed.len() >= 26 && refused.len() >= 13);
    for statement in allowed.iter().flat_map(|row| spans(row)) {
        assert_eq!(check_sql(&statement, &Policy::default()), None, "{statement}");
    }
    for statement in refused.iter().flat_map(|row| spans(row)) {
        let severity = check_sql(&statement, &Policy::default()).map(|finding| finding.severity);
        assert_eq!(severity, Some(Severity::Error), "{statement}");
    }
}
