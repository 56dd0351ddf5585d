//! Answers that are none: what a broken tool Worker, or something that is no
//! tool Worker at all, sends back.

use futures_util::stream;
use toolkit::{Call, Failure, NoArguments, Reply, Server, Tool};
use worker::{Request, Response, ResponseBuilder, Result};

/// The size of the answers that are too large, in bytes.
const HUGE_BYTES: usize = 100_000_000;
/// How much of them is sent at once, in bytes.
const PIECE_BYTES: usize = 100_000;

/// A way to answer wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Garbage {
    Html,
    Status,
    BrokenJson,
    WrongShape,
    OtherId,
    NoText,
    BrokenEvents,
    NoAnswer,
    HugeJson,
    HugeEvent,
    HugeStream,
}

/// Each way, the tool that is called for it, and what that tool says of itself.
const ALL: [(Garbage, &str, &str); 11] = [
    (Garbage::Html, "garbage_html", "Answers a page."),
    (Garbage::Status, "garbage_status", "Answers status 500."),
    (
        Garbage::BrokenJson,
        "garbage_json",
        "Answers half of a JSON object.",
    ),
    (
        Garbage::WrongShape,
        "garbage_shape",
        "Answers JSON that is no message.",
    ),
    (
        Garbage::OtherId,
        "garbage_id",
        "Answers a request that nobody made.",
    ),
    (
        Garbage::NoText,
        "garbage_bytes",
        "Answers bytes that are no UTF-8.",
    ),
    (
        Garbage::BrokenEvents,
        "garbage_events",
        "Answers events that are no messages.",
    ),
    (
        Garbage::NoAnswer,
        "garbage_end",
        "Ends its stream without an answer.",
    ),
    (
        Garbage::HugeJson,
        "huge_json",
        "Answers 100 MB as one message.",
    ),
    (
        Garbage::HugeEvent,
        "huge_event",
        "Answers 100 MB as one event.",
    ),
    (
        Garbage::HugeStream,
        "huge_stream",
        "Answers 100 MB of events that are no messages.",
    ),
];

/// The garbage that a request asks for, told from the header that names its tool.
pub(crate) fn wanted(request: &Request) -> Result<Option<Garbage>> {
    let name = request.headers().get("mcp-name")?;
    let named = ALL
        .iter()
        .find(|(_, tool, _)| name.as_deref() == Some(*tool));
    Ok(named.map(|(garbage, ..)| *garbage))
}

impl Garbage {
    /// The answer.
    pub(crate) fn answer(self) -> Result<Response> {
        match self {
            Self::Html => fixed(200, "text/html", b"<!doctype html><title>Hello</title>"),
            Self::Status => fixed(500, "text/plain", b"Internal Server Error"),
            Self::BrokenJson => fixed(200, JSON, br#"{"jsonrpc":"2.0","id":"#),
            Self::WrongShape => fixed(200, JSON, br#"[{"cats":["tabby",null]},7]"#),
            Self::OtherId => fixed(
                200,
                JSON,
                br#"{"jsonrpc":"2.0","id":"nobody's","result":{"content":[]}}"#,
            ),
            Self::NoText => fixed(200, JSON, b"{\"jsonrpc\":\"2.0\",\"id\":\"\xff\xfe\"}"),
            Self::BrokenEvents => fixed(200, EVENTS, b"data: {\"jsonrpc\"\n\ndata: \xff\n\n"),
            Self::NoAnswer => fixed(200, EVENTS, b": nothing follows\n\n"),
            Self::HugeJson => huge(JSON, b"{\"jsonrpc\":\"2.0\",\"id\":\"", b'a'),
            Self::HugeEvent => huge(EVENTS, b"data: {\"jsonrpc\":\"2.0\",\"id\":\"", b'a'),
            Self::HugeStream => huge(EVENTS, b"data: \n\n", b'\n'),
        }
    }
}

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

fn fixed(status: u16, kind: &str, body: &[u8]) -> Result<Response> {
    Ok(ResponseBuilder::new()
        .with_status(status)
        .with_header("content-type", kind)?
        .fixed(body.to_vec()))
}

/// A beginning, and one byte again and again.
fn huge(kind: &str, begin: &'static [u8], byte: u8) -> Result<Response> {
    let pieces = (0..HUGE_BYTES / PIECE_BYTES).map(move |index| {
        let mut piece = if index == 0 {
            begin.to_vec()
        } else {
            Vec::new()
        };
        piece.resize(piece.len() + PIECE_BYTES, byte);
        Ok::<_, worker::Error>(piece)
    });
    ResponseBuilder::new()
        .with_header("content-type", kind)?
        .from_stream(stream::iter(pieces))
}

/// Calls of these tools never get this far.
async fn never_called(_: Call<NoArguments>) -> std::result::Result<Reply, Failure> {
    Err(Failure::to_model("The garbage was not sent."))
}

pub(crate) fn add(server: Server) -> Server {
    ALL.iter().fold(server, |server, (_, name, words)| {
        let tool = Tool::new::<NoArguments>(name, words).read_only();
        server.tool(tool, never_called)
    })
}
