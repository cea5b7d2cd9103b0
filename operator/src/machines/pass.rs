//! One pass over a Cluster or a Machine: read, decide, write down, hand over.

use super::{
    Object, Owner, access,
    gather::{Gathered, Order, gather},
    metrics::MachineMetrics,
    report::Reporter,
    view::{View, is_released},
    write,
};
use hookgate_api::platform::{COPY_FILES, Cluster, ClusterMachine, FINALIZER, HookType, Machine, Scope};
use hookgate_machines::{
    plan::{Doing, Facts, Finalizer, MachineFacts, Plan, Tuning, plan, without_cluster},
    ssh::Patience,
    work::{Job, Workshop},
};
use hookgate_policy::Profile;
use jiff::Timestamp;
use kube::{Api, Client, Resource, ResourceExt};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Why a pass didn't come to its end.
#[derive(Debug, thiserror::Error)]
pub enum MachineHookError {
    /// The API server refused or didn't answer.
    #[error("the API server: {0}")]
    Api(#[source] Box<kube::Error>),
    /// The hooks folder could not be read.
    #[error("reading the hooks folder was broken off: {0}")]
    Gather(#[from] tokio::task::JoinError),
}

impl MachineHookError {
    pub(super) fn api(error: kube::Error) -> Self {
        Self::Api(Box::new(error))
    }

    /// Whether somebody else has changed the object: the next pass sees it.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(self, Self::Api(error) if matches!(error.as_ref(), kube::Error::Api(status) if status.code == 409))
    }
}

/// How machine hooks are run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder that the `src` of files are in.
    pub folder: PathBuf,
    /// What scripts may do.
    pub profile: Profile,
    /// How long a hook may take.
    pub timeout: Duration,
    /// How many machines are worked on at the same time.
    pub parallel: usize,
    /// The pauses between attempts.
    pub tuning: Tuning,
    /// Where the Secrets with credentials are: the operator's own namespace.
    pub secrets_namespace: String,
}

/// Runs the hooks of clusters and machines.
pub struct Hooks {
    client: Client,
    settings: Settings,
    pub(super) workshop: Arc<Workshop<Object>>,
    reporter: Reporter,
    /// When this operator began.
    began: Timestamp,
}

impl Hooks {
    /// Hooks, and whose machines have news.
    pub fn new(
        client: Client,
        settings: Settings,
        metrics: MachineMetrics,
    ) -> (Self, UnboundedReceiver<Object>) {
        let (finished, news) = unbounded_channel();
        let workshop = Arc::new(Workshop::new(settings.parallel, Patience::default(), finished));
        let reporter = Reporter::new(client.clone(), metrics);
        (Self { client, settings, workshop, reporter, began: Timestamp::now() }, news)
    }

    /// The object is gone, or let go.
    fn forget(&self, owner: &Owner) {
        self.workshop.retain(|object| object.owner != *owner);
        self.reporter.forget(owner);
    }

    /// Forgets all objects but these.
    pub(super) fn retain(&self, is_there: &impl Fn(&Owner) -> bool) {
        self.workshop.retain(|object| is_there(&object.owner));
        self.reporter.retain(is_there);
    }

    /// The object that a pass looks at. What is known of another one of its name is forgotten.
    fn recognise(&self, owner: &Owner, uid: &str) -> Object {
        self.workshop.retain(|object| object.owner != *owner || object.uid == uid);
        Object { owner: owner.clone(), uid: uid.to_owned() }
    }

    /// A pass has ended.
    pub(super) fn passed(&self, result: &'static str) {
        self.reporter.metrics.passed(result);
    }

    /// One pass over a Cluster. Gives when to look again.
    ///
    /// # Errors
    /// When the API server refuses; a conflict among them.
    pub async fn cluster(&self, name: &str) -> Result<Option<Duration>, MachineHookError> {
        let owner = Owner::cluster(name);
        let api = Api::<Cluster>::all(self.client.clone());
        let Some(cluster) = api.get_opt(name).await.map_err(MachineHookError::api)? else {
            self.forget(&owner);
            return Ok(None);
        };
        if is_released(&cluster, self.began) {
            tracing::info!(target: "MachineHook", cluster = name, "it was let go by `hookgate release`, and is left alone");
            self.forget(&owner);
            return Ok(None);
        }
        let view = View::of_cluster(&cluster);
        let object = self.recognise(&owner, view.uid);
        let (plan, gathered) = self.decide(&object, &view).await?;
        let version = cluster.metadata.resource_version.as_deref();
        let others = || cluster.finalizers().iter().filter(|finalizer| *finalizer != FINALIZER).cloned();
        if plan.finalizer == Finalizer::Add {
            let finalizers: Vec<String> = others().chain([FINALIZER.to_owned()]).collect();
            write::finalizer_added(&api, name, version, &finalizers).await?;
            // The change is seen, and brings the next pass.
            return Ok(None);
        }
        if plan.status != view.status {
            write::status(&api, name, version, &plan.status).await?;
        }
        self.reporter.told(&owner, &cluster.object_ref(&()), &view.status, &plan.status).await;
        self.hand_over(&object, &view, &plan, &gathered).await?;
        // A status that was just written brings another pass, which finds everything written down.
        if plan.finalizer == Finalizer::Remove && plan.status == view.status {
            let finalizers: Vec<String> = others().collect();
            write::finalizers(&api, name, version, &finalizers).await?;
            tracing::info!(target: "MachineHook", cluster = name, "its delete hooks are done, and it is let go");
        }
        Ok(plan.look_again)
    }

