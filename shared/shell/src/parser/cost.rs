//! The parser's cost, in bytes looked at: it grows as the text does, for every construct.

use super::Parser;
use crate::cursor::STEPS;

/// Pieces that are repeated, between a beginning and an end.
const FAMILIES: &[(&str, &str, &str)] = &[
    ("", "a ", ""),
    ("", "a\n", ""),
    ("", "a;", ""),
    ("", "aaaaaaaa", ""),
    ("", "a && ", "b"),
    ("", "a | ", "b"),
    ("", "! ", "b"),
    ("", "# it's a comment\n", ""),
    ("", "a=b ", ""),
    ("", "x[1]=2\n", ""),
    ("a=(", "b [1]=c ", ")"),
    ("echo ", "'a'", ""),
    ("echo '", "a b ", "'"),
    ("echo ", "\"a b\"", ""),
    ("echo \"", "a b $c ", "\""),
    ("echo $'", "a\\n", "'"),
    ("echo ", "\\\n", ""),
    ("echo ", "a\\ ", ""),
    ("echo ", "$a", ""),
    ("echo ", "${a:-b}", ""),
    ("echo ", "${a/b/c}", ""),
    ("echo ${a:-", "b c ", "}"),
    ("echo \"${a:-", "b c ", "}\""),
    ("echo ", "$((1+1))", ""),
    ("echo $((", "1+", "1))"),
    ("((", "(a)+", "1))"),
    ("echo $((", "a[", "1"),
    ("echo ", "$[1+1]", ""),
    ("echo ", "$(a)", ""),
    ("echo ", "`a`", ""),
    ("echo ", "`\\$a`", ""),
    ("echo `", "\\$a ", "`"),
    ("echo ", "<(a) ", ""),
    ("echo ", "{a,b}", ""),
    ("echo ", "{", ""),
    ("echo {", "a,", "}"),
    ("echo ", "~ ", ""),
    ("", "1>&2 ", ""),
    ("", "{x}>y ", ""),
    ("echo ", "12 ", ""),
    ("", "cat <<E\nb\nE\n", ""),
    ("", "cat <<-'E'\n\tb\n\tE\n", ""),
    ("", "cat <<-E\n\tb\n\tE\n", ""),
    ("cat <<E\n", "a $b\n", "E\n"),
    ("cat <<-E\n", "\ta\\\n", "\tE\n"),
    ("cat ", "<<E ", ""),
    ("", "if a; then b; fi\n", ""),
    ("if a; then b\n", "elif a; then b\n", "fi"),
    ("", "for a in b; do c; done\n", ""),
    ("", "for ((a;b;c)); do d; done\n", ""),
    ("", "while a; do b; done\n", ""),
    ("", "case a in b) c;; esac\n", ""),
    ("case a in ", "b) c;; ", "esac"),
    ("case a in ", "b|", "c) d;; esac"),
    ("", "[[ a == b ]]\n", ""),
    ("[[ ", "a && ", "b ]]"),
    ("[[ a =~ ", "(b)", " ]]"),
    ("[[ a == ", "@(b)", " ]]"),
    ("", "f() { :; }\n", ""),
    ("", "coproc a b\n", ""),
    // Up to the limit of nesting, again and again.
    ("", "$($($($($($($($($($($($($($($($(:))))))))))))))))\n", ""),
    ("", "{ { { { { { { { { { { { { { { { :; }; }; }; }; }; }; }; }; }; }; }; }; }; }; }; }\n", ""),
    ("", "echo $((1+$((1+$((1+$((1+$((1+$((1+$((1+$((1+1))))))))))))))))\n", ""),
    // And not closed.
    ("", "$(", ""),
    ("", "{ ", ""),
    ("", "case a in a) ", ""),
    ("echo ", "\"", ""),
    ("echo ", "`", ""),
];

/// The bytes that are looked at in a text of about `size` bytes.
fn cost(family: (&str, &str, &str), size: usize) -> usize {
    let (begin, unit, end) = family;
    let text = format!("{begin}{}{end}", unit.repeat(size / unit.len()));
    let before = STEPS.with(std::cell::Cell::get);
    // The verdict does not matter: the limit on the size is left out, that on nesting is not.
    let _ = Parser::new(&text).script();
    STEPS.with(std::cell::Cell::get) - before
}

/// 1 MiB may cost 400 times as much as 3 KiB, which is 1.17 times as much for a byte. The same is asked
/// of 96 KiB, which a build without optimization reads in time.
#[test]
fn the_cost_grows_as_the_text_does() {
    let mut wrong = Vec::new();
    for family in FAMILIES {
        let (small, large) = (cost(*family, 3 << 10), cost(*family, 96 << 10));
        if large * 1024 > 400 * 96 * small {
            wrong.push(format!("{family:?}: {small} for 3 KiB, {large} for 96 KiB"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The steps that a byte of the text takes, at most.
#[test]
fn the_cost_of_a_byte_is_bounded() {
    let size = 3 << 10;
    let costs = FAMILIES.iter().map(|family| (cost(*family, size) / size, family));
    let (worst, family) = costs.max().unwrap();
    assert!(worst < 100, "{worst} steps for a byte of {family:?}");
}
