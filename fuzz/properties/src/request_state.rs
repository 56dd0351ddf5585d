//! What a stateless client carries between two rounds of questions.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use mcp::limits::{REQUEST_STATE_CHARS_MAX, REQUEST_STATE_LIFE};
use mcp::tool::{Invocation, Refused, RequestState};
use oauth::RootSecret;
use oauth::seal::{NONCE_BYTES, Seal};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::alteration::altered;
use crate::fields::fields;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

const NONCE: [u8; NONCE_BYTES] = [7; NONCE_BYTES];

static SEALS: LazyLock<[Seal; 2]> = LazyLock::new(|| {
    let secret = oauth::encoding::encode((0..32).collect::<Vec<u8>>());
    let root = RootSecret::parse(&secret).unwrap();
    ["request state", "client"]
        .map(|purpose| Seal::new(&root, purpose).with_chars_max(REQUEST_STATE_CHARS_MAX))
});

/// The input is the params of a call, those of another, an account, another
/// one, what the tool wants to have back, an alteration, and a made-up text.
///
/// What was sealed opens and gives the request everything back, for the same
/// user, the same request and its time only; what was altered in any way never
/// opens; a refusal changes nothing.
pub fn request_state(data: &[u8]) {
    let Some([params, other_params, account, other, tool, how, made_up]) = fields(data) else {
        return;
    };
    let [seal, other_seal] = &*SEALS;
    // The fuzzer sees our texts compared, and may learn one.
    if let Some(state) = seal.open::<RequestState>(made_up) {
        assert_eq!(seal.seal(&state, NONCE), made_up);
    }
    let (Some(call), Some(other_call)) = (call(params), call(other_params)) else {
        return;
    };
    let tool = (!tool.is_empty()).then(|| tool.to_owned());
    let Some(state) = RequestState::of(&call, account, tool.clone(), NOW) else {
        assert!(tool.is_none() && call.answers.is_empty());
        return;
    };
    let sealed = seal.seal(&state, NONCE);
    assert_eq!(seal.open(&sealed).as_ref(), Some(&state));
    assert_eq!(other_seal.open::<RequestState>(&sealed), None);
    assert_eq!(seal.open_for::<RequestState>(&sealed, "another"), None);
    let almost = altered(&sealed, how);
    let opened = seal.open::<RequestState>(&almost).is_some();
    assert_eq!(opened, almost == sealed);

    let mut again = Invocation {
        answers: std::collections::BTreeMap::new(),
        ..call.clone()
    };
    assert_eq!(state.clone().restore(&mut again, account, NOW), Ok(()));
    assert_eq!(again.answers, call.answers);
    assert_eq!(again.request_state, tool);

    let life = SignedDuration::try_from(REQUEST_STATE_LIFE).unwrap();
    refused(&state, &call, account, NOW + life, Refused::Expired);
    if other != account {
        refused(&state, &call, other, NOW, Refused::Foreign);
    }
    if !is_same_request(&call, &other_call) {
        refused(&state, &other_call, account, NOW, Refused::Foreign);
    }
}

fn call(params: &str) -> Option<Invocation> {
    let params = RawValue::from_string(params.to_owned()).ok()?;
    Invocation::read("tools/call", &(&*params).into(), Map::new(), true).ok()
}

fn refused(state: &RequestState, call: &Invocation, account: &str, now: Timestamp, why: Refused) {
    let mut again = call.clone();
    let refusal = state.clone().restore(&mut again, account, now);
    assert_eq!(refusal, Err(why));
    assert_eq!(format!("{again:?}"), format!("{call:?}"), "nothing changes");
}

/// The same tool, and arguments that say the same however they are written;
/// those that cannot be compared have to be the same text.
fn is_same_request(one: &Invocation, other: &Invocation) -> bool {
    let text = |call: &Invocation| call.arguments.as_ref().map(|raw| raw.get().to_owned());
    let arguments = |call: &Invocation| {
        text(call).map_or(Some(Value::Null), |text| serde_json::from_str(&text).ok())
    };
    let same = match (arguments(one), arguments(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => text(one) == text(other),
        _ => false,
    };
    one.target == other.target && same
}
