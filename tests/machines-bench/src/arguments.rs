//! The command line.

use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use std::{net::SocketAddr, path::PathBuf};

/// Measures how quick files and a hook get to many machines, beside Ansible.
///
/// The machines are Debian's OpenSSH servers on addresses of 127.0.0.0/8, each in namespaces of its own. Needs root;
/// `tests/machines-bench/run` installs Ansible and starts this.
#[derive(Clone, Debug, Parser)]
#[command(name = "machines-bench")]
pub struct Arguments {
    /// What is done.
    #[command(subcommand)]
    pub command: Command,
}

/// What is done.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Measures all side by side
    Measure(Measure),
    /// Hookgate's own part, as a process that can be measured
    #[command(hide = true)]
    Work(Work),
}

/// What is measured.
#[derive(Clone, Debug, Args)]
pub struct Measure {
    /// How many machines.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub machines: u16,
    /// How many of them Ansible does file by file, which takes it long; Hookgate does so many for comparison.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub copy_machines: u16,
    /// How many files of 4 KiB each gets, beside the hook.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub files: u16,
    /// On how many machines is worked at the same time: `machineHooks.parallel` of the chart, Ansible's forks.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub parallel: u16,
    /// `ansible-playbook`.
    #[arg(long)]
    pub ansible: PathBuf,
    /// The python3 of the machines, which Ansible needs there.
    #[arg(long)]
    pub python: PathBuf,
    /// Where logs and the report go.
    #[arg(long)]
    pub folder: PathBuf,
}

/// What is to be done on which machines.
#[derive(Clone, Debug, Args)]
pub struct Work {
    /// The folder with keys and hooks.
    #[arg(long)]
    pub folder: PathBuf,
    /// The machines' addresses.
    #[arg(long, value_delimiter = ',')]
    pub machines: Vec<SocketAddr>,
    /// On how many machines is worked at the same time.
    #[arg(long)]
    pub parallel: u16,
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Contender {
    /// Ours.
    Hookgate,
    /// Ansible, an archive that is unpacked.
    Archive,
    /// Ansible, file by file.
    Copy,
}

impl Contender {
    /// A word for it, in names of files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hookgate => "hookgate",
            Self::Archive => "archive",
            Self::Copy => "copy",
        }
    }

    /// The same in the table.
    pub fn title(self) -> &'static str {
        match self {
            Self::Hookgate => "Hookgate: each file compared, copied, verified",
            Self::Archive => "Ansible: an archive, unpacked (unarchive)",
            Self::Copy => "Ansible: each file compared, copied (copy)",
        }
    }
}
