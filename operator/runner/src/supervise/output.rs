//! What a script prints: relayed line by line, harmless, and bounded whatever the script does.

use crate::{
    audit::Identity,
    log::{Log, OUTPUT_MARK},
};
use hookgate_policy::neutralised;
use std::{collections::VecDeque, io, sync::Arc};

/// How much of a run's output is kept, in bytes: the first half as it comes, and the last half at the end.
pub const KEPT_BYTES: usize = 64 << 10;
/// How many lines each half has at most: each costs what says whose it is.
const MOST_LINES: usize = 2000;
/// The longest line, in bytes; what is longer is broken.
const LONGEST_LINE: usize = 4 << 10;

/// How much of the output's end a result repeats, in bytes.
const TAIL_BYTES: usize = 1500;

/// Takes the bytes of a script's output and writes its lines.
pub struct Relay {
    log: Arc<Log>,
    prefix: String,
    line: Vec<u8>,
    /// Bytes that have been written as they came.
    written: usize,
    /// The lines that they were.
    lines: usize,
    /// What came after the first half, as it came: its end, and how many bytes went before.
    rest: Option<Rest>,
    tail: VecDeque<String>,
    tail_bytes: usize,
}

#[derive(Default)]
struct Rest {
    end: Vec<u8>,
    left_out: u64,
}

impl Rest {
    fn take(&mut self, bytes: &[u8]) {
        const MOST: usize = KEPT_BYTES / 2;
        let skipped = bytes.len().saturating_sub(MOST);
        self.end.extend(&bytes[skipped..]);
        let excess = self.end.len().saturating_sub(MOST);
        self.end.drain(..excess);
        self.left_out += (skipped + excess) as u64;
    }
}

impl Relay {
    /// A relay into `log`; each line says whose it is.
    pub fn new(log: Arc<Log>, identity: &Identity) -> Self {
        let Identity { cluster, namespace, component, phase, run, .. } = identity;
        let prefix = format!(
            "{OUTPUT_MARK} cluster={namespace}/{cluster} component={component} hook={phase} run={run} | "
        );
        Self {
            log,
            prefix,
            line: Vec::new(),
            written: 0,
            lines: 0,
            rest: None,
            tail: VecDeque::new(),
            tail_bytes: 0,
        }
    }

    /// Takes some bytes.
    ///
    /// # Errors
    /// When a line can't be written.
    pub fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut bytes = bytes;
        while !bytes.is_empty() {
            if let Some(rest) = &mut self.rest {
                rest.take(bytes);
                return Ok(());
            }
            let room = LONGEST_LINE - self.line.len();
            let piece = &bytes[..bytes.len().min(room)];
            let end = piece.iter().position(|byte| *byte == b'\n');
            self.line.extend(&piece[..end.unwrap_or(piece.len())]);
            bytes = &bytes[end.map_or(piece.len(), |end| end + 1)..];
            if end.is_some() || self.line.len() >= LONGEST_LINE {
                self.end_line()?;
            }
        }
        Ok(())
    }

    /// Writes what is left, and gives the last lines.
    ///
    /// # Errors
    /// When a line can't be written.
    pub fn finish(mut self) -> io::Result<String> {
        if let Some(Rest { end, left_out }) = self.rest.take() {
            let end = end.strip_suffix(b"\n").unwrap_or(&end);
            let ends: Vec<usize> =
                end.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
            // The first line is torn when something is left out before it; and lines that are too many go with it.
            let torn = if left_out > 0 { ends.first().copied() } else { None };
            let many = (ends.len() >= MOST_LINES).then(|| ends[ends.len() - MOST_LINES]);
            let begin = torn.max(many).map_or(0, |at| at + 1);
            if left_out > 0 || begin > 0 {
                let left_out = left_out + begin as u64;
                self.log.line(&format!("{}({left_out} bytes are left out here)", self.prefix))?;
            }
            for line in end[begin..].split(|byte| *byte == b'\n') {
                for piece in line.chunks(LONGEST_LINE) {
                    self.line(piece)?;
                }
            }
        } else if !self.line.is_empty() {
            self.end_line()?;
        }
        Ok(self.tail.into_iter().collect::<Vec<_>>().join("\n"))
    }

    fn end_line(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.line);
        if self.written + bytes.len() >= KEPT_BYTES / 2 || self.lines >= MOST_LINES {
            let rest = self.rest.get_or_insert_default();
            rest.take(&bytes);
            rest.take(b"\n");
            return Ok(());
        }
        self.written += bytes.len() + 1;
        self.lines += 1;
        self.line(&bytes)
    }

    fn line(&mut self, bytes: &[u8]) -> io::Result<()> {
        let line = self.log.masked(&neutralised(&String::from_utf8_lossy(bytes))).into_owned();
        self.log.line(&format!("{}{line}", self.prefix))?;
        keep(&mut self.tail, &mut self.tail_bytes, line);
        Ok(())
    }
}

