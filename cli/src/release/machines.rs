//! Lets go of the Clusters whose delete hooks nobody will run: takes the finalizer of machine hooks away.

use crate::{ask, live::LiveError};
use hookgate_api::{
    annotations,
    platform::{Cluster, FINALIZER},
};
use jiff::Timestamp;
use kube::{
    Api, Client, ResourceExt,
    api::{ListParams, Patch, PatchParams},
    core::PartialObjectMeta,
};
use serde_json::json;

/// How often a Cluster is tried that somebody else writes at the same time.
const TRIES: usize = 20;

/// What is to be done about Clusters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// Don't ask.
    pub(super) yes: bool,
    /// It's an error not to be let at them.
    pub(super) asked_for: bool,
}

/// Takes the finalizer of machine hooks from every Cluster that has it. An operator that runs is told to leave them alone.
///
/// # Errors
/// When one of them keeps it; the others are let go.
pub(super) async fn let_go(client: &Client, wish: Wish) -> Result<(), LiveError> {
    let clusters: Api<Cluster> = Api::all(client.clone());
    let listed = match clusters.list_metadata(&ListParams::default()).await {
        Ok(listed) => listed.items,
        // Nobody serves that kind.
        Err(kube::Error::Api(status)) if status.code == 404 => return Ok(()),
        Err(kube::Error::Api(status)) if status.code == 403 && !wish.asked_for => {
            return super::say(&format!(
                "Clusters (clusters.platform.tkestack.io) were not looked at: {}\n",
                status.message
            ));
        }
        Err(error) => return Err(LiveError::api("reading the Clusters")(error)),
    };
    let held: Vec<_> = listed.into_iter().filter(has_finalizer).collect();
    if held.is_empty() {
        return Ok(());
    }
    for cluster in &held {
        let hooks = if cluster.metadata.deletion_timestamp.is_some() {
            "is being deleted: those of its delete hooks that have not run never will"
        } else {
            "waits for its delete hooks when it is deleted"
        };
        super::say(&format!("Cluster {} has the finalizer {FINALIZER}, and {hooks}\n", cluster.name_any()))?;
    }
    if !wish.yes
        && !ask::may_go_on("Take the finalizer away now, from each of them?")
            .map_err(|error| LiveError::Process(error.to_string()))?
    {
        return Err(LiveError::Process("the Clusters were not changed".to_owned()));
    }
    let mut failed = Vec::new();
    for cluster in held {
        let name = cluster.name_any();
        match Box::pin(one(&clusters, cluster)).await {
            Ok(()) => super::say(&format!(
                "Cluster {name}: let go. An operator that runs leaves it alone; to go on: kubectl annotate \
                 clusters.platform.tkestack.io {name} {}-\n",
                annotations::RELEASE
            ))?,
            Err(error) => failed.push(format!("Cluster {name}: {error}")),
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(LiveError::Process(failed.join("; "))) }
}

fn has_finalizer(cluster: &PartialObjectMeta<Cluster>) -> bool {
    cluster.finalizers().iter().any(|finalizer| finalizer == FINALIZER)
}

async fn one(clusters: &Api<Cluster>, mut cluster: PartialObjectMeta<Cluster>) -> Result<(), LiveError> {
    let name = cluster.name_any();
    for _ in 0..TRIES {
        let left: Vec<_> = cluster.finalizers().iter().filter(|finalizer| *finalizer != FINALIZER).collect();
        let patch = json!({"metadata": {
            "resourceVersion": cluster.metadata.resource_version,
            "finalizers": left,
            "annotations": {annotations::RELEASE: Timestamp::now().to_string()},
        }});
        match clusters.patch_metadata(&name, &PatchParams::default(), &Patch::Merge(patch)).await {
            Ok(_) => return Ok(()),
            Err(kube::Error::Api(status)) if status.code == 404 => return Ok(()),
            // Somebody else has changed it since.
            Err(kube::Error::Api(status)) if status.code == 409 => {}
            Err(error) => return Err(LiveError::api(format!("taking the finalizer of {name} away"))(error)),
        }
        let read =
            clusters.get_metadata_opt(&name).await.map_err(LiveError::api(format!("reading {name}")))?;
        match read.filter(has_finalizer) {
            Some(read) => cluster = read,
            None => return Ok(()),
        }
    }
    Err(LiveError::Process("it changes all the time; run the same again".to_owned()))
}
