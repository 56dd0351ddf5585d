//! What `requestState` holds for a stateless client between two rounds of
//! questions (M-MRTR-03, M-MRTR-04).
//!
//! The text that clients see is this, sealed: they can neither read nor change
//! it. It is good for the user it was given to, for the same request, and for
//! [`REQUEST_STATE_LIFE`]. The answers of earlier rounds are kept in it, so
//! that a tool finds all of them each time, as it does in a session.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::invocation::Invocation;
use crate::limits::REQUEST_STATE_LIFE;

/// What is remembered of a request that waits for answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestState {
    account: String,
    request: Vec<u8>,
    until: Timestamp,
    tool: Option<String>,
    answers: BTreeMap<String, Value>,
}

/// Why a `requestState` is not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It was given to somebody else, or for another request, or altered.
    #[error("this requestState is not of this request: call again without it")]
    Foreign,
    /// Its time is over.
    #[error("this requestState has expired: call again without it")]
    Expired,
}

impl RequestState {
    /// What to remember of this request, with what the tool wants to have back;
    /// none if there is nothing to remember.
    pub fn of(
        invocation: &Invocation,
        account: &str,
        tool: Option<String>,
        now: Timestamp,
    ) -> Option<Self> {
        if tool.is_none() && invocation.answers.is_empty() {
            return None;
        }
        let life = SignedDuration::try_from(REQUEST_STATE_LIFE).unwrap_or_default();
        Some(Self {
            account: account.to_owned(),
            request: digest(invocation),
            until: now.saturating_add(life).unwrap_or(Timestamp::MAX),
            tool,
            answers: invocation.answers.clone(),
        })
    }

    /// Gives the request back what was remembered. An answer of this round
    /// stands before one of the same key of an earlier round.
    pub fn restore(
        self,
        invocation: &mut Invocation,
        account: &str,
        now: Timestamp,
    ) -> Result<(), Refused> {
        if self.account != account || self.request != digest(invocation) {
            return Err(Refused::Foreign);
        }
        if now >= self.until {
            return Err(Refused::Expired);
        }
        invocation.request_state = self.tool;
        for (key, answer) in self.answers {
            invocation.answers.entry(key).or_insert(answer);
        }
        Ok(())
    }
}

/// What makes two requests the same: what they are about, and their arguments,
/// however those are written. Arguments that hold what we cannot read, such as
/// 1e999, which the tool perhaps can, are the same only in the same words.
fn digest(invocation: &Invocation) -> Vec<u8> {
    let arguments = invocation
        .arguments
        .as_ref()
        .map_or("null", |raw| raw.get());
    let arguments = serde_json::from_str::<Value>(arguments)
        .map_or_else(|_| arguments.to_owned(), |value| value.to_string());
    let mut hash = Sha256::new();
    hash.update(invocation.target.method());
    hash.update([0]);
    hash.update(invocation.target.name());
    hash.update([0]);
    hash.update(arguments);
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json, value::to_raw_value};

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn call(name: &str, arguments: &str, answers: &Value) -> Invocation {
        let params: Value =
            serde_json::from_str(&format!(r#"{{"name":"{name}","arguments":{arguments}}}"#))
                .unwrap();
        let mut params = params.as_object().unwrap().clone();
        params.insert("inputResponses".into(), answers.clone());
        let raw = to_raw_value(&params).unwrap();
        Invocation::read("tools/call", &(&*raw).into(), Map::new(), true).unwrap()
    }

    fn first() -> RequestState {
        let asked = call("t", r#"{"a":1,"b":2}"#, &json!({ "one": { "x": 1 } }));
        RequestState::of(&asked, "alice", Some("round 1".into()), NOW).unwrap()
    }

    #[test]
    fn a_tool_finds_the_answers_of_all_rounds() {
        let mut again = call("t", r#"{"b":2,"a":1}"#, &json!({ "two": { "y": 2 } }));
        first().restore(&mut again, "alice", NOW).unwrap();
        assert_eq!(again.request_state.as_deref(), Some("round 1"));
        assert_eq!(again.answers.keys().collect::<Vec<_>>(), ["one", "two"]);
    }

    /// Checklist M-MRTR-04.
    #[test]
    fn it_is_good_for_its_user_its_request_and_its_time_only() {
        let none = json!({});
        let same = || call("t", r#"{"a":1,"b":2}"#, &none);
        let hour = SignedDuration::from_hours(1);
        for (mut again, account, now, refused) in [
            (same(), "mallory", NOW, Refused::Foreign),
            (
                call("u", r#"{"a":1,"b":2}"#, &none),
                "alice",
                NOW,
                Refused::Foreign,
            ),
            (
                call("t", r#"{"a":1,"b":3}"#, &none),
                "alice",
                NOW,
                Refused::Foreign,
            ),
            (same(), "alice", NOW + hour, Refused::Expired),
        ] {
            assert_eq!(first().restore(&mut again, account, now), Err(refused));
            assert!(again.answers.is_empty(), "a refusal changes nothing");
        }
    }

    #[test]
    fn arguments_that_cannot_be_read_are_told_apart() {
        let call = |number: &str| {
            let text = format!(r#"{{"name":"t","arguments":{{"a":{number}}}}}"#);
            let raw = serde_json::value::RawValue::from_string(text).unwrap();
            Invocation::read("tools/call", &(&*raw).into(), Map::new(), true).unwrap()
        };
        let tool = Some("s".to_owned());
        let state = RequestState::of(&call("1e999"), "alice", tool, NOW).unwrap();
        let restored = |number| state.clone().restore(&mut call(number), "alice", NOW);
        assert_eq!(restored("2e999"), Err(Refused::Foreign));
        assert_eq!(restored("1e999"), Ok(()));
    }

    #[test]
    fn a_first_question_needs_no_state_unless_the_tool_wants_one() {
        let asked = call("t", "{}", &json!({}));
        assert_eq!(RequestState::of(&asked, "alice", None, NOW), None);
    }
}
