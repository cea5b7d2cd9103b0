use super::*;
use serde_json::json;

fn now() -> Timestamp {
    "2026-01-02T12:01:30Z".parse().unwrap()
}

fn cluster(status: &serde_json::Value) -> StarRocksCluster {
    let object = json!({
        "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
        "metadata": {"name": "sr", "namespace": "prod", "generation": 3},
        "spec": {"starRocksFeSpec": {"image": "r/fe:3.2.2"}, "starRocksBeSpec": {"image": "r/be:3.2.2"}},
        "status": status,
    });
    serde_json::from_value(object).unwrap()
}

fn in_flight() -> StarRocksCluster {
    cluster(&json!({
        "observedGeneration": 3,
        "conditions": [{"type": "Ready", "status": "False", "reason": "Upgrading", "message": "an upgrade is in flight",
            "lastTransitionTime": "2026-01-02T12:00:00Z"}],
        "heldSettings": [{"name": "disable_balance", "value": "true", "state": "Held", "since": "2026-01-02T12:00:01Z",
            "frontends": [{"pod": "sr-fe-0", "uid": "u", "original": "false"}]}],
        "wave": {
            "id": "g3-1", "direction": "Upgrade", "startedAt": "2026-01-02T12:00:00Z",
            "waitingFor": {"reason": "ComponentNotReady", "message": "BE: sr-be-1 is not ready",
                "since": "2026-01-02T12:01:20Z"},
            "next": "the next pod of BE",
            "components": [
                {"component": "be", "phase": "Rolling", "fromImage": "r/be:3.2.1", "toImage": "r/be:3.2.2", "target": "h",
                    "startedAt": "2026-01-02T12:00:05Z", "opened": {"name": "sr-be-1", "ordinal": 1},
                    "hooks": [{"name": "disable-balancer", "phase": "Pre", "result": "Succeeded", "attempt": 2,
                        "startedAt": "2026-01-02T12:00:06Z", "finishedAt": "2026-01-02T12:00:08Z"}]},
                {"component": "fe", "phase": "Detected", "fromImage": "r/fe:3.2.1", "toImage": "r/fe:3.2.2", "target": "h"},
            ],
        },
    }))
}

#[test]
fn an_upgrade_in_flight_shows_its_steps_hooks_and_what_it_waits_for() {
    let pods = BTreeMap::from([(Component::Be, Pods { wanted: 3, ready: 2, updated: 1 })]);
    let text = render(&in_flight(), &pods, now(), false);
    let expected = "\
prod/sr  not ready: an upgrade is in flight

Upgrade g3-1, for 1 min 30 s: BE, then FE; 0 of 2 done
12:00:05  BE  rolling    [#..] 1/3, 2 ready  3.2.1 → 3.2.2 for 1 min 25 s; sr-be-1 is away
12:00:06      pre-hook disable-balancer succeeded in 2 s, try 2
          FE  detected     3.2.1 → 3.2.2

waits: BE: sr-be-1 is not ready (ComponentNotReady, for 10 s)
next:  the next pod of BE
held: disable_balance = true (was false on sr-fe-0)
";
    assert_eq!(text, expected);
    assert!(render(&in_flight(), &pods, now(), true).contains("\x1b["), "colours");
}

#[test]
fn what_stalls_a_cluster_comes_first_and_an_old_status_is_said_to_be_old() {
    let stalled = cluster(&json!({
        "observedGeneration": 2,
        "conditions": [{"type": "Stalled", "status": "True", "reason": "HookFailed", "message": "BE: no such table",
            "lastTransitionTime": "2026-01-02T12:00:00Z"}],
    }));
    let text = render(&stalled, &BTreeMap::new(), now(), false);
    assert_eq!(
        text,
        "prod/sr  stalled, HookFailed: BE: no such table\n  the operator hasn't seen the present spec yet\n"
    );
}

#[test]
fn without_an_upgrade_the_last_one_is_shown() {
    let done = cluster(&json!({
        "observedGeneration": 3,
        "conditions": [{"type": "Ready", "status": "True", "reason": "Ready", "message": "",
            "lastTransitionTime": "2026-01-02T12:00:00Z"}],
        "starRocksBeStatus": {"upgradeState": {"wave": "g3-1", "phase": "Completed", "direction": "Upgrade",
            "fromImage": "r/be:3.2.1", "toImage": "r:5000/be@sha256:0123456789abcdef0123",
            "startedAt": "2026-01-01T12:00:00Z", "completedAt": "2026-01-01T12:03:20Z"}},
    }));
    let pods = BTreeMap::from([(Component::Be, Pods { wanted: 30, ready: 30, updated: 0 })]);
    let text = render(&done, &pods, now(), false);
    assert!(
        text.starts_with("prod/sr  ready\n\nThe last upgrade:\n2026-01-01 12:00:00  BE  completed  30/30"),
        "{text}"
    );
    assert!(text.contains("3.2.1 → sha256:0123456789ab in 3 min 20 s"), "{text}");
}

#[test]
fn a_cluster_that_no_operator_has_seen_says_so() {
    let mut cluster = in_flight();
    cluster.status = None;
    assert!(render(&cluster, &BTreeMap::new(), now(), false).contains("no operator has looked at it yet"));
}

#[test]
fn the_proxy_has_a_line_of_its_own() {
    let with = |proxy: &serde_json::Value| {
        let status = json!({"observedGeneration": 3, "starRocksFeProxyStatus": proxy});
        render(&cluster(&status), &BTreeMap::new(), now(), false)
    };
    let text = with(&json!({"phase": "running", "runningInstances": ["sr-fe-proxy-1"]}));
    assert!(text.ends_with("FE proxy: running, 1 pods ready\n"), "{text}");
    let waits = json!({"phase": "reconciling", "reason": "it waits for the wave g3-1",
        "runningInstances": ["sr-fe-proxy-1"], "creatingInstances": ["sr-fe-proxy-2"]});
    let text = with(&waits);
    assert!(
        text.ends_with("FE proxy: reconciling, 1 of 2 pods ready: it waits for the wave g3-1\n"),
        "{text}"
    );
}
