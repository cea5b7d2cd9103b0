//! What a change of the status says of runs and gates.

use super::{identity, policies};
use crate::{
    observation::{Observation, ObservedJob, ObservedRun},
    plan::{DEADLINE_EXCEEDED, ScriptRun, script_runs},
};
use hookgate_api::{
    StarRocksClusterStatus, annotations,
    status::{HookResult, HookRun},
};
use hookgate_runner::{
    audit::{Clearance, Event, Identity, Record},
    supervise::{Outcome, RunResult},
};
use jiff::Timestamp;

/// A line for each run whose end is in `after` and wasn't before, however it ended; also for one that nobody waits for any
/// more.
pub fn ended_runs(observation: &Observation, after: &StarRocksClusterStatus, now: Timestamp) -> Vec<Record> {
    let cluster = &observation.cluster;
    let none = StarRocksClusterStatus::default();
    let before: Vec<_> = script_runs(cluster, cluster.status.as_ref().unwrap_or(&none)).collect();
    let after: Vec<_> = script_runs(cluster, after).collect();
    let is = |one: &ScriptRun<'_>, other: &ScriptRun<'_>| {
        one.job == other.job && (one.run.nonce == other.run.nonce || one.run.nonce.is_empty())
    };
    let has_ended = |one: &&ScriptRun<'_>| {
        one.run.result != HookResult::Running
            && !before.iter().any(|other| is(other, one) && other.run.result != HookResult::Running)
    };
    let is_dropped = |one: &&ScriptRun<'_>| {
        one.run.result == HookResult::Running && one.run.started && !after.iter().any(|other| is(one, other))
    };
    let ended = after.iter().filter(has_ended);
    ended.chain(before.iter().filter(is_dropped)).map(|one| record(observation, one, now)).collect()
}

/// What the runner has said of a run.
fn result<'a>(observation: &'a Observation, job: &str) -> Option<&'a RunResult> {
    match observation.runs.get(job)? {
        ObservedRun::Ended(result) => Some(result),
        ObservedRun::Waiting(_) | ObservedRun::Started => None,
    }
}

fn record(observation: &Observation, one: &ScriptRun<'_>, now: Timestamp) -> Record {
    let ScriptRun { job, component, run } = one;
    let clearance = run.clearance.clone().unwrap_or_default();
    let clearance = Clearance {
        policies: policies(&clearance.policies),
        findings: clearance.findings,
        approval: clearance.approval,
        approver: clearance.approved_by,
    };
    let identity = Identity {
        component: component.to_string(),
        phase: run.phase.function().to_owned(),
        hook: run.name.clone(),
        run: job.clone(),
        digest: run.script_sha256.clone().unwrap_or_default(),
        ..identity(&observation.cluster)
    };
    let said = result(observation, job);
    let took = run.finished_at.as_ref().map_or(now, |end| end.0).duration_since(run.started_at.0);
    let took = u64::try_from(took.as_millis()).ok();
    let message = match run.result {
        HookResult::Running => "nobody waits for it any more: its wave has ended or begun anew",
        HookResult::Succeeded | HookResult::Failed => &run.message,
    };
    Record {
        runner: Some(observation.runner.kind),
        sandbox: said.and_then(|said| said.sandbox.clone()),
        outcome: Some(outcome(run, said, observation.jobs.get(job))),
        exit_code: said.and_then(|said| said.exit_code),
        duration_milliseconds: said.map(|said| said.duration_milliseconds).or(took),
        message: Some(message).filter(|message| !message.is_empty()).map(str::to_owned),
        ..Record::new(now, Event::Run, identity, clearance)
    }
}

/// How a run ended: as the runner says, or as the status does where the runner never came to say it.
fn outcome(run: &HookRun, said: Option<&RunResult>, job: Option<&ObservedJob>) -> Outcome {
    match (said, run.result) {
        (Some(said), HookResult::Succeeded | HookResult::Failed) => said.outcome,
        (_, HookResult::Running) => Outcome::Terminated,
        (None, HookResult::Succeeded) => Outcome::Succeeded,
        (None, HookResult::Failed) if !run.started => Outcome::NotStarted,
        (None, HookResult::Failed) if run.message.starts_with(DEADLINE_EXCEEDED) => Outcome::DeadlineExceeded,
        // It went on when its end was written down: its Job is deleted after that.
        (None, HookResult::Failed) if job == Some(&ObservedJob::Running) => Outcome::Terminated,
        (None, HookResult::Failed) => Outcome::Failed,
    }
}

