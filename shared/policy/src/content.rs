//! Recognising hook scripts by what they define.

use hookgate_shell::ast::{Command, CommandKind};
use hookgate_shell::visit::{Visit, walk_command};

/// The functions that a hook script defines.
pub(crate) const HOOK_FUNCTIONS: [&str; 2] = ["pre_upgrade", "post_upgrade"];

/// Whether a text defines `pre_upgrade` or `post_upgrade`, so that it has to be treated as a hook
/// wherever it is kept.
///
/// It errs on the side of `true`: a text that does not parse, but has one of the names once everything
/// that bash ignores between its letters is removed, is taken for a hook. A text that parses is a hook
/// when it has such a definition anywhere in it, or has one of the names in a place from which code could
/// be made of it (`eval`, `source`, a shell).
#[must_use]
pub fn defines_hook_function(text: &[u8]) -> bool {
    if !mentions_hook_function(text) {
        return false;
    }
    match hookgate_shell::parse(text) {
        Err(_) => true,
        Ok(tree) => {
            let mut search = Search { found: false };
            search.list(&tree.body);
            search.found
        }
    }
}

/// Whether one of the names is in the text, with or without quotes, backslashes, line continuations and
/// characters that are not seen.
fn mentions_hook_function(text: &[u8]) -> bool {
    let kept: Vec<u8> =
        text.iter().copied().filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').collect();
    HOOK_FUNCTIONS.iter().any(|name| kept.windows(name.len()).any(|window| window == name.as_bytes()))
}

struct Search {
    found: bool,
}

impl<'a> Visit<'a> for Search {
    fn command(&mut self, command: &'a Command) {
        match &command.kind {
            CommandKind::Function(definition) => {
                self.found |= HOOK_FUNCTIONS.contains(&definition.name.as_str());
            }
            CommandKind::Simple(simple) => {
                // Code that is made from text at run time can define anything.
                let word = simple.words.first().map(hookgate_shell::ast::Word::literal);
                let makes_code = match word {
                    None => false,
                    Some(None) => true,
                    Some(Some(name)) => matches!(
                        name.as_ref(),
                        "eval"
                            | "source"
                            | "."
                            | "bash"
                            | "sh"
                            | "alias"
                            | "trap"
                            | "command"
                            | "builtin"
                            | "declare"
                            | "typeset"
                            | "export"
                    ),
                };
                self.found |= makes_code;
            }
            _ => {}
        }
        walk_command(self, command);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_definitions() {
        for text in [
            "pre_upgrade() { :; }",
            "function post_upgrade { :; }",
            "pre_upg\\\nrade() { :; }",
            "if x; then pre_upgrade ( ) ( : ); fi",
            "x() { post_upgrade() { :; }; }",
            "eval 'pre_\"\"upgrade() { :; }'",
            "pre_upgrade() { unterminated",
            "pre_upgrade\u{200b}() { :; }",
        ] {
            assert!(defines_hook_function(text.as_bytes()), "{text}");
        }
        assert!(defines_hook_function(b"pre_\0upgrade() { :; }"));
        assert!(defines_hook_function(b"pre_upgrade() { :; }\r\n"));
    }

    #[test]
    fn leaves_other_texts_alone() {
        for text in ["key = value", "# see pre_upgrade", "echo pre_upgrade", "", "{\"a\": [1, 2]}"] {
            assert!(!defines_hook_function(text.as_bytes()), "{text}");
        }
    }
}
