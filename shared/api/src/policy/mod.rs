//! `HookPolicy`, `hookgate.dev/v1alpha1`: what upgrade hooks may do in the namespaces that it selects.
//!
//! [`HookPolicySpec`] is what people write. [`Terms::of`] turns it into what scripts are checked against and says
//! in words what is wrong with it; [`EffectivePolicy`] is what holds in one namespace, and the only place that
//! knows how several policies go together.

mod approval;
mod authors;
mod document;
mod effective;
mod judge;
mod loaded;
mod selector;
mod suggest;
mod terms;
mod verdict;

pub use approval::{ApprovalDemand, ApprovalTerms};
pub use authors::RestrictedAuthors;
pub use document::{DocumentError, is_meant, read_documents, read_object};
pub use effective::EffectivePolicy;
pub use loaded::{LoadedPolicy, PolicyId};
pub use selector::{NamespaceLabels, NamespaceSelector, SelectorOperator, SelectorRequirement};
pub use terms::Terms;
pub use verdict::{Effect, InvalidPolicy, Ruling, ScriptVerdict};

use crate::defaults::MAX_TIMEOUT_SECONDS;
use hookgate_policy::{ArgumentKind, KeyValue, Profile};
use kube::CustomResource;
use schemars::{JsonSchema, Schema, json_schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What upgrade hooks may do in the namespaces that are selected.
#[allow(clippy::duplicated_attributes, reason = "every printer column has a type of its own")]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "hookgate.dev",
    version = "v1alpha1",
    kind = "HookPolicy",
    plural = "hookpolicies",
    derive = "PartialEq",
    doc = "What upgrade hooks may do in the namespaces that it selects. Where several policies select a namespace, \
           a hook is admitted when every one of them admits it.",
    printcolumn(name = "Profile", type_ = "string", json_path = ".spec.profile"),
    printcolumn(name = "Mode", type_ = "string", json_path = ".spec.mode"),
    printcolumn(name = "MaxTimeoutSeconds", type_ = "integer", json_path = ".spec.maxTimeoutSeconds"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HookPolicySpec {
    /// The namespaces that the policy is for; all of them when absent or empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace_selector: Option<NamespaceSelector>,
    /// How much a hook may do: restricted (an allow-list), baseline (a deny-list), privileged (structure only).
    #[schemars(schema_with = "profile_schema")]
    pub profile: Profile,
    /// What becomes of a hook that isn't allowed: it is refused (Enforce), admitted with warnings (Warn), or admitted
    /// and noted in the audit log only (Audit).
    pub mode: Mode,
    /// Programs that hooks may run besides those of the profile restricted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"], "maxItems" = 64))]
    pub programs: Vec<AllowedProgram>,
    /// FE settings that hooks may change by ADMIN SET FRONTEND CONFIG besides those of the profile restricted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"], "maxItems" = 64))]
    pub frontend_config_keys: Vec<AllowedKey>,
    /// SQL statements that hooks may send besides those of the profile restricted, each with placeholders:
    /// <identifier>, <table>, <number>, <string>.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "set", "maxItems" = 64))]
    pub sql_statements: Vec<StatementText>,
    /// What a finding of a rule means, by the rule's id: error (the hook isn't allowed), warning, or disabled.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 64, "x-kubernetes-validations" = [{
        "rule": "self.all(id, id.matches('^HG[1-9][0-9][0-9]$'))",
        "message": "rules are named HG101 and so on; `hookgate explain` lists them"
    }]))]
    pub severities: BTreeMap<String, RuleSeverity>,
    /// The greatest timeoutSeconds that a StarRocksCluster's upgradeHooks may have.
    #[schemars(range(min = 1, max = 3600))]
    pub max_timeout_seconds: i64,
    /// Whether a hook script runs only where the node's kernel can make its sandbox whole (Linux 6.12 or later). Without
    /// it, a script runs in what the kernel has.
    pub require_sandbox: bool,
    /// Who may write hook scripts: whoever may write ConfigMaps (Anyone), or who besides may do `author` on this policy
    /// (Authorized), which the API server is asked.
    pub authors: Authors,
    /// Whether a script runs only when somebody has approved it by a HookApproval.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub require_approval: bool,
    /// Whether somebody who has submitted a script may approve it too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_self_approval: bool,
    /// Rules whose findings an approval lifts: a script that breaks them is admitted, and runs only when approved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "set", "maxItems" = 64))]
    pub overridable_rules: Vec<RuleName>,
}

