//! The decision tables as one table: each line cites its row.

use super::*;
use crate::envelope::{self, Body, Message};
use SessionClaim::{Absent, Foreign, Genuine};

const MODERN: &str = "2026-07-28";

/// A verdict in short: a word, or status and code.
fn short(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Open => "open".into(),
        Verdict::Session => "session".into(),
        Verdict::Stateless(_) => "stateless".into(),
        Verdict::Ignore => "ignore".into(),
        Verdict::Refuse(refusal) => format!("{} {}", refusal.status, refusal.error.code.0),
    }
}

fn meta(version: &str, capabilities: Option<&str>) -> String {
    let capabilities = capabilities
        .map(|text| format!(r#","io.modelcontextprotocol/clientCapabilities":{text}"#))
        .unwrap_or_default();
    format!(r#""_meta":{{"io.modelcontextprotocol/protocolVersion":"{version}"{capabilities}}}"#)
}

/// A row's id, the version header, `_meta`, the session, the method,
/// `Mcp-Method`, and what is expected.
type Row<'a> = (
    &'a str,
    Option<&'a str>,
    String,
    SessionClaim,
    &'a str,
    Option<&'a str>,
    &'a str,
);

/// Checklist 1.2, rows P1 to P19.
/// Also ERA-07 and M-HDR-02, and M-ERR-01 for status, code and id.
#[test]
#[expect(clippy::too_many_lines, reason = "one table, as in the checklist")]
fn every_row_of_the_request_table_holds() {
    let full = |version: &str| meta(version, Some("{}"));
    let none = String::new();
    let rows: &[Row<'_>] = &[
        (
            "P1",
            None,
            full(MODERN),
            Absent,
            "tools/list",
            Some("tools/list"),
            "400 -32020",
        ),
        (
            "P1",
            None,
            full("v9"),
            Genuine,
            "initialize",
            None,
            "400 -32020",
        ),
        (
            "P2",
            Some(MODERN),
            full("2025-11-25"),
            Absent,
            "tools/list",
            None,
            "400 -32020",
        ),
        (
            "P2",
            Some("v9"),
            full(MODERN),
            Genuine,
            "tools/list",
            None,
            "400 -32020",
        ),
        (
            "P3",
            Some("v9"),
            full("v9"),
            Absent,
            "tools/list",
            None,
            "400 -32022",
        ),
        (
            "P4",
            Some("2025-06-18"),
            full("2025-06-18"),
            Genuine,
            "tools/list",
            None,
            "session",
        ),
        (
            "P5",
            Some("2025-06-18"),
            full("2025-06-18"),
            Absent,
            "tools/list",
            None,
            "400 -32022",
        ),
        (
            "P5",
            Some("2025-06-18"),
            full("2025-06-18"),
            Foreign,
            "tools/list",
            None,
            "400 -32022",
        ),
        (
            "P6",
            Some(MODERN),
            none.clone(),
            Absent,
            "tools/list",
            Some("tools/list"),
            "400 -32602",
        ),
        (
            "P6",
            Some(MODERN),
            none.clone(),
            Genuine,
            "tools/list",
            None,
            "400 -32602",
        ),
        (
            "P7",
            Some(MODERN),
            meta(MODERN, None),
            Absent,
            "tools/list",
            Some("tools/list"),
            "400 -32602",
        ),
        (
            "P7",
            Some(MODERN),
            meta(MODERN, Some("[]")),
            Absent,
            "tools/list",
            Some("tools/list"),
            "400 -32602",
        ),
        (
            "P8",
            Some(MODERN),
            full(MODERN),
            Absent,
            "tools/list",
            None,
            "400 -32020",
        ),
        (
            "P8",
            Some(MODERN),
            full(MODERN),
            Absent,
            "tools/list",
            Some("TOOLS/LIST"),
            "400 -32020",
        ),
        (
            "P8",
            Some(MODERN),
            full(MODERN),
            Absent,
            "tools/call",
            Some("tools/call"),
            "400 -32020",
        ),
        (
            "P9",
            Some(MODERN),
            full(MODERN),
            Absent,
            "ping",
            Some("ping"),
            "404 -32601",
        ),
        (
            "P9",
            Some(MODERN),
            full(MODERN),
            Absent,
            "initialize",
            Some("initialize"),
            "404 -32601",
        ),
        (
            "P10",
            Some(MODERN),
            full(MODERN),
            Foreign,
            "tools/list",
            Some("tools/list"),
            "stateless",
        ),
        (
            "P10",
            Some(MODERN),
            full(MODERN),
            Absent,
            "tools/list",
            Some(" tools/list "),
            "stateless",
        ),
        (
            "P11",
            None,
            none.clone(),
            Absent,
            "initialize",
            None,
            "open",
        ),
        (
            "P11",
            Some("2025-03-26"),
            none.clone(),
            Absent,
            "initialize",
            None,
            "open",
        ),
        (
            "P11",
            Some(MODERN),
            none.clone(),
            Absent,
            "initialize",
            None,
            "open",
        ),
        (
            "P12",
            Some("v9"),
            none.clone(),
            Genuine,
            "tools/list",
            None,
            "400 -32022",
        ),
        (
            "P13",
            None,
            none.clone(),
            Absent,
            "server/discover",
            None,
            "400 -32602",
        ),
        (
            "P13",
            Some("2025-11-25"),
            none.clone(),
            Absent,
            "subscriptions/listen",
            None,
            "400 -32602",
        ),
        (
            "P14",
            Some("2025-11-25"),
            none.clone(),
            Absent,
            "tools/list",
            None,
            "400 -32600",
        ),
        (
            "P14",
            None,
            none.clone(),
            Absent,
            "ping",
            None,
            "400 -32600",
        ),
        (
            "P15",
            None,
            none.clone(),
            Foreign,
            "tools/list",
            None,
            "404 -32600",
        ),
        (
            "P15",
            Some(MODERN),
            none.clone(),
            Foreign,
            "initialize",
            None,
            "404 -32600",
        ),
        (
            "P16",
            Some("2025-11-25"),
            none.clone(),
            Genuine,
            "initialize",
            None,
            "400 -32600",
        ),
        (
            "P17",
            None,
            none.clone(),
            Genuine,
            "tools/list",
            None,
            "session",
        ),
        (
            "P18",
            Some("2025-11-25"),
            none.clone(),
            Genuine,
            "no/such",
            None,
            "session",
        ),
        (
            "P19",
            Some("2025-03-26"),
            none.clone(),
            Genuine,
            "tools/list",
            None,
            "session",
        ),
    ];
    for (row, version, meta, session, method, header, expected) in rows {
        let params = match (*method, meta.as_str()) {
            ("tools/call", meta) => format!(r#"{{"name":"echo",{meta}}}"#),
            (_, meta) => format!("{{{meta}}}"),
        };
        let body = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"{method}","params":{params}}}"#);
        let Ok(Body::One(Message::Request(request))) = envelope::read(body.as_bytes()) else {
            panic!("{row}: not a request: {body}");
        };
        let headers = Headers {
            version: *version,
            method: *header,
            name: None,
            session: *session,
        };
        let verdict = super::request(headers, &request);
        assert_eq!(
            short(&verdict),
            *expected,
            "{row}: {version:?} {session:?} {body}"
        );
        let judged = short(&verdict);
        let is_for_session = is_for_the_session(headers);
        // Whoever judges it there knows the revision alone.
        let (method, name) = (None, None);
        let there = super::request(
            Headers {
                method,
                name,
                ..headers
            },
            &request,
        );
        assert!(!is_for_session || short(&there) == judged, "{row}");
        let is_elsewhere = ["open", "stateless"].contains(&judged.as_str());
        assert!(!(is_for_session && is_elsewhere), "{row}");
        assert!(is_for_session || judged != "session", "{row}");
        if let Verdict::Refuse(refusal) = verdict {
            assert_eq!(
                refusal.id,
                Some(RequestId::Number(7)),
                "{row}: the id is echoed"
            );
        }
    }
}

/// Checklist 1.3, rows N1 to N8.
#[test]
fn every_row_of_the_notification_table_holds() {
    let note = |version, session| {
        short(&notification(
            Headers {
                version,
                session,
                ..Headers::default()
            },
            None,
        ))
    };
    assert_eq!(note(None, Genuine), "session", "N1");
    assert_eq!(note(Some("2025-11-25"), Genuine), "session", "N1");
    assert_eq!(note(Some(MODERN), Absent), "ignore", "N2");
    assert_eq!(note(None, Absent), "400 -32600", "N3");
    assert_eq!(note(Some("v9"), Genuine), "400 -32022", "N3");
    assert_eq!(note(None, Foreign), "404 -32600", "N4");
    let answer = |version, session| {
        short(&response(Headers {
            version,
            session,
            ..Headers::default()
        }))
    };
    assert_eq!(answer(None, Genuine), "session", "N5");
    assert_eq!(answer(None, Absent), "400 -32600", "N3");
    assert_eq!(answer(None, Foreign), "404 -32600", "N4");
    assert_eq!(answer(Some(MODERN), Genuine), "400 -32600", "N6");
    let many = |version, session| {
        short(&array(Headers {
            version,
            session,
            ..Headers::default()
        }))
    };
    assert_eq!(many(None, Genuine), "session", "N7");
    assert_eq!(many(Some(MODERN), Genuine), "400 -32600", "N8");
    assert_eq!(many(None, Absent), "400 -32600", "N8");
}

/// Checklist 1.4, rows R1, R3, R5, R7, R8.
#[test]
fn every_row_of_the_get_and_delete_table_holds() {
    let get = |version, session| {
        get_or_delete(Headers {
            version,
            session,
            ..Headers::default()
        })
    };
    assert_eq!(short(&get(Some(MODERN), Genuine)), "405 -32600", "R1");
    let Verdict::Refuse(refusal) = get(Some(MODERN), Genuine) else {
        panic!("R1")
    };
    assert_eq!(refusal.allow, Some("POST"), "R1");
    assert_eq!(short(&get(Some("v9"), Genuine)), "400 -32022", "R1");
    assert_eq!(short(&get(None, Genuine)), "session", "R3, R4, R8");
    assert_eq!(short(&get(Some("2025-11-25"), Foreign)), "404 -32600", "R5");
    assert_eq!(short(&get(None, Absent)), "400 -32600", "R7");
}

/// Checklist ERA-04.
/// Also M-VER-01.
#[test]
fn the_error_for_an_unknown_revision_names_what_is_supported() {
    let error = unsupported("v9", &Revision::ALL);
    let data = error.data.unwrap();
    assert_eq!(data["requested"], "v9");
    assert_eq!(data["supported"][0], MODERN);
}

/// Checklist M-HDR-01, M-HDR-03.
#[test]
fn mcp_name_repeats_the_name_in_the_body() {
    let params = format!(r#"{{"name":"ü",{}}}"#, meta(MODERN, Some("{}")));
    let body = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{params}}}"#);
    let Ok(Body::One(Message::Request(request))) = envelope::read(body.as_bytes()) else {
        panic!("not a request");
    };
    for (name, expected) in [
        (Some("=?base64?w7w=?="), "stateless"),
        (Some("=?base64?w7w?="), "400 -32020"),
        (Some("u"), "400 -32020"),
        (None, "400 -32020"),
    ] {
        let headers = Headers {
            version: Some(MODERN),
            method: Some("tools/call"),
            name,
            session: Absent,
        };
        assert_eq!(
            short(&super::request(headers, &request)),
            expected,
            "{name:?}"
        );
    }
}
