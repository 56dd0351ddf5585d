//! URI templates, read backwards.

use mcp::uri_template::UriTemplate;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::fields::fields;

/// RFC 3986, 2.3: what is never encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The input is a template, a URI, and values with line breaks between them.
///
/// A template that is taken is within the limits, and has the literals and
/// variables that are written in it; the values of a match make the URI; a URI
/// made of values that hold nothing of the template's literals gives them back.
pub fn uri_template(data: &[u8]) {
    let Some([text, uri, values]) = fields(data) else {
        return;
    };
    let Ok(template) = UriTemplate::parse(text) else {
        return;
    };
    let (literals, variables) = written(text);
    assert!(text.len() <= 2_048 && (1..=16).contains(&variables.len()));

    if let Some(found) = template.matches(uri) {
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        let wanted: Vec<&str> = variables
            .iter()
            .map(|name| name.trim_start_matches('+'))
            .collect();
        assert_eq!(names, wanted);
        assert!(is_made_of(uri, &literals, &variables, &found), "{found:?}");
    }

    let mut made = (*literals.first().unwrap_or(&"")).to_owned();
    let mut wanted = Vec::new();
    let mut given = values.split('\n').filter(|value| !value.is_empty());
    for (at, variable) in variables.iter().enumerate() {
        let after = literals.get(at + 1).copied().unwrap_or_default();
        let value = given.next().unwrap_or("x");
        let encoded = utf8_percent_encode(value, ENCODED).to_string();
        if encoded.contains(|letter| after.contains(letter)) {
            return;
        }
        made = made + &encoded + after;
        wanted.push((
            variable.trim_start_matches('+').to_owned(),
            value.to_owned(),
        ));
    }
    assert_eq!(template.matches(&made), Some(wanted), "{made}");
}

/// The literals around the variables, one more than there are of those.
fn written(text: &str) -> (Vec<&str>, Vec<&str>) {
    let mut literals = Vec::new();
    let mut variables = Vec::new();
    let mut rest = text;
    while let Some((literal, after)) = rest.split_once('{') {
        let (variable, after) = after.split_once('}').expect("it was taken");
        literals.push(literal);
        variables.push(variable);
        rest = after;
    }
    literals.push(rest);
    (literals, variables)
}

/// Whether some way to cut the URI gives these values.
fn is_made_of(
    uri: &str,
    literals: &[&str],
    variables: &[&str],
    values: &[(String, String)],
) -> bool {
    let Some((literal, literals)) = literals.split_first() else {
        return false;
    };
    let Some(rest) = uri.strip_prefix(literal) else {
        return false;
    };
    let (Some((variable, variables)), Some(((_, value), values))) =
        (variables.split_first(), values.split_first())
    else {
        return rest.is_empty();
    };
    let reserved = variable.starts_with('+');
    let ends = rest
        .char_indices()
        .map(|(at, letter)| at + letter.len_utf8());
    ends.filter_map(|end| rest.split_at_checked(end))
        .take_while(|(piece, _)| reserved || !piece.contains(['/', '?', '#']))
        .filter(|(piece, _)| {
            percent_decode_str(piece)
                .decode_utf8()
                .is_ok_and(|piece| piece == *value)
        })
        .any(|(_, rest)| is_made_of(rest, literals, variables, values))
}
