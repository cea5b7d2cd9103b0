//! What the API server's audit log says of the operator.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// A change that the API server has accepted from the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// When it had been done.
    pub at: Timestamp,
    /// The namespace.
    pub namespace: String,
    /// `create`, `update`, `patch` or `delete`.
    pub verb: String,
    /// The plural, as `pods`; with its subresource, as `starrocksclusters/status`.
    pub resource: String,
    /// The object's name.
    pub name: String,
    /// What was sent.
    pub body: Value,
}

/// Follows the audit log of the test cluster, through its rotations.
#[derive(Debug)]
pub struct AuditLog {
    path: PathBuf,
    user: String,
    file: BufReader<File>,
    rest: String,
}

impl AuditLog {
    /// Follows what `user` does from here on.
    ///
    /// # Errors
    /// When the log can't be read.
    pub fn follow(path: &Path, user: &str) -> io::Result<Self> {
        let mut file = open(path)?;
        io::Seek::seek(&mut file, io::SeekFrom::End(0))?;
        Ok(Self { path: path.to_owned(), user: user.to_owned(), file, rest: String::new() })
    }

    /// What was accepted since the last call.
    ///
    /// # Errors
    /// When the log can't be read or understood.
    pub fn accepted(&mut self) -> io::Result<Vec<Accepted>> {
        let mut accepted = Vec::new();
        loop {
            self.read_on(&mut accepted)?;
            let next = open(&self.path)?;
            if next.get_ref().metadata()?.ino() == self.file.get_ref().metadata()?.ino() {
                return Ok(accepted);
            }
            // Between the last read and the rotation something may have been written.
            self.read_on(&mut accepted)?;
            self.file = next;
        }
    }

    fn read_on(&mut self, accepted: &mut Vec<Accepted>) -> io::Result<()> {
        while self.file.read_line(&mut self.rest)? > 0 {
            if self.rest.ends_with('\n') {
                accepted.extend(parse(&self.rest, &self.user)?);
                self.rest.clear();
            }
        }
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<BufReader<File>> {
    let file = File::open(path).map_err(|error| {
        io::Error::new(error.kind(), format!("the audit log {}: {error}", path.display()))
    })?;
    Ok(BufReader::new(file))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    stage: String,
    verb: String,
    user: User,
    #[serde(default)]
    object_ref: ObjectRef,
    #[serde(default)]
    response_status: ResponseStatus,
    #[serde(default)]
    request_object: Value,
    #[serde(rename = "requestURI")]
    request_uri: String,
    stage_timestamp: Timestamp,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    username: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ObjectRef {
    resource: String,
    subresource: String,
    namespace: String,
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ResponseStatus {
    code: u16,
}

fn parse(line: &str, user: &str) -> io::Result<Option<Accepted>> {
    let line: Line = serde_json::from_str(line).map_err(|error| {
        io::Error::new(io::ErrorKind::InvalidData, format!("the audit log: {error}: {line}"))
    })?;
    let changes = ["create", "update", "patch", "delete"].contains(&line.verb.as_str());
    let done = line.stage == "ResponseComplete" && (200..300).contains(&line.response_status.code);
    let for_real = !line.request_uri.contains("dryRun=All");
    if line.user.username != user || !changes || !done || !for_real {
        return Ok(None);
    }
    let object = line.object_ref;
    let resource = match object.subresource.as_str() {
        "" => object.resource,
        subresource => format!("{}/{subresource}", object.resource),
    };
    Ok(Some(Accepted {
        at: line.stage_timestamp,
        namespace: object.namespace,
        verb: line.verb,
        resource,
        name: object.name,
        body: line.request_object,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const USER: &str = "system:serviceaccount:a:b";

    fn line(user: &str, verb: &str, resource: &str, name: &str, code: u16) -> String {
        serde_json::json!({
            "stage": "ResponseComplete", "verb": verb, "user": {"username": user},
            "objectRef": {"resource": resource, "namespace": "n", "name": name},
            "responseStatus": {"code": code}, "requestURI": "/x", "requestObject": {"a": 1}, "stageTimestamp": "2025-01-02T03:04:05.678901Z",
        })
        .to_string()
            + "\n"
    }

    #[test]
    fn the_log_is_followed_through_a_rotation_and_only_what_the_operator_changed_counts() {
        let folder = std::env::temp_dir().join(format!("hookgate-audit-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (path, rotated) = (folder.join("audit.log"), folder.join("audit-1.log"));
        std::fs::write(&path, line(USER, "delete", "pods", "before", 200)).unwrap();
        let mut log = AuditLog::follow(&path, USER).unwrap();
        let mut file = File::options().append(true).open(&path).unwrap();
        let whole = line(USER, "delete", "pods", "one", 200) + &line("kubelet", "delete", "pods", "two", 200);
        file.write_all(whole.as_bytes()).unwrap();
        file.write_all(line(USER, "get", "pods", "three", 200).as_bytes()).unwrap();
        let dry = line(USER, "patch", "pods", "dry", 200).replace("/x", "/x?dryRun=All");
        file.write_all(dry.as_bytes()).unwrap();
        let refused = line(USER, "patch", "statefulsets", "four", 409);
        let (begin, end) = refused.split_at(20);
        file.write_all(begin.as_bytes()).unwrap();
        let names =
            |log: &mut AuditLog| log.accepted().unwrap().into_iter().map(|one| one.name).collect::<Vec<_>>();
        assert_eq!(names(&mut log), ["one"], "half a line is not read");
        file.write_all(end.as_bytes()).unwrap();
        file.write_all(line(USER, "patch", "statefulsets", "five", 200).as_bytes()).unwrap();
        std::fs::rename(&path, &rotated).unwrap();
        std::fs::write(&path, line(USER, "create", "jobs", "six", 201)).unwrap();
        assert_eq!(names(&mut log), ["five", "six"]);
        std::fs::write(&path, "no JSON\n").unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
