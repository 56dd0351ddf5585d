//! Reading the markup of a page, as far as the tests need it.

/// The tags of a page, without their brackets.
pub(crate) fn tags(page: &str) -> impl Iterator<Item = &str> {
    pieces_until(page, "<", ">")
}

/// The names of a tag's attributes.
pub(crate) fn attributes(tag: &str) -> impl Iterator<Item = &str> {
    let outside_quotes = tag.split('"').step_by(2);
    outside_quotes
        .flat_map(str::split_whitespace)
        .map(|word| word.trim_end_matches('='))
}

/// What stands between each `start` and the next quote.
pub(crate) fn pieces<'page>(
    page: &'page str,
    start: &'page str,
) -> impl Iterator<Item = &'page str> {
    pieces_until(page, start, "\"")
}

/// What stands between each `start` and the next `end`.
pub(crate) fn pieces_until<'page>(
    page: &'page str,
    start: &'page str,
    end: &'page str,
) -> impl Iterator<Item = &'page str> {
    page.split(start)
        .skip(1)
        .filter_map(move |rest| rest.split_once(end))
        .map(|(piece, _)| piece)
}

/// What stands between the first `start` and the next `end`.
pub(crate) fn between<'page>(page: &'page str, start: &'page str, end: &'page str) -> &'page str {
    pieces_until(page, start, end).next().unwrap_or_default()
}
