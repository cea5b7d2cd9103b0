//! Which variables always hold a number.
//!
//! Arithmetic evaluates names again and again, so `$((n))` runs what is in `n` when that is
//! `a[$(command)]`. A name is a number when everything that the script ever writes to it is one.

use super::variables::{Variables, WriteKind, WriteValue};
use super::{Facts, Piece, is_count, pieces, plain_parameter};
use crate::mysql;
use crate::programs::{keeps_numbers, numeric_substitution};
use hookgate_shell::ast::{
    Arithmetic, ArithmeticToken, Brace, List, ParameterExpansion, ParameterName, ParameterOperator, Simple,
    Subscript, Word, WordPart,
};
use std::collections::BTreeMap;

/// How sure it is that a value is a number; the lower, the surer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Numeric {
    /// It is one.
    Proven,
    /// It is the answer to a query that yields numbers.
    Query,
    /// It may be anything.
    Unknown,
}

/// What is known about the script's variables.
#[derive(Debug, Default)]
pub(crate) struct Numbers<'a> {
    known: BTreeMap<&'a str, Numeric>,
}

impl<'a> Numbers<'a> {
    /// Starts from the assumption that every written name is a number, and takes it back until nothing
    /// changes. Each round lowers at least one name by at least one of two steps; the rounds are bounded,
    /// and whatever is not settled by then is unknown.
    pub(crate) fn infer(facts: &Facts<'a>) -> Self {
        const ROUNDS: usize = 16;
        let names: Vec<&'a str> = facts.variables.names().collect();
        let mut numbers = Self { known: names.iter().map(|name| (*name, Numeric::Proven)).collect() };
        for _ in 0..ROUNDS {
            let mut changed = false;
            for name in &names {
                let now = numbers.judge(&facts.variables, name, facts);
                let before = numbers.known.insert(name, now);
                changed |= before != Some(now);
            }
            if !changed {
                return numbers;
            }
        }
        Self::default()
    }

    fn judge(&self, variables: &Variables<'a>, name: &str, facts: &Facts<'a>) -> Numeric {
        let mut worst = Numeric::Proven;
        for write in variables.of(name) {
            let value = match write.value {
                WriteValue::Word(word) => self.word(word, facts),
                WriteValue::DeclarationWord(word) => self.declared(word, facts),
                WriteValue::Array(elements) => {
                    let values = elements.iter().map(|element| self.word(&element.value, facts));
                    values.max().unwrap_or(Numeric::Proven)
                }
                WriteValue::LoopWords(words) => {
                    words.iter().map(|word| self.loop_word(word, facts)).max().unwrap_or(Numeric::Proven)
                }
                // What an expression yields is a number, whether it may be evaluated or not.
                WriteValue::Arithmetic(_) | WriteValue::Nothing => Numeric::Proven,
                WriteValue::Unknown => Numeric::Unknown,
            };
            let appended_text = write.partial && write.kind != WriteKind::Arithmetic;
            worst = worst.max(
                if appended_text && !matches!(write.value, WriteValue::Word(_) | WriteValue::Array(_)) {
                    Numeric::Unknown
                } else {
                    value
                },
            );
        }
        worst
    }

    /// What is known about a variable; nothing about one that the script does not write.
    pub(crate) fn name(&self, name: &str) -> Numeric {
        if name == "SECONDS" {
            return Numeric::Proven;
        }
        self.known.get(name).copied().unwrap_or(Numeric::Unknown)
    }

    /// Whether the value of a word is a number.
    pub(crate) fn word(&self, word: &Word, facts: &Facts<'_>) -> Numeric {
        match pieces(word).as_slice() {
            [Piece::Text(text)] if is_decimal(text) => Numeric::Proven,
            [] => Numeric::Proven,
            [Piece::Parameter(parameter, _)] => self.parameter(parameter, facts),
            [Piece::Other(WordPart::Arithmetic(_), _)] => Numeric::Proven,
            [Piece::Other(WordPart::Command(substitution), _)] => {
                substitution_kind(&substitution.body, facts)
            }
            _ => Numeric::Unknown,
        }
    }

