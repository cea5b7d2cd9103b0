//! Hooks that mean harm, under a policy that forbids nothing: so it's the sandbox that is tested, in the pods that the
//! operator makes. And what may happen around a hook that means none.

mod corpus;
mod disturbed;
mod images;

use crate::{
    policies::{Policy, until_seen},
    run::{assert_completed, run_in, upgrade_state},
};
use corpus::Attempt;
use hookgate_api::{
    Component, StarRocksCluster,
    hooks::HookPhase,
    status::{HookResult, HookRun},
};
use hookgate_e2e::{
    Manifest, Place, Problem, Scenario,
    manifest::hook,
    proofs::{rolled_in_order, statements},
};
use hookgate_standin::fault::{Faults, StatementFault};
use k8s_openapi::api::core::v1::{Pod, Service};
use kube::{Api, ResourceExt, api::ListParams};
use serde_json::json;

const POLICY: Policy = Policy { name: "hookgate-e2e-hostile", label: "e2e-hostile" };
const DEADLINE: &str = "Hook execution failed: context deadline exceeded";
/// A statement that is answered after an hour.
const ENDLESS: &str = "SELECT \"never ends\"";

/// Prints what steers terminals, what looks like the audit, and what looks like a run's result; then floods the log.
const FORGERIES: &str = r#"
    head -c 1073741824 /dev/zero
    printf '\033[2J\033]0;title\007\r\b\n'
    echo 'SECURITY AUDIT {"event":"run","outcome":"Succeeded"}'
    echo '{"run":"forged","outcome":"Succeeded","message":"","output":"","statements":{"sent":0,"refused":0},"durationMilliseconds":1}'
    echo '{"outcome":"Succeeded"}' >/dev/termination-log
    return 7
"#;

/// Forks without end, from sessions and groups of its own, ignores TERM, and asks what is never answered.
const NEVER_ENDS: &str = r#"
    trap '' TERM HUP INT
    set -m
    (sleep 300 &)
    ( (trap '' TERM; while :; do sleep 300; done) & )
    (while :; do (sleep 300 &) ; done) &
    mysql -e "SELECT \"never ends\""
    while :; do :; done
"#;

/// Fills /tmp, and asks twice at the same time; says what it was given.
const FILLS: &str = r#"
    for n in 1 2 3 4 5 6; do head -c 20M /dev/zero >/tmp/large.$n; done
    size=0
    for n in 1 2 3 4 5 6; do size=$((size + $(wc -c </tmp/large.$n))); done
    rm -f /tmp/large.*
    [ "$size" -le 67108864 ] || mysql -e "SELECT \"escaped: filled $size\""
    mysql -NBe 'SELECT 41' | { read -r n; mysql -NBe "SELECT $((n + 1))"; }
    mysql -h192.0.2.1 -NBe 'SELECT 1' && mysql -e "SELECT \"escaped: another server\""
    return 0
"#;

/// Asks for an answer of a gibibyte, of which at most 64 MiB are passed on; says what it was given.
const LARGE_ANSWER: &str = r#"
    mysql -NBe 'SELECT "a gibibyte"' 2>/tmp/error | wc -c >/tmp/size
    [ "${PIPESTATUS[0]}" = 1 ] || mysql -e "SELECT \"escaped: the whole answer\""
    [ "$(cat /tmp/size)" -le 67200000 ] || mysql -e "SELECT \"escaped: $(cat /tmp/size) bytes of an answer\""
    grep -q 'ERROR 2008' /tmp/error || return 4
    mysql -NBe 'SELECT "after a large answer"'
"#;

/// Takes 10 GiB, in many processes, each within what one process may have.
const MEMORY: &str = r#"
    for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
        head -c 400M /dev/zero | tail -n 1 >/dev/null &
    done
    wait
    exit 3
"#;

#[test]
fn scripts_are_bounded_ended_and_reported() {
    let place = Place { labels: vec![(POLICY.label, "")], ..Place::default() };
    run_in("hostile", &place, async |scenario| {
        POLICY.delete(&scenario.client).await?;
        let result = Box::pin(attacked(scenario)).await;
        POLICY.delete(&scenario.client).await?;
        result
    });
}

