//! Policies in files, as the command line reads them: strictly, with line and column.

use super::{HookPolicySpec, LoadedPolicy, PolicyId, suggest::closest};
use crate::validate::Violation;
use serde::Deserialize;
use serde_json::Value;

/// The group of HookPolicy.
const GROUP: &str = "hookgate.dev";
/// Its only version.
const API_VERSION: &str = "hookgate.dev/v1alpha1";
/// Its kind.
const KIND: &str = "HookPolicy";

/// Why a document is not a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", place(*line, *column))]
pub struct DocumentError {
    /// The line, counted from 1; `None` where the text was JSON inside of a list.
    pub line: Option<u64>,
    /// The column in characters, counted from 1.
    pub column: Option<u64>,
    /// What is wrong, and the way out.
    pub message: String,
}

fn place(line: Option<u64>, column: Option<u64>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!("line {line}, column {column}: "),
        (Some(line), None) => format!("line {line}: "),
        _ => String::new(),
    }
}

#[derive(Deserialize)]
struct Document {
    metadata: Metadata,
    #[serde(default)]
    spec: HookPolicySpec,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    generation: i64,
}

/// Reads the policies in a stream of YAML or JSON documents, also those in a `List`. Objects of other kinds are left
/// out. A policy that was read may still make no sense: see [`LoadedPolicy::violations`].
///
/// # Errors
/// When the text isn't YAML, or a HookPolicy in it has a field or value that there isn't.
pub fn read_documents(text: &str) -> Result<Vec<LoadedPolicy>, DocumentError> {
    let mut policies = Vec::new();
    for (lines_before, document) in documents(text) {
        let value: Value = yaml(document, lines_before)?;
        if let Some(Value::Array(items)) = value.get("items").filter(|_| kind(&value).ends_with("List")) {
            for item in items.iter().filter(|item| is_policy(item).unwrap_or(true)) {
                is_policy(item).map_err(|message| DocumentError { line: None, column: None, message })?;
                let document = serde_json::from_value(item.clone());
                policies.push(loaded(document.map_err(|error| DocumentError {
                    line: None,
                    column: None,
                    message: with_suggestion(&error.to_string()),
                })?));
            }
            continue;
        }
        let line = Some(lines_before as u64 + 1);
        if is_policy(&value).map_err(|message| DocumentError { line, column: None, message })? {
            policies.push(loaded(yaml(document, lines_before)?));
        }
    }
    Ok(policies)
}

/// Whether an object of a manifest is a policy, or is meant to be one: by a slip in its kind or version it isn't what
/// it should be.
#[must_use]
pub fn is_meant(kind: &str, api_version: &str) -> bool {
    is_policy_kind(kind, api_version).unwrap_or(true)
}

/// Reads an object of a manifest that is meant to be a policy. A policy that was read may still make no sense: see
/// [`LoadedPolicy::violations`].
///
/// # Errors
/// The first field that can't be read.
pub fn read_object(kind: &str, api_version: &str, object: &Value) -> Result<LoadedPolicy, Violation> {
    if let Err(message) = is_policy_kind(kind, api_version) {
        let path = if kind == KIND { "apiVersion" } else { "kind" };
        return Err(Violation { path: path.to_owned(), message });
    }
    serde_path_to_error::deserialize(object).map(loaded).map_err(|error| Violation {
        path: error.path().to_string().trim_start_matches('.').to_owned(),
        message: with_suggestion(&error.inner().to_string()),
    })
}

fn loaded(document: Document) -> LoadedPolicy {
    let Metadata { name, generation } = document.metadata;
    LoadedPolicy::of(PolicyId { name: Some(name), generation }, document.spec)
}

fn kind(value: &Value) -> &str {
    value.get("kind").and_then(Value::as_str).unwrap_or_default()
}

/// Whether an object is a policy; an error when it is nearly one, for a policy must not be lost by a slip.
fn is_policy(value: &Value) -> Result<bool, String> {
    is_policy_kind(kind(value), value.get("apiVersion").and_then(Value::as_str).unwrap_or_default())
}

fn is_policy_kind(kind: &str, version: &str) -> Result<bool, String> {
    let ours = version.split('/').next() == Some(GROUP);
    match kind {
        KIND if version == API_VERSION => Ok(true),
        KIND => Err(format!("a {KIND} has the apiVersion {API_VERSION}, not {version:?}")),
        kind if ours && closest(kind, [KIND]).is_some() => {
            Err(format!("unknown kind {kind:?}: did you mean {KIND}?"))
        }
        _ => Ok(false),
    }
}

/// The documents of a stream, each with the number of lines before it. Whatever stands around it, a line that begins
/// with `---` ends a YAML document.
fn documents(text: &str) -> Vec<(usize, &str)> {
    let is_marker = |line: &str| {
        line.strip_prefix("---").is_some_and(|rest| rest.trim_start() != rest || rest.is_empty())
    };
    let mut documents = Vec::new();
    let (mut start, mut first_line, mut offset) = (0, 0, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if is_marker(line.trim_end_matches(['\n', '\r'])) && offset > start {
            documents.push((first_line, &text[start..offset]));
            (start, first_line) = (offset, index);
        }
        offset += line.len();
    }
    documents.push((first_line, &text[start..]));
    documents.retain(|(_, document)| !is_empty(document));
    documents
}

