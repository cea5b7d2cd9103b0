//! Connections to machines.

mod connect;
mod credentials;
mod execute;
mod host_key;
mod pool;

pub use connect::{Connection, ConnectionError};
pub use credentials::{Credentials, CredentialsError};
pub use execute::{ExecuteError, Executed, MAX_OUTPUT};
pub use pool::Pool;

use hookgate_api::platform::HostKey;
use std::time::Duration;

/// Where a machine is, and how it is entered.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its address: an IP address or a name.
    pub host: String,
    /// The port of its SSH server.
    pub port: u16,
    /// The user.
    pub user: String,
    /// How the user is known.
    pub credentials: Credentials,
    /// The host keys of which the machine must have one: pinned ones, or the one that was recorded. Empty accepts any,
    /// for the first connection.
    pub host_keys: Vec<HostKey>,
}

/// How long is waited for a machine.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until it's connected and the user is known.
    pub connect: Duration,
    /// Until a command of the agent has ended, those that run hooks excepted: they are started and then asked for.
    pub command: Duration,
    /// How often a silent machine is asked whether it's still there. After three times without an answer it isn't.
    pub keep_alive: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(60),
            command: Duration::from_secs(120),
            keep_alive: Duration::from_secs(10),
        }
    }
}
