//! What bash evaluates as arithmetic, and how sure it is that it is a number.

use crate::context::Context;
use crate::facts::{Numeric, is_decimal, is_safe_subscript};
use hookgate_shell::ast::{Condition, Span, Word, WordPart};

/// Something that is evaluated.
pub(crate) struct Evaluated {
    pub(super) span: Span,
    pub(super) numeric: Numeric,
}

/// Everything that is evaluated and is not proven to be a number.
pub(super) fn evaluated<'a>(context: &'a Context<'_>) -> &'a [Evaluated] {
    context.shared.evaluated.get_or_init(|| find(context))
}

fn find(context: &Context<'_>) -> Vec<Evaluated> {
    let mut all = Vec::new();
    let (facts, numbers) = (context.facts, context.numbers);
    for expression in &facts.arithmetic {
        let guarded = |name: &str| context.guards().holds(name, expression.span);
        all.push(Evaluated { span: expression.span, numeric: numbers.expression(expression, &guarded) });
    }
    for (array, subscript, span) in &facts.subscripts {
        let guarded = |name: &str| context.guards().holds(name, *span);
        if !is_safe_subscript(array, subscript, facts, numbers, &guarded) {
            all.push(Evaluated { span: *span, numeric: Numeric::Unknown });
        }
    }
    for condition in &facts.conditions {
        match condition {
            Condition::Binary(left, operator, right)
                if ["-eq", "-ne", "-lt", "-le", "-gt", "-ge"].contains(&operator.as_str()) =>
            {
                for word in [left, right] {
                    all.push(Evaluated { span: word.span, numeric: operand(word, context) });
                }
            }
            Condition::Unary(operator, word) if matches!(operator.as_str(), "-v" | "-R") => {
                let plain = word.literal().is_some_and(|name| hookgate_shell::is_name(&name));
                let numeric = if plain { Numeric::Proven } else { Numeric::Unknown };
                all.push(Evaluated { span: word.span, numeric });
            }
            _ => {}
        }
    }
    all.retain(|place| place.numeric != Numeric::Proven);
    all
}

/// An operand of `-eq` and its kin inside `[[ … ]]`: a number, or a name that is evaluated.
fn operand(word: &Word, context: &Context<'_>) -> Numeric {
    let known = |name: &str| match context.numbers.name(name) {
        Numeric::Proven => Numeric::Proven,
        _ if context.guards().holds(name, word.span) => Numeric::Proven,
        unproven => unproven,
    };
    if let Some(text) = word.text() {
        return if is_decimal(&text) { Numeric::Proven } else { known(&text) };
    }
    let part = match word.parts.as_slice() {
        [WordPart::DoubleQuoted(parts)] => match parts.as_slice() {
            [part] => part,
            _ => return Numeric::Unknown,
        },
        [part] => part,
        _ => return Numeric::Unknown,
    };
    match part {
        WordPart::Parameter(parameter) => match crate::facts::plain_parameter(parameter) {
            Some(name) => known(name),
            None => context.numbers.parameter(parameter),
        },
        _ => context.numbers.word(word),
    }
}
