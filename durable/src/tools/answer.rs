//! What a tool Worker answers: one message, or several over time.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::{StreamExt, pin_mut};
use mcp::limits::{TOOL_ANSWER_BYTES_MAX, TOOL_SILENCE_MAX};
use mcp::sse::Decoder;
use worker::{Body, Delay, HttpResponse, Result};

/// Most bytes of a stream before the next message: the largest message, and
/// comments of many hours.
const UNREAD_BYTES_MAX: usize = 2 * TOOL_ANSWER_BYTES_MAX;

/// The answer of a tool Worker to one request.
#[derive(Debug)]
pub enum ToolAnswer {
    /// It is done.
    Whole(String),
    /// It has something to say first.
    Streams(Messages),
}

impl ToolAnswer {
    /// Reads a response as far as its kind tells.
    pub(crate) async fn of(response: HttpResponse) -> Result<Self> {
        let streams = response
            .headers()
            .get(http::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.starts_with("text/event-stream"));
        let messages = Messages::new(response.into_body());
        if streams {
            Ok(Self::Streams(messages))
        } else {
            messages.whole_body().await.map(Self::Whole)
        }
    }
}

/// The messages of a streamed answer, one after another.
#[derive(Debug)]
pub struct Messages {
    body: Body,
    decoder: Decoder,
    ready: VecDeque<String>,
}

impl Messages {
    fn new(body: Body) -> Self {
        Self {
            body,
            decoder: Decoder::new(TOOL_ANSWER_BYTES_MAX),
            ready: VecDeque::new(),
        }
    }

    /// The next message; none when the Worker hangs up, falls silent for
    /// [`TOOL_SILENCE_MAX`], says more than fits into one event, or sends
    /// `UNREAD_BYTES_MAX` that are no message.
    pub async fn next(&mut self) -> Option<String> {
        let mut unread = 0_usize;
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Some(message);
            }
            let chunk = within(TOOL_SILENCE_MAX, self.body.next()).await??.ok()?;
            unread = unread.saturating_add(chunk.len());
            if unread > UNREAD_BYTES_MAX {
                return None;
            }
            let events = self.decoder.push(&chunk).ok()?;
            self.ready
                .extend(events.into_iter().filter(|event| !event.is_empty()));
        }
    }

    /// The body as one text, for an answer that is no stream.
    async fn whole_body(mut self) -> Result<String> {
        let mut bytes = Vec::new();
        let deadline = TOOL_SILENCE_MAX;
        while let Some(chunk) = within(deadline, self.body.next())
            .await
            .ok_or_else(|| error("it fell silent"))?
        {
            bytes.extend_from_slice(&chunk?);
            if bytes.len() > TOOL_ANSWER_BYTES_MAX {
                return Err(error("its answer is too large"));
            }
        }
        String::from_utf8(bytes).map_err(|_| error("its answer is no text"))
    }
}

/// The last message of a stream that is read for its end only.
pub(crate) async fn whole(mut messages: Messages) -> Option<String> {
    let mut last = None;
    while let Some(message) = messages.next().await {
        last = Some(message);
    }
    last
}

/// What the future gives, unless it takes longer.
pub(super) async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    pin_mut!(future);
    match select(future, Delay::from(limit)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}

fn error(words: &str) -> worker::Error {
    worker::Error::RustError(format!("the tool Worker failed: {words}"))
}
