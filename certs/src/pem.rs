//! PEM text to certificates and keys, and back.

use base64::Engine as _;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// PEM text that isn't what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// No block of the kind looked for.
    #[error("no PEM block \"{0}\" found")]
    Missing(&'static str),
    /// A block can't be read; the text names the cause, never the contents.
    #[error("broken PEM: {0}")]
    Broken(String),
}

/// Every certificate of the text, in order.
///
/// # Errors
/// When there is none, or a block can't be read.
pub fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let found = CertificateDer::pem_slice_iter(text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|cause| PemError::Broken(cause.to_string()))?;
    if found.is_empty() { Err(PemError::Missing("CERTIFICATE")) } else { Ok(found) }
}

/// The first private key of the text: PKCS#8, PKCS#1 or SEC1.
///
/// # Errors
/// When there is none, or the block can't be read.
pub fn private_key(text: &[u8]) -> Result<PrivateKeyDer<'static>, PemError> {
    PrivateKeyDer::from_pem_slice(text).map_err(|cause| match cause {
        rustls_pki_types::pem::Error::NoItemsFound => PemError::Missing("PRIVATE KEY"),
        other => PemError::Broken(other.to_string()),
    })
}

/// Certificates as PEM text, in order, each block ending with a newline.
#[must_use]
pub fn encode_certificates(certificates: &[CertificateDer<'_>]) -> String {
    certificates.iter().map(|certificate| encode("CERTIFICATE", certificate)).collect()
}

/// A PKCS#8 private key as PEM text.
#[must_use]
pub fn encode_private_key(pkcs8: &[u8]) -> String {
    encode("PRIVATE KEY", pkcs8)
}

/// One block in the form of RFC 7468: 64 characters a line.
fn encode(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let mut block = format!("-----BEGIN {label}-----\n");
    for (position, character) in text.chars().enumerate() {
        if position > 0 && position % 64 == 0 {
            block.push('\n');
        }
        block.push(character);
    }
    block.push_str(&format!("\n-----END {label}-----\n"));
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_survive_the_round_trip() {
        let both = [CertificateDer::from(vec![1_u8; 300]), CertificateDer::from(vec![2_u8; 48])];
        let text = encode_certificates(&both);
        assert!(text.lines().all(|line| line.len() <= 64), "{text}");
        assert_eq!(certificates(text.as_bytes()).unwrap(), both);
    }

    #[test]
    fn what_is_not_pem_is_named() {
        assert_eq!(certificates(b""), Err(PemError::Missing("CERTIFICATE")));
        assert_eq!(certificates(b"hello"), Err(PemError::Missing("CERTIFICATE")));
        assert!(matches!(
            certificates(b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"),
            Err(PemError::Broken(_))
        ));
        assert!(matches!(certificates(b"-----BEGIN CERTIFICATE-----\nAAAA\n"), Err(PemError::Broken(_))));
        assert!(matches!(private_key(b""), Err(PemError::Missing("PRIVATE KEY"))));
    }
}
