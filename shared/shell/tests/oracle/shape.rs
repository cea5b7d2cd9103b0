//! A script's tree in the shape in which it is compared: a list of what was read where.

use hookgate_shell::ast::*;
use hookgate_shell::visit::{self, Visit};
use serde::Deserialize;

/// Something that was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Event {
    pub offset: u32,
    pub kind: String,
    pub text: String,
}

/// What is in a script, by place.
pub fn of(script: &Script) -> Vec<Event> {
    let mut shape = Shape::default();
    shape.list(&script.body);
    shape.events.sort();
    shape.events
}

#[derive(Default)]
struct Shape {
    events: Vec<Event>,
}

impl Shape {
    fn add(&mut self, span: Span, kind: &str, text: impl Into<String>) {
        self.events.push(Event { offset: span.start, kind: kind.to_owned(), text: text.into() });
    }

    fn words<'a>(&mut self, words: impl IntoIterator<Item = &'a Word>) {
        for word in words {
            self.add(word.span, "word", flat(&word.parts));
        }
    }
}

impl<'a> Visit<'a> for Shape {
    fn command(&mut self, command: &'a Command) {
        match &command.kind {
            CommandKind::Simple(simple) => {
                if let Some(first) = simple.words.first() {
                    let texts: Vec<_> = simple.words.iter().map(|word| flat(&word.parts)).collect();
                    // The other reader keeps the expressions of `let`, not its words.
                    let text = if texts[0] == "let" { "let".to_owned() } else { texts.join("\x1f") };
                    self.add(first.span, "command", text);
                }
            }
            CommandKind::Function(definition) => {
                self.add(definition.name_span, "function", definition.name.clone());
            }
            CommandKind::Group(_) => self.add(command.span, "compound", "{"),
            CommandKind::Subshell(_) => self.add(command.span, "compound", "("),
            CommandKind::If(_) => self.add(command.span, "compound", "if"),
            CommandKind::While(_) | CommandKind::Until(_) => {
                self.add(command.span, "compound", "while");
            }
            CommandKind::For(clause) | CommandKind::Select(clause) => {
                self.add(command.span, "compound", "for");
                if let LoopWords::Words(words) = &clause.words {
                    self.words(words);
                }
            }
            CommandKind::ArithmeticFor { .. } => self.add(command.span, "compound", "for"),
            CommandKind::Case(clause) => {
                self.add(command.span, "compound", "case");
                self.words([&clause.subject]);
                self.words(clause.arms.iter().flat_map(|arm| &arm.patterns));
            }
            CommandKind::Condition(_) => self.add(command.span, "compound", "[["),
            CommandKind::Arithmetic(_) => self.add(command.span, "compound", "(("),
            CommandKind::Coprocess { .. } => {}
        }
        visit::walk_command(self, command);
    }

    fn redirection(&mut self, redirection: &'a Redirection) {
        let descriptor = match (&redirection.variable, redirection.descriptor) {
            (Some(name), _) => format!("{{{name}}}"),
            (None, Some(number)) => number.to_string(),
            (None, None) => String::new(),
        };
        let (operator, word) = match &redirection.kind {
            RedirectionKind::Read(word) => ("<", word),
            RedirectionKind::Write(word) => (">", word),
            RedirectionKind::Clobber(word) => (">|", word),
            RedirectionKind::Append(word) => (">>", word),
            RedirectionKind::ReadWrite(word) => ("<>", word),
            RedirectionKind::DuplicateInput(word) => ("<&", word),
            RedirectionKind::DuplicateOutput(word) => (">&", word),
            RedirectionKind::WriteBoth(word) => ("&>", word),
            RedirectionKind::AppendBoth(word) => ("&>>", word),
            RedirectionKind::HereString(word) => ("<<<", word),
            RedirectionKind::HereDocument(document) => {
                let operator = if document.strip_tabs { "<<-" } else { "<<" };
                let body = flat(&document.body().parts);
                let text = format!("{descriptor}{operator}{}\x1f{body}", document.delimiter);
                self.add(redirection.span, "document", text);
                return visit::walk_redirection(self, redirection);
            }
        };
        // `|&` has no words of its own in the other tree.
        if word.span != redirection.span {
            let text = format!("{descriptor}{operator}{}", flat(&word.parts));
            self.add(redirection.span, "redirection", text);
        }
        visit::walk_redirection(self, redirection);
    }

