//! What the operator can do, and how it went.

use crate::{render::UpdateStrategy, run::Run, sql::Refusal};
use hookgate_api::Component;
use k8s_openapi::api::{
    apps::v1::{Deployment, StatefulSet},
    core::v1::{ConfigMap, Service},
    policy::v1::PodDisruptionBudget,
};

/// One thing to do. Each is idempotent: doing it twice is doing it once.
#[derive(Clone, Debug)]
pub enum Action {
    /// Makes a Service what it should be.
    ApplyService(Box<Service>),
    /// Makes a StatefulSet what it should be.
    ApplyStatefulSet(Box<StatefulSet>),
    /// Has the API server try a patch without effect.
    DryRunStatefulSet {
        /// The component.
        component: Component,
        /// The target of the patch.
        target: String,
        /// What it would be.
        object: Box<StatefulSet>,
    },
    /// Has the leader write an image of the metadata: `ALTER SYSTEM CREATE IMAGE`.
    CreateImage {
        /// The leader's address.
        ip: String,
    },
    /// Changes how many pods a StatefulSet has and how it lets them go, and nothing else.
    AdjustStatefulSet {
        /// The component.
        component: Component,
        /// How many pods.
        replicas: i32,
        /// How it lets them go.
        strategy: UpdateStrategy,
        /// Whether the spec says so.
        from_spec: bool,
    },
    /// Makes a PodDisruptionBudget what it should be.
    ApplyBudget(Box<PodDisruptionBudget>),
    /// Deletes a component's PodDisruptionBudget.
    DeleteBudget(Component),
    /// Deletes the objects of a component that the spec no longer has.
    DeleteComponent(Component),
    /// Makes the FE proxy's ConfigMap what it should be.
    ApplyConfigMap(Box<ConfigMap>),
    /// Makes the FE proxy's Deployment what it should be.
    ApplyDeployment(Box<Deployment>),
    /// Changes how many pods the FE proxy has, and nothing else.
    ScaleProxy(i32),
    /// Deletes the FE proxy's objects.
    DeleteProxy,
    /// Lets a pod go, if it is still the one with that uid, and nothing has happened to it since it was read: one that is
    /// down may have come back.
    DeletePod {
        /// The pod's name.
        name: String,
        /// The pod's uid.
        uid: String,
        /// The pod's resourceVersion.
        resource_version: String,
    },
    /// Sets an FE setting, on one FE by itself.
    SetFrontendConfig {
        /// The FE's pod.
        pod: String,
        /// The FE's address.
        ip: String,
        /// The setting's canonical name.
        setting: String,
        /// The name that this FE's version knows it by.
        key: String,
        /// The value.
        value: String,
    },
    /// Puts the finalizer of held settings on the cluster, or takes it away.
    HoldFinalizer {
        /// Whether it is to be there.
        present: bool,
    },
    /// Runs a hook of `upgradePreparation`.
    ExecuteSql {
        /// The FE's address.
        ip: String,
        /// The hook's place in the list.
        index: usize,
        /// The hook's name.
        hook: String,
        /// The statement.
        statement: String,
    },
    /// Starts the run of a custom script.
    StartRun(Box<Run>),
    /// Ends and removes the run of that name, which nobody waits for.
    DeleteRun(String),
}

impl Action {
    /// Whether the database may say something else afterwards.
    pub const fn is_felt_by_the_database(&self) -> bool {
        match self {
            Self::ApplyStatefulSet(_)
            | Self::AdjustStatefulSet { .. }
            | Self::DeleteComponent(_)
            | Self::DeletePod { .. }
            | Self::SetFrontendConfig { .. }
            | Self::ExecuteSql { .. }
            | Self::CreateImage { .. }
            | Self::StartRun(_) => true,
            Self::ApplyService(_)
            | Self::DryRunStatefulSet { .. }
            | Self::ApplyBudget(_)
            | Self::DeleteBudget(_)
            | Self::ApplyConfigMap(_)
            | Self::ApplyDeployment(_)
            | Self::ScaleProxy(_)
            | Self::DeleteProxy
            | Self::HoldFinalizer { .. }
            | Self::DeleteRun(_) => false,
        }
    }
}

/// How an action went whose result can't be observed afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A hook of `upgradePreparation` was run.
    Sql {
        /// The hook's place in the list.
        index: usize,
        /// The database's error, if it had one.
        result: Result<(), String>,
    },
    /// The script's run that is written down has been started: the uid of its Job, or the machine that it is on.
    RunStarted(String),
    /// There is something under the name of the script's run that is written down, and somebody else has made it.
    RunForeign {
        /// What: `the Job c-be-pre-0123456789`.
        what: String,
        /// How it is known.
        difference: String,
    },
    /// The API server refused an object as it is: the same would be refused again.
    ObjectRefused {
        /// The object: kind and name.
        object: String,
        /// The object and the API server's words.
        message: String,
    },
    /// A patch was tried without effect.
    DryRun {
        /// The component.
        component: Component,
        /// The target of the patch.
        target: String,
        /// The API server's words, when it refuses.
        refused: Option<String>,
    },
    /// The leader was asked for an image of the metadata.
    Image(Result<(), String>),
    /// An FE refused a setting.
    SettingRefused {
        /// The setting's canonical name.
        setting: String,
        /// The database's error.
        error: String,
        /// What it means, where the way out is known.
        meaning: Option<Refusal>,
    },
}
