use std::time::Duration;

use crate::log;

/// The pauses between failed attempts: each twice as long as the one before, up to a second.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    last: String,
}

impl Backoff {
    /// Waits after a failed attempt. Each new reason is logged once.
    pub(super) async fn wait(&mut self, why: String) {
        if self.failures == 0 || self.last != why {
            log::warn(format_args!("{why}; trying again"));
            self.last = why;
        }
        tokio::time::sleep(pause(self.failures)).await;
        self.failures = self.failures.saturating_add(1);
    }

    /// Starts again with the shortest pause.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

fn pause(failures: u32) -> Duration {
    Duration::from_millis(10 << failures.min(7)).min(Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_short() {
        let pauses: Vec<_> = [0, 1, 6, 7, 8, u32::MAX].map(pause).into();
        let expected = [10, 20, 640, 1000, 1000, 1000].map(Duration::from_millis);
        assert_eq!(pauses, expected);
    }
}
