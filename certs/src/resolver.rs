//! What rustls asks for the certificate of each new connection, replaceable while serving.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::authority::Serving;

/// Holds the certificate that's served. Connections that are open keep theirs; each new one gets the latest.
#[derive(Debug, Default)]
pub struct ReloadingResolver {
    current: ArcSwapOption<CertifiedKey>,
}

impl ReloadingResolver {
    /// Serves this certificate from the next handshake on.
    ///
    /// # Errors
    /// When certificate and key don't belong together; the one before goes on being served.
    pub fn replace(&self, serving: &Serving) -> Result<(), rustls::Error> {
        self.current.store(Some(Arc::new(certified_key(serving)?)));
        Ok(())
    }

    /// The chain that's served, the serving certificate first; empty when there's none yet.
    #[must_use]
    pub fn chain(&self) -> Vec<rustls_pki_types::CertificateDer<'static>> {
        self.current.load().as_ref().map(|key| key.cert.clone()).unwrap_or_default()
    }
}

impl ResolvesServerCert for ReloadingResolver {
    fn resolve(&self, _client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.current.load_full()
    }
}

/// The certificate in the form that rustls signs with.
///
/// # Errors
/// When certificate and key don't belong together, or the key is of a kind that can't be used.
pub fn certified_key(serving: &Serving) -> Result<CertifiedKey, rustls::Error> {
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(serving.chain.clone(), serving.key.clone_key(), &provider)
}

/// TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1, no client certificate, the certificate from `resolver`.
///
/// # Errors
/// When the crypto provider offers none of these versions.
pub fn server_config(resolver: Arc<ReloadingResolver>) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
