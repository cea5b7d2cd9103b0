//! What lies between the socket and the protocol library.
//!
//! Outwards it puts StarRocks' own error codes, which the library doesn't have, into error packets. Inwards it
//! ends a connection that sends a packet larger than a server would take, before it's held in memory, and has
//! commands refused that the library doesn't know and would call successful.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::error::SqlError;

/// The largest packet that is taken, in bytes.
pub(super) const MAX_PACKET: usize = 4 << 20;

/// The commands that the library does, and COM_RESET_CONNECTION, whose success is all there is to it.
/// See <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase.html>.
const COMMANDS: [u8; 10] = [0x01, 0x02, 0x03, 0x04, 0x0e, 0x16, 0x17, 0x18, 0x19, 0x1f];

/// The error that the next error packet is to carry, or that is to replace the next packet, whatever it says.
#[derive(Debug, Clone, Default)]
pub(super) struct ErrorSlot(Arc<Mutex<Option<Pending>>>);

#[derive(Debug)]
struct Pending {
    error: SqlError,
    replaces_success: bool,
}

impl ErrorSlot {
    /// For the next error packet.
    pub(super) fn put(&self, error: SqlError) {
        self.set(Pending { error, replaces_success: false });
    }

    /// For the next packet.
    fn refuse(&self, error: SqlError) {
        self.set(Pending { error, replaces_success: true });
    }

    fn set(&self, pending: Pending) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(pending);
    }

    /// What a packet is to be replaced with.
    fn take(&self, payload: &[u8]) -> Option<SqlError> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |pending: &mut Pending| pending.replaces_success || payload.first() == Some(&0xff);
        slot.take_if(fits).map(|pending| pending.error)
    }
}

/// How many bytes are collected before they're sent without being asked for.
const MOST_COLLECTED: usize = 4 << 20;

/// Collects packets until they're flushed, or are many, and rewrites error packets.
#[derive(Debug)]
pub(super) struct WireWriter<W> {
    inner: W,
    slot: ErrorSlot,
    collected: Vec<u8>,
    outgoing: Vec<u8>,
    sent: usize,
}

impl<W> WireWriter<W> {
    pub(super) fn new(inner: W, slot: ErrorSlot) -> Self {
        Self { inner, slot, collected: Vec::new(), outgoing: Vec::new(), sent: 0 }
    }
}

/// Copies whole packets, with error packets rewritten; what isn't a whole packet is copied as it is.
fn rewrite(mut packets: &[u8], slot: &ErrorSlot, out: &mut Vec<u8>) {
    while let [a, b, c, sequence, rest @ ..] = packets {
        let length = u32::from_le_bytes([*a, *b, *c, 0]) as usize;
        let Some((payload, after)) = rest.split_at_checked(length) else { break };
        match slot.take(payload) {
            Some(error) => {
                let mut payload = vec![0xff];
                payload.extend(error.code.to_le_bytes());
                payload.push(b'#');
                payload.extend(error.state.bytes());
                payload.extend(error.message.bytes());
                payload.truncate(64 << 10);
                let length = u32::try_from(payload.len()).unwrap_or_default().to_le_bytes();
                out.extend([length[0], length[1], length[2], *sequence]);
                out.extend(payload);
            }
            None => out.extend(&packets[..4 + length]),
        }
        packets = after;
    }
    out.extend(packets);
}

/// Whether the last packet is whole.
fn are_whole(mut packets: &[u8]) -> bool {
    while let [a, b, c, _, rest @ ..] = packets {
        let length = u32::from_le_bytes([*a, *b, *c, 0]) as usize;
        let Some(after) = rest.get(length..) else { return false };
        packets = after;
    }
    packets.is_empty()
}

impl<W: AsyncWrite + Unpin> AsyncWrite for WireWriter<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let is_full = self.collected.len() >= MOST_COLLECTED && are_whole(&self.collected);
        if is_full || !self.outgoing.is_empty() {
            ready!(self.as_mut().poll_flush(context))?;
        }
        self.collected.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        rewrite(&this.collected, &this.slot, &mut this.outgoing);
        this.collected.clear();
        while this.sent < this.outgoing.len() {
            let sent = ready!(Pin::new(&mut this.inner).poll_write(context, &this.outgoing[this.sent..]))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            this.sent += sent;
        }
        this.outgoing.clear();
        this.sent = 0;
        Pin::new(&mut this.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(context))?;
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

