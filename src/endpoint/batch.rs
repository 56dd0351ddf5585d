//! Batches, which sessions of 2025-03-26 may send (N7).
//!
//! Each message goes to the object on its own. If every answer is at hand, they
//! are one JSON array; if one of them streams, all go onto one SSE response.

use futures_util::StreamExt;
use futures_util::stream::{self, LocalBoxStream};
use http::{Response, StatusCode};
use mcp::envelope::{self, Message};
use mcp::era::{self, Refusal};
use mcp::sse;
use platform::answer::{self, Body};
use platform::session::wire;
use serde_json::value::RawValue;
use worker::Method;

use super::bridge::Form;
use super::session::Exchanged;
use super::{Call, bridge, refused};
use crate::error::Error;

impl Call<'_> {
    /// Serves an array of messages.
    pub(super) async fn batch(self, body: &[u8]) -> Result<Response<Body>, Error> {
        let messages = match envelope::batch(body) {
            Ok(messages) => messages,
            Err(malformed) => return Ok(refused(&Refusal::malformed(malformed))),
        };
        let texts: Vec<&RawValue> = str::from_utf8(body)
            .ok()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let opens = |message: &Message<'_>| matches!(message, Message::Request(request) if request.method == "initialize");
        if messages.iter().any(opens) {
            return Ok(refused(&era::batch_refused())); // L-INIT-06
        }
        self.permit_all(&messages).await?;
        let mut whole = Vec::new();
        let mut streams: Vec<LocalBoxStream<'static, String>> = Vec::new();
        for (message, text) in messages.iter().zip(texts) {
            let id = match message {
                Message::Request(request) => Some(&request.id),
                Message::Notification(_) | Message::Response(_) => None,
            };
            let body = Some(text.get().as_bytes());
            match self
                .exchange(Method::Post, wire::BATCHED, body, None, id)
                .await?
            {
                Exchanged::Streams { source, .. } => {
                    streams.push(
                        bridge::events(self.own_object()?, source, Form::Resumable, None)
                            .boxed_local(),
                    );
                }
                Exchanged::Whole(response) => match response.into_parts() {
                    // The session has ended, or knows no batches: that is said
                    // once, for the whole array.
                    (parts, body) if is_refused(parts.status) => {
                        return Ok(Response::from_parts(parts, body));
                    }
                    (_, Body::Bytes(answer)) if id.is_some() => {
                        whole.push(String::from_utf8_lossy(&answer).into_owned());
                    }
                    _ => {}
                },
            }
        }
        if !streams.is_empty() {
            let whole = whole.into_iter().map(|answer| sse::event(None, &answer));
            let events = stream::iter(whole).chain(stream::select_all(streams));
            return Ok(bridge::response(events));
        }
        if whole.is_empty() {
            return Ok(answer::empty(StatusCode::ACCEPTED));
        }
        Ok(answer::json_text(
            StatusCode::OK,
            format!("[{}]", whole.join(",")),
        ))
    }
}

fn is_refused(status: StatusCode) -> bool {
    status == StatusCode::NOT_FOUND || status == StatusCode::BAD_REQUEST
}
