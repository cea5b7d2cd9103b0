//! The keeper against an API server, with no more rights than the chart grants.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod api;

use std::sync::Arc;
use std::time::Duration;

use api::{Api, Rule};
use axum::body::Body;
use base64::Engine as _;
use hookgate_certs::contents::Contents;
use hookgate_certs::files::CertificateFiles;
use hookgate_certs::keeper::{ConfigurationNames, Keeper, Source};
use hookgate_certs::names::ServiceName;
use hookgate_certs::plan::Settings;
use hookgate_certs::resolver::ReloadingResolver;
use hookgate_certs::status::CertificateStatus;
use hookgate_certs::{pem, verify};
use k8s_openapi::api::core::v1::Secret;
use kube::Client;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

const NAMESPACE: &str = "hookgate-system";
const SECRET: &str = "hookgate-webhook-certificates";
const CONFIGURATIONS: [&str; 2] = ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"];

/// The rights of the webhook's certificate part.
const RULES: &[Rule] = &[
    ("create", "secrets", None),
    ("get", "secrets", Some(SECRET)),
    ("list", "secrets", Some(SECRET)),
    ("watch", "secrets", Some(SECRET)),
    ("update", "secrets", Some(SECRET)),
    ("list", "validatingwebhookconfigurations", Some("hookgate")),
    ("watch", "validatingwebhookconfigurations", Some("hookgate")),
    ("patch", "validatingwebhookconfigurations", Some("hookgate")),
    ("list", "mutatingwebhookconfigurations", Some("hookgate")),
    ("watch", "mutatingwebhookconfigurations", Some("hookgate")),
    ("patch", "mutatingwebhookconfigurations", Some("hookgate")),
];

fn service() -> ServiceName {
    ServiceName { namespace: NAMESPACE.into(), name: "hookgate-webhook".into() }
}

fn configuration(kind: &str) -> Value {
    let webhook = |name: &str, service: &str| {
        json!({"name": name, "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "clientConfig": {"service": {"name": service, "namespace": NAMESPACE, "path": "/x"}}})
    };
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": "hookgate"},
        "webhooks": [webhook("else.example.com", "else"), webhook("ours.hookgate.dev", "hookgate-webhook")],
    })
}

fn install(api: &Api) {
    api.put(CONFIGURATIONS[0], configuration("ValidatingWebhookConfiguration"));
    api.put(CONFIGURATIONS[1], configuration("MutatingWebhookConfiguration"));
}

fn client(api: &Api) -> Client {
    let service =
        api.router().map_request(|request: http::Request<kube::client::Body>| request.map(Body::new));
    Client::new(service, NAMESPACE)
}

/// A running replica.
struct Replica {
    resolver: Arc<ReloadingResolver>,
    status: watch::Receiver<CertificateStatus>,
    task: JoinHandle<()>,
}

impl Replica {
    fn start(api: &Api, source: Source) -> Self {
        let resolver = Arc::new(ReloadingResolver::default());
        let (sender, status) = watch::channel(CertificateStatus::default());
        let names =
            ConfigurationNames { validating: Some("hookgate".into()), mutating: Some("hookgate".into()) };
        let settings = Settings { key_interval: Duration::ZERO, ..Settings::new(service()) };
        let keeper = Keeper::new(client(api), source, names, settings, Arc::clone(&resolver), sender);
        Self { resolver, status, task: tokio::spawn(keeper.run()) }
    }

    fn own(api: &Api) -> Self {
        Self::start(api, Source::Secret(SECRET.into()))
    }

    async fn until(&mut self, what: &str, met: impl Fn(&CertificateStatus) -> bool) -> CertificateStatus {
        let waited = self.status.wait_for(|status| met(status));
        if let Ok(found) = tokio::time::timeout(Duration::from_secs(20), waited).await {
            return found.unwrap().clone();
        }
        panic!("not {what}: {:?}", self.status.borrow())
    }

