//! What lies between the socket and the protocol library.
//!
//! Outwards it puts StarRocks' own error codes, which the library doesn't have, into error packets. Inwards it
//! ends a connection that sends a packet larger than a server would take, before it's held in memory.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::error::SqlError;

/// The largest packet that is taken, in bytes.
pub(super) const MAX_PACKET: usize = 4 << 20;

/// The error that the next error packet is to carry.
#[derive(Debug, Clone, Default)]
pub(super) struct ErrorSlot(Arc<Mutex<Option<SqlError>>>);

impl ErrorSlot {
    pub(super) fn put(&self, error: SqlError) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    fn take(&self) -> Option<SqlError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Collects packets until they're flushed, and rewrites error packets.
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
        match (payload.first() == Some(&0xff)).then(|| slot.take()).flatten() {
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

impl<W: AsyncWrite + Unpin> AsyncWrite for WireWriter<W> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
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
    meter: Meter,
}

#[derive(Debug, Default)]
struct Meter {
    header: Vec<u8>,
    body: usize,
    total: usize,
    sequence: Option<u8>,
}

impl Meter {
    /// Counts bytes; an error when a packet, with its continuations, is too large or out of order.
    fn count(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while !bytes.is_empty() {
            if self.body > 0 {
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
    pub(super) fn new(inner: R) -> Self {
        Self { inner, meter: Meter::default() }
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
