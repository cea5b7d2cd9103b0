//! Bounds on connections: how many there are, and how long one may be silent.
//!
//! The webhook's port is open to everybody inside the cluster. Without these bounds a client that opens connections and
//! says nothing would keep the API server out.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// Silence after which a connection is closed: longer than the 90 s after which Go's HTTP client, which is the API
/// server's, closes an idle connection by itself (<https://pkg.go.dev/net/http#Transport>), so that it never finds
/// one closed that it's about to use.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(120);

/// Accepts connections up to a number, and closes silent ones.
#[derive(Debug, Clone)]
pub struct GuardAcceptor {
    slots: Arc<Semaphore>,
    idle: Duration,
}

impl GuardAcceptor {
    /// At most `connections` at a time; further ones are closed at once.
    #[must_use]
    pub fn new(connections: usize, idle: Duration) -> Self {
        Self { slots: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))), idle }
    }
}

impl<I, S> Accept<I, S> for GuardAcceptor {
    type Stream = GuardedStream<I>;
    type Service = S;
    type Future = std::future::Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        std::future::ready(match Arc::clone(&self.slots).try_acquire_owned() {
            Ok(slot) => Ok((GuardedStream::new(stream, self.idle, slot), service)),
            Err(_) => Err(io::Error::new(io::ErrorKind::ConnectionRefused, "too many connections")),
        })
    }
}

/// A stream that holds a slot and breaks off after silence.
#[derive(Debug)]
pub struct GuardedStream<I> {
    inner: I,
    idle: Duration,
    silence: Pin<Box<Sleep>>,
    _slot: OwnedSemaphorePermit,
}

impl<I> GuardedStream<I> {
    fn new(inner: I, idle: Duration, slot: OwnedSemaphorePermit) -> Self {
        Self { inner, idle, silence: Box::pin(sleep(idle)), _slot: slot }
    }

    fn heard(&mut self) {
        let until = Instant::now() + self.idle;
        self.silence.as_mut().reset(until);
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for GuardedStream<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_read(context, buffer);
        if outcome.is_ready() {
            this.heard();
            return outcome;
        }
        match this.silence.as_mut().poll(context) {
            Poll::Ready(()) => {
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "silent for too long")))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for GuardedStream<I> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_write(context, bytes);
        if outcome.is_ready() {
            this.heard();
            return outcome;
        }
        match this.silence.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "reads too slowly"))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    const IDLE: Duration = Duration::from_secs(60);

    async fn accept<I>(guard: &GuardAcceptor, stream: I) -> io::Result<GuardedStream<I>> {
        guard.accept(stream, ()).await.map(|(stream, ())| stream)
    }

    #[tokio::test]
    async fn a_slot_is_taken_and_given_back() {
        let guard = GuardAcceptor::new(1, IDLE);
        let first = accept(&guard, duplex(8).0).await.unwrap();
        assert_eq!(accept(&guard, duplex(8).0).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        drop(first);
        assert!(accept(&guard, duplex(8).0).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_a_connection_and_a_word_prolongs_it() {
        let (mut client, server) = duplex(8);
        let mut server = accept(&GuardAcceptor::new(1, IDLE), server).await.unwrap();
        let begun = Instant::now();
        tokio::time::sleep(IDLE / 2).await;
        client.write_all(b"x").await.unwrap();
        assert_eq!(server.read_u8().await.unwrap(), b'x');
        assert_eq!(server.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() >= IDLE + IDLE / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_given_up() {
        let (_client, server) = duplex(8);
        let mut server = accept(&GuardAcceptor::new(1, IDLE), server).await.unwrap();
        assert_eq!(server.write_all(&[0; 64]).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
