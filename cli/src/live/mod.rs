//! The commands that look at a live cluster: how it's found and reached.

use clap::Args;
use hookgate_api::StarRocksCluster;
use kube::{
    Api, Client, Config, ResourceExt,
    api::ListParams,
    config::{KubeConfigOptions, Kubeconfig},
};
use std::path::PathBuf;

/// Why a live cluster can't be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LiveError {
    /// There is no way to the API server.
    #[error("no cluster: {0}. Name a kubeconfig by --kubeconfig or KUBECONFIG, and a context by --context")]
    NoCluster(String),
    /// The API server refused, or didn't answer.
    #[error("{what}: {}", words(source))]
    Api {
        /// What was asked for.
        what: String,
        /// The answer.
        #[source]
        source: Box<kube::Error>,
    },
    /// There is no such cluster.
    #[error("there is no StarRocksCluster {name} in the namespace {namespace}{found}")]
    NotFound {
        /// Its name.
        name: String,
        /// Where it was looked for.
        namespace: String,
        /// Those that there are, as the end of a sentence.
        found: String,
    },
    /// This process can't do what it should.
    #[error("{0}")]
    Process(String),
}

impl LiveError {
    /// For `map_err`: names what was asked of the API server.
    pub(crate) fn api(what: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        move |source| Self::Api { what: what.into(), source: Box::new(source) }
    }
}

/// The API server's own words, where it refused something.
fn words(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => other.to_string(),
    }
}

/// Which cluster of Kubernetes to look at.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// The namespace [default: that of the context]
    #[arg(short, long)]
    pub(crate) namespace: Option<String>,
    /// The kubeconfig's context
    #[arg(long)]
    pub(crate) context: Option<String>,
    /// The kubeconfig [default: KUBECONFIG, or ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
}

impl Place {
    /// A client, and the namespace that is meant.
    ///
    /// # Errors
    /// When there is no usable kubeconfig, and this isn't a pod either.
    pub(crate) async fn connect(&self) -> Result<(Client, String), LiveError> {
        // A second call finds the provider of the first.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let options = KubeConfigOptions { context: self.context.clone(), ..KubeConfigOptions::default() };
        let unusable = |error: &dyn std::fmt::Display| LiveError::NoCluster(error.to_string());
        let config = match &self.kubeconfig {
            Some(path) => {
                let read = Kubeconfig::read_from(path)
                    .map_err(|error| LiveError::NoCluster(format!("{}: {error}", path.display())))?;
                Config::from_custom_kubeconfig(read, &options).await.map_err(|error| unusable(&error))?
            }
            None if self.context.is_some() => {
                Config::from_kubeconfig(&options).await.map_err(|error| unusable(&error))?
            }
            None => Config::infer().await.map_err(|error| unusable(&error))?,
        };
        let namespace = self.namespace.clone().unwrap_or_else(|| config.default_namespace.clone());
        Ok((Client::try_from(config).map_err(|error| unusable(&error))?, namespace))
    }
}

/// The cluster of that name.
///
/// # Errors
/// When it can't be read, or isn't there: then those that are there are named.
pub(crate) async fn cluster(
    clusters: &Api<StarRocksCluster>,
    name: &str,
    namespace: &str,
) -> Result<StarRocksCluster, LiveError> {
    match read(clusters, name).await? {
        Some(cluster) => Ok(cluster),
        None => Err(not_found(clusters, name, namespace).await),
    }
}

async fn read(clusters: &Api<StarRocksCluster>, name: &str) -> Result<Option<StarRocksCluster>, LiveError> {
    match clusters.get_opt(name).await {
        // What a server says that doesn't know the kind.
        Err(kube::Error::Api(status)) if status.code == 404 => Err(LiveError::NoCluster(
            "the API server doesn't know StarRocksCluster; is Hookgate installed there?".to_owned(),
        )),
        found => found.map_err(LiveError::api(format!("reading the cluster {name}"))),
    }
}

async fn not_found(clusters: &Api<StarRocksCluster>, name: &str, namespace: &str) -> LiveError {
    // The list only helps; without it the message is shorter.
    let others =
        clusters.list(&ListParams::default().limit(5)).await.map(|list| list.items).unwrap_or_default();
    let names: Vec<_> = others.iter().map(ResourceExt::name_any).collect();
    let found = match names.as_slice() {
        [] => "; name another by --namespace".to_owned(),
        some => format!("; there {} {}", if some.len() == 1 { "is" } else { "are" }, some.join(", ")),
    };
    LiveError::NotFound { name: name.to_owned(), namespace: namespace.to_owned(), found }
}

/// Reading a cluster's many fields takes much stack in a build without optimisation.
const STACK_BYTES: usize = 16 << 20;

/// Runs a command that talks to a cluster.
///
/// # Errors
/// With the command's own, or when no runtime can be had.
pub(crate) fn run<T: Send + 'static>(
    command: impl Future<Output = Result<T, LiveError>> + Send + 'static,
) -> Result<T, LiveError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build()
        .map_err(|error| LiveError::Process(format!("no runtime: {error}")))?;
    // On a thread of the runtime, whose stack is as large as set.
    let ended = runtime.block_on(async { tokio::spawn(command).await });
    ended.map_err(|error| LiveError::Process(error.to_string()))?
}
