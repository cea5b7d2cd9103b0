//! Reading what is to be checked.

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

/// Reads all paths; what cannot be read is in the second list.
pub(crate) fn read_all(paths: &[String]) -> (Vec<Input>, Vec<String>) {
    let (mut inputs, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        if path == "-" {
            let mut bytes = Vec::new();
            match std::io::stdin().lock().take(MAX_FILE).read_to_end(&mut bytes) {
                Ok(_) => inputs.push(Input { name: "standard input".to_owned(), bytes }),
                Err(error) => errors.push(format!("standard input: {error}")),
            }
            continue;
        }
        let path = Path::new(path);
        if path.is_dir() {
            let mut files = Vec::new();
            walk(path, 0, &mut files, &mut errors);
            files.sort();
            if files.is_empty() {
                errors
                    .push(format!("{}: no .yaml, .yml, .json or .sh file in this directory", path.display()));
            }
            files.iter().for_each(|file| read(file, &mut inputs, &mut errors));
        } else {
            read(path, &mut inputs, &mut errors);
        }
    }
    (inputs, errors)
}

fn read(path: &Path, inputs: &mut Vec<Input>, errors: &mut Vec<String>) {
    let bytes = std::fs::metadata(path).and_then(|metadata| {
        if metadata.len() > MAX_FILE {
            return Err(std::io::Error::other(format!("more than {MAX_FILE} bytes")));
        }
        std::fs::read(path)
    });
    match bytes {
        Ok(bytes) => inputs.push(Input { name: path.display().to_string(), bytes }),
        Err(error) => errors.push(format!("{}: {error}", path.display())),
    }
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
            Ok((path, kind)) if kind.is_dir() => walk(&path, depth + 1, files, errors),
            Ok((path, _)) => {
                let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
                if matches!(extension, "yaml" | "yml" | "json" | "sh") {
                    files.push(path);
                }
            }
            Err(error) => errors.push(format!("{}: {error}", directory.display())),
        }
    }
}
