//! One connection to one FE.

use super::{Answer, SqlError, offer};
use mysql_async::{Conn, DriverError, OptsBuilder, Row, SslOpts, Value, prelude::Queryable};
use std::{collections::BTreeMap, fmt, future::Future, time::Duration};

/// A row by column name. Names, because versions differ in their columns.
pub type Record = BTreeMap<String, String>;

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
    /// Connects; every statement after that has the same time. Encrypted where the FE offers it.
    ///
    /// The FE's certificate isn't verified: it is self-signed as a rule, and doesn't name the pod's address. So TLS
    /// keeps others from reading along, and not from standing in between. The password itself is never sent.
    ///
    /// # Errors
    /// When the FE can't be reached within the time or refuses the user.
    pub async fn open(target: &Target, timeout: Duration) -> Result<Self, SqlError> {
        let inner = within(timeout, connect(target)).await?;
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

    /// Sends a statement and gives its answer, to be read row by row. There is no bound on its time but what the caller
    /// sets around it.
    ///
    /// # Errors
    /// When the FE refuses the statement or the connection breaks.
    pub async fn ask(&mut self, statement: &str) -> Result<Answer<'_>, SqlError> {
        Ok(Answer { result: self.inner.query_iter(statement.to_owned()).await? })
    }

    /// Says goodbye. An FE that has gone away meanwhile is no error of the statement before.
    pub async fn close(self) {
        if let Err(error) = within(self.timeout, self.inner.disconnect()).await {
            tracing::debug!(%error, "an FE went away before the goodbye");
        }
    }
}

/// Encrypted where the FE's greeting offers it. Where it does and the handshake fails, that is an error.
async fn connect(target: &Target) -> Result<Conn, mysql_async::Error> {
    let (ip, port) = (target.ip.as_str(), target.port);
    if !offer::is_plain(ip, port) {
        match Conn::new(options(target).ssl_opts(Some(encryption()))).await {
            Err(mysql_async::Error::Driver(DriverError::NoClientSslFlagFromServer)) => {
                offer::note_plain(ip, port);
            }
            other => return other,
        }
    }
    let connected = Conn::new(options(target)).await;
    if connected.is_err() {
        offer::forget(ip, port);
    }
    connected
}

fn options(target: &Target) -> OptsBuilder {
    OptsBuilder::default()
        .ip_or_hostname(target.ip.clone())
        .tcp_port(target.port)
        .user(Some(target.user.clone()))
        .pass((!target.password.is_empty()).then(|| target.password.clone()))
        // An FE doesn't know @@socket, and these two say that no SELECT @@… is needed on connecting.
        .prefer_socket(false)
        .max_allowed_packet(Some(16 * 1024 * 1024))
        .wait_timeout(Some(28_800))
        .stmt_cache_size(0)
}

fn encryption() -> SslOpts {
    SslOpts::default().with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true)
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
