//! Writes the status, on condition that the cluster is still the one that was observed.

use hookgate_api::{StarRocksCluster, StarRocksClusterStatus};
use kube::{Api, Client, ResourceExt, api::PostParams};

/// Why a status isn't written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Somebody changed the cluster since it was observed: the pass ends, the next one sees the change.
    #[error("the cluster has changed since it was read")]
    Conflict,
    /// The API server refused or didn't answer.
    #[error("the status can't be written: {0}")]
    Api(#[source] Box<kube::Error>),
}

/// Writes `status` where it differs from what `cluster` has, and gives the cluster as it then is.
///
/// # Errors
/// [`RecordError::Conflict`] when the resourceVersion isn't that of `cluster` any more.
pub async fn record(
    client: &Client,
    cluster: &StarRocksCluster,
    status: StarRocksClusterStatus,
) -> Result<StarRocksCluster, RecordError> {
    if cluster.status.as_ref() == Some(&status) {
        return Ok(cluster.clone());
    }
    let api: Api<StarRocksCluster> =
        Api::namespaced(client.clone(), &cluster.namespace().unwrap_or_default());
    let mut next = cluster.clone();
    next.status = Some(status);
    match api.replace_status(&cluster.name_any(), &PostParams::default(), &next).await {
        Ok(written) => Ok(written),
        Err(kube::Error::Api(status)) if status.is_conflict() => Err(RecordError::Conflict),
        Err(error) => Err(RecordError::Api(Box::new(error))),
    }
}
