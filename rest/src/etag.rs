//! Which version of a thing a request is about (RFC 9110 sections 8.8.3 and 13.1.1).

/// What an `If-Match` field says of the version there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matched {
    /// It is the one that is meant.
    Yes,
    /// It is another.
    No,
    /// The field is missing, or cannot be read.
    Unsaid,
}

/// Longest field that is read, in bytes.
const FIELD_BYTES_MAX: usize = 512;

/// Writes a version.
pub fn written(version: &str) -> String {
    format!("\"{version}\"")
}

/// Compares strongly, as `If-Match` wants: a weak tag is no version of ours. `*` is
/// not taken for any: whoever changes a thing has to have read it.
pub fn matches(field: Option<&str>, version: &str) -> Matched {
    let Some(field) = field.filter(|field| field.len() <= FIELD_BYTES_MAX) else {
        return Matched::Unsaid;
    };
    let tags = field
        .split(',')
        .map(str::trim)
        .filter(|tag| !tag.is_empty());
    let is_tag = |tag: &str| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        inner.is_some_and(|inner| !inner.contains('"'))
    };
    let mut any = false;
    for tag in tags {
        if !is_tag(tag) {
            return Matched::Unsaid;
        }
        any = true;
        if tag == written(version) {
            return Matched::Yes;
        }
    }
    if any { Matched::No } else { Matched::Unsaid }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9110 section 13.1.1.
    #[test]
    fn only_the_version_itself_is_a_match() {
        let long = format!("\"{}\"", "a".repeat(FIELD_BYTES_MAX));
        for (field, want) in [
            (Some("\"a\""), Matched::Yes),
            (Some("\"b\", \"a\""), Matched::Yes),
            (Some("\"b\""), Matched::No),
            (Some("W/\"a\""), Matched::No),
            (Some("*"), Matched::Unsaid),
            (Some("a"), Matched::Unsaid),
            (Some("\"a"), Matched::Unsaid),
            (Some("\""), Matched::Unsaid),
            (Some(""), Matched::Unsaid),
            (Some(long.as_str()), Matched::Unsaid),
            (None, Matched::Unsaid),
        ] {
            assert_eq!(matches(field, "a"), want, "{field:?}");
        }
    }
}
