//! The own certificate authority, and the serving certificates that it issues (ECDSA on P-256).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PublicKeyData as _,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::facts::{CertificateFacts, FactsError};

/// Certificates begin this much before they're made, for clients whose clocks are behind.
pub const BACKDATE: SignedDuration = SignedDuration::from_mins(5);

/// Something that can't be issued or put together.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// Key generation or signing.
    #[error("certificate can't be made")]
    Rcgen(#[from] rcgen::Error),
    /// The authority's certificate can't be read.
    #[error("authority's certificate")]
    Facts(#[from] FactsError),
    /// The certificate isn't one of an authority.
    #[error("certificate \"{0}\" is not a certificate authority's")]
    NotAnAuthority(String),
    /// No certificate of the bundle belongs to the key.
    #[error("no certificate of the bundle belongs to the authority's private key")]
    KeyMismatch,
    /// A time that can't be written into a certificate.
    #[error("validity out of range")]
    Validity(#[from] jiff::Error),
    /// A time before 1970 or otherwise not to be written.
    #[error("the time {0} can't be written into a certificate; is this node's clock set?")]
    Clock(Timestamp),
}

/// From when to when a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First second.
    pub not_before: Timestamp,
    /// Last second.
    pub not_after: Timestamp,
}

impl Validity {
    /// `lifetime` from `now` on, begun [`BACKDATE`] earlier, ending no later than `limit`.
    ///
    /// # Errors
    /// When the sum is out of range.
    pub fn starting(
        now: Timestamp,
        lifetime: SignedDuration,
        limit: Option<Timestamp>,
    ) -> Result<Self, AuthorityError> {
        let end = now.checked_add(lifetime)?;
        Ok(Self {
            not_before: now.checked_sub(BACKDATE)?,
            not_after: limit.map_or(end, |limit| end.min(limit)),
        })
    }
}

/// A serving certificate with its key.
#[derive(Debug)]
pub struct Serving {
    /// The certificate, then intermediates if there are any.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its private key.
    pub key: PrivateKeyDer<'static>,
}

impl Clone for Serving {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}

/// A certificate authority that can sign.
#[derive(Debug)]
pub struct Authority {
    certificate: CertificateDer<'static>,
    facts: CertificateFacts,
    key: KeyPair,
}

impl Authority {
    /// A self-signed authority. Its subject carries the time it was made, so that the old and the new one can be
    /// told apart during a rotation.
    ///
    /// # Errors
    /// When key or certificate can't be made.
    pub fn generate(validity: Validity) -> Result<Self, AuthorityError> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let mut parameters = CertificateParams::new(Vec::new())?;
        parameters.distinguished_name = common_name(&format!("Hookgate webhook CA {}", validity.not_before));
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        parameters.key_usages =
            vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
        set_validity(&mut parameters, validity)?;
        let certificate = CertificateDer::from(parameters.self_signed(&key)?);
        let facts = CertificateFacts::read(&certificate)?;
        Ok(Self { certificate, facts, key })
    }

    /// An authority from its PEM key and the certificate of the bundle that belongs to this key.
    ///
    /// # Errors
    /// When the key can't be read, or none of the certificates belongs to it or is an authority's.
    pub fn from_parts(bundle: &[CertificateDer<'static>], key_pem: &str) -> Result<Self, AuthorityError> {
        let key = KeyPair::from_pem(key_pem)?;
        let public_key = key.subject_public_key_info();
        for certificate in bundle {
            let facts = CertificateFacts::read(certificate)?;
            if facts.public_key != public_key {
                continue;
            }
            if !facts.is_authority {
                return Err(AuthorityError::NotAnAuthority(facts.subject));
            }
            return Ok(Self { certificate: certificate.clone(), facts, key });
        }
        Err(AuthorityError::KeyMismatch)
    }

    /// A serving certificate for these DNS names, with a key of its own. It never outlives the authority.
    ///
    /// # Errors
    /// When a name can't be written into a certificate, or key or certificate can't be made.
    pub fn issue(&self, dns_names: &[String], validity: Validity) -> Result<Serving, AuthorityError> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let mut parameters = CertificateParams::new(dns_names.to_vec())?;
        parameters.distinguished_name =
            common_name(dns_names.first().map_or("hookgate-webhook", |name| clip(name, MAX_COMMON_NAME)));
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.use_authority_key_identifier_extension = true;
        let not_after = validity.not_after.min(self.facts.not_after);
        set_validity(&mut parameters, Validity { not_after, ..validity })?;
        let issuer = Issuer::from_ca_cert_der(&self.certificate, &self.key)?;
        let certificate = CertificateDer::from(parameters.signed_by(&key, &issuer)?);
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Serving { chain: vec![certificate], key })
    }

    /// Its certificate.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// What its certificate says.
    #[must_use]
    pub fn facts(&self) -> &CertificateFacts {
        &self.facts
    }

    /// Its private key as PEM, for the Secret. Not to be logged.
    #[must_use]
    pub fn key_pem(&self) -> String {
        crate::pem::encode_private_key(self.key.serialized_der())
    }
}

