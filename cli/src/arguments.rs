//! The command line.

use crate::color::Color;
use crate::output::Format;
use clap::{Args, Parser, Subcommand};
use hookgate_policy::{Policy, Profile};

/// The verdict of the admission gate on files, and what its rules mean.
#[derive(Debug, Parser)]
#[command(name = "hookgate", version, about, long_about = None, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check hook scripts, alone or inside manifests
    #[command(
        after_help = "Hooks inside manifests are found by the label hookgate.dev/hook, by reference from a \
        StarRocksCluster in the same input, and by content.\n\n\
        Exit status: 0 when nothing is denied, 1 when there is at least one error, 2 when the arguments are \
        wrong or an input cannot be read."
    )]
    Lint(LintArguments),
    /// Print the page of a rule, or the list of all rules
    Explain {
        /// The rule, such as HG201
        rule: Option<String>,
    },
    /// Print the version
    Version,
}

/// The arguments of `lint`.
#[derive(Debug, Args)]
pub(crate) struct LintArguments {
    /// Scripts, manifests (YAML or JSON, with any number of documents) or directories; - is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// How much a hook may do: restricted, baseline or privileged
    #[arg(long, default_value_t = Profile::Restricted)]
    pub(crate) profile: Profile,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// When to colour what is printed for people
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
}

impl LintArguments {
    /// The policy to check against.
    pub(crate) fn policy(&self) -> Policy {
        Policy::from(self.profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
