//! Function definitions in both forms, and coprocesses.

use super::command::Unfinished;
use super::{Parsed, Parser};
use crate::ast::{Command, CommandKind, FunctionDefinition, Redirection, Span, Word, WordPart};
use crate::error::ErrorKind;

impl Parser<'_> {
    /// The name, when what was read so far of a simple command can be the name of a function.
    pub(super) fn function_name(
        &self,
        simple: &Unfinished,
        redirections: &[Redirection],
    ) -> Option<(String, Span)> {
        if !simple.assignments.is_empty() || !redirections.is_empty() {
            return None;
        }
        match simple.words.as_slice() {
            [word] => match word.parts.as_slice() {
                [WordPart::Literal(name)] => Some((name.clone(), word.span)),
                _ => None,
            },
            _ => None,
        }
    }

    /// `() body` after the name.
    pub(super) fn function_after_name(&mut self, start: usize, name: String, span: Span) -> Parsed<Command> {
        self.cursor.bump();
        self.cursor.skip_blanks();
        if !self.cursor.eat(b')') {
            return Err(self.unexpected("`)` of a function definition"));
        }
        let definition = self.function_body(name, span, false)?;
        let kind = CommandKind::Function(Box::new(definition));
        Ok(Command { kind, redirections: Vec::new(), span: self.span_from(start) })
    }

    /// `function name [()] body`, after the keyword.
    pub(super) fn function_keyword(&mut self) -> Parsed<CommandKind> {
        self.cursor.skip_blanks();
        let start = self.cursor.pos();
        let word = self.word()?;
        let [WordPart::Literal(name)] = word.parts.as_slice() else {
            let found = self.cursor.slice(start, self.cursor.pos()).to_owned();
            return Err(self.error_from(ErrorKind::InvalidName { found }, start));
        };
        self.cursor.skip_blanks();
        if self.cursor.peek() == Some(b'(') {
            let before = self.cursor.pos();
            self.cursor.bump();
            self.cursor.skip_blanks();
            if !self.cursor.eat(b')') {
                self.cursor.set_pos(before);
            }
        }
        Ok(CommandKind::Function(Box::new(self.function_body(name.clone(), word.span, true)?)))
    }

    fn function_body(&mut self, name: String, name_span: Span, keyword: bool) -> Parsed<FunctionDefinition> {
        self.skip_lines()?;
        if !self.at_compound() {
            return Err(self.unexpected("the body of a function, such as `{ …; }`"));
        }
        let body = Box::new(self.nested(Self::command)?);
        Ok(FunctionDefinition { name, name_span, keyword, body })
    }

    /// Whether a compound command begins here.
    pub(super) fn at_compound(&mut self) -> bool {
        self.cursor.peek() == Some(b'(')
            || self.peek_keyword().is_some_and(|word| {
                matches!(word, "{" | "[[" | "case" | "for" | "if" | "select" | "until" | "while")
            })
    }

    /// `coproc [name] command`, after the keyword.
    pub(super) fn coprocess(&mut self) -> Parsed<CommandKind> {
        self.cursor.skip_blanks();
        let before = self.cursor.pos();
        let mut name = None;
        if !self.at_compound() && self.cursor.peek().is_some_and(super::is_name_start) {
            let word = self.cursor.name();
            let whole = self.at_word_end();
            self.cursor.skip_blanks();
            if whole && self.at_compound() {
                name = Some(word);
            } else {
                self.cursor.set_pos(before);
            }
        }
        let body = Box::new(self.nested(Self::command)?);
        // Only simple commands and compound ones can be run so, and a second word that is reserved
        // begins a compound one.
        let allowed = match &body.kind {
            CommandKind::Function(_) | CommandKind::Coprocess { .. } => false,
            CommandKind::Simple(simple) => simple.words.get(1).is_none_or(|word| !is_reserved(word)),
            _ => true,
        };
        if !allowed {
            self.cursor.set_pos(before);
            return Err(self.unexpected("a command that can be run as a coprocess"));
        }
        // Behind the first word a command could begin, where bash reads brackets to their end.
        if let CommandKind::Simple(simple) = &body.kind
            && simple.assignments.is_empty()
            && simple.words.get(1).is_some_and(has_subscript)
        {
            return Err(self.error_from(ErrorKind::AmbiguousSubscript, before));
        }
        Ok(CommandKind::Coprocess { name, body })
    }
}

/// Whether a word begins as the assignment of an element does.
fn has_subscript(word: &Word) -> bool {
    let Some(WordPart::Literal(text)) = word.parts.first() else { return false };
    text.split_once('[').is_some_and(|(name, _)| crate::is_name(name))
}

fn is_reserved(word: &Word) -> bool {
    matches!(word.parts.as_slice(), [WordPart::Literal(text)] if super::keyword::KEYWORDS.contains(&text.as_str()))
}
