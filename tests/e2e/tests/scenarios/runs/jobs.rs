//! What every run does, of runs as Jobs.

use crate::{policies::Policy, run::run_in};
use futures::{StreamExt, stream};
use hookgate_api::StarRocksCluster;
use hookgate_e2e::{
    Manifest, Place as Namespace, Problem, Scenario,
    client::{hookgate_image, standin_image},
    manifest::{CLUSTER, RECORDER, RECORDER_HTTP, hook},
    proxy::{self, Target},
};
use hookgate_operator::{
    render,
    runs::{HookRunner, JobRunner, Run, RunnerImage},
};
use hookgate_runs::{Answer, Place, behaviours};
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Pod, Service},
};
use kube::{
    Api, ResourceExt,
    api::{ListParams, LogParams, PostParams},
};
use serde_json::json;
use std::sync::Arc;

const POLICY: Policy = Policy { name: "hookgate-e2e-runs", label: "e2e-runs" };
/// Behaviours at the same time.
const AT_A_TIME: usize = 3;

#[test]
fn a_job_does_what_every_run_does() {
    let place = Namespace { labels: vec![(POLICY.label, "")], ..Namespace::default() };
    run_in("runs", &place, async |scenario| {
        // The scripts mean harm, so that it's the sandbox that is tested.
        POLICY.apply(&scenario.client, &json!({"profile": "privileged"})).await?;
        let tried = Box::pin(tried(scenario)).await;
        POLICY.delete(&scenario.client).await?;
        tried
    });
}

async fn tried(scenario: &Scenario) -> Result<(), Problem> {
    let password = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "root"},
        "stringData": {"password": "s3cret word"}});
    scenario.create(&password).await?;
    let manifest = Manifest::new("3.2.1", 1, 0, 0).with_password("root", "password");
    let mut cluster = scenario.deploy(&manifest).await?;
    cluster.status = None;
    let services: Api<Service> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let service =
        services.get(&format!("{CLUSTER}-fe-service")).await.map_err(Problem::api("FE's Service"))?;
    let address = service.spec.and_then(|spec| spec.cluster_ip).unwrap_or_default();
    let jobs = Jobs { scenario, cluster, address };
    stream::iter(behaviours()).for_each_concurrent(AT_A_TIME, |(_, tried)| tried(&jobs)).await;
    Ok(())
}

/// Jobs of a scenario's cluster.
struct Jobs<'a> {
    scenario: &'a Scenario,
    cluster: StarRocksCluster,
    address: String,
}

/// Hookgate's own image, as the cluster has it.
fn image() -> RunnerImage {
    let (repository, tag) = hookgate_image();
    RunnerImage { image: format!("{repository}:{tag}"), pull_secrets: Vec::new() }
}

impl Jobs<'_> {
    async fn pods(&self, run: &Run) -> Vec<Pod> {
        let pods: Api<Pod> = Api::namespaced(self.scenario.client.clone(), &self.scenario.namespace);
        let of_job = ListParams::default().labels(&format!("batch.kubernetes.io/job-name={}", run.name));
        pods.list(&of_job).await.expect("pods can be listed").items
    }
}

impl Place for Jobs<'_> {
    fn runner(&self) -> Arc<dyn HookRunner> {
        Arc::new(JobRunner::new(self.scenario.client.clone(), image()))
    }

    fn cluster(&self) -> StarRocksCluster {
        self.cluster.clone()
    }

    fn prepare<'a>(&'a self, run: &'a mut Run, found: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let name = &run.script.config_map;
            match self.scenario.create(&hook(name, found)).await {
                // The next try of the same script.
                Err(Problem::Api { source, .. }) if is_there(&source) => {}
                created => created.expect("the script is admitted"),
            }
            (run.frontend.address, run.frontend.query_port) = (self.address.clone(), 9030);
            run.pod.image = standin_image("fe", "3.2.1");
            let environment = &self.cluster.spec.star_rocks_fe_spec.as_ref().expect("FE").fe_env_vars;
            run.pod.password = environment.iter().find(|variable| variable.name == "MYSQL_PWD").cloned();
        })
    }

    fn log<'a>(&'a self, run: &'a Run) -> Answer<'a, String> {
        Box::pin(async move {
            let pods: Api<Pod> = Api::namespaced(self.scenario.client.clone(), &self.scenario.namespace);
            let of_hook = LogParams { container: Some("hook".to_owned()), ..LogParams::default() };
            let mut log = String::new();
            for pod in self.pods(run).await {
                // Its container may not have begun.
                log += &pods.logs(&pod.name_any(), &of_hook).await.unwrap_or_default();
            }
            log
        })
    }

    fn processes<'a>(&'a self, run: &'a Run) -> Answer<'a, Vec<String>> {
        Box::pin(async move {
            let has_ended = |pod: &Pod| {
                let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
                matches!(phase, Some("Succeeded" | "Failed"))
            };
            let pods = self.pods(run).await;
            pods.iter().filter(|pod| !has_ended(pod)).map(ResourceExt::name_any).collect()
        })
    }

    fn statements<'a>(&'a self, containing: &'a str) -> Answer<'a, usize> {
        Box::pin(async move {
            let recorder = Target::pod(&self.scenario.namespace, RECORDER, RECORDER_HTTP);
            let recorded = proxy::recorded(&self.scenario.client, &recorder).await.expect("the recorder");
            recorded.iter().filter(|one| format!("{one:?}").contains(containing)).count()
        })
    }

    /// It never begins, so that nothing but the operator's own check keeps it from being taken for the run.
    fn forge<'a>(&'a self, run: &'a Run) -> Answer<'a, ()> {
        Box::pin(async move {
            let other = Run { nonce: "another".to_owned(), ..run.clone() };
            let mut job = render::hook_job(&self.cluster, &other, &image());
            job.spec.as_mut().expect("a spec").suspend = Some(true);
            let jobs: Api<Job> = Api::namespaced(self.scenario.client.clone(), &self.scenario.namespace);
            jobs.create(&PostParams::default(), &job).await.expect("a Job can be made");
        })
    }
}

fn is_there(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.is_already_exists())
}
