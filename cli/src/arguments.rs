//! The command line.

use crate::approve::ApproveArguments;
use crate::color::Color;
use crate::lint::Policies;
use crate::output::Format;
use crate::plan::PlanArguments;
use crate::release::ReleaseArguments;
use crate::status::StatusArguments;
use clap::{Args, Parser, Subcommand};
use hookgate_api::policy::LoadedPolicy;
use hookgate_policy::{Policy, Profile};

/// The verdict of the admission gate on files, what its rules mean, and how an upgrade goes.
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
        StarRocksCluster in the same input, and by content. Hooks of machines are found by TKEStack's Clusters \
        (platform.tkestack.io) in the folder --hooks-dir.\n\n\
        Exit status: 0 when nothing is denied, 1 when there is at least one error, 2 when the arguments are \
        wrong or an input cannot be read."
    )]
    Lint(LintArguments),
    /// Print the page of a rule, or the list of all rules
    Explain {
        /// The rule, such as HG201
        rule: Option<String>,
    },
    /// Print what would happen if a manifest were applied: order, hooks, settings, pods, warnings; nothing is done
    #[command(
        after_help = "The API server and the admission gate are asked by a dry run, the operator's own rules for what \
        comes after.\n\n\
        Exit status: 0 when it would be accepted, 1 when it would be refused, 2 when an input or the live cluster can't \
        be read."
    )]
    Plan(PlanArguments),
    /// Show how far the upgrade of a live cluster is: its steps, its hooks, what it waits for, what comes next
    #[command(after_help = "Exit status: 0 when it was shown, 2 when it can't be read.")]
    Status(StatusArguments),
    /// Give back by hand every FE setting that an upgrade holds, also when the operator is gone
    #[command(
        after_help = "What is given back is in status.heldSettings: what each setting was before. An upgrade in \
        flight stops before its next pod and holds nothing until its annotation hookgate.dev/release is removed.\n\n\
        It needs to read the cluster, its FE pods and the Secret with the FE's password, to patch the cluster, to \
        update its status, and to create pods/portforward.\n\n\
        Exit status: 0 when everything is given back or nothing was held, 2 when something is left."
    )]
    Release(Box<ReleaseArguments>),
    /// Show a cluster's hook scripts and what the policies say of them, and approve them
    #[command(
        after_help = "Where a HookPolicy has requireApproval, or lists overridableRules, a script runs only when \
        somebody has approved exactly these bytes, for this cluster and until a time. Whoever has submitted a script can't \
        approve it unless the policy allows that. What you approve is written down in your name as a HookApproval, which \
        can't be changed; kubectl delete hookapproval takes it back.\n\n\
        It needs the ClusterRoles hookgate-hook-approver, in the namespace or in all, and hookgate-policy-viewer in all.\n\n\
        Exit status: 0 when everything is approved or needs no approval, 2 when something isn't."
    )]
    Approve(Box<ApproveArguments>),
    /// Print the version
    Version,
}

/// The arguments of `lint`.
#[derive(Debug, Args)]
pub(crate) struct LintArguments {
    /// Scripts, manifests (YAML or JSON, with any number of documents) or directories; - is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// How much a hook may do: restricted, baseline or privileged [default: restricted; baseline for machine hooks]
    #[arg(long)]
    pub(crate) profile: Option<Profile>,
    /// Check against the HookPolicies in this file, or in the files of this directory; may be given several times. Each
    /// is for the namespaces that its selector selects by the Namespaces in the input; where these are not there, for
    /// all that it could select. --profile replaces their profiles
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Vec<String>,
    /// Bare scripts are machine hooks, which define no functions; those named as TKEStack names its hooks always are
    #[arg(long)]
    pub(crate) machine: bool,
    /// The folder with the scripts and files of machine hooks, whose path in a Cluster begins with hooks/. Without it
    /// what is in Clusters is checked, and not what is in their scripts
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) hooks_dir: Option<std::path::PathBuf>,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Apply safe fixes to the files, then print what is left; of standard input the fixed text is printed
    #[arg(long)]
    pub(crate) fix: bool,
    /// With --fix: print a unified diff instead, and write nothing
    #[arg(long, requires = "fix")]
    pub(crate) diff: bool,
    /// When to colour what is printed for people
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
}

impl LintArguments {
    /// The policies to check against; `given` are those of --policy.
    pub(crate) fn policies(&self, given: Vec<LoadedPolicy>) -> Policies {
        let machine = self
            .profile
            .map_or_else(Policy::for_machine_hooks, |profile| Policy::from(profile).without_hook_functions());
        let upgrade = Policy::from(self.profile.unwrap_or_default());
        let given = given.into_iter().map(|policy| match self.profile {
            Some(profile) => policy.with_profile(profile),
            None => policy,
        });
        Policies { upgrade, machine, given: given.collect(), all_machine: self.machine }
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
