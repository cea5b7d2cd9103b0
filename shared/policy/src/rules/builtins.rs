//! How the allowed builtins may be used.

use crate::context::Context;
use crate::facts::{Numeric, Piece, is_count, is_list, is_single, known_prefix, pieces};
use hookgate_shell::ast::{Span, Word, WordPart};
use hookgate_shell::is_name;

/// What is wrong, and where.
pub(super) type Complaint = Option<(Span, String)>;

fn complain(word: &Word, message: &str) -> Complaint {
    Some((word.span, message.to_owned()))
}

/// Whether a word is written without any quotes or expansions.
pub(super) fn is_bare(word: &Word) -> bool {
    matches!(word.parts.as_slice(), [WordPart::Literal(_)])
}

/// `declare`, `local` and `readonly`: the options -r, -a and -A, and plain `NAME` or `NAME=value`.
pub(super) fn declaration(arguments: &[Word], context: &Context<'_>) -> Complaint {
    let mut array = false;
    for word in arguments {
        let prefix = known_prefix(word);
        if prefix.starts_with(['-', '+']) {
            let allowed = word.literal().is_some_and(|text| {
                text.len() > 1 && text.starts_with('-') && text[1..].chars().all(|flag| "raA".contains(flag))
            });
            if !allowed {
                return complain(word, "declarations may only have the options -r, -a and -A");
            }
            array |= prefix.contains(['a', 'A']);
            continue;
        }
        let (name, has_value) = match prefix.split_once('=') {
            Some((name, _)) => (name, true),
            None => (prefix.as_ref(), false),
        };
        // Where a part of `name=` is quoted, bash takes the word for any argument: it is split, and matched against files.
        let plain = match word.parts.first() {
            Some(WordPart::Literal(text)) => match text.strip_prefix(name) {
                Some(rest) => !has_value || rest.starts_with('='),
                None => false,
            },
            _ => false,
        };
        if !is_name(name) || !plain || (!has_value && word.literal().is_none()) {
            return complain(word, "a declaration needs a plain NAME or NAME=value");
        }
        let is_list = matches!(word.parts.as_slice(), [_, WordPart::Array(_)]);
        // A text in parentheses becomes an array, and what is in it is expanded once more.
        let is_array = array || is_array(name, context);
        let harmless = word.text().is_some_and(|text| !text.contains("=("));
        if has_value && is_array && !is_list && !harmless {
            return complain(word, "an array may only be declared with a list: name=( … )");
        }
    }
    None
}

fn is_array(name: &str, context: &Context<'_>) -> bool {
    context.facts.variables.has_list(name) || context.facts.is_array(name)
}

/// `unset -v` with names that the script writes.
pub(super) fn unset(arguments: &[Word], context: &Context<'_>) -> Complaint {
    let (first, names) = arguments.split_first()?;
    if first.literal().as_deref() != Some("-v") {
        return complain(first, "`unset` needs -v, so that it cannot remove a function");
    }
    let plain = |word: &&Word| {
        word.literal().is_some_and(|name| {
            is_name(&name) && !context.is_function(&name) && context.facts.variables.is_written(&name)
        })
    };
    let wrong = names.iter().find(|word| !plain(word))?;
    complain(wrong, "`unset -v` may only be given names of the script")
}

/// `printf` with a literal format without `%n`.
pub(super) fn printf(arguments: &[Word]) -> Complaint {
    let (format, options_end) = match arguments.split_first()? {
        (dashes, rest) if dashes.literal().as_deref() == Some("--") => (rest.first()?, true),
        (format, _) => (format, false),
    };
    let Some(text) = format.literal() else {
        return complain(format, "the format of `printf` must be a literal");
    };
    if text.starts_with('-') && !options_end {
        return complain(format, "`printf` may not have options: write `printf -- '-…'`");
    }
    if writes_a_variable(&text) {
        return complain(format, "`%n` in the format of `printf` writes a variable");
    }
    None
}

/// Whether a format has `%n`. bash reads what looks like a date's format, `%( … )`, once more when no `T`
/// follows it.
fn writes_a_variable(format: &str) -> bool {
    let mut rest = format;
    while let Some((_, after)) = rest.split_once('%') {
        let flags = "0123456789 +-#.*'hlLjzt";
        let conversion = after.trim_start_matches(|character| flags.contains(character));
        rest = match conversion.chars().next() {
            Some('n') => return true,
            Some('(') => match date_format_end(conversion) {
                Some(end) if conversion[end..].starts_with('T') => &conversion[end..],
                _ => return true,
            },
            Some(first) => &conversion[first.len_utf8()..],
            None => "",
        };
    }
    false
}

/// Where the parentheses at the beginning of a text are closed.
fn date_format_end(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    text.char_indices().find_map(|(at, character)| {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at + 1)
    })
}

/// `read` with -r -t -n -d -s -u and plain names.
pub(super) fn read(arguments: &[Word], context: &Context<'_>) -> Complaint {
    names_after_options(arguments, "rs", "tndu", "read", context)
}

/// `mapfile` with -t -n -s -d -u and a plain name.
pub(super) fn mapfile(arguments: &[Word], context: &Context<'_>) -> Complaint {
    names_after_options(arguments, "t", "nsdu", "mapfile", context)
}