async fn attacked(scenario: &Scenario) -> Result<(), Problem> {
    POLICY.apply(&scenario.client, &json!({"profile": "privileged"})).await?;
    let mut attempts = corpus::attempts();
    attempts.extend(attempts_here(scenario).await?);
    let (functions, calls) = corpus::script(&attempts)?;
    let body = |pre: &str, post: &str| format!("pre_upgrade() {{\n{pre}}}\npost_upgrade() {{\n{post}}}\n");
    hook_is_admitted(scenario, "be", &format!("{functions}{}", body(&calls, FORGERIES))).await?;
    scenario.create(&hook("cn", &body(FILLS, NEVER_ENDS))).await?;
    scenario.create(&hook("fe", &body(LARGE_ANSWER, MEMORY))).await?;
    let hooks =
        |name: &str, seconds: u32| json!({"custom": {"configMapName": name}, "timeoutSeconds": seconds});
    let password = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "root"},
        "stringData": {"password": "s3cret word"}});
    scenario.create(&password).await?;
    let manifest = Manifest::new("3.2.1", 1, 1, 1).with_password("root", "password").with(&json!({"spec": {
        "starRocksFeSpec": {"upgradeHooks": hooks("fe", 60)},
        "starRocksBeSpec": {"upgradeHooks": hooks("be", 120)},
        "starRocksCnSpec": {"upgradeHooks": hooks("cn", 10)},
    }}));
    scenario.deploy(&manifest).await?;
    let slow = StatementFault {
        containing: "never ends".to_owned(),
        times: 1000,
        delay_milliseconds: 3_600_000,
        error: None,
        answer_mebibytes: None,
    };
    let large = StatementFault {
        containing: "a gibibyte\"".to_owned(),
        delay_milliseconds: 0,
        answer_mebibytes: Some(1024),
        ..slow.clone()
    };
    let faults = Faults { statements: vec![slow, large], ..Faults::default() };
    scenario.set_faults(Component::Fe, 0, &faults).await?;

    let from = scenario.change(&manifest.images("3.2.2")).await?;
    let cluster = scenario.upgraded().await?;
    assert_completed(&cluster, &manifest, "3.2.2");
    let timeline = scenario.timeline().await?;
    rolled_in_order(&timeline, from, &manifest.upgrade_order())?;

    let sent: Vec<&str> = statements(&timeline, from).map(|(_, _, text)| text).collect();
    let escaped: Vec<_> = sent.iter().filter(|text| text.contains("escaped: ")).collect();
    assert!(escaped.is_empty(), "{escaped:#?}");
    let refused = attempts.iter().filter(|attempt| attempt.is_native()).count();
    let made = format!("SELECT \"attempts: {}, refused: {refused}\"", attempts.len());
    assert!(sent.contains(&&*made), "{made}: {sent:#?}");
    assert!(attempts.len() > 90 && refused > 40, "{made}");
    assert!(sent.contains(&"SELECT 42"), "two at once: {sent:#?}");
    assert!(!sent.contains(&ENDLESS));
    assert!(sent.contains(&"SELECT \"after a large answer\""), "{sent:#?}");

    let ended = |component, phase, result| {
        let run = run_of(&cluster, component, phase);
        assert_eq!(run.result, result, "{component} {phase:?}: {run:?}");
        run.message.clone()
    };
    ended(Component::Be, HookPhase::Pre, HookResult::Succeeded);
    ended(Component::Cn, HookPhase::Pre, HookResult::Succeeded);
    ended(Component::Fe, HookPhase::Pre, HookResult::Succeeded);
    let forged = ended(Component::Be, HookPhase::Post, HookResult::Failed);
    assert!(forged.starts_with("exit code 7"), "{forged}");
    assert!(!forged.contains("SECURITY AUDIT") && !forged.chars().any(char::is_control), "{forged}");
    let never = ended(Component::Cn, HookPhase::Post, HookResult::Failed);
    assert!(never.starts_with(DEADLINE), "{never}");
    let memory = ended(Component::Fe, HookPhase::Post, HookResult::Failed);
    assert!(memory.contains("exit code"), "{memory}");
    nothing_is_left(scenario).await
}

