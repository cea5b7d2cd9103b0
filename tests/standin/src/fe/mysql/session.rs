//! One connection: what the protocol library asks of a server.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use async_trait::async_trait;
use jiff::Timestamp;
use opensrv_mysql::{
    AsyncMysqlShim, Column, ColumnFlags, ColumnType, ErrorKind, InitWriter, OkResponse, ParamParser,
    QueryResultWriter, StatementMetaWriter,
};
use tokio::io::AsyncWrite;

use super::super::core::Shared;
use super::super::error::SqlError;
use super::super::execute::{Answer, SessionState, execute};
use super::super::variables::Variables;
use super::super::view::Table;
use super::auth::{CHALLENGE, challenge, verify};
use super::wire::ErrorSlot;
use crate::event::{Occurrence, Outcome, StatementEvent};

/// A recorded statement is cut after so many bytes.
const MAX_RECORDED: usize = 64 << 10;

/// One connection.
#[derive(Debug)]
pub(super) struct Session {
    shared: Arc<Shared>,
    client: SocketAddr,
    challenge: [u8; CHALLENGE],
    slot: ErrorSlot,
    user: OnceLock<String>,
    state: SessionState,
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>, connection: u32, client: SocketAddr, slot: ErrorSlot) -> Self {
        let variables = Variables::new(&shared.version);
        let state = SessionState { user: String::new(), connection, database: None, variables };
        Self { shared, client, challenge: challenge(), slot, user: OnceLock::new(), state }
    }

    /// Does a statement, with what a test wants to happen to it, and records it.
    async fn perform(&mut self, text: &str) -> Result<Answer, SqlError> {
        let (time, began) = (Timestamp::now(), Instant::now());
        self.state.user = self.user.get().cloned().unwrap_or_default();
        let strike = self.shared.faults.strike(text);
        if let Some(strike) = &strike {
            tokio::time::sleep(strike.delay).await;
        }
        let result = match strike.map(|strike| (strike.error, strike.answer_mebibytes)) {
            Some((Some(error), _)) => {
                Err(SqlError { code: error.code, state: "HY000", message: error.message })
            }
            Some((None, Some(mebibytes))) => Ok(Answer::Filler(mebibytes)),
            Some((None, None)) | None => execute(&self.shared, &mut self.state, text).await,
        };
        self.record(time, began, text, &result).await;
        result
    }

    async fn record(&self, time: Timestamp, began: Instant, text: &str, result: &Result<Answer, SqlError>) {
        let outcome = match result {
            Ok(Answer::Done) => Outcome::Ok { rows: 0 },
            Ok(Answer::Rows(table)) => Outcome::Ok { rows: table.rows.len() as u64 },
            Ok(Answer::Filler(rows)) => Outcome::Ok { rows: u64::from(*rows) },
            Err(error) => Outcome::Error { code: error.code, message: error.message.clone() },
        };
        let event = StatementEvent {
            user: self.user.get().cloned().unwrap_or_default(),
            client: self.client.to_string(),
            connection: self.state.connection,
            statement: cut(text).to_owned(),
            elapsed_microseconds: u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
            outcome,
        };
        self.shared.events.record_at(time, Occurrence::Statement(event)).await;
    }

    /// The library writes some error packet; the slot gives it its real content.
    fn announce(&self, error: SqlError) -> (ErrorKind, Vec<u8>) {
        let message = error.message.clone().into_bytes();
        self.slot.put(error);
        (ErrorKind::ER_UNKNOWN_ERROR, message)
    }
}

#[async_trait]
impl<W: AsyncWrite + Send + Unpin> AsyncMysqlShim<W> for Session {
    type Error = io::Error;

    fn version(&self) -> String {
        self.shared.version.handshake().to_owned()
    }

    fn connect_id(&self) -> u32 {
        self.state.connection
    }

    fn salt(&self) -> [u8; CHALLENGE] {
        self.challenge
    }

