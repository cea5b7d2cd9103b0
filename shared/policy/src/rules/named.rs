//! What is started by a known name, in whatever disguise.

use crate::context::Context;
use crate::facts::{CommandFact, base_name, invocations, plain_variable};
use crate::tables::{Class, class};
use hookgate_shell::ast::{Span, Word};
use std::borrow::Cow;

/// Something that is started by a known name.
pub(crate) struct Named {
    pub(super) name: String,
    pub(super) span: Span,
    /// The kind of program that it is.
    pub(super) class: Option<Class>,
    wrapper: Option<&'static str>,
    variable: Option<String>,
}

impl Named {
    /// How it is started, as the beginning of a message.
    pub(super) fn how(&self) -> String {
        match (&self.variable, self.wrapper) {
            (Some(variable), _) => format!("through the variable `{variable}`: "),
            (None, Some(wrapper)) => format!("through `{wrapper}`: "),
            (None, None) => String::new(),
        }
    }
}

/// All that a script starts by a name that can be known: a literal, or a variable with one assignment of
/// a literal. Functions of the script are not programs.
pub(super) fn named_invocations<'a>(context: &'a Context<'_>) -> &'a [Named] {
    context.shared.named.get_or_init(|| find(context))
}

fn find(context: &Context<'_>) -> Vec<Named> {
    let mut all = Vec::new();
    for command in &context.facts.commands {
        for invocation in invocations(command) {
            let span = invocation.word.span;
            let wrapper = invocation.wrapper;
            match invocation.name {
                Some(name) => {
                    let is_function = wrapper.is_none() && context.is_function(&name);
                    if !is_function {
                        let class = class(&name);
                        all.push(Named { name: name.into_owned(), span, class, wrapper, variable: None });
                    }
                }
                None => {
                    let Some((variable, value)) = constant(invocation.word, context) else { continue };
                    let first = value.split_whitespace().next().unwrap_or_default();
                    let name = base_name(Cow::Borrowed(first)).into_owned();
                    let class = class(&name);
                    all.push(Named { name, span, class, wrapper, variable: Some(variable.to_owned()) });
                }
            }
        }
    }
    all
}

/// The variable that a word expands, and the literal that it holds.
fn constant<'a>(word: &'a Word, context: &Context<'a>) -> Option<(&'a str, Cow<'a, str>)> {
    let variable = plain_variable(word)?;
    Some((variable, context.facts.variables.only_text(variable)?))
}

/// Whether a rule with a message of its own reports the command, or what it runs.
pub(super) fn is_reported_elsewhere(command: &CommandFact<'_>) -> bool {
    // The command word is mostly one that starts nothing else.
    invocations(command)
        .iter()
        .any(|invocation| invocation.name.as_deref().is_none_or(|name| class(name).is_some()))
}
