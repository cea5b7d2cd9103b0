//! The syntax tree.
//!
//! Every node knows its [`Span`]. Texts are owned and decoded: what a node's text says is what bash
//! sees after removing quotes and line continuations.

mod arithmetic;
mod command;
mod condition;
mod word;

pub use arithmetic::{Arithmetic, ArithmeticToken, Subscript};
pub(crate) use command::HereDocumentText;
pub use command::{
    AndOr, AndOrOperator, ArrayElement, Assignment, AssignmentValue, Case, CaseArm, CaseEnd, Command,
    CommandKind, For, FunctionDefinition, HereDocument, If, List, ListItem, Loop, LoopWords, Pipeline,
    Redirection, RedirectionKind, Script, Simple, Terminator,
};
pub use condition::Condition;
pub use word::{
    Brace, Direction, ParameterExpansion, ParameterName, ParameterOperator, Parts, ReplaceMode, Substitution,
    Word, WordPart,
};

/// A range of bytes of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets, which are below 4 GiB because a script is at most
    /// [`MAX_SIZE`](crate::MAX_SIZE); larger ones are cut.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let cut = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: cut(start), end: cut(end.max(start)) }
    }

    /// The same as a range of `usize`, to index a string.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}
