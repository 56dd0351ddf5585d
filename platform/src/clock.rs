//! The one place that reads the clock.

use jiff::Timestamp;

/// The time of this event; the platform freezes it between two I/O operations.
#[expect(
    clippy::disallowed_methods,
    reason = "the Workers' one reading of the clock"
)]
pub fn now() -> Timestamp {
    // A number at once: a date would have to be made, and asked for it.
    let millis = worker::js_sys::Date::now();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole milliseconds since 1970 are below 2^53"
    )]
    Timestamp::from_millisecond(millis as i64).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A time as the platform's alarms take it.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 are below 2^53"
)]
pub fn js_date(at: Timestamp) -> worker::js_sys::Date {
    worker::js_sys::Date::new(&(at.as_millisecond() as f64).into())
}
