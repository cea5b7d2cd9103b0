//! Commands whose output is always a number.

use hookgate_shell::ast::{Simple, Word};

/// Whether the standard output of a command is always a number: `wc -l`, `grep -c`, `date +%s`, `seq` of
/// numbers.
pub(crate) fn numeric_substitution(simple: &Simple) -> bool {
    let words: Option<Vec<_>> = simple.words.iter().map(Word::literal).collect();
    let Some(words) = words else { return numeric_with_expansions(simple) };
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        // With operands the names of the files are printed as well.
        ["wc", "-l" | "-w" | "-c" | "-m"] | ["date", "+%s"] | ["date", "-u", "+%s"] => true,
        ["grep", options @ ..] => grep_counts(options),
        ["seq", numbers @ ..] => {
            !numbers.is_empty() && numbers.iter().all(|number| crate::facts::is_decimal(number))
        }
        _ => false,
    }
}

/// `grep -c` with a pattern that is expanded.
fn numeric_with_expansions(simple: &Simple) -> bool {
    let literal = |index: usize| simple.words.get(index).and_then(Word::literal);
    literal(0).as_deref() == Some("grep")
        && simple.words.len() == 4
        && literal(1).as_deref().is_some_and(is_counting_bundle)
        && literal(2).as_deref() == Some("-e")
}

fn is_counting_bundle(text: &str) -> bool {
    text.strip_prefix('-')
        .is_some_and(|flags| flags.contains('c') && flags.chars().all(|flag| "cviwxqsEFh".contains(flag)))
}

/// Whether `grep` prints only a count: `-c` and at most one operand after the pattern.
fn grep_counts(options: &[&str]) -> bool {
    let counts = options.iter().any(|option| is_counting_bundle(option) || *option == "--count");
    let operands = options.iter().filter(|option| !option.starts_with('-')).count();
    counts && operands <= 2
}

/// Whether a command in a pipe lets numbers through as they are.
pub(crate) fn keeps_numbers(simple: &Simple) -> bool {
    let name = simple.words.first().and_then(Word::literal);
    let plain = simple.words.iter().all(|word| word.text().is_some());
    match name.as_deref() {
        Some("cut" | "head" | "tail") => plain,
        // What replaces characters could write names.
        Some("tr") => simple.words.get(1).and_then(Word::literal).as_deref() == Some("-d") && plain,
        Some("awk") => plain && crate::awk::prints_numbers(simple),
        _ => false,
    }
}
