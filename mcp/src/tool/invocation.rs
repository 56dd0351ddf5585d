//! One call of a tool: what the client said, and what the tool Worker is sent.

use std::collections::BTreeMap;

use rmcp::model::{ProgressToken, RequestId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::meta;
use crate::principal::Principal;
use crate::reply;
use crate::revision::Revision;

/// A `tools/call`, as far as the house reads it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invocation {
    /// The tool.
    pub name: String,
    /// Its arguments, unread.
    pub arguments: Option<Box<RawValue>>,
    /// Names its progress notifications.
    pub progress: Option<ProgressToken>,
    /// The answers given so far, by the question's key.
    pub answers: BTreeMap<String, Value>,
    /// What the tool wanted to have back with the answers.
    pub request_state: Option<String>,
    /// What the client can be asked, as in `clientCapabilities`.
    pub capabilities: Map<String, Value>,
    /// The client's own `_meta`, without reserved and protocol keys.
    pub meta: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params {
    name: String,
    #[serde(default)]
    arguments: Option<Box<RawValue>>,
    #[serde(default)]
    input_responses: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    request_state: Option<String>,
    #[serde(rename = "_meta", default)]
    meta: Map<String, Value>,
}

/// The params of a `tools/call` that cannot be read, in the parser's words.
#[derive(Debug, thiserror::Error)]
#[error("the params of tools/call cannot be read: {0}")]
pub struct Unreadable(String);

/// What the house lends a tool for one call.
#[derive(Debug, Clone, Default)]
pub struct Aid<'a> {
    /// The present value of its state.
    pub state: Option<&'a Value>,
    /// The handle it mints.
    pub handle: Option<&'a str>,
    /// Who calls, if the tool wants to know.
    pub principal: Option<&'a Principal>,
    /// The session, likewise.
    pub session: Option<&'a str>,
}

impl Invocation {
    /// Reads the params of a `tools/call`. Answers to questions count only in
    /// stateless requests; a session collects its own.
    pub fn read(
        params: Option<&RawValue>,
        capabilities: Map<String, Value>,
        stateless: bool,
    ) -> Result<Self, Unreadable> {
        let text = params.map_or("{}", RawValue::get);
        let params: Params =
            serde_json::from_str(text).map_err(|error| Unreadable(error.to_string()))?;
        if params
            .arguments
            .as_ref()
            .is_some_and(|raw| !matches!(raw.get().as_bytes().first(), Some(b'{' | b'n')))
        {
            return Err(Unreadable("`arguments` must be an object".into()));
        }
        let mut meta = params.meta;
        let progress = meta
            .remove(meta::PROGRESS_TOKEN)
            .and_then(|token| serde_json::from_value(token).ok());
        meta.retain(|key, _| {
            !key.starts_with(meta::HOUSE_PREFIX) && !key.starts_with("io.modelcontextprotocol/")
        });
        Ok(Self {
            name: params.name,
            arguments: params.arguments,
            progress,
            answers: params
                .input_responses
                .filter(|_| stateless)
                .unwrap_or_default(),
            request_state: params.request_state.filter(|_| stateless),
            capabilities,
            meta,
        })
    }

    /// One argument that is a text.
    pub fn text_argument(&self, name: &str) -> Option<String> {
        let arguments: Map<String, Value> =
            serde_json::from_str(self.arguments.as_ref()?.get()).ok()?;
        match arguments.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        }
    }

    /// The request for the tool Worker: the house is its only client, and
    /// numbers every request 0.
    pub fn request(&self, aid: &Aid<'_>) -> String {
        let mut meta = self.meta.clone();
        meta.insert(
            meta::PROTOCOL_VERSION.into(),
            Revision::MODERN.as_str().into(),
        );
        meta.insert(
            meta::CLIENT_CAPABILITIES.into(),
            self.capabilities.clone().into(),
        );
        if let Some(token) = &self.progress {
            meta.insert(meta::PROGRESS_TOKEN.into(), json!(token));
        }
        for (key, value) in [
            (meta::STATE, aid.state.cloned()),
            (meta::HANDLE, aid.handle.map(Value::from)),
            (
                meta::PRINCIPAL,
                aid.principal.map(|principal| json!(principal)),
            ),
            (meta::SESSION, aid.session.map(Value::from)),
        ] {
            if let Some(value) = value {
                meta.insert(key.into(), value);
            }
        }
        reply::request(
            &RequestId::Number(0),
            "tools/call",
            Some(&Sent {
                call: self,
                meta: &meta,
            }),
        )
    }
}

/// The params on the wire.
#[derive(Debug)]
struct Sent<'a> {
    call: &'a Invocation,
    meta: &'a Map<String, Value>,
}

impl Serialize for Sent<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.call.name)?;
        if let Some(arguments) = &self.call.arguments {
            map.serialize_entry("arguments", arguments)?;
        }
        if !self.call.answers.is_empty() {
            map.serialize_entry("inputResponses", &self.call.answers)?;
        }
        if let Some(state) = &self.call.request_state {
            map.serialize_entry("requestState", state)?;
        }
        map.serialize_entry("_meta", self.meta)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, stateless: bool) -> Result<Invocation, Unreadable> {
        let raw = RawValue::from_string(text.to_owned()).unwrap();
        Invocation::read(Some(&raw), Map::new(), stateless)
    }

    #[test]
    fn a_client_cannot_set_what_only_the_house_may() {
        let call = read(
            r#"{"name":"count","_meta":{"sessile/state":99,"sessile/principal":{},"progressToken":5,"mine":1}}"#,
            true,
        )
        .unwrap();
        let sent: Value = serde_json::from_str(&call.request(&Aid::default())).unwrap();
        let meta = sent["params"]["_meta"].as_object().unwrap();
        assert!(
            meta.keys().all(|key| !key.starts_with(meta::HOUSE_PREFIX)),
            "{meta:?}"
        );
        assert_eq!(meta["mine"], 1);
        assert_eq!(meta["progressToken"], 5);
    }

    #[test]
    fn answers_are_taken_from_stateless_requests_only() {
        let text = r#"{"name":"ask","inputResponses":{"answer":{}},"requestState":"s"}"#;
        assert_eq!(read(text, true).unwrap().answers.len(), 1);
        let session = read(text, false).unwrap();
        assert!(session.answers.is_empty());
        assert_eq!(session.request_state, None);
    }

    #[test]
    fn params_without_a_name_or_with_arguments_that_are_no_object_are_unreadable() {
        for text in [
            "{}",
            r#"{"name":1}"#,
            r#"{"name":"echo","arguments":[]}"#,
            r#"{"name":"echo","_meta":1}"#,
        ] {
            assert!(read(text, true).is_err(), "{text}");
        }
    }
}
