//! Runs generated scripts until the time is over.

use crate::floors::Floors;
use crate::grammar::{Script, generate};
use crate::judge::{Judge, Verdict};
use crate::stage::{Stage, Variant};
use crate::{say, setting};
use hookgate_policy::{Policy, check};
use std::collections::HashSet;
use std::time::{Duration, Instant, SystemTime};

/// How many scripts run under one strace.
const BATCH: usize = 60;

fn seed() -> u64 {
    setting("HOOKGATE_SEED").unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        now.as_secs() << 20 | u64::from(now.subsec_micros())
    })
}

/// Whether `restricted` lets a script run. A number that comes from a query is one while the FE is honest;
/// the player of mysql is that for these, so such scripts run as well.
pub fn is_accepted(script: &str, policy: &Policy) -> bool {
    !check(script.as_bytes(), policy).is_denied()
}

struct Campaign {
    seed: u64,
    stage: Stage,
    judge: Judge,
    variants: Vec<Variant>,
    floors: Floors,
    generated: usize,
    /// Scripts that had no near miss put into them, and how many of them were accepted.
    clean: (usize, usize),
    accepted: usize,
    ran: usize,
    slow: usize,
    batches: usize,
    /// The scripts that did what is not on the page, shrunk, at most [`MOST_FAILURES`].
    failures: Vec<String>,
}

/// How often a script is run to make it smaller.
const MOST_RUNS: usize = 60;

/// So many scripts run at least, however slow the machine, for what is counted is a share of them.
const LEAST: usize = 500;
/// But no longer than this.
const LONGEST: Duration = Duration::from_secs(900);

/// After so many failures a run ends.
const MOST_FAILURES: usize = 6;

#[test]
fn what_is_accepted_stays_on_the_page() {
    let seed = seed();
    let seconds = setting("HOOKGATE_SOUNDNESS_SECONDS").unwrap_or(45);
    say(&format!("soundness: HOOKGATE_SEED={seed} for {seconds} s, once the root is made"));
    let stage = Stage::new();
    let judge = Judge::new(&stage);
    let variants = stage.variants();
    let mut campaign = Campaign {
        seed,
        stage,
        judge,
        variants,
        floors: Floors::default(),
        generated: 0,
        clean: (0, 0),
        accepted: 0,
        ran: 0,
        slow: 0,
        batches: 0,
        failures: Vec::new(),
    };
    if let Some(number) = setting("HOOKGATE_SCRIPT") {
        return campaign.explain(number);
    }
    campaign.run(Duration::from_secs(seconds));
    campaign.finish();
}

impl Campaign {
    fn run(&mut self, time: Duration) {
        let begin = Instant::now();
        let mut said = begin;
        let mut number = 0;
        let mut seen = HashSet::new();
        let goes_on = |ran: usize| begin.elapsed() < time || ran < LEAST && begin.elapsed() < LONGEST;
        while goes_on(self.ran) && self.failures.len() < MOST_FAILURES {
            let mut batch: Vec<(u64, Script)> = Vec::new();
            while batch.len() < BATCH {
                let script = generate(self.seed, number);
                let is_accepted = is_accepted(&script.text, &Policy::default());
                self.generated += 1;
                self.accepted += usize::from(is_accepted);
                if script.is_clean {
                    self.floors.generated(script.tags.iter().map(|(_, tag)| tag.as_str()));
                    self.clean.0 += 1;
                    self.clean.1 += usize::from(is_accepted);
                }
                if is_accepted && seen.insert(script.text.clone()) {
                    batch.push((number, script));
                }
                number += 1;
            }
            self.batch(&batch);
            if said.elapsed() > Duration::from_secs(30) {
                said = Instant::now();
                say(&format!("soundness: {}", self.summary(begin.elapsed())));
            }
        }
        say(&format!("soundness: {}", self.summary(begin.elapsed())));
    }

    fn summary(&self, time: Duration) -> String {
        format!(
            "{} s: {} scripts, {} accepted, {} ran in {} batches, {} slow",
            time.as_secs(),
            self.generated,
            self.accepted,
            self.ran,
            self.batches,
            self.slow
        )
    }

