//! Programs that a policy adds to those that `restricted` allows: data, checked when it is made.
//!
//! Nothing is known about such a program but what its table says, so a call is read more narrowly than one of
//! the programs that Hookgate knows: each option is one word, spelled as it is declared.

use super::arguments::{Complaint, ComplaintKind};
use super::is_allowed_place;
use super::refused::refusal;
use super::values::is_number;
use crate::facts::{Numbers, is_single, known_prefix};
use hookgate_shell::ast::Word;
use std::collections::BTreeMap;

/// What an argument of an extra program may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArgumentKind {
    /// A text that is known when the script is read.
    Literal,
    /// A number with an optional unit, or a variable that is proven to hold one.
    Number,
    /// Any text that is one argument.
    Any,
    /// A file under `/tmp`, or `/dev/null` and its like, named by a literal.
    File,
}

/// Why a program cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtraProgramError {
    /// The name is not that of a program.
    #[error(
        "`{0}` is not the name of a program: use letters, digits and `_ . + -`, without a folder, at most 64 characters"
    )]
    Name(String),
    /// A hook must never get this program.
    #[error("`{name}` {reason}")]
    Refused {
        /// The program.
        name: String,
        /// Why, and what to do instead.
        reason: String,
    },
    /// An option is not spelled like one.
    #[error("`{0}` is not an option: write `-x` or `--long-name`")]
    Option(String),
}

/// A program that a policy adds, with its option table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraProgram {
    name: String,
    options: BTreeMap<String, Option<ArgumentKind>>,
    operands: Option<ArgumentKind>,
    accepts_double_dash: bool,
}

/// The longest name of a program, in characters.
const MAX_NAME: usize = 64;

impl ExtraProgram {
    /// A program that may be called without arguments.
    ///
    /// # Errors
    /// It is not a name, or the name of a program that a hook must never get.
    pub fn new(name: &str) -> Result<Self, ExtraProgramError> {
        let character = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+' | b'-');
        let is_name = name.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
            && name.len() <= MAX_NAME
            && name.bytes().all(character);
        if !is_name {
            return Err(ExtraProgramError::Name(name.to_owned()));
        }
        if let Some(reason) = refusal(name) {
            return Err(ExtraProgramError::Refused { name: name.to_owned(), reason });
        }
        let name = name.to_owned();
        Ok(Self { name, options: BTreeMap::new(), operands: None, accepts_double_dash: false })
    }

    /// Allows an option, `-x` or `--long-name`; with a value of that kind, or without one.
    ///
    /// # Errors
    /// It is not spelled like an option.
    pub fn with_option(
        mut self,
        option: &str,
        value: Option<ArgumentKind>,
    ) -> Result<Self, ExtraProgramError> {
        let is_short = |rest: &str| matches!(rest.as_bytes(), [letter] if letter.is_ascii_alphanumeric());
        let is_long = |rest: &str| {
            rest.len() > 1
                && rest.len() <= MAX_NAME
                && rest.as_bytes()[0].is_ascii_alphanumeric()
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let is_option = match option.strip_prefix("--") {
            Some(rest) => is_long(rest),
            None => option.strip_prefix('-').is_some_and(is_short),
        };
        if !is_option {
            return Err(ExtraProgramError::Option(option.to_owned()));
        }
        self.options.insert(option.to_owned(), value);
        Ok(self)
    }

    /// Allows operands of that kind.
    #[must_use]
    pub fn with_operands(mut self, operands: Option<ArgumentKind>) -> Self {
        self.operands = operands;
        self
    }

    /// Says that the program takes `--` for the end of its options, so that an operand that is expanded can
    /// never be one.
    #[must_use]
    pub fn with_double_dash(mut self, accepts: bool) -> Self {
        self.accepts_double_dash = accepts;
        self
    }

    /// The name by which it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn options(&self) -> String {
        let options: Vec<&str> = self.options.keys().map(String::as_str).collect();
        if options.is_empty() { "no option".to_owned() } else { options.join(" ") }
    }
}

/// Checks the arguments of a program that a policy has added.
pub(crate) fn check_extra_call(
    program: &ExtraProgram,
    arguments: &[Word],
    numbers: &Numbers<'_>,
) -> Vec<Complaint> {
    let mut call = Call { program, numbers, complaints: Vec::new() };
    call.arguments(arguments);
    call.complaints
}

