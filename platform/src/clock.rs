//! The one place that reads the clock.

use std::cell::Cell;

use jiff::Timestamp;

thread_local! {
    static CLOCK: Cell<Clock> = const { Cell::new(Clock::Runs) };
}

#[derive(Debug, Clone, Copy)]
enum Clock {
    Runs,
    Stopped,
    /// It stands at this, in milliseconds since 1970.
    StandsAt(f64),
}

/// Does something in which no time passes, as far as the platform tells: it stops its
/// clocks between two I/O operations. So it is asked once.
pub(crate) fn stopped<T>(work: impl FnOnce() -> T) -> T {
    /// However the work ends, the clock goes on.
    struct GoesOn;
    impl Drop for GoesOn {
        fn drop(&mut self) {
            CLOCK.set(Clock::Runs);
        }
    }
    CLOCK.set(Clock::Stopped);
    let _goes_on = GoesOn;
    work()
}

/// The time of this event; the platform freezes it between two I/O operations.
pub fn now() -> Timestamp {
    let millis = match CLOCK.get() {
        Clock::Runs => read(),
        Clock::StandsAt(millis) => millis,
        Clock::Stopped => {
            let millis = read();
            CLOCK.set(Clock::StandsAt(millis));
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
