//! The calls of the programs that are allowed, checked against their tables.

use crate::context::Context;
use crate::facts::Kind;
use crate::programs::{Allowed, Complaint};

/// What is wrong with the calls of a script.
pub(super) fn complaints<'a>(context: &'a Context<'_>) -> &'a [Complaint] {
    context.shared.complaints.get_or_init(|| find(context))
}

fn find(context: &Context<'_>) -> Vec<Complaint> {
    let mut all = Vec::new();
    for command in context.facts.of(Kind::Program) {
        let Some(name) = command.name().filter(|name| !context.is_function(name)) else { continue };
        // What it starts has a finding of its own then.
        if command.is_reported_elsewhere() {
            continue;
        }
        if let Some(program) = Allowed::find(name, context.policy) {
            all.extend(program.check(command.arguments(), context.numbers, context.policy));
        }
    }
    all
}
