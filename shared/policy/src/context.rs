//! What a rule sees.

use crate::Policy;
use crate::facts::{Facts, FunctionNames, Guards, Numbers};
use crate::mysql::MysqlCalls;
use crate::programs::Complaint;
use crate::rules::{Evaluated, Named};
use crate::status::Fate;
use hookgate_shell::ast::{Script, Span};
use std::cell::OnceCell;

/// What a rule sees: the text, its tree, the facts gathered from it, and the policy.
pub(crate) struct Context<'a> {
    pub(crate) source: &'a str,
    pub(crate) tree: &'a Script,
    pub(crate) facts: &'a Facts<'a>,
    /// The calls of mysql.
    pub(crate) calls: &'a MysqlCalls<'a>,
    pub(crate) numbers: &'a Numbers<'a>,
    pub(crate) policy: &'a Policy,
    /// The functions of the script around a fragment, such as the handler of a trap.
    pub(crate) outer: Option<&'a FunctionNames<'a>>,
    pub(crate) shared: Shared<'a>,
}

/// What several rules look at, made once when the first of them asks.
#[derive(Default)]
pub(crate) struct Shared<'a> {
    pub(crate) guards: OnceCell<Guards<'a>>,
    pub(crate) named: OnceCell<Vec<Named<'a>>>,
    pub(crate) complaints: OnceCell<Vec<Complaint>>,
    pub(crate) fates: OnceCell<Vec<(Span, Fate)>>,
    pub(crate) evaluated: OnceCell<Vec<Evaluated>>,
}

/// The longest text of a script that is repeated in a message, in characters.
const MAX_QUOTED: usize = 60;

impl<'a> Context<'a> {
    /// Whether the script defines a function of that name.
    pub(crate) fn is_function(&self, name: &str) -> bool {
        self.facts.is_function(name) || self.outer.is_some_and(|outer| outer.contains(name))
    }

    /// Where which names hold a number because the script has tested them.
    pub(crate) fn guards(&self) -> &Guards<'a> {
        self.shared.guards.get_or_init(|| Guards::find(self.tree, self.facts, self.numbers))
    }

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
