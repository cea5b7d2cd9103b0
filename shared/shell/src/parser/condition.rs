//! `[[ … ]]`.

use super::word::Mode;
use super::{Parsed, Parser};
use crate::ast::{CommandKind, Condition, Word, WordPart};
use crate::error::ErrorKind;

const BINARY: &[&str] =
    &["=", "==", "!=", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];

/// The letters of the unary operators.
const UNARY: &str = "abcdefghkLprstuwxzGNOSnovR";

impl Parser<'_> {
    /// After `[[`.
    pub(super) fn condition_command(&mut self, start: usize) -> Parsed<CommandKind> {
        let condition = self.condition_or()?;
        self.skip_lines()?;
        if !self.eat_word("]]") {
            if self.cursor.peek().is_none() {
                return Err(self.unterminated("`[[ … ]]`", start));
            }
            return Err(self.unexpected("`]]`, `&&` or `||`"));
        }
        Ok(CommandKind::Condition(Box::new(condition)))
    }

    fn condition_or(&mut self) -> Parsed<Condition> {
        let first = self.condition_and()?;
        let mut all = vec![first];
        while self.condition_operator(b"||")? {
            all.push(self.condition_and()?);
        }
        Ok(single_or(all, Condition::Or))
    }

    fn condition_and(&mut self) -> Parsed<Condition> {
        let first = self.condition_term()?;
        let mut all = vec![first];
        while self.condition_operator(b"&&")? {
            all.push(self.condition_term()?);
        }
        Ok(single_or(all, Condition::And))
    }

    fn condition_operator(&mut self, operator: &[u8]) -> Parsed<bool> {
        self.skip_lines()?;
        Ok(self.cursor.eat_str(operator))
    }

    fn condition_term(&mut self) -> Parsed<Condition> {
        let mut negated = false;
        self.skip_lines()?;
        while self.eat_word("!") {
            negated = !negated;
            self.skip_lines()?;
        }
        let condition = if self.cursor.eat(b'(') {
            let inner = self.nested(Self::condition_or)?;
            self.skip_lines()?;
            if !self.cursor.eat(b')') {
                return Err(self.unexpected("`)`"));
            }
            Condition::Group(Box::new(inner))
        } else {
            self.condition_test()?
        };
        Ok(if negated { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn condition_test(&mut self) -> Parsed<Condition> {
        let start = self.cursor.pos();
        let left = self.condition_word(Mode::Plain)?;
        self.check_blank_after(start, false)?;
        if let Some(operator) = unary_operator(&left) {
            self.cursor.skip_blanks();
            let operand = self.condition_word(Mode::Plain)?;
            return Ok(Condition::Unary(operator, operand));
        }
        self.cursor.skip_blanks();
        let start = self.cursor.pos();
        let operator = match self.cursor.peek() {
            Some(b'<') if self.cursor.peek_next() != Some(b'(') => {
                self.cursor.bump();
                "<".to_owned()
            }
            Some(b'>') if self.cursor.peek_next() != Some(b'(') => {
                self.cursor.bump();
                ">".to_owned()
            }
            None | Some(b'&' | b'|' | b')') => return Ok(Condition::Word(left)),
            _ if self.at_condition_end() => return Ok(Condition::Word(left)),
            _ => match BINARY.iter().find(|operator| self.eat_word(operator)) {
                Some(operator) => (*operator).to_owned(),
                None => return Err(self.error_from(ErrorKind::InvalidCondition, start)),
            },
        };
        self.cursor.skip_blanks();
        let mode = match operator.as_str() {
            "=~" => Mode::Regex,
            "=" | "==" | "!=" => Mode::Pattern,
            _ => Mode::Plain,
        };
        let right = self.condition_word(mode)?;
        Ok(Condition::Binary(left, operator, right))
    }

    fn at_condition_end(&mut self) -> bool {
        match self.cursor.starts_with(b"]]") {
            Some(end) => {
                let here = self.cursor.pos();
                self.cursor.set_pos(end);
                let ended = self.at_word_end();
                self.cursor.set_pos(here);
                ended
            }
            None => false,
        }
    }

    fn condition_word(&mut self, mode: Mode) -> Parsed<Word> {
        if self.at_condition_end() {
            return Err(self.unexpected("a word of the condition"));
        }
        self.word_in(mode)
    }
}

fn single_or(mut all: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    if all.len() == 1
        && let Some(only) = all.pop()
    {
        return only;
    }
    join(all)
}

fn unary_operator(word: &Word) -> Option<String> {
    match word.parts.as_slice() {
        [WordPart::Literal(text)] => match text.strip_prefix('-') {
            Some(letter) if letter.len() == 1 && UNARY.contains(letter) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}
