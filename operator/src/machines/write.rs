//! Writes what a plan says, on condition that the object is still the one that was looked at.

use super::pass::MachineHookError;
use hookgate_api::{annotations, platform::Cluster};
use hookgate_machines::plan::HookStatus;
use kube::{
    Api,
    api::{Patch, PatchParams},
};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::fmt::Debug;

/// Writes Hookgate's part of the status; what others have written there stays.
///
/// # Errors
/// With a conflict when somebody changed the object since it was read.
pub(super) async fn status<K: Clone + Debug + DeserializeOwned>(
    api: &Api<K>,
    name: &str,
    version: Option<&str>,
    status: &HookStatus,
) -> Result<(), MachineHookError> {
    let HookStatus { conditions, runs, host_keys } = status;
    let patch = json!({
        "metadata": {"resourceVersion": version},
        "status": {"conditions": conditions, "hookRuns": runs, "hostKeys": host_keys},
    });
    api.patch_status(name, &PatchParams::default(), &Patch::Merge(patch))
        .await
        .map_err(MachineHookError::api)?;
    Ok(())
}

/// Writes the finalizers.
///
/// # Errors
/// With a conflict when somebody changed the object since it was read.
pub(super) async fn finalizers(
    api: &Api<Cluster>,
    name: &str,
    version: Option<&str>,
    finalizers: &[String],
) -> Result<(), MachineHookError> {
    let patch = json!({"metadata": {"resourceVersion": version, "finalizers": finalizers}});
    api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.map_err(MachineHookError::api)?;
    Ok(())
}

/// Writes the finalizers, Hookgate's among them. That it was let go before says nothing any more.
///
/// # Errors
/// With a conflict when somebody changed the object since it was read.
pub(super) async fn finalizer_added(
    api: &Api<Cluster>,
    name: &str,
    version: Option<&str>,
    finalizers: &[String],
) -> Result<(), MachineHookError> {
    let patch = json!({"metadata": {
        "resourceVersion": version, "finalizers": finalizers, "annotations": {annotations::RELEASE: null},
    }});
    api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.map_err(MachineHookError::api)?;
    Ok(())
}
