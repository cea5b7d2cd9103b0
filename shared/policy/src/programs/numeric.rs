//! Commands whose output is always a number.

use hookgate_shell::ast::{Redirection, RedirectionKind, Simple, Word};

/// Whether the standard output of a command is always one number: `wc -l`, `grep -c`, `date +%s`.
pub(crate) fn numeric_substitution(simple: &Simple) -> bool {
    let words: Vec<_> = simple.words.iter().map(Word::literal).collect();
    let words: Vec<Option<&str>> = words.iter().map(Option::as_deref).collect();
    match words.as_slice() {
        // With operands the names of the files are printed as well.
        [Some("wc"), Some("-l" | "-w" | "-c" | "-m")]
        | [Some("date"), Some("+%s")]
        | [Some("date"), Some("-u"), Some("+%s")] => true,
        [Some("grep"), arguments @ ..] => grep_counts(arguments),
        _ => false,
    }
}

/// The words of `seq`, which prints numbers, one in a line, when all of them are numbers.
pub(crate) fn number_list_words(simple: &Simple) -> Option<&[Word]> {
    let (name, numbers) = simple.words.split_first()?;
    (name.literal().as_deref() == Some("seq") && !numbers.is_empty()).then_some(numbers)
}

/// Whether nothing but the standard output of a command is read by `$( … )`: its errors go elsewhere, and
/// its output is not sent away.
pub(crate) fn prints_only_output(redirections: &[Redirection]) -> bool {
    redirections.iter().all(|redirection| match &redirection.kind {
        RedirectionKind::Read(_) | RedirectionKind::HereDocument(_) | RedirectionKind::HereString(_) => true,
        RedirectionKind::Write(word) | RedirectionKind::Append(word) | RedirectionKind::Clobber(word) => {
            redirection.descriptor == Some(2)
                && word.literal().is_some_and(|path| !matches!(path.as_ref(), "/dev/stdout" | "/dev/stdin"))
        }
        _ => false,
    })
}

fn is_counting_bundle(text: &str) -> bool {
    text.strip_prefix('-')
        .is_some_and(|flags| flags.contains('c') && flags.chars().all(|flag| "cviwxqsEFh".contains(flag)))
}

/// Whether `grep` prints only one count: `-c`, and at most one file, before whose count no name is printed.
fn grep_counts(arguments: &[Option<&str>]) -> bool {
    let mut counts = false;
    let mut given = false;
    let mut operands = 0;
    let mut index = 0;
    while let Some(argument) = arguments.get(index) {
        index += 1;
        match argument {
            Some("-e" | "--regexp") => {
                given = true;
                index += 1;
            }
            Some("-m" | "--max-count") => index += 1,
            Some("--count") => counts = true,
            Some(text) if is_counting_bundle(text) => counts = true,
            Some(text) if text.len() > 1 && text.starts_with('-') => {
                let flags = &text[1..];
                let plain = flags.chars().all(|flag| "viwxqsEFh".contains(flag));
                let long = [
                    "-invert-match",
                    "-ignore-case",
                    "-word-regexp",
                    "-line-regexp",
                    "-extended-regexp",
                    "-fixed-strings",
                ];
                if !plain && !long.contains(&flags) {
                    return false;
                }
            }
            _ => operands += 1,
        }
    }
    counts && operands <= if given { 1 } else { 2 }
}

/// Whether a command in a pipe lets numbers through as they are: it reads nothing but the pipe, and brings
/// no text of its own along.
pub(crate) fn keeps_numbers(simple: &Simple) -> bool {
    let words: Option<Vec<_>> = simple.words.iter().map(Word::text).collect();
    let Some(words) = words else { return false };
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        ["cut", options @ ..] => only_options(options, "fcbd"),
        ["head" | "tail", options @ ..] => only_options(options, "nc"),
        // What replaces characters could write names.
        ["tr", "-d", _] => true,
        ["awk", arguments @ ..] => awk_program(arguments).is_some_and(crate::awk::program_prints_numbers),
        _ => false,
    }
}

/// Whether a command takes blanks away and nothing else, as people do after `wc -l`.
pub(crate) fn removes_blanks(simple: &Simple) -> bool {
    const BLANKS: &[&str] = &[" ", "[:space:]", "[:blank:]", "\\n", " \\n", " \\t", "[:space:]\\n"];
    let words: Option<Vec<_>> = simple.words.iter().map(Word::text).collect();
    words.is_some_and(|words| match words.iter().map(AsRef::as_ref).collect::<Vec<&str>>().as_slice() {
        ["tr", "-d", set] => BLANKS.contains(set),
        _ => false,
    })
}

/// Whether a command prints numbers, whatever it reads: awk with a program that prints nothing else.
pub(crate) fn makes_numbers(simple: &Simple) -> bool {
    let Some((name, arguments)) = simple.words.split_first() else { return false };
    if name.literal().as_deref() != Some("awk") {
        return false;
    }
    let words: Option<Vec<_>> = arguments.iter().map(Word::text).collect();
    let Some(words) = words else { return false };
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    // What is read does not matter, so it may be files.
    (1..=words.len()).rev().any(|end| {
        awk_program(&words[..end]).is_some_and(|program| {
            crate::awk::program_prints_numbers(program) && crate::awk::program_prints_only_by_print(program)
        })
    })
}

/// The program in the arguments of awk that are a program, and at most a separator before it.
fn awk_program<'a>(arguments: &[&'a str]) -> Option<&'a str> {
    match arguments {
        ["-F", _, program] => Some(program),
        [option, program] if option.starts_with("-F") && option.len() > 2 => Some(program),
        [program] if !program.starts_with('-') => Some(program),
        _ => None,
    }
}

/// Whether all words are short options with values, of these letters, or `-N`.
fn only_options(words: &[&str], letters: &str) -> bool {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(option) = word.strip_prefix('-') else { return false };
        let is_number = !option.is_empty() && option.bytes().all(|byte| byte.is_ascii_digit());
        let attached = match option.chars().next() {
            Some(letter) if letters.contains(letter) => option.len() > 1,
            _ if is_number => true,
            _ => return false,
        };
        if !attached && words.next().is_none() {
            return false;
        }
    }
    true
}

/// Whether nothing is redirected but errors, away from the output, and an input that is empty.
pub(crate) fn redirects_only_errors(redirections: &[Redirection]) -> bool {
    let is_empty = |redirection: &Redirection| match &redirection.kind {
        RedirectionKind::Read(word) => word.literal().as_deref() == Some("/dev/null"),
        RedirectionKind::HereDocument(_) | RedirectionKind::HereString(_) => false,
        _ => true,
    };
    prints_only_output(redirections) && redirections.iter().all(is_empty)
}
