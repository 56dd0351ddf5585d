//! What a stateless client listens for (`subscriptions/listen`, M-SUB-01 to
//! M-SUB-05).

use rmcp::model::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use crate::limits::{FILTER_BYTES_MAX, SUBSCRIPTIONS_MAX, URI_BYTES_MAX};
use crate::meta;
use crate::reply;
use crate::tool::Change;
use crate::tool::catalog::Features;

/// The kinds of notification that a client asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Filter {
    /// Changes of the list of tools.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tools_list_changed: bool,
    /// Changes of the list of prompts.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub prompts_list_changed: bool,
    /// Changes of the lists of resources and templates.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub resources_list_changed: bool,
    /// Changes of these resources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_subscriptions: Vec<String>,
    /// Changes of these tasks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub task_ids: Vec<String>,
}

/// Params of `subscriptions/listen` that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the params of subscriptions/listen cannot be read: {0}")]
pub struct Unreadable(String);

impl Filter {
    /// Reads the params of a request.
    pub fn read(params: Option<&RawValue>) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Params {
            // Serde would read the members of an array as those of a filter.
            notifications: Map<String, Value>,
        }
        let params = params.ok_or_else(|| Unreadable("`notifications` is missing".into()))?;
        let Params { notifications } = serde_json::from_str(params.get())
            .map_err(|error| Unreadable(reply::parser_words(&error)))?;
        let filter: Result<Self, _> = serde_json::from_value(notifications.into());
        let notifications = filter.map_err(|error| Unreadable(reply::parser_words(&error)))?;
        let many = notifications.resource_subscriptions.len() > SUBSCRIPTIONS_MAX
            || notifications.task_ids.len() > SUBSCRIPTIONS_MAX;
        let bytes: usize = notifications
            .resource_subscriptions
            .iter()
            .map(String::len)
            .sum();
        if bytes > FILTER_BYTES_MAX {
            let words = format!("at most {FILTER_BYTES_MAX} bytes of URIs");
            return Err(Unreadable(words));
        }
        if many {
            let words = format!("at most {SUBSCRIPTIONS_MAX} resources and tasks");
            return Err(Unreadable(words));
        }
        Ok(notifications)
    }

    /// The part that this server honours (M-SUB-01, M-SUB-03).
    #[must_use]
    pub fn honoured(mut self, features: Features) -> Self {
        self.tools_list_changed &= features.tools;
        self.prompts_list_changed &= features.prompts;
        self.resources_list_changed &= features.resources;
        self.resource_subscriptions
            .retain(|uri| features.resources && uri.len() <= URI_BYTES_MAX);
        self.resource_subscriptions.sort();
        self.resource_subscriptions.dedup();
        self.task_ids.retain(|_| features.tasks);
        self.task_ids.sort();
        self.task_ids.dedup();
        self
    }

    /// The first message of the stream: what is honoured.
    pub fn acknowledged(&self, id: &RequestId) -> String {
        let params = json!({ "notifications": self, "_meta": tag(id) });
        let params = to_raw_value(&params).ok();
        reply::notification(
            "notifications/subscriptions/acknowledged",
            params.as_deref(),
        )
    }
}

/// A change as the listener is told it.
pub fn notification(id: &RequestId, change: &Change) -> String {
    let params = change.params(tag(id));
    reply::notification(change.method(), params.as_deref())
}

/// A task's change: the task as `tasks/get` gives it (T-07).
pub fn task_notification(id: &RequestId, mut task: Map<String, Value>) -> String {
    task.remove("resultType");
    task.insert("_meta".into(), Value::Object(tag(id)));
    let params = to_raw_value(&task).ok();
    reply::notification("notifications/tasks", params.as_deref())
}

/// The last message: the stream ends, and the client may listen again (M-SUB-05).
pub fn ended(id: &RequestId) -> String {
    reply::result(id, &json!({ "resultType": "complete", "_meta": tag(id) }))
}

/// Names the stream that a message belongs to, in the id's own JSON type (M-SUB-02).
fn tag(id: &RequestId) -> Map<String, Value> {
    let mut meta = Map::new();
    meta.insert(meta::SUBSCRIPTION_ID.into(), json!(id));
    meta
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Filter, Unreadable> {
        Filter::read(Some(&RawValue::from_string(text.to_owned()).unwrap()))
    }

    const FEATURES: Features = Features {
        tools: true,
        prompts: false,
        resources: true,
        completions: false,
        logging: false,
        tasks: false,
    };

    /// Checklist M-SUB-01, M-SUB-02, M-SUB-03.
    #[test]
    fn what_is_acknowledged_is_what_was_asked_for_and_is_served() {
        let asked = r#"{"notifications":{"toolsListChanged":true,"promptsListChanged":true,
            "resourceSubscriptions":["test://b","test://a","test://b"],"taskIds":["t"]}}"#;
        let honoured = read(asked).unwrap().honoured(FEATURES);
        let sent: Value =
            serde_json::from_str(&honoured.acknowledged(&RequestId::Number(7))).unwrap();
        assert_eq!(
            sent["params"],
            json!({
                "notifications": {
                    "toolsListChanged": true,
                    "resourceSubscriptions": ["test://a", "test://b"] },
                "_meta": { "io.modelcontextprotocol/subscriptionId": 7 } })
        );
    }

    /// Checklist M-SUB-02.
    #[test]
    fn every_message_is_tagged_with_the_id_in_its_own_type() {
        let key = "io.modelcontextprotocol/subscriptionId";
        let text_id = RequestId::String("7".into());
        let change = Change::Resource {
            uri: "test://x".into(),
            shared: true,
        };
        let told: Value = serde_json::from_str(&notification(&text_id, &change)).unwrap();
        assert_eq!(told["params"]["uri"], "test://x");
        assert_eq!(told["params"]["_meta"][key], "7");
        let last: Value = serde_json::from_str(&ended(&RequestId::Number(7))).unwrap();
        assert_eq!(last["result"]["_meta"][key], 7);
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        for text in [
            "{}",
            r#"{"notifications":[1]}"#,
            r#"{"notifications":[true]}"#,
            r#"{"notifications":{"toolsListChanged":"yes"}}"#,
            r#"{"notifications":{"resourceSubscriptions":[5]}}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let many = vec!["x"; SUBSCRIPTIONS_MAX + 1];
        let many = json!({ "notifications": { "resourceSubscriptions": many } });
        assert!(read(&many.to_string()).is_err());
        let long = vec!["x".repeat(FILTER_BYTES_MAX / 2); 3];
        let long = json!({ "notifications": { "resourceSubscriptions": long } });
        assert!(read(&long.to_string()).is_err());
    }
}
