//! Which values may hold the characters of a pattern, so that an expansion without quotes would be matched
//! against the names of files.

use super::{Facts, Numbers, Numeric, WriteValue, is_count};
use crate::reserved::is_reserved_variable;
use hookgate_shell::ast::{Brace, ParameterExpansion, ParameterName, ParameterOperator, Word, WordPart};
use std::collections::{BTreeMap, BTreeSet};

/// Knows the script's variables that may hold a pattern.
pub(crate) struct Globs<'a> {
    facts: &'a Facts<'a>,
    numbers: &'a Numbers<'a>,
    /// Whether the script is a part of another one, whose variables it may read.
    is_fragment: bool,
    /// The variables that may hold a pattern.
    patterns: BTreeSet<&'a str>,
}

impl<'a> Globs<'a> {
    /// Starts from what is written to each variable, and follows what is written from them. The cost is
    /// linear in what is written and read.
    pub(crate) fn infer(facts: &'a Facts<'a>, numbers: &'a Numbers<'a>, is_fragment: bool) -> Self {
        let mut globs = Self { facts, numbers, is_fragment, patterns: BTreeSet::new() };
        let mut readers: BTreeMap<&'a str, Vec<&'a str>> = BTreeMap::new();
        let mut found = Vec::new();
        for write in facts.variables.writes() {
            let mut reads = Vec::new();
            let holds = match write.value {
                WriteValue::Word(word) | WriteValue::DeclarationWord(word) => {
                    globs.parts(&word.parts, &mut reads)
                }
                WriteValue::Array(elements) => {
                    elements.iter().any(|element| globs.parts(&element.value.parts, &mut reads))
                }
                WriteValue::LoopWords(words) => words.iter().any(|word| globs.parts(&word.parts, &mut reads)),
                WriteValue::Arithmetic(_) | WriteValue::Nothing => false,
                WriteValue::Unknown => true,
            };
            if holds {
                found.push(write.name);
            }
            for read in reads {
                readers.entry(read).or_default().push(write.name);
            }
        }
        while let Some(name) = found.pop() {
            if globs.patterns.insert(name) {
                found.extend(readers.get(name).into_iter().flatten());
            }
        }
        globs
    }

    /// Whether a part of a word without quotes may be a pattern.
    pub(crate) fn is_pattern(&self, part: &WordPart) -> bool {
        let mut reads = Vec::new();
        match part {
            WordPart::Parameter(_) | WordPart::Command(_) => {
                self.part(part, &mut reads) || reads.iter().any(|name| self.patterns.contains(name))
            }
            _ => false,
        }
    }

    fn parts<'w>(&self, parts: &'w [WordPart], reads: &mut Vec<&'w str>) -> bool {
        parts.iter().any(|part| self.part(part, reads))
    }

    /// Whether a part may hold a pattern by itself; if it doesn't, what it reads is noted.
    fn part<'w>(&self, part: &'w WordPart, reads: &mut Vec<&'w str>) -> bool {
        match part {
            WordPart::Literal(text) | WordPart::SingleQuoted(text) | WordPart::AnsiQuoted(text) => {
                text.contains(['*', '?', '['])
            }
            WordPart::Escaped(character) => matches!(character, '*' | '?' | '['),
            WordPart::DoubleQuoted(parts) | WordPart::LocalizedQuoted(parts) => self.parts(parts, reads),
            WordPart::Parameter(parameter) => self.parameter(parameter, reads),
            WordPart::Command(substitution) => {
                self.numbers.substitution(&substitution.body) == Numeric::Unknown
                    && !self.numbers.is_number_list(&substitution.body)
                    && !is_plain_output(&substitution.body)
            }
            WordPart::Brace(brace) => match brace.as_ref() {
                Brace::Alternatives(all) => all.iter().any(|parts| self.parts(parts, reads)),
                Brace::Range(_) => false,
            },
            WordPart::Tilde(_) | WordPart::Arithmetic(_) => false,
            WordPart::Process(..) | WordPart::ExtendedGlob(..) | WordPart::Array(_) => true,
        }
    }

    fn parameter<'w>(&self, parameter: &'w ParameterExpansion, reads: &mut Vec<&'w str>) -> bool {
        if is_count(parameter) {
            return false;
        }
        let own = match &parameter.name {
            ParameterName::Variable(name) if parameter.indirect => self.keys_hold_patterns(name),
            ParameterName::Variable(name) => self.variable(name, reads),
            ParameterName::Positional(number) => *number > 0,
            ParameterName::Special(name) => matches!(name, '@' | '*'),
        };
        let mut word = |word: &'w Word| self.parts(&word.parts, reads);
        match parameter.operator.as_deref() {
            Some(ParameterOperator::Alternative { word: other, .. }) => word(other),
            Some(
                ParameterOperator::Default { word: other, .. }
                | ParameterOperator::Assign { word: other, .. },
            ) => word(other) || own,
            Some(ParameterOperator::Replace { replacement: Some(other), .. }) => word(other) || own,
            _ => own,
        }
    }

    fn variable<'w>(&self, name: &'w str, reads: &mut Vec<&'w str>) -> bool {
        if self.numbers.name(name) != Numeric::Unknown {
            return false;
        }
        if self.facts.variables.is_written(name) {
            reads.push(name);
            return false;
        }
        let told =
            name.starts_with("BASH") || matches!(name, "OPTARG" | "REPLY" | "MAPFILE" | "_" | "DIRSTACK");
        // What the operator sets is no pattern; what the script around a fragment sets may be one.
        told || self.is_fragment && !is_reserved_variable(name)
    }

    fn keys_hold_patterns(&self, array: &str) -> bool {
        self.facts.is_associative(array) && self.facts.variables.has_bare_list(array)
    }
}

/// Whether a list is one command that prints no pattern: `date` with a format that has none.
fn is_plain_output(list: &hookgate_shell::ast::List) -> bool {
    use hookgate_shell::ast::CommandKind;
    let [item] = list.items.as_slice() else { return false };
    let [command] = item.command.first.commands.as_slice() else { return false };
    let CommandKind::Simple(simple) = &command.kind else { return false };
    let words: Option<Vec<_>> = simple.words.iter().map(Word::literal).collect();
    item.command.rest.is_empty()
        && words.is_some_and(|words| {
            words.first().is_some_and(|name| name == "date")
                && !words.iter().any(|word| word.contains(['*', '?', '[']))
        })
}