/// Follows the packets that come in and refuses too large ones.
#[derive(Debug)]
pub(super) struct WireReader<R> {
    inner: R,
    slot: ErrorSlot,
    meter: Meter,
}

#[derive(Debug, Default)]
struct Meter {
    header: Vec<u8>,
    /// The next byte is a command.
    command_next: bool,
    /// The last command that isn't one.
    unknown: Option<u8>,
    body: usize,
    total: usize,
    sequence: Option<u8>,
}

impl Meter {
    /// Counts bytes; an error when a packet, with its continuations, is too large or out of order.
    fn count(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while !bytes.is_empty() {
            if self.body > 0 {
                if std::mem::take(&mut self.command_next) && !COMMANDS.contains(&bytes[0]) {
                    self.unknown = Some(bytes[0]);
                }
                let skipped = self.body.min(bytes.len());
                self.body -= skipped;
                bytes = &bytes[skipped..];
                continue;
            }
            self.header.push(bytes[0]);
            bytes = &bytes[1..];
            let [a, b, c, sequence] = self.header[..] else { continue };
            self.header.clear();
            let length = u32::from_le_bytes([a, b, c, 0]) as usize;
            if self.sequence.is_some_and(|last| last.wrapping_add(1) != sequence) {
                return Err("packets out of order");
            }
            self.total += length;
            if self.total > MAX_PACKET {
                return Err("Got a packet bigger than 'max_allowed_packet' bytes");
            }
            self.body = length;
            // A client's conversation begins at 0; what continues a handshake or a packet doesn't.
            self.command_next = sequence == 0;
            // A packet of the largest length is continued by the next one.
            if length == opensrv_mysql::U24_MAX {
                self.sequence = Some(sequence);
            } else {
                (self.sequence, self.total) = (None, 0);
            }
        }
        Ok(())
    }
}

impl<R> WireReader<R> {
    pub(super) fn new(inner: R, slot: ErrorSlot) -> Self {
        Self { inner, slot, meter: Meter::default() }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for WireReader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        let result = self.meter.count(&buffer.filled()[before..]);
        if let Some(command) = self.meter.unknown.take() {
            self.slot.refuse(SqlError::unknown_command(command));
        }
        Poll::Ready(result.map_err(|problem| io::Error::new(io::ErrorKind::InvalidData, problem)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_packet_gets_the_code_of_the_slot_and_others_stay() {
        let slot = ErrorSlot::default();
        slot.put(SqlError { code: 5102, state: "F0000", message: "no".into() });
        let mut out = Vec::new();
        let ok = [1, 0, 0, 1, 0];
        let error = [4, 0, 0, 2, 0xff, 0x51, 0x04, b'x'];
        rewrite(&[&ok[..], &error, &error].concat(), &slot, &mut out);
        let mut expected = ok.to_vec();
        expected.extend([11, 0, 0, 2, 0xff, 0xee, 0x13]);
        expected.extend(b"#F0000no");
        expected.extend(error);
        assert_eq!(out, expected, "the slot is used once");
    }

    #[test]
    fn an_unknown_command_is_noticed_and_its_success_taken_back() {
        let mut meter = Meter::default();
        meter.count(&[1, 0, 0, 1, 0x11]).unwrap();
        assert_eq!(meter.unknown, None, "a handshake's answer is no command");
        meter.count(&[2, 0, 0, 0, 0x03, 0x11]).unwrap();
        assert_eq!(meter.unknown, None);
        meter.count(&[1, 0, 0, 0, 0x11]).unwrap();
        assert_eq!(meter.unknown, Some(0x11));
        let slot = ErrorSlot::default();
        slot.refuse(SqlError::unknown_command(0x11));
        let mut out = Vec::new();
        rewrite(&[1, 0, 0, 1, 0], &slot, &mut out);
        assert_eq!(&out[4..7], [0xff, 0x17, 0x04]);
    }

    #[test]
    fn a_packet_is_measured_with_its_continuations_and_in_pieces() {
        let mut meter = Meter::default();
        for _ in 0..1000 {
            for byte in [3, 0, 0, 0, 1, 2, 3] {
                assert_eq!(meter.count(&[byte]), Ok(()));
            }
        }
        assert!(meter.count(&[0xff, 0xff, 0xff, 0]).unwrap_err().contains("max_allowed_packet"));
    }
}
