//! URI templates (RFC 6570) read backwards: which variables make this URI.
//!
//! Simple expansion (`{name}`) and reserved expansion (`{+name}`) of one
//! variable each are known; that is what resource templates use. A template
//! with anything else is refused when it is registered.

use percent_encoding::percent_decode_str;

/// Longest template, in bytes.
const TEMPLATE_BYTES_MAX: usize = 2_048;
/// Most variables of a template. Matching tries each place for the text that
/// follows a variable once, so that it stays linear in the URI.
const VARIABLES_MAX: usize = 16;

/// A template that URIs can be matched with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriTemplate {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable {
        name: String,
        /// Whether the value may hold characters that end a path segment.
        reserved: bool,
    },
}

/// The template is not one that can be matched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a URI template needs literals between at most 16 variables such as {{id}} or {{+path}}")]
pub struct Unmatchable;

impl UriTemplate {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, Unmatchable> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let (inside, after) = after.split_once('}').ok_or(Unmatchable)?;
            let (reserved, name) = match inside.strip_prefix('+') {
                Some(name) => (true, name),
                None => (false, inside),
            };
            let named = !name.is_empty()
                && name
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || "_.".contains(letter));
            // Two variables side by side could be told apart in many ways.
            if !named || (literal.is_empty() && !parts.is_empty()) {
                return Err(Unmatchable);
            }
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::Variable {
                name: name.to_owned(),
                reserved,
            });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        let variables = parts
            .iter()
            .filter(|part| matches!(part, Part::Variable { .. }))
            .count();
        let fits = text.len() <= TEMPLATE_BYTES_MAX && (1..=VARIABLES_MAX).contains(&variables);
        if !fits || rest.contains('}') {
            return Err(Unmatchable);
        }
        Ok(Self { parts })
    }

    /// The values of the variables in order, if the URI is one of this
    /// template; percent-encoded characters of a value are decoded.
    pub fn matches(&self, uri: &str) -> Option<Vec<(String, String)>> {
        let mut values = Vec::new();
        let mut rest = uri;
        for (place, part) in self.parts.iter().enumerate() {
            match part {
                Part::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
                Part::Variable { name, reserved } => {
                    let end = match self.parts.get(place + 1) {
                        Some(Part::Literal(literal)) if place + 2 == self.parts.len() => {
                            rest.strip_suffix(literal.as_str())?.len()
                        }
                        Some(Part::Literal(literal)) => rest.find(literal.as_str())?,
                        Some(Part::Variable { .. }) | None => rest.len(),
                    };
                    let (value, after) = rest.split_at_checked(end)?;
                    if value.is_empty() || (!reserved && value.contains(['/', '?', '#'])) {
                        return None;
                    }
                    let value = percent_decode_str(value).decode_utf8().ok()?;
                    values.push((name.clone(), value.into_owned()));
                    rest = after;
                }
            }
        }
        rest.is_empty().then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(template: &str, uri: &str) -> Option<Vec<(String, String)>> {
        UriTemplate::parse(template).unwrap().matches(uri)
    }

    /// RFC 6570, sections 3.2.2 and 3.2.3.
    #[test]
    fn a_uri_gives_back_the_variables_it_was_made_from() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        for (template, uri, values) in [
            (
                "test://template/{id}/data",
                "test://template/123/data",
                Some(vec![pair("id", "123")]),
            ),
            ("test://template/{id}/data", "test://template//data", None),
            (
                "test://template/{id}/data",
                "test://template/a/b/data",
                None,
            ),
            ("test://template/{id}/data", "test://template/1/data/", None),
            (
                "file:///{+path}",
                "file:///a/b%20c",
                Some(vec![pair("path", "a/b c")]),
            ),
            (
                "notes://{handle}/{name}",
                "notes://h.1/a%2Fb",
                Some(vec![pair("handle", "h.1"), pair("name", "a/b")]),
            ),
            ("x:{a}", "x:%ff", None),
            ("x:{a}.json", "x:data.json", Some(vec![pair("a", "data")])),
            (
                "x:{a}.json",
                "x:a.json.json",
                Some(vec![pair("a", "a.json")]),
            ),
            ("x:{a}", "y:1", None),
        ] {
            assert_eq!(matched(template, uri), values, "{template} {uri}");
        }
    }

    #[test]
    fn templates_that_cannot_be_read_backwards_are_refused() {
        for template in [
            "", "plain", "{a}{b}", "x:{", "x:{}", "x:{a,b}", "x:{?q}", "x:{a}}",
        ] {
            assert_eq!(UriTemplate::parse(template), Err(Unmatchable), "{template}");
        }
        let many = "/{a}".repeat(VARIABLES_MAX + 1);
        assert_eq!(UriTemplate::parse(&many), Err(Unmatchable));
    }
}
