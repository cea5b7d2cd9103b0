//! How a machine is reached.

use super::{Base64Text, HostKey, HostKeyError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The port of SSH, which is meant where none is given.
pub const DEFAULT_PORT: i64 = 22;

/// A Secret in the namespace of machine hooks' Secrets, which is the operator's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SecretReference {
    /// The Secret's name. Its keys are those of Kubernetes' own types of Secrets: `password` (`kubernetes.io/basic-auth`),
    /// `ssh-privatekey` (`kubernetes.io/ssh-auth`) with `passphrase`, and `username` where the spec has none.
    pub name: String,
}

impl SecretReference {
    /// The label that a Secret must have, with the value `true`, so that the operator reads it for a machine: nobody
    /// who may write Clusters gets at other Secrets by naming them.
    pub const LABEL: &str = "hookgate.dev/machine-credentials";
    /// The key of the user's name.
    pub const USERNAME: &str = "username";
    /// The key of the password.
    pub const PASSWORD: &str = "password";
    /// The key of the private key, in OpenSSH's format or PEM.
    pub const PRIVATE_KEY: &str = "ssh-privatekey";
    /// The key of the private key's passphrase.
    pub const PASSPHRASE: &str = "passphrase";
}

/// How a machine is reached, whichever kind it stands in.
#[derive(Clone, Copy, Debug)]
pub struct SshAccess<'a> {
    /// The machine's address.
    pub ip: &'a str,
    /// The port, as it is written.
    pub port: Option<i64>,
    /// The user; empty when it comes from the Secret.
    pub username: &'a str,
    /// The password.
    pub password: Option<&'a Base64Text>,
    /// The private key.
    pub private_key: Option<&'a Base64Text>,
    /// The private key's passphrase.
    pub pass_phrase: Option<&'a Base64Text>,
    /// The Secret that has them instead.
    pub secret: Option<&'a SecretReference>,
    /// The pinned host keys, as they are written.
    pub host_keys: &'a [String],
}

impl SshAccess<'_> {
    /// The port to connect to; `None` when the port is none that there is.
    pub fn port(&self) -> Option<u16> {
        u16::try_from(self.port.unwrap_or(DEFAULT_PORT)).ok().filter(|port| *port != 0)
    }

    /// What the machine is called in records, messages and tables: its address, and the port when it isn't 22.
    pub fn name(&self) -> String {
        address(self.ip, self.port.unwrap_or(DEFAULT_PORT))
    }

    /// The pinned host keys; empty when none is pinned, so that the first one seen is recorded.
    ///
    /// # Errors
    /// When one of them is no host key: none of them counts then.
    pub fn pinned(&self) -> Result<Vec<HostKey>, HostKeyError> {
        self.host_keys.iter().map(|key| key.parse()).collect()
    }
}

/// `10.0.0.9`, `10.0.0.9:2222`, `[fd00::9]:2222`.
pub fn address(ip: &str, port: i64) -> String {
    match ip.parse() {
        _ if port == DEFAULT_PORT => ip.to_owned(),
        Ok(IpAddr::V6(ip)) => format!("[{ip}]:{port}"),
        _ => format!("{ip}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_called_by_its_address() {
        assert_eq!(address("10.0.0.9", 22), "10.0.0.9");
        assert_eq!(address("10.0.0.9", 2222), "10.0.0.9:2222");
        assert_eq!(address("fd00::9", 22), "fd00::9");
        assert_eq!(address("fd00::9", 2222), "[fd00::9]:2222");
    }
}
