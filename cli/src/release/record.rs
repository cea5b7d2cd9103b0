//! What is written into the cluster's object: that its wave lets go, and what has been given back.

use super::original::Original;
use crate::live::LiveError;
use hookgate_api::{
    StarRocksCluster, annotations,
    status::{HoldState, UpgradePhase},
};
use kube::{
    Api, Client, ResourceExt,
    api::{Patch, PatchParams, PostParams},
};
use serde_json::json;

/// How often a status is tried that somebody else writes at the same time.
const TRIES: usize = 20;

/// The id of the wave that would hold again.
pub(super) fn wave_in_flight(cluster: &StarRocksCluster) -> Option<&str> {
    let wave = cluster.status.as_ref()?.wave.as_ref()?;
    let in_flight = wave.components.iter().any(|step| step.phase != UpgradePhase::Completed);
    in_flight.then_some(wave.id.as_str())
}

fn clusters(client: &Client, cluster: &StarRocksCluster) -> Api<StarRocksCluster> {
    Api::namespaced(client.clone(), &cluster.namespace().unwrap_or_default())
}

/// Tells an operator that the wave in flight lets go and stops; the wave's id, where there is one.
pub(super) async fn stop_the_wave(
    client: &Client,
    cluster: &StarRocksCluster,
) -> Result<Option<String>, LiveError> {
    let Some(wave) = wave_in_flight(cluster) else { return Ok(None) };
    let patch = json!({"metadata": {"annotations": {annotations::RELEASE: wave}}});
    let name = cluster.name_any();
    clusters(client, cluster)
        .patch_metadata(&name, &PatchParams::default(), &Patch::Merge(patch))
        .await
        .map_err(LiveError::api(format!("annotating {name}")))?;
    Ok(Some(wave.to_owned()))
}

/// Writes down, before the first change, that everything is being given back.
pub(super) async fn note_releasing(client: &Client, cluster: &StarRocksCluster) -> Result<(), LiveError> {
    Box::pin(change(client, cluster, |cluster| {
        for held in cluster.status.iter_mut().flat_map(|status| &mut status.held_settings) {
            held.state = HoldState::Releasing;
            held.holders.clear();
        }
    }))
    .await?;
    Ok(())
}

/// Removes what has been given back and verified.
///
/// # Errors
/// When the status can't be written, or an operator has taken hold again.
pub(super) async fn note_given_back(
    client: &Client,
    cluster: &StarRocksCluster,
    originals: &[Original],
) -> Result<(), LiveError> {
    let left = Box::pin(change(client, cluster, |cluster| {
        if let Some(status) = cluster.status.as_mut() {
            status.held_settings.retain(|held| {
                let verified = originals
                    .iter()
                    .any(|one| one.name == held.name && held.original() == Some(one.value.as_str()));
                held.state == HoldState::Held
                    || (held.is_in_force() && !(verified || held.original().is_none()))
            });
        }
    }))
    .await?;
    let left = left.status.map(|status| status.held_settings).unwrap_or_default();
    let names: Vec<_> = left.iter().map(|held| held.name.as_str()).collect();
    if names.is_empty() {
        return Box::pin(remove_finalizer(client, cluster)).await;
    }
    Err(LiveError::Process(format!(
        "held again by an operator that does not know of releases: {}",
        names.join(", ")
    )))
}

/// Takes the finalizer of held settings away: an operator that is gone can't, and the cluster could never be deleted.
pub(super) async fn remove_finalizer(client: &Client, cluster: &StarRocksCluster) -> Result<(), LiveError> {
    let (api, name) = (clusters(client, cluster), cluster.name_any());
    for _ in 0..TRIES {
        let read = api.get_metadata_opt(&name).await.map_err(LiveError::api(format!("reading {name}")))?;
        let Some(place) = read.and_then(|read| {
            read.finalizers().iter().position(|finalizer| finalizer == annotations::HELD_FINALIZER)
        }) else {
            return Ok(());
        };
        let path = format!("/metadata/finalizers/{place}");
        let patch = serde_json::from_value(json!([
            {"op": "test", "path": path, "value": annotations::HELD_FINALIZER},
            {"op": "remove", "path": path},
        ]));
        let patch = patch.map_err(|error| LiveError::Process(error.to_string()))?;
        match api.patch_metadata(&name, &PatchParams::default(), &Patch::Json::<()>(patch)).await {
            Ok(_) => return Ok(()),
            // Somebody else has changed the finalizers since.
            Err(kube::Error::Api(status)) if matches!(status.code, 409 | 422) => {}
            Err(error) => return Err(LiveError::api(format!("taking the finalizer of {name} away"))(error)),
        }
    }
    Err(LiveError::Process(format!("the finalizers of {name} change all the time; run the same again")))
}

/// Changes a status on condition that it is the one that was read; another try where somebody was faster.
async fn change(
    client: &Client,
    cluster: &StarRocksCluster,
    change: impl Fn(&mut StarRocksCluster),
) -> Result<StarRocksCluster, LiveError> {
    let (api, name) = (clusters(client, cluster), cluster.name_any());
    for _ in 0..TRIES {
        let read = api.get(&name).await.map_err(LiveError::api(format!("reading {name}")))?;
        let mut next = read.clone();
        change(&mut next);
        if next.status == read.status {
            return Ok(read);
        }
        match api.replace_status(&name, &PostParams::default(), &next).await {
            Ok(written) => return Ok(written),
            Err(kube::Error::Api(status)) if status.is_conflict() => {}
            Err(error) => return Err(LiveError::api(format!("writing the status of {name}"))(error)),
        }
    }
    Err(LiveError::Process(format!("the status of {name} changes all the time; run the same again")))
}
