//! Hooks that misbehave: one never ends, one kills its own session and more, one prints 1 GiB.

use super::{Faulty, by_password, folder, manifest};
use crate::machine_hooks::{kubectl_ok, machines::Machines, run};
use hookgate_api::platform::HookType;
use hookgate_e2e::Problem;
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, api::ListParams};

const HOOK: HookType = HookType::PreInstall;
/// Prints what every process on the machine was started as.
const PROCESSES: &str = "for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$p; echo; done 2>/dev/null";

/// The message has the machine, how the attempt ended and the end of what it printed.
async fn fails(faulty: &Faulty<'_>, machine: &str, parts: &[&str]) -> Result<(), Problem> {
    let failed = format!("{}: attempt ", faulty.machines.address(machine));
    let parts: Vec<&str> =
        [failed.as_str(), "failed, the next is at "].into_iter().chain(parts.iter().copied()).collect();
    faulty.hangs(HOOK.condition(), "HookFailed", &parts).await.map(drop)
}

async fn mend(faulty: &Faulty<'_>, machine: &str) -> Result<(), Problem> {
    faulty.machines.run(machine, "touch /run/mended").await?;
    faulty.ends_well(HOOK, super::VERSION).await?;
    let run = faulty.run(machine, HOOK).await?;
    assert!(run.is_some_and(|run| run.attempts > 1), "{machine} had failed before");
    faulty.succeeded(machine, HOOK, None).await
}

async fn never_ends(faulty: &Faulty<'_>) -> Result<(), Problem> {
    let (address, pause) = (faulty.machines.address("never"), "attempt 1 is under way");
    faulty.hangs(HOOK.condition(), "HookRunning", &[address, pause]).await?;
    faulty.says("never", PROCESSES, |said| said.contains("sleep 33333")).await?;
    // What is under way goes on; the next attempt finds it mended.
    faulty.machines.run("never", "touch /run/mended").await?;
    fails(faulty, "never", &["it took longer than it may, and was ended", "this takes a while"]).await?;
    mend(faulty, "never").await?;
    let left = faulty.machines.run("never", PROCESSES).await?;
    assert!(!left.contains("33333") && !left.contains("11111"), "all of its session is ended: {left}");
    Ok(())
}

async fn kills_its_session(faulty: &Faulty<'_>) -> Result<(), Problem> {
    fails(faulty, "session", &["exit code 137", "the last words"]).await?;
    // It kills the process that waits for it as well.
    fails(faulty, "session", &["its process is gone, and nothing is known of its end", "the last words"])
        .await?;
    mend(faulty, "session").await
}

async fn prints_a_gibibyte(client: &Client, faulty: &Faulty<'_>) -> Result<(), Problem> {
    fails(faulty, "flood", &["exit code 9", "a line of a gibibyte\n", "\nthe end of a gibibyte"]).await?;
    faulty.is_counted_as_hanging(HOOK.condition(), true).await?;
    let status = serde_json::to_string(&faulty.now().await?.status).map_or(0, |status| status.len());
    assert!(status < 16 << 10, "the status has {status} bytes");
    mend(faulty, "flood").await?;
    faulty.is_counted_as_hanging(HOOK.condition(), false).await?;
    let told = faulty.events().await?;
    for reason in ["HookStarted", "HookFailed", "HookSucceeded"] {
        assert!(told.contains(reason), "{reason}: {told:?}");
    }
    let largest = "du -sk /root/.hookgate/runs/* | sort -n | tail -n 1 | cut -f1";
    let kept: u64 = faulty.machines.run("flood", largest).await?.trim().parse().unwrap();
    assert!((16 << 10..=49 << 10).contains(&kept), "{kept} KiB of a run are kept on the machine");
    // The operator's memory is limited by the chart: more than that would have ended it.
    let operators = ListParams::default().labels("app.kubernetes.io/name=hookgate-operator");
    let pods = Api::<Pod>::namespaced(client.clone(), "hookgate-system").list(&operators).await;
    for pod in pods.map_err(Problem::api("the operator's pods"))? {
        let containers = pod.status.and_then(|status| status.container_statuses).unwrap_or_default();
        let killed = containers.iter().any(|one| {
            let ended =
                [&one.state, &one.last_state].into_iter().flatten().filter_map(|it| it.terminated.as_ref());
            ended.filter_map(|it| it.reason.as_deref()).any(|reason| reason == "OOMKilled")
        });
        assert!(!killed, "{containers:?}");
    }
    Ok(())
}

/// A cluster of one machine, whose hook is the script of that name.
fn misbehaves(kind: &str, test: impl AsyncFnOnce(&Client, &Faulty<'_>) -> Result<(), Problem> + Send) {
    run(&format!("machine-{kind}"), async |client, name| {
        let machines = Machines::boot(name, &[kind], &[]).await?;
        let masters = [by_password(&machines, kind)];
        let manifest = manifest(name, name, &masters, &folder(kind), &[(HOOK, kind)]);
        let faulty = Faulty::create(client, name, &machines, &manifest).await?;
        Box::pin(test(client, &faulty)).await?;
        // It ran for the installation only: nothing keeps the cluster from being deleted.
        kubectl_ok(&["delete", "clusters.platform.tkestack.io", name, "--timeout=60s"], None).await?;
        machines.end().await
    });
}

#[test]
fn a_hook_that_never_ends_is_ended_with_its_session_told_and_tried_again() {
    misbehaves("never", async |_, faulty| never_ends(faulty).await);
}

#[test]
fn a_hook_that_kills_its_own_session_or_more_is_told_and_tried_again() {
    misbehaves("session", async |_, faulty| kills_its_session(faulty).await);
}

#[test]
fn a_gibibyte_of_output_is_told_by_its_end_and_fills_nothing() {
    misbehaves("flood", async |client, faulty| prints_a_gibibyte(client, faulty).await);
}
