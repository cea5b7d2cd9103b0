//! Helpers of the router tests: reviews as the API server sends them, a look-up that answers what it's told, and what
//! came back.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use futures::future::BoxFuture;
use hookgate_api::Component;
use hookgate_api::platform::check::FolderQuestions;
use hookgate_api::policy::{EffectivePolicy, LoadedPolicy, NamespaceLabels};
use hookgate_folder::HooksFolder;
use hookgate_policy::{Policy, Profile};
use hookgate_webhook::facts::{ConfigMapFacts, Requester};
use hookgate_webhook::lookup::{Lookup, LookupError, MachineHooks, Reference};
use hookgate_webhook::metrics::Metrics;
use hookgate_webhook::serve::budget::Budget;
use hookgate_webhook::serve::review::Reviewer;
use hookgate_webhook::serve::router;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub const SAFE: &str = r#"#!/bin/bash
pre_upgrade() {
    echo "INFO: preparing"
    return 0
}
post_upgrade() {
    echo "INFO: done"
    return 0
}
"#;

pub const KUBECTL: &str = r#"#!/bin/bash
pre_upgrade() {
    kubectl delete pods --all
}
post_upgrade() {
    return 0
}
"#;

/// The SHA-256 of a script.
pub fn digest(script: &str) -> String {
    hookgate_policy::check(script.as_bytes(), &hookgate_policy::Policy::default()).sha256().to_owned()
}

pub const NO_POST: &str = "pre_upgrade() {\n    return 0\n}\n";

/// A cluster that answers what it's told.
#[derive(Default)]
pub struct FakeLookup {
    pub references: Vec<(String, Reference)>,
    pub config_maps: BTreeMap<String, ConfigMap>,
    pub policies: Vec<LoadedPolicy>,
    pub failure: Option<LookupError>,
    pub policy_failure: Option<LookupError>,
    /// Names of users, each with the policy by which they're an author.
    pub authors: Vec<(String, String)>,
    pub author_failure: Option<LookupError>,
    /// Who has submitted what: namespace, user and digest.
    pub submissions: Arc<Mutex<Vec<[String; 3]>>>,
    pub submission_failure: Option<LookupError>,
    /// Where machine hooks come from.
    pub hooks_folder: Option<HooksFolder>,
}

impl FakeLookup {
    pub fn with_reference(mut self, config_map: &str, key: &str) -> Self {
        let reference = Reference { cluster: "c".into(), component: Component::Fe, key: key.into() };
        self.references.push((config_map.into(), reference));
        self
    }

    pub fn with_config_map(mut self, name: &str, key: &str, text: &str) -> Self {
        let data = BTreeMap::from([(key.to_owned(), text.to_owned())]);
        self.config_maps.insert(name.to_owned(), ConfigMap { data: Some(data), ..ConfigMap::default() });
        self
    }

    pub fn with_policy(mut self, name: &str, spec: &Value) -> Self {
        self.policies.push(LoadedPolicy::read(name, 3, spec));
        self
    }

    pub fn with_author(mut self, user: &str, policy: &str) -> Self {
        self.authors.push((user.to_owned(), policy.to_owned()));
        self
    }

    pub fn without_policies() -> Self {
        Self { policy_failure: Some(LookupError::PoliciesNotSynced), ..Self::default() }
    }

    pub fn failing() -> Self {
        Self { failure: Some(LookupError::Api("connection refused".into())), ..Self::default() }
    }
}

impl Lookup for FakeLookup {
    fn ready(&self) -> Result<(), LookupError> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    fn references(&self, _namespace: &str, config_map: &str) -> Result<Vec<Reference>, LookupError> {
        self.ready()?;
        let ours = self.references.iter().filter(|(name, _)| name == config_map);
        Ok(ours.map(|(_, reference)| reference.clone()).collect())
    }

    fn policy<'a>(&'a self, namespace: &'a str) -> BoxFuture<'a, Result<EffectivePolicy, LookupError>> {
        let labels =
            NamespaceLabels::of(namespace, BTreeMap::from([("stage".to_owned(), "test".to_owned())]));
        let policy = EffectivePolicy::of(&self.policies, &labels, Profile::Restricted);
        let failure = self.policy_failure.clone();
        Box::pin(async move { failure.map_or(Ok(policy), Err) })
    }

    fn config_map<'a>(
        &'a self,
        _namespace: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<ConfigMapFacts>, LookupError>> {
        Box::pin(async move {
            self.ready()?;
            Ok(self.config_maps.get(name).cloned().map(ConfigMapFacts::of))
        })
    }

