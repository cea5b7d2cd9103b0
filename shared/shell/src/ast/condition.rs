//! The conditions of `[[ … ]]`.

use super::Word;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `a && b && …`
    And(Vec<Condition>),
    /// `a || b || …`
    Or(Vec<Condition>),
    /// `! a`
    Not(Box<Condition>),
    /// `( a )`
    Group(Box<Condition>),
    /// `-f word` and its kin; the operator with its dash.
    Unary(String, Word),
    /// `word == word` and its kin; the operator as written.
    Binary(Word, String, Word),
    /// A word alone: true when it is not empty.
    Word(Word),
}
