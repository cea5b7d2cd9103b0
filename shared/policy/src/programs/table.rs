//! The option tables of the programs.

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    /// Any text that is one argument.
    Any,
    /// A text that is known when it is read.
    Literal,
    /// A number with an optional unit, or a name that is a proven number.
    Number,
    /// An awk program's variable: `name=value`.
    AwkVariable,
    /// A sed script.
    SedScript,
    /// A date, which must not name a time zone's file.
    Date,
}

/// What the arguments that are no options are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operands {
    /// Anything: the program opens none of them.
    Any,
    /// Numbers with an optional unit.
    Numbers,
    /// At most so many files.
    Files(usize),
    /// A pattern, unless an option gave it, then files.
    PatternAndFiles,
    /// An awk program, then files.
    AwkProgramAndFiles,
    /// A sed script, unless an option gave it, then files.
    SedScriptAndFiles,
    /// `+FORMAT`
    DateFormat,
    /// A duration, then a command.
    Command,
    /// Judged by rules of its own.
    Elsewhere,
}

/// A program and its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    /// The short options without a value; they may be bundled.
    pub(crate) flags: &'static str,
    /// The short options with a value.
    pub(crate) valued: &'static [(char, Value)],
    /// The long options without a value.
    pub(crate) long: &'static [&'static str],
    /// The long options with a value.
    pub(crate) long_valued: &'static [(&'static str, Value)],
    /// Whether `-N` is a number of lines.
    pub(crate) numeric: bool,
    /// Whether options may be ended by `--`.
    pub(crate) dashes: bool,
    pub(crate) operands: Operands,
}

const BASE: Program = Program {
    name: "",
    flags: "",
    valued: &[],
    long: &[],
    long_valued: &[],
    numeric: false,
    dashes: true,
    operands: Operands::Any,
};

/// Any number of files.
const FILES: Operands = Operands::Files(usize::MAX);

/// The programs that `restricted` allows.
pub(crate) const PROGRAMS: &[Program] = &[
    Program { name: "mysql", operands: Operands::Elsewhere, ..BASE },
    Program {
        name: "awk",
        valued: &[('F', Value::Literal), ('v', Value::AwkVariable)],
        dashes: false,
        operands: Operands::AwkProgramAndFiles,
        ..BASE
    },
    Program {
        name: "sed",
        flags: "nEr",
        valued: &[('e', Value::SedScript)],
        dashes: false,
        operands: Operands::SedScriptAndFiles,
        ..BASE
    },
    Program {
        name: "grep",
        flags: "cviwxqonhsEF",
        valued: &[
            ('e', Value::Any),
            ('m', Value::Number),
            ('A', Value::Number),
            ('B', Value::Number),
            ('C', Value::Number),
        ],
        long: &[
            "count",
            "invert-match",
            "ignore-case",
            "word-regexp",
            "line-regexp",
            "quiet",
            "silent",
            "only-matching",
            "line-number",
            "no-filename",
            "no-messages",
            "extended-regexp",
            "fixed-strings",
        ],
        long_valued: &[
            ("regexp", Value::Any),
            ("max-count", Value::Number),
            ("after-context", Value::Number),
            ("before-context", Value::Number),
            ("context", Value::Number),
        ],
        operands: Operands::PatternAndFiles,
        ..BASE
    },
    Program {
        name: "cut",
        flags: "s",
        valued: &[('d', Value::Any), ('f', Value::Any), ('c', Value::Any), ('b', Value::Any)],
        long: &["complement", "only-delimited"],
        long_valued: &[
            ("output-delimiter", Value::Any),
            ("delimiter", Value::Any),
            ("fields", Value::Any),
            ("characters", Value::Any),
            ("bytes", Value::Any),
        ],
        operands: FILES,
        ..BASE
    },
    Program {
        name: "tr",
        flags: "dsc",
        long: &["delete", "squeeze-repeats", "complement"],
        operands: Operands::Any,
        ..BASE
    },
    Program {
        name: "head",
        valued: &[('n', Value::Number), ('c', Value::Number)],
        long_valued: &[("lines", Value::Number), ("bytes", Value::Number)],
        numeric: true,
        operands: FILES,
        ..BASE
    },
    Program {
        name: "tail",
        valued: &[('n', Value::Number), ('c', Value::Number)],
        long_valued: &[("lines", Value::Number), ("bytes", Value::Number)],
        numeric: true,
        operands: FILES,
        ..BASE
    },
    Program {
        name: "wc",
        flags: "lwcm",
        long: &["lines", "words", "bytes", "chars"],
        operands: FILES,
        ..BASE
    },
    Program {
        name: "sort",
        flags: "rnufbhVgs",
        valued: &[('k', Value::Literal), ('t', Value::Literal)],
        long: &[
            "reverse",
            "numeric-sort",
            "unique",
            "ignore-case",
            "ignore-leading-blanks",
            "human-numeric-sort",
            "version-sort",
            "general-numeric-sort",
            "stable",
        ],
        long_valued: &[("key", Value::Literal), ("field-separator", Value::Literal)],
        operands: FILES,
        ..BASE
    },
    Program {
        name: "uniq",
        flags: "cdui",
        valued: &[('f', Value::Number), ('s', Value::Number), ('w', Value::Number)],
        long: &["count", "repeated", "unique", "ignore-case"],
        long_valued: &[
            ("skip-fields", Value::Number),
            ("skip-chars", Value::Number),
            ("check-chars", Value::Number),
        ],
        operands: Operands::Files(1),
        ..BASE
    },
    Program {
        name: "seq",
        flags: "w",
        valued: &[('s', Value::Any), ('f', Value::Literal)],
        long: &["equal-width"],
        long_valued: &[("separator", Value::Any), ("format", Value::Literal)],
        operands: Operands::Any,
        ..BASE
    },
    Program {
        name: "date",
        flags: "u",
        valued: &[('d', Value::Date)],
        long: &["utc", "universal"],
        long_valued: &[("date", Value::Date)],
        dashes: false,
        operands: Operands::DateFormat,
        ..BASE
    },
    Program { name: "sleep", dashes: false, operands: Operands::Numbers, ..BASE },
    Program { name: "expr", operands: Operands::Any, ..BASE },
    Program { name: "basename", operands: Operands::Any, ..BASE },
    Program { name: "dirname", operands: Operands::Any, ..BASE },
    Program {
        name: "cat",
        flags: "nsA",
        long: &["number", "squeeze-blank", "show-all"],
        operands: FILES,
        ..BASE
    },
    Program {
        name: "timeout",
        valued: &[('k', Value::Number)],
        dashes: false,
        operands: Operands::Command,
        ..BASE
    },
];
