//! What isn't a review: each gets a refusal that echoes the uid where it can be found, and nothing ends the server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use hookgate_webhook::serve::router;
use http::{Request, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::*;

const UID: &str = "705ab4f5-6393-11e8-b7cc-42010a800002";

fn good() -> Value {
    review("CREATE", CONFIG_MAP, &config_map(&json!({})), &Value::Null)
}

/// Sends it to both paths; the answer is a refusal with this code.
async fn refused(body: impl Into<Bytes>, code: u64) -> Answer {
    let body: Bytes = body.into();
    for path in ["/mutate", "/validate"] {
        let answer = send(gate(FakeLookup::default()), post(path, body.clone())).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.body["kind"], "AdmissionReview", "{path}");
        assert!(!answer.allowed(), "{path}");
        assert_eq!(answer.code(), code, "{path}: {}", answer.message());
        if path == "/validate" {
            return answer;
        }
    }
    unreachable!()
}

#[tokio::test]
async fn empty_and_not_json() {
    assert!(refused("", 400).await.message().contains("empty"));
    assert!(refused("hello", 400).await.message().contains("not JSON"));
    assert!(refused(&b"\xff\x00\xfe"[..], 400).await.message().contains("not JSON"));
    assert!(refused("[]", 400).await.message().contains("AdmissionReview"));
    assert!(refused("{}", 400).await.message().contains("AdmissionReview"));
}

#[tokio::test]
async fn cut_off_with_the_uid_echoed() {
    let whole = good().to_string();
    let answer = refused(whole[..whole.len() - 20].to_owned(), 400).await;
    assert!(answer.message().contains("cut off"), "{}", answer.message());
    // serde_json writes keys in order of the alphabet: the uid comes last here, and first from the API server.
    let first = format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"{UID}","obj"#
    );
    assert_eq!(refused(first, 400).await.response()["uid"], UID);
}

#[tokio::test]
async fn another_kind_version_or_no_request() {
    let mut other = good();
    other["kind"] = json!("Pod");
    let answer = refused(other.to_string(), 400).await;
    assert!(answer.message().contains("\"Pod\""));
    assert_eq!(answer.response()["uid"], UID);

    let mut beta = good();
    beta["apiVersion"] = json!("admission.k8s.io/v1beta1");
    let answer = refused(beta.to_string(), 400).await;
    assert_eq!(answer.body["apiVersion"], "admission.k8s.io/v1beta1");
    assert_eq!(answer.response()["uid"], UID);
    assert!(answer.message().contains("admissionReviewVersions: [\"v1\"]"));

    let mut without = good();
    without["request"] = Value::Null;
    assert!(refused(without.to_string(), 400).await.message().contains("no request"));
    let mut without = good();
    without["request"]["uid"] = json!("");
    assert!(refused(without.to_string(), 400).await.message().contains("uid"));
}

#[tokio::test]
async fn eight_mebibytes_are_refused_and_seven_are_judged() {
    let padded = |size: usize| {
        let head = format!(
            r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"{UID}","kind":{{"group":"","version":"v1","kind":"ConfigMap"}},"operation":"CREATE","object":{{"data":{{"a":""#
        );
        let tail = r#""}}}}"#;
        format!("{head}{}{tail}", "x".repeat(size - head.len() - tail.len()))
    };
    let answer = refused(padded(8 << 20), 413).await;
    assert_eq!(answer.response()["uid"], UID);
    assert!(answer.message().contains("larger than 7340032 bytes"), "{}", answer.message());
    let answer = send(gate(FakeLookup::default()), post("/validate", padded(7 << 20))).await;
    assert!(answer.allowed(), "{}", answer.message());
}

#[tokio::test]
async fn a_body_that_stops_arriving() {
    let head = format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"{UID}","#
    );
    let begun = stream::iter([Ok::<_, std::io::Error>(Bytes::from(head))]);
    let body = Body::from_stream(futures::StreamExt::chain(begun, stream::pending()));
    let gate = router::reviews(reviewer(FakeLookup::default(), Duration::from_millis(50)));
    let answer = send(gate, post("/validate", body)).await;
    assert_eq!((answer.code(), &answer.response()["uid"]), (408, &json!(UID)));
}

#[tokio::test]
async fn another_content_type() {
    for (header, allowed) in [
        (Some("application/json"), true),
        (Some("application/json; charset=utf-8"), true),
        (Some("Application/JSON"), true),
        (Some("text/plain"), false),
        (Some("application/vnd.kubernetes.protobuf"), false),
        (None, false),
    ] {
        let mut request = Request::post("/validate");
        if let Some(header) = header {
            request = request.header("content-type", header);
        }
        let answer =
            send(gate(FakeLookup::default()), request.body(good().to_string().into()).unwrap()).await;
        assert_eq!(answer.allowed(), allowed, "{header:?}");
        assert_eq!(answer.response()["uid"], UID);
        assert_eq!(answer.code() == 415, !allowed);
    }
}

#[tokio::test]
async fn other_methods_and_paths() {
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let request = Request::builder().method(method).uri("/validate").body(Body::empty()).unwrap();
        let answer = send(gate(FakeLookup::default()), request).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(!answer.allowed() && answer.message().contains("POST"), "{method}");
    }
    let answer = send(gate(FakeLookup::default()), post("/elsewhere", good().to_string())).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.as_str().unwrap().contains("/validate"), "{:?}", answer.body);
}

#[tokio::test]
async fn what_is_deeply_nested_or_wide_costs_little() {
    let deep = format!("{}{}", "[".repeat(1 << 20), "]".repeat(1 << 20));
    for object in [deep, format!("[{}0]", "0,".repeat(3 << 20))] {
        let body = format!(
            r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"{UID}","kind":{{"group":"starrocks.com","version":"v1","kind":"StarRocksCluster"}},"operation":"CREATE","object":{{"spec":{{"unknown":{object}}}}}}}}}"#
        );
        let answer = send(gate(FakeLookup::default()), post("/validate", body)).await;
        assert!(!answer.allowed());
        assert_eq!(answer.response()["uid"], UID);
    }
}

fn answered(path: &'static str, body: Vec<u8>) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let answer = runtime.block_on(send(gate(FakeLookup::default()), post(path, body)));
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["kind"], "AdmissionReview");
    assert!(answer.response()["allowed"].is_boolean() && answer.response()["uid"].is_string());
    answer
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered_and_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(!answered("/validate", bytes.clone()).allowed());
        prop_assert!(!answered("/mutate", bytes).allowed());
    }

    #[test]
    fn a_damaged_review_is_answered(position in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = review("UPDATE", CLUSTER, &cluster(&json!({"custom": {"configMapName": "m"}})), &Value::Null)
            .to_string()
            .into_bytes();
        let at = position.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let answer = answered("/validate", bytes.clone());
        if cut {
            prop_assert!(!answer.allowed());
        }
        answered("/mutate", bytes);
    }

    #[test]
    fn any_script_is_answered(script in prop::collection::vec(any::<u8>(), 0..200)) {
        use base64::Engine as _;
        let mut map = labelled(&json!({}));
        map["binaryData"] = json!({"hooks.sh": base64::engine::general_purpose::STANDARD.encode(&script)});
        let answer = answered("/validate", review("CREATE", CONFIG_MAP, &map, &Value::Null).to_string().into_bytes());
        prop_assert!(!answer.allowed(), "random bytes define no hook functions");
        prop_assert_eq!(answer.code(), 403);
    }
}
