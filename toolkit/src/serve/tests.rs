use futures_util::FutureExt;
use mcp::era::SessionClaim;
use schemars::JsonSchema;
use serde::Deserialize;

use super::*;
use crate::{
    Answer, Call, Completing, Failure, LogLevel, NoArguments, Prompt, PromptReply, Question, Reply,
    ResourceReply, ResourceTemplate, Tool,
};

async fn steps(mut call: Call<NoArguments>) -> Result<Reply, Failure> {
    call.log(LogLevel::Debug, "begun").await;
    for step in [1.0, 2.0, 2.0, 3.0] {
        call.progress(step, 3.0, "going on").await;
    }
    Ok(Reply::text("done"))
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Name {
    name: String,
}

async fn ask(call: Call<NoArguments>) -> Result<Reply, Failure> {
    match call.form::<Name>("who") {
        Some(Answer::Accepted(Name { name })) => Ok(Reply::text(format!("Hello, {name}!"))),
        Some(Answer::Declined | Answer::Cancelled) => Err(Failure::to_model("nobody")),
        None => Ok(Reply::ask(Question::form::<Name>("who", "Who are you?")).remember(&1)),
    }
}

async fn act(call: Call<NoArguments>) -> Result<Reply, Failure> {
    let upstream = call.upstream()?;
    let of = format!("{} at {}", upstream.provider, upstream.issuer);
    Ok(Reply::text(format!("{of}: {:?}", upstream.expires)))
}

#[derive(Deserialize, JsonSchema)]
struct About {
    /// What it is about.
    topic: String,
    #[serde(default)]
    tone: Option<String>,
}

async fn about(call: Call<About>) -> Result<PromptReply, Failure> {
    let About { topic, tone } = call.arguments;
    Ok(PromptReply::text(format!(
        "{topic}, {}",
        tone.unwrap_or_default()
    )))
}

async fn topics(typed: Completing) -> Vec<String> {
    (0..150)
        .map(|number| format!("{}{number}", typed.value))
        .collect()
}

async fn note(call: Call<Variables>) -> Result<ResourceReply, Failure> {
    let name = call.arguments.get("name");
    if name == "gone" {
        return Err(Failure::no_such_resource(&call.arguments.uri));
    }
    Ok(ResourceReply::text(&call.arguments.uri, "text/plain", name))
}

fn server() -> Server {
    Server::new("test", "1")
        .tool(Tool::new::<NoArguments>("steps", "Steps."), steps)
        .tool(Tool::new::<NoArguments>("ask", "Asks."), ask)
        .tool(Tool::new::<NoArguments>("act", "Acts elsewhere."), act)
        .prompt(
            Prompt::new::<About>("about", "About.").completes("topic", topics),
            about,
        )
        .template(ResourceTemplate::new("note://{name}", "notes"), note)
}

fn serve(method: &str, name: Option<&str>, params: &str) -> Served {
    serve_with(method, name, params, "")
}

/// With more in `_meta`.
fn serve_with(method: &str, name: Option<&str>, params: &str, meta: &str) -> Served {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"{method}","params":{{{params}"_meta":{{{meta}
            "io.modelcontextprotocol/protocolVersion":"2026-07-28",
            "io.modelcontextprotocol/logLevel":"info",
            "io.modelcontextprotocol/clientCapabilities":{{"elicitation":{{}}}},"progressToken":"p"}}}}}}"#
    );
    let headers = Headers {
        version: Some("2026-07-28"),
        method: Some(method),
        name,
        session: SessionClaim::Absent,
    };
    server()
        .serve(headers, body.as_bytes())
        .now_or_never()
        .unwrap()
}

fn json_of(served: Served) -> Value {
    let Served::Json { status: 200, text } = served else {
        panic!("{served:?}")
    };
    serde_json::from_str(&text).unwrap()
}

