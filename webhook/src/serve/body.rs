//! Reads a request's body in bounded memory and time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

/// Largest body that's read: what controller-runtime accepts as well, room for an object of the API server's 3 MiB and
/// the one it replaces.
pub const MAX_BODY_BYTES: usize = 7 * 1024 * 1024;
/// Of a larger body so much is thrown away, so that the client gets to read the answer.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;
/// Of a larger body the beginning is kept, for the uid.
const PREFIX_BYTES: usize = 64 * 1024;
/// The unit in which memory is accounted for.
const UNIT_BYTES: usize = 4096;

/// Bounds on reading.
#[derive(Debug, Clone)]
pub struct BodyLimits {
    /// A body has to arrive within this time.
    pub timeout: Duration,
    budget: Arc<Semaphore>,
}

impl BodyLimits {
    /// All bodies together hold at most `memory` bytes at any time; whoever needs more waits, within `timeout`. Less
    /// than one body of the largest size is raised to that.
    #[must_use]
    pub fn new(timeout: Duration, memory: usize) -> Self {
        let units = memory.max(MAX_BODY_BYTES + UNIT_BYTES).div_ceil(UNIT_BYTES).min(Semaphore::MAX_PERMITS);
        Self { timeout, budget: Arc::new(Semaphore::new(units)) }
    }
}

/// A body, and the right to hold it in memory.
#[derive(Debug)]
pub struct Received {
    /// The bytes.
    pub bytes: Bytes,
    /// Given back when dropped.
    pub permit: Permit,
}

/// The right to hold a body in memory.
#[derive(Debug, Default)]
pub struct Permit(Vec<OwnedSemaphorePermit>);

/// Why a body wasn't read, with what came of it.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// More bytes than are read.
    #[error("the body is larger than {MAX_BODY_BYTES} bytes")]
    TooLarge(Bytes),
    /// Too slow, or too many others at the same time.
    #[error("the body did not arrive within {1:?}")]
    TimedOut(Bytes, Duration),
    /// The connection broke.
    #[error("the body ended early: {1}")]
    CutOff(Bytes, String),
}

impl BodyError {
    /// What came.
    #[must_use]
    pub fn prefix(&self) -> &Bytes {
        match self {
            Self::TooLarge(bytes) | Self::TimedOut(bytes, _) | Self::CutOff(bytes, _) => bytes,
        }
    }
}

/// Reads it.
///
/// # Errors
/// When it's too large, too slow or cut off.
pub async fn read(mut body: Body, limits: &BodyLimits) -> Result<Received, BodyError> {
    let deadline = Instant::now() + limits.timeout;
    let mut bytes = BytesMut::new();
    let mut permit = Permit::default();
    let mut accounted = 0;
    loop {
        let frame = match timeout_at(deadline, body.frame()).await {
            Err(_) => return Err(BodyError::TimedOut(bytes.freeze(), limits.timeout)),
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
        let units = total.div_ceil(UNIT_BYTES) - accounted;
        if units > 0 {
            let wanted =
                Arc::clone(&limits.budget).acquire_many_owned(u32::try_from(units).unwrap_or(u32::MAX));
            match timeout_at(deadline, wanted).await {
                Ok(Ok(granted)) => permit.0.push(granted),
                Ok(Err(_)) | Err(_) => return Err(BodyError::TimedOut(bytes.freeze(), limits.timeout)),
            }
            accounted += units;
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

    fn limits(memory: usize) -> BodyLimits {
        BodyLimits::new(Duration::from_secs(5), memory)
    }

    fn chunks(size: usize, count: usize) -> Body {
        Body::from_stream(stream::iter(
            (0..count).map(move |_| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; size]))),
        ))
    }

    #[tokio::test]
    async fn a_body_of_the_largest_size_is_read_and_one_byte_more_is_not() {
        let largest = read(Body::from(vec![b'x'; MAX_BODY_BYTES]), &limits(0)).await.unwrap();
        assert_eq!(largest.bytes.len(), MAX_BODY_BYTES);
        drop(largest);
        let refused = read(chunks(MAX_BODY_BYTES + 1, 1), &limits(0)).await.unwrap_err();
        assert!(matches!(&refused, BodyError::TooLarge(_)));
        assert_eq!(refused.prefix().len(), PREFIX_BYTES);
    }

    #[tokio::test]
    async fn memory_is_given_back() {
        let limits = limits(0);
        let before = limits.budget.available_permits();
        let received = read(chunks(1000, 5000), &limits).await.unwrap();
        assert_eq!(before - limits.budget.available_permits(), (5000 * 1000_usize).div_ceil(UNIT_BYTES));
        drop(received);
        assert_eq!(limits.budget.available_permits(), before);
        assert!(read(chunks(1 << 20, 9), &limits).await.is_err());
        assert_eq!(limits.budget.available_permits(), before);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_finds_no_memory_waits_no_longer_than_the_timeout() {
        let limits = limits(0);
        let held = read(chunks(1 << 20, 7), &limits).await.unwrap();
        let refused = read(chunks(1 << 20, 1), &limits).await.unwrap_err();
        assert!(matches!(refused, BodyError::TimedOut(..)));
        drop(held);
        assert!(read(chunks(1 << 20, 1), &limits).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_is_given_up_and_its_beginning_is_kept() {
        let slow = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"begin"))]);
        let body = Body::from_stream(futures::StreamExt::chain(slow, stream::pending()));
        let refused = read(body, &limits(0)).await.unwrap_err();
        assert!(matches!(&refused, BodyError::TimedOut(..)));
        assert_eq!(&refused.prefix()[..], b"begin");
    }

    #[tokio::test]
    async fn a_broken_body_is_cut_off() {
        let body = Body::from_stream(stream::iter([
            Ok(Bytes::from_static(b"a")),
            Err(std::io::Error::other("reset")),
        ]));
        assert!(matches!(read(body, &limits(0)).await, Err(BodyError::CutOff(..))));
    }
}
