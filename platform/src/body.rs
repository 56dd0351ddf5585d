//! Reading a request's body, up to a limit, and of strangers within a time.
//!
//! A body is always read to its end, even where the answer is known before: an
//! answer that overtakes its request is lost in some proxies, and the client
//! sees a broken connection instead of what it should do.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use http::{HeaderMap, header};
use worker::js_sys::{Promise, Uint8Array};
use worker::wasm_bindgen::JsValue;
use worker::{Delay, web_sys};

use crate::failure::{Failure, doing};
use crate::gathered;

/// How much of a body that nobody wants is read, in bytes; who sends more gets
/// a broken connection.
const UNWANTED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How long somebody whom nobody knows may take to send a body, and anybody one that
/// nobody wants. The longest form has 32 kB: a second on a line of 0.3 Mbit/s.
const TIME_MAX: Duration = Duration::from_secs(30);

/// A body larger than its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// A body that is still to be read.
#[derive(Debug)]
pub struct Sent(Kind);

#[derive(Debug)]
enum Kind {
    /// That of a request, and how many bytes it says to have: the platform holds its
    /// client to that.
    Unread(web_sys::Request, Option<usize>),
    Stream(worker::Body),
    /// All of it is here already.
    Here(Vec<u8>),
}

impl Sent {
    /// The body of a request, and how long it says that it is.
    pub(crate) fn of(request: web_sys::Request, length: Option<usize>) -> Self {
        Self(Kind::Unread(request, length))
    }

    /// All of the body, if it says that it is no longer than that.
    fn promised(&self, bytes_max: usize) -> Option<worker::Result<Promise>> {
        match &self.0 {
            Kind::Unread(request, Some(length)) if *length <= bytes_max => {
                Some(request.array_buffer().map_err(worker::Error::from))
            }
            Kind::Unread(..) | Kind::Stream(_) | Kind::Here(_) => None,
        }
    }

    fn stream(self) -> worker::Body {
        match self.0 {
            Kind::Stream(body) => body,
            Kind::Unread(request, _) => request
                .body()
                .map_or_else(worker::Body::empty, worker::Body::new),
            Kind::Here(_) => worker::Body::empty(), // read to its end
        }
    }
}

impl From<Vec<u8>> for Sent {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Kind::Here(bytes))
    }
}

impl From<worker::Body> for Sent {
    fn from(body: worker::Body) -> Self {
        Self(Kind::Stream(body))
    }
}

/// A body that is passed on, as JavaScript has it.
#[derive(Debug)]
pub struct Passed(JsValue);

impl AsRef<JsValue> for Passed {
    fn as_ref(&self) -> &JsValue {
        &self.0
    }
}

/// The body as it is passed on: while it still comes, if it says that it is no longer than
/// that, and else when it is here. What is over the limit is read and thrown away.
pub async fn passed_on(sent: Sent, bytes_max: usize) -> Result<Result<Passed, TooLarge>, Failure> {
    match sent.0 {
        Kind::Unread(request, Some(length)) if length <= bytes_max => {
            Ok(Ok(Passed(request.body().into())))
        }
        kind @ (Kind::Unread(..) | Kind::Stream(_) | Kind::Here(_)) => {
            let read = read(Sent(kind), bytes_max).await?;
            Ok(read.map(|bytes| Passed(Uint8Array::from(bytes.as_slice()).into())))
        }
    }
}

/// The whole body, or what is over the limit, which is read and thrown away.
pub async fn read(
    sent: impl Into<Sent>,
    bytes_max: usize,
) -> Result<Result<Vec<u8>, TooLarge>, Failure> {
    let reading = doing("reading a body");
    let sent = sent.into();
    if let Some(promised) = sent.promised(bytes_max) {
        let read = async { gathered::at_once(promised?).await };
        return Ok(up_to(bytes_max, read.await.map_err(reading)?));
    }
    if let Kind::Here(bytes) = sent.0 {
        return Ok(up_to(bytes_max, bytes));
    }
    let mut body = sent.stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(&reading)?;
        if bytes.len() + chunk.len() > bytes_max {
            drop(bytes);
            discard(body).await;
            return Ok(Err(TooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Ok(bytes))
}

fn up_to(bytes_max: usize, bytes: Vec<u8>) -> Result<Vec<u8>, TooLarge> {
    if bytes.len() <= bytes_max {
        Ok(bytes)
    } else {
        Err(TooLarge)
    }
}

/// The same of a stranger, who has a limited time for it.
pub async fn read_in_time(
    sent: impl Into<Sent>,
    bytes_max: usize,
) -> Result<Result<Vec<u8>, TooLarge>, Failure> {
    in_time(read(sent, bytes_max))
        .await
        .unwrap_or(Err(Failure::Slow))
}

/// Whether the fields say that the body is of that type; its parameters, such as
/// a charset, do not matter.
pub fn is_of_type(fields: &HeaderMap, expected: &str) -> bool {
    let kind = fields.get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected))
}

/// Reads a body that nobody wants.
pub async fn discard(sent: impl Into<Sent>) {
    // One that is not here by then is broken off.
    let _ = in_time(skim(sent.into().stream())).await;
}

async fn skim(mut body: worker::Body) {
    let mut unwanted = 0;
    while let Some(Ok(chunk)) = body.next().await {
        unwanted += chunk.len();
        if unwanted > UNWANTED_BYTES_MAX {
            return;
        }
    }
}

/// What comes of some work within [`TIME_MAX`].
async fn in_time<T>(work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), pin!(Delay::from(TIME_MAX))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(((), _)) => None,
    }
}
