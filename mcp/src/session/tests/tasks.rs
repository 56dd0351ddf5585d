//! Tasks of 2025-11-25, as far as the session decides about them.

use super::*;

const CALL: &str =
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","task":{"ttl":5}}}"#;

fn ask(session: &mut Session, method: &str, params: &str) -> Vec<Effect> {
    let text = format!(r#"{{"jsonrpc":"2.0","id":2,"method":"{method}","params":{params}}}"#);
    step(session, &text)
}

/// Checklist L-TASK-01, L-GATE-01.
#[test]
fn a_call_becomes_a_task_for_clients_of_2025_11_25_only() {
    let mut newest = session();
    assert_eq!(words(&step(&mut newest, CALL)), ["begin task"]);
    let mut older = kept(record(Revision::V20250618), Retention::default());
    assert_eq!(words(&step(&mut older, CALL)), ["invoke"]);
    let unknown = ask(&mut older, "tasks/get", r#"{"taskId":"t"}"#);
    assert!(matches!(&unknown[..], [Effect::Answer(text)] if text.contains("-32601")));
}

/// Checklist L-TASK-06.
#[test]
fn a_bad_task_id_or_cursor_is_refused() {
    let mut session = session();
    for (method, params, word) in [
        ("tasks/get", r#"{"taskId":"t"}"#, "task"),
        ("tasks/cancel", r#"{"taskId":"t"}"#, "task"),
        ("tasks/list", "{}", "list tasks"),
        ("tasks/result", r#"{"taskId":"t"}"#, "invoke"),
    ] {
        assert_eq!(
            words(&ask(&mut session, method, params)),
            [word],
            "{method}"
        );
    }
    for (method, params) in [
        ("tasks/get", "{}"),
        ("tasks/cancel", r#"{"taskId":5}"#),
        ("tasks/list", r#"{"cursor":"x"}"#),
        ("tasks/result", "{}"),
    ] {
        let mut session = kept(record(Revision::V20251125), Retention::default());
        let refused = ask(&mut session, method, params);
        assert!(
            matches!(&refused[..], [Effect::Answer(text)] if text.contains("-32602")),
            "{method}"
        );
    }
}
