//! Host keys, as in `known_hosts`.

use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fmt, str::FromStr};

/// A machine's public key: its algorithm and the key itself.
///
/// It is read from `ssh-ed25519 AAAA…`, as in `/etc/ssh/ssh_host_ed25519_key.pub`, or from a line of `known_hosts`,
/// `10.0.0.9 ssh-ed25519 AAAA…`, as `ssh-keyscan` prints it. The names in such a line are not compared: the key stands
/// beside its machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostKey {
    algorithm: String,
    blob: Vec<u8>,
}

/// Why a text is no host key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostKeyError {
    /// There is no algorithm with a key behind it.
    #[error(
        "is not a host key: write `ALGORITHM KEY`, as `ssh-keyscan HOST` prints it behind the host's name"
    )]
    Form,
    /// `@cert-authority` and `@revoked` say something else than: this is the machine's key.
    #[error("begins with the marker {0}, which is not served: write the machine's own key")]
    Marker(String),
    /// The key isn't base64.
    #[error("has a key that is not base64: copy the whole line that `ssh-keyscan HOST` prints")]
    Base64,
    /// The key says that it is of another algorithm than the word before it.
    #[error("has a key that is not of the algorithm {0}: copy the whole line that `ssh-keyscan HOST` prints")]
    Algorithm(String),
}

impl HostKey {
    /// The algorithm: `ssh-ed25519` and so on.
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// The key in SSH's wire format (RFC 4253, section 6.6), beginning with the algorithm.
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.algorithm, STANDARD.encode(&self.blob))
    }
}

impl FromStr for HostKey {
    type Err = HostKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut words = text.split_whitespace();
        let first = words.next().ok_or(HostKeyError::Form)?;
        if first.starts_with('@') {
            return Err(HostKeyError::Marker(first.to_owned()));
        }
        let algorithm = if is_algorithm(first) {
            first
        } else {
            words.next().filter(|word| is_algorithm(word)).ok_or(HostKeyError::Form)?
        };
        let key = words.next().ok_or(HostKeyError::Form)?;
        let blob = STANDARD.decode(key).map_err(|_| HostKeyError::Base64)?;
        if name_of(&blob) != Some(algorithm.as_bytes()) {
            return Err(HostKeyError::Algorithm(algorithm.to_owned()));
        }
        Ok(Self { algorithm: algorithm.to_owned(), blob })
    }
}

/// Whether a word names an algorithm, rather than a host.
fn is_algorithm(word: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].iter().any(|beginning| word.starts_with(beginning))
}

/// The algorithm that a key in the wire format begins with: a length of four bytes and the name.
fn name_of(blob: &[u8]) -> Option<&[u8]> {
    let (length, rest) = blob.split_first_chunk::<4>()?;
    rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key of the right form; its bits are of no matter here.
    fn key() -> String {
        let mut blob = vec![0, 0, 0, 11];
        blob.extend_from_slice(b"ssh-ed25519");
        blob.extend_from_slice(&[0, 0, 0, 32]);
        blob.extend_from_slice(&[7; 32]);
        STANDARD.encode(blob)
    }

    #[test]
    fn a_public_key_and_a_line_of_known_hosts_are_the_same_key() {
        let key = key();
        let plain: HostKey = format!("ssh-ed25519 {key}").parse().unwrap();
        for text in [
            format!("ssh-ed25519 {key} root@master"),
            format!("10.0.0.9 ssh-ed25519 {key}"),
            format!("[10.0.0.9]:2222,master ssh-ed25519 {key} comment\n"),
            format!("|1|c2FsdA==|aGFzaA== ssh-ed25519 {key}"),
        ] {
            assert_eq!(text.parse::<HostKey>().unwrap(), plain, "{text}");
        }
        assert_eq!(plain.algorithm(), "ssh-ed25519");
        assert_eq!(plain.to_string(), format!("ssh-ed25519 {key}"));
    }

    #[test]
    fn what_is_no_key_is_refused_in_words() {
        let key = key();
        let error = |text: &str| text.parse::<HostKey>().unwrap_err().to_string();
        assert!(error("").contains("ssh-keyscan"));
        assert!(error("10.0.0.9").contains("ssh-keyscan"));
        assert!(error("ssh-ed25519").contains("ssh-keyscan"));
        assert!(error("ssh-ed25519 SHA256:abc").contains("not base64"));
        assert!(error(&format!("ssh-rsa {key}")).contains("not of the algorithm ssh-rsa"));
        assert!(error("ssh-ed25519 AAAA").contains("not of the algorithm"));
        assert!(error(&format!("@cert-authority * ssh-ed25519 {key}")).contains("@cert-authority"));
    }
}