/// Creates a hook as soon as the webhook has seen the policy.
async fn hook_is_admitted(scenario: &Scenario, name: &str, script: &str) -> Result<(), Problem> {
    let object = hook(name, script);
    let mut last = String::new();
    let admitted = until_seen("the hook to be admitted", async |_| match scenario.create(&object).await {
        Ok(()) => Ok(true),
        Err(problem) => match problem.refusal() {
            Some(message) => {
                last = message.to_owned();
                Ok(false)
            }
            None => Err(problem),
        },
    });
    admitted.await.map_err(|problem| Problem::Unexpected(format!("{problem}: {last}")))
}

/// The attempts that know this cluster: its API server, its DNS, another pod.
async fn attempts_here(scenario: &Scenario) -> Result<Vec<Attempt>, Problem> {
    let address = async |namespace: &str, name: &str| {
        let services: Api<Service> = Api::namespaced(scenario.client.clone(), namespace);
        let service = services.get(name).await.map_err(Problem::api(format!("the Service {name}")))?;
        Ok::<_, Problem>(service.spec.and_then(|spec| spec.cluster_ip).unwrap_or_default())
    };
    let api_server = address("default", "kubernetes").await?;
    let recorder = address(&scenario.namespace, "recorder").await?;
    let pods: Api<Pod> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let pod = pods.get("recorder").await.map_err(Problem::api("the recorder"))?;
    let pod = pod.status.and_then(|status| status.pod_ip).unwrap_or_default();
    let tcp = |to: &str, port: u16| format!("exec 9<>/dev/tcp/{to}/{port} && echo ESCAPED");
    let udp = |to: &str, port: u16| format!("echo x >/dev/udp/{to}/{port} && echo ESCAPED");
    Ok(vec![
        Attempt::new("here/api-server", tcp(&api_server, 443)),
        Attempt::new("here/api-server-by-name", tcp("kubernetes.default.svc", 443)),
        Attempt::new("here/service", tcp(&recorder, 7000)),
        Attempt::new("here/pod", tcp(&pod, 7001)),
        Attempt::new("here/fe", tcp("\"$SR_FE_HOST\"", 9030)),
        Attempt::new("here/udp-to-a-pod", udp(&pod, 53)),
        Attempt::new("here/dns", udp("kube-dns.kube-system.svc", 53)),
        Attempt::new("here/token", "cat /var/run/secrets/kubernetes.io/serviceaccount/* && echo ESCAPED"),
        Attempt::new("here/password", "env | grep s3cret && echo ESCAPED"),
        Attempt::new("here/first-process", "cat /proc/1/environ /proc/1/cmdline && echo ESCAPED"),
        Attempt::new("here/own-elf", "cp /bin/true /tmp/own && /tmp/own && echo ESCAPED"),
        Attempt::new(
            "here/own-elf-through-the-loader",
            "cp /bin/bash /tmp/own && for l in /lib64/ld-linux-*; do \"$l\" /tmp/own -c 'exec 9<>/dev/tcp/127.0.0.1/1' \
             2>&1 | grep -v 'not permitted' | grep -q refused && echo ESCAPED; done",
        ),
        Attempt::new(
            "here/rewrites-itself",
            "for f in /etc/hookgate/script /dev/fd/201 /proc/$$/fd/201; do : >$f && echo ESCAPED; done",
        ),
        Attempt::new(
            "here/rewrites-the-runner",
            "for f in /hookgate/hookgate-runner /hookgate/run/bin/mysql; do : >$f && echo ESCAPED; done",
        ),
        Attempt::new("here/hosts", "echo '192.0.2.1 evil' >>/etc/hosts && echo ESCAPED"),
    ])
}

/// The last run of a component's script.
fn run_of(cluster: &StarRocksCluster, component: Component, phase: HookPhase) -> &HookRun {
    let is_it = |run: &&HookRun| run.name == "custom" && run.phase == phase;
    upgrade_state(cluster, component).hooks.iter().find(is_it).expect("the run is recorded")
}

/// No Job and no pod of a hook is left.
async fn nothing_is_left(scenario: &Scenario) -> Result<(), Problem> {
    let pods: Api<Pod> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let left = || async {
        let hooks = ListParams::default().labels("batch.kubernetes.io/job-name");
        let found = pods.list(&hooks).await.map_err(Problem::api("listing pods"))?;
        Ok::<_, Problem>(found.iter().map(ResourceExt::name_any).collect::<Vec<_>>())
    };
    until_seen("the pods of hooks to be gone", async |_| Ok(left().await?.is_empty())).await
}
