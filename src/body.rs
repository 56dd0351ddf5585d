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
use worker::Delay;

use crate::error::{Error, doing};

/// How much of a body that nobody wants is read, in bytes; who sends more gets
/// a broken connection.
const UNWANTED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How long somebody whom nobody knows may take to send a body, and anybody one that
/// nobody wants. The longest form has 32 kB: a second on a line of 0.3 Mbit/s.
const TIME_MAX: Duration = Duration::from_secs(30);

/// A body larger than its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// The whole body, or what is over the limit, which is read and thrown away.
pub(crate) async fn read(
    mut body: worker::Body,
    bytes_max: usize,
) -> Result<Result<Vec<u8>, TooLarge>, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(doing("reading a body"))?;
        if bytes.len() + chunk.len() > bytes_max {
            drop(bytes);
            discard(body).await;
            return Ok(Err(TooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Ok(bytes))
}

/// The same of a stranger, who has a limited time for it.
pub(crate) async fn read_in_time(
    body: worker::Body,
    bytes_max: usize,
) -> Result<Result<Vec<u8>, TooLarge>, Error> {
    in_time(read(body, bytes_max))
        .await
        .unwrap_or(Err(Error::Slow))
}

/// Whether the fields say that the body is of that type; its parameters, such as
/// a charset, do not matter.
pub(crate) fn is_of_type(fields: &HeaderMap, expected: &str) -> bool {
    let kind = fields.get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected))
}

/// Reads a body that nobody wants.
pub(crate) async fn discard(body: worker::Body) {
    // One that is not here by then is broken off.
    let _ = in_time(skim(body)).await;
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
