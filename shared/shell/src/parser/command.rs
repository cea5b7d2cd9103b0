//! Commands: the dispatch on what stands where a command begins, and simple commands.

use super::{Parsed, Parser, add};
use crate::ast::{Assignment, AssignmentValue, Command, CommandKind, Redirection, Simple, Word, WordPart};
use crate::error::ErrorKind;
use smallvec::SmallVec;

/// The builtins after which `name=( … )` is an array.
const DECLARATIONS: &[&str] = &["alias", "declare", "eval", "export", "let", "local", "readonly", "typeset"];

/// What was read so far of a simple command. Its words stay in place until their number is known, so that they are
/// kept in a vector without spare room.
#[derive(Default)]
pub(super) struct Unfinished {
    pub(super) assignments: Vec<Assignment>,
    pub(super) words: SmallVec<[Word; 4]>,
}

impl Parser<'_> {
    pub(super) fn command(&mut self) -> Parsed<Command> {
        self.cursor.skip_blanks();
        let start = self.cursor.pos();
        let kind = match self.cursor.peek() {
            Some(b'(') if self.cursor.peek_next() == Some(b'(') => Some(self.arithmetic_command()?),
            Some(b'(') => Some(self.subshell()?),
            _ => match self.peek_keyword() {
                // Anywhere but at the beginning of a pipeline it is the program of this name.
                Some("time") => None,
                Some(keyword) => Some(self.compound(keyword)?),
                None => None,
            },
        };
        let Some(kind) = kind else {
            return self.simple(start);
        };
        let mut redirections = Vec::new();
        if !matches!(kind, CommandKind::Function(_) | CommandKind::Coprocess { .. }) {
            redirections = self.redirections()?;
        }
        Ok(Command { kind, redirections, span: self.span_from(start) })
    }

    /// The redirections that stand here.
    pub(super) fn redirections(&mut self) -> Parsed<Vec<Redirection>> {
        let mut redirections = Vec::new();
        loop {
            let before = self.cursor.pos();
            self.cursor.skip_blanks();
            match self.redirection()? {
                Some(redirection) => add(&mut redirections, redirection),
                None => {
                    self.cursor.set_pos(before);
                    return Ok(redirections);
                }
            }
        }
    }

    fn simple(&mut self, start: usize) -> Parsed<Command> {
        let mut simple = Unfinished::default();
        let mut redirections = Vec::new();
        let mut end;
        // Behind a redirection that is not the first thing bash knows no arrays.
        let mut arrays = true;
        loop {
            end = self.cursor.pos();
            self.cursor.skip_blanks();
            if let Some(redirection) = self.redirection()? {
                add(&mut redirections, redirection);
                arrays &= simple.words.is_empty() && simple.assignments.is_empty();
                continue;
            }
            match self.cursor.peek() {
                None | Some(b'\n' | b';' | b'&' | b'|' | b')' | b'#') => break,
                Some(b'(') => {
                    if let Some((name, span)) = self.function_name(&simple, &redirections) {
                        return self.function_after_name(start, name, span);
                    }
                    return Err(self.unexpected("`;` or a newline"));
                }
                Some(b'<' | b'>') if self.cursor.peek_next() != Some(b'(') => {
                    return Err(self.unexpected("a redirection"));
                }
                Some(_) => {
                    let word = self.cursor.pos();
                    self.simple_word(&mut simple)?;
                    if !arrays && ends_with_array(&simple) {
                        self.cursor.set_pos(word);
                        return Err(self.unexpected("a word"));
                    }
                }
            }
        }
        if simple.words.is_empty() && simple.assignments.is_empty() && redirections.is_empty() {
            return Err(self.unexpected("a command"));
        }
        self.check_aliases(&simple, start)?;
        let span = self.cursor.span(start, end);
        let simple = Simple { assignments: simple.assignments, words: simple.words.into_vec() };
        Ok(Command { kind: CommandKind::Simple(simple), redirections, span })
    }

    /// An assignment, the command word, or an argument.
    fn simple_word(&mut self, simple: &mut Unfinished) -> Parsed<()> {
        if simple.words.is_empty()
            && let Some(assignment) = self.assignment()?
        {
            add(&mut simple.assignments, assignment);
            return Ok(());
        }
        let word = if simple.words.first().is_some_and(is_declaration) {
            self.declaration_word()?
        } else {
            self.braced_word()?
        };
        simple.words.push(word);
        Ok(())
    }

    fn check_aliases(&self, simple: &Unfinished, start: usize) -> Parsed<()> {
        let mut words = simple.words.iter().map(Word::literal);
        let command = words.next().flatten();
        let aliases = match command.as_deref() {
            Some("shopt") => words.any(|word| word.as_deref() == Some("expand_aliases")),
            Some("set") => words.any(|word| {
                matches!(word.as_deref(), Some("posix" | "history" | "histexpand"))
                    || word.as_deref().is_some_and(|word| word.starts_with('-') && word.contains('H'))
            }),
            Some("export" | "declare" | "typeset" | "readonly" | "local") => {
                words.any(|word| word.as_deref() == Some("POSIXLY_CORRECT"))
            }
            _ => false,
        };
        if aliases { Err(self.error_from(ErrorKind::AliasDependent, start)) } else { Ok(()) }
    }
}

/// Whether the word that was read last has an array.
fn ends_with_array(simple: &Unfinished) -> bool {
    let word = simple.words.last().and_then(|word| word.parts.last());
    let assignment = simple.assignments.last().map(|assignment| &assignment.value);
    matches!(word, Some(WordPart::Array(_)))
        || simple.words.is_empty() && matches!(assignment, Some(AssignmentValue::Array(_)))
}

fn is_declaration(word: &Word) -> bool {
    matches!(word.parts.as_slice(), [WordPart::Literal(text)] if DECLARATIONS.contains(&text.as_str()))
}
