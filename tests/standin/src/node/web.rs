//! The node's HTTP port and its heartbeat port.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

use super::Shared;
use crate::fe::peer::{NodeAnswer, NodeHeartbeat};

/// The web server's port: health and faults.
pub(super) fn public(shared: Arc<Shared>) -> Router {
    let faults = crate::fault::router(Arc::clone(&shared.faults));
    Router::new().route("/api/health", get(health)).with_state(shared).merge(faults)
}

/// The heartbeat port.
pub(super) fn heartbeat(shared: Arc<Shared>) -> Router {
    Router::new().route("/standin/heartbeat", post(answer)).with_state(shared)
}

/// 200 as soon as the process is up.
async fn health(State(shared): State<Arc<Shared>>) -> Response {
    if shared.faults.get().unhealthy {
        return (StatusCode::INTERNAL_SERVER_ERROR, "unhealthy by a test's wish\n").into_response();
    }
    Json(serde_json::json!({ "status": "OK", "msg": "To Be Added" })).into_response()
}

async fn answer(State(shared): State<Arc<Shared>>, Json(heartbeat): Json<NodeHeartbeat>) -> Response {
    if heartbeat.host != shared.host {
        let text = format!("this is {}, not {}\n", shared.host, heartbeat.host);
        return (StatusCode::CONFLICT, text).into_response();
    }
    if shared.faults.get().ignore_heartbeats {
        return (StatusCode::SERVICE_UNAVAILABLE, "no heartbeat by a test's wish\n").into_response();
    }
    *shared.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    Json(NodeAnswer {
        version: shared.version.current_version(),
        started: shared.started,
        http_port: shared.http_port,
        be_port: shared.be_port,
        brpc_port: shared.brpc_port,
        unhealthy_seconds: shared.options.unhealthy_seconds,
    })
    .into_response()
}
