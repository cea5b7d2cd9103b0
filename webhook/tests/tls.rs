//! The TLS port on loopback: hot reload without a dropped request, bounds on connections, draining.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

#[path = "support/client.rs"]
mod client;
mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum_server::Handle;
use client::{Connection, tls};
use futures::future::BoxFuture;
use hookgate_api::platform::check::FolderQuestions;
use hookgate_api::policy::EffectivePolicy;
use hookgate_certs::authority::{Authority, Validity};
use hookgate_certs::resolver::ReloadingResolver;
use hookgate_policy::Profile;
use hookgate_webhook::facts::{ConfigMapFacts, Requester};
use hookgate_webhook::lookup::{Lookup, LookupError, MachineHooks, Reference};
use hookgate_webhook::metrics::Metrics;
use hookgate_webhook::serve::budget::Budget;
use hookgate_webhook::serve::review::Reviewer;
use hookgate_webhook::serve::router;
use hookgate_webhook::serve::servers::{ServerError, listen, serve_reviews};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use support::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

const NAME: &str = "hookgate-webhook.hookgate-system.svc";

fn day() -> Validity {
    Validity::starting(Timestamp::now(), SignedDuration::from_hours(24), None).unwrap()
}

/// A running gate.
struct Gate {
    address: SocketAddr,
    resolver: Arc<ReloadingResolver>,
    handle: Handle<SocketAddr>,
    server: JoinHandle<Result<(), ServerError>>,
    roots: Vec<CertificateDer<'static>>,
}

impl Gate {
    fn start(reviewer: Arc<Reviewer>, connections: usize) -> Self {
        let resolver = Arc::new(ReloadingResolver::default());
        let (listener, address) = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let handle = Handle::new();
        let serving = serve_reviews(
            listener,
            router::reviews(reviewer),
            Arc::clone(&resolver),
            connections,
            handle.clone(),
        );
        let mut gate = Self { address, resolver, handle, server: tokio::spawn(serving), roots: vec![] };
        gate.rotate();
        gate
    }

    fn usual() -> Self {
        Self::start(reviewer(FakeLookup::default(), Duration::from_secs(10)), 100)
    }

    /// Another authority, trusted beside the ones before, and a certificate by it.
    fn rotate(&mut self) -> CertificateDer<'static> {
        let authority = Authority::generate(day()).unwrap();
        let serving = authority.issue(&[NAME.to_owned()], day()).unwrap();
        self.roots.push(authority.certificate().clone());
        self.resolver.replace(&serving).unwrap();
        serving.chain[0].clone()
    }

    async fn connect(&self) -> Result<Connection, client::Failure> {
        Connection::open(self.address, &self.roots, NAME).await
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.handle.shutdown();
        self.server.abort();
    }
}

