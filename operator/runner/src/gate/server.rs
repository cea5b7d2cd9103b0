//! The supervisor's side of the gate.

use super::{
    Column, Connect, GateError, Judge, MOST_REPLY_BYTES, MOST_REQUEST_BYTES, Reply, Request, decode, encode,
    length,
};
use crate::{
    audit::{Event, Record, Verdict},
    log::Log,
    sandbox::Features,
};
use hookgate_database::{Connection, SqlError, Target};
use jiff::Timestamp;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SocketType, recv, recvmsg, sockopt,
};
use std::{
    io::{self, IoSliceMut},
    mem::MaybeUninit,
    os::{fd::OwnedFd, unix::net::UnixStream as StdStream},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Interest},
    net::UnixStream,
    sync::{Semaphore, mpsc},
};

/// Calls of `mysql` that are served at the same time; others wait.
const MOST_SESSIONS: usize = 8;
/// The most that one answer may have, in bytes.
const MOST_ANSWER_BYTES: usize = 64 << 20;
/// How long connecting to the FE may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How many statements there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Sent to the database.
    pub sent: u64,
    /// Refused by the rules.
    pub refused: u64,
}

/// Everything that serving a hook's statements needs.
pub struct Gate {
    host: String,
    target: Target,
    run: Record,
    judge: Judge,
    log: Arc<Log>,
    sandbox: OnceLock<Features>,
    sent: AtomicU64,
    refused: AtomicU64,
}

impl Gate {
    /// A gate to one FE, for one run: what the audit says of it is in each line. The host is the name by which the script
    /// knows the FE.
    pub fn new(host: String, target: Target, run: Record, judge: Judge, log: Arc<Log>) -> Self {
        let sandbox = OnceLock::new();
        Self { host, target, run, judge, log, sandbox, sent: AtomicU64::new(0), refused: AtomicU64::new(0) }
    }

    /// What the sandbox is made of, once that is known: before the script's function is called.
    pub fn sandboxed(&self, features: Features) {
        // The stage says so once.
        let _ = self.sandbox.set(features);
    }

    /// What the sandbox is made of; `None` as long as it isn't there.
    pub fn sandbox(&self) -> Option<Features> {
        self.sandbox.get().cloned()
    }

    /// How many statements there were so far.
    pub fn counts(&self) -> Counts {
        Counts { sent: self.sent.load(Ordering::SeqCst), refused: self.refused.load(Ordering::SeqCst) }
    }

    /// Serves the calls that arrive, until nobody can make one any more.
    pub async fn serve(self: Arc<Self>, mut calls: mpsc::Receiver<OwnedFd>) {
        let permits = Arc::new(Semaphore::new(MOST_SESSIONS));
        loop {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
            let Some(descriptor) = calls.recv().await else { return };
            let Ok(stream) = stream(descriptor) else { continue };
            let gate = Arc::clone(&self);
            tokio::spawn(async move {
                // A channel that breaks is a call that has ended: there is nobody to tell.
                let _ended = Box::pin(gate.session(stream)).await;
                drop(permit);
            });
        }
    }

    async fn session(&self, mut channel: UnixStream) -> Result<(), super::FrameError> {
        let Request::Connect(wanted) = request(&mut channel).await? else { return Ok(()) };
        let mut connection = match self.connect(&wanted).await {
            Ok(connection) => connection,
            Err(error) => return reply(&mut channel, &Reply::Error(error)).await,
        };
        reply(&mut channel, &Reply::Connected).await?;
        while let Ok(Request::Statement { text }) = request(&mut channel).await {
            let statement = match self.admit(&text) {
                Ok(statement) => statement,
                Err(error) => {
                    reply(&mut channel, &Reply::Error(error)).await?;
                    continue;
                }
            };
            let began = Instant::now();
            let answered = self.answer(&mut connection, &mut channel, &text).await;
            self.note_answer(&statement, began.elapsed(), &answered)?;
            match answered? {
                Answered::Whole => reply(&mut channel, &Reply::Done).await?,
                Answered::Refused(error) => reply(&mut channel, &Reply::Error(error)).await?,
                Answered::TooLong(error) => {
                    reply(&mut channel, &Reply::Error(error)).await?;
                    // The rest of it is never read: the connection goes with it.
                    return Ok(());
                }
            }
        }
        connection.close().await;
        Ok(())
    }