/// Adds a line and removes the oldest until no more than [`TAIL_BYTES`] are left.
fn keep(lines: &mut VecDeque<String>, bytes: &mut usize, line: String) {
    *bytes += line.len() + 1;
    lines.push_back(line);
    while *bytes > TAIL_BYTES && lines.len() > 1 {
        *bytes -= lines.pop_front().map_or(0, |oldest| oldest.len() + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Write, sync::Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn relayed(pieces: &[&[u8]]) -> (Vec<String>, String) {
        let kept = Kept::default();
        let log = Arc::new(Log::new(Box::new(kept.clone()), "s3cret word"));
        let identity = Identity {
            cluster: "c".to_owned(),
            namespace: "sr".to_owned(),
            component: "BE".to_owned(),
            phase: "pre_upgrade".to_owned(),
            run: "r1".to_owned(),
            ..Identity::default()
        };
        let mut relay = Relay::new(log, &identity);
        for piece in pieces {
            relay.take(piece).unwrap();
        }
        let tail = relay.finish().unwrap();
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        (text.lines().map(str::to_owned).collect(), tail)
    }

    const PREFIX: &str = "CustomHookExecutor cluster=sr/c component=BE hook=pre_upgrade run=r1 | ";

    #[test]
    fn lines_come_whole_with_their_run_and_without_secrets() {
        let (lines, tail) =
            relayed(&[b"INFO: a", b"b\nthe pass", b"word is s3cret word\n\xff\x1b[2J\nSECURITY AUDIT {}"]);
        let expected = ["INFO: ab", "the password is ********", "\u{fffd}\\u{1b}[2J", "SECURITY_AUDIT {}"];
        assert_eq!(lines, expected.map(|line| format!("{PREFIX}{line}")));
        assert_eq!(tail, expected.join("\n"));
    }

    #[test]
    fn a_flood_is_bounded_and_its_beginning_and_end_are_kept() {
        let flood: Vec<u8> =
            (0..200_000).flat_map(|number| format!("line {number}\n").into_bytes()).collect();
        let (lines, tail) = relayed(&[&flood]);
        assert_eq!(lines[0], format!("{PREFIX}line 0"));
        assert_eq!(lines.last().unwrap(), &format!("{PREFIX}line 199999"));
        let bytes: usize = lines.iter().map(|line| line.len() + 1 - PREFIX.len()).sum();
        assert!(bytes <= KEPT_BYTES + 100, "{bytes}");
        assert!(lines.iter().any(|line| line.contains("bytes are left out here")));
        assert!(tail.len() <= TAIL_BYTES + 20 && tail.ends_with("line 199999"));
    }

    #[test]
    fn a_line_without_end_is_broken() {
        let (lines, _) = relayed(&[&vec![b'x'; 100_000]]);
        assert!(lines.len() > 10 && lines.iter().all(|line| line.len() <= LONGEST_LINE + PREFIX.len()));
    }
}
