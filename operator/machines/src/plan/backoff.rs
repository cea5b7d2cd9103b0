//! How long to wait before something is tried again.

use super::Tuning;
use std::time::Duration;

/// The pause after so many failures in a row: it doubles with each, up to a limit.
pub fn backoff(tuning: Tuning, failures: u32) -> Duration {
    let factor = 2_u32.saturating_pow(failures.saturating_sub(1).min(20));
    tuning.backoff.saturating_mul(factor).min(tuning.max_backoff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_the_limit() {
        let tuning = Tuning { backoff: Duration::from_secs(10), max_backoff: Duration::from_secs(300) };
        let seconds: Vec<u64> =
            [0, 1, 2, 3, 6, 7, u32::MAX].map(|failures| backoff(tuning, failures).as_secs()).into();
        assert_eq!(seconds, [10, 10, 20, 40, 300, 300, 300]);
    }
}
