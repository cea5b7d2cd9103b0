//! The parsers, each doing comparable work.

use brush_parser::word::{WordPiece, WordPieceWithSource};
use brush_parser::{ParserOptions, Token, TokenizerOptions};

/// brush-parser's statements; words stay raw strings.
pub fn brush_statements(text: &str) {
    let tokens = brush_parser::uncached_tokenize_str(text, &TokenizerOptions::default()).expect("tokens");
    let program = brush_parser::parse_tokens(&tokens, &ParserOptions::default()).expect("a program");
    std::hint::black_box(&program);
}

/// brush-parser's statements and words, down into command substitutions, as our tree has them. Its cache of the
/// last 64 words stays on, to its advantage.
pub fn brush_words(text: &str) {
    let options = ParserOptions::default();
    let tokens = brush_parser::uncached_tokenize_str(text, &TokenizerOptions::default()).expect("tokens");
    let program = brush_parser::parse_tokens(&tokens, &options).expect("a program");
    std::hint::black_box(&program);
    for token in &tokens {
        if let Token::Word(word, _) = token
            && let Ok(pieces) = brush_parser::word::parse(word, &options)
        {
            substitutions(&pieces);
        }
    }
}

fn substitutions(pieces: &[WordPieceWithSource]) {
    for piece in pieces {
        match &piece.piece {
            WordPiece::CommandSubstitution(text) | WordPiece::BackquotedCommandSubstitution(text) => {
                brush_words(text)
            }
            WordPiece::DoubleQuotedSequence(pieces) => substitutions(pieces),
            other => {
                std::hint::black_box(other);
            }
        }
    }
}

/// tree-sitter-bash with a visit of every node, without which its tree tells nothing.
pub fn tree_sitter(parser: &mut tree_sitter::Parser, text: &str) {
    let tree = parser.parse(text, None).expect("a tree");
    let mut cursor = tree.walk();
    let mut nodes = 0_u32;
    'walk: loop {
        nodes += 1;
        std::hint::black_box(cursor.node().kind_id());
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'walk;
            }
        }
    }
    std::hint::black_box(nodes);
}

/// A parser for [`tree_sitter`].
pub fn tree_sitter_parser() -> tree_sitter::Parser {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_bash::LANGUAGE.into()).expect("the language of bash");
    parser
}
