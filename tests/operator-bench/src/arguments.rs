//! The command line.

use clap::Parser;
use std::path::PathBuf;

/// Measures the operator on a real Kubernetes: how soon the next pod goes, how many requests an upgrade takes, and what
/// many clusters cost.
///
/// Runs inside the node of a test cluster, as root; `tests/operator-bench/run` boots one and starts this there. The last
/// part stops the node's controllers, so the node is of no use afterwards.
#[derive(Clone, Debug, Parser)]
#[command(name = "operator-bench")]
pub struct Arguments {
    /// How many upgrades are measured.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub upgrades: u32,
    /// With how many clusters CPU, memory and requests are measured; 0 leaves that part out.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub clusters: u32,
    /// Seconds of idling that are measured with so many clusters.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub idle_seconds: u64,
    /// The operator's program.
    #[arg(long)]
    pub operator: PathBuf,
    /// The upstream operator's program, whose requests are counted on the same API server. Without it, the number that
    /// was measured for v1.11.5 is shown instead.
    #[arg(long, env = "UPSTREAM_OPERATOR")]
    pub upstream: Option<PathBuf>,
    /// The API server's audit log.
    #[arg(long)]
    pub audit_log: PathBuf,
    /// Where logs and the report go.
    #[arg(long)]
    pub folder: PathBuf,
}
