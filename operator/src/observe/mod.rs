//! Gathers everything that a pass has to know. It decides nothing.

mod budgets;
mod children;
mod database;
mod hooks;
mod policy;

pub(crate) use children::{observed_pod, ready_endpoints};

use crate::{
    observation::Observation,
    sql::{Credentials, SqlError, Target},
};
use hookgate_api::{StarRocksCluster, annotations::HELD_FINALIZER};
use hookgate_policy::Profile;
use kube::{Api, Client, ResourceExt};
use std::time::Duration;

/// Why something can't be known.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// The API server refused or didn't answer.
    #[error("the API server can't be read: {0}")]
    Api(#[from] Box<kube::Error>),
    /// The database refused or didn't answer.
    #[error("the database can't be read: {0}")]
    Database(#[from] SqlError),
}

impl From<kube::Error> for ObserveError {
    fn from(error: kube::Error) -> Self {
        Self::Api(Box::new(error))
    }
}

/// What observing needs.
#[derive(Clone)]
pub struct Observer {
    /// The API server.
    pub client: Client,
    /// What a hook may do where no HookPolicy selects its namespace.
    pub default_profile: Profile,
    /// How long an FE may take to answer.
    pub database_timeout: Duration,
}

impl Observer {
    /// Reads a cluster and everything that belongs to it; `None` when there is no such cluster.
    ///
    /// Everything is read live: a decision that an upgrade stands on must not come from a stale cache. The database
    /// is asked only while something is in flight, and scripts are read only when an upgrade needs them.
    ///
    /// # Errors
    /// When the API server can't be read. A database that doesn't answer is a fact, not an error.
    pub async fn observe(&self, namespace: &str, name: &str) -> Result<Option<Observation>, ObserveError> {
        let clusters: Api<StarRocksCluster> = Api::namespaced(self.client.clone(), namespace);
        let Some(cluster) = clusters.get_opt(name).await? else { return Ok(None) };
        let has_finalizer = cluster.finalizers().iter().any(|one| one == HELD_FINALIZER);
        if cluster.metadata.deletion_timestamp.is_some() && !has_finalizer {
            return Ok(None);
        }
        let mut observation = Box::pin(self.objects(cluster)).await?;
        if needs_database(&observation) {
            self.ask(&mut observation).await?;
        }
        if observation.cluster.status.as_ref().is_none_or(|status| status.wave.is_none()) {
            observation.budgets = Some(budgets::read(&self.client, &observation.cluster).await?);
        }
        Ok(Some(observation))
    }

    /// Reads everything that belongs to a cluster, its spec and status taken as given, whether or not an upgrade needs
    /// it: to judge what would happen if the spec were this one.
    ///
    /// # Errors
    /// When the API server can't be read. A database that doesn't answer is a fact, not an error.
    pub async fn observe_as(&self, cluster: StarRocksCluster) -> Result<Observation, ObserveError> {
        let mut observation = Box::pin(self.objects(cluster)).await?;
        self.ask(&mut observation).await?;
        Ok(observation)
    }

    /// Everything that the API server has of a cluster.
    async fn objects(&self, cluster: StarRocksCluster) -> Result<Observation, ObserveError> {
        let (components, configurations, previous) = tokio::try_join!(
            children::read(&self.client, &cluster),
            children::configurations(&self.client, &cluster),
            children::previous(&self.client, &cluster),
        )?;
        Ok(Observation {
            configurations,
            components,
            database: crate::observation::Database::NotAsked,
            scripts: std::collections::BTreeMap::new(),
            policy: crate::observation::ObservedPolicy::default(),
            jobs: std::collections::BTreeMap::new(),
            budgets: None,
            previous,
            cluster,
        })
    }

    /// Adds what only an upgrade needs.
    async fn ask(&self, observation: &mut Observation) -> Result<(), ObserveError> {
        if policy::is_needed(&observation.cluster) {
            let policy = policy::effective(self, &observation.cluster).await?;
            observation.policy = policy::judge_statements(&observation.cluster, &policy);
            let (scripts, remarks) = hooks::scripts(self, &observation.cluster, &policy).await?;
            observation.scripts = scripts;
            observation.policy.warnings.extend(remarks.warnings);
            observation.policy.records.extend(remarks.records);
            observation.policy.script_settings = remarks.settings;
        }
        observation.jobs = hooks::jobs(&self.client, &observation.cluster).await?;
        // After the Jobs: what a script has changed that is seen to have ended must be seen as well.
        observation.database = database::ask(self, observation).await;
        Ok(())
    }
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
