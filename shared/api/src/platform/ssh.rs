//! How a machine is reached.

use super::{Base64Text, HostKey, HostKeyError, OtherFields};
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

/// How a machine is reached: a master in its Cluster, or a worker, whose Machine has the same fields in its spec.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterMachine {
    /// Its address.
    pub ip: String,
    /// The port of its SSH server: 1 to 65535, 22 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i64>,
    /// The user. It may come from the Secret instead.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub username: String,
    /// The user's password, in base64. Better in a Secret: whoever may read the object reads it here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Base64Text>,
    /// The user's private key, in base64. Better in a Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key: Option<Base64Text>,
    /// The private key's passphrase, in base64. Better in a Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass_phrase: Option<Base64Text>,
    /// The Secret with the password or private key, in the operator's namespace. Hookgate's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretReference>,
    /// The machine's host keys, as in known_hosts: it must have one of them. When absent, the key that it has when it is
    /// first reached is recorded, and must be its key from then on. Hookgate's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host_keys: Vec<String>,
    /// Fields that Hookgate has no use for.
    #[serde(flatten)]
    pub other: OtherFields,
}

impl ClusterMachine {
    /// The port to connect to; `None` when the port is none that there is.
    pub fn port(&self) -> Option<u16> {
        u16::try_from(self.port.unwrap_or(DEFAULT_PORT)).ok().filter(|port| *port != 0)
    }

    /// What the machine is called in records, messages and tables: its address, and the port when it isn't 22.
    pub fn name(&self) -> String {
        address(&self.ip, self.port.unwrap_or(DEFAULT_PORT))
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
        // An IPv6 address may be written in several ways.
        Ok(IpAddr::V6(ip)) if port == DEFAULT_PORT => ip.to_string(),
        Ok(IpAddr::V6(ip)) => format!("[{ip}]:{port}"),
        _ if port == DEFAULT_PORT => ip.to_owned(),
        _ => format!("{ip}:{port}"),
    }
}

/// The address in what [`address`] gives, without the port.
pub fn host_of(address: &str) -> &str {
    if let Some(rest) = address.strip_prefix('[') {
        return rest.split_once(']').map_or(rest, |(host, _)| host);
    }
    match address.split_once(':') {
        Some((host, port)) if !port.contains(':') => host,
        _ => address,
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
        assert_eq!(address("FD00:0:0::0009", 22), "fd00::9", "one machine has one name");
        assert_eq!(address("fd00::9", 2222), "[fd00::9]:2222");
        for (host, port) in
            [("10.0.0.9", 22), ("10.0.0.9", 2222), ("fd00::9", 22), ("fd00::9", 2222), ("host", 2222)]
        {
            assert_eq!(host_of(&address(host, port)), host);
        }
    }
}
