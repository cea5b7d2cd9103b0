//! A stand-in for the API server: objects in memory, resourceVersions, lists, watches, JSON Patch, and RBAC by a list of
//! rules, so that a request that the chart doesn't grant fails here as well.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;

/// What may be done: verb, resource, and the name if it's limited to one.
pub type Rule = (&'static str, &'static str, Option<&'static str>);

/// Resource, namespace (empty for cluster-scoped), name.
type Key = (String, String, String);

/// The server.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    store: Mutex<Store>,
    version: watch::Sender<u64>,
    rules: Vec<Rule>,
}

#[derive(Default)]
struct Store {
    version: u64,
    objects: BTreeMap<Key, Value>,
    events: Vec<(u64, &'static str, Key, Value)>,
    refused: Vec<String>,
    requests: Vec<String>,
    absent: Vec<&'static str>,
    allowed: Vec<Value>,
    down: bool,
}

impl Api {
    /// A server that grants these rules.
    pub fn new(rules: &[Rule]) -> Self {
        let inner = Inner { store: Mutex::default(), version: watch::Sender::new(0), rules: rules.to_vec() };
        Self(Arc::new(inner))
    }

    /// As an HTTP service.
    pub fn router(&self) -> Router {
        Router::new().fallback(handle).with_state(self.clone())
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.0.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Creates or replaces an object, as another client would.
    pub fn put(&self, resource: &str, object: Value) {
        let key = key_of(resource, &object);
        let exists = self.store().objects.contains_key(&key);
        self.write(key, object, if exists { "MODIFIED" } else { "ADDED" });
    }

    /// Deletes an object.
    pub fn delete(&self, resource: &str, namespace: &str, name: &str) {
        let key = (resource.to_owned(), namespace.to_owned(), name.to_owned());
        let object = self.store().objects.remove(&key);
        if let Some(object) = object {
            self.record(key, object, "DELETED");
        }
    }

    /// The object as it is.
    pub fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<Value> {
        let key = (resource.to_owned(), namespace.to_owned(), name.to_owned());
        self.store().objects.get(&key).cloned()
    }

    /// Requests that no rule granted.
    pub fn refused(&self) -> Vec<String> {
        self.store().refused.clone()
    }

    /// All requests: verb and resource.
    pub fn requests(&self) -> Vec<String> {
        self.store().requests.clone()
    }

    /// From here on a SubjectAccessReview with this spec is answered with yes, and any other with no.
    pub fn allow(&self, spec: Value) {
        self.store().allowed.push(spec);
    }

    /// From here on the server fails every request, or does no longer.
    pub fn set_down(&self, down: bool) {
        self.store().down = down;
    }

    /// A resource whose CRD isn't installed.
    pub fn without(self, resource: &'static str) -> Self {
        self.store().absent.push(resource);
        self
    }

    /// Waits until something is written or a request fails, at most a moment, for what was just before the call.
    pub async fn changed(&self) {
        let mut version = self.0.version.subscribe();
        version.mark_unchanged();
        let _ = tokio::time::timeout(Duration::from_millis(100), version.changed()).await;
    }

    fn write(&self, key: Key, mut object: Value, event: &'static str) -> Value {
        object["metadata"]["resourceVersion"] = json!((self.store().version + 1).to_string());
        self.store().objects.insert(key.clone(), object.clone());
        self.record(key, object.clone(), event);
        object
    }

    fn record(&self, key: Key, mut object: Value, event: &'static str) {
        let mut store = self.store();
        store.version += 1;
        let version = store.version;
        object["metadata"]["resourceVersion"] = json!(version.to_string());
        store.events.push((version, event, key, object));
        drop(store);
        self.0.version.send_replace(version);
    }
}

fn key_of(resource: &str, object: &Value) -> Key {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    (resource.to_owned(), text("namespace"), text("name"))
}

/// What a request is about.
struct Target {
    resource: String,
    namespace: String,
    name: Option<String>,
}

fn target(path: &str) -> Option<Target> {
    let mut parts = path.trim_matches('/').split('/').map(ToOwned::to_owned).collect::<Vec<_>>();
    parts.drain(..if path.starts_with("/apis/") { 3 } else { 2 }.min(parts.len()));
    let namespace = if parts.first().is_some_and(|part| part == "namespaces") && parts.len() > 2 {
        parts.drain(..2).nth(1).unwrap_or_default()
    } else {
        String::new()
    };
    let mut rest = parts.into_iter();
    Some(Target { resource: rest.next()?, namespace, name: rest.next() })
}

async fn handle(State(api): State<Api>, request: Request<Body>) -> Response {
    let Some(mut target) = target(request.uri().path()) else { return failure(404, "NotFound") };
    let query = request.uri().query().unwrap_or_default().to_owned();
    let parameter = |name: &str| {
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(ToOwned::to_owned)
    };
    let selected = parameter("fieldSelector").and_then(|selector| {
        selector.replace("%3D", "=").strip_prefix("metadata.name=").map(ToOwned::to_owned)
    });
    let is_watch = parameter("watch").is_some_and(|value| value == "true" || value == "1");
    let verb = match (request.method(), &target.name, is_watch) {
        (&Method::GET, _, true) => "watch",
        (&Method::GET, Some(_), _) => "get",
        (&Method::GET, None, _) => "list",
        (&Method::POST, ..) => "create",
        (&Method::PUT, ..) => "update",
        (&Method::PATCH, ..) => "patch",
        _ => "delete",
    };
    {
        let mut store = api.store();
        let wanted = format!("{verb} {}", target.resource);
        if !store.requests.contains(&wanted) {
            store.requests.push(wanted.clone());
        }
        if store.down {
            store.requests.push("failed".to_owned());
            drop(store);
            api.0.version.send_modify(|_| ());
            return failure(500, "InternalError");
        }
        if store.absent.iter().any(|absent| *absent == target.resource) {
            return failure(404, "NotFound");
        }
        let name = target.name.as_ref().or(selected.as_ref());
        let granted = api.0.rules.iter().any(|(verb_granted, resource, only)| {
            *verb_granted == verb
                && *resource == target.resource
                && only.is_none_or(|only| name.is_some_and(|name| name == only))
        });
        if !granted {
            store.refused.push(wanted);
            return failure(403, "Forbidden");
        }
    }
    match verb {
        "watch" => {
            let from = parameter("resourceVersion").and_then(|version| version.parse().ok()).unwrap_or(0);
            watch_events(api, target, selected, from)
        }
        "list" => list(&api, &target, selected.as_deref()),
        "get" => {
            let name = target.name.take().unwrap_or_default();
            api.get(&target.resource, &target.namespace, &name)
                .map_or_else(|| failure(404, "NotFound"), |object| ok(&object))
        }
        _ => {
            let body = to_bytes(request.into_body(), 16 << 20).await.unwrap();
            let Ok(body) = serde_json::from_slice(&body) else { return failure(400, "BadRequest") };
            change(&api, verb, target, body)
        }
    }
}

fn change(api: &Api, verb: &str, target: Target, body: Value) -> Response {
    if target.resource == "subjectaccessreviews" {
        let allowed = api.store().allowed.contains(&body["spec"]);
        let mut answered = body;
        answered["status"] = json!({"allowed": allowed});
        return ok(&answered);
    }
    let name = target.name.clone().or_else(|| body["metadata"]["name"].as_str().map(ToOwned::to_owned));
    let key = (target.resource, target.namespace, name.unwrap_or_default());
    let stored = api.store().objects.get(&key).cloned();
    match (verb, stored) {
        ("create", Some(_)) => failure(409, "AlreadyExists"),
        ("create", None) => {
            let mut object = body;
            object["metadata"]["namespace"] = json!(key.1);
            object["metadata"]["creationTimestamp"] = json!("2020-01-01T00:00:00Z");
            ok(&api.write(key, object, "ADDED"))
        }
        (_, None) => failure(404, "NotFound"),
        ("update", Some(stored)) => {
            if body["metadata"]["resourceVersion"] != stored["metadata"]["resourceVersion"] {
                return failure(409, "Conflict");
            }
            ok(&api.write(key, body, "MODIFIED"))
        }
        (_, Some(mut stored)) => {
            if body.is_object() {
                json_patch::merge(&mut stored, &body);
                return ok(&api.write(key, stored, "MODIFIED"));
            }
            let Ok(patch) = serde_json::from_value::<json_patch::Patch>(body) else {
                return failure(400, "BadRequest");
            };
            if json_patch::patch(&mut stored, &patch).is_err() {
                return failure(422, "Invalid");
            }
            ok(&api.write(key, stored, "MODIFIED"))
        }
    }
}

fn matches(target: &Target, selected: Option<&str>, key: &Key) -> bool {
    key.0 == target.resource
        && (target.namespace.is_empty() || target.namespace == key.1)
        && selected.is_none_or(|name| name == key.2)
}

fn list(api: &Api, target: &Target, selected: Option<&str>) -> Response {
    let store = api.store();
    let items: Vec<&Value> = store
        .objects
        .iter()
        .filter(|(key, _)| matches(target, selected, key))
        .map(|(_, object)| object)
        .collect();
    ok(
        &json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": store.version.to_string()}, "items": items}),
    )
}

fn watch_events(api: Api, target: Target, selected: Option<String>, from: u64) -> Response {
    let version = api.0.version.subscribe();
    let events = stream::unfold((api, target, selected, from, version), |mut state| async move {
        loop {
            let (api, target, selected, sent, version) = &mut state;
            let next = {
                let store = api.store();
                if store.down {
                    return None;
                }
                let mut later = store.events.iter().filter(|(version, ..)| version > sent);
                later.find(|(_, _, key, _)| matches(target, selected.as_deref(), key)).cloned()
            };
            if let Some((at, event, _, object)) = next {
                *sent = at;
                let line = format!("{}\n", json!({"type": event, "object": object}));
                return Some((Ok::<_, std::io::Error>(line), state));
            }
            version.changed().await.ok()?;
        }
    });
    Body::from_stream(events).into_response()
}

fn ok(object: &Value) -> Response {
    ([("content-type", "application/json")], object.to_string()).into_response()
}

fn failure(code: u16, reason: &str) -> Response {
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
        "reason": reason, "message": reason});
    let code = StatusCode::from_u16(code).unwrap();
    (code, [("content-type", "application/json")], status.to_string()).into_response()
}
