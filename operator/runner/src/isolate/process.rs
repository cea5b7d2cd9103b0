//! Which process it is: a number alone may be another's by now.

use rustix::{
    io::Errno,
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};
use serde::{Deserialize, Serialize};
use std::{fs, io};

/// A process of this machine, told from all others that there have been and will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessId {
    /// Its number.
    pub pid: i32,
    /// When it began, in ticks since the machine did: field 22 of proc_pid_stat(5).
    pub began: u64,
    /// Which start of the machine that was: `/proc/sys/kernel/random/boot_id`.
    pub boot: String,
}

impl ProcessId {
    /// The process that has that number.
    ///
    /// # Errors
    /// When there is none, or /proc can't be read.
    pub fn of(pid: i32) -> io::Result<Self> {
        let seen = stat(pid)?.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Self { pid, began: seen.began, boot: boot()? })
    }

    /// Whether it goes on. One that has ended and that its parent hasn't asked after does not.
    ///
    /// # Errors
    /// When /proc can't be read.
    pub fn is_alive(&self) -> io::Result<bool> {
        if boot()? != self.boot {
            return Ok(false);
        }
        Ok(stat(self.pid)?.is_some_and(|seen| seen.began == self.began && !seen.has_ended))
    }

    /// Whether it is of this start of the machine.
    ///
    /// # Errors
    /// When /proc can't be read.
    pub fn is_of_this_boot(&self) -> io::Result<bool> {
        Ok(boot()? == self.boot)
    }

    /// Sends it a signal, and never to another; `false` when it has ended.
    ///
    /// # Errors
    /// When the kernel refuses, or /proc can't be read.
    pub fn signal(&self, signal: Signal) -> io::Result<bool> {
        let Some(pid) = Pid::from_raw(self.pid) else { return Ok(false) };
        // The descriptor holds on to whoever has the number at this moment, and that must be the one that is meant.
        let descriptor = match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(descriptor) => descriptor,
            Err(Errno::SRCH) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        if !self.is_alive()? {
            return Ok(false);
        }
        match pidfd_send_signal(descriptor, signal) {
            Ok(()) => Ok(true),
            Err(Errno::SRCH) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn boot() -> io::Result<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|text| text.trim().to_owned())
}

struct Seen {
    began: u64,
    has_ended: bool,
}

/// What /proc has of a process; `None` when there is none of that number.
fn stat(pid: i32) -> io::Result<Option<Seen>> {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(text) => {
            parse(&text).map(Some).ok_or_else(|| io::Error::other(format!("/proc/{pid}/stat: {text:?}")))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // It has ended between opening and reading.
        Err(error) if error.raw_os_error() == Some(Errno::SRCH.raw_os_error()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The name is in parentheses and may have any of the others' characters.
fn parse(stat: &str) -> Option<Seen> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let has_ended = matches!(*fields.first()?, "Z" | "X" | "x");
    Some(Seen { began: fields.get(19)?.parse().ok()?, has_ended })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_process_is_known_by_its_number_and_when_it_began() {
        let mut child = Command::new("sleep").arg("100").stdin(Stdio::null()).spawn().unwrap();
        let own = ProcessId::of(i32::try_from(child.id()).unwrap()).unwrap();
        assert!(own.is_alive().unwrap() && own.is_of_this_boot().unwrap());
        let (mut later, mut of_before) = (own.clone(), own.clone());
        later.began += 1;
        of_before.boot = "another".to_owned();
        for other in [later, of_before] {
            assert!(!other.is_alive().unwrap(), "{other:?}");
            assert!(!other.signal(Signal::KILL).unwrap(), "{other:?}");
        }
        assert!(child.try_wait().unwrap().is_none(), "nobody has ended it");
        assert!(own.signal(Signal::KILL).unwrap());
        let state = || fs::read_to_string(format!("/proc/{}/stat", own.pid)).unwrap();
        while !state().contains(") Z ") {
            std::thread::yield_now();
        }
        assert!(!own.is_alive().unwrap(), "it has ended, though nobody has asked after it");
        child.wait().unwrap();
        assert!(!own.is_alive().unwrap() && !own.signal(Signal::TERM).unwrap());
        assert_eq!(ProcessId::of(own.pid).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_name_can_not_disguise_a_process() {
        let fields = "7 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0";
        let seen = parse(&format!("12 (a) Z 1 (b) S {fields}")).unwrap();
        assert_eq!((seen.began, seen.has_ended), (4242, false));
        assert!(parse(&format!("12 (a) Z {fields}")).unwrap().has_ended);
        assert!(parse("12 (bash) S 7").is_none());
    }
}
