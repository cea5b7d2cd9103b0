//! What has to be asked of the API server to judge a request, and the answers.

mod authors;
pub mod index;
pub mod live;
pub mod mirror;
pub mod policies;
mod submissions;

use std::collections::BTreeMap;

use futures::future::{BoxFuture, join_all, join3};
use hookgate_api::Component;
use hookgate_api::platform::check::{FolderAnswers, FolderQuestions};
use hookgate_api::policy::EffectivePolicy;
use hookgate_policy::Policy;

use crate::facts::{ConfigMapFacts, Requester};

/// A question that wasn't answered. What depends on the answer is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// The clusters haven't been read from the API server yet.
    #[error("the StarRocksClusters haven't been read from the API server yet")]
    NotSynced,
    /// The policies haven't been read from the API server yet.
    #[error("the HookPolicies and namespaces haven't been read from the API server yet")]
    PoliciesNotSynced,
    /// The API server refused or can't be reached.
    #[error("the API server can't be asked: {0}")]
    Api(String),
    /// No answer in time.
    #[error("the API server did not answer within {0} ms")]
    TimedOut(u128),
}

/// A reference of a StarRocksCluster to a script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Name of the cluster.
    pub cluster: String,
    /// The component whose hook it is.
    pub component: Component,
    /// Key in the ConfigMap.
    pub key: String,
}

/// What machine hooks are judged by.
#[derive(Debug, Clone)]
pub struct MachineHooks {
    /// What their scripts are checked against.
    pub policy: Policy,
    /// What was found in the hooks folder; `None` when there is none here.
    pub folder: Option<FolderAnswers>,
}

impl Default for MachineHooks {
    fn default() -> Self {
        Self { policy: Policy::for_machine_hooks(), folder: None }
    }
}

/// Answers questions about the cluster.
pub trait Lookup: Send + Sync {
    /// Whether questions can be answered yet; if not, why.
    ///
    /// # Errors
    /// With the reason why not.
    fn ready(&self) -> Result<(), LookupError>;

    /// Who refers to this ConfigMap.
    ///
    /// # Errors
    /// When that isn't known.
    fn references(&self, namespace: &str, config_map: &str) -> Result<Vec<Reference>, LookupError>;

    /// What holds in this namespace.
    fn policy<'a>(&'a self, namespace: &'a str) -> BoxFuture<'a, Result<EffectivePolicy, LookupError>>;

    /// The ConfigMap as it is stored; `None` when there's none.
    fn config_map<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<ConfigMapFacts>, LookupError>>;

    /// Whether somebody may do the verb `author` on a HookPolicy, everywhere or in this namespace.
    fn is_author<'a>(
        &'a self,
        namespace: &'a str,
        requester: &'a Requester,
        policy: &'a str,
    ) -> BoxFuture<'a, Result<bool, LookupError>>;

    /// Writes down that a user submits the script of this digest; the only question that has a side effect.
    fn remember<'a>(
        &'a self,
        namespace: &'a str,
        user: &'a str,
        digest: &'a str,
    ) -> BoxFuture<'a, Result<(), LookupError>>;
    /// What is in the hooks folder, and what machine hooks have to pass.
    fn machine_hooks<'a>(&'a self, questions: &'a FolderQuestions) -> BoxFuture<'a, MachineHooks>;
}

/// The questions that a request raises.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Questions {
    /// Namespace that all of them are about.
    pub namespace: String,
    /// Who refers to this ConfigMap?
    pub references_to: Option<String>,
    /// What do these ConfigMaps hold?
    pub config_maps: Vec<String>,
    /// Which policy holds?
    pub policy: bool,
    /// What is in the folder of machine hooks?
    pub hooks_folder: Option<FolderQuestions>,
}

/// The answers.
#[derive(Debug, Default)]
pub struct Answers {
    /// To [`Questions::references_to`].
    pub references: Option<Result<Vec<Reference>, LookupError>>,
    /// To [`Questions::policy`].
    pub policy: Option<Result<EffectivePolicy, LookupError>>,
    /// To [`Questions::config_maps`].
    pub config_maps: BTreeMap<String, Result<Option<ConfigMapFacts>, LookupError>>,
    /// Whether the requester may do the verb `author` on these policies.
    pub authors: BTreeMap<String, Result<bool, LookupError>>,
    /// To [`Questions::hooks_folder`].
    pub machine_hooks: Option<MachineHooks>,
}

/// Asks all of them at the same time.
pub async fn ask(lookup: &dyn Lookup, questions: &Questions) -> Answers {
    let references =
        questions.references_to.as_ref().map(|name| lookup.references(&questions.namespace, name));
    let policy =
        async { if questions.policy { Some(lookup.policy(&questions.namespace).await) } else { None } };
    let found = join_all(
        questions
            .config_maps
            .iter()
            .map(|name| async move { (name.clone(), lookup.config_map(&questions.namespace, name).await) }),
    );
    let hooks = async {
        match &questions.hooks_folder {
            Some(questions) => Some(lookup.machine_hooks(questions).await),
            None => None,
        }
    };
    let (policy, found, machine_hooks) = join3(policy, found, hooks).await;
    let config_maps = found.into_iter().collect();
    Answers { references, policy, config_maps, authors: BTreeMap::new(), machine_hooks }
}

/// Asks of each of these policies whether somebody may do the verb `author` on it.
pub async fn ask_authors(
    lookup: &dyn Lookup,
    namespace: &str,
    requester: &Requester,
    policies: &[String],
) -> BTreeMap<String, Result<bool, LookupError>> {
    let asked = policies
        .iter()
        .map(|policy| async move { (policy.clone(), lookup.is_author(namespace, requester, policy).await) });
    join_all(asked).await.into_iter().collect()
}

impl Answers {
    /// Who refers to the ConfigMap that was asked for.
    ///
    /// # Errors
    /// When that isn't known.
    pub fn references(&self) -> Result<&[Reference], &LookupError> {
        let answer = self.references.as_ref().map_or(Err(&LookupError::NotSynced), Result::as_ref);
        answer.map(Vec::as_slice)
    }

    /// The policy that holds.
    ///
    /// # Errors
    /// When that isn't known, and so nothing may pass that it would have to judge.
    pub fn policy(&self) -> Result<&EffectivePolicy, &LookupError> {
        self.policy.as_ref().map_or(Err(&LookupError::PoliciesNotSynced), Result::as_ref)
    }
}
