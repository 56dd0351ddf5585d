//! Tools whose schemas the suite looks at.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use toolkit::{Call, Failure, Reply, Server, Tool};

use crate::asking::object;

#[derive(Debug, Deserialize, JsonSchema)]
struct Routed {
    /// Where to.
    #[schemars(extend("x-mcp-header" = "Region"))]
    region: Option<String>,
}

async fn routed(call: Call<Routed>) -> Result<Reply, Failure> {
    let region = call.arguments.region;
    Ok(Reply::text(format!(
        "Region: {}",
        region.as_deref().unwrap_or("none")
    )))
}

async fn contact(call: Call<Map<String, Value>>) -> Result<Reply, Failure> {
    Ok(Reply::text(Value::Object(call.arguments).to_string()))
}

/// A schema with the keywords of 2020-12 that no Rust type has.
fn contact_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
            },
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": {
            "properties": { "contactMethod": { "const": "phone" } },
            "required": ["contactMethod"],
        },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}

pub(crate) fn add(server: Server) -> Server {
    server
        .tool(
            Tool::with_schema(
                "json_schema_2020_12_tool",
                "Gives back its arguments.",
                object(contact_schema()),
            )
            .read_only(),
            contact,
        )
        .tool(
            Tool::new::<Routed>(
                "test_x_mcp_header",
                "Tells its region, which stateless clients repeat in a header.",
            )
            .read_only(),
            routed,
        )
}
