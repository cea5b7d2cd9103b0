//! The shell front end: bash text to a syntax tree with byte spans.
