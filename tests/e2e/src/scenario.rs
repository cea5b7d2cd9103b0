//! A scenario: a namespace of its own with a recorder and watches, and its end.

use crate::{
    client, evidence,
    manifest::{CLUSTER, Manifest, RECORDER, RECORDER_HTTP, recorder},
    problem::Problem,
    proxy::{self, Target},
    timeline::Timeline,
    wait,
    watch::Watches,
};
use hookgate_api::{Component, StarRocksCluster, names};
use hookgate_standin::fault::Faults;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, Secret, Service};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams, PropagationPolicy},
    runtime::wait::{await_condition, conditions},
};
use serde_json::{Value, json};
use std::{env, time::Duration};

/// The label of every namespace that a scenario makes; its value is the scenario's name.
pub const LABEL: &str = "hookgate.dev/e2e";
/// How long the recorder, and a cluster's first deployment, may take on a busy machine.
const DEPLOYMENT: Duration = Duration::from_secs(180);
/// How long an upgrade may take on a busy machine.
pub const UPGRADE: Duration = Duration::from_secs(360);
/// How long a single state of an upgrade may take to be reached.
const STEP: Duration = Duration::from_secs(120);

/// A namespace with a recorder, whose watches run.
pub struct Scenario {
    /// The scenario's name.
    pub name: String,
    /// The cluster.
    pub client: Client,
    /// Its namespace.
    pub namespace: String,
    watches: Watches,
}

/// What a scenario's namespace is like.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// A name instead of a random one.
    pub namespace: Option<&'static str>,
    /// Further labels.
    pub labels: Vec<(&'static str, &'static str)>,
}

impl Scenario {
    /// Makes the namespace, starts the watches, and then the recorder.
    ///
    /// # Errors
    /// When the cluster can't be reached or the recorder doesn't become ready.
    pub async fn begin(name: &str, place: &Place) -> Result<Self, Problem> {
        let client = client::client().await?;
        let namespace = create_namespace(&client, name, place).await?;
        let begun = async {
            let watches = Watches::start(&client, &namespace).await?;
            start_recorder(&client, &namespace).await?;
            Ok(watches)
        };
        match begun.await {
            Ok(watches) => Ok(Self { name: name.to_owned(), client, namespace, watches }),
            Err(problem) => {
                delete_namespace(&client, &namespace).await?;
                Err(problem)
            }
        }
    }

    /// Removes the namespace, with everything in it; HOOKGATE_E2E_KEEP=1 leaves it.
    ///
    /// # Errors
    /// When the API server refuses.
    pub async fn end(self) -> Result<(), Problem> {
        if env::var_os("HOOKGATE_E2E_KEEP").is_some() {
            eprintln!(
                "{}: namespace {} is left; kubectl delete namespace removes it",
                self.name, self.namespace
            );
            return Ok(());
        }
        delete_namespace(&self.client, &self.namespace).await
    }

    /// Saves what helps to understand a failure, and says where.
    pub async fn explain(&self, problem: &Problem) {
        evidence::save(self, problem).await;
    }

    /// The clusters of this namespace.
    pub fn clusters(&self) -> Api<StarRocksCluster> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Creates an object of this namespace.
    ///
    /// # Errors
    /// When the API server or the webhook refuses it.
    pub async fn create(&self, object: &Value) -> Result<(), Problem> {
        let read = |error: serde_json::Error| Problem::Unexpected(format!("{object}: {error}"));
        let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
        let what =
            format!("creating the {kind} {}", object.pointer("/metadata/name").unwrap_or(&Value::Null));
        let post = PostParams::default();
        let created = match kind {
            "ConfigMap" => {
                let api: Api<ConfigMap> = Api::namespaced(self.client.clone(), &self.namespace);
                api.create(&post, &serde_json::from_value(object.clone()).map_err(read)?).await.map(|_| ())
            }
            "Secret" => {
                let api: Api<Secret> = Api::namespaced(self.client.clone(), &self.namespace);
                api.create(&post, &serde_json::from_value(object.clone()).map_err(read)?).await.map(|_| ())
            }
            "StarRocksCluster" => {
                let cluster = serde_json::from_value(object.clone()).map_err(read)?;
                self.clusters().create(&post, &cluster).await.map(|_| ())
            }
            other => return Err(Problem::Unexpected(format!("scenarios create no {other}"))),
        };
        created.map_err(Problem::api(what))
    }

