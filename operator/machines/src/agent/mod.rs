//! Hookgate's part on a machine: a script of POSIX sh, put there once for each of its versions.

use crate::ssh::{Connection, ExecuteError, Executed};
use russh_sftp::{
    client::SftpSession,
    protocol::{FileAttributes, OpenFlags},
};
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::io::AsyncWriteExt;

/// What runs on the machine.
pub const SCRIPT: &str = include_str!("agent.sh");
/// Where it and the runs are, in the user's home folder.
pub const FOLDER: &str = ".hookgate";
/// What a machine without the script answers: a status that the script itself doesn't end with.
const ABSENT: u32 = 79;
/// How many bytes of paths or arguments one call takes: what Linux always has room for.
const MAX_ARGUMENTS: usize = 1 << 20;

/// Why the agent did nothing.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The connection broke.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// It could not be put on the machine.
    #[error("Hookgate's script can't be put into ~/{FOLDER}: {0}")]
    Install(String),
    /// It complained.
    #[error("{}", if complaint.is_empty() { format!("the machine's `{verb}` ended with {status}") } else { complaint.clone() })]
    Failed {
        /// What was asked.
        verb: &'static str,
        /// How it ended.
        status: u32,
        /// What it said.
        complaint: String,
    },
}

/// The agent on a machine.
pub struct Agent<'a> {
    connection: &'a Connection,
    path: String,
}

impl<'a> Agent<'a> {
    /// The agent on the machine of a connection: a call that doesn't find it there puts it there.
    pub fn on(connection: &'a Connection) -> Self {
        Self { connection, path: format!("{FOLDER}/agent-{}.sh", digest()) }
    }

    /// Runs a command that needs the script on the machine. It is asked for in the same command, for each command costs
    /// the machine a login shell.
    async fn execute(&self, command: &str, input: &[u8]) -> Result<Executed, AgentError> {
        let command = format!("test -f {} || exit {ABSENT}; exec {command}", self.path);
        let ended = self.connection.execute(&command, input).await?;
        if ended.status != ABSENT {
            return Ok(ended);
        }
        self.install().await?;
        Ok(self.connection.execute(&command, input).await?)
    }

    async fn install(&self) -> Result<(), AgentError> {
        let sftp = self.connection.sftp().await?;
        // Whether it was there is seen at the next step.
        let _there_already = sftp.create_dir(FOLDER).await;
        let only_user = FileAttributes { permissions: Some(0o700), ..FileAttributes::empty() };
        let written: Result<String, String> = async {
            sftp.set_metadata(FOLDER, only_user).await.map_err(|error| error.to_string())?;
            let copy = format!("{}.{}", self.path, nonce());
            write(&sftp, &copy, SCRIPT.as_bytes(), 0o600).await.map_err(|error| error.to_string())?;
            Ok(copy)
        }
        .await;
        let copy = written.map_err(AgentError::Install)?;
        let moved = self.connection.execute(&format!("mv -f {copy} {}", self.path), b"").await?;
        if moved.status == 0 { Ok(()) } else { Err(AgentError::Install(moved.complaint())) }
    }

    /// Calls it with words that every shell takes for what they are.
    ///
    /// # Errors
    /// When the connection breaks, nothing can be written to the user's home folder, or it complains.
    pub async fn call(&self, verb: &'static str, words: &str, input: &[u8]) -> Result<Executed, AgentError> {
        checked(verb, self.execute(&format!("sh {} {verb} {words}", self.path), input).await?)
    }

    /// Calls it with arguments that may be anything but hold no NUL: no shell reads them. At most 1 MiB of them.
    ///
    /// # Errors
    /// When the connection breaks, nothing can be written to the user's home folder, or it complains.
    pub async fn call_with(&self, verb: &'static str, arguments: &[&str]) -> Result<Executed, AgentError> {
        let input = ended_by_nul(arguments);
        let command = format!("xargs -0 -x -n 65536 -s {} sh {} {verb}", input.len() + 65_536, self.path);
        checked(verb, self.execute(&command, &input).await?)
    }
}

fn checked(verb: &'static str, ended: Executed) -> Result<Executed, AgentError> {
    match ended.status {
        0 => Ok(ended),
        status => Err(AgentError::Failed { verb, status, complaint: ended.complaint() }),
    }
}

/// Texts as `xargs -0` reads them.
pub fn ended_by_nul<T: AsRef<str>>(texts: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in texts {
        bytes.extend_from_slice(text.as_ref().as_bytes());
        bytes.push(0);
    }
    bytes
}

/// As many of the items as one call takes, as ranges of them; `size` is the bytes of an item.
pub fn batches<T>(items: &[T], size: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let (mut batches, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (place, item) in items.iter().enumerate() {
        let next = size(item);
        if place > start && (bytes + next > MAX_ARGUMENTS || place - start >= 500) {
            batches.extend(items.get(start..place));
            (start, bytes) = (place, 0);
        }
        bytes += next;
    }
    batches.extend(items.get(start..).filter(|rest| !rest.is_empty()));
    batches
}

/// Writes a file over SFTP, whole.
pub(crate) async fn write(
    sftp: &SftpSession,
    path: &str,
    bytes: &[u8],
    mode: u32,
) -> Result<(), russh_sftp::client::error::Error> {
    let flags = OpenFlags::CREATE | OpenFlags::TRUNCATE | OpenFlags::WRITE;
    let attributes = FileAttributes { permissions: Some(mode), ..FileAttributes::empty() };
    let mut file = sftp.open_with_flags_and_attributes(path, flags, attributes).await?;
    file.write_all(bytes).await?;
    file.close().await?;
    Ok(())
}

/// The first 16 hexadecimal digits of the script's digest.
fn digest() -> &'static str {
    static DIGEST: OnceLock<String> = OnceLock::new();
    DIGEST.get_or_init(|| hex(&Sha256::digest(SCRIPT.as_bytes())).chars().take(16).collect())
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _into_a_string = write!(text, "{byte:02x}");
        text
    })
}

/// A word that no other call gets: two operators may write at the same time.
fn nonce() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}-{}", std::process::id(), now.as_nanos(), NEXT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_all_items_in_their_order_and_are_never_empty() {
        let items: Vec<usize> = (0..1_203).collect();
        assert_eq!(batches(&items, |_| 10).concat(), items);
        assert_eq!(
            batches(&items, |_| 10).iter().map(|batch| batch.len()).collect::<Vec<_>>(),
            [500, 500, 203]
        );
        assert_eq!(batches(&items[..3], |_| MAX_ARGUMENTS * 2).len(), 3);
        assert!(batches(&[] as &[usize], |_| 1).is_empty());
    }

    #[test]
    fn texts_are_ended_by_nul() {
        assert_eq!(ended_by_nul(&["a b", ""]), b"a b\0\0");
    }
}
