//! What is decided about a request.

use std::collections::BTreeMap;

use json_patch::Patch;

/// The answer to a review, without the protocol around it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// Why the request is refused; `None` when it's allowed.
    pub denial: Option<Denial>,
    /// What the user should know either way.
    pub warnings: Vec<String>,
    /// What the audit log should say; keys get the webhook's name as a prefix from the API server.
    pub audit: BTreeMap<&'static str, String>,
    /// Changes to the object; only from the mutating path.
    pub patch: Option<Patch>,
    /// Digests of scripts of which it has to be remembered who submits them, before the request is allowed.
    pub submissions: Vec<String>,
}

impl Decision {
    /// Allowed, with nothing to say.
    #[must_use]
    pub fn allow() -> Self {
        Self::default()
    }

    /// Refused.
    #[must_use]
    pub fn deny(denial: Denial) -> Self {
        Self { denial: Some(denial), ..Self::default() }
    }

    /// Whether the request is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.denial.is_none()
    }
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// What kind of refusal.
    pub kind: DenialKind,
    /// For humans; may have several lines.
    pub message: String,
    /// The object that is refused, which kubectl names in front of the causes.
    pub object: Option<ObjectName>,
    /// For machines: field and message of each violation of a spec.
    pub causes: Vec<Cause>,
}

/// Kind and name of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectName {
    /// Its kind.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

impl Denial {
    /// A refusal that has nothing but a message.
    #[must_use]
    pub fn new(kind: DenialKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), object: None, causes: Vec::new() }
    }
}

/// One violation of a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Path of the field.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// The kinds of refusal: status code and reason of the Kubernetes API
/// (<https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#response-status-kind>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenialKind {
    /// The policy forbids it.
    Policy,
    /// The object's spec is wrong.
    Spec,
    /// The request isn't a review that could be judged.
    BadRequest,
    /// The body is too large.
    TooLarge,
    /// The body isn't JSON by its content type.
    ContentType,
    /// The body didn't arrive in time.
    Slow,
    /// The path is there, the method isn't.
    Method,
    /// What has to be known could not be found out.
    LookupFailed,
    /// Too much to do at this moment.
    Busy,
    /// A fault of ours.
    Internal,
}

impl DenialKind {
    /// HTTP status code.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Policy => 403,
            Self::Spec => 422,
            Self::BadRequest => 400,
            Self::TooLarge => 413,
            Self::ContentType => 415,
            Self::Slow => 408,
            Self::Method => 405,
            Self::LookupFailed | Self::Busy => 503,
            Self::Internal => 500,
        }
    }

    /// StatusReason.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Policy => "Forbidden",
            Self::Spec => "Invalid",
            Self::BadRequest => "BadRequest",
            Self::TooLarge => "RequestEntityTooLarge",
            Self::ContentType => "UnsupportedMediaType",
            Self::Slow => "Timeout",
            Self::Method => "MethodNotAllowed",
            Self::LookupFailed | Self::Busy => "ServiceUnavailable",
            Self::Internal => "InternalError",
        }
    }
}
