//! How long a process takes, and how much memory it has with all that it starts.

use crate::{Problem, arguments::Contender};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// How often the memory is looked at.
const EVERY: Duration = Duration::from_millis(200);

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// Who did it.
    pub contender: Contender,
    /// For how many machines.
    pub machines: u16,
    /// Seconds by the clock, from its start to its end.
    pub seconds: f64,
    /// The most memory that it had at a time with all that it had started, in KiB: pages that several share count once
    /// (`Pss`).
    pub peak_kib: u64,
}

/// Runs a command to its end; what it says goes to a file.
pub fn measure(
    contender: Contender,
    machines: u16,
    mut command: Command,
    log: &Path,
) -> Result<Measured, Problem> {
    let output = File::create(log).map_err(Problem::io(log.display()))?;
    let errors = output.try_clone().map_err(Problem::io(log.display()))?;
    let begun = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .map_err(Problem::io(format!("{command:?}")))?;
    let mut peak_kib = 0;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(Problem::io("waiting"))? {
            break status;
        }
        peak_kib = peak_kib.max(memory_of_tree(child.id()));
        std::thread::sleep(EVERY);
    };
    let seconds = begun.elapsed().as_secs_f64();
    if !status.success() {
        let said = fs::read_to_string(log).unwrap_or_default();
        let end: Vec<&str> = said.lines().rev().take(15).collect();
        let end: Vec<&str> = end.into_iter().rev().collect();
        return Err(Problem(format!("{}: {status}:\n{}", contender.title(), end.join("\n"))));
    }
    Ok(Measured { contender, machines, seconds, peak_kib })
}

/// The memory of a process and of all that descend from it, in KiB. What ends meanwhile counts as nothing.
fn memory_of_tree(process: u32) -> u64 {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // A name may hold anything: what follows the last parenthesis is the state and then the parent.
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(number);
        }
    }
    let (mut sum, mut left) = (0, vec![process]);
    while let Some(number) = left.pop() {
        let rollup = fs::read_to_string(format!("/proc/{number}/smaps_rollup")).unwrap_or_default();
        let pss = rollup
            .lines()
            .find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        sum += pss.unwrap_or_default();
        left.extend(children.remove(&number).unwrap_or_default());
    }
    sum
}
