//! SELECT, as far as clients of an FE need it in an upgrade.

use super::super::error::SqlError;
use super::lexer::TokenKind;
use super::parser::Parser;

/// `SELECT [DISTINCT] items [FROM table [WHERE a AND b]] [ORDER BY columns] [LIMIT n]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// Whether equal rows are shown once.
    pub distinct: bool,
    /// What is shown.
    pub items: Vec<Item>,
    /// Where from.
    pub source: Option<Source>,
    /// At most so many rows.
    pub limit: Option<usize>,
}

/// One column of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its value.
    pub expression: Expression,
    /// Its name: the alias, or else the text as it was written.
    pub name: String,
}

/// A value to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// `*`.
    All,
    /// `COUNT(*)` or `COUNT(1)`.
    Count,
    /// A function without arguments, in small letters.
    Function(String),
    /// `@@name`, in small letters.
    Variable(String),
    /// A number or a text.
    Literal(Literal),
    /// A column, in capitals.
    Column(String),
}

/// A number or a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A number as it was written.
    Number(String),
    /// A text.
    Text(String),
}

impl Literal {
    /// What it says.
    pub fn text(&self) -> &str {
        match self {
            Self::Number(text) | Self::Text(text) => text,
        }
    }
}

/// A table and what its rows must fulfil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// `database.table` in small letters.
    pub table: String,
    /// All of these hold.
    pub conditions: Vec<Condition>,
    /// Sorted by these columns, in capitals.
    pub order: Vec<String>,
}

