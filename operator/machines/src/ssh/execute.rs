//! Runs a command on a machine, with a text for its standard input.

use super::Connection;
use russh::ChannelMsg;
use russh_sftp::client::{Config, SftpSession};

/// Bytes of a command's output that are kept; what comes after is dropped.
pub const MAX_OUTPUT: usize = 1 << 20;

/// Why a command has no result.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The connection ended or broke.
    #[error("the connection broke: {0}")]
    Connection(#[from] russh::Error),
    /// The connection ended before the command said how it ended.
    #[error("the connection ended before the command did")]
    Ended,
    /// It took too long.
    #[error("the machine did not answer within {0} s")]
    Slow(u64),
    /// SFTP isn't served.
    #[error("the machine serves no SFTP: {0}")]
    Sftp(#[source] russh_sftp::client::error::Error),
}

/// How a command ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Executed {
    /// Its status; 128 and more where a signal ended it.
    pub status: u32,
    /// What it printed, at most [`MAX_OUTPUT`] bytes.
    pub output: Vec<u8>,
    /// What it complained, at most [`MAX_OUTPUT`] bytes.
    pub complaint: Vec<u8>,
}

impl Executed {
    /// What it complained, as text without the line break at its end.
    pub fn complaint(&self) -> String {
        String::from_utf8_lossy(&self.complaint).trim_end().to_owned()
    }
}

impl Connection {
    /// Runs a command with `input` on its standard input, and waits for its end. The user's login shell reads the
    /// command: it must be made of words that every shell takes for what they are.
    ///
    /// # Errors
    /// When the connection breaks, or the command doesn't end in time.
    pub async fn execute(&self, command: &str, input: &[u8]) -> Result<Executed, ExecuteError> {
        let patience = self.patience.command;
        match tokio::time::timeout(patience, Box::pin(self.run(command, input))).await {
            Ok(ended) => ended,
            Err(_) => Err(ExecuteError::Slow(patience.as_secs())),
        }
    }

    async fn run(&self, command: &str, input: &[u8]) -> Result<Executed, ExecuteError> {
        let channel = self.handle.channel_open_session().await?;
        channel.exec(true, command).await?;
        let (mut reader, writer) = channel.split();
        // A command may print before it has read everything.
        let write = async {
            // One that has ended reads no more: its status says why.
            if writer.data(input).await.is_ok() {
                let _ended_already = writer.eof().await;
            }
        };
        let read = async {
            let (mut ended, mut status) = (Executed::default(), None);
            while let Some(message) = reader.wait().await {
                match message {
                    ChannelMsg::Data { data } => keep(&mut ended.output, &data),
                    ChannelMsg::ExtendedData { data, .. } => keep(&mut ended.complaint, &data),
                    ChannelMsg::ExitStatus { exit_status } => status = Some(exit_status),
                    ChannelMsg::ExitSignal { signal_name, .. } => {
                        keep(&mut ended.complaint, format!("ended by {signal_name:?}").as_bytes());
                        status = Some(128);
                    }
                    ChannelMsg::Failure => return Err(ExecuteError::Connection(russh::Error::RequestDenied)),
                    ChannelMsg::Close => break,
                    _ => {}
                }
            }
            ended.status = status.ok_or(ExecuteError::Ended)?;
            Ok(ended)
        };
        // Who has its status needs no further input.
        tokio::pin!(read);
        tokio::select! {
            ended = &mut read => ended,
            () = write => read.await,
        }
    }

    /// Opens a session of SFTP.
    ///
    /// # Errors
    /// When the connection breaks, or the machine has no SFTP server.
    pub async fn sftp(&self) -> Result<SftpSession, ExecuteError> {
        let channel = self.handle.channel_open_session().await?;
        channel.request_subsystem(true, "sftp").await?;
        let seconds = self.patience.command.as_secs().max(1);
        let config = Config { request_timeout_secs: seconds, ..Config::default() };
        SftpSession::new_with_config(channel.into_stream(), config).await.map_err(ExecuteError::Sftp)
    }
}

fn keep(kept: &mut Vec<u8>, data: &[u8]) {
    let room = MAX_OUTPUT.saturating_sub(kept.len());
    kept.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
}
