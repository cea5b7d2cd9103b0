//! What a certificate says of itself.

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A certificate that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// Not an X.509 certificate.
    #[error("not an X.509 certificate: {0}")]
    NotX509(String),
    /// A time outside of what a timestamp can hold.
    #[error("validity out of range: {0}")]
    Validity(String),
}

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Subject, as text.
    pub subject: String,
    /// First second in which it's valid.
    pub not_before: Timestamp,
    /// Last second in which it's valid.
    pub not_after: Timestamp,
    /// DNS names among its subject alternative names.
    pub dns_names: Vec<String>,
    /// Whether it may sign certificates.
    pub is_authority: bool,
    /// SubjectPublicKeyInfo, DER.
    pub public_key: Vec<u8>,
}

impl CertificateFacts {
    /// Reads a certificate.
    ///
    /// # Errors
    /// When it isn't one.
    pub fn read(certificate: &CertificateDer<'_>) -> Result<Self, FactsError> {
        let (_, parsed) =
            X509Certificate::from_der(certificate).map_err(|cause| FactsError::NotX509(cause.to_string()))?;
        let dns_names = match parsed.subject_alternative_name() {
            Ok(Some(names)) => names
                .value
                .general_names
                .iter()
                .filter_map(|name| match name {
                    GeneralName::DNSName(dns) => Some((*dns).to_owned()),
                    _ => None,
                })
                .collect(),
            Ok(None) => Vec::new(),
            Err(cause) => return Err(FactsError::NotX509(cause.to_string())),
        };
        Ok(Self {
            subject: parsed.subject().to_string(),
            not_before: timestamp(parsed.validity().not_before.timestamp())?,
            not_after: timestamp(parsed.validity().not_after.timestamp())?,
            dns_names,
            is_authority: parsed.is_ca(),
            public_key: parsed.public_key().raw.to_vec(),
        })
    }

    /// Whether `now` lies within its validity.
    #[must_use]
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// When it's due for renewal: after two thirds of its lifetime, as cert-manager's default
    /// (<https://cert-manager.io/docs/usage/certificate/#reissuance-triggered-by-expiry-renewal>).
    #[must_use]
    pub fn renewal_time(&self) -> Timestamp {
        let lifetime = self.not_after.as_second().saturating_sub(self.not_before.as_second()).max(0);
        let due = self.not_before.as_second().saturating_add(lifetime / 3 * 2);
        Timestamp::from_second(due).unwrap_or(self.not_after)
    }
}

fn timestamp(seconds: i64) -> Result<Timestamp, FactsError> {
    Timestamp::from_second(seconds).map_err(|cause| FactsError::Validity(cause.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(not_before: i64, not_after: i64) -> CertificateFacts {
        CertificateFacts {
            subject: String::new(),
            not_before: Timestamp::from_second(not_before).unwrap(),
            not_after: Timestamp::from_second(not_after).unwrap(),
            dns_names: vec![],
            is_authority: false,
            public_key: vec![],
        }
    }

    #[test]
    fn renewal_is_due_after_two_thirds() {
        assert_eq!(facts(0, 900).renewal_time().as_second(), 600);
        assert_eq!(facts(300, 300).renewal_time().as_second(), 300);
    }

    #[test]
    fn a_reversed_validity_is_due_at_once_and_never_valid() {
        let reversed = facts(900, 0);
        assert_eq!(reversed.renewal_time().as_second(), 900);
        assert!(!reversed.is_valid_at(Timestamp::from_second(500).unwrap()));
    }

    #[test]
    fn validity_includes_both_ends() {
        let some = facts(100, 200);
        for (now, valid) in [(99, false), (100, true), (200, true), (201, false)] {
            assert_eq!(some.is_valid_at(Timestamp::from_second(now).unwrap()), valid, "at {now}");
        }
    }

    #[test]
    fn what_is_not_a_certificate_is_an_error() {
        let damaged = CertificateDer::from(vec![0x30, 0x03, 1, 2, 3]);
        assert!(matches!(CertificateFacts::read(&damaged), Err(FactsError::NotX509(_))));
    }
}