    /// Gives a ConfigMap another script.
    ///
    /// # Errors
    /// When the API server or the webhook refuses it.
    pub async fn replace_script(&self, name: &str, script: &str) -> Result<(), Problem> {
        let api: Api<ConfigMap> = Api::namespaced(self.client.clone(), &self.namespace);
        let patch = Patch::Merge(json!({"data": {"hooks.sh": script}}));
        let patched = api.patch(name, &PatchParams::default(), &patch).await;
        patched.map(|_| ()).map_err(Problem::api(format!("changing the ConfigMap {name}")))
    }

    /// Creates the cluster and waits until it is up.
    ///
    /// # Errors
    /// When it's refused, or isn't up in time.
    pub async fn deploy(&self, manifest: &Manifest) -> Result<StarRocksCluster, Problem> {
        self.create(&manifest.object).await?;
        self.settled("the cluster to be up", DEPLOYMENT).await
    }

    /// The present moment, before which everything has been seen.
    ///
    /// # Errors
    /// When the watches lag behind.
    pub async fn moment(&self) -> Result<Timestamp, Problem> {
        self.watches.timeline().await?;
        Ok(Timestamp::now())
    }

    /// Changes the cluster by a merge patch, and gives the moment before.
    ///
    /// # Errors
    /// When the API server or the webhook refuses it, or the watches lag behind.
    pub async fn change(&self, patch: &Value) -> Result<Timestamp, Problem> {
        let moment = self.moment().await?;
        let patched = self.clusters().patch(CLUSTER, &PatchParams::default(), &Patch::Merge(patch)).await;
        patched.map_err(Problem::api("changing the cluster"))?;
        Ok(moment)
    }

    /// Waits until the cluster runs what its spec says and no upgrade is in flight.
    ///
    /// # Errors
    /// When that isn't so in time.
    pub async fn upgraded(&self) -> Result<StarRocksCluster, Problem> {
        self.upgraded_within(UPGRADE).await
    }

    /// Waits until the cluster runs what its spec says and no upgrade is in flight.
    ///
    /// # Errors
    /// When that isn't so in time.
    pub async fn upgraded_within(&self, deadline: Duration) -> Result<StarRocksCluster, Problem> {
        self.settled("the upgrade to be complete", deadline).await
    }

    async fn settled(&self, what: &str, deadline: Duration) -> Result<StarRocksCluster, Problem> {
        wait::until(&self.clusters(), CLUSTER, what, deadline, wait::is_settled, wait::tell).await
    }

    /// Waits until the cluster's object is as it should be.
    ///
    /// # Errors
    /// When it isn't in time.
    pub async fn until(
        &self,
        what: &str,
        reached: impl FnMut(&StarRocksCluster) -> bool,
    ) -> Result<StarRocksCluster, Problem> {
        wait::until(&self.clusters(), CLUSTER, what, STEP, reached, wait::tell).await
    }

    /// Everything that was seen so far.
    ///
    /// # Errors
    /// When something is missing.
    pub async fn timeline(&self) -> Result<Timeline, Problem> {
        let watched = self.watches.timeline().await?;
        let recorder = Target::pod(&self.namespace, RECORDER, RECORDER_HTTP);
        let database = proxy::recorded(&self.client, &recorder).await?;
        Ok(Timeline { database, ..watched }.in_order())
    }

    /// Deletes the cluster's object and leaves what it owns; waits until it is gone.
    ///
    /// # Errors
    /// When the API server refuses, or it isn't gone in time.
    pub async fn delete_and_orphan(&self) -> Result<(), Problem> {
        let clusters = self.clusters();
        let cluster = clusters.get(CLUSTER).await.map_err(Problem::api("the cluster"))?;
        let orphan =
            DeleteParams { propagation_policy: Some(PropagationPolicy::Orphan), ..DeleteParams::default() };
        clusters.delete(CLUSTER, &orphan).await.map_err(Problem::api("deleting the cluster"))?;
        let uid = cluster.uid().unwrap_or_default();
        let gone = Box::pin(await_condition(clusters, CLUSTER, conditions::is_deleted(&uid)));
        match tokio::time::timeout(STEP, gone).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                Err(Problem::Unexpected(format!("waiting for the cluster to be gone: {error}")))
            }
            Err(_) => Err(Problem::Timeout {
                what: "the cluster to be gone".to_owned(),
                waited: STEP,
                last: wait::tell(&self.clusters().get(CLUSTER).await.map_err(Problem::api("the cluster"))?),
            }),
        }
    }

    /// Deletes a pod of the cluster.
    ///
    /// # Errors
    /// When the API server refuses.
    pub async fn delete_pod(&self, component: Component, ordinal: i32) -> Result<(), Problem> {
        let (pods, name): (Api<Pod>, _) =
            (Api::namespaced(self.client.clone(), &self.namespace), names::pod(CLUSTER, component, ordinal));
        let deleted = pods.delete(&name, &DeleteParams::default()).await;
        deleted.map(|_| ()).map_err(Problem::api(format!("deleting the pod {name}")))
    }

    /// Replaces the faults that a pod of the cluster shows.
    ///
    /// # Errors
    /// When the pod doesn't answer.
    pub async fn set_faults(
        &self,
        component: Component,
        ordinal: i32,
        faults: &Faults,
    ) -> Result<(), Problem> {
        let port = if component == Component::Fe { 8030 } else { 8040 };
        let pod = Target::pod(&self.namespace, &names::pod(CLUSTER, component, ordinal), port);
        proxy::set_faults(&self.client, &pod, faults).await
    }
}

