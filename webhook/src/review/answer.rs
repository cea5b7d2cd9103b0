//! A decision to bytes.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde::Serialize;

use super::{API_VERSION, KIND};
use crate::decision::{Decision, DenialKind};
use crate::text::one_line;

/// Longer warnings may be cut by the API server.
const MAX_WARNING_CHARACTERS: usize = 256;
/// In sum; the API server drops warnings beyond 4,096 bytes.
const MAX_WARNING_BYTES: usize = 3500;
/// Longer messages are cut: kubectl prints them as one paragraph.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;

/// A uid is looked for in the beginning of what can't be decoded.
const MAX_RESCUED_BYTES: usize = 64 * 1024;

/// Whom the answer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// uid of the request; empty when it couldn't be found.
    pub uid: String,
    /// apiVersion of the review.
    pub api_version: String,
}

impl Addressee {
    /// The sender of a review that was decoded.
    #[must_use]
    pub fn of(uid: &str) -> Self {
        Self { uid: uid.to_owned(), api_version: API_VERSION.to_owned() }
    }

    /// The sender of something else, by what could be found in it.
    #[must_use]
    pub fn rescued(body: &[u8]) -> Self {
        // The API server writes the uid first.
        let beginning = body.get(..MAX_RESCUED_BYTES).unwrap_or(body);
        let found = super::rescue::rescue(beginning);
        let known = found.api_version.filter(|version| version.starts_with("admission.k8s.io/"));
        Self {
            uid: found.uid.unwrap_or_default(),
            api_version: known.unwrap_or_else(|| API_VERSION.to_owned()),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Review<'a> {
    api_version: &'a str,
    kind: &'static str,
    response: Response<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    uid: &'a str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    audit_annotations: &'a BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Status<'a> {
    status: &'static str,
    code: u16,
    reason: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
}

#[derive(Serialize)]
struct Details<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    causes: Vec<StatusCause<'a>>,
}

#[derive(Serialize)]
struct StatusCause<'a> {
    reason: &'static str,
    field: &'a str,
    message: &'a str,
}

/// The AdmissionReview that carries the decision, as JSON.
#[must_use]
pub fn answer(to: &Addressee, decision: &Decision) -> Vec<u8> {
    let status = decision.denial.as_ref().map(|denial| Status {
        status: "Failure",
        code: denial.kind.code(),
        reason: denial.kind.reason(),
        message: cut(&denial.message, MAX_MESSAGE_BYTES),
        details: (!denial.causes.is_empty()).then(|| Details {
            kind: denial.object.as_ref().map(|object| object.kind),
            name: denial.object.as_ref().map(|object| object.name.as_str()),
            causes: denial
                .causes
                .iter()
                .map(|cause| StatusCause {
                    reason: "FieldValueInvalid",
                    field: &cause.field,
                    message: &cause.message,
                })
                .collect(),
        }),
    });
    let patch = decision.patch.as_ref().filter(|patch| !patch.0.is_empty() && decision.is_allowed());
    let patch = match patch.map(serde_json::to_vec).transpose() {
        Ok(patch) => patch,
        Err(cause) => return broken(to, &cause),
    };
    let review = Review {
        api_version: &to.api_version,
        kind: KIND,
        response: Response {
            uid: &to.uid,
            allowed: decision.is_allowed(),
            status,
            patch_type: patch.is_some().then_some("JSONPatch"),
            patch: patch.map(|patch| base64::engine::general_purpose::STANDARD.encode(patch)),
            warnings: bounded_warnings(&decision.warnings),
            audit_annotations: &decision.audit,
        },
    };
    serde_json::to_vec(&review).unwrap_or_else(|cause| broken(to, &cause))
}

/// Our own types always serialize; should that ever fail, the answer is still a refusal.
fn broken(to: &Addressee, cause: &serde_json::Error) -> Vec<u8> {
    let code = DenialKind::Internal.code();
    serde_json::json!({
        "apiVersion": to.api_version,
        "kind": KIND,
        "response": {
            "uid": to.uid,
            "allowed": false,
            "status": {"status": "Failure", "code": code, "message": format!("answer can't be written: {cause}")},
        },
    })
    .to_string()
    .into_bytes()
}

