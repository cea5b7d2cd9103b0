//! Why the pod of a run isn't started.

use crate::{
    observation::{ObservedRun, Waiting},
    runs::result::last,
};
use k8s_openapi::api::core::v1::{ContainerStateWaiting, ContainerStatus, Pod};

/// The reasons that the kubelet has for an image that it doesn't get.
/// (<https://github.com/kubernetes/kubernetes/blob/v1.33.0/pkg/kubelet/images/types.go>)
const NOT_PULLED: [&str; 6] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
];

/// What a pod is on its way through, with nothing to be said of it.
const UNDER_WAY: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// How far the start of a pod is; `None` where nothing keeps it from starting as far as is known.
pub(super) fn beginning(pod: &Pod) -> Option<ObservedRun> {
    let status = pod.status.as_ref()?;
    let containers = || status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
    if let Some(waiting) = containers().find_map(|container| {
        let waiting = container.state.as_ref()?.waiting.as_ref()?;
        why_waiting(container, waiting)
    }) {
        return Some(ObservedRun::Waiting(waiting));
    }
    let has_begun = |container: &ContainerStatus| {
        container.state.as_ref().is_some_and(|state| state.running.is_some() || state.terminated.is_some())
    };
    if status.container_statuses.iter().flatten().any(has_begun) {
        return Some(ObservedRun::Started);
    }
    let mut conditions = status.conditions.iter().flatten();
    let unscheduled = conditions.find(|one| one.type_ == "PodScheduled" && one.status == "False");
    unscheduled.map(|condition| {
        let said = last(condition.message.as_deref().unwrap_or_default());
        ObservedRun::Waiting(Waiting { what: "no node takes its pod".to_owned(), said })
    })
}

/// What a reason that a container waits for comes to, in words.
fn why_waiting(container: &ContainerStatus, waiting: &ContainerStateWaiting) -> Option<Waiting> {
    let reason = waiting.reason.as_deref().filter(|reason| !UNDER_WAY.contains(reason))?;
    let (name, image) = (&container.name, &container.image);
    let what = match reason {
        "InvalidImageName" => format!("the image {image} can't be pulled: its name is not one of an image"),
        reason if NOT_PULLED.contains(&reason) => format!("the image {image} can't be pulled"),
        reason => format!("its container {name} can't be started: {reason}"),
    };
    Some(Waiting { what, said: last(waiting.message.as_deref().unwrap_or_default()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(status: &Value) -> Option<ObservedRun> {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "status": status});
        beginning(&serde_json::from_value(pod).unwrap())
    }

    fn container(name: &str, image: &str, state: &Value) -> Value {
        json!({"name": name, "image": image, "imageID": "", "ready": false, "restartCount": 0, "state": state})
    }

    fn waiting(reason: &str, message: Option<&str>) -> Value {
        json!({"waiting": {"reason": reason, "message": message}})
    }

    fn words(status: &Value) -> String {
        match of(status) {
            Some(ObservedRun::Waiting(waiting)) => waiting.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_keeps_a_container_from_starting_is_told_with_its_image() {
        let told = |reason, message| {
            words(&json!({"containerStatuses": [container("hook", "fe:9", &waiting(reason, message))]}))
        };
        let refused = Some("failed to resolve \"fe:9\":\nnot \u{1b}[2Jfound");
        assert_eq!(
            told("ErrImagePull", refused),
            "the image fe:9 can't be pulled: failed to resolve \"fe:9\": | not [2Jfound"
        );
        assert_eq!(
            told("ImagePullBackOff", Some("Back-off pulling image")),
            "the image fe:9 can't be pulled: Back-off pulling image"
        );
        assert_eq!(told("ErrImageNeverPull", None), "the image fe:9 can't be pulled");
        assert_eq!(
            told("InvalidImageName", Some("couldn't parse image name")),
            "the image fe:9 can't be pulled: its name is not one of an image: couldn't parse image name"
        );
        for reason in ["CreateContainerError", "CreateContainerConfigError", "RunContainerError"] {
            assert_eq!(
                told(reason, Some("no such file")),
                format!("its container hook can't be started: {reason}: no such file")
            );
        }
    }

    #[test]
    fn the_container_that_brings_the_runner_counts_as_well() {
        let init = container("runner", "hookgate:9", &waiting("ErrImagePull", Some("denied")));
        let hook = container("hook", "fe:1", &waiting("PodInitializing", None));
        let status = json!({"initContainerStatuses": [init], "containerStatuses": [hook]});
        assert_eq!(words(&status), "the image hookgate:9 can't be pulled: denied");
    }

    #[test]
    fn a_pod_that_no_node_takes_says_why() {
        let condition = json!({"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"});
        assert_eq!(words(&json!({"conditions": [condition]})), "no node takes its pod: 0/1 nodes");
    }

    #[test]
    fn a_pod_on_its_way_is_not_waiting_and_one_that_runs_was_started() {
        assert_eq!(of(&json!({})), None);
        let init = container("runner", "hookgate:1", &json!({"terminated": {"exitCode": 0}}));
        let on_its_way = container("hook", "fe:1", &waiting("ContainerCreating", None));
        assert_eq!(of(&json!({"initContainerStatuses": [init], "containerStatuses": [on_its_way]})), None);
        for state in [json!({"running": {}}), json!({"terminated": {"exitCode": 3}})] {
            let status = json!({"containerStatuses": [container("hook", "fe:1", &state)]});
            assert_eq!(of(&status), Some(ObservedRun::Started));
        }
    }
}