    fn batch(&mut self, scripts: &[(u64, Script)]) {
        let mut rest = scripts;
        let variant = self.variants[self.batches * 7 % self.variants.len()].clone();
        while !rest.is_empty() {
            self.batches += 1;
            let texts: Vec<&str> = rest.iter().map(|(_, script)| script.text.as_str()).collect();
            let run = self.stage.run(&texts, &variant, self.seed % 5);
            let verdict = self.judge.judge(&run, &variant);
            for (index, complaints) in &verdict.violations {
                self.fail(rest[*index].0, &rest[*index].1.text, complaints, &variant);
            }
            self.count(rest, &verdict);
            if run.finished {
                return;
            }
            // The one that was running took too long; the others go on.
            self.slow += 1;
            rest = rest.get(verdict.finished + 1..).unwrap_or_default();
        }
    }

    fn count(&mut self, scripts: &[(u64, Script)], verdict: &Verdict) {
        self.ran += verdict.finished;
        self.floors.started(&verdict.started);
        for (index, (_, script)) in scripts.iter().enumerate() {
            let begun = verdict.reached.range((index, 0)..(index + 1, 0)).next().is_some();
            let is_reached = |mark| verdict.reached.contains(&(index, mark)) || mark == 0 && begun;
            let reached = script.tags.iter().filter(|(mark, _)| is_reached(*mark));
            self.floors.reached(reached.map(|(_, tag)| tag.as_str()));
        }
    }

    fn fail(&mut self, number: u64, text: &str, complaints: &[String], variant: &Variant) {
        if self.failures.len() >= MOST_FAILURES {
            return;
        }
        let shrunk = self.shrink(text, variant);
        let did = complaints.iter().take(4).cloned().collect::<Vec<_>>().join("\n");
        let seed = self.seed;
        self.failures.push(format!(
            "HOOKGATE_SEED={seed} HOOKGATE_SCRIPT={number} with {variant}\n{shrunk}\ndid:\n{did}\n"
        ));
        say(self.failures.last().unwrap());
    }

    /// Leaves lines away as long as the script is accepted and does what it did.
    fn shrink(&self, text: &str, variant: &Variant) -> String {
        let mut left = MOST_RUNS;
        let mut does = |text: &str| {
            left > 0 && is_accepted(text, &Policy::default()) && {
                left -= 1;
                let run = self.stage.run(&[text], variant, self.seed % 5);
                !self.judge.judge(&run, variant).violations.is_empty()
            }
        };
        let mut lines: Vec<&str> = text.lines().collect();
        for size in [8, 3, 1, 1] {
            let mut at = 0;
            while at < lines.len() {
                let mut fewer = lines.clone();
                fewer.drain(at..(at + size).min(lines.len()));
                if does(&(fewer.join("\n") + "\n")) {
                    lines = fewer;
                } else {
                    at += 1;
                }
            }
        }
        lines.join("\n")
    }

    /// Shows one script and what it does.
    fn explain(&self, number: u64) {
        let script = generate(self.seed, number);
        say(&script.text);
        for finding in check(script.text.as_bytes(), &Policy::default()).findings() {
            say(&finding.to_string());
        }
        for variant in &self.variants {
            let run = self.stage.run(&[&script.text], variant, self.seed % 5);
            let verdict = self.judge.judge(&run, variant);
            say(&format!("{variant}: finished {}, {:#?}", run.finished, verdict.violations));
        }
    }

    fn finish(&self) {
        let failures = self.failures.join("\n");
        assert!(failures.is_empty(), "accepted scripts did what is not on the page:\n{failures}");
        let share = |part: usize, whole: usize| part * 100 / whole.max(1);
        let (clean, accepted) = self.clean;
        assert!(
            share(self.accepted, self.generated) >= 40,
            "only {} of {} scripts were accepted",
            self.accepted,
            self.generated
        );
        assert!(
            share(accepted, clean) >= 90,
            "only {accepted} of {clean} scripts without a near miss were accepted"
        );
        assert!(share(self.slow, self.ran) <= 2, "{} of {} scripts took too long", self.slow, self.ran);
        self.floors.check(self.ran);
    }
}
