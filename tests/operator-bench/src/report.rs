//! The table, and the same as JSON.

use crate::{
    gaps::quantile,
    requests::{Counts, total},
    scale::{Phase, Scale},
    upgrades::{PODS, Upgrade},
};
use serde::Serialize;
use std::fmt::Write;

/// The most that the median time between two pods may be, in seconds.
const GAP_TARGET: f64 = 1.5;
/// What the upstream operator (v1.11.5) took for the same upgrade when it was measured.
const UPSTREAM_MEASURED: u32 = 116;

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Processors of the machine.
    pub processors: usize,
    /// The machine's load at the beginning and at the end: how many wanted a processor, over a minute.
    pub load: [String; 2],
    /// Our upgrades.
    pub upgrades: Vec<Upgrade>,
    /// One of the upstream operator's, when its program was given.
    pub upstream: Option<Upgrade>,
    /// Many clusters.
    pub scale: Option<Scale>,
}

impl Report {
    /// For people.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let [begin, end] = &self.load;
        line(
            &mut text,
            format_args!("{} processors; load {begin} at the beginning, {end} at the end", self.processors),
        );
        self.gaps(&mut text);
        self.requests(&mut text);
        if let Some(scale) = &self.scale {
            many(&mut text, scale);
        }
        text
    }

    fn gaps(&self, text: &mut String) {
        let gaps = || self.upgrades.iter().flat_map(|upgrade| &upgrade.gaps);
        line(text, format_args!("\nFrom a pod that is back to the next that goes, in seconds:"));
        line(text, format_args!("{:<24}{:>6}{:>9}{:>9}{:>9}", "", "pods", "median", "p95", "most"));
        for (name, is_wanted) in
            [("within a component", Some(true)), ("to the next component", Some(false)), ("all", None)]
        {
            let of_kind: Vec<f64> = gaps()
                .filter(|gap| is_wanted.is_none_or(|wanted| gap.within_component == wanted))
                .map(|gap| gap.seconds)
                .collect();
            let part = |part| quantile(of_kind.iter().copied(), part).unwrap_or(f64::NAN);
            let (median, late, most) = (part(0.5), part(0.95), part(1.0));
            line(text, format_args!("{name:<24}{:>6}{median:>9.2}{late:>9.2}{most:>9.2}", of_kind.len()));
        }
        let median = quantile(gaps().map(|gap| gap.seconds), 0.5).unwrap_or(f64::NAN);
        let verdict = if median <= GAP_TARGET { "met" } else { "MISSED" };
        line(text, format_args!("target: a median of at most {GAP_TARGET} s: {verdict}"));
    }

    fn requests(&self, text: &mut String) {
        let [frontends, backends, compute_nodes] = PODS;
        line(
            text,
            format_args!(
                "\nAPI requests of one upgrade of FE {frontends}, BE {backends}, CN {compute_nodes}, without the lease:"
            ),
        );
        // The upgrade in the middle by its number of requests.
        let mut ours: Vec<&Upgrade> = self.upgrades.iter().collect();
        ours.sort_by_key(|upgrade| total(&upgrade.requests));
        let none = Counts::new();
        let middle = ours.get(ours.len() / 2);
        let own = middle.map_or(&none, |upgrade| &upgrade.requests);
        let upstream = self.upstream.as_ref().map(|upgrade| &upgrade.requests);
        line(text, format_args!("{:<36}{:>9}{:>9}", "", "hookgate", "upstream"));
        let mut kinds: Vec<&String> = own.keys().chain(upstream.unwrap_or(&none).keys()).collect();
        kinds.sort();
        kinds.dedup();
        let of = |counts: &Counts, kind: &String| counts.get(kind).copied().unwrap_or_default();
        for kind in kinds {
            let theirs = upstream.map_or_else(String::new, |upstream| of(upstream, kind).to_string());
            line(text, format_args!("{kind:<36}{:>9}{theirs:>9}", of(own, kind)));
        }
        let (sum, theirs) = (total(own), upstream.map_or(UPSTREAM_MEASURED, total));
        let noted = if self.upstream.is_none() { "  (noted, not measured in this run)" } else { "" };
        line(text, format_args!("{:<36}{sum:>9}{theirs:>9}{noted}", "all"));
        let seconds = |upgrade: Option<&Upgrade>| {
            upgrade.map_or_else(String::new, |upgrade| format!("{:.0}", upgrade.seconds))
        };
        let (own, other) = (seconds(middle.copied()), seconds(self.upstream.as_ref()));
        line(text, format_args!("{:<36}{own:>9}{other:>9}", "seconds"));
        if self.upstream.is_none() {
            line(
                text,
                format_args!(
                    "upstream's number was measured before, with v1.11.5; UPSTREAM_OPERATOR=PROGRAM counts it here"
                ),
            );
        }
        let verdict = if sum <= theirs { "met" } else { "MISSED" };
        line(text, format_args!("target: no more than the upstream operator: {verdict}"));
    }
}

