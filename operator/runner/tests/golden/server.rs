//! A server with a table of answers, for both clients.

use async_trait::async_trait;
use opensrv_mysql::{
    AsyncMysqlIntermediary, AsyncMysqlShim, Column, ColumnFlags, ColumnType, ErrorKind, InitWriter,
    OkResponse, ParamParser, QueryResultWriter, StatementMetaWriter,
};
use std::io;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWrite;
use tokio::net::TcpListener;

/// A column of an answer.
pub struct Field {
    pub name: &'static str,
    pub kind: ColumnType,
    pub never_null: bool,
}

/// The rows of an answer; `None` is NULL.
pub type Rows = Vec<Vec<Option<Vec<u8>>>>;

/// What the server says to a statement.
pub enum Answer {
    Rows(Vec<Field>, Rows),
    Done { affected: u64, warnings: u16 },
    Error(ErrorKind, &'static str),
}

/// What the server was asked.
pub type Asked = Arc<Mutex<Vec<String>>>;

struct Session {
    answer: fn(&str) -> Answer,
    asked: Asked,
}

#[async_trait]
impl<W: AsyncWrite + Send + Unpin> AsyncMysqlShim<W> for Session {
    type Error = io::Error;

    async fn on_prepare<'a>(&'a mut self, _: &'a str, info: StatementMetaWriter<'a, W>) -> io::Result<()> {
        info.error(ErrorKind::ER_UNKNOWN_ERROR, b"no").await
    }

    async fn on_execute<'a>(
        &'a mut self,
        _: u32,
        _: ParamParser<'a>,
        results: QueryResultWriter<'a, W>,
    ) -> io::Result<()> {
        results.error(ErrorKind::ER_UNKNOWN_ERROR, b"no").await
    }

    async fn on_close<'a>(&'a mut self, _: u32)
    where
        W: 'async_trait,
    {
    }

    async fn on_init<'a>(&'a mut self, database: &'a str, writer: InitWriter<'a, W>) -> io::Result<()> {
        if database == "nosuch" {
            return writer.error(ErrorKind::ER_BAD_DB_ERROR, b"Unknown database 'nosuch'").await;
        }
        writer.ok().await
    }

    async fn on_query<'a>(&'a mut self, query: &'a str, results: QueryResultWriter<'a, W>) -> io::Result<()> {
        self.asked.lock().unwrap().push(query.to_owned());
        match (self.answer)(query) {
            Answer::Done { affected, warnings } => {
                let response = OkResponse { affected_rows: affected, warnings, ..OkResponse::default() };
                results.completed(response).await
            }
            Answer::Error(kind, message) => results.error(kind, message.as_bytes()).await,
            Answer::Rows(fields, rows) => {
                let flags = |field: &Field| {
                    if field.never_null { ColumnFlags::NOT_NULL_FLAG } else { ColumnFlags::empty() }
                };
                let columns: Vec<Column> = fields
                    .iter()
                    .map(|field| Column {
                        table: String::new(),
                        column: field.name.to_owned(),
                        coltype: field.kind,
                        colflags: flags(field),
                    })
                    .collect();
                let mut writer = results.start(&columns).await?;
                for row in rows {
                    writer.write_row(row).await?;
                }
                writer.finish().await
            }
        }
    }
}

/// Starts a server on a free port of the loopback; it lives as long as the runtime.
pub async fn start(answer: fn(&str) -> Answer) -> (u16, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Asked::default();
    let kept = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (reader, writer) = stream.into_split();
            let session = Session { answer, asked: Arc::clone(&kept) };
            tokio::spawn(AsyncMysqlIntermediary::run_on(session, reader, writer));
        }
    });
    (port, asked)
}
