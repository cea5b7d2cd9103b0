//! The way from a hook's `mysql` to the supervisor.

use crate::gate::{
    self, Connect, GATE_DESCRIPTOR, GateError, MOST_REPLY_BYTES, MOST_REQUEST_BYTES, Reply, Request,
};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use std::{
    io::{self, IoSlice},
    os::{fd::AsRawFd, unix::net::UnixStream},
};

/// A channel of this call's own.
#[derive(Debug)]
pub struct Channel {
    stream: UnixStream,
}

impl Channel {
    /// Makes a channel, hands its other end to the supervisor and waits until the database can be talked to.
    ///
    /// # Errors
    /// Outside of a hook, and when the database can't be reached.
    pub fn open(connect: Connect) -> Result<Self, GateError> {
        let no_gate = |error: io::Error| {
            let message =
                format!("Can't reach the database: this mysql works inside of a hook only ({error})");
            GateError::general(2002, message)
        };
        let (ours, theirs) = UnixStream::pair().map_err(no_gate)?;
        let descriptors = [theirs.as_raw_fd()];
        let control = [ControlMessage::ScmRights(&descriptors)];
        let flags = MsgFlags::MSG_NOSIGNAL;
        sendmsg::<()>(GATE_DESCRIPTOR, &[IoSlice::new(b"?")], &control, flags, None)
            .map_err(|error| no_gate(error.into()))?;
        drop(theirs);
        let mut channel = Self { stream: ours };
        channel.send(&Request::Connect(connect))?;
        match channel.receive()? {
            Reply::Connected => Ok(channel),
            Reply::Error(error) => Err(error),
            other => Err(unexpected(&other)),
        }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// When it is too long or the supervisor is gone.
    pub fn send(&mut self, request: &Request) -> Result<(), GateError> {
        gate::send(&mut self.stream, request, MOST_REQUEST_BYTES).map_err(|error| lost(&error))
    }

    /// Waits for the next reply.
    ///
    /// # Errors
    /// When the supervisor is gone.
    pub fn receive(&mut self) -> Result<Reply, GateError> {
        gate::receive(&mut self.stream, MOST_REPLY_BYTES).map_err(|error| lost(&error))
    }
}

fn lost(error: &gate::FrameError) -> GateError {
    GateError::general(2013, format!("Lost connection to MySQL server during query: {error}"))
}

pub(super) fn unexpected(reply: &Reply) -> GateError {
    GateError::general(2027, format!("Malformed packet: {reply:.60?}"))
}