/// Which arguments may still come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Options, `--` and operands.
    Options,
    /// Operands that don't begin like an option.
    Operands,
    /// Operands after `--`.
    Ended,
}

struct Call<'a, 'f> {
    program: &'a ExtraProgram,
    numbers: &'a Numbers<'f>,
    complaints: Vec<Complaint>,
}

impl Call<'_, '_> {
    fn complain(&mut self, kind: ComplaintKind, word: &Word, message: String) {
        self.complaints.push(Complaint { kind, span: word.span, message });
    }

    fn arguments(&mut self, arguments: &[Word]) {
        let mut stage = Stage::Options;
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let (prefix, literal) = (known_prefix(word), word.literal());
            let like_option = prefix.starts_with('-') && (prefix.len() > 1 || literal.is_none());
            match stage {
                Stage::Ended => self.operand(word, true),
                Stage::Options if literal.as_deref() == Some("--") && self.program.accepts_double_dash => {
                    stage = Stage::Ended;
                }
                Stage::Options if like_option => self.option(word, &prefix, &mut words),
                Stage::Operands if like_option => {
                    let name = &self.program.name;
                    let message = format!("options of `{name}` must stand before its operands");
                    self.complain(ComplaintKind::Option, word, message);
                }
                Stage::Options | Stage::Operands => {
                    stage = Stage::Operands;
                    self.operand(word, false);
                }
            }
        }
    }

    fn option<'w>(&mut self, word: &Word, prefix: &str, rest: &mut impl Iterator<Item = &'w Word>) {
        let program = self.program;
        let literal = word.literal();
        if let Some(kind) = literal.as_deref().and_then(|text| program.options.get(text)) {
            match (kind, kind.and_then(|_| rest.next())) {
                (None, _) => {}
                (Some(kind), Some(value)) => self.value(*kind, value, 0),
                (Some(_), None) => {
                    let message = format!("the option `{prefix}` of `{}` lacks its value", program.name);
                    self.complain(ComplaintKind::Option, word, message);
                }
            }
            return;
        }
        // `--name=value`
        let attached = prefix.split_once('=').filter(|(name, _)| name.starts_with("--"));
        if let Some((name, _)) = attached
            && let Some(Some(kind)) = program.options.get(name)
        {
            self.value(*kind, word, name.len() + 1);
            return;
        }
        let shown = crate::context::shorten(prefix.split('=').next().unwrap_or_default());
        let message = format!(
            "`{}` with the option `{shown}` is not allowed; the policy gives it {}, one word each",
            program.name,
            program.options()
        );
        self.complain(ComplaintKind::Option, word, message);
    }

    fn operand(&mut self, word: &Word, ended: bool) {
        let name = &self.program.name;
        let Some(kind) = self.program.operands else {
            let message = format!("the policy allows `{name}` no operands");
            self.complain(ComplaintKind::Option, word, message);
            return;
        };
        let may_be_option = !ended && word.literal().is_none() && known_prefix(word).is_empty();
        if may_be_option && matches!(kind, ArgumentKind::Any | ArgumentKind::Number) {
            let message = if self.program.accepts_double_dash {
                format!("an operand of `{name}` that is expanded could be an option: put `--` before it")
            } else {
                format!("an operand of `{name}` that is expanded could be an option: write it as a literal")
            };
            self.complain(ComplaintKind::Option, word, message);
            return;
        }
        self.value(kind, word, 0);
    }

    /// Checks a value or operand that begins at byte `skip` of the known text of a word.
    fn value(&mut self, kind: ArgumentKind, word: &Word, skip: usize) {
        let name = &self.program.name;
        let literal = word.literal();
        let text = literal.as_deref().and_then(|text| text.get(skip..));
        let refused = match kind {
            ArgumentKind::Literal => {
                text.is_none().then(|| format!("this argument of `{name}` must be a literal"))
            }
            ArgumentKind::Number => (!is_number(word, skip, self.numbers))
                .then(|| format!("this argument of `{name}` must be a number, or proven to be one")),
            ArgumentKind::Any => (!is_single(word))
                .then(|| format!("quote this argument of `{name}`: it must be one argument")),
            ArgumentKind::File => {
                if !text.is_some_and(|path| path == "-" || is_allowed_place(path)) {
                    let message =
                        format!("`{name}` may only open files under /tmp that are named by a literal");
                    self.complain(ComplaintKind::File, word, message);
                }
                None
            }
        };
        if let Some(message) = refused {
            self.complain(ComplaintKind::Option, word, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policy, check};

    fn policy() -> Policy {
        let program = ExtraProgram::new("numfmt")
            .and_then(|program| program.with_option("--to", Some(ArgumentKind::Literal)))
            .and_then(|program| program.with_option("--padding", Some(ArgumentKind::Number)))
            .and_then(|program| program.with_option("-d", Some(ArgumentKind::Any)))
            .and_then(|program| program.with_option("--file", Some(ArgumentKind::File)))
            .and_then(|program| program.with_option("-z", None))
            .unwrap()
            .with_operands(Some(ArgumentKind::Any))
            .with_double_dash(true);
        let bare = ExtraProgram::new("sync").unwrap();
        let programs = [program, bare].map(|program| (program.name().to_owned(), program));
        Policy { programs: programs.into(), ..Policy::default() }
    }

    fn rules(line: &str) -> Vec<String> {
        let script = format!("pre_upgrade() {{\n    {line}\n}}\npost_upgrade() {{ :; }}\n");
        let report = check(script.as_bytes(), &policy());
        report.findings().iter().map(|finding| finding.rule.to_string()).collect()
    }

    #[test]
    fn what_the_table_has_is_allowed() {
        for line in [
            "sync",
            "numfmt 1024",
            "numfmt -z --to iec 1024",
            "numfmt --to=iec --padding=8 1024",
            "numfmt --padding $(( 4 * 2 )) 1",
            "numfmt -d \"$1\" -- \"$1\"",
            "numfmt \"x$1\"",
            "numfmt --file=/tmp/numbers",
            "numfmt --file -",
            "echo 1 | numfmt",
            "timeout 5 numfmt --to=iec 1024",
            "LC_ALL=C numfmt 1",
        ] {
            assert_eq!(rules(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for (line, rule) in [
            ("sync /tmp", "HG207"),
            ("sync -f", "HG207"),
            ("sync -- x", "HG207"),
            ("numfmt --invalid=warn 1", "HG207"),
            ("numfmt -zd x 1", "HG207"),
            ("numfmt -dx 1", "HG207"),
            ("numfmt --t=iec 1", "HG207"),
            ("numfmt -z=1", "HG207"),
            ("numfmt --to \"$1\" 1", "HG207"),
            ("numfmt --to=$1 1", "HG207"),
            ("numfmt --padding=\"$1\" 1", "HG207"),
            ("numfmt --padding", "HG207"),
            ("numfmt \"$1\"", "HG207"),
            ("numfmt \"-$1\"", "HG207"),
            ("numfmt -- $1", "HG207"),
            ("numfmt 1 -z", "HG207"),
            ("numfmt --file=/etc/passwd", "HG303"),
            ("numfmt --file \"/tmp/$1\"", "HG303"),
            ("/usr/bin/numfmt 1", "HG202"),
            ("timeout 5 numfmt --invalid=warn 1", "HG207"),
            ("x=numfmt; $x 1", "HG203"),
            ("numfmt2 1", "HG202"),
        ] {
            assert!(rules(line).contains(&rule.to_owned()), "{line}: {:?}", rules(line));
        }
    }

    #[test]
    fn a_function_must_not_have_the_name_of_an_extra_program() {
        let script = b"numfmt() { :; }\npre_upgrade() { numfmt; }\npost_upgrade() { :; }\n";
        let rules = |policy: &Policy| {
            let report = check(script, policy);
            report.findings().iter().map(|finding| finding.rule.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(rules(&Policy::default()), [""; 0]);
        assert_eq!(rules(&policy()), ["HG106"]);
    }

    #[test]
    fn names_and_options_are_checked_when_the_table_is_made() {
        for name in ["", "a/b", "/bin/x", "-x", "a b", "ä", "$x", &"x".repeat(65)] {
            assert_eq!(ExtraProgram::new(name), Err(ExtraProgramError::Name(name.to_owned())));
        }
        let program = ExtraProgram::new("numfmt").unwrap();
        for option in ["", "-", "--", "x", "-xy", "---x", "--x", "--a=b", "-=", "--ä"] {
            let error = program.clone().with_option(option, None).unwrap_err();
            assert_eq!(error, ExtraProgramError::Option(option.to_owned()));
        }
    }
}
