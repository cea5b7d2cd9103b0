//! Commands: from the whole script down to simple commands, redirections and here-documents.

use super::{Arithmetic, Condition, Parts, Span, Subscript, Word};

/// A whole script.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// The commands at the top level.
    pub body: List,
}

/// A sequence of commands: a body of a function, group, loop, branch, substitution or script.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// The commands in their order.
    pub items: Vec<ListItem>,
    /// From the first command to the last.
    pub span: Span,
}

/// One element of a [`List`]: pipelines joined by `&&` and `||`, with what ends it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListItem {
    /// The pipelines.
    pub command: AndOr,
    /// What ends it.
    pub terminator: Terminator,
}

/// What ends an element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminator {
    /// `;`
    Semicolon,
    /// `&`: it runs in the background.
    Background,
    /// A newline, or the end of the surrounding construct.
    Newline,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, Clone, PartialEq)]
pub struct AndOr {
    /// The first pipeline.
    pub first: Pipeline,
    /// The others, with the operator before each.
    pub rest: Vec<(AndOrOperator, Pipeline)>,
    /// From the first pipeline to the last.
    pub span: Span,
}

impl AndOr {
    /// All pipelines in their order.
    pub fn pipelines(&self) -> impl Iterator<Item = &Pipeline> {
        std::iter::once(&self.first).chain(self.rest.iter().map(|(_, pipeline)| pipeline))
    }
}

/// What joins two pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AndOrOperator {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands joined by `|` or `|&`. One command alone is a pipeline as well.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// Whether an odd number of `!` stands before it.
    pub negated: bool,
    /// Whether `time` stands before it.
    pub timed: bool,
    /// The commands; empty only for a lone `!` or `time`.
    pub commands: Vec<Command>,
    /// The whole pipeline with its prefixes.
    pub span: Span,
}

/// A command with its redirections.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// What it is.
    pub kind: CommandKind,
    /// Its redirections in their order, wherever they stand in it.
    pub redirections: Vec<Redirection>,
    /// The whole command.
    pub span: Span,
}

/// The kinds of commands. What is larger than a simple command is apart, for most commands are simple.
#[derive(Debug, Clone, PartialEq)]
pub enum CommandKind {
    /// Assignments, a command word and its arguments, each of which may be absent.
    Simple(Simple),
    /// `{ …; }`
    Group(List),
    /// `( … )`
    Subshell(List),
    /// `if …; then …; fi`
    If(Box<If>),
    /// `for name in …; do …; done`
    For(Box<For>),
    /// `select name in …; do …; done`
    Select(Box<For>),
    /// `for (( …; …; … )); do …; done`
    ArithmeticFor {
        /// The three expressions.
        header: Box<[Arithmetic; 3]>,
        /// The body.
        body: List,
    },
    /// `while …; do …; done`
    While(Box<Loop>),
    /// `until …; do …; done`
    Until(Box<Loop>),
    /// `case … in … esac`
    Case(Box<Case>),
    /// `[[ … ]]`
    Condition(Box<Condition>),
    /// `(( … ))`
    Arithmetic(Arithmetic),
    /// `name() …` or `function name …`
    Function(Box<FunctionDefinition>),
    /// `coproc …`
    Coprocess {
        /// The name, when one is given.
        name: Option<String>,
        /// The command.
        body: Box<Command>,
    },
}

/// A simple command.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Simple {
    /// The assignments before the command word.
    pub assignments: Vec<Assignment>,
    /// The command word and its arguments.
    pub words: Vec<Word>,
}

/// An assignment before a command word, or alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The name that is written.
    pub name: String,
    /// The subscript in `name[…]=`.
    pub subscript: Option<Subscript>,
    /// Whether it is `+=`.
    pub append: bool,
    /// What is assigned.
    pub value: AssignmentValue,
    /// The whole assignment.
    pub span: Span,
}

/// What is assigned.
#[derive(Debug, Clone, PartialEq)]
pub enum AssignmentValue {
    /// `name=word`
    Scalar(Word),
    /// `name=( … )`
    Array(Vec<ArrayElement>),
}

