//! Which run is which.

use crate::agent::hex;
use hookgate_api::platform::HookType;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt;

/// What makes two runs the same: after one success it isn't run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// The UID of the Cluster or Machine object.
    pub owner: &'a str,
    /// The machine.
    pub machine: &'a str,
    /// The hook.
    pub hook: HookType,
    /// The version that the cluster is to have.
    pub target_version: &'a str,
    /// The digest of the script.
    pub digest: &'a str,
}

/// The name of an attempt, by which the machine knows it: 32 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RunId(String);

impl RunId {
    /// The name of an attempt, which counts from 1 and is written down at that time. Attempts are counted anew where a
    /// script is changed back or a version is wanted again: the time keeps a machine from answering with what was before.
    pub fn of(identity: &Identity<'_>, attempt: u32, written: Timestamp) -> Self {
        let Identity { owner, machine, hook, target_version, digest } = identity;
        let mut hash = Sha256::new();
        for part in [*owner, *machine, hook.as_str(), *target_version, *digest] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        hash.update(attempt.to_be_bytes());
        hash.update(written.as_nanosecond().to_be_bytes());
        Self(hex(&hash.finalize()).chars().take(32).collect())
    }

    /// A name that was written down; `None` for what can't be one.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        fits.then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_identity_and_the_attempt_makes_another_run() {
        let identity = Identity {
            owner: "u",
            machine: "10.0.0.9",
            hook: HookType::PreInstall,
            target_version: "1",
            digest: "d",
        };
        let others = [
            Identity { owner: "v", ..identity },
            Identity { machine: "10.0.0.8", ..identity },
            Identity { hook: HookType::PostInstall, ..identity },
            Identity { target_version: "2", ..identity },
            Identity { digest: "e", ..identity },
            // The same letters, divided in another place.
            Identity { target_version: "1d", digest: "", ..identity },
        ];
        let of = |identity: &Identity<'_>, attempt, second| {
            RunId::of(identity, attempt, Timestamp::from_second(second).unwrap())
        };
        let id = of(&identity, 1, 0);
        assert_eq!(id, of(&identity, 1, 0));
        assert_ne!(id, of(&identity, 2, 0));
        assert_ne!(id, of(&identity, 1, 1));
        for other in others {
            assert_ne!(id, of(&other, 1, 0), "{other:?}");
        }
        assert_eq!(RunId::parse(id.as_str()), Some(id));
        assert_eq!(RunId::parse("../../etc"), None);
    }
}
