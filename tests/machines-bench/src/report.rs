//! The table, and the same as JSON.

use crate::{arguments::Contender, measure::Measured};
use serde::Serialize;
use std::fmt::Write;

/// How many times as long Ansible has to take.
const TARGET: f64 = 5.0;
/// How much memory ours may have, in KiB: what the chart gives the operator.
const MEMORY: u64 = 256 * 1024;

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How many files each machine got.
    pub files: u16,
    /// Processors, which the machines share with who works on them.
    pub processors: usize,
    /// The load at the beginning and at the end: how many wanted a processor, over a minute.
    pub load: [String; 2],
    /// Ours before those that it is compared with.
    pub measured: Vec<Measured>,
}

impl Report {
    /// For people.
    pub fn table(&self) -> String {
        let Self { files, processors, load: [begin, end], measured } = self;
        let mut text = format!(
            "\n{files} files and a hook on each machine\n{processors} processors; load {begin} at the beginning, {end} at the \
             end\n{:>10} {:>8} {:>7} {:>12}\n",
            "machines", "seconds", "ratio", "peak memory"
        );
        // Writing to a String doesn't fail.
        for one in measured {
            let Measured { contender, machines, seconds, peak_kib } = one;
            let (ratio, mebibytes) = (self.ratio(one), peak_kib / 1024);
            let title = contender.title();
            let _written =
                writeln!(text, "{machines:>10} {seconds:>8.2} {ratio:>7.1} {mebibytes:>8} MiB  {title}");
        }
        let verdict = |met| if met { "met:   " } else { "MISSED:" };
        for one in measured.iter().filter(|one| one.contender != Contender::Hookgate) {
            let (ratio, title) = (self.ratio(one), one.contender.title());
            let met = verdict(ratio >= TARGET);
            let _written =
                writeln!(text, "  {met} at least {TARGET} times as fast as {title}: {ratio:.1} times");
        }
        let most =
            measured.iter().filter(|one| one.contender == Contender::Hookgate).map(|one| one.peak_kib).max();
        let most = most.unwrap_or_default();
        let (met, limit, most) = (verdict(most <= MEMORY), MEMORY / 1024, most / 1024);
        let _written = writeln!(text, "  {met} at most {limit} MiB: {most} MiB");
        text
    }

    /// How many times as long as Hookgate for as many machines.
    fn ratio(&self, one: &Measured) -> f64 {
        let of_ours =
            |ours: &&Measured| ours.contender == Contender::Hookgate && ours.machines == one.machines;
        self.measured.iter().find(of_ours).map_or(f64::NAN, |ours| one.seconds / ours.seconds)
    }
}
