//! TKEStack's Clusters, whose hooks run on machines: how far they are, and what a manifest would make run.

mod preview;
mod table;

use preview::preview;
pub(crate) use table::render;

use crate::live::LiveError;
use crate::plan::{Manifest, Planned};
use hookgate_api::platform::check::{FolderQuestions, check_cluster, check_machine};
use hookgate_api::platform::{Cluster, Machine};
use hookgate_folder::HooksFolder;
use hookgate_policy::Policy;
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{ListParams, PostParams},
};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// A Cluster with its workers, in the order of their names.
pub(crate) struct WithWorkers {
    pub(crate) cluster: Cluster,
    pub(crate) workers: Vec<Machine>,
}

/// The Cluster of that name.
///
/// # Errors
/// When it can't be read, or isn't there.
pub(crate) async fn read(client: &Client, name: &str) -> Result<WithWorkers, LiveError> {
    let clusters: Api<Cluster> = Api::all(client.clone());
    let found = clusters.get_opt(name).await.map_err(unknown_kind(name))?;
    let cluster = found.ok_or_else(|| {
        LiveError::Process(format!(
            "there is no Cluster {name} (clusters.platform.tkestack.io); a StarRocksCluster is named without `cluster/`"
        ))
    })?;
    Ok(WithWorkers { workers: workers(client, name).await?, cluster })
}

async fn workers(client: &Client, cluster: &str) -> Result<Vec<Machine>, LiveError> {
    let machines: Api<Machine> = Api::all(client.clone());
    let all = machines.list(&ListParams::default()).await.map_err(LiveError::api("listing the Machines"))?;
    let mut own: Vec<Machine> =
        all.items.into_iter().filter(|machine| machine.spec.cluster_name == cluster).collect();
    own.sort_by_key(ResourceExt::name_any);
    Ok(own)
}

/// What a server says that doesn't know the kind is a 404 of another form.
fn unknown_kind(name: &str) -> impl FnOnce(kube::Error) -> LiveError {
    let what = format!("reading the Cluster {name}");
    move |error| {
        match error {
        kube::Error::Api(status) if status.code == 404 => LiveError::NoCluster(
            "the API server doesn't know clusters.platform.tkestack.io; set machineHooks.crds in the chart, or install \
             TKEStack"
                .to_owned(),
        ),
        error => LiveError::api(what)(error),
    }
    }
}

/// What would happen for a manifest of a Cluster or a Machine.
///
/// # Errors
/// When the live cluster can't be looked at.
pub(crate) async fn plan_one(
    client: &Client,
    manifest: Manifest,
    folder: Option<&HooksFolder>,
) -> Result<Planned, LiveError> {
    let is_machine = manifest.object.get("kind").is_some_and(|kind| kind == "Machine");
    if is_machine {
        let wanted: Machine = of(&manifest)?;
        let name = wanted.name_any();
        let (live, denied) = ask(client, &wanted, |live, wanted| live.spec = wanted.spec.clone()).await?;
        let of_cluster = Api::<Cluster>::all(client.clone()).get_opt(&wanted.spec.cluster_name).await;
        let cluster = of_cluster.map_err(unknown_kind(&wanted.spec.cluster_name))?;
        let problems = check_machine(&wanted.spec);
        let lines = preview::worker(&wanted, live.as_ref(), cluster.as_ref(), &problems);
        return Ok(Planned::of_machines(format!("Machine {name}"), denied, lines, &problems));
    }
    let wanted: Cluster = of(&manifest)?;
    let name = wanted.name_any();
    let (live, denied) = ask(client, &wanted, |live, wanted| live.spec = wanted.spec.clone()).await?;
    let answers = folder.map(|folder| folder.answer(&FolderQuestions::of(&wanted.spec)));
    let problems = check_cluster(&wanted.spec, answers.as_ref(), &Policy::for_machine_hooks());
    let lines = preview(&wanted, live.as_ref(), &workers(client, &name).await?, &problems);
    Ok(Planned::of_machines(format!("Cluster {name}"), denied, lines, &problems))
}

fn of<K: DeserializeOwned>(manifest: &Manifest) -> Result<K, LiveError> {
    serde_json::from_value(manifest.object.clone())
        .map_err(|error| LiveError::Process(format!("{}: {error}", manifest.source)))
}

/// The live object, and why the API server or the admission gate would refuse the wanted one.
async fn ask<K>(
    client: &Client,
    wanted: &K,
    merge: impl Fn(&mut K, &K),
) -> Result<(Option<K>, Option<String>), LiveError>
where
    K: Resource<DynamicType = (), Scope = kube::core::ClusterResourceScope>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned,
{
    let api: Api<K> = Api::all(client.clone());
    let name = wanted.name_any();
    let live = api.get_opt(&name).await.map_err(unknown_kind(&name))?;
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    let asked = match &live {
        Some(live) => {
            let mut merged = live.clone();
            merge(&mut merged, wanted);
            api.replace(&name, &dry, &merged).await
        }
        None => api.create(&dry, wanted).await,
    };
    match asked {
        Ok(_) => Ok((live, None)),
        Err(kube::Error::Api(status)) if matches!(status.code, 400 | 403 | 422) => {
            Ok((live, Some(status.message.clone())))
        }
        Err(error) => Err(LiveError::api(format!("asking the API server about {name}"))(error)),
    }
}
