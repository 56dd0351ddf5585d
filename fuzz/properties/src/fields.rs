//! One input as several texts.

/// What stands between two texts of one input: ASCII's own character for that.
pub const SEPARATOR: char = '\u{1f}';

/// The first texts of the input; missing ones are empty, and the last has all
/// that is left. None if the input is no text.
pub(crate) fn fields<const N: usize>(data: &[u8]) -> Option<[&str; N]> {
    let text = std::str::from_utf8(data).ok()?;
    let mut parts = text.splitn(N, SEPARATOR);
    Some(std::array::from_fn(|_| parts.next().unwrap_or_default()))
}
