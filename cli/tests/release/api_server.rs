//! A stand-in of the API server: one cluster, its FE pods, a Secret, and port-forwarding.

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, RawQuery, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, put},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::{SinkExt, StreamExt};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, handshake::derive_accept_key, protocol::Role},
};

struct Kept {
    cluster: Value,
    /// Clusters with machine hooks: their metadata. None where the API server doesn't serve them.
    machine_clusters: Option<Vec<Value>>,
    /// Of so many writes of a Cluster it says that somebody was faster.
    conflicts: u32,
    pods: Vec<Value>,
    writes: Vec<String>,
}

type Shared = Arc<Mutex<Kept>>;

pub struct ApiServer {
    kept: Shared,
    kubeconfig: PathBuf,
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.kubeconfig));
    }
}

impl ApiServer {
    pub async fn start(cluster: Value, pods: Vec<Value>) -> Self {
        let kept = Arc::new(Mutex::new(Kept {
            cluster,
            machine_clusters: None,
            conflicts: 0,
            pods,
            writes: Vec::new(),
        }));
        let clusters = "/apis/starrocks.com/v1/namespaces/db/starrocksclusters";
        let router = Router::new()
            .route("/apis/starrocks.com/v1/starrocksclusters", get(list))
            .route(clusters, get(list))
            .route(&format!("{clusters}/{{name}}"), get(read).patch(annotate))
            .route(&format!("{clusters}/sr/status"), put(write))
            .route("/apis/platform.tkestack.io/v1/clusters", get(list_machine_clusters))
            .route(
                "/apis/platform.tkestack.io/v1/clusters/{name}",
                get(read_machine_cluster).patch(patch_machine_cluster),
            )
            .route("/api/v1/namespaces/db/pods", get(pods_of))
            .route("/api/v1/namespaces/db/pods/{name}/portforward", get(forward))
            .route("/api/v1/namespaces/db/secrets/root", get(secret))
            .with_state(Arc::clone(&kept));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let kubeconfig = std::env::temp_dir().join(format!("hookgate-release-{}", address.port()));
        let text = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": format!("http://{address}")}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "users": [{"name": "u", "user": {}}],
        });
        std::fs::write(&kubeconfig, text.to_string()).unwrap();
        Self { kept, kubeconfig }
    }

    pub fn kubeconfig(&self) -> &std::path::Path {
        &self.kubeconfig
    }

    /// Serves Clusters with machine hooks, of which so many writes come to somebody who was faster.
    pub fn serve_machine_clusters(&self, clusters: Vec<Value>, conflicts: u32) {
        let mut kept = self.kept.lock().unwrap();
        (kept.machine_clusters, kept.conflicts) = (Some(clusters), conflicts);
    }

    pub fn machine_clusters(&self) -> Vec<Value> {
        self.kept.lock().unwrap().machine_clusters.clone().unwrap()
    }

    pub fn cluster(&self) -> Value {
        self.kept.lock().unwrap().cluster.clone()
    }

    /// What was written, in order: `annotate`, or the state of the first held setting, `none` where there is none.
    pub fn writes(&self) -> Vec<String> {
        self.kept.lock().unwrap().writes.clone()
    }
}

fn refusal(code: StatusCode, reason: &str) -> Response {
    let status = json!({
        "apiVersion": "v1", "kind": "Status", "status": "Failure", "message": reason, "reason": reason,
        "code": code.as_u16(), "metadata": {},
    });
    (code, Json(status)).into_response()
}

async fn list(State(kept): State<Shared>) -> Json<Value> {
    let cluster = kept.lock().unwrap().cluster.clone();
    Json(json!({
        "apiVersion": "starrocks.com/v1", "kind": "StarRocksClusterList", "metadata": {}, "items": [cluster],
    }))
}

async fn list_machine_clusters(State(kept): State<Shared>) -> Response {
    let Some(items) = kept.lock().unwrap().machine_clusters.clone() else {
        return (StatusCode::NOT_FOUND, "404 page not found\n").into_response();
    };
    let (version, kind) = ("meta.k8s.io/v1", "PartialObjectMetadataList");
    Json(json!({"apiVersion": version, "kind": kind, "metadata": {}, "items": items})).into_response()
}

async fn read_machine_cluster(State(kept): State<Shared>, Path(name): Path<String>) -> Response {
    let kept = kept.lock().unwrap();
    let found = kept.machine_clusters.iter().flatten().find(|one| one["metadata"]["name"] == name.as_str());
    found.map_or_else(|| refusal(StatusCode::NOT_FOUND, "NotFound"), |one| Json(one.clone()).into_response())
}

