//! What a hook prints: its lines into the log, its end into the record.

use super::RunId;
use crate::text::{Masks, end_of};
use hookgate_policy::neutralised;

/// How much of the output's end is kept.
pub const KEPT_BYTES: usize = 64 << 10;
/// How much of the output is written to the log; what comes after is only counted.
pub const LOGGED_BYTES: usize = 1 << 20;
/// A line is cut into lines of this length.
const MAX_LINE: usize = 8 << 10;

/// Writes the lines of a run to the log.
pub(super) struct LineLog<'a> {
    machine: &'a str,
    hook: &'a str,
    run: &'a RunId,
    masks: &'a Masks,
    /// The beginning of a line of which the end hasn't come yet.
    begun: Vec<u8>,
    logged: usize,
    full: bool,
}

impl<'a> LineLog<'a> {
    pub(super) fn new(machine: &'a str, hook: &'a str, run: &'a RunId, masks: &'a Masks) -> Self {
        Self { machine, hook, run, masks, begun: Vec::new(), logged: 0, full: false }
    }

    /// Whether everything else that comes is left out.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Takes what has come. `missed` says that something between the last piece and this is lost.
    pub(super) fn take(&mut self, bytes: &[u8], missed: bool) {
        if self.full {
            return;
        }
        if missed {
            self.end();
            self.write("... (output that came faster than it was read is left out)");
        }
        for &byte in bytes {
            if byte == b'\n' || self.begun.len() >= MAX_LINE {
                self.end();
            }
            if byte != b'\n' {
                self.begun.push(byte);
            }
        }
    }

    /// The run has ended: a line without an end is one as well.
    pub(super) fn end(&mut self) {
        if !self.begun.is_empty() {
            let line = std::mem::take(&mut self.begun);
            let line = readable(&line, self.masks);
            self.write(&line);
        }
    }

    fn write(&mut self, line: &str) {
        if self.full {
            return;
        }
        self.logged += line.len() + 1;
        if self.logged > LOGGED_BYTES {
            self.full = true;
            let line = "... (further output is not logged)";
            tracing::info!(target: "MachineHook", machine = self.machine, hook = self.hook, run = %self.run, line);
            return;
        }
        tracing::info!(target: "MachineHook", machine = self.machine, hook = self.hook, run = %self.run, line);
    }
}

/// Output as it may be shown: without secrets and without what steers a terminal.
pub(super) fn readable(bytes: &[u8], masks: &Masks) -> String {
    neutralised(&masks.apply(String::from_utf8_lossy(bytes).into_owned()))
}

/// The end of the output as it's kept.
pub(super) fn kept(bytes: &[u8], masks: &Masks) -> String {
    end_of(&readable(bytes, masks), KEPT_BYTES).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_can_not_steer_a_terminal_or_play_the_audit() {
        let masks = Masks::new(["AUDIT secret"]);
        let printed = b"SECURITY AUDIT hook ended\nSecurity Audit\x1b[2J\nSECURITY AUDIT secret";
        assert_eq!(
            readable(printed, &masks),
            "SECURITY_AUDIT hook ended\nSecurity_Audit\\u{1b}[2J\nSECURITY ********"
        );
    }
}
