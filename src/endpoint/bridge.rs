//! The client's SSE response, fed by the socket from the session's object.
//!
//! When the socket breaks, because the object was moved or restarted, it is
//! opened anew from the last place that was written; the client does not
//! notice. Keep-alives are made here, so that a quiet object can sleep.

use std::cell::Cell;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::stream::LocalBoxStream;
use futures_util::{Stream, StreamExt};
use http::{HeaderValue, Response, StatusCode, header};
use jiff::Timestamp;
use mcp::bridge::{self, Frame, LEFT, Meter, TAKEN_OVER};
use mcp::event_id::EventId;
use mcp::sse;
use platform::answer::{self, Body};
use platform::clock;
use platform::hop::Neighbour;
use platform::session::wire;
use worker::{Delay, Method, WebSocket, WebsocketEvent};

use super::session::send;

/// How often a quiet stream gets a comment. Intermediaries were seen to cut
/// streams after about 125 s (cloudflare/agents#1583).
const KEEP_ALIVE: Duration = Duration::from_secs(25);
/// How long a client waits before it comes back, as told in priming events.
const RETRY: Duration = Duration::from_secs(1);
/// How often opening a socket is tried before the client is left to come back
/// by itself.
const OPEN_MAX: u32 = 5;
/// The wait before a broken one is opened anew; after each failure it is longer.
const REOPEN_WAIT: Duration = Duration::from_millis(100);

/// An SSE response with these chunks.
pub(super) fn response(events: impl Stream<Item = String> + 'static) -> Response<Body> {
    let chunks: LocalBoxStream<'static, _> =
        events.map(|event| Ok(event.into_bytes())).boxed_local();
    let mut response = answer::with(
        StatusCode::OK,
        Some("text/event-stream"),
        Body::Stream(chunks),
    );
    let fields = response.headers_mut();
    fields.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-transform"),
    );
    fields.insert("x-accel-buffering", HeaderValue::from_static("no")); // M-HTTP-03
    response
}

/// The same chunks, with a comment now and then, so that they never pause for long
/// (M-HTTP-03). As often, it is asked whether to go on.
pub(super) fn kept_alive(
    events: impl Stream<Item = String> + 'static,
    goes_on: impl AsyncFn() -> bool + 'static,
) -> impl Stream<Item = String> + 'static {
    async_stream::stream! {
        let mut events = Box::pin(events);
        let mut asked = clock::now();
        loop {
            let wait = KEEP_ALIVE.saturating_sub(passed_since(asked));
            if wait.is_zero() {
                asked = clock::now();
                if !goes_on().await {
                    break;
                }
                yield sse::KEEP_ALIVE.to_owned();
                continue;
            }
            match select(events.next(), Delay::from(wait)).await {
                Either::Left((Some(event), _)) => yield event,
                Either::Left((None, _)) => break,
                Either::Right(_) => {}
            }
        }
    }
}

fn passed_since(then: Timestamp) -> Duration {
    // A clock that was set back says nothing.
    Duration::try_from(clock::now().duration_since(then)).unwrap_or_default()
}

/// Closes the socket when the client is gone and nobody reads it any more.
pub(super) struct Open(pub(super) WebSocket, Cell<u16>);

impl Open {
    pub(super) fn new(socket: WebSocket) -> Self {
        Self(socket, Cell::new(LEFT))
    }

    /// It is the socket that is of no use any more, not that the client left:
    /// over HTTP+SSE that would end the session (S24-05).
    fn give_up(&self) {
        self.1.set(1000);
    }

    /// Closes it now; twice does no harm.
    pub(super) fn close(&self) {
        let _ = self.0.close(Some(self.1.get()), Some("nobody reads"));
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.close();
    }
}

/// How a stream is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Streamable HTTP: each event has an id, to come back with.
    Resumable,
    /// HTTP+SSE: there is no coming back (S24-05).
    Plain,
}

impl Form {
    fn event(self, id: &str, message: &str) -> String {
        sse::event((self == Self::Resumable).then_some(id), message)
    }
}

/// What came over the socket, or did not.
enum Heard {
    Text(String),
    Quiet,
    Broken,
    TakenOver,
}

/// Where a stream comes from.
pub(super) enum Source {
    /// It has begun; the socket is still to be opened.
    Begun {
        /// The id of the place where it begins.
        at: String,
        /// Whether the client is told that place.
        primed: bool,
    },
    /// Over this socket.
    Attached(WebSocket),
}

