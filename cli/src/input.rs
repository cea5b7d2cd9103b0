//! Reading what is to be checked.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Something that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Input {
    /// What it is called in the output.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
}

/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 256 * 1024 * 1024;

/// How deep directories may nest.
const MAX_DEPTH: usize = 32;

/// What standard input is called in the output.
pub(crate) const STANDARD_INPUT: &str = "standard input";

/// Reads all paths, each file once; what cannot be read is in the second list.
pub(crate) fn read_all(paths: &[String]) -> (Vec<Input>, Vec<String>) {
    let (mut inputs, mut errors) = (Vec::new(), Vec::new());
    let mut files = Vec::new();
    for path in paths {
        let path = Path::new(path);
        if path == Path::new("-") || !path.is_dir() {
            files.push(path.to_path_buf());
            continue;
        }
        let mut found = Vec::new();
        walk(path, 0, &mut found, &mut errors);
        found.sort();
        if found.is_empty() {
            errors.push(format!("{}: no .yaml, .yml, .json or .sh file in this directory", path.display()));
        }
        files.append(&mut found);
    }
    let mut seen = HashSet::new();
    for path in
        files.iter().filter(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| (*path).clone())))
    {
        let is_standard = path == Path::new("-");
        let name = if is_standard { STANDARD_INPUT.to_owned() } else { path.display().to_string() };
        let bytes = if is_standard { read(std::io::stdin().lock()) } else { File::open(path).and_then(read) };
        match bytes {
            Ok(bytes) => inputs.push(Input { name, bytes }),
            Err(error) => errors.push(format!("{name}: {error}")),
        }
    }
    (inputs, errors)
}

fn read(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE) {
        return Err(std::io::Error::other(format!("more than {} MiB", MAX_FILE >> 20)));
    }
    Ok(bytes)
}

/// The files of a directory that can hold hooks. Links to directories are not followed, so it ends.
fn walk(directory: &Path, depth: usize, files: &mut Vec<PathBuf>, errors: &mut Vec<String>) {
    if depth > MAX_DEPTH {
        errors.push(format!("{}: directories nest deeper than {MAX_DEPTH}", directory.display()));
        return;
    }
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => {
            errors.push(format!("{}: {error}", directory.display()));
            return;
        }
    };
    for entry in entries {
        match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
            // What Git keeps there is no manifest.
            Ok((path, kind)) if kind.is_dir() && path.ends_with(".git") => {}
            Ok((path, kind)) if kind.is_dir() => walk(&path, depth + 1, files, errors),
            Ok((path, kind)) if kind.is_symlink() && path.is_dir() => {}
            Ok((path, _)) => {
                let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
                let extension = extension.to_ascii_lowercase();
                if matches!(extension.as_str(), "yaml" | "yml" | "json" | "sh") {
                    files.push(path);
                }
            }
            Err(error) => errors.push(format!("{}: {error}", directory.display())),
        }
    }
}
