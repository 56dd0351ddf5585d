//! One line for each thing that was tried: `ok LIFECYCLE WHAT` or `FAILED LIFECYCLE WHAT: WHY`.

use std::time::Duration;

use anyhow::{Result, anyhow};

/// Longest one check may take, login and all.
const CHECK_MAX: Duration = Duration::from_secs(60);

/// How it goes in one lifecycle.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) lifecycle: &'static str,
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl Report {
    pub(crate) fn of(lifecycle: &'static str) -> Self {
        Self {
            lifecycle,
            passed: 0,
            failed: 0,
        }
    }

    /// Says how it ended, and gives back what came of it.
    pub(crate) async fn check<T>(
        &mut self,
        what: &str,
        tried: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        let lifecycle = self.lifecycle;
        let outcome = tokio::time::timeout(CHECK_MAX, tried).await;
        match outcome.unwrap_or_else(|_| Err(anyhow!("not finished after {CHECK_MAX:?}"))) {
            Ok(value) => {
                self.passed += 1;
                println!("ok {lifecycle} {what}");
                Some(value)
            }
            Err(error) => {
                self.failed += 1;
                println!("FAILED {lifecycle} {what}: {error:?}");
                None
            }
        }
    }
}
