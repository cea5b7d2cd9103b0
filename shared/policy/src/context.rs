//! What a rule sees.

use crate::Policy;
use crate::facts::Facts;
use hookgate_shell::ast::{Script, Span};

/// What a rule sees: the text, its tree, the facts gathered from it, and the policy.
pub(crate) struct Context<'a> {
    pub(crate) source: &'a str,
    pub(crate) tree: &'a Script,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) policy: &'a Policy,
}

/// The longest text of a script that is repeated in a message, in characters.
const MAX_QUOTED: usize = 60;

impl Context<'_> {
    /// The source text of a span on one line, shortened for a message.
    pub(crate) fn quote(&self, span: Span) -> String {
        let text = self.source.get(span.range()).unwrap_or_default();
        shorten(text)
    }
}

/// A text on one line, shortened for a message.
pub(crate) fn shorten(text: &str) -> String {
    let mut characters = text.chars().map(|character| if character.is_control() { ' ' } else { character });
    let mut short: String = characters.by_ref().take(MAX_QUOTED).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
