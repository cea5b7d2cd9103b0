//! Words and their parts.

use super::{Arithmetic, ArrayElement, List, Span, Subscript};
use smallvec::SmallVec;

/// The parts of a word. Most words have one, which is kept in place.
pub type Parts = SmallVec<[WordPart; 1]>;

/// A word: what becomes one or more arguments after expansion.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Word {
    /// The parts in their order; empty for an empty text, as in `a=`.
    pub parts: Parts,
    /// The whole word with its quotes.
    pub span: Span,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq)]
pub enum WordPart {
    /// Text that stands without quotes: file name patterns in it are active.
    Literal(String),
    /// A character after a backslash.
    Escaped(char),
    /// `'…'`
    SingleQuoted(String),
    /// `$'…'`, decoded.
    AnsiQuoted(String),
    /// `"…"`
    DoubleQuoted(Vec<WordPart>),
    /// `$"…"`, which is looked up in the message catalogue and expanded again.
    LocalizedQuoted(Vec<WordPart>),
    /// `~` or `~name` where bash expands it.
    Tilde(String),
    /// `$name`, `${…}`
    Parameter(Box<ParameterExpansion>),
    /// `$( … )` and `` `…` ``
    Command(Box<Substitution>),
    /// `<( … )` and `>( … )`
    Process(Direction, Box<Substitution>),
    /// `$(( … ))` and `$[ … ]`
    Arithmetic(Box<Arithmetic>),
    /// `{a,b}` and `{1..3}`
    Brace(Box<Brace>),
    /// `@(…|…)` and its kin, only inside `[[ … ]]`: the operator and the parts between the parentheses.
    ExtendedGlob(char, Vec<WordPart>),
    /// `( … )` after `name=` in the arguments of `declare` and its kin.
    Array(Vec<ArrayElement>),
}

/// A command or process substitution.
#[derive(Debug, Clone, PartialEq)]
pub struct Substitution {
    /// The commands.
    pub body: List,
    /// Whether it is written with backquotes.
    pub backquoted: bool,
    /// From the opening to the closing character.
    pub span: Span,
}

/// The direction of a process substitution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `<( … )`: it is read from.
    Read,
    /// `>( … )`: it is written to.
    Write,
}

/// A brace expansion.
#[derive(Debug, Clone, PartialEq)]
pub enum Brace {
    /// `{a,b,…}`: the parts of each alternative.
    Alternatives(Vec<Vec<WordPart>>),
    /// `{x..y}` and `{x..y..step}`: the text between the braces.
    Range(Vec<WordPart>),
}

/// What is expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterName {
    /// A variable.
    Variable(String),
    /// A positional parameter `$1`, `${10}`; `$0` is 0.
    Positional(u32),
    /// One of `@ * # ? - $ !`.
    Special(char),
}

/// `$name` and `${…}`.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterExpansion {
    /// What is expanded.
    pub name: ParameterName,
    /// The subscript in `${name[…]}`.
    pub subscript: Option<Subscript>,
    /// Whether it begins with `${!`, which expands the parameter that the value names.
    pub indirect: bool,
    /// The operator, apart because most expansions have none and it is twice as large as the rest.
    pub operator: Option<Box<ParameterOperator>>,
    /// From `$` to the end.
    pub span: Span,
}

/// The operators of `${…}`.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterOperator {
    /// `${#name}`
    Length,
    /// `${name-word}`, `${name:-word}`
    Default {
        /// Whether a colon stands before it.
        colon: bool,
        /// The word.
        word: Word,
    },
    /// `${name=word}`, `${name:=word}`: writes the variable.
    Assign {
        /// Whether a colon stands before it.
        colon: bool,
        /// The word.
        word: Word,
    },
    /// `${name?word}`, `${name:?word}`
    Error {
        /// Whether a colon stands before it.
        colon: bool,
        /// The word.
        word: Word,
    },
    /// `${name+word}`, `${name:+word}`
    Alternative {
        /// Whether a colon stands before it.
        colon: bool,
        /// The word.
        word: Word,
    },
    /// `${name#pattern}`, `${name##pattern}`
    RemovePrefix {
        /// Whether the operator is doubled.
        longest: bool,
        /// The pattern.
        pattern: Word,
    },
    /// `${name%pattern}`, `${name%%pattern}`
    RemoveSuffix {
        /// Whether the operator is doubled.
        longest: bool,
        /// The pattern.
        pattern: Word,
    },
    /// `${name/pattern/replacement}`
    Replace {
        /// What is replaced.
        mode: ReplaceMode,
        /// The pattern.
        pattern: Word,
        /// The replacement, when there is a second `/`.
        replacement: Option<Word>,
    },
    /// `${name:offset:length}`
    Substring {
        /// The offset.
        offset: Arithmetic,
        /// The length.
        length: Option<Arithmetic>,
    },
    /// `${name^pattern}`, `^^`, `,`, `,,`, `~`, `~~`
    Case {
        /// The operator's character.
        operator: char,
        /// Whether it is doubled.
        all: bool,
        /// The pattern, which may be empty.
        pattern: Word,
    },
    /// `${name@Q}` and the other letters.
    Transform(char),
    /// `${!prefix*}` and `${!prefix@}`
    NamesWithPrefix,
}

/// What `${name/…/…}` replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplaceMode {
    /// `/`: the first match.
    First,
    /// `//`: all matches.
    All,
    /// `/#`: a match at the beginning.
    Prefix,
    /// `/%`: a match at the end.
    Suffix,
}
