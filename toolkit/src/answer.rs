//! Answers to questions.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// How the user answered a form or the request to open a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer<F = Map<String, Value>> {
    /// With these values; of a page, with the agreement to open it.
    Accepted(F),
    /// The user said no.
    Declined,
    /// The user said nothing.
    Cancelled,
}

#[derive(Deserialize)]
struct Elicited {
    action: String,
    #[serde(default)]
    content: Option<Value>,
}

/// Reads an answer; none if it has not the shape of one, or its values not that
/// of `F`: the tool then asks again (M-MRTR-06).
pub(crate) fn read<F: DeserializeOwned>(answer: &Value) -> Option<Answer<F>> {
    let answer = Elicited::deserialize(answer).ok()?;
    match answer.action.as_str() {
        "accept" => {
            let content = answer.content.unwrap_or(Value::Object(Map::new()));
            serde_json::from_value(content).ok().map(Answer::Accepted)
        }
        "decline" => Some(Answer::Declined),
        "cancel" => Some(Answer::Cancelled),
        _ => None,
    }
}
