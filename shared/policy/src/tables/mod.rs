//! Names that mean something: builtins, programs, and commands that run other commands.

mod programs;
mod wrappers;

#[cfg(test)]
pub(crate) use programs::{CLUSTER_TOOLS, INTERPRETERS, NETWORK_CLIENTS};
pub(crate) use programs::{Class, Meaning, meaning};
pub(crate) use wrappers::{Wrapper, WrapperShape};

/// The builtins of bash 5.2, without those that the others here contain.
pub(crate) const BUILTINS: &[&str] = &[
    ".",
    ":",
    "[",
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "cd",
    "command",
    "compgen",
    "complete",
    "compopt",
    "continue",
    "declare",
    "dirs",
    "disown",
    "echo",
    "enable",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fc",
    "fg",
    "getopts",
    "hash",
    "help",
    "history",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "wait",
];

/// The reserved words of bash.
pub(crate) const KEYWORDS: &[&str] = &[
    "!", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if",
    "in", "select", "then", "time", "until", "while", "{", "}",
];

/// The builtins that `restricted` allows; `set` and `trap` have rules of their own.
pub(crate) const ALLOWED_BUILTINS: &[&str] = &[
    ":",
    "true",
    "false",
    "echo",
    "printf",
    "test",
    "[",
    "return",
    "exit",
    "break",
    "continue",
    "shift",
    "local",
    "declare",
    "readonly",
    "unset",
    "read",
    "mapfile",
    "readarray",
    "type",
    "getopts",
    "exec",
    "set",
    "trap",
];

/// Those of [`ALLOWED_BUILTINS`] whose arguments are checked.
pub(crate) const CHECKED_BUILTINS: &[&str] = &[
    "declare",
    "local",
    "readonly",
    "unset",
    "printf",
    "read",
    "mapfile",
    "readarray",
    "getopts",
    "test",
    "[",
    "type",
    "exec",
    "set",
];

/// The programs that `restricted` allows.
pub(crate) const ALLOWED_PROGRAMS: &[&str] = &[
    "mysql", "awk", "sed", "grep", "cut", "tr", "head", "tail", "wc", "sort", "uniq", "seq", "date", "sleep",
    "expr", "basename", "dirname", "cat", "timeout",
];
