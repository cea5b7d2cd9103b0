//! What a request is about: the objects inside it, read as what they are and no further than anything depends on.

mod cluster;
mod config_map;
mod platform;
mod policy;
mod requester;
mod weight;

pub use cluster::{ClusterFacts, ScriptName};
pub use config_map::ConfigMapFacts;
pub use platform::{MachineFacts, PlatformClusterFacts, PlatformFacts};
pub use policy::PolicyFacts;
pub use requester::Requester;
pub use weight::weigh;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::review::decode::{Operation, Request};
use crate::text::one_line;

/// An object that can't be read as what it says it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// The object is needed and isn't there.
    #[error("the request carries no object")]
    NoObject,
    /// The object doesn't have the shape of its kind.
    #[error("the {kind} can't be read: {cause}")]
    Shape {
        /// The kind.
        kind: &'static str,
        /// Why.
        cause: String,
    },
    /// A value of `binaryData` isn't base64.
    #[error("binaryData[{0:?}] is not base64")]
    NotBase64(String),
}

/// Everything that a decision may depend on, of the request itself.
#[derive(Debug)]
pub struct Facts {
    /// What is done.
    pub operation: Operation,
    /// Namespace of the object.
    pub namespace: String,
    /// Name of the object; empty when the server is to generate it.
    pub name: String,
    /// Kind of the object, for logs.
    pub kind: String,
    /// Who asks.
    pub requester: Requester,
    /// Whether nothing will be stored, for logs.
    pub dry_run: bool,
    /// The object.
    pub subject: Subject,
}

/// What the request is about.
#[derive(Debug)]
pub enum Subject {
    /// Nothing that is judged here: another kind, a subresource, a deletion.
    Other,
    /// A ConfigMap that's created or changed.
    ConfigMap(Box<Change<ConfigMapFacts>>),
    /// A StarRocksCluster that's created or changed.
    Cluster(Box<Change<ClusterFacts>>),
    /// A HookPolicy that's created or changed.
    Policy(Box<Change<PolicyFacts>>),
    /// TKEStack's Cluster that's created or changed.
    PlatformCluster(Box<Change<PlatformClusterFacts>>),
    /// TKEStack's Machine that's created or changed.
    Machine(Box<Change<MachineFacts>>),
}

/// An object before and after.
#[derive(Debug)]
pub struct Change<T> {
    /// As it would be stored.
    pub new: T,
    /// As it is stored; `None` when it's created, or when what is stored can't be read.
    pub old: Option<T>,
}

/// `metadata`, as far as it matters.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Metadata {
    pub(crate) name: Option<String>,
    pub(crate) generate_name: Option<String>,
    pub(crate) labels: Option<BTreeMap<String, String>>,
    pub(crate) annotations: Option<BTreeMap<String, String>>,
    pub(crate) deletion_timestamp: Option<String>,
}

impl Facts {
    /// Reads the objects of a request.
    ///
    /// # Errors
    /// When an object that would be judged can't be read.
    pub fn read(request: &Request<'_>) -> Result<Self, FactsError> {
        let subject = subject(request)?;
        let generated =
            |metadata: &Metadata| metadata.generate_name.as_ref().map(|prefix| format!("{prefix}*"));
        let name = match &subject {
            _ if !request.name.is_empty() => request.name.clone(),
            Subject::ConfigMap(change) => name_or(&change.new.metadata, generated),
            Subject::Cluster(change) => name_or(&change.new.metadata, generated),
            Subject::Policy(change) => name_or(&change.new.metadata, generated),
            Subject::PlatformCluster(change) => name_or(&change.new.metadata, generated),
            Subject::Machine(change) => name_or(&change.new.metadata, generated),
            Subject::Other => String::new(),
        };
        Ok(Self {
            operation: request.operation,
            namespace: request.namespace.clone(),
            name: one_line(&name, 253),
            kind: one_line(&request.kind.kind, 63),
            requester: Requester::read(request.user_info)?,
            dry_run: request.dry_run,
            subject,
        })
    }

    /// `namespace/name`, for messages.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

fn name_or(metadata: &Metadata, other: impl Fn(&Metadata) -> Option<String>) -> String {
    metadata.name.clone().or_else(|| other(metadata)).unwrap_or_default()
}

fn subject(request: &Request<'_>) -> Result<Subject, FactsError> {
    let stored = matches!(request.operation, Operation::Create | Operation::Update);
    if !stored || !request.sub_resource.is_empty() {
        return Ok(Subject::Other);
    }
    match (request.kind.group.as_str(), request.kind.kind.as_str()) {
        ("", "ConfigMap") => Ok(Subject::ConfigMap(Box::new(Change {
            new: ConfigMapFacts::read(request.object.ok_or(FactsError::NoObject)?)?,
            old: old(request, ConfigMapFacts::read),
        }))),
        ("starrocks.com", "StarRocksCluster") => Ok(Subject::Cluster(Box::new(Change {
            new: ClusterFacts::read(request.object.ok_or(FactsError::NoObject)?)?,
            old: old(request, ClusterFacts::read),
        }))),
        ("hookgate.dev", "HookPolicy") => Ok(Subject::Policy(Box::new(Change {
            new: PolicyFacts::read(request.object.ok_or(FactsError::NoObject)?)?,
            old: old(request, PolicyFacts::read),
        }))),
        ("platform.tkestack.io", "Cluster") => {
            let read = |object: &RawValue| PlatformFacts::read(object, "Cluster");
            let new = read(request.object.ok_or(FactsError::NoObject)?)?;
            Ok(Subject::PlatformCluster(Box::new(Change { new, old: old(request, read) })))
        }
        ("platform.tkestack.io", "Machine") => {
            let read = |object: &RawValue| PlatformFacts::read(object, "Machine");
            let new = read(request.object.ok_or(FactsError::NoObject)?)?;
            Ok(Subject::Machine(Box::new(Change { new, old: old(request, read) })))
        }
        _ => Ok(Subject::Other),
    }
}

/// What is stored and can't be read can't excuse anything: then the new object is judged as if it were created.
fn old<T>(request: &Request<'_>, read: impl Fn(&RawValue) -> Result<T, FactsError>) -> Option<T> {
    request.old_object.and_then(|old| read(old).ok())
}

pub(crate) fn shape<'a, T: Deserialize<'a>>(
    object: &'a RawValue,
    kind: &'static str,
) -> Result<T, FactsError> {
    serde_json::from_str(object.get())
        .map_err(|cause| FactsError::Shape { kind, cause: one_line(&cause.to_string(), 200) })
}
