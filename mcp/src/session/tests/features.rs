//! Methods of features that the client was not told of.

use super::*;

/// Checklist L-INIT-05, M-CAP-02.
#[test]
fn a_feature_that_the_client_was_not_told_of_has_no_methods() {
    let mut bare = record(Revision::V20251125);
    bare.features = Features {
        tools: true,
        ..Features::default()
    };
    let mut session = Session::open(bare, Retention::default()).0;
    for (method, served) in [
        ("ping", true),
        ("tools/list", true),
        ("prompts/list", false),
        ("resources/subscribe", false),
        ("completion/complete", false),
        ("logging/setLevel", false),
        ("tasks/list", false),
    ] {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
        let effects = step(&mut session, &text);
        let refused = matches!(&effects[..], [Effect::Answer(text)] if text.contains("-32601"));
        assert_eq!(refused, !served, "{method}");
    }
}

#[test]
fn what_a_client_says_of_itself_is_bounded() {
    let name = "x".repeat(crate::limits::INITIALIZE_BYTES_MAX);
    for (params, fits) in [
        (
            json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {} }),
            true,
        ),
        (
            json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": name } }),
            false,
        ),
        (
            json!({ "protocolVersion": "2025-11-25", "clientInfo": {} }),
            false,
        ),
    ] {
        let params = serde_json::value::to_raw_value(&params).unwrap();
        assert_eq!(Initialize::read(Some(&params)).is_ok(), fits);
    }
}