async fn create_namespace(client: &Client, name: &str, place: &Place) -> Result<String, Problem> {
    let api: Api<Namespace> = Api::all(client.clone());
    let mut labels = json!({LABEL: name});
    for (key, value) in &place.labels {
        json_patch::merge(&mut labels, &json!({*key: value}));
    }
    let metadata = match place.namespace {
        Some(fixed) => {
            forget_leftover(&api, fixed).await?;
            json!({"name": fixed, "labels": labels})
        }
        None => json!({"generateName": format!("hookgate-e2e-{name}-"), "labels": labels}),
    };
    let namespace = serde_json::from_value(json!({"metadata": metadata}))
        .map_err(|error| Problem::Unexpected(format!("the namespace of {name}: {error}")))?;
    let created = api.create(&PostParams::default(), &namespace).await;
    Ok(created.map_err(Problem::api("creating a namespace"))?.name_any())
}

/// Removes a namespace that an earlier run has left, and no other.
async fn forget_leftover(api: &Api<Namespace>, name: &str) -> Result<(), Problem> {
    let what = format!("the namespace {name}");
    let Some(found) = api.get_opt(name).await.map_err(Problem::api(&what))? else { return Ok(()) };
    if !found.labels().contains_key(LABEL) {
        let message = format!("{what} exists and is not a scenario's: remove it, or use another cluster");
        return Err(Problem::Unexpected(message));
    }
    api.delete(name, &DeleteParams::default()).await.map_err(Problem::api(&what))?;
    let uid = found.uid().unwrap_or_default();
    let wait = await_condition(api.clone(), name, conditions::is_deleted(&uid));
    let timeout =
        |_| Problem::Timeout { what: format!("{what} to go"), waited: STEP, last: "it is there".to_owned() };
    tokio::time::timeout(STEP, wait)
        .await
        .map_err(timeout)?
        .map_err(|error| Problem::Unexpected(format!("{what}: {error}")))?;
    Ok(())
}

async fn delete_namespace(client: &Client, name: &str) -> Result<(), Problem> {
    let api: Api<Namespace> = Api::all(client.clone());
    let deleted = api.delete(name, &DeleteParams::default()).await;
    deleted.map(|_| ()).map_err(Problem::api(format!("deleting the namespace {name}")))
}

async fn start_recorder(client: &Client, namespace: &str) -> Result<(), Problem> {
    let [pod, service] = recorder();
    let read = |error: serde_json::Error| Problem::Unexpected(format!("the recorder: {error}"));
    let (pod, service): (Pod, Service) =
        (serde_json::from_value(pod).map_err(read)?, serde_json::from_value(service).map_err(read)?);
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let services: Api<Service> = Api::namespaced(client.clone(), namespace);
    services
        .create(&PostParams::default(), &service)
        .await
        .map_err(Problem::api("creating the recorder's Service"))?;
    pods.create(&PostParams::default(), &pod).await.map_err(Problem::api("creating the recorder"))?;
    let is_ready = |pod: &Pod| {
        let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
        conditions.is_some_and(|all| all.iter().any(|one| one.type_ == "Ready" && one.status == "True"))
    };
    let tell = |pod: &Pod| format!("{:?}", pod.status.as_ref().and_then(|status| status.phase.clone()));
    wait::until(&pods, RECORDER, "the recorder to be ready", DEPLOYMENT, is_ready, tell).await?;
    Ok(())
}
