//! The processes of the node: found by what they are, and sent signals.
//!
//! This program runs inside the node's PID namespace, so every process that it can see belongs to the test cluster.

use rustix::process::{Pid, Signal, kill_process};
use std::{fs, io, path::Path};

/// The API server's process.
///
/// # Errors
/// When there isn't exactly one.
pub fn api_server() -> io::Result<Pid> {
    only(&find(|process| process.command.iter().any(|word| word.ends_with("kube-apiserver")))?, "API server")
}

/// The controller manager's process and the scheduler's.
///
/// # Errors
/// When there isn't exactly one of each.
pub fn controllers() -> io::Result<[Pid; 2]> {
    let named = |name: &str| {
        let found = find(|process| process.command.first().is_some_and(|word| word.ends_with(name)))?;
        only(&found, name)
    };
    Ok([named("kube-controller-manager")?, named("kube-scheduler")?])
}

/// The server's process in a pod of a namespace.
///
/// # Errors
/// When there isn't exactly one.
pub fn server_of(namespace: &str, pod: &str) -> io::Result<Pid> {
    let wanted = [format!("POD_NAMESPACE={namespace}"), format!("POD_NAME={pod}")];
    let servers = find(|process| {
        let is_server = process.command.first().is_some_and(|word| word.ends_with("standin"));
        is_server && wanted.iter().all(|variable| process.environment.contains(variable))
    })?;
    only(&servers, &format!("server of {pod}"))
}

/// Sends a signal.
///
/// # Errors
/// When the process is gone.
pub fn signal(process: Pid, signal: Signal) -> io::Result<()> {
    Ok(kill_process(process, signal)?)
}

struct Process {
    command: Vec<String>,
    environment: Vec<String>,
}

fn only(found: &[Pid], what: &str) -> io::Result<Pid> {
    match found {
        [one] => Ok(*one),
        others => Err(io::Error::other(format!("{} processes are the {what}", others.len()))),
    }
}

fn find(is_wanted: impl Fn(&Process) -> bool) -> io::Result<Vec<Pid>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw)
        else {
            continue;
        };
        let words = |file: &str| read(&entry.path().join(file));
        if is_wanted(&Process { command: words("cmdline"), environment: words("environ") }) {
            found.push(id);
        }
    }
    Ok(found)
}

/// The words of a file that separates them by NUL; none when the process has ended meanwhile.
fn read(path: &Path) -> Vec<String> {
    let bytes = fs::read(path).unwrap_or_default();
    bytes.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_found_by_its_command_and_environment() {
        let own = Pid::from_raw(std::process::id().cast_signed()).unwrap();
        let name = std::env::args().next().unwrap();
        let found = find(|process| process.command.first() == Some(&name)).unwrap();
        assert!(found.contains(&own), "{found:?}");
        assert!(server_of("no-such-namespace", "sr-fe-0").unwrap_err().to_string().contains("0 processes"));
    }
}
