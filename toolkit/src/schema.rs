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
    schema
}

/// The schema of a form: flat, and without the dialect, which the form's own
/// rules fix (2025-11-25, elicitation).
pub(crate) fn of_form<A: JsonSchema>() -> Map<String, Value> {
    let mut schema = of_arguments::<A>();
    schema.remove("$schema");
    schema
}
