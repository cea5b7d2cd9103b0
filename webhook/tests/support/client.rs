//! An HTTPS client that, like the API server, trusts a bundle and asks for the Service's name.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A connection, and the certificate that it was shown.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    pub shown: CertificateDer<'static>,
}

/// Connects and shakes hands.
pub async fn tls(
    address: SocketAddr,
    roots: &[CertificateDer<'static>],
    name: &str,
) -> Result<TlsStream<TcpStream>, Failure> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(root.clone())?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(store)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    Ok(TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name.to_owned())?, stream).await?)
}

impl Connection {
    pub async fn open(
        address: SocketAddr,
        roots: &[CertificateDer<'static>],
        name: &str,
    ) -> Result<Self, Failure> {
        let stream = tls(address, roots, name).await?;
        let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let shown = certificates.first().ok_or("no certificate was shown")?.clone();
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, shown })
    }

    /// Posts a review and returns status and answer.
    pub async fn post(&mut self, path: &str, body: impl Into<Bytes>) -> Result<(StatusCode, Value), Failure> {
        let request = Request::post(path)
            .header("host", "hookgate-webhook")
            .header("content-type", "application/json")
            .body(Full::new(body.into()))?;
        self.sender.ready().await?;
        let (parts, body) = self.sender.send_request(request).await?.into_parts();
        Ok((parts.status, serde_json::from_slice(&body.collect().await?.to_bytes())?))
    }
}

/// GET over plain HTTP.
pub async fn get(address: SocketAddr, path: &str) -> Result<(StatusCode, String), Failure> {
    let (mut sender, connection) = handshake(TokioIo::new(TcpStream::connect(address).await?)).await?;
    tokio::spawn(connection);
    let request = Request::get(path).header("host", "hookgate-webhook").body(Full::<Bytes>::default())?;
    let response: Response<hyper::body::Incoming> = sender.send_request(request).await?;
    let (parts, body) = response.into_parts();
    Ok((parts.status, String::from_utf8(body.collect().await?.to_bytes().to_vec())?))
}