/// An element of `name=( … )`.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayElement {
    /// The subscript in `[…]=word`.
    pub subscript: Option<Subscript>,
    /// The value.
    pub value: Word,
}

/// `if` with all its branches.
#[derive(Debug, Clone, PartialEq)]
pub struct If {
    /// Condition and body of `if` and of each `elif`.
    pub branches: Vec<(List, List)>,
    /// The body of `else`.
    pub otherwise: Option<List>,
}

/// `while` and `until`.
#[derive(Debug, Clone, PartialEq)]
pub struct Loop {
    /// The condition.
    pub condition: List,
    /// The body.
    pub body: List,
}

/// `for` and `select`.
#[derive(Debug, Clone, PartialEq)]
pub struct For {
    /// The loop variable.
    pub name: String,
    /// Where the loop variable stands.
    pub name_span: Span,
    /// What it runs over.
    pub words: LoopWords,
    /// The body.
    pub body: List,
}

/// What a `for` or `select` runs over.
#[derive(Debug, Clone, PartialEq)]
pub enum LoopWords {
    /// Without `in`: the positional parameters.
    Positional,
    /// The words after `in`.
    Words(Vec<Word>),
}

/// `case`.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The word that is matched.
    pub subject: Word,
    /// The arms in their order.
    pub arms: Vec<CaseArm>,
}

/// An arm of `case`.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseArm {
    /// The patterns.
    pub patterns: Vec<Word>,
    /// The body, which may be empty.
    pub body: List,
    /// How it ends.
    pub end: CaseEnd,
}

/// How an arm of `case` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseEnd {
    /// `;;`, or nothing before `esac`.
    Break,
    /// `;&`: the next body runs as well.
    FallThrough,
    /// `;;&`: the next patterns are tried.
    Continue,
}

/// A function definition.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionDefinition {
    /// The name, which bash allows to be any word.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// Whether it is written with the keyword `function`.
    pub keyword: bool,
    /// The body with its redirections.
    pub body: Box<Command>,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq)]
pub struct Redirection {
    /// The file descriptor before the operator.
    pub descriptor: Option<u16>,
    /// The name in `{name}>`.
    pub variable: Option<String>,
    /// The operator and its target.
    pub kind: RedirectionKind,
    /// The whole redirection, without the body of a here-document.
    pub span: Span,
}

/// Redirection operators with their targets.
#[derive(Debug, Clone, PartialEq)]
pub enum RedirectionKind {
    /// `<`
    Read(Word),
    /// `>`
    Write(Word),
    /// `>|`
    Clobber(Word),
    /// `>>`
    Append(Word),
    /// `<>`
    ReadWrite(Word),
    /// `<&`: a descriptor, `-`, or `N-`.
    DuplicateInput(Word),
    /// `>&`: a descriptor, `-`, `N-`, or a file for both outputs.
    DuplicateOutput(Word),
    /// `&>`
    WriteBoth(Word),
    /// `&>>`
    AppendBoth(Word),
    /// `<<` and `<<-`
    HereDocument(HereDocument),
    /// `<<<`
    HereString(Word),
}

/// A here-document.
#[derive(Debug, Clone, PartialEq)]
pub struct HereDocument {
    /// The delimiter without its quotes.
    pub delimiter: String,
    /// Whether the delimiter is quoted, so that nothing in the body is expanded.
    pub quoted: bool,
    /// Whether it is `<<-`, so that leading tabs are removed.
    pub strip_tabs: bool,
    pub(crate) text: HereDocumentText,
}

impl HereDocument {
    /// The body; one single-quoted part when [`quoted`](Self::quoted).
    #[must_use]
    pub fn body(&self) -> &Word {
        static EMPTY: Word = Word { parts: Parts::new_const(), span: Span { start: 0, end: 0 } };
        self.text.get().unwrap_or(&EMPTY)
    }
}

/// The body of a here-document, which is read after the redirection: at the next newline.
pub(crate) type HereDocumentText = std::sync::Arc<std::sync::OnceLock<Word>>;
