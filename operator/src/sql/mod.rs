//! Talking to an FE over the MySQL protocol.
//!
//! The text protocol only: prepared statements are for queries, and old versions don't have them. One connection at
//! a time and none kept, so that what an FE says is never an answer from before it restarted.

mod frontend;
mod statement;
mod tablets;

pub use frontend::{members, settings};
pub use statement::{SetConfig, StatementError};
pub use tablets::{single_replica_tables, tablets};

use mysql_async::{Conn, OptsBuilder, Row, Value, prelude::Queryable};
use std::{collections::BTreeMap, fmt, future::Future, time::Duration};

/// A row by column name. Names, because versions differ in their columns.
pub type Record = BTreeMap<String, String>;

/// Why an FE gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// No answer within the time, in seconds.
    #[error("no answer within {0} s")]
    Timeout(f64),
    /// The FE can't be reached, or the connection broke.
    #[error("{0}")]
    Connection(#[source] Box<mysql_async::Error>),
    /// The FE refused the statement or the user.
    #[error("ERROR {code} ({state}): {message}")]
    Refused {
        /// The MySQL error number.
        code: u16,
        /// The SQLSTATE.
        state: String,
        /// The FE's own words.
        message: String,
    },
    /// The FE answered with something else than it should.
    #[error("{0}")]
    Unexpected(String),
    /// The user's password isn't known.
    #[error("{0}")]
    Password(String),
    /// A statement that must not be sent.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

impl From<mysql_async::Error> for SqlError {
    fn from(error: mysql_async::Error) -> Self {
        match error {
            mysql_async::Error::Server(refused) => {
                Self::Refused { code: refused.code, state: refused.state, message: refused.message }
            }
            other => Self::Connection(Box::new(other)),
        }
    }
}

/// Where an FE is, and as whom to talk to it.
#[derive(Clone)]
pub struct Target {
    /// The FE's address.
    pub ip: String,
    /// Its port for the MySQL protocol.
    pub port: u16,
    /// The user.
    pub user: String,
    /// The user's password; may be empty.
    pub password: String,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}:{}", self.user, self.ip, self.port)
    }
}

/// One connection to one FE.
pub struct Connection {
    inner: Conn,
    timeout: Duration,
}

impl Connection {
    /// Connects; every statement after that has the same time.
    ///
    /// # Errors
    /// When the FE can't be reached within the time or refuses the user.
    pub async fn open(target: &Target, timeout: Duration) -> Result<Self, SqlError> {
        let options = OptsBuilder::default()
            .ip_or_hostname(target.ip.clone())
            .tcp_port(target.port)
            .user(Some(target.user.clone()))
            .pass((!target.password.is_empty()).then(|| target.password.clone()))
            // An FE doesn't know @@socket, and these two say that no SELECT @@… is needed on connecting.
            .prefer_socket(false)
            .max_allowed_packet(Some(16 * 1024 * 1024))
            .wait_timeout(Some(28_800))
            .stmt_cache_size(0);
        let inner = within(timeout, Conn::new(options)).await?;
        Ok(Self { inner, timeout })
    }

    /// The rows that a statement answers with.
    ///
    /// # Errors
    /// When the FE refuses the statement or doesn't answer in time.
    pub async fn rows(&mut self, statement: &str) -> Result<Vec<Record>, SqlError> {
        let rows: Vec<Row> = within(self.timeout, self.inner.query(statement)).await?;
        Ok(rows.into_iter().map(record).collect())
    }

    /// Runs a statement whose rows nobody reads, within a time of its own.
    ///
    /// # Errors
    /// When the FE refuses the statement or doesn't answer in time.
    pub async fn execute(&mut self, statement: &str, timeout: Duration) -> Result<(), SqlError> {
        within(timeout, self.inner.query_drop(statement)).await
    }

    /// Says goodbye. An FE that has gone away meanwhile is no error of the statement before.
    pub async fn close(self) {
        if let Err(error) = within(self.timeout, self.inner.disconnect()).await {
            tracing::debug!(%error, "an FE went away before the goodbye");
        }
    }
}

async fn within<T>(
    timeout: Duration,
    work: impl Future<Output = Result<T, mysql_async::Error>>,
) -> Result<T, SqlError> {
    match tokio::time::timeout(timeout, work).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(SqlError::Timeout(timeout.as_secs_f64())),
    }
}

fn record(row: Row) -> Record {
    let columns = row.columns();
    let names = columns.iter().map(|column| column.name_str().into_owned());
    names.zip(row.unwrap_raw()).map(|(name, value)| (name, text(value))).collect()
}

fn text(value: Option<Value>) -> String {
    match value {
        Some(Value::Bytes(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::UInt(number)) => number.to_string(),
        Some(Value::Float(number)) => number.to_string(),
        Some(Value::Double(number)) => number.to_string(),
        Some(Value::NULL | Value::Date(..) | Value::Time(..)) | None => String::new(),
    }
}
