//! Batches that the queue did not take, where they wait.

use std::time::Duration;

/// Most batches that one account keeps: 12 MB.
pub const OUTBOX_BATCHES_MAX: usize = 100;
/// How long it waits before the first try.
const WAIT: Duration = Duration::from_secs(5);
/// Longest wait between two tries.
const WAIT_MAX: Duration = Duration::from_mins(5);

/// How long to wait before the next try, after so many that failed: twice as long each
/// time.
pub fn outbox_wait(tries: u32) -> Duration {
    let factor = 2_u32.checked_pow(tries).unwrap_or(u32::MAX);
    WAIT.checked_mul(factor).unwrap_or(WAIT_MAX).min(WAIT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_than_the_one_before_up_to_the_limit() {
        assert_eq!(outbox_wait(0), WAIT);
        assert_eq!(outbox_wait(1), WAIT * 2);
        for tries in [6, 31, 32, u32::MAX] {
            assert_eq!(outbox_wait(tries), WAIT_MAX);
        }
    }
}
