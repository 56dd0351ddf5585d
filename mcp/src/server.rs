//! What this server says of itself in `initialize` and `server/discover`.

use rmcp::model::{CacheScope, DiscoverResult, Implementation, InitializeResult};
use serde_json::{Map, Value, json};

use crate::meta;
use crate::revision::Revision;
use crate::tool::catalog::Features;

/// The server's name and version, as told to clients.
#[derive(Debug, Clone)]
pub struct ServerInfo {
    /// A name, such as `sessile`.
    pub name: &'static str,
    /// The version of the build.
    pub version: &'static str,
    /// A hint for the model on how to use the server.
    pub instructions: Option<&'static str>,
}

/// What this server says of itself, wherever it introduces itself.
pub const SERVER: ServerInfo = ServerInfo {
    name: "sessile",
    version: env!("CARGO_PKG_VERSION"),
    instructions: None,
};

/// How long a client may keep what `server/discover` says, in milliseconds: as
/// long as the list of tools is kept that the capabilities come from.
const DISCOVER_TTL_MS: u64 = 60_000;

impl ServerInfo {
    fn implementation(&self) -> Implementation {
        Implementation::new(self.name, self.version)
    }

    /// Writes the server's name into a result (M-META-03).
    pub fn sign(&self, result: &mut Map<String, Value>) {
        let meta = result.entry("_meta").or_insert_with(|| json!({}));
        if let Value::Object(meta) = meta {
            meta.insert(meta::SERVER_INFO.into(), json!(self.implementation()));
        }
    }

    /// The result of `initialize` (L-INIT-01, L-INIT-03).
    pub fn initialize_result(&self, revision: Revision, features: Features) -> Map<String, Value> {
        let mut result = InitializeResult::new(features.capabilities(revision))
            .with_server_info(self.implementation())
            .with_protocol_version(revision.protocol_version());
        result.instructions = self.instructions.map(str::to_owned);
        let mut result: Map<String, Value> =
            serde_json::from_value(json!(result)).unwrap_or_default();
        // The SDK's types know the extension of 2026-07-28 only (L-TASK-01).
        if features.tasks
            && revision == Revision::V20251125
            && let Some(Value::Object(told)) = result.get_mut("capabilities")
        {
            let tasks =
                json!({ "list": {}, "cancel": {}, "requests": { "tools": { "call": {} } } });
            told.insert("tasks".into(), tasks);
        }
        result
    }

    /// The result of `server/discover` (M-DISC-01, ERA-04).
    pub fn discover_result(&self, features: Features) -> DiscoverResult {
        let versions = Revision::ALL.map(Revision::protocol_version).to_vec();
        let mut result = DiscoverResult::new(versions, features.capabilities(Revision::MODERN))
            .with_server_info(self.implementation())
            .with_ttl_ms(DISCOVER_TTL_MS)
            .with_cache_scope(CacheScope::Public);
        result.instructions = self.instructions.map(str::to_owned);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: ServerInfo = ServerInfo {
        name: "sessile",
        version: "1",
        instructions: None,
    };

    const FEATURES: Features = Features {
        tools: true,
        prompts: false,
        resources: false,
        completions: false,
        logging: false,
        tasks: true,
    };

    /// Checklist M-DISC-01, M-CACHE-01, ERA-04.
    #[test]
    fn discover_names_every_revision_and_how_long_that_holds() {
        let result = serde_json::to_value(INFO.discover_result(FEATURES)).unwrap();
        assert_eq!(
            result["supportedVersions"],
            serde_json::json!(["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"])
        );
        assert_eq!(result["resultType"], "complete");
        assert_eq!(result["cacheScope"], "public");
        assert_eq!(
            result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"],
            "sessile"
        );
        assert!(result["ttlMs"].is_u64());
    }

    /// Checklist L-INIT-01, L-GATE-02.
    /// Also L-INIT-03.
    #[test]
    fn initialize_answers_without_the_members_of_later_revisions() {
        let result =
            serde_json::to_value(INFO.initialize_result(Revision::V20250618, FEATURES)).unwrap();
        assert_eq!(result["protocolVersion"], "2025-06-18");
        assert!(result["capabilities"]["tools"].is_object());
        assert_eq!(result.get("resultType"), None);
        assert_eq!(result["capabilities"].get("extensions"), None);
        assert_eq!(result["capabilities"].get("tasks"), None);
    }

    /// Checklist L-TASK-01, T-08.
    #[test]
    fn the_tasks_of_sessions_are_advertised_to_sessions_of_2025_11_25_only() {
        let tasks = |result: Value| result["capabilities"].get("tasks").is_some();
        let initialized = |revision| json!(INFO.initialize_result(revision, FEATURES));
        assert!(tasks(initialized(Revision::V20251125)));
        assert!(!tasks(initialized(Revision::V20250326)));
        assert!(!tasks(json!(INFO.discover_result(FEATURES))));
    }
}