    /// The word after `name=` in an argument of a declaration.
    fn declared(&self, word: &Word, facts: &Facts<'_>) -> Numeric {
        let Some((WordPart::Literal(first), rest)) = word.parts.split_first() else {
            return Numeric::Unknown;
        };
        let Some((_, text)) = first.split_once('=') else { return Numeric::Unknown };
        let mut parts = Vec::with_capacity(rest.len() + 1);
        if !text.is_empty() {
            parts.push(WordPart::Literal(text.to_owned()));
        }
        parts.extend(rest.iter().cloned());
        self.word(&Word { parts, span: word.span }, facts)
    }

    fn loop_word(&self, word: &Word, facts: &Facts<'_>) -> Numeric {
        match word.parts.as_slice() {
            [WordPart::Brace(Brace::Range(parts))] => match parts.as_slice() {
                [WordPart::Literal(text)] if text.split("..").all(is_decimal) => Numeric::Proven,
                _ => Numeric::Unknown,
            },
            [WordPart::Parameter(parameter)] => self.parameter(parameter, facts),
            [WordPart::DoubleQuoted(parts)] => match parts.as_slice() {
                // The keys of an array; the rule for subscripts asks which array.
                [WordPart::Parameter(parameter)] if parameter.indirect => Numeric::Unknown,
                [WordPart::Parameter(parameter)] => self.parameter(parameter, facts),
                _ => self.word(word, facts),
            },
            _ => self.word(word, facts),
        }
    }

    /// Whether an expansion yields a number.
    pub(crate) fn parameter(&self, parameter: &ParameterExpansion, facts: &Facts<'_>) -> Numeric {
        if is_count(parameter) {
            return Numeric::Proven;
        }
        if parameter.indirect {
            return Numeric::Unknown;
        }
        let ParameterName::Variable(name) = &parameter.name else { return Numeric::Unknown };
        let own = self.name(name);
        match &parameter.operator {
            None => own,
            Some(ParameterOperator::Default { word, .. } | ParameterOperator::Assign { word, .. }) => {
                own.max(self.word(word, facts))
            }
            Some(ParameterOperator::Error { .. }) => own,
            _ => Numeric::Unknown,
        }
    }

    /// The part of an expression that is not known to be a number, and how sure that is.
    pub(crate) fn expression(
        &self,
        expression: &Arithmetic,
        facts: &Facts<'_>,
        guarded: &dyn Fn(&str) -> bool,
    ) -> Numeric {
        let known = |name: &str| if guarded(name) { Numeric::Proven } else { self.name(name) };
        let mut worst = Numeric::Proven;
        let mut previous: Option<&ArithmeticToken> = None;
        for token in &expression.tokens {
            // Texts that touch become one text before it is evaluated; only `10#$n` is of use.
            let touches = previous.is_some_and(|previous| previous.span().end == token.span().start);
            let base = matches!(previous, Some(ArithmeticToken::Number(text, _)) if text.ends_with('#'));
            let joins = touches
                && !base
                && !matches!(token, ArithmeticToken::Operator(..))
                && !matches!(previous, Some(ArithmeticToken::Operator(..)) | None);
            let value = match token {
                _ if joins => Numeric::Unknown,
                ArithmeticToken::Number(text, _) => number_token(text),
                ArithmeticToken::Operator(character, _) if "+-*/%<>=!&|^~?:,()".contains(*character) => {
                    Numeric::Proven
                }
                ArithmeticToken::Operator(..) => Numeric::Unknown,
                ArithmeticToken::Name(name, _, _) => known(name),
                ArithmeticToken::Part(part, _) => self.part(part, facts, &known),
            };
            worst = worst.max(value);
            previous = Some(token);
        }
        worst
    }

    fn part(&self, part: &WordPart, facts: &Facts<'_>, known: &dyn Fn(&str) -> Numeric) -> Numeric {
        match part {
            WordPart::Parameter(parameter) => match plain_parameter(parameter) {
                Some(name) => known(name),
                None => self.parameter(parameter, facts),
            },
            WordPart::Arithmetic(_) => Numeric::Proven,
            WordPart::Command(substitution) => substitution_kind(&substitution.body, facts),
            WordPart::DoubleQuoted(parts) => match parts.as_slice() {
                [part] => self.part(part, facts, known),
                _ => Numeric::Unknown,
            },
            WordPart::Literal(text) if is_decimal(text) => Numeric::Proven,
            _ => Numeric::Unknown,
        }
    }
}