async fn patch_machine_cluster(
    State(kept): State<Shared>,
    Path(name): Path<String>,
    Json(patch): Json<Value>,
) -> Response {
    let mut kept = kept.lock().unwrap();
    let meddle = kept.conflicts > 0;
    kept.conflicts = kept.conflicts.saturating_sub(1);
    let mut clusters = kept.machine_clusters.iter_mut().flatten();
    let cluster = clusters.find(|one| one["metadata"]["name"] == name.as_str()).unwrap();
    if meddle {
        bump(cluster);
    }
    if patch["metadata"]["resourceVersion"] != cluster["metadata"]["resourceVersion"] {
        return refusal(StatusCode::CONFLICT, "Conflict");
    }
    for field in ["finalizers", "annotations"] {
        cluster["metadata"][field] = patch["metadata"][field].clone();
    }
    bump(cluster);
    Json(cluster.clone()).into_response()
}

async fn read(State(kept): State<Shared>, Path(name): Path<String>) -> Response {
    if name != "sr" {
        return refusal(StatusCode::NOT_FOUND, "NotFound");
    }
    Json(kept.lock().unwrap().cluster.clone()).into_response()
}

async fn annotate(State(kept): State<Shared>, Json(patch): Json<Value>) -> Json<Value> {
    let mut kept = kept.lock().unwrap();
    if let Some(operations) = patch.as_array() {
        // A JSON patch: the finalizer that was tested is removed.
        assert_eq!((&operations[0]["op"], &operations[1]["op"]), (&json!("test"), &json!("remove")));
        let finalizers = kept.cluster["metadata"]["finalizers"].as_array_mut().unwrap();
        finalizers.retain(|one| *one != operations[0]["value"]);
        kept.writes.push("finalizer".to_owned());
        bump(&mut kept.cluster);
        return Json(kept.cluster.clone());
    }
    kept.cluster["metadata"]["annotations"] = patch["metadata"]["annotations"].clone();
    kept.writes.push("annotate".to_owned());
    bump(&mut kept.cluster);
    Json(kept.cluster.clone())
}

async fn write(State(kept): State<Shared>, Json(next): Json<Value>) -> Response {
    let mut kept = kept.lock().unwrap();
    if next["metadata"]["resourceVersion"] != kept.cluster["metadata"]["resourceVersion"] {
        return refusal(StatusCode::CONFLICT, "Conflict");
    }
    let state = next["status"]["heldSettings"][0]["state"].as_str().unwrap_or("none").to_owned();
    kept.writes.push(state);
    kept.cluster["status"] = next["status"].clone();
    bump(&mut kept.cluster);
    Json(kept.cluster.clone()).into_response()
}

fn bump(cluster: &mut Value) {
    let version: u64 = cluster["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap();
    cluster["metadata"]["resourceVersion"] = (version + 1).to_string().into();
}

async fn pods_of(State(kept): State<Shared>, RawQuery(query): RawQuery) -> Json<Value> {
    let selector = "app.kubernetes.io%2Fcomponent%3Dfe%2Capp.starrocks.ownerreference%2Fname%3Dsr-fe";
    assert!(query.clone().unwrap().contains(selector), "{query:?}");
    let pods = kept.lock().unwrap().pods.clone();
    Json(json!({"apiVersion": "v1", "kind": "PodList", "metadata": {}, "items": pods}))
}

async fn secret() -> Json<Value> {
    let data = json!({"password": STANDARD.encode("")});
    Json(json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "root", "namespace": "db"}, "data": data,
    }))
}

/// WebSocket frames of one port: channel 0 is data, channel 1 errors; the first frame of each names the port.
async fn forward(headers: HeaderMap, RawQuery(query): RawQuery, mut request: Request) -> Response {
    let query = query.unwrap();
    let (_, port) = query.rsplit_once("ports=").unwrap();
    let port: u16 = port.parse().unwrap();
    let accept = derive_accept_key(headers[header::SEC_WEBSOCKET_KEY].as_bytes());
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let stream = TokioIo::new(upgrade.await.unwrap());
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        for channel in [0, 1] {
            let [low, high] = port.to_le_bytes();
            socket.send(Message::binary(vec![channel, low, high])).await.unwrap();
        }
        let mut pod = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let mut buffer = vec![0; 4096];
        loop {
            tokio::select! {
                frame = socket.next() => match frame {
                    Some(Ok(Message::Binary(bytes))) => pod.write_all(&bytes[1..]).await.unwrap(),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
                count = pod.read(&mut buffer) => match count {
                    Ok(count) if count > 0 => {
                        let frame = [&[0], &buffer[..count]].concat();
                        if socket.send(Message::binary(frame)).await.is_err() {
                            return;
                        }
                    }
                    _ => return,
                },
            }
        }
    });
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::UPGRADE, "websocket")
        .header(header::CONNECTION, "Upgrade")
        .header(header::SEC_WEBSOCKET_ACCEPT, accept)
        .header(header::SEC_WEBSOCKET_PROTOCOL, "v4.channel.k8s.io")
        .body(Body::empty())
        .unwrap()
}
