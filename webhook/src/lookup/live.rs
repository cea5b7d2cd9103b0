//! The answers of a real API server: clusters, policies and namespaces by watches, ConfigMaps by a GET for each
//! question.

use std::pin::pin;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use futures::Stream;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use hookgate_api::platform::check::FolderQuestions;
use hookgate_api::policy::EffectivePolicy;
use hookgate_api::{HookPolicy, StarRocksCluster};
use hookgate_folder::HooksFolder;
use hookgate_policy::{Policy, Profile};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::Client;
use kube::api::{Api, DynamicObject, PartialObjectMeta};
use kube::core::ApiResource;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, watcher};
use tracing::{info, warn};

use super::index::ReferenceIndex;
use super::policies::{Known, PolicyIndex};
use super::{Lookup, LookupError, MachineHooks, Reference, authors, submissions};
use crate::facts::{ConfigMapFacts, Requester};
use crate::text::one_line;

const TARGET: &str = "hookgate::lookup";

/// Asks the API server.
pub struct LiveLookup {
    client: Client,
    index: RwLock<ReferenceIndex>,
    policies: RwLock<PolicyIndex>,
    timeout: Duration,
    machine_policy: Policy,
    hooks_folder: Option<HooksFolder>,
}

impl LiveLookup {
    /// Answers within `timeout`; `default` is the profile of namespaces that no policy selects.
    /// [`watch`](Self::watch) has to run beside it.
    #[must_use]
    pub fn new(client: Client, timeout: Duration, default: Profile) -> Self {
        let policies = RwLock::new(PolicyIndex::new(default));
        let machine_policy = Policy::for_machine_hooks();
        Self { client, index: RwLock::default(), policies, timeout, machine_policy, hooks_folder: None }
    }

    /// The same, and what machine hooks are judged by: their profile, and the folder that they come from, if it's here.
    #[must_use]
    pub fn with_machine_hooks(mut self, profile: Profile, folder: Option<HooksFolder>) -> Self {
        self.machine_policy = Policy::from(profile).without_hook_functions();
        self.hooks_folder = folder;
        self
    }

    /// Reads the hooks folder beside the reactor. When that takes too long, it says so at every place.
    async fn look_into_folder(&self, questions: &FolderQuestions) -> MachineHooks {
        let policy = self.machine_policy.clone();
        let Some(folder) = self.hooks_folder.clone() else { return MachineHooks { policy, folder: None } };
        let asked = questions.clone();
        let reading = tokio::task::spawn_blocking(move || folder.answer(&asked));
        let answers = match tokio::time::timeout(self.timeout, reading).await {
            Ok(Ok(answers)) => answers,
            Ok(Err(cause)) => questions.unreadable(&cause.to_string()),
            Err(_) => {
                questions.unreadable(&format!("it was not read within {} ms", self.timeout.as_millis()))
            }
        };
        MachineHooks { policy, folder: Some(answers) }
    }

    /// Follows StarRocksClusters, HookPolicies and namespaces; runs until dropped.
    pub async fn watch(&self) {
        let config = watcher::Config::default;
        let all = |resource| Api::<DynamicObject>::all_with(self.client.clone(), &resource);
        let clusters = watcher(all(ApiResource::erase::<StarRocksCluster>(&())), config());
        let policies = watcher(all(ApiResource::erase::<HookPolicy>(&())), config());
        let namespaces = watcher(Api::<PartialObjectMeta<Namespace>>::all(self.client.clone()), config());
        let absent_clusters = || self.write(ReferenceIndex::kind_is_absent);
        let absent_policies = || self.write_policies(PolicyIndex::policies_are_absent);
        futures::join!(
            follow(
                "StarRocksClusters",
                clusters,
                |event| self.write(|index| index.apply(event)),
                absent_clusters
            ),
            follow(
                "HookPolicies",
                policies,
                |event| self.write_policies(|index| index.apply_policy(event)),
                absent_policies
            ),
            follow(
                "namespaces",
                namespaces,
                |event| self.write_policies(|index| index.apply_namespace(event)),
                || {}
            ),
        );
    }

