//! The calls of the programs that are allowed, checked against their tables.

use crate::context::Context;
use crate::programs::{Complaint, check_call, program};

/// What is wrong with the calls of a script.
pub(super) fn complaints(context: &Context<'_>) -> Vec<Complaint> {
    let mut all = Vec::new();
    for command in &context.facts.commands {
        let Some(name) = command.name().filter(|name| !context.is_function(name)) else { continue };
        if let Some(program) = program(name) {
            all.extend(check_call(program, command.arguments(), context.facts, context.numbers));
        }
    }
    all
}
