//! Performs actions: one executor for each kind, each idempotent.

mod database;
mod objects;

pub(crate) use objects::FIELD_MANAGER;

use crate::{
    observation::Observation,
    observe::Observer,
    plan::{Action, Outcome},
    sql::SqlError,
};
use hookgate_api::names;
use kube::ResourceExt;

/// Why an action wasn't performed.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The API server refused or didn't answer.
    #[error("{what} can't be written: {cause}")]
    Api {
        /// The object.
        what: String,
        /// The API server's words.
        #[source]
        cause: Box<kube::Error>,
    },
    /// The database didn't answer.
    #[error("{what}: {cause}")]
    Database {
        /// The FE and statement.
        what: String,
        /// What went wrong.
        #[source]
        cause: SqlError,
    },
    /// The operator is no longer sure to be the only one.
    #[error("the lease is not held any more: nothing is sent")]
    LeaseLost,
}

impl ApplyError {
    /// The object, or the FE and statement.
    pub fn object(&self) -> &str {
        match self {
            Self::Api { what, .. } | Self::Database { what, .. } => what,
            Self::LeaseLost => "",
        }
    }

    /// Whether the API server would refuse the same object again: it is invalid, or not allowed.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Api { cause, .. }
            if matches!(cause.as_ref(), kube::Error::Api(status) if matches!(status.code, 400 | 403 | 422)))
    }
}

/// Performs the actions in order; the first that fails ends it.
///
/// # Errors
/// What the first failing action says; the outcomes before it are kept by the caller through `outcomes`.
pub async fn apply(
    observer: &Observer,
    observation: &Observation,
    lease: &crate::lease::Holder,
    actions: Vec<Action>,
    outcomes: &mut Vec<Outcome>,
) -> Result<(), ApplyError> {
    for action in actions {
        match action {
            Action::ApplyService(service) => objects::apply(&observer.client, service.as_ref()).await?,
            Action::ApplyStatefulSet(set) => objects::apply(&observer.client, set.as_ref()).await?,
            Action::AdjustStatefulSet { component, replicas, strategy, from_spec } => {
                let name = names::statefulset(&observation.cluster.name_any(), component);
                let patch = objects::adjustment(replicas, &strategy, from_spec);
                objects::merge(&observer.client, &observation.cluster, &name, &patch).await?;
            }
            Action::ApplyBudget(budget) => objects::apply(&observer.client, budget.as_ref()).await?,
            Action::DeleteBudget(component) => {
                objects::delete_budget(&observer.client, &observation.cluster, component).await?;
            }
            Action::CreateJob(job) => objects::create_job(&observer.client, &job).await?,
            Action::DeleteJob(name) => {
                objects::delete_job(&observer.client, &observation.cluster, &name).await?
            }
            Action::DeletePod { name, uid } => {
                objects::delete_pod(&observer.client, &observation.cluster, &name, &uid).await?;
            }
            Action::DeleteComponent(component) => {
                objects::delete_component(&observer.client, &observation.cluster, component).await?;
            }
            Action::SetFrontendConfig { pod, ip, setting, key, value } => {
                let set = database::SetOnFrontend { pod, ip, setting, key, value };
                outcomes.extend(database::set(observer, observation, lease, &set).await?);
            }
            Action::ExecuteSql { ip, index, hook, statement } => {
                let run = database::Statement { ip, index, hook, statement };
                outcomes.push(database::execute(observer, observation, lease, &run).await?);
            }
        }
    }
    Ok(())
}
