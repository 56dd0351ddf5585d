//! What a tool is: its name, its arguments, and what it needs.

use rmcp::model::{MetaObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::meta;
use crate::tool::{Contract, StateContract};

/// A tool, as clients see it and as the house treats it.
#[derive(Debug, Clone)]
pub struct Definition {
    tool: Tool,
    annotations: ToolAnnotations,
    contract: Contract,
}

impl Definition {
    /// A tool with arguments of type `A`, whose schema clients are shown.
    pub fn new<A: JsonSchema>(name: &'static str, description: &'static str) -> Self {
        Self {
            tool: Tool::new(name, description, input_schema::<A>()),
            annotations: ToolAnnotations::new(),
            contract: Contract::default(),
        }
    }

    /// A name for people.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        self.tool = self.tool.with_title(title);
        self
    }

    /// The tool changes nothing.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.annotations = self.annotations.read_only(true);
        self
    }

    /// The tool changes things, but only by adding to them.
    #[must_use]
    pub fn additive(mut self) -> Self {
        self.annotations = self.annotations.read_only(false).destructive(false);
        self
    }

    /// The tool touches nothing outside of this server.
    #[must_use]
    pub fn closed_world(mut self) -> Self {
        self.annotations = self.annotations.open_world(false);
        self
    }

    /// The tool has a state, shared with the tools of the same family: that of
    /// the handle in this argument, or else of the session.
    #[must_use]
    pub fn state(mut self, family: &str, argument: &str) -> Self {
        self.contract.state = Some(StateContract {
            family: family.to_owned(),
            argument: Some(argument.to_owned()),
            mints: false,
        });
        self
    }

    /// The tool mints a new handle to a state of this family.
    #[must_use]
    pub fn mints(mut self, family: &str) -> Self {
        self.contract.state = Some(StateContract {
            family: family.to_owned(),
            argument: None,
            mints: true,
        });
        self
    }

    /// The tool wants to know who calls.
    #[must_use]
    pub fn wants_principal(mut self) -> Self {
        self.contract.principal = true;
        self
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.tool.name
    }

    /// Its entry in `tools/list`.
    pub(super) fn listed(&self) -> Value {
        let mut tool = self.tool.clone().with_annotations(self.annotations.clone());
        if self.contract != Contract::default() {
            let mut listed = MetaObject::default();
            listed.insert(meta::CONTRACT.to_owned(), json!(self.contract));
            tool = tool.with_meta(listed);
        }
        json!(tool)
    }
}

/// The schema of the arguments: JSON Schema 2020-12 (M-TOOL-02), in place, so
/// that clients need not follow references.
fn input_schema<A: JsonSchema>() -> Map<String, Value> {
    let generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator();
    let Value::Object(mut schema) = generator.into_root_schema_for::<A>().to_value() else {
        return Map::new();
    };
    // Those of the type: the tool has its own name and words.
    schema.remove("title");
    schema.remove("description");
    schema.entry("type").or_insert_with(|| "object".into());
    schema.entry("properties").or_insert_with(|| json!({}));
    schema
}
