//! awk programs that print numbers only.

use super::FUNCTIONS;
use super::lexer::{Token, tokenize};
use std::collections::BTreeSet;

/// Names that change how numbers are written.
const FORMATS: &[&str] = &["printf", "OFMT", "CONVFMT", "OFS", "ORS"];

/// Functions that yield a number.
const NUMERIC: &[&str] =
    &["int", "length", "index", "sqrt", "exp", "log", "sin", "cos", "atan2", "rand", "systime"];

/// Whether all that a program prints by `print` are numbers, each in a line of its own, and nothing changes how numbers
/// are written. A pattern without an action prints what it matches: numbers, if those are what is read.
pub(crate) fn program_prints_numbers(program: &str) -> bool {
    let Ok(tokens) = tokenize(program) else { return false };
    let changes_format = |token: &Token<'_>| matches!(token, Token::Name(name) if FORMATS.contains(name));
    if super::check_tokens(&tokens).is_err() || tokens.iter().any(changes_format) {
        return false;
    }
    let texts = Texts::of(&tokens);
    let mut printed =
        tokens.iter().enumerate().filter(|(_, token)| **token == Token::Name("print")).peekable();
    printed.peek().is_some()
        && printed.all(|(index, _)| {
            let rest = &tokens[index + 1..];
            let is_end = |token: &Token<'_>| matches!(token, Token::Mark(';' | '\n' | '}'));
            let end = rest.iter().position(is_end).unwrap_or(rest.len());
            is_number(&rest[..end], &texts)
        })
}

/// Whether a program prints nothing but by `print`: each of its patterns has an action.
pub(crate) fn program_prints_only_by_print(program: &str) -> bool {
    let Ok(tokens) = tokenize(program) else { return false };
    let mut depth = 0_usize;
    let mut pattern = false;
    for token in &tokens {
        match token {
            Token::Mark('{') => {
                depth += 1;
                pattern = false;
            }
            Token::Mark('}') => depth = depth.saturating_sub(1),
            Token::Mark(';' | '\n') if depth == 0 && pattern => return false,
            Token::Mark(';' | '\n') => {}
            _ => pattern |= depth == 0,
        }
    }
    !pattern
}

