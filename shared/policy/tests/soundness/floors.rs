//! What must have been run, so that the test cannot become vacuous.

use crate::stage::PROGRAMS;
use std::collections::BTreeMap;

/// How many scripts must have run for the floors of constructs to mean something.
const ENOUGH: usize = 100;

/// A construct that was generated so often must have been reached.
const OFTEN: usize = 25;

/// Different constructs that must have been reached in any run.
const FEWEST_CONSTRUCTS: usize = 250;

/// How often each construct was generated and reached, and each program started with each option.
#[derive(Debug, Default)]
pub struct Floors {
    generated: BTreeMap<String, usize>,
    reached: BTreeMap<String, usize>,
    started: BTreeMap<String, usize>,
}

fn count<'a>(counts: &mut BTreeMap<String, usize>, all: impl Iterator<Item = &'a str>) {
    for what in all {
        *counts.entry(what.to_owned()).or_default() += 1;
    }
}

impl Floors {
    pub fn generated<'a>(&mut self, tags: impl Iterator<Item = &'a str>) {
        count(&mut self.generated, tags);
    }

    pub fn reached<'a>(&mut self, tags: impl Iterator<Item = &'a str>) {
        count(&mut self.reached, tags);
    }

    pub fn started(&mut self, started: &BTreeMap<String, usize>) {
        for (what, count) in started {
            *self.started.entry(what.clone()).or_default() += count;
        }
    }

    /// Fails when something was not run often enough for a run of so many scripts.
    pub fn check(&self, ran: usize) {
        assert!(ran >= ENOUGH, "only {ran} scripts ran: give it more time by HOOKGATE_SOUNDNESS_SECONDS");
        let never = self
            .generated
            .iter()
            .filter(|(what, count)| **count >= OFTEN && !self.reached.contains_key(*what));
        let never: Vec<&str> = never.map(|(what, _)| what.as_str()).collect();
        assert!(never.is_empty(), "generated again and again, and never reached: {}", never.join(", "));
        let reached = self.reached.len();
        assert!(reached >= FEWEST_CONSTRUCTS, "only {reached} constructs were reached");
        for program in PROGRAMS.iter().chain(&["mysql"]) {
            let count = self.started.get(*program).copied().unwrap_or_default();
            assert!(count * 200 >= ran, "{program} was started {count} times only in {ran} scripts");
        }
        let options = self.started.keys().filter(|what| what.contains(' ')).count();
        assert!(options >= 60, "only {options} options of programs were used");
        crate::say(&format!(
            "soundness: {reached} constructs reached, {} programs started, {options} different options",
            self.started.keys().filter(|what| !what.contains(' ')).count()
        ));
    }
}
