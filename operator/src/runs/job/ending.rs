//! How a run has ended.

use crate::{
    observation::ObservedJob,
    runs::result::{ended, last},
};
use hookgate_runner::supervise::RunResult;
use k8s_openapi::api::core::v1::{ContainerStateTerminated, Pod};

/// What is known of how a run has ended.
pub(super) enum End {
    /// This container of its pod.
    Known(ContainerStateTerminated),
    /// There is no pod.
    PodGone,
    /// There is one, and none of its containers has failed.
    Unknown,
}

impl End {
    /// How the container of a run has ended: the runner's, or that which should have brought the runner.
    pub(super) fn of(pods: &[Pod]) -> Self {
        let failed = pods.iter().find_map(|pod| {
            let status = pod.status.as_ref()?;
            let containers =
                status.container_statuses.iter().chain(&status.init_container_statuses).flatten();
            containers
                .filter_map(|container| container.state.as_ref()?.terminated.clone())
                .find(|end| end.exit_code != 0)
        });
        match failed {
            Some(end) => Self::Known(end),
            None if pods.is_empty() => Self::PodGone,
            None => Self::Unknown,
        }
    }
}

/// What the runner says of a run, if it has come to say it.
pub(super) fn result_of(run: &str, pods: &[Pod]) -> Option<RunResult> {
    let containers = pods.iter().filter_map(|pod| pod.status.as_ref()?.container_statuses.as_ref()).flatten();
    let mut messages =
        containers.filter_map(|container| container.state.as_ref()?.terminated.as_ref()?.message.as_deref());
    messages.find_map(|message| result(run, message))
}

/// What the end of a container says, where it's the runner's word on this run.
fn result(run: &str, message: &str) -> Option<RunResult> {
    serde_json::from_str::<RunResult>(message).ok().filter(|result| result.run == run)
}

/// What the end of a container says of a run that failed. The runner's own words, where there are any, and they are about
/// this run; otherwise what Kubernetes says.
pub(super) fn failure(run: &str, end: &ContainerStateTerminated) -> ObservedJob {
    let message = end.message.as_deref().unwrap_or_default();
    let Some(result) = result(run, message) else {
        let reason = end.reason.as_deref().unwrap_or("it ended");
        let said = if message.is_empty() { String::new() } else { format!(": {}", last(message)) };
        let message = format!("{reason} (exit code {}){said}", end.exit_code);
        return ObservedJob::Failed { deadline_exceeded: false, message };
    };
    match ended(&result) {
        // Its container has failed all the same.
        ObservedJob::Succeeded => ObservedJob::Failed { deadline_exceeded: false, message: result.message },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookgate_runner::supervise::Outcome;
    use serde_json::json;

    #[test]
    fn a_run_that_failed_is_told_in_the_words_of_the_runner() {
        let ended = |message: &str| ContainerStateTerminated {
            exit_code: 1,
            reason: Some("Error".to_owned()),
            message: Some(message.to_owned()),
            ..ContainerStateTerminated::default()
        };
        let result = |outcome: &str, run: &str| {
            json!({"run": run, "outcome": outcome, "message": "exit code 3", "output": "a\nERROR: \u{7}b",
                "statements": {"sent": 1, "refused": 0}, "durationMilliseconds": 5})
            .to_string()
        };
        let told = |message: &str| match failure("r1", &ended(message)) {
            ObservedJob::Failed { deadline_exceeded, message } => (deadline_exceeded, message),
            other => panic!("{other:?}"),
        };
        assert_eq!(told(&result("Failed", "r1")), (false, "exit code 3: a | ERROR: b".to_owned()));
        assert!(told(&result("DeadlineExceeded", "r1")).0);
        // What isn't the runner's word on this run is repeated, and never believed.
        assert!(!told(&result("DeadlineExceeded", "r2")).0);
        assert_eq!(told("no\nbash"), (false, "Error (exit code 1): no | bash".to_owned()));
        assert_eq!(told(""), (false, "Error (exit code 1)".to_owned()));
    }

    #[test]
    fn what_the_runner_says_is_taken_whole_and_nobody_elses_word() {
        let result = |run: &str| {
            json!({"run": run, "outcome": "Succeeded", "message": "", "exitCode": 0, "output": "",
                "statements": {"sent": 1, "refused": 0}, "durationMilliseconds": 5})
            .to_string()
        };
        let pod = |message: &str| -> Pod {
            let end = json!({"exitCode": 0, "message": message});
            let container = json!({"name": "hook", "image": "fe:1", "imageID": "", "ready": false,
                "restartCount": 0, "state": {"terminated": end}});
            serde_json::from_value(json!({"metadata": {}, "status": {"containerStatuses": [container]}}))
                .unwrap()
        };
        let found = result_of("r1", &[pod("no JSON"), pod(&result("r2")), pod(&result("r1"))]).unwrap();
        assert_eq!(
            (found.outcome, found.exit_code, found.duration_milliseconds),
            (Outcome::Succeeded, Some(0), 5)
        );
        assert_eq!(result_of("r3", &[pod(&result("r1"))]), None);
        assert_eq!(result_of("r1", &[]), None);
    }
}
