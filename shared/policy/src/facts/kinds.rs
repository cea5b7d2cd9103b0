//! Which commands the rules look at. Most commands of a script are of no interest to most rules: each is looked at once
//! when the facts are gathered, and a rule goes through those of its kind only.

use super::{CommandFact, CommandWord, is_mysql_variable};
use hookgate_shell::ast::{Word, WordPart};

/// A kind of commands. A command may be of several, or of none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What it starts is not known, is a program of a kind that has a rule of its own, or is given to it.
    Starting,
    /// It has a name that is not one of a builtin that hooks may use.
    Program,
    /// It has the name of a builtin whose arguments are checked.
    CheckedBuiltin,
    /// It is mysql, or starts it.
    Mysql,
    /// It is another client of the database, or starts one.
    DatabaseClient,
    /// An argument may be matched against the names of files: it has a pattern or an expansion without quotes.
    Open,
}

/// The commands by their kinds, as indices.
#[derive(Debug, Default)]
pub(crate) struct Kinds {
    of: [Vec<usize>; 6],
}

impl Kinds {
    /// Notes what a command is.
    pub(super) fn note(&mut self, index: usize, command: &CommandFact<'_>) {
        let mut starting = false;
        let mut mysql = command.word == CommandWord::Mysql;
        let mut client = false;
        for invocation in command.invocations() {
            let meaning = invocation.meaning;
            starting |= invocation.name.is_none() || meaning.class.is_some() || meaning.wrapper.is_some();
            mysql |= meaning.mysql || is_mysql_variable(invocation.word);
            client |= meaning.database_client;
        }
        let is = [
            (Kind::Starting, starting),
            (Kind::Mysql, mysql),
            (Kind::DatabaseClient, client),
            (Kind::Open, command.arguments().iter().any(is_open)),
        ];
        for (kind, _) in is.into_iter().filter(|(_, is)| *is) {
            self.of[kind as usize].push(index);
        }
        if let Some(name) = command.name() {
            // Bash takes what has a folder for a program.
            let (meaning, builtin) = (command.meaning(), !name.contains('/'));
            if !(builtin && meaning.builtin) {
                self.of[Kind::Program as usize].push(index);
            }
            if builtin && meaning.checked {
                self.of[Kind::CheckedBuiltin as usize].push(index);
            }
        }
    }

    /// The indices of those of a kind, in their order.
    pub(super) fn of(&self, kind: Kind) -> &[usize] {
        &self.of[kind as usize]
    }
}

/// Whether bash may make several arguments of a word, or names of files.
fn is_open(word: &Word) -> bool {
    let is_expanded = |part: &WordPart| matches!(part, WordPart::Parameter(_) | WordPart::Command(_));
    word.parts.iter().any(is_expanded) || word.has_glob()
}
