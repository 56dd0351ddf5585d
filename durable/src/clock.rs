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

/// A time as the platform's alarms take it.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 are below 2^53"
)]
pub(crate) fn js_date(at: Timestamp) -> worker::js_sys::Date {
    worker::js_sys::Date::new(&(at.as_millisecond() as f64).into())
}
