//! Brace expansion, found in a word that is already read.

use super::{Parsed, Parser};
use crate::MAX_NESTING;
use crate::ast::{Brace, Word, WordPart};
use crate::error::ErrorKind;

/// A brace that is open.
#[derive(Default)]
struct Frame {
    alternatives: Vec<Vec<WordPart>>,
    current: Vec<WordPart>,
}

impl Parser<'_> {
    /// Replaces the braces of a word that expand by [`WordPart::Brace`].
    pub(super) fn structure_braces(&self, word: &mut Word) -> Parsed<()> {
        let has = |byte: char| {
            word.parts.iter().any(|part| matches!(part, WordPart::Literal(text) if text.contains(byte)))
        };
        if !has('{') || !has('}') {
            return Ok(());
        }
        self.cursor.count(word.span.range().len());
        let mut stack = vec![Frame::default()];
        for part in std::mem::take(&mut word.parts) {
            match part {
                WordPart::Literal(text) => structure_text(&text, &mut stack),
                part => current(&mut stack).push(part),
            }
            if stack.len() > MAX_NESTING as usize {
                let kind = ErrorKind::TooDeep { limit: MAX_NESTING };
                return Err(Box::new(crate::ParseError { kind, span: word.span }));
            }
        }
        while stack.len() > 1 {
            let Some(frame) = stack.pop() else { break };
            unclosed(frame, current(&mut stack));
        }
        word.parts = stack.pop().map(|frame| frame.current).unwrap_or_default().into();
        Ok(())
    }
}

fn current(stack: &mut Vec<Frame>) -> &mut Vec<WordPart> {
    if stack.is_empty() {
        stack.push(Frame::default());
    }
    let last = stack.len() - 1;
    &mut stack[last].current
}

fn structure_text(text: &str, stack: &mut Vec<Frame>) {
    for character in text.chars() {
        match character {
            '{' if stack.len() <= MAX_NESTING as usize => stack.push(Frame::default()),
            ',' if stack.len() > 1 => {
                let alternative = std::mem::take(current(stack));
                if let Some(frame) = stack.last_mut() {
                    frame.alternatives.push(alternative);
                }
            }
            '}' if stack.len() > 1 => {
                if let Some(frame) = stack.pop() {
                    close(frame, current(stack));
                }
            }
            other => push_char(current(stack), other),
        }
    }
}

fn close(mut frame: Frame, parts: &mut Vec<WordPart>) {
    if !frame.alternatives.is_empty() {
        frame.alternatives.push(frame.current);
        parts.push(WordPart::Brace(Box::new(Brace::Alternatives(frame.alternatives))));
    } else if frame.current.iter().any(|part| matches!(part, WordPart::Literal(text) if text.contains("..")))
    {
        parts.push(WordPart::Brace(Box::new(Brace::Range(frame.current))));
    } else {
        push_char(parts, '{');
        append(parts, frame.current);
        push_char(parts, '}');
    }
}

/// A brace without an end is text.
fn unclosed(frame: Frame, parts: &mut Vec<WordPart>) {
    push_char(parts, '{');
    for alternative in frame.alternatives {
        append(parts, alternative);
        push_char(parts, ',');
    }
    append(parts, frame.current);
}

fn append(parts: &mut Vec<WordPart>, more: Vec<WordPart>) {
    for part in more {
        match (parts.last_mut(), part) {
            (Some(WordPart::Literal(text)), WordPart::Literal(other)) => text.push_str(&other),
            (_, part) => parts.push(part),
        }
    }
}

fn push_char(parts: &mut Vec<WordPart>, character: char) {
    match parts.last_mut() {
        Some(WordPart::Literal(text)) => text.push(character),
        _ => parts.push(WordPart::Literal(character.to_string())),
    }
}
