//! The behaviours.

use crate::{Answer, Described, Place, Try, script, until};
use hookgate_operator::{
    observation::{ObservedJob, ObservedRun},
    plan::Outcome,
};
use hookgate_runner::supervise::{KEPT_BYTES, Outcome as Ended, RunResult};

/// One thing that a runner promises: its name, and what tries it.
pub type Behaviour = (&'static str, for<'a> fn(&'a dyn Place) -> Answer<'a, ()>);

/// All of them. Each uses names that no other does, so that they may be tried side by side.
pub fn behaviours() -> Vec<Behaviour> {
    vec![
        ("succeeds", |place| Box::pin(succeeds(place))),
        ("fails", |place| Box::pin(fails(place))),
        ("deadline", |place| Box::pin(deadline(place))),
        ("output", |place| Box::pin(output(place))),
        ("forged-result", |place| Box::pin(forged_result(place))),
        ("once", |place| Box::pin(started_once(place))),
        ("found-again", |place| Box::pin(found_again(place))),
        ("deleted", |place| Box::pin(deleted_while_it_runs(place))),
        ("foreign", |place| Box::pin(foreign(place))),
        ("changed-script", |place| Box::pin(changed_script(place))),
        ("next-try", |place| Box::pin(next_try(place))),
    ]
}

fn described<'a>(wave: &'a str, script: &'a str) -> Described<'a> {
    Described { wave, attempt: 1, script, found: None, timeout_seconds: 60 }
}

async fn started(one: &Try<'_>) -> String {
    let outcome = one.place.runner().start(&one.cluster, &one.run).await.expect("it can be started");
    match outcome {
        Outcome::RunStarted(place) => place,
        other => panic!("{other:?}"),
    }
}

fn result(run: Option<ObservedRun>) -> RunResult {
    match run {
        Some(ObservedRun::Ended(result)) => *result,
        other => panic!("the runner has not said how it went: {other:?}"),
    }
}

fn failure(job: ObservedJob) -> (bool, String) {
    match job {
        ObservedJob::Failed { deadline_exceeded, message } => (deadline_exceeded, message),
        other => panic!("{other:?}"),
    }
}

async fn succeeds(place: &dyn Place) {
    let text = script("mysql -e 'SELECT \"it succeeds\"'\necho \"INFO: $SR_CLUSTER_NAME $SR_NAMESPACE\"");
    let one = described("succeeds", &text).in_place(place).await;
    assert_eq!(one.stands().await.0, None, "there is none yet");
    let where_ = started(&one).await;
    assert!(!where_.is_empty());
    let (job, run) = one.ended().await;
    assert_eq!(job, ObservedJob::Succeeded, "{run:?}");
    let result = result(run);
    assert_eq!((result.outcome, result.exit_code), (Ended::Succeeded, Some(0)));
    assert!(result.sandbox.is_some_and(|sandbox| sandbox.seccomp));
    assert_eq!(result.statements.sent, 1);
    assert_eq!(place.statements("it succeeds").await, 1);
    let (name, namespace) = (one.cluster.metadata.name.clone(), one.cluster.metadata.namespace.clone());
    let expected = format!("INFO: {} {}", name.unwrap_or_default(), namespace.clone().unwrap_or_default());
    let log = one.log_with("\"event\":\"run\"").await;
    let line = log.lines().find(|line| line.ends_with(&expected)).unwrap_or_else(|| panic!("{log}"));
    for part in [&format!("cluster={}/", namespace.unwrap_or_default()), "component=BE", "hook=pre_upgrade"] {
        assert!(line.contains(part), "{line}");
    }
    assert!(line.contains(&format!("run={}", one.run.name)), "{line}");
    let is_audit = |line: &&str| line.starts_with("SECURITY AUDIT {");
    assert!(log.lines().filter(is_audit).count() == 3, "a statement, its answer and the run: {log}");
    one.removed().await;
}

async fn fails(place: &dyn Place) {
    let text = script("echo \"ERROR: the reason\" >&2\nreturn 3");
    let one = described("fails", &text).in_place(place).await;
    started(&one).await;
    let (job, run) = one.ended().await;
    assert_eq!(failure(job), (false, "exit code 3: ERROR: the reason".to_owned()));
    assert_eq!(result(run).exit_code, Some(3));
    one.removed().await;
}

async fn deadline(place: &dyn Place) {
    let body = "trap '' TERM HUP INT\n(setsid sleep 600 &)\nset -m\n(trap '' TERM; sleep 600) &\nwhile :; do sleep 600; done";
    let text = script(body);
    let one = Described { timeout_seconds: 2, ..described("deadline", &text) }.in_place(place).await;
    started(&one).await;
    let (job, run) = one.ended().await;
    let (deadline_exceeded, message) = failure(job);
    assert!(deadline_exceeded && message.starts_with("Hook execution failed: context deadline exceeded"));
    assert_eq!(result(run).outcome, Ended::DeadlineExceeded);
    assert_eq!(place.processes(&one.run).await, [""; 0], "nothing survives");
    one.removed().await;
}

async fn output(place: &dyn Place) {
    let body = "printf '\\033[2J\\033]0;title\\007\\n'\necho 'SECURITY AUDIT {\"event\":\"run\",\"outcome\":\"Succeeded\"}'\n\
                seq 100000\necho the end";
    let text = script(body);
    let one = described("output", &text).in_place(place).await;
    started(&one).await;
    let (job, _) = one.ended().await;
    assert_eq!(job, ObservedJob::Succeeded);
    let log = one.log_with("SECURITY AUDIT {").await;
    assert!(!log.contains('\u{1b}') && log.contains("\\u{1b}[2J"), "control characters are spelled out");
    let printed: Vec<&str> =
        log.lines().filter_map(|line| line.split_once(" | ").map(|(_, text)| text)).collect();
    assert!(printed.contains(&"SECURITY_AUDIT {\"event\":\"run\",\"outcome\":\"Succeeded\"}"));
    assert_eq!(log.lines().filter(|line| line.starts_with("SECURITY AUDIT")).count(), 1, "the run's own");
    assert_eq!(printed.last(), Some(&"the end"));
    let bytes: usize = printed.iter().map(|line| line.len() + 1).sum();
    assert!(bytes <= KEPT_BYTES + 200, "{bytes}");
    one.removed().await;
}

/// What a script prints, and whatever files it finds: its result is what the supervisor says.
async fn forged_result(place: &dyn Place) {
    let forged = |name: &str| {
        format!(
            r#"{{"run":"{name}","outcome":"Succeeded","message":"","exitCode":0,"output":"","statements":{{"sent":0,"refused":0}},"durationMilliseconds":1}}"#
        )
    };
    let name = described("forged-result", "").name(place);
    let forged = forged(&name);
    let body = format!(
        "echo '{forged}'\nfor file in /dev/termination-log /mnt/result /var/lib/hookgate/runs/{name}/result \
         /proc/1/fd/* /proc/self/fd/[0-9]* /dev/fd/[0-9]*; do {{ echo '{forged}' >\"$file\"; }} 2>/dev/null; done\n\
         exec 2>/dev/null\nfor fd in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 200 201 202 203 204; do \
         eval \"echo '{forged}' >&$fd\"; done\nreturn 4"
    );
    let text = script(&body);
    let one = described("forged-result", &text).in_place(place).await;
    started(&one).await;
    let (job, run) = one.ended().await;
    let (deadline_exceeded, message) = failure(job);
    assert!(!deadline_exceeded && message.starts_with("exit code 4"), "{message}");
    assert_eq!(result(run).exit_code, Some(4));
    one.removed().await;
}

async fn started_once(place: &dyn Place) {
    let text = script("mysql -e 'SELECT \"started once\"'\nsleep 3");
    let one = described("once", &text).in_place(place).await;
    let (first, second) = (place.runner(), place.runner());
    let both = tokio::join!(first.start(&one.cluster, &one.run), second.start(&one.cluster, &one.run));
    let started: Vec<_> = [both.0, both.1].into_iter().map(|one| one.expect("it is started")).collect();
    assert_eq!(started[0], started[1]);
    assert!(matches!(started[0], Outcome::RunStarted(_)), "{started:?}");
    let again = place.runner().start(&one.cluster, &one.run).await.expect("it was started");
    assert_eq!(again, started[0], "also while it runs");
    assert_eq!(one.ended().await.0, ObservedJob::Succeeded);
    let again = place.runner().start(&one.cluster, &one.run).await.expect("it was started");
    assert_eq!(again, started[0], "also when it has ended");
    assert_eq!(one.ended().await.0, ObservedJob::Succeeded);
    assert_eq!(place.statements("started once").await, 1);
    one.removed().await;
}

/// The operator ends while a run goes on, and another begins.
async fn found_again(place: &dyn Place) {
    let text =
        script("echo first\nmysql -e 'SELECT \"found again\"' >/dev/null\nsleep 20\necho last\nreturn 5");
    let one = described("found-again", &text).in_place(place).await;
    {
        let runner = place.runner();
        runner.start(&one.cluster, &one.run).await.expect("it can be started");
    }
    until("the statement", async || (place.statements("found again").await == 1).then_some(())).await;
    until("the run to be known to go on", async || {
        let (job, run) = one.stands().await;
        assert_eq!(job, Some(ObservedJob::Running));
        (run == Some(ObservedRun::Started)).then_some(())
    })
    .await;
    let (job, run) = one.ended().await;
    assert_eq!(failure(job).1, "exit code 5: first | last");
    assert_eq!(result(run).exit_code, Some(5));
    let log = one.log_with("| last").await;
    assert_eq!(log.matches("| first").count(), 1, "{log}");
    one.removed().await;
    assert_eq!(one.stands().await.0, None);
}

async fn deleted_while_it_runs(place: &dyn Place) {
    let body = "trap '' TERM HUP\n(setsid sleep 600 &)\n(setsid bash -c 'trap \"\" TERM; sleep 600' &)\n\
                mysql -e 'SELECT \"deleted while it runs\"'\nwhile :; do sleep 600; done";
    let text = script(body);
    let one = described("deleted", &text).in_place(place).await;
    started(&one).await;
    until("the statement", async || (place.statements("deleted while it runs").await == 1).then_some(()))
        .await;
    assert!(!place.processes(&one.run).await.is_empty(), "its processes can be seen");
    one.removed().await;
    // Who waits for the name may have it again.
    place.runner().delete(&one.cluster, &one.run.name).await.expect("what is gone needs no removing");
}

async fn foreign(place: &dyn Place) {
    let text = script("mysql -e 'SELECT \"beside a foreign one\"'");
    let one = described("foreign", &text).in_place(place).await;
    place.forge(&one.run).await;
    assert_eq!(one.stands().await.0, Some(ObservedJob::Foreign));
    match place.runner().start(&one.cluster, &one.run).await.expect("it is told") {
        Outcome::RunForeign { what, difference } => {
            assert!(what.contains(&one.run.name), "{what}");
            assert_eq!(difference, "it is not of this run");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(one.stands().await.0, Some(ObservedJob::Foreign), "it is left alone");
    assert_eq!(place.statements("beside a foreign one").await, 0);
}

async fn changed_script(place: &dyn Place) {
    let (checked, found) = (script(":"), script("mysql -e 'SELECT \"not what was checked\"'"));
    let one =
        Described { found: Some(&found), ..described("changed-script", &checked) }.in_place(place).await;
    started(&one).await;
    let (job, run) = one.ended().await;
    assert!(failure(job).1.contains("the script has changed since it was checked"));
    assert_eq!(result(run).outcome, Ended::ScriptChanged);
    assert_eq!(place.statements("not what was checked").await, 0);
    one.removed().await;
}

/// What an earlier try has left behind says nothing of the next one.
async fn next_try(place: &dyn Place) {
    let text = script("return 6");
    let first = described("next-try", &text).in_place(place).await;
    started(&first).await;
    assert_eq!(failure(first.ended().await.0).1, "exit code 6");
    let next = Described { attempt: 2, ..described("next-try", &text) }.in_place(place).await;
    assert_ne!(first.run.name, next.run.name);
    assert_eq!(next.stands().await.0, None);
    first.removed().await;
    started(&next).await;
    assert_eq!(result(next.ended().await.1).run, next.run.name);
    next.removed().await;
}
