//! What a tree takes: in proportion to the text, for every construct.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use allocation_counter::measure;

/// The most bytes that parsing may have allocated at a time, for each byte of the text.
const BYTES: u64 = 256;

/// The most allocations for each byte of the text.
const ALLOCATIONS: u64 = 3;

const UNITS: &[&str] = &[
    "a ",
    "a\n",
    "a;",
    "a|a;",
    "$a ",
    "$a",
    "'a'",
    "\"a\"",
    "${a}",
    "${a:-b}",
    "$((1+1))",
    "$((a)) ",
    "a=b ",
    "a= ",
    "x[1]=2\n",
    "# c\n",
    "cat <<E\nb\nE\n",
    "<<E\nE\n",
    "{a,b}",
    "{a,}",
    "~ ",
    "a&&",
    "if a; then b; fi\n",
    "<(a) ",
    "$(a)",
    "`a`",
    "[[ a ]]\n",
    "((a))\n",
    ">a ",
    "f() { :; }\n",
    "for a do b; done\n",
    "case a in b) c;; esac\n",
    "\\a",
    "a=()\n",
    "(a)\n",
];

#[test]
fn a_tree_is_in_proportion_to_the_text() {
    let mut wrong = Vec::new();
    for unit in UNITS {
        let text = unit.repeat(20_000 / unit.len());
        let mut accepted = false;
        let used = measure(|| accepted = hookgate_shell::parse(text.as_bytes()).is_ok());
        let size = text.len() as u64;
        println!(
            "{:>5.1} bytes, {:>4.2} allocations for a byte of {unit:?} {accepted}",
            used.bytes_max as f64 / size as f64,
            used.count_total as f64 / size as f64
        );
        if used.bytes_max > BYTES * size || used.count_total > ALLOCATIONS * size {
            wrong.push(format!(
                "{unit:?}: {} bytes in {} allocations for {size}",
                used.bytes_max, used.count_total
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A hook as people write them takes far less than the worst text.
#[test]
fn the_tree_of_a_hook_is_small() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus/allow/guide");
    for entry in std::fs::read_dir(path).unwrap() {
        let text = std::fs::read(entry.unwrap().path()).unwrap();
        let used = measure(|| drop(hookgate_shell::parse(&text).unwrap()));
        assert!(used.bytes_max < 40 * text.len() as u64, "{} bytes for {}", used.bytes_max, text.len());
    }
}
