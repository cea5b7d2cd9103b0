//! SQL that reaches mysql from elsewhere than `-e` and its input's own text: other options, and files that the script
//! writes.

use super::piped::written;
use crate::facts::{CommandFact, Facts, known_prefix, plain_variable};
use hookgate_shell::ast::{RedirectionKind, Word};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The options whose values are SQL. mysql takes the beginnings of their names as well.
const OPTIONS: &[&str] = &["--execute", "--init-command", "--init-command-add"];

/// The shortest beginning of one that can't be another option.
const SHORTEST: usize = "--in".len();

/// The words that hold SQL in an option other than `--execute` as it is spelled out.
pub(super) fn in_options<'a>(arguments: &[&'a Word]) -> Vec<&'a Word> {
    let mut words = Vec::new();
    let mut index = 0;
    while let Some(word) = arguments.get(index) {
        index += 1;
        let prefix = known_prefix(word);
        let (name, attached) =
            prefix.split_once('=').map_or((prefix.as_ref(), false), |(name, _)| (name, true));
        let is_one = name.len() >= SHORTEST
            && name != "--execute"
            && OPTIONS.iter().any(|option| option.starts_with(name));
        if is_one && attached {
            words.push(*word);
        } else if is_one {
            words.extend(arguments.get(index));
            index += 1;
        }
    }
    words
}

/// The files that a script writes, and which of its commands write them.
pub(super) struct Files<'a> {
    writers: BTreeMap<Cow<'a, str>, Vec<usize>>,
}

impl<'a> Files<'a> {
    pub(super) fn of(facts: &'a Facts<'a>) -> Self {
        let mut writers = BTreeMap::<_, Vec<usize>>::new();
        for (redirection, command) in &facts.redirections {
            let (RedirectionKind::Write(word)
            | RedirectionKind::Append(word)
            | RedirectionKind::Clobber(word)) = &redirection.kind
            else {
                continue;
            };
            if redirection.descriptor.unwrap_or(1) == 1
                && let (Some(index), Some(path)) = (*command, path(word, facts))
            {
                writers.entry(path).or_default().push(index);
            }
        }
        Self { writers }
    }

    /// The words that the script writes into the files which a command reads. Each file is looked at once, for the first
    /// command that reads it.
    pub(super) fn words_for(&mut self, command: &CommandFact<'a>, facts: &'a Facts<'a>) -> Vec<&'a Word> {
        let inputs = command.command.redirections.iter().filter(|input| input.descriptor.unwrap_or(0) == 0);
        let redirected = inputs.filter_map(|input| match &input.kind {
            RedirectionKind::Read(word) => Some(word),
            _ => None,
        });
        let operands = command.arguments().iter().filter(|_| command.name() == Some("cat"));
        let paths = redirected.chain(operands).filter_map(|word| path(word, facts));
        let writers = paths.filter_map(|path| self.writers.remove(&path)).flatten();
        writers.filter_map(|index| facts.commands.get(index)).flat_map(written).collect()
    }
}

/// What tells a file from others: its path, or the variable that holds it.
fn path<'a>(word: &'a Word, facts: &'a Facts<'a>) -> Option<Cow<'a, str>> {
    match plain_variable(word) {
        Some(name) => Some(
            facts.variables.only_text(name).map_or_else(|| Cow::Owned(format!("${name}")), Cow::Borrowed),
        ),
        None => word.text(),
    }
}
