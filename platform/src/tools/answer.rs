//! What a tool Worker answers: one message, or several over time.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use futures_util::stream::LocalBoxStream;
use futures_util::{StreamExt, pin_mut};
use mcp::limits::{TOOL_ANSWER_BYTES_MAX, TOOL_SILENCE_MAX};
use mcp::sse::Decoder;
use mcp::tool::{Outcome, Said};
use worker::{Delay, Result};

use crate::gathered::TooLarge;
use crate::hop::Answer;

/// Most bytes of a stream before the next message: the largest message, and
/// comments of many hours.
const UNREAD_BYTES_MAX: usize = 2 * TOOL_ANSWER_BYTES_MAX;

/// The answer of a tool Worker to one request.
#[derive(Debug)]
pub enum ToolAnswer {
    /// It is done; this is the message that says so, unread.
    Whole(String),
    /// It is done, in this Worker.
    Ended(Box<Outcome>),
    /// It has something to say first.
    Streams(Messages),
}

impl ToolAnswer {
    /// Reads an answer as far as its kind tells: one that is no stream to its end, for
    /// which the caller has a limit.
    async fn of(answer: Answer) -> Result<Self> {
        let streams = answer
            .field("content-type")
            .is_some_and(|kind| kind.starts_with("text/event-stream"));
        if streams {
            Ok(Self::streams(answer))
        } else {
            whole_body(answer).await.map(Self::Whole)
        }
    }

    /// How it ended, or what it has to say first.
    pub fn ended(self) -> std::result::Result<Outcome, Messages> {
        match self {
            Self::Whole(text) => Ok(match Said::read(&text) {
                Said::Finished(outcome) => outcome,
                Said::Notification { .. } => Outcome::garbage(),
            }),
            Self::Ended(outcome) => Ok(*outcome),
            Self::Streams(messages) => Err(messages),
        }
    }

    /// One that has something to say first.
    pub(super) fn streams(answer: Answer) -> Self {
        Self::Streams(Messages::of(answer.body().boxed_local()))
    }

    /// The same of an object that passes a tool's answer on.
    pub(crate) async fn passed_on(answer: Answer) -> Result<Self> {
        let read = within(TOOL_SILENCE_MAX, Self::of(answer)).await;
        read.unwrap_or_else(|| Err(error("it fell silent")))
    }
}

/// The body as one text, for an answer that is no stream.
async fn whole_body(answer: Answer) -> Result<String> {
    let bytes = match answer.bytes_up_to(TOOL_ANSWER_BYTES_MAX).await {
        Ok(bytes) => bytes,
        Err(TooLarge::Bytes) => return Err(error("its answer is too large")),
        Err(TooLarge::Broken(broken)) => return Err(broken),
    };
    String::from_utf8(bytes).map_err(|_| error("its answer is no text"))
}

/// The messages of a streamed answer, one after another.
pub struct Messages {
    body: LocalBoxStream<'static, Result<Bytes>>,
    decoder: Decoder,
    ready: VecDeque<String>,
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messages")
            .field("ready", &self.ready)
            .finish_non_exhaustive()
    }
}

impl Messages {
    /// Those of an event stream's bytes.
    pub(super) fn of(body: LocalBoxStream<'static, Result<Bytes>>) -> Self {
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
}

/// The last message of a stream that is read for its end only.
pub async fn whole(mut messages: Messages) -> Option<String> {
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
