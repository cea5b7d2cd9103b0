//! Reads a request's body in bounded memory and time.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

use super::budget::{Budget, BudgetError, Permit};

/// Largest body that's read: what controller-runtime accepts as well, room for an object of the API server's 3 MiB and
/// the one it replaces.
pub const MAX_BODY_BYTES: usize = 7 * 1024 * 1024;
/// Of a larger body so much is thrown away, so that the client gets to read the answer.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;
/// Of a larger body the beginning is kept, for the uid.
const PREFIX_BYTES: usize = 64 * 1024;
/// A body, and the right to hold it in memory.
#[derive(Debug)]
pub struct Received {
    /// The bytes.
    pub bytes: Bytes,
    /// Given back when dropped.
    pub permit: Permit,
}

/// Why a body wasn't read, with what came of it.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// More bytes than are read.
    #[error("the body is larger than {MAX_BODY_BYTES} bytes")]
    TooLarge(Bytes),
    /// Too slow.
    #[error("the body did not arrive in time")]
    TimedOut(Bytes),
    /// Others take all the memory.
    #[error("{1}")]
    Budget(Bytes, BudgetError),
    /// The connection broke.
    #[error("the body ended early: {1}")]
    CutOff(Bytes, String),
}

impl BodyError {
    /// What came.
    #[must_use]
    pub fn prefix(&self) -> &Bytes {
        match self {
            Self::TooLarge(bytes)
            | Self::TimedOut(bytes)
            | Self::Budget(bytes, _)
            | Self::CutOff(bytes, _) => bytes,
        }
    }
}

/// Reads it.
///
/// # Errors
/// When it's too large, cut off, or not there by the deadline.
pub async fn read(mut body: Body, budget: &Budget, deadline: Instant) -> Result<Received, BodyError> {
    let mut bytes = BytesMut::new();
    let mut permit = Permit::default();
    loop {
        let frame = match timeout_at(deadline, body.frame()).await {
            Err(_) => return Err(BodyError::TimedOut(bytes.freeze())),
            Ok(None) => return Ok(Received { bytes: bytes.freeze(), permit }),
            Ok(Some(Err(cause))) => return Err(BodyError::CutOff(bytes.freeze(), cause.to_string())),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        let total = bytes.len() + data.len();
        if total > MAX_BODY_BYTES {
            bytes.extend_from_slice(&data);
            bytes.truncate(PREFIX_BYTES);
            let prefix = Bytes::copy_from_slice(&bytes);
            drop((bytes, permit));
            discard(body, deadline).await;
            return Err(BodyError::TooLarge(prefix));
        }
        if let Err(cause) = budget.grow(&mut permit, total, deadline).await {
            return Err(BodyError::Budget(bytes.freeze(), cause));
        }
        bytes.extend_from_slice(&data);
    }
}

/// Throws the rest away, for a while.
async fn discard(mut body: Body, deadline: Instant) {
    let mut discarded = 0;
    while discarded < MAX_DISCARDED_BYTES
        && let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await
    {
        discarded += frame.data_ref().map_or(0, Bytes::len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use std::time::Duration;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    fn chunks(size: usize, count: usize) -> Body {
        let chunk = move |_| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; size]));
        Body::from_stream(stream::iter((0..count).map(chunk)))
    }

    #[tokio::test]
    async fn a_body_of_the_largest_size_is_read_and_one_byte_more_is_not() {
        let budget = Budget::new(0);
        let largest = read(Body::from(vec![b'x'; MAX_BODY_BYTES]), &budget, soon()).await.unwrap();
        assert_eq!(largest.bytes.len(), MAX_BODY_BYTES);
        drop(largest);
        let refused = read(chunks(MAX_BODY_BYTES + 1, 1), &budget, soon()).await.unwrap_err();
        assert!(matches!(&refused, BodyError::TooLarge(_)));
        assert_eq!(refused.prefix().len(), PREFIX_BYTES);
    }

    #[tokio::test]
    async fn memory_is_given_back() {
        let budget = Budget::new(0);
        let before = budget.free_bytes();
        let received = read(chunks(1000, 5000), &budget, soon()).await.unwrap();
        assert!((5_000_000..5_010_000).contains(&(before - budget.free_bytes())));
        drop(received);
        assert_eq!(budget.free_bytes(), before);
        assert!(read(chunks(1 << 20, 9), &budget, soon()).await.is_err());
        assert_eq!(budget.free_bytes(), before);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_finds_no_memory_waits_no_longer_than_the_deadline() {
        let budget = Budget::new(0);
        let held = [
            read(chunks(1 << 20, 7), &budget, soon()).await,
            read(chunks(1 << 20, 7), &budget, soon()).await,
        ];
        assert!(held.iter().all(Result::is_ok));
        let refused = read(chunks(1 << 20, 1), &budget, soon()).await.unwrap_err();
        assert!(matches!(refused, BodyError::Budget(_, BudgetError::Busy)));
        drop(held);
        assert!(read(chunks(1 << 20, 1), &budget, soon()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_is_given_up_and_its_beginning_is_kept() {
        let slow = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"begin"))]);
        let body = Body::from_stream(futures::StreamExt::chain(slow, stream::pending()));
        let refused = read(body, &Budget::new(0), soon()).await.unwrap_err();
        assert!(matches!(&refused, BodyError::TimedOut(_)));
        assert_eq!(&refused.prefix()[..], b"begin");
    }

    #[tokio::test]
    async fn a_broken_body_is_cut_off() {
        let chunks = [Ok(Bytes::from_static(b"a")), Err(std::io::Error::other("reset"))];
        let body = Body::from_stream(stream::iter(chunks));
        assert!(matches!(read(body, &Budget::new(0), soon()).await, Err(BodyError::CutOff(..))));
    }
}
