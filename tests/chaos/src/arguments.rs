//! The command line.

use clap::Parser;
use std::path::PathBuf;

/// Upgrades clusters under real faults, and proves from the API server's watches and audit log and from the FEs'
/// statement logs that each upgrade was safe.
///
/// Runs inside the node of a test cluster, as root; `tests/chaos/run` boots one and starts this there.
#[derive(Clone, Debug, Parser)]
#[command(name = "chaos")]
pub struct Arguments {
    /// How many upgrades in all.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub upgrades: u32,
    /// How many clusters are upgraded at the same time.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=4))]
    pub clusters: u32,
    /// The seed that all faults are drawn from; a fresh one by default. It is printed.
    #[arg(long)]
    pub seed: Option<u64>,
    /// How often the operator is killed in a round.
    #[arg(long, default_value_t = 4)]
    pub kills: usize,
    /// Instead of drawn faults: one upgrade of one cluster, during which the operator is killed at every request, before
    /// and after each that changes something.
    #[arg(long, conflicts_with_all = ["upgrades", "clusters", "seed", "kills"])]
    pub every_request: bool,
    /// The operator's program.
    #[arg(long)]
    pub operator: PathBuf,
    /// The API server's audit log.
    #[arg(long)]
    pub audit_log: PathBuf,
    /// Where the operator's log and what helps to understand a failure go.
    #[arg(long)]
    pub folder: PathBuf,
}
