//! What the operator writes into the audit: the ends of runs, the gates that somebody has let a wave past, and the
//! statements that it sends by itself. The lines are those of `docs/audit.md`.

mod runs;

pub use runs::{ended_runs, skipped_gates};

use hookgate_api::StarRocksCluster;
use hookgate_policy::AUDIT_MARK;
use hookgate_runner::{
    audit::{Clearance, Event, Identity, Record, Verdict},
    log::masked,
};
use jiff::Timestamp;
use kube::ResourceExt;

/// The names of policies as they are written down, `platform@3, trial@1`.
fn policies(names: &str) -> Vec<String> {
    names.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Whose line it is, as far as the cluster tells.
fn identity(cluster: &StarRocksCluster) -> Identity {
    let namespace = cluster.namespace().unwrap_or_default();
    Identity { cluster: cluster.name_any(), namespace, ..Identity::default() }
}

/// A statement that the operator is about to send by itself.
#[derive(Clone, Copy, Debug)]
pub struct OwnStatement<'a> {
    /// The hook of `upgradePreparation` whose statement it is; `None` for one that a setting is held or given back with.
    pub hook: Option<&'a str>,
    /// The FE's address.
    pub frontend: &'a str,
    /// The statement.
    pub text: &'a str,
    /// The database user's password, which is masked.
    pub password: &'a str,
    /// The policies that let it be sent, as `platform@3, trial@1`.
    pub policies: &'a str,
}

impl OwnStatement<'_> {
    /// Its line.
    pub fn record(&self, cluster: &StarRocksCluster, now: Timestamp) -> Record {
        let hook = self.hook.unwrap_or_default().to_owned();
        let clearance = Clearance { policies: policies(self.policies), ..Clearance::default() };
        Record {
            frontend: Some(self.frontend.to_owned()),
            statement: Some(masked(self.text, self.password).into_owned()),
            verdict: Some(Verdict::Allowed),
            ..Record::new(now, Event::Statement, Identity { hook, ..identity(cluster) }, clearance)
        }
    }
}

/// Writes a line into the log.
pub fn write(record: &Record) {
    match record.json() {
        Ok(json) => tracing::info!(target: "CustomHookExecutor", "{AUDIT_MARK} {json}"),
        Err(error) => {
            tracing::error!(target: "CustomHookExecutor", %error, ?record, "a line of the audit can't be made");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::time::Duration;

    #[test]
    fn a_statement_of_the_operator_has_the_fields_of_the_interface() {
        let mut cluster = StarRocksCluster::new("sr", hookgate_api::StarRocksClusterSpec::default());
        cluster.metadata.namespace = Some("db".to_owned());
        let own = OwnStatement {
            hook: Some("note"),
            frontend: "10.0.0.7",
            text: "SET PASSWORD = PASSWORD('s3cret word')",
            password: "s3cret word",
            policies: "platform@3, trial@1",
        };
        let now = "2026-01-01T00:00:08Z".parse().unwrap();
        let statement = own.record(&cluster, now);
        let fields = |record: &Record| serde_json::from_str::<Value>(&record.json().unwrap()).unwrap();
        let expected = json!({
            "time": "2026-01-01T00:00:08Z", "event": "statement", "cluster": "sr", "namespace": "db",
            "component": null, "phase": null, "hook": "note", "run": null, "digest": null,
            "policies": ["platform@3", "trial@1"], "findings": [], "approval": null, "approver": null,
            "runner": null, "sandbox": null, "frontend": "10.0.0.7",
            "statement": "SET PASSWORD = PASSWORD('********')", "verdict": "allowed", "rule": null,
            "refusedBy": null, "outcome": null, "exitCode": null, "durationMilliseconds": null, "message": null,
        });
        assert_eq!(fields(&statement), expected);
        let answer =
            fields(&statement.answered(now, Duration::from_millis(7), Some("ERROR 1064".to_owned())));
        assert_eq!((&answer["event"], &answer["outcome"]), (&json!("answer"), &json!("Failed")));
        assert_eq!((&answer["exitCode"], &answer["durationMilliseconds"]), (&json!(1), &json!(7)));
        assert_eq!(
            (&answer["statement"], &answer["message"]),
            (&expected["statement"], &json!("ERROR 1064"))
        );
        let held = fields(&OwnStatement { hook: None, ..own }.record(&cluster, now));
        assert_eq!(held["hook"], Value::Null);
    }
}
