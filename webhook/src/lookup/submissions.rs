//! Who has submitted a script, written down.

use std::collections::BTreeMap;

use hookgate_api::approval::{HookSubmission, HookSubmissionSpec, Submitted};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::Client;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::json;

/// Somebody submits a script.
pub(super) struct Submission<'a> {
    pub(super) namespace: &'a str,
    pub(super) user: &'a str,
    pub(super) digest: &'a str,
    pub(super) at: Timestamp,
}

/// Adds a user to those who have submitted a script. A merge patch adds one key, so that replicas of the webhook may do so
/// at the same time; the first one of a digest creates the object.
pub(super) async fn remember(client: &Client, submission: &Submission<'_>) -> Result<(), kube::Error> {
    let api: Api<HookSubmission> = Api::all(client.clone());
    if patched(&api, submission).await? {
        return Ok(());
    }
    let submitted = Submitted { at: Time(submission.at), namespace: submission.namespace.to_owned() };
    let submitters = BTreeMap::from([(submission.user.to_owned(), submitted)]);
    let created = HookSubmission::new(submission.digest, HookSubmissionSpec { submitters });
    match api.create(&PostParams::default(), &created).await {
        Ok(_) => Ok(()),
        // Another replica was faster.
        Err(kube::Error::Api(status)) if status.code == 409 => {
            if patched(&api, submission).await? {
                Ok(())
            } else {
                Err(kube::Error::Api(status))
            }
        }
        Err(cause) => Err(cause),
    }
}

/// `false` when there is no such object.
async fn patched(api: &Api<HookSubmission>, submission: &Submission<'_>) -> Result<bool, kube::Error> {
    let Submission { namespace, user, digest, at } = submission;
    let added = json!({"spec": {"submitters": {*user: {"at": Time(*at), "namespace": namespace}}}});
    match api.patch(digest, &PatchParams::default(), &Patch::Merge(added)).await {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(cause) => Err(cause),
    }
}