/// Whether a document has nothing but comments.
fn is_empty(document: &str) -> bool {
    document.lines().all(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line == "---"
    })
}

fn yaml<T: serde::de::DeserializeOwned>(document: &str, lines_before: usize) -> Result<T, DocumentError> {
    serde_saphyr::from_str(document).map_err(|error| {
        let location = error.location();
        let text = error.without_snippet().to_string();
        let message = text.lines().next().unwrap_or_default();
        DocumentError {
            line: location.map(|place| place.line() + lines_before as u64),
            column: location.map(|place| place.column()),
            message: with_suggestion(message),
        }
    })
}

/// Adds the known word that is closest to an unknown one, and leaves the place out, which is said in front.
fn with_suggestion(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if message == "expected mapping start" {
        return "fields are expected here, such as `name: …`".to_owned();
    }
    let message = message.replace('`', "");
    let unknown = message.strip_prefix("unknown field ").or_else(|| message.strip_prefix("unknown variant "));
    let Some((word, known)) = unknown.and_then(|rest| rest.split_once(", expected one of ")) else {
        return message;
    };
    match closest(word, known.split(", ")) {
        Some(known) => format!("{message}: did you mean {known}?"),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read_documents(text).unwrap_err().to_string()
    }

    const HEAD: &str = "apiVersion: hookgate.dev/v1alpha1\nkind: HookPolicy\nmetadata:\n  name: a\n";

    #[test]
    fn reads_streams_lists_and_json_and_leaves_other_kinds_out() {
        let text = format!(
            "# a comment\n---\n{HEAD}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\n---\n{HEAD}spec: {{mode: Warn}}\n"
        );
        let policies = read_documents(&text).unwrap();
        assert_eq!(policies.len(), 2);
        assert_eq!(policies[1].id.to_string(), "a");
        let list = format!(
            "{{\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": [{}]}}",
            r#"{"apiVersion":
            "hookgate.dev/v1alpha1", "kind": "HookPolicy", "metadata": {"name": "b", "generation": 4, "uid": "x"}}"#
        );
        assert_eq!(read_documents(&list).unwrap()[0].id.to_string(), "b@4");
        assert_eq!(read_documents("").unwrap(), []);
    }

    #[test]
    fn a_slip_is_answered_with_its_line_and_what_was_meant() {
        for (text, expected) in [
            (
                format!("---\n{HEAD}spec:\n  profil: baseline\n"),
                "line 7, column 3: unknown field profil, expected one of namespaceSelector, profile, mode, programs, \
                 frontendConfigKeys, sqlStatements, severities, maxTimeoutSeconds, requireSandbox, authors, requireApproval, allowSelfApproval, overridableRules: did you mean profile?",
            ),
            (
                format!("{HEAD}spec:\n  mode: warn\n"),
                "line 6, column 9: unknown variant warn, expected one of Enforce, Warn, Audit: did you mean Warn?",
            ),
            (
                format!("{HEAD}spec:\n  profile: strict\n"),
                "line 6, column 12: unknown variant strict, expected one of restricted, baseline, privileged",
            ),
            (
                format!("{HEAD}spec:\n  severities: {{HG601: off}}\n"),
                "line 6, column 23: unknown variant off, expected one of error, warning, disabled",
            ),
            (
                format!("{HEAD}spec:\n  programs:\n    - name: sync\n      option: []\n"),
                "line 8, column 7: unknown field option, expected one of name, options, operands, acceptsDoubleDash: \
                 did you mean options?",
            ),
            (
                format!("{HEAD}spec:\n  programs:\n    - sync\n"),
                "line 7, column 7: fields are expected here, such as `name: …`",
            ),
            (format!("{HEAD}spec:\n  maxTimeoutSeconds: soon\n"), "line 6, column 22: invalid i64"),
            (format!("{HEAD}spec: ["), "line 5, column 7: unclosed bracket '['"),
            (
                HEAD.replace("v1alpha1", "v1"),
                "line 1: a HookPolicy has the apiVersion hookgate.dev/v1alpha1, not \"hookgate.dev/v1\"",
            ),
            (
                HEAD.replace("HookPolicy", "HookPolcy"),
                "line 1: unknown kind \"HookPolcy\": did you mean HookPolicy?",
            ),
            (HEAD.replace("  name: a", "  labels: {}"), "line 4, column 3: missing field name"),
            (
                format!("{HEAD}---\n{HEAD}spec:\n  mode: A\n"),
                "line 11, column 9: unknown variant A, expected one of Enforce, Warn, Audit",
            ),
            (
                "{\"kind\": \"List\", \"items\": [{\"apiVersion\": \"hookgate.dev/v1alpha1\", \"kind\": \
                 \"HookPolicy\", \"metadata\": {\"name\": \"a\"}, \"spec\": {\"mod\": 1}}]}"
                    .to_owned(),
                "unknown field mod, expected one of namespaceSelector, profile, mode, programs, frontendConfigKeys, \
                 sqlStatements, severities, maxTimeoutSeconds, requireSandbox, authors, requireApproval, allowSelfApproval, overridableRules: did you mean mode?",
            ),
        ] {
            assert_eq!(error(&text), expected, "{text}");
        }
    }
}
