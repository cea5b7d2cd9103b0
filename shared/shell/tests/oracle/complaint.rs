//! `bash -n`, asked about a script.

use std::io::Write;
use std::process::{Command, Stdio};

/// What `bash -n` says: nothing when it accepts. Its exit code is not enough: after an error inside
/// `[[ … ]]`, or one at the end of the text, it is 0.
pub fn complaint(script: &str) -> Option<String> {
    let mut child = Command::new(std::env::var_os("HOOKGATE_BASH").unwrap_or("bash".into()))
        .args(["--norc", "-n"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash is needed for these tests: install it");
    // It stops reading at the first error.
    let _ = child.stdin.take().expect("piped").write_all(script.as_bytes());
    let output = child.wait_with_output().expect("bash ends");
    let said: Vec<_> = String::from_utf8_lossy(&output.stderr)
        .lines()
        .filter(|line| !line.contains("warning: here-document at line"))
        .map(str::to_owned)
        .collect();
    (!output.status.success() || !said.is_empty()).then(|| said.join("\n"))
}
