//! What becomes of a change: a diff, or a file.

use similar::TextDiff;
use std::fs::{File, OpenOptions};
use std::io::{Error, Write};
use std::path::Path;

/// A unified diff.
pub(crate) fn diff(name: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let relative = name.trim_start_matches("./").trim_start_matches('/');
    diff.unified_diff()
        .context_radius(3)
        .header(&format!("a/{relative}"), &format!("b/{relative}"))
        .to_string()
}

/// Replaces a file's content as a whole or not at all; its mode is kept, and a link stays one.
///
/// # Errors
/// It cannot be written, or has changed since it was read.
pub(crate) fn replace(path: &Path, before: &[u8], after: &str) -> Result<(), Error> {
    let path = path.canonicalize()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.hookgate-{}", std::process::id()));
    let result = write_beside(&path, &temporary, before, after);
    if result.is_err() {
        // The error that is told is why the file was not written; what is left of the attempt is in its way only.
        drop(std::fs::remove_file(&temporary));
    }
    result
}

fn write_beside(path: &Path, temporary: &Path, before: &[u8], after: &str) -> Result<(), Error> {
    let permissions = std::fs::metadata(path)?.permissions();
    if permissions.readonly() {
        return Err(Error::new(std::io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(temporary)?;
    file.set_permissions(permissions)?;
    file.write_all(after.as_bytes())?;
    file.sync_all()?;
    if std::fs::read(path)? != before {
        return Err(Error::other("it has changed since it was read: run this again"));
    }
    std::fs::rename(temporary, path)
}
