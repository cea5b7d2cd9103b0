//! The SQL that the stand-in understands; everything else is a syntax error, as a real FE would say it.

mod lexer;
mod parser;
mod select;

pub use parser::parse;
pub use select::{Comparison, Condition, Expression, Literal, Select};

use crate::event::NodeKind;

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// `ADMIN SET FRONTEND CONFIG ("key" = "value")`.
    SetConfig {
        /// The properties, as many as were written.
        properties: Vec<(String, String)>,
        /// `WITH PERSISTENT`.
        persistent: bool,
    },
    /// `ADMIN SHOW FRONTEND CONFIG [LIKE 'pattern']`.
    ShowConfig {
        /// The pattern.
        pattern: Option<String>,
    },
    /// `SHOW FRONTENDS`.
    ShowFrontends,
    /// `SHOW BACKENDS`.
    ShowBackends,
    /// `SHOW COMPUTE NODES`.
    ShowComputeNodes,
    /// `SHOW PROC '/path'`.
    ShowProc {
        /// The path.
        path: String,
    },
    /// `SHOW [GLOBAL|SESSION] VARIABLES [LIKE 'pattern']`.
    ShowVariables {
        /// The pattern.
        pattern: Option<String>,
    },
    /// `SHOW DATABASES`.
    ShowDatabases,
    /// `SELECT …`.
    Select(Select),
    /// `SET name = value, …` of session variables.
    SetVariables(Vec<(String, String)>),
    /// `SET NAMES …`.
    SetNames,
    /// `SET PASSWORD …` or `ALTER USER … IDENTIFIED BY …`.
    SetPassword {
        /// Whose; None for the user who is logged in.
        user: Option<String>,
        /// The password.
        password: Password,
    },
    /// `USE database`.
    Use(String),
    /// `ALTER SYSTEM ADD|DROP BACKEND|COMPUTE NODE|FOLLOWER "host:port"`.
    AlterNodes {
        /// ADD or DROP.
        verb: NodeVerb,
        /// What kind.
        kind: NodeKind,
        /// Host and port of each.
        nodes: Vec<(String, u16)>,
    },
    /// `ALTER SYSTEM CREATE IMAGE`.
    CreateImage,
}

/// What is done to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeVerb {
    /// ADD.
    Add,
    /// DROP.
    Drop,
    /// DECOMMISSION.
    Decommission,
    /// CANCEL DECOMMISSION.
    CancelDecommission,
}

/// A password as it's written in SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Password {
    /// In clear.
    Clear(String),
    /// As `*` and 40 hexadecimal digits.
    Hash(String),
}
