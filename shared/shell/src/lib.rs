//! The shell front end: bash text to a syntax tree with byte spans.
//!
//! [`parse`] reads a script in a single pass and returns a [`Script`](ast::Script), or a
//! [`ParseError`] that says what could not be read, where, and what to write instead. It is the ground
//! on which an admission decision stands, so it is total: no input makes it panic, recurse without
//! bound, or take more than linear time and memory. Where bash itself would read a text in two ways —
//! by version, by option or by alias — the text is refused by name instead of guessed at.
//!
//! ```
//! let script = hookgate_shell::parse(b"pre_upgrade() { echo hello; }").expect("valid bash");
//! assert_eq!(script.body.items.len(), 1);
//! ```
#![doc = include_str!("../REFUSALS.md")]

pub mod ast;
mod cursor;
mod error;
mod parser;
mod text;
mod value;
pub mod visit;

pub use error::{ErrorKind, ParseError};
pub use value::is_name;

/// The longest script that is read, in bytes.
pub const MAX_SIZE: usize = 256 * 1024;

/// How deep constructs may nest: groups, substitutions, expansions, subscripts and parentheses all
/// count one level each; a text that has to be copied to be read (backquotes, `<<-`) counts
/// [`COPY_LEVELS`].
pub const MAX_NESTING: u32 = 64;

/// The levels that a copied text takes, which bounds all copying to a small multiple of the input.
pub const COPY_LEVELS: u32 = 16;

/// Parses a whole script.
///
/// # Errors
/// The first thing that is not bash, is refused on purpose, or is beyond a limit. See [`ErrorKind`].
pub fn parse(source: &[u8]) -> Result<ast::Script, ParseError> {
    let text = text::check(source)?;
    parser::Parser::new(text).script().map_err(|error| *error)
}