fn names_after_options(
    arguments: &[Word],
    flags: &str,
    valued: &str,
    builtin: &str,
    context: &Context<'_>,
) -> Complaint {
    let mut index = 0;
    while let Some(word) = arguments.get(index) {
        index += 1;
        let prefix = known_prefix(word);
        let Some(bundle) = prefix.strip_prefix('-') else {
            let named = word.literal().is_some_and(|name| is_name(&name));
            if !named {
                return complain(word, &format!("`{builtin}` may only write plain names"));
            }
            continue;
        };
        let mut rest = bundle.char_indices();
        let refused = || complain(word, &format!("`{builtin}` may only have the options -{flags}{valued}"));
        if bundle.is_empty() {
            return refused();
        }
        loop {
            match rest.next() {
                None if word.literal().is_some() => break,
                None => return refused(),
                Some((_, flag)) if flags.contains(flag) => {}
                Some((at, flag)) if valued.contains(flag) => {
                    let value = if at + 1 < bundle.len() || word.literal().is_none() {
                        word
                    } else {
                        index += 1;
                        match arguments.get(index - 1) {
                            Some(value) => value,
                            None => return refused(),
                        }
                    };
                    if !is_value(value, context) {
                        return complain(
                            value,
                            &format!("the value of an option of `{builtin}` must be a literal or a number"),
                        );
                    }
                    break;
                }
                Some(_) => return refused(),
            }
        }
    }
    None
}

/// A literal, or a number.
fn is_value(word: &Word, context: &Context<'_>) -> bool {
    word.literal().is_some() || context.numbers.word(word) == Numeric::Proven
}

/// `getopts` with literals.
pub(super) fn getopts(arguments: &[Word]) -> Complaint {
    match arguments {
        [options, name, ..]
            if options.literal().is_some() && name.literal().is_some_and(|name| is_name(&name)) =>
        {
            None
        }
        [word, ..] => complain(word, "`getopts` needs a literal and a plain name"),
        [] => None,
    }
}

/// Only literals.
pub(super) fn literals(arguments: &[Word], builtin: &str) -> Complaint {
    let wrong = arguments.iter().find(|word| word.literal().is_none_or(|text| text.contains('/')))?;
    complain(wrong, &format!("`{builtin}` may only be given literal names"))
}

/// `[ … ]`
pub(super) fn bracket(arguments: &[Word], context: &Context<'_>) -> Complaint {
    match arguments.split_last() {
        Some((last, inner)) if last.literal().as_deref() == Some("]") => test(inner, context),
        Some((last, _)) => complain(last, "`[` needs `]`"),
        None => None,
    }
}

const UNARY: &[&str] = &[
    "-a", "-b", "-c", "-d", "-e", "-f", "-g", "-h", "-k", "-L", "-N", "-O", "-p", "-G", "-r", "-s", "-S",
    "-t", "-u", "-w", "-x", "-z", "-n", "-o",
];

const BINARY: &[&str] =
    &["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];

/// A test whose shape does not depend on its values: at most one `!`, then one operand, an operator with
/// its operand, or two operands with an operator between them.
pub(super) fn test(arguments: &[Word], context: &Context<'_>) -> Complaint {
    let (first, rest) = arguments.split_first()?;
    let literal = |word: &Word| word.literal().map(std::borrow::Cow::into_owned);
    if let Some(word) = arguments.iter().find(|word| !is_one(word, context)) {
        return complain(
            word,
            "quote this operand: split into words it could become an operator that runs code",
        );
    }
    let operands = if literal(first).as_deref() == Some("!") && !rest.is_empty() { rest } else { arguments };
    match operands {
        [_] => None,
        [operator, operand] => match literal(operator).as_deref() {
            Some("-v" | "-R") if operand.literal().is_some_and(|name| is_name(&name)) => None,
            Some(operator) if UNARY.contains(&operator) => None,
            _ => complain(operator, "this is not a test of one operand"),
        },
        [_, operator, _] => match literal(operator).as_deref() {
            Some(operator) if BINARY.contains(&operator) => None,
            _ => complain(operator, "a test of two operands needs a literal operator between them"),
        },
        _ if are_comparisons(arguments) => None,
        _ => complain(
            first,
            "a test of several conditions depends on their values: use `&&` and `||` between tests",
        ),
    }
}

/// Whether all of a test are comparisons with literals, with `-a` and `-o` between them: `"$n" -gt 0 -a "$s" = x`. Whatever
/// the values are, an operator that looks at a file or a variable is never read where one of them stands, for what follows
/// it makes a comparison of it, and after the literal no other shape goes on.
fn are_comparisons(arguments: &[Word]) -> bool {
    const COMPARING: &[&str] = &["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"];
    let is_one_of =
        |word: &Word, texts: &[&str]| word.literal().is_some_and(|text| texts.contains(&text.as_ref()));
    let is_value = |text: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:".contains(&byte);
        !text.starts_with('-') && text.bytes().all(is_plain)
    };
    let compares = |words: &[Word]| match words {
        [_, operator, value, rest @ ..] => {
            is_one_of(operator, COMPARING)
                && value.literal().is_some_and(|text| is_value(&text))
                && rest.first().is_none_or(|joint| is_one_of(joint, &["-a", "-o"]))
        }
        _ => false,
    };
    arguments.len() % 4 == 3 && arguments.chunks(4).all(compares)
}

/// Whether an operand is always one argument: it is quoted, or a number.
fn is_one(word: &Word, context: &Context<'_>) -> bool {
    is_single(word)
        || pieces(word).iter().all(|piece| match piece {
            Piece::Text(_) => true,
            Piece::Parameter(parameter, quoted) => {
                *quoted && !is_list(parameter)
                    || is_count(parameter)
                    || context.numbers.parameter(parameter) == Numeric::Proven
            }
            Piece::Other(..) => false,
        }) && !word.has_glob()
            && pieces(word).len() == 1
}