    async fn authenticate(&self, _plugin: &str, user: &[u8], salt: &[u8], answer: &[u8]) -> bool {
        let user = String::from_utf8_lossy(user).into_owned();
        let kept = self.shared.core().membership.as_ref().map(|m| m.state.root_password.clone());
        let passed = user == "root" && kept.is_some_and(|kept| verify(&kept, salt, answer));
        if !passed {
            let client = self.client.to_string();
            self.shared.events.record(Occurrence::LoginRefused { user: user.clone(), client }).await;
            self.slot.put(SqlError::access_denied(&user, !answer.is_empty()));
        }
        // The library authenticates a connection once.
        passed && self.user.set(user).is_ok()
    }

    async fn on_prepare<'a>(
        &'a mut self,
        query: &'a str,
        info: StatementMetaWriter<'a, W>,
    ) -> io::Result<()> {
        let error = SqlError {
            code: 1295,
            state: "HY000",
            message: "This command is not supported in the prepared statement protocol yet".to_owned(),
        };
        self.record(Timestamp::now(), Instant::now(), query, &Err(error.clone())).await;
        let (kind, message) = self.announce(error);
        info.error(kind, message.as_slice()).await
    }

    async fn on_execute<'a>(
        &'a mut self,
        _: u32,
        _: ParamParser<'a>,
        results: QueryResultWriter<'a, W>,
    ) -> io::Result<()> {
        let (kind, message) = self.announce(SqlError::general("unknown prepared statement"));
        results.error(kind, message.as_slice()).await
    }

    async fn on_close<'a>(&'a mut self, _: u32)
    where
        W: 'async_trait,
    {
    }

    async fn on_query<'a>(&'a mut self, query: &'a str, results: QueryResultWriter<'a, W>) -> io::Result<()> {
        match self.perform(query).await {
            Ok(Answer::Done) => results.completed(OkResponse::default()).await,
            Ok(Answer::Rows(table)) => write_table(&table, results).await,
            Ok(Answer::Filler(rows)) => write_filler(rows, results).await,
            Err(error) => {
                let (kind, message) = self.announce(error);
                results.error(kind, message.as_slice()).await
            }
        }
    }

    async fn on_init<'a>(&'a mut self, database: &'a str, writer: InitWriter<'a, W>) -> io::Result<()> {
        match self.perform(&format!("USE `{}`", database.replace('`', "``"))).await {
            Ok(_) => writer.ok().await,
            Err(error) => {
                let (kind, message) = self.announce(error);
                writer.error(kind, message.as_slice()).await
            }
        }
    }
}

async fn write_table<W: AsyncWrite + Send + Unpin>(
    table: &Table,
    results: QueryResultWriter<'_, W>,
) -> io::Result<()> {
    let columns: Vec<Column> = table.columns.iter().map(|name| column(name)).collect();
    let mut rows = results.start(&columns).await?;
    for row in &table.rows {
        rows.write_row(row.iter().map(Option::as_deref)).await?;
    }
    rows.finish().await
}

fn column(name: &str) -> Column {
    Column {
        table: String::new(),
        column: name.to_owned(),
        coltype: ColumnType::MYSQL_TYPE_VAR_STRING,
        colflags: ColumnFlags::empty(),
    }
}

/// Writes rows for as long as somebody reads them.
async fn write_filler<W: AsyncWrite + Send + Unpin>(
    rows: u32,
    results: QueryResultWriter<'_, W>,
) -> io::Result<()> {
    let (columns, filler) = ([column("filler")], "x".repeat(1 << 20));
    let mut writer = results.start(&columns).await?;
    for _ in 0..rows {
        writer.write_row([Some(filler.as_str())]).await?;
    }
    writer.finish().await
}

/// At most [`MAX_RECORDED`] bytes, ending with a whole character.
fn cut(text: &str) -> &str {
    let end = (0..=MAX_RECORDED.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}
