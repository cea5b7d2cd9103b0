//! Gathers everything that a pass has to know. It decides nothing.

mod approval;
mod budgets;
mod children;
mod database;
mod hooks;
mod memo;
mod policy;
mod proxy;
mod turn;

pub(crate) use children::{observed_pod, ready_endpoints};
pub(crate) use proxy::{observed_deployment, observed_instance};

use crate::{
    observation::{Database, Observation, ObservedRunner},
    render::Configuration,
    runs::{Freshness, HookRunner, JobRunner, ProcessError, RunError, RunnerImage, Runs},
    sql::{Credentials, SqlError, Target},
    watched::{Key, Watched},
};
use children::Found;
use hookgate_api::{Component, StarRocksCluster, annotations::HELD_FINALIZER};
use hookgate_policy::Profile;
use hooks::JudgedHooks;
use kube::{Api, Client, ResourceExt};
use memo::Memo;
use std::{
    collections::{BTreeMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    sync::Arc,
    time::{Duration, Instant},
};
use turn::{Turn, Turns};

/// Why something can't be known.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// The API server refused or didn't answer.
    #[error("the API server can't be read: {0}")]
    Api(#[from] Box<kube::Error>),
    /// The database refused or didn't answer.
    #[error("the database can't be read: {0}")]
    Database(#[from] SqlError),
    /// The runs of this machine can't be seen.
    #[error("the runs of this machine can't be seen: {0}")]
    Process(#[source] ProcessError),
    /// What a runner is to be told can't be written down.
    #[error("the policies can't be written down for the runner: {0}")]
    Rules(#[from] serde_json::Error),
    /// The kernel gave no random numbers.
    #[error("the kernel gives no random numbers")]
    Random,
}

impl From<RunError> for ObserveError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Api { cause, .. } => Self::Api(cause),
            RunError::Process(cause) => Self::Process(cause),
        }
    }
}

impl From<kube::Error> for ObserveError {
    fn from(error: kube::Error) -> Self {
        Self::Api(Box::new(error))
    }
}

/// What a look at a cluster comes to.
#[derive(Debug)]
pub enum Sight {
    /// There is no such cluster, or it is on its way out.
    Gone,
    /// Its database was asked a moment ago, and something has happened since: it may be asked again after that time.
    Later(Duration),
    /// What is known.
    Seen(Box<Observation>),
}

/// What observing needs.
pub struct Observer {
    /// The API server.
    pub client: Client,
    /// What a hook may do where no HookPolicy selects its namespace.
    pub default_profile: Profile,
    /// How long an FE may take to answer.
    pub database_timeout: Duration,
    watched: Option<Watched>,
    runner: Arc<dyn HookRunner>,
    turns: Turns,
    credentials: Memo<Credentials>,
    configurations: Memo<BTreeMap<Component, Configuration>>,
    hooks: Memo<JudgedHooks>,
}

/// For how long a look that changes nothing believes what was read of hooks and policies, and a password.
const BELIEVED: Duration = Duration::from_secs(10);

impl Observer {
    /// An observer that reads everything from the API server, and asks a database as often as it's told to. It sees scripts
    /// that run as Jobs, and can't start any.
    pub fn new(client: Client, default_profile: Profile, database_timeout: Duration) -> Self {
        let runner = Arc::new(JobRunner::new(client.clone(), RunnerImage::default()));
        Self {
            client,
            default_profile,
            database_timeout,
            watched: None,
            runner,
            turns: Turns::new(Duration::ZERO),
            credentials: Memo::new(BELIEVED),
            // A change of a ConfigMap is watched.
            configurations: Memo::new(Duration::MAX),
            hooks: Memo::new(BELIEVED),
        }
    }

    /// The same with watches at hand, which asks a database at most once in that time.
    #[must_use]
    pub fn with_watches(self, watched: Watched, database_poll: Duration) -> Self {
        Self { watched: Some(watched), turns: Turns::new(database_poll), ..self }
    }

    /// The same with another runner of scripts.
    #[must_use]
    pub fn with_runner(self, runner: Arc<dyn HookRunner>) -> Self {
        Self { runner, ..self }
    }

    /// What runs scripts.
    pub(crate) fn runner(&self) -> &dyn HookRunner {
        self.runner.as_ref()
    }

    /// What the watches have.
    pub(crate) const fn watched(&self) -> Option<&Watched> {
        self.watched.as_ref()
    }

    /// Reads a cluster and everything that belongs to it.
    ///
    /// The cluster, its StatefulSets and its pods are read live: a decision that an upgrade stands on must not come from
    /// a stale cache. The database is asked only while something is in flight, and scripts are read only when an upgrade
    /// needs them.
    ///
    /// # Errors
    /// When the API server can't be read. A database that doesn't answer is a fact, not an error.
    pub async fn observe(&self, namespace: &str, name: &str) -> Result<Sight, ObserveError> {
        let clusters: Api<StarRocksCluster> = Api::namespaced(self.client.clone(), namespace);
        match clusters.get_opt(name).await? {
            Some(cluster) => Box::pin(self.observe_objects(cluster)).await,
            None => Ok(Sight::Gone),
        }
    }

    /// The same for a cluster that a watch has: enough to write its status, on condition that it's still this one.
    ///
    /// # Errors
    /// When the API server can't be read. A database that doesn't answer is a fact, not an error.
    pub async fn observe_objects(&self, cluster: StarRocksCluster) -> Result<Sight, ObserveError> {
        if is_gone(&cluster) {
            return Ok(Sight::Gone);
        }
        let (found, configurations) = tokio::try_join!(
            children::read(&self.client, &cluster, self.watched.as_ref()),
            children::configurations(&self.client, &cluster),
        )?;
        let generation = cluster.metadata.generation;
        self.configurations.put(&key(&cluster), generation, Instant::now(), configurations.clone());
        Box::pin(self.gathered(cluster, &found, configurations, Freshness::Read)).await
    }

    /// What the watches have of a cluster, with what the database says: enough to see that nothing is to be done. `None`
    /// while the watches haven't listed everything.
    ///
    /// # Errors
    /// When the API server can't be read. A database that doesn't answer is a fact, not an error.
    pub async fn glance(&self, cluster: StarRocksCluster) -> Result<Option<Sight>, ObserveError> {
        let Some(watched) = self.watched.as_ref().filter(|watched| watched.is_complete()) else {
            return Ok(None);
        };
        if is_gone(&cluster) {
            return Ok(Some(Sight::Gone));
        }
        let (key, generation) = (key(&cluster), cluster.metadata.generation);
        let configurations = match self.configurations.get(&key, generation, Instant::now()) {
            Some(known) => known,
            None => {
                let read = children::configurations(&self.client, &cluster).await?;
                self.configurations.put(&key, generation, Instant::now(), read.clone());
                read
            }
        };
        let found = children::watched(watched, &key);
        let sight = Box::pin(self.gathered(cluster, &found, configurations, Freshness::Believed)).await?;
        Ok(Some(sight))
    }

    /// Reads everything that belongs to a cluster, its spec and status taken as given, whether or not an upgrade needs
    /// it: to judge what would happen if the spec were this one.
    ///
    /// # Errors
    /// When the API server can't be read. A database that doesn't answer is a fact, not an error.
    pub async fn observe_as(&self, cluster: StarRocksCluster) -> Result<Observation, ObserveError> {
        let (found, configurations) = tokio::try_join!(
            children::read(&self.client, &cluster, None),
            children::configurations(&self.client, &cluster),
        )?;
        let mut observation = Box::pin(self.objects(cluster, &found, configurations)).await?;
        self.hooks_of(&mut observation, Freshness::Read).await?;
        observation.database = database::ask(self, &observation).await;
        Ok(observation)
    }

    /// Something was done to a cluster or its database: what is known of the database is old.
    pub(crate) fn spoil(&self, key: &Key) {
        self.turns.spoil(key);
    }

    /// A ConfigMap that a cluster uses has changed.
    pub(crate) fn forget_texts(&self, key: &Key) {
        self.configurations.forget(key);
        self.hooks.forget(key);
        self.credentials.forget(key);
    }

    /// The cluster is gone.
    pub(crate) fn forget(&self, key: &Key) {
        self.forget_texts(key);
        self.turns.forget(key);
    }

    async fn gathered(
        &self,
        cluster: StarRocksCluster,
        found: &Found,
        configurations: BTreeMap<Component, Configuration>,
        freshness: Freshness,
    ) -> Result<Sight, ObserveError> {
        let key = key(&cluster);
        let mut observation = Box::pin(self.objects(cluster, found, configurations)).await?;
        if needs_database(&observation) {
            // Before the database: what a script has changed that is seen to have ended must be seen as well.
            self.hooks_of(&mut observation, freshness).await?;
            let circumstances = circumstances(&observation);
            observation.database = match self.turns.take(&key, circumstances, Instant::now()) {
                Turn::In(left) => return Ok(Sight::Later(left)),
                Turn::Known(facts) => Database::Asked(*facts),
                Turn::Ask => {
                    let asked = database::ask(self, &observation).await;
                    if let Database::Asked(facts) = &asked {
                        self.turns.note(&key, circumstances, Instant::now(), facts);
                        // A password that has been changed is read again.
                        if facts.refusal.is_some() {
                            self.credentials.forget(&key);
                        }
                    }
                    asked
                }
            };
        }
        if observation.cluster.status.as_ref().is_none_or(|status| status.wave.is_none()) {
            let budgets = match &self.watched {
                Some(watched) if watched.is_complete() => watched.budgets.of(&Key::new(&*key.namespace, "")),
                _ => budgets::read(&self.client, &observation.cluster).await?,
            };
            observation.budgets = Some(budgets::of_components(&observation.cluster, &budgets));
        }
        Ok(Sight::Seen(Box::new(observation)))
    }

    /// Everything that the API server has of a cluster.
    async fn objects(
        &self,
        cluster: StarRocksCluster,
        found: &Found,
        configurations: BTreeMap<Component, Configuration>,
    ) -> Result<Observation, ObserveError> {
        Ok(Observation {
            configurations,
            components: children::components(&cluster, found),
            proxy: children::proxy(&cluster, found),
            previous: children::previous(&self.client, &cluster).await?,
            fe_address: children::fe_address(&cluster, found),
            nonce: nonce()?,
            runner: ObservedRunner { kind: self.runner.kind(), ..ObservedRunner::default() },
            cluster,
            ..Observation::default()
        })
    }

    /// Adds what is known of hooks, which only an upgrade needs.
    async fn hooks_of(
        &self,
        observation: &mut Observation,
        freshness: Freshness,
    ) -> Result<(), ObserveError> {
        let cluster = &observation.cluster;
        if policy::is_needed(cluster) {
            let (key, generation) = (key(cluster), cluster.metadata.generation);
            let known = match freshness {
                Freshness::Believed => self.hooks.get(&key, generation, Instant::now()),
                Freshness::Read => None,
            };
            let judged = match known {
                Some(known) => known,
                None => {
                    let judged = hooks::judged(self, cluster).await?;
                    self.hooks.put(&key, generation, Instant::now(), judged.clone());
                    judged
                }
            };
            observation.scripts = judged.scripts;
            observation.policy = judged.policy;
            observation.runner = judged.runner;
        }
        let Runs { jobs, runs } = self.runner.observe(&observation.cluster, freshness).await?;
        (observation.jobs, observation.runs) = (jobs, runs);
        Ok(())
    }
}

/// A text that nobody could guess before.
fn nonce() -> Result<String, ObserveError> {
    let mut bytes = [0_u8; 16];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| ObserveError::Random)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A digest of what the database's answers depend on: pods, runs of scripts, and what is asked. Answers from before a pod
/// changed, or a script ended, say nothing of what is.
fn circumstances(observation: &Observation) -> u64 {
    let mut hasher = DefaultHasher::new();
    for component in observation.components.values() {
        component.pods.hash(&mut hasher);
    }
    // The Jobs don't hash themselves, and are few.
    format!("{:?} {:?}", observation.jobs, crate::plan::settings_to_read(observation)).hash(&mut hasher);
    crate::plan::questions(&observation.cluster).hash(&mut hasher);
    database::fe_query_port(observation).hash(&mut hasher);
    hasher.finish()
}

/// Whether nothing is left to do for a cluster that is being deleted: nothing of it is held.
fn is_gone(cluster: &StarRocksCluster) -> bool {
    let has_finalizer = cluster.finalizers().iter().any(|one| one == HELD_FINALIZER);
    cluster.metadata.deletion_timestamp.is_some() && !has_finalizer
}

/// A cluster's place.
fn key(cluster: &StarRocksCluster) -> Key {
    Key::new(namespace(cluster), cluster.name_any())
}

/// Where an FE is, and how to talk to it.
///
/// # Errors
/// When the user or its password can't be read.
pub async fn fe_target(observer: &Observer, observation: &Observation, ip: &str) -> Result<Target, SqlError> {
    let credentials = database::credentials(observer, &observation.cluster).await?;
    Ok(target(credentials, ip, database::fe_query_port(observation)))
}

fn target(credentials: Credentials, ip: &str, port: u16) -> Target {
    Target { ip: ip.to_owned(), port, user: credentials.user, password: credentials.password }
}

/// An idle cluster's database is not asked, once the versions of its images are known.
fn needs_database(observation: &Observation) -> bool {
    let status = observation.cluster.status.as_ref();
    let in_flight = status.is_some_and(|status| status.wave.is_some() || !status.held_settings.is_empty());
    in_flight || crate::plan::wants_versions(observation)
}

/// The namespace of a cluster; every cluster that was read from the API server has one.
fn namespace(cluster: &StarRocksCluster) -> String {
    cluster.namespace().unwrap_or_default()
}
