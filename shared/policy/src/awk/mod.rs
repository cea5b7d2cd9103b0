//! awk programs: a small grammar in which nothing is run, read or written.

mod lexer;
mod numbers;

pub(crate) use numbers::{program_prints_numbers, program_prints_only_by_print};

use lexer::{Token, tokenize};

/// The functions that only compute.
const FUNCTIONS: &[&str] = &[
    "length", "substr", "index", "split", "sub", "gsub", "match", "sprintf", "toupper", "tolower", "int",
    "sqrt", "exp", "log", "sin", "cos", "atan2", "rand", "srand", "strftime", "systime",
];

/// Words after which a parenthesis does not call anything.
const KEYWORDS: &[&str] = &[
    "if", "while", "for", "print", "printf", "return", "in", "delete", "exit", "do", "else", "BEGIN", "END",
    "next", "nextfile", "break", "continue", "getline", "switch", "case",
];

/// Names that run, read or reveal something.
const REFUSED: &[&str] = &[
    "system",
    "getline",
    "close",
    "fflush",
    "function",
    "func",
    "ARGV",
    "ARGC",
    "ARGIND",
    "ENVIRON",
    "PROCINFO",
    "SYMTAB",
    "FUNCTAB",
    "BEGINFILE",
    "ENDFILE",
    "switch",
    "case",
    "eval",
    "include",
    "load",
    "namespace",
    "TEXTDOMAIN",
];

/// Checks a program.
///
/// # Errors
/// What is not allowed in it, in words.
pub(crate) fn check(program: &str) -> Result<(), String> {
    check_tokens(&tokenize(program)?)
}