    async fn trusted(&mut self) -> CertificateStatus {
        self.until("trusted", |status| status.trusted.is_ok()).await
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn published(api: &Api, resource: &str) -> Vec<rustls_pki_types::CertificateDer<'static>> {
    let object = api.get(resource, "", "hookgate").unwrap();
    assert!(
        object["webhooks"][0]["clientConfig"].get("caBundle").is_none(),
        "somebody else's webhook was touched"
    );
    let text = object["webhooks"][1]["clientConfig"]["caBundle"].as_str().unwrap().to_owned();
    pem::certificates(&base64::engine::general_purpose::STANDARD.decode(text).unwrap()).unwrap()
}

/// Waits until every configuration has a bundle.
async fn until_published(api: &Api) {
    let has_bundle = |resource: &str| {
        let object = api.get(resource, "", "hookgate").unwrap();
        object["webhooks"][1]["clientConfig"].get("caBundle").is_some()
    };
    let published = async {
        while !CONFIGURATIONS.iter().all(|resource| has_bundle(resource)) {
            api.changed().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), published).await.expect("the bundle is published again");
}

fn contents(api: &Api) -> Contents {
    let secret: Secret = serde_json::from_value(api.get("secrets", NAMESPACE, SECRET).unwrap()).unwrap();
    Contents::read(&secret.data.unwrap())
}

#[tokio::test]
async fn from_nothing_to_trusted_with_the_rights_of_the_chart() {
    let api = Api::new(RULES);
    install(&api);
    let mut replica = Replica::own(&api);
    let status = replica.trusted().await;
    assert_eq!(status.problem, None);
    assert_eq!(api.refused(), [""; 0]);
    let secret = api.get("secrets", NAMESPACE, SECRET).unwrap();
    assert_eq!(secret["type"], "kubernetes.io/tls");
    for resource in CONFIGURATIONS {
        let now = jiff::Timestamp::now();
        let server_name = "hookgate-webhook.hookgate-system.svc";
        verify::verify_chain(&replica.resolver.chain(), &published(&api, resource), server_name, now)
            .unwrap();
    }
}

#[tokio::test]
async fn not_one_right_is_too_many() {
    let api = Api::new(RULES);
    install(&api);
    Replica::own(&api).trusted().await;
    // `update` comes with the record of the publication, just after.
    let recorded = async {
        while !api.requests().contains(&"update secrets".to_owned()) {
            api.changed().await;
        }
    };
    let mut replica = Replica::own(&api);
    replica.trusted().await;
    let _ = tokio::time::timeout(Duration::from_secs(10), recorded).await;
    let used = api.requests();
    let unused: Vec<&Rule> =
        RULES.iter().filter(|(verb, resource, _)| !used.contains(&format!("{verb} {resource}"))).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[tokio::test]
async fn three_replicas_agree() {
    let api = Api::new(RULES);
    install(&api);
    let mut replicas = [Replica::own(&api), Replica::own(&api), Replica::own(&api)];
    for replica in &mut replicas {
        replica.trusted().await;
    }
    let chains: Vec<_> = replicas.iter().map(|replica| replica.resolver.chain()).collect();
    assert!(chains.iter().all(|chain| *chain == chains[0]));
    assert_eq!(published(&api, CONFIGURATIONS[0]).len(), 1);
}

#[tokio::test]
async fn configurations_that_come_later_are_published_to() {
    let api = Api::new(RULES);
    let mut replica = Replica::own(&api);
    let status = replica.until("told", |status| status.serving.is_some()).await;
    assert!(status.trusted.unwrap_err().contains("not found"));
    install(&api);
    replica.trusted().await;
}

#[tokio::test]
async fn a_bundle_that_somebody_overwrites_is_put_right() {
    let api = Api::new(RULES);
    install(&api);
    let mut replica = Replica::own(&api);
    replica.trusted().await;
    install(&api);
    until_published(&api).await;
    replica.trusted().await;
}

#[tokio::test]
async fn a_replaced_certificate_in_the_secret_is_served_without_restart() {
    let api = Api::new(RULES);
    install(&api);
    let mut replica = Replica::own(&api);
    let before = replica.trusted().await.serving;
    let mut secret = api.get("secrets", NAMESPACE, SECRET).unwrap();
    secret["data"]["tls.crt"] = json!("");
    api.put("secrets", secret);
    let after = replica.until("reissued", |status| status.serving != before).await;
    assert_eq!(after.trusted, Ok(()));
    assert!(contents(&api).serving.is_ok());
}

#[tokio::test]
async fn a_deleted_secret_is_made_anew_and_trusted_again() {
    let api = Api::new(RULES);
    install(&api);
    let mut replica = Replica::own(&api);
    let before = replica.trusted().await.serving;
    api.delete("secrets", NAMESPACE, SECRET);
    let mut other = Replica::own(&api);
    other.until("served", |status| status.serving != before && status.trusted.is_ok()).await;
    replica.until("served", |status| status.serving != before && status.trusted.is_ok()).await;
    assert_eq!(replica.resolver.chain(), other.resolver.chain());
}

#[tokio::test]
async fn a_secret_of_somebody_else_is_left_alone_and_named() {
    let api = Api::new(RULES);
    install(&api);
    let theirs = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": SECRET, "namespace": NAMESPACE},
        "data": {"tls.crt": "eA=="}});
    api.put("secrets", theirs);
    let stored = api.get("secrets", NAMESPACE, SECRET);
    let mut replica = Replica::own(&api);
    let status = replica.until("told", |status| status.problem.is_some()).await;
    assert!(status.problem.unwrap().contains("never overwritten"));
    assert_eq!(api.get("secrets", NAMESPACE, SECRET), stored);
}

