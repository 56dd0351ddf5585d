//! Turns a template into a whole HTML document.

use askama::Template;

/// Writes the page. Writing into a `String` cannot fail, and no template of
/// ours has a value whose `Display` does; the empty page stands for that.
pub(crate) fn document(page: &impl Template) -> String {
    page.render().unwrap_or_default()
}
