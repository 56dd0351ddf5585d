//! The one text of the arguments of a call (RFC 8785).

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Error, Value};
use serde_json_canonicalizer::to_writer;

/// The members of an object, each as it was written.
pub(crate) type Members<'a> = BTreeMap<String, &'a RawValue>;

/// The canonical text of an object with these members.
pub(crate) fn of(members: &Members<'_>) -> Result<Vec<u8>, Error> {
    let mut in_order: Vec<_> = members.iter().collect();
    // Section 3.2.3: by the code units of UTF-16.
    in_order.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
    let bytes = members.values().map(|value| value.get().len());
    let mut text = Vec::with_capacity(bytes.sum::<usize>() + 64);
    let mut before = b'{';
    for (name, value) in in_order {
        text.push(before);
        before = b',';
        to_writer(name, &mut text)?;
        text.push(b':');
        if is_canonical(value.get()) {
            text.extend_from_slice(value.get().as_bytes());
        } else {
            to_writer(&serde_json::from_str::<Value>(value.get())?, &mut text)?;
        }
    }
    if members.is_empty() {
        text.push(b'{');
    }
    text.push(b'}');
    Ok(text)
}

/// Whether that JSON is a text without an escape: nothing in it could be written in
/// another way but what has to be escaped, and is not there (section 3.2.2.2).
fn is_canonical(value: &str) -> bool {
    value.starts_with('"') && !value.contains('\\')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    fn canonical(text: &str) -> Option<String> {
        let members: Members<'_> = serde_json::from_str(text).ok()?;
        of(&members)
            .ok()
            .map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn names_are_in_the_order_of_their_code_units() {
        // U+1F30D begins with the code unit D83C, which is before FFFD.
        let text = r#"{"\ufffd":1,"🌍":2,"b":3,"a":{"d":4,"c":5}}"#;
        let sorted = "{\"a\":{\"c\":5,\"d\":4},\"b\":3,\"🌍\":2,\"\u{fffd}\":1}";
        assert_eq!(canonical(text).unwrap(), sorted);
        assert_eq!(canonical("{}").unwrap(), "{}");
    }

    #[test]
    fn numbers_that_no_double_has_are_those_of_the_next() {
        let text = r#"{"a":9007199254740993,"b":18446744073709551615,"c":-9007199254740993}"#;
        let doubles = r#"{"a":9007199254740992,"b":18446744073709552000,"c":-9007199254740992}"#;
        assert_eq!(canonical(text).unwrap(), doubles);
    }

    #[test]
    fn of_two_members_with_one_name_the_last_counts() {
        assert_eq!(canonical(r#"{"a":1,"\u0061":2}"#).unwrap(), r#"{"a":2}"#);
    }

    #[test]
    fn what_is_no_value_has_no_canonical_text() {
        for text in [r#"{"a":1e999}"#, r#"{"a":"\ud800"}"#, "[]", "1"] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "\\PC{0,20}".prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_the_canonical_text_of_the_whole(
            members in prop::collection::hash_map(any::<String>(), value(), 0..6),
        ) {
            let members: Map<String, Value> = members.into_iter().collect();
            let text = json!(members).to_string();
            let whole = serde_json_canonicalizer::to_string(&members).unwrap();
            prop_assert_eq!(canonical(&text).unwrap(), whole);
        }
    }
}