#[tokio::test]
async fn a_missing_right_is_named() {
    let rules: Vec<Rule> = RULES.iter().filter(|(verb, ..)| *verb != "patch").copied().collect();
    let api = Api::new(&rules);
    install(&api);
    let mut replica = Replica::own(&api);
    let status = replica.until("told", |status| status.problem.is_some()).await;
    let problem = status.problem.unwrap();
    assert!(problem.contains("patch ValidatingWebhookConfiguration \"hookgate\""), "{problem}");
}

#[tokio::test]
async fn an_api_server_that_goes_away_leaves_what_was_served() {
    let api = Api::new(RULES);
    install(&api);
    let mut replica = Replica::own(&api);
    let serving = replica.trusted().await.serving;
    api.set_down(true);
    install(&api);
    while !api.requests().contains(&"failed".to_owned()) {
        api.changed().await;
    }
    let status = replica.status.borrow().clone();
    assert_eq!((status.serving, status.trusted), (serving, Ok(())));
    api.set_down(false);
    until_published(&api).await;
    replica.trusted().await;
}

#[tokio::test]
async fn files_are_compared_with_the_configurations_and_nothing_is_written() {
    let directory = std::env::temp_dir().join(format!("hookgate-keeper-files-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let source = Api::new(RULES);
    install(&source);
    Replica::own(&source).trusted().await;
    let secret: Secret = serde_json::from_value(source.get("secrets", NAMESPACE, SECRET).unwrap()).unwrap();
    let files = CertificateFiles { certificate: directory.join("tls.crt"), key: directory.join("tls.key") };

    let read_only: Vec<Rule> =
        RULES.iter().filter(|(verb, ..)| ["list", "watch"].contains(verb)).copied().collect();
    let api = Api::new(&read_only);
    install(&api);
    let mut replica = Replica::start(&api, Source::Files(files.clone()));
    let status = replica.until("told", |status| status.problem.is_some()).await;
    assert!(status.problem.unwrap().contains("tls.crt"));
    for (key, value) in secret.data.unwrap() {
        std::fs::write(directory.join(key), value.0).unwrap();
    }
    let status = replica.until("served", |status| status.serving.is_some()).await;
    assert!(status.trusted.is_err(), "nobody has published its bundle");
    api.put(CONFIGURATIONS[0], source.get(CONFIGURATIONS[0], "", "hookgate").unwrap());
    api.put(CONFIGURATIONS[1], source.get(CONFIGURATIONS[1], "", "hookgate").unwrap());
    replica.trusted().await;
    assert_eq!(api.refused(), [""; 0]);
    std::fs::remove_dir_all(&directory).unwrap();
}
