//! The params of requests: of what goes to a tool Worker, and of what a client listens for.

use mcp::envelope::{self, Body, Message};
use mcp::limits::SUBSCRIPTIONS_MAX;
use mcp::subscription::Filter;
use mcp::tool::catalog::Features;
use mcp::tool::{Aid, Invocation};
use mcp::{RequestId, meta};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

const METHODS: [&str; 5] = [
    "tools/call",
    "prompts/get",
    "resources/read",
    "completion/complete",
    "tasks/result",
];
/// Longest refusal, in bytes: it may say what is wrong, not repeat what was sent.
const WORDS_BYTES_MAX: usize = 512;

/// The input is the params of a request.
///
/// What a Worker is sent is a request of the same method that says the same
/// again when it is read, without a reserved key; a session sets nothing that
/// only stateless requests may, and the other way round; what is stored comes
/// back; a refusal repeats no more than a few words.
pub fn request_params(data: &[u8]) {
    let Some(params) = std::str::from_utf8(data).ok() else {
        return;
    };
    let Ok(params) = RawValue::from_string(params.to_owned()) else {
        return;
    };
    for method in METHODS {
        for stateless in [false, true] {
            match Invocation::read(method, &(&*params).into(), Map::new(), stateless) {
                Ok(call) => invocation(&call, method, stateless),
                Err(refusal) => brief(&refusal.to_string()),
            }
        }
    }
    match Filter::read(Some(&params)) {
        Ok(asked) => {
            let value = serde_json::from_str::<Value>(params.get()).unwrap_or_default();
            let told = value.get("notifications");
            assert!(told.is_none_or(Value::is_object));
            filter(&asked);
        }
        Err(refusal) => brief(&refusal.to_string()),
    }
}

fn brief(refusal: &str) {
    assert!(refusal.len() <= WORDS_BYTES_MAX, "{refusal}");
}

fn invocation(call: &Invocation, method: &str, stateless: bool) {
    assert_eq!(call.target.method(), method);
    if stateless {
        assert_eq!(call.wants_task, None);
    } else {
        assert!(call.answers.is_empty() && call.request_state.is_none());
        assert_eq!(call.log_level, None);
    }
    let stored = serde_json::to_string(call).unwrap();
    let restored: Invocation = serde_json::from_str(&stored).unwrap();
    assert_eq!(format!("{restored:?}"), format!("{call:?}"));

    let sent = call.request(&Aid::default());
    assert!(!sent.contains('\0'));
    let read = envelope::read(sent.as_bytes());
    let Ok(Body::One(Message::Request(request))) = read else {
        panic!("{read:?}: {sent}");
    };
    assert_eq!(
        (request.method.as_ref(), &request.id),
        (method, &RequestId::Number(0))
    );
    if let Ok(value) = serde_json::from_str::<Value>(&sent) {
        let told = value
            .pointer("/params/_meta")
            .and_then(Value::as_object)
            .unwrap();
        assert!(told.keys().all(|key| !key.starts_with(meta::HOUSE_PREFIX)));
    }
    let again = Invocation::read(method, &request.params, call.capabilities.clone(), true).unwrap();
    let said = |call: &Invocation| {
        let params = call.request(&Aid::default());
        serde_json::from_str::<Value>(&params).map_err(|_| params)
    };
    assert_eq!(said(&again), said(call), "it says the same");
}

fn filter(asked: &Filter) {
    assert!(asked.resource_subscriptions.len() <= SUBSCRIPTIONS_MAX);
    assert!(asked.task_ids.len() <= SUBSCRIPTIONS_MAX);
    let stored = serde_json::to_string(&asked).unwrap();
    assert_eq!(
        serde_json::from_str::<Filter>(&stored).ok().as_ref(),
        Some(asked)
    );
    let nothing = asked.clone().honoured(Features::of(&Map::new()));
    assert_eq!(nothing, Filter::default());
    let everything = Features {
        tools: true,
        prompts: true,
        resources: true,
        completions: true,
        logging: true,
        tasks: true,
    };
    let honoured = asked.clone().honoured(everything);
    assert!(
        honoured
            .resource_subscriptions
            .iter()
            .all(|uri| asked.resource_subscriptions.contains(uri))
    );
    assert!(
        honoured
            .task_ids
            .iter()
            .all(|id| asked.task_ids.contains(id))
    );
    assert_eq!(
        honoured.clone().honoured(everything),
        honoured,
        "once is enough"
    );
    let told = honoured.acknowledged(&RequestId::Number(1));
    assert!(!told.contains(['\n', '\r']));
    assert!(serde_json::from_str::<Value>(&told).is_ok());
}
