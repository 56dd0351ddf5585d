//! What a tool Worker says.

use mcp::limits::{CHANGES_MAX, QUESTIONS_MAX, TOOL_STATE_BYTES_MAX};
use mcp::meta;
use mcp::revision::Revision;
use mcp::tool::{Outcome, Said, Target, presented};
use serde_json::{Map, Value};

/// Longest sentence of our own about an answer that is none, in bytes.
const WORDS_BYTES_MAX: usize = 128;

/// The input is one message of a tool Worker.
///
/// A result ends the call and has no reserved key left, in any revision; state,
/// changes and questions are within their limits; only the three questions of
/// the protocol are asked; what cannot be read is not repeated.
pub fn tool_answer(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    match Said::read(text) {
        Said::Notification { method, params } => {
            let has = |member: &str| value.get(member).is_some_and(|value| !value.is_null());
            assert!(!has("result") && !has("error"));
            if !value.is_null() {
                assert_eq!(value.get("method"), Some(&Value::from(method)));
                let params = params.map(|params| serde_json::from_str(params.get()).unwrap());
                let told = value.get("params").filter(|params| !params.is_null());
                assert_eq!(params.as_ref(), told);
            }
        }
        Said::Finished(outcome) => finished(outcome, &value),
    }
}

fn finished(outcome: Outcome, value: &Value) {
    match outcome {
        Outcome::Complete {
            result,
            state,
            changes,
        } => {
            assert!(changes.len() <= CHANGES_MAX);
            let bytes = state.map_or(0, |state| state.to_string().len());
            assert!(bytes <= TOOL_STATE_BYTES_MAX);
            assert_eq!(result.get("resultType"), None);
            unreserved(&result);
            if let Some(told) = value.get("result").and_then(Value::as_object) {
                let left = |key: &&String| !["resultType", "_meta"].contains(&key.as_str());
                assert!(told.keys().filter(left).eq(result.keys().filter(left)));
            }
            for revision in Revision::ALL {
                for target in [Target::Tool("t".into()), Target::Resource("r".into())] {
                    unreserved(&presented(result.clone(), &target, revision));
                }
            }
        }
        Outcome::Asks {
            questions,
            request_state,
        } => {
            assert!(questions.len() <= QUESTIONS_MAX);
            assert!(!questions.is_empty() || request_state.is_some());
            for ask in questions.values() {
                let needed = ask.required_capabilities();
                let needed = needed.as_object().unwrap();
                assert_eq!(needed.len(), 1, "{}", ask.method);
                assert!(ask.fits(needed), "who has what it needs can be asked");
                assert!(!ask.fits(&Map::new()));
            }
        }
        Outcome::Failed(error) => {
            let told = value.get("error").filter(|error| !error.is_null());
            if told.is_none() {
                assert!(error.message.len() <= WORDS_BYTES_MAX);
                assert_eq!(error.data, None);
            }
        }
        Outcome::BecomesTask => {}
    }
}

fn unreserved(result: &Map<String, Value>) {
    if let Some(Value::Object(told)) = result.get("_meta") {
        let reserved = told
            .keys()
            .find(|key| key.starts_with(meta::HOUSE_PREFIX) || *key == meta::SERVER_INFO);
        assert_eq!(reserved, None);
    }
}
