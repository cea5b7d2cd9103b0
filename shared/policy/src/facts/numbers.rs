//! Which variables always hold a number.
//!
//! Arithmetic evaluates names again and again, so `$((n))` runs what is in `n` when that is
//! `a[$(command)]`. A name is a number when everything that the script ever writes to it is one.

mod pipeline;

use super::variables::{Write, WriteKind, WriteValue};
use super::{Facts, Piece, is_count, pieces, plain_parameter};
use crate::mysql::MysqlCalls;
use crate::programs::{
    keeps_numbers, makes_numbers, number_list_words, prints_only_output, redirects_only_errors,
};
use hookgate_shell::ast::{
    Arithmetic, ArithmeticToken, Brace, List, ParameterExpansion, ParameterName, ParameterOperator,
    Subscript, Word, WordPart,
};
use pipeline::{pipeline, prints_a_number};
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
pub(crate) struct Numbers<'a> {
    known: BTreeMap<&'a str, Numeric>,
    /// What is known about each write, in their order.
    writes: Vec<Value>,
    /// The names of the script's variables that the writes read, in the order of the writes.
    reads: Vec<&'a str>,
    calls: &'a MysqlCalls<'a>,
    facts: &'a Facts<'a>,
}

/// What is known about a value.
#[derive(Debug)]
struct Value {
    /// How sure it is when all that it reads are numbers.
    own: Numeric,
    /// Where the names that it reads end among those that all writes read; they begin where those of the write before
    /// end.
    reads_end: usize,
}

/// Looks up what is known about a name.
type Lookup<'l, 'w> = &'l mut dyn FnMut(&'w str) -> Numeric;

impl<'a> Numbers<'a> {
    /// Starts from the assumption that every written name is a number, and takes it back for those that
    /// are written something else, and for those that are written from them. Each name is lowered at most
    /// twice, so that the cost is linear in what is written and read.
    pub(crate) fn infer(facts: &'a Facts<'a>, calls: &'a MysqlCalls<'a>) -> Self {
        let variables = &facts.variables;
        let known = variables.names().map(|name| (name, Numeric::Proven)).collect();
        let writes = Vec::with_capacity(variables.writes().len());
        let mut numbers = Self { known, writes, reads: Vec::new(), calls, facts };
        let mut readers: BTreeMap<&'a str, Vec<&'a str>> = BTreeMap::new();
        let mut lowered = Vec::new();
        for write in variables.writes() {
            let mut reads = std::mem::take(&mut numbers.reads);
            let first = reads.len();
            let own = numbers.value(write, &mut reads);
            for read in &reads[first..] {
                readers.entry(read).or_default().push(write.name);
            }
            if numbers.lower(write.name, own) {
                lowered.push(write.name);
            }
            numbers.writes.push(Value { own, reads_end: reads.len() });
            numbers.reads = reads;
        }
        while let Some(name) = lowered.pop() {
            let value = numbers.name(name);
            for reader in readers.get(name).into_iter().flatten() {
                if numbers.lower(reader, value) {
                    lowered.push(reader);
                }
            }
        }
        numbers
    }

    /// Lowers what is known about a name; whether that changes anything.
    fn lower(&mut self, name: &'a str, to: Numeric) -> bool {
        match self.known.get_mut(name) {
            Some(known) if *known < to => {
                *known = to;
                true
            }
            _ => false,
        }
    }

