//! What is written for mysql to read, by a pipe or a process substitution.

use crate::facts::{CommandFact, Facts, known_prefix, known_text};
use hookgate_shell::ast::{RedirectionKind, Span, Word, WordPart};

/// Programs that hand on what they read, changed or not.
const FILTERS: &[&str] = &["awk", "cat", "cut", "grep", "head", "sed", "sort", "tail", "tee", "tr", "uniq"];

/// Adds the words that other commands write for a command to read: the arguments of `echo` and `printf`, the texts that
/// `cat` and other filters are given, and the scripts and values with which `sed` and `awk` fill them in. Returns the
/// commands that write into its pipe.
pub(super) fn words<'a>(
    facts: &'a Facts<'a>,
    reader: usize,
    words: &mut Vec<&'a Word>,
) -> Vec<&'a CommandFact<'a>> {
    let mut writers = substituted(facts, reader);
    let mut index = reader;
    loop {
        if let Some(writer) = facts.writers.get(&index) {
            let depth = facts.commands[index].place.depth + 1;
            let inner = facts.commands[..index].iter().rev();
            let within = inner.take_while(|command| command.command.span.start >= writer.start).count();
            let inner = facts.commands[index - within..index].iter();
            writers.extend(inner.filter(|command| command.place.depth == depth));
            break;
        }
        let Some(before) = command_before(&facts.commands, index) else { break };
        let command = &facts.commands[before];
        writers.push(command);
        match command.name() {
            Some(filter) if FILTERS.contains(&filter) && !is_given(command) => index = before,
            _ => break,
        }
    }
    words.extend(writers.iter().flat_map(|command| written(command)));
    writers
}

/// The commands in the process substitution that is the input of a command.
fn substituted<'a>(facts: &'a Facts<'a>, reader: usize) -> Vec<&'a CommandFact<'a>> {
    let command = &facts.commands[reader];
    let span = |kind: &RedirectionKind| -> Option<Span> {
        let RedirectionKind::Read(word) = kind else { return None };
        match word.parts.as_slice() {
            [WordPart::Process(_, substitution)] => Some(substitution.span),
            _ => None,
        }
    };
    let Some(span) = command.command.redirections.iter().find_map(|input| span(&input.kind)) else {
        return Vec::new();
    };
    let inside = facts.commands[reader + 1..].iter().take_while(|inner| inner.command.span.start < span.end);
    let inside = inside.filter(|inner| inner.command.span.start >= span.start);
    inside.filter(|inner| inner.place.depth == command.place.depth + 1).collect()
}

/// The simple command that writes into the pipe which a command reads, if it is one.
fn command_before(commands: &[CommandFact<'_>], reader: usize) -> Option<usize> {
    let after = commands.get(reader).filter(|command| !command.place.first_in_pipeline)?;
    let start = after.command.span.start;
    // Commands inside the words of the one before stand between the two in the list.
    let before = commands[..reader].iter().rposition(|command| command.place.depth <= after.place.depth)?;
    let command = &commands[before];
    let end = command.command.span.end;
    let touches = command.place.depth == after.place.depth
        && command.place.function == after.place.function
        && !command.place.last_in_pipeline
        && end <= start;
    let nothing_between = || commands[before + 1..reader].iter().all(|inner| inner.command.span.start < end);
    (touches && nothing_between()).then_some(before)
}

/// The words that a command writes.
pub(super) fn written<'a>(command: &CommandFact<'a>) -> Vec<&'a Word> {
    match command.name() {
        Some("echo" | "printf") => command.arguments().iter().collect(),
        Some("sed") => {
            let script = command.arguments().iter().find(|word| !known_prefix(word).starts_with('-'));
            script.into_iter().chain(given(command)).collect()
        }
        Some("awk") => filled_in(command.arguments()).into_iter().chain(given(command)).collect(),
        Some(filter) if FILTERS.contains(&filter) => given(command).collect(),
        _ => Vec::new(),
    }
}

/// What an awk program that prints texts of its own puts into them: itself and the values of `name=value`.
fn filled_in(arguments: &[Word]) -> Vec<&Word> {
    let is_value = |word: &&Word| {
        let prefix = known_prefix(word);
        let assignment = prefix.strip_prefix("-v").unwrap_or(&prefix);
        assignment.split_once('=').is_some_and(|(name, _)| hookgate_shell::is_name(name))
    };
    let is_program = |word: &&Word| !is_value(word) && known_text(word).contains('"');
    match arguments.iter().find(is_program) {
        Some(program) => std::iter::once(program).chain(arguments.iter().filter(is_value)).collect(),
        None => Vec::new(),
    }
}

fn is_given(command: &CommandFact<'_>) -> bool {
    given(command).next().is_some()
}

/// The here-documents and here-strings that a command reads.
fn given<'a>(command: &CommandFact<'a>) -> impl Iterator<Item = &'a Word> {
    let inputs = command.command.redirections.iter().filter(|input| input.descriptor.unwrap_or(0) == 0);
    inputs.filter_map(|input| match &input.kind {
        RedirectionKind::HereDocument(document) => Some(document.body()),
        RedirectionKind::HereString(word) => Some(word),
        _ => None,
    })
}
