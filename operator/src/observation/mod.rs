//! What is known about a cluster at one moment: plain data, which [`crate::observe`] gathers and [`crate::plan`]
//! judges.

mod database;
mod hooks;
mod proxy;
mod waves;
mod workload;

pub use database::{
    Database, DatabaseFacts, DatabaseRefusal, Frontend, FrontendAnswer, Member, MemberRole, Members,
    Questions, Setting,
};
pub use hooks::{
    Judgement, ObservedApproval, ObservedJob, ObservedPolicy, ObservedRun, ObservedRunner, ObservedScript,
    ScriptText, Touched, Waiting,
};
pub use proxy::{ObservedDeployment, ObservedInstance, ObservedProxy};
pub use waves::{OtherWave, OtherWaves};
pub use workload::{ObservedBudgets, ObservedComponent, ObservedPod, ObservedStatefulSet};

use crate::render::Configuration;
use hookgate_api::{Component, StarRocksCluster};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use std::collections::BTreeMap;

/// Everything that a pass of the operator knows.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// The cluster, read live, with the status that the last pass wrote.
    pub cluster: StarRocksCluster,
    /// The components that the spec has or that exist.
    pub components: BTreeMap<Component, ObservedComponent>,
    /// The FE proxy's objects.
    pub proxy: ObservedProxy,
    /// The servers' configuration files; a component without one isn't in here.
    pub configurations: BTreeMap<Component, Configuration>,
    /// What the database says, when it was asked.
    pub database: Database,
    /// The scripts that the spec refers to, when an upgrade needs them.
    pub scripts: BTreeMap<Component, ObservedScript>,
    /// What the policies say of hooks that they don't refuse, and of SQL.
    pub policy: ObservedPolicy,
    /// What a run of a script is told besides the script.
    pub runner: ObservedRunner,
    /// Where FE's Service is reached from inside of the cluster, once it has an address.
    pub fe_address: Option<String>,
    /// A text that nobody could guess before: for the runs that are written down in this pass.
    pub nonce: String,
    /// The Jobs of hooks, by name.
    pub jobs: BTreeMap<String, ObservedJob>,
    /// What is known of their pods, by the Job's name.
    pub runs: BTreeMap<String, ObservedRun>,
    /// The PodDisruptionBudgets; `None` while a wave is in flight, when nobody looks at them.
    pub budgets: Option<BTreeMap<Component, ObservedBudgets>>,
    /// The waves of other clusters.
    pub others: OtherWaves,
    /// The templates from before a wave that is aborted, or was; see [`crate::plan::revisions_to_read`].
    pub previous: BTreeMap<Component, PodTemplateSpec>,
}

impl Observation {
    /// A component's objects; empty when there are none.
    pub fn component(&self, component: Component) -> &ObservedComponent {
        static NONE: ObservedComponent = ObservedComponent::EMPTY;
        self.components.get(&component).unwrap_or(&NONE)
    }

    /// The Jobs of hooks, by name, but for those that somebody else has made under such names.
    pub fn own_jobs(&self) -> impl Iterator<Item = (&String, &ObservedJob)> {
        self.jobs.iter().filter(|(_, job)| **job != ObservedJob::Foreign)
    }
}
