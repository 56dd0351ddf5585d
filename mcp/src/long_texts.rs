//! The JSON of values that have long texts in them: a text without anything to escape is
//! copied as it is, where `serde_json` goes through it byte by byte.

use serde_json::{Map, Value};

/// From how many bytes on a text is long.
const LONG_BYTES_MIN: usize = 1_024;
/// Room for what usually follows a text, or all would be copied once more for it.
const AROUND_BYTES: usize = 128;

/// Whether there is a long text in these members.
pub(crate) fn are_in(members: &Map<String, Value>) -> bool {
    members.values().any(has_long)
}

fn has_long(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.len() >= LONG_BYTES_MIN,
        Value::Array(values) => values.iter().any(has_long),
        Value::Object(members) => are_in(members),
    }
}

/// Writes an object with these members.
pub(crate) fn write(members: &Map<String, Value>, json: &mut String) {
    let mut before = '{';
    for (name, value) in members {
        json.push(before);
        before = ',';
        write_text(name, json);
        json.push(':');
        write_value(value, json);
    }
    if members.is_empty() {
        json.push('{');
    }
    json.push('}');
}

fn write_value(value: &Value, json: &mut String) {
    match value {
        Value::String(text) => write_text(text, json),
        Value::Array(values) if has_long(value) => {
            let mut before = '[';
            for value in values {
                json.push(before);
                before = ',';
                write_value(value, json);
            }
            json.push(']');
        }
        Value::Object(members) if has_long(value) => write(members, json),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            json.push_str(&value.to_string());
        }
    }
}

fn write_text(text: &str, json: &mut String) {
    if is_plain(text) {
        json.reserve(text.len() + AROUND_BYTES);
        json.push('"');
        json.push_str(text);
        json.push('"');
    } else {
        json.push_str(&Value::from(text).to_string());
    }
}

/// Whether nothing in it has to be escaped (RFC 8259 section 7): eight bytes are looked at
/// together. One that is no escape but comes after one in its eight may be taken for one,
/// which changes nothing.
fn is_plain(text: &str) -> bool {
    const EACH: u64 = u64::MAX / 255;
    const TOP_BITS: u64 = EACH << 7;
    let is_below = |word: u64, limit: u64| word.wrapping_sub(EACH * limit) & !word;
    let has_escape = |word: u64| {
        let quote = is_below(word ^ (EACH * u64::from(b'"')), 1);
        let backslash = is_below(word ^ (EACH * u64::from(b'\\')), 1);
        (is_below(word, 0x20) | quote | backslash) & TOP_BITS != 0
    };
    let (words, rest) = text.as_bytes().as_chunks();
    !words
        .iter()
        .any(|word| has_escape(u64::from_ne_bytes(*word)))
        && !rest
            .iter()
            .any(|byte| matches!(byte, 0..0x20 | b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_byte_that_has_to_be_escaped_is_seen_wherever_it_is() {
        for byte in 0..0x80 {
            for place in 0..19 {
                let mut bytes = vec![b'x'; 19];
                bytes[place] = byte;
                let text = String::from_utf8(bytes).unwrap();
                let escaped = Value::from(text.as_str()).to_string().len() > text.len() + 2;
                assert_eq!(is_plain(&text), !escaped, "{byte} at {place}");
            }
        }
        assert!(is_plain("größe 🌍, and what comes after it"));
    }

    fn text() -> impl Strategy<Value = String> {
        let part = prop_oneof!["[ -~]{0,9}", any::<String>(), Just("x".repeat(1_100))];
        prop::collection::vec(part, 0..3).prop_map(|parts| parts.concat())
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i32>().prop_map(Value::from),
            text().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::hash_map(text(), inner, 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_what_serde_json_writes(
            members in prop::collection::hash_map(text(), value(), 0..4),
        ) {
            let members: Map<String, Value> = members.into_iter().collect();
            let mut json = String::new();
            write(&members, &mut json);
            prop_assert_eq!(json, serde_json::to_string(&members).unwrap());
        }
    }
}