/// A comparison of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The column, in capitals.
    pub column: String,
    /// How it's compared.
    pub comparison: Comparison,
    /// With what; with any of these for [`Comparison::In`] and [`Comparison::NotIn`].
    pub values: Vec<Literal>,
}

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`.
    Equal,
    /// `!=` or `<>`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `LIKE`.
    Like,
    /// `IN (…)`.
    In,
    /// `NOT IN (…)`.
    NotIn,
}

impl Parser<'_> {
    pub(super) fn select(&mut self) -> Result<Select, SqlError> {
        let distinct = self.keyword("DISTINCT");
        let mut items = vec![self.item()?];
        while self.symbol(',') {
            items.push(self.item()?);
        }
        let source = if self.keyword("FROM") { Some(self.source()?) } else { None };
        let mut select = Select { distinct, items, source, limit: None };
        if self.keyword("LIMIT") {
            select.limit = Some(self.number()?);
        }
        Ok(select)
    }

    fn item(&mut self) -> Result<Item, SqlError> {
        let start = self.start();
        let expression = self.expression()?;
        let written = self.text[start..self.end()].to_owned();
        let aliased = self.keyword("AS")
            || matches!(self.peek(), Some(TokenKind::Name(_) | TokenKind::Text(_)))
            || matches!(self.peek(), Some(TokenKind::Word(_)))
                && !["FROM", "LIMIT"].iter().any(|word| self.next_is(word));
        let name = match (aliased, self.peek(), &expression) {
            (true, Some(TokenKind::Text(_)), _) => self.quoted_text()?,
            (true, ..) => self.name()?,
            (false, _, Expression::Literal(Literal::Text(text))) => format!("'{text}'"),
            (false, ..) => written,
        };
        Ok(Item { expression, name })
    }

    fn expression(&mut self) -> Result<Expression, SqlError> {
        if self.symbol('*') {
            return Ok(Expression::All);
        }
        if self.peek() == Some(&TokenKind::Symbol('@')) {
            return Ok(Expression::Variable(self.variable()?));
        }
        if let Some(literal) = self.literal() {
            return Ok(Expression::Literal(literal));
        }
        if self.next_is("FROM") {
            return Err(self.unexpected("an expression"));
        }
        let name = self.name()?;
        if self.symbol('(') {
            if name.eq_ignore_ascii_case("COUNT") {
                if !self.symbol('*') && self.literal().is_none() {
                    return Err(self.unexpected("'*'"));
                }
                self.expect_symbol(')')?;
                return Ok(Expression::Count);
            }
            self.expect_symbol(')')?;
            return Ok(Expression::Function(name.to_lowercase()));
        }
        self.column_after(name).map(Expression::Column)
    }

    /// The rest of `table.column`; gives the column.
    fn column_after(&mut self, mut name: String) -> Result<String, SqlError> {
        while self.symbol('.') {
            name = self.name()?;
        }
        Ok(name.to_uppercase())
    }

    fn source(&mut self) -> Result<Source, SqlError> {
        let mut table = self.name()?;
        if self.symbol('.') {
            table = format!("{table}.{}", self.name()?);
        }
        let mut source = Source { table: table.to_lowercase(), conditions: Vec::new(), order: Vec::new() };
        if self.keyword("WHERE") {
            source.conditions.push(self.condition()?);
            while self.keyword("AND") {
                source.conditions.push(self.condition()?);
            }
        }
        if self.keyword("ORDER") {
            self.expect("BY")?;
            loop {
                let name = self.name()?;
                source.order.push(self.column_after(name)?);
                self.keyword("ASC");
                if !self.symbol(',') {
                    break;
                }
            }
        }
        Ok(source)
    }

    fn condition(&mut self) -> Result<Condition, SqlError> {
        let name = self.name()?;
        let column = self.column_after(name)?;
        let comparison = self.comparison()?;
        let mut values = Vec::new();
        let list = matches!(comparison, Comparison::In | Comparison::NotIn);
        if list {
            self.expect_symbol('(')?;
        }
        loop {
            values.push(self.literal().ok_or_else(|| self.unexpected("a literal"))?);
            if !list || !self.symbol(',') {
                break;
            }
        }
        if list {
            self.expect_symbol(')')?;
        }
        Ok(Condition { column, comparison, values })
    }

    fn comparison(&mut self) -> Result<Comparison, SqlError> {
        if self.keyword("LIKE") {
            return Ok(Comparison::Like);
        }
        if self.keyword("IN") {
            return Ok(Comparison::In);
        }
        if self.keyword("NOT") {
            self.expect("IN")?;
            return Ok(Comparison::NotIn);
        }
        if self.symbol('=') {
            return Ok(Comparison::Equal);
        }
        if self.symbol('!') {
            self.expect_symbol('=')?;
            return Ok(Comparison::NotEqual);
        }
        if self.symbol('<') {
            return Ok(match (self.symbol('='), self.symbol('>')) {
                (true, _) => Comparison::LessOrEqual,
                (_, true) => Comparison::NotEqual,
                _ => Comparison::Less,
            });
        }
        if self.symbol('>') {
            return Ok(if self.symbol('=') { Comparison::GreaterOrEqual } else { Comparison::Greater });
        }
        Err(self.unexpected("a comparison"))
    }

    fn literal(&mut self) -> Option<Literal> {
        let literal = match self.peek()? {
            TokenKind::Number(number) => Literal::Number(number.clone()),
            TokenKind::Text(text) => Literal::Text(text.clone()),
            _ => return None,
        };
        self.advance();
        Some(literal)
    }

    fn number(&mut self) -> Result<usize, SqlError> {
        let number = match self.peek() {
            Some(TokenKind::Number(number)) => number.parse().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| self.unexpected("a number"))?;
        self.advance();
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Statement, parse};
    use super::*;

    fn select(text: &str) -> Select {
        match parse(text).unwrap() {
            Statement::Select(select) => select,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn items_are_named_as_they_were_written() {
        let selected = select("select current_version() AS v, 1, @@GLOBAL.Version_Comment limit 1");
        let names: Vec<_> = selected.items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["v", "1", "@@GLOBAL.Version_Comment"]);
        assert_eq!(selected.items[2].expression, Expression::Variable("version_comment".into()));
        assert_eq!(selected.limit, Some(1));
    }

    #[test]
    fn a_table_is_filtered() {
        let selected = select(
            "SELECT DISTINCT DB_NAME, t.table_name FROM information_schema.partitions_meta \
             WHERE REPLICATION_NUM <= 1 AND db_name NOT IN ('a', 'b') ORDER BY DB_NAME LIMIT 5",
        );
        let source = selected.source.unwrap();
        assert_eq!(selected.items[1].expression, Expression::Column("TABLE_NAME".into()));
        assert_eq!(source.table, "information_schema.partitions_meta");
        assert_eq!(source.conditions[0].comparison, Comparison::LessOrEqual);
        assert_eq!(source.conditions[1].values.len(), 2);
        assert_eq!((source.order, selected.limit), (vec!["DB_NAME".to_owned()], Some(5)));
    }
}
