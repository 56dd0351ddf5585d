//! What a tool can have changed for others: lists, and resources.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

/// Something that clients may be listening for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// The list of tools.
    ToolsList,
    /// The list of prompts.
    PromptsList,
    /// The list of resources, or of their templates.
    ResourcesList,
    /// The contents of one resource.
    Resource {
        /// Which.
        uri: String,
        /// Whether it is the same resource for everybody. If not, only the
        /// caller's own clients are told.
        shared: bool,
    },
}

impl Change {
    /// Whether every user's clients are told, or the caller's alone (SEC-02).
    pub fn is_shared(&self) -> bool {
        match self {
            Self::ToolsList | Self::PromptsList | Self::ResourcesList => true,
            Self::Resource { shared, .. } => *shared,
        }
    }

    /// Whether it is a list, so that a kept one is out of date.
    pub fn is_list(&self) -> bool {
        match self {
            Self::ToolsList | Self::PromptsList | Self::ResourcesList => true,
            Self::Resource { .. } => false,
        }
    }

    /// The method of the notification about it.
    pub fn method(&self) -> &'static str {
        match self {
            Self::ToolsList => "notifications/tools/list_changed",
            Self::PromptsList => "notifications/prompts/list_changed",
            Self::ResourcesList => "notifications/resources/list_changed",
            Self::Resource { .. } => "notifications/resources/updated",
        }
    }

    /// The params of that notification, with this `_meta` if there is any.
    pub fn params(&self, meta: Map<String, Value>) -> Option<Box<RawValue>> {
        let mut params = Map::new();
        if let Self::Resource { uri, .. } = self {
            params.insert("uri".into(), json!(uri));
        }
        if !meta.is_empty() {
            params.insert("_meta".into(), Value::Object(meta));
        }
        if params.is_empty() {
            return None;
        }
        to_raw_value(&params).ok()
    }
}
