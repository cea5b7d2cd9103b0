//! Memory and processors that reviews may take, all of them together.
//!
//! A few bytes of JSON can become a kilobyte of typed objects, and the webhook's port is open to everybody inside the
//! cluster. So memory is granted before it's taken, by an estimate that errs on the high side; whoever doesn't get it in
//! time is refused.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::body::MAX_BODY_BYTES;

/// The unit in which memory is accounted for.
const UNIT_BYTES: usize = 4096;
/// Reviews judged at the same time, whatever the number of processors. The syntax tree of the largest script that is read
/// (256 KiB) takes up to 70 MiB, which isn't accounted for elsewhere; a usual review takes a fraction of a millisecond.
const JUDGED_AT_A_TIME: usize = 2;

/// What is there to be granted.
#[derive(Debug, Clone)]
pub struct Budget {
    memory: Arc<Semaphore>,
    units: usize,
    judges: Arc<Semaphore>,
}

/// Memory that has been granted; given back when dropped.
#[derive(Debug, Default)]
pub struct Permit(Vec<OwnedSemaphorePermit>);

/// Why something isn't granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BudgetError {
    /// It will never be.
    #[error("it would take more memory than all reviews together may")]
    TooMuch,
    /// Not in time.
    #[error("too many reviews at the same time")]
    Busy,
}

impl Budget {
    /// `memory` bytes for everything; at least what one body of the largest size needs.
    #[must_use]
    pub fn new(memory: usize) -> Self {
        let units = memory.max(2 * MAX_BODY_BYTES).div_ceil(UNIT_BYTES).min(Semaphore::MAX_PERMITS);
        Self {
            memory: Arc::new(Semaphore::new(units)),
            units,
            judges: Arc::new(Semaphore::new(JUDGED_AT_A_TIME)),
        }
    }

    /// Adds to `permit` what it lacks for `bytes` in all.
    ///
    /// # Errors
    /// When that's never to be had, or not before `deadline`.
    pub async fn grow(
        &self,
        permit: &mut Permit,
        bytes: usize,
        deadline: Instant,
    ) -> Result<(), BudgetError> {
        let wanted = bytes.div_ceil(UNIT_BYTES);
        let granted: usize = permit.0.iter().map(OwnedSemaphorePermit::num_permits).sum();
        let lacking = match u32::try_from(wanted.saturating_sub(granted)) {
            Ok(0) => return Ok(()),
            Ok(lacking) if wanted <= self.units => lacking,
            _ => return Err(BudgetError::TooMuch),
        };
        match timeout_at(deadline, Arc::clone(&self.memory).acquire_many_owned(lacking)).await {
            Ok(Ok(more)) => permit.0.push(more),
            Ok(Err(_)) | Err(_) => return Err(BudgetError::Busy),
        }
        Ok(())
    }

    /// The right to use a processor; given back when dropped.
    ///
    /// # Errors
    /// When none is free before `deadline`.
    pub async fn judge(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, BudgetError> {
        match timeout_at(deadline, Arc::clone(&self.judges).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(BudgetError::Busy),
        }
    }

    #[cfg(test)]
    pub(super) fn free_bytes(&self) -> usize {
        self.memory.available_permits() * UNIT_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(1)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_granted_grows_and_comes_back() {
        let budget = Budget::new(0);
        let all = budget.free_bytes();
        let mut permit = Permit::default();
        budget.grow(&mut permit, 1, soon()).await.unwrap();
        assert_eq!(all - budget.free_bytes(), UNIT_BYTES);
        budget.grow(&mut permit, UNIT_BYTES, soon()).await.unwrap();
        assert_eq!(all - budget.free_bytes(), UNIT_BYTES);
        budget.grow(&mut permit, all, soon()).await.unwrap();
        assert_eq!(budget.free_bytes(), 0);
        assert_eq!(budget.grow(&mut Permit::default(), 1, soon()).await, Err(BudgetError::Busy));
        drop(permit);
        assert_eq!(budget.free_bytes(), all);
    }

    #[tokio::test]
    async fn what_is_never_to_be_had_is_refused_at_once() {
        let budget = Budget::new(0);
        let never = Instant::now() + Duration::from_secs(3600);
        for bytes in [budget.free_bytes() + 1, usize::MAX] {
            assert_eq!(budget.grow(&mut Permit::default(), bytes, never).await, Err(BudgetError::TooMuch));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn processors_are_bounded() {
        let budget = Budget::new(0);
        let mut held = Vec::new();
        while let Ok(permit) = budget.judge(soon()).await {
            held.push(permit);
        }
        assert_eq!(held.len(), JUDGED_AT_A_TIME);
        held.pop();
        assert!(budget.judge(soon()).await.is_ok());
    }
}
