//! Which subscripts are safe: bash evaluates them as it evaluates arithmetic, names in them again and again.

use super::{Facts, Numbers, Numeric};
use crate::reserved::is_reserved_variable;
use hookgate_shell::ast::{ArithmeticToken, Subscript, WordPart};

/// Whether a subscript is safe: digits, a number, all elements, a loop variable over the keys of the
/// array, or, for an associative array, a literal.
pub(crate) fn is_safe_subscript(
    array: &str,
    subscript: &Subscript,
    facts: &Facts<'_>,
    numbers: &Numbers<'_>,
    guarded: &dyn Fn(&str) -> bool,
) -> bool {
    let Subscript::Expression(expression) = subscript else { return true };
    if expression.tokens.is_empty() {
        return false;
    }
    let over_keys = |name: &str| facts.variables.keys_of(name) == Some(array);
    // `m=(key value …)` makes keys of an associative array from any text.
    let keys_are_known = !facts.is_associative(array) || !facts.variables.has_bare_list(array);
    let trusted = |name: &str| over_keys(name) && keys_are_known || guarded(name);
    if numbers.expression(expression, &trusted) == Numeric::Proven {
        return true;
    }
    // A name could be evaluated where the array is not the associative one, in quotes or not.
    let harmless = |name: &str| match facts.variables.is_written(name) {
        true => numbers.name(name) == Numeric::Proven,
        false => !is_reserved_variable(name),
    };
    let is_harmless_text = |text: &str| {
        let mut names = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        is_plain(text)
            && names.all(|name| {
                name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || harmless(name)
            })
    };
    facts.is_associative(array)
        && expression.tokens.iter().all(|token| match token {
            ArithmeticToken::Name(name, None, _) => harmless(name),
            ArithmeticToken::Part(WordPart::SingleQuoted(text), _) => is_harmless_text(text),
            ArithmeticToken::Part(WordPart::DoubleQuoted(parts), _) => {
                parts.iter().all(|part| matches!(part, WordPart::Literal(text) if is_harmless_text(text)))
            }
            ArithmeticToken::Number(..) => true,
            ArithmeticToken::Operator(character, _) => "-.".contains(*character),
            _ => false,
        })
}

/// A text in which evaluating it again finds nothing to run.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-. /".contains(&byte))
}
