//! Inputs that make other parsers crash, hang or run out of memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_shell::{ErrorKind, MAX_NESTING, MAX_SIZE, parse};
use proptest::prelude::*;

/// Runs on a stack of the size that a thread of a server has, at most.
fn on_small_stack(script: String) -> Result<(), ErrorKind> {
    std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(move || parse(script.as_bytes()).map(drop).map_err(|error| error.kind))
        .unwrap()
        .join()
        .unwrap()
}

/// Openings that nest, with their ends.
const NESTING: &[(&str, &str)] = &[
    ("{ ", "}"),
    ("( ", ")"),
    ("$(", ")"),
    ("echo $(", ")"),
    ("\"$(", ")\""),
    ("echo \"${a:-", "}\""),
    ("echo ${a:-", "}"),
    ("echo ${a[", "]}"),
    ("echo $((", "))"),
    ("a[b[", "]]=1"),
    ("if ", "; then :; fi"),
    ("if a; then ", "; fi"),
    ("while ", "; do :; done"),
    ("for a in b; do ", "; done"),
    ("case a in a) ", ";; esac"),
    ("[[ ( ", ") ]]"),
    ("f() { ", "}"),
    ("echo <(", ")"),
    ("a=(", ")"),
    ("echo {a,", "}"),
    ("echo $(( a[", "] ))"),
    ("[[ a =~ (", ") ]]"),
    ("[[ a == @(", ") ]]"),
    ("echo `", "`"),
    ("coproc { ", "}"),
    ("coproc a$(", ")"),
    ("a=([b$(", ")]=c)"),
    ("{fd$(", ")}>f"),
    ("f$(", ")() { :; }"),
    ("for ((a[$(", ")];;)) do :; done"),
    ("cat <<E\n$(", ")\nE\n"),
    ("function f { ", "}"),
    ("! ", ""),
    ("a && ", ""),
    ("a | ", ""),
    ("x=", ""),
    ("<<E ", ""),
    ("echo \\\n", ""),
    ("(( ", " ))"),
    ("$'", "'"),
    ("<<-E\n\t", ""),
];

#[test]
fn deep_and_long_inputs_end_on_a_small_stack() {
    for (open, close) in NESTING {
        for count in [1, 10, 63, 64, 65, 1000, 10_000] {
            let half = open.repeat(count);
            let whole = format!("{half}:{}", close.repeat(count));
            for script in [half, whole] {
                if script.len() <= MAX_SIZE {
                    // Whatever the verdict is: it comes, and nothing overflows.
                    let _ = on_small_stack(script);
                }
            }
        }
    }
}

#[test]
fn the_limit_of_nesting_has_its_own_error() {
    let nested = |count: usize| format!("{}:{}", "$(".repeat(count), ")".repeat(count));
    assert_eq!(on_small_stack(nested(MAX_NESTING as usize)), Ok(()));
    assert_eq!(
        on_small_stack(nested(MAX_NESTING as usize + 1)),
        Err(ErrorKind::TooDeep { limit: MAX_NESTING })
    );
    assert!(matches!(on_small_stack("x".repeat(MAX_SIZE + 1)), Err(ErrorKind::TooLarge { .. })));
}

#[test]
fn known_killers_are_answered() {
    // 22 times this took a parser 7 seconds; seven bytes made one run out of memory; 375 braces
    // overflowed the stack of one.
    assert!(parse("case a in a) ".repeat(22).as_bytes()).is_err());
    assert!(parse(b"<<E$[\t\t").is_err());
    assert!(parse("{ ".repeat(375).as_bytes()).is_err());
    assert!(parse("$(".repeat(10_000).as_bytes()).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes);
    }

    /// Texts made of the pieces of the grammar reach further than random bytes.
    #[test]
    fn any_pieces_are_answered(pieces in proptest::collection::vec(proptest::sample::select(PIECES.to_vec()), 0..60)) {
        let script = pieces.concat();
        if let Err(error) = parse(script.as_bytes()) {
            prop_assert!(error.span.range().start <= script.len());
            prop_assert!(error.span.range().end <= script.len() + 1);
        }
    }
}

const PIECES: &[&str] = &[
    " ", "\n", "\t", ";", "&", "|", "(", ")", "<", ">", "{", "}", "[", "]", "$", "`", "'", "\"", "\\", "#",
    "=", "a", "b1", "if", "then", "fi", "for", "in", "do", "done", "case", "esac", "while", "[[", "]]", "((",
    "))", "$(", "${", "$((", "<<E", "<<-E", "\nE\n", "EOF", "<<<", "&&", "||", ";;", "!", "~", "*", "?",
    "@(", "$'", "$\"", "\\\n", "é", "1", ":-", "#", "%", "/", "^", ",", ":", "@", "+=", "function", "coproc",
    "time", "select", "echo ", "a=(", "x[", "{a,", "..", "2>&1", "<(",
];
