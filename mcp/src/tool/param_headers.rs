//! Arguments that are repeated in headers: `x-mcp-header` in a tool's input
//! schema, `Mcp-Param-…` in the request (M-PAR-01 to M-PAR-03).

use serde_json::{Map, Value};

use super::invocation::Invocation;
use crate::era::decode_value;

/// What the names of all these headers begin with.
pub const PREFIX: &str = "mcp-param-";

/// An argument with a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamHeader {
    /// The header's name, in lower case, with its prefix.
    pub header: String,
    path: Vec<String>,
}

/// The schema's annotations are not ones that clients can follow (M-PAR-03).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The annotation is no header name.
    #[error("x-mcp-header must be a name of header characters")]
    Name,
    /// Two arguments want the same header.
    #[error("two arguments have the same x-mcp-header")]
    Twice,
    /// The argument is of a type that no header can carry exactly.
    #[error("x-mcp-header is for strings, integers and booleans only")]
    Type,
    /// The argument cannot be found by member names alone.
    #[error("x-mcp-header must be reachable through `properties` alone")]
    Place,
}

const ANNOTATION: &str = "x-mcp-header";
/// Deepest nesting that is looked at.
const DEPTH_MAX: usize = 16;

/// The arguments of that schema that have a header.
pub fn of_schema(schema: &Map<String, Value>) -> Result<Vec<ParamHeader>, Unusable> {
    let mut found = Vec::new();
    walk(schema, &mut Vec::new(), &mut found)?;
    let annotated: usize = count(&Value::Object(schema.clone()), 0);
    if annotated != found.len() {
        return Err(Unusable::Place);
    }
    Ok(found)
}

fn walk(
    schema: &Map<String, Value>,
    path: &mut Vec<String>,
    found: &mut Vec<ParamHeader>,
) -> Result<(), Unusable> {
    if path.len() > DEPTH_MAX {
        return Ok(());
    }
    if let Some(annotation) = schema.get(ANNOTATION) {
        let name = annotation.as_str().unwrap_or_default();
        let is_token = |letter: char| {
            letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter) // RFC 9110, 5.6.2
        };
        if name.is_empty() || !name.chars().all(is_token) {
            return Err(Unusable::Name);
        }
        let kind = schema.get("type").and_then(Value::as_str);
        if !matches!(kind, Some("string" | "integer" | "boolean")) {
            return Err(Unusable::Type);
        }
        let header = format!("{PREFIX}{}", name.to_ascii_lowercase());
        if found.iter().any(|other| other.header == header) {
            return Err(Unusable::Twice);
        }
        found.push(ParamHeader {
            header,
            path: path.clone(),
        });
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        if let Value::Object(property) = property {
            path.push(name.clone());
            walk(property, path, found)?;
            path.pop();
        }
    }
    Ok(())
}

