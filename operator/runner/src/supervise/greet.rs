//! What the first process says before the function is called, and whether it is told to go on.

use super::{
    result::Outcome,
    run::{End, Order},
};
use crate::{gate::Gate, script, stage::StageReport};
use std::{fs::File, io::Write, os::fd::OwnedFd};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::unix::pipe,
};

/// What the first process and the supervisor had to say to each other.
pub(super) enum Greeting {
    /// Nothing yet, or it ended before.
    None,
    /// The function was called.
    Passed,
    /// The function isn't called.
    Refused(End),
}

/// The most that the first process may say.
const MOST_REPORT_BYTES: u64 = 1 << 20;

/// Hears what the sandbox is made of and which functions there are, and says whether to go on.
pub(super) async fn greet(order: &Order, report: OwnedFd, answer: OwnedFd, gate: &Gate) -> Greeting {
    let Ok(report) = pipe::Receiver::from_owned_fd(report) else { return Greeting::None };
    let mut lines = BufReader::new(report.take(MOST_REPORT_BYTES)).lines();
    let Ok(Some(line)) = lines.next_line().await else { return Greeting::None };
    match serde_json::from_str(&line) {
        Ok(StageReport::Ready(found)) => gate.sandboxed(found),
        Ok(StageReport::Insufficient(found)) => {
            let message = format!(
                "the policy requires a sandbox that this node's kernel can't make whole ({}): use a node with Linux \
                 6.12 or later, or set requireSandbox: false in the HookPolicy",
                found.missing.join("; ")
            );
            gate.sandboxed(found);
            return Greeting::Refused(End::new(Outcome::SandboxInsufficient, message));
        }
        Ok(StageReport::Failed(error)) => {
            let message = format!("the sandbox can't be put on: {error}");
            return Greeting::Refused(End::new(Outcome::NotStarted, message));
        }
        Err(error) => {
            let message = format!("the stage said something that can't be read: {error}");
            return Greeting::Refused(End::new(Outcome::NotStarted, message));
        }
    }
    let mut declared = Vec::new();
    loop {
        match lines.next_line().await {
            Ok(Some(line)) if line == "." => break,
            Ok(Some(line)) => declared.push(line),
            Ok(None) | Err(_) => return Greeting::None,
        }
    }
    if let Err(message) = script::compare(&declared, &order.functions, &order.identity.phase) {
        return Greeting::Refused(End::new(Outcome::FunctionsDiffer, message));
    }
    // Whoever doesn't listen any more has ended, and how is known by that.
    let _ended = File::from(answer).write_all(b"go\n");
    Greeting::Passed
}