fn many(text: &mut String, scale: &Scale) {
    line(
        text,
        format_args!(
            "\n{} clusters, deployed in {:.0} s; the operator had {:.0} MiB at most, and made {} connections to FEs:",
            scale.clusters, scale.deployed_seconds, scale.peak_mib, scale.connections
        ),
    );
    line(text, format_args!("{:<40}{:>9}{:>9}{:>10}{:>9}", "", "seconds", "CPU s", "requests", "writes"));
    for (name, phase) in [("after a restart, until all were seen", &scale.restart), ("idle", &scale.idle)] {
        let Phase { seconds, cpu, requests } = phase;
        let (all, writes) = (total(requests), writes(requests));
        line(text, format_args!("{name:<40}{seconds:>9.1}{cpu:>9.2}{all:>10}{writes:>9}"));
    }
    let idle = writes(&scale.idle.requests) == 0 && scale.connections == 0;
    let verdict = if idle { "met" } else { "MISSED" };
    line(text, format_args!("target: no writes when idle, and no connections to FEs: {verdict}"));
}

/// Requests that change something.
fn writes(counts: &Counts) -> u32 {
    let reads = ["get ", "list ", "watch "];
    counts
        .iter()
        .filter(|(kind, _)| !reads.iter().any(|read| kind.starts_with(read)))
        .map(|(_, count)| count)
        .sum()
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String can't fail.
    let _written = writeln!(text, "{arguments}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gaps::Gap;

    fn report(seconds: f64, requests: u32) -> String {
        let gap = Gap { after: "a".into(), next: "b".into(), within_component: true, seconds };
        let requests = Counts::from([("list pods".to_owned(), requests)]);
        let upgrade = Upgrade { to: "1".into(), seconds: 60.0, gaps: vec![gap], requests: requests.clone() };
        let idle = Phase { seconds: 60.0, cpu: 0.1, requests: Counts::from([("update x".to_owned(), 1)]) };
        let restart = Phase { requests, ..idle };
        let scale =
            Scale { clusters: 5, deployed_seconds: 1.0, restart, idle, peak_mib: 1.0, connections: 0 };
        let load = ["1".to_owned(), "2".to_owned()];
        let upgrades = vec![upgrade];
        Report { processors: 2, load, upgrades, upstream: None, scale: Some(scale) }.table()
    }

    #[test]
    fn a_target_that_is_missed_is_said_plainly() {
        let good = report(1.5, 116);
        assert!(good.contains("116  (noted, not measured in this run)"), "{good}");
        assert!(good.contains("at most 1.5 s: met") && good.contains("upstream operator: met"), "{good}");
        let bad = report(1.6, 117);
        assert!(bad.contains("at most 1.5 s: MISSED") && bad.contains("upstream operator: MISSED"), "{bad}");
        assert!(bad.contains("connections to FEs: MISSED"), "{bad}");
    }
}
