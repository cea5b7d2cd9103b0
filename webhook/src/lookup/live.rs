//! The answers of a real API server: clusters by a watch, ConfigMaps by a GET for each question.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use hookgate_api::StarRocksCluster;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Client;
use kube::api::{Api, DynamicObject};
use kube::core::ApiResource;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, watcher};
use tracing::{info, warn};

use super::index::ReferenceIndex;
use super::{Lookup, LookupError, Reference};
use crate::facts::ConfigMapFacts;
use crate::text::one_line;

const TARGET: &str = "hookgate::lookup";

/// Asks the API server.
pub struct LiveLookup {
    client: Client,
    index: RwLock<ReferenceIndex>,
    timeout: Duration,
}

impl LiveLookup {
    /// Answers within `timeout`. [`watch`](Self::watch) has to run beside it.
    #[must_use]
    pub fn new(client: Client, timeout: Duration) -> Self {
        Self { client, index: RwLock::default(), timeout }
    }

    /// Follows the StarRocksClusters; runs until dropped.
    pub async fn watch(&self) {
        let resource = ApiResource::erase::<StarRocksCluster>(&());
        let api = Api::<DynamicObject>::all_with(self.client.clone(), &resource);
        let mut events =
            watcher(api, watcher::Config::default()).backoff(watcher::DefaultBackoff::default()).boxed();
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => {
                    let complete = matches!(event, watcher::Event::InitDone);
                    self.write(|index| index.apply(event));
                    if complete {
                        info!(target: TARGET, "StarRocksClusters read");
                    }
                }
                Err(cause) if is_absent(&cause) => {
                    warn!(target: TARGET, "the API server doesn't serve StarRocksClusters; is the CRD installed?");
                    self.write(ReferenceIndex::kind_is_absent);
                }
                Err(cause) => {
                    warn!(target: TARGET, %cause, "watch of StarRocksClusters failed; trying again")
                }
            }
        }
    }

    fn write(&self, change: impl FnOnce(&mut ReferenceIndex)) {
        change(&mut self.index.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn read<T>(&self, question: impl FnOnce(&ReferenceIndex) -> T) -> T {
        question(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn get(&self, namespace: &str, name: &str) -> Result<Option<ConfigMapFacts>, LookupError> {
        let api = Api::<ConfigMap>::namespaced(self.client.clone(), namespace);
        match tokio::time::timeout(self.timeout, api.get_opt(name)).await {
            Ok(Ok(found)) => Ok(found.map(ConfigMapFacts::of)),
            Ok(Err(cause)) => {
                warn!(target: TARGET, namespace, name, %cause, "get ConfigMap failed");
                Err(LookupError::Api(one_line(&brief(&cause), 200)))
            }
            Err(_) => Err(LookupError::TimedOut(self.timeout.as_millis())),
        }
    }
}

/// The client's error without the dump of the whole status.
fn brief(cause: &kube::Error) -> String {
    match cause {
        kube::Error::Api(status) => format!("{} ({} {})", status.message, status.code, status.reason),
        other => other.to_string(),
    }
}

/// 404 on the list or watch itself: the kind isn't served.
fn is_absent(cause: &watcher::Error) -> bool {
    let (watcher::Error::InitialListFailed(kube::Error::Api(status))
    | watcher::Error::WatchStartFailed(kube::Error::Api(status))) = cause
    else {
        return false;
    };
    status.code == 404
}

impl Lookup for LiveLookup {
    fn ready(&self) -> Result<(), LookupError> {
        self.read(|index| if index.is_synced() { Ok(()) } else { Err(LookupError::NotSynced) })
    }

    fn references(&self, namespace: &str, config_map: &str) -> Result<Vec<Reference>, LookupError> {
        self.read(|index| index.references(namespace, config_map))
    }

    fn config_map<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<ConfigMapFacts>, LookupError>> {
        Box::pin(self.get(namespace, name))
    }
}
