//! What a tool Worker says during a call, and how it ends.

use std::collections::BTreeMap;

use rmcp::model::{ErrorCode, ErrorData, RequestId};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::change::Change;
use crate::limits::{CHANGES_MAX, QUESTIONS_MAX, TOOL_STATE_BYTES_MAX};
use crate::meta;
use crate::reply::{self, fault};

/// One message of a tool Worker.
#[derive(Debug)]
pub enum Said {
    /// A notification about the call, such as progress.
    Notification {
        /// Its method.
        method: String,
        /// Its params.
        params: Option<Box<RawValue>>,
    },
    /// The end of the call.
    Finished(Outcome),
}

/// How a call ended.
#[derive(Debug)]
pub enum Outcome {
    /// With a result; a failure that the model is to see is one too.
    Complete {
        /// The members of the result, without reserved keys.
        result: Map<String, Value>,
        /// The new value of the tool's state, if it changed.
        state: Option<Value>,
        /// What it changed for others.
        changes: Vec<Change>,
    },
    /// Not yet: the tool goes on as a task. It is called again as one, with the
    /// answers given so far.
    BecomesTask,
    /// With questions; the call is made again with the answers.
    Asks {
        /// The questions, by key.
        questions: BTreeMap<String, Ask>,
        /// What the tool wants to have back with the answers.
        request_state: Option<String>,
    },
    /// With an error of the protocol.
    Failed(ErrorData),
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    id: Option<RequestId>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    params: Option<Box<RawValue>>,
    #[serde(default)]
    result: Option<Map<String, Value>>,
    #[serde(default)]
    error: Option<ErrorData>,
}

impl Said {
    /// Reads one message of a tool Worker.
    pub fn read(text: &str) -> Self {
        // Serde would read the members of an array as those of a message.
        if !text.trim_ascii_start().starts_with('{') {
            return Self::Finished(Outcome::garbage());
        }
        match serde_json::from_str(text) {
            // The house numbers every request 0.
            Ok(Message { id: Some(id), .. }) if id != RequestId::Number(0) => {
                Self::Finished(Outcome::garbage())
            }
            Ok(Message {
                result: Some(result),
                ..
            }) => Self::Finished(Outcome::of(result)),
            Ok(Message {
                error: Some(error), ..
            }) => Self::Finished(Outcome::Failed(error)),
            Ok(Message {
                method: Some(method),
                params,
                ..
            }) => Self::Notification { method, params },
            _ => Self::Finished(Outcome::garbage()),
        }
    }
}

impl Outcome {
    /// That of a call with this result, as a tool's server gives it.
    pub fn of(mut result: Map<String, Value>) -> Self {
        let kind = result.remove("resultType");
        if kind.as_ref().and_then(Value::as_str) == Some("input_required") {
            return Self::asks(&mut result);
        }
        let mut state = None;
        let mut changes: Vec<Change> = Vec::new();
        if let Some(Value::Object(told)) = result.get_mut("_meta") {
            told.remove(meta::SERVER_INFO);
            if told.contains_key(meta::TASK) {
                return Self::BecomesTask;
            }
            state = told.remove(meta::STATE);
            changes = told
                .remove(meta::CHANGES)
                .and_then(|changes| serde_json::from_value(changes).ok())
                .unwrap_or_default();
            changes.truncate(CHANGES_MAX);
            let mut told = Vec::new();
            changes.retain(|change| {
                let first = !told.contains(change);
                told.push(change.clone());
                first
            });
        }
        meta::strip_house_keys(&mut result);
        if state
            .as_ref()
            .is_some_and(|state| state.to_string().len() > TOOL_STATE_BYTES_MAX)
        {
            return Self::too_much_to_keep();
        }
        Self::Complete {
            result,
            state,
            changes,
        }
    }

    fn asks(result: &mut Map<String, Value>) -> Self {
        let questions = result
            .remove("inputRequests")
            .unwrap_or(Value::Object(Map::new()));
        let request_state = match result.remove("requestState") {
            Some(Value::String(state)) => Some(state),
            _ => None,
        };
        match serde_json::from_value::<BTreeMap<String, Ask>>(questions) {
            Ok(questions)
                if questions.len() <= QUESTIONS_MAX
                    && !(questions.is_empty() && request_state.is_none())
                    && questions.values().all(Ask::is_allowed) =>
            {
                Self::Asks {
                    questions,
                    request_state,
                }
            }
            _ => Self::garbage(),
        }
    }

