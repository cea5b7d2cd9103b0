//! Pods' addresses are used again: what is meant for another cluster's pod is refused.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use hookgate_standin::event::NodeKind;
use hyper::Method;
use support::{Cluster, http};

#[tokio::test(flavor = "multi_thread")]
async fn an_fe_refuses_what_is_meant_for_another() {
    let cluster = Cluster::start(1, &[]).await;
    let port = cluster.fes[0].http.port();
    let hello = async |service: &str, to: &str| {
        let body =
            format!(r#"{{"service":"{service}","to":{to},"from":"x:1","address":null,"message":{{}}}}"#);
        http(port, Method::POST, "/standin/peer/hello", &body).await.unwrap()
    };
    let (status, text) = hello("standalone", "null").await;
    assert_eq!((status, text.contains("\"member\":true")), (200, true), "{text}");
    let (status, text) = hello("c-fe-search.other.svc.cluster.local", "null").await;
    assert_eq!((status, text.contains("not whom the message is for")), (409, true), "{text}");
    assert_eq!(hello("standalone", "\"127.0.0.1:1\"").await.0, 409);
    let (status, text) = http(port, Method::POST, "/standin/peer/hello", "{}").await.unwrap();
    assert_eq!((status, text.contains("missing field `service`")), (422, true), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_refuses_a_heartbeat_for_another() {
    let cluster = Cluster::start(1, &[]).await;
    let backend = cluster.node(NodeKind::Backend, 0, 0, &["--faults", r#"{"never_register":true}"#]).await;
    let beat = async |host: &str| {
        let body = format!(r#"{{"host":"{host}","cluster_id":7}}"#);
        http(backend.heartbeat_port(), Method::POST, "/standin/heartbeat", &body).await.unwrap()
    };
    assert_eq!(beat("127.0.0.1").await.0, 200);
    let (status, text) = beat("other-be-0").await;
    assert_eq!((status, text.as_str()), (409, "this is 127.0.0.1, not other-be-0\n"));
}
