//! A panic costs the call it happened in.
//!
//! Where the wasm unwinds (`docs/reliability.md`, "Panics"), a panic leaves every
//! object of the isolate as it is, and the one it happened in with whatever was
//! half done in memory. So each object that keeps something in memory catches it,
//! forgets what it kept, and reads it anew from what is stored; that is what its
//! `RefUnwindSafe` says. The words of the panic are in the log by then.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

/// It panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panicked;

impl From<Panicked> for worker::Error {
    fn from(Panicked: Panicked) -> Self {
        Self::RustError("it panicked".into())
    }
}

/// What comes of some work, unless it panics.
///
/// No `async fn`: that would hold the work twice, as it was given and as it runs.
pub fn caught<T>(work: impl Future<Output = T>) -> impl Future<Output = Result<T, Panicked>> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .map(|done| done.map_err(|_| Panicked))
}

/// Panics where a test asks for it; there is nothing to ask in what is deployed.
///
/// # Panics
///
/// It does, if the text has `panic-` and the place.
#[cfg(feature = "faults")]
pub fn panic_if_asked(place: &str, text: &[u8]) {
    let asked = format!("panic-{place}");
    assert!(
        !text
            .windows(asked.len())
            .any(|part| part == asked.as_bytes()),
        "{place} panics, as it was asked to"
    );
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use futures_util::FutureExt;

    use super::{Panicked, caught};

    #[test]
    fn work_that_panics_is_told_from_work_that_does_not() {
        let fails = async { panic!("as it was asked to") };
        assert_eq!(caught::<()>(fails).now_or_never(), Some(Err(Panicked)));
        assert_eq!(caught(ready(7)).now_or_never(), Some(Ok(7)));
    }
}
