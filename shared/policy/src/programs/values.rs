//! Values of options and operands.

use crate::facts::{Numbers, Numeric, Piece, is_list, is_single, known_prefix, pieces};
use hookgate_shell::ast::{Subscript, Word};

/// Whether a word, from byte `skip` on, is a number with an optional unit or a proven one.
pub(super) fn is_number(word: &Word, skip: usize, numbers: &Numbers<'_>) -> bool {
    if let Some(text) = word.literal() {
        return text.get(skip..).is_some_and(is_amount);
    }
    let mut rest = pieces(word);
    if skip > 0 {
        match rest.first() {
            Some(Piece::Text(text)) if text.len() == skip => {
                rest.remove(0);
            }
            _ => return false,
        }
    }
    // A unit may follow: `"${seconds}s"`.
    if let Some(Piece::Text(unit)) = rest.last()
        && matches!(unit.as_ref(), "s" | "m" | "h" | "d")
    {
        rest.pop();
    }
    match rest.as_slice() {
        // Several words would be further arguments.
        [Piece::Parameter(parameter, _)] => {
            !is_list(parameter)
                && !matches!(parameter.subscript, Some(Subscript::Star))
                && numbers.parameter(parameter) == Numeric::Proven
        }
        [Piece::Other(hookgate_shell::ast::WordPart::Arithmetic(_), _)] => true,
        _ => false,
    }
}

/// Digits with an optional sign, fraction and unit.
fn is_amount(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let unit = &text[digits.len()..];
    let number = digits.strip_suffix('.').unwrap_or(digits);
    matches!(unit, "" | "s" | "m" | "h" | "d" | "k" | "K" | "M" | "G" | "b")
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && number.bytes().filter(|byte| *byte == b'.').count() <= 1
        && number.bytes().any(|byte| byte.is_ascii_digit())
}

/// `name=value` of `awk -v`, from byte `skip` of the known text on.
pub(super) fn awk_variable(word: &Word, skip: usize) -> Result<(), String> {
    const SPECIAL: &[&str] = &[
        "ARGV",
        "ARGC",
        "ARGIND",
        "ENVIRON",
        "PROCINFO",
        "FILENAME",
        "SYMTAB",
        "FUNCTAB",
        "OFMT",
        "CONVFMT",
        "BINMODE",
        "LINT",
        "TEXTDOMAIN",
    ];
    let prefix = known_prefix(word);
    let assignment = prefix.get(skip..).unwrap_or_default();
    let name = assignment.split_once('=').map(|(name, _)| name);
    match name {
        Some(name) if hookgate_shell::is_name(name) && !SPECIAL.contains(&name) && is_single(word) => Ok(()),
        _ => Err("`awk -v` needs name=\"value\" with a plain name".to_owned()),
    }
}
