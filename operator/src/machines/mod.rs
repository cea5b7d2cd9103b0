//! Hooks in the life of TKEStack's clusters and machines: a controller of its own, off unless it's asked for.
//!
//! What is due is decided by [`hookgate_machines::plan`], and done by [`hookgate_machines::work`]. Here the objects are
//! read, the status is written, and the tasks of a plan are handed over once it is.

mod access;
mod events;
mod gather;
mod metrics;
mod pass;
mod report;
mod view;
mod write;

pub use metrics::MachineMetrics;
pub use pass::{Hooks, MachineHookError, Settings};

use futures::{StreamExt, channel::mpsc, future::ready};
use hookgate_api::platform::{Cluster, Machine};
use kube::{
    Api, Client, ResourceExt,
    core::{DeserializeGuard, PartialObjectMeta},
    runtime::{
        Controller,
        controller::{Action, Error},
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use std::{future::Future, hash::Hash, sync::Arc, time::Duration};
use tokio::sync::mpsc::UnboundedReceiver;

/// An object whose machines are worked on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A Cluster, by its name.
    Cluster(String),
    /// A Machine, by its name.
    Machine(String),
}

impl Owner {
    fn cluster(name: &str) -> Self {
        Self::Cluster(name.to_owned())
    }

    fn machine(name: &str) -> Self {
        Self::Machine(name.to_owned())
    }
}

/// An object as what is known of its machines belongs to it: another one of the same name knows nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Object {
    /// Its kind and name.
    pub owner: Owner,
    /// Its UID.
    pub uid: String,
}

/// How often it is looked which objects are gone: a deletion alone brings no pass.
const SWEEP: Duration = Duration::from_secs(30);

/// A Machine as it's watched: one that can't be read must not stop the watch of all others.
type Worker = DeserializeGuard<Machine>;
/// Of a Cluster that it has changed is enough to know: a pass reads it.
type Changed = PartialObjectMeta<Cluster>;

/// Runs passes until `stop` is done. `finished` says whose machines have news.
pub async fn run(
    client: Client,
    hooks: Arc<Hooks>,
    mut finished: UnboundedReceiver<Object>,
    stop: impl Future<Output = ()> + Send + Sync + 'static,
) {
    let (to_clusters, clusters_news) = mpsc::unbounded();
    let (to_workers, workers_news) = mpsc::unbounded();
    let news = tokio::spawn(async move {
        while let Some(object) = finished.recv().await {
            // A controller that has ended wants no news.
            let _ended = match object.owner {
                Owner::Cluster(name) => to_clusters.unbounded_send(ObjectRef::<Changed>::new(&name)).is_ok(),
                Owner::Machine(name) => to_workers.unbounded_send(ObjectRef::<Worker>::new(&name)).is_ok(),
            };
        }
    });
    let stop = futures::FutureExt::shared(stop);
    let clusters = Controller::new(Api::<Changed>::all(client.clone()), watcher::Config::default());
    let known_clusters = clusters.store();
    let clusters = clusters
        .reconcile_on(clusters_news)
        .graceful_shutdown_on(stop.clone())
        .run(cluster_pass, on_error, Arc::clone(&hooks))
        .for_each(|result| {
            log(result);
            ready(())
        });
    let workers = Controller::new(Api::<Worker>::all(client.clone()), watcher::Config::default());
    let known = workers.store();
    let known_workers = known.clone();
    let workers = workers
        .watches(Api::<Changed>::all(client), watcher::Config::default(), move |cluster| {
            workers_of(&known, &cluster)
        })
        .reconcile_on(workers_news)
        .graceful_shutdown_on(stop)
        .run(worker_pass, on_error, Arc::clone(&hooks))
        .for_each(|result| {
            log(result);
            ready(())
        });
    // A pass runs over what is in the store: whoever is known and not in it any more is gone.
    let is_there = move |owner: &Owner| match owner {
        Owner::Cluster(name) => known_clusters.get(&ObjectRef::new(name)).is_some(),
        Owner::Machine(name) => known_workers.get(&ObjectRef::new(name)).is_some(),
    };
    let sweep = tokio::spawn(async move {
        loop {
            tokio::time::sleep(SWEEP).await;
            hooks.retain(&is_there);
        }
    });
    futures::future::join(Box::pin(clusters), Box::pin(workers)).await;
    news.abort();
    sweep.abort();
}

fn workers_of(known: &Store<Worker>, cluster: &Changed) -> Vec<ObjectRef<Worker>> {
    let name = cluster.name_any();
    let of_cluster =
        |worker: &Arc<Worker>| worker.0.as_ref().is_ok_and(|machine| machine.spec.cluster_name == name);
    known.state().into_iter().filter(of_cluster).map(|worker| ObjectRef::from_obj(worker.as_ref())).collect()
}

async fn cluster_pass(cluster: Arc<Changed>, hooks: Arc<Hooks>) -> Result<Action, MachineHookError> {
    let look_again = Box::pin(hooks.cluster(&cluster.name_any())).await?;
    hooks.passed("ok");
    Ok(look_again.map_or_else(Action::await_change, Action::requeue))
}

async fn worker_pass(worker: Arc<Worker>, hooks: Arc<Hooks>) -> Result<Action, MachineHookError> {
    let look_again = Box::pin(hooks.worker(&worker.name_any())).await?;
    hooks.passed("ok");
    Ok(look_again.map_or_else(Action::await_change, Action::requeue))
}

#[allow(clippy::needless_pass_by_value, reason = "the signature is the controller's")]
fn on_error<K: ResourceExt>(object: Arc<K>, error: &MachineHookError, hooks: Arc<Hooks>) -> Action {
    let name = object.name_any();
    if error.is_conflict() {
        hooks.passed("conflict");
        tracing::debug!(target: "MachineHook", name, "changed while it was looked at");
        return Action::requeue(Duration::from_millis(100));
    }
    hooks.passed("failed");
    tracing::warn!(target: "MachineHook", name, %error, "a pass did not come to its end");
    Action::requeue(Duration::from_secs(5))
}

type Told<K> = Result<(ObjectRef<K>, Action), Error<MachineHookError, watcher::Error>>;

/// What a pass says is logged where it happens. That an object is gone by the time of its pass is as it should be.
fn log<K>(result: Told<K>)
where
    K: kube::runtime::reflector::Lookup,
    K::DynamicType: Eq + Hash + Clone,
{
    match result {
        Ok(_) | Err(Error::ReconcilerFailed(..) | Error::ObjectNotFound(_)) => {}
        Err(error) => tracing::warn!(target: "MachineHook", %error, "watching"),
    }
}

#[cfg(test)]
mod tests;
