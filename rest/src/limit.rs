//! How many of a list are answered at once.

/// How many there are unless the request says so.
pub const LIMIT_DEFAULT: usize = 25;
/// Most that a request may ask for.
pub const LIMIT_MAX: usize = 100;
/// The same of a list that is made for export.
pub const EXPORT_MAX: usize = 500;

/// Reads the parameter `limit`; none if it cannot be used.
pub fn limit(sent: Option<&str>, max: usize) -> Option<usize> {
    let Some(sent) = sent else {
        return Some(LIMIT_DEFAULT);
    };
    let plain = !sent.is_empty() && sent.bytes().all(|byte| byte.is_ascii_digit());
    let number = sent.parse().ok().filter(|_| plain);
    number.filter(|number| (1..=max).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_within_its_bounds_or_nothing() {
        let limit = |sent| limit(sent, LIMIT_MAX);
        assert_eq!(limit(None), Some(LIMIT_DEFAULT));
        assert_eq!(limit(Some("1")), Some(1));
        assert_eq!(limit(Some("100")), Some(LIMIT_MAX));
        for bad in [
            "",
            "0",
            "101",
            "-1",
            "+1",
            "1e1",
            "x",
            " 1",
            "99999999999999999999",
        ] {
            assert_eq!(limit(Some(bad)), None, "{bad}");
        }
    }
}
