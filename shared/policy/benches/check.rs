//! How long a script takes to be read and checked, and how that grows with its size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a bench may stop at the first surprise

use hookgate_policy::{Policy, check};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// A hook as people write them, about 3 KB.
fn script(functions: usize) -> String {
    let mut text =
        String::from("#!/bin/bash\nset -euo pipefail\n\npre_upgrade() { :; }\npost_upgrade() { :; }\n");
    for number in 0..functions {
        text.push_str(&format!(
            "\n# Waits until the tablets are healthy.\nwait_{number}() {{\n    local deadline=$((SECONDS + 300))\n    local bad\n    \
             while (( SECONDS < deadline )); do\n        bad=$($MYSQL_CMD -N -e \"SHOW PROC '/statistic'\" | awk '$1 == \"Total\" {{ print $8 + 0 }}')\n        \
             if [ \"$bad\" -eq 0 ]; then\n            echo \"INFO: all tablets are healthy\"\n            return 0\n        fi\n        \
             sleep 5\n    done\n    echo \"ERROR: still $bad unhealthy tablets\" >&2\n    return 1\n}}\n"
        ));
    }
    text
}

fn median(runs: usize, mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let (small, large) = (script(6), script(480));
    let policy = Policy::default();
    assert!(!check(small.as_bytes(), &policy).is_denied());
    let parse = |text: &str, runs| {
        median(runs, || drop(black_box(hookgate_shell::parse(black_box(text.as_bytes())))))
    };
    let full =
        |text: &str, runs| median(runs, || drop(black_box(check(black_box(text.as_bytes()), &policy))));
    for (name, text, runs) in [("small", &small, 2000), ("large", &large, 20)] {
        let (parse, full) = (parse(text, runs), full(text, runs));
        let rate = text.len() as f64 / parse.as_secs_f64() / 1e6;
        println!("{name}: {} bytes: parse {parse:?} ({rate:.1} MB/s), full check {full:?}", text.len());
    }
    let factor = full(&large, 20).as_secs_f64() / full(&small, 500).as_secs_f64();
    println!(
        "{:.0} times the size costs {factor:.0} times the time",
        large.len() as f64 / small.len() as f64
    );
}
