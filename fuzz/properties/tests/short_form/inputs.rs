//! Inputs that are almost what each property is about.

use properties::SEPARATOR;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::words;

/// A strategy for the text of an input.
type Text = BoxedStrategy<String>;

/// Near-valid inputs of that target: well-formed parts, put together, and up to
/// three edits anywhere.
pub(crate) fn near_valid(target: &str) -> BoxedStrategy<Vec<u8>> {
    let text = match target {
        "credentials" => credentials(),
        "cursor" => fields(vec![method(), method(), any_text(), how(), any_text()]),
        "envelope" => envelope(),
        "headers" => headers(),
        "names" => fields(vec![account(), account(), any_text(), how(), any_text()]),
        "param_headers" => {
            let schema = select(words::SCHEMAS).prop_map(str::to_owned).boxed();
            fields(vec![schema, object(words::ARGUMENTS, 4), how()])
        }
        "redirect" => fields(vec![schemes(), address(), address(), address()]),
        "request_params" => object(words::PARAMS, 6),
        "request_state" => fields(vec![
            object(words::PARAMS, 4),
            object(words::PARAMS, 4),
            account(),
            account(),
            any_text(),
            how(),
            any_text(),
        ]),
        "stream" => ("[ -~]{8}", pieces(words::STREAM, 12))
            .prop_map(|(cuts, stream)| cuts + &stream)
            .boxed(),
        "tool_answer" => object(words::ANSWER, 4),
        "uri_template" => fields(vec![
            pieces(words::URIS, 7),
            pieces(words::URIS, 7),
            "([a-zé/]{1,3}\n?){0,4}".boxed(),
        ]),
        other => panic!("{other} has no inputs"),
    };
    (text, edits())
        .prop_map(|(text, edits)| edited(text, &edits))
        .boxed()
}

fn fields(parts: Vec<Text>) -> Text {
    parts
        .prop_map(|parts| parts.join(&SEPARATOR.to_string()))
        .boxed()
}

fn pieces(of: &'static [&'static str], most: usize) -> Text {
    vec(select(of), 0..=most)
        .prop_map(|pieces| pieces.concat())
        .boxed()
}

fn object(members: &'static [&'static str], most: usize) -> Text {
    vec(select(members), 0..=most)
        .prop_map(|members| format!("{{{}}}", members.join(",")))
        .boxed()
}

fn envelope() -> Text {
    let one = object(words::MESSAGE, 6);
    let whole = select(
        &[
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            r#"{"jsonrpc":"2.0","id":"a","result":{}}"#,
            r#"["2.0",1,"ping"]"#,
        ][..],
    );
    let message = prop_oneof![one, whole.prop_map(str::to_owned)].boxed();
    let array = vec(message.clone(), 0..4).prop_map(|all| format!("[{}]", all.join(",")));
    prop_oneof![3 => message, 1 => array].boxed()
}

fn headers() -> Text {
    let version = select(
        &[
            "2025-03-26",
            "2025-11-25",
            "2026-07-28",
            "2026-07-28",
            "1999",
            "",
        ][..],
    );
    let method = select(
        &[
            "tools/call",
            "initialize",
            "ping",
            "tasks/get",
            "server/discover",
        ][..],
    );
    let name = select(&["echo", "ü", " x ", "=?base64?eA==?=", ""][..]);
    let session = select(&["", "F", "G"][..]);
    let agree = proptest::array::uniform4(prop::bool::weighted(0.8));
    (version, method, name, session, agree)
        .prop_map(|(version, method, name, session, agree)| {
            let [told, complete, same_method, same_name] = agree;
            let wrapped = mcp_name(name);
            let header = |there, value: &str| if there { format!("={value}") } else { String::new() };
            let capabilities = if complete {
                r#","io.modelcontextprotocol/clientCapabilities":{}"#
            } else {
                ""
            };
            let body = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{"name":"{name}","taskId":"{name}","_meta":{{"io.modelcontextprotocol/protocolVersion":"{version}"{capabilities}}}}}}}"#
            );
            [
                header(told, version),
                header(same_method, method),
                header(same_name, &wrapped),
                session.to_owned(),
                body,
            ]
            .join(&SEPARATOR.to_string())
        })
        .boxed()
}

/// As clients wrap what no header can carry.
fn mcp_name(name: &str) -> String {
    match name {
        "ü" => "=?base64?w7w=?=".to_owned(),
        " x " => "=?base64?IHgg?=".to_owned(),
        plain => plain.to_owned(),
    }
}

fn credentials() -> Text {
    let proof = || select(words::PROOFS).prop_map(str::to_owned).boxed();
    fields(vec![
        pieces(words::AUTHORIZATION, 2),
        pieces(words::FORM, 6),
        proof(),
        proof(),
        how(),
    ])
}

fn address() -> Text {
    let whole = select(words::WHOLE_ADDRESSES).prop_map(str::to_owned);
    prop_oneof![whole, pieces(words::ADDRESSES, 5)].boxed()
}

fn schemes() -> Text {
    select(&["", "zed", "zed, vscode", "javascript", "Zed"][..])
        .prop_map(str::to_owned)
        .boxed()
}

fn account() -> Text {
    "[ab]{0,2}".boxed()
}

fn method() -> Text {
    select(&["tools/list", "prompts/list", ""][..])
        .prop_map(str::to_owned)
        .boxed()
}

fn any_text() -> Text {
    prop_oneof!["\\PC{0,20}", "[A-Za-z0-9_.-]{40,50}"].boxed()
}

fn how() -> Text {
    "([0-2][!-~][0-9A-Za-z+._-]){0,2}".boxed()
}

/// Where, how many bytes go, and what comes instead.
type Edit = (Index, usize, &'static str);

fn edits() -> BoxedStrategy<Vec<Edit>> {
    let edit = (any::<Index>(), 0..4_usize, select(words::ANYWHERE));
    prop_oneof![Just(Vec::new()), vec(edit, 1..=3)].boxed()
}

fn edited(text: String, edits: &[Edit]) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    for (place, gone, new) in edits {
        let start = place.index(bytes.len() + 1);
        let end = bytes.len().min(start + gone);
        bytes.splice(start..end, new.bytes());
    }
    bytes
}
