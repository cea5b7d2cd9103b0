//! The timeline and the evidence, as text.

use crate::stage::Stage;
use hookgate_e2e::{
    proofs::{self, Check},
    settings::{HELD, Originals},
    timeline::{Timeline, frontends_at},
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Statements that change something or come from a script, patches, and pods that go and come back, in order.
pub fn timeline(stage: &Stage, timeline: &Timeline, from: Timestamp) {
    let mut lines: Vec<(Timestamp, String)> = Vec::new();
    let shows = ["ADMIN SHOW", "SHOW "];
    for (at, statement) in proofs::statements(timeline, from) {
        if !shows.iter().any(|show| statement.starts_with(show)) && is_of_interest(statement) {
            lines.push((at, format!("database    {statement}")));
        }
    }
    for patch in timeline.patches(from) {
        lines.push((patch.at, format!("API server  {} is patched: {}", patch.component, patch.image)));
    }
    for one in timeline.replacements(from) {
        lines.push((one.gone, format!("API server    {} is let go", one.pod)));
        if let Some(back) = one.back {
            lines.push((back, format!("API server    {} is back, and Alive for the database", one.pod)));
        }
    }
    lines.sort();
    for (at, line) in lines {
        stage.text(&format!("{} {line}", offset(at, from)));
    }
}

/// BE and CN register with the FE by statements of their own.
fn is_of_interest(statement: &str) -> bool {
    !statement.starts_with("ALTER SYSTEM ADD")
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
            let before = asked.map_or_else(|| "never".to_owned(), |asked| format!("{:.2} s", seconds(asked, check.at)));
            let at = offset(check.at, from);
            stage.text(&format!("{at}  {:<9} {:<9} {}  {before:>12}", check.pod, fe.pod, values.join("  ")));
        }
    }
}

/// What every FE has at the end, beside what it began with.
pub fn originals(stage: &Stage, timeline: &Timeline, at: Timestamp, originals: &Originals) {
    for fe in frontends_at(timeline, at, originals) {
        let values: BTreeMap<_, _> = fe.settings.iter().map(|(name, setting)| (*name, setting.value.as_str())).collect();
        let values = HELD.map(|held| format!("{} = {}", held.alias, values.get(held.name).copied().unwrap_or("?")));
        stage.text(&format!("{}: {}", fe.pod, values.join(", ")));
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

fn offset(at: Timestamp, from: Timestamp) -> String {
    format!("{:+7.1} s", seconds(from, at))
}
