//! A call checked against the table of its program.

use super::table::{Operands, Program, Value};
use super::values::{awk_variable, is_number};
use super::{Allowed, is_allowed_path};
use crate::Policy;
use crate::facts::{Numbers, is_decimal, is_mysql_variable, is_single, known_prefix};
use hookgate_shell::ast::{Span, Word};

/// What is wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) kind: ComplaintKind,
    pub(crate) span: Span,
    pub(crate) message: String,
}

/// The rule that a complaint belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ComplaintKind {
    /// An option or operand.
    Option,
    /// A file.
    File,
    /// An awk program.
    Awk,
    /// A sed script.
    Sed,
}

/// Checks the arguments of a program that is on the list, and of the programs that it starts.
pub(super) fn check_call(
    program: Allowed<'_>,
    arguments: &[Word],
    numbers: &Numbers<'_>,
    policy: &Policy,
) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut next = Some((program, arguments));
    // A loop, because a script may say `timeout 1 timeout 1 …` to any depth.
    while let Some((program, arguments)) = next.take() {
        match program {
            Allowed::Extra(program) => {
                complaints.extend(super::extra::check_extra_call(program, arguments, numbers));
            }
            Allowed::Known(program) if program.operands == Operands::Elsewhere || program.name == "expr" => {}
            Allowed::Known(program) => {
                let mut call = Call { program, numbers, policy, complaints, operands: 0, given: false };
                next = call.arguments(arguments);
                complaints = call.complaints;
            }
        }
    }
    complaints
}

/// A program that another one starts, and its arguments.
type Started<'a, 'w> = Option<(Allowed<'a>, &'w [Word])>;

struct Call<'a, 'f> {
    program: &'a Program,
    numbers: &'a Numbers<'f>,
    policy: &'a Policy,
    complaints: Vec<Complaint>,
    operands: usize,
    /// Whether an option gave the pattern or script that is otherwise the first operand.
    given: bool,
}

