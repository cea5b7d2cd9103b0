//! What somebody asked of the API server, from its audit log.

use super::Request;
use jiff::Timestamp;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

/// Why an audit log can't be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It isn't there, or breaks off.
    #[error("the audit log {}: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: io::Error,
    },
    /// A line isn't an event.
    #[error("the audit log {}, line {line}: {cause}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// The cause.
        #[source]
        cause: serde_json::Error,
    },
}

/// The requests of a user since a time: of the log and of those that it was rotated to, which stand beside it.
///
/// # Errors
/// When a file can't be read or understood.
pub fn requests(log: &Path, user: &str, since: Timestamp) -> Result<Vec<Request>, LogError> {
    let mut requests = Vec::new();
    for path in rotated(log)? {
        let io = |cause| LogError::Io { path: path.clone(), cause };
        let file = BufReader::new(File::open(&path).map_err(io)?);
        for (index, line) in file.lines().enumerate() {
            let line = line.map_err(io)?;
            let event: Event = serde_json::from_str(&line).map_err(|cause| LogError::Line {
                path: path.clone(),
                line: index + 1,
                cause,
            })?;
            if event.user.username == user && event.request_received_timestamp >= since {
                requests.extend(event.request());
            }
        }
    }
    Ok(requests)
}

/// The log itself, and before it `audit-2026-….log`.
fn rotated(log: &Path) -> Result<Vec<PathBuf>, LogError> {
    let io = |cause| LogError::Io { path: log.to_owned(), cause };
    let (stem, folder) = (log.file_stem().unwrap_or_default(), log.parent().unwrap_or(Path::new(".")));
    let prefix = format!("{}-", stem.to_string_lossy());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(&prefix) && path.extension() == log.extension() {
            files.push(path);
        }
    }
    files.sort();
    files.push(log.to_owned());
    Ok(files)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    stage: String,
    verb: String,
    user: User,
    #[serde(default)]
    object_ref: Option<ObjectRef>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    request_received_timestamp: Timestamp,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    username: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ObjectRef {
    resource: String,
    subresource: String,
    namespace: String,
    name: String,
    api_group: String,
}

impl Event {
    /// `None` for what is no object (discovery), and for the later stage of a watch that was counted when it began.
    fn request(self) -> Option<Request> {
        let authorized =
            self.annotations.get("authorization.k8s.io/decision").is_none_or(|decision| decision == "allow");
        let counts = if self.verb == "watch" && authorized {
            self.stage == "ResponseStarted"
        } else {
            self.stage == "ResponseComplete"
        };
        let ObjectRef { resource, subresource, namespace, name, api_group: group } =
            self.object_ref.filter(|_| counts)?;
        let resource = if subresource.is_empty() { resource } else { format!("{resource}/{subresource}") };
        Some(Request { group, resource, verb: self.verb, name, namespace, authorized })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const USER: &str = "system:serviceaccount:a:b";

    fn event(change: &Value) -> String {
        let mut event = json!({
            "stage": "ResponseComplete", "verb": "get", "user": {"username": USER},
            "objectRef": {"resource": "pods", "namespace": "n", "name": "p", "apiVersion": "v1"},
            "annotations": {"authorization.k8s.io/decision": "allow"},
            "requestReceivedTimestamp": "2026-01-02T03:04:05.678901Z",
        });
        json_patch::merge(&mut event, change);
        format!("{event}\n")
    }

    fn read(files: &[(&str, String)]) -> Result<Vec<String>, LogError> {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("hookgate-rights-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let found = requests(&folder.join("audit.log"), USER, "2026-01-01T00:00:00Z".parse().unwrap());
        std::fs::remove_dir_all(&folder).unwrap();
        found.map(|requests| requests.iter().map(|one| format!("{one} {}", one.authorized)).collect())
    }

    #[test]
    fn what_a_user_asks_for_counts_once() {
        let log = [
            event(&json!({})),
            event(&json!({"user": {"username": "somebody"}})),
            event(&json!({"requestReceivedTimestamp": "2025-12-31T23:59:59Z"})),
            event(&json!({"objectRef": null, "verb": "get"})),
            event(
                &json!({"objectRef": {"apiGroup": "starrocks.com", "resource": "starrocksclusters", "subresource": "status"}}),
            ),
            event(&json!({"verb": "watch", "stage": "ResponseStarted"})),
            event(&json!({"verb": "watch"})),
            event(&json!({"verb": "delete", "annotations": {"authorization.k8s.io/decision": "forbid"}})),
        ];
        let expected = [
            "get pods n/p true",
            "get starrocksclusters/status.starrocks.com n/p true",
            "watch pods n/p true",
            "delete pods n/p false",
        ];
        assert_eq!(read(&[("audit.log", log.concat())]).unwrap(), expected);
    }

    #[test]
    fn rotated_logs_count_too() {
        let files = [
            ("audit-2026-01-01T00-00-00.000.log", event(&json!({"verb": "list"}))),
            ("audit.log", event(&json!({}))),
            ("other.log", "no JSON".to_owned()),
        ];
        assert_eq!(read(&files).unwrap(), ["list pods n/p true", "get pods n/p true"]);
    }

    #[test]
    fn a_log_that_is_none_is_named() {
        let message = read(&[]).unwrap_err().to_string();
        assert!(message.contains("audit.log") && message.contains("No such file"), "{message}");
        let message = read(&[("audit.log", event(&json!({})) + "no JSON\n")]).unwrap_err().to_string();
        assert!(message.contains("audit.log, line 2"), "{message}");
    }
}
