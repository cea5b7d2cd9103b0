//! Runs as Jobs of the cluster's namespace.

mod beginning;
mod ending;
mod observe;

use super::{Freshness, HookRunner, Run, RunError, Runner, RunnerImage, Runs};
use crate::{
    apply::{FIELD_MANAGER, delete_if_there},
    plan::Outcome,
    render,
    watched::{Key, Watched},
};
use async_trait::async_trait;
use hookgate_api::StarRocksCluster;
use k8s_openapi::api::{batch::v1::Job, networking::v1::NetworkPolicy};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};

/// Runs scripts as Jobs, in pods with the image of FE.
#[derive(Clone)]
pub struct JobRunner {
    client: Client,
    image: RunnerImage,
    watched: Option<Watched>,
}

impl JobRunner {
    /// A runner that asks the API server for everything. Without an image that has the runner of scripts, no script can be
    /// run.
    pub fn new(client: Client, image: RunnerImage) -> Self {
        Self { client, image, watched: None }
    }

    /// The same with watches at hand.
    #[must_use]
    pub fn with_watches(self, watched: Watched) -> Self {
        Self { watched: Some(watched), ..self }
    }

    fn api<K>(&self, cluster: &StarRocksCluster) -> Api<K>
    where
        K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.client.clone(), &cluster.namespace().unwrap_or_default())
    }
}

#[async_trait]
impl HookRunner for JobRunner {
    fn kind(&self) -> Runner {
        Runner::Job
    }

    /// One that is there already under the run's name was made by a pass that ended before it could be written down, or
    /// by somebody else.
    async fn start(&self, cluster: &StarRocksCluster, run: &Run) -> Result<Outcome, RunError> {
        let policy = render::hook_network_policy(cluster, run.frontend.query_port);
        let policies: Api<NetworkPolicy> = self.api(cluster);
        let applied = policies
            .patch(&policy.name_any(), &PatchParams::apply(FIELD_MANAGER).force(), &Patch::Apply(&policy))
            .await;
        applied.map_err(|cause| failed::<NetworkPolicy>(&policy.name_any(), cause))?;
        let job = render::hook_job(cluster, run, &self.image);
        let jobs: Api<Job> = self.api(cluster);
        let made = match jobs.create(&PostParams::default(), &job).await {
            Ok(made) => made,
            // A quota or an admission webhook may refuse before it's seen that the Job is there.
            Err(kube::Error::Api(refused)) => {
                let found = jobs.get_opt(&run.name).await.map_err(|cause| failed::<Job>(&run.name, cause))?;
                let found = found.ok_or_else(|| failed::<Job>(&run.name, kube::Error::Api(refused)))?;
                if let Some(difference) = render::difference(&job, &found) {
                    return Ok(Outcome::RunForeign { what: format!("the Job {}", run.name), difference });
                }
                found
            }
            Err(cause) => return Err(failed::<Job>(&run.name, cause)),
        };
        Ok(Outcome::RunStarted(made.uid().unwrap_or_default()))
    }

    async fn observe(&self, cluster: &StarRocksCluster, freshness: Freshness) -> Result<Runs, RunError> {
        // A run is started once: a Job that is there and isn't seen would count as one that was lost.
        let key = Key::new(cluster.namespace().unwrap_or_default(), cluster.name_any());
        let watched = self.watched.as_ref().filter(|watched| {
            freshness == Freshness::Believed
                || (cluster.custom_hooks().next().is_none() && watched.jobs.of(&key).is_empty())
        });
        observe::runs(&self.client, cluster, watched).await
    }

    /// The Job is there until its pods are gone.
    async fn delete(&self, cluster: &StarRocksCluster, name: &str) -> Result<(), RunError> {
        let jobs: Api<Job> = self.api(cluster);
        let deleted = delete_if_there(&jobs, name, &DeleteParams::foreground()).await;
        deleted.map_err(|cause| failed::<Job>(name, cause))
    }
}

fn failed<K: Resource<DynamicType = ()>>(name: &str, cause: kube::Error) -> RunError {
    RunError::Api { what: format!("{} {name}", K::kind(&())), cause: Box::new(cause) }
}
