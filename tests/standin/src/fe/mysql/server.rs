//! Listens on the MySQL port.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use opensrv_mysql::{AsyncMysqlIntermediary, IntermediaryOptions};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::super::core::Shared;
use super::encrypted;
use super::session::Session;
use super::wire::{ErrorSlot, WireReader, WireWriter};
use crate::event::Occurrence;

/// Connections at a time.
const MAX_CONNECTIONS: usize = 1024;

/// A socket that has its port and doesn't listen yet: clients are refused, as by an FE that isn't ready.
pub(crate) fn bind(address: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Serves from when the FE is ready until it's aborted.
pub(crate) async fn run(shared: Arc<Shared>, socket: TcpSocket) -> std::io::Result<()> {
    let address = socket.local_addr()?;
    let tls = if shared.options.tls {
        Some(encrypted::self_signed().map_err(|error| std::io::Error::other(error.to_string()))?)
    } else {
        None
    };
    let mut ready = shared.ready.subscribe();
    let mut refusing = shared.faults.refusing();
    if ready.wait_for(|ready| *ready).await.is_err() {
        return Ok(());
    }
    let mut socket = Some(socket);
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let numbers = AtomicU32::new(0);
    let mut sessions = JoinSet::new();
    loop {
        if refusing.wait_for(|refuse| !refuse).await.is_err() {
            return Ok(());
        }
        let listener = match socket.take() {
            Some(socket) => socket.listen(1024)?,
            None => bind(address)?.listen(1024)?,
        };
        shared.serving.store(true, Ordering::Release);
        loop {
            tokio::select! {
                changed = refusing.wait_for(|refuse| *refuse) => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    sessions.abort_all();
                    break;
                }
                accepted = accept(&listener) => {
                    let Some((stream, client)) = accepted else { continue };
                    let Ok(permit) = Arc::clone(&connections).try_acquire_owned() else {
                        tracing::warn!(%client, "too many connections");
                        continue;
                    };
                    let number = numbers.fetch_add(1, Ordering::Relaxed) + 1;
                    let (shared, tls) = (Arc::clone(&shared), tls.clone());
                    sessions.spawn(async move {
                        match tls {
                            None => serve(shared, stream, client, number).await,
                            Some(tls) => serve_tls(shared, stream, client, number, tls).await,
                        }
                        drop(permit);
                    });
                }
            }
            while sessions.try_join_next().is_some() {}
        }
    }
}

async fn accept(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok(accepted) => Some(accepted),
        Err(error) => {
            tracing::warn!(%error, "accepting failed");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

async fn serve(shared: Arc<Shared>, stream: TcpStream, client: SocketAddr, number: u32) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    serve_stream(shared, stream, client, number).await;
}

/// The same behind TLS, where the client takes it.
async fn serve_tls(
    shared: Arc<Shared>,
    stream: TcpStream,
    client: SocketAddr,
    number: u32,
    tls: Arc<rustls::ServerConfig>,
) {
    let (here, there) = tokio::io::duplex(64 << 10);
    let events = Arc::clone(&shared);
    let note = move || {
        events.events.note(Occurrence::ConnectionEncrypted { client: client.to_string() });
    };
    let front = async {
        if let Err(error) = encrypted::serve(stream, there, tls, note).await {
            tracing::debug!(%error, %client, "a connection ended");
        }
    };
    tokio::join!(front, serve_stream(shared, here, client, number));
}

async fn serve_stream(
    shared: Arc<Shared>,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin,
    client: SocketAddr,
    number: u32,
) {
    let (reader, writer) = tokio::io::split(stream);
    let slot = ErrorSlot::default();
    let session = Session::new(shared, number, client, slot.clone());
    let options = IntermediaryOptions { process_use_statement_on_query: true, ..Default::default() };
    let served = AsyncMysqlIntermediary::run_with_options(
        session,
        WireReader::new(reader, slot.clone()),
        WireWriter::new(writer, slot),
        &options,
    );
    if let Err(error) = Box::pin(served).await {
        tracing::debug!(%error, %client, "a connection ended");
    }
}
