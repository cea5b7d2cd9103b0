//! The generator: scripts from the grammar of what `restricted` allows, with hostile texts in every slot
//! that could be evaluated once more, and near misses.
//!
//! Names tell what a variable holds: `s1` to `s3` hold literals, `v1` and `v2` values from outside, `n1` to
//! `n3` and `i` numbers, `a1` an array of texts, `a2` one from outside, `k1` one of numbers, and `m1` is
//! associative.

mod assignments;
mod control;
mod misses;
mod mysql;
mod programs;
mod spoil;
mod statements;
mod tests;
mod words;

pub use misses::NEAR_MISSES;
pub use spoil::fill;

use crate::random::Random;

/// A script and what is in it.
#[derive(Debug, Clone)]
pub struct Script {
    pub text: String,
    /// What each statement uses, by the number of the mark before it.
    pub tags: Vec<(usize, String)>,
    /// Whether all of it is meant to be allowed.
    pub is_clean: bool,
}

/// Writes one script.
pub struct Writer {
    pub(self) random: Random,
    out: String,
    depth: usize,
    mark: usize,
    /// Whether marks are written, by which the trace shows what was reached.
    marks: bool,
    tags: Vec<(usize, String)>,
    loops: usize,
    /// Whether a function may be called here that exists.
    helpers: usize,
    /// How many statements may follow.
    budget: usize,
    in_pre_upgrade: bool,
    /// Whether the script has `local IFS`, so that the connection must be quoted.
    own_separator: bool,
}

/// Makes the script of that number.
pub fn generate(seed: u64, number: u64) -> Script {
    let mut random = Random::new(seed, number);
    let is_clean = random.chance(60);
    let marks = random.chance(70);
    let own_separator = random.chance(15);
    let mut writer = Writer {
        random,
        out: String::new(),
        depth: 0,
        mark: 0,
        marks,
        tags: Vec::new(),
        loops: 0,
        helpers: 0,
        budget: 0,
        in_pre_upgrade: false,
        own_separator,
    };
    writer.script();
    let Writer { mut random, out, tags, .. } = writer;
    let text = if is_clean { out } else { spoil::spoil(&out, &mut random) };
    Script { text, tags, is_clean }
}

impl Writer {
    pub(self) fn tag(&mut self, what: &str) {
        self.tags.push((self.mark, what.to_owned()));
    }

    pub(self) fn line(&mut self, text: &str) {
        for _ in 0..self.depth {
            self.out.push_str("    ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    pub(self) fn pick(&mut self, from: &[&str]) -> String {
        self.random.pick(from).to_owned()
    }

    /// A choice that is counted.
    pub(self) fn choose(&mut self, kind: &str, from: &[&str]) -> String {
        let chosen = self.pick(from);
        self.tag(&format!("{kind} {chosen}"));
        chosen
    }

    fn script(&mut self) {
        self.line("#!/bin/bash");
        if self.random.chance(25) {
            let options = self.pick(&[
                "-e",
                "-u",
                "-eu",
                "-euo pipefail",
                "-o pipefail",
                "-e -o nounset",
                "-o errexit",
            ]);
            self.tag("top set");
            self.line(&format!("set {options}"));
        }
        for index in 0..self.random.below(3) {
            let literal = self.literal();
            let shape = self.choose("top", &["NAME=", "readonly", "readonly -a", "NAME=()"]);
            match shape.as_str() {
                "NAME=" => self.line(&format!("c{index}={literal}")),
                "readonly" => self.line(&format!("readonly c{index}={literal}")),
                "readonly -a" => self.line(&format!("readonly -a c{index}=({literal} {literal})")),
                _ => self.line(&format!("c{index}=({literal} 'x')")),
            }
        }
        if !self.own_separator && self.random.chance(20) {
            self.tag("top MYSQL_CMD=");
            let spelling = self.pick(&[
                "\"mysql -h$SR_FE_HOST -P$SR_FE_PORT -u$SR_FE_USER\"",
                "\"mysql -h ${SR_FE_HOST} -P ${SR_FE_PORT} -u ${SR_FE_USER}\"",
                "\"mysql --host=$SR_FE_HOST --port=$SR_FE_PORT --user=$SR_FE_USER --protocol=TCP\"",
            ]);
            self.line(&format!("MYSQL_CMD={spelling}"));
        }
        let helpers = self.random.below(3);
        for index in 1..=helpers {
            self.function(&format!("helper{index}"), 3);
            self.helpers = index;
        }
        self.in_pre_upgrade = true;
        self.function("pre_upgrade", 8);
        self.in_pre_upgrade = false;
        self.function("post_upgrade", 4);
    }

    fn function(&mut self, name: &str, statements: usize) {
        let form = if self.random.chance(15) {
            self.tag("function keyword");
            format!("function {name} {{")
        } else {
            format!("{name}() {{")
        };
        self.line(&form);
        self.depth += 1;
        let (first, second) = (self.literal(), self.literal());
        let declare = if self.random.chance(20) { "declare" } else { "local" };
        self.line(&format!("{declare} s1={first} s2={second} s3= v1=\"${{1:-}}\" v2=\"${{2:-}}\""));
        let number = self.random.below(9);
        self.line(&format!("{declare} n1={number} n2=0 n3 i=1"));
        let third = self.literal();
        self.line(&format!("{declare} -a a1=({first} {third}) a2=(\"$@\") k1=(3 1 2)"));
        self.line(&format!("{declare} -A m1=([x]={first} [y_1]={third})"));
        self.line("n3=$#");
        self.budget = statements;
        while self.budget > 0 {
            self.statement();
        }
        self.depth -= 1;
        self.line("}");
    }
}
