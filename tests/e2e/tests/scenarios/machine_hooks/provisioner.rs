//! A provisioner as far as the protocol goes: it waits for the conditions of hooks, and says what it has done by phase and
//! version. It installs nothing.

use super::{kubectl_ok, patch_status};
use hookgate_api::platform::{Cluster, HookType, Machine, Phase, condition};
use hookgate_e2e::Problem;
use kube::{Api, Client, ResourceExt};
use serde_json::json;

/// The finalizer by which it is asked to take a cluster down.
pub const FINALIZER: &str = "provisioner.example/cluster";

/// Does its part, wherever one is due.
pub async fn step(client: &Client, clusters: &[&str], machines: &[&str]) -> Result<(), Problem> {
    for name in clusters {
        if let Some(cluster) =
            Api::<Cluster>::all(client.clone()).get_opt(name).await.map_err(Problem::api("the cluster"))?
        {
            cluster_step(&cluster).await?;
        }
    }
    for name in machines {
        if let Some(machine) =
            Api::<Machine>::all(client.clone()).get_opt(name).await.map_err(Problem::api("the machine"))?
        {
            machine_step(client, &machine).await?;
        }
    }
    Ok(())
}

/// The rule of the protocol: the condition is true, and it's true for the version that is wanted.
fn may_go(conditions: &[hookgate_api::platform::Condition], hook: HookType, version: &str) -> bool {
    condition(conditions, hook.condition()).is_some_and(|condition| {
        condition.status == "True"
            && condition.other.get("targetVersion").and_then(|target| target.as_str()) == Some(version)
    })
}

async fn cluster_step(cluster: &Cluster) -> Result<(), Problem> {
    let name = cluster.name_any();
    let status = cluster.status.clone().unwrap_or_default();
    let wanted = cluster.spec.version();
    if cluster.metadata.deletion_timestamp.is_some() {
        let installed = status.version.as_deref().unwrap_or(wanted);
        if may_go(&status.conditions, HookType::PreClusterDelete, installed)
            && let Some(place) = cluster.finalizers().iter().position(|finalizer| finalizer == FINALIZER)
        {
            let patch = json!([
                {"op": "test", "path": format!("/metadata/finalizers/{place}"), "value": FINALIZER},
                {"op": "remove", "path": format!("/metadata/finalizers/{place}")},
            ]);
            kubectl_ok(
                &["patch", "clusters.platform.tkestack.io", &name, "--type=json", "-p", &patch.to_string()],
                None,
            )
            .await?;
        }
        return Ok(());
    }
    let before = if status.version.is_none() { HookType::PreInstall } else { HookType::PreUpgrade };
    let done = status.version.as_deref() == Some(wanted) && status.phase == Some(Phase::Running);
    if !done && may_go(&status.conditions, before, wanted) {
        patch_status("clusters.platform.tkestack.io", &name, &json!({"phase": "Running", "version": wanted}))
            .await?;
    }
    Ok(())
}

async fn machine_step(client: &Client, machine: &Machine) -> Result<(), Problem> {
    let clusters = Api::<Cluster>::all(client.clone());
    let Some(cluster) =
        clusters.get_opt(&machine.spec.cluster_name).await.map_err(Problem::api("the cluster"))?
    else {
        return Ok(());
    };
    let status = machine.status.clone().unwrap_or_default();
    let wanted = cluster.spec.version();
    let before = if status.version().is_none() { HookType::PreInstall } else { HookType::PreUpgrade };
    if status.version() != Some(wanted) && may_go(&status.conditions, before, wanted) {
        let next = json!({"phase": "Running", "machineInfo": {"kubeletVersion": format!("v{wanted}")}});
        patch_status("machines.platform.tkestack.io", &machine.name_any(), &next).await?;
    }
    Ok(())
}
