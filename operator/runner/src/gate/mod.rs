//! The SQL gate: the only way from a hook to the database.
//!
//! The hook's `mysql` hands each statement to the supervisor, which checks it by the rules of admission, writes it to the
//! audit, and only then sends it. The password never enters the sandbox.

mod judge;
mod protocol;
mod server;

pub use judge::{Judge, JudgeError, NamedRules, Refusal};
pub use protocol::{
    Column, Connect, FrameError, GATE_DESCRIPTOR, GateError, MOST_REPLY_BYTES, MOST_REQUEST_BYTES, Reply,
    Request, decode, encode, length, receive, send,
};
pub use server::{Counts, Gate, accept};