/// The events of a stream, until it ends, the client leaves, or `until`.
pub(super) fn events(
    object: Neighbour,
    source: Source,
    form: Form,
    mut until: Option<Timestamp>,
) -> impl Stream<Item = String> {
    async_stream::stream! {
        let mut last: Option<String> = None;
        let mut next = match source {
            Source::Attached(socket) => Some(socket),
            Source::Begun { at, primed } => {
                if primed {
                    yield sse::priming(&at, RETRY);
                }
                let socket = open(&object, &at).await;
                last = Some(at);
                socket
            }
        };
        while let Some(socket) = next.take() {
            let socket = Open::new(socket);
            let (Ok(mut heard), Ok(())) = (socket.0.events(), socket.0.accept()) else { return };
            let mut meter = Meter::default();
            loop {
                // A client of HTTP+SSE learns that its token ended when it POSTs,
                // and renews it then: a quiet stream waits that much longer.
                let ends = until.filter(|_| form == Form::Resumable);
                match hear(&mut heard, ends).await {
                    Heard::Text(text) => match Frame::decode(&text) {
                        Some(Frame::At { id, primed }) => {
                            let first = last.is_none();
                            last = Some(id.to_owned());
                            if primed && first {
                                yield sse::priming(id, RETRY);
                            }
                        }
                        // What came before is what an object sent twice that slept.
                        Some(Frame::Event { id, .. }) if is_written(last.as_deref(), id) => {}
                        Some(Frame::Event { id, message }) => {
                            last = Some(id.to_owned());
                            yield form.event(id, message);
                            // The client, or what is before it, has taken it.
                            if meter.wrote(message.len()) {
                                let _ = socket.0.send_with_str(bridge::acknowledgement(id));
                            }
                        }
                        Some(Frame::Until(second)) => {
                            until = until.max(Timestamp::from_second(second).ok());
                        }
                        Some(Frame::End) | None => return,
                    },
                    Heard::Quiet => yield sse::KEEP_ALIVE.to_owned(),
                    Heard::TakenOver => {
                        socket.give_up();
                        return;
                    }
                    Heard::Broken => {
                        socket.give_up();
                        break;
                    }
                }
                if until.is_some_and(|until| clock::now() >= until) {
                    return;
                }
            }
            if let Some(last) = &last {
                Delay::from(REOPEN_WAIT).await;
                next = open(&object, last).await;
            }
        }
    }
}

/// How long to wait for something before a comment is due, or the stream's end
/// (checklist §9 Q8).
pub(super) fn patience(until: Option<Timestamp>) -> Duration {
    let Some(until) = until else {
        return KEEP_ALIVE;
    };
    // What is negative is over.
    let left = Duration::try_from(until.duration_since(clock::now())).unwrap_or_default();
    left.min(KEEP_ALIVE)
}

/// Whether the event of that id was written already.
fn is_written(last: Option<&str>, id: &str) -> bool {
    let last = last.and_then(EventId::trusted);
    last.zip(EventId::trusted(id))
        .is_some_and(|(last, id)| id.seq <= last.seq)
}

async fn hear(socket: &mut worker::EventStream<'_>, until: Option<Timestamp>) -> Heard {
    match select(socket.next(), Delay::from(patience(until))).await {
        Either::Right(_) => Heard::Quiet,
        Either::Left((Some(Ok(WebsocketEvent::Message(message))), _)) => {
            message.text().map_or(Heard::Broken, Heard::Text)
        }
        Either::Left((Some(Ok(WebsocketEvent::Close(close))), _)) if close.code() == TAKEN_OVER => {
            Heard::TakenOver
        }
        Either::Left(_) => Heard::Broken,
    }
}

/// A socket with what follows that place.
async fn open(object: &Neighbour, last: &str) -> Option<WebSocket> {
    for attempt in 1..=OPEN_MAX {
        match send(object, Method::Get, wire::ATTACH, None, Some(last)).await {
            Ok(answer) if answer.status() == 101 => return answer.socket(),
            Ok(_) => return None, // the session has ended
            Err(error) => worker::console_log!("opening a session's socket: {error:?}"),
        }
        Delay::from(REOPEN_WAIT * attempt).await;
    }
    None
}
