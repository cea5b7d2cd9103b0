//! Programs that no policy can add: with them the promise of `restricted` would be void.

use crate::tables::{ALLOWED_PROGRAMS, BUILTINS, Class, KEYWORDS, meaning};

/// Clients of the database: their SQL would pass by the rules for SQL.
pub(crate) const DATABASE_CLIENTS: &[&str] = &[
    "mariadb",
    "mysqladmin",
    "mysqlbinlog",
    "mysqlcheck",
    "mysqldump",
    "mysqlimport",
    "mysqlpump",
    "mysqlsh",
    "mysqlshow",
    "mysqlslap",
    "mycli",
];

/// Programs that run others and are seldom thought of for that; the others stand in the table of wrappers.
const RUNNERS: &[&str] = &[
    "bwrap",
    "capsh",
    "cgexec",
    "chpst",
    "daemonize",
    "dumb-init",
    "fakeroot",
    "firejail",
    "gosu",
    "ld.so",
    "ldd",
    "less",
    "ltrace",
    "man",
    "more",
    "numactl",
    "perf",
    "proot",
    "rlwrap",
    "run-parts",
    "runcon",
    "screen",
    "script",
    "start-stop-daemon",
    "su-exec",
    "tini",
    "tmux",
    "valgrind",
];

/// Interpreters beyond those that have a rule of their own.
const INTERPRETERS: &[&str] = &[
    "bun",
    "deno",
    "elixir",
    "erl",
    "gnuplot",
    "guile",
    "irb",
    "julia",
    "ocaml",
    "octave",
    "osascript",
    "pwsh",
    "pypy",
    "R",
    "Rscript",
    "sqlite3",
    "ts-node",
];

/// Why a hook must never get a program; `None` when a policy may add it.
pub(super) fn refusal(name: &str) -> Option<String> {
    let named = |list: &[&str]| is_named(name, list);
    let reason = if ALLOWED_PROGRAMS.contains(&name) {
        "is allowed already, with an option table that a policy cannot widen: leave it out"
    } else if BUILTINS.contains(&name) || KEYWORDS.contains(&name) {
        "is part of bash itself: a policy can add programs only"
    } else if named(DATABASE_CLIENTS) {
        "would send SQL past the rules for SQL: hooks use mysql"
    } else if meaning(name).wrapper.is_some() || named(RUNNERS) || name.starts_with("ld-linux") {
        "runs other programs, so nothing that a hook runs could be known: add the programs themselves"
    } else if named(INTERPRETERS) {
        INTERPRETER
    } else {
        match meaning(name).class.or_else(|| meaning(without_version(name)).class)? {
            Class::Cluster | Class::Machine => {
                "steers the cluster, containers or the machine, which is privilege escalation in a hook"
            }
            Class::Network | Class::Packages => {
                "talks to other machines: a hook's only connection is the one to the FE"
            }
            Class::Interpreter | Class::Evaluation => INTERPRETER,
        }
    };
    Some(format!("can't be added: it {reason}"))
}

const INTERPRETER: &str =
    "runs text as code, so everything could be done through it: write it in the script itself";

fn is_named(name: &str, list: &[&str]) -> bool {
    list.contains(&name) || list.contains(&without_version(name))
}

/// `python3.11` is `python`.
pub(crate) fn without_version(name: &str) -> &str {
    name.trim_end_matches(|character: char| character.is_ascii_digit() || matches!(character, '.' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_void_the_promise_is_refused_with_its_reason() {
        for (name, reason) in [
            ("bash", "runs text as code"),
            ("python3.11", "runs text as code"),
            ("perl5.36", "runs text as code"),
            ("lua5.4", "runs text as code"),
            ("Rscript", "runs text as code"),
            ("xargs", "runs other programs"),
            ("env", "runs other programs"),
            ("find", "runs other programs"),
            ("ld-linux-x86-64.so.2", "runs other programs"),
            ("tmux", "runs other programs"),
            ("curl", "talks to other machines"),
            ("kubectl", "privilege escalation"),
            ("mysqldump", "past the rules for SQL"),
            ("awk", "is allowed already"),
            ("eval", "part of bash itself"),
            ("while", "part of bash itself"),
        ] {
            let refusal = refusal(name).unwrap_or_default();
            assert!(refusal.contains(reason), "{name}: {refusal}");
        }
    }

    #[test]
    fn plain_tools_can_be_added() {
        for name in ["numfmt", "sync", "md5sum", "sha256sum", "comm", "paste", "b2sum", "base64", "7z"] {
            assert_eq!(refusal(name), None, "{name}");
        }
    }
}