    /// The message of a tool's server that is read as this.
    pub fn into_message(self) -> String {
        let (mut result, mut told) = (Map::new(), Map::new());
        match self {
            Self::Complete {
                result: members,
                state,
                changes,
            } => {
                result = members;
                told.extend(state.map(|state| (meta::STATE.to_owned(), state)));
                if !changes.is_empty() {
                    told.insert(meta::CHANGES.into(), json!(changes));
                }
            }
            Self::BecomesTask => {
                told.insert(meta::TASK.into(), true.into());
            }
            Self::Asks {
                questions,
                request_state,
            } => {
                result.insert("resultType".into(), "input_required".into());
                result.insert("inputRequests".into(), json!(questions));
                let state = request_state.map(Value::from);
                result.extend(state.map(|state| ("requestState".to_owned(), state)));
            }
            Self::Failed(error) => return reply::error(Some(&RequestId::Number(0)), &error),
        }
        if !told.is_empty() {
            let meta = result.entry("_meta").or_insert_with(|| json!({}));
            if let Value::Object(meta) = meta {
                meta.append(&mut told);
            }
        }
        reply::result(&RequestId::Number(0), &result)
    }

    /// The tool's state would be larger than the house keeps: nothing of it is
    /// kept, and the model is told, which may ask for less.
    fn too_much_to_keep() -> Self {
        let words = format!(
            "Nothing was changed: what this tool would have to remember is larger than \
             {TOOL_STATE_BYTES_MAX} bytes."
        );
        let mut result = Map::new();
        result.insert("content".into(), json!([{ "type": "text", "text": words }]));
        result.insert("isError".into(), Value::Bool(true));
        Self::Complete {
            result,
            state: None,
            changes: Vec::new(),
        }
    }

    /// The tool Worker did not answer as a server of 2026-07-28.
    pub fn garbage() -> Self {
        Self::Failed(fault(
            ErrorCode::INTERNAL_ERROR,
            "the tool gave no readable answer",
        ))
    }

    /// The tool Worker could not be reached, or fell silent.
    pub fn unreachable() -> Self {
        Self::Failed(fault(
            ErrorCode::INTERNAL_ERROR,
            "the tool cannot be reached at the moment",
        ))
    }
}

