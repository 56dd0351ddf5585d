//! What a tool Worker answered, as a client of a revision is sent it
//! (L-GATE-01, L-GATE-02, M-RT-01).

use rmcp::model::{ErrorCode, ErrorData};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::target::Target;
use crate::revision::Revision;

/// The members of the result.
pub fn presented(
    mut result: Map<String, Value>,
    target: &Target,
    revision: Revision,
) -> Map<String, Value> {
    if revision.is_modern() {
        result.insert("resultType".into(), "complete".into());
        if matches!(target, Target::Resource(_)) {
            // M-CACHE-01; a Worker that says nothing is not to be cached.
            result.entry("ttlMs").or_insert_with(|| 0.into());
            result
                .entry("cacheScope")
                .or_insert_with(|| "private".into());
        }
        return result;
    }
    for member in ["resultType", "ttlMs", "cacheScope"] {
        result.remove(member);
    }
    let structured = result.get("structuredContent");
    if revision < Revision::V20250618 || structured.is_some_and(|value| !value.is_object()) {
        result.remove("structuredContent"); // L-TOOL-02
    }
    if let Some(Value::Array(blocks)) = result.get_mut("content") {
        for block in blocks {
            gate(block, revision);
        }
    }
    if let Some(Value::Array(messages)) = result.get_mut("messages") {
        let contents = messages
            .iter_mut()
            .filter_map(|message| message.get_mut("content"));
        for block in contents {
            gate(block, revision);
        }
    }
    result
}

/// A kind of content that the revision lacks becomes a text that says so.
fn gate(block: &mut Value, revision: Revision) {
    let since = match block.get("type").and_then(Value::as_str) {
        Some("audio") => Revision::V20250326,
        Some("resource_link") => Revision::V20250618,
        _ => return,
    };
    if revision >= since {
        return;
    }
    let words = match block.get("uri").and_then(Value::as_str) {
        Some(uri) => format!("See the resource {uri}."),
        None => "There is a sound here that this client cannot take.".to_owned(),
    };
    *block = json!({ "type": "text", "text": words });
}

/// The params of a progress notification that have to change for that revision:
/// before 2025-03-26 it has no words (L-GATE-01).
pub fn presented_progress(
    method: &str,
    params: Option<&RawValue>,
    revision: Revision,
) -> Option<Box<RawValue>> {
    if method != "notifications/progress" || revision >= Revision::V20250326 {
        return None;
    }
    let mut params: Map<String, Value> = serde_json::from_str(params?.get()).ok()?;
    params.remove("message")?;
    serde_json::value::to_raw_value(&params).ok()
}

/// The error, with the code of the client's revision for a missing resource:
/// -32602 today, -32002 before (M-RES-01, L-RES-02).
pub fn presented_error(mut error: ErrorData, target: &Target, revision: Revision) -> ErrorData {
    let names_uri = error
        .data
        .as_ref()
        .and_then(|data| data.get("uri"))
        .is_some();
    if matches!(target, Target::Resource(_)) && names_uri {
        error.code = if revision.is_modern() {
            ErrorCode::INVALID_PARAMS
        } else {
            ErrorCode::RESOURCE_NOT_FOUND
        };
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    /// Checklist L-GATE-01, L-GATE-02, L-TOOL-02.
    #[test]
    fn a_session_is_not_sent_what_its_revision_lacks() {
        let tool = Target::Tool("t".into());
        let result = members(json!({
            "resultType": "complete",
            "structuredContent": [1],
            "content": [
                { "type": "audio", "data": "", "mimeType": "audio/wav" },
                { "type": "resource_link", "uri": "test://x", "name": "x" } ] }));
        let old = presented(result.clone(), &tool, Revision::V20250326);
        assert_eq!(old.keys().collect::<Vec<_>>(), ["content"]);
        assert_eq!(old["content"][0]["type"], "audio");
        assert_eq!(old["content"][1]["text"], "See the resource test://x.");
        let newer = presented(result.clone(), &tool, Revision::V20251125);
        assert_eq!(newer["content"][1]["type"], "resource_link");
        assert_eq!(newer.get("structuredContent"), None, "no object");
        let newest = presented(result, &tool, Revision::MODERN);
        assert_eq!(newest["structuredContent"], json!([1]));
    }

    /// Checklist L-GATE-01, S24-05.
    #[test]
    fn the_first_revision_has_no_sounds_and_no_words_of_progress() {
        let result = members(json!({ "content": [
            { "type": "audio", "data": "", "mimeType": "audio/wav" },
            { "type": "image", "data": "", "mimeType": "image/png" } ] }));
        let old = presented(result, &Target::Tool("t".into()), Revision::V20241105);
        let types: Vec<_> = old["content"].as_array().unwrap().iter().collect();
        assert_eq!(
            (&types[0]["type"], &types[1]["type"]),
            (&json!("text"), &json!("image"))
        );
        let text = r#"{"progressToken":1,"progress":2,"message":"half"}"#.to_owned();
        let told = RawValue::from_string(text).unwrap();
        for (method, revision, changed) in [
            ("notifications/progress", Revision::V20241105, true),
            ("notifications/progress", Revision::V20250326, false),
            ("notifications/message", Revision::V20241105, false),
        ] {
            let other = presented_progress(method, Some(&told), revision);
            assert_eq!(other.is_some(), changed, "{method} {revision:?}");
            if let Some(other) = other {
                let other: Value = serde_json::from_str(other.get()).unwrap();
                assert_eq!(other, json!({ "progressToken": 1, "progress": 2 }));
            }
        }
    }

    /// Checklist M-CACHE-01.
    #[test]
    fn a_resource_says_how_long_it_may_be_kept() {
        let resource = Target::Resource("test://x".into());
        let read = presented(
            members(json!({ "contents": [] })),
            &resource,
            Revision::MODERN,
        );
        assert_eq!(
            (&read["ttlMs"], &read["cacheScope"]),
            (&json!(0), &json!("private"))
        );
        let said = members(json!({ "contents": [], "ttlMs": 5, "cacheScope": "public" }));
        let read = presented(said.clone(), &resource, Revision::MODERN);
        assert_eq!(
            (&read["ttlMs"], &read["cacheScope"]),
            (&json!(5), &json!("public"))
        );
        let read = presented(said, &resource, Revision::V20251125);
        assert_eq!(read.keys().collect::<Vec<_>>(), ["contents"]);
    }

    /// Checklist M-RES-01, L-RES-02, M-ERR-02.
    #[test]
    fn a_missing_resource_has_the_code_of_the_era() {
        let missing = || {
            let data = Some(json!({ "uri": "test://x" }));
            ErrorData::new(ErrorCode::INVALID_PARAMS, "no such resource", data)
        };
        let resource = Target::Resource("test://x".into());
        let code = |revision| presented_error(missing(), &resource, revision).code.0;
        assert_eq!(code(Revision::MODERN), -32602);
        assert_eq!(code(Revision::V20251125), -32002);
        let other = Target::Prompt("p".into());
        assert_eq!(
            presented_error(missing(), &other, Revision::V20251125)
                .code
                .0,
            -32602
        );
    }
}