/// Digits, with a sign before them.
pub(crate) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn number_token(text: &str) -> Numeric {
    let base = text.strip_suffix('#').unwrap_or(text);
    if is_decimal(base) { Numeric::Proven } else { Numeric::Unknown }
}

/// What `$( … )` yields.
fn substitution_kind(list: &List, facts: &Facts<'_>) -> Numeric {
    let Some(commands) = pipeline(list) else { return Numeric::Unknown };
    let Some((last, before)) = commands.split_last() else { return Numeric::Unknown };
    if numeric_substitution(last) {
        return Numeric::Proven;
    }
    // A query's numbers stay numbers through programs that only cut.
    let (query, filters) = match before.split_first() {
        None => (*last, &[][..]),
        Some((first, middle)) => (*first, if middle.is_empty() { &[][..] } else { middle }),
    };
    let keeps = |simple: &Simple| keeps_numbers(simple);
    let filters_keep = before.is_empty() || filters.iter().all(|simple| keeps(simple)) && keeps(last);
    if filters_keep && mysql::yields_numbers(query, facts) { Numeric::Query } else { Numeric::Unknown }
}

/// The simple commands of a list that is one pipeline.
fn pipeline(list: &List) -> Option<Vec<&Simple>> {
    use hookgate_shell::ast::CommandKind;
    let [item] = list.items.as_slice() else { return None };
    if !item.command.rest.is_empty() {
        return None;
    }
    item.command
        .first
        .commands
        .iter()
        .map(|command| match &command.kind {
            CommandKind::Simple(simple) if simple.assignments.is_empty() => Some(simple),
            _ => None,
        })
        .collect()
}

/// Whether a subscript is safe: digits, a number, all elements, a loop variable over the keys of the
/// array, or, for an associative array, a literal.
pub(crate) fn is_safe_subscript(
    array: &str,
    subscript: &Subscript,
    facts: &Facts<'_>,
    numbers: &Numbers<'_>,
    guarded: &dyn Fn(&str) -> bool,
) -> bool {
    let Subscript::Expression(expression) = subscript else { return true };
    if expression.tokens.is_empty() {
        return false;
    }
    let over_keys = |name: &str| {
        let mut writes = facts.variables.of(name).peekable();
        writes.peek().is_some()
            && writes.all(|write| match write.value {
                WriteValue::LoopWords([word]) => is_keys_of(word, array),
                WriteValue::Nothing => write.kind == WriteKind::Declaration,
                _ => false,
            })
    };
    let trusted = |name: &str| guarded(name) || over_keys(name);
    if numbers.expression(expression, facts, &trusted) == Numeric::Proven {
        return true;
    }
    facts.is_associative(array)
        && expression.tokens.iter().all(|token| match token {
            // A name could be evaluated where the array is not the associative one.
            ArithmeticToken::Name(name, None, _) => {
                !facts.variables.is_written(name) || numbers.name(name) == Numeric::Proven
            }
            ArithmeticToken::Part(WordPart::SingleQuoted(text), _) => is_plain(text),
            ArithmeticToken::Part(WordPart::DoubleQuoted(parts), _) => {
                parts.iter().all(|part| matches!(part, WordPart::Literal(text) if is_plain(text)))
            }
            ArithmeticToken::Number(..) => true,
            ArithmeticToken::Operator(character, _) => "-.".contains(*character),
            _ => false,
        })
}

/// A text in which evaluating it again finds nothing to run.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-. /".contains(&byte))
}

/// `"${!array[@]}"`
fn is_keys_of(word: &Word, array: &str) -> bool {
    let parameter = match word.parts.as_slice() {
        [WordPart::Parameter(parameter)] => parameter,
        [WordPart::DoubleQuoted(parts)] => match parts.as_slice() {
            [WordPart::Parameter(parameter)] => parameter,
            _ => return false,
        },
        _ => return false,
    };
    parameter.indirect
        && parameter.operator.is_none()
        && matches!(parameter.subscript, Some(Subscript::At | Subscript::Star))
        && matches!(&parameter.name, ParameterName::Variable(name) if name == array)
}
