//! Whether somebody may write hook scripts, asked of the API server.

use std::time::Duration;

use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use kube::Client;
use kube::api::{Api, PostParams};
use tracing::warn;

use super::LookupError;
use super::live::brief;
use crate::facts::Requester;
use crate::text::one_line;

const TARGET: &str = "hookgate::lookup";

/// Asks by a SubjectAccessReview. It names the namespace, so that the permission can be granted for one namespace by a
/// RoleBinding as well as for all of them by a ClusterRoleBinding.
pub(super) async fn may_author(
    client: &Client,
    timeout: Duration,
    namespace: &str,
    requester: &Requester,
    policy: &str,
) -> Result<bool, LookupError> {
    let api = Api::<SubjectAccessReview>::all(client.clone());
    let question = question(namespace, requester, policy);
    match tokio::time::timeout(timeout, api.create(&PostParams::default(), &question)).await {
        Ok(Ok(answered)) => Ok(is_allowed(&answered)),
        Ok(Err(cause)) => {
            warn!(target: TARGET, namespace, policy, %cause, "create SubjectAccessReview failed");
            Err(LookupError::Api(one_line(&brief(&cause), 200)))
        }
        Err(_) => Err(LookupError::TimedOut(timeout.as_millis())),
    }
}

fn question(namespace: &str, requester: &Requester, policy: &str) -> SubjectAccessReview {
    let Requester { username, uid, groups, extra } = requester.clone();
    let text = |text: &str| Some(text.to_owned());
    SubjectAccessReview {
        spec: SubjectAccessReviewSpec {
            user: Some(username),
            uid: Some(uid),
            groups: Some(groups),
            extra: Some(extra),
            resource_attributes: Some(ResourceAttributes {
                group: text("hookgate.dev"),
                version: text("v1alpha1"),
                resource: text("hookpolicies"),
                verb: text("author"),
                name: text(policy),
                namespace: text(namespace),
                ..ResourceAttributes::default()
            }),
            ..SubjectAccessReviewSpec::default()
        },
        ..SubjectAccessReview::default()
    }
}

/// An answer that isn't there, or both ways, is no.
fn is_allowed(answered: &SubjectAccessReview) -> bool {
    answered.status.as_ref().is_some_and(|status| status.allowed && status.denied != Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::authorization::v1::SubjectAccessReviewStatus;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[test]
    fn the_question_names_all_of_the_user() {
        let requester = Requester {
            username: "jane".to_owned(),
            uid: "7".to_owned(),
            groups: vec!["dba".to_owned()],
            extra: BTreeMap::from([("scopes".to_owned(), vec!["x".to_owned()])]),
        };
        let question = serde_json::to_value(question("sr", &requester, "platform")).unwrap();
        let expected = json!({
            "user": "jane", "uid": "7", "groups": ["dba"], "extra": {"scopes": ["x"]},
            "resourceAttributes": {"group": "hookgate.dev", "version": "v1alpha1", "resource": "hookpolicies",
                "verb": "author", "name": "platform", "namespace": "sr"},
        });
        assert_eq!(question["spec"], expected);
    }

    #[test]
    fn only_a_plain_yes_is_one() {
        let answered = |allowed, denied| SubjectAccessReview {
            status: Some(SubjectAccessReviewStatus {
                allowed,
                denied,
                ..SubjectAccessReviewStatus::default()
            }),
            ..SubjectAccessReview::default()
        };
        assert!(is_allowed(&answered(true, None)) && is_allowed(&answered(true, Some(false))));
        assert!(!is_allowed(&answered(false, None)) && !is_allowed(&answered(true, Some(true))));
        assert!(!is_allowed(&SubjectAccessReview::default()));
    }
}
