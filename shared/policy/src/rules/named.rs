//! What is started by a known name, in whatever disguise.

use crate::context::Context;
use crate::facts::{Facts, Kind, plain_variable};
use crate::tables::{Class, meaning};
use hookgate_shell::ast::Span;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Something that is started by the name of a program of a kind that has a rule of its own.
pub(crate) struct Named<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) span: Span,
    /// The kind of program that it is.
    pub(super) class: Class,
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

/// All such programs that a script starts by a name that can be known: a literal, or a variable with one assignment of
/// a literal. Functions of the script are not programs.
pub(super) fn named_invocations<'c>(context: &'c Context<'_>) -> &'c [Named<'c>] {
    context.shared.named.get_or_init(|| find(context))
}

fn find<'a>(context: &Context<'a>) -> Vec<Named<'a>> {
    let facts = context.facts;
    let mut all = Vec::new();
    let mut constants = BTreeMap::new();
    for command in facts.of(Kind::Starting) {
        for invocation in command.invocations() {
            let span = invocation.word.span;
            let wrapper = invocation.wrapper;
            match invocation.name {
                Some(name) => {
                    let Some(class) = invocation.meaning.class else { continue };
                    let is_function = wrapper.is_none() && context.is_function(&name);
                    if !is_function {
                        all.push(Named { name, span, class, wrapper, variable: None });
                    }
                }
                None => {
                    let Some(variable) = plain_variable(invocation.word) else { continue };
                    let program = *constants.entry(variable).or_insert_with(|| program(variable, facts));
                    let Some((name, class)) = program else { continue };
                    let name = Cow::Borrowed(name);
                    all.push(Named { name, span, class, wrapper, variable: Some(variable) });
                }
            }
        }
    }
    all
}

/// The program that a variable names, which holds a literal.
fn program<'a>(variable: &str, facts: &'a Facts<'_>) -> Option<(&'a str, Class)> {
    let value = facts.variables.only_text(variable)?;
    let path = value.split_whitespace().next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or(path);
    Some((name, meaning(name).class?))
}
