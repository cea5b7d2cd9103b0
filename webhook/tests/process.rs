//! The program itself: started, made ready, asked, and ended, beside a stand-in of the API server that grants no more
//! than the chart does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

#[path = "../../certs/tests/api/mod.rs"]
mod api;
#[path = "support/client.rs"]
mod client;
#[path = "support/program.rs"]
mod program;
mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use api::Api;
use client::{Connection, get};
use http::StatusCode;
use program::{NAME, Program, RULES, bundle, install};
use serde_json::{Value, json};
use support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_start_to_end() {
    let api = Api::new(RULES);
    let mut program = Program::start(&api, &["--shutdown-delay", "10s"]).await;
    assert_eq!(get(program.health, "/healthz").await.unwrap(), (StatusCode::OK, "ok\n".to_owned()));
    let (status, text) = program.ready().await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "nobody trusts it yet");
    assert!(text.contains("[-]certificate failed"), "{text}");

    install(&api);
    program.until_ready().await;
    let mut connection = Connection::open(program.listen, &bundle(&api), NAME).await.unwrap();
    let ask = |object: &Value, kind| review("CREATE", kind, object, &Value::Null).to_string();

    let bad = config_map(&json!({"x": "kubectl get pods"}));
    let (_, answer) = connection.post("/validate", ask(&bad, CONFIG_MAP)).await.unwrap();
    assert_eq!(answer["response"]["allowed"], true, "nobody refers to it yet: {answer}");
    api.put(
        "starrocksclusters",
        json!({"apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
            "metadata": {"name": "c", "namespace": "starrocks"},
            "spec": {"starRocksFeSpec": {"upgradeHooks": {"custom": {"configMapName": "subject", "scriptKey": "x"}}}}}),
    );
    let begun = Instant::now();
    loop {
        let (_, answer) = connection.post("/validate", ask(&bad, CONFIG_MAP)).await.unwrap();
        if answer["response"]["status"]["code"] == 403 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the reference is not seen: {answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    api.put(
        "configmaps",
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "hooks", "namespace": "starrocks"},
            "data": {"hooks.sh": KUBECTL}}),
    );
    let object = cluster(&json!({"custom": {"configMapName": "hooks"}}));
    let (_, answer) = connection.post("/validate", ask(&object, CLUSTER)).await.unwrap();
    assert_eq!(answer["response"]["status"]["code"], 403, "{answer}");
    let (_, answer) = connection.post("/mutate", ask(&object, CLUSTER)).await.unwrap();
    assert_eq!(answer["response"]["patchType"], "JSONPatch", "{answer}");

    let (_, metrics) = get(program.health, "/metrics").await.unwrap();
    assert!(
        metrics.contains("controller_runtime_webhook_requests_total{webhook=\"/mutate\",code=\"200\"} 1"),
        "{metrics}"
    );
    assert!(metrics.contains("hookgate_webhook_certificate_trusted 1"), "{metrics}");
    assert_eq!(api.refused(), [""; 0]);

    program.signal("-TERM");
    let begun = Instant::now();
    while program.ready().await.0 == StatusCode::OK {
        assert!(begun.elapsed() < Duration::from_secs(20), "it stays ready");
    }
    let (_, answer) = connection.post("/validate", ask(&object, CLUSTER)).await.unwrap();
    assert_eq!(answer["response"]["status"]["code"], 403, "it still answers while endpoints are updated");
    assert!(program.ended().await.success());
    let log = program.logged();
    assert!(
        log.iter().any(|line| line["target"] == "hookgate::admission" && line["allowed"] == false),
        "{log:?}"
    );
    assert!(log.iter().all(|line| !line.to_string().contains("kubectl delete")), "the log repeats an object");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_server_is_asked_who_is_an_author() {
    let api = Api::new(RULES);
    install(&api);
    let policy = json!({"apiVersion": "hookgate.dev/v1alpha1", "kind": "HookPolicy",
        "metadata": {"name": "platform"}, "spec": {"authors": "Authorized"}});
    api.put("hookpolicies", policy);
    api.put(
        "namespaces",
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "starrocks"}}),
    );
    api.allow(json!({
        "user": "jane", "uid": "", "groups": ["dba"], "extra": {"scopes": ["x"]},
        "resourceAttributes": {"group": "hookgate.dev", "version": "v1alpha1", "resource": "hookpolicies",
            "verb": "author", "name": "platform", "namespace": "starrocks"},
    }));
    let program = Program::start(&api, &[]).await;
    program.until_ready().await;
    let mut connection = Connection::open(program.listen, &bundle(&api), NAME).await.unwrap();
    for (user, code) in [("jane", 200), ("joe", 403)] {
        let mut review = review("CREATE", CONFIG_MAP, &config_map(&json!({"hooks.sh": SAFE})), &Value::Null);
        review["request"]["userInfo"] =
            json!({"username": user, "groups": ["dba"], "extra": {"scopes": ["x"]}});
        let (_, answer) = connection.post("/validate", review.to_string()).await.unwrap();
        assert_eq!(answer["response"]["status"]["code"].as_u64().unwrap_or(200), code, "{answer}");
    }
    assert_eq!(api.refused(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_who_submits_a_script_is_remembered() {
    let api = Api::new(RULES);
    install(&api);
    let policy = json!({"apiVersion": "hookgate.dev/v1alpha1", "kind": "HookPolicy",
        "metadata": {"name": "platform"}, "spec": {"requireApproval": true}});
    api.put("hookpolicies", policy);
    api.put(
        "namespaces",
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "starrocks"}}),
    );
    let program = Program::start(&api, &[]).await;
    program.until_ready().await;
    let mut connection = Connection::open(program.listen, &bundle(&api), NAME).await.unwrap();
    for user in ["jane", "a/\"odd\"~name", "jane"] {
        let mut review = review("CREATE", CONFIG_MAP, &config_map(&json!({"hooks.sh": SAFE})), &Value::Null);
        review["request"]["userInfo"] = json!({"username": user});
        let (_, answer) = connection.post("/validate", review.to_string()).await.unwrap();
        assert_eq!(answer["response"]["allowed"], true, "{answer}");
    }
    let submission = api.get("hooksubmissions", "", &digest(SAFE)).unwrap();
    let submitters = submission["spec"]["submitters"].as_object().unwrap();
    assert_eq!(submitters.keys().collect::<Vec<_>>(), ["a/\"odd\"~name", "jane"]);
    assert_eq!(submitters["jane"]["namespace"], "starrocks");
    assert_eq!(api.refused(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_crd_no_config_map_is_held_up() {
    let api = Api::new(RULES).without("starrocksclusters");
    install(&api);
    let program = Program::start(&api, &[]).await;
    program.until_ready().await;
    let mut connection = Connection::open(program.listen, &bundle(&api), NAME).await.unwrap();
    let body = review("CREATE", CONFIG_MAP, &config_map(&json!({"x": "y"})), &Value::Null).to_string();
    let (_, answer) = connection.post("/validate", body).await.unwrap();
    assert_eq!(answer["response"]["allowed"], true, "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_api_server_that_is_away_refuses_what_depends_on_it() {
    let api = Api::new(RULES);
    install(&api);
    let program = Program::start(&api, &[]).await;
    program.until_ready().await;
    let mut connection = Connection::open(program.listen, &bundle(&api), NAME).await.unwrap();
    api.set_down(true);
    let object = cluster(&json!({"custom": {"configMapName": "hooks"}}));
    let body = review("CREATE", CLUSTER, &object, &Value::Null).to_string();
    let (_, answer) = connection.post("/validate", body).await.unwrap();
    assert_eq!(answer["response"]["status"]["code"], 503, "{answer}");
    assert!(answer["response"]["status"]["message"].as_str().unwrap().contains("try again"), "{answer}");
    assert_eq!(program.ready().await.0, StatusCode::OK, "what was read before still holds");
}

#[test]
fn what_cannot_start_says_why() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_hookgate-webhook"))
            .env("KUBECONFIG", "/nonexistent/kubeconfig")
            .args(["--listen", "127.0.0.1:0", "--health-listen", "127.0.0.1:0"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let text = run(&[]);
    assert!(text.contains("no API server is known") && text.contains("KUBECONFIG"), "{text}");
    let text = run(&["--log", "a=b=c"]);
    assert!(text.contains("is not a filter"), "{text}");
    let output = Command::new(env!("CARGO_BIN_EXE_hookgate-webhook"))
        .args(["--listen", &address, "--health-listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains(&address) && text.contains("something else"), "{text}");
}

/// Bodies that cost far more to read than to send.
fn hostile() -> Vec<String> {
    let body = |kind: (&str, &str), object: &str| {
        format!(
            r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"u","kind":{{"group":"{}","version":"v1","kind":"{}"}},"operation":"CREATE","namespace":"n","object":{object}}}}}"#,
            kind.0, kind.1
        )
    };
    let many = |item: &str, size: usize| vec![item; size / (item.len() + 1)].join(",");
    let keys: String = (0..500_000).map(|number| format!(r#""{number:x}":"","#)).collect();
    let functions = "a() { b; }\n".repeat(20_000);
    let script = format!("pre_upgrade() {{ :; }}\n{functions}post_upgrade() {{ :; }}\n");
    vec![
        body(
            CLUSTER,
            &format!(r#"{{"spec":{{"starRocksFeSpec":{{"sidecars":[{}]}}}}}}"#, many("{}", 6 << 20)),
        ),
        body(
            CLUSTER,
            &format!(r#"{{"spec":{{"starRocksFeSpec":{{"feEnvVars":[{}]}}}}}}"#, many("{}", 1 << 20)),
        ),
        body(CONFIG_MAP, &format!(r#"{{"data":{{{keys}"z":""}}}}"#)),
        body(CONFIG_MAP, &json!({"data": {"a": script, "b": script, "c": script, "d": script}}).to_string()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_below_the_limit_of_the_chart() {
    let api = Api::new(RULES);
    install(&api);
    let program = Program::start(&api, &[]).await;
    program.until_ready().await;
    let roots = bundle(&api);
    let senders: Vec<_> = (0..4)
        .flat_map(|_| hostile())
        .map(|body| {
            let (address, roots) = (program.listen, roots.clone());
            tokio::spawn(async move {
                let mut connection = Connection::open(address, &roots, NAME).await.unwrap();
                connection.post("/validate", body).await.unwrap()
            })
        })
        .collect();
    for sender in senders {
        let (status, answer) = sender.await.unwrap();
        assert_eq!((status, &answer["kind"]), (StatusCode::OK, &json!("AdmissionReview")));
    }
    let peak = program.peak_mebibytes();
    assert!(peak < 256, "{peak} MiB");
    let mut connection = Connection::open(program.listen, &roots, NAME).await.unwrap();
    let body = review("CREATE", CONFIG_MAP, &config_map(&json!({"a": "b"})), &Value::Null).to_string();
    let (_, answer) = connection.post("/validate", body).await.unwrap();
    assert_eq!(answer["response"]["allowed"], true, "{answer}");
}