/// Each on one line and short, all together within what the API server keeps.
fn bounded_warnings(warnings: &[String]) -> Vec<String> {
    let mut bounded: Vec<String> = Vec::new();
    let mut bytes = 0;
    for (position, warning) in warnings.iter().enumerate() {
        let line = one_line(warning, MAX_WARNING_CHARACTERS);
        bytes += line.len();
        if bytes > MAX_WARNING_BYTES {
            bounded.push(format!("{} more warnings; `hookgate lint` shows all", warnings.len() - position));
            break;
        }
        bounded.push(line);
    }
    bounded
}

fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = (0..=limit).rev().find(|position| text.is_char_boundary(*position)).unwrap_or(0);
    format!("{}\n… (cut; `hookgate lint` shows all)", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{Cause, Denial, ObjectName};
    use serde_json::{Value, json};

    fn answered(decision: &Decision) -> Value {
        serde_json::from_slice(&answer(&Addressee::of("u-1"), decision)).unwrap()
    }

    #[test]
    fn an_allowed_request_says_nothing_more() {
        let expected =
            json!({"apiVersion": API_VERSION, "kind": KIND, "response": {"uid": "u-1", "allowed": true}});
        assert_eq!(answered(&Decision::allow()), expected);
    }

    #[test]
    fn a_refusal_has_code_reason_message_and_causes() {
        let mut denial = Denial::new(DenialKind::Spec, "wrong");
        denial.object = Some(ObjectName { kind: "StarRocksCluster", name: "c".into() });
        denial.causes.push(Cause { field: "spec.a".into(), message: "must be 1".into() });
        let response = &answered(&Decision::deny(denial))["response"];
        assert_eq!(response["allowed"], false);
        assert_eq!(
            response["status"],
            json!({"status": "Failure", "code": 422, "reason": "Invalid", "message": "wrong",
                "details": {"kind": "StarRocksCluster", "name": "c", "causes": [{"reason": "FieldValueInvalid", "field": "spec.a", "message": "must be 1"}]}})
        );
    }

    #[test]
    fn an_empty_patch_is_no_patch_and_a_patch_is_base64() {
        let mut decision = Decision { patch: Some(json_patch::Patch(vec![])), ..Decision::allow() };
        assert!(answered(&decision)["response"].get("patchType").is_none());
        let patch: json_patch::Patch =
            serde_json::from_value(json!([{"op": "add", "path": "/a", "value": 1}])).unwrap();
        decision.patch = Some(patch.clone());
        let response = &answered(&decision)["response"];
        assert_eq!(response["patchType"], "JSONPatch");
        let bytes =
            base64::engine::general_purpose::STANDARD.decode(response["patch"].as_str().unwrap()).unwrap();
        assert_eq!(serde_json::from_slice::<json_patch::Patch>(&bytes).unwrap(), patch);
    }

    #[test]
    fn warnings_are_short_few_and_on_one_line() {
        let decision = Decision { warnings: vec!["long\n".repeat(100); 100], ..Decision::allow() };
        let response = &answered(&decision)["response"];
        let warnings: Vec<&str> =
            response["warnings"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
        assert!(warnings.iter().all(|warning| warning.chars().count() <= 256 && !warning.contains('\n')));
        assert!(warnings.iter().map(|warning| warning.len()).sum::<usize>() < 4096);
        assert!(warnings.last().unwrap().contains("more warnings"), "{warnings:?}");
    }

    #[test]
    fn a_message_without_end_is_cut_between_characters() {
        let decision = Decision::deny(Denial::new(DenialKind::Policy, "ä".repeat(20_000)));
        let answered = answered(&decision);
        let message = answered["response"]["status"]["message"].as_str().unwrap();
        assert!(message.len() < MAX_MESSAGE_BYTES + 100 && message.contains("cut"));
    }
}
