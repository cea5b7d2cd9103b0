//! What is written of each statement, before it is sent.

use serde::Serialize;

/// Whose run it is: on every line of the audit and of the output.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The StarRocksCluster's name.
    pub cluster: String,
    /// Its namespace.
    pub namespace: String,
    /// The component whose hook it is: FE, BE or CN.
    pub component: String,
    /// The function that is called: `pre_upgrade` or `post_upgrade`.
    pub phase: String,
    /// The hook's name.
    pub hook: String,
    /// Which run: the name of its Job.
    pub run: String,
    /// The SHA-256 of the script in hexadecimal.
    pub digest: String,
}

/// A statement in the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatementRecord<'a> {
    /// What kind of line it is: `statement`.
    pub event: &'static str,
    /// When, in UTC (RFC 3339).
    pub time: String,
    /// Whose run it is.
    #[serde(flatten)]
    pub identity: &'a Identity,
    /// The policies that judged it, as `platform@3`.
    pub policy: &'a [&'a str],
    /// The statement, with secrets masked.
    pub statement: &'a str,
    /// What became of it.
    #[serde(flatten)]
    pub verdict: Verdict<'a>,
}

/// What became of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "verdict")]
pub enum Verdict<'a> {
    /// It is about to be sent.
    Allowed,
    /// It isn't sent.
    #[serde(rename_all = "camelCase")]
    Refused {
        /// The rule, as `HG403`.
        rule: &'a str,
        /// The policy that refuses it.
        refused_by: &'a str,
    },
}
