//! What can be wrong with a script's text.

use crate::ast::Span;
use std::fmt;

/// What is wrong, by kind. `Display` gives the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is longer than [`MAX_SIZE`](crate::MAX_SIZE).
    #[error("the script has {size} bytes, more than the limit of {limit}")]
    TooLarge {
        /// The script's size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Constructs nest deeper than [`MAX_NESTING`](crate::MAX_NESTING).
    #[error("constructs nest deeper than {limit} levels")]
    TooDeep {
        /// The limit in levels.
        limit: u32,
    },
    /// The bytes are not UTF-8.
    #[error("the script is not valid UTF-8")]
    NotUtf8,
    /// A NUL byte, which bash drops silently, so that `cu\0rl` runs curl.
    #[error("the script contains a NUL byte, which bash drops silently")]
    Nul,
    /// A carriage return, which bash takes as a part of the word before it.
    #[error("the script contains a carriage return, which bash takes as a part of the word before it")]
    CarriageReturn,
    /// Another control character than tab and newline.
    #[error("the script contains the control character U+{code:04X}")]
    ControlCharacter {
        /// The character's code point.
        code: u32,
    },
    /// A character that changes the direction in which text is shown.
    #[error("the script contains the bidirectional control character U+{code:04X}")]
    BidirectionalCharacter {
        /// The character's code point.
        code: u32,
    },
    /// A character that is not shown at all.
    #[error("the script contains the invisible character U+{code:04X}")]
    InvisibleCharacter {
        /// The character's code point.
        code: u32,
    },
    /// The text ends inside a construct.
    #[error("the script ends inside {construct}")]
    Unterminated {
        /// The construct that is open.
        construct: &'static str,
    },
    /// Something else was expected.
    #[error("unexpected {found}, expected {expected}")]
    Unexpected {
        /// What stands there.
        found: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// `((` or `$((` that is not closed by `))`: bash reads it as arithmetic first and then again as
    /// nested parentheses.
    #[error("`((` is not closed by `))`, so bash would read it a second time as nested subshells")]
    AmbiguousParentheses,
    /// An extended glob outside `[[ … ]]`, which is read in two ways by `shopt extglob`.
    #[error("an extended glob is read differently with and without `shopt -s extglob`")]
    ExtendedGlob,
    /// Aliases, POSIX mode or history expansion are switched on, after which the text means something
    /// else than it says.
    #[error("this switches on aliases, POSIX mode or history, which change how the text after it is read")]
    AliasDependent,
    /// A here-document delimiter with an expansion or a newline in it.
    #[error("the delimiter of this here-document is not a plain word")]
    HereDocumentDelimiter,
    /// A here-document whose end depends on the version of bash.
    #[error("versions of bash disagree about where this here-document ends")]
    AmbiguousHereDocument,
    /// Quotes whose meaning depends on what surrounds them and on the version of bash.
    #[error("versions of bash disagree about the meaning of this quote")]
    AmbiguousQuote,
    /// A subscript where bash reads an array element or a glob depending on what follows.
    #[error("this subscript is an array element or a file name pattern depending on what follows")]
    AmbiguousSubscript,
    /// A construct whose end bash looks for by counting brackets and quotes alone, and would find
    /// elsewhere.
    #[error("bash looks for the end of this construct by counting brackets, and would find another one")]
    AmbiguousEnd,
    /// A word that is reserved in some versions of bash and a program's name in others.
    #[error("versions of bash disagree about whether this word is a keyword or a program")]
    AmbiguousKeyword,
    /// `${ command; }` and `${| command; }`, which bash before 5.3 rejects.
    #[error("command substitution in braces is read differently by versions of bash")]
    BraceSubstitution,
    /// `$'…'` which decodes to a NUL or to bytes that are not UTF-8.
    #[error("this `$'…'` does not decode to UTF-8 text")]
    UndecodableText,
    /// A name that is not made of letters, digits and `_`, where one is needed.
    #[error("`{found}` is not a name of letters, digits and `_`")]
    InvalidName {
        /// What stands there.
        found: String,
    },
    /// A file descriptor of more than three digits.
    #[error("a file descriptor has at most three digits")]
    InvalidFileDescriptor,
    /// An expansion `${…}` that is not one.
    #[error("`${{…}}` contains something that is not a parameter expansion")]
    InvalidExpansion,
    /// A word or operator of arithmetic or of `[[ … ]]` that is not one.
    #[error("`[[ … ]]` contains something that is not a condition")]
    InvalidCondition,
}

impl ErrorKind {
    /// What to write instead.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "split the work: a hook needs a few statements, not a program",
            Self::TooDeep { .. } => "move the inner part into a function or a variable of its own",
            Self::NotUtf8 => "save the file as UTF-8",
            Self::Nul => "remove the NUL byte",
            Self::CarriageReturn => "save the file with Unix line ends (LF)",
            Self::ControlCharacter { .. }
            | Self::BidirectionalCharacter { .. }
            | Self::InvisibleCharacter { .. } => "remove the character, or write it as an escape inside $'…'",
            Self::Unterminated { .. } => "close it",
            Self::Unexpected { .. } => "check the syntax with `bash -n`",
            Self::AmbiguousParentheses => {
                "put a space between the parentheses for nested subshells, or close with `))`"
            }
            Self::ExtendedGlob => "use `[[ … == pattern ]]` or `case` with several patterns",
            Self::AliasDependent => "use a function instead of an alias, and bash's own defaults",
            Self::AmbiguousKeyword => "put it on a line of its own, or outside of the substitution",
            Self::AmbiguousEnd => "assign the inner part to a variable first",
            Self::HereDocumentDelimiter => "use a quoted name, such as <<'EOF'",
            Self::AmbiguousHereDocument => {
                "put the delimiter on a line of its own, inside the construct that began it"
            }
            Self::AmbiguousQuote => "assign the text to a variable first",
            Self::AmbiguousSubscript => "quote the word, or write the assignment without spaces",
            Self::BraceSubstitution => "use $( … )",
            Self::UndecodableText => "use characters that are UTF-8 text",
            Self::InvalidName { .. } => "use a name of letters, digits and `_`",
            Self::InvalidFileDescriptor => "use a file descriptor from 0 to 9",
            Self::InvalidExpansion => "check the expansion with `bash -n`",
            Self::InvalidCondition => "check the condition with `bash -n`",
        }
    }
}

/// An error with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where, in bytes of the source.
    pub span: Span,
}

impl ParseError {
    /// What to write instead.
    #[must_use]
    pub fn help(&self) -> &'static str {
        self.kind.help()
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at byte {}", self.kind, self.span.start)
    }
}

impl std::error::Error for ParseError {}