    fn is_author<'a>(
        &'a self,
        _namespace: &'a str,
        requester: &'a Requester,
        policy: &'a str,
    ) -> BoxFuture<'a, Result<bool, LookupError>> {
        let known = self.authors.iter().any(|(user, of)| *user == requester.username && of == policy);
        let failure = self.author_failure.clone();
        Box::pin(async move { failure.map_or(Ok(known), Err) })
    }

    fn remember<'a>(
        &'a self,
        namespace: &'a str,
        user: &'a str,
        digest: &'a str,
    ) -> BoxFuture<'a, Result<(), LookupError>> {
        self.submissions.lock().unwrap().push([namespace, user, digest].map(str::to_owned));
        let failure = self.submission_failure.clone();
        Box::pin(async move { failure.map_or(Ok(()), Err) })
    }

    fn machine_hooks<'a>(&'a self, questions: &'a FolderQuestions) -> BoxFuture<'a, MachineHooks> {
        let folder = self.hooks_folder.as_ref().map(|folder| folder.answer(questions));
        Box::pin(async move { MachineHooks { policy: Policy::for_machine_hooks(), folder } })
    }
}

/// The router of the TLS port.
pub fn gate(lookup: FakeLookup) -> Router {
    router::reviews(reviewer(lookup, Duration::from_secs(4)))
}

pub fn reviewer(lookup: FakeLookup, body_timeout: Duration) -> Arc<Reviewer> {
    Arc::new(Reviewer {
        lookup: Arc::new(lookup),
        budget: Budget::new(64 << 20),
        timeout: body_timeout,
        metrics: Arc::new(Metrics::default()),
    })
}

/// A review of `operation`.
pub fn review(operation: &str, kind: (&str, &str), object: &Value, old: &Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": {"group": kind.0, "version": "v1", "kind": kind.1},
            "resource": {"group": kind.0, "version": "v1", "resource": "some"},
            "requestKind": {"group": kind.0, "version": "v1", "kind": kind.1},
            "name": "subject",
            "namespace": "starrocks",
            "operation": operation,
            "userInfo": {"username": "admin", "groups": ["system:masters"]},
            "object": object,
            "oldObject": old,
            "dryRun": false,
            "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
        },
    })
}

pub const CONFIG_MAP: (&str, &str) = ("", "ConfigMap");
pub const POLICY: (&str, &str) = ("hookgate.dev", "HookPolicy");
pub const CLUSTER: (&str, &str) = ("starrocks.com", "StarRocksCluster");

pub fn config_map(data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "subject"}, "data": data})
}

pub fn labelled(data: &Value) -> Value {
    let mut map = config_map(data);
    map["metadata"]["labels"] = json!({"hookgate.dev/hook": "true"});
    map
}

/// A cluster with an FE that has these hooks.
pub fn cluster(hooks: &Value) -> Value {
    json!({
        "apiVersion": "starrocks.com/v1",
        "kind": "StarRocksCluster",
        "metadata": {"name": "subject"},
        "spec": {"starRocksFeSpec": {"image": "starrocks/fe-ubuntu:3.2.2", "replicas": 3, "upgradeHooks": hooks}},
    })
}

/// An answered review.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Answer {
    pub fn response(&self) -> &Value {
        &self.body["response"]
    }

    pub fn allowed(&self) -> bool {
        self.response()["allowed"].as_bool().expect("an answer says whether it's allowed")
    }

    pub fn code(&self) -> u64 {
        self.response()["status"]["code"].as_u64().unwrap_or(200)
    }

    pub fn message(&self) -> String {
        self.response()["status"]["message"].as_str().unwrap_or_default().to_owned()
    }

    pub fn warnings(&self) -> Vec<String> {
        let all = self.response()["warnings"].as_array().cloned().unwrap_or_default();
        all.iter().map(|warning| warning.as_str().unwrap().to_owned()).collect()
    }

    pub fn patch(&self) -> Option<json_patch::Patch> {
        let text = self.response()["patch"].as_str()?;
        assert_eq!(self.response()["patchType"], "JSONPatch");
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        Some(serde_json::from_slice(&bytes).unwrap())
    }
}

/// Sends a request to the router.
pub async fn send(gate: Router, request: Request<Body>) -> Answer {
    let response = gate.oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let body =
        serde_json::from_slice(&bytes).unwrap_or(Value::String(String::from_utf8_lossy(&bytes).into()));
    Answer { status, body }
}

pub fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).header("content-type", "application/json").body(body.into()).unwrap()
}

/// Sends a review to `/validate`, and checks what holds for every answer.
pub async fn validate(lookup: FakeLookup, review: &Value) -> Answer {
    let answer = send(gate(lookup), post("/validate", review.to_string())).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["apiVersion"], "admission.k8s.io/v1");
    assert_eq!(answer.body["kind"], "AdmissionReview");
    assert_eq!(answer.response()["uid"], review["request"]["uid"]);
    answer
}

/// The review is allowed; returns its warnings.
pub async fn accepts(lookup: FakeLookup, review: &Value) -> Vec<String> {
    let answer = validate(lookup, review).await;
    assert!(answer.allowed(), "{}", answer.message());
    answer.warnings()
}

/// The review is refused with this code; returns the message.
pub async fn rejects(lookup: FakeLookup, review: &Value, code: u64) -> String {
    let answer = validate(lookup, review).await;
    assert!(!answer.allowed(), "allowed: {review}");
    assert_eq!(answer.code(), code, "{}", answer.message());
    answer.message()
}