/// Upper bound of a common name (ub-common-name, RFC 5280 appendix A.1).
const MAX_COMMON_NAME: usize = 64;

fn clip(name: &str, limit: usize) -> &str {
    name.get(..limit).unwrap_or(name)
}

fn common_name(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}

fn set_validity(parameters: &mut CertificateParams, validity: Validity) -> Result<(), AuthorityError> {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let since_epoch = |time: Timestamp| {
        u64::try_from(time.as_second()).map(Duration::from_secs).map_err(|_| AuthorityError::Clock(time))
    };
    parameters.not_before = epoch + since_epoch(validity.not_before)?;
    parameters.not_after = epoch + since_epoch(validity.not_after)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn year(now: Timestamp) -> Validity {
        Validity::starting(now, SignedDuration::from_hours(24 * 365), None).unwrap()
    }

    #[test]
    fn an_issued_certificate_says_what_was_asked() {
        let now = at("2026-01-01T00:00:00Z");
        let authority = Authority::generate(year(now)).unwrap();
        assert!(authority.facts().is_authority);
        let validity = Validity::starting(now, SignedDuration::from_hours(24), None).unwrap();
        let names = vec!["a.b.svc".to_owned(), "a".to_owned()];
        let serving = authority.issue(&names, validity).unwrap();
        let facts = CertificateFacts::read(&serving.chain[0]).unwrap();
        assert_eq!(facts.dns_names, names);
        assert!(!facts.is_authority);
        assert_eq!(facts.not_before, at("2025-12-31T23:55:00Z"));
        assert_eq!(facts.not_after, at("2026-01-02T00:00:00Z"));
    }

    #[test]
    fn a_serving_certificate_never_outlives_its_authority() {
        let now = at("2026-01-01T00:00:00Z");
        let authority =
            Authority::generate(Validity::starting(now, SignedDuration::from_hours(2), None).unwrap())
                .unwrap();
        let serving = authority.issue(&["a".to_owned()], year(now)).unwrap();
        let facts = CertificateFacts::read(&serving.chain[0]).unwrap();
        assert_eq!(facts.not_after, authority.facts().not_after);
    }

    #[test]
    fn an_authority_is_found_in_a_bundle_by_its_key() {
        let now = at("2026-01-01T00:00:00Z");
        let (old, new) = (Authority::generate(year(now)).unwrap(), Authority::generate(year(now)).unwrap());
        let bundle = [old.certificate().clone(), new.certificate().clone()];
        let found = Authority::from_parts(&bundle, &new.key_pem()).unwrap();
        assert_eq!(found.certificate(), new.certificate());
        let stranger = Authority::generate(year(now)).unwrap();
        assert!(matches!(
            Authority::from_parts(&bundle, &stranger.key_pem()),
            Err(AuthorityError::KeyMismatch)
        ));
    }

    #[test]
    fn a_serving_certificate_is_no_authority() {
        let now = at("2026-01-01T00:00:00Z");
        let authority = Authority::generate(year(now)).unwrap();
        let serving = authority.issue(&["a".to_owned()], year(now)).unwrap();
        let key = crate::pem::encode_private_key(serving.key.secret_der());
        assert!(matches!(
            Authority::from_parts(&serving.chain, &key),
            Err(AuthorityError::NotAnAuthority(_))
        ));
    }

    #[test]
    fn long_names_and_unset_clocks_are_handled() {
        let now = at("2026-01-01T00:00:00Z");
        let authority = Authority::generate(year(now)).unwrap();
        let long = format!("{}.{}.svc", "a".repeat(63), "b".repeat(63));
        let serving = authority.issue(std::slice::from_ref(&long), year(now)).unwrap();
        assert_eq!(CertificateFacts::read(&serving.chain[0]).unwrap().dns_names, [long]);
        let unset = year(at("1970-01-01T00:00:00Z"));
        let refused = Authority::generate(unset).unwrap_err();
        assert!(refused.to_string().contains("clock"), "{refused}");
    }
}
