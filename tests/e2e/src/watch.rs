//! Watches of one namespace: every state that the API server shows is kept, with the time at which it came.

use crate::{
    problem::Problem,
    timeline::{JobState, PodState, Seen, SetState, Timeline},
};
use futures::StreamExt;
use jiff::Timestamp;
use k8s_openapi::{
    NamespaceResourceScope,
    api::{apps::v1::StatefulSet, batch::v1::Job, core::v1::Pod},
};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::ListParams,
    runtime::{
        WatchStreamExt,
        watcher::{self, watcher},
    },
};
use serde::de::DeserializeOwned;
use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, task::JoinSet};

/// How long a watch may lag behind a list.
const CATCH_UP: Duration = Duration::from_secs(20);

/// The running watches; they end when dropped.
pub struct Watches {
    client: Client,
    namespace: String,
    sets: Arc<Kept<SetState>>,
    pods: Arc<Kept<PodState>>,
    jobs: Arc<Kept<JobState>>,
    _tasks: JoinSet<()>,
}

/// What one watch has shown.
#[derive(Debug)]
struct Kept<S> {
    inner: Mutex<Inner<S>>,
    moved: Notify,
}

#[derive(Debug)]
struct Inner<S> {
    seen: Vec<Seen<S>>,
    /// The last revision of each object that isn't deleted, whether or not it's of interest.
    present: BTreeMap<String, u64>,
    /// The highest revision so far.
    newest: u64,
    /// How often the watch began from the start.
    lists: u32,
    ready: bool,
}

impl<S> Kept<S> {
    fn new() -> Arc<Self> {
        let inner = Inner { seen: Vec::new(), present: BTreeMap::new(), newest: 0, lists: 0, ready: false };
        Arc::new(Self { inner: Mutex::new(inner), moved: Notify::new() })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Inner<S>) -> T) -> T {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until it has seen what it should, each time anew when something has come.
    async fn until(&self, what: &str, mut reached: impl FnMut(&Inner<S>) -> bool) -> Result<(), Problem> {
        let wait = async {
            loop {
                let moved = self.moved.notified();
                if self.with(|inner| reached(inner)) {
                    return;
                }
                moved.await;
            }
        };
        tokio::time::timeout(CATCH_UP, wait).await.map_err(|_| Problem::Timeout {
            what: what.to_owned(),
            waited: CATCH_UP,
            last: "the watch is behind".to_owned(),
        })
    }
}

impl Watches {
    /// Starts watching a namespace, and returns when every watch has begun.
    ///
    /// # Errors
    /// When the API server doesn't serve the watches.
    pub async fn start(client: &Client, namespace: &str) -> Result<Self, Problem> {
        let mut tasks = JoinSet::new();
        let (sets, pods, jobs) = (Kept::new(), Kept::new(), Kept::new());
        tasks.spawn(follow(
            Api::<StatefulSet>::namespaced(client.clone(), namespace),
            Arc::clone(&sets),
            SetState::of,
        ));
        tasks.spawn(follow(
            Api::<Pod>::namespaced(client.clone(), namespace),
            Arc::clone(&pods),
            PodState::of,
        ));
        tasks.spawn(follow(
            Api::<Job>::namespaced(client.clone(), namespace),
            Arc::clone(&jobs),
            JobState::of,
        ));
        sets.until("the watch of StatefulSets", |inner| inner.ready).await?;
        pods.until("the watch of pods", |inner| inner.ready).await?;
        jobs.until("the watch of Jobs", |inner| inner.ready).await?;
        Ok(Self { client: client.clone(), namespace: namespace.to_owned(), sets, pods, jobs, _tasks: tasks })
    }

    /// Everything so far: no less than what a list shows at the time of the call.
    ///
    /// # Errors
    /// When a watch was interrupted, so that states may be missing.
    pub async fn timeline(&self) -> Result<Timeline, Problem> {
        Ok(Timeline {
            sets: self.complete::<StatefulSet, _>(&self.sets).await?,
            pods: self.complete::<Pod, _>(&self.pods).await?,
            jobs: self.complete::<Job, _>(&self.jobs).await?,
            database: Vec::new(),
        })
    }

    async fn complete<K, S: Clone>(&self, kept: &Kept<S>) -> Result<Vec<Seen<S>>, Problem>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + DeserializeOwned + Debug,
    {
        let kind = K::kind(&());
        let api: Api<K> = Api::namespaced(self.client.clone(), &self.namespace);
        let list = api.list(&ListParams::default()).await.map_err(Problem::api(format!("listing {kind}")))?;
        let as_of = list
            .metadata
            .resource_version
            .as_deref()
            .and_then(|version| version.parse().ok())
            .unwrap_or(u64::MAX);
        let listed: BTreeMap<_, _> =
            list.iter().map(|object| (object.name_any(), revision(object))).collect();
        // A watch delivers in order: it is up to date when it shows the same, or something later.
        kept.until(&format!("the watch of {kind} to catch up"), |inner| {
            inner.newest > as_of || inner.present == listed
        })
        .await?;
        kept.with(|inner| {
            if inner.lists > 1 {
                return Err(Problem::Incomplete(format!("the watch of {kind} had to begin anew")));
            }
            Ok(inner.seen.clone())
        })
    }
}

async fn follow<K, S>(api: Api<K>, kept: Arc<Kept<S>>, state: fn(&K) -> Option<S>)
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let mut stream = Box::pin(watcher(api, watcher::Config::default()).default_backoff());
    while let Some(event) = stream.next().await {
        let at = Timestamp::now();
        // An error is followed by another try; when that has to begin anew, the count of lists tells.
        let Ok(event) = event else { continue };
        kept.with(|inner| match event {
            watcher::Event::Init => inner.lists += 1,
            watcher::Event::InitDone => inner.ready = true,
            watcher::Event::InitApply(object) | watcher::Event::Apply(object) => {
                inner.keep(&object, at, false, state)
            }
            watcher::Event::Delete(object) => inner.keep(&object, at, true, state),
        });
        kept.moved.notify_waiters();
    }
}

impl<S> Inner<S> {
    fn keep<K: Resource>(&mut self, object: &K, at: Timestamp, deleted: bool, state: fn(&K) -> Option<S>) {
        let (name, revision) = (object.name_any(), revision(object));
        self.newest = self.newest.max(revision);
        if deleted {
            self.present.remove(&name);
        } else {
            self.present.insert(name, revision);
        }
        if let Some(state) = state(object) {
            self.seen.push(Seen { at, revision, deleted, state });
        }
    }
}

fn revision<K: Resource>(object: &K) -> u64 {
    object.meta().resource_version.as_deref().and_then(|version| version.parse().ok()).unwrap_or_default()
}