/// The call was cut off when its object died, and cannot be made again.
pub fn interrupted() -> ErrorData {
    let words = "the server restarted while the tool was running; whether the tool finished is \
                 unknown";
    fault(ErrorCode::INTERNAL_ERROR, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_taken_out_of_the_result() {
        let said = Said::read(
            r#"{"jsonrpc":"2.0","id":0,"result":{"resultType":"complete","content":[],
                "_meta":{"sessile/state":4,"io.modelcontextprotocol/serverInfo":{}}}}"#,
        );
        let Said::Finished(Outcome::Complete { result, state, .. }) = said else {
            panic!("{said:?}")
        };
        assert_eq!(state, Some(Value::from(4)));
        assert_eq!(result.keys().collect::<Vec<_>>(), ["content"]);
    }

    #[test]
    fn the_message_of_an_end_is_read_as_that_end() {
        for result in [
            r#"{"content":[],"_meta":{"mine":1,"sessile/state":[4],
                "sessile/changes":["toolsList",{"resource":{"uri":"note://a","shared":true}}]}}"#,
            r#"{"content":[{"type":"text","text":"a"}],"isError":true}"#,
            r#"{"_meta":{"sessile/task":true}}"#,
            r#"{"resultType":"input_required","inputRequests":{"who":{"method":"roots/list"}},
                "requestState":"s"}"#,
        ] {
            let read = |text: &str| format!("{:?}", Said::read(text));
            let said = format!(r#"{{"jsonrpc":"2.0","id":0,"result":{result}}}"#);
            let Said::Finished(outcome) = Said::read(&said) else {
                panic!("{said} is no end")
            };
            assert_eq!(read(&outcome.into_message()), read(&said));
        }
        let Outcome::Failed(error) = Outcome::unreachable() else {
            panic!("no error")
        };
        let message = Outcome::Failed(error.clone()).into_message();
        let Said::Finished(Outcome::Failed(read)) = Said::read(&message) else {
            panic!("{message} is no error")
        };
        assert_eq!(read, error);
    }

    #[test]
    fn a_number_is_passed_on_as_the_tool_said_it() {
        for number in ["31.245270191439438", "9.555550000000001e114", "0.1", "-0.0"] {
            let said = Said::read(&format!(r#"{{"result":{{"n":{number}}}}}"#));
            let Said::Finished(Outcome::Complete { result, .. }) = said else {
                panic!("{said:?}")
            };
            let told = result["n"].to_string();
            assert_eq!(
                told.parse::<f64>(),
                number.parse(),
                "{number} became {told}"
            );
        }
    }

    /// Checklist M-MRTR-01, M-MRTR-02.
    #[test]
    fn only_the_three_questions_of_the_protocol_may_be_asked() {
        let asks = |method: &str| {
            Said::read(&format!(
                r#"{{"jsonrpc":"2.0","id":0,"result":{{"resultType":"input_required",
                    "inputRequests":{{"k":{{"method":"{method}"}}}}}}}}"#
            ))
        };
        assert!(matches!(
            asks("elicitation/create"),
            Said::Finished(Outcome::Asks { .. })
        ));
        assert!(matches!(
            asks("tools/call"),
            Said::Finished(Outcome::Failed(_))
        ));
        let empty = r#"{"jsonrpc":"2.0","id":0,"result":{"resultType":"input_required"}}"#;
        assert!(matches!(
            Said::read(empty),
            Said::Finished(Outcome::Failed(_))
        ));
    }

    /// Checklist L-S2C-01.
    #[test]
    fn a_model_is_given_tools_only_if_its_client_declared_them() {
        let ask = |params: Value| Ask {
            method: "sampling/createMessage".into(),
            params: Some(params),
        };
        for (declared, plain, with_tools) in [
            (json!({}), false, false),
            (json!({ "sampling": {} }), true, false),
            (json!({ "sampling": { "tools": {} } }), true, true),
        ] {
            let declared = declared.as_object().unwrap();
            assert_eq!(ask(json!({ "messages": [] })).fits(declared), plain);
            assert_eq!(ask(json!({ "tools": [] })).fits(declared), with_tools);
        }
    }

    /// Checklist M-MRTR-02, L-S2C-01.
    #[test]
    fn a_client_is_asked_in_the_modes_it_declared() {
        let ask = |mode: &str| Ask {
            method: "elicitation/create".into(),
            params: Some(json!({ "mode": mode })),
        };
        for (declared, form, url) in [
            (json!({}), false, false),
            (json!({ "elicitation": {} }), true, false),
            (json!({ "elicitation": { "form": {} } }), true, false),
            (json!({ "elicitation": { "url": {} } }), false, true),
            (
                json!({ "elicitation": { "form": {}, "url": {} } }),
                true,
                true,
            ),
        ] {
            let declared = declared.as_object().unwrap();
            assert_eq!(ask("form").fits(declared), form, "{declared:?}");
            assert_eq!(ask("url").fits(declared), url, "{declared:?}");
        }
    }

    #[test]
    fn garbage_ends_the_call_with_an_error() {
        for text in [
            r#"{"jsonrpc":"2.0","id":7,"result":{"content":[]}}"#,
            "",
            "null",
            "{}",
            "[]",
            "[\"method\"]",
            "{\"result\":5}",
            "<html>",
        ] {
            assert!(
                matches!(Said::read(text), Said::Finished(Outcome::Failed(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn what_a_tool_changed_for_others_is_taken_out_of_the_result() {
        let said = Said::read(
            r#"{"result":{"content":[],"_meta":{"sessile/changes":[
                "toolsList",{"resource":{"uri":"test://x","shared":true}}]}}}"#,
        );
        let Said::Finished(Outcome::Complete {
            result, changes, ..
        }) = said
        else {
            panic!("{said:?}")
        };
        assert_eq!(result.get("_meta"), None);
        let uri = "test://x".to_owned();
        let resource = Change::Resource { uri, shared: true };
        assert_eq!(changes, [Change::ToolsList, resource]);
    }

    #[test]
    fn a_state_beyond_the_limit_is_not_kept_and_the_model_is_told() {
        let changes = r#""sessile/changes":["toolsList"]"#;
        let text = format!(
            r#"{{"result":{{"content":[],"_meta":{{"sessile/state":"{}",{changes}}}}}}}"#,
            "x".repeat(TOOL_STATE_BYTES_MAX)
        );
        let Said::Finished(Outcome::Complete {
            result,
            state: None,
            changes,
        }) = Said::read(&text)
        else {
            panic!("it is kept")
        };
        assert!(changes.is_empty());
        assert_eq!(result["isError"], true);
        let words = result["content"][0]["text"].as_str().unwrap();
        assert!(words.contains("Nothing was changed"), "{words}");
    }
}
