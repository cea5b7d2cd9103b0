//! Passes over objects that come, go and come again, with an API server that has what it is given.

use super::{Hooks, MachineMetrics, Object, Owner, Settings};
use hookgate_api::platform::HOST_KEY;
use hookgate_machines::{
    files::Manifest,
    plan::{Doing, Trouble, Tuning},
    work::Job,
};
use hookgate_policy::Profile;
use http::{Method, Request, Response, StatusCode};
use kube::{Client, client::Body};
use prometheus_client::{encoding::text::encode, registry::Registry};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    path::PathBuf,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::mpsc::UnboundedReceiver;

/// The objects by the ends of their addresses: `clusters/c`. A patch is merged into the object.
#[derive(Clone, Default)]
struct Served(Arc<Mutex<BTreeMap<String, Value>>>);

impl Served {
    fn put(&self, address: &str, object: Value) {
        self.0.lock().unwrap().insert(address.to_owned(), object);
    }

    fn take(&self, address: &str) -> Value {
        self.0.lock().unwrap().remove(address).unwrap()
    }

    /// The types of the conditions of an object.
    fn conditions(&self, address: &str) -> Vec<String> {
        let objects = self.0.lock().unwrap();
        let conditions = objects[address]["status"]["conditions"].as_array().cloned().unwrap_or_default();
        conditions.iter().map(|condition| condition["type"].as_str().unwrap().to_owned()).collect()
    }
}

impl tower::Service<Request<Body>> for Served {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let served = self.clone();
        Box::pin(async move {
            let path = request.uri().path().trim_end_matches("/status").to_owned();
            let address = path.rsplitn(3, '/').take(2).collect::<Vec<_>>();
            let address = address.into_iter().rev().collect::<Vec<_>>().join("/");
            let is_patch = request.method() == Method::PATCH;
            let body = request.into_body().collect_bytes().await.unwrap();
            let mut objects = served.0.lock().unwrap();
            let Some(object) = objects.get_mut(&address) else {
                let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "",
                    "reason": "NotFound", "code": 404});
                let mut response = Response::new(Body::from(status.to_string().into_bytes()));
                *response.status_mut() = StatusCode::NOT_FOUND;
                return Ok(response);
            };
            if is_patch {
                let patch: Value = serde_json::from_slice(&body).unwrap();
                for (field, value) in patch["status"].as_object().unwrap() {
                    object["status"][field] = value.clone();
                }
            }
            Ok(Response::new(Body::from(object.to_string().into_bytes())))
        })
    }
}

struct World {
    served: Served,
    hooks: Hooks,
    finished: UnboundedReceiver<Object>,
    registry: Registry,
}

impl World {
    fn new() -> Self {
        let served = Served::default();
        let mut registry = Registry::default();
        let settings = Settings {
            folder: PathBuf::from("/nonexistent/hooks"),
            profile: Profile::Baseline,
            timeout: Duration::from_secs(60),
            parallel: 1,
            tuning: Tuning::default(),
            secrets_namespace: "hookgate-system".to_owned(),
        };
        let metrics = MachineMetrics::registered(&mut registry);
        let (hooks, finished) = Hooks::new(Client::new(served.clone(), "default"), settings, metrics);
        Self { served, hooks, finished, registry }
    }

    /// How many conditions hang.
    fn hanging(&self) -> usize {
        let mut text = String::new();
        encode(&mut text, &self.registry).unwrap();
        text.lines().filter(|line| line.starts_with("machine_hook_hanging{")).count()
    }

    /// What is done on the machine of an object ends with a host key that is another one.
    async fn show_another_key(&mut self, object: &Object) {
        let job = Job {
            target: Err(Trouble::HostKey("it is another one".to_owned())),
            doing: Doing::Copy { digest: "d".to_owned() },
            files: Arc::new(Manifest::default()),
            copies: true,
            arguments: Vec::new(),
            timeout: Duration::from_secs(60),
        };
        self.hooks.workshop.start(object.clone(), "10.0.0.9".to_owned(), job);
        assert_eq!(self.finished.recv().await.as_ref(), Some(object));
    }
}

