//! What isn't a review gets a clear answer from the webhook, and the webhook lives.

use crate::run::on_a_large_stack;
use hookgate_e2e::{Problem, client, proxy::Target};
use http::Method;
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, ResourceExt, api::ListParams};
use serde_json::{Value, json};

const UID: &str = "705ab4f5-6393-11e8-b7cc-42010a800002";

fn review(data: &str) -> String {
    // The uid first, as the API server writes it.
    format!(
        "{{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{{\"uid\":\"{UID}\",\
         \"kind\":{{\"group\":\"\",\"version\":\"v1\",\"kind\":\"ConfigMap\"}},\"operation\":\"CREATE\",\
         \"namespace\":\"default\",\"name\":\"x\",\
         \"object\":{{\"metadata\":{{\"name\":\"x\"}},\"data\":{{\"a\":\"{data}\"}}}}}}}}"
    )
}

/// The names and restarts of the webhook's containers: the same before and after when none has ended.
async fn replicas(client: &Client) -> Result<Vec<(String, i32)>, Problem> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), "hookgate-system");
    let webhooks = ListParams::default().labels("app.kubernetes.io/name=hookgate-webhook");
    let list = pods.list(&webhooks).await.map_err(Problem::api("listing the webhook's pods"))?;
    let restarts = |pod: &Pod| {
        let statuses = pod.status.as_ref().and_then(|status| status.container_statuses.as_ref());
        statuses.map_or(0, |statuses| statuses.iter().map(|status| status.restart_count).sum())
    };
    Ok(list.iter().map(|pod| (pod.name_any(), restarts(pod))).collect())
}

#[test]
fn get_a_clear_answer() {
    on_a_large_stack(judge_bad_bodies);
}

async fn judge_bad_bodies() {
    let client = client::client().await.unwrap_or_else(|problem| panic!("{problem}"));
    let before = replicas(&client).await.unwrap();
    assert!(!before.is_empty());
    let webhook = Target::tls_service("hookgate-system", "hookgate-webhook", 443);
    let whole = review("b");
    let (cut, _) = whole.split_at(whole.len() - 20);
    for path in ["/validate", "/mutate"] {
        for (body, code, words, echoed) in [
            ("hello".to_owned(), 400, "not JSON", ""),
            (json!({"kind": "Pod", "apiVersion": "v1"}).to_string(), 400, "AdmissionReview", ""),
            (cut.to_owned(), 400, "cut off", UID),
            (review(&"x".repeat(8 << 20)), 413, "larger than 7340032 bytes", UID),
        ] {
            let answer = webhook.send(&client, Method::POST, path, body.into_bytes()).await.unwrap();
            let answer: Value = serde_json::from_str(&answer).unwrap();
            let response = &answer["response"];
            assert_eq!((&response["allowed"], &response["uid"]), (&json!(false), &json!(echoed)), "{answer}");
            assert_eq!(response["status"]["code"], code, "{answer}");
            assert!(response["status"]["message"].as_str().unwrap_or_default().contains(words), "{answer}");
        }
        let answer = webhook.send(&client, Method::POST, path, whole.clone().into_bytes()).await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["response"]["allowed"], true, "{answer}");
    }
    assert_eq!(replicas(&client).await.unwrap(), before);
}