    async fn connect(&self, wanted: &Connect) -> Result<Connection, GateError> {
        let (host, Target { port, user, .. }) = (&self.host, &self.target);
        let other = wanted.host.as_ref().is_some_and(|asked| asked != host)
            || wanted.port.is_some_and(|asked| asked != *port)
            || wanted.user.as_ref().is_some_and(|asked| asked != user);
        if other {
            let message = format!(
                "a hook's mysql reaches its own FE only, as {user} at {host}:{port}: use $MYSQL_CMD or leave -h, -P and -u away"
            );
            return Err(GateError::general(2003, message));
        }
        let mut connection = Connection::open(&self.target, CONNECT_TIMEOUT).await.map_err(connecting)?;
        if let Some(database) = &wanted.database {
            if database.is_empty()
                || !database.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            {
                return Err(GateError {
                    code: 1102,
                    state: "42000".to_owned(),
                    message: format!("Incorrect database name '{database}'"),
                });
            }
            connection.execute(&format!("USE `{database}`"), CONNECT_TIMEOUT).await.map_err(refusal)?;
        }
        Ok(connection)
    }

    /// Writes down what came of a statement.
    fn note_answer(
        &self,
        statement: &Record,
        took: Duration,
        answered: &Result<Answered, super::FrameError>,
    ) -> io::Result<()> {
        let error = match answered {
            Ok(Answered::Whole) => None,
            Ok(Answered::Refused(error) | Answered::TooLong(error)) => {
                let GateError { code, state, message } = error;
                Some(format!("ERROR {code} ({state}): {message}"))
            }
            Err(error) => Some(format!("the script did not wait for the answer: {error}")),
        };
        let error = error.map(|error| self.log.masked(&error).into_owned());
        self.log.audit(&statement.answered(Timestamp::now(), took, error))
    }

    /// Judges a statement and writes it down; its line says that it may be sent.
    fn admit(&self, text: &str) -> Result<Record, GateError> {
        let judged = self.judge.judge(text);
        let refusal = judged.as_ref().err();
        let record = Record {
            time: Timestamp::now(),
            event: Event::Statement,
            sandbox: self.sandbox(),
            statement: Some(self.log.masked(text).into_owned()),
            verdict: Some(if refusal.is_some() { Verdict::Refused } else { Verdict::Allowed }),
            rule: refusal.map(|refusal| refusal.rule.clone()),
            refused_by: refusal.map(|refusal| refusal.policy.clone()),
            ..self.run.clone()
        };
        // What can't be written down isn't sent.
        self.log.audit(&record).map_err(|error| {
            GateError::general(2013, format!("the audit can't be written, so nothing is sent: {error}"))
        })?;
        let counter = if judged.is_ok() { &self.sent } else { &self.refused };
        counter.fetch_add(1, Ordering::SeqCst);
        judged.map(|_| record).map_err(|refusal| GateError {
            code: 1227,
            state: "42000".to_owned(),
            message: format!("{}: {} ({})", refusal.rule, refusal.message, refusal.policy),
        })
    }

