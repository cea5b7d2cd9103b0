//! Tokens → [`Statement`], by recursive descent.

use super::super::error::SqlError;
use super::lexer::{Token, TokenKind, Unterminated, tokens};
use super::{NodeVerb, Password, Statement};
use crate::event::NodeKind;

/// Reads one statement; a semicolon may end it.
///
/// # Errors
/// A syntax error as a real FE words it.
pub fn parse(text: &str) -> Result<Statement, SqlError> {
    let tokens = tokens(text).map_err(|Unterminated(at)| {
        SqlError::syntax(text, at, "Input is not valid: a quotation or comment is not closed")
    })?;
    let mut parser = Parser { text, tokens: &tokens, at: 0 };
    let statement = parser.statement()?;
    while parser.symbol(';') {}
    match parser.peek() {
        None => Ok(statement),
        Some(_) => Err(parser.unexpected("<EOF>")),
    }
}

/// A place in the tokens of a text.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    tokens: &'a [Token],
    at: usize,
}

impl Parser<'_> {
    fn statement(&mut self) -> Result<Statement, SqlError> {
        if self.keyword("ADMIN") {
            return self.admin();
        }
        if self.keyword("SHOW") {
            return self.show();
        }
        if self.keyword("SELECT") {
            return Ok(Statement::Select(self.select()?));
        }
        if self.keyword("SET") {
            return self.set();
        }
        if self.keyword("USE") {
            return Ok(Statement::Use(self.name()?));
        }
        if self.keyword("ALTER") {
            return self.alter();
        }
        if self.keyword("CANCEL") {
            self.expect("DECOMMISSION")?;
            return self.nodes(NodeVerb::CancelDecommission);
        }
        Err(self.unexpected("'ADMIN', 'ALTER', 'SELECT', 'SET', 'SHOW', 'USE'"))
    }

    fn admin(&mut self) -> Result<Statement, SqlError> {
        if self.keyword("SHOW") {
            self.expect("FRONTEND")?;
            self.expect("CONFIG")?;
            return Ok(Statement::ShowConfig { pattern: self.like()? });
        }
        if !self.keyword("SET") {
            return Err(self.unexpected("'SET', 'SHOW'"));
        }
        self.expect("FRONTEND")?;
        self.expect("CONFIG")?;
        self.expect_symbol('(')?;
        let mut properties = Vec::new();
        loop {
            let key = self.quoted_text()?;
            self.expect_symbol('=')?;
            properties.push((key, self.quoted_text()?));
            if !self.symbol(',') {
                break;
            }
        }
        self.expect_symbol(')')?;
        let persistent = self.keyword("WITH");
        if persistent {
            self.expect("PERSISTENT")?;
        }
        Ok(Statement::SetConfig { properties, persistent })
    }

    fn show(&mut self) -> Result<Statement, SqlError> {
        if self.keyword("FRONTENDS") {
            return Ok(Statement::ShowFrontends);
        }
        if self.keyword("BACKENDS") {
            return Ok(Statement::ShowBackends);
        }
        if self.keyword("COMPUTE") {
            self.expect("NODES")?;
            return Ok(Statement::ShowComputeNodes);
        }
        if self.keyword("PROC") {
            return Ok(Statement::ShowProc { path: self.quoted_text()? });
        }
        if self.keyword("DATABASES") || self.keyword("SCHEMAS") {
            return Ok(Statement::ShowDatabases);
        }
        let scoped = self.keyword("GLOBAL") || self.keyword("SESSION");
        if self.keyword("VARIABLES") {
            return Ok(Statement::ShowVariables { pattern: self.like()? });
        }
        Err(self.unexpected(if scoped {
            "'VARIABLES'"
        } else {
            "'BACKENDS', 'FRONTENDS', 'PROC', 'VARIABLES'"
        }))
    }

    fn set(&mut self) -> Result<Statement, SqlError> {
        if self.keyword("PASSWORD") {
            let user = if self.keyword("FOR") { Some(self.user()?) } else { None };
            self.expect_symbol('=')?;
            let password = if self.keyword("PASSWORD") {
                self.expect_symbol('(')?;
                let clear = self.quoted_text()?;
                self.expect_symbol(')')?;
                Password::Clear(clear)
            } else {
                Password::Hash(self.quoted_text()?)
            };
            return Ok(Statement::SetPassword { user, password });
        }
        if self.keyword("NAMES") || self.keyword("CHARSET") {
            self.value()?;
            if self.keyword("COLLATE") {
                self.value()?;
            }
            return Ok(Statement::SetNames);
        }
        let mut variables = Vec::new();
        loop {
            let name = self.variable()?;
            // `SET a := b` is as good as `SET a = b`.
            self.symbol(':');
            self.expect_symbol('=')?;
            variables.push((name, self.value()?));
            if !self.symbol(',') {
                return Ok(Statement::SetVariables(variables));
            }
        }
    }

    fn alter(&mut self) -> Result<Statement, SqlError> {
        if self.keyword("USER") {
            if self.keyword("IF") {
                self.expect("EXISTS")?;
            }
            let user = Some(self.user()?);
            self.expect("IDENTIFIED")?;
            if self.keyword("WITH") {
                self.expect("MYSQL_NATIVE_PASSWORD")?;
            }
            self.expect("BY")?;
            let hashed = self.keyword("PASSWORD");
            let text = self.quoted_text()?;
            let password = if hashed { Password::Hash(text) } else { Password::Clear(text) };
            return Ok(Statement::SetPassword { user, password });
        }
        self.expect("SYSTEM")?;
        if self.keyword("CREATE") {
            self.expect("IMAGE")?;
            return Ok(Statement::CreateImage);
        }
        for (word, verb) in
            [("ADD", NodeVerb::Add), ("DROP", NodeVerb::Drop), ("DECOMMISSION", NodeVerb::Decommission)]
        {
            if self.keyword(word) {
                return self.nodes(verb);
            }
        }
        Err(self.unexpected("'ADD', 'CREATE', 'DECOMMISSION', 'DROP'"))
    }

    fn nodes(&mut self, verb: NodeVerb) -> Result<Statement, SqlError> {
        let decommission = matches!(verb, NodeVerb::Decommission | NodeVerb::CancelDecommission);
        let kind = if self.keyword("BACKEND") {
            NodeKind::Backend
        } else if decommission {
            return Err(self.unexpected("'BACKEND'"));
        } else if self.keyword("COMPUTE") {
            self.expect("NODE")?;
            NodeKind::ComputeNode
        } else if self.keyword("FOLLOWER") {
            NodeKind::Frontend
        } else {
            return Err(self.unexpected("'BACKEND', 'COMPUTE', 'FOLLOWER'"));
        };
        let mut nodes = Vec::new();
        loop {
            let text = self.quoted_text()?;
            let parts =
                text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
            let (host, port) =
                parts.filter(|(host, port)| !host.is_empty() && *port != 0).ok_or_else(|| {
                    SqlError::analyzing(&format!("Invalid host port: {text}, write it like \"host:9050\""))
                })?;
            nodes.push((host.trim_matches(['[', ']']).to_owned(), port));
            if !self.symbol(',') {
                break;
            }
        }
        // DROP BACKEND … FORCE doesn't wait for replicas elsewhere; the stand-in never does.
        if verb == NodeVerb::Drop {
            self.keyword("FORCE");
        }
        Ok(Statement::AlterNodes { verb, kind, nodes })
    }

    fn user(&mut self) -> Result<String, SqlError> {
        let user = self.name_or_text()?;
        if self.symbol('@') {
            self.name_or_text()?;
        }
        Ok(user)
    }

    /// A session variable with any of the ways to say where it lives; gives its bare name in small letters.
    pub(super) fn variable(&mut self) -> Result<String, SqlError> {
        let at = self.symbol('@') && self.symbol('@');
        for scope in ["SESSION", "GLOBAL", "LOCAL"] {
            if self.keyword(scope) {
                if at {
                    self.expect_symbol('.')?;
                }
                break;
            }
        }
        Ok(self.name()?.to_lowercase())
    }

    fn like(&mut self) -> Result<Option<String>, SqlError> {
        if self.keyword("LIKE") { self.quoted_text().map(Some) } else { Ok(None) }
    }

    /// A word, text, or number as a variable's value.
    fn value(&mut self) -> Result<String, SqlError> {
        let sign = if self.symbol('-') { "-" } else { "" };
        match self.peek() {
            Some(TokenKind::Word(v) | TokenKind::Name(v) | TokenKind::Text(v) | TokenKind::Number(v)) => {
                let value = format!("{sign}{v}");
                self.at += 1;
                Ok(value)
            }
            _ => Err(self.unexpected("a value")),
        }
    }

    pub(super) fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// Where the next token begins.
    pub(super) fn start(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |token| token.start)
    }

    /// Where the last token ended.
    pub(super) fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.end)
    }

    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    pub(super) fn next_is(&self, word: &str) -> bool {
        matches!(self.peek(), Some(TokenKind::Word(w)) if w.eq_ignore_ascii_case(word))
    }

    pub(super) fn keyword(&mut self, word: &str) -> bool {
        let fits = self.next_is(word);
        self.at += usize::from(fits);
        fits
    }

    pub(super) fn expect(&mut self, word: &str) -> Result<(), SqlError> {
        if self.keyword(word) { Ok(()) } else { Err(self.unexpected(&format!("'{word}'"))) }
    }

    pub(super) fn symbol(&mut self, symbol: char) -> bool {
        let fits = self.peek() == Some(&TokenKind::Symbol(symbol));
        self.at += usize::from(fits);
        fits
    }

    pub(super) fn expect_symbol(&mut self, symbol: char) -> Result<(), SqlError> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.unexpected(&format!("'{symbol}'"))) }
    }

    pub(super) fn quoted_text(&mut self) -> Result<String, SqlError> {
        match self.peek() {
            Some(TokenKind::Text(text)) => {
                let text = text.clone();
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.unexpected("a quoted string")),
        }
    }

    pub(super) fn name(&mut self) -> Result<String, SqlError> {
        match self.peek() {
            Some(TokenKind::Word(name) | TokenKind::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected("an identifier")),
        }
    }

    fn name_or_text(&mut self) -> Result<String, SqlError> {
        if matches!(self.peek(), Some(TokenKind::Text(_))) { self.quoted_text() } else { self.name() }
    }

    pub(super) fn unexpected(&self, expected: &str) -> SqlError {
        let found = self.tokens.get(self.at).map_or("<EOF>", |token| &self.text[token.start..token.end]);
        let detail = format!("Unexpected input '{found}', the most similar input is {{{expected}}}");
        SqlError::syntax(self.text, self.start(), &detail)
    }
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;