fn cluster(uid: &str, annotations: &Value) -> Value {
    json!({
        "apiVersion": "platform.tkestack.io/v1", "kind": "Cluster",
        "metadata": {"name": "c", "uid": uid, "resourceVersion": "1", "annotations": annotations,
            "finalizers": ["hookgate.dev/machine-hooks"]},
        "spec": {"type": "Baremetal", "version": "1.18.3", "machines": [{"ip": "10.0.0.9", "username": "root"}],
            "features": {"files": [{"src": "hooks/pre", "dst": "/opt/pre"}], "hooks": {"PreInstall": "/opt/pre"}}},
        "status": {},
    })
}

fn machine(uid: &str) -> Value {
    json!({
        "apiVersion": "platform.tkestack.io/v1", "kind": "Machine",
        "metadata": {"name": "w", "uid": uid, "resourceVersion": "1"},
        "spec": {"type": "Baremetal", "clusterName": "c", "ip": "10.0.0.9", "username": "root"},
        "status": {},
    })
}

#[tokio::test]
async fn what_is_let_go_hangs_nowhere() {
    let world = World::new();
    world.served.put("clusters/c", cluster("1", &Value::Null));
    world.served.put("machines/w", machine("2"));
    world.hooks.cluster("c").await.unwrap();
    world.hooks.worker("w").await.unwrap();
    assert_eq!(world.hanging(), 2, "there is no hooks folder");
    let released = json!({"hookgate.dev/release": "2999-01-01T00:00:00Z"});
    world.served.put("clusters/c", cluster("1", &released));
    world.hooks.cluster("c").await.unwrap();
    assert_eq!(world.hanging(), 1);
    world.hooks.worker("w").await.unwrap();
    assert_eq!(world.hanging(), 0);
}

#[tokio::test]
async fn what_is_gone_is_forgotten_by_its_next_pass_and_without_one() {
    let mut world = World::new();
    for (kind, address, owner, object) in [
        ("Cluster", "clusters/c", Owner::cluster("c"), cluster("1", &Value::Null)),
        ("Machine", "machines/w", Owner::machine("w"), machine("1")),
    ] {
        let known = Object { owner: owner.clone(), uid: "1".to_owned() };
        for swept in [false, true] {
            world.served.put("clusters/c", cluster("1", &Value::Null));
            world.served.put(address, object.clone());
            let pass = async |world: &World| match kind {
                "Cluster" => world.hooks.cluster("c").await.unwrap(),
                _ => world.hooks.worker("w").await.unwrap(),
            };
            world.show_another_key(&known).await;
            pass(&world).await;
            assert!(world.served.conditions(address).contains(&HOST_KEY.to_owned()), "{kind}");
            assert_eq!(world.hanging(), 2, "{kind}: files and host key");
            world.hooks.retain(&|_| true);
            assert!(world.hooks.workshop.facts(&known, "10.0.0.9").last.is_some());
            world.served.take(address);
            if swept {
                world.hooks.retain(&|other| *other != owner);
            } else {
                pass(&world).await;
            }
            assert_eq!(world.hanging(), 0, "{kind}");
            assert_eq!(world.hooks.workshop.facts(&known, "10.0.0.9").last, None, "{kind}");
        }
    }
}

#[tokio::test]
async fn another_object_of_the_same_name_knows_nothing_of_the_one_before() {
    let mut world = World::new();
    world.served.put("clusters/c", cluster("1", &Value::Null));
    world.served.put("machines/w", machine("2"));
    let first = Object { owner: Owner::cluster("c"), uid: "1".to_owned() };
    world.show_another_key(&first).await;
    world.show_another_key(&Object { owner: Owner::machine("w"), uid: "2".to_owned() }).await;
    world.served.put("clusters/c", cluster("3", &Value::Null));
    world.served.put("machines/w", machine("4"));
    world.hooks.cluster("c").await.unwrap();
    world.hooks.worker("w").await.unwrap();
    for address in ["clusters/c", "machines/w"] {
        let conditions = world.served.conditions(address);
        assert!(!conditions.is_empty() && !conditions.contains(&HOST_KEY.to_owned()), "{conditions:?}");
    }
    assert_eq!(world.hooks.workshop.facts(&first, "10.0.0.9").last, None);
}