impl Default for HookPolicySpec {
    fn default() -> Self {
        Self {
            namespace_selector: None,
            profile: Profile::default(),
            mode: Mode::default(),
            programs: Vec::new(),
            frontend_config_keys: Vec::new(),
            sql_statements: Vec::new(),
            severities: BTreeMap::new(),
            max_timeout_seconds: i64::from(MAX_TIMEOUT_SECONDS),
            require_sandbox: true,
            authors: Authors::default(),
            require_approval: false,
            allow_self_approval: false,
            overridable_rules: Vec::new(),
        }
    }
}

/// What becomes of a hook that isn't allowed; strictest first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Mode {
    /// It is refused, at admission and before it would run.
    #[default]
    Enforce,
    /// It is admitted with warnings.
    Warn,
    /// It is admitted; the audit log says what would have been refused.
    Audit,
}

/// The id of a rule, as HG601.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleName(#[schemars(regex(pattern = r"^HG[1-9][0-9][0-9]$"))] pub String);

/// Who may write hook scripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Authors {
    /// Whoever may write ConfigMaps.
    #[default]
    Anyone,
    /// Whoever may write ConfigMaps and may do the verb `author` on the policy.
    Authorized,
}

/// A program that hooks may run, with the arguments that it may be given. A bare name means: without arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AllowedProgram {
    /// The name by which it is called, without a folder.
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$"))]
    pub name: String,
    /// Its options, each spelled as on the command line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"], "maxItems" = 64))]
    pub options: Vec<AllowedOption>,
    /// What operands it may be given; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operands: Option<ArgumentValue>,
    /// Whether the program takes `--` for the end of its options. Operands that are expanded are allowed after it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accepts_double_dash: bool,
}

/// An option of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AllowedOption {
    /// The option: `-x` or `--long-name`.
    #[schemars(length(min = 2, max = 66), regex(pattern = r"^-([A-Za-z0-9]|-[A-Za-z0-9][A-Za-z0-9-]+)$"))]
    pub name: String,
    /// The value that it takes; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ArgumentValue>,
}

/// What an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ArgumentValue {
    /// A text that is known when the script is read.
    Literal,
    /// A number with an optional unit, or a variable that is proven to hold one.
    Number,
    /// Any text that is one argument.
    Any,
    /// A file under /tmp, or /dev/null and its like, named by a literal.
    File,
}

/// An FE setting that hooks may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AllowedKey {
    /// The setting's name.
    #[schemars(length(min = 1, max = 128), regex(pattern = r"^[a-z0-9_]+$"))]
    pub name: String,
    /// The values that it may be given.
    pub value: SettingValue,
}

/// The values that an FE setting may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SettingValue {
    /// true or false.
    Boolean,
    /// Up to nine digits.
    Number,
    /// Up to 128 letters, digits and `_ - . , : / %`.
    Text,
}

/// A SQL statement with placeholders: `SHOW ROUTINE LOAD FROM <identifier>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatementText(#[schemars(length(min = 1, max = 1024))] pub String);

/// What a finding of a rule means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuleSeverity {
    /// The hook isn't allowed.
    Error,
    /// It is allowed, with a warning.
    Warning,
    /// The rule isn't looked at.
    Disabled,
}

impl From<ArgumentValue> for ArgumentKind {
    fn from(value: ArgumentValue) -> Self {
        match value {
            ArgumentValue::Literal => Self::Literal,
            ArgumentValue::Number => Self::Number,
            ArgumentValue::Any => Self::Any,
            ArgumentValue::File => Self::File,
        }
    }
}

impl From<SettingValue> for KeyValue {
    fn from(value: SettingValue) -> Self {
        match value {
            SettingValue::Boolean => Self::Boolean,
            SettingValue::Number => Self::Number,
            SettingValue::Text => Self::Text,
        }
    }
}

fn profile_schema(_: &mut schemars::SchemaGenerator) -> Schema {
    let names = Profile::ALL.map(Profile::as_str);
    json_schema!({"type": "string", "enum": names})
}
