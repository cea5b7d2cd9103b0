//! Copies files to a machine.

use super::manifest::{Entry, Folder, Manifest};
use crate::{
    agent::{Agent, AgentError, batches},
    ssh::{Connection, ExecuteError},
};
use futures::{StreamExt, TryStreamExt, stream};
use hookgate_folder::FolderError;
use russh_sftp::{
    client::SftpSession,
    protocol::{FileAttributes, OpenFlags},
};
use std::{collections::BTreeSet, io};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How many files are under way at the same time.
const PARALLEL: usize = 8;
/// How much of a file is sent at a time.
const PIECE: usize = 1 << 18;

/// Why files are not on the machine.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The connection broke, or the machine complained.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// A file can't be written there.
    #[error("{destination} can't be written: {why}")]
    Write {
        /// The file.
        destination: String,
        /// What the machine says, and how much space it has.
        why: String,
    },
    /// A file can't be had from the hooks folder any more.
    #[error("{path}: {source}")]
    Gone {
        /// The file.
        path: String,
        /// Why not.
        source: FolderError,
    },
    /// A file can't be read here.
    #[error("{path} can't be read: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The machine said something that isn't an answer.
    #[error("the machine answered {0:?} instead of the digests of files")]
    Answer(String),
}

impl From<ExecuteError> for CopyError {
    fn from(error: ExecuteError) -> Self {
        Self::Agent(error.into())
    }
}

/// What a copy did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Files that were sent.
    pub copied: usize,
    /// Files that were there already, with the same mode and content.
    pub unchanged: usize,
}

/// Brings the files of a manifest to the machine. Each is written to a folder beside its place, its digest verified there,
/// and moved into place; one that is there already isn't sent.
///
/// # Errors
/// When the connection breaks, or something can't be written. What is in place stays and is not sent again.
pub async fn copy(connection: &Connection, manifest: &Manifest) -> Result<Copied, CopyError> {
    let agent = Agent::on(connection);
    let (changed, missing) = lacking(&agent, manifest).await?;
    let unchanged = manifest.entries.len() - changed.len();
    let to_make: &[&Folder] =
        if missing.iter().all(|folder| is_made_with_its_files(folder, &changed)) { &[] } else { &missing };
    for batch in batches(to_make, |folder| folder.destination.len() + 8) {
        let modes: Vec<String> = batch.iter().map(|folder| format!("{:o}", folder.mode)).collect();
        let words = batch.iter().zip(&modes).flat_map(|(folder, mode)| [mode, folder.destination.as_str()]);
        agent.call_with("make", &words.collect::<Vec<_>>()).await?;
    }
    if changed.is_empty() {
        return Ok(Copied { copied: 0, unchanged });
    }
    let folders: BTreeSet<&str> = changed.iter().map(|entry| folder_of(&entry.destination)).collect();
    let folders: Vec<&str> = folders.into_iter().collect();
    let copies = copies_folder(manifest);
    for batch in batches(&folders, |folder| 2 * folder.len() + copies.len()) {
        agent.call_with("folders", &[&[copies.as_str()], batch].concat()).await?;
    }
    let sftp = connection.sftp().await?;
    let mut sending = Vec::with_capacity(changed.len());
    for entry in &changed {
        sending.push(send(&sftp, manifest, entry));
    }
    let sent = stream::iter(sending).buffer_unordered(PARALLEL).try_collect::<Vec<()>>().await;
    if let Err(error) = sent {
        return Err(explained(&agent, error).await);
    }
    for batch in batches(&changed, |entry| 2 * entry.destination.len() + 160) {
        place(&agent, manifest, batch).await?;
    }
    Ok(Copied { copied: changed.len(), unchanged })
}

/// Whether a file is on the machine with its content.
///
/// # Errors
/// When the connection breaks, or the machine doesn't answer.
pub async fn has(connection: &Connection, entry: &Entry) -> Result<bool, CopyError> {
    let answer = Agent::on(connection).call_with("check", &[entry.destination.as_str()]).await?;
    let answer = String::from_utf8_lossy(&answer.output).into_owned();
    Ok(answer.trim().split(' ').next_back() == Some(entry.digest.as_str()))
}

/// Whether a folder that isn't there comes into being, with its mode, when files are brought into it: another command costs
/// the machine another login shell.
fn is_made_with_its_files(folder: &Folder, changed: &[&Entry]) -> bool {
    let inside = format!("{}/", folder.destination);
    let first = changed.partition_point(|entry| entry.destination < inside);
    folder.mode == 0o755 && changed.get(first).is_some_and(|entry| entry.destination.starts_with(&inside))
}