impl<'a> Call<'a, '_> {
    fn complain(&mut self, kind: ComplaintKind, word: &Word, message: String) {
        self.complaints.push(Complaint { kind, span: word.span, message });
    }

    /// Checks the arguments; returns the command among them.
    fn arguments<'w>(&mut self, arguments: &'w [Word]) -> Started<'a, 'w> {
        self.given = self.gives_pattern(arguments);
        let mut index = 0;
        let mut options = true;
        while let Some(word) = arguments.get(index) {
            index += 1;
            let text = word.literal();
            let prefix = known_prefix(word);
            let is_option = options && prefix.len() > 1 && prefix.starts_with('-');
            match text.as_deref() {
                Some("--") if options && self.program.dashes => options = false,
                _ if is_option => {
                    if self.option(word, &prefix, arguments.get(index)) {
                        index += 1;
                    }
                }
                _ => {
                    if self.program.operands == Operands::Command && self.operands == 1 {
                        return self.command(word, arguments.get(index..).unwrap_or_default());
                    }
                    self.operand(word, options);
                    self.operands += 1;
                    // These read everything after their first operand as operands.
                    options &=
                        !matches!(self.program.operands, Operands::AwkProgramAndFiles | Operands::Command);
                }
            }
        }
        self.ends(arguments);
        None
    }

    /// Whether an option anywhere gives the pattern or script, so that every operand is a file.
    fn gives_pattern(&self, arguments: &[Word]) -> bool {
        let takes = matches!(self.program.operands, Operands::PatternAndFiles | Operands::SedScriptAndFiles);
        let before_dashes = arguments.iter().take_while(|word| word.literal().as_deref() != Some("--"));
        takes
            && before_dashes.map(known_prefix).any(|prefix| match prefix.strip_prefix('-') {
                Some(long) if long.starts_with('-') => long[1..].starts_with("regexp"),
                Some(flags) => {
                    // The rest of a bundle after an option with a value is that value.
                    let valued = |flag: char| self.program.valued.iter().any(|(option, _)| *option == flag);
                    flags.chars().find(|flag| valued(*flag)) == Some('e')
                }
                None => false,
            })
    }

    /// Complaints about what is missing.
    fn ends(&mut self, arguments: &[Word]) {
        let missing = match self.program.operands {
            Operands::Command => self.operands < 2,
            Operands::AwkProgramAndFiles | Operands::SedScriptAndFiles | Operands::PatternAndFiles => {
                self.operands == 0 && !self.given
            }
            _ => false,
        };
        if missing && let Some(word) = arguments.last() {
            let message = format!("`{}` lacks an operand", self.program.name);
            self.complain(ComplaintKind::Option, word, message);
        }
    }

    /// Checks an option; returns whether its value is the next argument.
    fn option(&mut self, word: &Word, prefix: &str, next: Option<&Word>) -> bool {
        let name = self.program.name;
        let refused =
            || format!("`{name}` with the option `{}` is not allowed", crate::context::shorten(prefix));
        if let Some(long) = prefix.strip_prefix("--") {
            let (long, attached) = long.split_once('=').map_or((long, false), |(long, _)| (long, true));
            let found = self.program.long_valued.iter().find(|(option, _)| *option == long);
            match found {
                Some((_, value)) if attached => {
                    self.attached(*value, word, prefix.find('=').map_or(0, |at| at + 1))
                }
                Some((_, value)) if word.literal().is_some() => {
                    self.value(*value, next, word);
                    return true;
                }
                _ if self.program.long.contains(&long) && word.literal().is_some() && !attached => {}
                _ => self.complain(ComplaintKind::Option, word, refused()),
            }
            return false;
        }
        if self.program.numeric
            && word.literal().is_some_and(|text| text[1..].bytes().all(|byte| byte.is_ascii_digit()))
        {
            return false;
        }
        // A number is an operand where numbers are.
        let numeric_operand = matches!(self.program.name, "seq") && is_decimal(prefix);
        if numeric_operand {
            self.operands += 1;
            return false;
        }
        for (at, flag) in prefix.char_indices().skip(1) {
            if self.program.flags.contains(flag) {
                continue;
            }
            let Some((_, value)) = self.program.valued.iter().find(|(option, _)| *option == flag) else {
                self.complain(ComplaintKind::Option, word, refused());
                return false;
            };
            let is_last = at + flag.len_utf8() == prefix.len() && word.literal().is_some();
            if is_last {
                self.value(*value, next, word);
                return true;
            }
            self.attached(*value, word, at + flag.len_utf8());
            return false;
        }
        if word.literal().is_none() {
            self.complain(ComplaintKind::Option, word, refused());
        }
        false
    }

    /// Checks the value in the next argument.
    fn value(&mut self, value: Value, next: Option<&Word>, option: &Word) {
        let Some(word) = next else {
            let message = format!("an option of `{}` lacks its value", self.program.name);
            self.complain(ComplaintKind::Option, option, message);
            return;
        };
        self.attached(value, word, 0);
    }

    /// Checks a value that begins at byte `skip` of the known text of a word.
    fn attached(&mut self, value: Value, word: &Word, skip: usize) {
        let literal = word.literal();
        let text = literal.as_deref().and_then(|text| text.get(skip..));
        let name = self.program.name;
        let refusal = match (value, text) {
            (Value::Any, _) => (!is_single(word))
                .then(|| format!("quote the value of this option of `{name}`: it must be one argument")),
            (Value::Literal, Some(_)) => None,
            (Value::Literal, None) => Some(format!("the value of this option of `{name}` must be a literal")),
            (Value::Number, _) => (!is_number(word, skip, self.numbers))
                .then(|| format!("the value of this option of `{name}` must be a number")),
            (Value::AwkVariable, _) => awk_variable(word, skip).err(),
            (Value::Date, Some(text)) => {
                text.contains("TZ=").then(|| "a date with a time zone of its own reads a file".to_owned())
            }
            (Value::Date, None) => Some("the date must be a literal".to_owned()),
            (Value::SedScript, Some(script)) => {
                if let Err(reason) = crate::sed::check(script) {
                    self.complain(ComplaintKind::Sed, word, reason);
                }
                None
            }
            (Value::SedScript, None) => {
                self.complain(ComplaintKind::Sed, word, "the script of sed must be a literal".to_owned());
                None
            }
        };
        if let Some(message) = refusal {
            self.complain(ComplaintKind::Option, word, message);
        }
    }

    fn operand(&mut self, word: &Word, options: bool) {
        let name = self.program.name;
        match self.program.operands {
            Operands::Any => {
                if name == "tr" && !is_single(word) {
                    self.complain(
                        ComplaintKind::Option,
                        word,
                        "quote this operand: it must be one argument".to_owned(),
                    );
                }
            }
            Operands::Elsewhere => {
                self.complain(ComplaintKind::Option, word, format!("`{name}` takes no operand here"));
            }
            Operands::Numbers | Operands::Command => {
                if !is_number(word, 0, self.numbers) {
                    let message =
                        format!("`{name}` needs a number, or a variable that is proven to hold one");
                    self.complain(ComplaintKind::Option, word, message);
                }
            }
            Operands::DateFormat => {
                if !known_prefix(word).starts_with('+') || !is_single(word) {
                    self.complain(
                        ComplaintKind::Option,
                        word,
                        "`date` takes only a format: +FORMAT".to_owned(),
                    );
                }
            }
            Operands::Files(most) => {
                self.file(word);
                if self.operands >= most {
                    let message = format!("the second operand of `{name}` is a file that it writes");
                    self.complain(ComplaintKind::Option, word, message);
                }
            }
            Operands::PatternAndFiles if self.operands == 0 && !self.given => {
                if word.literal().is_none() && (options || !is_single(word)) {
                    let message =
                        format!("a pattern of `{name}` that is expanded could be an option: write -e \"…\"");
                    self.complain(ComplaintKind::Option, word, message);
                }
            }
            Operands::AwkProgramAndFiles if self.operands == 0 => match word.literal() {
                None => {
                    self.complain(ComplaintKind::Awk, word, "the program of awk must be a literal".to_owned())
                }
                Some(program) => {
                    if let Err(reason) = crate::awk::check(&program) {
                        self.complain(ComplaintKind::Awk, word, reason);
                    }
                }
            },
            Operands::SedScriptAndFiles if self.operands == 0 && !self.given => match word.literal() {
                None => {
                    self.complain(ComplaintKind::Sed, word, "the script of sed must be a literal".to_owned())
                }
                Some(script) => {
                    if let Err(reason) = crate::sed::check(&script) {
                        self.complain(ComplaintKind::Sed, word, reason);
                    }
                }
            },
            Operands::PatternAndFiles | Operands::AwkProgramAndFiles | Operands::SedScriptAndFiles => {
                self.file(word)
            }
        }
    }

    fn file(&mut self, word: &Word) {
        // Process substitution has a rule of its own, which refuses it here.
        let process =
            word.parts.iter().any(|part| matches!(part, hookgate_shell::ast::WordPart::Process(..)));
        let allowed = process || word.literal().is_some_and(|text| text == "-" || is_allowed_path(&text));
        if !allowed {
            let message =
                format!("`{}` may only open files under /tmp that are named by a literal", self.program.name);
            self.complain(ComplaintKind::File, word, message);
        }
    }

    /// The command after `timeout N`.
    fn command<'w>(&mut self, word: &'w Word, arguments: &'w [Word]) -> Started<'a, 'w> {
        if is_mysql_variable(word) {
            return None;
        }
        let inner = word.literal().and_then(|name| Allowed::find(&name, self.policy));
        if inner.is_none() {
            // What is not on the list has a finding of its own when its name is known to be bad.
            let message = "`timeout` may only start a program that a hook may run, or $MYSQL_CMD".to_owned();
            self.complain(ComplaintKind::Option, word, message);
        }
        inner.map(|inner| (inner, arguments))
    }
}
