//! Which parts of the protocol the tool Workers serve, together.

use rmcp::model::{PromptsCapability, ResourcesCapability, ServerCapabilities, ToolsCapability};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::meta;
use crate::revision::Revision;

/// What there is to advertise: a feature that no Worker has is not advertised,
/// and its methods do not exist (M-CAP-02).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a capability of the protocol"
)]
pub struct Features {
    /// Tools.
    pub tools: bool,
    /// Prompts.
    pub prompts: bool,
    /// Resources, with templates and subscriptions.
    pub resources: bool,
    /// Completion of arguments.
    pub completions: bool,
    /// Log messages during calls.
    pub logging: bool,
    /// Calls that are tasks.
    pub tasks: bool,
}

impl Features {
    /// Everything.
    pub const ALL: Self = Self {
        tools: true,
        prompts: true,
        resources: true,
        completions: true,
        logging: true,
        tasks: true,
    };

    /// What a Worker's `capabilities` say.
    pub fn of(capabilities: &Map<String, Value>) -> Self {
        let has = |name: &str| capabilities.contains_key(name);
        Self {
            tools: has("tools"),
            prompts: has("prompts"),
            resources: has("resources"),
            completions: has("completions"),
            logging: has("logging"),
            tasks: false, // a matter of the tools and of the house
        }
    }

    /// Whether there is something behind a method; of methods that belong to no
    /// feature, this says nothing (L-INIT-05, M-CAP-02).
    pub fn serve(self, method: &str) -> bool {
        match method {
            "tools/list" | "tools/call" => self.tools,
            "prompts/list" | "prompts/get" => self.prompts,
            "resources/list"
            | "resources/templates/list"
            | "resources/read"
            | "resources/subscribe"
            | "resources/unsubscribe" => self.resources,
            "completion/complete" => self.completions,
            "logging/setLevel" => self.logging,
            "tasks/get" | "tasks/update" | "tasks/cancel" | "tasks/list" | "tasks/result" => {
                self.tasks
            }
            "subscriptions/listen" => self.tools || self.prompts || self.resources,
            _ => true,
        }
    }

    /// Everything that one of both has.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            tools: self.tools || other.tools,
            prompts: self.prompts || other.prompts,
            resources: self.resources || other.resources,
            completions: self.completions || other.completions,
            logging: self.logging || other.logging,
            tasks: self.tasks || other.tasks,
        }
    }

    /// The capabilities as clients of that revision are told them (L-INIT-03,
    /// L-GATE-01, L-GATE-02).
    pub fn capabilities(self, revision: Revision) -> ServerCapabilities {
        let mut told = ServerCapabilities::default();
        if self.tools {
            let mut tools = ToolsCapability::default();
            tools.list_changed = Some(true);
            told.tools = Some(tools);
        }
        if self.prompts {
            let mut prompts = PromptsCapability::default();
            prompts.list_changed = Some(true);
            told.prompts = Some(prompts);
        }
        if self.resources {
            let mut resources = ResourcesCapability::default();
            resources.subscribe = Some(true);
            resources.list_changed = Some(true);
            told.resources = Some(resources);
        }
        if self.completions && revision >= Revision::V20250326 {
            told.completions = Some(Map::new());
        }
        if self.logging {
            told.logging = Some(Map::new());
        }
        if self.tasks && revision.is_modern() {
            let extension = (meta::TASKS_EXTENSION.to_owned(), Map::new());
            told.extensions = Some([extension].into());
        }
        told
    }
}