/// What has to be on a machine.
enum Wanted<'a> {
    File(&'a Entry),
    Folder(&'a Folder),
}

/// The files that aren't on the machine as they should be, and the folders that aren't there.
async fn lacking<'a>(
    agent: &Agent<'_>,
    manifest: &'a Manifest,
) -> Result<(Vec<&'a Entry>, Vec<&'a Folder>), CopyError> {
    let (mut changed, mut missing) = (Vec::new(), Vec::new());
    let folders =
        manifest.folders.iter().map(|folder| (format!("{}/", folder.destination), Wanted::Folder(folder)));
    let files = manifest.entries.iter().map(|entry| (entry.destination.clone(), Wanted::File(entry)));
    let all: Vec<(String, Wanted<'_>)> = folders.chain(files).collect();
    for batch in batches(&all, |(path, _)| path.len()) {
        let paths: Vec<&str> = batch.iter().map(|(path, _)| path.as_str()).collect();
        let answer = agent.call_with("check", &paths).await?;
        let answer = String::from_utf8_lossy(&answer.output).into_owned();
        if answer.lines().count() != batch.len() {
            return Err(CopyError::Answer(answer.chars().take(200).collect()));
        }
        let as_wanted = |entry: &Entry, line: &str| line == format!("{:o} {}", entry.mode, entry.digest);
        for ((_, wanted), line) in batch.iter().zip(answer.lines()) {
            match wanted {
                Wanted::File(entry) if !as_wanted(entry, line) => changed.push(*entry),
                Wanted::Folder(folder) if line != "folder" => missing.push(*folder),
                Wanted::File(_) | Wanted::Folder(_) => {}
            }
        }
    }
    Ok((changed, missing))
}

fn folder_of(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((folder, _)) => folder,
    }
}

/// The folder, beside the files' places, that they are written to before they are moved: the same for every attempt, so
/// that nothing is left lying about.
fn copies_folder(manifest: &Manifest) -> String {
    format!(".hookgate-{}", manifest.digest.chars().take(16).collect::<String>())
}

/// Where a file is written. It has its own name there: one program moves all that go to the same folder.
fn copy_of(manifest: &Manifest, entry: &Entry) -> String {
    let folder = folder_of(&entry.destination).trim_end_matches('/');
    let name = entry.destination.rsplit('/').next().unwrap_or_default();
    format!("{folder}/{}/{name}", copies_folder(manifest))
}

async fn send(sftp: &SftpSession, manifest: &Manifest, entry: &Entry) -> Result<(), CopyError> {
    let write = |why: String| CopyError::Write { destination: entry.destination.clone(), why };
    let gone = |source| CopyError::Gone { path: entry.source.to_string(), source };
    let read = |source| CopyError::Read { path: entry.source.to_string(), source };
    let mut source = tokio::fs::File::from_std(manifest.open(entry).map_err(gone)?);
    let flags = OpenFlags::CREATE | OpenFlags::TRUNCATE | OpenFlags::WRITE;
    let only_user = FileAttributes { permissions: Some(0o600), ..FileAttributes::empty() };
    let opened = sftp.open_with_flags_and_attributes(copy_of(manifest, entry), flags, only_user).await;
    let mut file = opened.map_err(|error| write(error.to_string()))?;
    let mut piece = vec![0; PIECE];
    loop {
        let length = source.read(&mut piece).await.map_err(read)?;
        let Some(bytes) = piece.get(..length).filter(|bytes| !bytes.is_empty()) else { break };
        file.write_all(bytes).await.map_err(|error| write(error.to_string()))?;
    }
    file.close().await.map_err(|error| write(error.to_string()))
}

async fn place(agent: &Agent<'_>, manifest: &Manifest, entries: &[&Entry]) -> Result<(), CopyError> {
    let mut arguments = Vec::with_capacity(entries.len() * 4);
    for entry in entries {
        arguments.extend([
            copy_of(manifest, entry),
            entry.destination.clone(),
            format!("{:o}", entry.mode),
            entry.digest.clone(),
        ]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    agent.call_with("place", &arguments).await?;
    Ok(())
}

/// SFTP says "Failure" for most things: the machine's own words say more.
async fn explained(agent: &Agent<'_>, error: CopyError) -> CopyError {
    let CopyError::Write { destination, why } = error else { return error };
    let said = agent.call_with("explain", &[folder_of(&destination)]).await;
    let said =
        said.map(|said| String::from_utf8_lossy(&said.output).trim().replace('\n', "; ")).unwrap_or_default();
    let why = if said.is_empty() { why } else { format!("{why}; {said}") };
    CopyError::Write { destination, why }
}