    /// What is known about a write when every name of the script is a number; adds the names that it reads to `reads`.
    fn value(&self, write: &Write<'a>, reads: &mut Vec<&'a str>) -> Numeric {
        let known = &self.known;
        let mut lookup = |name: &'a str| match own_name(known, name) {
            // The name may be lowered yet.
            Some(_) => {
                reads.push(name);
                Numeric::Proven
            }
            None => outside_name(name),
        };
        match write.value {
            WriteValue::Word(word) => self.word_by(word, &mut lookup),
            WriteValue::Array(elements) => {
                let values = elements.iter().map(|element| self.word_by(&element.value, &mut lookup));
                values.max().unwrap_or(Numeric::Proven)
            }
            // What is added to a text is a text.
            _ if write.partial && write.kind != WriteKind::Arithmetic => Numeric::Unknown,
            WriteValue::DeclarationWord(word) => self.declared(word, &mut lookup),
            WriteValue::LoopWords(words) => {
                let values = words.iter().map(|word| self.loop_word(word, &mut lookup));
                values.max().unwrap_or(Numeric::Proven)
            }
            // What an expression yields is a number, whether it may be evaluated or not.
            WriteValue::Arithmetic(_) | WriteValue::Nothing => Numeric::Proven,
            WriteValue::Unknown => Numeric::Unknown,
        }
    }

    /// What is known about the value of a write, by its index.
    pub(crate) fn written(&self, index: usize) -> Numeric {
        self.writes.get(index).map_or(Numeric::Unknown, |value| {
            let first = index.checked_sub(1).map_or(0, |before| self.writes[before].reads_end);
            let reads = self.reads[first..value.reads_end].iter().map(|name| self.name(name));
            reads.fold(value.own, Numeric::max)
        })
    }

    /// What is known about a variable; nothing about one that the script does not write.
    pub(crate) fn name(&self, name: &str) -> Numeric {
        own_name(&self.known, name).unwrap_or_else(|| outside_name(name))
    }

    /// Whether the value of a word is a number.
    pub(crate) fn word(&self, word: &Word) -> Numeric {
        self.word_by(word, &mut |name| self.name(name))
    }

    fn word_by<'w>(&self, word: &'w Word, lookup: Lookup<'_, 'w>) -> Numeric {
        self.pieces_by(&pieces(word), lookup)
    }

    fn pieces_by<'w>(&self, pieces: &[Piece<'w>], lookup: Lookup<'_, 'w>) -> Numeric {
        match pieces {
            [Piece::Text(text)] if is_decimal(text) => Numeric::Proven,
            [] => Numeric::Proven,
            [Piece::Parameter(parameter, _)] => self.parameter_by(parameter, lookup),
            [Piece::Other(WordPart::Arithmetic(_), _)] => Numeric::Proven,
            [Piece::Other(WordPart::Command(substitution), _)] => self.substitution(&substitution.body),
            _ => Numeric::Unknown,
        }
    }

    /// The word after `name=` in an argument of a declaration.
    fn declared<'w>(&self, word: &'w Word, lookup: Lookup<'_, 'w>) -> Numeric {
        let plain = matches!(word.parts.first(), Some(WordPart::Literal(first)) if first.contains('='));
        match pieces(word).as_slice() {
            [Piece::Text(text), rest @ ..] if plain => match text.split_once('=') {
                Some((_, "")) => self.pieces_by(rest, lookup),
                Some((_, value)) if rest.is_empty() && is_decimal(value) => Numeric::Proven,
                _ => Numeric::Unknown,
            },
            _ => Numeric::Unknown,
        }
    }

    fn loop_word<'w>(&self, word: &'w Word, lookup: Lookup<'_, 'w>) -> Numeric {
        match word.parts.as_slice() {
            [WordPart::Brace(brace)] if is_range_of_numbers(brace) => Numeric::Proven,
            [WordPart::Parameter(parameter)] if self.yields_positions(parameter) => Numeric::Proven,
            [WordPart::Parameter(parameter)] => self.parameter_by(parameter, lookup),
            [WordPart::Command(substitution)] => match self.number_list(&substitution.body, lookup) {
                Some(value) => value,
                None => self.word_by(word, lookup),
            },
            [WordPart::DoubleQuoted(parts)] => match parts.as_slice() {
                [WordPart::Parameter(parameter)] if self.yields_positions(parameter) => Numeric::Proven,
                // The keys of an associative array; the rule for subscripts asks which array.
                [WordPart::Parameter(parameter)] if parameter.indirect => Numeric::Unknown,
                [WordPart::Parameter(parameter)] => self.parameter_by(parameter, lookup),
                _ => self.word_by(word, lookup),
            },
            _ => self.word_by(word, lookup),
        }
    }

    /// Whether an expansion is `${!array[@]}` of an array of the script's own whose keys are numbers.
    fn yields_positions(&self, parameter: &ParameterExpansion) -> bool {
        let keys = parameter.indirect
            && parameter.operator.is_none()
            && matches!(parameter.subscript, Some(Subscript::At | Subscript::Star));
        match &parameter.name {
            ParameterName::Variable(name) if keys => {
                self.facts.variables.is_written(name) && !self.facts.is_associative(name)
            }
            _ => false,
        }
    }

    /// Whether an expansion yields a number.
    pub(crate) fn parameter(&self, parameter: &ParameterExpansion) -> Numeric {
        self.parameter_by(parameter, &mut |name| self.name(name))
    }

    fn parameter_by<'w>(&self, parameter: &'w ParameterExpansion, lookup: Lookup<'_, 'w>) -> Numeric {
        if is_count(parameter) {
            return Numeric::Proven;
        }
        if parameter.indirect {
            return Numeric::Unknown;
        }
        let ParameterName::Variable(name) = &parameter.name else { return Numeric::Unknown };
        match parameter.operator.as_deref() {
            None | Some(ParameterOperator::Error { .. }) => lookup(name),
            Some(ParameterOperator::Default { word, .. } | ParameterOperator::Assign { word, .. }) => {
                lookup(name).max(self.word_by(word, lookup))
            }
            _ => Numeric::Unknown,
        }
    }

    /// The part of an expression that is not known to be a number, and how sure that is.
    pub(crate) fn expression(&self, expression: &Arithmetic, guarded: &dyn Fn(&str) -> bool) -> Numeric {
        // Tests are looked for only where they are needed.
        let known = |name: &str| match self.name(name) {
            Numeric::Proven => Numeric::Proven,
            _ if guarded(name) => Numeric::Proven,
            unproven => unproven,
        };
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
                ArithmeticToken::Name(name, None, _) => known(name),
                // A test looks at the first element only.
                ArithmeticToken::Name(name, Some(_), _) => self.name(name),
                ArithmeticToken::Part(part, _) => self.part(part, &known),
            };
            worst = worst.max(value);
            previous = Some(token);
        }
        worst
    }

    /// What `$( … )` yields.
    pub(crate) fn substitution(&self, list: &List) -> Numeric {
        let Some((commands, instead)) = pipeline(list) else { return Numeric::Unknown };
        let Some((last, redirections)) = commands.last() else { return Numeric::Unknown };
        // What the last one says about an error would be read as well.
        if !prints_only_output(redirections) {
            return Numeric::Unknown;
        }
        if prints_a_number(&commands) {
            return instead;
        }
        // Numbers, one in each line, or none at all.
        if last.is_some_and(makes_numbers) {
            return Numeric::Query;
        }
        // A query's numbers stay numbers through programs that only cut.
        let clean = commands.iter().all(|(_, redirections)| redirects_only_errors(redirections));
        let mut all = commands.iter().map(|(simple, _)| *simple);
        let query = all.next().flatten();
        let keeps = all.all(|simple| simple.is_some_and(keeps_numbers));
        if clean && keeps && query.is_some_and(|query| self.calls.yields_numbers(query)) {
            Numeric::Query
        } else {
            Numeric::Unknown
        }
    }

    /// What `$(seq …)` yields, one number in a line; `None` for other lists.
    fn number_list<'w>(&self, list: &'w List, lookup: Lookup<'_, 'w>) -> Option<Numeric> {
        let (commands, _) = pipeline(list)?;
        let [(Some(simple), redirections)] = commands.as_slice() else { return None };
        let words = number_list_words(simple).filter(|_| prints_only_output(redirections))?;
        Some(words.iter().map(|word| self.word_by(word, lookup)).max().unwrap_or(Numeric::Unknown))
    }

    /// Whether `$( … )` prints numbers only, one in a line.
    pub(super) fn is_number_list(&self, list: &List) -> bool {
        self.number_list(list, &mut |name| self.name(name)) == Some(Numeric::Proven)
    }

    fn part(&self, part: &WordPart, known: &dyn Fn(&str) -> Numeric) -> Numeric {
        match part {
            WordPart::Parameter(parameter) => match plain_parameter(parameter) {
                Some(name) => known(name),
                None => self.parameter(parameter),
            },
            WordPart::Arithmetic(_) => Numeric::Proven,
            WordPart::Command(substitution) => self.substitution(&substitution.body),
            WordPart::DoubleQuoted(parts) => match parts.as_slice() {
                [part] => self.part(part, known),
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
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or_default();
    let hexadecimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    // `2#101`, all of which is the number.
    let based = text.split_once('#').is_some_and(|(base, digits)| {
        let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'_');
        is_decimal(base) && !digits.is_empty() && digits.bytes().all(is_digit)
    });
    if is_decimal(base) || hexadecimal || based { Numeric::Proven } else { Numeric::Unknown }
}

/// What is known about a name that the script writes.
fn own_name(known: &BTreeMap<&str, Numeric>, name: &str) -> Option<Numeric> {
    if name == "SECONDS" { None } else { known.get(name).copied() }
}

/// What is known about a name that the script does not write.
fn outside_name(name: &str) -> Numeric {
    if matches!(name, "SECONDS" | "OPTIND") { Numeric::Proven } else { Numeric::Unknown }
}

/// Whether a brace expansion is a range of literal numbers, such as `{1..3}`.
fn is_range_of_numbers(brace: &Brace) -> bool {
    let Brace::Range(parts) = brace else { return false };
    matches!(parts.as_slice(), [WordPart::Literal(text)] if text.split("..").all(is_decimal))
}
