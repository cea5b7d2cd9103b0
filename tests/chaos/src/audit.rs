//! What the API server's audit log says of the operator, and what that proves.

use hookgate_e2e::proofs::Refuted;
use jiff::Timestamp;
use serde::Deserialize;
use std::{
    collections::BTreeSet,
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
    if line.user.username != user || !changes || !done {
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
    }))
}

/// What disrupts: it opens or deletes a pod, or runs a hook.
fn disrupts(one: &Accepted) -> bool {
    matches!(
        (one.verb.as_str(), one.resource.as_str()),
        ("patch", "statefulsets") | ("delete", "pods") | ("create", "jobs")
    )
}

/// Between any two different disruptive effects the operator has recorded in the status what it is about to do. The
/// same effect may come again: that is what an operator does which died before it could record that it was done.
///
/// # Errors
/// With the effect that came without its record.
pub fn recorded_before_done(accepted: &[Accepted]) -> Result<(), Refuted> {
    let claim = "what is done was recorded before";
    let mut last: Option<&Accepted> = None;
    let mut recorded = false;
    let mut effects = 0_u32;
    for one in accepted {
        if one.resource == "starrocksclusters/status" {
            recorded = true;
        }
        if !disrupts(one) {
            continue;
        }
        let again = last.is_some_and(|last| {
            (&last.verb, &last.resource, &last.name) == (&one.verb, &one.resource, &one.name)
        });
        if !recorded && !again {
            let why = format!(
                "{} of {} {} at {}, without a record since {last:?}",
                one.verb, one.resource, one.name, one.at
            );
            return Err(Refuted { claim, why });
        }
        effects += 1;
        (last, recorded) = (Some(one), false);
    }
    if effects == 0 { Err(Refuted { claim, why: "nothing was done".to_owned() }) } else { Ok(()) }
}

/// No run of a hook was started twice.
///
/// # Errors
/// With the Job that was.
pub fn no_run_twice(accepted: &[Accepted]) -> Result<(), Refuted> {
    let mut names = BTreeSet::new();
    let twice = accepted
        .iter()
        .filter(|one| one.verb == "create" && one.resource == "jobs")
        .find(|one| !names.insert(&one.name));
    match twice {
        Some(one) => Err(Refuted {
            claim: "no run of a hook is started twice",
            why: format!("the Job {} was created again at {}", one.name, one.at),
        }),
        None => Ok(()),
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
            "responseStatus": {"code": code}, "stageTimestamp": "2025-01-02T03:04:05.678901Z",
        })
        .to_string()
            + "\n"
    }

    fn did(verb: &str, resource: &str, name: &str) -> Accepted {
        let (verb, resource, name) = (verb.to_owned(), resource.to_owned(), name.to_owned());
        Accepted { at: Timestamp::UNIX_EPOCH, namespace: "n".to_owned(), verb, resource, name }
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
    fn an_effect_without_its_record_is_rejected() {
        let status = || did("update", "starrocksclusters/status", "sr");
        let good = [status(), did("patch", "statefulsets", "be"), status(), did("delete", "pods", "fe-1")];
        assert_eq!(recorded_before_done(&good), Ok(()));
        let again = [status(), did("delete", "pods", "fe-1"), did("delete", "pods", "fe-1")];
        assert_eq!(recorded_before_done(&again), Ok(()));
        let two = [status(), did("delete", "pods", "fe-1"), did("delete", "pods", "fe-2")];
        assert!(recorded_before_done(&two).unwrap_err().why.contains("fe-2"));
        assert!(recorded_before_done(&[did("patch", "statefulsets", "be")]).is_err());
        assert!(recorded_before_done(&[status()]).unwrap_err().why.contains("nothing was done"));
    }

    #[test]
    fn a_run_that_was_started_twice_is_rejected() {
        assert_eq!(no_run_twice(&[did("create", "jobs", "a-1"), did("create", "jobs", "a-2")]), Ok(()));
        assert!(no_run_twice(&[did("create", "jobs", "a-1"), did("create", "jobs", "a-1")]).is_err());
    }
}
