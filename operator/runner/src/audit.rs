//! The lines of the audit: of runs of scripts, of statements and of what came of them, with the same fields.
//!
//! `docs/audit.md` documents them as an interface: fields may be added, none is renamed or taken away, and what isn't
//! known or doesn't apply is `null`.

use crate::{sandbox::Features, supervise::Outcome};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt::Write, time::Duration};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// When it was written, in UTC.
    pub time: Timestamp,
    /// What it's about.
    pub event: Event,
    /// Whose run it is.
    #[serde(flatten)]
    pub identity: Identity,
    /// What let it run.
    #[serde(flatten)]
    pub clearance: Clearance,
    /// What runs the script: `job` or `process`; `null` for what the operator sends by itself.
    pub runner: Option<Runner>,
    /// What the sandbox is made of; `null` when it never came to be, or isn't known.
    pub sandbox: Option<Features>,
    /// The address of the FE that the operator sends the statement to by itself; `null` for the statements of scripts.
    pub frontend: Option<String>,
    /// The statement, with secrets masked.
    pub statement: Option<String>,
    /// Whether the statement may be sent.
    pub verdict: Option<Verdict>,
    /// The rule that refuses the statement, as `HG403`.
    pub rule: Option<String>,
    /// The policy that refuses it, as `platform@3`.
    pub refused_by: Option<String>,
    /// How the run ended, or the statement.
    pub outcome: Option<Outcome>,
    /// The exit code of bash, when it exited; of a statement, that which the MySQL client would have.
    pub exit_code: Option<i32>,
    /// How long the run or the statement took, in milliseconds.
    pub duration_milliseconds: Option<u64>,
    /// In words: what went wrong, with the end of the output.
    pub message: Option<String>,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// A statement that is about to be sent, or isn't.
    Statement,
    /// What came of a statement that was sent.
    Answer,
    /// A run that has ended.
    Run,
    /// A gate that somebody has let a wave past.
    Gate,
}

/// What runs scripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum Runner {
    /// A Job of the cluster's namespace.
    #[default]
    Job,
    /// A child process of an operator outside of a cluster.
    Process,
}

/// Whether a statement may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It is about to be sent.
    Allowed,
    /// It isn't sent.
    Refused,
}

/// Whose run it is. What doesn't apply is empty here, and `null` in a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The StarRocksCluster's name.
    pub cluster: String,
    /// Its namespace.
    pub namespace: String,
    /// The component whose hook it is: FE, BE or CN.
    #[serde(with = "empty_as_null")]
    pub component: String,
    /// The function that is called: `pre_upgrade` or `post_upgrade`.
    #[serde(with = "empty_as_null")]
    pub phase: String,
    /// The hook's name.
    #[serde(with = "empty_as_null")]
    pub hook: String,
    /// Which run: the name of its Job.
    #[serde(with = "empty_as_null")]
    pub run: String,
    /// The SHA-256 of the script in hexadecimal.
    #[serde(with = "empty_as_null")]
    pub digest: String,
}

/// What let a script run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Clearance {
    /// The policies with their generations, as `platform@3`; `default` where none selects the namespace.
    pub policies: Vec<String>,
    /// What they found and didn't refuse, as `HG601 warning`.
    pub findings: Vec<String>,
    /// The HookApproval, where one was needed.
    pub approval: Option<String>,
    /// Who approved.
    pub approver: Option<String>,
}

/// An empty text is `null` in a line.
mod empty_as_null {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        Some(text).filter(|text| !text.is_empty()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        Option::deserialize(deserializer).map(Option::unwrap_or_default)
    }
}

impl Record {
    /// A line with nothing in it but whose it is.
    #[must_use]
    pub fn new(time: Timestamp, event: Event, identity: Identity, clearance: Clearance) -> Self {
        Self {
            time,
            event,
            identity,
            clearance,
            runner: None,
            sandbox: None,
            frontend: None,
            statement: None,
            verdict: None,
            rule: None,
            refused_by: None,
            outcome: None,
            exit_code: None,
            duration_milliseconds: None,
            message: None,
        }
    }

    /// What came of a statement whose line this is, after that time.
    #[must_use]
    pub fn answered(&self, time: Timestamp, took: Duration, error: Option<String>) -> Self {
        Self {
            time,
            event: Event::Answer,
            outcome: Some(if error.is_some() { Outcome::Failed } else { Outcome::Succeeded }),
            exit_code: Some(i32::from(error.is_some())),
            duration_milliseconds: Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
            message: error,
            ..self.clone()
        }
    }

    /// The JSON, in printable ASCII: nothing in it ends the line, moves a cursor or turns text around.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self).map(|json| ascii(&json))
    }
}

