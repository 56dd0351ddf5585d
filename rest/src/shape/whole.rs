//! Whole numbers, as JSON has them: `3600` and `3600.0` are the same (JSON Schema
//! 2020-12, Core section 4.2.3).

use serde::Deserializer;
use serde::de::{Error, Unexpected, Visitor};

/// Largest number up to which each has a place among floating point numbers.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Reads one, in either form.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    deserializer.deserialize_any(Whole)
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = i64;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        i64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<i64, E> {
        if number.abs() > EXACT_MAX || number.fract() != 0.0 {
            return Err(E::invalid_value(Unexpected::Float(number), &self));
        }
        #[expect(clippy::cast_possible_truncation, reason = "it was just checked")]
        let whole = number as i64;
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Option<i64> {
        read(&mut serde_json::Deserializer::from_str(text)).ok()
    }

    #[test]
    fn a_whole_number_may_be_written_like_any_other() {
        assert_eq!(whole("3600"), Some(3_600));
        assert_eq!(whole("3600.0"), Some(3_600));
        assert_eq!(whole("3.6e3"), Some(3_600));
        assert_eq!(whole("-1.0"), Some(-1));
        for bad in [
            "0.5",
            "1e300",
            "1e17",
            "99999999999999999999",
            "\"1\"",
            "null",
            "[1]",
        ] {
            assert_eq!(whole(bad), None, "{bad}");
        }
    }
}
