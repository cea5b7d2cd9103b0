//! Waiting for a state by watching; and by asking again and again where nobody tells of it.

use crate::problem::Problem;
use futures::StreamExt;
use hookgate_api::{
    Component, StarRocksCluster,
    status::{ConditionType, UpgradePhase, condition},
};
use k8s_openapi::NamespaceResourceScope;
use kube::{
    Api, Resource,
    runtime::{WatchStreamExt, watcher::watch_object},
};
use serde::de::DeserializeOwned;
use std::{fmt::Debug, time::Duration};

/// Waits until an object is as it should be, and gives it.
///
/// # Errors
/// When it isn't in time; `tell` says what it was at the end.
pub async fn until<K>(
    api: &Api<K>,
    name: &str,
    what: &str,
    deadline: Duration,
    mut reached: impl FnMut(&K) -> bool,
    tell: impl Fn(&K) -> String,
) -> Result<K, Problem>
where
    K: Resource<Scope = NamespaceResourceScope> + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let mut last = format!("there is no {name}");
    let mut stream = Box::pin(watch_object(api.clone(), name).default_backoff());
    let wait = async {
        while let Some(event) = stream.next().await {
            match event {
                Ok(Some(object)) if reached(&object) => return Some(object),
                Ok(Some(object)) => last = tell(&object),
                Ok(None) => last = format!("there is no {name}"),
                Err(error) => last = format!("the watch fails: {error}"),
            }
        }
        None
    };
    let found = tokio::time::timeout(deadline, wait).await.ok().flatten();
    found.ok_or_else(|| Problem::Timeout { what: what.to_owned(), waited: deadline, last })
}

/// Asks again and again, with pauses, until there is an answer, and gives it.
///
/// # Errors
/// When asking fails, and when there is none in time: `last` says what was known at the end.
pub async fn answered<T>(
    what: &str,
    deadline: Duration,
    pause: Duration,
    last: &str,
    mut ask: impl AsyncFnMut() -> Result<Option<T>, Problem>,
) -> Result<T, Problem> {
    let repeated = async {
        loop {
            if let Some(answer) = ask().await? {
                return Ok(answer);
            }
            tokio::time::sleep(pause).await;
        }
    };
    let late = |_| Problem::Timeout { what: what.to_owned(), waited: deadline, last: last.to_owned() };
    tokio::time::timeout(deadline, repeated).await.map_err(late)?
}

/// What a cluster's status says, in one line.
pub fn tell(cluster: &StarRocksCluster) -> String {
    let Some(status) = &cluster.status else { return "no status".to_owned() };
    let conditions = status.conditions.iter().map(|one| {
        let message = if one.message.is_empty() { String::new() } else { format!(" ({})", one.message) };
        format!("{}={} {}{message}", one.type_, one.status, one.reason)
    });
    let waiting = status.wave.iter().filter_map(|wave| wave.waiting_for.as_ref());
    let waiting = waiting.map(|waiting| format!("waits: {}", waiting.message));
    let held = status.held_settings.iter().map(|held| format!("{} is {:?}", held.name, held.state));
    conditions.chain(waiting).chain(held).collect::<Vec<_>>().join("; ")
}

/// Whether the status speaks of the present spec.
pub fn is_current(cluster: &StarRocksCluster) -> bool {
    let observed = cluster.status.as_ref().and_then(|status| status.observed_generation);
    observed == cluster.metadata.generation
}

/// Whether a condition is `True`.
pub fn holds(cluster: &StarRocksCluster, type_: ConditionType) -> bool {
    let status = cluster.status.as_ref();
    status.and_then(|status| condition(&status.conditions, type_)).is_some_and(|one| one.status == "True")
}

/// The message of a condition that is `True` with that reason.
pub fn message_of<'a>(cluster: &'a StarRocksCluster, type_: ConditionType, reason: &str) -> Option<&'a str> {
    let one = condition(&cluster.status.as_ref()?.conditions, type_)?;
    (one.status == "True" && one.reason == reason).then_some(&one.message)
}

/// Whether the status says that every FE has its own settings.
pub fn holds_nothing(cluster: &StarRocksCluster) -> bool {
    cluster.status.as_ref().is_some_and(|status| status.held_in_force().next().is_none())
}

/// Whether everything runs what the spec says, and nothing is in flight or held.
pub fn is_settled(cluster: &StarRocksCluster) -> bool {
    let idle = cluster.status.as_ref().is_some_and(|status| status.wave.is_none());
    idle && holds_nothing(cluster) && is_current(cluster) && holds(cluster, ConditionType::Ready)
}

/// The phase of a component's upgrade, in flight or last.
pub fn phase_of(cluster: &StarRocksCluster, component: Component) -> Option<UpgradePhase> {
    Some(cluster.status.as_ref()?.component(component)?.upgrade_state.as_ref()?.phase)
}
