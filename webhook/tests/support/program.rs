//! The webhook's program, started beside a stand-in of the API server.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::api::{Api, Rule};
use crate::client::get;
use base64::Engine as _;
use hookgate_certs::pem;
use http::StatusCode;
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};

const NAMESPACE: &str = "hookgate-system";
const SECRET: &str = "hookgate-webhook-certificates";
/// The name that the webhook's certificate is for.
pub const NAME: &str = "hookgate-webhook.hookgate-system.svc";

/// What the chart grants.
pub const RULES: &[Rule] = &[
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
    ("list", "starrocksclusters", None),
    ("watch", "starrocksclusters", None),
    ("list", "hookpolicies", None),
    ("watch", "hookpolicies", None),
    ("get", "namespaces", None),
    ("list", "namespaces", None),
    ("watch", "namespaces", None),
    ("get", "configmaps", None),
    ("create", "subjectaccessreviews", None),
    ("create", "hooksubmissions", None),
    ("patch", "hooksubmissions", None),
];

/// Puts the configurations of the webhook into the API server, as the chart does.
pub fn install(api: &Api) {
    for (resource, kind) in [
        ("validatingwebhookconfigurations", "ValidatingWebhookConfiguration"),
        ("mutatingwebhookconfigurations", "MutatingWebhookConfiguration"),
    ] {
        let service = json!({"name": "hookgate-webhook", "namespace": NAMESPACE, "path": "/validate"});
        let webhook = json!({"name": "ours.hookgate.dev", "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "clientConfig": {"service": service}});
        api.put(
            resource,
            json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
            "metadata": {"name": "hookgate"}, "webhooks": [webhook]}),
        );
    }
}

/// The running program.
pub struct Program {
    child: Child,
    pub listen: SocketAddr,
    pub health: SocketAddr,
    log: mpsc::Receiver<String>,
}

impl Program {
    pub async fn start(api: &Api, more: &[&str]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, api.router()).into_future());
        let kubeconfig =
            std::env::temp_dir().join(format!("hookgate-webhook-{}-{}", std::process::id(), address.port()));
        std::fs::write(
            &kubeconfig,
            json!({"apiVersion": "v1", "kind": "Config", "current-context": "c",
                "clusters": [{"name": "c", "cluster": {"server": format!("http://{address}")}}],
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "users": [{"name": "u", "user": {}}]})
            .to_string(),
        )
        .unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_hookgate-webhook"))
            .env("KUBECONFIG", &kubeconfig)
            .args(["--listen", "127.0.0.1:0", "--health-listen", "127.0.0.1:0", "--namespace", NAMESPACE])
            .args(["--log-format", "json"])
            .args(more)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, log) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(sender.send(line))));
        let started = tokio::task::spawn_blocking(move || {
            let found = std::iter::from_fn(|| log.recv_timeout(Duration::from_secs(20)).ok())
                .map(|line| serde_json::from_str::<Value>(&line).expect("every line of the log is JSON"))
                .find(|line| line["message"] == "started")
                .expect("it starts");
            (found, log)
        });
        let (started, log) = started.await.unwrap();
        std::fs::remove_file(kubeconfig).unwrap();
        let address = |field: &str| started[field].as_str().unwrap().parse().unwrap();
        Self { listen: address("listen"), health: address("health_listen"), child, log }
    }

    pub async fn ready(&self) -> (StatusCode, String) {
        get(self.health, "/readyz").await.unwrap()
    }

    pub async fn until_ready(&self) {
        let begun = Instant::now();
        while self.ready().await.0 != StatusCode::OK {
            assert!(begun.elapsed() < Duration::from_secs(20), "{}", self.ready().await.1);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn signal(&self, name: &str) {
        let done = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    pub async fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "it doesn't end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn logged(&self) -> Vec<Value> {
        self.log.try_iter().map(|line| serde_json::from_str(&line).unwrap()).collect()
    }

    /// The most memory that the program has ever used, in MiB.
    pub fn peak_mebibytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The certificates that the API server is told to trust.
pub fn bundle(api: &Api) -> Vec<CertificateDer<'static>> {
    let object = api.get("validatingwebhookconfigurations", "", "hookgate").unwrap();
    let text = object["webhooks"][0]["clientConfig"]["caBundle"].as_str().unwrap().to_owned();
    pem::certificates(&base64::engine::general_purpose::STANDARD.decode(text).unwrap()).unwrap()
}
