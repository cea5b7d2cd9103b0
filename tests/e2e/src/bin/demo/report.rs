//! The timeline and the evidence, as text.

use crate::stage::Stage;
use hookgate_e2e::{
    proofs::{self, Check},
    settings::{HELD, Originals},
    timeline::{Timeline, frontends_at},
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Statements of hooks, patches, and pods that go and come back, in order; the same statement to several FEs is one
/// line.
pub fn timeline(stage: &Stage, timeline: &Timeline, from: Timestamp) {
    let mut lines = hook_statements(timeline, from);
    for patch in timeline.patches(from) {
        lines.push((patch.at, format!("API server  {} is patched to {}", patch.component, patch.image)));
    }
    for one in timeline.replacements(from) {
        lines.push((one.gone, format!("API server    {} is let go", one.pod)));
        if let Some(back) = one.back {
            lines.push((back, format!("API server    {} is ready, and Alive for the database", one.pod)));
        }
    }
    lines.sort();
    for (at, line) in lines {
        stage.text(&format!("{} {line}", offset(at, from)));
    }
}

fn hook_statements(timeline: &Timeline, from: Timestamp) -> Vec<(Timestamp, String)> {
    let mut statements: Vec<(Timestamp, Vec<&str>, &str)> = Vec::new();
    for (at, pod, statement) in
        proofs::statements(timeline, from).filter(|(.., statement)| is_of_a_hook(statement))
    {
        let recent = statements.iter_mut().rev().find(|(_, _, known)| *known == statement);
        match recent {
            Some((first, pods, _)) if seconds(*first, at) < 1.0 && !pods.contains(&pod) => pods.push(pod),
            _ => statements.push((at, vec![pod], statement)),
        }
    }
    let lines = statements.into_iter().map(|(at, mut pods, statement)| {
        pods.sort_unstable();
        (at, format!("database    {statement}  on {}", pods.join(", ")))
    });
    lines.collect()
}

/// BE and CN mark their own statements, by which they register, with a comment; SHOW is what the operator asks.
fn is_of_a_hook(statement: &str) -> bool {
    !["/*", "SHOW ", "ADMIN SHOW ", "ALTER SYSTEM ADD "].iter().any(|other| statement.starts_with(other))
}

/// One line for each FE and each pod that was let go.
pub fn checks(stage: &Stage, checks: &[Check], from: Timestamp) {
    let header = HELD.map(|held| held.alias).join("  ");
    stage.text(&format!("{:>9}  {:<9} {:<9} {header}  asked before", "at", "let go", "FE"));
    for check in checks {
        for fe in &check.frontends {
            let values = HELD.map(|held| {
                let value = fe.settings.get(held.name).map_or("?", |setting| setting.value.as_str());
                format!("{value:>width$}", width = held.alias.len())
            });
            let asked = fe.settings.values().filter_map(|setting| setting.asked).min();
            let before = asked
                .map_or_else(|| "never".to_owned(), |asked| format!("{:.2} s", seconds(asked, check.at)));
            let at = offset(check.at, from);
            stage.text(&format!("{at}  {:<9} {:<9} {}  {before:>12}", check.pod, fe.pod, values.join("  ")));
        }
    }
}

/// What every FE has at the end, beside what it began with.
pub fn originals(stage: &Stage, timeline: &Timeline, at: Timestamp, originals: &Originals) {
    for fe in frontends_at(timeline, at, originals) {
        let values: BTreeMap<_, _> =
            fe.settings.iter().map(|(name, setting)| (*name, setting.value.as_str())).collect();
        let values =
            HELD.map(|held| format!("{} = {}", held.alias, values.get(held.name).copied().unwrap_or("?")));
        stage.text(&format!("{}: {}", fe.pod, values.join(", ")));
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

fn offset(at: Timestamp, from: Timestamp) -> String {
    format!("{:+7.1} s", seconds(from, at))
}
