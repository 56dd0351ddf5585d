//! JSON Schemas of Rust types, as clients can read them.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The schema of a type: JSON Schema 2020-12 (M-TOOL-02), in place, so that
/// clients need not follow references.
pub(crate) fn of<A: JsonSchema>() -> Map<String, Value> {
    let generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator();
    let Value::Object(mut schema) = generator.into_root_schema_for::<A>().to_value() else {
        return Map::new();
    };
    // Those of the type: what it is used for has its own name and words.
    schema.remove("title");
    schema.remove("description");
    schema
}

/// The schema of a tool's arguments: always an object's.
pub(crate) fn of_arguments<A: JsonSchema>() -> Map<String, Value> {
    let mut schema = of::<A>();
    schema.entry("type").or_insert_with(|| "object".into());
    schema.entry("properties").or_insert_with(|| json!({}));
    simplify(&mut schema);
    schema
}

/// Widths of Rust's numbers, which are no formats of JSON Schema: clients warn of
/// them.
const RUST_FORMATS: [&str; 10] = [
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float", "double",
];

/// An optional argument is one that may be left out. That `null` is taken too
/// need not be said, and keeps clients from repeating it in a header (M-PAR-03).
fn simplify(schema: &mut Map<String, Value>) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(Map::values_mut) {
        let Some(property) = property.as_object_mut() else {
            continue;
        };
        if let Some(Value::Array(kinds)) = property.get_mut("type") {
            kinds.retain(|kind| kind.as_str() != Some("null"));
            if let [kind] = &kinds[..] {
                let kind = kind.clone();
                property.insert("type".into(), kind);
            }
        }
        let format = property.get("format").and_then(Value::as_str);
        if format.is_some_and(|format| RUST_FORMATS.contains(&format)) {
            property.remove("format");
        }
        if property.get("default") == Some(&Value::Null) {
            property.remove("default");
        }
        simplify(property);
    }
}

/// The schema of a form: flat, and without the dialect, which the form's own
/// rules fix (2025-11-25, elicitation).
pub(crate) fn of_form<A: JsonSchema>() -> Map<String, Value> {
    let mut schema = of_arguments::<A>();
    schema.remove("$schema");
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only the schema counts")]
    struct Arguments {
        /// Where to.
        #[schemars(extend("x-mcp-header" = "Region"))]
        region: Option<String>,
        #[serde(default)]
        size: Option<u32>,
    }

    #[test]
    fn an_optional_argument_has_the_type_it_has_when_it_is_there() {
        let schema = of_arguments::<Arguments>();
        let region = &schema["properties"]["region"];
        assert_eq!(region["type"], "string");
        assert_eq!(region["x-mcp-header"], "Region");
        assert_eq!(schema["properties"]["size"]["type"], "integer");
        assert_eq!(schema["properties"]["size"].get("default"), None);
        assert_eq!(schema["properties"]["size"].get("format"), None);
        assert_eq!(schema.get("required"), None);
    }
}
