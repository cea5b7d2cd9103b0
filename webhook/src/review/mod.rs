//! The AdmissionReview protocol: bytes to a request, a decision to bytes
//! (<https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request>).

pub mod answer;
pub mod decode;
pub mod rescue;

/// The one version of AdmissionReview that's spoken; `admissionReviewVersions: ["v1"]` asks for it.
pub const API_VERSION: &str = "admission.k8s.io/v1";
/// Kind of a review.
pub const KIND: &str = "AdmissionReview";
/// A longer uid isn't the API server's (its own are UUIDs) and isn't echoed.
pub const MAX_UID_BYTES: usize = 256;
