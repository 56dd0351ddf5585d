//! The one place of the objects that reads the clock.

use jiff::Timestamp;

/// The time of this event; the platform freezes it between two I/O operations.
#[expect(
    clippy::disallowed_methods,
    reason = "the objects' one reading of the clock"
)]
pub(crate) fn now() -> Timestamp {
    let millis = i64::try_from(worker::Date::now().as_millis()).unwrap_or(0);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}