    /// One pass over a Machine. Gives when to look again.
    ///
    /// # Errors
    /// When the API server refuses; a conflict among them.
    pub async fn worker(&self, name: &str) -> Result<Option<Duration>, MachineHookError> {
        let owner = Owner::machine(name);
        let api = Api::<Machine>::all(self.client.clone());
        let Some(machine) = api.get_opt(name).await.map_err(MachineHookError::api)? else {
            self.forget(&owner);
            return Ok(None);
        };
        let clusters = Api::<Cluster>::all(self.client.clone());
        let of = &machine.spec.cluster_name;
        let Some(cluster) = clusters.get_opt(of).await.map_err(MachineHookError::api)? else {
            return self.without_cluster(&machine).await;
        };
        if is_released(&cluster, self.began) {
            self.forget(&owner);
            return Ok(None);
        }
        let view = View::of_worker(&machine, &cluster);
        let object = self.recognise(&owner, view.uid);
        let (plan, gathered) = self.decide(&object, &view).await?;
        if plan.status != view.status {
            write::status(&api, name, machine.metadata.resource_version.as_deref(), &plan.status).await?;
        }
        self.reporter.told(&owner, &machine.object_ref(&()), &view.status, &plan.status).await;
        self.hand_over(&object, &view, &plan, &gathered).await?;
        Ok(plan.look_again)
    }

    /// A Machine whose Cluster isn't there says so. Once it is there, another pass follows.
    async fn without_cluster(&self, machine: &Machine) -> Result<Option<Duration>, MachineHookError> {
        if machine.metadata.deletion_timestamp.is_some() {
            return Ok(None);
        }
        let (name, cluster) = (machine.name_any(), &machine.spec.cluster_name);
        let before = View::status_of(machine);
        let after = without_cluster(&before, cluster, Timestamp::now());
        if after != before {
            tracing::warn!(target: "MachineHook", machine = name, cluster, "there is no such cluster");
            let api = Api::<Machine>::all(self.client.clone());
            write::status(&api, &name, machine.metadata.resource_version.as_deref(), &after).await?;
        }
        let owner = Owner::Machine(name);
        self.reporter.told(&owner, &machine.object_ref(&()), &before, &after).await;
        Ok(None)
    }

    async fn decide(&self, object: &Object, view: &View<'_>) -> Result<(Plan, Gathered), MachineHookError> {
        let order = Order::of(&self.settings.folder, self.settings.profile, view);
        let gathered = tokio::task::spawn_blocking(move || gather(&order)).await?;
        let machine = |access: &&ClusterMachine| MachineFacts {
            pinned: !access.host_keys.is_empty(),
            ..self.workshop.facts(object, &access.name())
        };
        let facts = Facts {
            owner: view.uid,
            subject: view.subject.clone(),
            wanted_version: view.spec.version(),
            installed_version: view.installed,
            phase: view.phase,
            hooks: gathered.hooks.clone(),
            skipped: view.skipped(),
            files: gathered.files.clone(),
            machines: view.machines.iter().map(machine).collect(),
            status: view.status.clone(),
            tuning: self.settings.tuning,
            now: Timestamp::now(),
        };
        Ok((plan(&facts), gathered))
    }

    /// Starts the tasks of a plan whose status is written.
    async fn hand_over(
        &self,
        object: &Object,
        view: &View<'_>,
        plan: &Plan,
        gathered: &Gathered,
    ) -> Result<(), MachineHookError> {
        for task in &plan.tasks {
            let Some(access) = view.machines.get(task.machine) else { continue };
            let namespace = &self.settings.secrets_namespace;
            let target = access::target(&self.client, namespace, access, &plan.status.host_keys).await?;
            let with_arguments = |hook: HookType| hook.scope() == Scope::Cluster;
            let arguments = match &task.doing {
                Doing::Run(attempt) if with_arguments(attempt.hook) => view.arguments.clone(),
                _ => Vec::new(),
            };
            let job = Job {
                target,
                doing: task.doing.clone(),
                files: Arc::clone(&gathered.manifest),
                copies: !view.spec.skips(COPY_FILES),
                arguments,
                timeout: self.settings.timeout,
            };
            self.workshop.start(object.clone(), access.name(), job);
        }
        self.workshop.close_idle();
        Ok(())
    }
}
