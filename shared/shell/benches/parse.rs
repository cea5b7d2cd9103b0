//! How the time to parse grows with the size, for inputs of one repeated piece each. Ten times the size
//! should take about ten times as long for every piece.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a bench may stop at the first surprise

use std::hint::black_box;
use std::time::{Duration, Instant};

/// The best of several runs.
fn cost(unit: &str, count: usize) -> Duration {
    let script = unit.repeat(count);
    let run = || {
        let start = Instant::now();
        drop(black_box(hookgate_shell::parse(black_box(script.as_bytes()))));
        start.elapsed()
    };
    (0..5).map(|_| run()).min().unwrap()
}

fn main() {
    let units = [
        "a ",
        "a\n",
        "a;",
        "$a",
        "'a'",
        "\"a\"",
        "${a}",
        "$((1+1))",
        "a=b ",
        "x[1]=2\n",
        "# c\n",
        "cat <<E\nb\nE\n",
        "{a,b}",
        "\\\n",
        "~",
        "a && ",
        "if a; then b; fi\n",
        "a | ",
        "<(a) ",
        "[[ a == b ]]\n",
        "1>&2 ",
        "`a`",
        "a() { :; }\n",
        "case a in b) c;; esac\n",
        "{x}> y ",
        "12345 ",
        "<<E ",
        "$'\\n'",
        "a[b",
        "(",
        "{",
        "\"",
        "${a:-",
        "aaaaaaaa",
    ];
    let mut worst = (0.0, "");
    for unit in units {
        let count = 20_000 / unit.len();
        let (small, large) = (cost(unit, count), cost(unit, 10 * count));
        let factor = large.as_secs_f64() / small.as_secs_f64().max(1e-6);
        println!("{factor:6.1} times for 10 times the size: {unit:?}");
        if factor > worst.0 {
            worst = (factor, unit);
        }
    }
    println!("worst: {:.1} times, for {:?}", worst.0, worst.1);
}
