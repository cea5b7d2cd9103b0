//! How a user is known to a machine.

use crate::text::Masks;
use russh::keys::{PrivateKey, decode_secret_key};
use sha2::{Digest, Sha256};
use std::{fmt, sync::Arc};

/// Why credentials can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// There is neither a password nor a key.
    #[error("there is neither a password nor a private key")]
    None,
    /// The private key can't be read.
    #[error(
        "the private key can't be read: {0}. It is expected in OpenSSH's format or as PEM; the passphrase, if it has one, beside it"
    )]
    Key(#[source] russh::keys::Error),
}

/// A password, a private key, or both: the key is tried first. Neither can be printed.
#[derive(Clone)]
pub struct Credentials {
    password: Option<String>,
    key: Option<Arc<PrivateKey>>,
    masks: Masks,
    digest: [u8; 32],
}

impl Credentials {
    /// Reads the private key, which is decrypted here.
    ///
    /// # Errors
    /// When there is nothing, or the key isn't one, or the passphrase is wrong or missing.
    pub fn new(
        password: Option<&str>,
        private_key: Option<&str>,
        passphrase: Option<&str>,
    ) -> Result<Self, CredentialsError> {
        let [password, private_key, passphrase] =
            [password, private_key, passphrase].map(|text| text.filter(|text| !text.is_empty()));
        let key = private_key.map(|text| decode_secret_key(text, passphrase)).transpose();
        let key = key.map_err(CredentialsError::Key)?.map(Arc::new);
        if password.is_none() && key.is_none() {
            return Err(CredentialsError::None);
        }
        let secrets = [password, private_key, passphrase];
        let mut digest = Sha256::new();
        for secret in secrets {
            digest.update(Sha256::digest(secret.unwrap_or_default()));
        }
        Ok(Self {
            password: password.map(str::to_owned),
            key,
            // The first and last line of a key are no secret, and no line of a log that has them is lost.
            masks: Masks::new(
                secrets.into_iter().flatten().flat_map(str::lines).filter(|line| !line.starts_with("-----")),
            ),
            digest: digest.finalize().into(),
        })
    }

    /// The password.
    pub(super) fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// The private key.
    pub(super) fn key(&self) -> Option<Arc<PrivateKey>> {
        self.key.clone()
    }

    /// What is to be masked in everything that comes from the machine.
    pub fn masks(&self) -> &Masks {
        &self.masks
    }

    /// Tells credentials apart without holding them.
    pub(super) fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = (self.password.is_some(), self.key.is_some());
        write!(formatter, "Credentials {{ password: {}, key: {} }}", kinds.0, kinds.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_what_is_no_key_is_refused_and_nothing_is_printed() {
        assert!(matches!(Credentials::new(None, Some(""), None), Err(CredentialsError::None)));
        let error = Credentials::new(None, Some("c2VjcmV0"), None).unwrap_err().to_string();
        assert!(error.contains("OpenSSH's format") && !error.contains("c2VjcmV0"), "{error}");
        let credentials = Credentials::new(Some("hunter22"), None, None).unwrap();
        assert_eq!(format!("{credentials:?}"), "Credentials { password: true, key: false }");
        assert_eq!(credentials.masks().apply("it's hunter22".to_owned()), "it's ********");
    }
}
