//! What is said to a hub.
//!
//! Every request goes to `https://hub` and one of these paths.

use std::collections::BTreeSet;

use mcp::tool::Change;
use serde::{Deserialize, Serialize};

/// `POST` a list of [`Change`]s; 204 once listening sockets were told. Sessions
/// are told afterwards.
pub(super) const PUBLISH: &str = "/publish";
/// `POST` a [`Subscriber`]; 204.
pub(super) const SUBSCRIBE: &str = "/subscribe";
/// `POST` the name of a session that has ended; 204.
pub(super) const UNSUBSCRIBE: &str = "/unsubscribe";
/// `GET` with a [`Wanted`] in the field [`WANTED`]; 101 with a socket, over
/// which each change comes as JSON.
pub(super) const LISTEN: &str = "/listen";
/// The field with what a listener wants.
pub(super) const WANTED: &str = "sessile-wanted";

/// The binding of these objects.
pub(super) const HUBS: &str = "HUBS";

/// A session that wants to be told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Subscriber {
    /// The name of its object.
    pub(super) session: String,
    /// What it wants.
    pub(super) wanted: Wanted,
}

/// Which changes somebody wants to be told of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// Changes of the list of tools.
    pub tools: bool,
    /// Changes of the list of prompts.
    pub prompts: bool,
    /// Changes of the lists of resources and templates.
    pub resources: bool,
    /// Changes of these resources.
    pub uris: BTreeSet<String>,
}

impl Wanted {
    /// Whether that change is among them.
    pub fn includes(&self, change: &Change) -> bool {
        match change {
            Change::ToolsList => self.tools,
            Change::PromptsList => self.prompts,
            Change::ResourcesList => self.resources,
            Change::Resource { uri, .. } => self.uris.contains(uri),
        }
    }

    /// Whether a hub of that kind can have something for them.
    pub(super) fn concerns(&self, shared: bool) -> bool {
        !self.uris.is_empty() || (shared && (self.tools || self.prompts || self.resources))
    }
}
