//! Would a client that trusts this bundle accept this certificate?

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

/// Why a client would refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ChainError {
    /// Nothing to show.
    #[error("there is no serving certificate")]
    NoCertificate,
    /// A bundle without a usable certificate.
    #[error("the CA bundle is empty or can't be used: {0}")]
    Bundle(String),
    /// The server's name isn't a DNS name.
    #[error("\"{0}\" is not a DNS name")]
    ServerName(String),
    /// The client's own verdict.
    #[error("a client that asks for \"{server_name}\" would refuse the certificate: {cause}")]
    Refused {
        /// The name asked for.
        server_name: String,
        /// The verdict of rustls' verifier.
        cause: rustls::Error,
    },
}

/// Verifies as a TLS client does: chain, validity at `now`, purpose, and name.
///
/// # Errors
/// With the reason for which a client would refuse the connection.
pub fn verify_chain(
    chain: &[CertificateDer<'_>],
    bundle: &[CertificateDer<'_>],
    server_name: &str,
    now: Timestamp,
) -> Result<(), ChainError> {
    let Some((end_entity, intermediates)) = chain.split_first() else {
        return Err(ChainError::NoCertificate);
    };
    let mut roots = RootCertStore::empty();
    for certificate in bundle {
        roots.add(certificate.clone().into_owned()).map_err(|cause| ChainError::Bundle(cause.to_string()))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|cause| ChainError::Bundle(cause.to_string()))?;
    let name = ServerName::try_from(server_name.to_owned())
        .map_err(|_| ChainError::ServerName(server_name.to_owned()))?;
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    verifier
        .verify_server_cert(end_entity, intermediates, &name, &[], time)
        .map(|_| ())
        .map_err(|cause| ChainError::Refused { server_name: server_name.to_owned(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::{Authority, Serving, Validity};
    use jiff::SignedDuration;

    const NAME: &str = "hookgate-webhook.hookgate-system.svc";

    fn now() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    fn day() -> Validity {
        Validity::starting(now(), SignedDuration::from_hours(24), None).unwrap()
    }

    fn issued() -> (Authority, Serving) {
        let authority = Authority::generate(day()).unwrap();
        let serving = authority.issue(&[NAME.to_owned()], day()).unwrap();
        (authority, serving)
    }

    #[test]
    fn an_issued_certificate_is_accepted_also_among_other_authorities() {
        let (authority, serving) = issued();
        let (other, _) = issued();
        let bundle = [other.certificate().clone(), authority.certificate().clone()];
        verify_chain(&serving.chain, &bundle, NAME, now()).unwrap();
        verify_chain(&serving.chain, &bundle[1..], NAME, now()).unwrap();
    }

    #[test]
    fn each_reason_to_refuse_is_found() {
        let (authority, serving) = issued();
        let (other, _) = issued();
        let ours = [authority.certificate().clone()];
        let refused = |bundle: &[CertificateDer<'static>], name: &str, time: &str| {
            verify_chain(&serving.chain, bundle, name, time.parse().unwrap()).unwrap_err().to_string()
        };
        let time = "2026-01-01T00:00:00Z";
        // Both were made in the same second and bear the same name: only the signature tells them apart.
        assert!(refused(&[other.certificate().clone()], NAME, time).contains("BadSignature"));
        assert!(refused(&ours, "elsewhere.svc", time).contains("not valid for"));
        assert!(refused(&ours, NAME, "2026-01-02T00:00:01Z").contains("expired"));
        assert!(refused(&ours, NAME, "2025-12-31T23:54:59Z").contains("not valid yet"));
        assert!(refused(&ours, "not a name", time).contains("not a DNS name"));
        assert!(refused(&[], NAME, time).contains("bundle is empty"));
        assert_eq!(verify_chain(&[], &ours, NAME, now()), Err(ChainError::NoCertificate));
    }
}
