//! What of the past a request asks for.

use jiff::{SignedDuration, Timestamp};
use rest::Code;

use super::Refused;
use super::input::Input;

/// How far back, unless the request says so.
const BACK: SignedDuration = SignedDuration::from_hours(24);

/// From when until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// At this time or later.
    pub(super) from: Timestamp,
    /// Before this time; none for all there is.
    pub(super) until: Option<Timestamp>,
}

impl Span {
    /// Reads it.
    pub(super) fn read(input: &Input) -> Result<Self, Refused> {
        let back = input.now.checked_sub(BACK).unwrap_or(Timestamp::UNIX_EPOCH);
        Ok(Self {
            from: time(input.query("from"))?.unwrap_or(back),
            until: time(input.query("until"))?,
        })
    }
}

/// A time as RFC 3339 writes it.
fn time(sent: Option<&str>) -> Result<Option<Timestamp>, Refused> {
    let Some(sent) = sent else {
        return Ok(None);
    };
    let read = sent.parse().ok().filter(|_| is_rfc3339(sent));
    read.map(Some).ok_or_else(|| {
        Refused::new(
            Code::Malformed,
            "`from` and `until` are times such as 2026-11-21T12:00:00Z.",
        )
    })
}

/// Whether it has the form, of which the parser takes some more.
fn is_rfc3339(text: &str) -> bool {
    let at = |place: usize| text.as_bytes().get(place).copied();
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let date = separators
        .iter()
        .all(|(place, byte)| at(*place).is_some_and(|found| found.eq_ignore_ascii_case(byte)));
    let zone = text.get(19..).unwrap_or_default();
    let zone = zone.trim_start_matches(['.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    let offset = zone.len() == 6 && zone.starts_with(['+', '-']) && zone.get(3..4) == Some(":");
    date && (zone.eq_ignore_ascii_case("z") || offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_rfc_3339_has_it() {
        for good in [
            "2026-11-21T12:00:00Z",
            "2026-11-21t12:00:00z",
            "2026-11-21T12:00:00.123456Z",
            "2026-11-21T12:00:00+01:00",
        ] {
            assert!(time(Some(good)).unwrap().is_some(), "{good}");
        }
        assert_eq!(time(None).unwrap(), None);
        for bad in [
            "",
            "now",
            "2026-11-21",
            "2026-11-21 12:00:00Z",
            "2026-11-21T12:00:00",
            "20261121T120000Z",
            "2026-13-21T12:00:00Z",
            "2026-11-21T12:00:00+0100",
            "1795262400",
        ] {
            assert!(time(Some(bad)).is_err(), "{bad}");
        }
    }
}