/// JSON has characters beyond printable ASCII in its strings only, where they may be written as escapes
/// (<https://www.rfc-editor.org/rfc/rfc8259#section-7>).
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for one in json.chars() {
        if one.is_ascii() && !one.is_ascii_control() {
            text.push(one);
        } else {
            for unit in one.encode_utf16(&mut [0; 2]) {
                // Writing to a String doesn't fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn record() -> Record {
        let text = str::to_owned;
        let identity = Identity {
            cluster: text("sr"),
            namespace: text("db"),
            component: text("BE"),
            phase: text("pre_upgrade"),
            hook: text("custom"),
            run: text("sr-be-pre-1"),
            digest: text("ab"),
        };
        let clearance = Clearance {
            policies: vec![text("platform@3")],
            findings: vec![text("HG601 warning")],
            approval: Some(text("sr-be-x")),
            approver: Some(text("joe")),
        };
        Record::new("2026-01-01T00:00:08Z".parse().unwrap(), Event::Run, identity, clearance)
    }

    #[test]
    fn a_line_has_these_fields_in_this_order_whatever_it_is_about() {
        let expected = r#"{"time":"2026-01-01T00:00:08Z","event":"run","cluster":"sr","namespace":"db","component":"BE","phase":"pre_upgrade","hook":"custom","run":"sr-be-pre-1","digest":"ab","policies":["platform@3"],"findings":["HG601 warning"],"approval":"sr-be-x","approver":"joe","runner":null,"sandbox":null,"frontend":null,"statement":null,"verdict":null,"rule":null,"refusedBy":null,"outcome":null,"exitCode":null,"durationMilliseconds":null,"message":null}"#;
        assert_eq!(record().json().unwrap(), expected);
        let full = Record {
            event: Event::Statement,
            runner: Some(Runner::Job),
            sandbox: Some(Features { landlock_abi: 6, seccomp: true, missing: Vec::new() }),
            statement: Some("SELECT 1".to_owned()),
            verdict: Some(Verdict::Refused),
            outcome: Some(Outcome::Failed),
            exit_code: Some(1),
            duration_milliseconds: Some(7),
            ..record()
        };
        let json = full.json().unwrap();
        for part in [
            r#""event":"statement""#,
            r#""runner":"job","sandbox":{"landlockAbi":6,"seccomp":true,"missing":[]},"frontend":null,"statement":"SELECT 1""#,
            r#""verdict":"refused""#,
            r#""outcome":"Failed","exitCode":1,"durationMilliseconds":7"#,
        ] {
            assert!(json.contains(part), "{part} is not in {json}");
        }
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), full);
        let fields = |json: &str| serde_json::from_str::<Value>(json).unwrap().as_object().unwrap().len();
        assert_eq!(fields(&json), fields(expected));
    }

    #[test]
    fn what_does_not_apply_is_null() {
        let line = Record { identity: Identity::default(), ..record() }.json().unwrap();
        let fields: Value = serde_json::from_str(&line).unwrap();
        for field in ["component", "phase", "hook", "run", "digest"] {
            assert_eq!(fields[field], Value::Null, "{line}");
        }
        assert_eq!(serde_json::from_str::<Record>(&line).unwrap().identity, Identity::default());
    }

    #[test]
    fn what_came_of_a_statement_has_its_fields_and_how_it_ended() {
        let statement =
            Record { event: Event::Statement, statement: Some("SELECT 1".to_owned()), ..record() };
        let time = "2026-01-01T00:00:09Z".parse().unwrap();
        let well = statement.answered(time, Duration::from_millis(7), None);
        let expected = Record {
            time,
            event: Event::Answer,
            outcome: Some(Outcome::Succeeded),
            exit_code: Some(0),
            duration_milliseconds: Some(7),
            ..statement.clone()
        };
        assert_eq!(well, expected);
        let badly = statement.answered(time, Duration::from_millis(7), Some("ERROR 1064".to_owned()));
        let expected = Record {
            outcome: Some(Outcome::Failed),
            exit_code: Some(1),
            message: Some("ERROR 1064".to_owned()),
            ..expected
        };
        assert_eq!(badly, expected);
    }

    #[test]
    fn the_page_names_every_field() {
        let page = include_str!("../../../docs/audit.md");
        let line: Value = serde_json::from_str(&record().json().unwrap()).unwrap();
        for field in line.as_object().unwrap().keys() {
            assert!(page.contains(&format!("`{field}`")), "docs/audit.md lacks {field}");
        }
    }

    #[test]
    fn nothing_that_a_script_prints_forges_a_line() {
        for (hostile, escaped) in [
            ("a\nSECURITY AUDIT {\"event\":\"run\"}", r#"a\nSECURITY AUDIT {\"event\":\"run\"}"#),
            ("\u{1b}[2K\r\u{7f}\u{0}", r"\u001b[2K\r\u007f\u0000"),
            ("\u{202e}\u{2028}ü\u{85}", r"\u202e\u2028\u00fc\u0085"),
            ("\u{1f600}", r"\ud83d\ude00"),
            ("\\\"}", r#"\\\"}"#),
        ] {
            let line = Record { message: Some(hostile.to_owned()), ..record() }.json().unwrap();
            assert!(line.ends_with(&format!(r#""message":"{escaped}"}}"#)), "{line}");
            assert!(line.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{line}");
            assert_eq!(serde_json::from_str::<Record>(&line).unwrap().message.as_deref(), Some(hostile));
        }
    }
}