fn check_tokens(tokens: &[Token<'_>]) -> Result<(), String> {
    let mut printing: Option<usize> = None;
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        let next = tokens.get(index + 1);
        match token {
            Token::Name(name) => {
                if REFUSED.contains(name) {
                    return Err(format!("`{name}` is not allowed in awk"));
                }
                let called = next == Some(&Token::Mark('('));
                if called && !KEYWORDS.contains(name) && !FUNCTIONS.contains(name) {
                    return Err(format!("the function `{name}` is not allowed in awk"));
                }
                if matches!(*name, "print" | "printf") {
                    printing = Some(depth);
                }
            }
            Token::Mark('(' | '[') => depth += 1,
            Token::Mark(')' | ']') => depth = depth.saturating_sub(1),
            // Where an operand or a bracket is still to come, one awk or another goes on in the next line.
            Token::Mark('\n')
                if printing.is_some_and(|outer| depth > outer)
                    || !index.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(can_end) => {}
            Token::Mark(';' | '\n' | '{' | '}') => printing = None,
            Token::Mark('|') => return Err("a pipe runs a program".to_owned()),
            Token::Mark('>') if printing == Some(depth) => {
                return Err("print with `>` writes a file; put a comparison into parentheses".to_owned());
            }
            Token::Append => return Err("`>>` writes a file".to_owned()),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a token may be the last one of an expression.
fn can_end(token: &Token<'_>) -> bool {
    match token {
        Token::Name(name) => *name != "in",
        Token::Number(_) | Token::Text(_) | Token::Regex | Token::Step => true,
        Token::Mark(mark) => matches!(mark, ')' | ']'),
        Token::Append | Token::Operator => false,
    }
}

/// How a program runs other programs, if it does. One that cannot be read in one way only is taken for one that does
/// when it names something that can.
pub(crate) fn runs_programs(program: &str) -> Option<&'static str> {
    const SYSTEM: &str = "`system` runs a program";
    const PIPE: &str = "a pipe runs a program";
    match tokenize(program) {
        Ok(tokens) => tokens.iter().find_map(|token| match token {
            Token::Name("system") => Some(SYSTEM),
            Token::Mark('|') => Some(PIPE),
            _ => None,
        }),
        Err(_) if program.contains("system") => Some(SYSTEM),
        // `@name(…)` of gawk calls the function that a variable names; a pipe stands beside a text or `getline`.
        Err(_) if program.contains('@') => Some("`@` calls what is not known when the program is read"),
        Err(_) => {
            let mut pieces = program.split('|');
            let mut before = pieces.next().unwrap_or_default();
            pieces.find_map(|after| {
                let pipes = before.trim_end().ends_with('"')
                    || after.trim_start_matches('&').trim_start().starts_with(['"', 'g']);
                before = after;
                pipes.then_some(PIPE)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_what_only_computes() {
        for program in [
            "{print $1}",
            "NR>1 {print $2, $3}",
            "$3 > 5 && $4 == \"x|y\" { n++ } END { print n+0 }",
            "BEGIN { FS = \",\" } /^a\\/b|c>d/ { sum += $2 } END { printf \"%d\\n\", sum }",
            "{ print ($1 > $2) }",
            "{ a[$1]++ } END { for (k in a) print k, a[k] }",
            "{ if (length($1) > 3 || $2 ~ /[0-9]+/) print substr($1, 1, 3); else next }",
            "# system(\"x\")\n{ print }",
            "{ print $1 / $2 }",
            "/system/ { print \"system(1) | getline\" }",
            "$1 == \"a\" { exit 1 }",
            "{ n++; print n / 2 }",
            "$1 ~ /^[[:alpha:]_]+$/ || /[^]]x/ { print }",
            "{ print $1,\n$2; x = $1 > 3 }",
            "{ print $1\nx = $1 > 3 }",
            "{ print\nif ($1 > 3) n++ }",
            "{ x = 1.5e3 + .5 + 2. }",
        ] {
            assert_eq!(check(program), Ok(()), "{program}");
        }
    }

    #[test]
    fn refuses_what_runs_reads_or_writes() {
        for program in [
            "BEGIN { system(\"id\") }",
            "BEGIN { system (\"id\") }",
            "{ print > \"/tmp/x\" }",
            "{ print $1 >> \"/tmp/x\" }",
            "{ print $1, $2 > $3 }",
            "{ print | \"sh\" }",
            "BEGIN { \"id\" | getline x }",
            "BEGIN { getline x < \"/etc/passwd\" }",
            "BEGIN { print ENVIRON[\"A\"] }",
            "BEGIN { ARGV[1] = \"/etc/passwd\"; ARGC = 2 }",
            "@include \"x\"",
            "BEGIN { f = \"system\"; @f(\"id\") }",
            "function f() { } BEGIN { f() }",
            "BEGIN { if (1) /\"/; system(\"id\"); x = /\"/ }",
            "BEGIN { x = (1) /\"/; system(\"id\") /\"/ }",
            "BEGIN { x++ / system(\"id\") / 1 }",
            "BEGIN { x++ /\"/; system(\"id\"); y = /\"/ }",
            "{ $/\"/; system(\"id\"); x = /\"/ }",
            "/a/ / system(\"id\") / 1",
            "{ length /\"/; system(\"id\"); x = /\"/ }",
            "/[[:alpha:]/\"]/ { system(\"id\") } /\"/",
            "BEGIN { print \"a\",\n\"b\" > \"/etc/x\" }",
            "BEGIN { print \"a\" &&\n\"b\" > \"/etc/x\" }",
            "BEGIN { print \"a\",\n\n\"b\" > \"/etc/x\" }",
            "/[/]\"/ { system(\"id\") } /\"/",
            "{ print \"a",
            "BEGIN { printf \"x\" > \"/dev/tcp\" }",
            "BEGIN { print \"x\" |& \"/inet/tcp/0/a/1\" }",
            "{ print (1)(2) > \"x\" }",
            "BEGIN { SYMTAB[\"x\"] = 1 }",
            "BEGIN { strange(1) }",
            "{ print `id` }",
            "BEGIN { x = 1system(\"id\") }",
            "BEGIN { print 1ENVIRON[\"HOME\"] }",
            "BEGIN { 1getline }",
            "BEGIN { x = 0xsystem(\"id\") }",
            "BEGIN { x = 1.system(\"id\") }",
            "BEGIN { x = .system(\"id\") }",
            "BEGIN { x = 1e5system(\"id\") }",
            "BEGIN { x = 1esystem(\"id\") }",
            "BEGIN { x = 1.5.5 }",
            "BEGIN { print 1 ?\n\"a\" : \"b\" > \"/etc/x\" }",
            "BEGIN { print 1 ? \"a\" :\n\"b\" > \"/etc/x\" }",
            "BEGIN { print 1 +\n2 > \"/etc/x\" }",
            "BEGIN { print 1 + # c\n\n2 > \"/etc/x\" }",
            "BEGIN { print (1\n) > \"/etc/x\" }",
            "BEGIN { print a[1\n] > \"/etc/x\" }",
            "BEGIN { print 1 in\na > \"/etc/x\" }",
        ] {
            assert!(check(program).is_err(), "{program}");
        }
    }

    #[test]
    fn knows_what_runs_programs() {
        for program in [
            "BEGIN { system(\"id\") }",
            "BEGIN { system (x) }",
            "{ print | \"sh\" }",
            "BEGIN { \"id\" | getline x }",
            "BEGIN { cmd |& getline }",
            "BEGIN { f = \"sys\" \"tem\"; @f(\"id\") }",
            "/[/]\"/ { system(\"id\") } /\"/",
            "/[/]/ { print | \"sh\" }",
            "/[/]/ { \"id\" | getline }",
        ] {
            assert!(runs_programs(program).is_some(), "{program}");
        }
        for program in [
            "{ print $1 }",
            "/a|b/ || $1 == \"x|y\" { print \"system(1) | getline\" }",
            "function f(x) { return x * 2 } { print f($1) > \"/tmp/x\" }",
            "/[/|]/ { print }",
            "# system(1)\n{ print }",
        ] {
            assert_eq!(runs_programs(program), None, "{program}");
        }
    }
}