    fn write_policies(&self, change: impl FnOnce(&mut PolicyIndex)) {
        change(&mut self.policies.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn read_policies<T>(&self, question: impl FnOnce(&PolicyIndex) -> T) -> T {
        question(&self.policies.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The policy of a namespace. One that was made a moment ago, and that the watch hasn't told of, is read.
    async fn policy_of(&self, namespace: &str) -> Result<EffectivePolicy, LookupError> {
        match self.read_policies(|index| index.of(namespace)) {
            Known::Policy(policy) => return Ok(policy),
            Known::NotSynced => return Err(LookupError::PoliciesNotSynced),
            Known::NeedsLabels => {}
        }
        let api = Api::<Namespace>::all(self.client.clone());
        match tokio::time::timeout(self.timeout, api.get_metadata(namespace)).await {
            Ok(Ok(found)) => {
                let labels = found.metadata.labels.unwrap_or_default();
                Ok(self.read_policies(|index| index.with_labels(namespace, labels)))
            }
            Ok(Err(cause)) => {
                warn!(target: TARGET, namespace, %cause, "get Namespace failed");
                Err(LookupError::Api(one_line(&brief(&cause), 200)))
            }
            Err(_) => Err(LookupError::TimedOut(self.timeout.as_millis())),
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

/// Takes what a watch tells, for ever.
async fn follow<T>(
    what: &str,
    events: impl Stream<Item = Result<watcher::Event<T>, watcher::Error>>,
    apply: impl Fn(watcher::Event<T>),
    absent: impl Fn(),
) {
    let mut events = pin!(events.backoff(watcher::DefaultBackoff::default()));
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => {
                let complete = matches!(event, watcher::Event::InitDone);
                apply(event);
                if complete {
                    info!(target: TARGET, what, "read");
                }
            }
            Err(cause) if is_absent(&cause) => {
                warn!(target: TARGET, what, "the API server doesn't serve them; are the CRDs installed?");
                absent();
            }
            Err(cause) => warn!(target: TARGET, what, %cause, "watch failed; trying again"),
        }
    }
}

/// The client's error without the dump of the whole status.
pub(super) fn brief(cause: &kube::Error) -> String {
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
        if !self.read(ReferenceIndex::is_synced) {
            return Err(LookupError::NotSynced);
        }
        if self.read_policies(PolicyIndex::is_synced) { Ok(()) } else { Err(LookupError::PoliciesNotSynced) }
    }

    fn policy<'a>(&'a self, namespace: &'a str) -> BoxFuture<'a, Result<EffectivePolicy, LookupError>> {
        Box::pin(self.policy_of(namespace))
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

    fn is_author<'a>(
        &'a self,
        namespace: &'a str,
        requester: &'a Requester,
        policy: &'a str,
    ) -> BoxFuture<'a, Result<bool, LookupError>> {
        Box::pin(authors::may_author(&self.client, self.timeout, namespace, requester, policy))
    }

    fn remember<'a>(
        &'a self,
        namespace: &'a str,
        user: &'a str,
        digest: &'a str,
    ) -> BoxFuture<'a, Result<(), LookupError>> {
        Box::pin(async move {
            let submission = submissions::Submission { namespace, user, digest, at: Timestamp::now() };
            let written = submissions::remember(&self.client, &submission);
            match tokio::time::timeout(self.timeout, written).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(cause)) => {
                    warn!(target: TARGET, namespace, digest, %cause, "writing a HookSubmission failed");
                    Err(LookupError::Api(one_line(&brief(&cause), 200)))
                }
                Err(_) => Err(LookupError::TimedOut(self.timeout.as_millis())),
            }
        })
    }

    fn machine_hooks<'a>(&'a self, questions: &'a FolderQuestions) -> BoxFuture<'a, MachineHooks> {
        Box::pin(self.look_into_folder(questions))
    }
}
