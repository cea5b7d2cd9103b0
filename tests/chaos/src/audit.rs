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

/// A request that the API server has answered, or a watch that it has begun to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `get`, `list`, `watch`, `create`, `update`, `patch` or `delete`.
    pub verb: String,
    /// The plural, as `pods`; with its subresource, as `starrocksclusters/status`. Empty for what is no object.
    pub resource: String,
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

    /// What was accepted since the last call of this or of [`Self::requests`].
    ///
    /// # Errors
    /// When the log can't be read or understood.
    pub fn accepted(&mut self) -> io::Result<Vec<Accepted>> {
        self.read(Line::accepted)
    }

    /// Every request since the last call of this or of [`Self::accepted`], refused ones among them.
    ///
    /// # Errors
    /// When the log can't be read or understood.
    pub fn requests(&mut self) -> io::Result<Vec<Request>> {
        self.read(Line::request)
    }

    fn read<T>(&mut self, take: impl Fn(Line) -> Option<T>) -> io::Result<Vec<T>> {
        let mut found = Vec::new();
        loop {
            self.read_on(&take, &mut found)?;
            let next = open(&self.path)?;
            if next.get_ref().metadata()?.ino() == self.file.get_ref().metadata()?.ino() {
                return Ok(found);
            }
            // Between the last read and the rotation something may have been written.
            self.read_on(&take, &mut found)?;
            self.file = next;
        }
    }

    fn read_on<T>(&mut self, take: impl Fn(Line) -> Option<T>, found: &mut Vec<T>) -> io::Result<()> {
        while self.file.read_line(&mut self.rest)? > 0 {
            if self.rest.ends_with('\n') {
                let line = Line::parse(&self.rest)?;
                if line.user.username == self.user {
                    found.extend(take(line));
                }
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

impl Line {
    fn parse(line: &str) -> io::Result<Self> {
        serde_json::from_str(line).map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidData, format!("the audit log: {error}: {line}"))
        })
    }

    fn accepted(self) -> Option<Accepted> {
        let changes = ["create", "update", "patch", "delete"].contains(&self.verb.as_str());
        let done = self.stage == "ResponseComplete" && (200..300).contains(&self.response_status.code);
        let for_real = !self.request_uri.contains("dryRun=All");
        (changes && done && for_real).then(|| Accepted {
            at: self.stage_timestamp,
            resource: self.object_ref.named(),
            namespace: self.object_ref.namespace,
            verb: self.verb,
            name: self.object_ref.name,
            body: self.request_object,
        })
    }

    /// A watch counts when it begins: many never end.
    fn request(self) -> Option<Request> {
        let stage = if self.verb == "watch" { "ResponseStarted" } else { "ResponseComplete" };
        (self.stage == stage).then(|| Request { resource: self.object_ref.named(), verb: self.verb })
    }
}

impl ObjectRef {
    fn named(&self) -> String {
        match self.subresource.as_str() {
            "" => self.resource.clone(),
            subresource => format!("{}/{subresource}", self.resource),
        }
    }
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

    #[test]
    fn requests_count_when_they_are_answered_and_watches_when_they_begin() {
        let request = |verb: &str, stage: &str| {
            let line = line(USER, verb, "pods", "one", 404).replace("ResponseComplete", stage);
            Line::parse(&line).unwrap().request().map(|request| (request.verb, request.resource))
        };
        assert_eq!(request("get", "ResponseComplete"), Some(("get".to_owned(), "pods".to_owned())));
        assert_eq!(request("watch", "ResponseComplete"), None);
        assert!(request("watch", "ResponseStarted").is_some());
        assert_eq!(request("get", "ResponseStarted"), None);
    }
}
