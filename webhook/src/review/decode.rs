//! Bytes to a request. The objects inside stay text until it's known what kind they are.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{API_VERSION, KIND, MAX_UID_BYTES};

/// Why a body isn't a review. The text goes to the client: it names the way out and repeats nothing of the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Nothing came.
    #[error("the body is empty; send an AdmissionReview of admission.k8s.io/v1 as JSON")]
    Empty,
    /// The body ends in the middle.
    #[error("the body is cut off at byte {0}; send the whole AdmissionReview")]
    CutOff(usize),
    /// Not JSON.
    #[error("the body is not JSON ({0}); send an AdmissionReview of admission.k8s.io/v1 as JSON")]
    NotJson(String),
    /// JSON of another shape.
    #[error("the body is not an AdmissionReview of admission.k8s.io/v1: {0}")]
    Shape(String),
    /// Another kind of object.
    #[error("the body is of kind {0:?}, not \"AdmissionReview\"")]
    Kind(String),
    /// Another version of the protocol.
    #[error("version {0:?} of AdmissionReview is not spoken here; set admissionReviewVersions: [\"v1\"]")]
    Version(String),
    /// A review without a request, such as an answer.
    #[error("the AdmissionReview has no request")]
    NoRequest,
    /// A uid that can't be echoed.
    #[error("the request's uid is empty or longer than 256 bytes")]
    Uid,
}

/// What is done to the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Operation {
    /// It's created.
    Create,
    /// It's changed.
    Update,
    /// It's deleted.
    Delete,
    /// A connection to it is opened (exec, proxy).
    Connect,
}

impl Operation {
    /// The API's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
        }
    }
}

/// `request.kind`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ObjectKind {
    /// API group; empty for the core group.
    pub group: String,
    /// API version.
    pub version: String,
    /// Kind.
    pub kind: String,
}

/// `request`, as far as anything here depends on it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request<'a> {
    /// Echoed in the answer.
    pub uid: String,
    /// Kind of the object.
    pub kind: ObjectKind,
    /// What is done to it.
    pub operation: Operation,
    /// Subresource, such as `status`; empty for the object itself.
    #[serde(default, deserialize_with = "null_as_default")]
    pub sub_resource: String,
    /// Name; empty when the server is to generate it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Namespace; empty for cluster-scoped objects.
    #[serde(default, deserialize_with = "null_as_default")]
    pub namespace: String,
    /// Who asks; read with the objects, for it may have any size.
    #[serde(borrow, default)]
    pub user_info: Option<&'a RawValue>,
    /// Whether nothing will be stored.
    #[serde(default, deserialize_with = "null_as_default")]
    pub dry_run: bool,
    /// The object as it would be stored.
    #[serde(borrow, default)]
    pub object: Option<&'a RawValue>,
    /// The object as it is stored.
    #[serde(borrow, default)]
    pub old_object: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow, default)]
    api_version: Cow<'a, str>,
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    request: Option<&'a RawValue>,
}

/// Decodes a review.
///
/// # Errors
/// When the body isn't an AdmissionReview of `admission.k8s.io/v1` with a request.
pub fn decode(body: &[u8]) -> Result<Request<'_>, DecodeError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(DecodeError::Empty);
    }
    let envelope: Envelope<'_> = parse(body, body.len())?;
    if envelope.kind != KIND {
        return Err(DecodeError::Kind(clip(&envelope.kind)));
    }
    if envelope.api_version != API_VERSION {
        return Err(DecodeError::Version(clip(&envelope.api_version)));
    }
    let request = envelope.request.ok_or(DecodeError::NoRequest)?;
    let request: Request<'_> = parse(request.get().as_bytes(), body.len())?;
    if request.uid.is_empty() || request.uid.len() > MAX_UID_BYTES {
        return Err(DecodeError::Uid);
    }
    Ok(request)
}

fn parse<'a, T: Deserialize<'a>>(text: &'a [u8], length: usize) -> Result<T, DecodeError> {
    serde_json::from_slice(text).map_err(|cause| match cause.classify() {
        serde_json::error::Category::Eof => DecodeError::CutOff(length),
        serde_json::error::Category::Data => DecodeError::Shape(clip(&cause.to_string())),
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            DecodeError::NotJson(clip(&cause.to_string()))
        }
    })
}

/// Text of a client in a message to this client: short and on one line.
fn clip(text: &str) -> String {
    crate::text::one_line(text, 120)
}

fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(api_version: &str, kind: &str, request: &str) -> String {
        format!(r#"{{"apiVersion":"{api_version}","kind":"{kind}","request":{request}}}"#)
    }

    const REQUEST: &str = r#"{"uid":"u","kind":{"group":"","version":"v1","kind":"ConfigMap"},"operation":"CREATE",
        "object":{"a":1},"oldObject":null,"name":null,"namespace":"n","options":{"x":[]},"userInfo":{"username":"me","groups":["g"]}}"#;

    #[test]
    fn a_review_is_decoded() {
        let text = body(API_VERSION, KIND, REQUEST);
        let request = decode(text.as_bytes()).unwrap();
        assert_eq!((request.uid.as_str(), request.operation), ("u", Operation::Create));
        assert_eq!((request.name.as_str(), request.namespace.as_str()), ("", "n"));
        assert_eq!(request.object.unwrap().get(), r#"{"a":1}"#);
        assert!(request.old_object.is_none());
        assert_eq!(request.user_info.unwrap().get(), r#"{"username":"me","groups":["g"]}"#);
    }

    #[test]
    fn each_way_of_not_being_a_review_is_named() {
        let error = |text: &str| decode(text.as_bytes()).unwrap_err();
        assert_eq!(error(""), DecodeError::Empty);
        assert_eq!(error(" \n"), DecodeError::Empty);
        let whole = body(API_VERSION, KIND, REQUEST);
        assert_eq!(error(&whole[..50]), DecodeError::CutOff(50));
        assert!(matches!(error("hello"), DecodeError::NotJson(_)));
        assert!(matches!(error("7"), DecodeError::Shape(_)));
        assert_eq!(error(&body(API_VERSION, "Pod", REQUEST)), DecodeError::Kind("Pod".into()));
        assert_eq!(error("{}"), DecodeError::Kind(String::new()));
        let beta = "admission.k8s.io/v1beta1";
        assert_eq!(error(&body(beta, KIND, REQUEST)), DecodeError::Version(beta.into()));
        assert_eq!(error(&body(API_VERSION, KIND, "null")), DecodeError::NoRequest);
        assert!(matches!(error(&body(API_VERSION, KIND, "{}")), DecodeError::Shape(_)));
        assert_eq!(error(&body(API_VERSION, KIND, &REQUEST.replace("\"u\"", "\"\""))), DecodeError::Uid);
        let twice = body(API_VERSION, KIND, &REQUEST.replace("\"uid\":\"u\"", "\"uid\":\"u\",\"uid\":\"v\""));
        assert!(matches!(error(&twice), DecodeError::Shape(_)), "two readers could read two things");
    }
}