/// Every annotation anywhere in the schema, in places too where it may not be.
fn count(schema: &Value, depth: usize) -> usize {
    let below = |values: &mut dyn Iterator<Item = &Value>| -> usize {
        if depth > 2 * DEPTH_MAX {
            return 0;
        }
        values.map(|value| count(value, depth + 1)).sum()
    };
    match schema {
        Value::Object(members) => {
            // A property that is called so is no annotation.
            let own = usize::from(
                members
                    .get(ANNOTATION)
                    .is_some_and(|value| !value.is_object()),
            );
            own + below(&mut members.values())
        }
        Value::Array(items) => below(&mut items.iter()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Whether the headers say what the arguments say; else, what is wrong.
/// `header` gives the one value of a header; headers that belong to no argument
/// are not looked at (M-PAR-02).
pub fn check<H: AsRef<str>>(
    expected: &[ParamHeader],
    invocation: &Invocation,
    header: impl Fn(&str) -> Option<H>,
) -> Result<(), String> {
    if expected.is_empty() {
        return Ok(());
    }
    let arguments = invocation
        .arguments
        .as_ref()
        .map_or("null", |raw| raw.get());
    let arguments: Value = serde_json::from_str(arguments)
        .map_err(|_| "the arguments cannot be compared with their headers".to_owned())?;
    for param in expected {
        let argument = param
            .path
            .iter()
            .try_fold(&arguments, |at, member| at.get(member))
            .filter(|value| !value.is_null());
        let sent = header(&param.header);
        let name = &param.header;
        match (argument, sent) {
            (None, None) => {}
            (None, Some(_)) => return Err(format!("{name} is there, but its argument is not")), // §9 Q9
            (Some(_), None) => return Err(format!("{name} is required beside its argument")),
            (Some(argument), Some(sent)) => {
                let Some(decoded) = decode_value(sent.as_ref()) else {
                    return Err(format!("{name} is not valid base64 of UTF-8"));
                };
                if !same(argument, &decoded) {
                    return Err(format!("{name} and its argument differ"));
                }
            }
        }
    }
    Ok(())
}

/// Integers compare as numbers, whatever their notation (M-PAR-02).
fn same(argument: &Value, header: &str) -> bool {
    match argument {
        Value::String(text) => text == header,
        Value::Bool(value) => header == if *value { "true" } else { "false" },
        Value::Number(number) => {
            let exact = number
                .as_i64()
                .is_some_and(|number| header.parse() == Ok(number))
                || number
                    .as_u64()
                    .is_some_and(|number| header.parse() == Ok(number));
            // 42.0 = 42; beyond 2^53 only the exact comparison counts.
            exact
                || matches!(
                    (number.as_f64(), header.parse::<f64>()),
                    (Some(one), Ok(other))
                        if one.abs() < 9_007_199_254_740_992.0 && (one - other).abs() == 0.0
                )
        }
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn headers(schema: &Value) -> Result<Vec<ParamHeader>, Unusable> {
        of_schema(schema.as_object().unwrap())
    }

    fn invocation(arguments: &Value) -> Invocation {
        let params =
            serde_json::value::to_raw_value(&json!({ "name": "t", "arguments": arguments }));
        Invocation::read("tools/call", &(&*params.unwrap()).into(), Map::new(), true).unwrap()
    }

    /// Checklist M-PAR-03.
    #[test]
    fn a_schema_whose_annotations_clients_cannot_follow_is_unusable() {
        let property =
            |property: Value| json!({ "type": "object", "properties": { "a": property } });
        for (schema, wrong) in [
            (
                property(json!({ "type": "string", "x-mcp-header": "" })),
                Unusable::Name,
            ),
            (
                property(json!({ "type": "string", "x-mcp-header": "a b" })),
                Unusable::Name,
            ),
            (
                property(json!({ "type": "string", "x-mcp-header": 5 })),
                Unusable::Name,
            ),
            (
                property(json!({ "type": "number", "x-mcp-header": "A" })),
                Unusable::Type,
            ),
            (
                property(
                    json!({ "type": "array", "items": { "type": "string", "x-mcp-header": "A" } }),
                ),
                Unusable::Place,
            ),
            (
                property(json!({ "anyOf": [{ "type": "string", "x-mcp-header": "A" }] })),
                Unusable::Place,
            ),
            (
                json!({ "type": "object", "properties": {
                    "a": { "type": "string", "x-mcp-header": "Same" },
                    "b": { "type": "string", "x-mcp-header": "same" } } }),
                Unusable::Twice,
            ),
        ] {
            assert_eq!(headers(&schema), Err(wrong), "{schema}");
        }
    }

    /// Checklist M-PAR-02: a tool may read what we cannot, such as 1e999.
    #[test]
    fn arguments_that_cannot_be_read_do_not_pass_without_their_headers() {
        let schema = json!({ "properties": { "a": { "type": "string", "x-mcp-header": "A" } } });
        let text = r#"{"name":"t","arguments":{"a":"eu","b":1e999}}"#;
        let params = serde_json::value::RawValue::from_string(text.to_owned()).unwrap();
        let call = Invocation::read("tools/call", &(&*params).into(), Map::new(), true).unwrap();
        assert!(check(&headers(&schema).unwrap(), &call, |_| None::<&str>).is_err());
        assert!(check(&[], &call, |_| None::<&str>).is_ok());
    }

    /// Checklist M-PAR-01, M-PAR-02.
    #[test]
    fn a_header_must_say_what_its_argument_says() {
        let schema = json!({ "type": "object", "properties": {
            "region": { "type": "string", "x-mcp-header": "Region" },
            "deep": { "type": "object", "properties": {
                "size": { "type": "integer", "x-mcp-header": "Size" },
                "dry": { "type": "boolean", "x-mcp-header": "Dry" } } } } });
        let expected = headers(&schema).unwrap();
        assert_eq!(expected.len(), 3);
        for (arguments, sent, fits) in [
            (json!({}), vec![], true),
            (json!({ "region": null }), vec![], true),
            (
                json!({ "region": "eu" }),
                vec![("mcp-param-region", "eu")],
                true,
            ),
            (
                json!({ "region": "eu" }),
                vec![("mcp-param-region", "EU")],
                false,
            ),
            (json!({ "region": "eu" }), vec![], false),
            (
                json!({ "region": "" }),
                vec![("mcp-param-region", "")],
                true,
            ),
            (json!({}), vec![("mcp-param-region", "eu")], false),
            (
                json!({ "region": "ü" }),
                vec![("mcp-param-region", "=?base64?w7w=?=")],
                true,
            ),
            (
                json!({ "region": "ü" }),
                vec![("mcp-param-region", "=?base64?w7w?=")],
                false,
            ),
            (
                json!({ "region": "w7w=" }),
                vec![("mcp-param-region", "w7w=")],
                true,
            ),
            (
                json!({ "deep": { "size": 42 } }),
                vec![("mcp-param-size", "42.0")],
                true,
            ),
            (
                json!({ "deep": { "size": 42 } }),
                vec![("mcp-param-size", "43")],
                false,
            ),
            (
                json!({ "deep": { "size": 9_007_199_254_740_993_u64 } }),
                vec![("mcp-param-size", "9007199254740992")],
                false,
            ),
            (
                json!({ "deep": { "dry": true } }),
                vec![("mcp-param-dry", "true")],
                true,
            ),
            (
                json!({ "deep": { "dry": true } }),
                vec![("mcp-param-dry", "TRUE")],
                false,
            ),
            (json!({}), vec![("mcp-param-other", "x")], true),
        ] {
            let found = check(&expected, &invocation(&arguments), |name| {
                sent.iter()
                    .find(|(header, _)| *header == name)
                    .map(|(_, value)| *value)
            });
            assert_eq!(found.is_ok(), fits, "{arguments} {sent:?}: {found:?}");
        }
    }
}
