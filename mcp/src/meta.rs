//! The keys of `_meta` that this server reads, and the reserved ones that
//! travel only inside the house.

use serde_json::{Map, Value};

/// The revision of a stateless request (2026-07-28, basic).
pub const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
/// What the client of a stateless request can do.
pub const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
/// What the client of a stateless request calls itself.
pub const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
/// What this server calls itself, in results.
pub const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
/// How severe a log message about a stateless request must be to be sent.
pub const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
/// The stream of a stateless client that a notification belongs to.
pub const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";
/// The task that a message of a session belongs to (2025-11-25).
pub const RELATED_TASK: &str = "io.modelcontextprotocol/related-task";
/// The tasks extension, as a capability.
pub const TASKS_EXTENSION: &str = "io.modelcontextprotocol/tasks";
/// Names the progress notifications of a request.
pub const PROGRESS_TOKEN: &str = "progressToken";

/// What every key begins with that only we may set. Clients' and tools' own
/// keys of this prefix are taken out at the edge, in both directions.
pub const HOUSE_PREFIX: &str = "sessile/";
/// The present value of a tool's state, and in the result the new one.
pub const STATE: &str = "sessile/state";
/// The handle that a minting tool gives its caller.
pub const HANDLE: &str = "sessile/handle";
/// Who calls, for tools that say they want to know.
pub const PRINCIPAL: &str = "sessile/principal";
/// The id of the session, likewise.
pub const SESSION: &str = "sessile/session";
/// What acts for the caller at their login provider, for tools that name the
/// permission for it: a [`crate::upstream::Lent`].
pub const UPSTREAM: &str = "sessile/upstream";
/// In a request: the call is a task, or there is none to become. In a result:
/// it is to become one.
pub const TASK: &str = "sessile/task";
/// What a call changed for others: a list of [`crate::tool::Change`].
pub const CHANGES: &str = "sessile/changes";
/// In `server/discover`: anybody may use this Worker, without a login.
pub const PUBLIC: &str = "sessile/public";
/// In `server/discover`: words for permissions, each by its name.
pub const PERMISSIONS: &str = "sessile/permissions";
/// What a tool, prompt or resource needs from the house, in its list.
pub const CONTRACT: &str = "sessile/contract";

/// Takes the reserved keys out of `owner._meta`, and `_meta` itself if nothing
/// is left of it.
pub fn strip_house_keys(owner: &mut Map<String, Value>) {
    if let Some(Value::Object(meta)) = owner.get_mut("_meta") {
        meta.retain(|key, _| !key.starts_with(HOUSE_PREFIX));
        if meta.is_empty() {
            owner.remove("_meta");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reserved_keys_are_taken_out_and_others_stay() {
        let mut owner = json!({"a": 1, "_meta": {STATE: 5, "progressToken": "p"}});
        strip_house_keys(owner.as_object_mut().unwrap());
        assert_eq!(owner, json!({"a": 1, "_meta": {"progressToken": "p"}}));
        let mut owner = json!({"_meta": {PRINCIPAL: {}}});
        strip_house_keys(owner.as_object_mut().unwrap());
        assert_eq!(owner, json!({}));
    }
}