    async fn answer(
        &self,
        connection: &mut Connection,
        channel: &mut UnixStream,
        text: &str,
    ) -> Result<Answered, super::FrameError> {
        let mut answer = tokio::select! {
            answer = connection.ask(text) => match answer {
                Ok(answer) => answer,
                Err(error) => return Ok(Answered::Refused(refusal(error))),
            },
            gone = gone(channel) => return Err(gone.into()),
        };
        let mut bytes = 0;
        while let Some(columns) = answer.columns() {
            let columns = columns.into_iter().map(|column| Column {
                name: column.name,
                is_number: column.is_number,
                is_never_null: column.is_never_null,
            });
            reply(channel, &Reply::Columns(columns.collect())).await?;
            loop {
                let row = tokio::select! {
                    row = answer.row() => row,
                    gone = gone(channel) => return Err(gone.into()),
                };
                match row {
                    Ok(Some(row)) => {
                        bytes += row.iter().flatten().map(Vec::len).sum::<usize>();
                        if bytes > MOST_ANSWER_BYTES {
                            let message =
                                "the answer has more than 64 MiB, which is more than a hook may read";
                            return Ok(Answered::TooLong(GateError::general(2008, message)));
                        }
                        reply(channel, &Reply::Row(row)).await?;
                    }
                    Ok(None) => break,
                    Err(error) => return Ok(Answered::Refused(refusal(error))),
                }
            }
            if !answer.has_more() {
                break;
            }
        }
        Ok(Answered::Whole)
    }
}

/// What came of a statement that was sent.
enum Answered {
    /// All of its answer has been passed on.
    Whole,
    /// The database refused it, or went away.
    Refused(GateError),
    /// Its answer was too long to be passed on.
    TooLong(GateError),
}

/// Resolves when the other side of a channel has gone or speaks out of turn.
async fn gone(channel: &UnixStream) -> io::Error {
    loop {
        if let Err(error) = channel.readable().await {
            return error;
        }
        // What was readable may have been read since: only looking tells.
        let look = || Ok(recv(channel, &mut [0_u8; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT)?);
        match channel.try_io(Interest::READABLE, look) {
            Ok(_) => return io::ErrorKind::ConnectionAborted.into(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return error,
        }
    }
}

async fn request(channel: &mut UnixStream) -> Result<Request, super::FrameError> {
    let mut header = [0; 4];
    channel.read_exact(&mut header).await?;
    let mut bytes = vec![0; length(header, MOST_REQUEST_BYTES)?];
    channel.read_exact(&mut bytes).await?;
    decode(&bytes)
}

async fn reply(channel: &mut UnixStream, reply: &Reply) -> Result<(), super::FrameError> {
    Ok(channel.write_all(&encode(reply, MOST_REPLY_BYTES)?).await?)
}

fn stream(descriptor: OwnedFd) -> io::Result<UnixStream> {
    // A hook may send any descriptor that it has.
    let is_channel = sockopt::socket_domain(&descriptor)? == AddressFamily::UNIX
        && sockopt::socket_type(&descriptor)? == SocketType::STREAM;
    if !is_channel {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let stream = StdStream::from(descriptor);
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream)
}

fn connecting(error: SqlError) -> GateError {
    match error {
        SqlError::Refused { .. } => refusal(error),
        other => GateError::general(2003, format!("Can't connect to the FE: {other}")),
    }
}

fn refusal(error: SqlError) -> GateError {
    match error {
        SqlError::Refused { code, state, message } => GateError { code, state, message },
        other => GateError::general(2013, format!("Lost connection to the FE during query: {other}")),
    }
}

/// Takes the channels that clients send over `socket`, until every process that could send one is gone. It blocks.
pub fn accept(socket: &OwnedFd, calls: &mpsc::Sender<OwnedFd>) {
    loop {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0; 16];
        let received =
            recvmsg(socket, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC);
        let mut descriptors = Vec::new();
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(sent) = message {
                descriptors.extend(sent);
            }
        }
        match received {
            Ok(received) if received.bytes == 0 && descriptors.is_empty() => return,
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return,
        }
        // One channel is one call; what else was sent is closed.
        let Some(first) = descriptors.into_iter().next() else { continue };
        if calls.blocking_send(first).is_err() {
            return;
        }
    }
}
