//! What a check costs grows in proportion to the script, for every shape that the bench measures: counted in
//! allocations and their bytes, which are the same in every run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

#[path = "../../../tests/bench/src/shapes.rs"]
mod shapes;

use allocation_counter::{AllocationInfo, measure};
use hookgate_policy::{Policy, check};

/// The smaller script, in bytes.
const SMALL: usize = 3 * 1024;

/// How much larger the other one is: within what a policy accepts.
const FACTOR: usize = 64;

/// How many times the cost of the smaller one it may cost.
const MOST: u64 = 100;

fn cost(script: &str) -> AllocationInfo {
    let policy = Policy::default();
    measure(|| drop(check(script.as_bytes(), &policy)))
}

#[test]
fn a_check_costs_in_proportion_to_the_script() {
    let mut wrong = Vec::new();
    for (name, shape) in shapes::SHAPES {
        let (small, large) = (shape(SMALL), shape(SMALL * FACTOR));
        assert!(hookgate_shell::parse(large.as_bytes()).is_ok(), "{name} is not read to its end");
        let (small, large) = (cost(&small), cost(&large));
        let allocations = large.count_total / small.count_total;
        let bytes = large.bytes_total / small.bytes_total;
        println!("{name}: {allocations} times the allocations, {bytes} times the bytes");
        if allocations > MOST || bytes > MOST {
            wrong.push(format!("{name}: {allocations} times the allocations, {bytes} times the bytes"));
        }
    }
    assert!(wrong.is_empty(), "for {FACTOR} times the script:\n{}", wrong.join("\n"));
}

/// A hook as people write them costs a fixed small amount, so that a careless copy is seen.
#[test]
fn a_hook_is_checked_with_few_allocations() {
    let hook = include_str!("../../../tests/bench/hook.sh");
    let cost = cost(hook);
    println!("{} allocations, {} bytes for {}", cost.count_total, cost.bytes_total, hook.len());
    assert!(cost.count_total < 2_000, "{} allocations", cost.count_total);
}
