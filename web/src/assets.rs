//! The files the pages ask for, and the policy that allows nothing else.
//!
//! A path carries a hash of its file, so that a browser may keep the file for
//! ever and still sees a new one after a deployment.

/// The policy every page is meant to be served under (CSP Level 3).
///
/// There is deliberately no `form-action`: browsers apply it to the redirect
/// that answers a form too, and the consent form is answered with a redirect
/// to the app, whose address may have any scheme and host.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'";

/// The policy of the page with charts: the same, and our own scripts draw what stands
/// in the page's tables anyway.
pub const CONTENT_SECURITY_POLICY_OF_CHARTS: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     script-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// How long a browser may keep an asset: a year, the longest lifetime caches
/// honour in practice, since a changed file gets a new path (RFC 8246).
pub const ASSET_CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The style sheet of all pages.
pub const STYLE_CSS: &str = include_str!("../assets/style.css");

/// The mark alone, as the icon of a browser tab.
pub const MARK_SVG: &str = include_str!("../assets/mark.svg");

/// uPlot 1.6.32 (MIT, its license lies beside it): small, alive, needs nothing else, and
/// draws a year of hours without delay. Byte for byte the file of its npm package, as
/// `tests/browser/usage.test.mjs` checks.
const UPLOT_JS: &str = include_str!("../assets/uplot/uPlot.iife.min.js");
const UPLOT_CSS: &str = include_str!("../assets/uplot/uPlot.min.css");

/// What draws the tables of the page of usage.
const CHARTS_JS: &str = include_str!("../assets/charts.js");

/// Where the pages expect [`STYLE_CSS`].
pub const STYLE_PATH: &str = text(&STYLE_PATH_BYTES);

/// Where the pages expect [`MARK_SVG`].
pub const MARK_PATH: &str = text(&MARK_PATH_BYTES);

/// Where the pages with charts expect uPlot, and what draws with it.
pub(crate) const UPLOT_CSS_PATH: &str = text(&UPLOT_CSS_PATH_BYTES);
pub(crate) const UPLOT_JS_PATH: &str = text(&UPLOT_JS_PATH_BYTES);
pub(crate) const CHARTS_JS_PATH: &str = text(&CHARTS_JS_PATH_BYTES);

/// A file that a page needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The file itself.
    pub body: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// All of them: path, type, file.
const ASSETS: [(&str, &str, &str); 5] = [
    (STYLE_PATH, CSS, STYLE_CSS),
    (MARK_PATH, SVG, MARK_SVG),
    (UPLOT_CSS_PATH, CSS, UPLOT_CSS),
    (UPLOT_JS_PATH, JS, UPLOT_JS),
    (CHARTS_JS_PATH, JS, CHARTS_JS),
];

/// Finds the file that belongs to a path of a request, if there is one.
pub fn asset(path: &str) -> Option<Asset> {
    let found = ASSETS.iter().find(|(known, ..)| *known == path);
    found.map(|(_, content_type, body)| Asset { content_type, body })
}

const STYLE_PATH_BYTES: [u8; 34] = path(*b"/assets/style.0000000000000000.css", 14, STYLE_CSS);
const MARK_PATH_BYTES: [u8; 33] = path(*b"/assets/mark.0000000000000000.svg", 13, MARK_SVG);
const UPLOT_CSS_PATH_BYTES: [u8; 34] = path(*b"/assets/uplot.0000000000000000.css", 14, UPLOT_CSS);
const UPLOT_JS_PATH_BYTES: [u8; 33] = path(*b"/assets/uplot.0000000000000000.js", 14, UPLOT_JS);
const CHARTS_JS_PATH_BYTES: [u8; 34] = path(*b"/assets/charts.0000000000000000.js", 15, CHARTS_JS);

/// Writes the hash of `body` over the sixteen digits that start at `at`.
#[expect(
    clippy::indexing_slicing,
    reason = "runs while compiling, where an index out of bounds is a compile error"
)]
const fn path<const LENGTH: usize>(mut path: [u8; LENGTH], at: usize, body: &str) -> [u8; LENGTH] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut rest = fnv1a(body.as_bytes());
    let mut digit = 16;
    while digit > 0 {
        digit -= 1;
        path[at + digit] = DIGITS[(rest & 0xf) as usize];
        rest >>= 4;
    }
    path
}

/// FNV-1a, 64 bits (RFC 9923): tells versions of our own files apart, and
/// protects nothing.
#[expect(
    clippy::indexing_slicing,
    reason = "runs while compiling, where an index out of bounds is a compile error"
)]
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut index = 0;
    while index < bytes.len() {
        hash ^= bytes[index] as u64;
        hash = hash.wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    hash
}

/// Reads a path as text; the bytes are ASCII from the constants above.
const fn text(path: &'static [u8]) -> &'static str {
    match std::str::from_utf8(path) {
        Ok(text) => text,
        Err(_) => panic!("a path of an asset is ASCII"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_carries_the_hash_of_its_file() {
        let hash = format!("{:016x}", fnv1a(STYLE_CSS.as_bytes()));
        assert_eq!(STYLE_PATH, format!("/assets/style.{hash}.css"));
    }

    /// The test vector "foobar" of the FNV authors (RFC 9923).
    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn only_our_own_paths_lead_to_a_file() {
        assert_eq!(asset(STYLE_PATH).map(|found| found.body), Some(STYLE_CSS));
        assert_eq!(asset(MARK_PATH).map(|found| found.body), Some(MARK_SVG));
        for other in ["", "/", "/assets/", "/assets/style.css", "/assets/../style"] {
            assert_eq!(asset(other), None, "{other:?}");
        }
    }

    #[test]
    fn the_files_ask_for_nothing_from_outside() {
        for body in [STYLE_CSS, MARK_SVG] {
            for word in ["url(", "@import", "@font-face", "href", "<script"] {
                assert!(!body.contains(word), "{word}");
            }
        }
    }
}
