//! The proxy between the operator and the API server. The operator speaks plain HTTP to it; it speaks for the
//! operator's service account, so that RBAC and the audit log see what they would see of an installed operator.

use crate::{
    gate::Gate,
    record,
    strike::{Kind, Side},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use futures::{FutureExt, StreamExt, TryStreamExt};
use http::{Method, StatusCode, header};
use kube::Client;
use std::io;
use tokio::{net::TcpListener, sync::watch};

/// The largest request that is passed on.
const LARGEST: usize = 8 << 20;

/// What the proxy works with.
#[derive(Clone)]
struct Proxy {
    client: Client,
    gate: Gate,
    cut: watch::Receiver<u64>,
}

/// Serves the operator. Each change of `cut` ends the watches that run at that moment.
///
/// # Errors
/// When the port can't be served any more.
pub async fn serve(
    listener: TcpListener,
    client: Client,
    gate: Gate,
    cut: watch::Receiver<u64>,
) -> io::Result<()> {
    let router = Router::new().fallback(forward).with_state(Proxy { client, gate, cut });
    axum::serve(listener, router).await
}

async fn forward(State(proxy): State<Proxy>, request: Request) -> Response {
    match exchange(proxy, request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error}\n")).into_response(),
    }
}

async fn exchange(mut proxy: Proxy, request: Request) -> Result<Response, String> {
    let (mut parts, body) = request.into_parts();
    let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
    let asks = |what: &str| parts.uri.query().is_some_and(|query| query.split('&').any(|part| part == what));
    let (watches, tries) = (asks("watch=true"), asks("dryRun=All"));
    for name in [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        parts.headers.remove(name);
    }
    let body = to_bytes(body, LARGEST).await.map_err(|error| error.to_string())?;
    let kind = if tries { Kind::Read } else { kind(&method, &path) };
    let what = match kind {
        Kind::Status => format!("{method} {path}: {}", record::name(&body)),
        _ if tries => format!("{method} {path} without effect"),
        _ => format!("{method} {path}"),
    };
    let side = proxy.gate.pass(kind, &what);
    if side == Some(Side::Before) {
        proxy.gate.kill().await;
        return Err("the operator is dead".to_owned());
    }
    let request = http::Request::from_parts(parts, kube::client::Body::from(body.to_vec()));
    // From here on a request runs to its end, as it would once the API server had it: the operator's death closes
    // the connection, and must not take the request back.
    let client = proxy.client.clone();
    let sent = tokio::spawn(async move { client.send(request).await }).await;
    let response =
        sent.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?.map(Body::new);
    if side == Some(Side::After) {
        proxy.gate.kill().await;
        return Err("the operator is dead".to_owned());
    }
    if !watches {
        return Ok(response);
    }
    proxy.cut.mark_unchanged();
    let cut = async move { proxy.cut.changed().await };
    Ok(response.map(|body| Body::from_stream(body.into_data_stream().take_until(cut.boxed()).into_stream())))
}

/// What a request of the operator does.
fn kind(method: &Method, path: &str) -> Kind {
    if *method == Method::GET || path.contains("/leases") || path.contains("/events") {
        return Kind::Read;
    }
    if path.contains("/starrocksclusters/") && path.ends_with("/status") {
        Kind::Status
    } else {
        Kind::Effect
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart() {
        let cluster = "/apis/starrocks.com/v1/namespaces/a/starrocksclusters/sr";
        let set = "/apis/apps/v1/namespaces/a/statefulsets/sr-be";
        assert_eq!(kind(&Method::GET, cluster), Kind::Read);
        assert_eq!(kind(&Method::PUT, &format!("{cluster}/status")), Kind::Status);
        assert_eq!(kind(&Method::PATCH, set), Kind::Effect);
        assert_eq!(kind(&Method::DELETE, "/api/v1/namespaces/a/pods/sr-fe-0"), Kind::Effect);
        let lease = "/apis/coordination.k8s.io/v1/namespaces/b/leases/hookgate-operator";
        assert_eq!(
            kind(&Method::PUT, lease),
            Kind::Read,
            "keeping the lease changes nothing for anybody else"
        );
    }
}
