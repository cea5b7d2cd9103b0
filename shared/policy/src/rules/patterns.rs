//! Words that bash matches against the names of files: patterns without quotes, and expansions without
//! quotes of values that may be patterns.

use super::calls::complaints;
use super::hg303_file::RULE;
use crate::context::Context;
use crate::facts::{CommandWord, Globs, Kind, WriteValue, known_prefix, known_text};
use crate::finding::Findings;
use crate::programs::{is_allowed_path, program};
use hookgate_shell::ast::{Span, Word, WordPart};
use std::collections::BTreeSet;

/// Reports the words of a script that are matched against the names of files outside `/tmp`.
pub(super) fn report_patterns(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut globs = None;
    for word in matched_words(context) {
        if word.has_glob() && !is_below_tmp(word) {
            let message = format!(
                "the pattern `{}` without quotes is matched against file names",
                context.quote(word.span)
            );
            findings.error(RULE.id, word.span, message, "put it into quotes");
            continue;
        }
        let is_expanded = |part: &WordPart| matches!(part, WordPart::Parameter(_) | WordPart::Command(_));
        if !word.parts.iter().any(is_expanded) {
            continue;
        }
        let globs = globs
            .get_or_insert_with(|| Globs::infer(context.facts, context.numbers, context.outer.is_some()));
        if word.parts.iter().any(|part| globs.is_pattern(part)) {
            let message = format!(
                "`{}` is expanded without quotes: a value like `/*` is matched against file names",
                context.quote(word.span)
            );
            findings.error(RULE.id, word.span, message, HELP);
        }
    }
    split_numbers(context, findings);
}

const HELP: &str =
    "put it into double quotes; read a list with `while read -r name; do …; done < <(command)`";

/// The words that are matched: arguments, the words of loops, and the elements of arrays.
fn matched_words<'a>(context: &Context<'a>) -> Vec<&'a Word> {
    let mut words = Vec::new();
    for command in context.facts.of(Kind::Open) {
        match command.name() {
            Some(name) if context.is_function(name) => words.extend(command.arguments()),
            // Other rules want quotes there anyhow, or refuse the command as a whole.
            _ if command.word == CommandWord::Mysql || command.is_reported_elsewhere() => {}
            Some("[" | "test" | "mysql") => {}
            // What stands behind `name=` is not matched.
            Some("local" | "declare" | "readonly") => {
                words.extend(command.arguments().iter().filter(|word| !known_prefix(word).contains('=')));
            }
            _ => words.extend(command.arguments()),
        }
    }
    let reported: BTreeSet<Span> = complaints(context).iter().map(|complaint| complaint.span).collect();
    words.retain(|word| !reported.contains(&word.span));
    for write in context.facts.variables.writes() {
        match write.value {
            WriteValue::LoopWords(all) => words.extend(all),
            WriteValue::Array(elements) => words.extend(
                elements.iter().filter(|element| element.subscript.is_none()).map(|element| &element.value),
            ),
            _ => {}
        }
    }
    words
}

fn is_below_tmp(word: &Word) -> bool {
    let text = known_text(word);
    text.starts_with("/tmp/") && is_allowed_path(&text) && known_prefix(word) == text
}

/// With a separator of the script's own a number becomes several arguments, one of which may name a file.
fn split_numbers(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.facts.sets_separator {
        return;
    }
    let programs = context.facts.commands.iter().filter(|command| {
        command.name().is_some_and(|name| {
            // The rule about mysql's options looks at its calls.
            name != "mysql" && program(name).is_some()
        })
    });
    for word in programs.flat_map(|command| command.arguments()) {
        let is_split = |part: &WordPart| matches!(part, WordPart::Parameter(_) | WordPart::Arithmetic(_));
        if word.parts.iter().any(is_split) {
            let message = format!(
                "IFS is changed in this script, so that `{}` without quotes may become several arguments",
                context.quote(word.span)
            );
            findings.error(RULE.id, word.span, message, "put it into double quotes");
        }
    }
}