fn harmless() -> String {
    review("CREATE", CONFIG_MAP, &config_map(&json!({"a": "b"})), &Value::Null).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_replaced_without_a_dropped_request() {
    let mut gate = Gate::usual();
    // Everything that will ever be served is trusted from the start, as during a rotation.
    let authorities: Vec<Authority> = (0..20).map(|_| Authority::generate(day()).unwrap()).collect();
    gate.roots.extend(authorities.iter().map(|authority| authority.certificate().clone()));
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<JoinHandle<()>> = (0..4)
        .map(|number| {
            let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
            let (address, roots) = (gate.address, gate.roots.clone());
            tokio::spawn(async move {
                let mut connection = Connection::open(address, &roots, NAME).await.unwrap();
                while !stop.load(Ordering::SeqCst) {
                    // Two clients keep their connection, two make one for each request.
                    if number % 2 == 0 {
                        connection = Connection::open(address, &roots, NAME).await.unwrap();
                    }
                    let (status, answer) = connection.post("/validate", harmless()).await.unwrap();
                    assert_eq!((status, &answer["response"]["allowed"]), (StatusCode::OK, &json!(true)));
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let mut last = None;
    for authority in &authorities {
        let before = answered.load(Ordering::SeqCst);
        let serving = authority.issue(&[NAME.to_owned()], day()).unwrap();
        gate.resolver.replace(&serving).unwrap();
        last = Some(serving.chain[0].clone());
        while answered.load(Ordering::SeqCst) < before + 8 {
            assert!(clients.iter().all(|client| !client.is_finished()), "a client has failed");
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(Some(gate.connect().await.unwrap().shown), last);
    stop.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_keeps_its_certificate_and_the_next_one_gets_the_new() {
    let mut gate = Gate::usual();
    let mut first = gate.connect().await.unwrap();
    let new = gate.rotate();
    assert_ne!(first.shown, new);
    first.post("/validate", harmless()).await.unwrap();
    assert_eq!(gate.connect().await.unwrap().shown, new);
}

#[tokio::test]
async fn a_certificate_whose_key_is_another_is_not_taken() {
    let gate = Gate::usual();
    let authority = Authority::generate(day()).unwrap();
    let mut mixed = authority.issue(&[NAME.to_owned()], day()).unwrap();
    mixed.key = authority.issue(&[NAME.to_owned()], day()).unwrap().key;
    let before = gate.resolver.chain();
    assert!(gate.resolver.replace(&mixed).is_err());
    assert_eq!(gate.resolver.chain(), before);
    gate.connect().await.unwrap();
}

#[tokio::test]
async fn a_client_that_trusts_another_authority_or_asks_for_another_name_refuses() {
    let gate = Gate::usual();
    let stranger = [Authority::generate(day()).unwrap().certificate().clone()];
    assert!(Connection::open(gate.address, &stranger, NAME).await.is_err());
    assert!(Connection::open(gate.address, &gate.roots, "elsewhere.svc").await.is_err());
    gate.connect().await.unwrap();
}

#[tokio::test]
async fn eight_mebibytes_get_their_answer_and_the_server_lives() {
    let gate = Gate::usual();
    let mut body =
        br#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","x":""#
            .to_vec();
    body.resize(8 << 20, b'x');
    let (status, answer) = gate.connect().await.unwrap().post("/validate", body).await.unwrap();
    assert_eq!((status, &answer["response"]["status"]["code"]), (StatusCode::OK, &json!(413)));
    assert_eq!(answer["response"]["uid"], "u");
    let mut connection = gate.connect().await.unwrap();
    let (_, answer) = connection.post("/validate", harmless()).await.unwrap();
    assert_eq!(answer["response"]["allowed"], true);
}

#[tokio::test]
async fn connections_are_bounded_and_come_back() {
    let gate = Gate::start(reviewer(FakeLookup::default(), Duration::from_secs(4)), 2);
    let first = gate.connect().await.unwrap();
    let _second = gate.connect().await.unwrap();
    assert!(gate.connect().await.is_err());
    drop(first);
    let again = async {
        while gate.connect().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), again).await.expect("the slot comes back");
}

#[tokio::test]
async fn half_a_head_is_not_waited_for_without_end() {
    let gate = Gate::usual();
    let mut stream = tls(gate.address, &gate.roots, NAME).await.unwrap();
    stream.write_all(b"POST /validate HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let closed = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut Vec::new())).await;
    assert!(closed.is_ok(), "still open");
}

#[tokio::test]
async fn what_is_not_tls_ends_its_own_connection_only() {
    let gate = Gate::usual();
    let mut stream = tokio::net::TcpStream::connect(gate.address).await.unwrap();
    stream.write_all(b"GET /validate HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"));
    gate.connect().await.unwrap();
}

/// Answers when it's let.
struct Gated(Semaphore);

impl Lookup for Gated {
    fn ready(&self) -> Result<(), LookupError> {
        Ok(())
    }

    fn references(&self, _namespace: &str, _config_map: &str) -> Result<Vec<Reference>, LookupError> {
        Ok(Vec::new())
    }

    fn policy<'a>(&'a self, _namespace: &'a str) -> BoxFuture<'a, Result<EffectivePolicy, LookupError>> {
        Box::pin(async { Ok(EffectivePolicy::default_of(Profile::Restricted)) })
    }

    fn config_map<'a>(
        &'a self,
        _namespace: &'a str,
        _name: &'a str,
    ) -> BoxFuture<'a, Result<Option<ConfigMapFacts>, LookupError>> {
        Box::pin(async {
            self.0.acquire().await.unwrap().forget();
            Ok(None)
        })
    }

    fn is_author<'a>(
        &'a self,
        _namespace: &'a str,
        _requester: &'a Requester,
        _policy: &'a str,
    ) -> BoxFuture<'a, Result<bool, LookupError>> {
        Box::pin(async { Ok(false) })
    }

    fn remember<'a>(
        &'a self,
        _namespace: &'a str,
        _user: &'a str,
        _digest: &'a str,
    ) -> BoxFuture<'a, Result<(), LookupError>> {
        Box::pin(async { Ok(()) })
    }

    fn machine_hooks<'a>(&'a self, _questions: &'a FolderQuestions) -> BoxFuture<'a, MachineHooks> {
        Box::pin(async { MachineHooks::default() })
    }
}

#[tokio::test]
async fn an_open_request_is_answered_before_the_server_ends() {
    let lookup = Arc::new(Gated(Semaphore::new(0)));
    let metrics = Arc::new(Metrics::default());
    let reviewer = Arc::new(Reviewer {
        lookup: lookup.clone(),
        budget: Budget::new(0),
        timeout: Duration::from_secs(4),
        metrics: Arc::clone(&metrics),
    });
    let mut gate = Gate::start(reviewer, 10);
    let mut connection = gate.connect().await.unwrap();
    let object = cluster(&json!({"custom": {"configMapName": "m"}}));
    let body = review("CREATE", CLUSTER, &object, &Value::Null).to_string();
    let open = tokio::spawn(async move { connection.post("/validate", body).await });
    let in_flight = "controller_runtime_webhook_requests_in_flight{webhook=\"/validate\"} 1";
    while !metrics.encode().unwrap().contains(in_flight) {
        tokio::task::yield_now().await;
    }
    gate.handle.graceful_shutdown(Some(Duration::from_secs(10)));
    while gate.connect().await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!gate.server.is_finished(), "it waits for the open request");
    lookup.0.add_permits(1);
    let (_, answer) = open.await.unwrap().unwrap();
    assert_eq!(answer["response"]["allowed"], true);
    tokio::time::timeout(Duration::from_secs(10), &mut gate.server).await.unwrap().unwrap().unwrap();
}
