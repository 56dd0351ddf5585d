//! One request about something of a tool Worker: what the client said, and
//! what the Worker is sent.

use std::collections::BTreeMap;

use rmcp::model::{ProgressToken, RequestId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::target::Target;
use crate::log_level::LogLevel;
use crate::meta;
use crate::params::{Params, member};
use crate::principal::Principal;
use crate::reply;
use crate::revision::Revision;
use crate::upstream::Lent;
use crate::via::Via;

/// A call of a tool, the reading of a resource and so on, as far as the house
/// reads it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invocation {
    /// What it is about.
    pub target: Target,
    /// What the caller's token allowed when this was asked for; of a session, whose
    /// next token may allow something else.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// How it was asked for.
    #[serde(default, skip_serializing_if = "Via::is_unknown")]
    pub via: Via,
    /// The arguments, unread; of a completion, the argument to complete.
    pub arguments: Option<Box<RawValue>>,
    /// Of a completion, what is filled in already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Box<RawValue>>,
    /// Names its progress notifications.
    pub progress: Option<ProgressToken>,
    /// How severe a log message must be to be sent; none are sent without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_level: Option<LogLevel>,
    /// Whether the call is a task by now, or there is none to become.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub task: bool,
    /// How long a session's client wants the task of this call to be kept, in
    /// milliseconds; none if it asks for no task (2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wants_task: Option<WantsTask>,
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
#[serde(tag = "type")]
enum Reference {
    #[serde(rename = "ref/prompt")]
    Prompt { name: String },
    #[serde(rename = "ref/resource")]
    Resource { uri: String },
}

/// Params that cannot be read, in the parser's words.
#[derive(Debug, thiserror::Error)]
#[error("the params of {method} cannot be read: {words}")]
pub struct Unreadable {
    method: String,
    words: String,
}

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
    /// What acts for the caller at their provider, if the tool may have it.
    pub upstream: Option<&'a Lent>,
}

/// What a session's client says of the task it wants (2025-11-25).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantsTask {
    /// How long it is to be kept, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
}

/// Whether that method asks for something of a tool Worker.
pub fn is_invocation(method: &str) -> bool {
    matches!(
        method,
        "tools/call" | "prompts/get" | "resources/read" | "completion/complete"
    )
}

impl Invocation {
    /// Reads the params of one of the methods of [`is_invocation`]. Answers to
    /// questions and the log level count only in stateless requests; a session
    /// collects and keeps its own.
    pub fn read(
        method: &str,
        params: &Params<'_>,
        capabilities: Map<String, Value>,
        stateless: bool,
    ) -> Result<Self, Unreadable> {
        let unreadable = |words: String| Unreadable {
            method: method.to_owned(),
            words,
        };
        let lacks = |member: &str| unreadable(format!("`{member}` is missing"));
        let bad = |error: &serde_json::Error| unreadable(reply::parser_words(error));
        let members = params.members().map_err(bad)?;
        let text = |raw: Option<&RawValue>, name: &str| {
            let text: Option<String> = member(raw).map_err(|error| bad(&error))?;
            text.ok_or_else(|| lacks(name))
        };
        let (target, arguments) = match method {
            "resources/read" => (Target::Resource(text(members.uri, "uri")?), None),
            "completion/complete" => {
                let reference = member(members.reference).map_err(|error| bad(&error))?;
                let target = match reference.ok_or_else(|| lacks("ref"))? {
                    Reference::Prompt { name } => Target::PromptArgument(name),
                    Reference::Resource { uri } => Target::TemplateVariable(uri),
                };
                let argument = members.argument.ok_or_else(|| lacks("argument"))?;
                (target, Some(argument))
            }
            "tasks/result" => (Target::TaskResult(text(members.task_id, "taskId")?), None),
            "prompts/get" => (
                Target::Prompt(text(members.name, "name")?),
                members.arguments,
            ),
            _ => (Target::Tool(text(members.name, "name")?), members.arguments),
        };
        if arguments.is_some_and(|raw| !matches!(raw.get().as_bytes().first(), Some(b'{' | b'n'))) {
            return Err(unreadable("`arguments` must be an object".into()));
        }
        let meta: Option<Map<String, Value>> = member(members.meta).map_err(|error| bad(&error))?;
        let mut meta = meta.unwrap_or_default();
        let progress = meta
            .remove(meta::PROGRESS_TOKEN)
            .and_then(|token| serde_json::from_value(token).ok());
        let log_level = match meta.remove(meta::LOG_LEVEL).filter(|_| stateless) {
            None => None,
            Some(level) => Some(
                // M-LOG-01
                serde_json::from_value(level)
                    .map_err(|error| unreadable(reply::parser_words(&error)))?,
            ),
        };
        meta.retain(|key, _| {
            !key.starts_with(meta::HOUSE_PREFIX) && !key.starts_with("io.modelcontextprotocol/")
        });
        let context = members.context.filter(|_| !target.may_ask());
        // A session collects and keeps its own answers; stateless clients have no say in
        // what becomes a task (T-08).
        let (mut answers, mut request_state, mut wants_task) = (None, None, None);
        if stateless {
            answers = member(members.input_responses).map_err(|error| bad(&error))?;
            request_state = member(members.request_state).map_err(|error| bad(&error))?;
        } else {
            wants_task = member(members.task).map_err(|error| bad(&error))?;
        }
        Ok(Self {
            target,
            scopes: Vec::new(),
            via: Via::default(),
            arguments: arguments.map(ToOwned::to_owned),
            context: context.map(ToOwned::to_owned),
            progress,
            log_level,
            task: false,
            wants_task,
            answers: answers.unwrap_or_default(),
            request_state,
            capabilities,
            meta,
        })
    }

