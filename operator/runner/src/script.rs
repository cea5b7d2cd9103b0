//! The script: the bytes that run are the bytes that were checked.

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::io::Errno;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read, Seek, Write},
    os::fd::OwnedFd,
    path::Path,
};

/// The longest script, in bytes: what admission allows.
pub(crate) const MOST_BYTES: u64 = 256 << 10;

/// Where bash finds the script, the way to tell what it defines, and the answer.
pub const SCRIPT_DESCRIPTOR: i32 = 201;
/// Where the stage and bash tell the supervisor what they found.
pub const REPORT_DESCRIPTOR: i32 = 202;
/// Where bash waits for the word to go on.
pub const ANSWER_DESCRIPTOR: i32 = 203;

/// Why a script isn't run.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// It can't be read.
    #[error("the script can't be read: {0}")]
    Read(#[source] io::Error),
    /// It is longer than admission allows.
    #[error("the script has more than {MOST_BYTES} bytes")]
    TooLong,
    /// It isn't the one that was checked.
    #[error(
        "the script has changed since it was checked: its SHA-256 is {found}, and {expected} was checked"
    )]
    Changed {
        /// The digest of what was found.
        found: String,
        /// The digest of what was checked.
        expected: String,
    },
    /// There is no memory file for it.
    #[error("the script can't be kept in memory: {0}")]
    Memory(#[source] io::Error),
}

/// Copies a script into memory, verifies the copy, and seals it: nobody can change it from here on, whoever has it open.
///
/// # Errors
/// When it can't be read, or isn't the one whose SHA-256 is `sha256` (in hexadecimal).
pub fn load(path: &Path, sha256: &str) -> Result<OwnedFd, ScriptError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(ScriptError::Read)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(ScriptError::Read)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ScriptError::TooLong);
    }
    let found = hexadecimal(&Sha256::digest(&bytes));
    if !found.eq_ignore_ascii_case(sha256) {
        return Err(ScriptError::Changed { found, expected: sha256.to_owned() });
    }
    sealed(&bytes).map_err(ScriptError::Memory)
}

/// A file in memory that nobody can change or execute.
fn sealed(bytes: &[u8]) -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let made = match memfd_create("hook", flags | MemfdFlags::NOEXEC_SEAL) {
        // Kernels before 6.3 know no such seal.
        Err(Errno::INVAL) => memfd_create("hook", flags),
        other => other,
    };
    let mut file = File::from(made?);
    file.write_all(bytes)?;
    file.rewind()?;
    let seals = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
    fcntl_add_seals(&file, seals)?;
    Ok(file.into())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What bash runs: the script, then a report of the functions that it has defined, then, once the supervisor has found them
/// to be those that admission saw, the function.
pub fn driver(function: &str) -> String {
    format!(
        ". /dev/fd/{SCRIPT_DESCRIPTOR} || exit\n\
         {{ builtin declare -F && builtin echo .; }} >&{REPORT_DESCRIPTOR}\n\
         builtin read -r HOOKGATE_ANSWER <&{ANSWER_DESCRIPTOR} && [[ $HOOKGATE_ANSWER == go ]] || exit 1\n\
         builtin unset -v HOOKGATE_ANSWER\n\
         exec {SCRIPT_DESCRIPTOR}<&- {REPORT_DESCRIPTOR}>&- {ANSWER_DESCRIPTOR}<&-\n\
         {function}\n"
    )
}

/// What is wrong with the functions that bash knows, compared with those that admission saw.
///
/// # Errors
/// When a function is missing or more than was seen.
pub fn compare(declared: &[String], expected: &BTreeSet<String>, function: &str) -> Result<(), String> {
    // `declare -f NAME`, and with attributes `declare -fx NAME`.
    let declared: BTreeSet<String> =
        declared.iter().filter_map(|line| line.rsplit_once(' ').map(|(_, name)| name.to_owned())).collect();
    if !declared.contains(function) {
        return Err(format!("script must define {function}() function"));
    }
    let list = |names: Vec<&String>| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let missing: Vec<_> = expected.difference(&declared).collect();
    let more: Vec<_> = declared.difference(expected).collect();
    match (missing.is_empty(), more.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(format!(
            "bash does not know {}, which the check of the script has seen: the script is not run",
            list(missing)
        )),
        (true, false) => Err(format!(
            "bash knows {}, which the check of the script has not seen: the script is not run",
            list(more)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    fn names(all: &[&str]) -> BTreeSet<String> {
        all.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn functions_must_be_those_that_were_seen() {
        let declared = ["declare -f post_upgrade", "declare -fx pre_upgrade"].map(str::to_owned);
        assert_eq!(compare(&declared, &names(&["pre_upgrade", "post_upgrade"]), "pre_upgrade"), Ok(()));
        let error = compare(&declared, &names(&["pre_upgrade"]), "pre_upgrade").unwrap_err();
        assert!(error.contains("bash knows post_upgrade"), "{error}");
        let error =
            compare(&declared, &names(&["pre_upgrade", "post_upgrade", "f"]), "pre_upgrade").unwrap_err();
        assert!(error.contains("bash does not know f"), "{error}");
        let error = compare(&declared[..1], &names(&["post_upgrade"]), "pre_upgrade").unwrap_err();
        assert_eq!(error, "script must define pre_upgrade() function");
    }

    #[test]
    fn only_the_bytes_that_were_checked_are_taken_and_they_stay() {
        let path = std::env::temp_dir().join(format!("hookgate-script-{}", std::process::id()));
        std::fs::write(&path, "echo 1\n").unwrap();
        let digest = hexadecimal(&Sha256::digest(b"echo 1\n"));
        let sealed = load(&path, &digest).unwrap();
        let other = format!("{:0>64}", "1");
        let error = load(&path, &other).unwrap_err().to_string();
        assert!(error.contains(&digest) && error.contains("has changed since it was checked"), "{error}");
        std::fs::write(&path, vec![b'#'; 300_000]).unwrap();
        assert!(matches!(load(&path, &digest), Err(ScriptError::TooLong)));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(load(&path, &digest), Err(ScriptError::Read(_))));
        let open = format!("/proc/self/fd/{}", sealed.as_raw_fd());
        assert_eq!(std::fs::read_to_string(&open).unwrap(), "echo 1\n");
        let written =
            std::fs::OpenOptions::new().write(true).open(&open).and_then(|mut file| file.write_all(b"x"));
        assert!(written.is_err(), "a sealed file can't be written");
    }
}
