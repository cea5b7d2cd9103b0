//! The Secret in which authority and serving certificate are kept, and what of it can be used.
//!
//! | key | content |
//! |---|---|
//! | `tls.crt`, `tls.key` | serving certificate and its key, as in every `kubernetes.io/tls` Secret |
//! | `ca.crt` | the bundle that clients are to trust: the signing authority first, then those it replaced |
//! | `ca.key` | the signing authority's key |

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use rustls_pki_types::CertificateDer;

use crate::authority::{Authority, AuthorityError, Serving};
use crate::names::{CA_BUNDLE, CA_KEY, TLS_CERTIFICATE, TLS_KEY};
use crate::pem::{self, PemError};

/// A part of the Secret that can't be used. The text names the key, never its value.
#[derive(Debug, thiserror::Error)]
pub enum ContentsError {
    /// The key is absent or empty.
    #[error("key \"{0}\" is missing or empty")]
    Missing(&'static str),
    /// The key doesn't hold PEM of the right kind.
    #[error("key \"{key}\": {cause}")]
    Pem {
        /// Key of the Secret.
        key: &'static str,
        /// What is wrong with it.
        cause: PemError,
    },
    /// The key isn't text.
    #[error("key \"{0}\" is not UTF-8 text")]
    NotText(&'static str),
    /// Authority's key and certificates don't make an authority.
    #[error("keys \"ca.crt\" and \"ca.key\": {0}")]
    Authority(#[source] AuthorityError),
    /// Serving certificate and key don't belong together, or are of a kind that can't be served.
    #[error("keys \"tls.crt\" and \"tls.key\": {0}")]
    Serving(#[source] rustls::Error),
}

/// What of the Secret can be used.
#[derive(Debug)]
pub struct Contents {
    /// The bundle; empty when it can't be read (then `authority` says why).
    pub bundle: Vec<CertificateDer<'static>>,
    /// The signing authority.
    pub authority: Result<Authority, ContentsError>,
    /// The serving certificate.
    pub serving: Result<Serving, ContentsError>,
}

impl Contents {
    /// Reads every part by itself, so that damage in one of them doesn't hide the others.
    #[must_use]
    pub fn read(data: &BTreeMap<String, ByteString>) -> Self {
        let bundle = certificates(data, CA_BUNDLE);
        let serving = read_serving(data);
        match bundle {
            Ok(bundle) => {
                let authority = read_authority(data, &bundle);
                Self { bundle, authority, serving }
            }
            Err(cause) => Self { bundle: Vec::new(), authority: Err(cause), serving },
        }
    }

    /// Whether a Secret holds nothing yet: no data, or only empty values, as one created ahead of us.
    #[must_use]
    pub fn is_empty(data: &BTreeMap<String, ByteString>) -> bool {
        data.values().all(|value| value.0.is_empty())
    }
}

/// Everything that goes into the Secret.
#[derive(Debug)]
pub struct Material {
    /// The bundle; the signing authority's certificate first.
    pub bundle: Vec<CertificateDer<'static>>,
    /// PEM key of the signing authority.
    pub authority_key: String,
    /// The serving certificate.
    pub serving: Serving,
}

impl Material {
    /// As the Secret's data.
    #[must_use]
    pub fn to_data(&self) -> BTreeMap<String, ByteString> {
        let text = |text: String| ByteString(text.into_bytes());
        BTreeMap::from([
            (TLS_CERTIFICATE.to_owned(), text(pem::encode_certificates(&self.serving.chain))),
            (TLS_KEY.to_owned(), text(pem::encode_private_key(self.serving.key.secret_der()))),
            (CA_BUNDLE.to_owned(), text(pem::encode_certificates(&self.bundle))),
            (CA_KEY.to_owned(), text(self.authority_key.clone())),
        ])
    }
}

fn value<'a>(data: &'a BTreeMap<String, ByteString>, key: &'static str) -> Result<&'a [u8], ContentsError> {
    match data.get(key) {
        Some(value) if !value.0.is_empty() => Ok(&value.0),
        _ => Err(ContentsError::Missing(key)),
    }
}

fn certificates(
    data: &BTreeMap<String, ByteString>,
    key: &'static str,
) -> Result<Vec<CertificateDer<'static>>, ContentsError> {
    pem::certificates(value(data, key)?).map_err(|cause| ContentsError::Pem { key, cause })
}

fn read_authority(
    data: &BTreeMap<String, ByteString>,
    bundle: &[CertificateDer<'static>],
) -> Result<Authority, ContentsError> {
    let key = std::str::from_utf8(value(data, CA_KEY)?).map_err(|_| ContentsError::NotText(CA_KEY))?;
    Authority::from_parts(bundle, key).map_err(ContentsError::Authority)
}

fn read_serving(data: &BTreeMap<String, ByteString>) -> Result<Serving, ContentsError> {
    serving_from_pem(value(data, TLS_CERTIFICATE)?, value(data, TLS_KEY)?)
}

/// A serving certificate from PEM texts; certificate and key must belong together.
///
/// # Errors
/// When one can't be read, or they don't belong together.
pub fn serving_from_pem(certificate: &[u8], key: &[u8]) -> Result<Serving, ContentsError> {
    let chain =
        pem::certificates(certificate).map_err(|cause| ContentsError::Pem { key: TLS_CERTIFICATE, cause })?;
    let key = pem::private_key(key).map_err(|cause| ContentsError::Pem { key: TLS_KEY, cause })?;
    let serving = Serving { chain, key };
    crate::resolver::certified_key(&serving).map_err(ContentsError::Serving)?;
    Ok(serving)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::authority::Validity;
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;

    pub(crate) fn material(now: Timestamp) -> Material {
        let validity = Validity::starting(now, SignedDuration::from_hours(24), None).unwrap();
        let authority = Authority::generate(validity).unwrap();
        let serving = authority.issue(&["a.b.svc".to_owned()], validity).unwrap();
        Material {
            bundle: vec![authority.certificate().clone()],
            authority_key: authority.key_pem(),
            serving,
        }
    }

    fn data() -> BTreeMap<String, ByteString> {
        material("2026-01-01T00:00:00Z".parse().unwrap()).to_data()
    }

    #[test]
    fn what_was_written_is_read() {
        let contents = Contents::read(&data());
        assert_eq!(contents.bundle.len(), 1);
        assert_eq!(contents.authority.unwrap().certificate(), &contents.bundle[0]);
        assert_eq!(contents.serving.unwrap().chain.len(), 1);
    }

    #[test]
    fn damage_in_one_part_leaves_the_others_and_is_named() {
        for (key, damage, authority_lives, serving_lives) in [
            (TLS_CERTIFICATE, "", true, false),
            (TLS_CERTIFICATE, "not a certificate", true, false),
            (TLS_KEY, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", true, false),
            (CA_BUNDLE, "garbage", false, true),
            (CA_KEY, "garbage", false, true),
        ] {
            let mut data = data();
            data.insert(key.to_owned(), ByteString(damage.as_bytes().to_vec()));
            let contents = Contents::read(&data);
            assert_eq!(contents.authority.is_ok(), authority_lives, "{key}={damage}");
            assert_eq!(contents.serving.is_ok(), serving_lives, "{key}={damage}");
            let text = contents.authority.err().or(contents.serving.err()).unwrap().to_string();
            assert!(text.contains(key), "{text}");
        }
    }

    #[test]
    fn a_key_of_another_certificate_is_found_out() {
        let mut mixed = data();
        mixed.insert(TLS_KEY.to_owned(), data().remove(TLS_KEY).unwrap());
        let cause = Contents::read(&mixed).serving.unwrap_err().to_string();
        assert!(cause.contains("tls.crt"), "{cause}");
    }

    #[test]
    fn a_private_key_never_shows_in_an_error() {
        let mut data = data();
        let secret = "c2VjcmV0LXNlY3JldA==";
        data.insert(
            TLS_KEY.to_owned(),
            ByteString(format!("-----BEGIN PRIVATE KEY-----\n{secret}").into_bytes()),
        );
        data.insert(
            CA_KEY.to_owned(),
            ByteString(format!("-----BEGIN PRIVATE KEY-----\n{secret}").into_bytes()),
        );
        let contents = Contents::read(&data);
        let text = format!("{:?} {:?}", contents.authority.unwrap_err(), contents.serving.unwrap_err());
        assert!(!text.contains(secret), "{text}");
    }

    #[test]
    fn a_secret_created_ahead_of_us_is_empty() {
        assert!(Contents::is_empty(&BTreeMap::new()));
        assert!(Contents::is_empty(&BTreeMap::from([(TLS_KEY.to_owned(), ByteString(vec![]))])));
        assert!(!Contents::is_empty(&data()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 4)) {
            let keys = [TLS_CERTIFICATE, TLS_KEY, CA_BUNDLE, CA_KEY];
            let data = keys.into_iter().zip(parts).map(|(key, part)| (key.to_owned(), ByteString(part))).collect();
            let contents = Contents::read(&data);
            prop_assert!(contents.authority.is_err() && contents.serving.is_err());
        }

        #[test]
        fn one_flipped_byte_is_read_without_panic(key in 0..4_usize, position in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let mut data = data();
            let name = [TLS_CERTIFICATE, TLS_KEY, CA_BUNDLE, CA_KEY][key];
            let bytes = &mut data.get_mut(name).unwrap().0;
            let at = position.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let _ = Contents::read(&data);
        }
    }
}
