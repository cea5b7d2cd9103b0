//! What a hook's `mysql` and the supervisor say to each other: frames of a length, four bytes in the order of the network,
//! and a message.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::{self, Read, Write};

/// The descriptor under which every process of a hook finds the way to the supervisor.
///
/// Over it goes one end of a pair of sockets that the client made: so the hook needs neither `socket` nor `connect`, and
/// each call of `mysql` has a channel of its own.
pub const GATE_DESCRIPTOR: i32 = 200;

/// The longest frame that a client may send, in bytes: a statement of a megabyte and what is around it.
pub const MOST_REQUEST_BYTES: usize = (1 << 20) + 4096;
/// The longest frame that the supervisor sends, in bytes: one row, for which MySQL's packets have 16 MiB.
pub const MOST_REPLY_BYTES: usize = (16 << 20) + 4096;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// The first frame: whom the client means to talk to.
    Connect(Connect),
    /// A statement.
    Statement {
        /// Without the mark that ends it.
        text: String,
    },
}

/// The connection that a client asks for. What it leaves open is as the supervisor has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connect {
    /// `-h`
    pub host: Option<String>,
    /// `-P`
    pub port: Option<u16>,
    /// `-u`
    pub user: Option<String>,
    /// `-D`
    pub database: Option<String>,
}

/// What the supervisor answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// The connection is there.
    Connected,
    /// Rows follow: their columns.
    Columns(Vec<Column>),
    /// One row; `None` is NULL.
    Row(Vec<Option<Vec<u8>>>),
    /// The statement is done.
    Done,
    /// The connection or the statement failed.
    Error(GateError),
}

/// A column of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Whether it holds numbers, which stand to the right in tables.
    pub is_number: bool,
    /// Whether it never is NULL.
    pub is_never_null: bool,
}

/// An error as MySQL clients show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("ERROR {code} ({state}): {message}")]
pub struct GateError {
    /// The MySQL error number.
    pub code: u16,
    /// The SQLSTATE.
    pub state: String,
    /// In words.
    pub message: String,
}

impl GateError {
    /// An error of the client's side, which has no SQLSTATE of its own.
    pub fn general(code: u16, message: impl Into<String>) -> Self {
        Self { code, state: "HY000".to_owned(), message: message.into() }
    }
}

/// Why a frame can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The channel broke.
    #[error("the channel to the supervisor broke: {0}")]
    Channel(#[from] io::Error),
    /// A frame is longer than it may be.
    #[error("a message has {length} bytes, and at most {most} are allowed")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// What is allowed.
        most: usize,
    },
    /// A frame isn't a message.
    #[error("a message can't be read: {0}")]
    Message(#[from] postcard::Error),
}

/// The bytes of a message with its length.
///
/// # Errors
/// When it is longer than `most` bytes.
pub fn encode(message: &impl Serialize, most: usize) -> Result<Vec<u8>, FrameError> {
    let mut frame = postcard::to_extend(message, vec![0; 4])?;
    let length = frame.len() - 4;
    let short = u32::try_from(length).ok().filter(|_| length <= most);
    let header = short.ok_or(FrameError::TooLong { length, most })?.to_be_bytes();
    frame[..4].copy_from_slice(&header);
    Ok(frame)
}

/// The length of the message that follows.
///
/// # Errors
/// When it is longer than `most` bytes.
pub fn length(header: [u8; 4], most: usize) -> Result<usize, FrameError> {
    let length = usize::try_from(u32::from_be_bytes(header)).unwrap_or(usize::MAX);
    if length <= most { Ok(length) } else { Err(FrameError::TooLong { length, most }) }
}

/// The message in the bytes of a frame.
///
/// # Errors
/// When it isn't one.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, FrameError> {
    Ok(postcard::from_bytes(bytes)?)
}

/// Writes a message.
///
/// # Errors
/// When it is too long or the channel breaks.
pub fn send(channel: &mut impl Write, message: &impl Serialize, most: usize) -> Result<(), FrameError> {
    Ok(channel.write_all(&encode(message, most)?)?)
}

/// Reads a message.
///
/// # Errors
/// When it is too long, isn't a message, or the channel breaks.
pub fn receive<T: DeserializeOwned>(channel: &mut impl Read, most: usize) -> Result<T, FrameError> {
    let mut header = [0; 4];
    channel.read_exact(&mut header)?;
    let mut bytes = vec![0; length(header, most)?];
    channel.read_exact(&mut bytes)?;
    decode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_back_as_it_was() {
        let rows = vec![None, Some(b"a\0\xff".to_vec())];
        for message in [Reply::Row(rows), Reply::Done, Reply::Error(GateError::general(2013, "gone"))] {
            let frame = encode(&message, 1000).unwrap();
            let read: Reply = receive(&mut frame.as_slice(), 1000).unwrap();
            assert_eq!(read, message);
        }
    }

    #[test]
    fn what_a_hook_sends_can_not_make_the_supervisor_allocate_or_stumble() {
        let huge = u32::MAX.to_be_bytes();
        let error = receive::<Request>(&mut huge.as_slice(), MOST_REQUEST_BYTES).unwrap_err();
        assert!(error.to_string().contains("4294967295 bytes"), "{error}");
        let statement = Request::Statement { text: "x".repeat(MOST_REQUEST_BYTES) };
        assert!(matches!(encode(&statement, MOST_REQUEST_BYTES), Err(FrameError::TooLong { .. })));
        for bytes in [&[][..], &[9], &[1, 255, 255, 255, 255, 255], &[1, 2, 0xff, 0xff]] {
            assert!(matches!(decode::<Request>(bytes), Err(FrameError::Message(_))), "{bytes:?}");
        }
    }
}
