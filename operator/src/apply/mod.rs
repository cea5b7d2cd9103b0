//! Performs actions: one executor for each kind, each idempotent.

mod database;
mod objects;

pub(crate) use objects::{FIELD_MANAGER, delete_if_there};

use crate::{
    observation::Observation,
    observe::Observer,
    plan::{Action, Outcome, is_adopted},
    runs::{HookRunner, ProcessError, RunError},
    sql::SqlError,
};
use hookgate_api::{StarRocksCluster, names};
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::{Client, ResourceExt};
use std::time::Duration;

/// How long the API server may take to answer; the lease holds for longer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(8);

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
    /// A run as a process of this machine.
    #[error("a run on this machine: {0}")]
    Process(#[source] ProcessError),
    /// The database didn't answer.
    #[error("{what}: {cause}")]
    Database {
        /// The FE and statement.
        what: String,
        /// What went wrong.
        #[source]
        cause: SqlError,
    },
    /// The API server didn't answer in time; the request may have had its effect, and is made anew.
    #[error("the API server did not answer within {} s", REQUEST_TIMEOUT.as_secs())]
    TimedOut,
    /// The operator is no longer sure to be the only one.
    #[error("the lease is not held any more: nothing is sent")]
    LeaseLost,
}

impl From<RunError> for ApplyError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Api { what, cause } => Self::Api { what, cause },
            RunError::Process(cause) => Self::Process(cause),
        }
    }
}

impl ApplyError {
    /// The object, or the FE and statement.
    pub fn object(&self) -> &str {
        match self {
            Self::Api { what, .. } | Self::Database { what, .. } => what,
            Self::Process(_) | Self::TimedOut | Self::LeaseLost => "",
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
            Action::SetFrontendConfig { pod, ip, setting, key, value } => {
                let set = database::SetOnFrontend { pod, ip, setting, key, value };
                outcomes.extend(database::set(observer, observation, lease, &set).await?);
            }
            Action::ExecuteSql { ip, index, hook, statement } => {
                let run = database::Statement { ip, index, hook, statement };
                outcomes.push(database::execute(observer, observation, lease, &run).await?);
            }
            Action::DryRunStatefulSet { component, target, object } => {
                let refused =
                    objects::dry_run(&observer.client, object.as_ref(), is_adopted(&observation.cluster))
                        .await?;
                outcomes.push(Outcome::DryRun { component, target, refused });
            }
            Action::CreateImage { ip } => {
                outcomes.push(database::create_image(observer, observation, lease, &ip).await?);
            }
            action => {
                let (client, runner) = (&observer.client, observer.runner());
                outcomes.extend(object(client, runner, &observation.cluster, lease, action).await?);
            }
        }
    }
    Ok(())
}

/// Changes one object in Kubernetes, or one run, under a lease that is checked just before and that outlives the request.
///
/// # Errors
/// When the lease is lost, or the API server refuses or doesn't answer in time.
async fn object(
    client: &Client,
    runner: &dyn HookRunner,
    cluster: &StarRocksCluster,
    lease: &crate::lease::Holder,
    action: Action,
) -> Result<Option<Outcome>, ApplyError> {
    if !lease.outlives(REQUEST_TIMEOUT) {
        return Err(ApplyError::LeaseLost);
    }
    let sent = Box::pin(send(client, runner, cluster, action));
    tokio::time::timeout(REQUEST_TIMEOUT, sent).await.map_err(|_| ApplyError::TimedOut)?
}

