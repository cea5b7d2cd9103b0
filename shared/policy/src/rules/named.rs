//! What is started by a known name, in whatever disguise.

use crate::context::Context;
use crate::facts::{CommandFact, Facts, plain_variable};
use crate::tables::{Class, meaning};
use hookgate_shell::ast::Span;
use std::collections::BTreeMap;

/// Something that is started by a known name.
pub(crate) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) span: Span,
    /// The kind of program that it is.
    pub(super) class: Option<Class>,
    wrapper: Option<&'static str>,
    variable: Option<&'a str>,
}

impl Named<'_> {
    /// How it is started, as the beginning of a message.
    pub(super) fn how(&self) -> String {
        match (self.variable, self.wrapper) {
            (Some(variable), _) => format!("through the variable `{variable}`: "),
            (None, Some(wrapper)) => format!("through `{wrapper}`: "),
            (None, None) => String::new(),
        }
    }
}

/// All that a script starts by a name that can be known: a literal, or a variable with one assignment of
/// a literal. Functions of the script are not programs.
pub(super) fn named_invocations<'c>(context: &'c Context<'_>) -> &'c [Named<'c>] {
    context.shared.named.get_or_init(|| find(context))
}

fn find<'a>(context: &Context<'a>) -> Vec<Named<'a>> {
    let facts = context.facts;
    let mut all = Vec::new();
    let mut constants = BTreeMap::new();
    for command in &facts.commands {
        for invocation in command.invocations() {
            let span = invocation.word.span;
            let wrapper = invocation.wrapper;
            match &invocation.name {
                Some(name) => {
                    let is_function = wrapper.is_none() && context.is_function(name);
                    if !is_function {
                        let (name, class) = (name.as_ref(), invocation.class);
                        all.push(Named { name, span, class, wrapper, variable: None });
                    }
                }
                None => {
                    let Some(variable) = plain_variable(invocation.word) else { continue };
                    let program = *constants.entry(variable).or_insert_with(|| program(variable, facts));
                    let Some((name, class)) = program else { continue };
                    all.push(Named { name, span, class, wrapper, variable: Some(variable) });
                }
            }
        }
    }
    all
}

/// The program that a variable names, which holds a literal.
fn program<'a>(variable: &str, facts: &'a Facts<'_>) -> Option<(&'a str, Option<Class>)> {
    let value = facts.variables.only_text(variable)?;
    let path = value.split_whitespace().next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or(path);
    Some((name, meaning(name).class))
}

/// Whether a rule with a message of its own reports the command, or what it runs.
pub(super) fn is_reported_elsewhere(command: &CommandFact<'_>) -> bool {
    // The command word is mostly one that starts nothing else.
    command.invocations().any(|invocation| invocation.name.is_none() || invocation.class.is_some())
}