    /// One argument that is a text.
    pub fn text_argument(&self, name: &str) -> Option<String> {
        let mut arguments: Value = serde_json::from_str(self.arguments.as_ref()?.get()).ok()?;
        serde_json::from_value(arguments.get_mut(name)?.take()).ok()
    }

    /// The request for the tool Worker: the house is its only client, and
    /// numbers every request 0.
    pub fn request(&self, aid: &Aid<'_>) -> String {
        let mut meta = self.told(aid);
        meta.insert(
            meta::PROTOCOL_VERSION.into(),
            Revision::MODERN.as_str().into(),
        );
        meta.insert(
            meta::CLIENT_CAPABILITIES.into(),
            self.capabilities.clone().into(),
        );
        let progress = self.progress.as_ref();
        for (key, value) in [
            (meta::PROGRESS_TOKEN, progress.map(|token| json!(token))),
            (meta::LOG_LEVEL, self.log_level.map(|level| json!(level))),
        ] {
            meta.extend(value.map(|value| (key.to_owned(), value)));
        }
        reply::request(
            &RequestId::Number(0),
            self.target.method(),
            Some(&Sent {
                call: self,
                meta: &meta,
            }),
        )
    }

    /// What the house tells a tool with a call, and what the client said in its own
    /// `_meta`.
    pub fn told(&self, aid: &Aid<'_>) -> Map<String, Value> {
        let mut meta = self.meta.clone();
        for (key, value) in [
            (meta::STATE, aid.state.cloned()),
            (meta::HANDLE, aid.handle.map(Value::from)),
            (
                meta::PRINCIPAL,
                aid.principal.map(|principal| json!(principal)),
            ),
            (meta::SESSION, aid.session.map(Value::from)),
            (meta::UPSTREAM, aid.upstream.map(|lent| lent.0.clone())),
            (meta::TASK, self.task.then_some(Value::Bool(true))),
        ] {
            meta.extend(value.map(|value| (key.to_owned(), value)));
        }
        meta
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
        let call = self.call;
        let mut map = serializer.serialize_map(None)?;
        let arguments = match &call.target {
            Target::Tool(name) | Target::Prompt(name) => {
                map.serialize_entry("name", name)?;
                "arguments"
            }
            Target::Resource(uri) => {
                map.serialize_entry("uri", uri)?;
                "arguments"
            }
            Target::TaskResult(task) => {
                map.serialize_entry("taskId", task)?;
                "arguments"
            }
            Target::PromptArgument(name) => {
                map.serialize_entry("ref", &json!({ "type": "ref/prompt", "name": name }))?;
                "argument"
            }
            Target::TemplateVariable(uri) => {
                map.serialize_entry("ref", &json!({ "type": "ref/resource", "uri": uri }))?;
                "argument"
            }
        };
        if let Some(value) = &call.arguments {
            map.serialize_entry(arguments, value)?;
        }
        if let Some(context) = &call.context {
            map.serialize_entry("context", context)?;
        }
        if !call.answers.is_empty() {
            map.serialize_entry("inputResponses", &call.answers)?;
        }
        if let Some(state) = &call.request_state {
            map.serialize_entry("requestState", state)?;
        }
        map.serialize_entry("_meta", self.meta)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::Upstream;

    fn read_as(method: &str, text: &str, stateless: bool) -> Result<Invocation, Unreadable> {
        let raw = RawValue::from_string(text.to_owned()).unwrap();
        Invocation::read(method, &(&*raw).into(), Map::new(), stateless)
    }

    fn read(text: &str, stateless: bool) -> Result<Invocation, Unreadable> {
        read_as("tools/call", text, stateless)
    }

    fn sent(call: &Invocation) -> Value {
        serde_json::from_str(&call.request(&Aid::default())).unwrap()
    }

    #[test]
    fn a_client_cannot_set_what_only_the_house_may() {
        let call = read(
            r#"{"name":"count","_meta":{"sessile/state":99,"sessile/principal":{},"sessile/upstream":{},"progressToken":5,"mine":1}}"#,
            true,
        )
        .unwrap();
        let sent = sent(&call);
        let meta = sent["params"]["_meta"].as_object().unwrap();
        assert!(
            meta.keys().all(|key| !key.starts_with(meta::HOUSE_PREFIX)),
            "{meta:?}"
        );
        assert_eq!(meta["mine"], 1);
        assert_eq!(meta["progressToken"], 5);
    }

    #[test]
    fn a_tool_is_lent_what_acts_elsewhere_and_the_call_keeps_nothing_of_it() {
        let call = read(r#"{"name":"card"}"#, true).unwrap();
        let lent = Lent::token(&Upstream {
            provider: "acme".into(),
            issuer: "https://id.example".into(),
            access_token: "the-token".into(),
            expires: None,
        });
        let aid = Aid {
            upstream: Some(&lent),
            ..Aid::default()
        };
        let sent: Value = serde_json::from_str(&call.request(&aid)).unwrap();
        assert_eq!(sent["params"]["_meta"][meta::UPSTREAM], lent.0);
        let kept = serde_json::to_string(&call).unwrap();
        assert!(!kept.contains("the-token") && !format!("{aid:?}").contains("the-token"));
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
    fn what_a_worker_is_sent_names_what_the_client_named() {
        for (method, params) in [
            ("tools/call", r#"{"name":"echo","arguments":{"a":1}}"#),
            ("prompts/get", r#"{"name":"p","arguments":{"a":"1"}}"#),
            ("resources/read", r#"{"uri":"test://x"}"#),
            (
                "completion/complete",
                r#"{"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":"v"},"context":{"arguments":{}}}"#,
            ),
            (
                "completion/complete",
                r#"{"ref":{"type":"ref/resource","uri":"test://{id}"},"argument":{"name":"id","value":"v"}}"#,
            ),
        ] {
            let mut sent = sent(&read_as(method, params, true).unwrap());
            assert_eq!(sent["method"], method);
            let params: Value = serde_json::from_str(params).unwrap();
            sent["params"].as_object_mut().unwrap().remove("_meta");
            assert_eq!(sent["params"], params);
        }
    }

    #[test]
    fn params_that_name_nothing_or_have_arguments_that_are_no_object_are_unreadable() {
        for (method, text) in [
            ("tools/call", "{}"),
            ("tools/call", r#"{"name":1}"#),
            ("tools/call", r#"{"name":"echo","arguments":[]}"#),
            ("tools/call", r#"{"name":"echo","_meta":1}"#),
            ("tools/call", r#"{"name":"echo","inputResponses":5}"#),
            ("prompts/get", r#"{"uri":"x"}"#),
            ("resources/read", r#"{"name":"x"}"#),
            (
                "completion/complete",
                r#"{"ref":{"type":"ref/tool","name":"x"},"argument":{}}"#,
            ),
            (
                "completion/complete",
                r#"{"ref":{"type":"ref/prompt","name":"x"}}"#,
            ),
        ] {
            assert!(read_as(method, text, true).is_err(), "{method} {text}");
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_what_was_sent() {
        let long = "x".repeat(10_000);
        let refusal = read(&format!(r#"{{"name":"echo","_meta":"{long}"}}"#), true).unwrap_err();
        let words = refusal.to_string();
        assert!(
            words.len() < 300 && words.contains("invalid type"),
            "{words}"
        );
    }

    /// Checklist M-LOG-01.
    #[test]
    fn an_unknown_log_level_is_refused_and_a_session_sets_none_by_request() {
        let with = |level: &str, stateless| {
            let text = format!(
                r#"{{"name":"echo","_meta":{{"io.modelcontextprotocol/logLevel":"{level}"}}}}"#
            );
            read(&text, stateless)
        };
        assert_eq!(
            with("warning", true).unwrap().log_level,
            Some(LogLevel::Warning)
        );
        assert!(with("loud", true).is_err());
        assert_eq!(with("warning", false).unwrap().log_level, None);
    }
}