/// A line for each gate that somebody has let the wave past since.
pub fn skipped_gates(
    observation: &Observation,
    after: &StarRocksClusterStatus,
    now: Timestamp,
) -> Vec<Record> {
    let cluster = &observation.cluster;
    let Some(wave) = &after.wave else { return Vec::new() };
    let before = cluster.status.as_ref().and_then(|status| status.wave.as_ref());
    let known = before.filter(|before| before.id == wave.id).map_or(&[][..], |before| &before.skipped_gates);
    let skipped = wave.skipped_gates.iter().filter(|skipped| !known.contains(skipped));
    let record = |message| Record {
        message: Some(message),
        ..Record::new(now, Event::Gate, identity(cluster), Clearance::default())
    };
    skipped
        .map(|skipped| {
            let (gate, waited) = (&skipped.gate, &skipped.message);
            record(format!(
                "wave {} is let past the gate {gate} by the annotation {}; it waited for this: {waited}",
                wave.id,
                annotations::SKIP_GATE
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{observation::Waiting, plan::names::hook_job};
    use hookgate_api::{Component, StarRocksCluster, hooks::HookPhase};
    use serde_json::{Value, json};

    fn now() -> Timestamp {
        "2026-01-01T00:01:00Z".parse().unwrap()
    }

    /// A status whose wave has one run, which was begun 50 s before [`now`].
    fn status(run: &Value) -> StarRocksClusterStatus {
        let mut whole = json!({"name": "custom", "phase": "Pre", "attempt": 2, "nonce": "n1",
            "scriptSha256": "ab", "startedAt": "2026-01-01T00:00:10Z",
            "clearance": {"policies": "platform@3, trial@1", "findings": ["HG601 warning"], "approval": "a",
                "approvedBy": "joe"}});
        whole.as_object_mut().unwrap().extend(run.as_object().unwrap().clone());
        let predefined = json!({"name": "disable-balancer", "phase": "Pre", "result": "Succeeded", "attempt": 1,
            "startedAt": "2026-01-01T00:00:00Z"});
        let component = json!({"component": "be", "phase": "Preparing", "fromImage": "a", "toImage": "b",
            "target": "t", "hooks": [predefined, whole]});
        let wave = json!({"id": "w1", "direction": "Upgrade", "startedAt": "2026-01-01T00:00:00Z",
            "components": [component]});
        serde_json::from_value(json!({"wave": wave})).unwrap()
    }

    fn running() -> Value {
        json!({"result": "Running", "started": true})
    }

    fn job() -> String {
        hook_job("sr", "u", "w1", Component::Be, HookPhase::Pre, 2)
    }

    fn observed(before: &Value, run: Option<ObservedRun>) -> Observation {
        let mut cluster = StarRocksCluster::new("sr", hookgate_api::StarRocksClusterSpec::default());
        (cluster.metadata.namespace, cluster.metadata.uid) = (Some("db".to_owned()), Some("u".to_owned()));
        cluster.status = Some(status(before));
        let runs = run.map(|run| (job(), run)).into_iter().collect();
        Observation { cluster, runs, ..Observation::default() }
    }

    fn line(observation: &Observation, after: &Value) -> Value {
        let lines = ended_runs(observation, &status(after), now());
        let [line] = &lines[..] else { panic!("{lines:?}") };
        serde_json::from_str(&line.json().unwrap()).unwrap()
    }

    fn result(outcome: &str) -> Option<ObservedRun> {
        let result = json!({"run": job(), "outcome": outcome, "message": "exit code 3", "exitCode": 3,
            "output": "no", "sandbox": {"landlockAbi": 6, "seccomp": true, "missing": []},
            "statements": {"sent": 1, "refused": 0}, "durationMilliseconds": 1234});
        Some(ObservedRun::Ended(Box::new(serde_json::from_value(result).unwrap())))
    }

    #[test]
    fn the_end_of_a_run_has_the_fields_of_the_interface() {
        let after = json!({"result": "Failed", "started": true, "message": "exit code 3: no",
            "finishedAt": "2026-01-01T00:00:30Z"});
        let line = line(&observed(&running(), result("Failed")), &after);
        assert_eq!(
            line,
            json!({
                "time": "2026-01-01T00:01:00Z", "event": "run", "cluster": "sr", "namespace": "db",
                "component": "BE", "phase": "pre_upgrade", "hook": "custom", "run": job(), "digest": "ab",
                "policies": ["platform@3", "trial@1"], "findings": ["HG601 warning"], "approval": "a",
                "approver": "joe", "runner": "job",
                "sandbox": {"landlockAbi": 6, "seccomp": true, "missing": []}, "frontend": null,
                "statement": null, "verdict": null, "rule": null, "refusedBy": null, "outcome": "Failed",
                "exitCode": 3, "durationMilliseconds": 1234, "message": "exit code 3: no",
            })
        );
    }

    #[test]
    fn a_run_whose_pod_never_started_has_a_line_as_well() {
        let waiting = Waiting { what: "the image x can't be pulled".to_owned(), said: String::new() };
        let observation = observed(&running(), Some(ObservedRun::Waiting(waiting)));
        let message = format!("{DEADLINE_EXCEEDED}: the image x can't be pulled");
        let after = json!({"result": "Failed", "started": true, "message": message,
            "finishedAt": "2026-01-01T00:00:30Z"});
        let overdue = line(&observation, &after);
        assert_eq!((&overdue["outcome"], &overdue["message"]), (&json!("DeadlineExceeded"), &json!(message)));
        assert_eq!((&overdue["exitCode"], &overdue["sandbox"]), (&Value::Null, &Value::Null));
        assert_eq!(overdue["durationMilliseconds"], json!(20_000));

        let after = json!({"result": "Failed", "message": "refused by the policy"});
        let refused = line(&observed(&json!({"result": "Running"}), None), &after);
        assert_eq!(refused["outcome"], "NotStarted");
    }

    #[test]
    fn however_a_run_ends_its_line_says_how() {
        let outcome = |run: Option<ObservedRun>, job_is: Option<ObservedJob>, after: &Value| {
            let mut observation = observed(&running(), run);
            observation.jobs.extend(job_is.map(|state| (job(), state)));
            line(&observation, after)["outcome"].clone()
        };
        let after = |result: &str| json!({"result": result, "started": true, "message": "m"});
        assert_eq!(outcome(None, None, &after("Succeeded")), "Succeeded");
        assert_eq!(outcome(None, None, &after("Failed")), "Failed");
        assert_eq!(outcome(None, Some(ObservedJob::Running), &after("Failed")), "Terminated");
        for told in ["ScriptChanged", "FunctionsDiffer", "SandboxInsufficient", "NotStarted", "Terminated"] {
            assert_eq!(outcome(result(told), None, &after("Failed")), told);
        }
    }

    #[test]
    fn each_run_has_one_line_and_one_that_goes_on_has_none() {
        let ended = json!({"result": "Failed", "started": true});
        assert_eq!(ended_runs(&observed(&running(), None), &status(&running()), now()), []);
        assert_eq!(ended_runs(&observed(&ended, None), &status(&ended), now()), [], "it had its line before");
        let again = json!({"result": "Running", "attempt": 3});
        assert_eq!(ended_runs(&observed(&ended, None), &status(&again), now()), []);
    }

    #[test]
    fn a_run_that_nobody_waits_for_any_more_was_ended() {
        let none = StarRocksClusterStatus::default();
        let lines = ended_runs(&observed(&running(), None), &none, now());
        assert_eq!(lines.iter().map(|line| line.outcome).collect::<Vec<_>>(), [Some(Outcome::Terminated)]);
        let anew = json!({"result": "Running", "nonce": "n2"});
        assert_eq!(ended_runs(&observed(&running(), None), &status(&anew), now()).len(), 1);
        let never_started = observed(&json!({"result": "Running"}), None);
        assert_eq!(ended_runs(&never_started, &none, now()), []);
        assert_eq!(ended_runs(&observed(&json!({"result": "Succeeded"}), None), &none, now()), []);
    }

    #[test]
    fn a_gate_that_is_skipped_has_a_line_once() {
        let mut after = status(&running());
        let gate = json!({"gate": "TabletsUnhealthy", "message": "3 tablets", "at": "2026-01-01T00:00:20Z"});
        after.wave.as_mut().unwrap().skipped_gates = vec![serde_json::from_value(gate).unwrap()];
        let mut observation = observed(&running(), None);
        let lines = skipped_gates(&observation, &after, now());
        let [line] = &lines[..] else { panic!("{lines:?}") };
        let line: Value = serde_json::from_str(&line.json().unwrap()).unwrap();
        assert_eq!((&line["event"], &line["cluster"]), (&json!("gate"), &json!("sr")));
        let message = line["message"].as_str().unwrap();
        assert!(message.contains("w1") && message.contains("TabletsUnhealthy"), "{message}");
        assert!(message.ends_with("it waited for this: 3 tablets"), "{message}");
        observation.cluster.status = Some(after.clone());
        assert_eq!(skipped_gates(&observation, &after, now()), []);
    }
}
