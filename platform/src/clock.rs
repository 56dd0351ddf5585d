//! The one place that reads the clock.

use std::cell::Cell;

use jiff::Timestamp;

thread_local! {
    static STOPPED: Cell<Option<Option<f64>>> = const { Cell::new(None) };
}

/// Does something in which no time passes, as far as the platform tells: it stops its
/// clocks between two I/O operations. So it is asked once.
pub(crate) fn stopped<T>(work: impl FnOnce() -> T) -> T {
    STOPPED.set(Some(None));
    let done = work();
    STOPPED.set(None);
    done
}

/// The time of this event; the platform freezes it between two I/O operations.
pub fn now() -> Timestamp {
    let millis = match STOPPED.get() {
        Some(Some(millis)) => millis,
        is_stopped => {
            let millis = read();
            STOPPED.set(is_stopped.map(|_| Some(millis)));
            millis
        }
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole milliseconds since 1970 are below 2^53"
    )]
    Timestamp::from_millisecond(millis as i64).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the Workers' one reading of the clock"
)]
fn read() -> f64 {
    // A number at once: a date would have to be made, and asked for it.
    worker::js_sys::Date::now()
}

/// A time as the platform's alarms take it.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 are below 2^53"
)]
pub fn js_date(at: Timestamp) -> worker::js_sys::Date {
    worker::js_sys::Date::new(&(at.as_millisecond() as f64).into())
}
