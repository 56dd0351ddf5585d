//! The one place of the front Worker that reads the clock.

use jiff::Timestamp;

/// The time of this event; Workers freeze it between two I/O operations.
#[expect(
    clippy::disallowed_methods,
    reason = "the shell's one reading of the clock"
)]
pub(crate) fn now() -> Timestamp {
    let millis = i64::try_from(worker::Date::now().as_millis()).unwrap_or(0);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}
