//! Arguments that are repeated in headers.

use std::collections::BTreeMap;

use mcp::era::encode_value;
use mcp::tool::Invocation;
use mcp::tool::param_headers::{self, PREFIX};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use crate::alteration::altered;
use crate::fields::fields;

/// Deepest argument that may have a header.
const DEPTH_MAX: usize = 16;

/// The input is a tool's input schema, the text of a call's arguments, and an
/// alteration of a header.
///
/// A usable schema names each annotated argument once; headers that say what
/// the arguments say are taken; one that is altered, missing or made up is not,
/// and the refusal repeats no value. Arguments that cannot be compared are
/// refused.
pub fn param_headers(data: &[u8]) {
    let Some([schema, arguments, how]) = fields(data) else {
        return;
    };
    let Ok(Value::Object(schema)) = serde_json::from_str(schema) else {
        return;
    };
    let Ok(expected) = param_headers::of_schema(&schema) else {
        return;
    };
    let mut annotated = BTreeMap::new();
    annotations(&schema, &mut Vec::new(), &mut annotated);
    let mut names: Vec<&str> = expected.iter().map(|param| param.header.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, annotated.keys().collect::<Vec<_>>(), "each once");

    let Ok(raw) = RawValue::from_string(arguments.to_owned()) else {
        return;
    };
    let params = format!(r#"{{"name":"t","arguments":{raw}}}"#);
    let params = RawValue::from_string(params).unwrap();
    let Ok(call) = Invocation::read("tools/call", &(&*params).into(), Map::new(), true) else {
        return;
    };
    let check = |sent: &BTreeMap<&str, String>| {
        param_headers::check(&expected, &call, |name| sent.get(name).map(String::as_str))
    };
    let Ok(arguments) = serde_json::from_str::<Value>(arguments) else {
        let refused = call.arguments.is_none() || check(&BTreeMap::new()).is_err();
        assert!(refused || expected.is_empty(), "they cannot be compared");
        return;
    };

    let mut honest = BTreeMap::new();
    for (header, path) in &annotated {
        let argument = path
            .iter()
            .try_fold(&arguments, |at, member| at.get(member));
        match argument.map(said) {
            None | Some(Said::Absent) => {}
            Some(Said::Header(value)) => {
                honest.insert(header.as_str(), value);
            }
            Some(Said::Nothing) => {
                assert!(check(&honest).is_err(), "no header says {argument:?}");
                return;
            }
        }
    }
    assert_eq!(check(&honest), Ok(()), "{honest:?}");
    for header in annotated.keys() {
        let mut other = honest.clone();
        if other.remove(header.as_str()).is_none() {
            other.insert(header, how.to_owned());
        }
        let refusal = check(&other).unwrap_err();
        assert!(refusal.len() < 128 + header.len(), "{refusal}");
    }
    text_is_compared_exactly(&expected, how);
}

/// What a header has to say of an argument.
enum Said {
    Absent,
    Header(String),
    /// No header can say it exactly.
    Nothing,
}

fn said(argument: &Value) -> Said {
    match argument {
        Value::Null => Said::Absent,
        Value::String(text) => Said::Header(encode_value(text).into_owned()),
        Value::Bool(value) => Said::Header(value.to_string()),
        Value::Number(number) if !number.is_f64() => Said::Header(number.to_string()),
        // A fraction may be compared; beyond 2^53 it is not.
        Value::Number(number) if number.as_f64().is_some_and(|number| number.abs() < 1e15) => {
            Said::Header(number.to_string())
        }
        Value::Number(_) | Value::Array(_) | Value::Object(_) => Said::Nothing,
    }
}

/// The annotated properties of the schema, by header.
fn annotations(
    schema: &Map<String, Value>,
    path: &mut Vec<String>,
    found: &mut BTreeMap<String, Vec<String>>,
) {
    if path.len() > DEPTH_MAX {
        return;
    }
    if let Some(Value::String(name)) = schema.get("x-mcp-header") {
        let header = format!("{PREFIX}{}", name.to_ascii_lowercase());
        assert_eq!(found.insert(header, path.clone()), None, "two of one name");
    }
    let Some(Value::Object(properties)) = schema.get("properties") else {
        return;
    };
    for (name, property) in properties {
        if let Value::Object(property) = property {
            path.push(name.clone());
            annotations(property, path, found);
            path.pop();
        }
    }
}

/// A text argument of the first header: only its own text passes.
fn text_is_compared_exactly(expected: &[param_headers::ParamHeader], how: &str) {
    let schema = json!({ "properties": { "a": { "type": "string", "x-mcp-header": "a" } } });
    let one = param_headers::of_schema(schema.as_object().unwrap()).unwrap();
    let text = expected.first().map_or("text", |param| &param.header);
    let other = altered(text, how);
    let params = json!({ "name": "t", "arguments": { "a": text } });
    let params = to_raw_value(&params).unwrap();
    let call = Invocation::read("tools/call", &(&*params).into(), Map::new(), true).unwrap();
    let sent = encode_value(&other);
    let taken = param_headers::check(&one, &call, |_| Some(sent.as_ref())).is_ok();
    assert_eq!(taken, other == text);
}