/// Whether what `print` is given is a number: operands with operators of arithmetic between them, or one operand that is
/// a number itself. Two operands side by side are one text.
fn is_number(expression: &[Token<'_>], texts: &Texts<'_>) -> bool {
    let mut rest = expression;
    let mut calculates = false;
    loop {
        while let [Token::Mark('+' | '-'), after @ ..] = rest {
            calculates = true;
            rest = after;
        }
        let Some((numeric, after)) = operand(rest, texts) else { return false };
        match after {
            [] => return numeric || calculates,
            [Token::Mark('+' | '-' | '*' | '/' | '%' | '^'), after @ ..] => {
                calculates = true;
                rest = after;
            }
            _ => return false,
        }
    }
}

/// The operand at the beginning of an expression: whether it is a number by itself, and what follows it.
fn operand<'t, 'p>(tokens: &'t [Token<'p>], texts: &Texts<'_>) -> Option<(bool, &'t [Token<'p>])> {
    match tokens {
        [Token::Number(number), after @ ..] => is_decimal(number).then_some((true, after)),
        [Token::Mark('$'), Token::Number(_), after @ ..] => Some((false, after)),
        [Token::Mark('$'), Token::Name(name), after @ ..] if !FUNCTIONS.contains(name) => {
            Some((false, after))
        }
        [Token::Name(function), Token::Mark('('), ..] => {
            Some((NUMERIC.contains(function), after_parentheses(&tokens[1..])?))
        }
        [Token::Name(name), Token::Mark('['), ..] if !FUNCTIONS.contains(name) => {
            Some((false, after_parentheses(&tokens[1..])?))
        }
        [Token::Name(name), after @ ..] if !FUNCTIONS.contains(name) => Some((texts.is_counter(name), after)),
        [Token::Mark('('), ..] => Some((false, after_parentheses(tokens)?)),
        _ => None,
    }
}

/// What follows the bracket that closes the first one.
fn after_parentheses<'t, 'p>(tokens: &'t [Token<'p>]) -> Option<&'t [Token<'p>]> {
    let mut depth = 0_usize;
    let end = tokens.iter().position(|token| {
        match token {
            Token::Mark('(' | '[') => depth += 1,
            Token::Mark(')' | ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })?;
    Some(&tokens[end + 1..])
}

/// Which variables of a program may hold texts.
struct Texts<'p> {
    /// Those that are assigned, or run over keys.
    assigned: BTreeSet<&'p str>,
    /// Whether a function is called that writes texts to variables which it is given, or any may be assigned otherwise.
    by_functions: bool,
}

impl<'p> Texts<'p> {
    fn of(program: &[Token<'p>]) -> Self {
        const WRITERS: &[&str] = &["sub", "gsub", "split", "match"];
        let assigned = program.windows(2).filter_map(|pair| match pair {
            [Token::Name(name), Token::Name("in") | Token::Mark('=')] => Some(*name),
            _ => None,
        });
        let is_writer = |token: &Token<'_>| matches!(token, Token::Name(name) if WRITERS.contains(name));
        // `(n) = $1` is an assignment for busybox.
        let is_hidden = |pair: &[Token<'_>]| pair == [Token::Mark(')'), Token::Mark('=')];
        let by_functions = program.iter().any(is_writer) || program.windows(2).any(is_hidden);
        Self { assigned: assigned.collect(), by_functions }
    }

    /// Whether a variable holds a number, or nothing yet: it counts records or fields, or the program changes it by
    /// arithmetic only.
    fn is_counter(&self, name: &str) -> bool {
        let counts =
            matches!(name, "NR" | "NF" | "FNR") || name.bytes().any(|byte| byte.is_ascii_lowercase());
        counts && !self.by_functions && !self.assigned.contains(name)
    }
}

fn is_decimal(number: &str) -> bool {
    number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_prints_numbers() {
        for program in [
            "{ s += $1 } END { print s+0 }",
            "END{print NR}",
            "$9 == \"true\" { n++ } END { print n }",
            "{ s += $5 } END { print s / NR; print int(s) }",
            "{ if ($1 > 2) print $2 - $1; else print -$3 }",
            "{ n[$1] += 1 } END { print n[\"a\"] * (1 + 2) }",
            "{ print length($1) }",
        ] {
            assert!(program_prints_numbers(program), "{program}");
        }
        for program in [
            "{ print $1 }",
            "{ print \"a\" }",
            "{ printf \"%s\", 1 }",
            "{ OFMT=\"x\"; print $1+0 }",
            "{ s += 1 }",
            "{ s = $1 } END { print s }",
            "{ for (k in a) print k }",
            "{ gsub(/x/, \"y\", s); print s }",
            "{ n++; print n $1 }",
            "{ n++; print n, $1 }",
            "{ print 1 $2 }",
            "{ print 1a }",
            "{ print (n) ($1) }",
            "{ print FILENAME }",
            "{ print substr($1, 1) }",
            "{ print $1 + \"a\" $2 }",
            "{ print }",
            "{ print n[1] }",
            "{ print $1 ? 1 : $2 }",
            "{ print 1 == $2 $3 }",
            "BEGIN { NR = \"a[0]\"; print NR }",
            "{ NF = $1; print NF }",
            "{ for (NR in x) print NR }",
            "{ sub(/^.*$/, \"zz\", NR); print NR }",
            "{ (n) = $1; print n }",
            "{ print 0+$0x }",
        ] {
            assert!(!program_prints_numbers(program), "{program}");
        }
    }

    #[test]
    fn knows_patterns_without_an_action() {
        for program in ["{ print NR }", "NR > 1 { n++ }\n\nEND { print n; }\n", "BEGIN { if (1) { x++ } }"] {
            assert!(program_prints_only_by_print(program), "{program}");
        }
        for program in ["/a/", "/a/; END { print NR }", "{ print NR }\n$1", "END { print NR } $1 > 2\n"] {
            assert!(!program_prints_only_by_print(program), "{program}");
        }
    }
}
