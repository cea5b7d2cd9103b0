//! The sockets: TLS for reviews, plain HTTP for health and metrics.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hookgate_certs::resolver::{ReloadingResolver, server_config};

use super::guard::{GuardAcceptor, IDLE_TIMEOUT};

/// A TLS handshake has to be done within this time.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// The head of a request has to arrive within this time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// HTTP/2: a client that doesn't answer a ping is gone.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// HTTP/2: reviews at a time on one connection. The API server sends all of its reviews over few connections.
const MAX_STREAMS: u32 = 250;

/// A server that can't run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address can't be listened on.
    #[error("can't listen on {address}; is something else listening there?")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// TLS can't be set up.
    #[error("TLS can't be set up")]
    Tls(#[from] rustls::Error),
    /// The server ended.
    #[error("the {which} server ended")]
    Serve {
        /// Which.
        which: &'static str,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
}

/// Listens, so that a port in use is found out before anything else is done. Returns also the address, which tells the
/// port if 0 was asked for.
///
/// # Errors
/// When the address can't be listened on.
pub fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServerError> {
    let failed = |cause| ServerError::Listen { address, cause };
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Serves reviews over TLS until `handle` ends it.
///
/// # Errors
/// When TLS can't be set up or the listener fails.
pub async fn serve_reviews(
    listener: TcpListener,
    router: Router,
    resolver: Arc<ReloadingResolver>,
    connections: usize,
    handle: Handle<SocketAddr>,
) -> Result<(), ServerError> {
    let config = RustlsConfig::from_config(Arc::new(server_config(resolver)?));
    let acceptor = RustlsAcceptor::new(config)
        .handshake_timeout(HANDSHAKE_TIMEOUT)
        .acceptor(GuardAcceptor::new(connections, IDLE_TIMEOUT));
    let failed = |cause| ServerError::Serve { which: "review", cause };
    let mut server = axum_server::from_tcp(listener).map_err(failed)?.acceptor(acceptor).handle(handle);
    let timer = hyper_util::rt::TokioTimer::new;
    server.http_builder().http1().timer(timer()).header_read_timeout(HEAD_TIMEOUT);
    server
        .http_builder()
        .http2()
        .timer(timer())
        .keep_alive_interval(PING_INTERVAL)
        .max_concurrent_streams(MAX_STREAMS);
    server.serve(router.into_make_service()).await.map_err(failed)
}

/// Serves health and metrics until `handle` ends it.
///
/// # Errors
/// When the listener fails.
pub async fn serve_health(
    listener: TcpListener,
    router: Router,
    handle: Handle<SocketAddr>,
) -> Result<(), ServerError> {
    let failed = |cause| ServerError::Serve { which: "health", cause };
    let mut server = axum_server::from_tcp(listener)
        .map_err(failed)?
        .acceptor(GuardAcceptor::new(64, IDLE_TIMEOUT))
        .handle(handle);
    server.http_builder().http1().timer(hyper_util::rt::TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    server.serve(router.into_make_service()).await.map_err(failed)
}
