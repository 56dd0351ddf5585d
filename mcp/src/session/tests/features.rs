//! Features that the client was told of, and not told of.

use super::*;
use crate::tool::Change;

/// Checklist L-INIT-05, M-CAP-02.
#[test]
fn a_feature_that_the_client_was_not_told_of_has_no_methods() {
    let mut bare = record(Revision::V20251125);
    bare.features = Features {
        tools: true,
        ..Features::default()
    };
    let mut session = kept(bare, Retention::default());
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

/// Architecture, promise 1: what is gone is not passed over in silence. A client
/// that is refused its standalone stream never listens again.
/// Checklist L-RSM-02, L-LIST-01, L-RES-01.
#[test]
fn who_missed_changes_that_are_gone_is_told_that_everything_may_have_changed() {
    let keeps_one = Retention {
        events: 1,
        ..Retention::default()
    };
    let mut session = kept(record(Revision::V20251125), keeps_one);
    let subscribe =
        r#"{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"a:b"}}"#;
    step(&mut session, subscribe);
    for _ in 0..3 {
        session
            .step(start(), Input::Changed(&Change::ToolsList))
            .unwrap();
    }
    let came_back = |session: &mut Session, seq| {
        let last = Some(EventId {
            stream: StreamId::STANDALONE,
            seq: Seq(seq),
        });
        session.step(start(), Input::Listen { last }).unwrap()
    };
    assert_eq!(words(&came_back(&mut session, 2)), ["attach", "replay"]);
    let effects = came_back(&mut session, 1);
    let Effect::Attach { at, .. } = effects[0] else {
        panic!("{effects:?}")
    };
    assert_eq!(at.seq, Seq(3));
    let methods: Vec<_> = emitted(&effects)
        .iter()
        .map(|event| {
            let said: Value = serde_json::from_str(&event.message).unwrap();
            said["method"].as_str().unwrap().to_owned()
        })
        .collect();
    let expected = ["tools/list_changed", "prompts/list_changed"];
    assert_eq!(
        methods[..2],
        expected.map(|it| format!("notifications/{it}"))
    );
    assert_eq!(methods[2], "notifications/resources/list_changed");
    assert_eq!(methods[3..], ["notifications/resources/updated"]);
}