async fn send(
    client: &Client,
    runner: &dyn HookRunner,
    cluster: &StarRocksCluster,
    action: Action,
) -> Result<Option<Outcome>, ApplyError> {
    let adopted = is_adopted(cluster);
    match action {
        Action::StartRun(run) => return Ok(Some(runner.start(cluster, &run).await?)),
        Action::DeleteRun(name) => Ok(runner.delete(cluster, &name).await?),
        Action::ApplyService(service) => objects::apply(client, service.as_ref(), adopted).await,
        Action::ApplyStatefulSet(set) => objects::apply(client, set.as_ref(), adopted).await,
        Action::AdjustStatefulSet { component, replicas, strategy, from_spec } => {
            let name = names::statefulset(&cluster.name_any(), component);
            let patch = objects::adjustment(replicas, &strategy, from_spec);
            objects::merge::<StatefulSet>(client, cluster, &name, &patch).await
        }
        Action::ApplyBudget(budget) => objects::apply(client, budget.as_ref(), adopted).await,
        Action::DeleteBudget(component) => objects::delete_budget(client, cluster, component).await,
        Action::ApplyConfigMap(config_map) => objects::apply(client, config_map.as_ref(), adopted).await,
        Action::ApplyDeployment(deployment) => objects::apply(client, deployment.as_ref(), adopted).await,
        Action::ScaleProxy(replicas) => objects::scale_proxy(client, cluster, replicas).await,
        Action::DeleteProxy => objects::delete_proxy(client, cluster).await,
        Action::HoldFinalizer { present } => objects::hold_finalizer(client, cluster, present).await,
        Action::DeletePod { name, uid, resource_version } => {
            objects::delete_pod(client, cluster, &name, uid, resource_version).await
        }
        Action::DeleteComponent(component) => objects::delete_component(client, cluster, component).await,
        // Statements go to the database, and what is only tried changes nothing.
        Action::SetFrontendConfig { .. }
        | Action::ExecuteSql { .. }
        | Action::CreateImage { .. }
        | Action::DryRunStatefulSet { .. } => Ok(()),
    }?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        empty_api_server::Empty,
        lease::Holder,
        render::UpdateStrategy,
        run::{RunnerImage, run_of_a_test as run},
        runs::JobRunner,
    };
    use hookgate_api::Component;
    use k8s_openapi::{
        api::{
            apps::v1::Deployment,
            core::v1::{ConfigMap, Service},
        },
        apimachinery::pkg::apis::meta::v1::ObjectMeta,
    };

    fn named() -> ObjectMeta {
        ObjectMeta {
            name: Some("object".to_owned()),
            namespace: Some("n".to_owned()),
            ..ObjectMeta::default()
        }
    }

    fn actions() -> Vec<Action> {
        vec![
            Action::ApplyService(Box::new(Service { metadata: named(), ..Service::default() })),
            Action::ApplyStatefulSet(Box::new(StatefulSet { metadata: named(), ..StatefulSet::default() })),
            Action::AdjustStatefulSet {
                component: Component::Be,
                replicas: 1,
                strategy: UpdateStrategy::default(),
                from_spec: false,
            },
            Action::StartRun(Box::new(run())),
            Action::DeleteRun("run".to_owned()),
            Action::DeletePod {
                name: "pod".to_owned(),
                uid: "uid".to_owned(),
                resource_version: "1".to_owned(),
            },
            Action::DeleteComponent(Component::Cn),
            Action::ApplyConfigMap(Box::new(ConfigMap { metadata: named(), ..ConfigMap::default() })),
            Action::ApplyDeployment(Box::new(Deployment { metadata: named(), ..Deployment::default() })),
            Action::ScaleProxy(2),
            Action::DeleteProxy,
            Action::HoldFinalizer { present: true },
            Action::HoldFinalizer { present: false },
        ]
    }

    #[tokio::test]
    async fn nothing_is_sent_under_a_lease_that_may_run_out_before_the_answer() {
        let server = Empty::default();
        let client = Client::new(server.clone(), "default");
        let runner = JobRunner::new(client.clone(), RunnerImage::default());
        let mut cluster = StarRocksCluster::new("c", hookgate_api::StarRocksClusterSpec::default());
        cluster.metadata.namespace = Some("n".to_owned());
        cluster.metadata.finalizers = Some(vec![hookgate_api::annotations::HELD_FINALIZER.to_owned()]);
        for action in actions() {
            for lease in [Holder::default(), Holder::held_for(REQUEST_TIMEOUT / 2)] {
                let sent = object(&client, &runner, &cluster, &lease, action.clone()).await;
                assert!(matches!(sent, Err(ApplyError::LeaseLost)), "{action:?}: {sent:?}");
            }
        }
        assert_eq!(server.asked(), [""; 0]);
        for action in actions() {
            let lease = Holder::held_for(REQUEST_TIMEOUT * 100);
            let sent = object(&client, &runner, &cluster, &lease, action.clone()).await;
            assert!(!matches!(sent, Err(ApplyError::LeaseLost)), "{action:?}: {sent:?}");
            assert!(!server.asked().is_empty(), "{action:?} is sent");
        }
    }
}