fn tool(name: &str, rest: &str) -> Served {
    serve(
        "tools/call",
        Some(name),
        &format!(r#""name":"{name}",{rest}"#),
    )
}

/// Checklist M-PROG-01, M-LOG-01.
#[test]
fn progress_is_streamed_in_order_and_grows_and_logs_below_the_level_are_not_sent() {
    let Served::Events(events) = tool("steps", "") else {
        panic!("no stream")
    };
    let events: Vec<String> = events.collect().now_or_never().unwrap();
    assert_eq!(events.len(), 4, "{events:?}");
    let progress = |event: &String| event.contains("notifications/progress");
    assert!(events[..3].iter().all(progress));
    assert!(events[3].contains("\"id\":7") && events[3].contains("done"));
}

/// Checklist M-MRTR-06.
#[test]
fn a_question_is_asked_until_it_is_answered_in_its_own_shape() {
    for answers in [
        "",
        r#""inputResponses":{"other":{"action":"accept","content":{"name":"A"}}},"#,
        r#""inputResponses":{"who":5},"#,
        r#""inputResponses":{"who":{"action":"accept","content":{"name":7}}},"#,
    ] {
        let asked = json_of(tool("ask", answers));
        assert_eq!(asked["result"]["resultType"], "input_required", "{answers}");
        let request = &asked["result"]["inputRequests"]["who"];
        assert_eq!(
            request["params"]["requestedSchema"]["required"],
            json!(["name"])
        );
        assert_eq!(asked["result"]["requestState"], "1");
    }
    let answered = r#""inputResponses":{"who":{"action":"accept","content":{"name":"Ada"}}},"#;
    let done = json_of(tool("ask", answered));
    assert_eq!(done["result"]["content"][0]["text"], "Hello, Ada!");
    let declined = json_of(tool(
        "ask",
        r#""inputResponses":{"who":{"action":"decline"}},"#,
    ));
    assert_eq!(declined["result"]["isError"], true);
}

#[test]
fn a_tool_acts_elsewhere_with_what_the_house_lends_or_says_what_to_do() {
    let told = |meta: &str| {
        let rest = r#""name":"act","#;
        let got = json_of(serve_with("tools/call", Some("act"), rest, meta));
        let text = got["result"]["content"][0]["text"].as_str().unwrap();
        (text.to_owned(), got["result"]["isError"] == true)
    };
    let lent = r#""sessile/upstream":{"provider":"acme","issuer":"https://id.example",
        "access_token":"t","expires":5},"#;
    let acts = "acme at https://id.example: Some(5)".to_owned();
    assert_eq!(told(lent), (acts, false));
    for (meta, words) in [
        ("", "log in again"),
        (r#""sessile/upstream":{"provider":"acme"},"#, "log in again"),
        (
            r#""sessile/upstream":{"unreachable":true},"#,
            "try again later",
        ),
    ] {
        let (text, failed) = told(meta);
        assert!(failed && text.contains(words), "{meta}: {text}");
    }
}

/// Checklist M-PRM-01.
#[test]
fn a_prompt_lists_its_arguments_and_refuses_to_go_without_the_required_ones() {
    let listed = json_of(serve("prompts/list", None, ""));
    let arguments = &listed["result"]["prompts"][0]["arguments"];
    assert_eq!(
        arguments[1],
        json!({ "name": "topic", "description": "What it is about.", "required": true })
    );
    assert_eq!(arguments[0]["required"], false);
    let rest = r#""name":"about","arguments":{"topic":"tea"},"#;
    let got = json_of(serve("prompts/get", Some("about"), rest));
    assert_eq!(got["result"]["messages"][0]["content"]["text"], "tea, ");
    let got = json_of(serve("prompts/get", Some("about"), r#""name":"about","#));
    assert_eq!(got["error"]["code"], -32602);
}

/// Checklist M-COMP-01.
#[test]
fn a_completion_has_at_most_100_values_and_needs_a_known_reference() {
    let ask = |reference: &str| {
        let rest = format!(r#""ref":{reference},"argument":{{"name":"topic","value":"t"}},"#);
        json_of(serve("completion/complete", None, &rest))
    };
    let completion = &ask(r#"{"type":"ref/prompt","name":"about"}"#)["result"]["completion"];
    assert_eq!(completion["values"].as_array().unwrap().len(), 100);
    assert_eq!(
        (&completion["total"], &completion["hasMore"]),
        (&json!(150), &json!(true))
    );
    assert_eq!(
        ask(r#"{"type":"ref/prompt","name":"x"}"#)["error"]["code"],
        -32602
    );
}

/// Checklist M-RES-01.
#[test]
fn a_resource_is_read_by_its_template_and_a_missing_one_is_an_error_with_its_uri() {
    let read = |uri: &str| {
        json_of(serve(
            "resources/read",
            Some(uri),
            &format!(r#""uri":"{uri}","#),
        ))
    };
    assert_eq!(read("note://tea")["result"]["contents"][0]["text"], "tea");
    for missing in ["note://gone", "test://x"] {
        let error = &read(missing)["error"];
        assert_eq!(error["code"], -32602);
        assert_eq!(error["data"]["uri"], missing);
    }
}
