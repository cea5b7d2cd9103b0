//! Whether a machine is the one that it was.

use hookgate_api::platform::HostKey;
use russh::keys::PublicKeyOrCertificate;
use russh::{
    Preferred,
    client::Handler,
    keys::{Algorithm, HashAlg, PublicKey},
};
use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

/// Looks at the key that a machine shows.
pub(super) struct HostKeyCheck {
    /// The keys of which it must have one; empty for any.
    pub(super) expected: Vec<HostKey>,
    /// The key that it has shown.
    pub(super) shown: Arc<OnceLock<HostKey>>,
}

impl Handler for HostKeyCheck {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else { return Ok(false) };
        let Some(key) = host_key(key) else { return Ok(false) };
        let accepted = self.expected.is_empty() || self.expected.contains(&key);
        let _first_stays = self.shown.set(key);
        Ok(accepted)
    }
}

fn host_key(key: &PublicKey) -> Option<HostKey> {
    key.to_openssh().ok()?.parse().ok()
}

/// The fingerprint of a key, as `ssh-keygen -l` prints it.
pub(super) fn fingerprint(key: &HostKey) -> String {
    match PublicKey::from_openssh(&key.to_string()) {
        Ok(read) => format!("{} {}", read.fingerprint(HashAlg::Sha256), key.algorithm()),
        Err(_) => key.to_string(),
    }
}

/// The algorithms to offer: only those of the expected keys, for a machine that has several keys shows the one that is
/// asked for.
pub(super) fn preferred(expected: &[HostKey]) -> Preferred {
    let of_expected = |algorithm: &Algorithm| {
        expected
            .iter()
            .any(|key| key.algorithm().parse::<Algorithm>().is_ok_and(|key| same_kind(&key, algorithm)))
    };
    let all = Preferred::DEFAULT;
    if expected.is_empty() {
        return all;
    }
    let key: Vec<Algorithm> = all.key.iter().filter(|algorithm| of_expected(algorithm)).cloned().collect();
    if key.is_empty() { all } else { Preferred { key: Cow::Owned(key), ..all } }
}

/// RSA keys are signed with in several ways and are the same keys.
fn same_kind(one: &Algorithm, other: &Algorithm) -> bool {
    match (one, other) {
        (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }) => true,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_algorithms_of_expected_keys_are_offered() {
        assert_eq!(preferred(&[]).key, Preferred::DEFAULT.key);
        let key: HostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ"
            .parse()
            .unwrap();
        assert_eq!(preferred(std::slice::from_ref(&key)).key.as_ref(), [Algorithm::Ed25519]);
        assert!(fingerprint(&key).starts_with("SHA256:"));
        assert!(same_kind(&Algorithm::Rsa { hash: None }, &Algorithm::Rsa { hash: Some(HashAlg::Sha512) }));
    }
}
