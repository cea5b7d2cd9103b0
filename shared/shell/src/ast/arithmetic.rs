//! Arithmetic, as far as is needed to see names, subscripts and substitutions.

use super::{Span, WordPart};

/// An arithmetic expression as a sequence of tokens. Bash expands it like a double-quoted text first
/// and evaluates the result, so adjacent tokens may join: compare their spans.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arithmetic {
    /// The tokens in their order, without white space.
    pub tokens: Vec<ArithmeticToken>,
    /// The text between the delimiters.
    pub span: Span,
}

/// A token of arithmetic.
#[derive(Debug, Clone, PartialEq)]
pub enum ArithmeticToken {
    /// A text that begins with a digit: `10`, `0x1f`, `2#101`.
    Number(String, Span),
    /// A name, which bash evaluates recursively, with its subscript.
    Name(String, Option<Subscript>, Span),
    /// A character of an operator, or one that is no arithmetic at all.
    Operator(char, Span),
    /// A substitution or expansion, or a quoted text.
    Part(WordPart, Span),
}

impl ArithmeticToken {
    /// Where the token stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Number(_, span)
            | Self::Name(_, _, span)
            | Self::Operator(_, span)
            | Self::Part(_, span) => *span,
        }
    }
}

/// What stands between `[` and `]` after a name.
#[derive(Debug, Clone, PartialEq)]
pub enum Subscript {
    /// `[@]`
    At,
    /// `[*]`
    Star,
    /// Anything else: arithmetic for an indexed array, a string for an associative one.
    Expression(Box<Arithmetic>),
}
