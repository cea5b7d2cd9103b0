//! A reader over the tokens of one statement.

use super::lexer::Token;

/// Reads the tokens of one statement from left to right.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    tokens: &'a [Token<'a>],
}

impl<'a> Reader<'a> {
    pub(super) fn new(tokens: &'a [Token<'a>]) -> Self {
        Self { tokens }
    }

    pub(super) fn rest(&self) -> &'a [Token<'a>] {
        self.tokens
    }

    pub(super) fn is_end(&self) -> bool {
        self.tokens.is_empty()
    }

    fn next(&mut self) -> Option<&'a Token<'a>> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    /// Moves past a keyword when it is next.
    pub(super) fn keyword(&mut self, keyword: &str) -> bool {
        match self.tokens.first() {
            Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword) => {
                self.next();
                true
            }
            _ => false,
        }
    }

    /// Moves past these keywords when all of them are next.
    pub(super) fn keywords(&mut self, keywords: &str) -> bool {
        let before = self.tokens;
        let all = keywords.split(' ').all(|keyword| self.keyword(keyword));
        if !all {
            self.tokens = before;
        }
        all
    }

    pub(super) fn mark(&mut self, mark: char) -> bool {
        let here = self.tokens.first() == Some(&Token::Mark(mark));
        if here {
            self.next();
        }
        here
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        match self.tokens.first() {
            Some(Token::Text(text)) => {
                self.next();
                Some(text)
            }
            _ => None,
        }
    }

    pub(super) fn number(&mut self) -> Option<&'a str> {
        match self.tokens.first() {
            Some(Token::Number(number)) => {
                self.next();
                Some(number)
            }
            _ => None,
        }
    }

    pub(super) fn name(&mut self) -> Option<&'a str> {
        match self.tokens.first() {
            Some(Token::Word(name) | Token::Quoted(name)) => {
                self.next();
                Some(name)
            }
            _ => None,
        }
    }

    /// `[db.]table`: a name of at most two parts.
    pub(super) fn table(&mut self) -> bool {
        if self.name().is_none() {
            return false;
        }
        if self.mark('.') && self.name().is_none() {
            return false;
        }
        self.tokens.first() != Some(&Token::Mark('.'))
    }

    /// `( … )` with names separated by commas.
    pub(super) fn names_in_parentheses(&mut self) -> bool {
        if !self.mark('(') {
            return false;
        }
        loop {
            if self.name().is_none() {
                return false;
            }
            if self.mark(')') {
                return true;
            }
            if !self.mark(',') {
                return false;
            }
        }
    }
}