    fn assignment(&mut self, assignment: &'a Assignment) {
        let subscript = if assignment.subscript.is_some() { "[]" } else { "" };
        let append = if assignment.append { "+" } else { "" };
        let value = match &assignment.value {
            AssignmentValue::Scalar(word) => flat(&word.parts),
            AssignmentValue::Array(elements) => array(elements),
        };
        self.add(assignment.span, "assignment", format!("{}{subscript}{append}={value}", assignment.name));
        visit::walk_assignment(self, assignment);
    }

    fn condition(&mut self, condition: &'a Condition) {
        match condition {
            Condition::Unary(_, word) | Condition::Word(word) => self.words([word]),
            Condition::Binary(left, _, right) => self.words([left, right]),
            _ => {}
        }
        visit::walk_condition(self, condition);
    }

    fn part(&mut self, part: &'a WordPart) {
        match part {
            WordPart::Command(substitution) => self.add(substitution.span, "substitution", "$"),
            WordPart::Process(direction, substitution) => {
                let text = if *direction == Direction::Read { "<" } else { ">" };
                self.add(substitution.span, "substitution", text);
            }
            // The other reader keeps the text of an extended glob as it is.
            WordPart::ExtendedGlob(..) => return,
            _ => {}
        }
        visit::walk_part(self, part);
    }

    fn parameter(&mut self, parameter: &'a ParameterExpansion) {
        let name = match &parameter.name {
            ParameterName::Variable(name) => name.to_string(),
            ParameterName::Positional(number) => number.to_string(),
            ParameterName::Special(character) => character.to_string(),
        };
        self.add(parameter.span, "parameter", name);
        visit::walk_parameter(self, parameter);
    }
}

fn array(elements: &[ArrayElement]) -> String {
    let texts = elements.iter().map(|element| {
        let subscript = if element.subscript.is_some() { "[]=" } else { "" };
        format!("{subscript}{}", flat(&element.value.parts))
    });
    format!("({})", texts.collect::<Vec<_>>().join("\x1e"))
}

/// A word without its quotes, each expansion replaced by a mark.
fn flat(parts: &[WordPart]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            WordPart::Literal(value) | WordPart::SingleQuoted(value) | WordPart::AnsiQuoted(value) => {
                text.push_str(value);
            }
            WordPart::Escaped(character) => text.push(*character),
            WordPart::DoubleQuoted(inner) | WordPart::LocalizedQuoted(inner) => text.push_str(&flat(inner)),
            WordPart::Tilde(name) => text.push_str(&format!("~{name}")),
            WordPart::Parameter(_) => text.push_str("\x01P"),
            WordPart::Command(_) => text.push_str("\x01C"),
            WordPart::Process(Direction::Read, _) => text.push_str("\x01<"),
            WordPart::Process(Direction::Write, _) => text.push_str("\x01>"),
            WordPart::Arithmetic(_) => text.push_str("\x01A"),
            WordPart::Brace(brace) => match brace.as_ref() {
                Brace::Alternatives(alternatives) => {
                    let texts: Vec<_> = alternatives.iter().map(|parts| flat(parts)).collect();
                    text.push_str(&format!("{{{}}}", texts.join(",")));
                }
                Brace::Range(inner) => text.push_str(&format!("{{{}}}", flat(inner))),
            },
            WordPart::ExtendedGlob(..) => text.push_str("\x01E"),
            WordPart::Array(elements) => text.push_str(&array(elements)),
        }
    }
    text
}
