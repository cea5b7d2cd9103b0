//! Whole runs: the process runner's test-suite, and every attempt to leave the sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod attempt;
mod bench;
mod corpus;
mod suite;
#[path = "../../../../tests/standin/tests/support/mod.rs"]
mod support;

use bench::{Hook, PASSWORD};
use corpus::{Attempt, attempts};
use std::time::Duration;
use support::{Cluster, set_faults};

/// After its time a run has five seconds for TERM, and then it is killed; the rest is for a machine that is busy.
const END: Duration = Duration::from_secs(60);

/// An FE whose root has the password, for as long as the runtime is kept.
fn database() -> (tokio::runtime::Runtime, Cluster) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cluster = runtime.block_on(async {
        let own = ["--root-password", PASSWORD].map(str::to_owned).to_vec();
        let cluster = Cluster::start_with(1, |_| own.clone()).await;
        let fault = r#"{"statements":[{"containing":"never ends","times":1000,"delay_milliseconds":3600000},
                {"containing":"a gibibyte","times":1000,"answer_mebibytes":1024}]}"#;
        set_faults(cluster.fes[0].http.port(), fault).await;
        cluster
    });
    (runtime, cluster)
}

fn problems(attempt: &Attempt, port: u16) -> Vec<String> {
    let script = attempt.script();
    let hook = Hook {
        script: &script,
        functions: "native,pre_upgrade,post_upgrade",
        timeout_seconds: attempt.timeout,
        port,
        ..Hook::default()
    };
    let ran = hook.run();
    let mut problems = Vec::new();
    if ran.log.contains("ESCAPED") {
        problems.push("it escaped".to_owned());
    }
    if !attempt.expect.contains(&ran.result.outcome) {
        problems.push(format!("it ended with {:?}: {}", ran.result.outcome, ran.result.message));
    }
    if ran.took > Duration::from_secs(attempt.timeout) + END {
        problems.push(format!("it took {:?}", ran.took));
    }
    if !ran.left.is_empty() {
        problems.push(format!("it left processes behind: {}", ran.left));
    }
    if ran.log.len() > 700 << 10 {
        problems.push(format!("the log has {} bytes", ran.log.len()));
    }
    let said = &attempt.says;
    problems.extend(
        said.iter().filter(|text| !ran.log.contains(*text)).map(|text| format!("never said {text:?}")),
    );
    let (never, log) = (&attempt.never, ran.log_of_script());
    problems.extend(never.iter().filter(|text| log.contains(*text)).map(|text| format!("said {text:?}")));
    if attempt.outside && !hook.run_outside().contains("ESCAPED") {
        problems.push("in plain bash it fails as well, so the sandbox isn't tested".to_owned());
    }
    if !problems.is_empty() {
        let log: String = ran.log.chars().take(1500).collect();
        problems.push(format!("log:\n{log}"));
    }
    problems.iter().map(|problem| format!("{}: {problem}", attempt.name)).collect()
}

/// Attempts at the same time.
const AT_A_TIME: usize = 3;

#[test]
fn no_attempt_to_leave_the_sandbox_succeeds() {
    let (_runtime, cluster) = database();
    let port = cluster.fes[0].query.port();
    let only = std::env::var("HOOKGATE_ATTEMPT").unwrap_or_default();
    let attempts: Vec<Attempt> =
        attempts().into_iter().filter(|attempt| attempt.name.contains(&only)).collect();
    assert!(!only.is_empty() || attempts.len() >= 80, "{}", attempts.len());
    let next = std::sync::atomic::AtomicUsize::new(0);
    let found = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(attempt) =
                    attempts.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    let problems = problems(attempt, port);
                    found.lock().unwrap().extend(problems);
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
