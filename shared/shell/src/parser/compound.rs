//! Compound commands: groups, subshells, `if`, `case` and arithmetic commands.

use super::list::End;
use super::{Parsed, Parser};
use crate::ast::{Case, CaseArm, CaseEnd, CommandKind, If, List, Loop};
use crate::error::ErrorKind;

impl Parser<'_> {
    /// The compound command that begins with `keyword`, which stands here.
    pub(super) fn compound(&mut self, keyword: &'static str) -> Parsed<CommandKind> {
        if matches!(keyword, "do" | "done" | "elif" | "else" | "esac" | "fi" | "in" | "then" | "}" | "]]") {
            return Err(self.unexpected("a command"));
        }
        let start = self.cursor.pos();
        self.eat_word(keyword);
        self.nested(|parser| match keyword {
            "{" => Ok(CommandKind::Group(parser.braces(start)?)),
            "if" => parser.if_clause(start),
            "case" => parser.case_clause(start),
            "for" => parser.for_clause(start),
            "select" => parser.select_clause(start),
            "while" => {
                let (condition, body) = parser.while_clause(start)?;
                Ok(CommandKind::While(Box::new(Loop { condition, body })))
            }
            "until" => {
                let (condition, body) = parser.while_clause(start)?;
                Ok(CommandKind::Until(Box::new(Loop { condition, body })))
            }
            "[[" => parser.condition_command(start),
            "function" => parser.function_keyword(),
            "coproc" => parser.coprocess(),
            _ => Err(parser.unexpected("a command")),
        })
    }

    /// `… }` after the brace.
    pub(super) fn braces(&mut self, start: usize) -> Parsed<List> {
        let list = self.nonempty_list(End::Words(&["}"]))?;
        self.close("}", "a group `{ …; }`", start)?;
        Ok(list)
    }

    /// Moves past the reserved word that ends a construct.
    pub(super) fn close(&mut self, word: &str, construct: &'static str, start: usize) -> Parsed<()> {
        if self.eat_word(word) {
            Ok(())
        } else if self.cursor.peek().is_none() {
            Err(self.unterminated(construct, start))
        } else {
            Err(self.unexpected("the end of the construct"))
        }
    }

    pub(super) fn subshell(&mut self) -> Parsed<CommandKind> {
        let start = self.cursor.pos();
        self.cursor.bump();
        let list = self.nested(|parser| parser.nonempty_list(End::Parenthesis))?;
        if !self.cursor.eat(b')') {
            return Err(self.unterminated("a subshell `( … )`", start));
        }
        Ok(CommandKind::Subshell(list))
    }

    pub(super) fn arithmetic_command(&mut self) -> Parsed<CommandKind> {
        let start = self.cursor.pos();
        self.cursor.bump();
        self.cursor.eat(b'(');
        let expression = self.nested(|parser| parser.arithmetic_parentheses(start, false))?;
        Ok(CommandKind::Arithmetic(expression))
    }

    fn if_clause(&mut self, start: usize) -> Parsed<CommandKind> {
        const BRANCH: End = End::Words(&["elif", "else", "fi"]);
        let mut branches = Vec::new();
        let mut otherwise = None;
        loop {
            let condition = self.nonempty_list(End::Words(&["then"]))?;
            self.close("then", "`if …; then …; fi`", start)?;
            branches.push((condition, self.nonempty_list(BRANCH)?));
            if !self.eat_word("elif") {
                break;
            }
        }
        if self.eat_word("else") {
            otherwise = Some(self.nonempty_list(End::Words(&["fi"]))?);
        }
        self.close("fi", "`if …; then …; fi`", start)?;
        Ok(CommandKind::If(Box::new(If { branches, otherwise })))
    }

    fn case_clause(&mut self, start: usize) -> Parsed<CommandKind> {
        self.cursor.skip_blanks();
        let subject = self.word()?;
        self.expect_word("in", "`in`")?;
        let mut arms = Vec::new();
        loop {
            self.skip_lines()?;
            if self.eat_word("esac") {
                return Ok(CommandKind::Case(Box::new(Case { subject, arms })));
            }
            if self.cursor.peek().is_none() {
                return Err(self.unterminated("`case … esac`", start));
            }
            let arm = self.case_arm()?;
            arms.push(arm);
        }
    }

    fn case_arm(&mut self) -> Parsed<CaseArm> {
        self.cursor.eat(b'(');
        let mut patterns = Vec::new();
        loop {
            self.cursor.skip_blanks();
            let start = self.cursor.pos();
            let pattern = self.word()?;
            // Bash takes it for the end of a group when one is open anywhere around.
            if self.cursor.slice(start, self.cursor.pos()) == "}" {
                return Err(self.error_from(ErrorKind::AmbiguousKeyword, start));
            }
            patterns.push(pattern);
            self.cursor.skip_blanks();
            if self.cursor.eat(b')') {
                break;
            }
            if !self.cursor.eat(b'|') {
                return Err(self.unexpected("`|` or `)` of a pattern"));
            }
        }
        let body = self.list(End::CaseArm)?;
        let end = if self.cursor.eat_str(b";;&") {
            CaseEnd::Continue
        } else if self.cursor.eat_str(b";;") {
            CaseEnd::Break
        } else if self.cursor.eat_str(b";&") {
            CaseEnd::FallThrough
        } else {
            CaseEnd::Break
        };
        Ok(CaseArm { patterns, body, end })
    }
}
