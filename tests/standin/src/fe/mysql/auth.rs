//! `mysql_native_password`.
//! See <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_native_password_authentication.html>.

use std::hash::{BuildHasher, Hasher, RandomState};

use sha1::{Digest, Sha1};

/// The length of the challenge, in bytes.
pub(super) const CHALLENGE: usize = 20;

/// What is kept of a password: `SHA1(SHA1(password))` in hexadecimal digits; empty for an empty password.
pub(crate) fn hash(password: &str) -> String {
    if password.is_empty() {
        return String::new();
    }
    hex(&Sha1::digest(Sha1::digest(password.as_bytes())))
}

/// Reads `*` and 40 hexadecimal digits, or an empty text, as SQL writes a hash.
pub(crate) fn parse_hash(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some(String::new());
    }
    let digits = text.strip_prefix('*')?;
    (digits.len() == 40).then_some(())?;
    unhex(digits)?;
    Some(digits.to_ascii_lowercase())
}

/// A challenge that nobody can foresee: printable, without `$` and zero bytes.
pub(super) fn challenge() -> [u8; CHALLENGE] {
    let mut bytes = [0; CHALLENGE];
    for chunk in bytes.chunks_mut(8) {
        let random = RandomState::new().build_hasher().finish().to_le_bytes();
        chunk.copy_from_slice(&random[..chunk.len()]);
    }
    bytes.map(|byte| b'A' + byte % 58)
}

/// Whether the answer to a challenge shows knowledge of the password.
pub(super) fn verify(kept: &str, challenge: &[u8], answer: &[u8]) -> bool {
    if kept.is_empty() || answer.is_empty() {
        return kept.is_empty() && answer.is_empty();
    }
    let Some(kept) = unhex(kept) else { return false };
    let mask = Sha1::new().chain_update(challenge).chain_update(&kept).finalize();
    if answer.len() != mask.len() {
        return false;
    }
    let once: Vec<u8> = answer.iter().zip(mask.iter()).map(|(a, m)| a ^ m).collect();
    Sha1::digest(once).as_slice() == kept.as_slice()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    (digits.len().is_multiple_of(2) && digits.is_ascii()).then_some(())?;
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a client computes it: SHA1(password) XOR SHA1(challenge + SHA1(SHA1(password))).
    fn answer(password: &str, challenge: &[u8]) -> Vec<u8> {
        let once = Sha1::digest(password.as_bytes());
        let mask = Sha1::new().chain_update(challenge).chain_update(Sha1::digest(once)).finalize();
        once.iter().zip(mask.iter()).map(|(a, b)| a ^ b).collect()
    }

    #[test]
    fn only_the_right_password_passes() {
        let challenge = challenge();
        let kept = hash("secret");
        assert!(verify(&kept, &challenge, &answer("secret", &challenge)));
        assert!(!verify(&kept, &challenge, &answer("Secret", &challenge)));
        assert!(!verify(&kept, &challenge, b""));
        assert!(!verify(&kept, &challenge, b"short"));
        assert!(verify("", &challenge, b""));
        assert!(
            !verify("", &challenge, &answer("secret", &challenge)),
            "as MySQL: a password where none is set"
        );
    }

    #[test]
    fn the_hash_is_mysqls() {
        // SELECT PASSWORD('secret') in MySQL 5.7.
        assert_eq!(parse_hash("*14E65567ABDB5135D0CFD9A70B3032C179A49EE7").unwrap(), hash("secret"));
        assert_eq!(parse_hash("14E65567ABDB5135D0CFD9A70B3032C179A49EE7"), None);
        assert_eq!(parse_hash("*xyz"), None);
    }
}
